package maintenance_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/maintenance"
	"sidem.gob.mx/sidem/storage/storagetest"
)

var errKilled = errors.New("killed")

// mortal is a store that dies at a call, before or after it was carried out.
type mortal struct {
	*storagetest.Model
	calls, dies int // it dies at the call of this number; 0: never
	after       bool
}

// call does something, unless it is killed before.
func (m *mortal) call(do func() error) error {
	m.calls++
	if m.calls == m.dies && !m.after {
		return errKilled
	}
	err := do()
	if m.calls == m.dies {
		return errKilled
	}
	return err
}

func (m *mortal) Items(ctx context.Context, s outbox.State, after string, limit int) (out []outbox.Item, err error) {
	err = m.call(func() error { out, err = m.Model.Items(ctx, s, after, limit); return err })
	return out, err
}

func (m *mortal) Purge(ctx context.Context, ids ...string) (n int, err error) {
	err = m.call(func() error { n, err = m.Model.Purge(ctx, ids...); return err })
	return n, err
}

func (m *mortal) Forget(ctx context.Context, p ...maintenance.Press) (n int, err error) {
	err = m.call(func() error { n, err = m.Model.Forget(ctx, p...); return err })
	return n, err
}

func (m *mortal) Log(ctx context.Context, after, limit int) (out []core.Event, err error) {
	err = m.call(func() error { out, err = m.Model.Log(ctx, after, limit); return err })
	return out, err
}

func (m *mortal) Record(ctx context.Context, id string) (r core.Record, err error) {
	err = m.call(func() error { r, err = m.Model.Record(ctx, id); return err })
	return r, err
}

func (m *mortal) Put(ctx context.Context, key string, v []byte, rev int, now, expires time.Time) (n int, err error) {
	err = m.call(func() error { n, err = m.Model.Put(ctx, key, v, rev, now, expires); return err })
	return n, err
}

func (m *mortal) Delete(ctx context.Context, key string) error {
	return m.call(func() error { return m.Model.Delete(ctx, key) })
}

var (
	begins = time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)
	later  = begins.AddDate(0, 0, 100)
)

const (
	oldItems, youngItems = 30, 5
	oldRecords           = 20
)

// years is a store with items, presses and places of long ago, and some that are young.
func years(t *testing.T) *mortal {
	t.Helper()
	ctx, m := t.Context(), &mortal{Model: storagetest.NewModel()}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	record := func(id, once string, to core.State, at time.Time) {
		e := core.Seal(core.Record{}, []core.Event{{Kind: core.KindRequest, Record: id, Verb: "touch", To: to, Once: once, At: at}})
		ok(m.Commit(ctx, desk.Commit{Record: core.Apply(core.Record{}, e[0]), Events: e, Once: once, Now: at}))
		_, err := m.Model.Put(ctx, "card:"+id+":ana:telegram", []byte("{}"), 0, at, time.Time{})
		ok(err)
		_, err = m.Model.Put(ctx, "note:"+id+":ana:telegram:comment", []byte("{}"), 0, at, time.Time{})
		ok(err)
	}
	for i := range oldRecords {
		record(fmt.Sprintf("old%04d", i), fmt.Sprintf("tg:old%d", i), core.StateCollected, begins)
	}
	record("open", "tg:open", core.StateFiled, begins)
	record("young", "tg:young", core.StateCollected, later.AddDate(0, 0, -1))
	items := func(name string, n int, at time.Time) {
		for i := range n {
			_, err := m.Add(ctx, at, outbox.Item{Key: fmt.Sprintf("tick:%s%d:", name, i), Merge: outbox.Once, What: "tick", Data: map[string]string{"tick": fmt.Sprintf("%s%d", name, i)}})
			ok(err)
		}
		claimed, err := m.Claim(ctx, at, n, time.Minute)
		ok(err)
		var results []outbox.Result
		for i, it := range claimed {
			results = append(results, outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: []outbox.Outcome{outbox.WasSent, outbox.WasMoot, outbox.Buried}[i%3]})
		}
		_, err = m.Settle(ctx, at, results)
		ok(err)
	}
	_, err := m.Add(ctx, begins, outbox.Item{Key: "tick:waits:", Merge: outbox.Once, Due: later.AddDate(1, 0, 0), What: "tick", Data: map[string]string{"tick": "waits"}})
	ok(err)
	items("old", oldItems, begins)
	items("young", youngItems, later.AddDate(0, 0, -1))
	return m
}

