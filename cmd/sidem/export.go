package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/cmd/sidem/ops/export"
	"sidem.gob.mx/sidem/core"
)

type exportCmd struct {
	Format string `help:"jsonl: one object a line, for programs. xlsx: a workbook, for people. ocel: an event log of the requests (OCEL 2.0), for process mining." enum:"jsonl,xlsx,ocel" default:"jsonl"`
	Output string `short:"o" name:"output" placeholder:"FILE" help:"The file to write, or - for the standard output." default:"-"`
	From   string `placeholder:"YYYY-MM-DD" help:"Only requests that were filed on this day or later, and what belongs to them."`
	To     string `placeholder:"YYYY-MM-DD" help:"Only requests that were filed on this day or earlier, and what belongs to them."`

	period core.Period
}

// Validate reads the days.
func (c *exportCmd) Validate() error {
	for _, day := range []struct {
		flag, text string
		into       *core.Day
	}{{"--from", c.From, &c.period.From}, {"--to", c.To, &c.period.To}} {
		if day.text == "" {
			continue
		}
		d, err := core.ParseDay(day.text)
		if err != nil {
			return fmt.Errorf("%s: %w", day.flag, err)
		}
		*day.into = d
	}
	if p := c.period; !p.To.IsZero() && p.To.Before(p.From) {
		return fmt.Errorf("--to %s lies before --from %s", p.To, p.From)
	}
	return nil
}

// Run writes the export; how it goes is logged, and what it holds.
func (c *exportCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	n, err := ops.Export(ctx, cfg, log, ops.Exporting{Format: export.Format(c.Format), Period: c.period, File: c.Output, Standard: out})
	if err != nil {
		return err
	}
	log.Info("export", "holds", n.String())
	return nil
}
