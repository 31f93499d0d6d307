package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidem/bot/card"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// talk is a form that is being filled in, one question at a time. It is kept in
// the store after each answer, so that a restart loses nothing.
type talk struct {
	ID     string                `json:"id"`
	Verb   core.Verb             `json:"verb"`
	Kind   core.Kind             `json:"kind"`
	Record string                `json:"record,omitempty"`
	Seen   int                   `json:"seen,omitempty"`
	Preset map[core.Field]string `json:"preset,omitempty"`
	Values map[core.Field]string `json:"values,omitempty"`
	Items  []core.Item           `json:"items,omitempty"`
	Files  []core.Attachment     `json:"files,omitempty"`
	// At is the question that is open; the number of questions means the summary.
	At int `json:"at"`
	// Round counts the refusals that the person has mended: each try is an act of its own.
	Round int `json:"round,omitempty"`
	// Last is the input that was handled last: a redelivery repeats the question.
	Last string `json:"last,omitempty"`
	// Next is the form that was asked for while this one was not finished: the person
	// is asked what becomes of this one.
	Next *talk `json:"next,omitempty"`
	// Done is what was answered at the end, for whoever presses twice.
	Done string `json:"done,omitempty"`
}

// talkPrefix begins the words of the buttons of a question.
const talkPrefix = "~"

const (
	talkOption = "~opt"
	talkNext   = "~next"
	talkBack   = "~back"
	talkSave   = "~save"
	talkQuit   = "~quit"
	talkSend   = "~send"
	talkSheet  = "~sheet" // gives the spreadsheet to fill in
)

// talkLife is how long an unfinished form waits: as long as a draft (process, states).
const talkLife = 30 * 24 * time.Hour

func (t *turn) talkKey() string { return "talk:" + t.in.Platform + ":" + t.in.Who }

// load is the form that is open in this chat, and its revision; the zero talk for none.
func (t *turn) load(ctx context.Context) (talk, int, error) {
	body, rev, err := t.Sessions.Get(ctx, t.talkKey(), t.now)
	if errors.Is(err, desk.ErrNotFound) {
		return talk{}, 0, nil
	}
	if err != nil {
		return talk{}, 0, fmt.Errorf("load the form: %w", err)
	}
	var k talk
	if err := json.Unmarshal(body, &k); err != nil {
		return talk{}, 0, fmt.Errorf("read the form: %w", err)
	}
	if k.Values == nil {
		k.Values = map[core.Field]string{}
	}
	return k, rev, nil
}

func (t *turn) save(ctx context.Context, k talk, rev int) error {
	k.Last = t.in.Once
	body, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("write the form: %w", err)
	}
	if _, err := t.Sessions.Put(ctx, t.talkKey(), body, rev, t.now, t.now.Add(talkLife)); err != nil {
		return fmt.Errorf("save the form: %w", err)
	}
	return nil
}

// begin opens a form. One that was begun before in this chat is not lost: the
// same one goes on, and of another the person says what becomes of it.
func (t *turn) begin(ctx context.Context, k talk) (Reply, error) {
	old, rev, err := t.load(ctx)
	if err != nil {
		return Reply{}, err
	}
	if old.touched() {
		if old.same(k) {
			return t.goOn(ctx, old)
		}
		return t.fork(ctx, old, k, rev)
	}
	return t.start(ctx, k, rev)
}

// start asks the first question of k.
func (t *turn) start(ctx context.Context, k talk, rev int) (Reply, error) {
	if k.ID == "" {
		h := fnv.New64a()
		_, _ = io.WriteString(h, t.in.Platform+t.in.Once)
		k.ID = strconv.FormatUint(h.Sum64(), 36)
	}
	if k.Values == nil {
		k.Values = map[core.Field]string{}
	}
	form, no, err := t.form(ctx, k)
	if err != nil || no != nil {
		return t.gone(ctx, k, no, err)
	}
	if err := t.save(ctx, k, rev); err != nil {
		return Reply{}, err
	}
	if err := t.Sessions.Delete(ctx, t.keptKey(k.ID)); err != nil {
		return Reply{}, fmt.Errorf("take the form from those set aside: %w", err)
	}
	return t.question(k, form, ""), nil
}

