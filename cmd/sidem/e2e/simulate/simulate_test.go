//go:build e2e

package simulate

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
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
	storyEnv = "SIDEM_STORY" // a file with one that was printed, to be told instead
)

// seeds are those of an ordinary run: always the same.
const seeds = 32

// retellEvery is of how many stories one is told again, to see how often a seed gives the same
// story: in which order goroutines run, no seed decides.
const retellEvery = 8

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
	stories, steps, struck, lives, others,
	failed, retold, same int
	virtual time.Duration
}

// every is how often a long run says how far it is.
const every = 10 * time.Second

func (y *tally) add(v verdict) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.stories++
	y.steps += len(v.Script.body)
	y.struck += v.Struck
	y.lives += v.Lives - 1
	y.others += v.Others
	y.virtual += v.Virtual
	if len(v.Faults) > 0 {
		y.failed++
	}
	if took := y.began.Elapsed(); took-y.printed > every {
		y.printed = took
		fmt.Fprintf(os.Stderr, "%d of %d seeds in %v: %v\n", y.stories, y.of, took.Round(time.Second), y)
	}
}

func (y *tally) faults() int { return y.struck + y.lives + y.others }

// again notes that a story was told again, and whether it was the same line by line.
func (y *tally) again(same bool) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.retold++; same {
		y.same++
	}
}

// worked is how long processors worked for a story of this run.
func (y *tally) worked() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano()+used.Stime.Nano()) / time.Duration(max(1, y.stories+y.retold))
}

func (y *tally) String() string {
	return fmt.Sprintf("%d stories of %d steps, with %d faults (%d calls that went wrong, %d ends without warning, %d acts that came twice, at once or again and jumps of the clock), in %v of their own time, each for %v of a processor; %d broke a promise. Of %d that were told again by their seed %d were the same, line by line",
		y.stories, y.steps, y.faults(), y.struck, y.lives, y.others, y.virtual.Round(time.Minute), y.worked().Round(time.Millisecond), y.failed, y.retold, y.same)
}

// standsStill is how long a story may take: in a bubble nothing waits, so that one that
// takes longer waits for what never comes.
const standsStill = 5 * time.Minute

// watched tells a story, unless it stands still.
func watched(t *testing.T, name string, head []string, next func(*story) []string, fault *plant) verdict {
	t.Helper()
	timer := time.AfterFunc(standsStill, func() {
		stacks := make([]byte, 1<<20)
		fmt.Fprintf(os.Stderr, "%s stands still:\n%s\n", name, stacks[:runtime.Stack(stacks, true)])
		os.Exit(1)
	})
	defer timer.Stop()
	return tell(t, head, next, fault)
}

// seeded tells the story of a seed.
func seeded(t *testing.T, seed uint64, fault *plant) verdict {
	t.Helper()
	y := tellerOf(seed)
	return watched(t, fmt.Sprint("seed ", seed), y.head, y.next, fault)
}

func TestHoweverAStoryIsDisturbedEveryPromiseHolds(t *testing.T) {
	if path := os.Getenv(storyEnv); path != "" {
		tellFile(t, path)
		return
	}
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
		v := seeded(t, seed, nil)
		y.add(v)
		if len(v.Faults) > 0 {
			explain(t, seed, v)
		} else if seed%retellEvery == 0 {
			w := seeded(t, seed, nil)
			y.again(slices.Equal(v.Script.body, w.Script.body) && v.Struck == w.Struck && v.Lives == w.Lives)
		}
	})
	fmt.Fprintln(os.Stderr, y)
	if path := os.Getenv(pageEnv); path != "" && !t.Failed() {
		if err := y.write(filepath.Join(e2etest.Root(t), path)); err != nil {
			t.Error(err)
		}
	}
}

// tellFile tells a story that was printed.
func tellFile(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	told, err := scriptOf(string(text))
	if err != nil {
		t.Fatal(err)
	}
	v := replayed(t, path, told, nil)
	for _, fault := range v.Faults {
		t.Error(fault)
	}
	t.Logf("%d of its %d steps could not be played", v.Impossible, len(told.body))
}

// explain makes a story small in which something broke, and fails the test with it.
func explain(t *testing.T, seed uint64, v verdict) {
	t.Helper()
	name := fmt.Sprintf("seed %d, made smaller,", seed)
	fmt.Fprintf(os.Stderr, "seed %d breaks a promise, and is made small: %s\n%v\n", seed, strings.Join(v.Faults, "\n"), v.Script)
	small := smaller(v.Script, func(less script) bool { return len(replayed(t, name, less, nil).Faults) > 0 })
	fails := 0
	for range repeats {
		if shown := replayed(t, name, small, nil); len(shown.Faults) > 0 {
			fails, v.Faults = fails+1, shown.Faults
		}
	}
	t.Errorf("%s=%d %s=1 breaks a promise; of its %d steps %d are left, which break it %d times of %d:\n%s\n\n%v",
		firstEnv, seed, seedsEnv, len(v.Script.body), len(small.body), fails, repeats, strings.Join(v.Faults, "\n"), small)
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
