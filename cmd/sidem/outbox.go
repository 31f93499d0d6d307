package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/office"
	"sidem/core/outbox"
	"sidem/storage"
)

// outboxCmd shows the outbox and has dead items tried again. It works on the
// store, or through the SIDEM that holds it.
type outboxCmd struct {
	List   outboxListCmd   `cmd:"" help:"List items."`
	Replay outboxReplayCmd `cmd:"" help:"Have dead items tried again."`
}

// shelf is an outbox, as far as the command goes.
type shelf interface {
	app.Lister
	replay(ctx context.Context, r app.Replay) (int, error)
}

// withShelf has do work on the store; or on that of a running SIDEM, by its
// admin listener, when it holds the file.
func withShelf(ctx context.Context, cfg *office.Config, log *slog.Logger, do func(shelf) error) error {
	if path, ok := strings.CutPrefix(cfg.Store.Reveal(), "sqlite:"); ok {
		// A slip of the pen is not to make a store, and call it empty.
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return office.Misconfigured(fmt.Errorf("SIDEM_STORE: there is no store at %s", path))
		}
	}
	a, err := start(ctx, *cfg, log)
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

type outboxListCmd struct {
	State string `help:"Only those that are live, sent, moot or dead." enum:",live,sent,moot,dead" default:""`
	JSON  bool   `help:"Print one JSON object per item."`
}

// Run prints items in the order of their creation.
func (c outboxListCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	return withShelf(ctx, cfg, log, func(s shelf) error {
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		if !c.JSON {
			_, _ = fmt.Fprintln(table, "ID\tSTATE\tCHANNEL\tTRIES\tDUE\tKEY\tLAST")
		}
		n := 0
		err := app.Each(ctx, s, outbox.State(c.State), func(it outbox.Item) error {
			n++
			if c.JSON {
				return json.NewEncoder(out).Encode(it)
			}
			_, err := fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", it.ID, it.State, it.Channel, it.Tries, it.Due.UTC().Format(time.RFC3339), it.Key, last(it))
			return err
		})
		if err != nil || c.JSON {
			return err
		}
		_, _ = fmt.Fprintln(table, items(n))
		return table.Flush()
	})
}

// items is a number of them, in words.
func items(n int) string {
	if n == 1 {
		return "1 item"
	}
	return fmt.Sprintf("%d items", n)
}

// last is what came of the latest attempt, in one word and its note.
func last(it outbox.Item) string {
	if len(it.Attempts) == 0 {
		return "-"
	}
	a := it.Attempts[len(it.Attempts)-1]
	if a.Note == "" {
		return string(a.Outcome)
	}
	return string(a.Outcome) + ": " + a.Note
}

type outboxReplayCmd struct {
	ID     []string      `name:"id" help:"An item, by its id; may be given more than once."`
	All    bool          `help:"All dead items."`
	Spread time.Duration `help:"Over how long they are spread, so that they do not come all at once." default:"10m"`
}

// Run has items tried again.
func (c outboxReplayCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	if c.All == (len(c.ID) > 0) {
		return office.Misconfigured(errors.New("outbox replay: say which: --id ID, or --all"))
	}
	if c.Spread < 0 {
		return office.Misconfigured(fmt.Errorf("outbox replay: --spread %s ends before it begins", c.Spread))
	}
	slices.Sort(c.ID)
	c.ID = slices.Compact(c.ID)
	return withShelf(ctx, cfg, log, func(s shelf) error {
		n, err := s.replay(ctx, app.Replay{IDs: c.ID, Spread: c.Spread})
		if err != nil {
			return err
		}
		text := items(n) + " owed again"
		if n > 1 && c.Spread > 0 {
			text += ", spread over " + c.Spread.String()
		}
		if _, err = fmt.Fprintln(out, text); err != nil {
			return err
		}
		if len(c.ID) > n {
			return fmt.Errorf("outbox replay: %d of the %d ids name no dead item, or one whose key is owed already (sidem outbox list --state dead)", len(c.ID)-n, len(c.ID))
		}
		return nil
	})
}
