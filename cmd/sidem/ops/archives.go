package ops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/notifier/maintenance"
	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/files"
)

// ErrNoArchive says that no request with a number was archived.
var ErrNoArchive = errors.New("no request with this number was archived: sidem archive list tells what was")

// Archives are what requests left for, in the order in which they were made. It works beside
// a running SIDEM.
func Archives(ctx context.Context, cfg *office.Config, log *slog.Logger) (out []core.Record, err error) {
	s, _, err := openReader(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return (&maintenance.Archiving{Ledger: s}).All(ctx)
}

// Bring has an archived request come back into the store, where it stays for three months at
// the least. A SQLite file must not be open in a running SIDEM; on Redis it works beside one.
func Bring(ctx context.Context, cfg *office.Config, log *slog.Logger, number string) (r core.Record, err error) {
	clock, err := app.ClockOf(cfg, log)
	if err != nil {
		return r, err
	}
	s, err := openAlone(ctx, cfg, log)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	archives, err := openArchives(ctx, cfg, log, s, false)
	if err != nil {
		return r, err
	}
	r, err = archives.Bring(ctx, number, clock.Now())
	if errors.Is(err, desk.ErrNotFound) {
		return r, ErrNoArchive
	}
	return r, err
}

// openArchives is what reads the archives of a store; it archives nothing by itself.
func openArchives(ctx context.Context, cfg *office.Config, log *slog.Logger, s storage.Store, reading bool) (*maintenance.Archiving, error) {
	opts := cfg.FilesOptions(log)
	opts.ReadOnly = reading
	kept, err := files.Open(ctx, cfg.Files, opts)
	if errors.Is(err, files.ErrAddress) {
		return nil, office.Misconfigured(err)
	}
	if err != nil {
		return nil, fmt.Errorf("SIDEM_FILES: %w", err)
	}
	return app.Archiving(s, kept, core.Retention{}, log), nil
}

// withdraw has the archived requests come back that name the person of an account, so that
// their data are taken out of them as out of any other.
func withdraw(ctx context.Context, cfg *office.Config, log *slog.Logger, s storage.Store, account string, now time.Time) (int, error) {
	some, err := (&maintenance.Archiving{Ledger: s}).All(ctx)
	if err != nil || len(some) == 0 {
		return 0, err
	}
	trail, err := s.Trail(ctx, account, 0, 0)
	if err != nil {
		return 0, fmt.Errorf("trail of %s: %w", account, err)
	}
	archives, err := openArchives(ctx, cfg, log, s, false)
	if err != nil {
		return 0, err
	}
	person := core.SubjectOf(account, trail)
	n, err := archives.Withdraw(ctx, func(e core.Event) bool { _, named := person.Black(e); return named }, now)
	if err != nil {
		return n, fmt.Errorf("the archives may name them, and nothing was erased yet: %w", err)
	}
	return n, nil
}
