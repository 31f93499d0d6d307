package ops

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage"
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

// namedFile is a content that the trail names, and a record that it is of.
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

// examine looks for each content that the trail names, once. It holds the hashes, and of the
// contents never more than a part of one. told hears after each how many were looked at; nil is
// nobody. Where ctx ends the rest is not looked at: Read says how many were.
func (l library) examine(ctx context.Context, store storage.Store, told func(done, of int)) (out Attachments, err error) {
	all, err := filesOf(ctx, store)
	if err != nil {
		return out, err
	}
	out.Asked = len(all)
	for _, f := range all {
		switch err := l.look(ctx, f.hash); {
		case errors.Is(err, fs.ErrNotExist):
			out.Absent++
			out.tell(ctx, store, f, false)
		case errors.Is(err, files.ErrDamaged):
			out.Changed++
			out.tell(ctx, store, f, true)
		case err != nil:
			return out, err
		}
		if out.Read++; told != nil {
			told(out.Read, out.Asked)
		}
	}
	return out, nil
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

func (a *Attachments) tell(ctx context.Context, s desk.Ledger, f namedFile, changed bool) {
	if len(a.First) < shown {
		a.First = append(a.First, WrongFile{whose(ctx, s, f.record), core.Plain(f.hash), changed})
	}
}

// filesOf are the contents that the trail names, each once.
func filesOf(ctx context.Context, s storage.Store) (out []namedFile, err error) {
	seen := map[string]struct{}{}
	for e, err := range desk.Events(ctx, s, 0) {
		if err != nil {
			return nil, err
		}
		if e.Refusal != nil {
			continue
		}
		for _, file := range e.Files {
			if _, is := seen[file.Hash]; !is {
				seen[file.Hash] = struct{}{}
				out = append(out, namedFile{file.Hash, e.Record})
			}
		}
	}
	return out, nil
}

// whose is the number of a record, or its id where it has none.
func whose(ctx context.Context, s desk.Ledger, record string) string {
	if r, err := s.Record(ctx, record); err == nil && r.Number != "" {
		return core.Plain(r.Number)
	}
	return core.Plain(record)
}
