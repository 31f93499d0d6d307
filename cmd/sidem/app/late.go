package app

import (
	"context"
	"time"
)

const (
	// downLife is how long it holds that a replica found a channel down: longer than
	// the longest pause between two probes, so that one that vanished says no more.
	downLife = 2 * time.Minute
	// downAgain is how often it is said.
	downAgain = 30 * time.Second
	// lateTime bounds what an answer waits to know whether a notice is late.
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

// tellDown tells the other replicas what this one's hub finds down, until ctx ends.
func (a *App) tellDown(ctx context.Context) {
	again := time.NewTicker(downAgain)
	defer again.Stop()
	told := map[string]bool{}
	for {
		renew := false
		select {
		case <-ctx.Done():
			return
		case <-a.ended:
		case <-again.C:
			renew = true
		}
		for channel, down := range a.Hub.Down() {
			if down != told[channel] || down && renew {
				if a.sayDown(ctx, channel, down) == nil { // else once more with the next attempt
					told[channel] = down
				}
			}
		}
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
