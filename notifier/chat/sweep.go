package chat

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"sidem/bot/screen"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/outbox"
)

// Places lists the keys of Sessions (desk.Sessions).
type Places interface {
	Sessions
	// Keys are the keys with a prefix, in order, after the key `after`, at most limit.
	Keys(ctx context.Context, prefix, after string, limit int, now time.Time) ([]string, error)
}

// Records lists the records that cards are of (desk.Ledger).
type Records interface {
	// List is one page of a query.
	List(ctx context.Context, q desk.Query) (desk.Page, error)
}

// Adder takes items (notifier.Outbox).
type Adder interface {
	Add(ctx context.Context, now time.Time, items ...outbox.Item) (int, error)
}

// Sweeper looks for cards that do not show what is so, and asks for a redraw: a
// change whose item was given up, a substitution that ended, an old copy that
// kept its buttons. It walks what is open, and what was closed in the last days: what it
// costs does not grow with the years. It reads page by page with pauses between, so that
// it costs little at any moment however many cards there are.
type Sweeper struct {
	Channels []*Channel
	Places   Places
	Records  Records
	Outbox   Adder
	Now      func() time.Time
	Log      *slog.Logger

	Every time.Duration // from the end of one pass to the next; default 10 min
	Page  int           // records looked at in one go; default 100
	Pause time.Duration // between pages; default 100 ms

	passed atomic.Bool
}

// Passed reports whether Run has looked at every card once, or has been cut short.
func (s *Sweeper) Passed() bool { return s.passed.Load() }

// late is how long a card may lag before a sweep minds: its item is on the way.
const late = time.Minute

// Run sweeps at once, and then again and again until ctx ends. It returns nil.
func (s *Sweeper) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		asked, err := s.Pass(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			s.Log.LogAttrs(ctx, slog.LevelWarn, "sweep of cards cut short", slog.Any("err", err))
		case asked > 0:
			s.Log.LogAttrs(ctx, slog.LevelInfo, "cards that did not show what is so are drawn again", slog.Int("cards", asked))
		}
		s.passed.Store(true)
		pause(ctx, cmp.Or(s.Every, 10*time.Minute))
	}
	return nil
}

// closedFor is for how long the cards of a closed record are looked at: by then each was
// drawn as it ended, or is out of reach.
const closedFor = 7 * 24 * time.Hour

// Pass looks once at every card of what is open or was closed of late, and returns how
// many it asked for.
func (s *Sweeper) Pass(ctx context.Context) (asked int, err error) {
	for _, l := range core.Lifecycles {
		for _, state := range l.States {
			n, err := s.state(ctx, core.TermState(l.Kind, state), l.IsFinal(state))
			asked += n
			if err != nil {
				return asked, err
			}
		}
	}
	return asked, nil
}

// state looks at the cards of the records in a state; of a final one, the newest.
func (s *Sweeper) state(ctx context.Context, term string, final bool) (asked int, err error) {
	q := desk.Query{Terms: []string{term}, Limit: cmp.Or(s.Page, 100), Newest: final}
	for {
		page, err := s.Records.List(ctx, q)
		if err != nil {
			return asked, fmt.Errorf("list %s: %w", term, err)
		}
		for _, r := range page.Records {
			if final && s.Now().Sub(r.Since) > closedFor {
				return asked, nil
			}
			n, err := s.record(ctx, r)
			asked += n
			if err != nil {
				return asked, err
			}
		}
		if q.After = page.Next; q.After == "" {
			return asked, nil
		}
		if pause(ctx, cmp.Or(s.Pause, 100*time.Millisecond)); ctx.Err() != nil {
			return asked, ctx.Err()
		}
	}
}

// record looks at the cards of a record.
func (s *Sweeper) record(ctx context.Context, r core.Record) (asked int, err error) {
	const page = 100
	for after := ""; ; {
		keys, err := s.Places.Keys(ctx, screen.CardPrefix+r.ID+":", after, page, s.Now())
		if err != nil {
			return asked, fmt.Errorf("list the cards of %s: %w", r.ID, err)
		}
		for _, key := range keys {
			after = key
			ok, err := s.ask(ctx, r, key)
			if err != nil {
				return asked, err
			}
			if ok {
				asked++
			}
		}
		if len(keys) < page {
			return asked, nil
		}
	}
}

// ask asks for one card of r to be drawn, if it does not show what is so.
func (s *Sweeper) ask(ctx context.Context, r core.Record, key string) (bool, error) {
	record, account, platform, ok := parseKey(key)
	c := s.channel(platform)
	if !ok || c == nil {
		return false, nil
	}
	value, _, err := s.Places.Get(ctx, key, s.Now())
	if errors.Is(err, desk.ErrNotFound) {
		return false, nil
	}
	var p Place
	if err == nil {
		err = json.Unmarshal(value, &p)
	}
	if err != nil {
		return false, fmt.Errorf("place of %s: %w", key, err)
	}
	stale, err := s.stale(ctx, c, p, r, account)
	if err != nil || !stale {
		return false, err
	}
	if _, err := s.Outbox.Add(ctx, s.Now(), desk.CardItem(record, account, platform, s.Now(), outbox.Payload{})); err != nil {
		return false, fmt.Errorf("ask for %s: %w", key, err)
	}
	return true, nil
}

// stale reports whether what is on the screen differs from what is so. Words that
// age by themselves ("2 días hábiles") are left alone: a redraw of every card
// every day would be for nobody.
func (s *Sweeper) stale(ctx context.Context, c *Channel, p Place, r core.Record, account string) (bool, error) {
	if !p.kept() && len(p.Old) == 0 {
		return false, nil
	}
	if p.Lost >= r.Version || s.Now().Sub(r.Updated) < late {
		return false, nil
	}
	if len(p.Old) > 0 {
		return true, nil
	}
	if p.Version >= r.Version && p.Buttons == 0 {
		return false, nil
	}
	scene, err := c.cfg.Scenes.Scene(ctx, r.ID, account)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return false, fmt.Errorf("scene of %s for %s: %w", r.ID, account, err)
	}
	if _, linked := scene.Viewer.LinkOn(c.cfg.Platform); err != nil || !linked {
		return p.Hash != hash(c.cfg.Gone()), nil // theirs no more
	}
	resealed := p.Buttons > 0 && p.Seal != c.cfg.seal() // its key is good for a day at most
	return p.Version < r.Version || resealed || buttons(c.cfg.Draw(scene)) != p.Buttons, nil
}

func (s *Sweeper) channel(platform string) *Channel {
	for _, c := range s.Channels {
		if c.cfg.Platform == platform {
			return c
		}
	}
	return nil
}

// parseKey takes a Key apart.
func parseKey(key string) (record, account, platform string, ok bool) {
	parts := strings.Split(key, ":")
	if len(parts) != 4 {
		return "", "", "", false
	}
	return parts[1], parts[2], parts[3], true
}

// pause returns after d, or when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
