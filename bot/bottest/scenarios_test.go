package bottest_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/bottest"
)

// What comes true in one year only: the number of a request, and a written date.
var dated = regexp.MustCompile(`\b\d{6}/20\d{2}\b|\b\d{1,2} de \pL+ de 20\d{2}\b`)

// The day of a story that does not fall on whichever day it is told.
var ofItsOwn = regexp.MustCompile(`^20\d{2}-`)

// The number that errors give as an example is the same on every day.
const example = "000147/2026"

func TestAStoryThatNamesAYearSaysOnWhichDayItBegins(t *testing.T) {
	named := 0
	for _, name := range bottest.Names() {
		lines, err := bottest.Scenario(name)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(lines, func(l bottest.Line) bool {
			return dated.MatchString(strings.ReplaceAll(l.Text, example, ""))
		})
		if i < 0 {
			continue
		}
		named++
		today := slices.IndexFunc(lines, func(l bottest.Line) bool { return l.Kind == bottest.Today })
		if today < 0 || !ofItsOwn.MatchString(lines[today].Arg) {
			t.Errorf("%s, line %d: %q comes true in one year only: the story needs a line “hoy: …”", name, lines[i].N, lines[i].Text)
		}
	}
	if named == 0 {
		t.Error("no story names a year: nothing was judged")
	}
}

func TestWhoAsksForAStoryThatThereIsNotIsToldWhichThereAre(t *testing.T) {
	_, err := bottest.Scenario("no_existe")
	if err == nil || !strings.Contains(err.Error(), "no_existe") {
		t.Fatalf("it is %v", err)
	}
	for _, name := range bottest.Names() {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}
