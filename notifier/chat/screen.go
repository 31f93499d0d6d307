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

// sendScreen has the messages of a person follow what is so, of those that are about
// it.Record (all of them where that is the person's account): each is drawn again where
// that can be done, and loses its buttons where it is over.
func (c *Channel) sendScreen(ctx context.Context, it outbox.Item) (string, error) {
	shown, err := screen.Load(ctx, c.cfg.Sessions, it.Account, c.cfg.Platform, c.cfg.Now())
	if err != nil {
		return "", err
	}
	var last card.Ref
	var trouble error
	done := map[card.Ref]screen.Message{} // as they are now; the zero one has no buttons any more
	about := false
	for _, m := range shown {
		concerns := it.Record == it.Account || slices.Contains(m.View.Of, it.Record)
		about = about || concerns && !m.Over
		if !m.Over && !concerns {
			continue
		}
		drawn, over, err := card.Card{Story: m.Story}, true, error(nil)
		if !m.Over {
			if drawn, over, err = c.follow(ctx, it.Account, m); err != nil {
				return "", err
			}
		}
		now := m
		now.Hash = hash(drawn)
		switch {
		case drawn.Title == "", now.Hash == m.Hash: // as it is
			continue
		case over:
			now = screen.Message{}
		}
		err = c.cfg.Poster.Edit(ctx, m.Ref, drawn)
		switch {
		case err == nil:
			last, done[m.Ref] = m.Ref, now
		case outbox.IsGone(err), outbox.IsPermanent(err):
			done[m.Ref] = screen.Message{} // out of reach for ever
		default:
			trouble = errors.Join(trouble, fmt.Errorf("follow %s: %w", receipt(m.Ref), err))
		}
	}
	if len(done) > 0 {
		_, err := screen.Change(ctx, c.cfg.Sessions, it.Account, c.cfg.Platform, c.cfg.Now(), func(s screen.Screen) screen.Screen {
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
			return "", err
		}
	}
	switch {
	case trouble != nil:
		return "", trouble
	case !about && c.cfg.Unfollow != nil:
		if err := c.cfg.Unfollow(ctx, it.Record, it.Account); err != nil {
			return "", err
		}
	}
	if last == (card.Ref{}) {
		return "", fmt.Errorf("nothing on the screen shows it: %w", notifier.ErrMoot)
	}
	return receipt(last), nil
}

// follow is what a message shows now; over says that it has no buttons from then on. The
// zero Card leaves it as it is.
func (c *Channel) follow(ctx context.Context, account string, m screen.Message) (drawn card.Card, over bool, err error) {
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