// goOn asks again what is open.
func (t *turn) goOn(ctx context.Context, k talk) (Reply, error) {
	form, no, err := t.form(ctx, k)
	if err != nil || no != nil {
		return t.gone(ctx, k, no, err)
	}
	return t.question(k, form, ""), nil
}

func (t *turn) gone(ctx context.Context, k talk, no *core.Refusal, err error) (Reply, error) {
	if err != nil {
		return Reply{}, err
	}
	return t.refused(ctx, k.Record, no)
}

// form is what a talk asks, made anew from present state.
func (t *turn) form(ctx context.Context, k talk) (card.Form, *core.Refusal, error) {
	token := t.Seal.Seal(t.account.ID, card.Token{Word: talkSend, Record: k.ID})
	if k.Record != "" {
		s, no, err := t.scene(ctx, k.Record)
		if err != nil || no != nil {
			return card.Form{}, no, err
		}
		return card.FormOf(s, token, k.Verb, k.Preset), nil, nil
	}
	s := core.Scene{Record: core.Record{Kind: k.Kind}, Viewer: t.account, Actor: t.actor, Now: t.now}
	must, may := core.Needs(k.Kind, k.Verb, core.None)
	return card.FormFor(k.Verb, token, must, may, s, k.Preset), nil, nil
}

// talkText takes a message as the answer to the question that is open. It
// reports false when none is.
func (t *turn) talkText(ctx context.Context) (Reply, bool, error) {
	k, rev, err := t.load(ctx)
	if err != nil || k.ID == "" {
		return Reply{}, false, err
	}
	if k.Done != "" { // a redelivery of the last answer gets the last word again
		if k.Last == t.in.Once {
			t.asking = &asking{k: k}
		}
		return Reply{Toast: k.Done}, k.Last == t.in.Once, nil
	}
	form, no, err := t.form(ctx, k)
	if err != nil || no != nil {
		reply, err := t.gone(ctx, k, no, err)
		return reply, true, err
	}
	if k.Last == t.in.Once || k.At >= len(form.Questions) {
		return t.question(k, form, ""), true, nil
	}
	q, held := form.Questions[k.At], len(k.Files)
	problem, err := t.hear(ctx, &k, q)
	if err != nil {
		return Reply{}, true, err
	}
	if problem != "" {
		if len(k.Files) > held { // of several files some are kept
			if err := t.save(ctx, k, rev); err != nil {
				return Reply{}, true, err
			}
		}
		return t.question(k, form, problem), true, nil
	}
	if q.Spec.Type != core.TypeUpload {
		k.At++
	}
	reply, err := t.proceed(ctx, k, rev, form)
	return reply, true, err
}

// hear takes what was written, or the files that came, as the answer to q.
func (t *turn) hear(ctx context.Context, k *talk, q card.Question) (problem string, err error) {
	if q.Spec.Type == core.TypeLines && len(t.in.Files) > 0 {
		items, problem, err := t.readSheet(ctx, t.in.Files[0])
		if err == nil && problem == "" {
			k.Items = items
		}
		return problem, err
	}
	if q.Spec.Type != core.TypeUpload {
		text := t.in.Text
		switch {
		case len(t.in.Files) > 0 && q.Field == core.FieldIdentified:
			said, ok, err := t.photo(ctx)
			if err != nil || !ok {
				return es.NoPassInPhoto, err
			}
			text = said
		case len(t.in.Files) > 0:
			return es.Say(es.NoFileNow), nil
		}
		if no := k.take(q, text, t.now); no != nil {
			return es.Refuse(no, "", t.now), nil
		}
		return "", nil
	}
	if len(t.in.Files) == 0 {
		return es.Refuse(&core.Refusal{Reason: core.Missing, Field: q.Field}, "", t.now), nil
	}
	kept, problem, err := t.keepUploads(ctx, k.Files, t.in.Files)
	k.Files = append(k.Files, kept...)
	return problem, err
}

