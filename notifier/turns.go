package notifier

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"sidem/core/outbox"
)

// standing is a deferred item that waits for its turn, as this hub remembers it.
type standing struct {
	id     string
	epoch  int
	scope  string
	at     time.Time
	item   outbox.Item // its recipient and lane
	behind int         // counts settlements, to keep the order of equal turns
}

// remember keeps in mind which items wait for a turn, and forgets those whose
// turn is past. The caller holds mu.
func (r *run) remember(f *flight, result outbox.Result) {
	if result.Outcome != outbox.Deferred || !result.Wait.IsTurn() {
		return
	}
	if len(r.turns) >= r.many {
		now := r.Now()
		maps.DeleteFunc(r.turns, func(_ string, s standing) bool { return s.at.Before(now) })
		r.many = max(1024, 2*len(r.turns))
	}
	r.told++
	r.turns[f.item.ID] = standing{
		id: f.item.ID, epoch: f.epoch, scope: scopeOf(result.Wait.For, f.item), at: result.Wait.Until, behind: r.told,
		item: outbox.Item{Channel: f.item.Channel, Account: f.item.Account, Lane: f.item.Lane},
	}
}

// scopeOf names all that wait for one another.
func scopeOf(stage outbox.WaitFor, it outbox.Item) string {
	if stage == outbox.ForChannel {
		return string(stage) + ":" + it.Channel
	}
	return string(stage) + ":" + recipient(it)
}

// move gives the items that have their turn in a time that was shut since turns
// behind it. All that stand in the scope keep their order: they share the turns
// that they have from then on, and those that are reserved in place of the lost.
func (r *run) move(ctx context.Context, it outbox.Item, stage outbox.WaitFor, until time.Time) {
	r.mu.Lock()
	var line []standing
	for _, s := range r.turns {
		if s.scope == scopeOf(stage, it) && s.id != it.ID && !s.at.Before(r.Now()) {
			line = append(line, s)
		}
	}
	r.mu.Unlock()
	slices.SortFunc(line, func(a, b standing) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return a.behind - b.behind
	})
	var times []time.Time
	for _, s := range line {
		at := s.at
		if at.Before(until) {
			var err error
			if at, err = r.Throttle.Admit(ctx, r.Now(), r.Limits[it.Channel].rates(stage, s.item)...); err != nil {
				r.log(ctx, slog.LevelError, "throttle does not answer", it, err)
				return // they will find the scope shut
			}
		}
		times = append(times, at)
	}
	slices.SortFunc(times, time.Time.Compare)
	var results []outbox.Result
	for i, s := range line {
		if !times[i].Equal(s.at) {
			line[i].at = times[i]
			moved := inTurn(stage, times[i])
			moved.ID, moved.Epoch, moved.Moves = s.id, s.epoch, true
			results = append(results, moved)
		}
	}
	r.moved(ctx, it, line, results)
}

// moved has the store learn of turns that moved. One that was claimed meanwhile
// is not moved: it finds the scope shut.
func (r *run) moved(ctx context.Context, it outbox.Item, line []standing, results []outbox.Result) {
	for part := range slices.Chunk(results, max(r.Batch, r.Workers)) {
		if _, err := r.Outbox.Settle(ctx, r.Now(), part); err != nil {
			r.log(ctx, slog.LevelError, "outbox: cannot move what waits for its turn", it, err)
			return
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range line {
		if old, ok := r.turns[s.id]; ok && old.epoch == s.epoch {
			r.turns[s.id] = s
		}
	}
}

// refusal is the last time that a platform asked to wait, and on whose account.
type refusal struct {
	account string
	until   time.Time
}

// allRefused reports whether another recipient of the item's channel has been
// asked to wait, and is waiting still: then the channel as a whole is meant.
func (r *run) allRefused(it outbox.Item, until time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, ok := r.refusals[it.Channel]
	r.refusals[it.Channel] = refusal{it.Account, until}
	return ok && last.account != it.Account && r.Now().Before(last.until) && last.until.Sub(r.Now()) < maxAhead
}
