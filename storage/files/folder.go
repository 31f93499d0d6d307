package files

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"sidem.gob.mx/sidem/notifier/maintenance"
)

// folder is a folder of one machine, or one that several of them mount.
type folder struct{ path string }

// leftFor is how long a file may be on its way; one that is longer was left by a
// process that ended.
const leftFor = 24 * time.Hour

func openFolder(path string) (folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return folder{}, err
	}
	left, err := filepath.Glob(filepath.Join(path, incomingName))
	for _, name := range left {
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > leftFor {
			_ = os.Remove(name) // another replica did
		}
	}
	return folder{path}, err
}

const incomingName = "incoming-*"

// at is where a file lies on a shelf.
func (f folder) at(shelf maintenance.Shelf, hash string) string {
	if shelf == Aside {
		return filepath.Join(f.path, asideName, hash)
	}
	return filepath.Join(f.path, hash)
}

func (f folder) incoming(context.Context) (incoming, error) {
	tmp, err := os.CreateTemp(f.path, incomingName)
	return &incomingFile{tmp, f.path}, err
}

func (f folder) get(_ context.Context, hash string) (io.ReadCloser, error) {
	for _, shelf := range lookup {
		name := f.at(shelf, hash)
		if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
			return nil, ErrDamaged // a pipe would be waited for without end
		}
		r, err := os.Open(name)
		if err == nil {
			return r, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, fs.ErrNotExist
}

func (f folder) has(_ context.Context, hash string) (bool, error) {
	for _, shelf := range lookup {
		_, err := os.Stat(f.at(shelf, hash))
		if !errors.Is(err, fs.ErrNotExist) {
			return err == nil, err
		}
	}
	return false, nil
}

func (f folder) list(_ context.Context, shelf maintenance.Shelf, after string, limit int) ([]maintenance.Blob, error) {
	entries, err := os.ReadDir(f.at(shelf, "")) // in order
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []maintenance.Blob
	for _, e := range entries {
		if len(out) == limit || err != nil {
			break
		}
		if e.Name() <= after || !isAddress(e.Name()) {
			continue
		}
		info, gone := e.Info()
		if gone == nil {
			out = append(out, maintenance.Blob{Hash: e.Name(), Since: info.ModTime()})
		}
	}
	return out, err
}

// move marks the file with the time first: whoever dies between leaves it where it was,
// and young.
func (f folder) move(_ context.Context, hash string, to maintenance.Shelf) error {
	from := f.at(!to, hash)
	now := time.Now()
	if err := os.Chtimes(from, now, now); err != nil {
		return err
	}
	if to == Aside {
		if err := os.MkdirAll(f.at(Aside, ""), 0o700); err != nil {
			return err
		}
	}
	return os.Rename(from, f.at(to, hash))
}

func (f folder) remove(_ context.Context, hash string) error {
	if err := os.Remove(f.at(Aside, hash)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// incomingFile is in the folder already, under a name that is no address.
type incomingFile struct {
	*os.File
	path string
}

func (f *incomingFile) drop() {
	_ = f.Close()
	_ = os.Remove(f.Name()) // gone already when it was renamed
}

// keep makes the file durable under its hash: fsync, rename, fsync of the folder.
func (f *incomingFile) keep(_ context.Context, hash string) error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(f.path, hash)); err != nil {
		return err
	}
	dir, err := os.Open(f.path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
