package filling

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// maxMany is how many requests stand to be chosen: as many as both platforms show.
const maxMany = 10

// Many is the form of an act that is done to several requests.
func (forms *Forms) Many(v core.Verb) form.Draft {
	d := form.Draft{Kind: core.KindRequest, Verb: v, Many: true}
	return form.Assuming(d, core.Record{}, forms.Now)
}

// manyQuestions asks to which requests, and once what the act needs of each.
func (forms *Forms) manyQuestions(ctx context.Context, d form.Draft) (card.Form, *core.Refusal, error) {
	part, err := forms.Desk.Read(ctx, forms.Desk.OwedBy(forms.Actor), desk.Place{}, maxOwed)
	if err != nil {
		return card.Form{}, nil, fmt.Errorf("list what is owed: %w", err)
	}
	which := card.Question{Field: core.FieldMany, Spec: core.Specs[core.FieldMany], Label: es.FieldQuestion(core.FieldMany), Needed: true, Required: true}
	var first core.Record
	for _, r := range part.Records {
		if len(which.Options) == maxMany || !forms.Actor.OffersMany(d.Verb, r, forms.Now) {
			continue
		}
		if first.ID == "" {
			first = r
		}
		which.Options = append(which.Options, card.Option{Label: es.Named(r), Value: r.ID})
	}
	gone, err := forms.chosenAndGone(ctx, d, which.Options)
	if err != nil {
		return card.Form{}, nil, err
	}
	which.Options = append(which.Options, gone...)
	if len(which.Options) == 0 {
		return card.Form{}, &core.Refusal{Reason: core.NotNow, Verb: d.Verb, Kind: core.KindRequest}, nil
	}
	if first.ID == "" { // nothing is left to be asked of those that were chosen
		return card.Form{Title: es.ManyTitle(d.Verb), Questions: []card.Question{which}}, nil, nil
	}
	s, no, err := forms.Scene(ctx, first.ID)
	if err != nil || no != nil {
		return card.Form{}, no, err
	}
	must, _ := core.Needs(core.KindRequest, d.Verb, first.State)
	must = slices.DeleteFunc(slices.Clone(must), func(f core.Field) bool {
		return f == core.FieldLetterNumber || f == core.FieldHead && len(s.Choices[f]) == 1 // each has its own, or there is one alone
	})
	s.Record = core.Record{Kind: core.KindRequest}
	f := card.FormFor(d.Verb, "", must, nil, s, d.Preset)
	f.Title, f.Questions = es.ManyTitle(d.Verb), slices.Insert(f.Questions, 0, which)
	return f, nil, nil
}

// chosenAndGone are the requests, chosen in d or on the screen that came back, to which the act
// is not done any more, as options by their numbers: nobody sends what they do not see.
func (forms *Forms) chosenAndGone(ctx context.Context, d form.Draft, offered []card.Option) (out []card.Option, err error) {
	chosen := strings.Split(d.Answers[core.FieldMany].Value, ",")
	if forms.In.Form != nil {
		chosen = append(chosen, strings.Split(forms.In.Form.Values[core.FieldMany], ",")...)
	}
	slices.Sort(chosen)
	for _, id := range slices.Compact(chosen) {
		if id == "" || slices.ContainsFunc(offered, func(o card.Option) bool { return o.Value == id }) {
			continue
		}
		r, err := forms.Desk.Ledger.Record(ctx, id)
		switch {
		case errors.Is(err, desk.ErrNotFound):
		case err != nil:
			return nil, fmt.Errorf("a request that was chosen: %w", err)
		case forms.Actor.Sees(r, forms.Now):
			out = append(out, card.Option{Label: es.ManyGone(r), Value: id})
		}
	}
	return out, nil
}

// maxOwed bounds what is looked at for those that an act can be done to.
const maxOwed = 50

// carryMany gives the command for each of the chosen requests, and tells what came of it in a
// line each: a reason that stops one stops only that one.
func (forms *Forms) carryMany(ctx context.Context, d form.Draft, f card.Form) string {
	base := form.Command(d, f)
	ids := base.Fields[core.FieldMany]
	delete(base.Fields, core.FieldMany)
	var lines []string
	for id := range strings.SplitSeq(ids, ",") {
		lines = append(lines, forms.carryOne(ctx, id, base))
	}
	return strings.Join(lines, "\n")
}

func (forms *Forms) carryOne(ctx context.Context, id string, c core.Command) string {
	r, err := forms.Desk.Ledger.Record(ctx, id)
	if err != nil || !forms.Actor.Sees(r, forms.Now) {
		forms.Afterwards(ctx, "one of several is not there", err)
		return es.NotFound("")
	}
	c.Fields, c.Where, c.Once = maps.Clone(c.Fields), forms.In.Platform, c.Once+"/"+id
	if c.Verb == core.VerbReceiveLetter {
		c.Fields[core.FieldLetterNumber] = r.Fields[core.FieldLetterNumber]
	}
	out, err := forms.Desk.Do(ctx, forms.Actor, id, c)
	switch {
	case err != nil:
		return es.ManyLine(r, forms.Trouble(fmt.Errorf("%s of %s: %w", c.Verb, id, err)).Toast)
	case out.Refusal != nil:
		return es.ManyLine(r, forms.WordsOf(ctx, out.Refusal))
	}
	return es.ManyLine(out.Record, forms.Saved(ctx, c.Verb, 1, out))
}

// manyCard tells what came of an act on several requests.
func manyCard(lines string) *card.Card {
	return &card.Card{Story: es.Story{Title: es.Say(es.ManyDone), Text: strings.Split(lines, "\n")}}
}