// talkTap answers a button of a question.
func (t *turn) talkTap(ctx context.Context, tok card.Token) (Reply, error) {
	k, rev, err := t.load(ctx)
	if err != nil {
		return Reply{}, err
	}
	if k.ID != tok.Record || k.Done != "" {
		if k.ID == tok.Record {
			t.asking = &asking{k: k} // its buttons, if they are still there, are not any more
			return Reply{Toast: k.Done}, nil
		}
		return Reply{Toast: es.Say(es.QuestionClosed)}, nil
	}
	form, no, err := t.form(ctx, k)
	if err == nil && no != nil && tok.Word == talkSend { // a press like any other, and the core's to refuse
		return t.do(ctx, k.Record, t.sent(k))
	}
	if err != nil || no != nil {
		return t.gone(ctx, k, no, err)
	}
	if k.Last == t.in.Once || k.At != tok.Version {
		return redrawn(t.question(k, form, "")), nil
	}
	if k.Next != nil {
		if reply, done, err := t.choose(ctx, k, rev, tok.Word); done || err != nil {
			return reply, err
		}
		k.Next = nil
	}
	switch tok.Word {
	case talkQuit:
		k.Done = es.Say(es.FormDropped)
		return t.close(ctx, k, rev, form, nil)
	case talkSheet:
		return t.template()
	case talkSave:
		if isDraft(k.Verb) {
			return t.end(ctx, k, rev, form)
		}
		return t.setAside(ctx, k, rev, form)
	case talkSend:
		if k.At < len(form.Questions) {
			return redrawn(t.question(k, form, "")), nil
		}
		return t.end(ctx, k, rev, form)
	case talkBack:
		k.At = max(0, k.At-1)
	case talkNext:
		if problem := k.lacks(form.Questions[k.At], t.now); problem != nil {
			return redrawn(t.question(k, form, es.Refuse(problem, "", t.now))), nil
		}
		k.At++
	case talkOption:
		k.pick(form.Questions[k.At], tok.Arg)
	default:
		return Reply{Toast: es.Say(es.QuestionClosed)}, nil
	}
	reply, err := t.proceed(ctx, k, rev, form)
	return redrawn(reply), err
}

func redrawn(r Reply) Reply {
	r.Redraw = r.Card != nil
	return r
}

// lacks is what is missing before the next question.
func (k *talk) lacks(q card.Question, now time.Time) *core.Refusal {
	if !q.Required {
		return nil
	}
	switch q.Spec.Type {
	case core.TypeUpload:
		if len(k.Files) == 0 {
			return &core.Refusal{Reason: core.Missing, Field: q.Field}
		}
		return nil
	case core.TypeLines:
		if len(k.Items) == 0 && q.Value == "" {
			return &core.Refusal{Reason: core.Missing, Field: q.Field}
		}
		return nil
	default:
		return core.Check(q.Field, k.Values[q.Field], now)
	}
}

// pick takes an option: the answer, or one more or less of several.
func (k *talk) pick(q card.Question, arg string) {
	i, err := strconv.Atoi(arg)
	if err != nil || i < 0 || i >= len(q.Options) {
		return
	}
	v := q.Options[i].Value
	if q.Spec.Type != core.TypeChoices {
		k.Values[q.Field] = v
		k.At++
		return
	}
	chosen := strings.FieldsFunc(k.Values[q.Field], func(r rune) bool { return r == ',' })
	if at := slices.Index(chosen, v); at >= 0 {
		chosen = slices.Delete(chosen, at, at+1)
	} else {
		chosen = append(chosen, v)
	}
	k.Values[q.Field] = strings.Join(chosen, ",")
}

// proceed keeps the talk and asks on; a draft has no summary but its own card.
func (t *turn) proceed(ctx context.Context, k talk, rev int, form card.Form) (Reply, error) {
	if k.At >= len(form.Questions) && isDraft(k.Verb) {
		return t.end(ctx, k, rev, form)
	}
	if err := t.save(ctx, k, rev); err != nil {
		return Reply{}, err
	}
	return t.question(k, form, ""), nil
}

func isDraft(v core.Verb) bool { return v == core.VerbDraft || v == core.VerbAmend }

