package chat

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// Places are what Sessions keep (desk.Sessions), read by the page.
type Places interface {
	// Values are those of all keys with any of the prefixes, by key.
	Values(ctx context.Context, prefixes []string, now time.Time) (map[string][]byte, error)
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
	found  found
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
// many it asked for. What an earlier pass of the same Sweeper found right is looked at again
// once something has changed, or another hour has begun.
func (s *Sweeper) Pass(ctx context.Context) (asked int, err error) {
	directory := s.found.digest()
	for _, l := range core.Lifecycles {
		if l.Kind == core.KindRequest {
			continue
		}
		err := s.walk(ctx, l, func(page []core.Record) error {
			for _, r := range page {
				directory.record(r)
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	s.found.begin(s.Now(), directory.sum())
	for _, l := range core.Lifecycles {
		err = s.walk(ctx, l, func(page []core.Record) error {
			n, err := s.page(ctx, page)
			asked += n
			return err
		})
		if err != nil {
			break
		}
	}
	s.found.end(err == nil)
	return asked, err
}

// walk visits the records of a lifecycle page by page; of those in a final state, the newest.
func (s *Sweeper) walk(ctx context.Context, l core.Lifecycle, visit func([]core.Record) error) error {
	for _, state := range l.States {
		if err := s.state(ctx, core.TermState(l.Kind, state), l.IsFinal(state), visit); err != nil {
			return err
		}
	}
	return nil
}

// state visits the records in a state; of a final one, the newest.
func (s *Sweeper) state(ctx context.Context, term string, final bool, visit func([]core.Record) error) error {
	q := desk.Query{Terms: []string{term}, Limit: cmp.Or(s.Page, 100), Newest: final}
	for {
		page, err := s.Records.List(ctx, q)
		if err != nil {
			return fmt.Errorf("list %s: %w", term, err)
		}
		records := page.Records
		if final {
			old := slices.IndexFunc(records, func(r core.Record) bool { return s.Now().Sub(r.Since) > closedFor })
			if old >= 0 {
				records, page.Next = records[:old], ""
			}
		}
		if err := visit(records); err != nil {
			return err
		}
		if q.After = page.Next; q.After == "" {
			return nil
		}
		if pause(ctx, cmp.Or(s.Pause, 100*time.Millisecond)); ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// page looks at the cards of some records, whose places are read together.
func (s *Sweeper) page(ctx context.Context, records []core.Record) (asked int, err error) {
	if len(records) == 0 {
		return 0, nil
	}
	var prefixes []string
	for _, r := range records {
		prefixes = append(prefixes, screen.CardPrefix+r.ID+":")
	}
	values, err := s.Places.Values(ctx, prefixes, s.Now())
	if err != nil {
		return 0, fmt.Errorf("places of cards: %w", err)
	}
	cards := map[string][]kept{} // by record
	for _, key := range slices.Sorted(maps.Keys(values)) {
		record, account, platform, ok := parseKey(key)
		channel := s.channel(platform)
		if !ok || channel == nil {
			continue
		}
		c := kept{channel: channel, key: key, account: account, seal: channel.cfg.seal(), value: values[key]}
		cards[record] = append(cards[record], c)
	}
	for _, r := range records {
		n, err := s.record(ctx, r, cards[r.ID])
		asked += n
		if err != nil {
			return asked, err
		}
	}
	return asked, nil
}

// kept is a card of a record, as it was last drawn.
type kept struct {
	channel            *Channel
	key, account, seal string
	value              []byte // its place
}

// record looks at the cards of a record.
func (s *Sweeper) record(ctx context.Context, r core.Record, cards []kept) (asked int, err error) {
	if len(cards) == 0 {
		return 0, nil
	}
	d := s.found.digest()
	d.record(r)
	for _, c := range cards {
		d.add(c.key, c.seal, string(c.value))
	}
	if s.found.has(d.sum()) {
		return 0, nil
	}
	if s.Now().Sub(r.Updated) < late {
		return 0, nil
	}
	for _, c := range cards {
		stale, err := s.stale(ctx, c, r)
		if err != nil {
			return asked, err
		}
		if !stale {
			continue
		}
		if _, err := s.Outbox.Add(ctx, s.Now(), desk.CardItem(r.ID, c.account, c.channel.cfg.Platform, s.Now(), outbox.Payload{})); err != nil {
			return asked, fmt.Errorf("ask for %s: %w", c.key, err)
		}
		asked++
	}
	if asked == 0 {
		s.found.keep(d.sum())
	}
	return asked, nil
}

// stale reports whether what is on the screen differs from what is so. Words that
// age by themselves ("2 días hábiles") are left alone: a redraw of every card
// every day would be for nobody.
func (s *Sweeper) stale(ctx context.Context, card kept, r core.Record) (bool, error) {
	c, p := card.channel, Place{}
	if err := json.Unmarshal(card.value, &p); err != nil {
		return false, fmt.Errorf("place of %s: %w", card.key, err)
	}
	if !p.kept() && len(p.Old) == 0 || p.Lost >= r.Version {
		return false, nil
	}
	if len(p.Old) > 0 {
		return true, nil
	}
	if p.Version >= r.Version && p.Buttons == 0 {
		return false, nil
	}
	scene, err := c.cfg.Scenes.Scene(ctx, r.ID, card.account)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return false, fmt.Errorf("scene of %s for %s: %w", r.ID, card.account, err)
	}
	if _, linked := scene.Viewer.LinkOn(c.cfg.Platform); err != nil || !linked {
		return p.Hash != hash(c.cfg.Gone(r.Kind)), nil // theirs no more
	}
	resealed := p.Buttons > 0 && p.Seal != card.seal // its key is good for a day at most
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
