package maintenance_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/forecast"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

// dictated is a request that an opinion was issued on after n days, and that was collected.
func (h *history) dictated(n int, at time.Time) core.Record {
	h.t.Helper()
	r := h.filed(n, at, "Licencias", "lucia")
	for _, e := range []core.Event{
		{Verb: core.VerbRelease, To: core.StateReleased},
		{Verb: core.VerbJoin, To: core.StateReceived},
		{Verb: core.VerbRefer, To: core.StateReferred},
		{Verb: core.VerbAssign, To: core.StateAssigned},
		{Verb: core.VerbIssue, To: core.StateIssued},
		{Verb: core.VerbHandOver, To: core.StateCollected},
	} {
		at = at.AddDate(0, 0, 1+n%3)
		e.At, e.By = at, "ana"
		r = h.act(r, e)
	}
	return r
}

func (h *history) forecast() *maintenance.Forecast {
	return &maintenance.Forecast{Ledger: h, Sessions: h, Archived: h.archiving(), Page: 7}
}

// counted is the summary that is kept, as bytes.
func (h *history) counted() []byte {
	h.t.Helper()
	s, _, err := desk.ReadForecast(h.t.Context(), h, tonight)
	if err != nil {
		h.t.Fatal(err)
	}
	body, err := s.MarshalBinary()
	if err != nil {
		h.t.Fatal(err)
	}
	return body
}

func TestWhereverTheForecastIsKilledEachStageIsCountedOnce(t *testing.T) {
	live := func() *history {
		h := newHistory(t)
		for n := range 12 {
			h.dictated(n, time.Date(2026, time.March, 2+n, 16, 0, 0, 0, time.UTC))
		}
		return h
	}
	whole := live()
	if err := whole.forecast().Run(t.Context(), tonight); err != nil {
		t.Fatal(err)
	}
	if s, _, err := desk.ReadForecast(t.Context(), whole, tonight); err != nil || s.Opinions != 12 || s.Cases(forecast.Node{Stage: core.StageIssue}) != 12 {
		t.Fatalf("%d opinions, %v; want 12", s.Opinions, err)
	}
	want := whole.counted()
	for die := 1; ; die++ {
		h := live()
		h.die, h.after = (die+1)/2, die%2 == 0
		err := h.forecast().Run(t.Context(), tonight)
		if err == nil {
			break
		}
		if !errors.Is(err, errDead) {
			t.Fatal(err)
		}
		h.die = 0
		for range 2 { // and once more, when there is nothing new
			if err := h.forecast().Run(t.Context(), tonight); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want, h.counted()); diff != "" {
			t.Fatalf("killed at write %d: another summary", die)
		}
	}
}

func TestWhatWasArchivedStaysCountedAlsoAfterAReindex(t *testing.T) {
	h := newHistory(t)
	first := h.dictated(0, time.Date(2026, time.March, 1, 16, 0, 0, 0, time.UTC))
	for n := 1; n < 8; n++ {
		h.dictated(n, time.Date(2026, time.March, 2+n, 16, 0, 0, 0, time.UTC))
	}
	h.dictated(8, time.Date(2026, time.December, 1, 16, 0, 0, 0, time.UTC))
	opinions := func(want string) {
		t.Helper()
		if err := h.forecast().Run(t.Context(), tonight); err != nil {
			t.Fatal(err)
		}
		s, _, err := desk.ReadForecast(t.Context(), h, tonight)
		if err != nil || s.Opinions != 9 || s.Cases(forecast.Node{Stage: core.StageRelease}) != 9 {
			t.Errorf("%s: %d opinions, %v; want 9", want, s.Opinions, err)
		}
	}
	opinions("before")
	if err := h.archiving().Run(t.Context(), tonight); err != nil {
		t.Fatal(err)
	}
	opinions("archived")
	if _, err := h.archiving().Bring(t.Context(), first.Number, tonight); err != nil {
		t.Fatal(err)
	}
	if _, err := h.desk().Reindex(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if s, _, err := desk.ReadForecast(t.Context(), h, tonight); err != nil || s.Opinions != 0 {
		t.Errorf("a reindex leaves a summary of %d opinions, %v", s.Opinions, err)
	}
	opinions("made anew, with one that was brought back")
}
