package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// report is what came of a run, and under what it was made.
type report struct {
	short    bool
	command  string
	began    time.Time
	load     string // when it began
	outcomes []outcome
}

func begin(short bool, command string) report {
	return report{short: short, command: command, began: time.Now().UTC(), load: load()}
}

// load is how many wanted a processor in the last minute, five and fifteen.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

// busy reports whether more wanted a processor in the last minute than there are.
func busy(load string) bool {
	var minute float64
	_, err := fmt.Sscan(load, &minute)
	return err == nil && minute > float64(runtime.NumCPU())
}

func model() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// peers are the modules whose versions are told.
var peers = []string{
	"github.com/hibiken/asynq", "github.com/riverqueue/river", "github.com/riverqueue/river/riverdriver/riversqlite", "github.com/redis/go-redis/v9", "modernc.org/sqlite",
}

func versions() string {
	var out []string
	if server, err := exec.Command("redis-server", "--version").Output(); err == nil { //nolint:noctx // it says one line and ends
		if f := strings.Fields(string(server)); len(f) > 2 {
			out = append(out, "redis-server "+strings.TrimPrefix(f[2], "v="))
		}
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return strings.Join(out, ", ")
	}
	for _, m := range info.Deps {
		if slices.Contains(peers, m.Path) {
			out = append(out, m.Path+" "+m.Version)
		}
	}
	return strings.Join(out, ", ")
}

// missed is how many bars are.
func (r report) missed() (n int) {
	for _, o := range r.outcomes {
		for _, b := range o.bars {
			if b.missed(o.reached(b), r.short) {
				n++
			}
		}
	}
	return n
}

// text is the page.
func (r report) text() (string, error) {
	var out bytes.Buffer
	p := func(format string, args ...any) { fmt.Fprintf(&out, format, args...) }
	p("# Speed\n\nWritten by the tool of `make bench`, never by hand: `%s` in `bench/`. ", r.command)
	p("Each entrant runs once a round, one after the other, on a store of its own on this machine; a ratio is of the values of one round. ")
	p("What stands here are medians, with the least and the most in brackets. Ratios are what counts: the values are of this machine in this hour.\n\n")
	p("- %s to %s\n", r.began.Format("2 January 2006, 15:04"), time.Now().UTC().Format("15:04 MST"))
	p("- %s, %d processors, %s/%s, %s; load before %s, after %s\n", model(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), r.load, load())
	p("- %s\n", versions())
	if busy(r.load) {
		p("- other work was going on: the ratios are rough, and the values say nothing\n")
	}
	if r.short {
		p("- the short form: few items, and only gross regressions are judged\n")
	}
	for _, o := range r.outcomes {
		p("\n## %s\n\n| | %s | ours to it |\n|---|---|---|\n", o.name, o.unit)
		for i, e := range o.entrants {
			ratio := ""
			if i > 0 {
				ratio = spread("%.2f", o.ratios(i))
			}
			p("| %s | %s | %s |\n", e.name, spread(o.format, o.values[i]), ratio)
		}
	}
	p("\n## Bars\n\n| | beside | reached | floor | aim | |\n|---|---|---|---|---|---|\n")
	for _, o := range r.outcomes {
		for _, b := range o.bars {
			reached := o.reached(b)
			p("| %s | %s | %.2f | %s | %s | %s |\n", o.name, b.beside, reached, b.limit(b.floor), b.limit(b.aim), b.verdict(reached, r.short))
		}
	}
	return out.String(), nil
}

func (b bar) limit(v float64) string {
	if b.lower {
		return fmt.Sprintf("≤ %.2f", v)
	}
	return fmt.Sprintf("≥ %.2f", v)
}

func (b bar) verdict(reached float64, short bool) string {
	aimed := b
	aimed.floor = b.aim
	switch {
	case b.missed(reached, short):
		return "**missed**"
	case short:
		return "no gross regression"
	case aimed.missed(reached, false):
		return "reached"
	}
	return "as aimed"
}

// spread is a median with the least and the most.
func spread(format string, v []float64) string {
	return fmt.Sprintf(format+" ("+format+" to "+format+")", median(v), slices.Min(v), slices.Max(v))
}
