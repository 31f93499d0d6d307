package slack

import (
	"sync"
	"time"
)

const (
	concurrency = 16  // people served at once
	maxWaiting  = 50  // envelopes of one person
	remembered  = 512 // acts done, so that a redelivery is not answered again
)

// acknowledgement tells Slack, once, that an input is taken.
type acknowledgement struct {
	send  func(payload any)
	leave func() // says that it is not taken; nil: by silence
	mu    sync.Mutex
	given bool
	timer *time.Timer // gives it when patience ends
}

// newAcknowledgement gives itself, without a payload, when patience ends.
func newAcknowledgement(patience time.Duration, send func(payload any), leave func()) *acknowledgement {
	a := &acknowledgement{send: send, leave: leave}
	a.mu.Lock() // until the timer is set, which may have fired by then
	defer a.mu.Unlock()
	a.timer = time.AfterFunc(patience, func() { a.give(nil) })
	return a
}

// give acknowledges with payload; false: it had been given already.
func (a *acknowledgement) give(payload any) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.given {
		return false
	}
	a.given = true
	a.timer.Stop()
	a.send(payload)
	return true
}

// drop leaves the input without an acknowledgement: it comes again, or the
// person is told by Slack. False: it had been given already.
func (a *acknowledgement) drop() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.given {
		return false
	}
	a.given = true
	a.timer.Stop()
	if a.leave != nil {
		a.leave()
	}
	return true
}

// job is something that a person did, waiting for its answer.
type job struct {
	incoming
	ack  *acknowledgement
	view *opening // the modal that is opened for it meanwhile; nil for none
}

// dispatcher hands jobs to handle: in order for each person, people beside each other.
type dispatcher struct {
	handle func(job)
	open   func(job) // opens a job's view, beside everything else
	slots  chan struct{}
	wg     sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	queues  map[string][]job // by person; a key has exactly one worker
	done    map[string]bool  // Once of what was handled lately
	history []string         // the same, oldest first
}

func newDispatcher(handle, open func(job)) *dispatcher {
	return &dispatcher{
		handle: handle, open: open, slots: make(chan struct{}, concurrency),
		queues: map[string][]job{}, done: map[string]bool{},
	}
}

// accept queues j; false: the person has too much waiting, or nothing more is begun.
func (d *dispatcher) accept(j job) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	who := j.Input.Who
	queue, busy := d.queues[who]
	if d.closed || len(queue) >= maxWaiting {
		return false
	}
	d.queues[who] = append(queue, j)
	if j.view != nil {
		d.wg.Go(func() { d.open(j) })
	}
	if !busy {
		d.wg.Go(func() { d.serve(who) })
	}
	return true
}

// close lets nothing more begin, but for what was acknowledged already: that will
// not come again.
func (d *dispatcher) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
}

// serve works off one person's queue.
func (d *dispatcher) serve(who string) {
	for {
		j, ok := d.pop(who)
		if !ok {
			return
		}
		d.slots <- struct{}{}
		d.one(j)
		<-d.slots
	}
}

func (d *dispatcher) one(j job) {
	closed, seen := d.look(j)
	switch {
	case closed && j.ack.drop():
	case seen: // the first delivery was answered; its acknowledgement got lost
		j.ack.give(nil)
	default:
		d.handle(j)
		d.remember(j)
	}
}

func (d *dispatcher) pop(who string) (job, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	queue := d.queues[who]
	if len(queue) == 0 {
		delete(d.queues, who)
		return job{}, false
	}
	d.queues[who] = queue[1:]
	return queue[0], true
}

func (d *dispatcher) look(j job) (closed, seen bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed, d.done[j.Input.Once]
}

// remember notes that j was answered. A form is not noted: corrected and sent
// again it is the same view, and so has the same Once.
func (d *dispatcher) remember(j job) {
	if j.Kind == kindSubmit {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done[j.Input.Once] = true
	d.history = append(d.history, j.Input.Once)
	if len(d.history) > remembered {
		delete(d.done, d.history[0])
		d.history = d.history[1:]
	}
}
