package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/office"
)

// Clock is business time: real time, or an instant that was set plus what has
// passed since. Timeouts of the network never use it.
type Clock struct {
	mu      sync.Mutex
	set     time.Time // zero: real time
	since   time.Time
	changed []chan struct{} // one for each who asked
}

// NewClock is a clock of real time.
func NewClock() *Clock { return &Clock{} }

// isSet reports whether business time is not real time.
func (c *Clock) isSet() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.set.IsZero()
}

// Now is the business time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.set.IsZero() {
		return time.Now()
	}
	return c.set.Add(time.Since(c.since))
}

// Set makes t the business time from now on.
func (c *Clock) Set(t time.Time) {
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
func (c *Clock) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan struct{}, 1)
	c.changed = append(c.changed, ch)
	return ch
}

// ReadFile sets the clock to the instant that a file holds.
func (c *Clock) ReadFile(path string) error {
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

// ClockWasSet is logged when the clock was set anew from its file.
const ClockWasSet = "business time was set"

// follow sets the clock anew whenever the file changes, until ctx ends.
func (c *Clock) follow(ctx context.Context, path string, log *slog.Logger) {
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
		if c.ReadFile(path) == nil { // half-written: the next look reads it whole
			last = now
			log.Info(ClockWasSet, "to", c.Now())
		}
	}
}

// ClockOf is the business clock that the configuration asks for.
func ClockOf(cfg *office.Config, log *slog.Logger) (*Clock, error) {
	c := NewClock()
	if cfg.ClockFile != "" {
		log.Warn("business time comes from a file: for tests only", "file", cfg.ClockFile)
		if err := c.ReadFile(cfg.ClockFile); err != nil {
			return nil, office.Misconfigured(err)
		}
	}
	return c, nil
}
