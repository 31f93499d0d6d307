package filling

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"strconv"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// current is the open form, once what came of a command of it is known: a SIDEM that
// died may have given the command and not have noted it.
func (forms *Forms) current(ctx context.Context) (form.Draft, int, error) {
	d, rev, err := forms.openDraft(ctx)
	if err != nil || d.Stage != form.Sending || d.HasApplied(forms.In.Once) {
		return d, rev, err
	}
	f, no, err := forms.questions(ctx, d)
	if err != nil {
		return d, rev, err
	}
	switch {
	case no == nil:
	case d.Record == "": // it would be another agency's, were it not created yet: nobody can tell
		d = d.Given(es.Say(es.FormUnknown), forms.In.Platform)
		rev, err = forms.saveDraft(ctx, forms.openKey(), d, rev)
		return d, rev, err
	default: // the same command once more is told what came of the first
		f = forms.bare(d)
	}
	done, _, err := forms.give(ctx, d, f)
	if err != nil {
		return d, rev, err
	}
	forms.question = nil // it was another input that asked
	if d, rev, err = forms.openDraft(ctx); d.ID == done.ID && d.Stage == form.Sending {
		d = done // it could not be noted
	}
	return d, rev, err
}

// carryOut keeps next and does what effect says.
func (forms *Forms) carryOut(ctx context.Context, d, next form.Draft, rev int, f card.Form, effect form.Effect) (session.Reply, error) {
	kept := effect.Passed || d.HasApplied(forms.In.Once)
	switch effect.Do {
	case form.OpenNext, form.KeepNext:
		opened := *next.Next
		if effect.Do == form.KeepNext {
			if err := forms.putAside(ctx, next); err != nil {
				return session.Reply{}, err
			}
		}
		return forms.start(ctx, next, opened, rev)
	case form.SetAside:
		if err := forms.putAside(ctx, next); err != nil {
			return session.Reply{}, err
		}
		words := es.FormKept
		if !word.May(word.Mine, forms.Roles()) {
			words = es.FormKeptDuties
		}
		done := next.Given(es.Say(words), forms.In.Platform)
		done.Unsure = nil // it is kept with the form
		if _, err := forms.saveDraft(ctx, forms.openKey(), done, rev); err != nil {
			return session.Reply{}, err
		}
		return forms.closed(done, next, f, nil), nil
	case form.Nothing, form.Ask, form.Give, form.Close, form.Refill:
	}
	if !kept {
		if _, err := forms.saveDraft(ctx, forms.openKey(), next, rev); err != nil {
			return session.Reply{}, err
		}
	}
	switch effect.Do {
	case form.Give:
		_, reply, err := forms.give(ctx, next, f)
		return reply, err
	case form.Close:
		return forms.closed(next, d, f, nil), nil
	default:
		return forms.asked(ctx, next, f, effect.Passed), nil
	}
}

// place is where a draft is kept, at which revision.
type place struct {
	key string
	rev int
}

// ending is what came of the command of a form.
type ending struct {
	draft   form.Draft    // after it: done, or open at the question that is asked again
	refusal *core.Refusal // nil: it was carried out
	reply   session.Reply // the refusal, in words
	again   bool          // it is about a field, whose question is asked again
	typed   []es.Fact     // what came to nothing: it stays where it can be copied
}

// end carries out the command of a form and notes what came of it where its draft is kept.
// show has the card drawn first: once the form is noted as done nobody comes back for it.
func (forms *Forms) end(ctx context.Context, d form.Draft, f card.Form, at place, show func(record string)) (ending, error) {
	if d.Many {
		e := ending{draft: d.Carried(forms.carryMany(ctx, d, f), forms.In.Platform)}
		forms.conclude(ctx, at, e)
		return e, nil
	}
	out, err := forms.carry(ctx, d, f)
	if err != nil {
		return ending{}, err
	}
	e := ending{refusal: out.Refusal}
	if out.Refusal == nil {
		e.draft = d.Carried(forms.Saved(ctx, d.Verb, len(d.Ready)+1, out), forms.In.Platform)
		show(out.Record.ID)
	} else {
		e.reply = forms.Refusal(ctx, d.Record, out.Refusal)
		if e.draft, e.again = form.Refused(d, f, out.Refusal, e.reply.Toast); !e.again {
			e.draft, e.typed = d.Given(e.reply.Toast, forms.In.Platform), form.Summary(d, f)
		}
	}
	forms.conclude(ctx, at, e)
	return e, nil
}

