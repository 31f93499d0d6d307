package ops

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/notifier/maintenance"
	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/archive"
	"sidem.gob.mx/sidem/storage/files"
)

// shown is the most attachments that are told one by one.
const shown = 10

// Attachments is what became of the files that the trail names: Asked contents, of which some
// are Absent, and some are Changed where they were read.
type Attachments struct {
	Asked, Absent, Changed int
	// Read is how many of those that were asked for were looked at before the time ended.
	Read int
	// First are the first that are absent or changed.
	First []WrongFile
}

// WrongFile is an attachment that is absent or changed, by a request that it is of and its hash;
// the name of a file may be a person's.
type WrongFile struct {
	Record, Hash string
	Changed      bool
}

// Wrong is how many are absent or changed.
func (a Attachments) Wrong() int { return a.Absent + a.Changed }

// namedFile is a content that the trail names, and the number, or the id, of a record that it is of.
type namedFile struct{ hash, record string }

// library is where attachments are, as whoever examines them needs it.
type library struct {
	*files.Store
	whole bool // their contents are read, and not only asked for
}

// openLibrary opens SIDEM_FILES for reading.
func openLibrary(ctx context.Context, cfg *office.Config, log *slog.Logger, whole bool) (library, error) {
	opts := cfg.FilesOptions(log)
	opts.ReadOnly = true
	kept, err := files.Open(ctx, cfg.Files, opts)
	if errors.Is(err, files.ErrAddress) {
		return library{}, office.Misconfigured(err)
	}
	if err != nil {
		return library{}, fmt.Errorf("SIDEM_FILES: %w", err)
	}
	return library{kept, whole}, nil
}

// examine looks for each content that the trail names, once, and then for those that the trails
// of archived requests name. It holds the hashes, and of the contents never more than a part of
// one. told hears after each how many were looked at; nil is nobody. Where ctx ends the rest is
// not looked at: Read says how many were.
func (l library) examine(ctx context.Context, store storage.Store, told func(done, of int)) (out Attachments, err error) {
	seen := map[string]bool{}
	all, err := filesOf(ctx, store, seen)
	if err != nil {
		return out, err
	}
	if err := l.lookAt(ctx, store, all, &out, told); err != nil {
		return out, err
	}
	archives, err := (&maintenance.Archiving{Ledger: store}).All(ctx)
	if err != nil {
		return out, err
	}
	for _, r := range archives {
		more, err := l.archived(ctx, r, seen)
		if err == nil {
			err = l.lookAt(ctx, store, more, &out, told)
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// lookAt looks at contents, and counts them.
func (l library) lookAt(ctx context.Context, s desk.Ledger, all []namedFile, out *Attachments, told func(done, of int)) error {
	out.Asked += len(all)
	for _, f := range all {
		switch err := l.look(ctx, f.hash); {
		case errors.Is(err, fs.ErrNotExist):
			out.Absent++
			out.tell(whose(ctx, s, f.record), f.hash, false)
		case errors.Is(err, files.ErrDamaged):
			out.Changed++
			out.tell(whose(ctx, s, f.record), f.hash, true)
		case err != nil:
			return err
		}
		if out.Read++; told != nil {
			told(out.Read, out.Asked)
		}
	}
	return nil
}

// archived are the contents that the requests in an archive name and nothing else did. An
// archive that cannot be read names none: its own file was looked at, and the audit reads it.
func (l library) archived(ctx context.Context, r core.Record, seen map[string]bool) (out []namedFile, err error) {
	file, ok := r.Sealed()
	if !ok {
		return nil, nil
	}
	err = archive.Sealed{Files: l.Store}.Unseal(ctx, file, func(f maintenance.Filed) error {
		for _, e := range f.Events {
			out = append(out, unseen(e, cmp.Or(f.Record.Number, f.Record.ID), seen)...)
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		return nil, nil
	}
	return out, err
}

// look is fs.ErrNotExist or files.ErrDamaged for a content that is not there as it was put.
func (l library) look(ctx context.Context, hash string) error {
	if l.whole {
		return l.Compare(ctx, hash)
	}
	there, err := l.Has(ctx, hash)
	if err == nil && !there {
		err = fs.ErrNotExist
	}
	return err
}

func (a *Attachments) tell(record, hash string, changed bool) {
	if len(a.First) < shown {
		a.First = append(a.First, WrongFile{core.Plain(record), core.Plain(hash), changed})
	}
}

// filesOf are the contents that the trail names and that were not seen yet, each once.
func filesOf(ctx context.Context, s storage.Store, seen map[string]bool) (out []namedFile, err error) {
	for e, err := range desk.Events(ctx, s, 0) {
		if err != nil {
			return nil, err
		}
		out = append(out, unseen(e, e.Record, seen)...)
	}
	return out, nil
}

// unseen are the contents that an event names and that were not seen yet.
func unseen(e core.Event, record string, seen map[string]bool) (out []namedFile) {
	if e.Refusal != nil {
		return nil
	}
	for _, file := range e.Files {
		if !seen[file.Hash] {
			seen[file.Hash] = true
			out = append(out, namedFile{file.Hash, record})
		}
	}
	return out
}

// whose is the number of a record, or its id where it has none.
func whose(ctx context.Context, s desk.Ledger, record string) string {
	if r, err := s.Record(ctx, record); err == nil && r.Number != "" {
		return r.Number
	}
	return record
}
