package telegram

import (
	"bytes"
	"encoding/json"
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core/es"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// sealed is a token of the length that real ones have.
func sealed(words string) string { return words + ".AAAAAAAAAAA" }

// deck are the cards that the golden files show.
var deck = map[string]card.Card{
	"por_liberar": {
		Story: es.Story{
			Title: "Por liberar · Paso 4 de 8", Head: "Solicitud número 000147/2026",
			Subject: "Adquisición de 20 computadoras de escritorio",
			Turn:    "Le toca a usted · Fecha sugerida: 25 de noviembre de 2026 (faltan 2 días hábiles)",
			Facts: []es.Fact{
				{Label: "Solicita", Value: "Lucía Herrera, Unidad de Informática"},
				{Label: "Renglones", Value: "2"},
				{Value: "Programa sectorial 2026: validado"},
			},
			Trail: []string{"23 nov 10:12 · Presentó Lucía Herrera", "23 nov 10:40 · Avisó el sistema"},
		},
		Rows: [][]card.Action{
			{
				{Label: "Liberar", Style: card.Primary, Token: sealed("release.r1.7."), Ask: sealed("ask:release.r1.7."), Confirm: &card.Confirm{Title: "¿Confirma la liberación?"}},
				{Label: "Devolver", Token: sealed("return.r1.7.")},
			},
			{{Label: "Ver anexos", URL: "https://sidem.example/v/abc"}, {Label: "Cancelar", Style: card.Danger, Token: sealed("cancel.r1.7.")}},
		},
	},
	"por_asignar": {
		Story: es.Story{Title: "Turnada, por asignar · Paso 6 de 8", Head: "Solicitud número 000147/2026", Turn: "Le toca a usted"},
		Select: &card.Select{Label: "¿A quién se asigna?", Options: []card.Action{
			{Label: "Mariana Ríos · 4 abiertas", Token: sealed("assign.r1.9.mr")},
			{Label: "Javier Peña · 7 abiertas", Token: sealed("assign.r1.9.jp")},
		}},
		Rows: [][]card.Action{{{Label: "Ver detalle", Token: sealed("show.r1.9.")}}},
	},
	"concluida": {
		Story: es.Story{
			Title: "Entregada", Head: "Solicitud número 000147/2026",
			Text: []string{"El dictamen se entregó el 9 de diciembre de 2026, 11:20 h, a Lucía Herrera.\nConcluyó el trámite.", "Gracias."},
		},
	},
	"hostil": {
		Story: es.Story{
			Title: "<b>Por liberar</b>", Head: "Solicitud\nnúmero\t000147/2026", Subject: "</b><a href=\"tg://user?id=1\">@todos</a> & \u202eoirausu\u202c",
			Facts: []es.Fact{{Label: "Correo", Value: "lucia@ejemplo.gob.mx"}, {Label: "Vacío", Value: " \u200b\u0000 "}},
			Text:  []string{"uno\n\n\n\nLe toca a otro\r\n</blockquote>", "\u2028\u2028"},
			Trail: []string{"<blockquote expandable>", strings.Repeat("x", 250)},
		},
		Rows: [][]card.Action{
			{{Label: "<b>\nLiberar</b> " + strings.Repeat("\U0001F600", 80), Token: "t"}, {Label: "muy largo", Token: strings.Repeat("t", 65)}},
			{{Label: "sin pregunta", Token: "t", Confirm: &card.Confirm{}}, {Label: "malo", URL: "javascript:alert(1)"}, {Label: " ", Token: "t"}},
		},
	},
	"vacia": {},
}

func TestGoldenCards(t *testing.T) {
	for name, c := range deck {
		m := render(c)
		var b bytes.Buffer
		b.WriteString(m.HTML + "\n\n--- plain\n" + m.Plain + "\n\n--- keyboard\n")
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(m.Keyboard); err != nil {
			t.Fatal(err)
		}
		b.WriteString("\n--- dropped\n" + strings.Join(m.Dropped, "\n") + "\n")
		file := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.MkdirAll("testdata", 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file) //nolint:gosec // a name of ours
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("%s (run with -update and read the diff):\n%s", name, diff)
		}
	}
}

var tag = regexp.MustCompile(`<[^>]*>`)

// cited is a quotation of what has blank lines or lines of its own.
var cited = regexp.MustCompile(`(?s)<blockquote>.*?</blockquote>`)

