package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sidem/bot/card"
	"sidem/bot/screen"
	"sidem/core/desk"
	"sidem/core/outbox"
	"sidem/notifier"
)

// screen has the messages of a person follow what is so, of those that are about
// it.Record (all of them where that is the person's account): each is drawn again where
// that can be done, and loses its buttons where it is over.
func (c *Channel) screen(ctx context.Context, it outbox.Item) (deed, error) {
	shown, err := screen.Load(ctx, c.cfg.Sessions, it.Account, c.cfg.Platform, c.cfg.Now())
	if err != nil {
		return deed{}, err
	}
	var all []following
	about := false
	for _, m := range shown {
		concerns := it.Record == it.Account || slices.Contains(m.View.Of, it.Record)
		about = about || concerns && !m.Over
		if !m.Over && !concerns {
			continue
		}
		f, differs, err := c.follow(ctx, it.Account, m)
		if err != nil {
			return deed{}, err
		}
		if differs {
			all = append(all, f)
		}
	}
	return deed{calls: len(all) > 0, do: func(ctx context.Context) (string, error) {
		last, err := c.redraw(ctx, it, all)
		if err != nil {
			return "", err
		}
		if !about && c.cfg.Unfollow != nil {
			if err := c.cfg.Unfollow(ctx, it.Record, it.Account); err != nil {
				return "", err
			}
		}
		if last == (card.Ref{}) {
			return "", fmt.Errorf("nothing on the screen shows it: %w", notifier.ErrMoot)
		}
		return receipt(last), nil
	}}, nil
}

// following is a message that is to show something else.
type following struct {
	message screen.Message
	drawn   card.Card
	now     screen.Message // as it is kept then; the zero one has no buttons any more
}

// redraw draws messages again, and keeps what they show. Those that cannot be reached
// now stay as they were, and the error has the hub try again.
func (c *Channel) redraw(ctx context.Context, it outbox.Item, all []following) (last card.Ref, err error) {
	var trouble error
	done := map[card.Ref]screen.Message{}
	for _, f := range all {
		ref := f.message.Ref
		err := c.cfg.Poster.Edit(ctx, ref, f.drawn)
		switch {
		case err == nil:
			last, done[ref] = ref, f.now
		case outbox.IsGone(err), outbox.IsPermanent(err):
			done[ref] = screen.Message{} // out of reach for ever
		default:
			trouble = errors.Join(trouble, fmt.Errorf("follow %s: %w", receipt(ref), err))
		}
	}
	if len(done) == 0 {
		return card.Ref{}, trouble
	}
	_, err = screen.Change(ctx, c.cfg.Sessions, it.Account, c.cfg.Platform, c.cfg.Now(), func(s screen.Screen) screen.Screen {
		for i, m := range s {
			if now, ok := done[m.Ref]; ok && m.View.Same == now.View.Same {
				s[i].Hash = now.Hash
			}
		}
		return slices.DeleteFunc(s, func(m screen.Message) bool {
			now, ok := done[m.Ref]
			return ok && now.Ref == card.Ref{}
		})
	})
	if err != nil {
		return card.Ref{}, err
	}
	return last, trouble
}

// follow is what a message is to show now, and whether that is something else than it
// shows. One that is over has no buttons from then on.
func (c *Channel) follow(ctx context.Context, account string, m screen.Message) (f following, differs bool, err error) {
	f = following{message: m, drawn: card.Card{Story: m.Story}, now: m}
	over := true
	if !m.Over {
		if f.drawn, over, err = c.view(ctx, account, m); err != nil {
			return following{}, false, err
		}
	}
	f.now.Hash = hash(f.drawn)
	if f.drawn.Title == "" || f.now.Hash == m.Hash {
		return following{}, false, nil
	}
	if over {
		f.now = screen.Message{}
	}
	return f, true, nil
}

// view is what a message shows now; over says that it has no buttons from then on. The
// zero Card leaves it as it is.
func (c *Channel) view(ctx context.Context, account string, m screen.Message) (drawn card.Card, over bool, err error) {
	if c.cfg.View == nil {
		return card.Card{}, false, nil
	}
	drawn, ok, err := c.cfg.View(ctx, account, m.View)
	if errors.Is(err, desk.ErrNotFound) {
		ok, err = false, nil
	}
	if err != nil {
		return card.Card{}, false, fmt.Errorf("what %s shows: %w", receipt(m.Ref), err)
	}
	if !ok {
		return card.Card{Story: m.Story}, true, nil
	}
	return drawn, drawn.Title != "" && buttons(drawn) == 0, nil
}
