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
	repeat := d.HasApplied(t.In.Once)
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
		if _, err := t.saveDraft(ctx, t.openKey(), done, rev); err != nil {
			return session.Reply{}, err
		}
		return t.closed(done, next, f, nil), nil
	case form.Nothing, form.Ask, form.Give, form.Close, form.Refill:
	}
	if !repeat {
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
		return t.asking(next, f), nil
	}
}

// give carries out the command of the open form, and says what came of it: of a refusal
// about a field its question is asked again. The draft is the one after it.
func (t *Forms) give(ctx context.Context, d form.Draft, f card.Form) (form.Draft, session.Reply, error) {
	out, err := t.carry(ctx, d, f)
	if err != nil {
		return d, session.Reply{}, err
	}
	if out.Refusal == nil {
		done := d.Given(t.Saved(ctx, d.Verb, len(d.Ready)+1, out), t.In.Platform)
		t.showAfter(ctx, d.Verb, out.Record.ID) // first: once the form is noted as done nobody comes back for it
		t.conclude(ctx, d.ID, done)
		return done, t.closed(done, d, f, nil), nil
	}
	reply := t.Refusal(ctx, d.Record, out.Refusal)
	if next, ok := form.Refused(d, f, out.Refusal, reply.Toast); ok {
		t.conclude(ctx, d.ID, next)
		return next, t.asking(next, f), nil
	}
	done := d.Given(reply.Toast, t.In.Platform)
	t.conclude(ctx, d.ID, done)
	return done, t.closed(done, d, f, form.Summary(d, f)), nil // what was typed stays where it can be copied
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

// conclude notes what became of the open form with an id. The decision has been taken:
// trouble is logged, and found out with the next input (current).
func (t *Forms) conclude(ctx context.Context, id string, next form.Draft) {
	_, err := t.rounds(func() (session.Reply, error) {
		d, rev, err := t.openDraft(ctx)
		if err != nil || d.ID != id || d.Stage != form.Sending {
			return session.Reply{}, err
		}
		_, err = t.saveDraft(ctx, t.openKey(), next, rev)
		return session.Reply{}, err
	})
	t.Afterwards(ctx, "what became of a form is not noted", err)
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
