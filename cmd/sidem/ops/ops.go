// Package ops is what an operator's commands do: it takes values and returns values; whoever calls it
// has read the flags and prints what came of them.
package ops

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/storage"
)

// CheckError says that what was looked at is not as it should be, though the looking went well.
type CheckError struct{ Err error }

func (e *CheckError) Error() string { return e.Err.Error() }

func (e *CheckError) Unwrap() error { return e.Err }

// mustExist refuses an address at which there is no store: a slip of the pen is not to
// make one, and call it empty and without faults.
func mustExist(cfg *office.Config) error {
	path, ok := strings.CutPrefix(cfg.Store.Reveal(), "sqlite:")
	if !ok {
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return office.Misconfigured(fmt.Errorf("SIDEM_STORE: there is no store at %s", path))
	}
	return nil
}

// openReader opens the store, which must be there, to read; of a SQLite file that a running
// SIDEM has, its state at this moment. now is the business time.
func openReader(ctx context.Context, cfg *office.Config, log *slog.Logger) (s storage.Store, now time.Time, err error) {
	if err := mustExist(cfg); err != nil {
		return nil, time.Time{}, err
	}
	return openOrMake(ctx, cfg, log)
}

// openOrMake is openReader where a new office may have no store yet.
func openOrMake(ctx context.Context, cfg *office.Config, log *slog.Logger) (s storage.Store, now time.Time, err error) {
	c, err := app.ClockOf(cfg, log)
	if err != nil {
		return nil, time.Time{}, err
	}
	opts := storage.Options{Now: c.Now, Log: log}
	s, err = storage.Open(ctx, cfg.Store.Reveal(), opts)
	if errors.Is(err, storage.ErrLocked) {
		opts.ReadOnly = true
		s, err = storage.Open(ctx, cfg.Store.Reveal(), opts)
	}
	if errors.Is(err, storage.ErrAddress) {
		err = office.Misconfigured(err)
	}
	return s, c.Now(), err
}

// openStore opens the store by itself: no piece of SIDEM runs on it, or writes to it.
func openStore(ctx context.Context, cfg *office.Config, log *slog.Logger, reading bool) (storage.Store, error) {
	c, err := app.ClockOf(cfg, log)
	if err != nil {
		return nil, err
	}
	s, err := storage.Open(ctx, cfg.Store.Reveal(), storage.Options{Now: c.Now, Log: log, ReadOnly: reading})
	if errors.Is(err, storage.ErrAddress) {
		return nil, office.Misconfigured(err)
	}
	return s, err
}

// Ready asks /readyz of the admin listener of a running SIDEM; a CheckError says
// that none answers there, or that it takes no traffic.
func Ready(ctx context.Context, cfg *office.Config) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+cfg.AdminAddr+"/readyz", nil)
	if err != nil {
		return office.Misconfigured(err)
	}
	client := http.Client{Timeout: 2 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		return &CheckError{err}
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return &CheckError{fmt.Errorf("not ready: %s", res.Status)}
	}
	return nil
}

// openAlone opens the store that is there for a change that nobody who runs can be asked for:
// a SQLite file that a running SIDEM holds is refused.
func openAlone(ctx context.Context, cfg *office.Config, log *slog.Logger) (storage.Store, error) {
	if err := mustExist(cfg); err != nil {
		return nil, err
	}
	s, err := openStore(ctx, cfg, log, false)
	if errors.Is(err, storage.ErrLocked) {
		return nil, fmt.Errorf("%w; stop it first", err)
	}
	return s, err
}
