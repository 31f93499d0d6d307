package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// acquire locks PATH.lock for as long as the returned file stays open. The
// kernel frees the lock when its holder dies, however it dies. The lock file
// itself is never removed: a process could hold a lock on the removed one.
func acquire(path string) (*os.File, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	fd, err := descriptor(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = held(f)
		}
		return nil, errors.Join(err, f.Close())
	}
	if err := sign(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func descriptor(f *os.File) (int, error) {
	fd, err := strconv.Atoi(strconv.FormatUint(uint64(f.Fd()), 10))
	if err != nil {
		return 0, fmt.Errorf("file descriptor of %s: %w", f.Name(), err)
	}
	return fd, nil
}

// held says who holds the lock and what to do about it.
func held(f *os.File) error {
	who := "another process"
	if b, err := io.ReadAll(io.LimitReader(f, 20)); err == nil && len(b) > 0 {
		who = "process " + strings.TrimSpace(string(b))
	}
	return fmt.Errorf("%w: %s holds %s; stop it first (one process per SQLite file), or keep the store in Redis to run several",
		ErrLocked, who, f.Name())
}

// sign leaves the number of this process in the lock file, for the message of whoever is refused.
func sign(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}
