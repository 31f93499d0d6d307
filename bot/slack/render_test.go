package slack

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	api "github.com/slack-go/slack"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares v as JSON with testdata/name.json.
func golden(t *testing.T, name string, v any) {
	t.Helper()
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path) //nolint:gosec // of testdata
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// Cards as the design shows them.
var cards = map[string]card.Card{
	"liberar": {
		Story: es.Story{
			Title: "Por liberar · Paso 4 de 8", Head: "Solicitud número 000147/2026", Subject: "Adquisición de 20 computadoras de escritorio",
			Turn:  "Le toca a usted · Fecha sugerida: 25 de noviembre de 2026 (faltan 2 días hábiles)",
			Facts: []es.Fact{{Label: "Solicita", Value: "Lucía Herrera, Unidad de Informática"}, {Label: "Renglones", Value: "2"}, {Label: "Programa sectorial 2026", Value: "validado"}},
			Trail: []string{"23 de noviembre de 2026, 10:05 h · Presentó Lucía Herrera"},
		},
		Rows: [][]card.Action{
			{
				{Label: "Liberar", Style: card.Primary, Token: "release.r1.3..mac", Ask: "?release.r1.3..mac", Confirm: &card.Confirm{Title: "Liberar", Text: "¿Confirma la liberación?", Yes: "Sí, liberar", No: "Regresar"}},
				{Label: "Devolver", Token: "return.r1.3..mac"},
			},
			{
				{Label: "Cancelar", Style: card.Danger, Token: "cancel.r1.3..mac", Confirm: &card.Confirm{Title: "Cancelar", Text: "¿Confirma?", Yes: "Sí, cancelar", No: "Regresar"}},
				{Label: "Ver anexos", URL: "https://sidem.ejemplo.gob.mx/v/147"},
			},
		},
	},
	"turnada": {
		Story: es.Story{
			Title: "Turnada, por asignar · Paso 6 de 8", Head: "Solicitud número 000147/2026", Subject: "Adquisición de 20 computadoras de escritorio",
			Turn: "Le toca a usted", Facts: []es.Fact{{Label: "Acuse", Value: "24 de noviembre de 2026, 10:05 h, folio OP-2231"}},
		},
		Select: &card.Select{Label: "Asignar", Options: []card.Action{
			{Label: "Mariana Ríos · 4 abiertas", Token: "a1"}, {Label: "Javier Peña · 7 abiertas", Token: "a2"},
		}},
	},
	"recoger": {
		Story: es.Story{
			Title: "Listo para recoger · Paso 8 de 8", Head: "Solicitud número 000147/2026 · Dictamen DT-0093/2026",
			Text: []string{"El dictamen técnico fue aprobado. Acuda personalmente a recogerlo.", "Lleve identificación oficial y su código de entrega: 483 920."},
		},
	},
	"lista": {
		Story: es.Story{Title: "Tiene 2 pendientes", Text: []string{"000147/2026 · Computadoras · Por liberar", "000148/2026 · Servidores · Por liberar"}},
		Rows:  [][]card.Action{{{Label: "000147/2026", Token: "o1"}}, {{Label: "000148/2026", Token: "o2"}}},
	},
	"aviso":   {Story: es.Story{Text: []string{"Ya la liberó Elena Cruz hoy a las 10:42 h, en suplencia. No necesita hacer nada."}}},
	"hostil":  {Story: es.Story{Title: "*Por* liberar <!channel>", Head: "a_b@c.mx & <@U1>", Subject: "\u202e:smile: @here `x`\x00\nb", Facts: []es.Fact{{Label: "*A*", Value: "<https://x|y>"}}}},
	"nada":    {},
	"anexos":  {Story: es.Story{Title: "Anexos"}, Rows: [][]card.Action{{{Label: "sin ficha"}, {Label: "mala", URL: "javascript:alert(1)"}, {Label: "", Token: "t"}}}},
	"pausada": {Story: es.Story{Title: "Con observaciones · Paso 7 de 8", Text: []string{"Observación 1 · Anexos. La cotización está vencida.\n\nEntregue: otra."}, Trail: []string{"1", "2", "3", "4", "5", "6", "7"}}},
}

