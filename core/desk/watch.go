package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
)

const (
	// watchLife is how long a card that somebody asked for is kept up to date.
	watchLife = 180 * 24 * time.Hour
	// maxWatchers bounds those of one record, and the screens that show something else of
	// it; the first who asked are let go.
	maxWatchers = 50
)

func watchKey(record string) string { return "watch:" + record }

// Watch has the card of a record kept up to date for an account that asked for it
// and is told of nothing: no card may keep the buttons of a state that was left.
func (d *Desk) Watch(ctx context.Context, record, account string) error {
	r, err := d.Ledger.Record(ctx, record)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load %s: %w", record, err)
	}
	if slices.Contains(r.Told, account) {
		return nil
	}
	return d.changeWatchers(ctx, record, func(who []string) []string { return watching(who, account) })
}

// Follow has what else is on the screen of an account on a platform (a list, a question
// at the counter) follow a record.
func (d *Desk) Follow(ctx context.Context, record, account, platform string) error {
	return d.changeWatchers(ctx, record, func(who []string) []string { return watching(who, account+follows+platform) })
}

// Unfollow ends that: nothing on that screen is about the record any more.
func (d *Desk) Unfollow(ctx context.Context, record, account, platform string) error {
	return d.changeWatchers(ctx, record, func(who []string) []string {
		return slices.DeleteFunc(who, func(w string) bool { return w == account+follows+platform })
	})
}

// follows stands between account and platform of who does not watch the card itself.
const follows = "@"

// watching is who with one more of its kind.
func watching(who []string, one string) []string {
	if slices.Contains(who, one) {
		return who
	}
	alike := func(w string) bool { return strings.Contains(w, follows) == strings.Contains(one, follows) }
	same := 0
	for _, w := range who {
		if alike(w) {
			same++
		}
	}
	if same >= maxWatchers {
		i := slices.IndexFunc(who, alike)
		who = slices.Delete(who, i, i+1)
	}
	return append(who, one)
}

func (d *Desk) changeWatchers(ctx context.Context, record string, change func([]string) []string) error {
	if d.Sessions == nil {
		return nil
	}
	for range maxRounds {
		before, rev, err := d.watchers(ctx, record)
		if err != nil {
			return err
		}
		after := change(slices.Clone(before))
		if slices.Equal(before, after) {
			return nil
		}
		body, err := json.Marshal(after)
		if err != nil {
			return fmt.Errorf("write who watches %s: %w", record, err)
		}
		now := d.now()
		_, err = d.Sessions.Put(ctx, watchKey(record), body, rev, now, now.Add(watchLife))
		if !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("watch %s: %w", record, ErrConflict)
}

// watchers are the accounts that asked for the card of a record, and the screens that
// show something else of it.
func (d *Desk) watchers(ctx context.Context, record string) (who []string, rev int, err error) {
	if d.Sessions == nil {
		return nil, 0, nil
	}
	body, rev, err := d.Sessions.Get(ctx, watchKey(record), d.now())
	if errors.Is(err, ErrNotFound) {
		return nil, 0, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &who)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("who watches %s: %w", record, err)
	}
	return who, rev, nil
}

// shownTo are the accounts that have a card of a record on some screen: those who
// are told of it, and those who asked.
func (d *Desk) shownTo(ctx context.Context, r core.Record) ([]string, error) {
	screens, err := d.screens(ctx, r.ID)
	accounts := slices.Clone(r.Told)
	for _, s := range screens {
		if s.Platform == "" {
			accounts = append(accounts, s.Account)
		}
	}
	return accounts, err
}

// screens are those that show something of a record: its card, where somebody
// asked for it, and what else follows it.
func (d *Desk) screens(ctx context.Context, record string) (out []core.Shown, err error) {
	who, _, err := d.watchers(ctx, record)
	for _, w := range who {
		account, platform, _ := strings.Cut(w, follows)
		out = append(out, core.Shown{Account: account, Platform: platform})
	}
	return out, err
}
