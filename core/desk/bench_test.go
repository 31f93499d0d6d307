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
	_ "time/tzdata" // the office's zone, on machines that have no zone files

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/sqlite"
)

// The requests of the benchmark: a hundred agencies', most of them over, their
// subjects of a few words each, some of which stand in half of all subjects.
const (
	agencies    = 100
	executives  = 20
	wordsInAll  = 400
	defaultSize = 100_000
)

// size is how many requests the lists are measured on (SIDEM_BENCH_REQUESTS).
func size(b *testing.B) int {
	b.Helper()
	if s := os.Getenv("SIDEM_BENCH_REQUESTS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	return defaultSize
}

var monday = time.Date(2026, time.November, 23, 15, 0, 0, 0, time.UTC)

// request is the nth of n: of every ten, eight are collected and two are somewhere on the way.
func request(n int) (core.Record, []core.Event) {
	at := monday.Add(-time.Duration(n) * time.Minute)
	states := []core.State{core.StateFiled, core.StateReleased, core.StateReceived, core.StateReferred, core.StateAssigned, core.StateObserved, core.StateIssued}
	state := core.StateCollected
	if n%10 < 2 {
		state = states[n/10%len(states)]
	}
	subject := fmt.Sprintf("Adquisición de equipo palabra%d palabra%d", n%wordsInAll, n*7%wordsInAll)
	if n%2 == 0 {
		subject += " computadoras"
	}
	e := core.Event{
		Kind: core.KindRequest, Record: fmt.Sprintf("r%07d", n), Agency: fmt.Sprintf("A%02d", n%agencies), Verb: core.VerbFile, To: state,
		Number: fmt.Sprintf("%06d/%d", n%1_000_000, 2026-n/1_000_000), At: at, By: fmt.Sprintf("lucia%d", n%500),
		Fields: map[core.Field]string{core.FieldSubject: subject, core.FieldExecutive: fmt.Sprintf("mariana%d", n%executives), core.FieldHead: "hector"},
	}
	events := core.Seal(core.Record{}, []core.Event{e})
	return core.Fold(events), events
}

// filled is a desk on a store with n requests.
func filled(b *testing.B, n int) *desk.Desk {
	b.Helper()
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil {
		b.Fatal(err)
	}
	store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "sidem.db"), sqlite.Options{Now: testbed.Clock()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	var wg sync.WaitGroup
	next := make(chan int)
	for range 100 {
		wg.Go(func() {
			for i := range next {
				r, events := request(i)
				if err := store.Commit(context.Background(), desk.Commit{Record: r, Events: events, Now: monday}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	office := core.Office{Calendar: core.NewCalendar(zone, core.FederalHolidays(2026), 2026), Targets: core.DefaultTargets}
	return &desk.Desk{Ledger: store, Office: office, Now: func() time.Time { return monday }}
}

// BenchmarkLists measures what people wait for, on very many requests. Besides the
// mean it tells the 99th percentile, whose floor is 50 ms on a million.
func BenchmarkLists(b *testing.B) {
	d := filled(b, size(b))
	actor := func(account, agency string, roles ...core.Role) core.Actor {
		return core.Actor{Account: account, Agency: agency, Roles: roles}
	}
	secretary := actor("raul", "A10", core.RoleSecretary)
	executive := actor("mariana10", "", core.RoleExecutive)
	director := actor("patricia", "", core.RoleDirector)
	owed := func(a core.Actor) func(context.Context) error {
		return func(ctx context.Context) error { _, err := d.Read(ctx, d.OwedBy(a), desk.Place{}, 10); return err }
	}
	search := func(a core.Actor, text string) func(context.Context) error {
		return func(ctx context.Context) error {
			found, err := d.Search(ctx, a, text)
			if err == nil {
				_, err = d.Read(ctx, found.Union, desk.Place{}, 10)
			}
			return err
		}
	}
	for _, c := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"pendientes/secretaría", owed(secretary)},
		{"pendientes/ejecutivo", owed(executive)},
		{"pendientes/oficialía", owed(actor("tomas", "", core.RoleRegistry))},
		{"buscar/dirección/rara", search(director, "palabra33")},
		{"buscar/dirección/frecuente", search(director, "computadoras")},
		{"buscar/dirección/dos", search(director, "computadoras palabra33")},
		{"buscar/dirección/dos frecuentes", search(director, "adquisición equipo")},
		{"buscar/dirección/dos que no coinciden", search(director, "palabra33 palabra34")},
		{"buscar/dirección/ninguna", search(director, "inexistente")},
		{"buscar/secretaría/frecuente", search(secretary, "computadoras")},
		{"buscar/secretaría/rara", search(secretary, "palabra33")},
		{"buscar/ejecutivo", search(executive, "computadoras palabra33")},
		{"tablero/dirección", func(ctx context.Context) error { _, err := d.Board(ctx, director); return err }},
		{"tablero/jefatura", func(ctx context.Context) error {
			_, err := d.Board(ctx, actor("hector", "", core.RoleHead))
			return err
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := testbed.Start()
				if err := c.do(b.Context()); err != nil {
					b.Fatal(err)
				}
				took = append(took, began.Elapsed())
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
