package wire

import (
	"context"
	"errors"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core/desk"
)

// tend keeps the pulse while this process holds inputs, and looks for what others
// left. At the end it says that this process left too.
func (q *Intake[P]) tend() {
	tick := time.NewTicker(q.times.tick)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-q.work.Done():
			q.leave()
			return
		}
		q.beat()
		q.note(q.work, q.look(q.work))
	}
}

func (q *Intake[P]) beat() {
	q.mu.Lock()
	idle := len(q.here) == 0
	q.mu.Unlock()
	if idle || !q.cfg.Shared {
		return
	}
	ctx, cancel := context.WithTimeout(q.work, q.times.life)
	defer cancel()
	if rev, err := q.inbox.beat(ctx, q.pulse, ""); err == nil {
		q.pulse = rev
	}
}

// leave has others take at once what this process leaves.
func (q *Intake[P]) leave() {
	if !q.cfg.Shared {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(q.work), q.times.life)
	defer cancel()
	if _, err := q.inbox.beat(ctx, q.pulse, left); err != nil {
		q.cfg.Log.WarnContext(ctx, "what is left is taken over in a few seconds", "space", q.cfg.Space, "err", err)
	}
}

// look takes over what other processes left behind, and what is this one's though it
// does not know: a write whose answer was lost.
func (q *Intake[P]) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*q.times.life)
	defer cancel()
	keys, err := q.inbox.waiting(ctx, "in:"+q.cfg.Space+":")
	if err != nil {
		clear(q.watched) // nothing was seen: the watch begins anew
		return err
	}
	if keys, err = q.forget(ctx, q.foreign(keys)); err != nil {
		clear(q.watched)
		return err
	}
	for key := range q.watched {
		if !slices.Contains(keys, key) {
			delete(q.watched, key)
		}
	}
	orphans, err := q.orphans(ctx, keys)
	if err != nil {
		clear(q.watched)
		return err
	}
	return q.adopt(ctx, orphans)
}

// orphans are those inputs whose keeper is gone.
func (q *Intake[P]) orphans(ctx context.Context, keys []string) (list []held, err error) {
	type life struct {
		beats int
		gone  bool
	}
	seen := map[string]life{}
	for _, key := range keys {
		w, known := q.watched[key]
		if !known {
			k, err := q.inbox.get(ctx, key)
			if errors.Is(err, desk.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			w = watch{keeper: k.keeper, since: time.Now()}
		}
		one, asked := seen[w.keeper]
		if !asked && q.cfg.Shared && w.keeper != q.inbox.keeper {
			if one.beats, one.gone, err = q.inbox.beats(ctx, w.keeper); err != nil {
				return nil, err
			}
			seen[w.keeper] = one
		}
		if !known || one.beats != w.beats {
			w.beats, w.since = one.beats, time.Now()
		}
		q.watched[key] = w
		if q.cfg.Shared && w.keeper != q.inbox.keeper && !one.gone && time.Since(w.since) < q.times.life {
			continue
		}
		k, err := q.inbox.get(ctx, key)
		switch {
		case errors.Is(err, desk.ErrNotFound):
			continue
		case err != nil:
			return nil, err
		case k.keeper != w.keeper: // another was quicker: it is watched from now on
			delete(q.watched, key)
			continue
		}
		list = append(list, k)
	}
	return list, nil
}

// adopt makes inputs this process's, and has them worked. All of them stand in their
// lanes before the first is begun, as they did where they were.
func (q *Intake[P]) adopt(ctx context.Context, list []held) error {
	slices.SortFunc(list, func(a, b held) int { return a.compare(b.Kept) })
	heads := map[string]bool{}
	var mine []adopted[P]
	defer func() {
		for _, a := range mine { // after an error: they are found again
			q.drop(a.entry)
		}
	}()
	for _, k := range list {
		delete(q.watched, q.inbox.key(k.Kept))
		first := !heads[k.Lane]
		heads[k.Lane] = true
		a, ok, err := q.stand(ctx, k, first)
		if err != nil {
			return err
		}
		if ok {
			mine = append(mine, a)
		}
	}
	for len(mine) > 0 {
		a := mine[0]
		mine = mine[1:] // sign drops it by itself
		if err := q.sign(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// adopted is an input that this process takes over, at the revision at which it was found.
type adopted[P any] struct {
	*entry[P]
	found int
}

// stand has an input that was left behind stand in its lane; false: there is
// nothing to work, or too much. What its keeper had begun may be what it died of;
// where that was not written (see begin), whatever was the first of its lane.
func (q *Intake[P]) stand(ctx context.Context, k held, first bool) (a adopted[P], ok bool, err error) {
	_, done, err := q.inbox.said(ctx, k.ID)
	switch {
	case err != nil:
		return a, false, err
	case done: // an older version marked it, and ended
		return a, false, q.cfg.Sessions.Delete(ctx, q.inbox.key(k.Kept))
	}
	what, ok := q.cfg.Read(k.Kept)
	if !ok {
		return a, false, q.inbox.finish(ctx, k.Kept, Outcome{})
	}
	unwritten := first && !q.cfg.Shared && k.Tries == 0 && !q.cfg.Open(what)
	if k.keeper != q.inbox.keeper && (k.begun() || unwritten) {
		k.Tries++
	}
	e, mine, err := q.claim(k.Kept, what, nil)
	return adopted[P]{e, k.rev}, mine && err == nil, nil //nolint:nilerr // too much waits here: whoever has room finds it
}

// sign writes this process's name into the row of an input, and has it worked.
func (q *Intake[P]) sign(ctx context.Context, a adopted[P]) error {
	rev, err := q.inbox.put(ctx, a.Kept, a.found)
	if err == nil {
		q.confirm(a.entry, rev, false)
		return nil
	}
	q.drop(a.entry)
	if errors.Is(err, desk.ErrConflict) { // another took it, or it is done with
		return nil
	}
	return err
}

// take makes another process's input a part of an act that is begun here.
func (q *Intake[P]) take(ctx context.Context, k held) error {
	what, ok := q.cfg.Read(k.Kept)
	e, mine, err := q.claim(k.Kept, what, nil)
	if !ok || !mine || err != nil {
		return err
	}
	return q.sign(ctx, adopted[P]{e, k.rev})
}
