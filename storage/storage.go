// Package storage opens the store that an address names: SQLite in a file, or Redis.
package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/notifier/maintenance"
	"sidem.gob.mx/sidem/storage/archive"
	"sidem.gob.mx/sidem/storage/redis"
	"sidem.gob.mx/sidem/storage/sqlite"
)

// Store is all that SIDEM keeps. One that is shared by replicas is also a
// notifier.Throttle, which they share.
type Store interface {
	desk.Ledger
	desk.Books
	desk.Sessions
	notifier.Outbox
	desk.Eraser
	maintenance.History
	maintenance.Vault
	archive.Source
	archive.Target
	Close() error
}

var (
	_ Store = (*sqlite.Store)(nil)
	_ Store = (*redis.Store)(nil)
)

// The errors of Open.
var (
	// ErrAddress says that the address names no store that SIDEM knows.
	ErrAddress = errors.New("want sqlite:PATH, redis://USER:PASSWORD@HOST:PORT/DB or rediss://… (TLS)")
	// ErrLocked says that another process has the file open.
	ErrLocked = sqlite.ErrLocked
)

// Options are how to open a Store; the zero value works for one that is only read.
type Options struct {
	Now func() time.Time // the business clock
	Log *slog.Logger     // hears of a server that went away and came back; by default slog.Default()
	// ReadOnly opens a SQLite file beside the process that writes it; what would
	// change it fails. Redis may always be read beside others, where its rows are as this program reads them.
	ReadOnly bool
}

// Open opens the store at an address. Its errors repeat no address whole, since
// one may hold a password.
func Open(ctx context.Context, address string, opts Options) (Store, error) {
	scheme, rest, ok := strings.Cut(address, ":")
	switch {
	case ok && scheme == "sqlite" && rest != "":
		return opened(sqlite.Open(ctx, rest, sqlite.Options{Now: opts.Now, Log: opts.Log, ReadOnly: opts.ReadOnly}))
	case ok && (scheme == "redis" || scheme == "rediss"):
		s, err := opened(redis.Open(ctx, address, redis.Options{Log: opts.Log, ReadOnly: opts.ReadOnly}))
		if errors.Is(err, redis.ErrAddress) {
			err = fmt.Errorf("%w: %w", ErrAddress, err)
		}
		return s, err
	}
	if !ok {
		scheme = "…"
	}
	return nil, fmt.Errorf("store %q: %w", scheme+":…", ErrAddress)
}

// opened keeps a nil *T from becoming a Store that is not nil.
func opened[S Store](s S, err error) (Store, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}
