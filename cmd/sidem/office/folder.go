package office

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Writable tries to write in a folder; where it is not there yet, in the nearest one above,
// in which it would be made. It leaves nothing.
func Writable(dir string) error {
	for {
		info, err := os.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir {
			dir = filepath.Dir(dir)
			continue
		}
		if err == nil && !info.IsDir() {
			return fmt.Errorf("%s is no folder: name one", dir)
		}
		if err != nil {
			return fmt.Errorf("%w: let this user write there, or name another folder", err)
		}
		break
	}
	f, err := os.CreateTemp(dir, ".sidem-*")
	if err != nil {
		return fmt.Errorf("%w: let this user write in %s, or name another folder", errors.Unwrap(err), dir)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Appendable tries whether a file can be written to, or made; it changes nothing.
func Appendable(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Writable(filepath.Dir(path))
	case err != nil:
		return fmt.Errorf("%w: let this user read and write it", err)
	case info.IsDir():
		return fmt.Errorf("%s is a folder: name a file", path)
	}
	// It is not opened: that would let go of the locks that this process has on it.
	if err := syscall.Access(path, readAndWrite); err != nil {
		return fmt.Errorf("%s: %w: let this user read and write it", path, err)
	}
	return nil
}

const readAndWrite = 4 | 2 // access(2)
