package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"sidem/bot/card"
	"sidem/bot/paper"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// Words of the buttons by which a person says what becomes of an unfinished form.
const (
	talkResume = "~resume" // Record: a form that was set aside
	talkStay   = "~stay"   // go on with the one that is open
	talkAside  = "~aside"  // set it aside and open the next
	talkSwap   = "~swap"   // discard it and open the next
)

// touched reports whether something was answered that would be lost.
func (k talk) touched() bool {
	return k.ID != "" && k.Done == "" && (k.At > 0 || len(k.Items)+len(k.Files) > 0)
}

// same reports whether k and o ask for the same thing.
func (k talk) same(o talk) bool {
	return k.Kind == o.Kind && k.Verb == o.Verb && k.Record == o.Record && maps.Equal(k.Preset, o.Preset)
}

// fork asks what becomes of the form that is open, before the next one opens.
func (t *turn) fork(ctx context.Context, k, next talk, rev int) (Reply, error) {
	form, no, err := t.form(ctx, k)
	if err != nil {
		return Reply{}, err
	}
	if no != nil { // it is about something that the person may no longer see
		return t.start(ctx, next, rev)
	}
	k.Next = &next
	if err := t.save(ctx, k, rev); err != nil {
		return Reply{}, err
	}
	c := card.Card{Story: es.Story{Title: es.Say(es.FormUnfinished), Head: title(form), Facts: k.summary(form)}}
	c.Rows = [][]card.Action{
		{t.step(k, talkStay, "", es.Say(es.ButtonStay), card.Primary)},
		{t.step(k, talkAside, "", es.Say(es.ButtonAside), card.Plain)},
		{t.step(k, talkSwap, "", es.Say(es.ButtonSwap), card.Danger)},
	}
	t.asking = &asking{k: k, form: form, at: -1, story: c.Story, open: true}
	return Reply{Card: &c}, nil
}

// title names a form and what it is about.
func title(f card.Form) string {
	if len(f.Intro) > 0 {
		return f.Title + " · " + f.Intro[0]
	}
	return f.Title
}

// choose answers a button of fork; it reports false for any other.
func (t *turn) choose(ctx context.Context, k talk, rev int, word string) (Reply, bool, error) {
	next := k.Next
	k.Next = nil
	var reply Reply
	var err error
	switch word {
	case talkStay:
		if err = t.save(ctx, k, rev); err == nil {
			reply, err = t.goOn(ctx, k)
		}
	case talkAside:
		if err = t.putAside(ctx, k); err == nil {
			reply, err = t.start(ctx, *next, rev)
		}
	case talkSwap:
		reply, err = t.start(ctx, *next, rev)
	default:
		return Reply{}, false, nil
	}
	return redrawn(reply), true, err
}

func (t *turn) keptKey(id string) string { return "kept:" + t.account.ID + ":" + id }

// putAside keeps a form among the person's unfinished ones. The same form twice is one.
func (t *turn) putAside(ctx context.Context, k talk) error {
	k.Next, k.Last = nil, ""
	body, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("write the form: %w", err)
	}
	_, rev, err := t.Sessions.Get(ctx, t.keptKey(k.ID), t.now)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return fmt.Errorf("look for the form: %w", err)
	}
	if _, err := t.Sessions.Put(ctx, t.keptKey(k.ID), body, rev, t.now, t.now.Add(talkLife)); err != nil {
		return fmt.Errorf("set the form aside: %w", err)
	}
	return nil
}

// setAside ends the conversation of a form, to be gone on with from /mis, or from
// /pendientes by those who have no requests of their own.
func (t *turn) setAside(ctx context.Context, k talk, rev int, form card.Form) (Reply, error) {
	if err := t.putAside(ctx, k); err != nil {
		return Reply{}, err
	}
	k.Done = es.Say(es.FormKept)
	if !t.hasMine() {
		k.Done = es.Say(es.FormKeptDuties)
	}
	return t.close(ctx, k, rev, form, nil)
}

// setAsideBefore is the form that was set aside with an id; desk.ErrNotFound.
func (t *turn) setAsideBefore(ctx context.Context, id string) (talk, error) {
	body, _, err := t.Sessions.Get(ctx, t.keptKey(id), t.now)
	if err != nil {
		return talk{}, err
	}
	var k talk
	if err := json.Unmarshal(body, &k); err != nil {
		return talk{}, fmt.Errorf("read the form: %w", err)
	}
	if k.Values == nil {
		k.Values = map[core.Field]string{}
	}
	return k, nil
}

// maxKept is how many unfinished forms a list shows.
const maxKept = 20

// asides are the forms that were set aside, one line and one button each.
func (t *turn) asides(ctx context.Context) (lines []string, rows [][]card.Action, err error) {
	prefix := t.keptKey("")
	keys, err := t.Sessions.Keys(ctx, prefix, "", maxKept, t.now)
	if err != nil {
		return nil, nil, fmt.Errorf("list the forms set aside: %w", err)
	}
	for _, key := range keys {
		k, err := t.setAsideBefore(ctx, key[len(prefix):])
		if errors.Is(err, desk.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		form, no, err := t.form(ctx, k)
		if err != nil {
			return nil, nil, err
		}
		if no != nil {
			continue
		}
		lines = append(lines, es.SetAside(title(form), k.At, len(form.Questions)))
		resume := t.button(es.Resume(form.Title), card.Token{Word: talkResume, Record: k.ID})
		resume.Opens = true
		rows = append(rows, []card.Action{resume})
	}
	return lines, rows, nil
}

// resume opens a form that was set aside, with what was answered.
func (t *turn) resume(ctx context.Context, id string) (Reply, error) {
	k, err := t.setAsideBefore(ctx, id)
	if errors.Is(err, desk.ErrNotFound) {
		return Reply{Toast: es.Say(es.QuestionClosed)}, nil
	}
	if err != nil {
		return Reply{}, fmt.Errorf("load the form set aside: %w", err)
	}
	if t.Modal[t.in.Platform] {
		form, no, err := t.form(ctx, k)
		if err != nil || no != nil {
			return t.gone(ctx, k, no, err)
		}
		form.Token = t.Seal.Seal(t.account.ID, card.Token{Word: talkResume, Record: k.ID})
		for i, q := range form.Questions {
			if v := k.Values[q.Field]; v != "" {
				form.Questions[i].Value = v
			}
			if q.Field == core.FieldItems && len(k.Items) > 0 {
				form.Questions[i].Value = card.ItemsText(k.Items)
			}
		}
		return Reply{Form: &form}, nil
	}
	return t.begin(ctx, k) // it stays among those set aside until it is open
}

// template gives the spreadsheet of renglones to fill in.
func (t *turn) template() (Reply, error) {
	body, err := paper.Template()
	if err != nil {
		return Reply{}, err
	}
	return Reply{Documents: []Document{made(es.SheetName, sheetType, body)}}, nil
}

const sheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
