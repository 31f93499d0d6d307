package filling

import (
	"context"
	"slices"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// lost ends the open form, which its person may not fill in any more: they were moved, have
// another role, or it concerns somebody else by now. It says why, and what they had typed.
func (forms *Forms) lost(ctx context.Context, d form.Draft, rev int, no *core.Refusal, err error) (session.Reply, error) {
	if err != nil {
		return session.Reply{}, err
	}
	f := forms.bare(d)
	if d.Stage == form.Sending && d.Record != "" { // it was theirs when they sent it
		_, reply, err := forms.give(ctx, d, f)
		return reply, err
	}
	tok, err := forms.Seal.Open(forms.Account.ID, forms.In.Tap)
	words, err := forms.why(ctx, d, no, err == nil && tok.Word == form.WordOf(form.Send))
	if d.Stage == form.Sending {
		words = es.Say(es.FormUnknown)
	}
	if err != nil {
		return session.Reply{}, err
	}
	if d.Touched() && no.Reason == core.NotFound && d.Record != "" { // it may be theirs again
		if err := forms.putAside(ctx, d); err != nil {
			return session.Reply{}, err
		}
	}
	done := d.Given(words, forms.In.Platform)
	if _, err := forms.saveDraft(ctx, forms.openKey(), done, rev); err != nil {
		return session.Reply{}, err
	}
	return forms.closed(done, d, f, form.Typed(d, f)), nil
}

// ended lets go of the open form, which cannot be sent any more, and shows what was typed in
// it, and said now, where it can be copied.
func (forms *Forms) ended(ctx context.Context, d form.Draft, rev int, f card.Form, over *core.Refusal, said string) (session.Reply, error) {
	reply, err := forms.Refused(ctx, d.Record, over)
	if err != nil {
		return session.Reply{}, err
	}
	done := d.Given(reply.Toast, forms.In.Platform)
	if _, err := forms.saveDraft(ctx, forms.openKey(), done, rev); err != nil {
		return session.Reply{}, err
	}
	typed := form.Typed(d, f)
	if said != "" {
		typed = append(typed, es.Fact{Label: es.Say(es.SaidLast), Value: said, Long: true})
	}
	return forms.closed(done, d, f, typed), nil
}

// endedWhole is ended of a form that was to be opened on one screen, wherever it is kept.
func (forms *Forms) endedWhole(ctx context.Context, d form.Draft, f card.Form, over *core.Refusal) (session.Reply, error) {
	open, rev, err := forms.openDraft(ctx)
	switch {
	case err != nil:
		return session.Reply{}, err
	case open.Open() && open.ID == d.ID:
		return forms.ended(ctx, open, rev, f, over, "")
	}
	return forms.endedAside(ctx, d, f, over)
}

// endedAside lets go of a form that was set aside and cannot be sent any more, and shows what
// was typed in it.
func (forms *Forms) endedAside(ctx context.Context, d form.Draft, f card.Form, over *core.Refusal) (session.Reply, error) {
	reply, err := forms.Refused(ctx, d.Record, over)
	if err != nil {
		return session.Reply{}, err
	}
	if err := forms.dropAside(ctx, d.ID); err != nil {
		return session.Reply{}, err
	}
	return session.Reply{Card: &card.Card{Story: untaken(reply.Toast, d, form.Typed(d, f))}}, nil
}

// isFormers reports whether what a form creates was begun for an agency that is its person's
// no more.
func (forms *Forms) isFormers(d form.Draft) bool {
	return d.Agency != "" && d.Agency != forms.Account.Agency
}

// shutWhole is lost for a form that came back whole.
func (forms *Forms) shutWhole(ctx context.Context, s submission, whole filledForm, no *core.Refusal) (session.Reply, error) {
	d, f := s.draft, forms.bare(s.draft)
	words, err := forms.why(ctx, d, no, true)
	if err != nil {
		return session.Reply{}, err
	}
	typed, _ := form.Step(d, f, form.Act{Event: whole(ctx, d, f, s.shown)}, forms.Now)
	if s.key == forms.openKey() && s.rev > 0 && d.Open() {
		if _, err := forms.saveDraft(ctx, s.key, d.Given(words, forms.In.Platform), s.rev); err != nil {
			return session.Reply{}, err
		}
	}
	facts := form.Typed(typed, f)
	if len(facts) == 0 && d.Pending() == "" {
		return session.Reply{Toast: words, Alert: true}, nil
	}
	return session.Reply{Card: &card.Card{Story: untaken(words, d, facts)}}, nil
}

// why says why a form is its person's no more. What was sent is a press like any other: it is
// the core's to refuse, and in the trail.
func (forms *Forms) why(ctx context.Context, d form.Draft, no *core.Refusal, sent bool) (string, error) {
	if sent && d.Record != "" {
		reply, err := forms.Decide(ctx, d.Record, forms.sent(d))
		if err != nil || no.Reason != core.NotFound {
			return reply.Toast, err
		}
	}
	if no.Reason == core.NotFound {
		return es.Say(es.FormNoLongerYours), nil
	}
	reply, err := forms.Refused(ctx, d.Record, no)
	return reply.Toast, err
}

// bare are the questions of a form without what its record says.
func (forms *Forms) bare(d form.Draft) card.Form {
	for _, lc := range core.Lifecycles {
		if row, ok := lc.Verb(d.Verb); ok && (d.Kind == "" || d.Kind == lc.Kind) {
			s := core.Scene{Record: core.Record{Kind: lc.Kind}, Viewer: forms.Account, Actor: forms.Actor, Now: forms.Now}
			return card.FormFor(d.Verb, "", slices.Clone(row.Needs), row.Asks, s, d.Preset)
		}
	}
	return card.Form{}
}
