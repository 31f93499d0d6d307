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

// late reports whether a channel was found down: by this replica's hub, or by
// another's, since whoever answers a press need not be who sends.
func (a *App) late(channel string) bool {
	if a.Hub.Down()[channel] {
		return true
	}
	if !a.cfg.Shared() {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), lateTime)
	defer cancel()
	_, _, err := a.Store.Get(ctx, downKey(channel), a.Clock.Now())
	return err == nil
}

// tell keeps for the other replicas what this one's hub has found of a channel.
// That it could not be kept costs no more than the words of an answer.
func (a *App) tell(ctx context.Context, channel string, down bool) {
	if !a.cfg.Shared() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lateTime)
	defer cancel()
	if err := a.sayDown(ctx, channel, down); err != nil {
		a.log.WarnContext(ctx, "what a channel is found to be was not kept", "channel", channel, "down", down, "err", err)
	}
}

func (a *App) sayDown(ctx context.Context, channel string, down bool) error {
	key, now := downKey(channel), a.Clock.Now()
	if !down {
		return a.Store.Delete(ctx, key)
	}
	_, rev, err := a.Store.Get(ctx, key, now)
	if err != nil {
		rev = 0
	}
	_, err = a.Store.Put(ctx, key, nil, rev, now, now.Add(downLife))
	return err
}
