package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sidem/bot/card"
	"sidem/core/desk"
	"sidem/core/outbox"
	"sidem/notifier"
)

// sendNote says what an item tells under the card of its record: a thread in
// Slack, a reply in Telegram. A note that replaces an earlier one of its name
// takes that one off the screen.
func (c *Channel) sendNote(ctx context.Context, it outbox.Item) (string, error) {
	scene, err := c.cfg.Scenes.Scene(ctx, it.Record, it.Account)
	if errors.Is(err, desk.ErrNotFound) {
		return "", fmt.Errorf("not theirs to see: %w", notifier.ErrMoot)
	}
	if err != nil {
		return "", fmt.Errorf("scene of note %s: %w", it.Key, err)
	}
	link, ok := scene.Viewer.LinkOn(c.cfg.Platform)
	if !ok {
		return "", fmt.Errorf("no chat is linked: %w", notifier.ErrMoot)
	}
	drawn, needed := c.cfg.Note(scene, it)
	if !needed {
		return c.retract(ctx, it)
	}
	top := &sheet{Channel: c, key: Key(it.Record, it.Account, c.cfg.Platform)}
	if err := top.load(ctx); err != nil {
		return "", err
	}
	before, rev, err := c.noted(ctx, it)
	if err != nil {
		return "", err
	}
	if before.Item == it.ID { // said, and what followed was cut short
		return receipt(before.Ref), c.unsay(ctx, it, before, rev)
	}
	ref, err := c.cfg.Poster.Post(ctx, link.ID, drawn, top.place.Ref)
	if err != nil {
		return "", fmt.Errorf("note %s: %w", it.Key, err)
	}
	now := noted{Item: it.ID, Ref: ref, Before: before.Ref}
	if rev, err = c.keepNote(ctx, it, now, rev); err != nil {
		return "", outbox.Uncertain(err) // the next attempt may say it a second time
	}
	return receipt(ref), c.unsay(ctx, it, now, rev)
}

// retract takes the last note of a name off the screen, where there is nothing to
// say in its place.
func (c *Channel) retract(ctx context.Context, it outbox.Item) (string, error) {
	last, rev, err := c.noted(ctx, it)
	if err != nil {
		return "", err
	}
	if it.Data["replace"] == "" || last.Ref == (card.Ref{}) {
		return "", fmt.Errorf("nothing to say any more: %w", notifier.ErrMoot)
	}
	for _, ref := range []card.Ref{last.Before, last.Ref} {
		if ref == (card.Ref{}) {
			continue
		}
		if err := c.remove(ctx, ref); err != nil {
			return "", fmt.Errorf("take the note of %s off: %w", it.Key, err)
		}
	}
	_, err = c.keepNote(ctx, it, noted{Item: it.ID}, rev)
	return receipt(last.Ref), err
}

// noted is the last note of a name, kept in Sessions beside the card's place.
type noted struct {
	Item string   `json:"item"` // that said it
	Ref  card.Ref `json:"ref"`
	// Before is the note that it replaced, until that is off the screen.
	Before card.Ref `json:"before,omitzero"`
}

func noteKey(it outbox.Item, platform string) string {
	return "note:" + it.Record + ":" + it.Account + ":" + platform + ":" + it.Data["note"]
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
	if n.Before == (card.Ref{}) || it.Data["replace"] == "" {
		return nil
	}
	if err := c.remove(ctx, n.Before); err != nil {
		return fmt.Errorf("take the note before %s off: %w", it.Key, err)
	}
	n.Before = card.Ref{}
	_, err := c.keepNote(ctx, it, n, rev)
	return err
}

// remove takes a note off the screen. One that is too old for that (Telegram: 48
// hours) keeps nothing of what it said, and no button.
func (c *Channel) remove(ctx context.Context, ref card.Ref) error {
	err := c.cfg.Poster.Remove(ctx, ref)
	if outbox.IsGone(err) && c.cfg.Past != nil {
		err = c.cfg.Poster.Edit(ctx, ref, c.cfg.Past())
	}
	if err != nil && !outbox.IsGone(err) && !outbox.IsPermanent(err) {
		return err
	}
	return nil
}
