package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier/notifiertest"
)

// callers commit at once.
const callers = 50

// BenchmarkCommit is one decision with its event, an index of six terms and three
// items, by 50 callers at once: grouped (as SIDEM does), each in a transaction of
// its own, and a bare write and fdatasync of 4 KiB by one caller. The three take
// turns in one run; the ratios are what counts.
func BenchmarkCommit(b *testing.B) {
	grouped, alone := benchStore(b, 0), benchStore(b, 1)
	f, err := os.Create(filepath.Join(b.TempDir(), "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	const share = 2000
	var spent [3]time.Duration
	n := 0
	for b.Loop() {
		n++
		for i, work := range []func() error{
			func() error { return commitAll(grouped, n, share) },
			func() error { return commitAll(alone, n, share) },
			func() error { return syncAll(f, share) },
		} {
			began := testbed.Start()
			if err := work(); err != nil {
				b.Fatal(err)
			}
			spent[i] += began.Elapsed()
		}
	}
	rate := func(i int) float64 { return float64(n*share) / spent[i].Seconds() }
	b.ReportMetric(rate(0), "grouped/s")
	b.ReportMetric(rate(1), "ungrouped/s")
	b.ReportMetric(rate(2), "fdatasync/s")
	b.ReportMetric(rate(0)/rate(1), "x-ungrouped")
	b.ReportMetric(rate(0)/rate(2), "x-fdatasync")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkHub is a hub of 50 workers whose channel takes everything at once.
func BenchmarkHub(b *testing.B) {
	s := benchStore(b, 0)
	var rates []float64
	for range 3 {
		rate, err := notifiertest.Deliver(b.Context(), s, testbed.Clock(), max(b.N, 1000), 50)
		if err != nil {
			b.Fatal(err)
		}
		rates = append(rates, rate)
	}
	slices.Sort(rates)
	b.ReportMetric(rates[1], "items/s")
}

func benchStore(b *testing.B, group int) *Store {
	b.Helper()
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "sidem.db"), Options{Now: testbed.Clock(), group: group})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

func commitAll(s *Store, round, share int) error {
	var wg sync.WaitGroup
	errs := make(chan error, callers)
	for c := range callers {
		wg.Go(func() {
			for n := range share / callers {
				if err := s.Commit(context.Background(), benchCommit(fmt.Sprintf("%d-%d-%d", round, c, n))); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

func benchCommit(id string) desk.Commit {
	now := time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)
	events := core.Seal(core.Record{}, []core.Event{{
		Kind: core.KindRequest, Record: id, Agency: "IE", Number: id + "/2026", Verb: core.VerbFile, To: core.StateFiled, By: "a1",
		ByName: "Lucía Herrera Campos", At: now, Where: "telegram", Once: "tg:" + id,
		Fields: map[core.Field]string{core.FieldSubject: "Adquisición de 20 computadoras de escritorio"},
	}})
	c := desk.Commit{Record: core.Apply(core.Record{}, events[0]), Events: events, Once: "tg:" + id, Now: now}
	for _, channel := range []string{"telegram", "slack", "email"} {
		c.Items = append(c.Items, outbox.Item{
			Key: "card:" + id + ":" + channel, Merge: outbox.Latest, Account: "a1", Channel: channel, Record: id, What: "card",
		})
	}
	return c
}

func syncAll(f *os.File, share int) error {
	page := make([]byte, 4096)
	for range share {
		if _, err := f.Write(page); err != nil {
			return err
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			return err
		}
	}
	return nil
}
