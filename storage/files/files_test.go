package files_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"sidem/storage/files"
)

func folder(t *testing.T) *files.Folder {
	t.Helper()
	f, err := files.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return f
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
	f := folder(t)
	body := "%PDF-1.7\n" + strings.Repeat("página\n", 1000)
	a, err := f.Put(t.Context(), "../../etc/oficio.PDF", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	b, err := f.Put(t.Context(), "otro.pdf", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if a.Name != "oficio.PDF" || a.MIME != "application/pdf" || a.Size != int64(len(body)) || a.Hash != b.Hash {
		t.Errorf("%+v, %+v", a, b)
	}
	r, err := f.Get(t.Context(), a.Hash)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if got, err := io.ReadAll(r); err != nil || string(got) != body {
		t.Errorf("%d bytes came back, %v", len(got), err)
	}
}

func TestContentAndExtensionMustBothBeAllowed(t *testing.T) {
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
		_, err := folder(t).Put(t.Context(), c.name, strings.NewReader(c.body))
		wrong, ok := errors.AsType[*files.TypeError](err)
		if !ok || c.kind != "" && wrong.MIME != c.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, body := range map[string]string{
		"renglones.xlsx": workbook, "nota.docx": archive(t, "word/document.xml"), "foto.JPG": "\xff\xd8\xff\xe0", "foto.png": "\x89PNG\r\n\x1a\n",
	} {
		if _, err := folder(t).Put(t.Context(), name, strings.NewReader(body)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
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
	var e endless
	_, err := folder(t).Put(t.Context(), "oficio.pdf", &e)
	if _, ok := errors.AsType[*files.TooLargeError](err); !ok || e.read > files.MaxSize+1<<20 {
		t.Errorf("%v after %d bytes", err, e.read)
	}
}

func TestWhatCanBeToldBeforeIsToldBefore(t *testing.T) {
	f := folder(t)
	if large, ok := errors.AsType[*files.TooLargeError](f.Check("oficio.pdf", 24<<20)); !ok || large.Size != 24<<20 {
		t.Errorf("%v", large)
	}
	if _, ok := errors.AsType[*files.TypeError](f.Check("virus.exe", 10)); !ok {
		t.Error("a program may be fetched")
	}
	for _, name := range []string{"oficio.pdf", "FOTO.JPEG", "sin-extension"} {
		if err := f.Check(name, -1); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOnlyAContentAddressIsOpened(t *testing.T) {
	for _, hash := range []string{"", "../secret", "..", strings.Repeat("0", 63), strings.Repeat("g", 64)} {
		if r, err := folder(t).Get(t.Context(), hash); err == nil {
			_ = r.Close()
			t.Errorf("%q was opened", hash)
		}
	}
}
