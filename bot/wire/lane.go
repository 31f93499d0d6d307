package wire

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core/desk"
)

// serve works off one lane, and ends with it.
func (q *Intake[P]) serve(l *lane[P]) {
	for {
		parts, ok := q.next(l)
		if !ok {
			return
		}
		if !q.begin(parts) {
			continue
		}
		q.carryOut(parts)
		if q.work.Err() != nil {
			return // what is kept of it is worked once more
		}
	}
}

// next waits for the next act of the lane, and takes it from the queue; false: there
// is none, or nothing more is begun.
func (q *Intake[P]) next(l *lane[P]) (parts []*entry[P], ok bool) {
	for {
		parts, wait, ok := q.first(l)
		if !ok {
			return nil, false
		}
		if q.cfg.Shared && len(parts) > 0 && !isBegun(parts) {
			n, err := q.among(q.work, l, parts)
			if err != nil {
				q.note(q.work, err)
				n, wait = 0, q.times.again
			} else if n == 0 {
				wait = q.times.look
			}
			parts = parts[:n]
		}
		if wait > 0 {
			q.pause(l, wait)
			continue
		}
		if q.pop(l, parts) {
			return parts, true
		}
	}
}

// first are the entries at the head of the lane that are one act, and how long they
// have to wait: for more of it that may come, or for one that is being kept. An act
// that was begun before, by a process that died, is of the parts that it had then.
func (q *Intake[P]) first(l *lane[P]) (parts []*entry[P], wait time.Duration, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(l.queue) == 0 {
		delete(q.lanes, l.name)
		return nil, 0, false
	}
	head := l.queue[0]
	for _, e := range l.queue {
		member := e == head || e.Act == head.ID
		if head.begun() && !member {
			continue
		}
		if !e.kept {
			return nil, q.times.again, true
		}
		if head.begun() {
			parts = append(parts, e)
			continue
		}
		if !member && !q.cfg.Joins(parts[len(parts)-1].what, e.what) {
			return parts, 0, true
		}
		if parts = append(parts, e); !q.cfg.Open(e.what) {
			return parts, 0, true
		}
	}
	if head.begun() {
		return parts, 0, true
	}
	last := parts[len(parts)-1]
	if last.batch != nil && !last.batch.kept {
		return parts, q.times.again, true
	}
	return parts, q.times.window - time.Since(last.ready), true
}

// begun reports whether k was the first of an act that was worked, maybe.
func (k Kept) begun() bool { return k.Act == k.ID }

// pause waits until something comes to the lane, or for d.
func (q *Intake[P]) pause(l *lane[P], d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-l.woken:
	case <-timer.C:
	case <-q.taking.Done():
	}
}

// pop takes parts from the lane; false: the first of them is not its head any more.
func (q *Intake[P]) pop(l *lane[P], parts []*entry[P]) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(l.queue) == 0 || len(parts) == 0 || l.queue[0] != parts[0] {
		return false
	}
	l.queue = slices.DeleteFunc(l.queue, func(e *entry[P]) bool { return slices.Contains(parts, e) })
	return true
}

// among looks for inputs of the lane that other processes hold, among parts. It tells
// how many of the parts may be begun: none, where another's input goes first or has
// become a part of the act now.
func (q *Intake[P]) among(ctx context.Context, l *lane[P], parts []*entry[P]) (n int, err error) {
	others, err := q.others(ctx, l)
	if err != nil {
		return 0, err
	}
	for _, k := range others {
		at, _ := slices.BinarySearchFunc(parts, k.Kept, func(e *entry[P], k Kept) int { return e.compare(k) })
		switch {
		case at == 0:
			return 0, nil
		case q.belongs(k, parts[0], parts[at-1]):
			return 0, q.take(ctx, k)
		case at < len(parts) && !parts[0].begun():
			return at, nil
		}
	}
	return len(parts), nil
}

