package notifier

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// slow is the age from which a send no longer counts against Workers: whoever
// does not answer delays nobody else. See flights.admit for its bound.
const slow = time.Second

// brief is what took so little time that as many again may be claimed ahead of the
// workers: they will be done before anybody misses them elsewhere.
const brief = 10 * time.Millisecond

// longestAhead is for how long a claim may wait for a worker.
const longestAhead = 250 * time.Millisecond

// flight is one claimed item from its claim until the store took its result.
type flight struct {
	item    outbox.Item
	epoch   int // of the latest claim: moves when the lease ends before the send does
	claimed time.Time
	queued  bool      // it has no worker yet
	begun   time.Time // its send
	crowded bool      // by sends to its recipient, or its channel, that are not answered
	dozes   bool      // it waits for a turn that is near
	waited  bool      // it did
	ended   bool
	result  outbox.Result // once ended
}

func newFlight(it outbox.Item) *flight {
	now := time.Now()
	return &flight{item: it, epoch: it.Epoch, claimed: now, begun: now, queued: true}
}

// sends reports whether its send is under way.
func (f *flight) sends() bool { return !f.queued && !f.ended && !f.dozes }

// quick reports whether a send is under way that counts against Workers.
func (f *flight) quick() bool { return f.sends() && time.Since(f.begun) < slow }

// flights are the items that a run has in hand: claimed, and not settled yet.
type flights struct {
	*Config
	ending <-chan struct{} // closed when the hub is told to end
	freed  chan struct{}   // a worker is free, or results were taken
	ready  chan struct{}   // there are results to settle
	work   func(*flight)   // has one go its path, and ends it

	mu       sync.Mutex
	byItem   map[string]*flight
	queue    []*flight // claimed ahead of the workers, the lowest lane first
	sending  int
	dozing   int       // of those sending
	ahead    int       // how many are to be queued
	briefly  int       // sends that were brief, since the last claim was begun
	idle     bool      // a worker had nothing to do since then
	results  []*flight // ended, not taken by a settler yet
	taken    int       // by settlers, not settled yet
	settling int       // settlements under way
}

func newFlights(c *Config, ending <-chan struct{}) *flights {
	return &flights{Config: c, ending: ending, freed: make(chan struct{}, 1), ready: make(chan struct{}, 1), byItem: make(map[string]*flight)}
}

// room is how many items to claim now: as many as there are free workers and, where sends
// are brief, as many ahead of them that they have work until the next claim. When it is
// none, the wait is until a send under way counts as slow.
func (fs *flights) room() (int, time.Duration) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.next()
	if len(fs.results)+fs.taken >= 4*fs.Batch {
		return 0, fs.Poll // the store lags: results first
	}
	free, soon := fs.free()
	if free == 0 && (fs.ahead == 0 || len(fs.queue) > fs.ahead/2) {
		return 0, soon
	}
	fs.briefly, fs.idle = 0, false
	return max(0, min(free+fs.ahead-len(fs.queue), fs.Batch)), soon
}

// plan sets how many are to be claimed ahead: four times as many as came to a brief end
// while the last claim was under way. Half of them last until the next claim is begun,
// and the others, twice over, while it is.
func (fs *flights) plan() {
	most := 4 * fs.briefly
	if !fs.idle {
		most = min(most, fs.ahead)
	}
	fs.ahead = min(most, fs.Batch)
}

// free is how many workers are, and when one more may be.
func (fs *flights) free() (int, time.Duration) {
	quick, soon := fs.sending-fs.dozing, fs.Poll
	if quick >= fs.Workers {
		quick = 0
		for _, f := range fs.byItem {
			if f.quick() {
				quick++
				soon = min(soon, slow-time.Since(f.begun))
			}
		}
	}
	if len(fs.queue) > 0 {
		soon = min(soon, longestAhead)
	}
	return max(0, fs.Workers-quick), soon
}

// busy reports whether something that was begun a moment ago is not settled yet.
func (fs *flights) busy() bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.byItem {
		if f.ended || time.Since(f.begun) < slow {
			return true
		}
	}
	return false
}

// admit takes claimed items in hand; they begin as soon as there are workers. One is
// crowded when its recipient does not answer, or when as many recipients of its channel
// do not as there are workers.
func (fs *flights) admit(ctx context.Context, items []outbox.Item) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.plan()
	var stuck map[string]int
	if len(items) > 0 && fs.sending > 0 {
		stuck = fs.stuck()
	}
	for _, it := range items {
		if fs.resumed(ctx, it) {
			continue
		}
		f := newFlight(it)
		f.crowded = (it.Account != "" && stuck[recipientOf(it)] > 0) || stuck[it.Channel] >= fs.Workers
		fs.byItem[it.ID] = f
		fs.queue = append(fs.queue, f)
	}
	slices.SortStableFunc(fs.queue, func(a, b *flight) int { return cmp.Compare(a.item.Lane, b.item.Lane) })
	fs.next()
}

// giveBack ends the claims of what has not begun, when the hub was told to end.
func (fs *flights) giveBack() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.next()
}

// next has those begin for which there are workers. What has waited so long that another
// hub might have sent it is given back, and all that waits when the hub was told to end.
func (fs *flights) next() {
	if len(fs.queue) == 0 {
		return
	}
	n := 0
	for free, _ := fs.free(); n < len(fs.queue); n++ {
		f := fs.queue[n]
		if fs.isEnding() || time.Since(f.claimed) >= longestAhead {
			fs.keep(f, outbox.Result{Outcome: outbox.Released})
			continue
		}
		if free == 0 {
			break
		}
		free--
		f.queued, f.begun = false, time.Now()
		fs.sending++
		go fs.work(f)
	}
	fs.queue = slices.Delete(fs.queue, 0, n)
}

