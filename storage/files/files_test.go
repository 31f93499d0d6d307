package files_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"sidem/storage/files"
)

// places are an empty store of each kind, and how many files it holds.
var places = map[string]func(t *testing.T) (s *files.Store, count func() int){
	"a folder": func(t *testing.T) (*files.Store, func() int) {
		t.Helper()
		path := t.TempDir()
		s, err := files.Open(t.Context(), path, files.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s, func() int {
			all, err := os.ReadDir(path)
			if err != nil {
				t.Error(err)
			}
			return len(all)
		}
	},
	"a bucket": func(t *testing.T) (*files.Store, func() int) {
		t.Helper()
		b := newBucket(t)
		return b.open(t), b.count
	},
}

// everywhere runs a test on an empty store of each kind.
func everywhere(t *testing.T, do func(t *testing.T, s *files.Store, count func() int)) {
	t.Helper()
	for name, open := range places {
		t.Run(name, func(t *testing.T) {
			s, count := open(t)
			do(t, s, count)
		})
	}
}

func archive(t *testing.T, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range names {
		w, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("<x/>")); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAFileIsKeptByItsContentAndComesBackWhole(t *testing.T) {
	everywhere(t, func(t *testing.T, s *files.Store, count func() int) {
		body := "%PDF-1.7\n" + strings.Repeat("página\n", 1000)
		a, err := s.Put(t.Context(), "../../etc/oficio.PDF", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		b, err := s.Put(t.Context(), "otro.pdf", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if a.Name != "oficio.PDF" || a.MIME != "application/pdf" || a.Size != int64(len(body)) || a.Hash != b.Hash {
			t.Errorf("%+v, %+v", a, b)
		}
		r, err := s.Get(t.Context(), a.Hash)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		if got, err := io.ReadAll(r); err != nil || string(got) != body {
			t.Errorf("%d bytes came back, %v", len(got), err)
		}
		if n := count(); n != 1 {
			t.Errorf("it is kept %d times", n)
		}
		if there, err := s.Has(t.Context(), a.Hash); !there || err != nil {
			t.Errorf("it is not there: %v", err)
		}
	})
}

func TestContentAndExtensionMustBothBeAllowed(t *testing.T) {
	everywhere(t, func(t *testing.T, s *files.Store, count func() int) {
		workbook := archive(t, "[Content_Types].xml", "xl/workbook.xml")
		for name, c := range map[string]struct{ name, body, kind string }{
			"a program":                   {"virus.exe", "MZ\x90", ".exe"},
			"a program in disguise":       {"oficio.pdf", "MZ\x90", ""},
			"a page in disguise":          {"oficio.pdf", "<html><script>", ""},
			"a document of another name":  {"oficio.exe", "%PDF-1.7", ""},
			"an old spreadsheet":          {"renglones.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"},
			"any archive":                 {"todo.zip", archive(t, "a.txt"), ""},
			"an archive in disguise":      {"renglones.xlsx", archive(t, "a.txt"), ".zip"},
			"a text named a spreadsheet":  {"renglones.docx", workbook, ".zip"},
			"a spreadsheet with macros":   {"renglones.xlsx", archive(t, "xl/workbook.xml", "xl/vbaProject.bin"), "con macros"},
			"an archive that is cut":      {"renglones.xlsx", workbook[:40], ".zip"},
			"nothing":                     {"oficio.pdf", "", ""},
			"a picture named a document":  {"oficio.pdf", "\xff\xd8\xff\xe0", ""},
			"a file without an extension": {"oficio", "%PDF-1.7", ""},
		} {
			_, err := s.Put(t.Context(), c.name, strings.NewReader(c.body))
			wrong, ok := errors.AsType[*files.TypeError](err)
			if !ok || c.kind != "" && wrong.MIME != c.kind {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := count(); n != 0 {
			t.Errorf("%d files were kept", n)
		}
		for name, body := range map[string]string{
			"renglones.xlsx": workbook, "nota.docx": archive(t, "word/document.xml"), "foto.JPG": "\xff\xd8\xff\xe0", "foto.png": "\x89PNG\r\n\x1a\n",
		} {
			if _, err := s.Put(t.Context(), name, strings.NewReader(body)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// endless never ends; it counts what was read of it.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.read == 0 {
		n := copy(p, "%PDF-1.7")
		e.read += int64(n)
		return n, nil
	}
	e.read += int64(len(p))
	return len(p), nil
}

func TestTheSizeIsBoundedWhileItIsRead(t *testing.T) {
	everywhere(t, func(t *testing.T, s *files.Store, count func() int) {
		var e endless
		_, err := s.Put(t.Context(), "oficio.pdf", &e)
		if _, ok := errors.AsType[*files.TooLargeError](err); !ok || e.read > files.MaxSize+1<<20 {
			t.Errorf("%v after %d bytes", err, e.read)
		}
		if n := count(); n != 0 {
			t.Errorf("%d files were kept", n)
		}
	})
}

func TestWhatCanBeToldBeforeIsToldBefore(t *testing.T) {
	everywhere(t, func(t *testing.T, s *files.Store, _ func() int) {
		if large, ok := errors.AsType[*files.TooLargeError](s.Check("oficio.pdf", 24<<20)); !ok || large.Size != 24<<20 {
			t.Errorf("%v", large)
		}
		if _, ok := errors.AsType[*files.TypeError](s.Check("virus.exe", 10)); !ok {
			t.Error("a program may be fetched")
		}
		for _, name := range []string{"oficio.pdf", "FOTO.JPEG", "sin-extension"} {
			if err := s.Check(name, -1); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestOnlyAContentAddressIsOpened(t *testing.T) {
	everywhere(t, func(t *testing.T, s *files.Store, _ func() int) {
		for _, hash := range []string{"", "../secret", "..", strings.Repeat("0", 63), strings.Repeat("g", 64)} {
			if r, err := s.Get(t.Context(), hash); err == nil {
				_ = r.Close()
				t.Errorf("%q was opened", hash)
			}
		}
	})
}

func TestAFileThatNeverCameIsNotThere(t *testing.T) {
	everywhere(t, func(t *testing.T, s *files.Store, _ func() int) {
		if _, err := s.Get(t.Context(), strings.Repeat("0", 64)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%v", err)
		}
		for _, hash := range []string{strings.Repeat("0", 64), "../secret", ""} {
			if there, err := s.Has(t.Context(), hash); there || err != nil {
				t.Errorf("%q is there: %t, %v", hash, there, err)
			}
		}
	})
}

func TestAFileThatStopsOnItsWayIsNotKept(t *testing.T) {
	everywhere(t, func(t *testing.T, s *files.Store, count func() int) {
		cut := errors.New("cut")
		body := io.MultiReader(strings.NewReader("%PDF-1.7\n"+strings.Repeat("página\n", 1000)), iotest.ErrReader(cut))
		if _, err := s.Put(t.Context(), "oficio.pdf", body); !errors.Is(err, cut) {
			t.Errorf("%v", err)
		}
		if n := count(); n != 0 {
			t.Errorf("%d files were kept", n)
		}
	})
}

func TestTheLargestFileThatIsTakenComesBack(t *testing.T) {
	everywhere(t, func(t *testing.T, s *files.Store, _ func() int) {
		a, err := s.Put(t.Context(), "oficio.pdf", io.LimitReader(&endless{}, files.MaxSize))
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Get(t.Context(), a.Hash)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		if n, err := io.Copy(io.Discard, r); n != files.MaxSize || err != nil {
			t.Errorf("%d bytes came back, %v", n, err)
		}
	})
}

func TestManyFilesAreTakenInAtOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, s *files.Store, count func() int) {
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				if _, err := s.Put(t.Context(), "oficio.pdf", strings.NewReader(fmt.Sprint("%PDF-1.7\n", i))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := count(); n != 20 {
			t.Errorf("%d files", n)
		}
	})
}

func TestWhatWasDamagedIsNotTakenForWhatWasPut(t *testing.T) {
	path := t.TempDir()
	s, err := files.Open(t.Context(), path, files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Put(t.Context(), "oficio.pdf", strings.NewReader("%PDF-1.7\nuno"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, a.Hash), []byte("%PDF-1.7\ndos"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := s.Get(t.Context(), a.Hash)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if _, err := io.ReadAll(r); !errors.Is(err, files.ErrDamaged) {
		t.Errorf("%v", err)
	}
}
