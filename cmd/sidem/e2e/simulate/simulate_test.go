//go:build e2e

package simulate

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core/testbed"
)

// What make simulate sets: how many seeds, the first of them, and whether the page
// of faults gets the figures.
const (
	seedsEnv = "SIDEM_SEEDS"
	firstEnv = "SIDEM_SEED"
	pageEnv  = "SIDEM_SEEDS_PAGE"
)

// seeds are those of an ordinary run: always the same.
const seeds = 16

func number(t *testing.T, env string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(env)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", env, err)
	}
	return n
}

// tally adds up what was told.
type tally struct {
	mu      sync.Mutex
	began   testbed.Stopwatch
	printed time.Duration
	of      uint64
	stories, steps, struck, lives,
	failed int
	virtual time.Duration
}

// every is how often a long run says how far it is.
const every = 10 * time.Second

func (y *tally) add(p plan, v verdict) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.stories++
	y.steps += len(p.Steps)
	y.struck += v.Struck
	y.lives += v.Lives - 1
	y.virtual += v.Virtual
	if len(v.Faults) > 0 {
		y.failed++
	}
	if took := y.began.Elapsed(); took-y.printed > every {
		y.printed = took
		fmt.Fprintf(os.Stderr, "%d of %d seeds in %v: %v\n", y.stories, y.of, took.Round(time.Second), y)
	}
}

func (y *tally) String() string {
	return fmt.Sprintf("%d stories of %d steps, with %d calls that went wrong and %d ends without warning, in %v of their own time; %d broke a promise",
		y.stories, y.steps, y.struck, y.lives, y.virtual.Round(time.Minute), y.failed)
}

// standsStill is how long a story may take: in a bubble nothing waits, so that one that
// takes longer waits for what never comes.
const standsStill = 5 * time.Minute

// watched tells a plan, unless it stands still.
func watched(t *testing.T, name string, p plan, fault *plant) verdict {
	t.Helper()
	timer := time.AfterFunc(standsStill, func() {
		stacks := make([]byte, 1<<20)
		fmt.Fprintf(os.Stderr, "%s stands still:\n%v\n%s\n", name, p, stacks[:runtime.Stack(stacks, true)])
		os.Exit(1)
	})
	defer timer.Stop()
	return tell(t, p, fault)
}

func TestHoweverAStoryIsDisturbedEveryPromiseHolds(t *testing.T) {
	first, n := number(t, firstEnv, 1), number(t, seedsEnv, seeds)
	y := &tally{began: testbed.Start(), of: n}
	var names []string
	for seed := first; seed < first+n; seed++ {
		names = append(names, strconv.FormatUint(seed, 10))
	}
	e2etest.Crowded(t, runtime.GOMAXPROCS(0), names, func(t *testing.T, name string) {
		seed, err := strconv.ParseUint(name, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		p := planOf(seed)
		v := watched(t, "seed "+name, p, nil)
		y.add(p, v)
		if len(v.Faults) > 0 {
			explain(t, seed, p, v)
		}
	})
	fmt.Fprintln(os.Stderr, y)
	if path := os.Getenv(pageEnv); path != "" && !t.Failed() {
		if err := y.write(filepath.Join(e2etest.Root(t), path)); err != nil {
			t.Error(err)
		}
	}
}

// explain makes a story small in which something broke, and fails the test with it.
func explain(t *testing.T, seed uint64, p plan, v verdict) {
	t.Helper()
	small := smaller(p, func(less plan) bool {
		return len(watched(t, fmt.Sprintf("seed %d, made smaller,", seed), less, nil).Faults) > 0
	})
	fails := 0
	for range repeats {
		if again := watched(t, fmt.Sprintf("seed %d, again,", seed), small, nil); len(again.Faults) > 0 {
			fails, v = fails+1, again
		}
	}
	t.Errorf("%s=%d %s=1 breaks a promise; of its %d steps %d are left, which break it %d times of %d:\n%s\n\n%s",
		firstEnv, seed, seedsEnv, len(p.Steps), len(small.Steps), fails, repeats, strings.Join(v.Faults, "\n"), strings.Join(v.Lines, "\n"))
}

// repeats are how often a small story is told again, since goroutines run in an order
// that no seed decides.
const repeats = 3

// The figures stand between these on the page of faults.
const (
	fromHere = "<!-- make simulate -->\n"
	toHere   = "<!-- end -->\n"
)

// write puts the figures onto a page.
func (y *tally) write(path string) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(body), fromHere)
	_, after, ended := strings.Cut(rest, toHere)
	if !found || !ended {
		return fmt.Errorf("%s has no place for the figures", path)
	}
	return os.WriteFile(path, []byte(before+fromHere+"The last run: "+y.String()+".\n"+toHere+after), 0o600)
}

// TestMain lets memory grow before it is looked through: a story is over in a moment,
// and nothing of it stays.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	e2etest.Main(m, nil)
}
