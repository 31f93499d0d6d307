package core

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core/value"
)

// Record is the present state of one thing that lives through a lifecycle. It
// is exactly the fold of its events (Apply).
type Record struct {
	Kind   Kind   `json:"kind"`
	ID     string `json:"id"`
	Number string `json:"number,omitempty"` // "000147/2026", once filed
	State  State  `json:"state"`
	// Version counts the events that were applied; it is what people have seen.
	Version int `json:"version"`
	// Seq counts all events of the trail, refused ones too, and Head is the hash
	// of the last: together they are what a commit expects to find.
	Seq    int    `json:"seq"`
	Head   string `json:"head,omitempty"`
	Agency string `json:"agency,omitempty"`

	Created time.Time `json:"created"`
	Since   time.Time `json:"since"`   // when the present state was entered
	Updated time.Time `json:"updated"` // when the last event was applied

	Fields map[Field]string `json:"fields,omitempty"`
	Items  []Item           `json:"items,omitempty"`
	Files  []Attachment     `json:"files,omitempty"`
	// Acts is the last time that each verb was applied.
	Acts map[Verb]Act `json:"acts,omitempty"`
	// Doers are all the accounts that ever did an act which is kept apart from
	// others, principals and their substitutes both. What was written before SIDEM
	// kept them has none (Forgot).
	Doers map[Verb][]string `json:"doers,omitempty"`
	// Last is the verb that led to the present state.
	Last         Verb          `json:"last,omitempty"`
	Observations []Observation `json:"observations,omitempty"`
	Calls        []Call        `json:"calls,omitempty"`
	Comments     []Remark      `json:"comments,omitempty"`
	// Told are the accounts that hold a card of this record.
	Told []string `json:"told,omitempty"`

	// Of accounts only.
	Roles []Role `json:"roles,omitempty"`
	Links []Link `json:"links,omitempty"`
	// Pauses are the times for which the office's clock has stood still in this assignment.
	Pauses []Span `json:"pauses,omitempty"`
	// Hands tell in whose hands the record was from when on.
	Hands []Hand `json:"hands,omitempty"`
	// Waits is the office's date (2006-01-02) from which on a request waits in its
	// present Stage.
	Waits string `json:"waits,omitempty"`
	// Reminded is the last reminder of each duty that is still owed.
	Reminded []Reminded `json:"reminded,omitempty"`
	// Undo is what it takes to take the last act back; nil where that may not be.
	Undo *Reversal `json:"undo,omitempty"`
	// Snoozed are the dates (2006-01-02) before which an account is not reminded.
	Snoozed map[string]string `json:"snoozed,omitempty"`
}

// Span is a time from an instant to another.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Act is who did something, when and from where.
type Act struct {
	By      string    `json:"by"`
	Name    string    `json:"name"`
	For     string    `json:"for,omitempty"` // the principal, when a substitute acted
	ForName string    `json:"for_name,omitempty"`
	At      time.Time `json:"at"`
	Where   string    `json:"where,omitempty"` // telegram, slack, cli, system
	Version int       `json:"version"`
}

// Item is a renglón: one line of goods or services.
type Item = value.Item

// Attachment is a file, kept by content address.
type Attachment struct {
	Name string `json:"name"`
	MIME string `json:"mime"`
	Size int64  `json:"size"`
	Hash string `json:"hash"` // SHA-256 of the content, hex
	Verb Verb   `json:"verb,omitempty"`
}

// Observation is a question on the request: O-1, O-2…
type Observation struct {
	N        int          `json:"n"`
	Section  string       `json:"section"`
	Missing  string       `json:"missing"`
	Deliver  string       `json:"deliver"`
	Due      string       `json:"due,omitempty"` // suggested, 2006-01-02
	By       Act          `json:"by"`
	Answer   string       `json:"answer,omitempty"`
	Files    []Attachment `json:"files,omitempty"`
	Answered time.Time    `json:"answered,omitzero"`
	Resolved time.Time    `json:"resolved,omitzero"`
}

// Call is one try to reach the requester by telephone.
type Call struct {
	Result string `json:"result"`
	Note   string `json:"note,omitempty"`
	By     Act    `json:"by"`
}

// Remark is a comment of a party.
type Remark struct {
	Text string `json:"text"`
	By   Act    `json:"by"`
}

