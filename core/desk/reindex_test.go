package desk_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// cut is a ledger whose commits end after some, as those of a process that is killed.
type cut struct {
	*memory
	left  int
	moves func(id string) // what somebody does before a commit; nil is nothing
}

var errKilled = errors.New("killed")

func (c *cut) Commit(ctx context.Context, commit desk.Commit) error {
	if c.left--; c.left < 0 {
		return errKilled
	}
	if c.moves != nil {
		c.moves(commit.Record.ID)
	}
	return c.memory.Commit(ctx, commit)
}

// aged is a store with n requests, each of which reads and is filed as no program of today would do it.
func aged(t *testing.T, n int) (m *memory, want map[string]core.Record, lists map[string][]place) {
	t.Helper()
	m = newMemory()
	for i := range n {
		e := core.Event{Kind: core.KindRequest, Record: fmt.Sprintf("r%d", i), Verb: core.VerbDraft, To: core.StateDraft, Agency: "IE", By: "lucia", At: thisNoon, Fields: map[core.Field]string{core.FieldSubject: "Cableado"}}
		events := core.Seal(core.Record{}, []core.Event{e})
		if err := m.Commit(t.Context(), desk.Commit{Record: core.Fold(events), Events: events, Now: thisNoon}); err != nil {
			t.Fatal(err)
		}
	}
	want, lists = maps.Clone(m.records), map[string][]place{}
	for term, list := range m.lists {
		lists[term] = slices.Clone(list)
	}
	for id, r := range m.records {
		r.Fields = map[core.Field]string{core.FieldSubject: "otherwise"}
		m.records[id] = r
		m.filed[id] = core.Index{}
	}
	clear(m.lists)
	return m, want, lists
}

func TestAReindexThatIsKilledAnywhereEndsWithEveryRecordFiledAsItsTrailFolds(t *testing.T) {
	const n = 7
	m, want, lists := aged(t, n)
	for kills := 0; ; kills++ {
		ledger := &cut{memory: m, left: kills}
		r, err := (&desk.Desk{Ledger: ledger, Sessions: m, Now: func() time.Time { return thisNoon }}).Reindex(t.Context(), true)
		if errors.Is(err, errKilled) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if kills != n || r.Done.IsZero() || r.Records != n || r.IsDue() {
			t.Errorf("after %d kills: %+v", kills, r)
		}
		break
	}
	if d := cmp.Diff(want, m.records); d != "" {
		t.Error(d)
	}
	for term, list := range lists {
		if !slices.Equal(m.lists[term], list) {
			t.Errorf("list %s: %v, want %v", term, m.lists[term], list)
		}
	}
	if len(m.log) != n {
		t.Errorf("the trail has %d events, had %d", len(m.log), n)
	}
}

func TestAReindexKeepsWhatIsWrittenBesideIt(t *testing.T) {
	m, _, _ := aged(t, 3)
	done := map[string]bool{}
	ledger := &cut{memory: m, left: 100}
	ledger.moves = func(id string) { // once for each, between what was read and what is written
		if done[id] {
			return
		}
		done[id] = true
		before := core.Fold(m.trails[id])
		events := core.Seal(before, []core.Event{{Kind: core.KindRequest, Record: id, Verb: "touch", From: core.StateDraft, To: core.StateDraft, At: thisNoon, Fields: map[core.Field]string{core.FieldSubject: "Pantallas"}}})
		if err := m.Commit(t.Context(), desk.Commit{Expect: before.Seq, Record: core.Apply(before, events[0]), Events: events, Now: thisNoon}); err != nil {
			t.Error(err)
		}
	}
	if _, err := (&desk.Desk{Ledger: ledger, Sessions: m, Now: func() time.Time { return thisNoon }}).Reindex(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	for id, trail := range m.trails {
		if d := cmp.Diff(core.Fold(trail), m.records[id]); d != "" || len(trail) != 2 {
			t.Errorf("%s: %s", id, d)
		}
	}
}

func TestARecordWhoseTrailDoesNotHoldIsLeftAndNamed(t *testing.T) {
	m, _, _ := aged(t, 3)
	m.trails["r1"][0].By = "somebody"
	was := m.records["r1"]
	r, err := (&desk.Desk{Ledger: m, Sessions: m, Now: func() time.Time { return thisNoon }}).Reindex(t.Context(), true)
	if err != nil || len(r.Faults) != 1 || r.Records != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	if d := cmp.Diff(was, m.records["r1"]); d != "" {
		t.Error(d)
	}
}

func TestAReindexIsDueWhereRecordsWereFiledOtherwise(t *testing.T) {
	m := newMemory()
	now := thisNoon
	if err := desk.FiledFrom(t.Context(), m, m, now); err != nil {
		t.Fatal(err)
	}
	r, err := desk.LastReindex(t.Context(), m, now)
	if err != nil || r.IsDue() || r.Filing != core.Filing() {
		t.Errorf("a new store: %+v, %v", r, err)
	}
	old := r
	old.Filing = "another"
	if !old.IsDue() {
		t.Error("what was filed otherwise is not due")
	}
}
