package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/chat"
	"sidem.gob.mx/sidem/storage"
)

// holders are how many have a card of each request.
const holders = 3

// swept is what a sweep of cards costs where nothing has changed, on SQLite, in seconds of
// processor, of ours alone: the store is in this process.
func swept(cards int) contest {
	o := sync.OnceValues(func() (*openOffice, error) { return opened(cards) })
	passing := func(name string, pass func(context.Context, *openOffice) error, warm bool) entrant {
		return entrant{name, func(ctx context.Context, _ string) (float64, error) {
			open, err := o()
			if err != nil {
				return 0, err
			}
			open.sweeper = open.newSweeper()
			if warm {
				if err := pass(ctx, open); err != nil {
					return 0, err
				}
			}
			began, err := processor()
			if err != nil {
				return 0, err
			}
			if err := pass(ctx, open); err != nil {
				return 0, err
			}
			ended, err := processor()
			return (ended - began).Seconds(), err
		}}
	}
	return contest{
		name: fmt.Sprintf("Sweep of %d cards, nothing changed", cards), unit: "s of processor", format: "%.2f",
		entrants: []entrant{
			passing("SIDEM, a later pass", sweep, true), passing("SIDEM, the first pass in an hour", sweep, false), passing("reading alone", read, false),
		},
		bars: []bar{{beside: "reading alone", floor: 2, aim: 1.2, gross: 4, lower: true}},
	}
}

// processor is what this process has used.
func processor() (time.Duration, error) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), err
}

// openOffice is a store with requests that are open, each with its cards on the screens of
// those who may release it.
type openOffice struct {
	store   storage.Store
	channel *chat.Channel
	now     time.Time
	sweeper *chat.Sweeper
}

// opened is one with so many cards. It lasts as long as the process.
func opened(cards int) (_ *openOffice, err error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "sidem-bench-sweep")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }() // the file is open, and gone with the process
	o := &openOffice{now: time.Date(2026, time.November, 25, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return o.now }
	dsn, _, err := onSQLite(dir)
	if err != nil {
		return nil, err
	}
	if o.store, err = storage.Open(ctx, dsn, storage.Options{Now: clock}); err != nil {
		return nil, err
	}
	seal := card.NewSealer(make([]byte, 32))
	o.channel = chat.New(chat.Config{
		Platform: "telegram", Poster: &screenless{}, Sessions: o.store, Now: clock,
		Scenes: &desk.Desk{Ledger: o.store, Sessions: o.store, Now: clock, Office: core.Office{
			Calendar: core.NewCalendar(time.UTC, nil, 2026), Targets: core.DefaultTargets, GateWarns: true,
		}},
		Draw: func(s core.Scene) card.Card { return card.Of(s, seal) },
		Gone: func(core.Kind) card.Card { return card.Card{} },
	})
	if err := atOnce(callers, holders, func(i int) error { return o.store.Commit(ctx, secretary(i, o.now)) }); err != nil {
		return nil, err
	}
	err = atOnce(callers, cards/holders, func(i int) error {
		c := request(i, o.now)
		if err := o.store.Commit(ctx, c); err != nil {
			return err
		}
		for h := range holders {
			if _, err := o.channel.Send(ctx, desk.CardItem(c.Record.ID, holder(h), "telegram", o.now, outbox.Payload{})); err != nil {
				return err
			}
		}
		return nil
	})
	return o, err
}

func (o *openOffice) newSweeper() *chat.Sweeper {
	return &chat.Sweeper{
		Channels: []*chat.Channel{o.channel}, Places: o.store, Records: o.store, Outbox: o.store,
		Now: func() time.Time { return o.now.Add(10 * time.Minute) }, Log: slog.New(slog.DiscardHandler), Pause: time.Nanosecond,
	}
}

func sweep(ctx context.Context, o *openOffice) error {
	asked, err := o.sweeper.Pass(ctx)
	if err == nil && asked > 0 {
		err = fmt.Errorf("%d cards are asked for, though nothing has changed", asked)
	}
	return err
}

// read reads what a sweep must know in any case: the open requests and the places of their
// cards.
func read(ctx context.Context, o *openOffice) error {
	q := desk.Query{Terms: []string{core.TermState(core.KindRequest, core.StateFiled)}, Limit: 100}
	for {
		page, err := o.store.List(ctx, q)
		if err != nil {
			return err
		}
		var prefixes []string
		for _, r := range page.Records {
			prefixes = append(prefixes, screen.CardPrefix+r.ID+":")
		}
		if _, err := o.store.Values(ctx, prefixes, o.now); err != nil {
			return err
		}
		if q.After = page.Next; q.After == "" {
			return nil
		}
	}
}

// screenless is a platform that takes everything.
type screenless struct {
	mu sync.Mutex
	n  int
}

func (s *screenless) Post(_ context.Context, person string, _ card.Card, _ card.Ref) (card.Ref, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	return card.Ref{Chat: person, Message: fmt.Sprint(s.n)}, nil
}

func (*screenless) Edit(context.Context, card.Ref, card.Card) error { return nil }
func (*screenless) Remove(context.Context, card.Ref) error          { return nil }

func holder(i int) string { return fmt.Sprint("secretary", i) }

// secretary is an account that may release, with a chat.
func secretary(i int, now time.Time) desk.Commit {
	events := core.Seal(core.Record{}, []core.Event{{
		Kind: core.KindAccount, Record: holder(i), Agency: "A", Verb: core.VerbApply, To: core.StateActive, At: now.AddDate(0, 0, -30), By: "root",
		Fields: map[core.Field]string{core.FieldName: "Persona Una", core.FieldUser: fmt.Sprint("p", i)},
	}})
	r := core.Apply(core.Record{}, events[0])
	r.Roles, r.Links = []core.Role{core.RoleSecretary}, []core.Link{{Platform: "telegram", ID: fmt.Sprint(i)}}
	return desk.Commit{Record: r, Events: events, Now: now}
}

// request is one that waits for its release.
func request(i int, now time.Time) desk.Commit {
	at := now.Add(-time.Hour)
	events := core.Seal(core.Record{}, []core.Event{{
		Kind: core.KindRequest, Record: fmt.Sprintf("r%06d", i), Agency: "A", Number: fmt.Sprintf("%06d/2026", i), Verb: core.VerbFile, To: core.StateFiled,
		At: at, By: "lucia", ByName: "Lucía Herrera", Fields: map[core.Field]string{core.FieldSubject: "Renovación de licencias de cómputo"},
	}})
	return desk.Commit{Record: core.Apply(core.Record{}, events[0]), Events: events, Now: at}
}
