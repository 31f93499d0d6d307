package bot_test

import (
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
)

// question is what stands now where Lucía was asked last on Telegram, and whether anything does.
func (w *world) question(who string) (card.Card, bool) {
	w.t.Helper()
	for _, m := range w.screen(who) {
		if m.View.Word == "~question" {
			c, still, err := w.engine.View(w.t.Context(), "telegram", w.people[who].ID, m)
			w.must(err)
			return c, still && !m.Over
		}
	}
	return card.Card{}, false
}

// written is what a card says.
func written(c card.Card) string { return text(bot.Reply{Card: &c}) }

func TestTheQuestionOfAFormThatWasEndedInSlackSaysSoAndHasNoButtons(t *testing.T) {
	w := newWorld(t)
	w.link("lucía", "slack")
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.on("lucía", r, "Cancelar")
	w.arrives("lucía", "m1")
	if c, still := w.question("lucía"); !still || len(actions(c)) == 0 {
		t.Fatalf("the open question is not known: %s", written(c))
	}
	w.settle()
	f := w.onSlack("lucía", r, "Cancelar")
	w.submit("lucía", f, map[core.Field]string{core.FieldReason: "no"}, nil) // refused, and kept
	if got := w.refreshes("lucía"); !slices.Contains(got, w.people["lucía"].ID) {
		t.Errorf("a refusal in Slack: asked to follow %v", got)
	}
	w.submit("lucía", f, map[core.Field]string{core.FieldReason: "Ya no se requiere el equipo."}, nil)
	if got := w.refreshes("lucía"); !slices.Contains(got, w.people["lucía"].ID) {
		t.Errorf("the end in Slack: asked to follow %v", got)
	}
	c, still := w.question("lucía")
	if !still || len(actions(c)) > 0 || !strings.Contains(written(c), "Ese formulario ya se atendió en Slack. La solicitud quedó cancelada.") {
		t.Errorf("it says (%t) %s", still, written(c))
	}
}

func TestTheFieldsToChooseFromShowWhatWasTakenInSlack(t *testing.T) {
	w := newWorld(t)
	w.link("lucía", "slack")
	r := w.by("lucía", "", core.Command{Kind: core.KindRequest, Verb: core.VerbDraft, Fields: fields(core.FieldSubject, "Adquisición de impresoras láser")})
	w.on("lucía", r, "Corregir")
	w.arrives("lucía", "m1")
	w.submit("lucía", w.onSlack("lucía", r, "Corregir"), map[core.Field]string{core.FieldFunding: "Recursos federales", core.FieldBudgetLine: "51"}, nil)
	if c, still := w.question("lucía"); !still || !strings.Contains(written(c), "Recursos federales") {
		t.Errorf("it says (%t) %s", still, written(c))
	}
}

func TestTheQuestionAboutADraftThatWasDiscardedInSlackHasNoButtons(t *testing.T) {
	w := newWorld(t)
	r := w.by("lucía", "", core.Command{Kind: core.KindRequest, Verb: core.VerbDraft, Fields: fields(core.FieldSubject, "Adquisición de impresoras láser")})
	w.on("lucía", r, "Corregir")
	w.arrives("lucía", "m1")
	w.settle()
	if _, still := w.question("lucía"); !still {
		t.Fatal("the open question is not known")
	}
	w.by("lucía", r.ID, core.Command{Verb: core.VerbDiscard})
	if got := w.refreshes("lucía"); !slices.Contains(got, r.ID) {
		t.Errorf("asked to follow %v", got)
	}
	if c, still := w.question("lucía"); still {
		t.Errorf("it says %s", written(c))
	}
}

func TestAQuestionThatWasAnsweredIsNotKnownAnyMore(t *testing.T) {
	w := newWorld(t)
	w.say("lucía", "/nueva")
	w.arrives("lucía", "m1")
	w.say("lucía", "Adquisición de impresoras láser")
	w.arrives("lucía", "m2")
	if s := w.screen("lucía"); len(s) != 1 || s[0].Ref.Message != "m2" || s[0].Over {
		t.Errorf("known are %+v", s)
	}
	w.press("lucía", "Descartar")
	w.arrives("lucía", "m2")
	w.press("lucía", "Sí, descartar")
	w.arrives("lucía", "m2")
	if s := w.screen("lucía"); len(s) != 0 {
		t.Errorf("known are %+v", s)
	}
}
