// Package files keeps attachments by content address, in a folder or in a bucket that speaks S3: the same file is kept once, and a name never becomes a path.
package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"strings"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/filetype"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

// MaxSize is the most that one file may weigh, in bytes: Telegram's limit for downloads by a bot.
const MaxSize = 20 << 20

// TooLargeError says that a file weighs more than MaxSize: Size bytes, or an
// unknown number where it is MaxSize.
type TooLargeError struct{ Size int64 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("file of more than %d bytes (limit %d)", e.Size, MaxSize)
}

// TypeError says that the content of a file is of a kind that is not taken.
type TypeError struct {
	Name string
	Kind filetype.Kind
}

func (e *TypeError) Error() string {
	return fmt.Sprintf("file %q is of kind %s, which is not taken", e.Name, e.Kind)
}

// Store keeps attachments. Its methods are safe for concurrent use, in one
// process and, in a bucket or a folder that is shared, in many.
type Store struct{ place place }

// place is where files are kept.
type place interface {
	// incoming takes in a file whose hash is not known yet; drop it in the end.
	incoming(ctx context.Context) (incoming, error)
	// get opens the file with a hash; fs.ErrNotExist.
	get(ctx context.Context, hash string) (io.ReadCloser, error)
	// has reports whether the file with a hash is there.
	has(ctx context.Context, hash string) (bool, error)
	// list gives at most limit files whose hashes follow one, in order.
	list(ctx context.Context, shelf maintenance.Shelf, after string, limit int) ([]maintenance.Blob, error)
	// move puts a file from one shelf to the other, over one that is there; fs.ErrNotExist.
	move(ctx context.Context, hash string, to maintenance.Shelf) error
	// remove deletes what was set aside; it is no error if it is not there.
	remove(ctx context.Context, hash string) error
}

// The shelves: what is taken out for use, and what was set aside to be removed. What
// lies on either is found by Get and Has.
const (
	InUse = maintenance.InUse
	Aside = maintenance.Aside
)

// lookup is the order in which the shelves are looked through for a file that may be
// moved meanwhile, either way.
var lookup = []maintenance.Shelf{InUse, Aside, InUse}

// asideName is the folder, or the part of a key, of what was set aside.
const asideName = "removed"

// List gives at most limit files on a shelf whose hashes follow after, in order. Its
// error, and those of Move and Remove, are fs.ErrPermission where SIDEM may not do that.
func (s *Store) List(ctx context.Context, shelf maintenance.Shelf, after string, limit int) ([]maintenance.Blob, error) {
	all, err := s.place.list(ctx, shelf, after, limit)
	if err != nil {
		return nil, fmt.Errorf("files: list: %w", err)
	}
	return all, nil
}

// Move puts a file from one shelf to the other, where it then lies since now. One that
// is put anew meanwhile lies on both. fs.ErrNotExist.
func (s *Store) Move(ctx context.Context, hash string, to maintenance.Shelf) error {
	if !isAddress(hash) {
		return fmt.Errorf("files: %q is no content address", hash)
	}
	if err := s.place.move(ctx, hash, to); err != nil {
		return fmt.Errorf("files: move %s: %w", hash, err)
	}
	return nil
}

// Remove deletes a file that was set aside, for good.
func (s *Store) Remove(ctx context.Context, hash string) error {
	if !isAddress(hash) {
		return fmt.Errorf("files: %q is no content address", hash)
	}
	if err := s.place.remove(ctx, hash); err != nil {
		return fmt.Errorf("files: remove %s: %w", hash, err)
	}
	return nil
}

// incoming is a file on its way.
type incoming interface {
	io.Writer
	io.ReaderAt
	// keep makes what was written durable under its hash: whole or not at all.
	keep(ctx context.Context, hash string) error
	drop()
}

// isAddress reports whether a text is one that Put gave.
func isAddress(hash string) bool {
	b, err := hex.DecodeString(hash)
	return err == nil && len(b) == sha256.Size
}

