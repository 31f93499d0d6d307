//go:build e2e

package kill

import (
	"context"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// mortal is a store that kills the process at its nth change: just before it
// for n > 0, just after it for n < 0.
type mortal struct {
	app.Store
	at    int64
	count atomic.Int64
}

func (m *mortal) before() int64 {
	n := m.count.Add(1)
	if n == m.at {
		die()
	}
	return n
}

func (m *mortal) after(n int64) {
	if -n == m.at {
		die()
	}
}

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // not one instruction more
}

func (m *mortal) Commit(ctx context.Context, c desk.Commit) error {
	n := m.before()
	err := m.Store.Commit(ctx, c)
	m.after(n)
	return err
}

func (m *mortal) Reserve(ctx context.Context, series, record string) (int, error) {
	n := m.before()
	v, err := m.Store.Reserve(ctx, series, record)
	m.after(n)
	return v, err
}

func (m *mortal) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	n := m.before()
	v, err := m.Store.Put(ctx, key, value, rev, now, expires)
	m.after(n)
	return v, err
}

func (m *mortal) Enter(ctx context.Context, e desk.Entry, now time.Time) (desk.Entered, error) {
	n := m.before()
	out, err := m.Store.Enter(ctx, e, now)
	m.after(n)
	return out, err
}

func (m *mortal) Leave(ctx context.Context, key, mark string, value []byte, now, expires time.Time) error {
	n := m.before()
	err := m.Store.Leave(ctx, key, mark, value, now, expires)
	m.after(n)
	return err
}

func (m *mortal) Settle(ctx context.Context, now time.Time, results []outbox.Result) (int, error) {
	n := m.before()
	v, err := m.Store.Settle(ctx, now, results)
	m.after(n)
	return v, err
}

func (m *mortal) Claim(ctx context.Context, now time.Time, limit int, lease time.Duration) ([]outbox.Item, error) {
	items, err := m.Store.Claim(ctx, now, limit, lease)
	if len(items) > 0 { // a claim of nothing changes nothing
		m.after(m.before())
	}
	return items, err
}

func (m *mortal) Add(ctx context.Context, now time.Time, items ...outbox.Item) (int, error) {
	n := m.before()
	v, err := m.Store.Add(ctx, now, items...)
	m.after(n)
	return v, err
}
