package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// The args by which /preferencias asks for the hour of the digest, and for a pause, which
// argNoPause ends. Others are a channel to put first, or how often the digest comes.
const (
	argHour    = "hora"
	argPause   = "pausa"
	argNoPause = "reanudar"
)

// spokenPrefs are the words that people write behind /preferencias, by the arg that they mean.
var spokenPrefs = map[string]string{
	"diario": core.DigestDaily, "cada dia": core.DigestDaily, "semanal": core.DigestWeekly, "sin resumen": core.DigestNever,
	"pausar": argPause, "terminar pausa": argNoPause,
}

// digests are how often the digest can come.
var digests = core.Specs[core.FieldDigestEvery].Choices

// runPrefs shows the order of channels, the digest and a pause, each to be changed by a
// button, or by the words of arg.
func runPrefs(ctx context.Context, c *conversation, w command, arg string) (Reply, error) {
	if meant, ok := spokenPrefs[value.Fold(arg)]; ok {
		arg = meant
	}
	chain := c.Account.Chain()
	switch {
	case arg == argHour, arg == argPause:
		return c.openForm(ctx, w, arg)
	case arg == argNoPause && c.Account.PausedOn(core.DateOf(c.Now)):
		return c.prefer(ctx, core.FieldPausedUntil, "")
	case slices.Contains(digests, arg) && arg != c.digest():
		return c.prefer(ctx, core.FieldDigestEvery, arg)
	case arg != "" && slices.Contains(chain, arg) && chain[0] != arg:
		order := append([]string{arg}, slices.DeleteFunc(chain, func(channel string) bool { return channel == arg })...)
		return c.prefer(ctx, core.FieldChannels, strings.Join(order, ","))
	}
	drawn := c.drawPrefs()
	if c.In.Tap == "" && arg != "" && arg != argNoPause && !slices.Contains(digests, arg) && !slices.Contains(chain, arg) {
		drawn.Text = slices.Insert(drawn.Text, 0, es.Say(es.PrefsUnknown))
	}
	return Reply{Card: drawn, Shows: screen.View{Same: word.Prefs, Word: word.Prefs}}, nil
}

// prefer keeps one preference, and shows them all.
func (c *conversation) prefer(ctx context.Context, f core.Field, v string) (Reply, error) {
	out, err := c.Desk.Do(ctx, c.Self(), c.Account.ID, core.Command{
		Verb: core.VerbPrefer, Where: c.In.Platform, Once: c.In.Once, Fields: map[core.Field]string{f: v},
	})
	if err != nil {
		return Reply{}, fmt.Errorf("prefer: %w", err)
	}
	if out.Refusal != nil {
		return c.Refused(ctx, "", out.Refusal)
	}
	c.Account = out.Record
	reply := Reply{Toast: es.Saved(core.VerbPrefer), Card: c.drawPrefs(), Shows: screen.View{Same: word.Prefs, Word: word.Prefs}}
	return session.RedrawnTap(c.In, reply), nil
}

// digest is how often the person's digest comes.
func (c *conversation) digest() string {
	return cmp.Or(c.Account.Fields[core.FieldDigestEvery], core.DigestDaily)
}

func (c *conversation) drawPrefs() *card.Card {
	chain, f := c.Account.Chain(), c.Account.Fields
	drawn := &card.Card{Story: es.Story{Title: es.Say(es.PrefsTitle), Text: []string{es.Say(es.PrefsText)}}}
	drawn.Facts = []es.Fact{
		{Label: es.Field(core.FieldChannels), Value: es.Channels(chain)},
		{Label: es.Field(core.FieldDigestEvery), Value: es.Value(c.digest())},
	}
	if hour := f[core.FieldDigestHour]; hour != "" {
		drawn.Facts = append(drawn.Facts, es.Fact{Label: es.Field(core.FieldDigestHour), Value: hour + " h"})
	}
	pause := c.Opens(word.Prefs, argPause, es.Say(es.ButtonPause), card.Plain)
	if until, err := core.ParseDay(f[core.FieldPausedUntil]); err == nil && c.Account.PausedOn(core.DateOf(c.Now)) {
		drawn.Facts = append(drawn.Facts, es.Fact{Label: es.Field(core.FieldPausedUntil), Value: es.PausedUntil(until)})
		drawn.Text = append(drawn.Text, es.Say(es.PauseText))
		pause = c.Button(es.Say(es.ButtonUnpause), card.Token{Word: word.Prefs, Arg: argNoPause})
	}
	var row, often []card.Action
	for i, channel := range chain {
		if i > 0 {
			row = append(row, c.Button(es.FirstBy(channel), card.Token{Word: word.Prefs, Arg: channel}))
		}
	}
	for _, d := range digests {
		if d != c.digest() {
			often = append(often, c.Button(es.DigestButton(d), card.Token{Word: word.Prefs, Arg: d}))
		}
	}
	drawn.Rows = [][]card.Action{append(row, c.Opens(word.Prefs, argHour, es.Say(es.ButtonHour), card.Plain)), often, {pause}}
	return drawn
}

