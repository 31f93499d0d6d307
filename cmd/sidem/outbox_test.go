package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/demo/world"
	"sidem/cmd/sidem/office"
	"sidem/core/outbox"
	"sidem/storage/redis/redistest"
)

// graveyard is a store with n dead items, and the arguments that find it.
func graveyard(t *testing.T, n int) (cfg office.Config, args []string) {
	t.Helper()
	dir := t.TempDir()
	cfg = office.Config{Store: office.Secret("sqlite:" + filepath.Join(dir, "sidem.db")), Files: filepath.Join(dir, "files"), AdminAddr: freePort(t)}
	a, err := app.Open(t.Context(), cfg, app.Options{Clock: app.NewClock(), Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
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
	return cfg, []string{"--store", cfg.Store.Reveal(), "--files", cfg.Files, "--admin-addr", cfg.AdminAddr, "outbox"}
}

func freePort(t *testing.T) string {
	t.Helper()
	addr, err := redistest.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// sidem runs the command line, which must end well, and returns what it prints.
func sidem(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), args, &out, &errs); code != exitFine {
		t.Fatalf("%v: exit %d\n%s\n%s", args, code, out.String(), errs.String())
	}
	return out.String()
}

func TestDeadItemsAreListedAndReplayedOverTime(t *testing.T) {
	_, args := graveyard(t, 4)
	list := sidem(t, append(args, "list", "--state", "dead")...)
	if !strings.Contains(list, "dead: no such number") || !strings.Contains(list, "4 items") {
		t.Errorf("list:\n%s", list)
	}
	before := time.Now()
	if got := sidem(t, append(args, "replay", "--all", "--spread", "1h")...); got != "4 items owed again, spread over 1h0m0s\n" {
		t.Error(got)
	}
	if got := sidem(t, append(args, "list", "--state", "dead")...); !strings.Contains(got, "0 items") {
		t.Errorf("still dead:\n%s", got)
	}
	for i, line := range strings.Split(strings.TrimSpace(sidem(t, append(args, "list", "--json")...)), "\n") {
		var it outbox.Item
		if err := json.Unmarshal([]byte(line), &it); err != nil {
			t.Fatal(err)
		}
		want := before.Add(time.Duration(i) * 15 * time.Minute)
		if late := it.Due.Sub(want); it.Key != fmt.Sprintf("k%d", i) || late < -time.Second || late > time.Minute {
			t.Errorf("%s is due %v, want %v", it.Key, it.Due, want)
		}
	}
}

func TestOneItemIsReplayedByItsID(t *testing.T) {
	_, args := graveyard(t, 3)
	if got := sidem(t, append(args, "replay", "--id", "000000000002")...); got != "1 item owed again\n" {
		t.Error(got)
	}
	if got := sidem(t, append(args, "list", "--state", "live")...); !strings.Contains(got, "k1") || !strings.Contains(got, "1 item\n") {
		t.Errorf("live:\n%s", got)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), append(args, "replay"), &out, &errs); code != exitConfig {
		t.Errorf("without saying which: exit %d, %s", code, errs.String())
	}
}

func TestWhatCannotBeReplayedOrListedIsSaid(t *testing.T) {
	cfg, args := graveyard(t, 2)
	for _, tt := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"an id that names nothing", append(args, "replay", "--id", "000000000002", "--id", "000000000077"), exitFailed, "1 of the 2 ids name no dead item"},
		{"a spread that is none", append(args, "replay", "--all", "--spread=-5m"), exitConfig, "ends before it begins"},
		{"a store that is not there", []string{"--store", cfg.Store.Reveal() + "x", "outbox", "list"}, exitConfig, "there is no store at"},
		{"a state that is none", append(args, "list", "--state", "lost"), exitUsage, "must be one of"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := run(t.Context(), tt.args, &out, &errs); code != tt.code || !strings.Contains(errs.String(), tt.says) {
				t.Errorf("exit %d: %s", code, errs.String())
			}
		})
	}
	if _, err := os.Stat(strings.TrimPrefix(cfg.Store.Reveal(), "sqlite:") + "x"); err == nil {
		t.Error("the store that was not there is now")
	}
}

// running serves cfg's store until the test ends.
func running(t *testing.T, cfg office.Config) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), cfg, app.Options{Clock: app.NewClock(), Log: world.Quiet()})
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
	deadline := time.Now().Add(10 * time.Second)
	for !a.Ready() {
		if time.Now().After(deadline) {
			t.Fatal("it is not ready")
		}
		time.Sleep(time.Millisecond)
	}
	return a
}

func TestTheOutboxIsListedAndReplayedBesideARunningSIDEM(t *testing.T) {
	cfg, args := graveyard(t, 2)
	running(t, cfg)
	if got := sidem(t, append(args, "list", "--state", "dead")...); !strings.Contains(got, "2 items") {
		t.Errorf("list:\n%s", got)
	}
	if got := sidem(t, append(args, "replay", "--all", "--spread", "1h")...); got != "2 items owed again, spread over 1h0m0s\n" {
		t.Error(got)
	}
	// The first is due at once, and is buried again: there is no such channel.
	deadline := time.Now().Add(10 * time.Second)
	for {
		got := sidem(t, append(args, "list", "--state", "dead")...)
		if strings.Contains(got, "no such channel") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("nobody works on it:\n%s", got)
		}
	}
}

func TestAPageInABrowserCannotReplay(t *testing.T) {
	cfg, _ := graveyard(t, 1)
	running(t, cfg)
	res, err := http.Post("http://"+cfg.AdminAddr+"/outbox/replay", "text/plain", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestTheMetricsTellOfTheOutbox(t *testing.T) {
	cfg, args := graveyard(t, 3)
	a := running(t, cfg)
	ticks, err := a.Store.Stats(t.Context(), time.Now()) // more of them before the hours of the day have come
	if err != nil || ticks.Live < 4 {
		t.Fatalf("%+v, %v", ticks, err)
	}
	sidem(t, append(args, "replay", "--id", "000000000001", "--spread", "0s")...)
	want := []string{
		`sidem_attempts_total{channel="fax",outcome="dead"} 1`,
		`sidem_attempt_seconds_count{channel="fax"} 1`,
		`sidem_outbox_settled_total{channel="fax",outcome="dead"} 1`,
		`sidem_outbox_waiting_items{channel=""} 0`,
		`sidem_outbox_waiting_seconds{channel=""} 0`,
		`sidem_outbox_items{state="dead"} 3`,
		fmt.Sprintf(`sidem_outbox_items{state="live"} %d`, ticks.Live),
		`sidem_outbox_missing_items 0`,
		`sidem_outbox_oldest_due_seconds 0`,
		`sidem_outbox_due_items 0`,
		`process_resident_memory_bytes`,
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		text := metricsOf(t, cfg)
		var missing []string
		for _, line := range want {
			if !strings.Contains(text, line) {
				missing = append(missing, line)
			}
		}
		if len(missing) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not told: %q in\n%s", missing, text)
		}
	}
}

func metricsOf(t *testing.T, cfg office.Config) string {
	t.Helper()
	res, err := http.Get("http://" + cfg.AdminAddr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res.Status, err)
	}
	return string(text)
}