func TestCardsAreDrawnAsTheGoldenFilesShow(t *testing.T) {
	for name, c := range cards {
		t.Run(name, func(t *testing.T) { golden(t, name, render(c)) })
	}
}

// everyType has a question of every type.
var everyType = card.Form{
	Token: "t", Title: "Registrar oficio", Submit: "Enviar", Intro: []string{"Solicitud número 000147/2026"},
	Questions: []card.Question{
		ask(core.FieldLetterNumber, "Número del oficio", "IE/ST/0412/2026", true),
		ask(core.FieldJustification, "Justificación", "", true),
		ask(core.FieldLetterDate, "Fecha del oficio", "2026-11-23", true),
		ask(core.FieldReceivedTime, "Hora", "10:05", false),
		ask(core.FieldAmount, "Importe", "1250000.00", true),
		ask(core.FieldBudgetLine, "Partida", "5151", true),
		ask(core.FieldOutcome, "Sentido", core.Favorable, true, core.Favorable, core.Unfavorable),
		ask(core.FieldExecutive, "Ejecutivo", "", true, "a1", "a2"),
		ask(core.FieldChannels, "Canales", "slack,email", false, "telegram", "slack", "email"),
		ask(core.FieldItems, "Renglones", "20 pieza de computadora", true),
		ask(core.FieldFiles, "Anexos", "", false),
		ask(core.FieldHead, "Jefatura", "", true),
	},
}

func ask(f core.Field, label, value string, required bool, options ...string) card.Question {
	q := card.Question{Field: f, Spec: core.Specs[f], Label: label, Hint: "Por ejemplo: así", Value: value, Required: required}
	for _, o := range options {
		q.Options = append(q.Options, card.Option{Label: "Opción " + o, Value: o})
	}
	return q
}

func TestAFormIsDrawnAsTheGoldenFileShows(t *testing.T) { golden(t, "form", modal(everyType, false)) }

func TestAnInitialValueThatSlackWouldRefuseIsLeftOut(t *testing.T) {
	f := card.Form{Token: "t", Title: "x", Questions: []card.Question{
		ask(core.FieldLetterDate, "Fecha", "23/11/2026", true), ask(core.FieldReceivedTime, "Hora", "25:00", true),
		ask(core.FieldOutcome, "Sentido", "otro", true, core.Favorable),
		ask(core.FieldChannels, "Canales", "fax,slack,slack", true, "slack"),
	}}
	raw, err := json.Marshal(modal(f, false))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(raw); strings.Contains(got, "initial_date") || strings.Contains(got, "initial_time") ||
		strings.Contains(got, "initial_value") || strings.Contains(got, `"initial_option":`) || strings.Count(got, `"initial_options"`) != 1 {
		t.Error(got)
	}
}

func TestALongTextKeepsItsLinesAndAShortOneIsOneLine(t *testing.T) {
	const long = "Se requiere por:\n\n  1. Antigüedad,\n     con más de ocho años."
	m := render(card.Card{Story: es.Story{Head: long, Facts: []es.Fact{{Label: "Nombre", Value: long}, {Label: "Justificación", Value: long, Long: true}}, Text: []string{long}}})
	raw, err := json.Marshal(m.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	encoded := func(s string) string { b, _ := json.Marshal(s); return string(b) } // a string always encodes
	folded := strings.Join(strings.Fields(long), " ")
	for _, want := range []string{folded, "Nombre: " + folded, "Justificación:\n" + long, long} {
		if !strings.Contains(string(raw), `"text":`+encoded(want)) {
			t.Errorf("no %q in %s", want, raw)
		}
	}
}

func TestWhatIsTooShortToBeTakenIsShownToBeMended(t *testing.T) {
	e := write(ask(core.FieldJustification, "Justificación", "corta", true))
	if got := e.(*api.PlainTextInputBlockElement); got.InitialValue != "corta" || got.MinLength > 5 {
		t.Errorf("%+v", got)
	}
}

// hostile is text that tries to be something else. It never is blank.
func hostile() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{
		"<!channel>", "<@U123>", "<https://x|y>", "&lt;", "&", "*", "_x_", "~", "`", "```", ":smile:", "@here", "\u202e", "\u200b", "\x00", "\n\n",
		"> ", "• ", "- ", "1. ", "\"", "\\", "{", "}", "\U0001f469\u200d\U0001f680", "\xff", "ñ", "á", " ", "texto",
	})
	return rapid.Custom(func(t *rapid.T) string {
		return "a" + strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), "") + "z"
	})
}

