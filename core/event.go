package core

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Event is one line of a trail: something that was done, or refused.
type Event struct {
	Kind   Kind   `json:"kind"`
	Record string `json:"record"`
	Agency string `json:"agency,omitempty"`
	Number string `json:"number,omitempty"` // given by this event
	// Seq is the place in the record's trail, from 1. Index is the place in the
	// trail of the whole deployment, gap-free from 1, given by the store.
	Seq   int `json:"seq"`
	Index int `json:"index,omitempty"`

	Verb    Verb      `json:"verb"`
	From    State     `json:"from"`
	To      State     `json:"to"`
	By      string    `json:"by"` // account, "system", or "telegram:<id>" of a stranger
	ByName  string    `json:"by_name,omitempty"`
	For     string    `json:"for,omitempty"`
	ForName string    `json:"for_name,omitempty"`
	At      time.Time `json:"at"`
	Day     string    `json:"day,omitempty"` // 2006-01-02, by the office's calendar
	Where   string    `json:"where,omitempty"`
	Once    string    `json:"once,omitempty"`

	Fields map[Field]string `json:"fields,omitempty"`
	Items  []Item           `json:"items,omitempty"`
	Files  []Attachment     `json:"files,omitempty"`
	// Told are the accounts that hold a card of the record from here on.
	Told []string `json:"told,omitempty"`
	// Refusal, when set, says why nothing happened.
	Refusal *Refusal `json:"refusal,omitempty"`

	// Erased are the events of the record that this one says were blacked out.
	Erased []Erasure `json:"erased,omitempty"`
	// Salt is random, so that nobody finds out from the Hash what the texts of an event
	// were that was blacked out; it goes with them. Events of before have none.
	Salt string `json:"salt,omitempty"`

	// Hash chains the trail of the record: SHA-256 over the hash before and this
	// event without Index and Hash.
	Hash string `json:"hash,omitempty"`
}

func newEvent(r Record, row Transition, c Command, a Actor, now time.Time) Event {
	to := row.To
	if to == Stay {
		to = r.State
	}
	id, agency := r.ID, r.Agency
	if r.State == None {
		id, agency = c.Record, c.Agency
	}
	e := Event{
		Kind: c.Kind, Record: id, Agency: agency, Verb: row.Verb, From: r.State, To: to,
		By: a.Account, ByName: a.Name, At: now, Day: DateOf(now).String(), Where: c.Where, Once: c.Once,
		Fields: c.Fields, Items: c.Items, Files: slices.Clone(c.Files),
	}
	for i := range e.Files {
		e.Files[i].Verb = row.Verb
	}
	if row.Numbers {
		e.Number = c.Number
	}
	if p, ok := a.principal(row.By, r.orNew(c), now); ok {
		e.For, e.ForName = p.Account, p.Name
	}
	if p := c.Named[FieldLeft]; row.Verb == VerbRelieve {
		e.For, e.ForName = p.ID, p.Fields[FieldName]
	}
	if slices.Contains(row.By, Deputy) && a.Account == r.Fields[FieldSubstitute] {
		e.For, e.ForName = r.ID, r.Fields[FieldName]
	}
	return e
}

// RefusedEvent is the line of the trail that a refused command leaves.
func RefusedEvent(r Record, c Command, a Actor, no *Refusal, now time.Time) Event {
	return Event{
		Kind: r.Kind, Record: r.ID, Agency: r.Agency, Verb: c.Verb, From: r.State, To: r.State,
		By: a.Account, ByName: a.Name, At: now, Where: c.Where, Once: c.Once, Refusal: no,
	}
}

// day is the office's date of the event; that of UTC where none was written.
func (e Event) day() string {
	if e.Day == "" {
		return DateOf(e.At.UTC()).String()
	}
	return e.Day
}

// act is event e as the record remembers it, applied as version v.
func (e Event) act(v int) Act {
	return Act{By: e.By, Name: e.ByName, For: e.For, ForName: e.ForName, At: e.At, Where: e.Where, Version: v}
}

// Seal gives events their place after record r and chains their hashes.
// Timestamps are cut to milliseconds in UTC, as every store keeps them.
func Seal(r Record, events []Event) []Event {
	seq, head := r.Seq, r.Head
	out := make([]Event, len(events))
	for i, e := range events {
		seq++
		e.Seq, e.At = seq, Stamp(e.At)
		e.Hash = e.hash(head)
		head = e.Hash
		out[i] = e
	}
	return out
}

// Stamp is an instant as events carry it once they are sealed.
func Stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func (e Event) hash(before string) string {
	e.Index, e.Hash = 0, ""
	body, err := json.Marshal(e)
	if err != nil { // an event holds plain values only
		panic(fmt.Sprintf("core: an event that cannot be encoded: %v", err))
	}
	h := sha256.New()
	h.Write([]byte(before))
	h.Write([]byte{'\n'})
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// Follows reports whether e is the event after one of place seq and hash head (0
// and "" for the first of a trail).
func (e Event) Follows(seq int, head string) bool { return e.Seq == seq+1 && e.Hash == e.hash(head) }

// Verify reports the first event of a record's whole trail whose place or hash
// is wrong, as its Seq; 0 when the chain holds. Of an event that was blacked out a
// later one must vouch.
func Verify(trail []Event) int {
	head, left := "", map[int]string{}
	for _, e := range trail {
		for _, v := range e.Erased {
			left[v.Seq] = v.Left
		}
	}
	for i, e := range trail {
		if !e.Follows(i, head) && (e.Seq != i+1 || left[e.Seq] != e.Sum()) {
			return i + 1
		}
		head = e.Hash
	}
	return 0
}

// Fold is the record that a trail makes.
func Fold(trail []Event) Record {
	var r Record
	for _, e := range trail {
		r = Apply(r, e)
	}
	return r
}
