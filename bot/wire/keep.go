package wire

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Receipt says what became of an input that was offered.
type Receipt[P any] struct {
	State State
	// Here is what this process holds of an input that is Waiting; nil: another has it.
	Here *P
	// Said is what was said when it was worked.
	Said []byte
}

// Offer keeps an input, unless it is known, and has it worked. When it returns
// without an error the input may be confirmed to the platform. What the store does not
// take at once it is asked for again, beside whoever offers: for as long as this process
// lives, or for a while where the input is fleeting. Whoever acted is told.
func (q *Intake[P]) Offer(ctx context.Context, k Kept, what P) (Receipt[P], error) {
	return q.Line(k, what)(ctx)
}

// Line has an input stand in its lane at once, so that what comes after it stays
// behind it. What it returns is to be called: it is Offer's rest.
func (q *Intake[P]) Line(k Kept, what P) func(context.Context) (Receipt[P], error) {
	e, mine, err := q.claim(k, what, nil)
	return func(ctx context.Context) (Receipt[P], error) {
		for ; err == nil && !mine; e, mine, err = q.claim(k, what, nil) {
			select {
			case <-e.told: // it is being kept for another delivery, or was
			case <-ctx.Done():
				return Receipt[P]{}, ctx.Err()
			}
			if q.holds(e) {
				return Receipt[P]{State: Waiting, Here: &e.what}, nil
			}
		}
		switch {
		case err == nil:
			return q.keep(ctx, e)
		case errors.Is(err, ErrFull) && q.cfg.Fleeting(what):
			q.tell(q.cfg.Lost, what)
		}
		return Receipt[P]{}, err
	}
}

// keep writes e down. What is known is dropped, and what the store does not take is
// asked for again.
func (q *Intake[P]) keep(ctx context.Context, e *entry[P]) (Receipt[P], error) {
	first, cancel := context.WithTimeout(ctx, q.times.silent)
	defer cancel()
	v, err := q.inbox.keep(first, e.Kept, q.alone(e))
	switch {
	case err == nil && v.State == Fresh:
		q.confirm(e, 1, v.Begun)
	case err == nil || errors.Is(err, ErrTooLarge) || !q.askOn(e):
		q.drop(e)
	}
	return Receipt[P]{State: v.State, Said: v.Said}, err
}

// askOn has the store asked for e again, beside whoever offered it; false: nothing more is begun.
func (q *Intake[P]) askOn(e *entry[P]) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	e.late = true
	q.asking.Go(func() {
		ctx, cancel := q.taking, context.CancelFunc(func() {})
		if q.cfg.Fleeting(e.what) {
			ctx, cancel = context.WithTimeout(ctx, q.times.giveUp-time.Since(e.came))
		}
		defer cancel()
		q.keepAll(ctx, []*entry[P]{e})
	})
	return true
}

// OfferAll keeps a batch, and has worked what of it is not known. It insists where
// the store fails or too much waits; false: ctx ended first, and nothing of it may be
// confirmed. What cannot be kept is logged and passed over.
func (q *Intake[P]) OfferAll(ctx context.Context, list []Kept, what []P) bool {
	todo, together := make([]*entry[P], 0, len(list)), &batch{}
	for i, k := range list {
		for {
			e, mine, err := q.claim(k, what[i], together)
			if mine {
				todo = append(todo, e)
			}
			if errors.Is(err, ErrCrowded) {
				q.passOver(ctx, k, err)
				err = nil
			}
			if err == nil {
				break
			}
			if Sleep(ctx, q.times.again) != nil || errors.Is(err, ErrClosed) {
				q.drop(todo...)
				return false
			}
		}
	}
	defer q.close(together, todo)
	return q.keepAll(ctx, todo)
}

// keepAll keeps entries, until ctx ends, and tells who acted where the store takes them
// late, or not at all. False: they are not all kept.
func (q *Intake[P]) keepAll(ctx context.Context, todo []*entry[P]) bool {
	if len(todo) == 0 {
		return true
	}
	var telling sync.WaitGroup
	kept, silent := make(chan struct{}), todo[0].came.Add(q.times.silent)
	telling.Go(func() {
		late := time.NewTimer(time.Until(silent))
		defer late.Stop()
		select {
		case <-kept:
		case <-late.C:
			q.apologize(todo)
		}
	})
	left := q.keepOn(ctx, todo, silent)
	close(kept)
	telling.Wait()
	q.giveUp(left)
	return len(left) == 0
}

