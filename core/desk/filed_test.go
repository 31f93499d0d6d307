package desk_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// moving has a record moved to another state when the first page of a list was read.
type moving struct {
	desk.Ledger
	move  func()
	pages int
}

func (m *moving) List(ctx context.Context, q desk.Query) (desk.Page, error) {
	page, err := m.Ledger.List(ctx, q)
	if m.pages++; m.pages == 1 {
		m.move()
	}
	return page, err
}

func TestTheRequestsOfAPeriodAreThoseThatTheActorMaySeeByTheirNumbers(t *testing.T) {
	store := storagetest.NewModel()
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 12, 1, 16, 0, 0, 0, time.UTC)
	d := &desk.Desk{Ledger: store, Office: core.Office{Calendar: core.NewCalendar(zone, nil)}, Now: func() time.Time { return now }}
	file := func(n, year int, at time.Time) core.Record {
		return put(t, store, core.Event{Kind: core.KindRequest, Record: fmt.Sprintf("r%d-%d", year, n), Agency: "IE", Verb: core.VerbFile, To: core.StateFiled, By: "lucia", Number: fmt.Sprintf("%06d/%d", n, year), At: at})
	}
	next := func(r core.Record, v core.Verb, to core.State, at time.Time) {
		t.Helper()
		events := core.Seal(r, []core.Event{{Kind: r.Kind, Record: r.ID, Agency: r.Agency, Verb: v, From: r.State, To: to, By: "sofia", At: at}})
		if err := store.Commit(t.Context(), desk.Commit{Expect: r.Seq, Record: core.Apply(r, events[0]), Events: events, Now: at}); err != nil {
			t.Fatal(err)
		}
	}
	day := func(d, hour int) time.Time { return time.Date(2026, 11, d, hour, 0, 0, 0, time.UTC) }
	before := file(1, 2026, day(23, 5)) // the 22nd in Mexico City
	next(before, core.VerbRelease, core.StateReleased, day(26, 16))
	var last core.Record
	for n := range 250 { // more than a page
		last = file(n+10, 2026, day(23, 6).Add(time.Duration(n)*time.Minute))
	}
	file(9, 2025, day(24, 16))
	file(300, 2026, day(25, 6)) // the 25th
	put(t, store, core.Event{Kind: core.KindRequest, Record: "draft", Agency: "IE", Verb: core.VerbDraft, To: core.StateDraft, By: "lucia", At: day(24, 16)})
	period := core.Period{From: core.Day{Year: 2026, Month: 11, Day: 23}, To: core.Day{Year: 2026, Month: 11, Day: 24}}
	auditor := core.Actor{Account: "a", Roles: []core.Role{core.RoleAuditor}}
	want := []string{"000009/2025"}
	for n := range 250 {
		want = append(want, fmt.Sprintf("%06d/2026", n+10))
	}
	numbers := func(a core.Actor, limit int) (out []string, whole bool) {
		t.Helper()
		all, whole, err := d.FiledIn(t.Context(), a, period, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			out = append(out, r.Number)
		}
		return out, whole
	}
	// The oldest, which is to be read last, moves to the head of the list.
	first, err := store.Record(t.Context(), "r2026-10")
	if err != nil {
		t.Fatal(err)
	}
	d.Ledger = &moving{Ledger: store, move: func() { next(first, core.VerbRelease, core.StateReleased, now) }}
	got, whole := numbers(auditor, 251)
	if diff := cmp.Diff(want, got); diff != "" || !whole {
		t.Errorf("whole: %t (-want +got):\n%s", whole, diff)
	}
	if got, whole := numbers(auditor, 250); len(got) > 0 || whole {
		t.Errorf("one more than may be: %d, %t", len(got), whole)
	}
	head := core.Actor{Account: "h", Roles: []core.Role{core.RoleHead}}
	next(last, core.VerbRefer, core.StateReferred, day(26, 16))
	if got, _ := numbers(head, 250); fmt.Sprint(got) != fmt.Sprint([]string{last.Number}) {
		t.Errorf("a head sees %q, want what was referred: %s", got, last.Number)
	}
}