func retention(m *mortal) *maintenance.Retention {
	return &maintenance.Retention{
		Items: m, History: m, Trail: m, Records: m, Sessions: m, Places: []string{"card:", "note:"}, Log: slog.New(slog.DiscardHandler), Page: 7,
	}
}

// over checks that what is old is gone, and nothing else.
func over(t *testing.T, m *mortal, what string) {
	t.Helper()
	ctx := t.Context()
	s, err := m.Stats(ctx, later)
	if err != nil || s.Purged != oldItems || s.Missing() != 0 || s.Live != 1 || s.Sent+s.Moot+s.Dead != youngItems {
		t.Errorf("%s: the outbox is %+v, %v", what, s, err)
	}
	for prefix, want := range map[string]int{"card:": 2, "note:": 2} {
		if keys, err := m.Keys(ctx, prefix, "", 10, later); err != nil || len(keys) != want {
			t.Errorf("%s: the places are %v, %v", what, keys, err)
		}
	}
	presses := 0
	_ = m.Entries(ctx, func(e core.IndexEntry) error {
		if e.Family == core.EntryPress {
			presses++
		}
		return nil
	})
	if presses != 1 {
		t.Errorf("%s: %d presses are known, want the young one", what, presses)
	}
	a, err := (&desk.Desk{Ledger: m.Model, Now: func() time.Time { return later }}).Audit(ctx)
	if err != nil || len(a.Faults) > 0 {
		t.Errorf("%s: %v, faults %v", what, err, a.Faults)
	}
}

func TestWhatIsOverIsLetGoAndNothingElse(t *testing.T) {
	m := years(t)
	if err := retention(m).Run(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	over(t, m, "a run")
	k, err := maintenance.LastRun(t.Context(), m, later)
	if err != nil || k.Items != oldItems || k.Presses != oldRecords+1 || k.Places != 2*oldRecords || !k.At.Equal(later) {
		t.Errorf("the last run is %+v, %v", k, err)
	}
	calls := m.calls
	if err := retention(m).Run(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	if n := m.calls - calls; n > 10 {
		t.Errorf("a run with nothing to do makes %d calls", n)
	}
	over(t, m, "a second run")
}

func TestWhatAnArchiveBroughtBackIsForgottenAgain(t *testing.T) {
	m := years(t)
	if err := retention(m).Run(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	again := years(t) // as it was, with the cursor of the run
	cursor, _, err := m.Get(t.Context(), "retention:presses", later)
	if err == nil {
		_, err = again.Model.Put(t.Context(), "retention:presses", cursor, 0, later, time.Time{})
	}
	if err == nil {
		err = maintenance.Reforget(t.Context(), again)
	}
	if err == nil {
		err = retention(again).Run(t.Context(), later)
	}
	if err != nil {
		t.Fatal(err)
	}
	over(t, again, "after an archive")
}

func TestARunThatIsKilledAtAnyCallIsEndedByTheNext(t *testing.T) {
	whole := years(t)
	if err := retention(whole).Run(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	for dies := 1; dies <= whole.calls; dies++ {
		for _, after := range []bool{false, true} {
			m := years(t)
			m.dies, m.after = dies, after
			if err := retention(m).Run(t.Context(), later); !errors.Is(err, errKilled) {
				t.Fatalf("killed at call %d: %v", dies, err)
			}
			if s, err := m.Stats(t.Context(), later); err != nil || s.Missing() != 0 {
				t.Errorf("killed at call %d: the outbox is %+v, %v", dies, s, err)
			}
			m.dies = 0
			if err := retention(m).Run(t.Context(), later); err != nil {
				t.Fatal(err)
			}
			over(t, m, fmt.Sprintf("killed at call %d, after it %t", dies, after))
		}
		if t.Failed() {
			return
		}
	}
}

func TestNoRuleIsShorterThanWhatIsSafe(t *testing.T) {
	hasty := core.Retention{NoticeDays: 1, PressDays: 1, PlaceDays: 1}
	if hasty.Presses() < desk.RepeatLife || hasty.Notices() < desk.RepeatLife || hasty.Places() != core.ShortestRetention.Places() {
		t.Errorf("a rule of a day keeps presses for %s, notices for %s, places for %s", hasty.Presses(), hasty.Notices(), hasty.Places())
	}
	if usual := (core.Retention{}); usual.Notices() != 90*24*time.Hour || usual.Presses() != desk.RepeatLife {
		t.Errorf("the usual rule keeps notices for %s, presses for %s", usual.Notices(), usual.Presses())
	}
}