// give carries out the command of the open form, and says what came of it. The draft is the
// one after it.
func (forms *Forms) give(ctx context.Context, d form.Draft, f card.Form) (form.Draft, session.Reply, error) {
	e, err := forms.end(ctx, d, f, place{key: forms.openKey()}, func(record string) { forms.showAfter(ctx, d.Verb, record) })
	switch {
	case err != nil:
		return d, session.Reply{}, err
	case e.again:
		return e.draft, forms.asking(e.draft, f), nil
	}
	return e.draft, forms.closed(e.draft, d, f, e.typed), nil
}

// carry gives the command of a form.
func (forms *Forms) carry(ctx context.Context, d form.Draft, f card.Form) (desk.Outcome, error) {
	c := form.Command(d, f)
	c.Where = forms.In.Platform
	if d.Record == "" {
		c.Record = forms.newRecord(d)
	}
	out, err := forms.Desk.Do(ctx, forms.giver(d), d.Record, c)
	if err != nil {
		return desk.Outcome{}, fmt.Errorf("%s: %w", c.Verb, err)
	}
	return out, nil
}

// giver is in which roles the person gives the command of a form.
func (forms *Forms) giver(d form.Draft) core.Actor {
	if d.Verb == core.VerbPrefer {
		return forms.Self()
	}
	return forms.Actor
}

// newRecord is the id of the record that a form creates: the same whenever it is sent.
func (forms *Forms) newRecord(d form.Draft) string {
	if d.Kind != core.KindRequest && d.Kind != core.KindAccount {
		return "" // the desk knows: there is one for each agency, or year
	}
	h := fnv.New64a()
	_, _ = io.WriteString(h, forms.Account.ID+"\x00"+d.ID)
	return strconv.FormatUint(h.Sum64(), 36)
}

// conclude notes what became of a form. The decision has been taken: trouble is logged, and
// of the open form it is found out with the next input (current).
func (forms *Forms) conclude(ctx context.Context, at place, e ending) {
	switch {
	case at.key == forms.openKey():
		forms.Afterwards(ctx, "what became of a form is not noted", forms.concludeOpen(ctx, e.draft))
		return
	case e.again:
		_, err := forms.saveDraft(ctx, at.key, e.draft, at.rev)
		forms.Afterwards(ctx, "a form that was refused is not kept", err)
		return
	case at.rev > 0:
		forms.Afterwards(ctx, "a form that was sent is still among the unfinished ones", forms.dropAside(ctx, e.draft.ID))
	}
	if e.refusal == nil {
		_, err := forms.saveDraft(ctx, forms.sentKey(e.draft.ID), e.draft, 0)
		forms.Afterwards(ctx, "a form that was sent is not noted", err)
	}
}

// concludeOpen keeps next in place of the open form, whose command was given.
func (forms *Forms) concludeOpen(ctx context.Context, next form.Draft) error {
	_, err := forms.rounds(func() (session.Reply, error) {
		d, rev, err := forms.openDraft(ctx)
		if err != nil || d.ID != next.ID || d.Stage != form.Sending {
			return session.Reply{}, err
		}
		_, err = forms.saveDraft(ctx, forms.openKey(), next, rev)
		return session.Reply{}, err
	})
	return err
}

// showWhere has the card of the draft that was corrected drawn where it is: a second one below
// would be its twin.
func (forms *Forms) showWhere(ctx context.Context, d form.Draft) {
	if form.IsDraft(d.Verb) {
		forms.Afterwards(ctx, "the card of a draft is not asked for", forms.Draw(ctx, d.Record, session.DrawInPlace, session.DrawHere))
	}
}

// showAfter has a draft's card drawn below the last question: no notice does.
func (forms *Forms) showAfter(ctx context.Context, v core.Verb, record string) {
	if form.IsDraft(v) {
		forms.Afterwards(ctx, "the card of a draft is not asked for", forms.Draw(ctx, record, session.DrawAnew))
	}
}
