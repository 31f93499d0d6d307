package core

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"
)

// What is sealed in the trail stays: an event that is blacked out keeps its place, its
// hash, and who did what when by ids; the texts are gone. Nobody can compute its hash
// any more, so another event of the same record, sealed like any, vouches for it: it
// says which events were blacked out and what is left of them, to the byte. The tree
// of the checkpoints is over the hashes, and stays as it was.

// Erasure says that an event of the same record was blacked out.
type Erasure struct {
	Seq int `json:"seq"`
	// Left is the SHA-256 of the event as it is now (Event.Sum), in hexadecimal digits.
	Left string `json:"left"`
}

// Sum is the SHA-256 of the event as a store keeps it: without Index, with its Hash.
func (e Event) Sum() string {
	e.Index = 0
	sum := sha256.Sum256(encoded(e))
	return hex.EncodeToString(sum[:])
}

// Blackout takes out of an event what is to be erased; it reports whether anything was.
type Blackout func(Event) (Event, bool)

// Erase blacks out a trail, and says which events are others by then.
func Erase(trail []Event, black Blackout) (after, changed []Event, erased []Erasure) {
	for _, e := range trail {
		b, hit := black(e)
		if hit {
			b.Salt = ""
			changed = append(changed, b)
			erased = append(erased, Erasure{Seq: b.Seq, Left: b.Sum()})
		}
		after = append(after, b)
	}
	return after, changed, erased
}

// Erased is the event that vouches for the erasures of record r, by verb: VerbErase or
// VerbRedact.
func Erased(r Record, v Verb, erased []Erasure, now time.Time) Event {
	row, _ := LifecycleOf(r.Kind).Row(v, r.State)
	e := newEvent(r, row, Command{Kind: r.Kind, Verb: v, Where: "cli"}, SystemActor, now)
	e.Erased = erased
	return e
}

// BlackDraft leaves of an event of a draft that was never filed that it happened.
func BlackDraft(e Event) (Event, bool) {
	if e.ByName == "" && e.ForName == "" && e.Fields == nil && e.Items == nil && e.Files == nil && e.Refusal == nil || e.By == SystemActor.Account {
		return e, false
	}
	e.ByName, e.ForName, e.Fields, e.Items, e.Files = "", "", nil, nil, nil
	if e.Refusal != nil {
		no := bare(*e.Refusal)
		no.Act.Name, no.Act.ForName = "", ""
		e.Refusal = &no
	}
	return e, true
}

// bare is a refusal without what somebody wrote.
func bare(no Refusal) Refusal {
	no.Value, no.Suggest, no.Readings, no.Stands = "", "", nil, ""
	return no
}

// personal are the fields of an account that say who its person is, or what was said
// of it; its name is replaced and not taken out.
var personal = []Field{
	FieldUser, FieldPost, FieldEmail, FieldPhone, FieldExtension, FieldFormerEmail, FieldUnit, FieldChat, FieldReason, FieldLetterNumber,
}

// Black is an event without what it says of the person: a Blackout.
func (p DataSubject) Black(e Event) (Event, bool) {
	b := blackener{DataSubject: p}
	b.name(e.By, &e.ByName)
	b.name(e.For, &e.ForName)
	b.text(&e.By) // a stranger's, before the chat was the account's
	b.fields(&e)
	if e.Items != nil {
		e.Items = slices.Clone(e.Items)
		for i := range e.Items {
			b.text(&e.Items[i].Description)
			b.text(&e.Items[i].Features)
		}
	}
	if e.Files != nil {
		e.Files = slices.Clone(e.Files)
		for i := range e.Files {
			b.text(&e.Files[i].Name)
		}
	}
	if e.Refusal != nil {
		no := *e.Refusal
		if e.Record == p.Account {
			own := bare(no)
			b.hit = b.hit || no.Value != "" || no.Suggest != "" || no.Readings != nil
			no = own
		}
		no.Readings = slices.Clone(no.Readings)
		b.text(&no.Value)
		b.text(&no.Suggest)
		for i := range no.Readings {
			b.text(&no.Readings[i])
		}
		b.name(no.Act.By, &no.Act.Name)
		b.name(no.Act.For, &no.Act.ForName)
		e.Refusal = &no
	}
	return e, b.hit
}

// blackener notes whether it found anything.
type blackener struct {
	DataSubject
	hit bool
}

// name replaces the name of an account by the alias where it is the person's.
func (b *blackener) name(account string, name *string) {
	if account == b.Account && *name != b.Alias && *name != "" {
		*name, b.hit = b.Alias, true
		return
	}
	b.text(name)
}

func (b *blackener) text(s *string) {
	if hidden, hit := b.Hide(*s); hit {
		*s, b.hit = hidden, true
	}
}

// fields takes out what is of the person: of its own account, of the particulars of a
// request that it began, and wherever a text names it.
func (b *blackener) fields(e *Event) {
	own := e.Kind == KindAccount && e.Record == b.Account
	begun := e.Kind == KindRequest && e.Verb == VerbDraft && e.By == b.Account
	if e.Fields == nil {
		return
	}
	e.Fields = maps.Clone(e.Fields)
	for f, v := range e.Fields {
		switch {
		case f == FieldName && (own || begun):
			b.hit = b.hit || v != b.Alias
			e.Fields[f] = b.Alias
		case own && slices.Contains(personal, f), begun && slices.Contains(particulars, f):
			delete(e.Fields, f)
			b.hit = true
		case Specs[f].Type == TypePerson: // an id
		default:
			b.text(&v)
			e.Fields[f] = v
		}
	}
}

// redactRow lets a record of a kind be blacked out, in whichever state it is.
func redactRow(states ...State) Transition {
	return Transition{Verb: VerbRedact, From: states, To: Stay, By: []Role{RoleSystem}, Quiet: true, Silent: true}
}

// erased ends an account: no chat leads to it any more.
func erased(r *Record, _ Event) { r.Links = nil }

// The verbs by which texts are taken out of the trail.
const (
	VerbErase  Verb = "erase"  // an account ends, at its person's wish
	VerbRedact Verb = "redact" // texts of a record were blacked out
)
