package app_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core/desk"
)

// ticking is a world that keeps its checkpoints in a file.
func ticking(t *testing.T) (w *world.World, checkpoints string) {
	t.Helper()
	w = e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	checkpoints = filepath.Join(t.TempDir(), "checkpoints")
	w.Config.Checkpoints = checkpoints
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return w, checkpoints
}

func TestEachTickComesOnceADayThroughRestartsAndOnceAfterAWeekSwitchedOff(t *testing.T) {
	w, checkpoints := ticking(t)
	restart := func() {
		if err := w.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		e2etest.Rest(t, w)
	}
	e2etest.At(t, w, "2026-11-24 05:00")
	restart()
	e2etest.At(t, w, "2026-11-24 09:30")
	restart()
	restart()
	e2etest.At(t, w, "2026-11-25 10:00")
	if err := w.Halt(); err != nil {
		t.Fatal(err)
	}
	if err := w.Clock("2026-12-07 11:00"); err != nil { // a Monday
		t.Fatal(err)
	}
	restart()
	restart()
	for tick, want := range map[string]string{
		"purge": "2026-11-24 2026-11-25 2026-12-07", "retention": "2026-11-24 2026-11-25 2026-12-07", "checkpoint": "2026-11-24 2026-11-25 2026-12-07", "attachments": "2026-11-24 2026-11-25 2026-12-07", "forecast": "2026-11-24 2026-11-25 2026-12-07", "digest": "2026-11-24 2026-11-25 2026-12-07", "weekly": "2026-12-07",
	} {
		days := e2etest.Ticked(t, w, tick)
		if tick == "digest" { // the first morning of a world is not of its story
			days = days[len(days)-min(3, len(days)):]
		}
		if got := strings.Join(days, " "); got != want {
			t.Errorf("%s came on %q, want %q", tick, got, want)
		}
	}
	if body, err := os.ReadFile(checkpoints); err != nil || bytes.Count(body, []byte("\n— ")) != 3 {
		t.Errorf("checkpoints: %v\n%s", err, body)
	}
}

func TestADraftThatNobodyTouchesIsPurgedAfterAMonth(t *testing.T) {
	w, _ := ticking(t)
	if err := w.Given(t.Context(), "borrador"); err != nil {
		t.Fatal(err)
	}
	draft := newest(t, w)
	e2etest.At(t, w, "2026-12-23 05:00") // thirty days less four hours
	if r, err := w.App().Store.Record(t.Context(), draft); err != nil || r.State != "draft" {
		t.Fatalf("after thirty days but four hours it is %q, %v", r.State, err)
	}
	e2etest.At(t, w, "2026-12-24 05:00")
	if r, err := w.App().Store.Record(t.Context(), draft); (err == nil && r.State == "draft") || (err != nil && !errors.Is(err, desk.ErrNotFound)) {
		t.Errorf("after a month it is %q, %v", r.State, err)
	}
}

// newest is the record of the last event.
func newest(t *testing.T, w *world.World) string {
	t.Helper()
	events, err := w.App().Store.Log(t.Context(), 0, 10_000)
	if err != nil || len(events) == 0 {
		t.Fatal(err)
	}
	return events[len(events)-1].Record
}
