package cardtest_test

import (
	"fmt"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/card/cardtest"
	"sidem.gob.mx/sidem/core"
)

func TestEveryNoteIsSaidSomewhereAsItsGoldenFileSays(t *testing.T) {
	var b strings.Builder
	said := map[core.Note]bool{}
	for _, c := range cardtest.Scenes() {
		for _, n := range core.Notes {
			drawn, ok := card.NoteOf(c.Scene, n)
			if !ok || said[n] {
				continue
			}
			said[n] = true
			fmt.Fprintf(&b, "=== %s · %s\n%s\n", n, c.Name, drawnNote(drawn))
		}
	}
	for _, n := range core.Notes {
		if !said[n] {
			t.Errorf("no scene says the note %s", n)
		}
	}
	golden(t, "testdata/notes.golden", b.String())
}

func drawnNote(c card.Card) string { return drawn(c) }
