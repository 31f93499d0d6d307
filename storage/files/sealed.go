package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"sidem.gob.mx/sidem/core"
)

// sealedType is what an archive is: a compressed file of ours.
const sealedType = "application/gzip"

// Keep keeps what write writes, durably, under its content address, and returns its
// description. It is of our own making: neither its size nor what it is is judged.
func (s *Store) Keep(ctx context.Context, name string, write func(io.Writer) error) (core.Attachment, error) {
	in, err := s.place.incoming(ctx)
	if err != nil {
		return core.Attachment{}, fmt.Errorf("files: %w", err)
	}
	defer in.drop()
	sum, size := sha256.New(), &length{}
	if err := write(io.MultiWriter(in, sum, size)); err != nil {
		return core.Attachment{}, fmt.Errorf("files: write %s: %w", name, err)
	}
	hash := hex.EncodeToString(sum.Sum(nil))
	if err := in.keep(ctx, hash); err != nil {
		return core.Attachment{}, fmt.Errorf("files: keep %s: %w", name, err)
	}
	return core.Attachment{Name: name, MIME: sealedType, Size: size.n, Hash: hash}, nil
}

// length counts what is written to it.
type length struct{ n int64 }

func (l *length) Write(p []byte) (int, error) {
	l.n += int64(len(p))
	return len(p), nil
}

// Discard removes a file at once, on whichever shelf it lies; it is no error if it is on none.
func (s *Store) Discard(ctx context.Context, hash string) error {
	if err := s.Move(ctx, hash, Aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return s.Remove(ctx, hash)
}
