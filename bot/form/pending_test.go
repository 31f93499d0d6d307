package form_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
)

const loose = "de cómputo para la unidad"

// heard reports whether the loose words are where their writer finds them: asked about, in
// an answer, or given back.
func heard(d form.Draft) bool {
	texts := []string{d.Pending(), d.Problem}
	if d.Next != nil {
		texts = append(texts, d.Next.Problem)
	}
	for _, a := range d.Answers {
		texts = append(texts, a.Value)
	}
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, loose) })
}

// everything is each thing that can be done about a form, by name.
func everything() map[string]form.Event {
	out := map[string]form.Event{
		"words": form.Words{Text: "otra cosa"}, "a word of sidem": form.Words{Text: "cancelar"}, "help": form.Words{Text: "ayuda", Command: "/ayuda", Help: true},
		"a forward": form.Words{Text: "otra cosa", Quoted: true}, "a file": form.Files{Kept: []core.Attachment{{Name: "a.pdf"}}}, "renglones": form.Files{Items: items(1)},
		"a sticker": form.Unread{Problem: "No entendí."}, "an option": form.Choice{Value: "service"}, "a field": form.Jump{Field: core.FieldSubject},
		"an act that is ready": form.Reopen{}, "an edit": form.Amended{Text: "otra cosa"},
	}
	for _, p := range []form.Press{
		form.Back, form.GoOn, form.Correct, form.Save, form.Discard, form.Send, form.Aside, form.Swap, form.Mine, form.Join, form.Clear, form.Another, form.Remove,
	} {
		out["press "+string(p)] = p
	}
	return out
}

func TestWordsWithoutAPlaceAreNeverLostInSilence(t *testing.T) {
	next := &form.Draft{ID: "f2", Verb: core.VerbDraft, Kind: core.KindRequest, Stage: form.Asking}
	for name, of := range map[string]struct {
		record core.Record
		verb   core.Verb
	}{"a new request": {core.Record{Kind: core.KindRequest}, core.VerbDraft}, "a correction": {returned(), core.VerbCorrect}} {
		for _, another := range []*form.Draft{nil, next} {
			for what, e := range everything() {
				for _, place := range []int{0, 1} { // of what is open, and of something else
					t.Run(fmt.Sprint(name, ", ", another != nil, ", ", what, ", ", place), func(t *testing.T) {
						c := asked(t, of.record, of.verb)
						if of.verb == core.VerbCorrect {
							c.d = c.d.Placed(c.f)
							c.do(form.Jump{Field: core.FieldSubject})
						}
						c.say("Adquisición de equipo")
						c.early(form.Words{Text: loose})
						if c.d.Pending() != loose {
							t.Fatalf("%+v", c.d)
						}
						c.d.Next = another
						c.d, c.last = form.Step(c.d, c.f, form.Act{ID: "x", From: "telegram:x", On: "telegram", Place: c.d.Place(c.f) + place, Event: e}, now)
						if !heard(c.d) {
							t.Errorf("%+v", c.d)
						}
					})
				}
			}
		}
	}
}

func TestWordsWithoutAPlaceAreAskedAboutAgain(t *testing.T) {
	c := choosing(t)
	c.early(form.Words{Text: loose})
	body, err := json.Marshal(c.d.Kept().Resumed())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &c.d); err != nil {
		t.Fatal(err)
	}
	if got := c.card(); got.Title != "¿Dónde va este texto?" || !strings.Contains(got.Text[0], loose) {
		t.Fatalf("%+v", got.Story)
	}
	c.do(form.Join)
	c.value(core.FieldSubject, "Adquisición de equipo "+loose)

	pressed := choosing(t)
	pressed.do(form.Discard)
	if pressed.d = pressed.d.Kept(); pressed.d.Unsure != nil {
		t.Error("a press is asked about for ever")
	}
}

func TestAFormThatHoldsOnlyWordsWithoutAPlaceIsNoBlankOne(t *testing.T) {
	c := asked(t, core.Record{Kind: core.KindRequest}, core.VerbDraft)
	c.d = c.d.Placed(c.f)
	c.early(form.Words{Text: loose})
	if c.d.Pending() != loose || !c.d.Touched() {
		t.Errorf("%+v", c.d)
	}
}

func TestTheEditOfWordsWithoutAPlaceIsAskedAbout(t *testing.T) {
	edit := func(c *chat) {
		c.d, c.last = form.Step(c.d, c.f, form.Act{ID: "e", From: "telegram:early:" + loose, Event: form.Amended{Text: "de oficina"}}, now)
	}
	c := choosing(t)
	c.early(form.Words{Text: loose})
	if edit(c); c.d.Pending() != "de oficina" {
		t.Errorf("%+v", c.d)
	}
	several := choosing(t)
	several.early(form.Words{Text: loose})
	several.early(form.Words{Text: "y más"})
	if edit(several); several.d.Pending() != loose+"\ny más" || several.d.Problem == "" {
		t.Errorf("%+v", several.d)
	}
}

func TestAnOldButtonOfThePressThatWasAskedAboutSettlesNoWords(t *testing.T) {
	c := choosing(t)
	c.do(form.Discard)
	place := c.d.Place(c.f)
	c.do(form.Stay)
	c.early(form.Words{Text: loose})
	for _, e := range []form.Press{form.Stay, form.Discard} {
		c.d, c.last = form.Step(c.d, c.f, form.Act{ID: "old" + string(e), Place: place, Event: e}, now)
		if c.d.Pending() != loose || !c.d.Open() {
			t.Errorf("%s: %+v", e, c.d)
		}
	}
}

func TestOnOneScreenWordsWithoutAPlaceAreGivenBackUnlessTheyWereCopied(t *testing.T) {
	for _, copied := range []bool{false, true} {
		c := asked(t, returned(), core.VerbCorrect)
		c.d = c.d.Placed(c.f)
		c.do(form.Jump{Field: core.FieldSubject})
		c.say("Adquisición de equipo")
		c.early(form.Words{Text: loose})
		d, effect := whole(c.d, c.f, form.Filled(c.d, c.f, nil, now), func(v map[core.Field]string) {
			v[core.FieldNote] = "Se corrigió."
			if copied {
				v[core.FieldSubject] += " " + loose
			}
		})
		if effect.Do != form.Give || (d.Pending() == "") != copied {
			t.Errorf("copied %v: %+v %+v", copied, effect, d)
		}
	}
}
