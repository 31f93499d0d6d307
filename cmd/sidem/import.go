package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/cmd/sidem/roster"
)

type importCmd struct {
	File   string `arg:"" help:"YAML with agencies, programs and accounts." type:"existingfile"`
	DryRun bool   `help:"Say what would be done, and do nothing."`
	JSON   bool   `help:"Print one JSON object for each account that is new or was corrected."`
}

// Run loads the file, and prints what was done and what each new person needs to begin.
func (c importCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	rows, err := ops.Import(ctx, cfg, log, c.File, c.DryRun)
	count := map[roster.Did]int{}
	for i, row := range rows {
		count[row.Did]++
		lost := c.print(out, row)
		switch hasPassword := func(r roster.Row) bool { return r.Password != "" }; {
		case lost == nil:
		case slices.ContainsFunc(rows[i:], hasPassword):
			return fmt.Errorf("the passwords could not be written, and are shown once: renew them (Renovar contraseña): %w", lost)
		default:
			return fmt.Errorf("print: %w", lost)
		}
	}
	if err == nil {
		log.InfoContext(ctx, "import", "made", count[roster.Made], "corrected", count[roster.Corrected], "kept", count[roster.Kept], "dry_run", c.DryRun)
	}
	return err
}

// print prints a row that is of interest: of what stays as it is only the number is told.
func (c importCmd) print(out io.Writer, row roster.Row) error {
	if row.Did == roster.Kept && row.State == "" && row.Password == "" {
		return nil
	}
	if c.JSON {
		if row.User == "" {
			return nil
		}
		return json.NewEncoder(out).Encode(row)
	}
	_, err := fmt.Fprintln(out, strings.TrimRight(line(row), " "))
	return err
}

// line is a row in words; of a new account it is user, password and link.
func line(row roster.Row) string {
	name := row.User
	switch {
	case row.Year != 0:
		name = fmt.Sprintf("programme %s %d", row.Agency, row.Year)
	case row.User == "":
		name = "agency " + row.Agency
	}
	begins := fmt.Sprintf("%-12s %s", row.Password, cmp.Or(row.Link, row.Code))
	if row.User != "" && row.Did == roster.Made && row.Password != "" {
		return fmt.Sprintf("%-24s %s", name, begins)
	}
	did := string(row.Did)
	if len(row.Changed) > 0 {
		fields := make([]string, 0, len(row.Changed))
		for _, f := range row.Changed {
			fields = append(fields, string(f))
		}
		did += ": " + strings.Join(fields, ", ")
	}
	if row.State != "" {
		did += " as it is: " + string(row.State)
	}
	switch {
	case row.Password != "" && row.Did == roster.Kept:
		did += "; it was not told before: " + begins
	case row.Password != "":
		did += "; its password is another now: " + begins
	case row.Renews:
		did += "; it gets another password"
	}
	return fmt.Sprintf("%-24s %s", name, did)
}
