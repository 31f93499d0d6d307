package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"sidem.gob.mx/sidem/core/outbox"
)

// maxGroup bounds how many calls share a transaction, and with it how long the first waits for the last.
const maxGroup = 256

// The stages of a call. It leaves queued once, to one of the others.
const (
	queued int32 = iota
	begun
	dropped
)

// call is one caller's write, from the queue to the verdict.
type call struct {
	ctx   context.Context // of the caller: looked at until the call begins
	do    func(*tx) error
	stage atomic.Int32
	err   error         // the verdict, once done is closed
	done  chan struct{} // closed by the writer
}

// writer owns the only connection that writes, and the goroutine that uses it.
type writer struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt // by text; used by the goroutine only
	queue chan *call
	wake  chan<- struct{}
	group int

	stop, stopped chan struct{}
}

func newWriter(ctx context.Context, db *sql.DB, group int, wake chan<- struct{}) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if group == 0 {
		group = maxGroup
	}
	w := &writer{
		conn: conn, stmts: map[string]*sql.Stmt{}, queue: make(chan *call, maxGroup), wake: wake, group: group,
		stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	// A transaction is begun, filled and ended whatever becomes of the one who opened the store.
	go w.run(context.WithoutCancel(ctx))
	return w, nil
}

// do queues a write and waits for its verdict. If ctx ends before the write
// has begun, it never begins; after that the verdict is waited for.
func (w *writer) do(ctx context.Context, do func(*tx) error) error {
	c := &call{ctx: ctx, do: do, done: make(chan struct{})}
	select {
	case <-w.stop:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	case w.queue <- c:
	}
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
		if c.stage.CompareAndSwap(queued, dropped) {
			return ctx.Err()
		}
	case <-w.stopped:
		if c.stage.CompareAndSwap(queued, dropped) {
			return ErrClosed
		}
	}
	<-c.done
	return c.err
}

func (w *writer) run(ctx context.Context) {
	defer close(w.stopped)
	for {
		select {
		case <-w.stop:
			return
		case c := <-w.queue:
			w.together(ctx, c)
		}
	}
}

