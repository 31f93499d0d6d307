package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sidem.gob.mx/sidem/core"
)

const (
	// lookLife is how long it is kept who looked at a request, from the last look on.
	lookLife = 2 * 365 * 24 * time.Hour
	// maxLooks bounds the entries of one request; those that looked longest ago are let go.
	maxLooks = 300
	// maxNoted bounds what a process remembers to have noted today.
	maxNoted = 20_000
)

// Look is that an account looked at a part of a request: the last time, and on how
// many days.
type Look struct {
	Account string    `json:"account"`
	Saw     core.Saw  `json:"saw"`
	At      time.Time `json:"at"`
	Days    int       `json:"days"`
}

func looksKey(record string) string { return "looks:" + record }

// noted is what this process has noted of a day, so that who looks again costs nothing.
type noted struct {
	mu  sync.Mutex
	day core.Day
	has map[string]bool
}

// first reports whether key has not been noted on the day; noted keys are few.
func (n *noted) first(day core.Day, key string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.day != day || len(n.has) >= maxNoted {
		n.day, n.has = day, map[string]bool{}
	}
	return !n.has[key]
}

func (n *noted) keep(day core.Day, key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.day == day {
		n.has[key] = true
	}
}

// Looked puts on record that an account looked at a part of requests: once a day for
// each, whatever they press. Who asks for a request is not noted on their own. What is
// not a request is not asked for.
func (d *Desk) Looked(ctx context.Context, account string, saw core.Saw, records ...core.Record) error {
	if d.Sessions == nil {
		return nil
	}
	now := d.now()
	day := core.DateOf(now)
	errs := make([]error, len(records))
	var wait sync.WaitGroup
	for i, r := range records {
		key := r.ID + ":" + account + ":" + string(saw)
		if r.Kind != core.KindRequest || r.Number == "" || r.Filer() == account || r.Asker() == account || !d.looks.first(day, key) {
			continue
		}
		wait.Go(func() {
			if errs[i] = d.note(ctx, r.ID, Look{Account: account, Saw: saw, At: now, Days: 1}); errs[i] == nil {
				d.looks.keep(day, key)
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// note adds a look to those of a record.
func (d *Desk) note(ctx context.Context, record string, l Look) error {
	for range maxRounds {
		all, rev, err := d.looksAt(ctx, record)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(o Look) bool { return o.Account == l.Account && o.Saw == l.Saw })
		if i >= 0 {
			before := all[i]
			if core.DateOf(d.Office.Local(before.At)) == core.DateOf(l.At) {
				return nil
			}
			l.Days = before.Days + 1
			all = slices.Delete(all, i, i+1)
		}
		all = append(all, l)
		body, err := json.Marshal(all[max(0, len(all)-maxLooks):])
		if err != nil {
			return fmt.Errorf("write who looked at %s: %w", record, err)
		}
		_, err = d.Sessions.Put(ctx, looksKey(record), body, rev, l.At, l.At.Add(lookLife))
		if !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("note who looked at %s: %w", record, ErrConflict)
}

func (d *Desk) looksAt(ctx context.Context, record string) (all []Look, rev int, err error) {
	body, rev, err := d.Sessions.Get(ctx, looksKey(record), d.now())
	if errors.Is(err, ErrNotFound) {
		return nil, 0, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &all)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("who looked at %s: %w", record, err)
	}
	return all, rev, nil
}

// WhoLooked are those who looked at a request, who looked last first, by name.
func (d *Desk) WhoLooked(ctx context.Context, record string) ([]core.Looked, error) {
	if d.Sessions == nil {
		return nil, nil
	}
	all, _, err := d.looksAt(ctx, record)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, l := range all {
		ids = append(ids, l.Account)
	}
	people, err := d.accounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []core.Looked
	for _, l := range slices.Backward(all) {
		i := slices.IndexFunc(people, func(p core.Record) bool { return p.ID == l.Account })
		if i < 0 {
			continue
		}
		p := people[i]
		out = append(out, core.Looked{Name: p.Fields[core.FieldName], Roles: p.Roles, Saw: l.Saw, At: d.Office.Local(l.At), Days: l.Days})
	}
	slices.SortStableFunc(out, func(a, b core.Looked) int { return b.At.Compare(a.At) })
	return out, nil
}
