package form_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// What names an option, and what names several, is decided in one place for chats, forms on
// one screen, the import and the command line.
func TestAFormReadsAnOptionAsEveryOtherPlaceDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SampledFrom([]string{"elena", "Elena Ruiz", "el", "RUIZ", "cru", "persona 00", "persona 003", "no", "p-elena", "ñu", ".", " ", "de"})
		text := "x" + strings.Join(rapid.SliceOfN(piece, 1, 3).Draw(t, "pieces"), " ")
		if rapid.Bool().Draw(t, "nothing before it") {
			text = strings.TrimPrefix(text, "x")
		}
		if strings.TrimSpace(text) == "" {
			return
		}
		c := substitution(t, 5)
		q := c.f.Questions[0]
		want, err := value.ParseChoice(text, q.Options)
		c.say(text)
		c.value(core.FieldSubstitute, want)
		if several, ok := errors.AsType[*value.Ambiguous](err); ok {
			var offered []string
			for _, row := range c.card().Rows[:len(several.Readings)] {
				offered = append(offered, row[0].Label)
			}
			if got, want := strings.Join(offered, "|"), strings.Join(several.Readings, "|"); got != want {
				t.Errorf("%q could be %s; offered are %s", text, want, got)
			}
		}
		whole := substitution(t, 5)
		whole.d.Answers = nil
		d, _ := form.Step(whole.d, whole.f, form.Act{ID: "w", Event: form.Whole{Values: map[core.Field]string{core.FieldSubstitute: text}}}, now)
		if got := d.Answers[core.FieldSubstitute].Value; got != want {
			t.Errorf("%q is %q on one screen, and %q in a chat", text, got, want)
		}
	})
}

func TestSeveralChoicesKeepTheOrderInWhichTheyWereWritten(t *testing.T) {
	c := asked(t, blank(), core.VerbDraft)
	c.d.Stage, c.d.At = form.Asking, core.FieldCategory
	c.say("Servicios, Equipo y nube")
	c.value(core.FieldCategory, "services,equipment,cloud")
}

func TestAnAgencyIsChosenByItsKeyOrByItsNameAndNeverMadeUp(t *testing.T) {
	agency := func(key, name string) core.Record {
		return core.Record{Kind: core.KindAgency, Agency: key, Fields: map[core.Field]string{core.FieldName: name}}
	}
	account := core.Record{Kind: core.KindAccount, ID: "a1", State: core.StateActive, Agency: "IE"}
	scene := core.Scene{Record: account, Now: now, Agencies: []core.Record{agency("IE", "Instituto de Ejemplo"), agency("S.O.", "Secretaría de Obras"), agency("SF", "Secretaría de Finanzas")}}
	open := func() *chat {
		c := asked(t, account, core.VerbRectify)
		c.f = card.FormOf(scene, "", core.VerbRectify, nil)
		c.d.Stage, c.d.At = form.Asking, core.FieldAgency
		return c
	}
	if c := open(); strings.Join(c.card().Text, "\n") != es.Ask(core.VerbRectify, core.FieldAgency)+"\n"+es.Present("IE · Instituto de Ejemplo") {
		t.Errorf("the present one is told as %q", c.card().Text)
	}
	for text, want := range map[string]string{
		"SF": "SF", "S.O.": "S.O.", "obras": "S.O.", "secretaría de finanzas": "SF", "SF · Secretaría de Finanzas": "SF",
		"secretaría": "", "Comisión": "", "CE": "",
	} {
		c := open()
		c.say(text)
		c.value(core.FieldAgency, want)
		if want == "" {
			c.at(core.FieldAgency)
		}
	}
	must, may := core.Needs(core.KindAgency, core.VerbRegister, core.None)
	if q := card.FormFor(core.VerbRegister, "", must, may, scene, nil).Questions[0]; q.Spec.Type != core.TypeKey || len(q.Options) > 0 {
		t.Errorf("the key of a new one is chosen: %+v", q)
	}
}

// several asks which of three requests, of a form that is done to several.
func several(t failer) *chat {
	which := card.Question{Field: core.FieldMany, Spec: core.Specs[core.FieldMany], Needed: true, Required: true, Options: []card.Option{
		{Value: "gnxa", Label: "000001/2026 · Equipo de cómputo"}, {Value: "gnxb", Label: "000002/2026 · Licencias"}, {Value: "gnxc", Label: "000147/2026 · Enlaces, 1"},
	}}
	return &chat{t: t, d: form.Draft{ID: "f1", Kind: core.KindRequest, Verb: core.VerbRelease, Many: true}, f: card.Form{Title: "Liberar varias", Questions: []card.Question{which}}}
}

func TestSeveralRequestsAreChosenByTheirNumbersOrLabels(t *testing.T) {
	for text, want := range map[string]string{
		"000001/2026 y 000147/2026": "gnxa,gnxc", "1, 147": "gnxa,gnxc", "2": "gnxb", "2/2026": "gnxb", "licencias": "gnxb", "gnxb": "gnxb",
	} {
		c := several(t)
		c.say(text)
		c.value(core.FieldMany, want)
	}
}

func TestWordsThatChooseNothingLoseNothingThatWasChosen(t *testing.T) {
	for _, text := range []string{"hola", "todas", "ninguna", "3", "1 y 9", "1/2025"} {
		c := several(t)
		c.do(form.Choice{Value: "gnxb"})
		c.say(text)
		c.value(core.FieldMany, "gnxb")
		c.at(core.FieldMany)
		if said := strings.Join(c.card().Text, " "); !strings.Contains(said, es.NoChoice(text)) {
			t.Errorf("%q is answered with %q", text, said)
		}
	}
}

func TestNothingThatIsNoOptionIsEverChosenOrShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := several(t)
		piece := rapid.SampledFrom([]string{"hola", "1", "2", "147", "000001/2026", "y", ",", "gnxa", "gnxz", "todas", "lic", "2026", ";", "\n", "no"})
		for range rapid.IntRange(1, 5).Draw(t, "acts") {
			text := strings.Join(rapid.SliceOfN(piece, 1, 4).Draw(t, "text"), " ")
			switch rapid.IntRange(0, 3).Draw(t, "how") {
			case 0:
				c.do(form.Choice{Value: rapid.SampledFrom([]string{"gnxa", "gnxb", "gnxz", "#1", "#9"}).Draw(t, "button")})
			case 1:
				c.do(form.Whole{Values: map[core.Field]string{core.FieldMany: strings.ReplaceAll(text, " ", ",")}})
			case 2:
				c.f.Questions[0].Options = c.f.Questions[0].Options[:rapid.IntRange(1, len(c.f.Questions[0].Options)).Draw(t, "left")]
			default:
				c.say(text)
			}
			options := c.f.Questions[0].Options
			for v := range strings.SplitSeq(form.Command(c.d, c.f).Fields[core.FieldMany]+","+form.Filled(c.d, c.f, nil, now).Questions[0].Value, ",") {
				isOne := func(o card.Option) bool { return o.Value == v }
				if v != "" && c.d.Rejected[core.FieldMany] == "" && !slices.ContainsFunc(options, isOne) {
					t.Fatalf("%q is chosen after %q", v, text)
				}
			}
		}
	})
}
