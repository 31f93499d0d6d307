package archive

import (
	"context"
	"errors"
	"io"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

// Files are what archives are kept in (files.Store).
type Files interface {
	// Keep keeps what write writes under its content address.
	Keep(ctx context.Context, name string, write func(io.Writer) error) (core.Attachment, error)
	// Get opens the content with a hash; its end is reached only if it is what was kept.
	Get(ctx context.Context, hash string) (io.ReadCloser, error)
	// Discard removes the content with a hash.
	Discard(ctx context.Context, hash string) error
}

// Sealed are archives as files.
type Sealed struct{ Files Files }

var _ maintenance.Sealed = Sealed{}

// Seal writes records to a file.
func (s Sealed) Seal(ctx context.Context, name string, records []maintenance.Filed, at time.Time) (core.Attachment, error) {
	return s.Files.Keep(ctx, name, func(w io.Writer) error { return WriteRecords(ctx, w, records, at) })
}

// Unseal gives the records of a file. The file is read twice: nothing is given of one that
// is not, to its end, what was sealed.
func (s Sealed) Unseal(ctx context.Context, file core.Attachment, each func(maintenance.Filed) error) error {
	for _, read := range []func(io.Reader) error{
		func(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err },
		func(r io.Reader) error { return ReadRecords(r, each) },
	} {
		r, err := s.Files.Get(ctx, file.Hash)
		if err != nil {
			return err
		}
		if err := errors.Join(read(r), r.Close()); err != nil {
			return err
		}
	}
	return nil
}

// Discard removes a file.
func (s Sealed) Discard(ctx context.Context, hash string) error { return s.Files.Discard(ctx, hash) }