// together commits first and those that wait behind it, then answers them all.
func (w *writer) together(ctx context.Context, first *call) {
	calls, done, err := w.transaction(ctx, first)
	for _, c := range calls {
		if err != nil {
			// A verdict of any kind may rest on what another call of the group
			// wrote, and that is undone.
			c.err = err
		}
		close(c.done)
	}
	if err == nil && done.wake {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// transaction runs first and those that wait behind it, each in a savepoint,
// and commits. It returns those that have begun; an error undid them all.
func (w *writer) transaction(ctx context.Context, first *call) (calls []*call, done effects, err error) {
	if _, err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		w.rollback(ctx)
		if first.stage.CompareAndSwap(queued, begun) {
			calls = append(calls, first)
		}
		return calls, done, fmt.Errorf("begin: %w", err)
	}
	for c := first; c != nil; c = w.next(len(calls)) {
		if !c.stage.CompareAndSwap(queued, begun) {
			continue
		}
		calls = append(calls, c)
		if c.err = c.ctx.Err(); c.err != nil {
			continue
		}
		did, err := w.one(ctx, c)
		if err != nil {
			w.rollback(ctx)
			return calls, done, err
		}
		done.add(did)
	}
	if err := w.count(ctx, done); err != nil {
		w.rollback(ctx)
		return calls, done, fmt.Errorf("tally: %w", err)
	}
	if _, err := w.exec(ctx, "COMMIT"); err != nil {
		w.rollback(ctx)
		return calls, done, fmt.Errorf("commit: %w", err)
	}
	return calls, done, nil
}

// next is a call that waits to join the n that have begun; nil if there is none.
func (w *writer) next(n int) *call {
	if n >= w.group {
		return nil
	}
	for range 2 {
		select {
		case c := <-w.queue:
			return c
		default:
			// Those who were answered last may be about to ask again: let them.
			runtime.Gosched()
		}
	}
	return nil
}

// one runs call c in a savepoint and leaves its verdict in it. The error is not
// the call's: the transaction as a whole is lost.
func (w *writer) one(ctx context.Context, c *call) (effects, error) {
	if _, err := w.exec(ctx, "SAVEPOINT call"); err != nil {
		return effects{}, fmt.Errorf("savepoint: %w", err)
	}
	t := &tx{ctx: ctx, w: w}
	if c.err = t.protect(c.do); c.err != nil {
		t.effects = effects{}
		// It fails when SQLite has given up the whole transaction by itself, as
		// it does when the disk is full.
		if _, err := w.exec(ctx, "ROLLBACK TO call"); err != nil {
			return effects{}, fmt.Errorf("undo: %w", errors.Join(c.err, err))
		}
	}
	if _, err := w.exec(ctx, "RELEASE call"); err != nil {
		return effects{}, fmt.Errorf("release: %w", err)
	}
	return t.effects, nil
}

// rollback ends a transaction that is lost. It fails when SQLite has ended it by
// itself, which is as well; should it fail otherwise, the next BEGIN tells.
func (w *writer) rollback(ctx context.Context) { _, _ = w.exec(ctx, "ROLLBACK") }

func (w *writer) count(ctx context.Context, done effects) error {
	if done.created == 0 && done.live == 0 && done.sent == 0 && done.moot == 0 && done.dead == 0 && done.purged == 0 {
		return nil
	}
	_, err := w.exec(ctx, `UPDATE tally SET created = created + ?, live = live + ?, sent = sent + ?, moot = moot + ?, dead = dead + ?, purged = purged + ?`,
		done.created, done.live, done.sent, done.moot, done.dead, done.purged)
	return err
}

func (w *writer) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := w.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// stmt is the prepared statement of a text.
func (w *writer) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	w.stmts[query] = s
	return s, nil
}

// close stops the goroutine, waits for it, and gives the connection back.
func (w *writer) close() error {
	close(w.stop)
	<-w.stopped
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

// effects are what calls did beside their rows: how the tally moves, and
// whether those who wait for items should look again.
type effects struct {
	created, live, sent, moot, dead, purged int
	wake                                    bool
}

func (e *effects) add(o effects) {
	e.created += o.created
	e.live += o.live
	e.sent += o.sent
	e.moot += o.moot
	e.dead += o.dead
	e.purged += o.purged
	e.wake = e.wake || o.wake
}

// moved counts n items in a state.
func (e *effects) moved(s outbox.State, n int) {
	switch s {
	case outbox.Live:
		e.live += n
	case outbox.Sent:
		e.sent += n
	case outbox.Moot:
		e.moot += n
	case outbox.Dead:
		e.dead += n
	}
}

// tx is what a write may use while it runs.
type tx struct {
	ctx context.Context
	w   *writer
	effects
	last int64 // the id of the item that was loaded last
}

// protect runs do and makes an error of its panic, so that it hurts nobody else.
func (t *tx) protect(do func(*tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do(t)
}

func (t *tx) exec(query string, args ...any) (sql.Result, error) {
	return t.w.exec(t.ctx, query, args...)
}

// find scans the first row of a query; it reports false if there is none.
func (t *tx) find(query string, args []any, into ...any) (bool, error) {
	s, err := t.w.stmt(t.ctx, query)
	if err != nil {
		return false, err
	}
	err = s.QueryRowContext(t.ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// rows calls scan for each row of a query, and returns when all are read.
func (t *tx) rows(query string, args []any, scan func(*sql.Rows) error) error {
	s, err := t.w.stmt(t.ctx, query)
	if err != nil {
		return err
	}
	return each(t.ctx, s, args, scan)
}

func each(ctx context.Context, s *sql.Stmt, args []any, scan func(*sql.Rows) error) (err error) {
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