// Link ties an account to a person on a chat platform.
type Link struct {
	Platform string    `json:"platform"`
	ID       string    `json:"id"`
	At       time.Time `json:"at"`
}

// Did reports whether verb v was ever applied.
func (r Record) Did(v Verb) bool { _, ok := r.Acts[v]; return ok }

// Open reports whether something can still follow.
func (r Record) Open() bool { return r.State != None && !LifecycleOf(r.Kind).IsFinal(r.State) }

// Filer is the account that filed the record ("" while it is not filed).
func (r Record) Filer() string {
	if a, ok := r.Acts[VerbFile]; ok {
		return a.By
	}
	return r.Acts[VerbDraft].By
}

// Asker is the account whose turn it is when something falls to the requester: who
// filed, or in whose name a substitute did.
func (r Record) Asker() string {
	act, ok := r.Acts[VerbFile]
	if !ok {
		act = r.Acts[VerbDraft]
	}
	return cmp.Or(act.For, act.By)
}

// Pending are the observations without an answer.
func (r Record) Pending() []Observation {
	var out []Observation
	for _, o := range r.Observations {
		if o.Answered.IsZero() && o.Resolved.IsZero() {
			out = append(out, o)
		}
	}
	return out
}

// lastObservation is the highest number of one; 0 where there is none.
func (r Record) lastObservation() int {
	if len(r.Observations) == 0 {
		return 0
	}
	return r.Observations[len(r.Observations)-1].N
}

// BeyondLost is the number that the next observation has after the store was restored
// without its last days so many times: who wrote and who answered O-4 in those days does
// not find another under its name. It is 0 where the next number is as good.
func (r Record) BeyondLost(times int) int {
	first := hundred*min(times, maxHundreds) + 1
	if times < 1 || r.lastObservation() >= first {
		return 0
	}
	return first
}

// After each restore observations go on in the next hundred, as long as they have three digits.
const (
	hundred     = 100
	maxHundreds = 9
)

// Observation is number n.
func (r Record) Observation(n string) (Observation, bool) {
	for _, o := range r.Observations {
		if fmt.Sprint(o.N) == n {
			return o, true
		}
	}
	return Observation{}, false
}

// LinkOn is the account's link on a platform.
func (r Record) LinkOn(platform string) (Link, bool) {
	i := slices.IndexFunc(r.Links, func(l Link) bool { return l.Platform == platform })
	if i < 0 {
		return Link{}, false
	}
	return r.Links[i], true
}

// Chain is the account's channels in the order of its preference: those that
// are linked, and its e-mail.
func (r Record) Chain() []string {
	var out []string
	for c := range strings.SplitSeq(r.Fields[FieldChannels], ",") {
		_, linked := r.LinkOn(c)
		if (linked || (c == "email" && r.Fields[FieldEmail] != "")) && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	for _, l := range r.Links {
		if !slices.Contains(out, l.Platform) {
			out = append(out, l.Platform)
		}
	}
	if r.Fields[FieldEmail] != "" && !slices.Contains(out, "email") {
		out = append(out, "email")
	}
	return out
}

// FirstChat is the chat platform that the account prefers; "" when it has none.
func (r Record) FirstChat() string {
	for _, c := range r.Chain() {
		if _, linked := r.LinkOn(c); linked {
			return c
		}
	}
	return ""
}

// clone copies what Apply changes, so that a record is never shared by halves.
func (r Record) clone() Record {
	r.Fields = copyMap(r.Fields)
	r.Acts = copyMap(r.Acts)
	r.Files = slices.Clone(r.Files)
	r.Observations = slices.Clone(r.Observations)
	r.Calls = slices.Clone(r.Calls)
	r.Comments = slices.Clone(r.Comments)
	r.Told = slices.Clone(r.Told)
	r.Links = slices.Clone(r.Links)
	r.Pauses = slices.Clone(r.Pauses)
	r.Hands = slices.Clone(r.Hands)
	r.Reminded = slices.Clone(r.Reminded)
	r.Snoozed = maps.Clone(r.Snoozed)
	return r
}

func copyMap[K comparable, V any](m map[K]V) map[K]V {
	out := make(map[K]V, len(m)+4)
	maps.Copy(out, m)
	return out
}
