package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"sidem/bot/card"
	"sidem/bot/form"
	"sidem/bot/session"
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
	by []core.Role
	// quiet words stand in no help and no menu: buttons say them.
	quiet bool
	// run answers the word and what follows it; nil opens the form.
	run func(ctx context.Context, t *conversation, arg string) (Reply, error)
	// form is the form that the word opens, if there is one. It is made again from
	// the same arg when the form comes back filled in.
	form func(ctx context.Context, t *conversation, arg string) (form.Draft, error)
}

// commands is the table. It is a function because help reads it too.
func commands() []command {
	boardRoles := []core.Role{core.RoleHead, core.RoleDirector, core.RoleAdmin, core.RoleAuditor}
	counter := []core.Role{core.RoleRegistry, core.RoleExecutive}
	admin := []core.Role{core.RoleAdmin}
	return []command{
		{word: "/pendientes", run: func(ctx context.Context, t *conversation, _ string) (Reply, error) {
			return t.openList(ctx, listDuties, "")
		}},
		{word: "/solicitud", run: runShow},
		{word: "/buscar", run: runSearch},
		{word: "/nueva", by: []core.Role{core.RoleRequester}, form: newRecord(core.KindRequest, core.VerbDraft)},
		{word: "/mis", by: []core.Role{core.RoleRequester, core.RoleExecutive}, run: func(ctx context.Context, t *conversation, _ string) (Reply, error) {
			return t.openList(ctx, listMine, "")
		}},
		{word: "/suplencia", by: []core.Role{core.RoleSecretary, core.RoleHead}, run: runSubstitute, form: substitution},
		{word: "/tablero", by: boardRoles, run: runBoard},
		{word: "/entrega", by: counter, run: runHandOver, form: handOver},
		{word: "/programa", by: []core.Role{core.RoleRequester, core.RoleAdmin}, run: runPrograms, form: newProgram},
		{word: "/cuenta", by: admin, run: runAccounts, form: newRecord(core.KindAccount, core.VerbApply)},
		{word: "/dependencia", by: admin, run: runAgencies, form: newRecord(core.KindAgency, core.VerbRegister)},
		{word: "/preferencias", run: runPrefs, form: preferences},
		{word: "/vincular", run: runCode},
		{word: "/start", quiet: true, run: runStart},
		{word: "/desvincular", run: runUnlink},
		{word: "/quien", run: runWho},
		{word: "/seguir", quiet: true, run: func(ctx context.Context, t *conversation, _ string) (Reply, error) { return t.forms.GoOn(ctx) }},
		{word: "/ayuda", alias: []string{"/help"}, run: runHelp},
	}
}

// argNew is the arg by which a word that shows lists opens its form instead.
const argNew = "nueva"

// find is the command of a word, with or without accents.
func find(word string) (command, bool) {
	word = unaccented.Replace(word)
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool { return c.word == word || slices.Contains(c.alias, word) })
	if i < 0 {
		return command{}, false
	}
	return all[i], true
}

var unaccented = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u")

func (c command) may(roles []core.Role) bool {
	return len(c.by) == 0 || slices.ContainsFunc(c.by, func(r core.Role) bool { return slices.Contains(roles, r) })
}

// Word is a command as a platform's menu shows it.
type Word struct{ Name, Description string }

// WordsFor are the commands for the menu of a person with roles.
func WordsFor(roles []core.Role) []Word {
	var out []Word
	for _, c := range commands() {
		if !c.quiet && c.may(roles) {
			out = append(out, Word{Name: strings.TrimPrefix(c.word, "/"), Description: es.Help(c.word)})
		}
	}
	return out
}

// run answers a word of the table. One that is another role's is said to be so.
func (t *conversation) run(ctx context.Context, c command, arg string) (Reply, error) {
	switch {
	case !c.may(t.Roles()):
		hint := t.hint()
		hint.Card.Title, hint.Card.Text = es.Say(es.NotYours), []string{es.NotYourWord(c.by)}
		return hint, nil
	case c.run == nil:
		return t.openForm(ctx, c, arg)
	}
	return c.run(ctx, t, arg)
}

