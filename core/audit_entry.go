package core

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// IndexEntry is one thing that a store keeps so as to find records and events again.
// All of it follows from the trail.
type IndexEntry struct {
	Family Family
	// Key is the unique key, the term, the press or the series; "" for the rest.
	Key string
	// Record is whose it is; "" for a press.
	Record string
	// N is the rank of a term, the index of an event, the value of a number.
	N int64
}

// Family says what an IndexEntry is for.
type Family string

// The families of entries.
const (
	EntryRecord Family = "record" // the record is there
	EntryEvent  Family = "event"  // N is the index of one of its events
	EntryUnique Family = "unique" // Key is its own (Index.Unique)
	EntryTerm   Family = "term"   // it stands in the list of Key, at rank N (Index.Terms)
	EntryPress  Family = "press"  // the press Key led to the event of index N
	EntryNumber Family = "number" // it was given the value N of the series Key
)

// String says what an entry is, without what it holds of a person.
func (e IndexEntry) String() string {
	switch e.Family {
	case EntryRecord:
		return "its row"
	case EntryEvent:
		return fmt.Sprintf("event %d", e.N)
	case EntryUnique:
		return "the unique key " + MaskKey(e.Key)
	case EntryTerm:
		return "its place in the list " + MaskKey(e.Key)
	case EntryPress:
		return fmt.Sprintf("a press of event %d", e.N)
	case EntryNumber:
		return fmt.Sprintf("the number %d of %s", e.N, Plain(e.Key))
	case entryTold: // of no store
	}
	return "an entry of an unknown family"
}

// Plain is an id or a name of ours; what does not look like one is not repeated.
func Plain(s string) string {
	const longest = 80
	odd := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.:/", r)
	}
	if s == "" || len(s) > longest || strings.ContainsFunc(s, odd) {
		return "(a name that is none of ours)"
	}
	return s
}

// differing are the parts in which a record as it is kept is not the one of its
// trail: their names, never what is in them.
func differing(trail, kept Record) []string {
	a, b := encoded(trail), encoded(kept)
	if string(a) == string(b) {
		return nil
	}
	return differ("", parts(a), parts(b), 2)
}

// encoded is a value as every store keeps it.
func encoded(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil { // records and events hold plain values only
		panic(fmt.Sprintf("core: a value that cannot be encoded: %v", err))
	}
	return body
}

func parts(body []byte) map[string]any {
	var out map[string]any
	if err := json.Unmarshal(body, &out); err != nil { // it has just been encoded
		panic(fmt.Sprintf("core: a value that cannot be decoded: %v", err))
	}
	return out
}

func differ(under string, a, b map[string]any, depth int) (out []string) {
	names := maps.Clone(a)
	maps.Copy(names, b)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		x, inA := a[name]
		y, inB := b[name]
		mx, _ := x.(map[string]any)
		my, _ := y.(map[string]any)
		switch {
		case depth > 1 && mx != nil && my != nil:
			out = append(out, differ(under+Plain(name)+".", mx, my, depth-1)...)
		case inA != inB || fmt.Sprint(x) != fmt.Sprint(y):
			out = append(out, under+Plain(name))
		}
	}
	return out
}