// drawn is a card and its twin: the same parts, hostile in one, benign in the other.
func drawn(t *rapid.T) (bad, good card.Card) {
	some := func(name string, most int) (a, b []string) {
		a = rapid.SliceOfN(hostile(), 0, most).Draw(t, name)
		for range a {
			b = append(b, "texto")
		}
		return a, b
	}
	one := func(name string) (a, b string) {
		if rapid.Bool().Draw(t, name+"?") {
			return hostile().Draw(t, name), "texto"
		}
		return "", ""
	}
	bad.Title, good.Title = one("title")
	bad.Head, good.Head = one("head")
	bad.Subject, good.Subject = one("subject")
	bad.Turn, good.Turn = one("turn")
	bad.Text, good.Text = some("text", 5)
	bad.Trail, good.Trail = some("trail", 8)
	labels, plains := some("labels", 12)
	for i, l := range labels {
		bad.Facts = append(bad.Facts, es.Fact{Label: l, Value: l})
		good.Facts = append(good.Facts, es.Fact{Label: plains[i], Value: plains[i]})
		a := card.Action{Label: l, Token: "t", Confirm: &card.Confirm{Title: l, Text: l, Yes: l, No: l}}
		b := card.Action{Label: "texto", Token: "t", Confirm: &card.Confirm{Title: "texto", Text: "texto", Yes: "texto", No: "texto"}}
		bad.Rows, good.Rows = append(bad.Rows, []card.Action{a}), append(good.Rows, []card.Action{b})
	}
	if rapid.Bool().Draw(t, "menu?") {
		l := hostile().Draw(t, "act")
		bad.Menu, good.Menu = &card.Menu{Label: l}, &card.Menu{Label: "texto"}
		for i := range rapid.IntRange(1, 12).Draw(t, "acts") {
			bad.Menu.Actions = append(bad.Menu.Actions, card.Action{Label: l, Token: "t", Opens: i == 0})
			good.Menu.Actions = append(good.Menu.Actions, card.Action{Label: "texto", Token: "t", Opens: i == 0})
		}
	}
	if rapid.Bool().Draw(t, "select?") {
		l := hostile().Draw(t, "option")
		bad.Select = &card.Select{Label: l, Options: []card.Action{{Label: l, Token: "t"}}}
		good.Select = &card.Select{Label: "texto", Options: []card.Action{{Label: "texto", Token: "t"}}}
	}
	return bad, good
}

// structure is v as JSON with every text replaced.
func structure(t interface{ Fatal(...any) }, v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	raw, err = json.Marshal(blanked(tree, ""))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func blanked(v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			v[k] = blanked(inner, k)
		}
		return v
	case []any:
		for i, inner := range v {
			v[i] = blanked(inner, key)
		}
		return v
	case string:
		if key == "text" || key == "Text" || key == "initial_value" {
			return "…"
		}
		return v
	default:
		return v
	}
}

