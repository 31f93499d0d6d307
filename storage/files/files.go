// Package files keeps attachments in a folder by content address: the same file is kept once, and a name never becomes a path.
package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sidem/core"
)

// MaxSize is the most that one file may weigh, in bytes: Telegram's limit for downloads by a bot.
const MaxSize = 20 << 20

// TooLargeError says that a file weighs more than MaxSize.
type TooLargeError struct{ Size int64 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("file of more than %d bytes (limit %d)", e.Size, MaxSize)
}

// TypeError says that the content of a file is of a kind that is not taken.
type TypeError struct{ Name, MIME string }

func (e *TypeError) Error() string {
	return fmt.Sprintf("file %q is %s, which is not taken", e.Name, e.MIME)
}

// allowed are the kinds of content that are taken, by sniffed type, and the
// extensions that they may carry. Office documents are zip archives to a sniffer.
var allowed = map[string][]string{
	"application/pdf": {".pdf"},
	"image/jpeg":      {".jpg", ".jpeg"},
	"image/png":       {".png"},
	"application/zip": {".xlsx", ".docx"},
}

// Folder is a folder of attachments.
type Folder struct{ path string }

// Open makes the folder if need be.
func Open(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	return &Folder{path: path}, nil
}

// Put keeps what r holds, durably, and returns its description. It fails with
// *TooLargeError or *TypeError for what is not taken; then nothing is kept.
func (f *Folder) Put(_ context.Context, name string, r io.Reader) (core.Attachment, error) {
	tmp, err := os.CreateTemp(f.path, "incoming-*")
	if err != nil {
		return core.Attachment{}, fmt.Errorf("files: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone already when it was renamed
	defer func() { _ = tmp.Close() }()
	sum := sha256.New()
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
	size, err := io.Copy(io.MultiWriter(tmp, sum), io.LimitReader(io.MultiReader(bytes.NewReader(head), r), MaxSize+1))
	if err != nil {
		return core.Attachment{}, fmt.Errorf("files: read %s: %w", name, err)
	}
	if size > MaxSize {
		return core.Attachment{}, &TooLargeError{Size: MaxSize}
	}
	hash := hex.EncodeToString(sum.Sum(nil))
	if err := f.keep(tmp, hash); err != nil {
		return core.Attachment{}, fmt.Errorf("files: keep %s: %w", name, err)
	}
	return core.Attachment{Name: filepath.Base(name), MIME: kind, Size: size, Hash: hash}, nil
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

// keep makes the file durable under its hash: fsync, rename, fsync of the folder.
func (f *Folder) keep(tmp *os.File, hash string) error {
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), filepath.Join(f.path, hash)); err != nil {
		return err
	}
	dir, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	return dir.Sync()
}

// Get opens the content with a hash.
func (f *Folder) Get(_ context.Context, hash string) (io.ReadCloser, error) {
	if b, err := hex.DecodeString(hash); err != nil || len(b) != sha256.Size {
		return nil, fmt.Errorf("files: %q is no content address", hash)
	}
	return os.Open(filepath.Join(f.path, hash))
}
