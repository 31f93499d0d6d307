package form

import (
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// IsDraft reports whether a verb only keeps what was answered: it has no summary but the
// card of its record.
func IsDraft(v core.Verb) bool { return v == core.VerbDraft || v == core.VerbAmend }

// Step is d after one act about f, which are its questions as they stand at the instant
// now, and what is to be done. An act that was handled before leads to the same again.
func Step(d Draft, f card.Form, act Act, now time.Time) (Draft, Effect) {
	d = d.Placed(f)
	switch {
	case d.HasApplied(act.ID):
		effect := d.again()
		if e, ok := act.Event.(Whole); ok && effect.Do == Ask { // its problems again, and nothing else
			if !e.isOf(len(d.Ready)) {
				return d, Effect{Do: Refill}
			}
			before := d
			before.Doubted, before.Noted = "", "" // as when it was asked
			_, effect = step{form: f, act: act, now: now}.whole(before, e)
			if effect.Do == Give && d.Problem != "" { // its command was refused
				effect.Problems = map[core.Field]string{d.At: d.Problem}
			}
			effect.Do = Refill
		}
		return d, effect
	case d.ID == "":
		return d, Effect{}
	case d.Stage == Done:
		switch act.Event.(type) {
		case Words, Files, Unread, Amended:
			return d, Effect{}
		}
		return d, Effect{Do: Close}
	case d.Stage == Sending:
		return d, Effect{Do: Give}
	}
	s := step{form: f, act: act, now: now}
	if s.hasPassed(d) { // worked once more, it has passed as well
		return d, Effect{Do: Ask, Passed: true}
	}
	next, effect := s.handle(d.saying(""))
	if effect.Do != Nothing {
		next = next.noted(act.ID)
	}
	return next, effect
}

// again is the effect that led to d.
func (d Draft) again() Effect {
	switch d.Stage {
	case Sending:
		return Effect{Do: Give}
	case Done:
		return Effect{Do: Close}
	case Asking, Choosing, Reviewing:
	}
	return Effect{Do: Ask}
}

// Placed is d where f can ask what is open in it.
func (d Draft) Placed(f card.Form) Draft {
	switch {
	case d.ID == "" || d.Stage == Done || d.Stage == Sending:
		return d
	case d.Stage == "" && card.Corrects(d.Verb) && !d.Touched() && len(f.Questions) > 1:
		d.Stage = Choosing
	case d.Stage == "":
		return d.asking(f, d.Counted)
	case d.Stage == Asking && at(f, d.At) < 0: // it is not asked any more
		d.Stage = Reviewing
	}
	return d
}

// asking is d at question i, or at the summary.
func (d Draft) asking(f card.Form, i int) Draft {
	d = d.unasked()
	d.Counted = 0
	if i >= len(f.Questions) {
		d.Stage, d.At, d.Way = Reviewing, "", InOrder
		return d
	}
	d.Stage, d.At = Asking, f.Questions[max(0, i)].Field
	return d
}

// choosing is d at the fields to choose from.
func (d Draft) choosing() Draft {
	d = d.unasked()
	d.Stage, d.At, d.Way = Choosing, "", InOrder
	return d
}

// unasked is d without what was said to its open question and is no answer.
func (d Draft) unasked() Draft {
	d.Search, d.Mending, d.Readings, d.Left = "", "", nil, false
	return d
}

// step is one act being handled.
type step struct {
	form card.Form
	act  Act
	now  time.Time
}

// hasPassed reports whether a button was pressed of what is not open any more.
func (s step) hasPassed(d Draft) bool {
	switch s.act.Event.(type) {
	case Press, Choice, Jump, Reopen:
		return s.act.Place != d.Place(s.form)
	}
	return false
}

func (s step) handle(d Draft) (Draft, Effect) {
	if e, ok := s.act.Event.(Whole); ok {
		return s.whole(d, e)
	}
	switch {
	case d.Next != nil:
		return s.which(d)
	case d.Unsure != nil:
		return s.unsure(d)
	}
	switch e := s.act.Event.(type) {
	case Words:
		return s.words(d, e)
	case Files:
		return s.files(d, e)
	case Unread:
		return d.refusing(e.Problem), Effect{Do: Ask}
	case Amended:
		return s.amended(d, e)
	case Choice:
		return s.choice(d, e)
	case Jump:
		return s.jump(d, e)
	case Reopen:
		return s.reopen(d, e)
	case Press:
		return s.press(d, e)
	default:
		return d, Effect{}
	}
}

// which answers the question what becomes of a form for which another was opened.
func (s step) which(d Draft) (Draft, Effect) {
	switch e := s.act.Event.(type) {
	case Press:
		switch e { //nolint:exhaustive // the other buttons do not stand there
		case Stay:
			d.Next = nil
		case Aside:
			return d, Effect{Do: KeepNext}
		case Swap:
			next := *d.Next
			if words := d.Pending(); words != "" {
				next = next.saying(es.NotKept(words))
			}
			d.Next = &next
			return d, Effect{Do: OpenNext}
		}
		return d, Effect{Do: Ask}
	case Unread:
		return d.saying(e.Problem), Effect{Do: Ask}
	case Words, Files:
		return d.saying(es.Say(es.ChooseBelow)), Effect{Do: Ask}
	case Amended:
		return s.amended(d, e)
	default:
		return d, Effect{Do: Ask}
	}
}

// WithItems is d with renglones that came before it.
func WithItems(d Draft, f card.Form, items []core.Item) Draft {
	if at(f, core.FieldItems) < 0 {
		return d
	}
	return d.with(core.FieldItems, Answer{Items: items})
}

// jump opens the question of a field that was chosen to be corrected.
func (s step) jump(d Draft, e Jump) (Draft, Effect) {
	i := at(s.form, e.Field)
	if i < 0 || d.Stage != Choosing {
		return d, Effect{Do: Ask}
	}
	d = d.asking(s.form, i)
	d.Way = ThereIs
	return d, Effect{Do: Ask}
}

func (s step) press(d Draft, e Press) (Draft, Effect) {
	switch {
	case e == Discard && d.Touched():
		d.Unsure = &Unsure{}
		return d, Effect{Do: Ask}
	case e == Discard:
		return s.discard(d)
	case e == Save:
		return s.save(d)
	case e == Send && d.Stage == Reviewing:
		if i := lacking(d, s.form, s.now); i >= 0 {
			q := s.form.Questions[i]
			d = d.asking(s.form, i)
			d.Way = Lacking
			return d.saying(es.Refuse(lacks(q, d, s.now), "", s.now)), Effect{Do: Ask}
		}
		return s.sendMeant(d)
	case e == Another:
		return s.another(d)
	case e == Remove && len(d.Ready) > 0:
		return d.removed(s.form), Effect{Do: Ask}
	case e == GoOn && d.Stage == Asking:
		return s.goOn(d)
	case e == Clear && d.Stage == Asking:
		return s.clear(d)
	case e == GoOn && d.Stage == Choosing:
		d.Way = Lacking
		if next, ok := s.explained(d); ok {
			return s.sendMeant(next)
		}
		return s.advance(d)
	case e == Correct || e == Back:
		return s.back(d), Effect{Do: Ask}
	}
	return d, Effect{Do: Ask}
}

// explained is a correction with what it says of itself, where nothing else is lacking: the
// fields that were chosen from show what is sent, and need no summary.
func (s step) explained(d Draft) (Draft, bool) {
	if d.Verb != core.VerbCorrect {
		return d, false
	}
	if i := lacking(d, s.form, s.now); i >= 0 {
		q := s.form.Questions[i]
		v := proposal(d, s.form, q)
		if v == "" {
			return d, false
		}
		d = d.with(q.Field, Answer{Value: v})
	}
	return d, lacking(d, s.form, s.now) < 0
}

// goOn leaves the open question as it stands, or takes what is proposed. Where something
// was written that could not be taken, it is said once that it is left out.
func (s step) goOn(d Draft) (Draft, Effect) {
	q, _ := d.Asks(s.form)
	next := d
	if v := proposal(d, s.form, q); v != "" && d.Answers[q.Field].empty() {
		next = d.with(q.Field, Answer{Value: v})
	}
	if no := lacks(q, next, s.now); no != nil {
		return d.saying(es.Refuse(no, "", s.now)), Effect{Do: Ask}
	}
	if d.Mending != "" && !d.Left {
		d.Left = true
		return d.saying(es.LeftOut(shown(q, next) != "")), Effect{Do: Ask}
	}
	return s.given(next, q)
}

// clear takes away what the open question says. Files are taken away also where some are
// needed: others may be sent in their place.
func (s step) clear(d Draft) (Draft, Effect) {
	q, _ := d.Asks(s.form)
	if !clears(q, d) {
		return d.saying(es.Say(es.NotEmptied)), Effect{Do: Ask}
	}
	d = d.unasked().with(q.Field, blank(q))
	if q.Spec.Type == core.TypeUpload {
		return d.saying(es.Say(es.FilesTakenAway)), Effect{Do: Ask}
	}
	return s.advance(d)
}

// clears reports whether what q says can be taken away.
func clears(q card.Question, d Draft) bool {
	return !present(q, d).empty() && (q.Spec.Type == core.TypeUpload || !q.Required)
}

// back goes to the question before, or to the fields to choose from.
func (s step) back(d Draft) Draft {
	switch {
	case d.Stage == Reviewing && len(s.form.Questions) == 1:
		d = d.asking(s.form, 0)
		d.Way = Lacking
	case d.Stage == Reviewing, d.Stage == Asking && d.Way != InOrder && len(s.form.Questions) > 1:
		d = d.choosing()
	case d.Stage == Asking && d.Way == InOrder:
		d = d.asking(s.form, at(s.form, d.At)-1)
	}
	return d
}

// advance goes on from an answer: along the way of d, and at its end to the summary, or
// to the command where there is none.
func (s step) advance(d Draft) (Draft, Effect) {
	i := len(s.form.Questions)
	switch d.Way {
	case InOrder:
		i = at(s.form, d.At) + 1
		for i < len(s.form.Questions) && d.assumes(s.form.Questions[i]) {
			i++
		}
	case ThereIs:
		return d.choosing(), Effect{Do: Ask}
	case Lacking:
		if n := lacking(d, s.form, s.now); n >= 0 {
			i = n
		}
	}
	if i < len(s.form.Questions) {
		return d.asking(s.form, i), Effect{Do: Ask}
	}
	if IsDraft(d.Verb) {
		return s.sendMeant(d)
	}
	return d.asking(s.form, i), Effect{Do: Ask}
}

// sendMeant gives the command once nothing is left to ask about it: the amount is asked for
// again where the renglones, whichever was changed, come to something else.
func (s step) sendMeant(d Draft) (Draft, Effect) {
	d, asked := doubt(d, s.form)
	if asked == "" {
		return s.send(d)
	}
	d = d.asking(s.form, at(s.form, core.FieldAmount))
	d.Way = Lacking
	return d.saying(asked), Effect{Do: Ask}
}

// send gives the command, unless nothing was changed.
func (s step) send(d Draft) (Draft, Effect) {
	if d.Verb == core.VerbAmend && unchanged(Command(d, s.form)) {
		return d.Given(es.Say(es.NothingChanged), s.act.On), Effect{Do: Close}
	}
	d.Stage = Sending
	return d, Effect{Do: Give}
}

// Given is d after its command was carried out, or it ended otherwise: with words, on a
// platform. What it asked for stays: the same form may stand on another screen still. So do
// words that had no place in it, to be given back.
func (d Draft) Given(words, on string) Draft {
	done := d.Blank()
	done.Applied, done.Chats, done.Sent = d.Applied, d.Chats, d.Sent
	done.Stage, done.Done, done.DoneOn, done.Unsure = Done, words, on, d.Kept().Unsure
	return done
}

// Carried is Given of a command that did what it asked for: which messages answered is kept.
func (d Draft) Carried(words, on string) Draft {
	done := d.Given(words, on)
	done.Said = d.said()
	return done
}

// Blank is the form that d is, with nothing answered.
func (d Draft) Blank() Draft {
	return Draft{ID: d.ID, Verb: d.Verb, Kind: d.Kind, Record: d.Record, Seen: d.Seen, Preset: d.Preset, Base: d.Base, Many: d.Many, Assumed: d.Assumed}
}

// Refused is d after its command was refused for one of its fields: that is asked again.
// False where the refusal is about none of them.
func Refused(d Draft, f card.Form, no *core.Refusal, words string) (Draft, bool) {
	i := at(f, no.Field)
	if no.Field == "" || i < 0 {
		return d, false
	}
	if no.Nth > 0 && no.Nth <= len(d.Ready) {
		d = d.reopened(no.Nth - 1)
	}
	d = d.asking(f, i)
	d.Way = Lacking
	d.Round++
	return d.saying(words), true
}

// lacking is the number of the next question without which the form cannot be sent; what
// a correction says of itself comes last. -1 for none.
func lacking(d Draft, f card.Form, now time.Time) int {
	last := -1
	for i, q := range f.Questions {
		switch {
		case lacks(q, d, now) == nil:
		case closes(d, q):
			last = i
		default:
			return i
		}
	}
	return last
}

// closes reports whether q is asked when the others are done: what a correction says of
// itself.
func closes(d Draft, q card.Question) bool {
	return card.Corrects(d.Verb) && q.Field == core.FieldNote
}

// lacks is what is missing of an answer to q.
func lacks(q card.Question, d Draft, now time.Time) *core.Refusal {
	if !q.Required {
		return nil
	}
	a := present(q, d)
	switch q.Spec.Type {
	case core.TypeUpload, core.TypeLines:
		if a.empty() {
			return &core.Refusal{Reason: core.Missing, Field: q.Field}
		}
		return nil
	default:
		return core.Check(q.Field, a.Value, now)
	}
}

// present is the answer that q has: what the person gave, or what stands there.
func present(q card.Question, d Draft) Answer {
	if a, ok := d.Answers[q.Field]; ok {
		if q.Spec.Type == core.TypeChoices && len(q.Spec.Choices) == 0 { // what is offered is all that there is
			a.Value = strings.Join(slices.DeleteFunc(split(a.Value), func(v string) bool { return !isOption(q, v) }), ",")
		}
		return a
	}
	if v, ok := d.Assumed[q.Field]; ok && q.Value == "" {
		return Answer{Value: v}
	}
	return Answer{Value: q.Value, Items: q.Items}
}