// keepOn keeps entries, by calls that a store commits together. It returns those that
// the store had not taken when ctx ended, and after that until silent: so long it may
// be that SIDEM merely restarts, and what the store is taking then it may take to its end.
func (q *Intake[P]) keepOn(ctx context.Context, todo []*entry[P], silent time.Time) []*entry[P] {
	begun, cut := outlasting(ctx, q.times.silent)
	defer cut()
	for {
		errs := make([]error, len(todo))
		var all sync.WaitGroup
		for i, e := range todo {
			all.Go(func() { errs[i] = q.tryKeep(begun, e) })
		}
		all.Wait()
		var failed []*entry[P]
		var failure error
		for i, e := range todo {
			switch {
			case errs[i] == nil:
			case errors.Is(errs[i], ErrTooLarge):
				q.passOver(ctx, e.Kept, errs[i])
				q.drop(e)
			default:
				failed, failure = append(failed, e), errs[i]
			}
		}
		if len(failed) == 0 {
			return nil
		}
		q.note(ctx, failure)
		todo = failed
		if Sleep(ctx, q.times.again) != nil && (time.Until(silent) <= 0 || Sleep(begun, q.times.again) != nil) {
			return todo
		}
	}
}

// outlasting is a context that ends so long after ctx.
func outlasting(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	out, cut := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		_ = Sleep(out, by)
		cut()
	})
	return out, func() { stop(); cut() }
}

// apologize tells those whose inputs are not known to be kept so far, and will be.
func (q *Intake[P]) apologize(list []*entry[P]) {
	var all sync.WaitGroup
	for _, e := range q.unkept(list) {
		if !q.cfg.Fleeting(e.what) {
			all.Go(func() { q.tell(q.cfg.Late, e.what) })
		}
	}
	all.Wait()
}

// unkept are those of entries that nobody knows to be kept, or known, or too large.
func (q *Intake[P]) unkept(list []*entry[P]) (out []*entry[P]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range list {
		if !e.kept && q.here[e.key] == e {
			out = append(out, e)
		}
	}
	return out
}

// giveUp lets go of entries that the store did not take. What is fleeting is not worked
// from then on, even where its row comes about after all, and that is told.
func (q *Intake[P]) giveUp(left []*entry[P]) {
	var all sync.WaitGroup
	for _, e := range left {
		if q.cfg.Fleeting(e.what) {
			q.lose(e)
			all.Go(func() { q.tell(q.cfg.Lost, e.what) })
		}
	}
	q.drop(left...)
	all.Wait()
}

// tell tells a person something. When this process ends there are a few seconds left for it.
func (q *Intake[P]) tell(words func(context.Context, P), what P) {
	if words == nil {
		return
	}
	ctx, cut := outlasting(q.taking, q.times.silent)
	defer cut()
	words(ctx, what)
}

func (q *Intake[P]) passOver(ctx context.Context, k Kept, err error) {
	q.cfg.Log.WarnContext(ctx, "an input is passed over", "space", q.cfg.Space, "id", k.ID, "err", err)
}

// tryKeep writes e down; what is known is dropped, what fails stays as it is.
func (q *Intake[P]) tryKeep(ctx context.Context, e *entry[P]) error {
	v, err := q.inbox.keep(ctx, e.Kept, q.alone(e))
	switch {
	case err != nil:
		return err
	case v.State == Fresh:
		q.confirm(e, 1, v.Begun)
	default:
		q.drop(e)
	}
	return nil
}

// lostLife is how long after it was told to be lost a write of an input may come about.
const lostLife = time.Hour

func (q *Intake[P]) lose(e *entry[P]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	for key, at := range q.lost {
		if now.Sub(at) > lostLife {
			delete(q.lost, key)
		}
	}
	q.lost[e.key] = now
}

// forget takes from the store what was told to be lost and came about after all. It
// returns the rest of keys.
func (q *Intake[P]) forget(ctx context.Context, keys []string) (rest []string, err error) {
	for _, key := range keys {
		held := q.holdLost(key)
		if held == nil {
			rest = append(rest, key)
			continue
		}
		err := q.cfg.Sessions.Delete(ctx, key)
		q.letGo(held, err == nil)
		if err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// holdLost has whoever means anew what was lost wait; nil: it is not lost.
func (q *Intake[P]) holdLost(key string) *entry[P] {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, lost := q.lost[key]; !lost {
		return nil
	}
	e := &entry[P]{key: key, told: make(chan struct{})}
	q.here[key] = e
	return e
}

// letGo ends holdLost.
func (q *Intake[P]) letGo(e *entry[P], gone bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if gone {
		delete(q.lost, e.key)
	}
	delete(q.here, e.key)
	close(e.told)
}
