package files_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"

	"sidem.gob.mx/sidem/core/filetype"
	"sidem.gob.mx/sidem/storage/files"
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

// archive is a zip of parts, by path.
func archive(t *testing.T, parts ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[i+1])); err != nil {
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

// workbook is the smallest package that says it is a spreadsheet, at a path of its own.
func workbook(t *testing.T, main string) string {
	t.Helper()
	return archive(t,
		"[Content_Types].xml", `<Types><Override PartName="/`+main+`" ContentType="`+filetype.XLSX.MIME()+`.main+xml"/></Types>`,
		"_rels/.rels", `<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="`+main+`"/></Relationships>`,
		main, "<workbook/>")
}

func TestTheContentDecidesAndTheNameIsMended(t *testing.T) {
	everywhere(t, func(t *testing.T, s *files.Store, count func() int) {
		for name, c := range map[string]struct {
			name, body string
			kind       filetype.Kind
		}{
			"a program":                 {"virus.exe", "MZ\x90", filetype.Unknown},
			"a program in disguise":     {"oficio.pdf", "MZ\x90", filetype.Unknown},
			"a page in disguise":        {"oficio.pdf", "<html><script>", filetype.Page},
			"an old spreadsheet":        {"renglones.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", filetype.XLS},
			"any archive":               {"todo.zip", archive(t, "a.txt", "a"), filetype.ZIP},
			"an archive in disguise":    {"renglones.xlsx", archive(t, "a.txt", "a"), filetype.ZIP},
			"a spreadsheet with macros": {"renglones.xlsx", archive(t, "[Content_Types].xml", "", "xl/vbaProject.bin", "x"), filetype.Macros},
			"an archive that is cut":    {"renglones.xlsx", workbook(t, "xl/workbook.xml")[:90], filetype.CutArchive},
			"a PDF that is cut":         {"oficio.pdf", "%PDF-1.7\n1 0 obj\n<<", filetype.CutPDF},
			"nothing":                   {"oficio.pdf", "", filetype.Empty},
			"a telephone's picture":     {"IMG_1.jpg", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", filetype.HEIC},
		} {
			_, err := s.Put(t.Context(), c.name, strings.NewReader(c.body))
			if wrong, ok := errors.AsType[*files.TypeError](err); !ok || wrong.Kind != c.kind || wrong.Name != c.name {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := count(); n != 0 {
			t.Errorf("%d files were kept", n)
		}
		for _, c := range []struct {
			name, body, kept string
			kind             filetype.Kind
		}{
			{"renglones.xlsx", workbook(t, "xl/workbook.xml"), "renglones.xlsx", filetype.XLSX},
			{"renglones.docx", workbook(t, "xl/libro2.xml"), "renglones.xlsx", filetype.XLSX},
			{"foto.JPG", "\xff\xd8\xff\xe0", "foto.JPG", filetype.JPEG},
			{"foto.HEIC", "\xff\xd8\xff\xe1", "foto.jpg", filetype.JPEG},
			{"foto.png", "\x89PNG\r\n\x1a\n", "foto.png", filetype.PNG},
			{"oficio", "%PDF-1.7", "oficio.pdf", filetype.PDF},
			{"Oficio 23.11.2026", "\xef\xbb\xbf%PDF-1.7", "Oficio 23.11.2026.pdf", filetype.PDF},
			{"oficio.exe", "%PDF-1.7", "oficio.pdf", filetype.PDF},
		} {
			a, err := s.Put(t.Context(), c.name, strings.NewReader(c.body))
			if err != nil || a.Name != c.kept || a.MIME != c.kind.MIME() || a.Size != int64(len(c.body)) {
				t.Errorf("%s: %+v, %v", c.name, a, err)
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
		for _, name := range []string{"oficio.pdf", "FOTO.JPEG", "sin-extension", "Oficio 23.11.2026", "factura.exe"} {
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
	if whole, err := s.Whole(t.Context(), a.Hash); whole || err != nil {
		t.Errorf("whole: %t, %v", whole, err)
	}
}

// Whoever opens a pipe waits for somebody to write into it.
func TestWhatIsNoFileIsDamagedAndNotWaitedFor(t *testing.T) {
	path := t.TempDir()
	s, err := files.Open(t.Context(), path, files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Put(t.Context(), "oficio.pdf", strings.NewReader("%PDF-1.7\nuno"))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(path, a.Hash)
	if err := errors.Join(os.Remove(name), syscall.Mkfifo(name, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), a.Hash); !errors.Is(err, files.ErrDamaged) {
		t.Errorf("%v", err)
	}
	if whole, err := s.Whole(t.Context(), a.Hash); whole || err != nil {
		t.Errorf("whole: %t, %v", whole, err)
	}
}

func TestAContentIsComparedWithItsAddress(t *testing.T) {
	everywhere(t, func(t *testing.T, s *files.Store, _ func() int) {
		a, err := s.Put(t.Context(), "oficio.pdf", strings.NewReader("%PDF-1.7\nuno"))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Compare(t.Context(), a.Hash); err != nil {
			t.Errorf("what is there: %v", err)
		}
		for _, hash := range []string{strings.Repeat("ab", 32), "no hash"} {
			if err := s.Compare(t.Context(), hash); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("what is not there: %v", err)
			}
			if whole, err := s.Whole(t.Context(), hash); whole || err != nil {
				t.Errorf("whole: %t, %v", whole, err)
			}
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if whole, err := s.Whole(ended, a.Hash); whole || err == nil {
			t.Errorf("where the time has ended it is known: %t, %v", whole, err)
		}
	})
}
