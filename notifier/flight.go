package notifier

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"sidem/core/outbox"
)

// slow is the age from which a send no longer counts against Workers: whoever
// does not answer delays nobody else. See run.crowded for its bound.
const slow = time.Second

// flight is one claimed item from its claim until the store took its result.
type flight struct {
	item    outbox.Item
	epoch   int // of the latest claim: moves when the lease ends before the send does
	claimed time.Time
	begun   time.Time // its send
	dozes   bool      // it waits for a turn that is near
	waited  bool      // it did
	ended   bool
	result  outbox.Result // once ended
}

func newFlight(it outbox.Item) *flight {
	now := time.Now()
	return &flight{item: it, epoch: it.Epoch, claimed: now, begun: now}
}

// quick reports whether a send is under way that counts against Workers.
func (f *flight) quick() bool { return !f.ended && !f.dozes && time.Since(f.begun) < slow }

// run is the state of one Hub.Run.
type run struct {
	Config
	breakers map[string]*breaker
	waiting  *waitlist

	freed chan struct{} // a worker is free, or results were taken
	look  chan struct{} // something may be due earlier than it was
	ready chan struct{} // there are results to settle

	ending <-chan struct{} // closed when the hub is told to end

	mu       sync.Mutex
	flights  map[string]*flight // by item id
	sending  int
	dozing   int                      // of those sending
	results  []*flight                // ended, not taken by the settler yet
	taken    int                      // by the settler, not settled yet
	speaking map[string]chan struct{} // closed when the one that is with a recipient has ended
	turns    map[string]standing      // by item id
	many     int                      // how many turns are enough to look for those that are past
	told     int                      // turns remembered
	refusals map[string]refusal       // by channel
}

func newRun(h *Hub, ending <-chan struct{}) *run {
	return &run{
		Config:   h.cfg,
		breakers: h.breakers,
		waiting:  &h.waiting,
		ending:   ending,
		speaking: make(map[string]chan struct{}),
		turns:    make(map[string]standing),
		refusals: make(map[string]refusal),
		freed:    make(chan struct{}, 1),
		look:     make(chan struct{}, 1),
		ready:    make(chan struct{}, 1),
		flights:  make(map[string]*flight),
	}
}

// signal leaves one token in c, a channel of capacity one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// room is how many items to claim now. When it is none, the wait is until a
// send under way counts as slow.
func (r *run) room() (int, time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.results)+r.taken >= 4*max(r.Batch, r.Workers) {
		return 0, r.Poll // the store lags: results first
	}
	quick, soon := r.sending-r.dozing, r.Poll
	if quick >= r.Workers {
		quick = 0
		for _, f := range r.flights {
			if f.quick() {
				quick++
				soon = min(soon, slow-time.Since(f.begun))
			}
		}
	}
	return max(0, min(r.Workers-quick, r.Batch)), soon
}

// busy reports whether something that was begun a moment ago is not settled yet.
func (r *run) busy() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.flights {
		if f.ended || time.Since(f.begun) < slow {
			return true
		}
	}
	return false
}

// begin hands claimed items to workers.
func (r *run) begin(ctx context.Context, items []outbox.Item) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var stuck map[string]int
	if len(items) > 0 && r.sending > 0 {
		stuck = r.stuck()
	}
	for _, it := range items {
		if r.resumed(ctx, it) {
			continue
		}
		f := newFlight(it)
		r.flights[it.ID] = f
		r.sending++
		delete(r.turns, it.ID)
		if r.crowded(stuck, it) {
			r.end(f, r.later(r.Now(), slow, outbox.ForAnswer, ""))
			continue
		}
		go r.work(ctx, f)
	}
}

// resumed reports whether it is an item that this hub is still working on: its
// lease ended first (a slow sender, a slow store, a clock that jumped). Then it
// is not sent a second time: the work under way goes on under the new epoch. An
// item that does this too often is poison, and is let through to be set aside.
func (r *run) resumed(ctx context.Context, it outbox.Item) bool {
	f := r.flights[it.ID]
	if f == nil || len(it.Attempts) == 0 || r.poisoned(it) {
		return false
	}
	last := it.Attempts[len(it.Attempts)-1]
	if last.Outcome != outbox.Unknown || last.Epoch != f.epoch {
		return false // settled meanwhile and due again
	}
	f.epoch = it.Epoch
	r.Log.LogAttrs(ctx, slog.LevelWarn, "lease ended before the work did", about(it)...)
	return true
}

// stuck counts the slow sends of each recipient, and the recipients with any of each channel.
func (r *run) stuck() map[string]int {
	var out map[string]int
	for _, f := range r.flights {
		if f.ended || f.dozes || time.Since(f.begun) < slow {
			continue
		}
		if out == nil {
			out = make(map[string]int)
		}
		to := recipient(f.item)
		if out[to]++; out[to] == 1 {
			out[f.item.Channel]++
		}
	}
	return out
}

