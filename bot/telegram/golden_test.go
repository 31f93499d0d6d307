package telegram

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/card/cardtest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/core"
)

// Making them takes a second: once for all tests.
var (
	scenes = sync.OnceValue(cardtest.Scenes)
	forms  = sync.OnceValue(cardtest.Forms)
)

// drawn is a message as the golden files show it: HTML, plain text, buttons.
func drawn(t *testing.T, m message) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(m.HTML + "\n--- plain\n" + m.Plain + "\n--- keyboard\n")
	if m.Keyboard != nil {
		for _, row := range m.Keyboard.Rows {
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(m.Dropped) > 0 {
		t.Errorf("buttons were left out: %q", m.Dropped)
	}
	return b.String()
}

func TestEveryCardIsDrawnAsItsGoldenFileSays(t *testing.T) {
	type view struct {
		users []string
		text  string
	}
	files := map[string][]view{}
	for _, c := range scenes() {
		path := filepath.Join("testdata", "cards", string(c.Kind), strings.ReplaceAll(c.Stage, "/", "_")+".golden")
		text := drawn(t, render(c.Card()))
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
		golden(t, path, b.String())
	}
	on, err := filepath.Glob("testdata/cards/*/*.golden")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range on {
		if files[path] != nil {
			continue
		}
		if !*update {
			t.Errorf("%s: nothing draws it", path)
		} else if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEveryQuestionIsDrawnAsItsGoldenFileSays(t *testing.T) {
	var b strings.Builder
	for _, f := range forms() {
		for i := range f.Form.Questions {
			fmt.Fprintf(&b, "=== %s %d\n%s\n", f.Name, i+1, drawn(t, render(f.Asked(i))))
		}
	}
	golden(t, filepath.Join("testdata", "questions.golden"), b.String())
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
	want, err := os.ReadFile(path) //nolint:gosec // a name of ours
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (run with -update and read the diff):\n%s", path, diff)
	}
}

// structure is a message as Telegram understood it, without its words and what is in a
// quotation.
func structure(m telegramtest.Message) string {
	var b strings.Builder
	for _, e := range m.Entities {
		if e.Type != "blockquote" {
			b.WriteString(e.Type + " ")
		}
	}
	for _, row := range m.Buttons {
		b.WriteByte('\n')
		for _, k := range row {
			fmt.Fprintf(&b, "[%s|%s|%s]", k.Style, k.Data, k.URL)
		}
	}
	return b.String()
}

// paragraphs are how many blank lines a message has outside of quotations.
func paragraphs(m telegramtest.Message) int {
	units, ours, at := utf16.Encode([]rune(m.Text)), "", 0
	for _, e := range m.Entities {
		if e.Type == "blockquote" {
			ours += string(utf16.Decode(units[at:e.Offset])) + "»"
			at = e.Offset + e.Length
		}
	}
	return strings.Count(ours+string(utf16.Decode(units[at:])), "\n\n")
}

func TestTelegramTakesEveryCardAndHostileWordsChangeNothingOfItsStructure(t *testing.T) {
	srv, tg, log := open(t, telegramtest.Options{})
	p := srv.Person(7001, "Lucía", "")
	p.Start("")
	shown := func(name string, c card.Card) telegramtest.Message {
		if _, err := tg.Post(t.Context(), "7001", c, card.Ref{}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		screen := p.Screen()
		return screen[len(screen)-1]
	}
	n, alike := 0, map[string]bool{}
	for _, c := range scenes() {
		key := string(c.Kind) + c.Stage + drawn(t, render(c.Card()))
		if alike[key] { // somebody else sees the same
			continue
		}
		alike[key] = true
		benign := shown(c.Name, c.Card())
		hostile := shown(c.Name+" (hostile)", card.Of(cardtest.Hostile(c.Scene), cardtest.Seal))
		if diff := cmp.Diff(structure(benign), structure(hostile)); diff != "" || paragraphs(hostile) > paragraphs(benign) {
			t.Errorf("%s (-benign +hostile):\n%s\nparagraphs: %d, %d", c.Name, diff, paragraphs(benign), paragraphs(hostile))
		}
		n++
	}
	asked := map[core.Field]bool{} // a field asks alike in every form
	for _, f := range forms() {
		for i, q := range f.Form.Questions {
			if asked[q.Field] {
				continue
			}
			asked[q.Field] = true
			plain, spoiled := f, f
			plain.Form.Questions = slices.Clone(f.Form.Questions)
			plain.Form.Questions[i].Value = "x"
			benign := shown(f.Name, plain.Asked(i))
			spoiled.Form.Title, spoiled.Form.Intro = cardtest.Nasty, []string{cardtest.Nasty}
			spoiled.Form.Questions = slices.Clone(f.Form.Questions)
			q.Label, q.Hint, q.Value = cardtest.Nasty, cardtest.Nasty, cardtest.Nasty
			q.Options = slices.Clone(q.Options)
			for j := range q.Options {
				q.Options[j].Label = cardtest.Nasty
			}
			spoiled.Form.Questions[i] = q
			hostile := shown(f.Name+" (hostile)", spoiled.Asked(i))
			if diff := cmp.Diff(structure(benign), structure(hostile)); diff != "" || paragraphs(hostile) > paragraphs(benign) {
				t.Errorf("%s %d (-benign +hostile):\n%s\nparagraphs: %d, %d", f.Name, i+1, diff, paragraphs(benign), paragraphs(hostile))
			}
			n++
		}
	}
	if n < 100 {
		t.Errorf("only %d messages were compared", n)
	}
	if strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("markup was refused, or buttons were left out:\n%s", log)
	}
}

func TestAMenuIsOneButtonAfterTheRows(t *testing.T) {
	c := simple("Asignada a usted")
	c.Menu = &card.Menu{Label: "Más opciones", Token: "menu", Actions: []card.Action{{Label: "Bitácora", Token: "trail"}}}
	rows := render(c).Keyboard.Rows
	if diff := cmp.Diff([][]button{{{Text: "Liberar", Style: "primary", Data: "t1"}}, {{Text: "Más opciones", Data: "menu"}}}, rows); diff != "" {
		t.Error(diff)
	}
	c.Menu.Actions = nil
	if rows := render(c).Keyboard.Rows; len(rows) != 1 {
		t.Errorf("an empty menu is drawn: %+v", rows)
	}
}