// preferences is the form of the hour of the digest, or of a pause: the others are not asked.
func preferences(_ context.Context, c *conversation, arg string) (form.Draft, error) {
	d := form.Draft{
		Kind: core.KindAccount, Verb: core.VerbPrefer, Record: c.Account.ID,
		Preset: map[core.Field]string{core.FieldChannels: strings.Join(c.Account.Chain(), ","), core.FieldDigestEvery: ""},
	}
	other := core.FieldPausedUntil
	if arg == argPause {
		other = core.FieldDigestHour
	}
	d.Preset[other] = ""
	return d, nil
}

// runSubstitute shows who stands in for the person, or for whom they do, or asks who is to.
func runSubstitute(ctx context.Context, c *conversation, w command, arg string) (Reply, error) {
	drawn := c.substitutions(ctx)
	if arg == word.New || drawn == nil {
		return c.openForm(ctx, w, arg)
	}
	return Reply{Card: drawn, Shows: screen.View{Same: word.Substitute, Word: word.Substitute}}, nil
}

// substitutions is who stands in for the person, or for whom they do; nil for neither.
func (c *conversation) substitutions(ctx context.Context) *card.Card {
	if c.hasSubstitute() {
		return c.drawSubstitute(ctx)
	}
	story, stands := es.StandsIn(c.Actor.Principals, core.DateOf(c.Now))
	if !stands {
		return nil
	}
	row := []card.Action{c.Word(word.Duties, es.Say(es.ButtonDuties), card.Primary)}
	if c.Actor.Is(core.RoleSecretary) || c.Actor.Is(core.RoleHead) || c.Actor.Is(core.RoleAdmin) {
		row = append(row, c.Opens(word.Substitute, word.New, es.Button(core.VerbSubstitute), card.Plain))
	}
	return &card.Card{Story: story, Rows: [][]card.Action{row}}
}

// hasSubstitute reports whether somebody stands in for the person, or will.
func (c *conversation) hasSubstitute() bool {
	f := c.Account.Fields
	return f[core.FieldSubstitute] != "" && f[core.FieldToDate] >= core.DateOf(c.Now).String()
}

func (c *conversation) drawSubstitute(ctx context.Context) *card.Card {
	f := c.Account.Fields
	name := f[core.FieldSubstitute]
	if r, err := c.Desk.Ledger.Record(ctx, name); err == nil {
		name = r.Fields[core.FieldName]
	}
	return &card.Card{
		Story: es.Story{Title: es.Say(es.SubstituteHead), Head: es.SubstituteText(name, f[core.FieldFromDate], f[core.FieldToDate])},
		Rows: [][]card.Action{{
			c.Opens(word.Substitute, word.New, es.Say(es.ButtonChange), card.Plain),
			c.comesBack(),
		}},
	}
}

// comesBack is the button that ends the person's substitution, once they have said yes.
func (c *conversation) comesBack() card.Action {
	tok := card.Token{Word: string(core.VerbComeBack), Record: c.Account.ID, Version: c.Account.Version}
	ask, yes := es.Question(core.VerbComeBack)
	a := c.Button(es.Button(core.VerbComeBack), tok)
	tok.Word = card.WordAsk + tok.Word
	a.Ask = c.Sealed(tok)
	a.Confirm = &card.Confirm{Title: a.Label, Text: ask, Yes: yes, No: es.Say(es.ButtonReturn)}
	return a
}

func substitution(_ context.Context, c *conversation, _ string) (form.Draft, error) {
	return form.Draft{Kind: core.KindAccount, Verb: core.VerbSubstitute, Record: c.Account.ID}, nil
}