// shape is the structure of a message: its tags and its keyboard without words, and
// without what is in a quotation.
func shape(m message) string {
	var b strings.Builder
	b.WriteString(strings.Join(tag.FindAllString(cited.ReplaceAllString(m.HTML, ""), -1), ""))
	if m.Keyboard != nil {
		for _, row := range m.Keyboard.Rows {
			b.WriteByte('\n')
			for _, k := range row {
				b.WriteString("[" + k.Style + "|" + k.Data + "|" + k.URL + "]")
			}
		}
	}
	return b.String()
}

// judge fails where m is not what Telegram takes, whatever it was made of.
func judge(t *rapid.T, m message) {
	text := html.UnescapeString(tag.ReplaceAllString(m.HTML, ""))
	if text != m.Plain {
		t.Fatalf("plain and HTML differ:\n%q\n%q", text, m.Plain)
	}
	if n := len(utf16.Encode([]rune(text))); n < 1 || n > 4096 {
		t.Fatalf("%d units", n)
	}
	for _, r := range text {
		if r != '\n' && r != '\u2060' && r != '\u200d' && unicode.In(r, unicode.Cc, unicode.Cf) {
			t.Fatalf("%U in the text", r)
		}
	}
	if regexp.MustCompile(`(^|[^\pL\pN_])@[A-Za-z0-9_]`).MatchString(text) {
		t.Fatalf("a mention in %q", text)
	}
	if m.Keyboard == nil {
		return
	}
	count := 0
	for _, row := range m.Keyboard.Rows {
		if count += len(row); len(row) == 0 || len(row) > 8 {
			t.Fatalf("a row of %d", len(row))
		}
		for _, k := range row {
			if units(k.Text) < 1 || units(k.Text) > 60 || (k.Data == "") == (k.URL == "") || len(k.Data) > 64 {
				t.Fatalf("button %+v", k)
			}
		}
	}
	if count == 0 || count > 100 {
		t.Fatalf("%d buttons", count)
	}
}

// hostile draws what people and machines put into fields to break messages.
func hostile() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{
			"<b>", "</b>", "</blockquote>", "<a href='tg://user?id=1'>x</a>", "&lt;", "&amp;#60;", "@todos", " @sidem_bot ",
			"[x](http://evil.example)", "*_~`", "\u202eabc", "a\u0000b", "\u2066", "\n\n\nTítulo", "\u2028\u2029", "\xff\xfe", "\U0001F468\u200d\U0001F469",
		}),
		rapid.Custom(func(t *rapid.T) string {
			return strings.Repeat(rapid.SampledFrom([]string{"x", "<", "&", "ñ", "\U0001F600", "a ", "@a ", "\n.", "\u202ex"}).Draw(t, "unit"),
				rapid.IntRange(1, 10000).Draw(t, "times"))
		}),
	)
}

// spoil replaces one field's words, leaving at least one visible character, and
// returns the card with everything else as it was.
func spoil(t *rapid.T, c card.Card) card.Card {
	evil := "x" + hostile().Draw(t, "words")
	c.Facts, c.Text, c.Trail = append([]es.Fact(nil), c.Facts...), append([]string(nil), c.Text...), append([]string(nil), c.Trail...)
	fields := []*string{&c.Title, &c.Head, &c.Subject, &c.Turn}
	for i := range c.Facts {
		fields = append(fields, &c.Facts[i].Label, &c.Facts[i].Value)
	}
	for i := range c.Text {
		fields = append(fields, &c.Text[i])
	}
	for i := range c.Trail {
		fields = append(fields, &c.Trail[i])
	}
	for range rapid.IntRange(1, len(fields)).Draw(t, "how many") {
		*fields[rapid.IntRange(0, len(fields)-1).Draw(t, "field")] = evil
	}
	return c
}

func benign() card.Card {
	c := deck["por_liberar"]
	c.Text = []string{"El primer párrafo.", "El segundo."}
	c.Select = &card.Select{Label: "¿A quién?", Options: []card.Action{{Label: "Mariana", Token: "a"}, {Label: "Javier", Token: "b"}}}
	return c
}

func TestWhatASpokenTextHasOfLinesIsShown(t *testing.T) {
	const long = "Se requiere por:\n\n  1. Antigüedad,\n     con más de ocho años.\n\n\n  2. Falta de\tsoporte.  \n"
	const shown = "Se requiere por:\n\n  1. Antigüedad,\n     con más de ocho años.\n\n\n  2. Falta de    soporte."
	m := render(card.Card{Story: es.Story{
		Title: "x", Head: long, Facts: []es.Fact{{Label: "Nombre", Value: long}, {Label: "Justificación", Value: long, Long: true}}, Text: []string{long, "uno\n  dos"},
	}})
	folded := strings.Join(strings.Fields(long), " ")
	want := "x\n" + folded + "\nNombre: " + folded + "\nJustificación:\n" + shown + "\n\n" + shown + "\n\nuno\n  dos"
	if m.Plain != want {
		t.Error(cmp.Diff(want, m.Plain))
	}
	if got := cited.FindAllString(m.HTML, -1); len(got) != 2 || got[0] != "<blockquote>"+shown+"</blockquote>" || got[1] != got[0] {
		t.Errorf("quotations: %q", got)
	}
}