func recipient(it outbox.Item) string { return it.Channel + "\x00" + it.Account }

// crowded reports whether an item must wait because its recipient does not
// answer, or because as many recipients of its channel do not as there are workers.
func (r *run) crowded(stuck map[string]int, it outbox.Item) bool {
	return (it.Account != "" && stuck[recipient(it)] > 0) || stuck[it.Channel] >= r.Workers
}

// work sends one item.
func (r *run) work(ctx context.Context, f *flight) {
	// What stands if the sender ends its goroutine instead of returning.
	result := r.again(f.item, r.Now(), "the sender did not return")
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.end(f, result)
	}()
	result = r.attempt(ctx, f.item)
}

// dozes notes that an item waits for a turn that is near, or no longer does: the
// time of its send begins then.
func (r *run) dozes(it outbox.Item, yes bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.flights[it.ID]
	if f == nil || f.dozes == yes { // never: it is in its worker's hands
		return
	}
	f.dozes, f.waited, f.begun = yes, true, time.Now()
	if yes {
		r.dozing++
	} else {
		r.dozing--
	}
	signal(r.freed)
}

// hasWaited reports whether an item has waited for a turn since it was claimed.
func (r *run) hasWaited(it outbox.Item) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.flights[it.ID]
	return f != nil && f.waited
}

// end keeps the result of a flight for the settler. The caller holds mu.
func (r *run) end(f *flight, result outbox.Result) {
	result.ID, result.Version = f.item.ID, f.item.Version
	f.ended, f.result = true, result
	r.sending--
	r.results = append(r.results, f)
	r.Meter.Ended(f.item, result, time.Since(f.begun))
	signal(r.ready)
	signal(r.freed)
}

// release gives back items that were claimed and not begun.
func (r *run) release(ctx context.Context, items []outbox.Item) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, it := range items {
		if r.resumed(ctx, it) {
			continue
		}
		f := newFlight(it)
		r.flights[it.ID] = f
		r.sending++
		r.end(f, outbox.Result{Outcome: outbox.Released})
	}
}

// settle hands results to the store, as many at once as are at hand, until ctx ends.
func (r *run) settle(ctx context.Context) {
	failures := 0
	for {
		batch, results := r.take()
		if len(batch) == 0 {
			select {
			case <-ctx.Done():
				return
			case <-r.ready:
			}
			continue
		}
		_, err := r.Outbox.Settle(ctx, r.Now(), results)
		if err == nil {
			r.tell(batch, results)
		}
		r.landed(batch, results, err)
		if err == nil {
			failures = 0
			continue
		}
		// Repeating is safe: the epoch refuses what was taken before.
		failures++
		if failures == 1 {
			r.Log.LogAttrs(ctx, slog.LevelError, "outbox: cannot settle", slog.Int("results", len(results)), slog.Any("err", err))
		}
		r.wait(ctx, growing(50*time.Millisecond, storeTrouble, failures-1))
		if ctx.Err() != nil {
			return
		}
	}
}

// take is the next batch for the store, with the epochs of now.
func (r *run) take() ([]*flight, []outbox.Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(len(r.results), max(r.Batch, r.Workers))
	batch := slices.Clone(r.results[:n])
	r.results = slices.Delete(r.results, 0, n)
	r.taken = n
	results := make([]outbox.Result, n)
	for i, f := range batch {
		f.result.Epoch = f.epoch
		results[i] = f.result
	}
	return batch, results
}

// tell counts what the store has taken.
func (r *run) tell(batch []*flight, results []outbox.Result) {
	for i, f := range batch {
		r.waiting.note(f.item, results[i], r.Now(), r.Lease)
		switch o := results[i].Outcome; o {
		case outbox.WasSent, outbox.WasMoot, outbox.Buried:
			r.Meter.Settled(f.item.Channel, o)
		case outbox.WillRetry, outbox.Deferred, outbox.Released, outbox.Unknown:
		}
	}
}

// landed forgets what the store has taken; what failed, or was claimed anew
// while it was being settled, goes to the store again.
func (r *run) landed(batch []*flight, results []outbox.Result, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken = 0
	var again []*flight
	for i, f := range batch {
		switch {
		case err != nil || f.epoch != results[i].Epoch:
			again = append(again, f)
		case r.flights[f.item.ID] == f:
			delete(r.flights, f.item.ID)
			r.remember(f, results[i])
		}
		if results[i].Outcome != outbox.WasSent {
			signal(r.look)
		}
	}
	if len(again) > 0 {
		r.results = append(again, r.results...)
		signal(r.ready)
	}
	signal(r.freed)
}

// drain waits until everything is settled or ctx ends, and returns how many
// items were not.
func (r *run) drain(ctx context.Context) int {
	for {
		r.mu.Lock()
		left := r.sending + len(r.results) + r.taken
		r.mu.Unlock()
		if left == 0 || ctx.Err() != nil {
			return left
		}
		select {
		case <-ctx.Done():
		case <-r.freed:
		}
	}
}
