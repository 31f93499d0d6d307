package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

// note says what an item tells under the card of its record: a thread in
// Slack, a reply in Telegram. A note that replaces an earlier one of its name
// takes that one off the screen.
func (c *Channel) note(ctx context.Context, it outbox.Item) (deed, error) {
	scene, err := c.cfg.Scenes.Scene(ctx, it.Record, it.Account)
	if errors.Is(err, desk.ErrNotFound) {
		return deed{}, fmt.Errorf("not theirs to see: %w", notifier.ErrMoot)
	}
	if err != nil {
		return deed{}, fmt.Errorf("scene of note %s: %w", it.Key, err)
	}
	link, ok := scene.Viewer.LinkOn(c.cfg.Platform)
	if !ok {
		return deed{}, fmt.Errorf("no chat is linked: %w", notifier.ErrMoot)
	}
	drawn, needed := c.cfg.Note(scene, it)
	if !needed {
		return c.retraction(ctx, it)
	}
	top := &sheet{Channel: c, key: Key(it.Record, it.Account, c.cfg.Platform)}
	if err := top.load(ctx); err != nil {
		return deed{}, err
	}
	before, rev, err := c.noted(ctx, it)
	if err != nil {
		return deed{}, err
	}
	if before.Item == it.ID { // said, and what followed was cut short
		return deed{calls: before.replaces(it), do: func(ctx context.Context) (string, error) {
			return receipt(before.Ref), c.unsay(ctx, it, before, rev)
		}}, nil
	}
	if ref, ok := before.said(it.ID); ok { // and another one after it
		return silent(receipt(ref), nil), nil
	}
	return calling(func(ctx context.Context) (string, error) {
		ref, err := c.cfg.Poster.Post(ctx, link.ID, drawn, top.place.Ref)
		if err != nil {
			return "", fmt.Errorf("note %s: %w", it.Key, err)
		}
		now, rev, err := c.keepSaid(ctx, it, ref, before, rev)
		if err != nil {
			return "", outbox.Uncertain(err) // the next attempt may say it a second time
		}
		return receipt(ref), c.unsay(ctx, it, now, rev)
	}), nil
}

// keepSaid keeps that it was said at ref, after before. Another note of the name may
// have been said at the same time: then it is kept after that one.
func (c *Channel) keepSaid(ctx context.Context, it outbox.Item, ref card.Ref, before noted, rev int) (noted, int, error) {
	for n := 1; ; n++ {
		now := noted{Item: it.ID, Ref: ref, Before: before.Ref, Said: before.with()}
		kept, err := c.keepNote(ctx, it, now, rev)
		if err == nil || n >= looks || !errors.Is(err, desk.ErrConflict) {
			return now, kept, err
		}
		if before, rev, err = c.noted(ctx, it); err != nil {
			return noted{}, 0, err
		}
		if before.Item == it.ID { // it was kept, and the answer lost
			return before, rev, nil
		}
	}
}

// retraction takes the last note of a name off the screen, where there is nothing to
// say in its place.
func (c *Channel) retraction(ctx context.Context, it outbox.Item) (deed, error) {
	last, rev, err := c.noted(ctx, it)
	if err != nil {
		return deed{}, err
	}
	if !it.Payload().Replace || last.Ref == (card.Ref{}) {
		return deed{}, fmt.Errorf("nothing to say any more: %w", notifier.ErrMoot)
	}
	return calling(func(ctx context.Context) (string, error) {
		for _, ref := range []card.Ref{last.Before, last.Ref} {
			if ref == (card.Ref{}) {
				continue
			}
			if err := c.remove(ctx, ref, c.cfg.Past); err != nil {
				return "", fmt.Errorf("take the note of %s off: %w", it.Key, err)
			}
		}
		_, err = c.keepNote(ctx, it, noted{Item: it.ID}, rev)
		return receipt(last.Ref), err
	}), nil
}

// noted is the last note of a name, kept in Sessions beside the card's place.
type noted struct {
	Item string   `json:"item"` // that said it
	Ref  card.Ref `json:"ref"`
	// Before is the note that it replaced, until that is off the screen.
	Before card.Ref `json:"before,omitzero"`
	// Said are the items before that, newest last: one whose settlement was lost may
	// come again after others were said.
	Said []saidNote `json:"said,omitempty"`
}

type saidNote struct {
	Item string   `json:"item"`
	Ref  card.Ref `json:"ref"`
}

// maxSaid bounds how many notes of a name are known again.
const maxSaid = 32

func (n noted) said(item string) (card.Ref, bool) {
	for _, s := range n.Said {
		if s.Item == item {
			return s.Ref, true
		}
	}
	return card.Ref{}, false
}

// replaces reports whether a note is still to be taken off the screen for n.
func (n noted) replaces(it outbox.Item) bool {
	return n.Before != card.Ref{} && it.Payload().Replace
}

// with are the notes said, the last one among them.
func (n noted) with() []saidNote {
	if n.Item == "" {
		return n.Said
	}
	out := append(slices.Clone(n.Said), saidNote{n.Item, n.Ref})
	return out[max(0, len(out)-maxSaid):]
}

// NotePrefix is how the keys begin under which it is kept what was said under a card.
const NotePrefix = "note:"

func noteKey(it outbox.Item, platform string) string {
	return NotePrefix + it.Record + ":" + it.Account + ":" + platform + ":" + it.Payload().Note
}

func (c *Channel) noted(ctx context.Context, it outbox.Item) (noted, int, error) {
	value, rev, err := c.cfg.Sessions.Get(ctx, noteKey(it, c.cfg.Platform), c.cfg.Now())
	if errors.Is(err, desk.ErrNotFound) {
		return noted{}, 0, nil
	}
	var n noted
	if err == nil {
		err = json.Unmarshal(value, &n)
	}
	if err != nil {
		return noted{}, 0, fmt.Errorf("last note like %s: %w", it.Key, err)
	}
	return n, rev, nil
}

func (c *Channel) keepNote(ctx context.Context, it outbox.Item, n noted, rev int) (int, error) {
	value, err := json.Marshal(n)
	if err != nil {
		return 0, fmt.Errorf("keep note %s: %w", it.Key, err)
	}
	rev, err = c.cfg.Sessions.Put(ctx, noteKey(it, c.cfg.Platform), value, rev, c.cfg.Now(), time.Time{})
	if err != nil {
		return 0, fmt.Errorf("keep note %s: %w", it.Key, err)
	}
	return rev, nil
}

// unsay takes the note that n replaced off the screen, where its item wants that.
func (c *Channel) unsay(ctx context.Context, it outbox.Item, n noted, rev int) error {
	if !n.replaces(it) {
		return nil
	}
	if err := c.remove(ctx, n.Before, c.cfg.Past); err != nil {
		return fmt.Errorf("take the note before %s off: %w", it.Key, err)
	}
	n.Before = card.Ref{}
	_, err := c.keepNote(ctx, it, n, rev)
	return err
}

// remove takes a message off the screen. One that is too old for that (Telegram: 48
// hours) keeps nothing of what it said, and no button: what instead says stands there.
func (c *Channel) remove(ctx context.Context, ref card.Ref, instead func() card.Card) error {
	err := c.cfg.Poster.Remove(ctx, ref)
	if outbox.IsGone(err) && instead != nil {
		err = c.cfg.Poster.Edit(ctx, ref, instead())
	}
	if err != nil && !outbox.IsGone(err) && !outbox.IsPermanent(err) {
		return err
	}
	return nil
}