func TestHostileTextLeavesTheStructureUnchanged(t *testing.T) {
	want := shape(render(benign()))
	rapid.Check(t, func(t *rapid.T) {
		m := render(spoil(t, benign()))
		judge(t, m)
		blank := func(m message) int { return strings.Count(cited.ReplaceAllString(m.HTML, "»"), "\n\n") }
		if diff := cmp.Diff(want, shape(m)); diff != "" || blank(m) > blank(render(benign())) {
			t.Fatalf("%s\n%q", diff, m.HTML)
		}
	})
}

func TestAnyCardAtAllIsWithinTheLimits(t *testing.T) {
	texts := rapid.SliceOfN(hostile(), 0, 12)
	action := rapid.Custom(func(t *rapid.T) card.Action {
		a := card.Action{Label: hostile().Draw(t, "label"), Token: rapid.StringN(0, 70, 70).Draw(t, "token"), Style: card.Style(rapid.SampledFrom([]string{"", "primary", "danger", "success"}).Draw(t, "style"))}
		if rapid.Bool().Draw(t, "link") {
			a.URL = rapid.OneOf(rapid.Just("https://sidem.example/v/1"), hostile()).Draw(t, "url")
		}
		if rapid.Bool().Draw(t, "asks") {
			a.Confirm, a.Ask = &card.Confirm{}, rapid.StringN(0, 70, 70).Draw(t, "ask")
		}
		return a
	})
	rapid.Check(t, func(t *rapid.T) {
		c := card.Card{Story: es.Story{
			Title: hostile().Draw(t, "title"), Head: hostile().Draw(t, "head"), Subject: hostile().Draw(t, "subject"), Turn: hostile().Draw(t, "turn"),
			Text: texts.Draw(t, "text"), Trail: texts.Draw(t, "trail"),
		}}
		for _, v := range texts.Draw(t, "facts") {
			c.Facts = append(c.Facts, es.Fact{Label: v, Value: v})
		}
		c.Rows = rapid.SliceOfN(rapid.SliceOfN(action, 0, 12), 0, 15).Draw(t, "rows")
		c.Select = &card.Select{Label: hostile().Draw(t, "choice"), Options: rapid.SliceOfN(action, 0, 30).Draw(t, "options")}
		judge(t, render(c))
	})
}

func TestTheTrailIsCutBeforeTheText(t *testing.T) {
	c := card.Card{Story: es.Story{
		Title: "T", Text: []string{strings.Repeat("a", 3500)}, Trail: []string{strings.Repeat("b", 150), strings.Repeat("c", 190), strings.Repeat("d", 190), strings.Repeat("e", 190)},
	}}
	m := render(c)
	if !strings.Contains(m.Plain, strings.Repeat("a", 3500)) {
		t.Error("the text was cut though the trail could be")
	}
	if !strings.HasSuffix(m.Plain, "…") || strings.Contains(m.Plain, strings.Repeat("e", 190)) {
		t.Error("the trail was not cut")
	}
	c.Text[0] = strings.Repeat("a", 9000)
	if m = render(c); !strings.Contains(m.Plain, "a…\nb") || units(m.Plain) > 4096 {
		t.Error("the text was not cut in favour of what the trail keeps")
	}
}

func TestACutNeverSplitsACharacter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := hostile().Draw(t, "s")
		n := rapid.IntRange(0, 50).Draw(t, "n")
		got := cut(strings.ToValidUTF8(s, "?"), n)
		if units(got) > n || strings.ContainsRune(got, '\ufffd') && !strings.ContainsRune(s, '\ufffd') {
			t.Fatalf("cut(%q, %d) = %q", s, n, got)
		}
	})
}

func TestAHundredButtonsKeepTheActionsBeforeTheOptions(t *testing.T) {
	c := card.Card{Select: &card.Select{}, Rows: [][]card.Action{{{Label: "Regresar", Token: "back"}}}}
	for range 150 {
		c.Select.Options = append(c.Select.Options, card.Action{Label: "o", Token: "o"})
	}
	rows := render(c).Keyboard.Rows
	if len(rows) != 100 || rows[99][0].Data != "back" {
		t.Errorf("%d rows, the last is %+v", len(rows), rows[len(rows)-1])
	}
}
