package desk_test

import (
	"context"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/forecast"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// tallied counts the calls that read a store.
type tallied struct {
	*storagetest.Model
	n int
}

func (r *tallied) Gather(ctx context.Context, w desk.Wanted) (desk.Gathered, error) {
	r.n++
	return r.Model.Gather(ctx, w)
}

func (r *tallied) Record(ctx context.Context, id string) (core.Record, error) {
	r.n++
	return r.Model.Record(ctx, id)
}

func (r *tallied) List(ctx context.Context, q desk.Query) (desk.Page, error) {
	r.n++
	return r.Model.List(ctx, q)
}

func (r *tallied) Applied(ctx context.Context, record string, limit int) ([]core.Event, error) {
	r.n++
	return r.Model.Applied(ctx, record, limit)
}

func (r *tallied) Get(ctx context.Context, key string, now time.Time) ([]byte, int, error) {
	r.n++
	return r.Model.Get(ctx, key, now)
}

// lived keeps a summary of so many requests that took from seven to eleven days until the opinion.
func lived(t *testing.T, s desk.Sessions, n int, now time.Time) {
	t.Helper()
	var f forecast.Summary
	for i := range n {
		at := now.AddDate(0, 0, -1)
		f.Observe(forecast.Pass{Node: forecast.Node{Stage: core.StageRelease}, Next: core.StageRefer, Days: 2, At: at})
		f.Observe(forecast.Pass{Node: forecast.Node{Stage: core.StageRefer}, Next: core.StageAssign, Days: 0.5, At: at})
		f.Observe(forecast.Pass{Node: forecast.Node{Stage: core.StageAssign}, Next: core.StageIssue, Days: 0.5, At: at})
		f.Observe(forecast.Pass{Node: forecast.Node{Stage: core.StageIssue}, Next: forecast.Issued, Days: 4 + 4*float64(i)/float64(n), At: at})
	}
	if _, err := desk.KeepForecast(t.Context(), s, f, 0, now); err != nil {
		t.Fatal(err)
	}
}

// asks is a desk with a request that Lucía filed, and Lucía.
func asks(t *testing.T) (*tallied, *desk.Desk, *time.Time) {
	t.Helper()
	store := &tallied{Model: storagetest.NewModel()}
	now := time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)
	put(t, store, core.Event{Kind: core.KindRequest, Record: "r1", Agency: "IE", Verb: core.VerbFile, To: core.StateFiled, By: "lucia", Number: "000001/2026", At: now})
	account := core.Record{Kind: core.KindAccount, ID: "lucia", Agency: "IE", State: core.StateActive, Seq: 1, Since: now, Roles: []core.Role{core.RoleRequester}, Fields: map[core.Field]string{core.FieldName: "Lucía"}}
	if err := store.Commit(t.Context(), desk.Commit{Record: account, Now: now}); err != nil {
		t.Fatal(err)
	}
	return store, &desk.Desk{Ledger: store, Sessions: store, Office: core.Office{Calendar: core.NewCalendar(time.UTC, nil, 2026)}, Now: func() time.Time { return now }}, &now
}

func usualOf(t *testing.T, d *desk.Desk) core.Usual {
	t.Helper()
	s, err := d.Scene(t.Context(), "r1", "lucia")
	if err != nil {
		t.Fatal(err)
	}
	return s.Usual
}

func TestACardSaysHowLongItTakesAndReadsNoMore(t *testing.T) {
	store, d, now := asks(t)
	if err := d.RefreshUsual(t.Context()); err != nil {
		t.Fatal(err)
	}
	store.n = 0
	if got := usualOf(t, d); got != (core.Usual{}) {
		t.Errorf("with no cases it says %+v", got)
	}
	without := store.n
	lived(t, store, 50_000, *now)
	if err := d.RefreshUsual(t.Context()); err != nil {
		t.Fatal(err)
	}
	store.n = 0
	got := usualOf(t, d)
	if got.Days < 8 || got.Days > 10 || got.Low >= got.Days || got.High <= got.Days || got.High > 12 {
		t.Errorf("it says %+v; want some 9 of 7 to 11", got)
	}
	if store.n != without {
		t.Errorf("%d reads with the estimate, %d without", store.n, without)
	}
}

func TestWhatHasTakenLongerThanAllSaysNothing(t *testing.T) {
	store, d, now := asks(t)
	lived(t, store, 100, *now)
	if got := usualOf(t, d); got.Days == 0 {
		t.Fatal("nothing is said of a new request")
	}
	*now = now.AddDate(0, 0, 14) // it waits to be released for two days as a rule
	if got := usualOf(t, d); got != (core.Usual{}) {
		t.Errorf("after a fortnight at its first stage it says %+v", got)
	}
}

func TestWhatTheAgencyHasToCorrectSaysNothing(t *testing.T) {
	store, d, now := asks(t)
	lived(t, store, 100, *now)
	r, err := store.Record(t.Context(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	events := core.Seal(r, []core.Event{{Kind: core.KindRequest, Record: "r1", Agency: "IE", Verb: core.VerbReturn, From: core.StateFiled, To: core.StateReturned, By: "raul", At: now.Add(time.Minute)}})
	if err := store.Commit(t.Context(), desk.Commit{Expect: r.Seq, Record: core.Apply(r, events[0]), Events: events, Now: *now}); err != nil {
		t.Fatal(err)
	}
	if got := usualOf(t, d); got != (core.Usual{}) {
		t.Errorf("it says %+v to whoever it waits for", got)
	}
}

func TestNoCardWaitsForASummaryThatIsDamaged(t *testing.T) {
	store, d, now := asks(t)
	lived(t, store, 100, *now)
	body, rev, err := store.Get(t.Context(), "forecast", *now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), "forecast", body[:len(body)/2], rev, *now, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if got := usualOf(t, d); got != (core.Usual{}) {
		t.Errorf("it says %+v", got)
	}
	if s, _, err := desk.ReadForecast(t.Context(), store, *now); err != nil || s.Upto != 0 || s.Opinions != 0 {
		t.Errorf("it is not made anew: %v, %v", s.Opinions, err)
	}
}
