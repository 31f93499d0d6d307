package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sidem/bot/card"
	"sidem/bot/form"
	"sidem/core"
	"sidem/core/es"
)

// argHour is the arg by which /preferencias asks for the hour of the digest.
const argHour = "hora"

// self is the person as the holder of their own account: nobody else's leave is asked.
func (t *session) self() core.Actor {
	a := t.actor
	a.Roles = append(slices.Clone(a.Roles), core.RoleSystem)
	return a
}

// runPrefs shows the order of channels and the hour of the digest, each to be
// changed by a button: arg is the channel that is put first, or argHour.
func runPrefs(ctx context.Context, t *session, arg string) (Reply, error) {
	if arg == argHour {
		c, _ := find("/preferencias")
		return t.openForm(ctx, c, arg)
	}
	chain := t.account.Chain()
	if arg != "" && slices.Contains(chain, arg) && chain[0] != arg {
		order := append([]string{arg}, slices.DeleteFunc(chain, func(c string) bool { return c == arg })...)
		out, err := t.Desk.Do(ctx, t.self(), t.account.ID, core.Command{
			Verb: core.VerbPrefer, Where: t.in.Platform, Once: t.in.Once,
			Fields: map[core.Field]string{core.FieldChannels: strings.Join(order, ",")},
		})
		if err != nil {
			return Reply{}, fmt.Errorf("prefer: %w", err)
		}
		if out.Refusal != nil {
			return t.refused(ctx, "", out.Refusal)
		}
		t.account = out.Record
		reply := Reply{Toast: es.Saved(core.VerbPrefer), Card: t.drawPrefs()}
		return redrawnTap(t.in, reply), nil
	}
	return Reply{Card: t.drawPrefs()}, nil
}

func (t *session) drawPrefs() *card.Card {
	chain := t.account.Chain()
	c := &card.Card{Story: es.Story{Title: es.Say(es.PrefsTitle), Text: []string{es.Say(es.PrefsText)}}}
	c.Facts = []es.Fact{{Label: es.Field(core.FieldChannels), Value: es.Channels(chain)}}
	if hour := t.account.Fields[core.FieldDigestHour]; hour != "" {
		c.Facts = append(c.Facts, es.Fact{Label: es.Field(core.FieldDigestHour), Value: hour + " h"})
	}
	var row []card.Action
	for i, channel := range chain {
		if i > 0 {
			row = append(row, card.Action{
				Label: es.FirstBy(channel), Token: t.Seal.Seal(t.account.ID, card.Token{Word: "/preferencias", Arg: channel}),
			})
		}
	}
	c.Rows = [][]card.Action{append(row, t.opens("/preferencias", argHour, es.Say(es.ButtonHour), card.Plain))}
	return c
}

func preferences(_ context.Context, t *session, _ string) (form.Draft, error) {
	return form.Draft{
		Kind: core.KindAccount, Verb: core.VerbPrefer, Record: t.account.ID,
		Preset: map[core.Field]string{core.FieldChannels: strings.Join(t.account.Chain(), ",")},
	}, nil
}

// runSubstitute shows who stands in for the person, or asks who is to.
func runSubstitute(ctx context.Context, t *session, arg string) (Reply, error) {
	f := t.account.Fields
	if arg == argNew || f[core.FieldSubstitute] == "" || f[core.FieldToDate] < core.DateOf(t.now).String() {
		c, _ := find("/suplencia")
		return t.openForm(ctx, c, arg)
	}
	name := f[core.FieldSubstitute]
	if r, err := t.Desk.Ledger.Record(ctx, name); err == nil {
		name = r.Fields[core.FieldName]
	}
	return Reply{Card: &card.Card{
		Story: es.Story{Title: es.Say(es.SubstituteHead), Head: es.SubstituteText(name, f[core.FieldFromDate], f[core.FieldToDate])},
		Rows: [][]card.Action{{
			t.opens("/suplencia", argNew, es.Say(es.ButtonChange), card.Plain),
			t.comesBack(),
		}},
	}}, nil
}

// comesBack is the button that ends the person's substitution, once they have said yes.
func (t *session) comesBack() card.Action {
	tok := card.Token{Word: string(core.VerbComeBack), Record: t.account.ID, Version: t.account.Version}
	ask, yes := es.Question(core.VerbComeBack)
	a := t.button(es.Button(core.VerbComeBack), tok)
	tok.Word = card.WordAsk + tok.Word
	a.Ask = t.Seal.Seal(t.account.ID, tok)
	a.Confirm = &card.Confirm{Title: a.Label, Text: ask, Yes: yes, No: es.Say(es.ButtonReturn)}
	return a
}

func substitution(_ context.Context, t *session, _ string) (form.Draft, error) {
	return form.Draft{Kind: core.KindAccount, Verb: core.VerbSubstitute, Record: t.account.ID}, nil
}