func TestHostileTextLeavesTheStructureOfACardUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bad, good := drawn(t)
		if diff := cmp.Diff(structure(t, render(good)), structure(t, render(bad))); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestHostileTextLeavesTheStructureOfAFormUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bad, good := everyType, everyType
		bad.Questions, good.Questions = slices.Clone(everyType.Questions), slices.Clone(everyType.Questions)
		text := hostile().Draw(t, "text")
		bad.Title, bad.Submit, bad.Intro = text, text, []string{text}
		for i := range bad.Questions {
			q := &bad.Questions[i]
			q.Label, q.Hint = text, text
			q.Options = slices.Clone(q.Options)
			for j := range q.Options {
				q.Options[j].Label = text
			}
		}
		if diff := cmp.Diff(structure(t, modal(good, false)), structure(t, modal(bad, false))); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestNoTextReadsAsMarkup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bad, _ := drawn(t)
		m := render(bad)
		raw, err := json.Marshal(m.Blocks)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), "mrkdwn") || strings.Contains(string(raw), `"emoji":true`) {
			t.Fatalf("blocks with markup: %s", raw)
		}
		if strings.ContainsAny(m.Text, "<>\n\x00\u202e\u200b") || strings.Contains(m.Text, ":smile:") || mention.MatchString(m.Text) ||
			strings.Contains(m.Text, "```") || !utf8.ValidString(m.Text) || m.Text == "" {
			t.Fatalf("top-level text with markup: %q", m.Text)
		}
		if strings.ContainsAny(entities.Replace(plain.Replace(m.Text)), "<>") || entities.Replace(plain.Replace(m.Text)) != m.Text {
			t.Fatalf("entities do not pair: %q", m.Text)
		}
	})
}

var mention = regexp.MustCompile(`(^|[^\pL\d])@here`)

func TestMarksWithinAWordStayToBeCopied(t *testing.T) {
	for _, s := range []string{"lucia_herrera@ejemplo.gob.mx", "10:42 h", "Le toca a: Raúl", "2*3"} {
		if got := escape(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

// big is any card at all, also one that no message can hold.
func big() *rapid.Generator[card.Card] {
	text := rapid.Custom(func(t *rapid.T) string {
		unit := rapid.SampledFrom([]string{"a", "&", "ñ", "palabra ", "\n", "😀", "<"}).Draw(t, "unit")
		return strings.Repeat(unit, rapid.SampledFrom([]int{0, 1, 20, 80, 200, 3100}).Draw(t, "times"))
	})
	action := rapid.Custom(func(t *rapid.T) card.Action {
		a := card.Action{Label: text.Draw(t, "label"), Token: strings.Repeat("t", rapid.SampledFrom([]int{0, 64, 150, 151, 2000, 2001}).Draw(t, "token"))}
		if rapid.Bool().Draw(t, "confirm?") {
			q := text.Draw(t, "question")
			a.Confirm = &card.Confirm{Title: q, Text: q, Yes: q, No: q}
		}
		return a
	})
	return rapid.Custom(func(t *rapid.T) card.Card {
		c := card.Card{Story: es.Story{
			Title: text.Draw(t, "title"), Head: text.Draw(t, "head"), Subject: text.Draw(t, "subject"), Turn: text.Draw(t, "turn"),
			Text: rapid.SliceOfN(text, 0, 30).Draw(t, "text"), Trail: rapid.SliceOfN(text, 0, 20).Draw(t, "trail"),
		}}
		for _, s := range rapid.SliceOfN(text, 0, 40).Draw(t, "facts") {
			c.Facts = append(c.Facts, es.Fact{Label: s, Value: s})
		}
		c.Rows = rapid.SliceOfN(rapid.SliceOfN(action, 0, 28), 0, 24).Draw(t, "rows")
		if rapid.Bool().Draw(t, "menu?") {
			c.Menu = &card.Menu{Label: text.Draw(t, "more"), Actions: rapid.SliceOfN(action, 0, 120).Draw(t, "acts")}
		}
		if rapid.Bool().Draw(t, "select?") {
			c.Select = &card.Select{Label: text.Draw(t, "pick"), Options: rapid.SliceOfN(action, 0, 120).Draw(t, "options")}
		}
		return c
	})
}

func TestEveryCardIsWithinSlacksLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := render(big().Draw(t, "card"))
		if n := len(m.Blocks); n < 1 || n > maxBlocks {
			t.Fatalf("%d blocks", n)
		}
		if n := size(m.Blocks); n > maxSize {
			t.Fatalf("%d characters", n)
		}
		raw, err := json.Marshal(m.Blocks)
		if err != nil {
			t.Fatal(err)
		}
		var tree []any
		if err := json.Unmarshal(raw, &tree); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, b := range tree {
			checkLimits(t, b.(map[string]any), seen)
		}
	})
}

