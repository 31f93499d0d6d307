package desk_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/core/value"
	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// BenchmarkSweep has the reminders of a thousand requests decided and told, while
// ten thousand requests are open and while many are (SIDEM_SWEEP of them; make
// bench: a million). The two stores take turns, A B A B; the ratio of the medians
// is what counts, and the least and the most of a round tell the spread.
//
// Each request has its record, its event, its places in all lists and its reminder,
// under an id that says nothing of its age; those that are due stand anywhere
// among the others.
func BenchmarkSweep(b *testing.B) {
	many := 100_000
	if n, err := strconv.Atoi(os.Getenv("SIDEM_SWEEP")); err == nil {
		many = n
	}
	b.Run("sqlite", func(b *testing.B) {
		compare(b, many, func() string { return "sqlite:" + filepath.Join(b.TempDir(), "sidem.db") })
	})
	b.Run("redis", func(b *testing.B) {
		compare(b, many, func() string { return redistest.Start(b, redistest.Options{}).DSN("sidem") })
	})
}

// The sweeps of the benchmark: the first of them warms up and is not counted.
const (
	fewOpen    = 10_000
	due        = 1000 // of a sweep
	sweeps     = 6
	ofAnAgency = 2 // due in a sweep: fewer than are bundled
	offices    = sweeps * due / ofAnAgency
)

func compare(b *testing.B, many int, dsn func() string) {
	few, lots := newCrowd(b, dsn(), fewOpen), newCrowd(b, dsn(), many)
	var a, z []float64
	for i := range sweeps {
		x, y := few.sweep(b, i), lots.sweep(b, i)
		if i > 0 {
			a, z = append(a, x), append(z, y)
		}
	}
	slices.Sort(a)
	slices.Sort(z)
	ms := func(all []float64, name string) {
		for word, v := range map[string]float64{"": all[len(all)/2], "min-": all[0], "max-": all[len(all)-1]} {
			b.ReportMetric(v*1000, fmt.Sprintf("%sms/%dk-open", word, map[string]int{"a": fewOpen, "z": many}[name]/1000))
		}
	}
	ms(a, "a")
	ms(z, "z")
	b.ReportMetric(z[len(z)/2]/a[len(a)/2], "ratio")
	b.ReportMetric(0, "ns/op")
}

// crowd is a store with many open requests.
type crowd struct {
	store storage.Store
	desk  *desk.Desk
	now   time.Time
}

// The sweeps are those of one Wednesday, one an hour. What is due was filed on
// the Monday before, all else on that very morning.
var wednesday = time.Date(2026, time.November, 25, 9, 0, 0, 0, time.UTC)

func newCrowd(b *testing.B, dsn string, open int) *crowd {
	b.Helper()
	c := &crowd{now: wednesday.AddDate(0, 0, -2)}
	var err error
	if c.store, err = storage.Open(b.Context(), dsn, storage.Options{Now: func() time.Time { return c.now }}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.store.Close() })
	c.desk = &desk.Desk{Ledger: c.store, Sessions: c.store, Now: func() time.Time { return c.now }, Office: core.Office{
		Calendar: core.NewCalendar(time.UTC, nil, 2026), Targets: core.DefaultTargets, GateWarns: true,
	}}
	c.commit(b, offices, secretary)
	every := max(1, open/(sweeps*due))
	c.commit(b, open, func(i int) desk.Commit {
		n := i / every // the nth that is due, if it is the first of its group
		if i%every != 0 || n >= sweeps*due {
			return filed(i, i%offices, wednesday.Add(-time.Hour), wednesday.AddDate(0, 0, 2))
		}
		sweep := n % sweeps
		agency := sweep + sweeps*(n/sweeps/ofAnAgency)
		return filed(i, agency, wednesday.AddDate(0, 0, -2), wednesday.Add(time.Duration(sweep)*time.Hour))
	})
	return c
}

// commit makes n commits, as many at once as people would.
func (c *crowd) commit(b *testing.B, n int, of func(i int) desk.Commit) {
	b.Helper()
	const callers = 64
	var wg sync.WaitGroup
	errs := make(chan error, callers)
	for caller := range callers {
		wg.Go(func() {
			for i := caller; i < n; i += callers {
				if err := c.store.Commit(context.Background(), of(i)); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	if err := <-errs; err != nil {
		b.Fatal(err)
	}
}

// secretary is the account that releases for an agency, with a chat.
func secretary(agency int) desk.Commit {
	return asCommit(core.Event{
		Kind: core.KindAccount, Record: fmt.Sprintf("secretary%d", agency), Agency: fmt.Sprint("A", agency), Verb: core.VerbApply, To: core.StateActive,
		At: wednesday.AddDate(0, 0, -30), By: "root", Fields: map[core.Field]string{core.FieldName: "Persona Una", core.FieldUser: fmt.Sprint("p", agency)},
	}, func(r *core.Record) {
		r.Roles = []core.Role{core.RoleSecretary}
		r.Links = []core.Link{{Platform: "telegram", ID: fmt.Sprint(agency)}}
	})
}

// filed is a request that its secretary is to release, and is reminded of at due.
func filed(i, agency int, at, due time.Time) desk.Commit {
	id := fmt.Sprintf("%013x", uint64(i+1)*0x9e3779b97f4a7c15>>12)
	c := asCommit(core.Event{
		Kind: core.KindRequest, Record: id, Agency: fmt.Sprint("A", agency), Number: fmt.Sprintf("%07d/2026", i), Verb: core.VerbFile, To: core.StateFiled,
		At: at, By: "lucia", ByName: "Lucía Herrera", Fields: form, Items: []core.Item{{Description: "Equipo", Quantity: value.Units(1), Unit: "pieza"}},
	}, nil)
	c.Items = []outbox.Item{{Key: "remind:" + id, Merge: outbox.Once, Lane: outbox.Bulk, Due: due, Record: id, What: desk.WhatRemind}}
	return c
}

func asCommit(e core.Event, more func(*core.Record)) desk.Commit {
	events := core.Seal(core.Record{}, []core.Event{e})
	r := core.Apply(core.Record{}, events[0])
	if more != nil {
		more(&r)
	}
	return desk.Commit{Record: r, Events: events, Now: e.At}
}

// sweep works off all that is due at the hour, a batch at once as the hub does,
// and returns how long that took in seconds.
func (c *crowd) sweep(b *testing.B, hour int) float64 {
	b.Helper()
	c.now = wednesday.Add(time.Duration(hour) * time.Hour)
	began, given, told := testbed.Start(), 0, 0
	for {
		items, err := c.store.Claim(b.Context(), c.now, 32, time.Minute)
		if err != nil {
			b.Fatal(err)
		}
		if len(items) == 0 {
			break
		}
		var wg sync.WaitGroup
		results := make([]outbox.Result, len(items))
		for i, it := range items {
			results[i] = outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: outbox.WasSent}
			if it.What != desk.WhatRemind {
				told++
				continue
			}
			given++
			wg.Go(func() {
				if _, done, err := c.desk.Remind(b.Context(), it); err != nil || !done {
					b.Errorf("%s: given: %v, %v", it.Key, done, err)
				}
			})
		}
		wg.Wait()
		if _, err := c.store.Settle(b.Context(), c.now, results); err != nil {
			b.Fatal(err)
		}
	}
	if given != due || told < 2*due { // a card and a reminder under it
		b.Fatalf("%d reminders were given, %d messages follow from them", given, told)
	}
	return began.Elapsed().Seconds()
}
