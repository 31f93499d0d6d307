package form_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

func observing(t failer) *chat {
	r := filed()
	r.State = core.StateAssigned
	c := asked(t, r, core.VerbObserve)
	c.d = c.d.Placed(c.f)
	return c
}

// observes answers the questions of one observation.
func (c *chat) observes(section, missing string) {
	c.t.Helper()
	c.at(core.FieldSection)
	c.do(form.Choice{Value: section})
	c.say(missing)
	c.say("Lo que falta")
	c.do(form.GoOn)
	if c.d.Stage != form.Reviewing {
		c.t.Fatalf("there is no summary: %+v", c.d)
	}
}

func set(section, missing string) map[core.Field]string {
	return map[core.Field]string{core.FieldSection: section, core.FieldMissing: missing, core.FieldDeliver: "Lo que falta"}
}

const (
	quote  = "La cotización del proveedor B está vencida."
	letter = "Falta la carta de suficiencia presupuestal."
	prices = "Falta el precio del segundo renglón."
)

func TestSeveralObservationsAreWrittenInOneFormAndSentTogether(t *testing.T) {
	c := observing(t)
	c.observes("annexes", quote)
	c.do(form.Another)
	c.observes("budget", letter)
	c.do(form.Another)
	c.observes("items", prices)
	if got := es.Story(c.card().Story); got.Facts[0].Label != "Observación 1" || !strings.Contains(got.Facts[0].Value, quote) || !strings.Contains(got.Facts[1].Value, letter) {
		t.Errorf("the summary says %+v", got.Facts)
	}
	c.do(form.Send)
	if c.last.Do != form.Give {
		t.Fatalf("%+v", c.last)
	}
	got := form.Command(c.d, c.f)
	if diff := cmp.Diff(set("annexes", quote), got.Fields) + cmp.Diff([]map[core.Field]string{set("budget", letter), set("items", prices)}, got.Also); diff != "" {
		t.Error(diff)
	}
	d, ok := form.Refused(c.d, c.f, &core.Refusal{Reason: core.Invalid, Field: core.FieldMissing, Nth: 2}, "No.")
	if !ok {
		t.Fatal("the refusal is about none of them")
	}
	c.d = d
	c.at(core.FieldMissing)
	c.value(core.FieldSection, "budget")
	c.say("Falta la carta de suficiencia, firmada.")
	c.do(form.Send)
	got = form.Command(c.d, c.f)
	if n := len(got.Also); n != 2 || got.Also[1][core.FieldMissing] != "Falta la carta de suficiencia, firmada." {
		t.Errorf("after it was mended: %+v", got)
	}
}

