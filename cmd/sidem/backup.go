package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/office"
	"sidem/storage"
	"sidem/storage/archive"
)

// standard is the name of the standard input and output.
const standard = "-"

type backupCmd struct {
	File    string `arg:"" help:"The file to write, or - for the standard output."`
	Running bool   `help:"Beside a SIDEM that has the SQLite file open: its state at this moment."`
}

// Run writes the whole store to a file, and says what is in it and whether its trail holds.
func (c backupCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	s, err := openStore(ctx, cfg, log, c.Running)
	if errors.Is(err, storage.ErrLocked) {
		return fmt.Errorf("%w; or copy its state of this moment: sidem backup --running", err)
	}
	if err != nil {
		return err
	}
	report, err := c.write(ctx, s, out)
	if err := errors.Join(err, s.Close()); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return c.tell(report, log, out)
}

func (c backupCmd) tell(r archive.Report, log *slog.Logger, out io.Writer) error {
	if c.File != standard {
		return stated("backup", r, out)
	}
	log.Info("backup", "holds", r.String()) // the standard output is the archive's
	return stated("backup", r, io.Discard)
}

// stated prints a report; a trail that does not hold is a check that failed.
func stated(what string, r archive.Report, out io.Writer) error {
	for _, f := range r.Faults {
		_, _ = fmt.Fprintln(out, f)
	}
	_, _ = fmt.Fprintln(out, r)
	if len(r.Faults) > 0 {
		return checkError{fmt.Errorf("%s: all of it is there, and its trail has %d faults: %s", what, len(r.Faults), r.Faults[0])}
	}
	return nil
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

// tries is how often a store that moves is read.
const tries = 5

func (c backupCmd) write(ctx context.Context, s archive.Source, out io.Writer) (r archive.Report, err error) {
	if c.File == standard {
		return filled(archive.Write(ctx, out, s, app.NewClock().Now()))
	}
	for range tries {
		if r, err = c.keep(ctx, s); !errors.Is(err, archive.ErrMoved) {
			break
		}
	}
	return r, err
}

// filled refuses the archive of nothing, which a wrong address gives.
func filled(r archive.Report, err error) (archive.Report, error) {
	if err == nil && r.Events.Count == 0 {
		err = errors.New("the store holds nothing: does SIDEM_STORE name the right one?")
	}
	return r, err
}

// keep writes the file durably under its name when it is whole. It holds the key
// of one-time passwords: only its owner may read it.
func (c backupCmd) keep(ctx context.Context, s archive.Source) (r archive.Report, err error) {
	f, err := os.CreateTemp(filepath.Dir(c.File), filepath.Base(c.File)+".*")
	if err != nil {
		return r, err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when it was renamed
	r, err = filled(archive.Write(ctx, f, s, app.NewClock().Now()))
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return r, err
	}
	return r, os.Rename(f.Name(), c.File)
}

type restoreCmd struct {
	File string `arg:"" help:"What sidem backup wrote, or - for the standard input."`
}

// Run fills an empty store, reads it again, and says whether it holds what the file held.
func (c restoreCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	in := os.Stdin
	if c.File != standard {
		f, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("restore: %w", err)
		}
		defer func() { _ = f.Close() }() // it was read only
		in = f
	}
	s, err := openStore(ctx, cfg, log, false)
	if err != nil {
		return err
	}
	report, err := c.read(ctx, in, s)
	var gone absence
	var unasked error
	if err == nil {
		gone, unasked = absentFiles(ctx, cfg, log, s)
	}
	if err := errors.Join(err, s.Close()); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := stated("restore", report, out); err != nil {
		return err
	}
	// The store is whole; its attachments lie elsewhere, and may be brought later.
	if unasked != nil {
		_, _ = fmt.Fprintf(out, "Whether its attachments are there is not known: %v. Ask again with sidem audit verify --attachments.\n", unasked)
	} else if gone.asked > 0 {
		gone.tell(out, cfg.Files)
	}
	return nil
}

func (c restoreCmd) read(ctx context.Context, in io.Reader, s storage.Store) (archive.Report, error) {
	want, err := archive.Read(ctx, in, s)
	if err != nil {
		return want, err
	}
	got, err := archive.Inspect(ctx, s)
	if err != nil {
		return want, err
	}
	if d := want.Differences(got); len(d) > 0 {
		return want, checkError{fmt.Errorf("the store is not what the archive was: %v (the archive's figures first)", d)}
	}
	return got, nil
}
