// Package shelf is what stays in a store of requests that were archived: a line for each, and
// what finds the lines by number, id, words, agency and person. It is packed in pages that a
// store keeps as it keeps any small value, some 200 bytes a request in all.
//
// The package is pure: a page is made of one and what is added to it. Adding the same twice
// makes the same page.
package shelf

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
)

// Line is what stays of a request: what a list shows of it, who may see it, and where the rest is.
type Line struct {
	ID      string     `json:"i"`
	Number  string     `json:"n"`
	Agency  string     `json:"a,omitempty"`
	State   core.State `json:"s"`
	Subject string     `json:"t,omitempty"`
	Outcome string     `json:"o,omitempty"`
	// Created, Filed and Closed are instants in Unix milliseconds.
	Created int64 `json:"c"`
	Filed   int64 `json:"f,omitempty"`
	Closed  int64 `json:"e"`
	// Filer filed it, for Asker where a substitute did; Executive and Head had it.
	Filer     string `json:"b,omitempty"`
	Asker     string `json:"w,omitempty"`
	Executive string `json:"x,omitempty"`
	Head      string `json:"h,omitempty"`
	// Version and Seq are where it stood, and Hash is that of its last event (32 bytes in base64).
	Version int    `json:"v"`
	Seq     int    `json:"q"`
	Hash    string `json:"z"`
	// Archive is the id of the one that it is in.
	Archive string `json:"m"`
}

// LineOf is what stays of a request that is in an archive.
func LineOf(r core.Record, archive string) Line {
	raw, _ := hex.DecodeString(r.Head) // another text than a hash is compared as none
	act, ok := r.Acts[core.VerbFile]
	if !ok {
		act = r.Acts[core.VerbDraft]
	}
	l := Line{
		ID: r.ID, Number: r.Number, Agency: r.Agency, State: r.State, Subject: r.Fields[core.FieldSubject], Outcome: r.Fields[core.FieldOutcome],
		Created: r.Created.UnixMilli(), Closed: r.Since.UnixMilli(), Filer: r.Filer(), Executive: r.Fields[core.FieldExecutive],
		Version: r.Version, Seq: r.Seq, Hash: base64.RawStdEncoding.EncodeToString(raw), Archive: archive,
	}
	if !act.At.IsZero() {
		l.Filed = act.At.UnixMilli()
	}
	if asker := r.Asker(); asker != l.Filer {
		l.Asker = asker
	}
	if r.Did(core.VerbRefer) {
		l.Head = cmp.Or(r.Fields[core.FieldHead], anyHead)
	}
	return l
}

// anyHead stands for the head of a request that was referred to nobody in particular.
const anyHead = "*"

// HeadHash is that of the last event of the request, in hexadecimal digits.
func (l Line) HeadHash() string {
	raw, err := base64.RawStdEncoding.DecodeString(l.Hash)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(raw)
}

// Record is the line as a record, of which Archived holds: enough to say whose it is and to
// stand in a list.
func (l Line) Record() core.Record {
	closed, filed := time.UnixMilli(l.Closed).UTC(), time.UnixMilli(cmp.Or(l.Filed, l.Created)).UTC()
	r := core.Record{
		Kind: core.KindRequest, ID: l.ID, Number: l.Number, State: l.State, Version: l.Version, Seq: l.Seq, Head: l.HeadHash(), Agency: l.Agency,
		Created: time.UnixMilli(l.Created).UTC(), Since: closed, Updated: closed,
		Fields: map[core.Field]string{core.FieldSubject: l.Subject, core.FieldArchived: l.Archive},
		Acts:   map[core.Verb]core.Act{core.VerbFile: {By: l.Filer, For: l.Asker, At: filed, Version: 1}},
	}
	set := func(f core.Field, v string) {
		if v != "" && v != anyHead {
			r.Fields[f] = v
		}
	}
	set(core.FieldOutcome, l.Outcome)
	set(core.FieldExecutive, l.Executive)
	set(core.FieldHead, l.Head)
	if l.Head != "" {
		r.Acts[core.VerbRefer] = core.Act{}
	}
	return r
}

// Terms are the lists in which the line stands: those of the request that a search walks.
func (l Line) Terms() []string {
	out := []string{core.TermKind(core.KindRequest)}
	for _, w := range core.SearchWords(l.Subject) {
		out = append(out, core.TermWord(w))
	}
	add := func(id string, term func(string) string) {
		if id != "" && id != anyHead {
			out = append(out, term(id))
		}
	}
	add(l.Agency, func(a string) string { return core.TermAgency(core.KindRequest, a) })
	add(l.Filer, core.TermParty)
	add(l.Asker, core.TermParty)
	add(l.Executive, core.TermParty)
	add(l.Head, core.TermHead)
	slices.Sort(out)
	return slices.Compact(out)
}

// Place is a number as its year and its place in it; ok is false for what is none.
func Place(number string) (year, serial int, ok bool) {
	s, y, cut := strings.Cut(number, "/")
	serial, errSerial := strconv.Atoi(s)
	year, errYear := strconv.Atoi(y)
	return year, serial, cut && errSerial == nil && errYear == nil && serial > 0 && serial < 1<<32 && year > 0 && year < 1<<16
}

// Number is the number of a place.
func Number(year, serial int) string {
	return core.NumberOf(core.NumberSeries(strconv.Itoa(year)), serial)
}

// Digest is the SHA-256 over the lines of an archive in the order of their numbers, each as
// JSON: what the trail says of what stays of it. The zero Digest is that of none.
type Digest struct {
	sum   hash.Hash
	Count int
}

// Add is d with the next line.
func (d Digest) Add(l Line) Digest {
	if d.sum == nil {
		d.sum = sha256.New()
	}
	body, err := json.Marshal(l)
	if err != nil { // a line holds plain values only
		panic(fmt.Sprintf("shelf: a line that cannot be encoded: %v", err))
	}
	_, _ = d.sum.Write(append(body, '\n')) // a hash takes all
	d.Count++
	return d
}

// String is the digest in hexadecimal digits.
func (d Digest) String() string {
	if d.sum == nil {
		d.sum = sha256.New()
	}
	return hex.EncodeToString(d.sum.Sum(nil))
}

// DigestOf is the Digest of lines in any order.
func DigestOf(lines []Line) (d Digest) {
	for _, l := range slices.SortedFunc(slices.Values(lines), Line.Compare) {
		d = d.Add(l)
	}
	return d
}

// Compare is the order of lines: that of their numbers, as people count them.
func (l Line) Compare(o Line) int {
	year, serial, _ := Place(l.Number)
	otherYear, otherSerial, _ := Place(o.Number)
	return cmp.Or(cmp.Compare(year, otherYear), cmp.Compare(serial, otherSerial), cmp.Compare(l.ID, o.ID), cmp.Compare(l.Seq, o.Seq), cmp.Compare(l.Archive, o.Archive))
}

// At are the lines of a number among those of a page, in their order.
func At(lines []Line, year, serial int) []Line {
	against := func(l Line, serial int) int {
		y, n, _ := Place(l.Number)
		return cmp.Or(cmp.Compare(y, year), cmp.Compare(n, serial))
	}
	from, _ := slices.BinarySearchFunc(lines, serial, against)
	to := from
	for to < len(lines) && against(lines[to], serial) == 0 {
		to++
	}
	return lines[from:to]
}
