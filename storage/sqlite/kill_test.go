package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/storage/sqlite"
)

// writeEnv has the test binary be a process that commits to the file it names
// until it is killed.
const writeEnv = "SIDEM_TEST_WRITE"

func TestMain(m *testing.M) {
	if path := os.Getenv(writeEnv); path != "" {
		write(path)
	}
	os.Exit(m.Run())
}

// writers commit at once, so that kills meet groups half way.
const writers = 8

// write commits new records, each with an item, and prints the id of each once
// the store has answered.
func write(path string) {
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{Now: func() time.Time { return morning }})
	if err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, n)
				if err := s.Commit(context.Background(), fresh(id)); err != nil {
					fmt.Println("failed", err)
					os.Exit(1)
				}
				mu.Lock()
				fmt.Println("kept", id)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// fresh is the commit of a record of its own.
func fresh(id string) desk.Commit {
	events := core.Seal(core.Record{}, []core.Event{{
		Kind: core.KindRequest, Record: id, Verb: core.VerbDraft, To: core.StateDraft, By: "a1", At: morning, Once: "tg:" + id,
	}})
	return desk.Commit{
		Record: core.Apply(core.Record{}, events[0]), Events: events, Once: "tg:" + id, Now: morning,
		Items: []outbox.Item{{Key: "mail:" + id, Merge: outbox.Once, Channel: "email", What: "mail"}},
	}
}

// TestWhatWasAnsweredSurvivesAKill kills a writing process a few milliseconds
// after an answer, again and again on one file: each answered commit is there
// whole, and the trail has no gap.
func TestWhatWasAnsweredSurvivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sidem.db")
	var kept []string
	for range 12 {
		kept = append(kept, untilKilled(t, path, 20+rand.IntN(200))...)
	}
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{Now: func() time.Time { return morning }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for _, id := range kept {
		if r, err := s.Record(t.Context(), id); err != nil || r.Seq != 1 {
			t.Errorf("record %s was answered and is not there: %+v, %v", id, r, err)
		}
	}
	after := 0
	for {
		events, err := s.Log(t.Context(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if after++; e.Index != after {
				t.Fatalf("index %d follows %d", e.Index, after-1)
			}
		}
		if len(events) < 1000 {
			break
		}
	}
	stats, err := s.Stats(t.Context(), morning)
	if err != nil || stats.Created != after || stats.Live != after {
		t.Errorf("%d events, and the outbox has %+v, %v", after, stats, err)
	}
	if len(kept) < 12*20 || after < len(kept) {
		t.Errorf("%d answers and %d events: the test killed nobody at work", len(kept), after)
	}
}

// untilKilled starts a writer, kills it within four milliseconds of its answer
// number n, and returns all that it answered.
func untilKilled(t *testing.T, path string, n int) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writeEnv+"="+path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var kept []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		if word != "kept" {
			t.Fatal(lines.Text())
		}
		if kept = append(kept, rest); len(kept) == n {
			time.AfterFunc(time.Duration(rand.IntN(4000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the writer ended by itself")
	}
	// The last line may have been cut short by the kill.
	if last := kept[len(kept)-1]; strings.Count(last, "-") != 2 || !isNumber(last[strings.LastIndexByte(last, '-')+1:]) {
		kept = kept[:len(kept)-1]
	}
	return kept
}

func isNumber(s string) bool { _, err := strconv.Atoi(s); return err == nil }
