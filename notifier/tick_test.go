package notifier_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// ticking is a tick of 08:45 on a store in memory, at the hand of a clock.
func ticking(t *testing.T, at time.Time) (now *time.Time, ticks *notifier.Ticks, store *storagetest.Model, did *[]string) {
	t.Helper()
	now, store, did = &at, storagetest.NewModel(), new([]string)
	ticks, err := notifier.NewTicks(store, func() time.Time { return *now }, notifier.Tick{
		Name: "digest", Spec: "45 8 * * *",
		Do: func(_ context.Context, day time.Time) error {
			*did = append(*did, day.Format(time.DateTime))
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return now, ticks, store, did
}

// work has a hub's worth of items handled that are due.
func work(t *testing.T, now time.Time, ticks *notifier.Ticks, store *storagetest.Model) {
	t.Helper()
	for {
		items, err := store.Claim(t.Context(), now, 10, time.Minute)
		if err != nil || len(items) == 0 {
			return
		}
		for _, it := range items {
			r := outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: outbox.WasSent}
			if _, err := ticks.Send(t.Context(), it); errors.Is(err, notifier.ErrMoot) {
				r.Outcome = outbox.WasMoot
			} else if err != nil {
				t.Fatal(err)
			}
			if _, err := store.Settle(t.Context(), now, []outbox.Result{r}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestATickComesOnceADayHoweverOftenItIsPlanned(t *testing.T) {
	now, ticks, store, did := ticking(t, time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC))
	for range 3 { // three replicas, or three starts
		if err := ticks.Plan(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []string{"2026-11-23 08:44:00", "2026-11-23 08:45:00", "2026-11-23 12:00:00", "2026-11-24 08:45:00"} {
		*now, _ = time.Parse(time.DateTime, at)
		work(t, *now, ticks, store)
	}
	if diff := cmp.Diff([]string{"2026-11-23 08:45:00", "2026-11-24 08:45:00"}, *did); diff != "" {
		t.Error(diff)
	}
}

func TestAMissedTickIsMadeUpWithinItsDayOnly(t *testing.T) {
	now, ticks, store, did := ticking(t, time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC))
	if err := ticks.Plan(t.Context()); err != nil {
		t.Fatal(err)
	}
	*now = time.Date(2026, 11, 27, 17, 0, 0, 0, time.UTC) // switched off since: Monday's is over, Friday's is not
	if err := ticks.Plan(t.Context()); err != nil {
		t.Fatal(err)
	}
	work(t, *now, ticks, store)
	*now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	work(t, *now, ticks, store)
	if diff := cmp.Diff([]string{"2026-11-27 17:00:00", "2026-11-28 09:00:00"}, *did); diff != "" {
		t.Error(diff)
	}
}

func TestAClockThatJumpsDoesNotBreakTheChainOfTicks(t *testing.T) {
	now, ticks, store, did := ticking(t, time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC))
	if err := ticks.Plan(t.Context()); err != nil {
		t.Fatal(err)
	}
	*now = time.Date(2026, 12, 4, 10, 0, 0, 0, time.UTC) // without a start in between
	work(t, *now, ticks, store)
	if diff := cmp.Diff([]string{"2026-12-04 10:00:00"}, *did); diff != "" {
		t.Error(diff)
	}
}

func TestASpecThatIsNoneIsRefused(t *testing.T) {
	if _, err := notifier.NewTicks(storagetest.NewModel(), testbed.Now, notifier.Tick{Name: "x", Spec: "every day"}); err == nil {
		t.Error("it was taken")
	}
}

func TestInAZoneWithDaylightSavingATickComesOnceEachDayAtItsHour(t *testing.T) {
	for _, name := range []string{"America/Mexico_City", "America/New_York", "America/Santiago", "Australia/Lord_Howe"} {
		for _, span := range [][2]time.Month{{time.March, time.May}, {time.September, time.December}} { // clocks change in between
			t.Run(name+" "+span[0].String(), func(t *testing.T) {
				zone, err := time.LoadLocation(name)
				if err != nil {
					t.Fatal(err)
				}
				end := time.Date(2026, span[1], 1, 0, 0, 0, 0, zone)
				now, ticks, store, did := ticking(t, time.Date(2026, span[0], 1, 0, 15, 0, 0, zone))
				if err := ticks.Plan(t.Context()); err != nil {
					t.Fatal(err)
				}
				for at := *now; at.Before(end); at = at.Add(30 * time.Minute) { // by real time
					*now = at
					work(t, at, ticks, store)
				}
				var want []string
				for day := time.Date(2026, span[0], 1, 8, 45, 0, 0, zone); day.Before(end); day = day.AddDate(0, 0, 1) {
					want = append(want, day.Format(time.DateTime))
				}
				if diff := cmp.Diff(want, *did); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}
