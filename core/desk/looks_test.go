package desk_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// looked is a desk with a filed request of Lucía's, and its clock.
func looked(t *testing.T) (*desk.Desk, core.Record, *time.Time) {
	t.Helper()
	store := storagetest.NewModel()
	now := time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)
	d := &desk.Desk{Ledger: store, Sessions: store, Office: core.Office{Calendar: core.NewCalendar(time.UTC, core.FederalHolidays(2026), 2026)}, Now: func() time.Time { return now }}
	filed := put(t, store, core.Event{Kind: core.KindRequest, Record: "r1", Verb: core.VerbFile, To: core.StateFiled, By: "lucia", Number: "000001/2026", At: now})
	for i := range 400 {
		id := fmt.Sprintf("a%03d", i)
		put(t, store, core.Event{Kind: core.KindAccount, Record: id, Verb: core.VerbApply, To: core.StateActive, By: "sofia", At: now, Fields: map[core.Field]string{core.FieldName: "Persona " + id}})
	}
	return d, filed, &now
}

func put(t *testing.T, l desk.Ledger, e core.Event) core.Record {
	t.Helper()
	events := core.Seal(core.Record{}, []core.Event{e})
	r := core.Fold(events)
	if err := l.Commit(t.Context(), desk.Commit{Record: r, Events: events, Now: e.At}); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhoLookedAtARequestIsOnRecordOnceADay(t *testing.T) {
	d, r, now := looked(t)
	look := func(account string, saw core.Saw) {
		t.Helper()
		if err := d.Looked(t.Context(), account, saw, r); err != nil {
			t.Fatal(err)
		}
	}
	look("lucia", core.SawDetail) // her own
	look("a001", core.SawDetail)
	look("a001", core.SawList)
	*now = now.Add(time.Hour)
	look("a001", core.SawDetail)
	look("a002", core.SawFiles)
	*now = now.AddDate(0, 0, 1)
	look("a001", core.SawDetail)
	got, err := d.WhoLooked(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, l := range got {
		lines = append(lines, fmt.Sprintf("%s %s %d %s", l.Name, l.Saw, l.Days, l.At.UTC().Format("02 15h")))
	}
	want := []string{"Persona a001 detail 2 24 17h", "Persona a002 files 1 23 17h", "Persona a001 list 1 23 16h"}
	if fmt.Sprint(lines) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", lines, want)
	}
}

func TestWhoLooksAgainOnADayCostsNothing(t *testing.T) {
	d, r, _ := looked(t)
	if err := d.Looked(t.Context(), "a001", core.SawList, r); err != nil {
		t.Fatal(err)
	}
	d.Sessions = broken{}
	if err := d.Looked(t.Context(), "a001", core.SawList, r); err != nil {
		t.Errorf("the store is asked: %v", err)
	}
	if err := d.Looked(t.Context(), "a002", core.SawList, r); err == nil {
		t.Error("what cannot be put on record is shown")
	}
}

func TestAllWhoLookAtOnceAreOnRecordAndTheirNumberIsBounded(t *testing.T) {
	d, r, now := looked(t)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			if err := d.Looked(t.Context(), fmt.Sprintf("a%03d", i), core.SawList, r); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got, err := d.WhoLooked(t.Context(), r.ID); len(got) != 40 || err != nil {
		t.Errorf("%d of 40 are on record, %v", len(got), err)
	}
	*now = now.Add(time.Minute)
	for i := range 400 {
		if err := d.Looked(t.Context(), fmt.Sprintf("a%03d", i), core.SawDetail, r); err != nil {
			t.Fatal(err)
		}
	}
	got, err := d.WhoLooked(t.Context(), r.ID)
	if err != nil || len(got) != 300 || got[len(got)-1].Saw != core.SawDetail {
		t.Errorf("%d are kept, %v", len(got), err)
	}
}

// broken are sessions that fail.
type broken struct{ desk.Sessions }

var errBroken = errors.New("broken")

func (broken) Get(context.Context, string, time.Time) ([]byte, int, error) { return nil, 0, errBroken }
