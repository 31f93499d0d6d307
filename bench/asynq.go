package main

import (
	"context"
	"encoding/json"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"

	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// withAsynq starts a server of Redis as asynq's own.
func withAsynq(dir, fsync string, use func(asynq.RedisClientOpt) (float64, error)) (float64, error) {
	server, err := redistest.Launch(dir, redistest.Options{Fsync: fsync})
	if err != nil {
		return 0, err
	}
	defer server.Close()
	o := server.Admin.Options()
	return use(asynq.RedisClientOpt{Addr: o.Addr, Username: o.Username, Password: o.Password})
}

// asynqServer looks for work a hundred times a second, where its default is once.
func asynqServer(opt asynq.RedisClientOpt) *asynq.Server {
	return asynq.NewServer(opt, asynq.Config{Concurrency: workers, TaskCheckInterval: 10 * time.Millisecond, LogLevel: asynq.FatalLevel})
}

type payload struct {
	Account string `json:"account"`
	Record  string `json:"record"`
	Mail    string `json:"mail"`
}

func task(i int) *asynq.Task {
	body, err := json.Marshal(payload{Account: "a" + strconv.Itoa(i), Record: strconv.Itoa(i), Mail: "turn"})
	if err != nil { // it holds plain values only
		panic(err)
	}
	return asynq.NewTask("mail", body)
}

// asynqDelivers has n tasks, which are there when it begins, handed to a handler that
// takes them at once. The last few may not be acknowledged when the time is taken.
func asynqDelivers(fsync string, n int) func(context.Context, string) (float64, error) {
	return func(ctx context.Context, dir string) (float64, error) {
		return withAsynq(dir, fsync, func(opt asynq.RedisClientOpt) (float64, error) {
			client := asynq.NewClient(opt)
			defer func() { _ = client.Close() }()
			if err := atOnce(workers, n, func(i int) error { _, err := client.EnqueueContext(ctx, task(i)); return err }); err != nil {
				return 0, err
			}
			var left atomic.Int64
			left.Store(int64(n))
			all := make(chan struct{})
			server := asynqServer(opt)
			began := time.Now()
			err := server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
				if left.Add(-1) == 0 {
					close(all)
				}
				return nil
			}))
			if err != nil {
				return 0, err
			}
			defer server.Shutdown()
			select {
			case <-all:
				return float64(n) / time.Since(began).Seconds(), nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		})
	}
}

// asynqReaches is the time from a task that is enqueued to its handler.
func asynqReaches(fsync string, n int) func(context.Context, string) (float64, error) {
	return func(ctx context.Context, dir string) (float64, error) {
		return withAsynq(dir, fsync, func(opt asynq.RedisClientOpt) (float64, error) {
			client := asynq.NewClient(opt)
			defer func() { _ = client.Close() }()
			arrived, wait := pace(ctx, n, func(i int) error { _, err := client.EnqueueContext(ctx, task(i)); return err })
			server := asynqServer(opt)
			err := server.Start(asynq.HandlerFunc(func(_ context.Context, t *asynq.Task) error {
				var p payload
				if err := json.Unmarshal(t.Payload(), &p); err != nil {
					return err
				}
				i, err := strconv.Atoi(p.Record)
				if err == nil {
					arrived(i)
				}
				return err
			}))
			if err != nil {
				return 0, err
			}
			defer server.Shutdown()
			return wait()
		})
	}
}

// atOnce has n calls made by as many callers.
func atOnce(callers, n int, do func(i int) error) error {
	var wg sync.WaitGroup
	errs := make(chan error, callers)
	for c := range callers {
		wg.Go(func() {
			for i := c; i < n; i += callers {
				if err := do(i); err != nil {
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
