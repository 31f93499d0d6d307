package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
)

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
	_, args := e2etest.Graveyard(t, 4)
	list := sidem(t, append(args, "list", "--state", "dead")...)
	if !strings.Contains(list, "dead: no such number") || !strings.Contains(list, "4 items") {
		t.Errorf("list:\n%s", list)
	}
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
		want := world.Monday.Add(time.Duration(i) * 15 * time.Minute)
		if late := it.Due.Sub(want); it.Key != fmt.Sprintf("k%d", i) || late < -time.Second || late > time.Minute {
			t.Errorf("%s is due %v, want %v", it.Key, it.Due, want)
		}
	}
}

func TestOneItemIsReplayedByItsID(t *testing.T) {
	_, args := e2etest.Graveyard(t, 3)
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
	cfg, args := e2etest.Graveyard(t, 2)
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

func TestTheOutboxIsListedAndReplayedBesideARunningSIDEM(t *testing.T) {
	cfg, args := e2etest.Graveyard(t, 2)
	e2etest.Running(t, cfg)
	if got := sidem(t, append(args, "list", "--state", "dead")...); !strings.Contains(got, "2 items") {
		t.Errorf("list:\n%s", got)
	}
	if got := sidem(t, append(args, "replay", "--all", "--spread", "1h")...); got != "2 items owed again, spread over 1h0m0s\n" {
		t.Error(got)
	}
	// The first is due at once, and is buried again: there is no such channel.
	testbed.Await(t, world.Patience, "that somebody works on it", func() bool {
		return strings.Contains(sidem(t, append(args, "list", "--state", "dead")...), "no such channel")
	})
}
