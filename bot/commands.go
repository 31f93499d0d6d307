package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sidem/bot/card"
	"sidem/bot/identity"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// command is one row of the table of words: routing, permission, help and the
// platforms' menus read it.
type command struct {
	word  string
	alias []string
	// by are the roles that may use it; none means everybody.
	by  []core.Role
	run func(ctx context.Context, t *turn, rest string) (Reply, error)
	// form is the form that the command opens, if it is one.
	form func(ctx context.Context, t *turn) (talk, error)
}

// commands is the table. It is a function because help reads it too.
func commands() []command {
	return []command{
		{word: "/pendientes", run: runDuties},
		{word: "/solicitud", run: func(ctx context.Context, t *turn, rest string) (Reply, error) { return t.show(ctx, rest) }},
		{word: "/nueva", by: []core.Role{core.RoleRequester}, run: runForm, form: newRecord(core.KindRequest, core.VerbDraft)},
		{word: "/mis", by: []core.Role{core.RoleRequester, core.RoleExecutive}, run: runMine},
		{word: "/programa", by: []core.Role{core.RoleRequester, core.RoleAdmin}, run: runForm, form: newRecord(core.KindProgram, core.VerbDeliver)},
		{word: "/cuenta", by: []core.Role{core.RoleAdmin}, run: runForm, form: newRecord(core.KindAccount, core.VerbApply)},
		{word: "/dependencia", by: []core.Role{core.RoleAdmin}, run: runForm, form: newRecord(core.KindAgency, core.VerbRegister)},
		{word: "/suplencia", by: []core.Role{core.RoleSecretary, core.RoleHead}, run: runForm, form: substitution},
		{word: "/quien", run: runWho},
		{word: "/vincular", alias: []string{"/start"}, run: runLinked},
		{word: "/desvincular", run: runUnlink},
		{word: "/ayuda", alias: []string{"/help"}, run: runHelp},
	}
}

func find(word string) (command, bool) {
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool { return c.word == word || slices.Contains(c.alias, word) })
	if i < 0 {
		return command{}, false
	}
	return all[i], true
}

func (c command) may(a core.Actor) bool {
	return len(c.by) == 0 || slices.ContainsFunc(c.by, a.Is)
}

// Word is a command as a platform's menu shows it.
type Word struct{ Name, Description string }

// Words are the commands for the platforms' menus.
func Words() []Word {
	var out []Word
	for _, c := range commands() {
		out = append(out, Word{Name: strings.TrimPrefix(c.word, "/"), Description: es.Help(c.word)})
	}
	return out
}

func newRecord(k core.Kind, v core.Verb) func(context.Context, *turn) (talk, error) {
	return func(context.Context, *turn) (talk, error) {
		return talk{Kind: k, Verb: v, Values: map[core.Field]string{}}, nil
	}
}

func substitution(_ context.Context, t *turn) (talk, error) {
	return talk{Kind: core.KindAccount, Verb: core.VerbSubstitute, Record: t.account.ID, Values: map[core.Field]string{}}, nil
}

// runForm opens the form of a command: whole, or its first question.
func runForm(ctx context.Context, t *turn, _ string) (Reply, error) {
	word, _ := split(t.in.Text)
	if tok, err := t.Seal.Open(t.account.ID, t.in.Tap); err == nil {
		word = tok.Word
	}
	c, ok := find("/" + strings.TrimPrefix(word, "/"))
	if !ok {
		return t.hint(), nil
	}
	k, err := c.form(ctx, t)
	if err != nil {
		return Reply{}, err
	}
	if !t.Modal[t.in.Platform] {
		return t.begin(ctx, k)
	}
	form, no, err := t.form(ctx, k)
	if err != nil || no != nil {
		return t.gone(ctx, k, no, err)
	}
	form.Token = t.Seal.Seal(t.account.ID, card.Token{Word: c.word})
	return Reply{Form: &form}, nil
}

// listLimit is how many a list shows.
const listLimit = 10

func runDuties(ctx context.Context, t *turn, _ string) (Reply, error) {
	records, err := t.Desk.Owed(ctx, t.actor, listLimit)
	if err != nil {
		return Reply{}, err
	}
	c := t.list(es.DutiesTitle(len(records)), records)
	return Reply{Card: &c}, nil
}

