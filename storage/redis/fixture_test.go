package redis_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/storage/redis"
)

// morning is the business time of these tests.
var morning = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

const lease = 2 * time.Minute

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// next is the commit of one more event on a record.
func next(before core.Record, e core.Event, items ...outbox.Item) desk.Commit {
	if before.State != core.None {
		e.Kind, e.Record = before.Kind, before.ID
	}
	if e.Kind == "" {
		e.Kind = core.KindRequest
	}
	if e.To == "" {
		e.To = core.StateDraft
	}
	e.Verb, e.From = "touch", before.State
	if e.At.IsZero() {
		e.At = morning
	}
	events := core.Seal(before, []core.Event{e})
	return desk.Commit{
		Expect: before.Seq, Record: core.Apply(before, events[0]), Events: events, Items: items, Once: e.Once, Now: e.At,
	}
}

func mail(key string) outbox.Item {
	return outbox.Item{Key: key, Merge: outbox.Once, Lane: outbox.Normal, Due: morning, Channel: "email", What: "mail"}
}

// filing is a commit as the process makes them: a numbered request changes its
// state, and with it its place in all lists; a mail, a card and a reminder are owed.
func filing(before core.Record, id string, n int) desk.Commit {
	state := core.StateFiled
	if before.State == core.StateFiled {
		state = core.StateReleased
	}
	e := core.Event{
		Record: id, Agency: "IE", Number: fmt.Sprintf("%06d/2026", n), To: state, By: "0a1b2c3d4e5f6", ByName: "Raúl Ortega",
		At: morning.Add(time.Duration(n*10+before.Seq) * time.Second), Once: fmt.Sprintf("tg:%d-%d", n, before.Seq), Where: "telegram",
		Fields: map[core.Field]string{core.FieldSubject: "Renovación de licencias de cómputo", core.FieldName: "Lucía Herrera Campos"},
	}
	key := fmt.Sprintf("%s:%d", id, before.Seq)
	card := outbox.Item{
		Key: "card:" + key, Merge: outbox.Latest, Lane: outbox.Press, Due: morning, Channel: "telegram", Account: "0a1b2c3d4e5f6",
		Record: id, What: "card", Data: map[string]string{"seq": key},
	}
	reminder := mail("reminder:" + key)
	reminder.Lane, reminder.Due = outbox.Bulk, morning.AddDate(0, 0, 3)
	return next(before, e, mail("mail:"+key), card, reminder)
}

// whole is the log, which must have no gap.
func whole(t testing.TB, s *redis.Store) []core.Event {
	t.Helper()
	var out []core.Event
	for {
		part, err := s.Log(t.Context(), len(out), 500)
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

// unowed is a store whose items are those of tests, which no event owes.
type unowed struct{ *redis.Store }

func (unowed) Items(context.Context, outbox.State, string, int) ([]outbox.Item, error) {
	return nil, nil
}

// sound audits the store: each trail is a chain and folds to its record, and the
// index is the one that follows.
func sound(t testing.TB, s *redis.Store, events int) {
	t.Helper()
	rep, err := (&desk.Desk{Ledger: unowed{s}}).Audit(t.Context())
	must(t, err)
	// These tests number requests as they please.
	rep.Faults = slices.DeleteFunc(rep.Faults, func(f string) bool { return strings.Contains(f, " number ") })
	if len(rep.Faults) > 0 || rep.Events != events {
		t.Fatalf("%d events, want %d; faults: %v", rep.Events, events, rep.Faults)
	}
}

// items are all items.
func items(t testing.TB, s *redis.Store) []outbox.Item {
	t.Helper()
	out, err := s.Items(t.Context(), "", "", 100_000)
	must(t, err)
	return out
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
