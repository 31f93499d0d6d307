package cardtest_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/card/cardtest"
	"sidem.gob.mx/sidem/core"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestEveryCardReadsAsItsGoldenFileSays(t *testing.T) {
	files := map[string][]view{}
	for _, c := range cardtest.Scenes() {
		path := filepath.Join("testdata", string(c.Kind), c.Stage+".golden")
		files[path] = seenBy(files[path], c.User, drawn(c.Card()))
	}
	if len(files) < 30 {
		t.Fatalf("only %d stages are drawn", len(files))
	}
	for path, views := range files {
		var b strings.Builder
		for _, v := range views {
			fmt.Fprintf(&b, "=== %s\n%s\n", strings.Join(v.users, ", "), v.text)
		}
		golden(t, path, b.String())
	}
	stale(t, files)
}

// view is what some people see alike.
type view struct {
	users []string
	text  string
}

func seenBy(views []view, user, text string) []view {
	for i := range views {
		if views[i].text == text {
			views[i].users = append(views[i].users, user)
			return views
		}
	}
	return append(views, view{[]string{user}, text})
}

func TestEveryFormAsksAsItsGoldenFileSays(t *testing.T) {
	var b strings.Builder
	for _, c := range cardtest.Forms() {
		fmt.Fprintf(&b, "=== %s\n%s\n", c.Name, form(c.Whole()))
	}
	golden(t, "testdata/forms.golden", b.String())
}

func TestEveryStateOfEveryKindIsSeenBySomebody(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range cardtest.Scenes() {
		seen[string(c.Kind)+string(c.Scene.Record.State)] = true
	}
	for _, lc := range core.Lifecycles {
		for _, s := range lc.States {
			if !seen[string(lc.Kind)+string(s)] {
				t.Errorf("no scene of a %s in state %s", lc.Kind, s)
			}
		}
	}
}

func TestEveryRowThatAsksHasAForm(t *testing.T) {
	forms := cardtest.Forms()
	for _, lc := range core.Lifecycles {
		for _, row := range lc.Rows {
			asks := slices.DeleteFunc(slices.Concat(row.Needs, row.Asks), func(f core.Field) bool { return f == core.FieldObservation }) // its button brings it
			if len(asks) == 0 || row.Quiet && !slices.Contains(row.From, core.None) || slices.Contains(row.By, core.RoleSystem) {
				continue
			}
			if !slices.ContainsFunc(forms, func(f cardtest.FormCase) bool {
				return f.Verb == row.Verb && strings.HasPrefix(f.Name, string(lc.Kind)+"/")
			}) {
				t.Errorf("%s %s asks and has no form", lc.Kind, row.Verb)
			}
		}
	}
}

func TestACardHasOnePrimaryAtMostAndTokensThatFit(t *testing.T) {
	for _, c := range cardtest.Scenes() {
		primary := 0
		for _, a := range actions(c.Card()) {
			if a.Style == card.Primary {
				primary++
			}
			if len(a.Token) > card.MaxToken || len(a.Ask) > card.MaxToken || a.Label == "" {
				t.Errorf("%s: %+v", c.Name, a)
			}
		}
		if primary > 1 {
			t.Errorf("%s has %d primary buttons", c.Name, primary)
		}
	}
}

func TestHostileScenesOfferTheSameActs(t *testing.T) {
	for _, c := range cardtest.Scenes() {
		want, got := c.Card(), card.Of(cardtest.Hostile(c.Scene), cardtest.Seal)
		a, b := actions(want), actions(got)
		if len(a) != len(b) {
			t.Errorf("%s: %d acts, %d in hostile words", c.Name, len(a), len(b))
			continue
		}
		for i := range a {
			if a[i].Token != b[i].Token || a[i].Style != b[i].Style {
				t.Errorf("%s: act %d is %+v, in hostile words %+v", c.Name, i, a[i], b[i])
			}
		}
	}
}

func actions(c card.Card) []card.Action {
	out := slices.Concat(c.Rows...)
	if c.Select != nil {
		out = append(out, c.Select.Options...)
	}
	if c.Menu != nil {
		out = append(out, c.Menu.Actions...)
	}
	return out
}

// drawn is a card as text: what it says, then its buttons by weight.
func drawn(c card.Card) string {
	var b strings.Builder
	line := func(s string) {
		if s != "" {
			b.WriteString(s + "\n")
		}
	}
	line(c.Title)
	line(c.Head)
	line(c.Subject)
	line(c.Turn)
	for _, f := range c.Facts {
		line(f.Label + ": " + f.Value)
	}
	for _, s := range c.Text {
		line("» " + strings.ReplaceAll(s, "\n", "\n  "))
	}
	for _, s := range c.Trail {
		line("· " + s)
	}
	if c.Select != nil {
		line("elegir: " + c.Select.Label)
		for _, a := range c.Select.Options {
			line("  " + action(a))
		}
	}
	for _, row := range c.Rows {
		var labels []string
		for _, a := range row {
			labels = append(labels, action(a))
		}
		line(strings.Join(labels, " "))
	}
	if c.Menu != nil {
		var labels []string
		for _, a := range c.Menu.Actions {
			labels = append(labels, action(a))
		}
		line("(⋯ " + c.Menu.Label + ": " + strings.Join(labels, " ") + ")")
	}
	return b.String()
}

func action(a card.Action) string {
	label := a.Label
	if a.Confirm != nil {
		label += " ¿" + strings.Trim(a.Confirm.Text, "¿?") + "?"
	}
	if a.Opens {
		label += "…"
	}
	switch a.Style {
	case card.Primary:
		return "[[ " + label + " ]]"
	case card.Danger:
		return "{ " + label + " }"
	case card.Plain:
	}
	return "[ " + label + " ]"
}

func form(f card.Form) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s · %s\n", f.Title, f.Submit)
	for _, s := range f.Intro {
		fmt.Fprintf(&b, "» %s\n", s)
	}
	for _, q := range f.Questions {
		mark := ""
		if !q.Required {
			mark = " (opcional)"
		}
		fmt.Fprintf(&b, "%s%s <%s>\n", q.Label, mark, q.Spec.Type)
		if q.Hint != "" {
			fmt.Fprintf(&b, "  %s\n", q.Hint)
		}
		if q.Value != "" {
			fmt.Fprintf(&b, "  = %s\n", strings.ReplaceAll(q.Value, "\n", "\n    "))
		}
		for _, o := range q.Options {
			fmt.Fprintf(&b, "  - %s (%s)\n", o.Label, o.Value)
		}
	}
	return b.String()
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), rewrite it with -update:\n%s", path, diff)
	}
}

// stale fails on golden files that nothing draws any more.
func stale(t *testing.T, files map[string][]view) {
	t.Helper()
	on, err := filepath.Glob("testdata/*/*.golden")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range on {
		if files[path] != nil {
			continue
		}
		if *update {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			continue
		}
		t.Errorf("%s: nothing draws it", path)
	}
}
