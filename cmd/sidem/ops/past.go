package ops

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/ops/export"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	lines "sidem.gob.mx/sidem/core/shelf"
	"sidem.gob.mx/sidem/notifier/maintenance"
	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/archive"
)

// past is a store that is read together with what left it for an archive.
type past struct {
	storage.Store
	open func() (*maintenance.Archiving, error)
	now  time.Time
	log  *slog.Logger

	// missing are the archives, of those that were read last, whose file is not at hand.
	missing []export.Missing
}

// Extract is that of the store, and then the events and the record of each request that had
// left it at that instant, from the files of archives; where a file is not at hand, its requests
// are what stays of them on the shelf. It fails with archive.ErrMoved where an archive got another
// file meanwhile.
func (p *past) Extract(ctx context.Context, sessions string, each func(archive.Line) error) error {
	p.missing = nil
	known := map[string]bool{} // requests that were given
	var sealed []core.Record
	err := p.Store.Extract(ctx, sessions, func(l archive.Line) error {
		if r := l.Record; r != nil && r.Kind == core.KindRequest {
			known[r.ID] = true
		} else if r != nil && r.Kind == core.KindArchive {
			sealed = append(sealed, *r)
		}
		return each(l)
	})
	if err != nil || len(sealed) == 0 {
		return err
	}
	rows, err := p.read(ctx, sealed, known, each)
	if err != nil {
		return err
	}
	for _, l := range rows {
		r := l.Record()
		if err := each(archive.Line{Record: &r}); err != nil {
			return err
		}
	}
	return p.still(ctx, sealed)
}

// read gives what is in the files of archives and was not given yet, and returns the lines of
// requests that are in no file at hand. Of a request that was archived twice, the later counts.
func (p *past) read(ctx context.Context, sealed []core.Record, known map[string]bool, each func(archive.Line) error) (rows []lines.Line, err error) {
	files, closed := p.open()
	if closed != nil {
		p.log.Warn("export: the files of archives are not at hand", "error", closed)
	}
	slices.SortFunc(sealed, func(x, y core.Record) int { return y.Created.Compare(x.Created) })
	waiting := map[string]lines.Line{}
	for _, r := range sealed {
		var found []maintenance.Filed
		cause := closed
		if cause == nil {
			found, cause = files.Read(ctx, r)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if cause != nil {
			p.miss(r, cause)
			if err := p.rowsOf(ctx, r.ID, known, waiting); err != nil {
				return nil, err
			}
			continue
		}
		for _, f := range found {
			if row, later := waiting[f.Record.ID]; known[f.Record.ID] || later && row.HeadHash() != f.Record.Head {
				continue
			}
			known[f.Record.ID] = true
			delete(waiting, f.Record.ID)
			if err := give(f, each); err != nil {
				return nil, err
			}
		}
	}
	for _, l := range waiting {
		rows = append(rows, l)
	}
	slices.SortFunc(rows, lines.Line.Compare)
	return rows, nil
}

func give(f maintenance.Filed, each func(archive.Line) error) error {
	for i := range f.Events {
		if err := each(archive.Line{Event: &f.Events[i]}); err != nil {
			return err
		}
	}
	return each(archive.Line{Record: &f.Record})
}

// miss notes that the file of an archive is not at hand.
func (p *past) miss(r core.Record, cause error) {
	m := export.MissingOf(r, errors.Is(cause, fs.ErrNotExist))
	p.missing = append(p.missing, m)
	p.log.Warn("export: the file of an archive is not at hand, and of its requests there are only rows", "archive", m.Archive, "month", m.Month, "requests", m.Requests, "sha256", m.SHA256, "error", cause)
}

// rowsOf are the lines on the shelf of an archive, of requests that have no other yet.
func (p *past) rowsOf(ctx context.Context, id string, known map[string]bool, into map[string]lines.Line) error {
	for page, err := range (desk.Shelf{Sessions: p.Store, Now: p.now}).Lines(ctx) {
		if err != nil {
			return err
		}
		for _, l := range page {
			if _, has := into[l.ID]; l.Archive == id && !known[l.ID] && !has {
				into[l.ID] = l
			}
		}
	}
	return nil
}

// still is archive.ErrMoved where an archive has another file by now: somebody's data were
// taken out of it.
func (p *past) still(ctx context.Context, sealed []core.Record) error {
	for _, r := range sealed {
		now, err := p.Record(ctx, r.ID)
		if err != nil {
			return err
		}
		before, _ := r.Sealed()
		if after, _ := now.Sealed(); after.Hash != before.Hash {
			return archive.ErrMoved
		}
	}
	return nil
}
