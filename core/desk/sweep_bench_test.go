package desk_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"sidem/core"
	"sidem/core/desk"
	"sidem/core/outbox"
	"sidem/storage/sqlite"
)

// BenchmarkSweep has a thousand reminders that are due decided, on SQLite, while
// few and while many others wait for later (SIDEM_SWEEP of them, by default
// 100,000), and reports how much dearer the second is. A round is a store of its own.
func BenchmarkSweep(b *testing.B) {
	many := 100_000
	if n, err := strconv.Atoi(os.Getenv("SIDEM_SWEEP")); err == nil {
		many = n
	}
	var few, lots time.Duration
	for b.Loop() {
		few += sweep(b, 10_000)
		lots += sweep(b, many)
	}
	b.ReportMetric(few.Seconds()*1000/float64(b.N), "ms/10k-open")
	b.ReportMetric(lots.Seconds()*1000/float64(b.N), fmt.Sprintf("ms/%dk-open", many/1000))
	b.ReportMetric(lots.Seconds()/few.Seconds(), "ratio")
}

const due = 1000

// sweep is how long it takes to handle the reminders of a thousand requests,
// while open others are owed one later.
func sweep(b *testing.B, open int) time.Duration {
	b.Helper()
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "s.db"), sqlite.Options{Now: func() time.Time { return now }})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	d := &desk.Desk{Ledger: store, Sessions: store, Now: func() time.Time { return now }, Office: core.Office{
		Calendar: core.NewCalendar(time.UTC, nil, 2026), Targets: core.DefaultTargets, GateWarns: true,
	}}
	account, err := d.Do(b.Context(), admin, "", core.Command{Kind: core.KindAccount, Verb: core.VerbApply, Fields: map[core.Field]string{
		core.FieldName: "Persona Una", core.FieldPost: "Cargo", core.FieldEmail: "p@ejemplo.gob.mx", core.FieldPhone: "7225550100", core.FieldAgency: "IE",
		core.FieldProfile: "requester", core.FieldLetterNumber: "DG/1/2026", core.FieldLetterDate: "2025-12-01",
	}})
	if err != nil || account.Refusal != nil {
		b.Fatal(err, account.Refusal)
	}
	if _, err := d.Do(b.Context(), admin, account.Record.ID, core.Command{Verb: core.VerbGrant}); err != nil {
		b.Fatal(err)
	}
	who := core.Actor{Account: account.Record.ID, Name: "A", Agency: "IE", Roles: []core.Role{core.RoleRequester}}
	for range due {
		out, err := d.Do(b.Context(), who, "", core.Command{Kind: core.KindRequest, Verb: core.VerbDraft, Fields: form, Items: []core.Item{{Description: "Equipo", Quantity: 1, Unit: "pieza"}}})
		if err == nil {
			_, err = d.Do(b.Context(), who, out.Record.ID, core.Command{Verb: core.VerbFile})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	later := make([]outbox.Item, 0, 1000)
	for i := range open {
		later = append(later, outbox.Item{
			Key: fmt.Sprintf("remind:r%d:release:2:1:2027-03-01T09:00", i), Merge: outbox.Once, Lane: outbox.Bulk,
			Due: now.AddDate(0, 3, i%300), Record: fmt.Sprint("r", i), What: desk.WhatRemind,
		})
		if len(later) == cap(later) || i == open-1 {
			if _, err := store.Add(b.Context(), now, later...); err != nil {
				b.Fatal(err)
			}
			later = later[:0]
		}
	}
	now = now.AddDate(0, 0, 2)
	begin, done := time.Now(), 0
	for {
		items, err := store.Claim(b.Context(), now, 32, time.Minute)
		if err != nil {
			b.Fatal(err)
		}
		if len(items) == 0 {
			break
		}
		results := make([]outbox.Result, len(items))
		for i, it := range items {
			results[i] = outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: outbox.WasSent}
			if it.What != desk.WhatRemind {
				continue
			}
			_, ok, err := d.Remind(b.Context(), it)
			if err != nil {
				b.Fatalf("%s: %v", it.Key, err)
			}
			if ok { // the account's own is moot by now
				done++
			}
		}
		if _, err := store.Settle(b.Context(), now, results); err != nil {
			b.Fatal(err)
		}
	}
	if done != due {
		b.Fatalf("%d reminders were given", done)
	}
	return time.Since(begin)
}
