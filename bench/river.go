package main

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	_ "modernc.org/sqlite" // the driver, also ours
)

type mail struct {
	payload
}

func (mail) Kind() string { return "mail" }

type taking struct {
	river.WorkerDefaults[mail]
	left *atomic.Int64
	all  chan struct{}
}

func (w *taking) Work(context.Context, *river.Job[mail]) error {
	if w.left.Add(-1) == 0 {
		close(w.all)
	}
	return nil
}

// tuned is river as quick as its options make it on SQLite: it looks for work each
// millisecond, and has so many workers that a look brings much.
var tuned = river.Config{
	FetchCooldown: time.Millisecond, FetchPollInterval: time.Millisecond,
	Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1000}},
}

// riverDelivers has n jobs, which are there when it begins, handed to a worker that
// takes them at once, until all are completed; on SQLite with WAL and synchronous=FULL.
func riverDelivers(cfg river.Config, n int) func(context.Context, string) (float64, error) {
	return func(ctx context.Context, dir string) (float64, error) {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "river.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)&_txlock=immediate")
		if err != nil {
			return 0, err
		}
		defer func() { _ = db.Close() }()
		db.SetMaxOpenConns(1) // as its documentation advises
		driver := riversqlite.New(db)
		migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			return 0, err
		}
		if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return 0, err
		}
		w := &taking{left: new(atomic.Int64), all: make(chan struct{})}
		w.left.Store(int64(n))
		cfg.Workers, cfg.Logger = river.NewWorkers(), slog.New(slog.DiscardHandler)
		river.AddWorker(cfg.Workers, w)
		client, err := river.NewClient(driver, &cfg)
		if err != nil {
			return 0, err
		}
		const part = 1000
		for from := 0; from < n; from += part {
			jobs := make([]river.InsertManyParams, min(part, n-from))
			for i := range jobs {
				jobs[i].Args = mail{payload{Account: "a", Record: "r", Mail: "turn"}}
			}
			if _, err := client.InsertManyFast(ctx, jobs); err != nil {
				return 0, err
			}
		}
		began := time.Now()
		if err := client.Start(ctx); err != nil {
			return 0, err
		}
		select {
		case <-w.all:
		case <-ctx.Done():
		}
		if err := client.Stop(ctx); err != nil { // it returns when all are completed
			return 0, err
		}
		return float64(n) / time.Since(began).Seconds(), nil
	}
}
