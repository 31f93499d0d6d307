package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/core/outbox"
)

// outboxCmd shows the outbox and has dead items tried again. It works on the
// store, or through the SIDEM that holds it.
type outboxCmd struct {
	List   outboxListCmd   `cmd:"" help:"List items."`
	Replay outboxReplayCmd `cmd:"" help:"Have dead items tried again."`
}

type outboxListCmd struct {
	State string `help:"Only those that are live, sent, moot or dead." enum:",live,sent,moot,dead" default:""`
	JSON  bool   `help:"Print one JSON object per item."`
}

// Run prints items in the order of their creation.
func (c outboxListCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	n := 0
	if !c.JSON {
		_, _ = fmt.Fprintln(table, "ID\tSTATE\tCHANNEL\tTRIES\tDUE\tKEY\tLAST")
	}
	err := ops.EachItem(ctx, cfg, log, outbox.State(c.State), func(it outbox.Item) error {
		if n++; c.JSON {
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
}

// items is a number of them, in words.
func items(n int) string {
	if n == 1 {
		return "1 item"
	}
	return fmt.Sprintf("%d items", n)
}

// last is what came of the latest attempt: its outcome, what it waits for, and its note.
func last(it outbox.Item) string {
	if len(it.Attempts) == 0 {
		return "-"
	}
	a := it.Attempts[len(it.Attempts)-1]
	words := []string{string(a.Outcome)}
	if a.Uncertain {
		words = append(words, "uncertain")
	}
	if w := a.Waits(); w.For != "" {
		words = append(words, "waits for "+string(w.For))
	}
	if a.Note != "" {
		words = append(words, a.Note)
	}
	return strings.Join(words, ": ")
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
	n, err := ops.Replay(ctx, cfg, log, app.Replay{IDs: c.ID, Spread: c.Spread})
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
}
