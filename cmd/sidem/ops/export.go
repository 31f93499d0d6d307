package ops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops/export"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/notifier/maintenance"
	"sidem.gob.mx/sidem/storage/archive"
)

// Exporting is what is to be exported, and where it goes.
type Exporting struct {
	Format export.Format
	Period core.Period
	// File is the file, or Standard.
	File string
	// Standard takes the export where File says so.
	Standard io.Writer
}

// Export writes what the store held at one instant, also beside a running SIDEM. The
// instant is kept as an archive in a file without a name: Redis cannot hold it for
// long, and no transaction of SQLite is open while a workbook is written.
func Export(ctx context.Context, cfg *office.Config, log *slog.Logger, to Exporting) (n export.Count, err error) {
	s, now, err := openReader(ctx, cfg, log)
	if err != nil {
		return n, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	institution, err := office.Load(ctx, cfg.Office, s, now)
	if err != nil {
		return n, err
	}
	dir := os.TempDir()
	if to.File != Standard {
		dir = filepath.Dir(to.File)
	}
	spool, err := hidden(dir)
	if err != nil {
		return n, fmt.Errorf("export: %w", err)
	}
	defer func() { _ = spool.Close() }() // nobody reads it any more
	o := export.Options{Format: to.Format, Period: to.Period, Office: institution, At: institution.Local(now)}
	whole := &past{Store: s, log: log, open: func() (*maintenance.Archiving, error) { return openArchives(ctx, cfg, log, s, true) }, now: o.At}
	total, err := snapshot(ctx, whole, spool, o)
	if err != nil {
		return n, fmt.Errorf("export: %w", err)
	}
	log.Info("export", "snapshot", total)
	o.Missing = whole.missing
	o.Progress = func(lines int) { log.Info("export", "read", lines, "of", total) }
	read := func(each func(archive.Line) error) error {
		if _, err := spool.Seek(0, io.SeekStart); err != nil {
			return err
		}
		return archive.Each(spool, each)
	}
	if to.File == Standard {
		return export.Write(ctx, to.Standard, read, o)
	}
	err = keepWhole(to.File, func(w io.Writer) (err error) {
		n, err = export.Write(ctx, w, read, o)
		return err
	})
	return n, err
}

// snapshot fills the spool with all that the store holds at one instant, and with what had left it for an archive.
func snapshot(ctx context.Context, s archive.Source, spool *os.File, o export.Options) (lines int, err error) {
	for range tries {
		if _, err = spool.Seek(0, io.SeekStart); err == nil {
			err = spool.Truncate(0)
		}
		if err != nil {
			return 0, err
		}
		if lines, err = archive.Copy(ctx, spool, s, screen.CardPrefix, o.At); !errors.Is(err, archive.ErrMoved) {
			break
		}
	}
	if err == nil && lines == 0 {
		err = errEmpty
	}
	return lines, err
}

// hidden is a file that nobody else can open, and that is gone with this process.
func hidden(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, ".sidem-export-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
