package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sidem/bot/card"
	"sidem/bot/form"
	"sidem/bot/session"
	"sidem/core"
	"sidem/core/es"
)

// argHour is the arg by which /preferencias asks for the hour of the digest.
const argHour = "hora"

// runPrefs shows the order of channels and the hour of the digest, each to be
// changed by a button: arg is the channel that is put first, or argHour.
func runPrefs(ctx context.Context, t *conversation, arg string) (Reply, error) {
	if arg == argHour {
		c, _ := find("/preferencias")
		return t.openForm(ctx, c, arg)
	}
	chain := t.Account.Chain()
	if arg != "" && slices.Contains(chain, arg) && chain[0] != arg {
		order := append([]string{arg}, slices.DeleteFunc(chain, func(c string) bool { return c == arg })...)
		out, err := t.Desk.Do(ctx, t.Self(), t.Account.ID, core.Command{
			Verb: core.VerbPrefer, Where: t.In.Platform, Once: t.In.Once,
			Fields: map[core.Field]string{core.FieldChannels: strings.Join(order, ",")},
		})
		if err != nil {
			return Reply{}, fmt.Errorf("prefer: %w", err)
		}
		if out.Refusal != nil {
			return t.Refused(ctx, "", out.Refusal)
		}
		t.Account = out.Record
		reply := Reply{Toast: es.Saved(core.VerbPrefer), Card: t.drawPrefs()}
		return session.RedrawnTap(t.In, reply), nil
	}
	return Reply{Card: t.drawPrefs()}, nil
}

func (t *conversation) drawPrefs() *card.Card {
	chain := t.Account.Chain()
	c := &card.Card{Story: es.Story{Title: es.Say(es.PrefsTitle), Text: []string{es.Say(es.PrefsText)}}}
	c.Facts = []es.Fact{{Label: es.Field(core.FieldChannels), Value: es.Channels(chain)}}
	if hour := t.Account.Fields[core.FieldDigestHour]; hour != "" {
		c.Facts = append(c.Facts, es.Fact{Label: es.Field(core.FieldDigestHour), Value: hour + " h"})
	}
	var row []card.Action
	for i, channel := range chain {
		if i > 0 {
			row = append(row, card.Action{
				Label: es.FirstBy(channel), Token: t.Seal.Seal(t.Account.ID, card.Token{Word: "/preferencias", Arg: channel}),
			})
		}
	}
	c.Rows = [][]card.Action{append(row, t.Opens("/preferencias", argHour, es.Say(es.ButtonHour), card.Plain))}
	return c
}

func preferences(_ context.Context, t *conversation, _ string) (form.Draft, error) {
	return form.Draft{
		Kind: core.KindAccount, Verb: core.VerbPrefer, Record: t.Account.ID,
		Preset: map[core.Field]string{core.FieldChannels: strings.Join(t.Account.Chain(), ",")},
	}, nil
}

// runSubstitute shows who stands in for the person, or asks who is to.
func runSubstitute(ctx context.Context, t *conversation, arg string) (Reply, error) {
	f := t.Account.Fields
	if arg == argNew || f[core.FieldSubstitute] == "" || f[core.FieldToDate] < core.DateOf(t.Now).String() {
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
			t.Opens("/suplencia", argNew, es.Say(es.ButtonChange), card.Plain),
			t.comesBack(),
		}},
	}}, nil
}

// comesBack is the button that ends the person's substitution, once they have said yes.
func (t *conversation) comesBack() card.Action {
	tok := card.Token{Word: string(core.VerbComeBack), Record: t.Account.ID, Version: t.Account.Version}
	ask, yes := es.Question(core.VerbComeBack)
	a := t.Button(es.Button(core.VerbComeBack), tok)
	tok.Word = card.WordAsk + tok.Word
	a.Ask = t.Seal.Seal(t.Account.ID, tok)
	a.Confirm = &card.Confirm{Title: a.Label, Text: ask, Yes: yes, No: es.Say(es.ButtonReturn)}
	return a
}

func substitution(_ context.Context, t *conversation, _ string) (form.Draft, error) {
	return form.Draft{Kind: core.KindAccount, Verb: core.VerbSubstitute, Record: t.Account.ID}, nil
}