func (fs *flights) isEnding() bool {
	select {
	case <-fs.ending:
		return true
	default:
		return false
	}
}

// resumed reports whether it is an item that this hub is still working on: its
// lease ended first (a slow sender, a slow store, a clock that jumped). Then it
// is not sent a second time: the work under way goes on under the new epoch. An
// item that does this too often is poison, and is let through to be set aside.
func (fs *flights) resumed(ctx context.Context, it outbox.Item) bool {
	f := fs.byItem[it.ID]
	if f == nil || len(it.Attempts) == 0 || fs.poisoned(it) {
		return false
	}
	last := it.Attempts[len(it.Attempts)-1]
	if last.Outcome != outbox.Unknown || last.Epoch != f.epoch {
		return false // settled meanwhile and due again
	}
	f.epoch = it.Epoch
	fs.Log.LogAttrs(ctx, slog.LevelWarn, "lease ended before the work did", about(it)...)
	return true
}

// stuck counts the slow sends of each recipient, and the recipients with any of each channel.
func (fs *flights) stuck() map[string]int {
	var out map[string]int
	for _, f := range fs.byItem {
		if !f.sends() || time.Since(f.begun) < slow {
			continue
		}
		if out == nil {
			out = make(map[string]int)
		}
		to := recipientOf(f.item)
		if out[to]++; out[to] == 1 {
			out[f.item.Channel]++
		}
	}
	return out
}

// doze has an item wait for a turn that is near, or for a signal before that, and
// takes no worker meanwhile: the time of its send begins then. It is false for an item
// that was waiting when the hub was told to end: it is given back.
func (fs *flights) doze(ctx context.Context, f *flight, d time.Duration, or <-chan struct{}) bool {
	fs.dozes(f, true)
	defer fs.dozes(f, false)
	wait(ctx, d, fs.ending, or)
	return !fs.isEnding()
}

func (fs *flights) dozes(f *flight, yes bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f.dozes, f.waited, f.begun = yes, true, time.Now()
	if yes {
		fs.dozing++
	} else {
		fs.dozing--
	}
	fs.next()
	signal(fs.freed)
}

// hasWaited reports whether an item has waited for a turn since it was claimed.
func (fs *flights) hasWaited(f *flight) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return f.waited
}

// end keeps the result of a flight for the settlers, and has the next begin.
func (fs *flights) end(f *flight, result outbox.Result) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.sending--
	if time.Since(f.begun) < brief {
		fs.briefly++
	}
	fs.keep(f, result)
	fs.next()
	fs.idle = fs.idle || len(fs.queue) == 0
	signal(fs.freed)
}

func (fs *flights) keep(f *flight, result outbox.Result) {
	result.ID, result.Version = f.item.ID, f.item.Version
	f.queued, f.ended, f.result = false, true, result
	fs.results = append(fs.results, f)
	fs.Meter.Ended(f.item, result, time.Since(f.begun), f.item.Late+time.Since(f.claimed))
	signal(fs.ready)
}

// take is the next batch for the store, with the epochs of now. While a settlement is
// under way it is a whole one or none: few wait for the next, and many do not wait.
func (fs *flights) take() ([]*flight, []outbox.Result) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	n := min(len(fs.results), fs.Batch)
	if n == 0 || fs.settling > 0 && n < fs.Batch {
		return nil, nil
	}
	batch := slices.Clone(fs.results[:n])
	fs.results = slices.Delete(fs.results, 0, n)
	fs.taken += n
	fs.settling++
	results := make([]outbox.Result, n)
	for i, f := range batch {
		f.result.Epoch = f.epoch
		results[i] = f.result
	}
	if len(fs.results) > 0 {
		signal(fs.ready) // for another settler
	}
	return batch, results
}

// landed forgets what the store has taken; what failed, or was claimed anew
// while it was being settled, goes to the store again.
func (fs *flights) landed(batch []*flight, results []outbox.Result, err error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.taken -= len(batch)
	fs.settling--
	var again []*flight
	for i, f := range batch {
		switch {
		case err != nil || f.epoch != results[i].Epoch:
			again = append(again, f)
		case fs.byItem[f.item.ID] == f:
			delete(fs.byItem, f.item.ID)
		}
	}
	fs.results = append(again, fs.results...)
	if len(fs.results) > 0 {
		signal(fs.ready)
	}
	signal(fs.freed)
}

// drain waits until everything is settled or ctx ends, and returns how many
// items were not.
func (fs *flights) drain(ctx context.Context) int {
	for {
		fs.mu.Lock()
		left := len(fs.queue) + fs.sending + len(fs.results) + fs.taken
		fs.mu.Unlock()
		if left == 0 || ctx.Err() != nil {
			return left
		}
		select {
		case <-ctx.Done():
		case <-fs.freed:
		}
	}
}

// lasting are the claims to renew: of sends that are under way, or that the store has not
// taken the result of, and that are not new any more and have not lasted longer than they may.
func (fs *flights) lasting() []outbox.Result {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	now := fs.Now()
	var out []outbox.Result
	for _, f := range fs.byItem {
		age, most := time.Since(f.claimed), fs.claimTime(fs.Senders[f.item.Channel])
		if age >= fs.renewal()/2 && age < most {
			out = append(out, outbox.Result{ID: f.item.ID, Epoch: f.epoch, At: now.Add(outbox.LeaseOf(f.item, fs.Lease)), Holds: true})
		}
	}
	return out
}
