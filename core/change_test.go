package core_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

func renglon(description string, quantity int64, price string) core.Item {
	m, _ := value.StoredMoney(price)
	return core.Item{Description: description, Quantity: value.Units(quantity), Unit: "pieza", Price: m}
}

func TestRenglonesAreComparedByWhatTheyAreWhereverTheyStand(t *testing.T) {
	pc, ups, mouse := renglon("Computadora", 20, "18500.00"), renglon("Regulador", 20, "850.00"), renglon("Ratón", 20, "95.00")
	cheaper, renamed := pc, ups
	cheaper.Price = renglon("", 0, "17000.00").Price
	renamed.Description = "Regulador de voltaje"
	for name, tc := range map[string]struct {
		before, after []core.Item
		want          []core.ItemChange
	}{
		"nothing":             {[]core.Item{pc, ups}, []core.Item{pc, ups}, nil},
		"the order only":      {[]core.Item{pc, ups}, []core.Item{ups, pc}, nil},
		"one more":            {[]core.Item{pc}, []core.Item{mouse, pc}, []core.ItemChange{{Is: 1, After: mouse}}},
		"one less":            {[]core.Item{mouse, pc}, []core.Item{pc}, []core.ItemChange{{Was: 1, Before: mouse}}},
		"a price":             {[]core.Item{ups, pc}, []core.Item{cheaper, ups}, []core.ItemChange{{Was: 2, Is: 1, Before: pc, After: cheaper}}},
		"a name":              {[]core.Item{pc, ups}, []core.Item{renamed, pc}, []core.ItemChange{{Was: 2, Is: 1, Before: ups, After: renamed}}},
		"one in place":        {[]core.Item{pc, ups}, []core.Item{pc, mouse}, []core.ItemChange{{Was: 2, Is: 2, Before: ups, After: mouse}}},
		"a second one of two": {[]core.Item{pc, pc}, []core.Item{pc, cheaper}, []core.ItemChange{{Was: 2, Is: 2, Before: pc, After: cheaper}}},
		"the first ones":      {nil, []core.Item{pc}, []core.ItemChange{{Is: 1, After: pc}}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []core.ItemChange
			for _, c := range core.Changes(core.RequestForm, core.Content{Items: tc.before}, core.Content{Items: tc.after}) {
				got = append(got, c.Items.Lines...)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever two lists hold, what is said of them explains one by the other.
func TestWhatIsSaidOfTwoListsOfRenglonesIsAllThatDiffers(t *testing.T) {
	list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) core.Item {
		return renglon(rapid.SampledFrom([]string{"Computadora", "computadora", "Cable", "Licencia"}).Draw(t, "description"), rapid.Int64Range(1, 2).Draw(t, "quantity"), rapid.SampledFrom([]string{"", "1.00"}).Draw(t, "price"))
	}), 0, 6)
	rapid.Check(t, func(t *rapid.T) {
		before, after := list.Draw(t, "before"), list.Draw(t, "after")
		rest := slices.Clone(before)
		changes := core.Changes(core.RequestForm, core.Content{Items: before}, core.Content{Items: after})
		if len(changes) == 0 {
			if !slices.Equal(before, after) {
				t.Fatal("nothing is said")
			}
			return
		}
		added, removed, changed := changes[0].Items.Count()
		if len(before)+added-removed != len(after) || added+removed+changed != len(changes[0].Items.Lines) {
			t.Fatalf("%d renglones, %d added and %d removed, are %d", len(before), added, removed, len(after))
		}
		for _, l := range changes[0].Items.Lines {
			if l.Was > 0 && before[l.Was-1] != l.Before || l.Is > 0 && after[l.Is-1] != l.After || l.Before == l.After {
				t.Fatalf("%+v is not so", l)
			}
			if i := slices.Index(rest, l.Before); l.Was > 0 {
				rest = slices.Delete(rest, i, i+1)
			}
			if l.Is > 0 {
				rest = append(rest, l.After)
			}
		}
		for _, it := range after {
			i := slices.Index(rest, it)
			if i < 0 {
				t.Fatalf("%+v came from nowhere", it)
			}
			rest = slices.Delete(rest, i, i+1)
		}
		if len(rest) > 0 {
			t.Fatalf("%+v went nowhere", rest)
		}
	})
}

func TestWhatACorrectionChangedIsToldBesideTheVersionThatWasReturned(t *testing.T) {
	a, b := core.Attachment{Name: "a.pdf", Hash: "00"}, core.Attachment{Name: "b.pdf", Hash: "01"}
	story := &story{t: t}
	story.does("lucia", core.VerbDraft, func(c *core.Command) { c.Files = []core.Attachment{a} })
	story.does("lucia", core.VerbAmend, func(c *core.Command) { *c = only(*c, core.FieldFunding, "Otra fuente") })
	story.does("lucia", core.VerbFile, nil)
	if got := core.Corrections(story.trail); got != nil || story.record.Corrected() {
		t.Fatalf("it was never returned: %+v", got)
	}
	story.does("raul", core.VerbReturn, nil)
	story.does("lucia", core.VerbCorrect, func(c *core.Command) {
		c.Fields = map[core.Field]string{core.FieldNote: "El monto", core.FieldAmount: "2000.00", core.FieldFunding: "Otra fuente"}
		c.Items, c.Files = nil, []core.Attachment{b}
	})
	b.Verb = core.VerbCorrect
	want := []core.Change{{Field: core.FieldAmount, Before: "1000.00", After: "2000.00"}, {Field: core.FieldFiles, Files: []core.Attachment{b}}}
	if diff := cmp.Diff(want, core.Corrections(story.trail)); diff != "" || !story.record.Corrected() {
		t.Error(diff)
	}
	story.does("raul", core.VerbReturn, nil)
	if story.record.Corrected() {
		t.Error("it is returned, and told as corrected")
	}
	story.does("lucia", core.VerbCorrect, func(c *core.Command) { *c = only(*c, core.FieldNote, "Nada más") })
	if got := core.Corrections(story.trail); len(got) != 0 {
		t.Errorf("of a correction before: %+v", got)
	}
}

// only is c with one field.
func only(c core.Command, f core.Field, v string) core.Command {
	c.Fields, c.Items, c.Files = map[core.Field]string{f: v}, nil, nil
	return c
}

// story is a request that lives through its acts.
type story struct {
	t      *testing.T
	record core.Record
	trail  []core.Event
}

func (s *story) does(who string, v core.Verb, change func(*core.Command)) {
	s.t.Helper()
	c := command(v, s.record.State)
	if change != nil {
		change(&c)
	}
	events, no := core.Decide(s.record, c, cast[who], start)
	if no != nil {
		s.t.Fatal(no)
	}
	for _, e := range core.Seal(s.record, events) {
		s.record, s.trail = core.Apply(s.record, e), append(s.trail, e)
	}
}
