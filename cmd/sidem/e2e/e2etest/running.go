package e2etest

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
)

// Graveyard is a store with n dead items, and the arguments that find it.
func Graveyard(t *testing.T, n int) (cfg office.Config, args []string) {
	t.Helper()
	dir := t.TempDir()
	cfg = office.Config{Store: office.Secret("sqlite:" + filepath.Join(dir, "sidem.db")), Files: filepath.Join(dir, "files"), AdminAddr: FreePort(t)}
	cfg.ClockFile = Written(t, world.Monday.Format(time.RFC3339))
	a, err := app.Open(t.Context(), cfg, app.Options{Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	now := a.Clock.Now()
	var items []outbox.Item
	for i := range n {
		items = append(items, outbox.Item{Key: fmt.Sprintf("k%d", i), Merge: outbox.Once, Channel: "fax", What: "card", Due: now})
	}
	if _, err := a.Store.Add(t.Context(), now, items...); err != nil {
		t.Fatal(err)
	}
	claimed, err := a.Store.Claim(t.Context(), now, n, time.Minute)
	if err != nil || len(claimed) != n {
		t.Fatalf("%d claimed, %v", len(claimed), err)
	}
	var results []outbox.Result
	for _, it := range claimed {
		results = append(results, outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: outbox.Buried, Note: "no such number"})
	}
	if _, err := a.Store.Settle(t.Context(), now, results); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return cfg, []string{"--store", cfg.Store.Reveal(), "--files", cfg.Files, "--admin-addr", cfg.AdminAddr, "--clock-file", cfg.ClockFile, "outbox"}
}

// ClockAt is a business clock that begins at an instant.
func ClockAt(at time.Time) *app.Clock {
	c := app.NewClock() //nolint:forbidigo // it is set at once
	c.Set(at)
	return c
}

// Running serves cfg's store until the test ends, on the clock that cfg asks for or
// on the day of the tests.
func Running(t *testing.T, cfg office.Config) *app.App {
	t.Helper()
	o := app.Options{Log: world.Quiet()}
	if cfg.ClockFile == "" {
		o.Clock = ClockAt(testbed.Today())
	}
	a, err := app.Open(t.Context(), cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	testbed.Await(t, world.Patience, "that it is ready", a.Ready)
	return a
}
