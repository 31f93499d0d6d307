package filling

import (
	"context"
	"hash/fnv"
	"io"
	"slices"
	"strconv"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/core/es"
)

// Begin asks the questions of a form one by one. One that was begun before is not lost:
// the same one goes on, and of another the person says what becomes of it.
func (forms *Forms) Begin(ctx context.Context, d form.Draft) (session.Reply, error) {
	return forms.rounds(func() (session.Reply, error) {
		open, rev, err := forms.current(ctx)
		if err != nil {
			return session.Reply{}, err
		}
		switch repeat := open.HasApplied(forms.In.Once); {
		case repeat && open.Stage == form.Done:
			return forms.closed(open, open, card.Form{}, nil), nil
		case open.Open() && (open.Same(d) || repeat):
			return forms.askAgain(ctx, open, rev)
		case open.Touched():
			return forms.askWhich(ctx, open, d, rev)
		}
		if aside, err := forms.draftsAside(ctx); err != nil {
			return session.Reply{}, err
		} else if i := slices.IndexFunc(aside, func(o form.Draft) bool { return d.Same(o) && !forms.isFormers(o) }); i >= 0 {
			d = aside[i]
		}
		return forms.start(ctx, open, d, rev)
	})
}

// start asks the first question of d, which takes the place of the form that was open.
func (forms *Forms) start(ctx context.Context, open, d form.Draft, rev int) (session.Reply, error) {
	if d.ID == "" {
		d.ID = forms.newForm()
	}
	f, over, no, err := forms.questionsNow(ctx, d)
	switch {
	case err != nil || no != nil:
		return forms.unasked(ctx, d, no, err)
	case over != nil && d.Touched(): // it was set aside
		return forms.endedAside(ctx, d, f, over)
	}
	d = open.Begin(d, forms.In.Platform, forms.In.Once).Placed(f)
	if _, err := forms.saveDraft(ctx, forms.openKey(), d, rev); err != nil {
		return session.Reply{}, err
	}
	if err := forms.dropAside(ctx, d.ID); err != nil {
		return session.Reply{}, err
	}
	return forms.asking(d, f), nil
}

// newForm is the id of a form that an input begins: the same for every delivery of it.
func (forms *Forms) newForm() string {
	h := fnv.New64a()
	_, _ = io.WriteString(h, forms.In.Platform+forms.In.Once)
	return strconv.FormatUint(h.Sum64(), 36)
}

// askWhich asks what becomes of the open form, before the next one is opened.
func (forms *Forms) askWhich(ctx context.Context, open, next form.Draft, rev int) (session.Reply, error) {
	if next.ID == "" {
		next.ID = forms.newForm()
	}
	f, no, err := forms.questions(ctx, open)
	if err != nil {
		return session.Reply{}, err
	}
	if no != nil { // it is about something that the person may not see now
		if err := forms.putAside(ctx, open); err != nil {
			return session.Reply{}, err
		}
		return forms.start(ctx, open, next, rev)
	}
	d := open.Begin(open, forms.In.Platform, forms.In.Once)
	d = d.Kept()
	d.Next = &next
	if _, err := forms.saveDraft(ctx, forms.openKey(), d, rev); err != nil {
		return session.Reply{}, err
	}
	return forms.asking(d, f), nil
}

// Unfinished are the open form and those that were set aside, one line and one button each.
func (forms *Forms) Unfinished(ctx context.Context) (lines []string, rows [][]card.Action, err error) {
	open, _, err := forms.openDraft(ctx)
	if err != nil {
		return nil, nil, err
	}
	aside, err := forms.draftsAside(ctx)
	if err != nil {
		return nil, nil, err
	}
	if open.Open() {
		f, no, err := forms.questions(ctx, open)
		if err != nil {
			return nil, nil, err
		}
		if no == nil { // what it is about is there still
			lines = append(lines, es.Unfinished(f.Title, form.Progress(open, f)+1, len(f.Questions)))
			goOn := forms.Word("/seguir", es.Say(es.ButtonResumeForm), card.Plain)
			goOn.Opens = true
			rows = append(rows, []card.Action{goOn})
		}
	}
	for _, d := range aside {
		f, no, err := forms.questions(ctx, d)
		if err != nil {
			return nil, nil, err
		}
		if no != nil || open.Open() && d.ID == open.ID {
			continue
		}
		lines = append(lines, es.SetAside(form.Title(f), form.Progress(d, f), len(f.Questions)))
		resume := forms.Button(es.Resume(f.Title), card.Token{Word: form.WordResume, Record: d.ID})
		resume.Opens = true
		rows = append(rows, []card.Action{resume})
	}
	return lines, rows, nil
}

// Resume opens a form that was set aside, with what was answered.
func (forms *Forms) Resume(ctx context.Context, id string) (session.Reply, error) {
	d, rev, err := forms.draftAt(ctx, forms.asideKey(id))
	if err != nil {
		return session.Reply{}, err
	}
	if rev == 0 {
		if open, _, err := forms.openDraft(ctx); err != nil || !open.Open() || open.ID != id {
			return session.Reply{Toast: es.Say(es.QuestionClosed)}, err
		}
		return forms.GoOn(ctx)
	}
	if forms.Modal[forms.In.Platform] {
		return forms.OpenWhole(ctx, d, card.Token{Word: form.WordResume, Record: id})
	}
	return forms.Begin(ctx, d) // it stays among those set aside until it is open
}

// GoOn asks the question again at which the open form was left.
func (forms *Forms) GoOn(ctx context.Context) (session.Reply, error) {
	return forms.rounds(func() (session.Reply, error) {
		d, rev, err := forms.current(ctx)
		switch {
		case err != nil:
			return session.Reply{}, err
		case !d.Open():
			return session.Reply{Toast: es.Say(es.NoOpenForm)}, nil
		case forms.Modal[forms.In.Platform]:
			if _, no, err := forms.questions(ctx, d); err != nil || no != nil {
				return forms.lost(ctx, d, rev, no, err)
			}
			return forms.OpenWhole(ctx, d, card.Token{Word: form.WordResume, Record: d.ID})
		}
		return forms.askAgain(ctx, d, rev)
	})
}
