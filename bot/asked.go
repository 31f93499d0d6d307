package bot

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"sidem/bot/card"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// asked is the message that asks a person something in a chat without modals, as
// the platform reported it: it is kept beside the talk, since nobody knows where a
// question stands before it was posted. A report that was lost leaves buttons
// behind, and a press on them is answered.
type asked struct {
	// Talk and At are the question that it asks; At is -1 where no answer belongs to it.
	Talk string `json:"talk,omitempty"`
	At   int    `json:"at"`
	Spent
	// Left are earlier messages that could not be redrawn: it is tried again with the next.
	Left []Spent `json:"left,omitempty"`
}

// maxLeft bounds asked.Left: the newest stay.
const maxLeft = 4

// asking is what an answer leaves open in the chat: a question of k, or nothing.
type asking struct {
	k     talk
	form  card.Form
	at    int
	story es.Story // as it reads without buttons
	open  bool
}

func (t *turn) askedKey() string { return "asked:" + t.in.Platform + ":" + t.in.Who }

// settle has the message that asked before lose its buttons, once reply is there: it
// then says what was asked and what was answered. Trouble with it is logged, and
// holds nothing up.
func (t *turn) settle(ctx context.Context, reply *Reply) {
	if t.asking == nil {
		return
	}
	now := *t.asking
	var old asked
	body, rev, err := t.Sessions.Get(ctx, t.askedKey(), t.now)
	if err == nil {
		err = json.Unmarshal(body, &old)
	}
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		t.Log.WarnContext(ctx, "the message of the last question is not known", "platform", t.in.Platform, "once", t.in.Once, "err", err)
		return
	}
	reply.Spent = slices.Clone(old.Left)
	if old.Ref != (card.Ref{}) {
		reply.Spent = append(reply.Spent, Spent{Ref: old.Ref, Story: now.answered(old)})
	}
	reply.Landed = func(ctx context.Context, at card.Ref, left []Spent) {
		next := asked{At: now.at, Left: left[max(0, len(left)-maxLeft):]}
		if now.open {
			next.Talk, next.Spent = now.k.ID, Spent{Ref: at, Story: now.story}
		}
		if err := t.keepAsked(ctx, next, rev); err != nil {
			t.Log.WarnContext(ctx, "the message of a question was not noted", "platform", t.in.Platform, "once", t.in.Once, "err", err)
		}
	}
}

// keepAsked notes where the question stands. Another that was asked meanwhile, at
// another replica, is the newer one.
func (t *turn) keepAsked(ctx context.Context, a asked, rev int) error {
	if a.Ref == (card.Ref{}) && len(a.Left) == 0 {
		if rev == 0 {
			return nil
		}
		return t.Sessions.Delete(ctx, t.askedKey())
	}
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = t.Sessions.Put(ctx, t.askedKey(), body, rev, t.now, t.now.Add(talkLife))
	if errors.Is(err, desk.ErrConflict) {
		return nil
	}
	return err
}

// answered is what the message of old says once its question is not open any more:
// the answer too, where the form has gone on from it or it takes several.
func (a asking) answered(old asked) es.Story {
	story := old.Story
	if old.Talk != a.k.ID || old.At < 0 || old.At >= len(a.form.Questions) {
		return story
	}
	q := a.form.Questions[old.At]
	if v := a.k.shown(q); v != "" && (a.k.At > old.At || q.Spec.Type == core.TypeUpload) {
		story.Text = append(slices.Clone(story.Text), es.Answered(v))
	}
	return story
}
