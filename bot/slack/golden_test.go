package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	api "github.com/slack-go/slack"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/card/cardtest"
	"sidem.gob.mx/sidem/core"
)

// Making them takes a second: once for all tests.
var (
	scenes = sync.OnceValue(cardtest.Scenes)
	forms  = sync.OnceValue(cardtest.Forms)
)

// lines are values as JSON, one a line.
func lines[T any](t *testing.T, list []T) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, v := range list {
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// textGolden compares got with a golden file of text.
func textGolden(t *testing.T, path, got string) {
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
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestEveryCardIsDrawnAsItsGoldenFileSays(t *testing.T) {
	type view struct {
		users []string
		text  string
	}
	files := map[string][]view{}
	for _, c := range scenes() {
		m := render(c.Card())
		if len(m.Dropped) > 0 {
			t.Errorf("%s: buttons were left out: %q", c.Name, m.Dropped)
		}
		path := filepath.Join("testdata", "cards", string(c.Kind), strings.ReplaceAll(c.Stage, "/", "_")+".golden")
		text := m.Text + "\n" + lines(t, m.Blocks)
		views := files[path]
		if i := slices.IndexFunc(views, func(v view) bool { return v.text == text }); i >= 0 {
			views[i].users = append(views[i].users, c.User)
		} else {
			views = append(views, view{[]string{c.User}, text})
		}
		files[path] = views
	}
	if len(files) < 30 {
		t.Fatalf("only %d stages are drawn", len(files))
	}
	for path, views := range files {
		var b strings.Builder
		for _, v := range views {
			fmt.Fprintf(&b, "=== %s\n%s\n", strings.Join(v.users, ", "), v.text)
		}
		textGolden(t, path, b.String())
	}
	on, err := filepath.Glob("testdata/cards/*/*.golden")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range on {
		if files[path] == nil {
			if !*update {
				t.Errorf("%s: nothing draws it", path)
			} else if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestEveryFormIsDrawnAsItsGoldenFileSays(t *testing.T) {
	var b strings.Builder
	for _, f := range forms() {
		v := modal(f.Whole(), false)
		fmt.Fprintf(&b, "=== %s\n%s · %s · %s\n%s\n", f.Name, v.Title.Text, v.Submit.Text, v.Close.Text, lines(t, v.Blocks.BlockSet))
	}
	textGolden(t, filepath.Join("testdata", "forms.golden"), b.String())
}

func TestSlackTakesEveryCardAndEveryFormHostileOrNot(t *testing.T) {
	next := make(chan card.Form, 1)
	st := perform(t, "socket", func(context.Context, bot.Input) bot.Reply {
		f := <-next
		return bot.Reply{Form: &f}
	})
	for _, c := range scenes() {
		for _, drawn := range []card.Card{c.Card(), card.Of(cardtest.Hostile(c.Scene), cardtest.Seal)} {
			if _, err := st.slack.Post(t.Context(), "U00000001", drawn, card.Ref{}); err != nil {
				t.Errorf("%s: %v", c.Name, err)
			}
		}
	}
	ref := st.post(titled("x", opens))
	for _, f := range forms() {
		nasty := f
		bad := &nasty.Form
		bad.Title, bad.Submit, bad.Intro = cardtest.Nasty, cardtest.Nasty, []string{cardtest.Nasty, cardtest.Nasty}
		bad.Questions = slices.Clone(bad.Questions)
		for i := range bad.Questions {
			q := &bad.Questions[i]
			q.Label, q.Hint, q.Value = cardtest.Nasty, cardtest.Nasty, cardtest.Nasty
			q.Options = slices.Clone(q.Options)
			for j := range q.Options {
				q.Options[j].Label = cardtest.Nasty
			}
		}
		for _, form := range []card.Form{f.Whole(), nasty.Whole()} {
			next <- form
			st.press(ref)
			controls := slices.DeleteFunc(slices.Clone(form.Questions), func(q card.Question) bool {
				return q.Held != "" && q.Spec.Type != core.TypeLines
			})
			for _, q := range controls {
				if q.Spec.Type == core.TypeLines && q.Held == "" {
					controls = append(controls, q) // a spreadsheet may take its place
				}
			}
			st.until(func() bool { m := st.lucia.Modal(); return m != nil && len(m.Labels) == len(controls) })
			st.lucia.CloseModal()
		}
	}
}

// TestNoFieldOfACardChangesItsStructure holds each card against the same one with
// hostile words in everything that a person may have typed: the same blocks in the
// same order, with the same buttons. Words of 10,000 characters may cost what a
// card shows last: paragraphs and the trail.
func TestNoFieldOfACardChangesItsStructure(t *testing.T) {
	for _, c := range scenes() {
		good := render(c.Card())
		bad := render(card.Of(cardtest.Hostile(c.Scene), cardtest.Seal))
		if diff := cmp.Diff(controlsOf(t, good), controlsOf(t, bad)); diff != "" {
			t.Errorf("%s: controls (-benign +hostile):\n%s", c.Name, diff)
		}
		if !subsequence(kinds(bad), kinds(good)) {
			t.Errorf("%s: %v, benign %v", c.Name, kinds(bad), kinds(good))
		}
		raw := lines(t, bad.Blocks)
		if strings.Contains(raw, "mrkdwn") || strings.Contains(raw, `"emoji":true`) || strings.ContainsAny(bad.Text, "<>\n\u202e") {
			t.Errorf("%s: markup: %s %s", c.Name, bad.Text, raw)
		}
	}
}

// controlsOf are a message's buttons and menus, without their labels.
func controlsOf(t *testing.T, m message) []string {
	t.Helper()
	var out []string
	for _, b := range m.Blocks {
		if a, ok := b.(*api.ActionBlock); ok {
			out = append(out, structure(t, a))
		}
	}
	return out
}

func kinds(m message) []string {
	var out []string
	for _, b := range m.Blocks {
		out = append(out, string(b.BlockType()))
	}
	return out
}

// subsequence reports whether some is all but some of what list has, in its order.
func subsequence(some, list []string) bool {
	for _, s := range list {
		if len(some) > 0 && some[0] == s {
			some = some[1:]
		}
	}
	return len(some) == 0
}
