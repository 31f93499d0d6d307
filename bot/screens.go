package bot

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/view"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// Every message with buttons that answers somebody is known from when it is there: it
// follows the records that it is about, and the newer copy retires it (package screen).

// note has what reply shows noted, once it is there, and what it retires. Where the answer
// follows nothing, or asks something, what it is drawn over is taken over first.
func (c *conversation) note(ctx context.Context, reply *Reply) {
	var m screen.Message
	live := false
	if reply.Card != nil && !reply.Open {
		m = screen.Message{View: reply.Shows, Story: reply.Card.Story}
		live = reply.Card.Presses() > 0
	}
	question, asks := c.forms.Question()
	if asks {
		m.View, m.Story = question.View, question.Story
	}
	if m.Story.Title != "" && reply.Redraw && (asks || !live) {
		c.Afterwards(ctx, "a message is not known to be answered over", c.takeOver(ctx))
	}
	if m.View.Same == "" {
		m.View.Same = m.Story.Title
	}
	before, retired := reply.Posted, reply.Retired
	if !live && len(retired) == 0 {
		return
	}
	reply.Posted = func(ctx context.Context, at card.Ref, left []Retired) {
		if before != nil {
			before(ctx, at, left)
		}
		if m.Ref = at; !live {
			m.Ref = card.Ref{}
		}
		c.Afterwards(ctx, "a message with buttons is not known", c.shown(ctx, m, func(s screen.Screen) screen.Screen { return withdrawn(s, retired, left) }))
		if asks {
			c.Afterwards(ctx, "a question does not follow its form", c.forms.Overtaken(ctx))
		}
	}
}

// withdrawn is s once the questions of retired are answered: those that are left have their
// buttons still.
func withdrawn(s screen.Screen, retired, left []Retired) screen.Screen {
	for _, r := range retired {
		m, known := s.At(r.Ref)
		if !known {
			continue
		}
		s = s.Without(r.Ref)
		if slices.ContainsFunc(left, func(l Retired) bool { return l.Ref == r.Ref }) {
			m.Story, m.Over = r.Story, true
			s = append(s, m)
		}
	}
	return s
}

// takeOver has the message under a pressed button follow nothing any more: the answer is
// drawn over it, and what is decided meanwhile must not be drawn over the answer. A press
// whose own decision redraws that message takes it over before it decides, and any other
// before its answer is drawn (note).
func (c *conversation) takeOver(ctx context.Context) error {
	at := card.Ref{Chat: c.In.Chat, Message: c.In.Message}
	if c.In.Tap == "" {
		return nil
	}
	before, err := screen.Load(ctx, c.Sessions, c.Account.ID, c.In.Platform, c.Now)
	if _, known := before.At(at); err != nil || !known {
		return err
	}
	_, err = screen.Change(ctx, c.Sessions, c.Account.ID, c.In.Platform, c.Now, func(s screen.Screen) screen.Screen { return s.Without(at) })
	return err
}

// shown notes a message, if there is one, beside what is withdrawn for it.
func (c *conversation) shown(ctx context.Context, m screen.Message, withdrawn func(screen.Screen) screen.Screen) error {
	before, err := screen.Load(ctx, c.Sessions, c.Account.ID, c.In.Platform, c.Now)
	if err != nil {
		return err
	}
	was, known := before.At(m.Ref)
	live := m.Ref != card.Ref{}
	switch {
	case !live && reflect.DeepEqual(before, withdrawn(before)):
		return nil
	case m.View.Word == card.WordShow && known && !was.Over:
		return nil // it asks whether what it shows is meant
	case m.View.Word == card.WordShow:
		at, err := screen.CardAt(ctx, c.Sessions, m.View.Record, c.Account.ID, c.In.Platform, c.Now)
		if err != nil {
			return err
		}
		if at == m.Ref {
			return c.overtaken(ctx, m.View.Record)
		}
		m.Over = true // it was replaced before it was drawn
	}
	if live && !m.Over {
		for _, record := range append([]string{c.Account.ID}, m.View.Of...) {
			if err := c.Desk.Follow(ctx, record, c.Account.ID, c.In.Platform); err != nil {
				return err
			}
		}
	}
	after, err := screen.Change(ctx, c.Sessions, c.Account.ID, c.In.Platform, c.Now, func(s screen.Screen) screen.Screen {
		if s = withdrawn(s); !live {
			return s
		}
		return s.With(m)
	})
	if err != nil || !after.AnyOver() {
		return err
	}
	if _, err := c.Outbox.Add(ctx, c.Now, desk.ScreenItem(c.Account.ID, c.Account.ID, c.In.Platform, c.Now)); err != nil {
		return fmt.Errorf("ask that buttons go: %w", err)
	}
	return nil
}

