package telegram

import (
	"cmp"
	"maps"
	"slices"
	"sync"
)

// concurrency is how many chats are served at once.
const concurrency = 16

// dispatcher hands updates to handle: in order within a chat, chats beside each
// other. It knows which updates are open, and so how far the offset may go.
type dispatcher struct {
	handle func(incoming) bool // reports whether the update is done with
	stop   <-chan struct{}     // closed: begin nothing more
	slots  chan struct{}
	wg     sync.WaitGroup
	idle   chan struct{} // receives when nothing is open any more

	mu     sync.Mutex
	queues map[int64][]incoming // by chat; a key has exactly one worker
	open   map[int64]struct{}   // update ids taken and not done
	done   map[int64]struct{}   // update ids done and not confirmed yet: a poll may still bring them
	next   int64                // after the last batch
}

func newDispatcher(next int64, stop <-chan struct{}, handle func(incoming) bool) *dispatcher {
	return &dispatcher{
		handle: handle, stop: stop, slots: make(chan struct{}, concurrency), idle: make(chan struct{}, 1),
		queues: map[int64][]incoming{}, open: map[int64]struct{}{}, done: map[int64]struct{}{}, next: next,
	}
}

// accept takes the batch that a poll from offset brought, in its order. What is
// open is passed over, and so is what was done while the poll was under way;
// below offset all is confirmed, and what comes from there comes a second time.
func (d *dispatcher) accept(offset int64, batch []incoming) {
	d.mu.Lock()
	defer d.mu.Unlock()
	maps.DeleteFunc(d.done, func(id int64, _ struct{}) bool { return id < offset })
	if len(batch) == 0 {
		return
	}
	d.next = slices.MaxFunc(batch, func(a, b incoming) int { return cmp.Compare(a.ID, b.ID) }).ID + 1
	for _, in := range batch {
		_, open := d.open[in.ID]
		if _, done := d.done[in.ID]; open || done {
			continue
		}
		d.open[in.ID] = struct{}{}
		queue, busy := d.queues[in.Chat]
		d.queues[in.Chat] = append(queue, in)
		if !busy {
			d.wg.Go(func() { d.serve(in.Chat) })
		}
	}
}

// offset is the lowest update that is not done, or the one after the last: what
// may be asked for without losing anything. It may go back, since Telegram
// numbers anew after a week without updates.
func (d *dispatcher) offset() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.open) == 0 {
		return d.next
	}
	return slices.Min(slices.Collect(maps.Keys(d.open)))
}

// serve works off one chat's queue.
func (d *dispatcher) serve(chat int64) {
	for {
		in, ok := d.pop(chat)
		if !ok {
			return
		}
		select {
		case d.slots <- struct{}{}:
		case <-d.stop:
			return
		}
		done := !d.stopped() && d.handle(in)
		<-d.slots
		if !done {
			return
		}
		d.finish(in.ID)
	}
}

func (d *dispatcher) stopped() bool {
	select {
	case <-d.stop:
		return true
	default:
		return false
	}
}

func (d *dispatcher) pop(chat int64) (incoming, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	queue := d.queues[chat]
	if len(queue) == 0 {
		delete(d.queues, chat)
		return incoming{}, false
	}
	d.queues[chat] = queue[1:]
	return queue[0], true
}

func (d *dispatcher) finish(id int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open, id)
	d.done[id] = struct{}{}
	if len(d.open) > 0 {
		return
	}
	select {
	case d.idle <- struct{}{}:
	default:
	}
}

// busy reports whether something is open.
func (d *dispatcher) busy() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.open) > 0
}
