package files_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/notifier/maintenance"
	"sidem.gob.mx/sidem/storage/files"
)

// put keeps n files, and gives their hashes in order.
func put(t *testing.T, s *files.Store, n int) []string {
	t.Helper()
	var out []string
	for i := range n {
		a, err := s.Put(t.Context(), "oficio.pdf", strings.NewReader(fmt.Sprint("%PDF-1.7\n", i)))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, a.Hash)
	}
	slices.Sort(out)
	return out
}

// listed are the hashes of a shelf, a page at a time.
func listed(t *testing.T, s *files.Store, shelf maintenance.Shelf, page int) []string {
	t.Helper()
	var out []string
	for after := ""; ; {
		blobs, err := s.List(t.Context(), shelf, after, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blobs {
			//nolint:forbidigo // a file system has the machine's time
			if age := time.Since(b.Since); age > time.Minute || age < -time.Minute {
				t.Errorf("%s lies there since %v", b.Hash, b.Since)
			}
			out = append(out, b.Hash)
			after = b.Hash
		}
		if len(blobs) < page {
			return out
		}
	}
}

func TestFilesAreListedByShelfAPageAtATime(t *testing.T) {
	everywhere(t, func(t *testing.T, s *files.Store, _ func() int) {
		all := put(t, s, 7)
		for _, h := range all[:3] {
			if err := s.Move(t.Context(), h, files.Aside); err != nil {
				t.Fatal(err)
			}
		}
		for _, page := range []int{1, 2, 4, 100} {
			if got := listed(t, s, files.InUse, page); !slices.Equal(got, all[3:]) {
				t.Errorf("in use, by %d: %v", page, got)
			}
			if got := listed(t, s, files.Aside, page); !slices.Equal(got, all[:3]) {
				t.Errorf("aside, by %d: %v", page, got)
			}
		}
	})
}

func TestWhatWasSetAsideIsFoundUntilItIsRemovedAndComesBackWhole(t *testing.T) {
	everywhere(t, func(t *testing.T, s *files.Store, _ func() int) {
		hash := put(t, s, 1)[0]
		find := func(want bool) {
			t.Helper()
			there, err := s.Has(t.Context(), hash)
			if there != want || err != nil {
				t.Errorf("it is there: %t, %v", there, err)
			}
			r, err := s.Get(t.Context(), hash)
			if want && err == nil {
				_, err = io.ReadAll(r)
				_ = r.Close()
			}
			if want && err != nil || !want && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%v", err)
			}
		}
		for _, to := range []maintenance.Shelf{files.Aside, files.InUse, files.Aside} {
			if err := s.Move(t.Context(), hash, to); err != nil {
				t.Fatal(err)
			}
			find(true)
		}
		for range 2 {
			if err := s.Remove(t.Context(), hash); err != nil {
				t.Fatal(err)
			}
			find(false)
		}
		if err := s.Move(t.Context(), hash, files.Aside); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("what is not there was moved: %v", err)
		}
	})
}

func TestWhatIsPutAnewWhileItIsSetAsideIsThere(t *testing.T) {
	everywhere(t, func(t *testing.T, s *files.Store, _ func() int) {
		hash := put(t, s, 1)[0]
		if err := s.Move(t.Context(), hash, files.Aside); err != nil {
			t.Fatal(err)
		}
		put(t, s, 1)
		if err := s.Remove(t.Context(), hash); err != nil {
			t.Fatal(err)
		}
		if there, err := s.Has(t.Context(), hash); !there || err != nil {
			t.Errorf("it is there: %t, %v", there, err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			for range 30 {
				put(t, s, 1)
			}
		})
		wg.Go(func() {
			for range 30 {
				for _, to := range []maintenance.Shelf{files.Aside, files.InUse} {
					if err := s.Move(t.Context(), hash, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
						t.Error(err)
					}
				}
			}
		})
		wg.Go(func() {
			for range 60 {
				if there, err := s.Has(t.Context(), hash); !there || err != nil {
					t.Errorf("in between it is there: %t, %v", there, err)
				}
			}
		})
		wg.Wait()
	})
}

func TestNoPathIsMovedOrRemoved(t *testing.T) {
	everywhere(t, func(t *testing.T, s *files.Store, _ func() int) {
		for _, hash := range []string{"", "../secret", strings.Repeat("0", 63)} {
			if s.Move(t.Context(), hash, files.Aside) == nil || s.Remove(t.Context(), hash) == nil {
				t.Errorf("%q", hash)
			}
		}
	})
}

func TestWhatAProcessLeftOnItsWayGoesAfterADay(t *testing.T) {
	path := t.TempDir()
	old, young := filepath.Join(path, "incoming-1"), filepath.Join(path, "incoming-2")
	for _, name := range []string{old, young} {
		if err := os.WriteFile(name, []byte("%PDF"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now().Add(-25 * time.Hour) //nolint:forbidigo // a file system has the machine's time
	if err := os.Chtimes(old, before, before); err != nil {
		t.Fatal(err)
	}
	if _, err := files.Open(t.Context(), path, files.Options{}); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(path, "*")); err != nil || !slices.Equal(left, []string{young}) {
		t.Errorf("%v, %v", left, err)
	}
}

func TestAKeyThatMayNotListIsTold(t *testing.T) {
	b := newBucket(t)
	s := b.open(t)
	hash := put(t, s, 1)[0]
	b.troubled(func(w http.ResponseWriter, r *http.Request) bool {
		denied := r.Method == http.MethodDelete || r.URL.Query().Has("list-type")
		if denied {
			refuse(w, http.StatusForbidden, "AccessDenied")
		}
		return denied
	})
	if _, err := s.List(t.Context(), files.InUse, "", 10); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v", err)
	}
	if err := s.Move(t.Context(), hash, files.Aside); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v", err)
	}
	if there, err := s.Has(t.Context(), hash); !there || err != nil {
		t.Errorf("it is there: %t, %v", there, err)
	}
}
