package bot

import (
	"context"
	"errors"
	"strings"

	"sidem/bot/session"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// maxSearch bounds what may be looked for, in characters.
const maxSearch = 100

// runSearch looks for requests by number, words of the subject, agency or person,
// within what the person may see. A number that is found is shown at once.
func runSearch(ctx context.Context, t *conversation, arg string) (Reply, error) {
	arg = strings.TrimSpace(arg)
	if runes := []rune(arg); len(runes) > maxSearch {
		arg = string(runes[:maxSearch])
	}
	if arg == "" {
		return Reply{Toast: es.Say(es.AskSearch)}, nil
	}
	if isNumber(arg) {
		r, err := t.Desk.ByNumber(ctx, t.Actor, arg)
		if err == nil {
			return Reply{}, t.Draw(ctx, r.ID, session.DrawAnew)
		}
		if !errors.Is(err, desk.ErrNotFound) {
			return Reply{}, err
		}
	}
	return t.openList(ctx, listSearch, arg)
}

func (t *conversation) searchList(ctx context.Context, text string) (list, error) {
	found, err := t.Desk.Search(ctx, t.Actor, text)
	if err != nil {
		return list{}, err
	}
	l := list{
		title: es.FoundTitle(text), union: found.Union, line: t.aged,
		empty: es.Story{Title: es.Say(es.NothingFound), Text: []string{es.Say(es.NothingFoundHint)}},
	}
	if found.Common {
		l.text = []string{es.Say(es.TooCommon)}
	}
	return l, nil
}

func (t *conversation) stageList(stage core.Stage) (list, error) {
	for _, row := range core.Stages {
		if row.Stage == stage {
			return list{
				title: es.Stage(stage), union: t.Desk.InStage(t.Actor, stage), line: func(r core.Record) string {
					_, since := r.Stage()
					return es.AgedLine(r, t.Desk.Age(since))
				},
				empty: es.Story{Title: es.Say(es.NoneInStage), Text: []string{es.Say(es.NothingHint)}},
			}, nil
		}
	}
	return list{}, errNoList
}
