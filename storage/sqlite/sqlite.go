// Package sqlite keeps ledger, sessions and outbox in one SQLite file: the store of a single machine.
//
// All writes go through one goroutine, which commits the calls that wait at the
// same time in one transaction (group commit), with synchronous=FULL: what was
// answered survives kill -9 and a power cut. Reads have connections of their
// own and never wait for a write. Times are kept in UTC, cut to milliseconds.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

var (
	_ desk.Ledger     = (*Store)(nil)
	_ desk.Sessions   = (*Store)(nil)
	_ notifier.Outbox = (*Store)(nil)
)

// The errors of a Store, beyond those of the interfaces.
var (
	// ErrLocked says that another process has the file open.
	ErrLocked = errors.New("the file is in use by another process")
	// ErrClosed says that the store was closed before the call began.
	ErrClosed = errors.New("the store is closed")
	// ErrReadOnly says that the store was opened for reading.
	ErrReadOnly = errors.New("the store is open for reading only")
)

// Options are how to open a Store; the zero value works for one that is only read.
type Options struct {
	// Now is the business clock, asked once, at Open, to date the return of
	// leases and to forget expired sessions.
	Now func() time.Time
	// ReadOnly opens an existing file beside the process that writes it: it takes
	// no lock and changes nothing, and every writing method fails with ErrReadOnly.
	ReadOnly bool
	// Log hears of a file that is brought to a newer format; nil is nobody.
	Log *slog.Logger

	group int // the most calls in one transaction; 0 is maxGroup
}

// readers is how many reads may run at once; a few are enough for a machine of a few cores.
const readers = 4

// Store is one SQLite file. Its methods are safe for concurrent use.
type Store struct {
	path string
	read *reader
	// The three below are nil when the store is open for reading only.
	lock   *os.File
	db     *sql.DB
	writer *writer

	wake  chan struct{}
	close sync.Once
	err   error // of Close
}

// Open opens the file at path, which it makes if need be (0600, its folder
// 0700), brings its schema up to date, and gives back every lease: no other
// process can hold one. It fails with ErrLocked while another process has the
// file open. The context bounds the opening only.
func Open(ctx context.Context, path string, opts Options) (*Store, error) {
	s, err := open(ctx, path, opts)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string, opts Options) (_ *Store, err error) {
	if path, err = resolve(path); err != nil {
		return nil, err
	}
	if opts.Now == nil && !opts.ReadOnly {
		return nil, errors.New("no business clock")
	}
	s := &Store{path: path, wake: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if !opts.ReadOnly {
		if err := s.openWriter(ctx, opts); err != nil {
			return nil, err
		}
	} else if err := requireCurrent(ctx, path); err != nil {
		return nil, err
	}
	s.read, err = newReader(path)
	return s, err
}

func (s *Store) openWriter(ctx context.Context, opts Options) (err error) {
	if s.lock, err = create(s.path); err != nil {
		return err
	}
	if s.db, err = sql.Open("sqlite", dsn(s.path, false)); err != nil {
		return err
	}
	if err := migrate(ctx, s.db, opts.Log); err != nil {
		return err
	}
	if s.writer, err = newWriter(ctx, s.db, opts.group, s.wake); err != nil {
		return err
	}
	now := cut(opts.Now())
	return s.write(ctx, func(t *tx) error {
		if err := t.forgetSessions(now); err != nil {
			return err
		}
		return t.giveBackLeases(now)
	})
}

// resolve makes path absolute and follows links, so that one file has one lock.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if to, err := filepath.EvalSymlinks(path); err == nil {
		return to, nil
	}
	return path, nil
}

// create makes the folder and the file, and takes the lock.
func create(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	lock, err := acquire(path)
	if err != nil {
		return nil, err
	}
	// SQLite gives its -wal and -shm files the mode of the file itself.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if err := f.Close(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// dsn names the file at path to the driver, with the settings of a connection.
func dsn(path string, reading bool) string {
	q := url.Values{
		"_pragma": {
			"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
			"cache_size(-8000)", "temp_store(MEMORY)", "journal_size_limit(67108864)",
			"secure_delete(FAST)", // what is replaced is overwritten where its page is written anyway
		},
		"_txlock": {"immediate"},
		"_dqs":    {"0"},
	}
	if reading {
		q.Set("_query_only", "1")
		q["_pragma"] = []string{"busy_timeout(5000)", "cache_size(-4000)", "temp_store(MEMORY)"}
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return u.String()
}

// Close ends the store: calls that have begun are finished, those that wait
// fail with ErrClosed. A second Close does nothing and returns what the first did.
func (s *Store) Close() error {
	s.close.Do(func() {
		var errs []error
		if s.writer != nil {
			errs = append(errs, s.writer.close())
		}
		if s.read != nil {
			errs = append(errs, s.read.close())
		}
		if s.db != nil {
			errs = append(errs, s.db.Close())
		}
		if s.lock != nil { // the last: the file is free when all else is done
			errs = append(errs, s.lock.Close())
		}
		if err := errors.Join(errs...); err != nil {
			s.err = fmt.Errorf("sqlite: close %s: %w", s.path, err)
		}
	})
	return s.err
}

// Compact writes the file anew: what was deleted or replaced is in none of its pages,
// nor in the log beside it. It needs as much room again, and holds writers up.
func (s *Store) Compact(ctx context.Context) error {
	if s.db == nil {
		return fmt.Errorf("sqlite: compact: %w", ErrReadOnly)
	}
	for _, step := range []string{`DELETE FROM lists WHERE n = 0`, `VACUUM`, `PRAGMA wal_checkpoint(TRUNCATE)`} {
		if _, err := s.db.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("sqlite: compact: %w", err)
		}
	}
	return nil
}

// Wake receives after items were added or hastened: a hint to look again.
func (s *Store) Wake() <-chan struct{} { return s.wake }

// write runs do in the next transaction and returns when it is durable, or has failed.
func (s *Store) write(ctx context.Context, do func(*tx) error) error {
	if s.writer == nil {
		return ErrReadOnly
	}
	return s.writer.do(ctx, do)
}

// cut is t as the store keeps it. A zero time stays zero.
func cut(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

// cutItem is it with its times as the store keeps them.
func cutItem(it outbox.Item) outbox.Item {
	it.Due, it.Expires = cut(it.Due), cut(it.Expires)
	return it
}