// overtaken has the card of a record drawn again if the record moved while an answer was
// drawn over the card: the notifier may have been there first.
func (c *conversation) overtaken(ctx context.Context, record string) error {
	if c.Case.Record.ID != record {
		return nil
	}
	now, err := c.Desk.Ledger.Record(ctx, record)
	if err != nil {
		return fmt.Errorf("load %s: %w", record, err)
	}
	if now.Version == c.Case.Record.Version {
		return nil
	}
	return c.Draw(ctx, record, session.DrawInPlace)
}

// View is what a message shows an account now, and whether it shows anything still: if not,
// the Card is what is left of it. The zero Card is what it shows already.
func (e *Engine) View(ctx context.Context, platform, account string, m screen.Message) (card.Card, bool, error) {
	r, err := e.Desk.Ledger.Record(ctx, account)
	if err != nil {
		return card.Card{}, false, fmt.Errorf("load %s: %w", account, err)
	}
	link, linked := r.LinkOn(platform)
	if !linked || r.State != core.StateActive {
		left, err := e.withdrawn(ctx, m.View)
		return left, false, err
	}
	c := e.begin(Input{Platform: platform, Who: link.ID, Private: true})
	c.Account = r
	if c.Actor, err = e.Desk.Actor(ctx, r); err != nil {
		return card.Card{}, false, err
	}
	drawn, still, err := c.again(ctx, m)
	answering := !m.Over && m.View.Word == form.WordQuestion // its answer, in this chat, is drawn over it
	if err != nil || still && (drawn.Title != "" || answering) {
		return drawn, still, err
	}
	switch hidden, err := c.hides(ctx, m.View); {
	case err != nil:
		return card.Card{}, false, err
	case hidden, !still && (m.View.Word == view.WordPage || view.Shows(m.View.Word)):
		drawn, err = e.withdrawn(ctx, m.View)
		return drawn, false, err
	}
	return drawn, still, nil
}

// hides reports whether a message is about a record that the person may not see.
func (c *conversation) hides(ctx context.Context, v screen.View) (bool, error) {
	if v.Word == view.WordPage {
		return false, nil // it leaves out what is not for them
	}
	for _, record := range v.Of {
		if _, no, err := c.Scene(ctx, record); err != nil || no != nil {
			return err == nil, err
		}
	}
	return false, nil
}

// withdrawn is what is left of a message whose person may not see any more what it is about;
// the zero Card where it says nothing that is not their own.
func (e *Engine) withdrawn(ctx context.Context, v screen.View) (card.Card, error) {
	switch {
	case v.Word == view.WordPage:
		return card.Card{Story: es.Story{Title: es.Say(es.ListNoLongerYours)}}, nil
	case len(v.Of) == 0:
		return card.Card{}, nil
	}
	var kind core.Kind
	if len(v.Of) == 1 {
		r, err := e.Desk.Ledger.Record(ctx, v.Of[0])
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return card.Card{}, fmt.Errorf("load %s: %w", v.Of[0], err)
		}
		kind = r.Kind
	}
	return card.Card{Story: es.Story{Title: es.NoLongerYours(kind)}}, nil
}

// again is the View of a person who is known. What was answered, or asked anew below, keeps
// its last words.
func (c *conversation) again(ctx context.Context, m screen.Message) (card.Card, bool, error) {
	v := m.View
	switch {
	case m.Over && (v.Word == form.WordQuestion || v.Word == wordPurpose):
		return card.Card{}, true, nil
	case v.Word == view.WordPage:
		reply, err := c.views.Again(ctx, v)
		return drawnBy(reply, err)
	case view.Shows(v.Word):
		reply, err := c.views.Still(ctx, card.Token{Word: v.Word, Record: v.Record, Arg: v.Arg})
		return drawnBy(reply, err)
	case v.Word == word.HandOver:
		return c.pickupAgain(ctx, v)
	case v.Word == word.Prefs:
		return *c.drawPrefs(), true, nil
	case v.Word == word.Substitute:
		drawn := c.substitutions(ctx)
		if drawn == nil {
			return card.Card{}, false, nil
		}
		return *drawn, true, nil
	case v.Word == form.WordQuestion:
		return c.forms.Asks(ctx, v.Record)
	case v.Word == wordPurpose:
		return c.askedPurpose(ctx, v.Arg)
	}
	return card.Card{}, true, nil
}

func drawnBy(reply session.Reply, err error) (card.Card, bool, error) {
	if err != nil || reply.Card == nil {
		return card.Card{}, false, err
	}
	return *reply.Card, true, nil
}
