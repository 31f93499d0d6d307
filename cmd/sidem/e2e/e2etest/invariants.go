package e2etest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/core/outbox"
)

// TB is the part of testing.TB by which the invariants are told, for those who
// play a story again and again until it is small.
type TB interface {
	Helper()
	Context() context.Context
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// Doubtful judges what may come of deaths: a message may come twice, and a copy keep its buttons, only where an
// attempt ended in a death. Each death leaves its attempts on record, and may
// repeat the answer to what was pressed or written at that moment.
func Doubtful(t TB, w *world.World, deaths int, surprises, stale []string) error {
	t.Helper()
	allowed := deaths
	if err := w.Visit(t.Context(), func(a *app.App) error {
		allowed += UnknownAttempts(t, a)
		return nil
	}); err != nil {
		return err
	}
	copies := map[string]bool{}
	for _, b := range stale {
		if strings.HasPrefix(b, "record ") || strings.HasPrefix(b, "event ") || strings.HasPrefix(b, "index ") {
			return errors.New(b) // the audit's
		}
		message, _, _ := strings.Cut(b, " [")
		number, _, _ := strings.Cut(strings.TrimPrefix(b, message+" ["), " ")
		copies[message+number] = true
	}
	if len(surprises) > allowed || len(copies) > allowed {
		return fmt.Errorf("%d deaths and unknown attempts do not explain %d messages and %d copies with buttons:\n%s\n%s",
			allowed, len(surprises), len(copies), strings.Join(surprises, "\n"), strings.Join(stale, "\n"))
	}
	return nil
}

// Explained checks what every owed notice came to, on the store itself.
func Explained(t TB, w *world.World) {
	t.Helper()
	if err := w.Visit(t.Context(), func(a *app.App) error {
		Invariants(t, w, a) // of copies with buttons doubtful has judged
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// Accounted checks that every notice came to something: what is owed still is
// work of SIDEM's own whose time lies ahead, reminders and ticks.
func Accounted(t TB, w *world.World, a *app.App) {
	t.Helper()
	stats, err := a.Store.Stats(t.Context(), w.Time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if stats.Dead != 0 || stats.Missing() != 0 || stats.Created == 0 {
		t.Errorf("notices that came to nothing: %+v", stats)
	}
	owed := 0
	for after := ""; ; {
		items, err := a.Store.Items(t.Context(), outbox.Live, after, 200)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			after = it.ID
			if owed++; it.Channel != "" || !it.Due.After(w.Time.Now()) {
				t.Errorf("%s is owed at rest: %+v", it.Key, it)
			}
		}
		if len(items) < 200 {
			break
		}
	}
	if owed != stats.Live {
		t.Errorf("%d items are owed, and the accounts say %d", owed, stats.Live)
	}
}

// UnknownAttempts is how many attempts may have been delivered though they did not end well.
func UnknownAttempts(t TB, a *app.App) int {
	t.Helper()
	n := 0
	EveryItem(t, a, func(it outbox.Item) { n += mayHaveArrived(it) })
	return n
}

// Settled checks what must hold when a story is over, whatever broke on its way: the
// Invariants below, that no button of a state that was left is to be seen, and that
// nothing was drawn over a card.
func Settled(t TB, w *world.World, a *app.App) {
	t.Helper()
	Invariants(t, w, a)
	stale, err := w.Stale(t.Context())
	if err != nil || len(stale) > 0 {
		t.Errorf("buttons of a state that was left: %v %v", stale, err)
	}
	covered, err := w.Covered(t.Context(), a)
	if err != nil || len(covered) > 0 {
		t.Errorf("drawn over cards: %v %v", covered, err)
	}
}

// Invariants checks what no fault excuses. That one press on a version wins and that
// no outage undoes a decision are for the stories to tell; else the trail could not
// be folded into the records.
func Invariants(t TB, w *world.World, a *app.App) {
	t.Helper()
	Accounted(t, w, a)
	InvariantsUnderWay(t, w, a)
}

// InvariantsUnderWay are those that hold at any moment, whatever is still owed.
func InvariantsUnderWay(t TB, w *world.World, a *app.App) {
	t.Helper()
	report, err := a.Desk.Audit(t.Context())
	if err != nil || len(report.Faults) > 0 || report.Events == 0 {
		t.Errorf("audit of %d events: %v %v", report.Events, report.Faults, err)
	}
	var r Reading
	r.Judge(t, w, a)
}

// EveryItem goes through the outbox.
func EveryItem(t TB, a *app.App, f func(outbox.Item)) {
	t.Helper()
	const page = 1000
	for after := ""; ; {
		items, err := a.Store.Items(t.Context(), "", after, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			after = it.ID
			f(it)
		}
		if len(items) < page {
			return
		}
	}
}
