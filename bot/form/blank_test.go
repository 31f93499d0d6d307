package form_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// known is an account with an extension, whose data may be corrected.
func known() core.Record {
	return core.Record{
		Kind: core.KindAccount, ID: "a1", Agency: "IE", State: core.StateActive, Roles: []core.Role{core.RoleRequester},
		Fields: map[core.Field]string{
			core.FieldName: "Lucía Herrera Campos", core.FieldPost: "Jefa de Unidad", core.FieldEmail: "lucia.herrera@ejemplo.gob.mx",
			core.FieldPhone: "7225550100", core.FieldExtension: "1214", core.FieldProfile: string(core.RoleRequester),
		},
	}
}

// given is what d changes of known, read again after it was kept.
func given(t *testing.T, c *chat) map[core.Field]string {
	t.Helper()
	body, err := json.Marshal(c.d)
	if err != nil {
		t.Fatal(err)
	}
	var kept form.Draft
	if err := json.Unmarshal(body, &kept); err != nil {
		t.Fatal(err)
	}
	out := map[core.Field]string{}
	for f, v := range form.Command(kept, c.f).Fields {
		if known().Fields[f] != v {
			out[f] = v
		}
	}
	return out
}

func TestAnOptionalAnswerIsTakenAwayByItsButtonOrInWords(t *testing.T) {
	for name, event := range map[string]form.Event{"the button": form.Clear, "words": form.Words{Text: "No aplica."}} {
		t.Run(name, func(t *testing.T) {
			c := asked(t, known(), core.VerbRectify)
			c.do(form.Jump{Field: core.FieldExtension})
			if !slices.Contains(c.labels(), es.Say(es.ButtonClear)) {
				t.Errorf("buttons %q", c.labels())
			}
			c.do(event)
			if c.d.Stage != form.Choosing {
				t.Errorf("%+v", c.d)
			}
			if diff := cmp.Diff(map[core.Field]string{core.FieldExtension: ""}, given(t, c)); diff != "" {
				t.Error(diff)
			}
			says := func(f es.Fact) bool {
				return f.Label == es.Label(core.VerbRectify, core.FieldExtension) && f.Value == "sin dato"
			}
			if !slices.ContainsFunc(c.card().Facts, says) {
				t.Errorf("it is not told: %+v", c.card().Facts)
			}
			c.do(form.Jump{Field: core.FieldExtension})
			c.say("1215")
			if diff := cmp.Diff(map[core.Field]string{core.FieldExtension: "1215"}, given(t, c)); diff != "" {
				t.Errorf("answered again: %s", diff)
			}
		})
	}
}

func TestWhatIsRequiredIsNotTakenAway(t *testing.T) {
	for _, field := range []core.Field{core.FieldName, core.FieldPost, core.FieldEmail, core.FieldPhone, core.FieldProfile} {
		c := asked(t, known(), core.VerbRectify)
		c.do(form.Jump{Field: field})
		if slices.Contains(c.labels(), es.Say(es.ButtonClear)) {
			t.Errorf("%s: buttons %q", field, c.labels())
		}
		c.do(form.Clear) // of a screen of before
		if c.at(field); c.d.Problem != es.Say(es.NotEmptied) {
			t.Errorf("%s: it says %q", field, c.d.Problem)
		}
	}
}

func TestEveryOptionalDatumOfAnAccountCanBeLeftBlank(t *testing.T) {
	for _, q := range asked(t, known(), core.VerbRectify).f.Questions {
		if q.Required {
			continue
		}
		r := known()
		r.Fields[core.FieldUnit] = "Unidad de Sistemas"
		c := asked(t, r, core.VerbRectify)
		c.do(form.Jump{Field: q.Field})
		if !slices.Contains(c.labels(), es.Say(es.ButtonClear)) {
			t.Errorf("%s: buttons %q", q.Field, c.labels())
		}
		c.do(form.Clear)
		if v, brought := form.Command(c.d, c.f).Fields[q.Field]; v != "" || !brought {
			t.Errorf("%s: it brings %q, %v", q.Field, v, brought)
		}
	}
}

func TestEveryDatumOfAnAccountIsThereToBeCorrected(t *testing.T) {
	c := asked(t, known(), core.VerbRectify)
	for _, q := range c.f.Questions {
		if !slices.Contains(c.labels(), es.Label(core.VerbRectify, q.Field)) {
			t.Errorf("%s cannot be chosen: %q", q.Field, c.labels())
		}
	}
	c.do(form.Jump{Field: core.FieldEmail})
	c.say("lucia.campos@ejemplo.gob.mx")
	if diff := cmp.Diff(map[core.Field]string{core.FieldEmail: "lucia.campos@ejemplo.gob.mx"}, given(t, c)); diff != "" {
		t.Error(diff)
	}
}

func TestAnOptionalControlMayComeBackEmptyAndARequiredOneNot(t *testing.T) {
	c := asked(t, known(), core.VerbRectify)
	d, effect := whole(c.d, c.f, form.Filled(c.d, c.f, nil, now), func(v map[core.Field]string) { v[core.FieldExtension] = "" })
	c.d = d
	if effect.Do != form.Give {
		t.Fatalf("%+v", effect)
	}
	if diff := cmp.Diff(map[core.Field]string{core.FieldExtension: ""}, given(t, c)); diff != "" {
		t.Error(diff)
	}
	c = asked(t, known(), core.VerbRectify)
	_, effect = whole(c.d, c.f, form.Filled(c.d, c.f, nil, now), func(v map[core.Field]string) { v[core.FieldPhone] = "" })
	if diff := cmp.Diff(map[core.Field]string{core.FieldPhone: es.Say(es.NotEmptied)}, effect.Problems); diff != "" {
		t.Error(diff)
	}
}

func TestWhatWasLeftBlankStaysSoWhereItIsNotTouched(t *testing.T) {
	c := asked(t, known(), core.VerbRectify)
	c.do(form.Jump{Field: core.FieldExtension})
	c.do(form.Clear)
	c.d, _ = whole(c.d, c.f, form.Filled(c.d, c.f, nil, now), func(map[core.Field]string) {})
	if diff := cmp.Diff(map[core.Field]string{core.FieldExtension: ""}, given(t, c)); diff != "" {
		t.Error(diff)
	}
}

func TestOfSeveralChoicesTheLastOneCanBeUnchosen(t *testing.T) {
	c := asked(t, returned(), core.VerbCorrect)
	c.do(form.Jump{Field: core.FieldCategory})
	for _, v := range []string{"equipment", "software"} {
		c.do(form.Choice{Value: v})
	}
	if got := c.card().Text; !slices.Contains(got, es.Present("sin dato")) {
		t.Errorf("what is chosen is said to be %q", got)
	}
	c.do(form.GoOn)
	c.at(core.FieldCategory)
	c.do(form.Choice{Value: "services"})
	c.value(core.FieldCategory, "services")
}

func TestFilesThatWereSentByMistakeCanBeTakenAway(t *testing.T) {
	c := asked(t, filed(), core.VerbAttach)
	file := core.Attachment{Name: "Otro oficio.pdf", Hash: "h1", Size: 9}
	c.do(form.Files{Kept: []core.Attachment{file}})
	if !slices.Contains(c.labels(), es.Say(es.ButtonNoFiles)) {
		t.Errorf("buttons %q", c.labels())
	}
	c.do(form.Clear)
	c.at(core.FieldFiles)
	if len(c.d.Answers) > 0 || slices.Contains(c.labels(), es.Say(es.ButtonNoFiles)) {
		t.Errorf("%+v, %q", c.d.Answers, c.labels())
	}
}
