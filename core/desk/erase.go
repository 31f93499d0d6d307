package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/shelf"
)

// ErrByHand says that SIDEM may not do it itself.
var ErrByHand = errors.New("to be done by hand")

// Eraser is a store out of which texts can be taken that are beside the trail.
type Eraser interface {
	Ledger
	Sessions
	// Items are the outbox items of a state ("" for all) after an id, at most limit.
	Items(ctx context.Context, state outbox.State, after string, limit int) ([]outbox.Item, error)
	// Rewrite replaces the Data, the receipts and the notes of an item by what clean
	// makes of it, unless somebody holds it; it reports whether it could.
	Rewrite(ctx context.Context, id string, clean func(outbox.Item) outbox.Item) (bool, error)
	// Compact has the files of the store hold what it says and nothing that it said
	// before; ErrByHand tells what its operator must do for that.
	Compact(ctx context.Context) error
}

// Erasing is what came of taking a person's data out of the store.
type Erasing struct {
	Account, Alias                   string
	Records, Events, Items, Sessions int
	// ByHand is what is left to whoever runs the store; nil for nothing.
	ByHand error
}

// Erase takes out of a store what it holds of the person of an account: the account
// ends, and its name, particulars and chats are blacked out in the trail, the records,
// the outbox and the sessions. What the process must be able to show stays under an
// alias: that somebody did what and when. It may be repeated, and has to be where it
// ended half way: the account's own trail, which tells what to look for, comes last.
func (d *Desk) Erase(ctx context.Context, store Eraser, account string) (out Erasing, err error) {
	r, err := d.Ledger.Record(ctx, account)
	if err != nil {
		return out, fmt.Errorf("erase %s: %w", account, err)
	}
	if r.Kind != core.KindAccount {
		return out, fmt.Errorf("erase %s: it is no account: %w", account, ErrNotFound)
	}
	trail, err := d.Ledger.Trail(ctx, account, 0, 0)
	if err != nil {
		return out, fmt.Errorf("erase %s: %w", account, err)
	}
	person := core.SubjectOf(account, trail)
	out.Account, out.Alias = account, person.Alias
	if r.State != core.StateErased {
		done, err := d.Do(ctx, core.SystemActor, account, core.Command{Verb: core.VerbErase, Where: "cli"})
		if err == nil && done.Refusal != nil {
			err = done.Refusal
		}
		if err != nil {
			return out, fmt.Errorf("erase %s: %w", account, err)
		}
	}
	if out.Items, err = d.cleanItems(ctx, store, person); err != nil {
		return out, err
	}
	if out.Sessions, err = d.cleanSessions(ctx, store, person, r.Links); err != nil {
		return out, err
	}
	named := map[string]bool{}
	for e, err := range Events(ctx, d.Ledger, 0) {
		if err != nil {
			return out, err
		}
		if _, hit := person.Black(e); hit && e.Record != account {
			named[e.Record] = true
		}
	}
	for _, id := range append(slices.Sorted(maps.Keys(named)), account) {
		n, err := d.redact(ctx, id, person.Black)
		if err != nil {
			return out, err
		}
		if n > 0 {
			out.Records, out.Events = out.Records+1, out.Events+n
		}
	}
	err = store.Compact(ctx)
	if errors.Is(err, ErrByHand) {
		out.ByHand, err = err, nil
	}
	if err != nil {
		return out, fmt.Errorf("erase %s: all is blacked out, and the files of the store may still hold what it said: %w", account, err)
	}
	return out, nil
}

// redact blacks out the trail of a record, in one commit, and returns how many events
// are others by then.
func (d *Desk) redact(ctx context.Context, id string, black core.Blackout) (int, error) {
	for range maxRounds {
		trail, err := d.Ledger.Trail(ctx, id, 0, 0)
		if err != nil {
			return 0, fmt.Errorf("black out %s: %w", id, err)
		}
		after, changed, erased := core.Erase(trail, black)
		if len(changed) == 0 {
			return 0, nil
		}
		before, now := core.Fold(after), d.now()
		vouch := core.Erased(before, core.VerbRedact, erased, now)
		c := guarded{Command: core.Command{Kind: before.Kind, Verb: core.VerbRedact}, blacked: changed}
		if _, err = d.commit(ctx, &core.Known{}, before, []core.Event{vouch}, c, nil, now); err == nil {
			return len(changed), nil
		}
		if !errors.Is(err, ErrConflict) {
			return 0, fmt.Errorf("black out %s: %w", id, err)
		}
	}
	return 0, fmt.Errorf("black out %s: no peace after %d rounds: %w", id, maxRounds, ErrConflict)
}

