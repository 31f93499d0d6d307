//go:build e2e

package browser

import (
	_ "embed"
	"maps"
	"slices"
	"testing"
)

// controlsJS takes note of every control that a page shows, and of those that a
// visitor uses.
//
//go:embed testdata/controls.js
var controlsJS string

// shownControls and usedControls are those of all visits so far, by name.
var shownControls, usedControls = map[string]bool{}, map[string]bool{}

// gather takes over what a visit has noted.
func (v *visitor) gather() {
	noted, err := eval[struct{ Shown, Used []string }](v, `window.controls()`)
	if err != nil {
		v.t.Errorf("what was used: %v", err)
	}
	for _, c := range noted.Shown {
		shownControls[c] = true
	}
	for _, c := range noted.Used {
		usedControls[c] = true
	}
}

// It is the last of the tests of the page, and needs the others: make browser.
func TestInABrowserEveryControlThatAPageShowedWasUsed(t *testing.T) {
	if len(shownControls) < 60 {
		t.Fatalf("only %d controls were seen: run all the tests of the page (make browser)", len(shownControls))
	}
	for _, c := range slices.Sorted(maps.Keys(shownControls)) {
		if !usedControls[c] {
			t.Errorf("never used: %s", c)
		}
	}
	t.Logf("%d controls", len(shownControls))
}
