package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/filling"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/linking"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/view"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// commands is what is done about each word of the table.
var commands = []command{
	{word: word.Duties, run: runDuties, form: several},
	{word: word.Show, run: runShow},
	{word: word.Search, run: runSearch},
	{word: word.File, run: runFile, form: newRequest},
	{word: word.Template, run: runTemplate},
	{word: word.Mine, run: list(view.Mine)},
	{word: word.Substitute, run: runSubstitute, form: substitution},
	{word: word.Board, run: runBoard},
	{word: word.Export, run: runExport},
	{word: word.HandOver, run: runHandOver, form: handOver},
	{word: word.Program, run: runPrograms, form: newProgram},
	{word: word.Account, run: runAccounts, form: newRecord(core.KindAccount, core.VerbApply)},
	{word: word.Agency, run: runAgencies, form: newRecord(core.KindAgency, core.VerbRegister)},
	{word: word.Prefs, run: runPrefs, form: preferences},
	{word: word.Link, run: runLink},
	{word: word.Start, run: runStart},
	{word: word.Unlink, run: runUnlink},
	{word: word.Who, run: runWho},
	{word: word.GoOn, run: runGoOn},
	{word: word.Help, run: runHelp},
}

// find is the command of a word that somebody wrote.
func find(text string) (command, bool) {
	row, ok := word.Find(text)
	if !ok {
		return command{}, false
	}
	i := slices.IndexFunc(commands, func(w command) bool { return w.word == row.Name })
	if i < 0 {
		return command{}, false
	}
	return commands[i], true
}

// isCommand reports whether a text is one of the words, with the slash of a command.
func isCommand(text string) bool {
	first, _ := word.Split(text)
	_, is := word.Find(first)
	return is && strings.HasPrefix(first, "/")
}

// Form is the form that a word opens (filling.Commands).
func (c *conversation) Form(ctx context.Context, text, arg string) (form.Draft, *core.Refusal, error) {
	w, ok := find(text)
	if !ok || w.form == nil || !word.May(w.word, c.Roles()) {
		return form.Draft{}, &core.Refusal{Reason: core.NotAllowed, Mine: c.Actor.Roles}, nil
	}
	d, err := w.form(ctx, c, arg)
	return d, nil, err
}

func newRecord(k core.Kind, v core.Verb) func(context.Context, *conversation, string) (form.Draft, error) {
	return func(context.Context, *conversation, string) (form.Draft, error) {
		return form.Draft{Kind: k, Verb: v}, nil
	}
}

// maxEarlier is how many earlier requests are looked at for the answers that an office gives
// each time.
const maxEarlier = 5

// newRequest is the form of a request, which offers what the agency answered in its last
// ones: with the answers of the one that arg names (its id), if it is one of the agency's.
func newRequest(ctx context.Context, c *conversation, arg string) (form.Draft, error) {
	d := form.Draft{Kind: core.KindRequest, Verb: core.VerbDraft}
	earlier, err := c.Desk.Earlier(ctx, c.Actor, maxEarlier)
	if err != nil {
		return form.Draft{}, err
	}
	d.Earlier = form.Earlier(earlier)
	r, wanted, is, err := c.base(ctx, arg)
	if _, away := r.Archived(); err != nil || !wanted || !is || away {
		return d, err
	}
	return form.Based(d, r), c.Desk.Looked(ctx, c.Account.ID, core.SawDetail, r)
}

// base is the earlier request that the arg of /nueva names, where it names one, and
// whether it may be used so, still. One that was archived is read from its archive; where
// that is not at hand it is what is known of it here (core.Record.Archived).
func (c *conversation) base(ctx context.Context, arg string) (r core.Record, wanted, is bool, err error) {
	id := strings.TrimSpace(strings.TrimPrefix(arg, word.New))
	if id == "" {
		return core.Record{}, false, false, nil
	}
	s, no, err := c.Scene(ctx, id)
	if err != nil {
		return core.Record{}, true, false, err
	}
	if r = s.Record; no != nil {
		var away error
		r, away, err = c.Desk.AsItWas(ctx, c.Actor, id)
		switch {
		case errors.Is(err, desk.ErrNotFound):
			return core.Record{}, true, false, nil
		case err != nil:
			return core.Record{}, true, false, err
		case away != nil:
			c.Afterwards(ctx, "an archived request is no base: its archive is not at hand", away)
		}
	}
	return r, true, session.IsBase(r, c.Actor, c.Now), nil
}

// baseIsGone says that a request is no base any more, instead of a form that is empty
// though it should not be.
func (c *conversation) baseIsGone() Reply {
	return Reply{Card: &card.Card{
		Story: es.Story{Title: es.Say(es.BaseGone), Text: []string{es.Say(es.BaseGoneText)}},
		Rows:  [][]card.Action{{c.Opens(word.File, "", es.Button(core.VerbDraft), card.Plain)}},
	}}
}

