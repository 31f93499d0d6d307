package storagetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// noon is when every test begins.
var noon = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

// at is some minutes after noon.
func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

// lease is how long the tests claim for.
const lease = 2 * time.Minute

// next is the commit of one more event on a record. Of e only what matters to
// the test need be given; a record that does not exist yet is a draft request.
func next(before core.Record, e core.Event) desk.Commit {
	if before.State != core.None {
		e.Kind, e.Record = before.Kind, before.ID
	}
	if e.Kind == "" {
		e.Kind = core.KindRequest
	}
	if e.To == "" {
		e.To = before.State
	}
	if e.To == "" {
		e.To = core.StateDraft
	}
	if e.Verb == "" {
		e.Verb = "touch" // a verb of no table: it changes what the event says and no more
	}
	if e.At.IsZero() {
		e.At = noon
	}
	e.From = before.State
	events := core.Seal(before, []core.Event{e})
	return desk.Commit{
		Expect: before.Seq, Record: core.Apply(before, events[0]), Events: events, Once: e.Once, Now: e.At,
	}
}

// named is the commit that creates a record of a name: its id, and a term of its own.
func named(id string) desk.Commit { return next(core.Record{}, core.Event{Record: id}) }

// user is the fields of an account with a user name, which is a unique key.
func user(name string) map[core.Field]string { return map[core.Field]string{core.FieldUser: name} }

// commit commits, and returns the record as it was committed.
func commit(t *testing.T, s Store, c desk.Commit) core.Record {
	t.Helper()
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatalf("Commit(%s at %d): %v", c.Record.ID, c.Expect, err)
	}
	return c.Record
}

// refuse commits and wants it refused as target.
func refuse(t *testing.T, s Store, c desk.Commit, target error) {
	t.Helper()
	if err := s.Commit(t.Context(), c); !errors.Is(err, target) {
		t.Fatalf("Commit(%s at %d) = %v, want %v", c.Record.ID, c.Expect, err, target)
	}
}

// found is the record with an id; its State is None if there is none.
func found(t *testing.T, s Store, id string) core.Record {
	t.Helper()
	r, err := s.Record(t.Context(), id)
	if errors.Is(err, desk.ErrNotFound) {
		return core.Record{}
	}
	must(t, err)
	return r
}

// holder is the id of the record that holds a unique key, "" for nobody.
func holder(t *testing.T, s Store, unique string) string {
	t.Helper()
	r, err := s.Find(t.Context(), unique)
	if errors.Is(err, desk.ErrNotFound) {
		return ""
	}
	must(t, err)
	return r.ID
}

// ids are the records of a whole list, page by page.
func ids(t *testing.T, s Store, q desk.Query) string {
	t.Helper()
	var out []string
	for {
		page, err := s.List(t.Context(), q)
		must(t, err)
		for _, r := range page.Records {
			out = append(out, r.ID)
		}
		if page.Next == "" {
			return strings.Join(out, " ")
		}
		q.After = page.Next
	}
}

func count(t *testing.T, s Store, term string) int {
	t.Helper()
	n, err := s.Count(t.Context(), term)
	must(t, err)
	return n
}

func trail(t *testing.T, s Store, record string) []core.Event {
	t.Helper()
	out, err := s.Trail(t.Context(), record, 0, 0)
	must(t, err)
	return out
}

// whole is the log of all records, whose index must have no gap.
func whole(t *testing.T, s Store) []core.Event {
	t.Helper()
	var out []core.Event
	for {
		part, err := s.Log(t.Context(), len(out), 100)
		must(t, err)
		for _, e := range part {
			if e.Index != len(out)+1 {
				t.Fatalf("index %d follows %d", e.Index, len(out))
			}
			out = append(out, e)
		}
		if len(part) == 0 {
			return out
		}
	}
}

// mail is an item of which there is one for ever.
func mail(key string) outbox.Item {
	return outbox.Item{Key: key, Merge: outbox.Once, Lane: outbox.Normal, Due: noon, Channel: "email", What: "mail"}
}

// card is an item of which the latest counts.
func card(key, text string) outbox.Item {
	return outbox.Item{
		Key: key, Merge: outbox.Latest, Lane: outbox.Press, Due: noon, Channel: "telegram", What: "card",
		Data: map[string]string{"text": text},
	}
}

// digest is an item that collects lines.
func digest(key, line string) outbox.Item {
	return outbox.Item{
		Key: key, Merge: outbox.Append, Lane: outbox.Bulk, Due: noon, Channel: "email", What: "digest",
		Data: map[string]string{"lines": line},
	}
}

func add(t *testing.T, s Store, now time.Time, items ...outbox.Item) int {
	t.Helper()
	n, err := s.Add(t.Context(), now, items...)
	must(t, err)
	return n
}

func claim(t *testing.T, s Store, now time.Time, n int) []outbox.Item {
	t.Helper()
	out, err := s.Claim(t.Context(), now, n, lease)
	must(t, err)
	return out
}

// claimOne claims the only item that is due.
func claimOne(t *testing.T, s Store, now time.Time) outbox.Item {
	t.Helper()
	out := claim(t, s, now, 2)
	if len(out) != 1 {
		t.Fatalf("%d items are due at %s, want 1: %s", len(out), now, keys(out))
	}
	return out[0]
}

// result settles a claimed item.
func result(it outbox.Item, o outbox.Outcome) outbox.Result {
	return outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: o}
}

func settle(t *testing.T, s Store, now time.Time, results ...outbox.Result) int {
	t.Helper()
	n, err := s.Settle(t.Context(), now, results)
	must(t, err)
	return n
}

// all are the items of every state.
func all(t *testing.T, s Store) []outbox.Item {
	t.Helper()
	out, err := s.Items(t.Context(), "", "", 10_000)
	must(t, err)
	return out
}

// only is the one item that there is.
func only(t *testing.T, s Store) outbox.Item {
	t.Helper()
	out := all(t, s)
	if len(out) != 1 {
		t.Fatalf("there are %d items, want 1: %s", len(out), keys(out))
	}
	return out[0]
}

// keys are the keys of items, in their order.
func keys(items []outbox.Item) string {
	var out []string
	for _, it := range items {
		out = append(out, it.Key)
	}
	return strings.Join(out, " ")
}

// outcomes are what came of an item's claims, oldest first.
func outcomes(it outbox.Item) string {
	var out []string
	for _, a := range it.Attempts {
		out = append(out, fmt.Sprintf("%d:%s", a.Epoch, a.Outcome))
	}
	return strings.Join(out, " ")
}

func stats(t *testing.T, s Store, now time.Time) outbox.Stats {
	t.Helper()
	st, err := s.Stats(t.Context(), now)
	must(t, err)
	return st
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// same fails unless got is what the store was given: nil and empty are one, as in JSON.
func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}
