package files

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// folder is a folder of one machine, or one that several of them mount.
type folder struct{ path string }

func openFolder(path string) (folder, error) {
	return folder{path}, os.MkdirAll(path, 0o700)
}

func (f folder) incoming(context.Context) (incoming, error) {
	tmp, err := os.CreateTemp(f.path, "incoming-*")
	return &incomingFile{tmp, f.path}, err
}

func (f folder) get(_ context.Context, hash string) (io.ReadCloser, error) {
	return os.Open(filepath.Join(f.path, hash))
}

func (f folder) has(_ context.Context, hash string) (bool, error) {
	_, err := os.Stat(filepath.Join(f.path, hash))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
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
