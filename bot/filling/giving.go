package filling

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"strconv"

	"sidem/bot/card"
	"sidem/bot/form"
	"sidem/bot/session"
	"sidem/bot/word"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// current is the open form, once what came of a command of it is known: a SIDEM that
// died may have given the command and not have noted it.
func (t *Forms) current(ctx context.Context) (form.Draft, int, error) {
	d, rev, err := t.openDraft(ctx)
	if err != nil || d.Stage != form.Sending || d.HasApplied(t.In.Once) {
		return d, rev, err
	}
	f, no, err := t.questions(ctx, d)
	if err != nil {
		return d, rev, err
	}
	switch {
	case no == nil:
	case d.Record == "": // it would be another agency's, were it not created yet: nobody can tell
		d = d.Given(es.Say(es.FormUnknown), t.In.Platform)
		rev, err = t.saveDraft(ctx, t.openKey(), d, rev)
		return d, rev, err
	default: // the same command once more is told what came of the first
		f = t.bare(d)
	}
	done, _, err := t.give(ctx, d, f)
	if err != nil {
		return d, rev, err
	}
	t.question = nil // it was another input that asked
	if d, rev, err = t.openDraft(ctx); d.ID == done.ID && d.Stage == form.Sending {
		d = done // it could not be noted
	}
	return d, rev, err
}

// carryOut keeps next and does what effect says.
func (t *Forms) carryOut(ctx context.Context, d, next form.Draft, rev int, f card.Form, effect form.Effect) (session.Reply, error) {
	kept := effect.Passed || d.HasApplied(t.In.Once)
	switch effect.Do {
	case form.OpenNext, form.KeepNext:
		opened := *next.Next
		if effect.Do == form.KeepNext {
			if err := t.putAside(ctx, next); err != nil {
				return session.Reply{}, err
			}
		}
		return t.start(ctx, next, opened, rev)
	case form.SetAside:
		if err := t.putAside(ctx, next); err != nil {
			return session.Reply{}, err
		}
		words := es.FormKept
		if !word.May(word.Mine, t.Roles()) {
			words = es.FormKeptDuties
		}
		done := next.Given(es.Say(words), t.In.Platform)
		done.Unsure = nil // it is kept with the form
		if _, err := t.saveDraft(ctx, t.openKey(), done, rev); err != nil {
			return session.Reply{}, err
		}
		return t.closed(done, next, f, nil), nil
	case form.Nothing, form.Ask, form.Give, form.Close, form.Refill:
	}
	if !kept {
		if _, err := t.saveDraft(ctx, t.openKey(), next, rev); err != nil {
			return session.Reply{}, err
		}
	}
	switch effect.Do {
	case form.Give:
		_, reply, err := t.give(ctx, next, f)
		return reply, err
	case form.Close:
		return t.closed(next, d, f, nil), nil
	default:
		return t.asked(ctx, next, f, effect.Passed), nil
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
func (t *Forms) end(ctx context.Context, d form.Draft, f card.Form, at place, show func(record string)) (ending, error) {
	out, err := t.carry(ctx, d, f)
	if err != nil {
		return ending{}, err
	}
	e := ending{refusal: out.Refusal}
	if out.Refusal == nil {
		e.draft = d.Carried(t.Saved(ctx, d.Verb, len(d.Ready)+1, out), t.In.Platform)
		show(out.Record.ID)
	} else {
		e.reply = t.Refusal(ctx, d.Record, out.Refusal)
		if e.draft, e.again = form.Refused(d, f, out.Refusal, e.reply.Toast); !e.again {
			e.draft, e.typed = d.Given(e.reply.Toast, t.In.Platform), form.Summary(d, f)
		}
	}
	t.conclude(ctx, at, e)
	return e, nil
}

// give carries out the command of the open form, and says what came of it. The draft is the
// one after it.
func (t *Forms) give(ctx context.Context, d form.Draft, f card.Form) (form.Draft, session.Reply, error) {
	e, err := t.end(ctx, d, f, place{key: t.openKey()}, func(record string) { t.showAfter(ctx, d.Verb, record) })
	switch {
	case err != nil:
		return d, session.Reply{}, err
	case e.again:
		return e.draft, t.asking(e.draft, f), nil
	}
	return e.draft, t.closed(e.draft, d, f, e.typed), nil
}

// carry gives the command of a form.
func (t *Forms) carry(ctx context.Context, d form.Draft, f card.Form) (desk.Outcome, error) {
	c := form.Command(d, f)
	c.Where = t.In.Platform
	if d.Record == "" {
		c.Record = t.newRecord(d)
	}
	out, err := t.Desk.Do(ctx, t.giver(d), d.Record, c)
	if err != nil {
		return desk.Outcome{}, fmt.Errorf("%s: %w", c.Verb, err)
	}
	return out, nil
}

// giver is in which roles the person gives the command of a form.
func (t *Forms) giver(d form.Draft) core.Actor {
	if d.Verb == core.VerbPrefer {
		return t.Self()
	}
	return t.Actor
}

// newRecord is the id of the record that a form creates: the same whenever it is sent.
func (t *Forms) newRecord(d form.Draft) string {
	if d.Kind != core.KindRequest && d.Kind != core.KindAccount {
		return "" // the desk knows: there is one for each agency, or year
	}
	h := fnv.New64a()
	_, _ = io.WriteString(h, t.Account.ID+"\x00"+d.ID)
	return strconv.FormatUint(h.Sum64(), 36)
}

// conclude notes what became of a form. The decision has been taken: trouble is logged, and
// of the open form it is found out with the next input (current).
func (t *Forms) conclude(ctx context.Context, at place, e ending) {
	switch {
	case at.key == t.openKey():
		t.Afterwards(ctx, "what became of a form is not noted", t.concludeOpen(ctx, e.draft))
		return
	case e.again:
		_, err := t.saveDraft(ctx, at.key, e.draft, at.rev)
		t.Afterwards(ctx, "a form that was refused is not kept", err)
		return
	case at.rev > 0:
		t.Afterwards(ctx, "a form that was sent is still among the unfinished ones", t.dropAside(ctx, e.draft.ID))
	}
	if e.refusal == nil {
		_, err := t.saveDraft(ctx, t.sentKey(e.draft.ID), e.draft, 0)
		t.Afterwards(ctx, "a form that was sent is not noted", err)
	}
}

// concludeOpen keeps next in place of the open form, whose command was given.
func (t *Forms) concludeOpen(ctx context.Context, next form.Draft) error {
	_, err := t.rounds(func() (session.Reply, error) {
		d, rev, err := t.openDraft(ctx)
		if err != nil || d.ID != next.ID || d.Stage != form.Sending {
			return session.Reply{}, err
		}
		_, err = t.saveDraft(ctx, t.openKey(), next, rev)
		return session.Reply{}, err
	})
	return err
}

// showWhere has the card of the draft that was corrected drawn where it is: a second one below
// would be its twin.
func (t *Forms) showWhere(ctx context.Context, d form.Draft) {
	if form.IsDraft(d.Verb) {
		t.Afterwards(ctx, "the card of a draft is not asked for", t.Draw(ctx, d.Record, session.DrawInPlace, session.DrawHere))
	}
}

// showAfter has a draft's card drawn below the last question: no notice does.
func (t *Forms) showAfter(ctx context.Context, v core.Verb, record string) {
	if form.IsDraft(v) {
		t.Afterwards(ctx, "the card of a draft is not asked for", t.Draw(ctx, record, session.DrawAnew))
	}
}
