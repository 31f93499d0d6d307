package ops

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

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
		return do(remote{"http://" + cfg.AdminAddr})
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

// remote is a SIDEM that runs, by its admin listener.
type remote struct{ base string }

func (r remote) Items(ctx context.Context, state outbox.State, after string, _ int) (items []outbox.Item, err error) {
	q := url.Values{"state": {string(state)}, "after": {after}}
	err = r.call(ctx, http.MethodGet, "/outbox/items?"+q.Encode(), nil, &items)
	return items, err
}

func (r remote) replay(ctx context.Context, ask app.Replay) (n int, err error) {
	body, err := json.Marshal(ask)
	if err == nil {
		err = r.call(ctx, http.MethodPost, "/outbox/replay", body, &n)
	}
	return n, err
}

func (r remote) call(ctx context.Context, method, path string, body []byte, result any) error {
	req, err := http.NewRequestWithContext(ctx, method, r.base+path, bytes.NewReader(body))
	if err != nil {
		return office.Misconfigured(err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: time.Minute}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("another SIDEM holds the store, and does not answer at its admin listener: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1000)) // the status tells as well
		return fmt.Errorf("admin listener: %s: %s", res.Status, bytes.TrimSpace(text))
	}
	return json.NewDecoder(res.Body).Decode(result)
}
