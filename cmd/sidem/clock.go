package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"
)

// clock is business time: real time, or an instant that was set plus what has
// passed since. Timeouts of the network never use it.
type clock struct {
	mu      sync.Mutex
	set     time.Time // zero: real time
	since   time.Time
	changed []chan struct{} // one for each who asked
}

func newClock() *clock { return &clock{} }

// isSet reports whether business time is not real time.
func (c *clock) isSet() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.set.IsZero()
}

// Now is the business time.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.set.IsZero() {
		return time.Now()
	}
	return c.set.Add(time.Since(c.since))
}

// Set makes t the business time from now on.
func (c *clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set, c.since = t, time.Now()
	for _, ch := range c.changed {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// Changed is a channel of the caller's own that receives after Set.
func (c *clock) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan struct{}, 1)
	c.changed = append(c.changed, ch)
	return ch
}

// readFile sets the clock to the instant that a file holds.
func (c *clock) readFile(path string) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("clock file: %w", err)
	}
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(string(body)))
	if err != nil {
		return fmt.Errorf("clock file %s: want one RFC 3339 instant: %w", path, err)
	}
	c.mu.Lock()
	known := t.Equal(c.set)
	c.mu.Unlock()
	if !known { // else time would stand still each time that the file is read
		c.Set(t)
	}
	return nil
}

// clockWasSet is logged when the clock was set anew from its file.
const clockWasSet = "business time was set"

// follow sets the clock anew whenever the file changes, until ctx ends.
func (c *clock) follow(ctx context.Context, path string, log *slog.Logger) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	last, _ := os.Stat(path)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, err := os.Stat(path)
		if err != nil || (last != nil && now.ModTime().Equal(last.ModTime())) {
			continue
		}
		if c.readFile(path) == nil { // half-written: the next look reads it whole
			last = now
			log.Info(clockWasSet, "to", c.Now())
		}
	}
}
