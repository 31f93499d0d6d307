package app

import (
	"context"

	"sidem.gob.mx/sidem/cmd/sidem/app/tracing"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// follow has acts followed, where somebody collects their traces.
func (a *App) follow(ctx context.Context) (err error) {
	if a.cfg.OTLPEndpoint == "" {
		return nil
	}
	a.trace, err = tracing.Open(ctx, tracing.Options{Endpoint: a.cfg.OTLPEndpoint, Version: built().version, Dial: a.dial, Log: a.log})
	if err != nil {
		return err
	}
	a.Store = tracedStore{a.Store, a.trace}
	return nil
}

// fallback is what follows an item that is buried, for the acts for which that was owed.
func (a *App) fallback(ctx context.Context, it outbox.Item, cause error) ([]outbox.Item, error) {
	items, err := a.Desk.Fallback(ctx, it, cause)
	return tracing.Inherit(it, items), err
}

// tracedStore tells what an act asks of its store, and has what is committed carry it.
type tracedStore struct {
	Store
	trace *tracing.Tracer
}

func (s tracedStore) Gather(ctx context.Context, w desk.Wanted) (_ desk.Gathered, err error) {
	ctx, end := s.trace.Store(ctx, "gather")
	defer func() { end(err) }()
	return s.Store.Gather(ctx, w)
}

func (s tracedStore) List(ctx context.Context, q desk.Query) (_ desk.Page, err error) {
	ctx, end := s.trace.Store(ctx, "list")
	defer func() { end(err) }()
	return s.Store.List(ctx, q)
}

func (s tracedStore) Commit(ctx context.Context, c desk.Commit) (err error) {
	ctx, end := s.trace.Store(ctx, "commit")
	defer func() { end(err) }()
	c.Items = s.trace.Mark(ctx, c.Items)
	return s.Store.Commit(ctx, c)
}
