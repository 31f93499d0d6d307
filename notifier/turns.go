package notifier

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// turns are the deferred items that wait for a turn, as far as this hub remembers
// them, and the last time that each channel was asked to wait.
type turns struct {
	*Config
	mu     sync.Mutex
	byItem map[string]standing
	many   int              // how many are enough to look for those that are past
	told   int              // turns remembered
	asked  map[string]asked // by channel
}

// standing is one of them.
type standing struct {
	id     string
	epoch  int
	scope  string
	at     time.Time
	item   outbox.Item // its recipient and lane
	behind int         // counts settlements, to keep the order of equal turns
}

// asked is the last time that a platform asked to wait, and on whose account.
type asked struct {
	account string
	until   time.Time
}

func newTurns(c *Config) *turns {
	return &turns{Config: c, byItem: make(map[string]standing), asked: make(map[string]asked)}
}

// remember keeps in mind an item that was deferred to its turn, and forgets those whose
// turn is past.
func (t *turns) remember(it outbox.Item, result outbox.Result) {
	if result.Outcome != outbox.Deferred || !result.Wait.IsTurn() {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.byItem) >= t.many {
		now := t.Now()
		maps.DeleteFunc(t.byItem, func(_ string, s standing) bool { return s.at.Before(now) })
		t.many = max(1024, 2*len(t.byItem))
	}
	t.told++
	t.byItem[it.ID] = standing{
		id: it.ID, epoch: result.Epoch, scope: scopeOf(result.Wait.For, it), at: result.Wait.Until, behind: t.told,
		item: outbox.Item{Channel: it.Channel, Account: it.Account, Lane: it.Lane},
	}
}

// forget is for an item that was claimed.
func (t *turns) forget(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.byItem, id)
}

// scopeOf names all that wait for one another.
func scopeOf(gate outbox.WaitFor, it outbox.Item) string {
	if gate == outbox.ForChannel {
		return string(gate) + ":" + it.Channel
	}
	return string(gate) + ":" + recipientOf(it)
}

// move gives the items that have their turn in a time that was shut since turns
// behind it. All that stand in the scope keep their order: they share the turns
// that they have from then on, and those that are reserved in place of the lost.
func (t *turns) move(ctx context.Context, it outbox.Item, gate outbox.WaitFor, until time.Time) {
	line := t.line(it, gate)
	var times []time.Time
	for _, s := range line {
		at := s.at
		if at.Before(until) {
			var err error
			if at, err = t.Throttle.Admit(ctx, t.Now(), t.Limits[it.Channel].rates(gate, s.item)...); err != nil {
				t.log(ctx, slog.LevelError, "throttle does not answer", it, err)
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
			moved := inTurn(gate, times[i])
			moved.ID, moved.Epoch, moved.Moves = s.id, s.epoch, true
			results = append(results, moved)
		}
	}
	t.moved(ctx, it, line, results)
}

// line are the others that wait at a gate with an item, in order.
func (t *turns) line(it outbox.Item, gate outbox.WaitFor) []standing {
	t.mu.Lock()
	defer t.mu.Unlock()
	var line []standing
	for _, s := range t.byItem {
		if s.scope == scopeOf(gate, it) && s.id != it.ID && !s.at.Before(t.Now()) {
			line = append(line, s)
		}
	}
	slices.SortFunc(line, func(a, b standing) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return a.behind - b.behind
	})
	return line
}

// moved has the store learn of turns that moved. One that was claimed meanwhile
// is not moved: it finds the scope shut.
func (t *turns) moved(ctx context.Context, it outbox.Item, line []standing, results []outbox.Result) {
	for part := range slices.Chunk(results, t.Batch) {
		if _, err := t.Outbox.Settle(ctx, t.Now(), part); err != nil {
			t.log(ctx, slog.LevelError, "outbox: cannot move what waits for its turn", it, err)
			return
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range line {
		if old, ok := t.byItem[s.id]; ok && old.epoch == s.epoch {
			t.byItem[s.id] = s
		}
	}
}

// allRefused reports whether another recipient of the item's channel has been
// asked to wait, and is waiting still: then the channel as a whole is meant.
func (t *turns) allRefused(it outbox.Item, until time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	last, ok := t.asked[it.Channel]
	t.asked[it.Channel] = asked{it.Account, until}
	return ok && last.account != it.Account && t.Now().Before(last.until) && last.until.Sub(t.Now()) < maxAhead
}