// Has reports whether the file with a hash is there, without reading it.
func (s *Store) Has(ctx context.Context, hash string) (bool, error) {
	if !isAddress(hash) {
		return false, nil
	}
	there, err := s.place.has(ctx, hash)
	if err != nil {
		return false, fmt.Errorf("files: look for %s: %w", hash, err)
	}
	return there, nil
}

// Check judges what can be told before a file is read: its size in bytes (negative:
// unknown). What it is only its content tells. The error is that of Put.
func (*Store) Check(_ string, size int64) error {
	if size > MaxSize {
		return &TooLargeError{Size: size}
	}
	return nil
}

// Put keeps what r holds, durably, and returns its description: its kind is that of its
// content, and its name fits the kind. It fails with *TooLargeError or *TypeError for
// what is not taken; then nothing is kept.
func (s *Store) Put(ctx context.Context, name string, r io.Reader) (core.Attachment, error) {
	head := make([]byte, filetype.Head)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return core.Attachment{}, fmt.Errorf("files: read %s: %w", name, err)
	}
	head = head[:n]
	if kind, sure := filetype.Sniff(name, head); sure && !kind.IsTaken() {
		return core.Attachment{}, &TypeError{Name: name, Kind: kind}
	}
	in, err := s.place.incoming(ctx)
	if err != nil {
		return core.Attachment{}, fmt.Errorf("files: %w", err)
	}
	defer in.drop()
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(in, sum), io.LimitReader(io.MultiReader(bytes.NewReader(head), r), MaxSize+1))
	if err != nil {
		return core.Attachment{}, fmt.Errorf("files: read %s: %w", name, err)
	}
	if size > MaxSize {
		return core.Attachment{}, &TooLargeError{Size: MaxSize}
	}
	kind, err := filetype.Judge(name, in, size)
	if err != nil {
		return core.Attachment{}, fmt.Errorf("files: judge %s: %w", name, err)
	}
	if !kind.IsTaken() {
		return core.Attachment{}, &TypeError{Name: name, Kind: kind}
	}
	hash := hex.EncodeToString(sum.Sum(nil))
	if err := in.keep(ctx, hash); err != nil {
		return core.Attachment{}, fmt.Errorf("files: keep %s: %w", name, err)
	}
	return core.Attachment{Name: filetype.Name(name, kind), MIME: kind.MIME(), Size: size, Hash: hash}, nil
}

// ErrDamaged says that what is kept is not what was put.
var ErrDamaged = errors.New("files: the content is not that of its address")

// Get opens the content with a hash; fs.ErrNotExist. Its end is reached only if
// all of it is what was put: otherwise reading fails with ErrDamaged.
func (s *Store) Get(ctx context.Context, hash string) (io.ReadCloser, error) {
	if !isAddress(hash) {
		return nil, fmt.Errorf("files: %q is no content address: %w", hash, fs.ErrNotExist)
	}
	r, err := s.place.get(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("files: get %s: %w", hash, err)
	}
	return &verified{ReadCloser: r, want: strings.ToLower(hash), sum: sha256.New()}, nil
}

// Compare reads the file with a hash and compares it with its address: fs.ErrNotExist where it
// is gone, ErrDamaged where it is another; any other error says that it is not known.
func (s *Store) Compare(ctx context.Context, hash string) error {
	r, err := s.Get(ctx, hash)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, interruptible{ctx, r})
	return errors.Join(err, r.Close())
}

// Whole reports whether the file with a hash is there as it was put; an error says that it is
// not known.
func (s *Store) Whole(ctx context.Context, hash string) (bool, error) {
	err := s.Compare(ctx, hash)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrDamaged) {
		return false, nil
	}
	return err == nil, err
}

// interruptible ends a reading with its context.
type interruptible struct {
	ctx context.Context
	io.Reader
}

func (r interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// verified compares what is read with its address.
type verified struct {
	io.ReadCloser
	want string
	sum  hash.Hash
}

func (v *verified) Read(p []byte) (int, error) {
	n, err := v.ReadCloser.Read(p)
	_, _ = v.sum.Write(p[:n]) // a hash takes all
	if errors.Is(err, io.EOF) && hex.EncodeToString(v.sum.Sum(nil)) != v.want {
		err = ErrDamaged
	}
	return n, err
}
