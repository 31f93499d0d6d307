package testbed_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/core/testbed"
)

// TestThisMachineHas names each program that is missing here, and what is not tried
// without it: go test -v ./core/testbed.
func TestThisMachineHas(t *testing.T) {
	for _, p := range testbed.Programs {
		t.Run(p.Name, func(t *testing.T) { testbed.Need(t, p) })
	}
}

// ended is how a test ended early.
type ended struct{ how, why string }

func (e *ended) Helper() {}

func (e *ended) Skip(args ...any) { *e = ended{"skipped", fmt.Sprint(args...)} }

func (e *ended) Fatal(args ...any) { *e = ended{"failed", fmt.Sprint(args...)} }

func TestWhoLacksAProgramIsSkippedInOneLineThatNamesItAndFailsWhereItIsRequired(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for required, want := range map[string]string{"": "skipped", "all": "failed", "caddy": "skipped", "caddy,redis-server": "failed"} {
		t.Setenv(testbed.RequireEnv, required)
		var got ended
		testbed.Need(&got, testbed.Redis)
		if got.how != want || !strings.Contains(got.why, "redis-server") || strings.Contains(got.why, "\n") {
			t.Errorf("required %q: %s: %s, want %s", required, got.how, got.why, want)
		}
	}
}

func TestEachProgramSaysWhatIsUntriedWithoutItAndHowToGetIt(t *testing.T) {
	for _, p := range testbed.Programs {
		if p.Name == "" || p.Untried == "" || p.Get == "" {
			t.Errorf("%+v", p)
		}
	}
}

func TestTodayIsTheMondayUnlessTheEnvironmentNamesAnother(t *testing.T) {
	t.Setenv(testbed.TodayEnv, "")
	if got := testbed.Today(); !got.Equal(testbed.Monday) {
		t.Errorf("%s", got)
	}
	t.Setenv(testbed.TodayEnv, "2028-02-29T23:58")
	if got := testbed.Today().Format(time.RFC3339); got != "2028-02-29T23:58:00-06:00" {
		t.Errorf("%s", got)
	}
	if got := testbed.Clock()().Sub(testbed.Today()); got < 0 || got > time.Minute {
		t.Errorf("a clock that was just made is %s late", got)
	}
	t.Setenv(testbed.TodayEnv, "tomorrow")
	if !panics(func() { testbed.Today() }) {
		t.Error("tomorrow was taken for a day")
	}
}

func TestNowIsForBubblesAndAStopwatchMeasuresInThemToo(t *testing.T) {
	if !panics(func() { testbed.Now() }) {
		t.Error("the machine's clock was read")
	}
	synctest.Test(t, func(t *testing.T) {
		began, watch := testbed.Now(), testbed.Start()
		time.Sleep(36 * time.Hour)
		if since := testbed.Now().Sub(began); since != 36*time.Hour || watch.Elapsed() != since {
			t.Errorf("%s passed, %s by the watch", since, watch.Elapsed())
		}
	})
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}