// runFile opens the form of a request. Where the gate of step 1 is not open, that is said
// before the first question, and not after the last.
func runFile(ctx context.Context, c *conversation, w command, arg string) (Reply, error) {
	if c.In.Tap != "" { // typed, it is no id
		r, wanted, is, err := c.base(ctx, arg)
		if err != nil || wanted && !is {
			return c.baseIsGone(), err
		}
		if _, away := r.Archived(); away {
			return c.BaseAway(ctx, r)
		}
	}
	if strings.HasPrefix(arg, word.New) { // it was said
		return c.openForm(ctx, w, arg)
	}
	gate, _, err := c.Desk.Gate(ctx, c.Account.Agency, c.Now)
	if err != nil {
		return Reply{}, err
	}
	if gate == core.GateOpen {
		return c.openForm(ctx, w, arg)
	}
	reply, err := c.MissingProgram(ctx)
	if err != nil {
		return Reply{}, err
	}
	text, button := es.BeforeTheFirstQuestion(gate)
	reply.Card.Text = append(reply.Card.Text, text)
	reply.Card.Rows = append(reply.Card.Rows, []card.Action{c.Opens(w.word, strings.TrimSpace(word.New+" "+arg), button, card.Plain)})
	return reply, nil
}

func list(name view.ListName) func(context.Context, *conversation, command, string) (Reply, error) {
	return func(ctx context.Context, c *conversation, _ command, _ string) (Reply, error) {
		return c.views.List(ctx, name, "")
	}
}

// runDuties shows what the person owes, or asks to which of it an act is to be done.
func runDuties(ctx context.Context, c *conversation, w command, arg string) (Reply, error) {
	if _, ok := manyOf(arg); ok {
		return c.openForm(ctx, w, arg)
	}
	return c.views.List(ctx, view.Duties, "")
}

// several is the form of an act on several requests, which arg names.
func several(_ context.Context, c *conversation, arg string) (form.Draft, error) {
	v, _ := manyOf(arg)
	return c.forms.Many(v), nil
}

// manyOf is the act on several requests that the arg of a button names.
func manyOf(arg string) (core.Verb, bool) {
	v, ok := strings.CutPrefix(arg, view.Several)
	return core.Verb(v), ok && slices.Contains(core.ForMany, core.Verb(v))
}

// runShow has the card of a request drawn by its number.
func runShow(ctx context.Context, c *conversation, _ command, arg string) (Reply, error) {
	if strings.TrimSpace(arg) == "" {
		return Reply{Toast: es.Say(es.AskNumber)}, nil
	}
	return c.views.Number(ctx, arg)
}

func runSearch(ctx context.Context, c *conversation, _ command, arg string) (Reply, error) {
	return c.views.Search(ctx, arg)
}

// runBoard shows the board, or the list of one of its stages.
func runBoard(ctx context.Context, c *conversation, _ command, stage string) (Reply, error) {
	if stage != "" {
		return c.views.List(ctx, view.InStage, stage)
	}
	return c.views.Board(ctx)
}

// runExport asks for two dates, or gives the requests between those that were said.
func runExport(ctx context.Context, c *conversation, _ command, dates string) (Reply, error) {
	if strings.TrimSpace(dates) == "" {
		return c.views.AskExport(), nil
	}
	return c.views.Export(ctx, dates)
}

// runLink gives a code; with a credential behind it, the word is that which links.
func runLink(ctx context.Context, c *conversation, w command, arg string) (Reply, error) {
	if arg != "" {
		return runStart(ctx, c, w, arg)
	}
	return c.linking.NewCode(ctx)
}

// runStart shows the request that the payload of a deep link names, or greets.
func runStart(ctx context.Context, c *conversation, _ command, payload string) (Reply, error) {
	if number := linking.ShownBy(payload); number != "" {
		return c.views.Number(ctx, number)
	}
	if card.IsLink(payload) {
		record, err := c.Seal.OpenLink(c.Account.ID, payload)
		if err != nil {
			return Reply{Toast: es.NotFound("")}, nil
		}
		return c.views.Opened(ctx, record)
	}
	return c.linking.Start(ctx, payload)
}

func runUnlink(ctx context.Context, c *conversation, _ command, _ string) (Reply, error) {
	if err := c.takeOver(ctx); err != nil {
		return Reply{}, err
	}
	return c.linking.Unlink(ctx)
}

func runWho(ctx context.Context, c *conversation, _ command, _ string) (Reply, error) {
	who, err := c.views.Welcome(ctx, es.Say(es.WhoTitle))
	return Reply{Card: &who}, err
}

func runGoOn(ctx context.Context, c *conversation, _ command, _ string) (Reply, error) {
	return c.forms.GoOn(ctx)
}

// runTemplate gives the spreadsheet of renglones to fill in: a form on one screen has no
// button for it.
func runTemplate(_ context.Context, _ *conversation, _ command, _ string) (Reply, error) {
	sheet, err := filling.Template()
	return Reply{Toast: es.Say(es.TemplateHere), Documents: []Document{sheet}}, err
}

func runHelp(_ context.Context, c *conversation, _ command, _ string) (Reply, error) {
	return c.views.Help(), nil
}
