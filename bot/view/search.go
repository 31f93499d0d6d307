package view

import (
	"context"
	"errors"
	"strings"

	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// maxSearch bounds what may be looked for, in characters.
const maxSearch = 100

// Search looks for requests by number, words of the subject, agency or person,
// within what the person may see. A number that is found is shown at once.
func (v *Views) Search(ctx context.Context, arg string) (session.Reply, error) {
	arg = strings.TrimSpace(arg)
	if runes := []rune(arg); len(runes) > maxSearch {
		arg = string(runes[:maxSearch])
	}
	if arg == "" {
		return session.Reply{Toast: es.Say(es.AskSearch)}, nil
	}
	if IsNumber(arg) {
		reply, err := v.numbered(ctx, arg)
		if !errors.Is(err, desk.ErrNotFound) {
			return reply, err
		}
	}
	return v.List(ctx, Found, arg)
}

// numbered has the card of the request drawn that a number means; of two years that have
// the number both are offered. The error is desk.ErrNotFound where there is none.
func (v *Views) numbered(ctx context.Context, number string) (session.Reply, error) {
	found, err := v.Desk.Numbered(ctx, v.Actor, number)
	switch {
	case err != nil:
		return session.Reply{}, err
	case len(found) == 1 && found[0].Fields[core.FieldArchived] != "":
		return v.Archived(ctx, found[0])
	case len(found) == 1:
		return session.Reply{}, v.Draw(ctx, found[0].ID, session.DrawAnew)
	}
	return v.List(ctx, Found, number)
}

func (v *Views) searchList(ctx context.Context, text string) (list, error) {
	if IsNumber(text) {
		same, err := v.Desk.Numbered(ctx, v.Actor, text)
		if err == nil {
			return list{title: es.FoundTitle(text), union: desk.Union{Known: same, Newest: true}, line: v.aged}, nil
		}
		if !errors.Is(err, desk.ErrNotFound) {
			return list{}, err
		}
	}
	found, err := v.Desk.Search(ctx, v.Actor, text)
	if err != nil {
		return list{}, err
	}
	l := list{
		title: es.FoundTitle(text), union: found.Union, line: v.aged,
		empty: es.Story{Title: es.Say(es.NothingFound), Text: []string{es.Say(es.NothingFoundHint)}},
	}
	if found.Common {
		l.text = []string{es.Say(es.TooCommon)}
	}
	return l, nil
}

func (v *Views) stageList(stage core.Stage) (list, error) {
	for _, row := range core.Stages {
		if row.Stage == stage {
			return list{
				title: es.Stage(stage), union: v.Desk.InStage(v.Actor, stage), line: func(r core.Record) string {
					_, since := r.Stage()
					return es.AgedLine(r, v.Desk.Age(since))
				},
				empty: es.Story{Title: es.Say(es.NoneInStage), Text: []string{es.Say(es.NothingHint)}},
			}, nil
		}
	}
	return list{}, errNoList
}

// Number has the card of a request drawn by its number.
func (v *Views) Number(ctx context.Context, text string) (session.Reply, error) {
	reply, err := v.numbered(ctx, text)
	if errors.Is(err, desk.ErrNotFound) {
		return session.Reply{Toast: es.NotFound(text)}, nil
	}
	return reply, err
}

// Opened has the card of a record drawn that a link of a mail named.
func (v *Views) Opened(ctx context.Context, record string) (session.Reply, error) {
	_, no, err := v.Scene(ctx, record)
	switch {
	case errors.Is(err, desk.ErrNotFound), err == nil && no != nil:
		return session.Reply{Toast: es.NotFound("")}, nil
	case err != nil:
		return session.Reply{}, err
	}
	return session.Reply{}, v.Draw(ctx, record, session.DrawAnew)
}

// IsNumber reports whether text is the number of a request as people write it: 147, #147, 147/26.
func IsNumber(text string) bool {
	s := strings.TrimPrefix(strings.TrimSpace(text), "#")
	return s != "" && s[0] >= '0' && s[0] <= '9' && strings.Trim(s, "0123456789/") == ""
}
