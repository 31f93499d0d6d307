// Package files keeps attachments in a folder by content address: the same file is kept once, and a name never becomes a path.
package files

import (
	"archive/zip"
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

// Check judges what can be told before a file is read: its name, and its size in
// bytes (negative: unknown). The errors are those of Put.
func (f *Folder) Check(name string, size int64) error {
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
	if kind == "application/zip" {
		if kind, err = document(name, tmp, size); err != nil {
			return core.Attachment{}, err
		}
	}
	hash := hex.EncodeToString(sum.Sum(nil))
	if err := f.keep(tmp, hash); err != nil {
		return core.Attachment{}, fmt.Errorf("files: keep %s: %w", name, err)
	}
	return core.Attachment{Name: filepath.Base(name), MIME: kind, Size: size, Hash: hash}, nil
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
