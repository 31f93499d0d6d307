package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sidem/core"
)

const (
	// watchLife is how long a card that somebody asked for is kept up to date.
	watchLife = 180 * 24 * time.Hour
	// maxWatchers bounds those of one record; the first who asked are let go.
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
	if d.Sessions == nil || slices.Contains(r.Told, account) {
		return nil
	}
	for range maxRounds {
		who, rev, err := d.watchers(ctx, record)
		if err != nil || slices.Contains(who, account) {
			return err
		}
		who = append(who, account)
		body, err := json.Marshal(who[max(0, len(who)-maxWatchers):])
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

// watchers are the accounts that asked for the card of a record.
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
	who, _, err := d.watchers(ctx, r.ID)
	return slices.Concat(r.Told, who), err
}
