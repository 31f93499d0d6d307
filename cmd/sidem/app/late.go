package app

import (
	"context"
	"time"
)

const (
	// downLife is how long it holds that a replica found a channel down: longer than
	// the longest pause between two probes, each of which says so again.
	downLife = 2 * time.Minute
	// lateTime bounds what an answer waits to know whether a notice is late, and an
	// attempt to say so.
	lateTime = 500 * time.Millisecond
)

func downKey(channel string) string { return "down:" + channel }

// late reports whether a channel had been found down by an instant: by this
// replica's hub, or by another's, since whoever answers a press need not be who sends.
func (a *App) late(channel string, by time.Time) bool {
	before := func(since time.Time) bool { return !since.IsZero() && !since.After(by) }
	if here := before(a.Hub.Down()[channel].Since); here || !a.cfg.Shared() {
		return here
	}
	ctx, cancel := context.WithTimeout(context.Background(), lateTime)
	defer cancel()
	since, _ := a.foundDown(ctx, channel)
	return before(since)
}

// foundDown is since when a channel is down, as a replica has told, and the
// revision of that; the zero time when none has.
func (a *App) foundDown(ctx context.Context, channel string) (since time.Time, rev int) {
	body, rev, err := a.Store.Get(ctx, downKey(channel), a.Clock.Now())
	if err != nil || since.UnmarshalText(body) != nil {
		return time.Time{}, rev
	}
	return since, rev
}

// tell keeps for the other replicas what this one's hub has found of a channel.
// That it could not be kept costs no more than the words of an answer.
func (a *App) tell(ctx context.Context, channel string, since time.Time) {
	if !a.cfg.Shared() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lateTime)
	defer cancel()
	if err := a.keepDown(ctx, channel, since); err != nil {
		a.log.WarnContext(ctx, "what a channel is found to be was not kept", "channel", channel, "since", since, "err", err)
	}
}

func (a *App) keepDown(ctx context.Context, channel string, since time.Time) error {
	if since.IsZero() {
		return a.Store.Delete(ctx, downKey(channel))
	}
	told, rev := a.foundDown(ctx, channel)
	if !told.IsZero() && told.Before(since) { // another found it first
		since = told
	}
	body, err := since.MarshalText()
	if err != nil {
		return err
	}
	now := a.Clock.Now()
	_, err = a.Store.Put(ctx, downKey(channel), body, rev, now, now.Add(downLife))
	return err
}