func TestOneOfSeveralObservationsIsCorrectedOrRemovedAndTheOthersStay(t *testing.T) {
	c := observing(t)
	if labels := c.labels(); strings.Contains(strings.Join(labels, "|"), es.Say(es.ButtonRemove)) {
		t.Errorf("the only one can be removed: %q", labels)
	}
	c.observes("annexes", quote)
	c.do(form.Remove)
	c.value(core.FieldSection, "annexes")
	c.do(form.Another)
	c.observes("budget", letter)
	c.do(form.Correct)
	c.do(form.Reopen{N: 7})
	c.value(core.FieldSection, "budget")
	c.do(form.Reopen{N: 0})
	c.value(core.FieldSection, "annexes")
	c.do(form.Jump{Field: core.FieldMissing})
	c.say("La cotización del proveedor C está vencida.")
	c.do(form.GoOn)
	if got := form.Command(c.d, c.f); got.Fields[core.FieldMissing] != letter || got.Also[0][core.FieldMissing] != "La cotización del proveedor C está vencida." {
		t.Errorf("%+v", got)
	}
	c.do(form.Another)
	c.at(core.FieldSection)
	c.do(form.Choice{Value: "items"})
	c.do(form.Remove) // begun, and thought better of
	c.do(form.Send)
	if got := form.Command(c.d, c.f); c.last.Do != form.Give || len(got.Also) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestAButtonOfOneObservationDecidesNothingOfTheNext(t *testing.T) {
	c := observing(t)
	before := c.d.Placed(c.f).Place(c.f)
	c.observes("annexes", quote)
	c.do(form.Another)
	c.d, _ = form.Step(c.d, c.f, form.Act{ID: "late", Place: before, Event: form.Choice{Value: "budget"}}, now)
	c.at(core.FieldSection)
	c.value(core.FieldSection, "")
}

func TestMoreObservationsThanOneCommandTakesAreNotBegun(t *testing.T) {
	c := observing(t)
	for range core.MaxSeveral - 1 {
		c.observes("annexes", quote)
		c.do(form.Another)
	}
	c.observes("annexes", quote)
	c.do(form.Another)
	if c.d.Stage != form.Reviewing || c.card().Text[0] != es.TooManyAtOnce(core.MaxSeveral) {
		t.Errorf("%+v", c.card().Text)
	}
}

// screen is a form on one screen, as it stands.
func (c *chat) screen() card.Form { return form.Filled(c.d, c.f, nil, now) }

// submits sends the screen with values of the present observation.
func (c *chat) submits(f card.Form, more string, values map[core.Field]string) {
	held := map[core.Field]string{}
	for i, q := range f.Questions {
		if held[q.Field] = q.Value; q.Label == es.Say(es.AskAnother) {
			held[q.Field] = more
		} else if i < len(c.f.Questions) && values[c.f.Questions[i].Field] != "" {
			held[q.Field] = values[c.f.Questions[i].Field]
		}
	}
	c.do(form.Whole{Values: held, Shown: form.ReadShown(form.Shown(f))})
}

func TestOnOneScreenTheNextObservationBeginsEmpty(t *testing.T) {
	for name, second := range map[string]map[core.Field]string{"two": set("budget", letter), "one": nil} {
		t.Run(name, func(t *testing.T) {
			c := observing(t)
			first := c.screen()
			c.submits(first, core.Yes, set("annexes", quote))
			if c.last.Do != form.Refill || len(c.last.Problems) > 0 {
				t.Fatalf("%+v", c.last)
			}
			next := c.screen()
			for i, q := range next.Questions {
				if q.Field == first.Questions[i].Field || q.Required || q.Value != "" && q.Value != core.No {
					t.Errorf("the next one is asked with %+v", q)
				}
			}
			if got := strings.Join(next.Intro, "\n"); !strings.Contains(got, "Observación 1: Anexos · "+quote) {
				t.Errorf("the first is told as %q", got)
			}
			c.submits(next, core.No, second)
			got := form.Command(c.d, c.f)
			want := core.Command{Fields: set("annexes", quote)}
			if second != nil {
				want.Also = []map[core.Field]string{second}
			}
			if diff := cmp.Diff(want.Fields, got.Fields) + cmp.Diff(want.Also, got.Also); c.last.Do != form.Give || diff != "" {
				t.Errorf("%+v\n%s", c.last, diff)
			}
		})
	}
}

func TestWhatTheNextObservationLacksIsSaidUnderItsOwnControls(t *testing.T) {
	c := observing(t)
	c.submits(c.screen(), core.Yes, set("annexes", quote))
	c.submits(c.screen(), core.No, set("budget", "corto"))
	problems := form.Drawn(c.d, c.last.Problems)
	if c.last.Do != form.Refill || problems["missing~1"] == "" || len(problems) != 1 {
		t.Errorf("%+v", problems)
	}
	c.submits(c.screen(), core.No, set("budget", letter))
	if got := form.Command(c.d, c.f); c.last.Do != form.Give || got.Also[0][core.FieldMissing] != letter {
		t.Errorf("%+v", got)
	}
}

func TestAScreenThatComesTwiceAddsNothingTheSecondTime(t *testing.T) {
	c := observing(t)
	f := c.screen()
	held := map[core.Field]string{form.FieldAnother: core.Yes}
	maps.Copy(held, set("annexes", quote))
	for range 2 {
		c.again("sl:1", form.Whole{Values: held, Shown: form.ReadShown(form.Shown(f))})
		if len(c.d.Ready) != 1 || len(c.d.Answers) != 0 || c.last.Do != form.Refill || len(c.last.Problems) > 0 {
			t.Fatalf("%+v %+v", c.d, c.last)
		}
	}
}

// What was kept of a form before it could hold several acts is read as one, and its
// command is the same act as it was then: the id is what that version gave.
func TestAFormThatWasBegunBeforeSeveralCouldBeSentIsTheSameActStill(t *testing.T) {
	kept := `{"id":"f1","verb":"observe","kind":"request","record":"r1","stage":"sending","answers":{
		"section":{"value":"annexes"},"missing":{"value":"La cotización del proveedor B está vencida."},"deliver":{"value":"Cotización vigente"}}}`
	var d form.Draft
	if err := json.Unmarshal([]byte(kept), &d); err != nil {
		t.Fatal(err)
	}
	got := form.Command(d, observing(t).f)
	if got.Once != "form:f1:0:1485unwnna72z" || got.Also != nil || len(d.Ready) > 0 {
		t.Errorf("%+v", got)
	}
	body, err := json.Marshal(d)
	if err != nil || strings.Contains(string(body), "ready") {
		t.Errorf("%s, %v", body, err)
	}
}
