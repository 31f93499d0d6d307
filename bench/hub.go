package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/notifier/notifiertest"
	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// workers is how many handlers run at once, of each who has such a number.
const workers = 50

// address starts the store of an entrant, and says how it is opened.
type address func(dir string) (dsn string, stop func(), err error)

// onSQLite is a file of its own, with WAL and synchronous=FULL, as SIDEM always has it.
func onSQLite(dir string) (string, func(), error) {
	return "sqlite:" + filepath.Join(dir, "sidem.db"), func() {}, nil
}

// onRedis is a server of its own, with an append-only file that is synced so often.
func onRedis(fsync string) address {
	return func(dir string) (string, func(), error) {
		server, err := redistest.Launch(dir, redistest.Options{Fsync: fsync})
		if err != nil {
			return "", nil, err
		}
		return server.DSN("sidem"), server.Close, nil
	}
}

// with opens a store for one use of it.
func with(ctx context.Context, dir string, at address, use func(storage.Store) (float64, error)) (float64, error) {
	dsn, stop, err := at(dir)
	if err != nil {
		return 0, err
	}
	defer stop()
	s, err := storage.Open(ctx, dsn, storage.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 0, err
	}
	defer func() { _ = s.Close() }()
	return use(s)
}

// delivers is our hub: with claims that are fenced and renewed, attempts on record, dead
// letters, and stages. The items are there when it begins, and settled when it ends.
func delivers(at address, n int) func(context.Context, string) (float64, error) {
	return func(ctx context.Context, dir string) (float64, error) {
		return with(ctx, dir, at, func(s storage.Store) (float64, error) {
			return notifiertest.Deliver(ctx, s, time.Now, n, workers)
		})
	}
}

// rate is how many are put a second where the time of each is measured.
const rate = 200

// pace calls put n times, so many a second, and returns the 99th percentile, in
// milliseconds, of the times from each call to its arrival. arrived is called with the
// number of an item as it is handed over.
func pace(ctx context.Context, n int, put func(i int) error) (arrived func(i int), wait func() (float64, error)) {
	begun, ended := make([]time.Time, n), make([]time.Time, n)
	var mu sync.Mutex
	left, all := n, make(chan struct{})
	arrived = func(i int) {
		mu.Lock()
		defer mu.Unlock()
		if ended[i].IsZero() {
			ended[i] = time.Now()
			if left--; left == 0 {
				close(all)
			}
		}
	}
	wait = func() (float64, error) {
		tick := time.NewTicker(time.Second / rate)
		defer tick.Stop()
		errs := make(chan error, n)
		for i := range n {
			<-tick.C
			begun[i] = time.Now()
			go func() { errs <- put(i) }()
		}
		for range n {
			if err := <-errs; err != nil {
				return 0, err
			}
		}
		select {
		case <-all:
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(time.Minute):
			return 0, fmt.Errorf("%d of %d did not arrive", left, n)
		}
		took := make([]time.Duration, n)
		for i := range n {
			took[i] = ended[i].Sub(begun[i])
		}
		slices.Sort(took)
		return float64(took[n*99/100]) / float64(time.Millisecond), nil
	}
	return arrived, wait
}

// reaches is the time from an item that is put to our hub's handing it over.
func reaches(at address, n int) func(context.Context, string) (float64, error) {
	return func(ctx context.Context, dir string) (float64, error) {
		return with(ctx, dir, at, func(s storage.Store) (float64, error) {
			put := func(i int) error {
				_, err := s.Add(ctx, time.Now(), outbox.Item{
					Key: fmt.Sprint("mail:", i), Merge: outbox.Once, Lane: outbox.Normal, Account: fmt.Sprint("a", i), Channel: "email", Record: fmt.Sprint(i), What: "mail",
				})
				return err
			}
			arrived, wait := pace(ctx, n, put)
			hub, err := notifier.New(notifier.Config{
				Outbox: s, Now: time.Now, Workers: workers, Senders: map[string]notifier.Sender{"email": handing(arrived)}, Log: slog.New(slog.DiscardHandler),
			})
			if err != nil {
				return 0, err
			}
			ctx, stop := context.WithCancel(ctx)
			done := make(chan error, 1)
			go func() { done <- hub.Run(ctx) }()
			v, err := wait()
			stop()
			if ended := <-done; err == nil {
				err = ended
			}
			return v, err
		})
	}
}

// handing is a channel that says which item it was handed.
type handing func(i int)

func (h handing) Send(_ context.Context, it outbox.Item) (string, error) {
	var i int
	if _, err := fmt.Sscan(it.Record, &i); err != nil {
		return "", outbox.Permanent(err)
	}
	h(i)
	return "taken", nil
}