// cleanItems takes the person out of what the outbox remembers. What is still owed to
// the account is moot when its time comes.
func (d *Desk) cleanItems(ctx context.Context, store Eraser, person core.DataSubject) (n int, err error) {
	const page = 1000
	for after := ""; ; {
		items, err := store.Items(ctx, "", after, page)
		if err != nil {
			return n, fmt.Errorf("read the outbox: %w", err)
		}
		for _, it := range items {
			after = it.ID
			clean := func(it outbox.Item) outbox.Item { return cleaned(it, person) }
			if !slices.Equal(texts(it), texts(clean(it))) {
				done, err := store.Rewrite(ctx, it.ID, clean)
				if err != nil {
					return n, fmt.Errorf("clean item %s: %w", it.ID, err)
				}
				if done {
					n++
				}
			}
		}
		if len(items) < page {
			return n, nil
		}
	}
}

// texts are those of an item that may name somebody.
func texts(it outbox.Item) []string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(it.Data)) {
		out = append(out, it.Data[k])
	}
	for _, a := range it.Attempts {
		out = append(out, a.Receipt, a.Note)
	}
	return out
}

// cleaned is an item without the person: where to, and what a server said of it, is
// gone of its own.
func cleaned(it outbox.Item, person core.DataSubject) outbox.Item {
	it.Data, it.Attempts = maps.Clone(it.Data), slices.Clone(it.Attempts)
	for k, v := range it.Data {
		it.Data[k], _ = person.Hide(v)
	}
	for i, a := range it.Attempts {
		if it.Account == person.Account {
			a.Receipt, a.Note = "", ""
		}
		a.Note, _ = person.Hide(a.Note)
		it.Attempts[i] = a
	}
	return it
}

// cleanSessions deletes what is kept for the account or its chats, and what else names
// the person: all of it is of the moment.
func (d *Desk) cleanSessions(ctx context.Context, store Eraser, person core.DataSubject, links []core.Link) (int, error) {
	keys, err := d.sessionsOf(ctx, store, person, links)
	if err != nil {
		return 0, err
	}
	for i, key := range keys {
		if err := store.Delete(ctx, key); err != nil {
			return i, fmt.Errorf("delete a session: %w", err)
		}
	}
	return len(keys), nil
}

// sessionsOf are the keys of what is kept for the account or its chats, or names the person.
func (d *Desk) sessionsOf(ctx context.Context, store Eraser, person core.DataSubject, links []core.Link) (out []string, err error) {
	const page = 500
	now := d.now()
	for after := ""; ; {
		keys, err := store.Keys(ctx, "", after, page, now)
		if err != nil {
			return nil, fmt.Errorf("list the sessions: %w", err)
		}
		for _, key := range keys {
			if after = key; strings.HasPrefix(key, shelf.Prefix) { // a page is of many requests: those that name the person are taken off it one by one
				continue
			}
			is, err := d.isOf(ctx, store, key, person, links, now)
			if err != nil {
				return nil, err
			}
			if is {
				out = append(out, key)
			}
		}
		if len(keys) < page {
			return out, nil
		}
	}
}

func (d *Desk) isOf(ctx context.Context, store Eraser, key string, person core.DataSubject, links []core.Link, now time.Time) (bool, error) {
	parts := strings.Split(key, ":")
	if slices.Contains(parts, person.Account) {
		return true, nil
	}
	for _, l := range links {
		if i := slices.Index(parts, l.Platform); i >= 0 && slices.Contains(parts[i:], l.ID) {
			return true, nil
		}
	}
	for _, part := range parts { // a chat that was theirs, a telephone
		if _, is := person.Hide(part); is {
			return true, nil
		}
	}
	body, _, err := store.Get(ctx, key, now)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read a session: %w", err)
	}
	_, is := person.Hide(string(body))
	return is, nil
}
