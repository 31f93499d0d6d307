package telegram

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/desk"
)

// timeless is the instant at which values that never expire are read and kept.
// A store forgets what expired long before the instant that it is told, and what
// others keep expires by the business clock, which need not be this machine's.
var timeless time.Time

// leaseKey is where the right to poll is kept.
const leaseKey = "poll:" + name

// seat is the lease as it is kept. Its revision is the fencing token: each renewal
// moves it, and whoever does not know it cannot write.
type seat struct {
	Holder string `json:"holder"` // "": given back
}

// times of the lease. No clock is compared with another's: a candidate takes the
// lease when it has seen the same revision for a whole life; the holder stops when
// it could not renew for fence, counted from before its last renewal. So one has
// stopped life−fence before the other begins.
type leaseTimes struct{ life, fence, renew, look time.Duration }

var defaultLease = leaseTimes{life: 4 * time.Second, fence: 3 * time.Second, renew: time.Second, look: 500 * time.Millisecond}

// lease is the right to poll, while it is had.
type lease struct {
	t    *Telegram
	lose context.CancelFunc // ends what runs under the lease
	stop context.CancelFunc // ends the renewals
	done chan struct{}      // closed when they have ended

	mu    sync.Mutex
	rev   int
	alarm *time.Timer // loses the lease at the fence
	lost  bool
}

// acquire waits for the lease. What it returns is nil when ctx ended first, and
// otherwise has a context that ends with ctx or when the lease is lost.
func (t *Telegram) acquire(ctx context.Context) (context.Context, *lease) {
	seen, since, waiting := 0, time.Now(), false
	for ctx.Err() == nil {
		s, rev, err := t.seat(ctx)
		switch {
		case err != nil:
			seen = 0 // nothing was seen: the watch begins anew
		case s.Holder != "" && s.Holder != t.id && rev != seen:
			seen, since = rev, time.Now()
		case s.Holder != "" && s.Holder != t.id && time.Since(since) < t.lease.life:
		default:
			if held, l := t.seize(ctx, rev); l != nil {
				return held, l
			}
		}
		if !waiting && err == nil && s.Holder != t.id {
			waiting = true
			t.log.InfoContext(ctx, "telegram: another process polls; this one waits")
		}
		t.noteLease(ctx, err)
		if wire.Sleep(ctx, t.lease.look) != nil {
			break
		}
	}
	return nil, nil
}

// seat reads the lease; the zero seat if nobody had it ever.
func (t *Telegram) seat(ctx context.Context) (seat, int, error) {
	ctx, cancel := context.WithTimeout(ctx, t.lease.fence)
	defer cancel()
	body, rev, err := t.sessions.Get(ctx, leaseKey, timeless)
	if errors.Is(err, desk.ErrNotFound) {
		return seat{}, 0, nil
	}
	if err != nil {
		return seat{}, 0, err
	}
	var s seat
	if err := json.Unmarshal(body, &s); err != nil {
		return seat{}, rev, nil //nolint:nilerr // of no form that we know: it is taken like an empty one
	}
	return s, rev, nil
}

// seize writes our name into the seat at revision rev; nil: somebody was quicker,
// or it is not known who was.
func (t *Telegram) seize(ctx context.Context, rev int) (context.Context, *lease) {
	began := time.Now()
	rev, err := t.sit(ctx, rev, t.id)
	if err != nil {
		return nil, nil
	}
	held, lose := context.WithCancel(ctx)
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &lease{t: t, lose: lose, stop: stop, done: make(chan struct{}), rev: rev}
	l.alarm = time.AfterFunc(time.Until(began.Add(t.lease.fence)), l.forfeit)
	go l.keep(renewing)
	t.log.InfoContext(ctx, "telegram: this process polls")
	return held, l
}

// sit writes the seat, within the time that the fence leaves.
func (t *Telegram) sit(ctx context.Context, rev int, holder string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, t.lease.fence)
	defer cancel()
	body, err := json.Marshal(seat{Holder: holder})
	if err != nil {
		return 0, err
	}
	return t.sessions.Put(ctx, leaseKey, body, rev, timeless, time.Time{})
}

// keep renews the lease until it is given back or lost.
func (l *lease) keep(ctx context.Context) {
	defer close(l.done)
	tick := time.NewTicker(l.t.lease.renew)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if l.isLost() {
			return
		}
		l.renew(ctx)
	}
}

// renew writes the seat once more.
func (l *lease) renew(ctx context.Context) {
	l.mu.Lock()
	rev := l.rev
	l.mu.Unlock()
	began := time.Now()
	now, err := l.t.sit(ctx, rev, l.t.id)
	if errors.Is(err, desk.ErrConflict) {
		// A write of ours whose answer was lost moves the revision too.
		s, moved, again := l.t.seat(ctx)
		if again != nil {
			return
		}
		if s.Holder != l.t.id {
			l.forfeit()
			return
		}
		began = time.Now()
		now, err = l.t.sit(ctx, moved, l.t.id)
	}
	l.t.noteLease(ctx, err)
	if err != nil {
		return // until the fence there are more tries
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rev = now
	if !l.lost {
		l.alarm.Reset(time.Until(began.Add(l.t.lease.fence)))
	}
}

// forfeit ends what runs under the lease: it is not ours any more, or may not be.
func (l *lease) forfeit() {
	l.mu.Lock()
	l.lost = true
	l.mu.Unlock()
	l.lose()
}

func (l *lease) isLost() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

// end gives the lease back, if it is still ours, so that another need not wait.
func (l *lease) end(ctx context.Context) {
	l.stop()
	<-l.done
	l.alarm.Stop()
	l.lose()
	if l.isLost() {
		l.t.log.WarnContext(ctx, "telegram: the right to poll was lost to another process, or the store did not answer")
		return
	}
	ctx = context.WithoutCancel(ctx)
	_, err := l.t.sit(ctx, l.rev, "")
	if errors.Is(err, desk.ErrConflict) { // the renewal that was cut off may have got through
		if s, rev, again := l.t.seat(ctx); again == nil && s.Holder == l.t.id {
			_, err = l.t.sit(ctx, rev, "")
		}
	}
	if err != nil {
		l.t.log.WarnContext(ctx, "telegram: the right to poll was not given back; another process takes it in a few seconds", "err", err)
	}
}

// noteLease logs once that the store of the lease fails, and once that it works again.
func (t *Telegram) noteLease(ctx context.Context, err error) {
	failing := err != nil && ctx.Err() == nil && !errors.Is(err, desk.ErrConflict)
	if t.leaseFails.Swap(failing) == failing {
		return
	}
	if failing {
		t.log.WarnContext(ctx, "telegram: the store of the right to poll fails", "err", err)
	} else {
		t.log.InfoContext(ctx, "telegram: the store of the right to poll works again")
	}
}

// newID names this process among those that may poll.
func newID() string { return rand.Text() }