// checkLimits judges one block by the documentation's table.
func checkLimits(t *rapid.T, block map[string]any, seen map[string]bool) {
	limits := map[any]int{"header": 150, "section": 3000}
	if text, ok := block["text"].(map[string]any); ok {
		within(t, text, limits[block["type"]])
	}
	if fields, ok := block["fields"].([]any); ok {
		if len(fields) < 1 || len(fields) > 10 {
			t.Fatalf("%d fields", len(fields))
		}
		for _, f := range fields {
			within(t, f.(map[string]any), 2000)
		}
	}
	elements, _ := block["elements"].([]any)
	if len(elements) > 25 || (block["type"] == "actions" && len(elements) == 0) || (block["type"] == "context" && len(elements) > 10) {
		t.Fatalf("%d elements in %v", len(elements), block["type"])
	}
	for _, e := range elements {
		element := e.(map[string]any)
		id, isControl := element["action_id"].(string)
		if isControl && seen[id] {
			t.Fatalf("action_id %s twice", id)
		}
		seen[id] = true
		checkControl(t, element)
	}
}

func checkControl(t *rapid.T, e map[string]any) {
	switch e["type"] {
	case "button":
		within(t, e["text"].(map[string]any), 75)
		if v, _ := e["value"].(string); v == "" || len(v) > 2000 {
			t.Fatalf("a button with a value of %d", len(v))
		}
	case "static_select":
		options := e["options"].([]any)
		if len(options) < 1 || len(options) > 100 {
			t.Fatalf("%d options", len(options))
		}
		for _, o := range options {
			within(t, o.(map[string]any)["text"].(map[string]any), 75)
			if v := o.(map[string]any)["value"].(string); v == "" || len(v) > 150 {
				t.Fatalf("an option with a value of %d", len(v))
			}
		}
		within(t, e["placeholder"].(map[string]any), 150)
	case "overflow":
		options := e["options"].([]any)
		if len(options) < 1 || len(options) > 5 {
			t.Fatalf("%d options in a ⋯", len(options))
		}
		for _, o := range options {
			within(t, o.(map[string]any)["text"].(map[string]any), 75)
			if v := o.(map[string]any)["value"].(string); v == "" || len(v) > 150 {
				t.Fatalf("an option with a value of %d", len(v))
			}
		}
	case "plain_text":
		within(t, e, 2000)
	}
	if c, ok := e["confirm"].(map[string]any); ok {
		within(t, c["title"].(map[string]any), 100)
		within(t, c["text"].(map[string]any), 300)
		within(t, c["confirm"].(map[string]any), 30)
		within(t, c["deny"].(map[string]any), 30)
	}
}

func within(t *rapid.T, text map[string]any, limit int) {
	s := text["text"].(string)
	if n := utf8.RuneCountInString(s); n < 1 || n > limit || strings.TrimSpace(s) == "" {
		t.Fatalf("a text of %d characters, limit %d", n, limit)
	}
}

func TestTheNoticeBeginsWithStateAndNumber(t *testing.T) {
	text := render(cards["liberar"]).Text
	if want := "Por liberar · Paso 4 de 8 · Solicitud número 000147/2026 · Adquisición"; !strings.HasPrefix(text, want) {
		t.Errorf("%q does not begin with %q", text, want)
	}
}

func TestButtonsThatSlackWouldRefuseAreLeftOutAndReported(t *testing.T) {
	m := render(cards["anexos"])
	if diff := cmp.Diff([]string{"sin ficha", "mala"}, m.Dropped); diff != "" {
		t.Error(diff)
	}
}

func TestTheManifestIsTheGoldenFile(t *testing.T) {
	golden(t, "manifest", json.RawMessage(Manifest("")))
	golden(t, "manifest-http", json.RawMessage(Manifest("https://sidem.ejemplo.gob.mx/")))
}
