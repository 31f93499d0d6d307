package ops

import (
	"context"
	"errors"
	"log/slog"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/storage"
)

// EachItem visits the items of the outbox that are in a state, "" for all, in the
// order of their creation. It reads the store, or asks the SIDEM that holds it.
func EachItem(ctx context.Context, cfg *office.Config, log *slog.Logger, state outbox.State, visit func(outbox.Item) error) error {
	return withShelf(ctx, cfg, log, func(s shelf) error { return app.Each(ctx, s, state, visit) })
}

// Replay has dead items tried again, and returns how many. It works on the store,
// or through the SIDEM that holds it.
func Replay(ctx context.Context, cfg *office.Config, log *slog.Logger, ask app.Replay) (n int, err error) {
	err = withShelf(ctx, cfg, log, func(s shelf) (err error) {
		n, err = s.replay(ctx, ask)
		return err
	})
	return n, err
}

// shelf is an outbox, as far as the commands go.
type shelf interface {
	app.Lister
	replay(ctx context.Context, r app.Replay) (int, error)
}

// withShelf has do work on the store; or on that of a running SIDEM, by its
// admin listener, when it holds the file.
func withShelf(ctx context.Context, cfg *office.Config, log *slog.Logger, do func(shelf) error) error {
	if err := mustExist(cfg); err != nil {
		return err
	}
	a, err := app.Open(ctx, *cfg, app.Options{Log: log})
	if errors.Is(err, storage.ErrLocked) && cfg.AdminAddr != "off" {
		return do(remote{cfg, log, err})
	}
	if err != nil {
		return err
	}
	return errors.Join(do(local{a}), a.Close())
}

type local struct{ *app.App }

func (l local) Items(ctx context.Context, state outbox.State, after string, limit int) ([]outbox.Item, error) {
	return l.Store.Items(ctx, state, after, limit)
}

func (l local) replay(ctx context.Context, r app.Replay) (int, error) {
	return r.On(ctx, l.Store, l.Clock.Now())
}

// remote is the outbox of a SIDEM that runs.
type remote struct {
	cfg    *office.Config
	log    *slog.Logger
	locked error // what the store said
}

// Items reads the store beside it.
func (r remote) Items(ctx context.Context, state outbox.State, after string, limit int) ([]outbox.Item, error) {
	s, err := openStore(ctx, r.cfg, r.log, true)
	if err != nil {
		return nil, err
	}
	items, err := s.Items(ctx, state, after, limit)
	return items, errors.Join(err, s.Close())
}

func (r remote) replay(ctx context.Context, what app.Replay) (int, error) {
	return ask(ctx, r.cfg, r.log, app.DoReplay, what, r.locked)
}
