package core

import (
	"fmt"
	"strings"
	"time"
)

// KindArchive is the kind of a file into which requests went that were closed long ago. It
// has no card and is nobody's turn, so it is none of Lifecycles: SIDEM alone makes one.
const KindArchive Kind = "archive"

// The states of an archive: its file is written and its requests are leaving the store, or
// all of them have left.
const (
	StateSealed  State = "sealed"
	StateShelved State = "shelved"
)

// The verbs of an archive.
const (
	VerbSeal   Verb = "seal"
	VerbShelve Verb = "shelve"
	VerbReseal Verb = "reseal" // another file takes the place of the first: somebody's data were taken out of it
)

// The fields of an archive.
const (
	FieldMonth  Field = "month"  // 2026-03: the last in which one of its requests was closed
	FieldCount  Field = "count"  // how many requests there are in it
	FieldDigest Field = "digest" // of what stays of them in the store (shelf.Digest)
)

// FieldArchived is, of a request of which only a line is left in the store, the archive that
// it is in.
const FieldArchived Field = "archived"

var archiveLifecycle = Lifecycle{
	Kind:   KindArchive,
	States: []State{StateSealed, StateShelved},
	Rows: []Transition{
		{Verb: VerbSeal, From: []State{None}, To: StateSealed, By: []Role{RoleSystem}, Needs: []Field{FieldMonth, FieldCount, FieldDigest, FieldFiles}, Quiet: true},
		{Verb: VerbShelve, From: []State{StateSealed}, To: StateShelved, By: []Role{RoleSystem}, Quiet: true},
		{Verb: VerbReseal, From: []State{StateShelved}, To: StateSealed, By: []Role{RoleSystem}, Needs: []Field{FieldCount, FieldDigest, FieldFiles}, Quiet: true},
		redactRow(StateSealed, StateShelved),
	},
}

// YearOf is the year of a month (2006-01).
func YearOf(month string) string { return month[:min(len(month), len("2006"))] }

// ArchiveID is the id of the n-th archive that has its name of a month.
func ArchiveID(month string, n int) string { return fmt.Sprintf("archive-%s-%d", month, n) }

// ArchiveMonth is the month of an archive, by its id; "" for what is none.
func ArchiveMonth(id string) string {
	rest, ok := strings.CutPrefix(id, "archive-")
	if month := rest[:min(len(rest), len("2006-01"))]; ok && len(month) == len("2006-01") {
		return month
	}
	return ""
}

// Archived reports whether a request left the store, and the month (2006-01) that its archive
// has its name of: what is known of it here is a line of its own (shelf.Line).
func (r Record) Archived() (month string, ok bool) {
	month = ArchiveMonth(r.Fields[FieldArchived])
	return month, month != ""
}

// Sealed is what the file of an archive is: the last of its files.
func (r Record) Sealed() (Attachment, bool) {
	if r.Kind != KindArchive || len(r.Files) == 0 {
		return Attachment{}, false
	}
	return r.Files[len(r.Files)-1], true
}

// ArchiveStep is the archive after an act of SIDEM's on it, and the event, sealed. erased are
// the events of the archive that were blacked out for it.
func ArchiveStep(before Record, id string, v Verb, fields map[Field]string, files []Attachment, erased []Erasure, now time.Time) (Record, Event) {
	row, _ := archiveLifecycle.Row(v, before.State)
	e := newEvent(before, row, Command{Kind: KindArchive, Verb: v, Record: id, Fields: fields, Files: files, Where: "system"}, SystemActor, now)
	e.Erased = erased
	e = Seal(before, []Event{e})[0]
	return Apply(before, e), e
}

// Unnamed is an event without the files that it names: a Blackout, for the file of an archive
// in whose place there is another.
func Unnamed(e Event) (Event, bool) {
	if len(e.Files) == 0 {
		return e, false
	}
	e.Files = nil
	return e, true
}

// MayLeave reports whether a request may leave the store now for an archive: it was closed
// more than so many days ago, in a month that is over by then, and its number is not of this
// year: how many were given this year is counted by those that are there.
func (r Record) MayLeave(days int, now time.Time) bool {
	_, season, numbered := strings.Cut(r.Number, "/")
	before := now.AddDate(0, 0, -days)
	return r.Kind == KindRequest && numbered && !r.Open() && season < Season(now) &&
		ClosedIn(r, now.Location()) < before.Format(monthLayout)
}

const monthLayout = "2006-01"

// ClosedIn is the month (2006-01) in which a record came to its present state.
func ClosedIn(r Record, zone *time.Location) string { return r.Since.In(zone).Format(monthLayout) }
