package ops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/notifier/maintenance"
	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/archive"
)

// Standard is the name of the standard input and output.
const Standard = "-"

// Backing is where a store is written to.
type Backing struct {
	// File is the file, or Standard.
	File string
	// Running copies beside a SIDEM that has the SQLite file open: its state at this moment.
	Running bool
	// Standard takes the archive where File says so.
	Standard io.Writer
}

// Backup writes the whole store, and returns what is in it and whether its trail holds.
func Backup(ctx context.Context, cfg *office.Config, log *slog.Logger, to Backing) (archive.Report, error) {
	if err := mustExist(cfg); err != nil {
		return archive.Report{}, err
	}
	s, err := openStore(ctx, cfg, log, to.Running)
	if errors.Is(err, storage.ErrLocked) {
		return archive.Report{}, fmt.Errorf("%w; or copy its state of this moment: sidem backup --running", err)
	}
	if err != nil {
		return archive.Report{}, err
	}
	report, err := to.write(ctx, s)
	if err := errors.Join(err, s.Close()); err != nil {
		return report, fmt.Errorf("backup: %w", err)
	}
	return report, nil
}

// tries is how often a store that moves is read.
const tries = 5

func (c Backing) write(ctx context.Context, s archive.Source) (r archive.Report, err error) {
	if c.File == Standard {
		return filled(archive.Write(ctx, c.Standard, s, app.NewClock().Now()))
	}
	for range tries {
		if r, err = c.keep(ctx, s); !errors.Is(err, archive.ErrMoved) {
			break
		}
	}
	return r, err
}

// errEmpty refuses to write nothing, which a wrong address gives.
var errEmpty = errors.New("the store holds nothing: does SIDEM_STORE name the right one?")

// filled refuses the archive of nothing.
func filled(r archive.Report, err error) (archive.Report, error) {
	if err == nil && r.Events.Count == 0 {
		err = errEmpty
	}
	return r, err
}

// keep writes the file, which holds the key of one-time passwords.
func (c Backing) keep(ctx context.Context, s archive.Source) (r archive.Report, err error) {
	err = keepWhole(c.File, func(w io.Writer) (err error) {
		r, err = filled(archive.Write(ctx, w, s, app.NewClock().Now()))
		return err
	})
	return r, err
}

// keepWhole has a file written durably, under its name only when it is whole: it holds
// what is of persons, and only its owner may read it.
func keepWhole(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when it was renamed
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// Restored is what came of filling a store.
type Restored struct {
	archive.Report
	Attachments Attachments
	// Unasked says why it is not known whether its attachments are there; nil where it is.
	Unasked error
	// Compared is what the checkpoints say of it.
	Compared Comparison
}

// Restore fills an empty store with what Backup wrote to a file, or what comes from the
// standard input, and reads it again: a CheckError says that it is not what the file held.
// The Faults of its Report are those that an audit of the store finds (Verify).
func Restore(ctx context.Context, cfg *office.Config, log *slog.Logger, file string) (r Restored, err error) {
	in := os.Stdin
	if file != Standard {
		f, err := os.Open(file)
		if err != nil {
			return r, fmt.Errorf("restore: %w", err)
		}
		defer func() { _ = f.Close() }() // it was read only
		in = f
	}
	clock, err := app.ClockOf(cfg, log)
	if err != nil {
		return r, err
	}
	s, err := openStore(ctx, cfg, log, false)
	if err != nil {
		return r, err
	}
	if r.Report, err = fill(ctx, s, in, clock.Now); err == nil {
		r.Attachments, r.Unasked = brought(ctx, cfg, log, s)
		if r.Compared, err = compareRestored(ctx, cfg, s, clock.Now()); err == nil {
			err = maintenance.Reforget(ctx, s)
		}
	}
	if err := errors.Join(err, s.Close()); err != nil {
		return r, fmt.Errorf("restore: %w", err)
	}
	return r, nil
}

// brought says which of the attachments are there; their contents are not read.
func brought(ctx context.Context, cfg *office.Config, log *slog.Logger, s storage.Store) (Attachments, error) {
	kept, err := openLibrary(ctx, cfg, log, false)
	if err != nil {
		return Attachments{}, err
	}
	return kept.examine(ctx, s, nil)
}

// fill has the store be what the archive was, and judges it as an audit does.
func fill(ctx context.Context, s storage.Store, in io.Reader, now func() time.Time) (archive.Report, error) {
	want, err := archive.Read(ctx, in, s)
	if err != nil {
		return want, err
	}
	got, err := archive.Inspect(ctx, s)
	if err != nil {
		return want, err
	}
	if d := want.Differences(got); len(d) > 0 {
		return want, &CheckError{fmt.Errorf("the store is not what the archive was: %v (the archive's figures first)", d)}
	}
	a, err := (&desk.Desk{Ledger: s, Sessions: s, Now: now}).Audit(ctx)
	got.Faults = a.Faults
	return got, err
}