// end gives the command. A refusal about a field opens its question again.
func (t *turn) end(ctx context.Context, k talk, rev int, form card.Form) (Reply, error) {
	reply, no, err := t.give(ctx, k, fmt.Sprintf("form:%s:%d", k.ID, k.Round))
	if err != nil {
		return Reply{}, err
	}
	if no != nil && no.Field != "" {
		if at := slices.IndexFunc(form.Questions, func(q card.Question) bool { return q.Field == no.Field }); at >= 0 {
			k.At = at
			k.Round++
			if err := t.save(ctx, k, rev); err != nil {
				return Reply{}, err
			}
			return redrawn(t.question(k, form, es.Refuse(no, "", t.now))), nil
		}
	}
	k.Done = reply.Toast
	var typed []es.Fact
	if no != nil { // what was typed stays where it can be copied
		typed = k.summary(form)
	}
	return t.close(ctx, k, rev, form, typed)
}

// close ends the talk with the words of k.Done, in place of the question that was
// pressed, over what was typed if that came to nothing.
func (t *turn) close(ctx context.Context, k talk, rev int, form card.Form, typed []es.Fact) (Reply, error) {
	if err := t.save(ctx, talk{ID: k.ID, Done: k.Done}, rev); err != nil {
		return Reply{}, err
	}
	t.asking = &asking{k: k, form: form}
	if t.in.Tap == "" && len(typed) == 0 {
		return Reply{Toast: k.Done}, nil
	}
	return Reply{Card: &card.Card{Story: es.Story{Title: k.Done, Facts: typed}}, Redraw: t.in.Tap != ""}, nil
}

// finish gives the command of a modal. A refusal about a field keeps it open; of
// another, what was typed comes back as a message.
func (t *turn) finish(ctx context.Context, g given) (Reply, error) {
	reply, no, err := t.give(ctx, g.talk, t.in.Once)
	if err != nil || no == nil {
		return reply, err
	}
	if slices.ContainsFunc(g.form.Questions, func(q card.Question) bool { return q.Field == no.Field }) {
		return Reply{Errors: map[core.Field]string{no.Field: reply.Toast}}, nil
	}
	if typed := g.summary(g.form); len(typed) > 0 && reply.Card == nil {
		return Reply{Card: &card.Card{Story: es.Story{Title: reply.Toast, Facts: typed}}}, nil
	}
	return reply, nil
}

func (t *turn) give(ctx context.Context, k talk, once string) (Reply, *core.Refusal, error) {
	c := core.Command{
		Kind: k.Kind, Verb: k.Verb, Fields: map[core.Field]string{}, Items: k.Items, Files: k.Files,
		Seen: k.Seen, Form: true, Where: t.in.Platform, Once: once,
	}
	for _, m := range []map[core.Field]string{k.Values, k.Preset} {
		for f, v := range m {
			if v != "" && f != core.FieldItems {
				c.Fields[f] = v
			}
		}
	}
	if k.Record == "" {
		c.Record = t.newRecord(k, once)
	}
	if k.Verb == core.VerbPrefer { // one's own account: nobody else's leave is asked
		t.actor.Roles = append(slices.Clone(t.actor.Roles), core.RoleSystem)
	}
	out, err := t.Desk.Do(ctx, t.actor, k.Record, c)
	if err != nil {
		return Reply{}, nil, fmt.Errorf("%s: %w", c.Verb, err)
	}
	if out.Refusal != nil {
		reply, err := t.refused(ctx, k.Record, out.Refusal)
		return reply, out.Refusal, err
	}
	words, err := t.saved(ctx, k.Verb, out)
	if err != nil {
		return Reply{}, nil, err
	}
	return Reply{Toast: words}, nil, t.showAfter(ctx, k, out.Record.ID)
}

// newRecord is the id that a form creates: the same for every delivery of the
// same press, so that a repeat creates nothing.
func (t *turn) newRecord(k talk, once string) string {
	if k.Kind != core.KindRequest && k.Kind != core.KindAccount {
		return "" // the desk knows: there is one for each agency, or year
	}
	h := fnv.New64a()
	_, _ = io.WriteString(h, t.account.ID+"\x00"+once)
	return strconv.FormatUint(h.Sum64(), 36)
}

// showAfter has a draft's card drawn below the last question: no notice does.
func (t *turn) showAfter(ctx context.Context, k talk, record string) error {
	if !isDraft(k.Verb) {
		return nil
	}
	return t.draw(ctx, record, drawAnew)
}