// openForm opens the form of a command: whole, or its first question.
func (t *conversation) openForm(ctx context.Context, c command, arg string) (Reply, error) {
	d, err := c.form(ctx, t, arg)
	if err != nil {
		return Reply{}, err
	}
	return t.forms.Open(ctx, d, card.Token{Word: c.word, Arg: arg})
}

// Form is the form that a word opens (filling.Commands).
func (t *conversation) Form(ctx context.Context, word, arg string) (form.Draft, *core.Refusal, error) {
	c, ok := find(word)
	if !ok || c.form == nil || !c.may(t.Roles()) {
		return form.Draft{}, &core.Refusal{Reason: core.NotAllowed, Mine: t.Actor.Roles}, nil
	}
	d, err := c.form(ctx, t, arg)
	return d, nil, err
}

func newRecord(k core.Kind, v core.Verb) func(context.Context, *conversation, string) (form.Draft, error) {
	return func(context.Context, *conversation, string) (form.Draft, error) {
		return form.Draft{Kind: k, Verb: v}, nil
	}
}

// runShow has the card of a request drawn by its number.
func runShow(ctx context.Context, t *conversation, arg string) (Reply, error) {
	if strings.TrimSpace(arg) == "" {
		return Reply{Toast: es.Say(es.AskNumber)}, nil
	}
	return t.show(ctx, arg)
}

func (t *conversation) show(ctx context.Context, text string) (Reply, error) {
	r, err := t.Desk.ByNumber(ctx, t.Actor, text)
	if errors.Is(err, desk.ErrNotFound) {
		return Reply{Toast: es.NotFound(text)}, nil
	}
	if err != nil {
		return Reply{}, err
	}
	return Reply{}, t.Draw(ctx, r.ID, session.DrawAnew)
}

func runWho(ctx context.Context, t *conversation, _ string) (Reply, error) {
	c, err := t.welcome(ctx, es.Say(es.WhoTitle))
	return Reply{Card: &c}, err
}

// welcome says who the person is and what comes next.
func (t *conversation) welcome(ctx context.Context, title string) (card.Card, error) {
	agency, err := t.Desk.AgencyName(ctx, t.Account.Agency)
	if err != nil {
		return card.Card{}, err
	}
	if agency == "" {
		agency = t.Desk.Office.Area
	}
	var roles []string
	for _, r := range t.Account.Roles {
		roles = append(roles, es.Role(r))
	}
	row := []card.Action{t.Word("/pendientes", es.Say(es.ButtonDuties), card.Plain)}
	if t.Actor.Is(core.RoleRequester) {
		row = []card.Action{
			t.Opens("/nueva", "", es.Button(core.VerbDraft), card.Primary),
			t.Word("/mis", es.Say(es.ButtonMine), card.Plain),
		}
	}
	if t.onlyReads() {
		row = []card.Action{t.Word("/tablero", es.Say(es.BoardTitle), card.Plain), t.Word("/ayuda", es.Say(es.ButtonHelp), card.Plain)}
	}
	row = append(row, t.Word("/desvincular", es.Button(core.VerbUnlink), card.Plain))
	return card.Card{
		Story: es.Story{
			Title: title, Head: t.Account.Fields[core.FieldName] + " · " + es.List(roles), Subject: agency,
			Text: []string{es.SendingHours(t.Desk.Office.Sending)},
		},
		Rows: [][]card.Action{row},
	}, nil
}

func runHelp(_ context.Context, t *conversation, _ string) (Reply, error) {
	c := card.Card{Story: es.Story{Title: es.Say(es.HelpTitle), Text: []string{es.Say(es.HelpOthers)}}}
	for _, w := range WordsFor(t.Roles()) {
		c.Facts = append(c.Facts, es.Fact{Label: "/" + w.Name, Value: w.Description})
	}
	if t.Actor.Is(core.RoleAuditor) {
		c.Text = append(c.Text, es.Say(es.HelpAuditor))
	}
	return Reply{Card: &c}, nil
}
