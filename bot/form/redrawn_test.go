package form_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// screen is a form on one screen, as a person has it before them.
type screen struct {
	values map[core.Field]string // what its controls show
	taken  map[core.Field]string // what they showed when it was taken from them last
	marks  string                // of its token
}

func opened(d form.Draft, f card.Form, id string) *screen {
	drawn := form.Filled(d, f, nil, now)
	return &screen{values: controls(drawn), taken: controls(drawn), marks: form.OnScreen(id, form.Shown(drawn))}
}

func controls(f card.Form) map[core.Field]string {
	out := map[core.Field]string{}
	for _, q := range f.Questions {
		if q.Spec.Type != core.TypeUpload && q.Held == "" {
			out[q.Field] = q.Value
		}
	}
	return out
}

// touched are the fields that were changed since they were taken.
func (s *screen) touched() []core.Field {
	var out []core.Field
	for f, text := range s.values {
		if text != s.taken[f] {
			out = append(out, f)
		}
	}
	return out
}

// sent sends s about the form of c. It may stand there again in three ways: with its
// errors alone, drawn again with its controls as they are, and with controls that are new.
func (s *screen) sent(c *chat, way string) {
	e := form.Whole{Values: maps.Clone(s.values), Shown: form.ReadShown(s.marks)}
	c.do(e)
	for field, text := range s.values {
		if c.last.Problems[field] == "" {
			s.taken[field] = text
		}
	}
	if c.last.Do != form.Refill || way == "errors" {
		return
	}
	drawn, marks := form.Redrawn(c.d, c.f, e, c.last.Problems, now)
	s.marks = marks
	if way == "new" {
		s.values = controls(drawn)
	}
}

// answers are what the form of c holds by now, as controls show it.
func answers(c *chat) map[core.Field]string {
	d := c.d
	d.Rejected = nil
	return controls(form.Filled(d, c.f, nil, now))
}

func TestWhatIsNotTouchedOnAScreenNeverChangesHoweverOftenItIsDrawnAgain(t *testing.T) {
	fields := []core.Field{core.FieldSubject, core.FieldFunding, core.FieldJustification, core.FieldProject, core.FieldBudgetLine, core.FieldItems}
	text := func(t *rapid.T, f core.Field) string {
		n := rapid.IntRange(1, 9).Draw(t, "n")
		switch f { //nolint:exhaustive // the others are texts
		case core.FieldBudgetLine:
			return fmt.Sprint(5100 + n)
		case core.FieldItems:
			return fmt.Sprintf("Monitor; %d; pieza; 100.00", n)
		}
		return fmt.Sprint("Texto de la solicitud, versión ", n)
	}
	rapid.Check(t, func(t *rapid.T) {
		c := asked(t, returned(), core.VerbCorrect)
		c.d = c.d.Placed(c.f)
		screens := []*screen{opened(c.d, c.f, "a"), opened(c.d, c.f, "b")}
		for range rapid.IntRange(1, 25).Draw(t, "acts") {
			f, s := rapid.SampledFrom(fields).Draw(t, "field"), rapid.SampledFrom(screens).Draw(t, "screen")
			want := answers(c)
			switch rapid.SampledFrom([]string{"chat", "type", "wrong", "send", "send"}).Draw(t, "act") {
			case "chat":
				want[f] = text(t, f)
				c.do(form.Jump{Field: f})
				c.say(want[f])
				if c.d.Stage == form.Asking { // the renglones do not come to the amount
					c.do(form.GoOn)
				}
			case "type":
				s.values[f] = text(t, f)
				continue
			case "wrong":
				s.values[core.FieldBudgetLine] = "51"
				continue
			case "send":
				s.values[core.FieldNote] = rapid.SampledFrom([]string{"x", "Se corrigió lo observado."}).Draw(t, "note")
				s.values[core.FieldAmount] = fmt.Sprint(rapid.IntRange(1, 3).Draw(t, "amount"), ".00") // about which is asked
				for _, field := range s.touched() {
					if s.values[field] != "51" {
						want[field] = s.values[field]
					}
				}
				before := c.d.Stage
				s.sent(c, rapid.SampledFrom([]string{"errors", "kept", "new"}).Draw(t, "way"))
				c.d.Stage = before // what would have been sent is looked at, and the form goes on
			}
			got := answers(c)
			for _, field := range append(slices.Clone(fields), core.FieldAmount) {
				if diff := cmp.Diff(want[field], got[field]); diff != "" {
					t.Fatalf("%s:\n%s", field, diff)
				}
			}
		}
	})
}

func TestWhatTheRecordSaysIsNotEmptiedInSilence(t *testing.T) {
	for _, field := range []core.Field{core.FieldJustification, core.FieldAmount, core.FieldItems} {
		c := asked(t, returned(), core.VerbCorrect)
		for range 2 { // as often as it is sent
			d, effect := whole(c.d, c.f, form.Filled(c.d, c.f, nil, now), func(v map[core.Field]string) {
				v[field], v[core.FieldNote] = "", "Se corrigió lo observado."
			})
			if effect.Do != form.Refill || effect.Problems[field] != es.Say(es.NotEmptied) {
				t.Errorf("%s: %+v", field, effect)
			}
			c.d = d
		}
	}
}

func TestWordsAtAQuestionForFilesAreSaidNotToBeKept(t *testing.T) {
	c := asked(t, filed(), core.VerbAttach)
	c.say("Esta es mi nota")
	if got := c.card().Text[0]; got != es.Say(es.WordsAtFiles) {
		t.Errorf("without a file it says %q", got)
	}
	c.do(form.Files{Kept: []core.Attachment{{Name: "estudio.pdf"}}})
	c.say("Esta es mi nota")
	c.at(core.FieldFiles)
	if got := c.card().Text[0]; got != es.Say(es.WordsAtFiles) {
		t.Errorf("with a file it says %q", got)
	}
}

func TestAQuestionThatMayBeLeftSoIsLeftByWords(t *testing.T) {
	for _, text := range []string{"sin indicar", "Ninguna.", "no aplica"} {
		c := observing(t)
		for q, _ := c.d.Placed(c.f).Asks(c.f); q.Required; q, _ = c.d.Placed(c.f).Asks(c.f) {
			if len(q.Options) > 0 {
				c.do(form.Choice{Value: q.Options[0].Value})
			} else {
				c.say("La cotización no trae la firma.")
			}
		}
		open, _ := c.d.Asks(c.f)
		c.say(text)
		if q, _ := c.d.Asks(c.f); q.Field == open.Field || !cmp.Equal(c.d.Answers[open.Field], form.Answer{}) || c.d.Problem != "" {
			t.Errorf("%q at %s: %+v", text, open.Field, c.d)
		}
	}
}
