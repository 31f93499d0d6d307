package bot

import (
	"context"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core/es"
)

// command is what is done about one of the words.
type command struct {
	word string
	// run answers the word and what follows it; nil opens the form.
	run func(ctx context.Context, c *conversation, w command, arg string) (Reply, error)
	// form is the form that the word opens, if there is one. It is made again from
	// the same arg when the form comes back filled in.
	form func(ctx context.Context, c *conversation, arg string) (form.Draft, error)
}

// run answers a word. One that is another role's is said to be so.
func (c *conversation) run(ctx context.Context, w command, arg string) (Reply, error) {
	row, _ := word.Find(w.word)
	switch {
	case !row.May(c.Roles()):
		hint := c.hint()
		hint.Card.Title, hint.Card.Text = es.Say(es.NotYours), []string{es.NotYourWord(row.By)}
		return hint, nil
	case w.run == nil:
		return c.openForm(ctx, w, arg)
	}
	return w.run(ctx, c, w, arg)
}

// openForm opens the form of a command: whole, or its first question.
func (c *conversation) openForm(ctx context.Context, w command, arg string) (Reply, error) {
	d, err := w.form(ctx, c, arg)
	if err != nil {
		return Reply{}, err
	}
	return c.forms.Open(ctx, d, card.Token{Word: w.word, Arg: arg})
}

// hint answers what was not understood: short, with two ways on.
func (c *conversation) hint() Reply {
	return Reply{Card: &card.Card{
		Story: es.Story{Title: es.Say(es.NotUnderstood), Text: []string{es.Say(es.NotUnderstoodHint)}},
		Rows:  [][]card.Action{{c.Word(word.Duties, es.Say(es.ButtonDuties), card.Plain), c.Word(word.Help, es.Say(es.ButtonHelp), card.Plain)}},
	}}
}
