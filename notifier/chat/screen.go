package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

// screen has the messages of a person follow what is so, of those that are about
// it.Record (all of them where that is the person's account): each is drawn again where
// that can be done, and loses its buttons where it is over.
func (c *Channel) screen(ctx context.Context, it outbox.Item) (deed, error) {
	all, about, err := c.followed(ctx, it)
	if err != nil {
		return deed{}, err
	}
	return deed{calls: len(all) > 0, do: func(ctx context.Context) (string, error) {
		last, err := c.redraw(ctx, it, all)
		for n := 1; errors.Is(err, errOvertaken) && n < looks; n++ {
			present := it
			present.Record = it.Account // what the message shows now may be of another record
			if all, _, err = c.followed(ctx, present); err == nil {
				last, err = c.redraw(ctx, it, all)
			}
		}
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

// errOvertaken says that a press had something else drawn over a message meanwhile.
var errOvertaken = errors.New("a message shows something else since")

// followed are the messages of a person that are to show something else, of those that are
// about it.Record or over; about says whether any that is not over is.
func (c *Channel) followed(ctx context.Context, it outbox.Item) (all []following, about bool, err error) {
	shown, err := screen.Load(ctx, c.cfg.Sessions, it.Account, c.cfg.Platform, c.cfg.Now())
	if err != nil {
		return nil, false, err
	}
	for _, m := range shown {
		concerns := it.Record == it.Account || slices.Contains(m.View.Of, it.Record)
		about = about || concerns && !m.Over
		if !m.Over && !concerns {
			continue
		}
		f, differs, err := c.follow(ctx, it.Account, m)
		if err != nil {
			return nil, false, err
		}
		if differs {
			all = append(all, f)
		}
	}
	return all, about, nil
}

// following is a message that is to show something else.
type following struct {
	message screen.Message
	drawn   card.Card
	now     screen.Message // as it is kept then; the zero one has no buttons any more
}

// redraw draws messages again, and keeps what they show. Those that cannot be reached
// now stay as they were, and the error has the hub try again. What a press had drawn over
// a message since it was made ready is left, and errOvertaken tells of what was drawn over
// such an answer all the same.
func (c *Channel) redraw(ctx context.Context, it outbox.Item, all []following) (last card.Ref, err error) {
	var trouble error
	done, views := map[card.Ref]screen.Message{}, map[card.Ref]screen.View{}
	present, err := screen.Load(ctx, c.cfg.Sessions, it.Account, c.cfg.Platform, c.cfg.Now())
	if err != nil {
		return card.Ref{}, err
	}
	overtaken := false
	for _, f := range all {
		ref := f.message.Ref
		m, there := present.At(ref)
		if same := m.View.Equal(f.message.View); !there || !same {
			overtaken = overtaken || there
			continue
		}
		views[ref] = m.View
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
	if overtaken {
		trouble = errors.Join(trouble, errOvertaken)
	}
	if len(done) == 0 {
		return card.Ref{}, trouble
	}
	_, err = screen.Change(ctx, c.cfg.Sessions, it.Account, c.cfg.Platform, c.cfg.Now(), func(s screen.Screen) screen.Screen {
		kept := slices.DeleteFunc(slices.Clone(s), func(m screen.Message) bool {
			now, drawn := done[m.Ref]
			if drawn && !m.View.Equal(views[m.Ref]) {
				overtaken = true
				return false
			}
			return drawn && now.Ref == card.Ref{}
		})
		return kept.Drawn(done)
	})
	if err != nil {
		return card.Ref{}, err
	}
	if overtaken {
		trouble = errors.Join(trouble, errOvertaken)
	}
	return last, trouble
}

// follow is what a message is to show now, and whether that is something else than it
// shows. One that is over has no buttons from then on; it shows what may be seen now, and
// never goes back to what it showed before.
func (c *Channel) follow(ctx context.Context, account string, m screen.Message) (f following, differs bool, err error) {
	drawn, over, err := c.view(ctx, account, m)
	if err != nil {
		return following{}, false, err
	}
	f = following{message: m, drawn: drawn, now: m}
	f.now.Hash, f.now.Story = hash(drawn), drawn.Story
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
	ok := true
	if c.cfg.View != nil {
		drawn, ok, err = c.cfg.View(ctx, account, m)
	}
	if errors.Is(err, desk.ErrNotFound) { // the person is not known any more
		drawn, ok, err = c.cfg.Gone(""), false, nil
	}
	if err != nil {
		return card.Card{}, false, fmt.Errorf("what %s shows: %w", receipt(m.Ref), err)
	}
	if ok && !m.Over {
		return drawn, drawn.Title != "" && buttons(drawn) == 0, nil
	}
	if drawn.Title == "" {
		drawn.Story = m.Story
	}
	return card.Card{Story: drawn.Story}, true, nil
}