// belongs reports whether another process's input is a part of the act that begins
// with head, after last.
func (q *Intake[P]) belongs(k held, head, last *entry[P]) bool {
	switch {
	case k.Act == head.ID:
		return true
	case k.Act != "" || head.begun() || !q.cfg.Open(last.what):
		return false
	}
	what, ok := q.cfg.Read(k.Kept)
	return ok && q.cfg.Joins(last.what, what)
}

// others are the inputs of a lane that other processes hold, in their order.
func (q *Intake[P]) others(ctx context.Context, l *lane[P]) (list []held, err error) {
	keys, err := q.inbox.waiting(ctx, q.inbox.lane(l.name))
	if err != nil {
		return nil, err
	}
	for _, key := range q.foreign(keys) {
		k, err := q.inbox.get(ctx, key)
		if errors.Is(err, desk.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b held) int { return a.compare(b.Kept) })
	return list, nil
}

// foreign are those of keys that this process does not hold.
func (q *Intake[P]) foreign(keys []string) []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.DeleteFunc(keys, func(key string) bool { return q.here[key] != nil })
}

// begin says in the store that parts are being worked, as one act, and so makes sure
// that they are still this process's. It is written of the first part last: an act of
// which that was not written was not begun. Alone there is nobody who could have
// taken an input, and nothing is written where it is nothing but itself.
func (q *Intake[P]) begin(parts []*entry[P]) bool {
	if !q.cfg.Shared && parts[0].Tries == 0 && !q.cfg.Open(parts[0].what) || isBegun(parts) {
		return true
	}
	for i, e := range slices.Backward(parts) {
		k := e.Kept
		k.Act = parts[0].ID
		err := q.insist(func() error {
			rev, err := q.inbox.put(q.work, k, e.rev)
			if err == nil {
				e.rev, e.Act = rev, k.Act
			}
			return err
		})
		if err == nil {
			continue
		}
		q.release(e) // it is found again in the store, by whoever has it
		q.giveBack(slices.Delete(slices.Clone(parts), i, i+1)...)
		return false
	}
	return true
}

// isBegun reports whether parts are one input that was kept as begun: it went before
// whatever has come to its lane since.
func isBegun[P any](parts []*entry[P]) bool { return len(parts) == 1 && parts[0].mine }

// alone reports whether e is to be kept as begun where no other input of its lane waits:
// among several processes, and nothing but itself.
func (q *Intake[P]) alone(e *entry[P]) bool {
	return q.cfg.Shared && e.Tries == 0 && !q.cfg.Open(e.what)
}

// insist repeats do while the store fails, until there is no more time.
func (q *Intake[P]) insist(do func() error) error {
	for {
		err := do()
		if err == nil || errors.Is(err, desk.ErrConflict) || q.work.Err() != nil {
			return err
		}
		q.note(q.work, err)
		if Sleep(q.work, q.times.again) != nil {
			return err
		}
	}
}

// carryOut has an act worked, and marks its parts: the first one last, so that what
// is taken over of an act half marked has its id.
func (q *Intake[P]) carryOut(parts []*entry[P]) {
	act := Act[P]{Spoiled: parts[0].Tries >= maxTries}
	if parts[0].Tries > 1 { // one of them may kill this process too: the others are not to be blamed
		q.suspect.Lock()
		defer q.suspect.Unlock()
	}
	for _, e := range parts {
		act.Parts = append(act.Parts, e.what)
	}
	outcome := q.guard(act, parts[0].Kept)
	for _, e := range slices.Backward(parts) {
		if q.work.Err() != nil || q.insist(func() error { return q.inbox.finish(q.work, e.Kept, outcome) }) != nil {
			return
		}
		q.note(q.work, nil)
		q.release(e)
	}
}

// guard runs Work. A panic is logged; the act counts as worked.
func (q *Intake[P]) guard(act Act[P], head Kept) (o Outcome) {
	defer func() {
		if r := recover(); r != nil {
			q.cfg.Log.ErrorContext(q.work, "an input panicked", "space", q.cfg.Space, "id", head.ID,
				"panic", fmt.Sprint(r), "stack", string(debug.Stack()))
		}
	}()
	return q.cfg.Work(q.cfg.Follow.Worked(q.work, head.Trace), act)
}
