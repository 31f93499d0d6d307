// Package files keeps attachments by content address, in a folder or in a bucket that speaks S3: the same file is kept once, and a name never becomes a path.
package files

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"sidem/core"
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
type TypeError struct{ Name, MIME string }

func (e *TypeError) Error() string {
	return fmt.Sprintf("file %q is %s, which is not taken", e.Name, e.MIME)
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

// Check judges what can be told before a file is read: its name, and its size in
// bytes (negative: unknown). The errors are those of Put.
func (*Store) Check(name string, size int64) error {
	if size > MaxSize {
		return &TooLargeError{Size: size}
	}
	if ext := strings.ToLower(filepath.Ext(name)); ext != "" && !isTaken(ext) {
		return &TypeError{Name: name, MIME: ext}
	}
	return nil
}

func isTaken(ext string) bool {
	for _, exts := range allowed {
		if slices.Contains(exts, ext) {
			return true
		}
	}
	return false
}

// allowed are the kinds of content that are taken, by sniffed type, and the
// extensions that they may carry. Office documents are zip archives to a sniffer.
var allowed = map[string][]string{
	"application/pdf": {".pdf"},
	"image/jpeg":      {".jpg", ".jpeg"},
	"image/png":       {".png"},
	"application/zip": {".xlsx", ".docx"},
}

// office are the parts that make a zip archive an office document of an
// extension (ECMA-376), and the type that it is kept with.
var office = map[string]struct{ part, kind string }{
	".xlsx": {"xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	".docx": {"word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
}

// Put keeps what r holds, durably, and returns its description. It fails with
// *TooLargeError or *TypeError for what is not taken; then nothing is kept.
func (s *Store) Put(ctx context.Context, name string, r io.Reader) (core.Attachment, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return core.Attachment{}, fmt.Errorf("files: read %s: %w", name, err)
	}
	head = head[:n]
	kind, err := sniff(name, head)
	if err != nil {
		return core.Attachment{}, err
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
	if kind == "application/zip" {
		if kind, err = document(name, in, size); err != nil {
			return core.Attachment{}, err
		}
	}
	hash := hex.EncodeToString(sum.Sum(nil))
	if err := in.keep(ctx, hash); err != nil {
		return core.Attachment{}, fmt.Errorf("files: keep %s: %w", name, err)
	}
	return core.Attachment{Name: filepath.Base(name), MIME: kind, Size: size, Hash: hash}, nil
}

// ErrDamaged says that what is kept is not what was put.
var ErrDamaged = errors.New("files: the content is not that of its address")

// Get opens the content with a hash; fs.ErrNotExist. Its end is reached only if
// all of it is what was put: otherwise reading fails with ErrDamaged.
func (s *Store) Get(ctx context.Context, hash string) (io.ReadCloser, error) {
	if !isAddress(hash) {
		return nil, fmt.Errorf("files: %q is no content address", hash)
	}
	r, err := s.place.get(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("files: get %s: %w", hash, err)
	}
	return &verified{ReadCloser: r, want: strings.ToLower(hash), sum: sha256.New()}, nil
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

// document is the type of an office document. Only the archive's directory is
// read, nothing is unpacked: a zip of anything else, or with macros, is not taken.
func document(name string, r io.ReaderAt, size int64) (string, error) {
	want := office[strings.ToLower(filepath.Ext(name))]
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return "", &TypeError{Name: name, MIME: ".zip"}
	}
	found := false
	for _, f := range archive.File {
		if strings.Contains(strings.ToLower(f.Name), "vbaproject") {
			return "", &TypeError{Name: name, MIME: "con macros"}
		}
		found = found || f.Name == want.part
	}
	if !found {
		return "", &TypeError{Name: name, MIME: ".zip"}
	}
	return want.kind, nil
}

func sniff(name string, head []byte) (string, error) {
	kind, _, _ := strings.Cut(http.DetectContentType(head), ";")
	ext := strings.ToLower(filepath.Ext(name))
	if slices.Contains(allowed[kind], ext) {
		return kind, nil
	}
	if ext != "" && allowed[kind] == nil {
		kind = ext
	}
	return "", &TypeError{Name: name, MIME: kind}
}