func runMine(ctx context.Context, t *turn, _ string) (Reply, error) {
	records, err := t.Desk.Mine(ctx, t.account.ID, listLimit)
	if err != nil {
		return Reply{}, err
	}
	c := t.list(es.MineTitle(len(records)), records)
	return Reply{Card: &c}, nil
}

// list is a message with one line and one button for each record.
func (t *turn) list(title string, records []core.Record) card.Card {
	c := card.Card{Story: es.Story{Title: title}}
	for _, r := range records {
		line, label := es.Line(r), es.Short(r)
		c.Text = append(c.Text, line)
		c.Rows = append(c.Rows, []card.Action{{
			Label: label,
			Token: t.Seal.Seal(t.account.ID, card.Token{Word: wordOpen, Record: r.ID}),
		}})
	}
	return c
}

// show has the card of a request drawn by its number.
func (t *turn) show(ctx context.Context, text string) (Reply, error) {
	r, err := t.Desk.ByNumber(ctx, t.actor, text)
	if errors.Is(err, desk.ErrNotFound) {
		return Reply{Toast: es.NotFound(text)}, nil
	}
	if err != nil {
		return Reply{}, err
	}
	return Reply{}, t.draw(ctx, r.ID, drawAnew)
}

func runWho(ctx context.Context, t *turn, _ string) (Reply, error) {
	c, err := t.welcome(ctx, es.Say(es.WhoTitle))
	return Reply{Card: &c}, err
}

// runLinked answers somebody who is linked. The code that linked them, once
// more, is a redelivery: it is answered, and finishes, what the first began.
func runLinked(ctx context.Context, t *turn, rest string) (Reply, error) {
	if account, _, ok := identity.Split(rest); ok && account == t.account.ID {
		return t.greet(ctx)
	}
	c, err := t.welcome(ctx, es.Say(es.LinkedAlready))
	return Reply{Card: &c}, err
}

// welcome says who the person is and what comes next.
func (t *turn) welcome(ctx context.Context, title string) (card.Card, error) {
	agency, err := t.Desk.AgencyName(ctx, t.account.Agency)
	if err != nil {
		return card.Card{}, err
	}
	if agency == "" {
		agency = t.Desk.Office.Area
	}
	var roles []string
	for _, r := range t.account.Roles {
		roles = append(roles, es.Role(r))
	}
	row := []card.Action{t.word("/pendientes", es.Say(es.ButtonDuties), card.Plain)}
	if t.actor.Is(core.RoleRequester) {
		row = []card.Action{
			t.word("/nueva", es.Button(core.VerbDraft), card.Primary),
			t.word("/mis", es.Say(es.ButtonMine), card.Plain),
		}
	}
	row = append(row, t.word("/desvincular", es.Button(core.VerbUnlink), card.Plain))
	return card.Card{
		Story: es.Story{
			Title: title, Head: t.account.Fields[core.FieldName] + " · " + es.List(roles), Subject: agency,
			Text: []string{es.SendingHours(t.Desk.Office.Sending)},
		},
		Rows: [][]card.Action{row},
	}, nil
}

func runUnlink(ctx context.Context, t *turn, _ string) (Reply, error) {
	self := t.actor
	self.Roles = append(slices.Clone(self.Roles), core.RoleSystem)
	out, err := t.Desk.Do(ctx, self, t.account.ID, core.Command{
		Verb: core.VerbUnlink, Fields: map[core.Field]string{core.FieldPlatform: t.in.Platform}, Where: t.in.Platform, Once: t.in.Once,
	})
	if err != nil {
		return Reply{}, fmt.Errorf("unlink: %w", err)
	}
	if out.Refusal != nil {
		return t.refused(ctx, "", out.Refusal)
	}
	if t.in.Tap != "" {
		return Reply{Card: &card.Card{Story: es.Story{Title: es.Saved(core.VerbUnlink)}}, Redraw: true}, nil
	}
	return Reply{Toast: es.Saved(core.VerbUnlink)}, nil
}

func runHelp(_ context.Context, t *turn, _ string) (Reply, error) {
	c := card.Card{Story: es.Story{Title: es.Say(es.HelpTitle)}}
	for _, cmd := range commands() {
		if cmd.may(t.actor) {
			c.Facts = append(c.Facts, es.Fact{Label: cmd.word, Value: es.Help(cmd.word)})
		}
	}
	return Reply{Card: &c}, nil
}
