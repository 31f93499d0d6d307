package filetype_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"sidem.gob.mx/sidem/core/filetype"
)

// sample is a file of testdata, which make.sh there wrote.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func judge(t testing.TB, name string, body []byte) filetype.Kind {
	t.Helper()
	k, err := filetype.Judge(name, bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return k
}

// archive is a zip of parts, by path.
func archive(t testing.TB, parts ...string) []byte {
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
	return b.Bytes()
}

// office is a package whose main part is at a path and of a content type.
func office(t testing.TB, main, kind string, more ...string) []byte {
	t.Helper()
	return archive(t, append([]string{
		"[Content_Types].xml", `<Types><Default Extension="xml" ContentType="application/xml"/><Override PartName="/` + main + `" ContentType="application/vnd.` + kind + `+xml"/></Types>`,
		"_rels/.rels", `<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="` + main + `"/></Relationships>`,
		main, "<x/>",
	}, more...)...)
}

// compound is a compound file whose directory holds streams of some names.
func compound(names ...string) []byte {
	body := make([]byte, 512, 4096)
	copy(body, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	for _, name := range names {
		entry := make([]byte, 128)
		units := utf16.Encode([]rune(name + "\x00"))
		for i, u := range units {
			binary.LittleEndian.PutUint16(entry[2*i:], u)
		}
		binary.LittleEndian.PutUint16(entry[64:], uint16(2*len(units)))
		entry[66] = 2
		body = append(body, entry...)
	}
	return body
}

func TestWhatProgramsWriteIsToldByItsContentAlone(t *testing.T) {
	for file, want := range map[string]filetype.Kind{
		"oficio.pdf": filetype.PDF, "foto.jpg": filetype.JPEG, "progresiva.jpg": filetype.JPEG, "foto.png": filetype.PNG,
		"hoja.xlsx": filetype.XLSX, "texto.docx": filetype.DOCX, "foto.heic": filetype.HEIC, "foto.webp": filetype.WebP,
		"foto.gif": filetype.GIF, "foto.tif": filetype.TIFF, "hoja.xls": filetype.XLS, "texto.doc": filetype.DOC,
		"hoja.ods": filetype.ODS, "texto.odt": filetype.ODT, "texto.rtf": filetype.RTF,
	} {
		body := sample(t, file)
		for _, name := range []string{file, "sin nombre", "otro.bin", "otro.png", "otro.pdf", "Oficio 23.11.2026"} {
			if got := judge(t, name, body); got != want {
				t.Errorf("%s, called %q, is taken for %s", file, name, got)
			}
		}
	}
}

func TestAPasswordIsToldFromAProhibitionToCopy(t *testing.T) {
	for _, kind := range []string{"40", "128", "128aes", "256", "256r5"} {
		if got := judge(t, "a.pdf", sample(t, "clave-"+kind+".pdf")); got != filetype.LockedPDF {
			t.Errorf("with a password, %s bits: %s", kind, got)
		}
		if got := judge(t, "a.pdf", sample(t, "abierto-"+kind+".pdf")); got != filetype.PDF {
			t.Errorf("without, %s bits: %s", kind, got)
		}
	}
	if got := judge(t, "a.pdf", sample(t, "abierto-objetos.pdf")); got != filetype.PDF {
		t.Errorf("with its trailer in a stream: %s", got)
	}
	certified := "%PDF-1.6\n1 0 obj\n<< /Filter /Adobe.PubSec /V 4 >>\nendobj\ntrailer\n<< /Encrypt 1 0 R >>\nstartxref\n0\n%%EOF\n"
	if got := judge(t, "a.pdf", []byte(certified)); got != filetype.LockedPDF {
		t.Errorf("for holders of a certificate: %s", got)
	}
}

func TestAFileWithoutItsEndIsSaidToLackIt(t *testing.T) {
	for file, want := range map[string]filetype.Kind{
		"oficio.pdf": filetype.CutPDF, "foto.jpg": filetype.CutPicture, "progresiva.jpg": filetype.CutPicture, "foto.png": filetype.CutPicture,
		"hoja.xlsx": filetype.CutArchive, "texto.docx": filetype.CutArchive,
	} {
		body := sample(t, file)
		for _, part := range []int{4, 8, 15} {
			if got := judge(t, file, body[:len(body)*part/16]); got != want {
				t.Errorf("%d/16 of %s are taken for %s", part, file, got)
			}
		}
		if got := judge(t, file, append(body, "\r\n-- enviado desde mi teléfono"...)); got == want {
			t.Errorf("%s with something after its end is said to be cut", file)
		}
	}
	if got := judge(t, "todo.zip", archive(t, "a.txt", "a")[:40]); got != filetype.ZIP {
		t.Errorf("half an archive that is not taken anyway: %s", got)
	}
}

func TestAPDFMayStandBehindWhatAProgramLeft(t *testing.T) {
	pdf := sample(t, "oficio.pdf")
	for name, before := range map[string]string{
		"a byte order mark": "\xef\xbb\xbf", "line breaks": "\r\n\r\n", "a server's head": "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n",
		"a Macintosh's head": strings.Repeat("\x00", 128), "a form's part": "------WebKit\r\nContent-Type: application/pdf\r\n\r\n", "a kilobyte": strings.Repeat("x", 1000),
	} {
		if got := judge(t, "sin extensión", append([]byte(before), pdf...)); got != filetype.PDF {
			t.Errorf("%s before it: %s", name, got)
		}
	}
	for name, body := range map[string]string{"two kilobytes": strings.Repeat("x", 2000), "a page": "<!DOCTYPE html><p>", "a mail": "From: a@x.mx\r\nTo: b@x.mx\r\n\r\n"} {
		if got := judge(t, "a.pdf", append([]byte(body), pdf...)); got == filetype.PDF && name != "a mail" {
			t.Errorf("%s before it is taken for a PDF", name)
		}
	}
}

func TestAnOfficeDocumentIsJudgedByWhatThePackageSaysOfIt(t *testing.T) {
	const sheet, document = "openxmlformats-officedocument.spreadsheetml.sheet.main", "openxmlformats-officedocument.wordprocessingml.document.main"
	for name, c := range map[string]struct {
		body []byte
		want filetype.Kind
	}{
		"Word online's":              {office(t, "word/document2.xml", document), filetype.DOCX},
		"a book elsewhere":           {office(t, "libro/uno.xml", sheet), filetype.XLSX},
		"strict":                     {bytes.ReplaceAll(office(t, "xl/workbook.xml", sheet), []byte("http://schemas.openxmlformats.org/officeDocument/2006"), []byte("http://purl.oclc.org/ooxml/officeDocument/././././.")), filetype.XLSX},
		"a template":                 {office(t, "xl/workbook.xml", "openxmlformats-officedocument.spreadsheetml.template.main"), filetype.Template},
		"slides":                     {office(t, "ppt/presentation.xml", "openxmlformats-officedocument.presentationml.presentation.main"), filetype.PPTX},
		"a binary book":              {office(t, "xl/workbook.bin", "ms-excel.sheet.binary.macroEnabled.main"), filetype.XLSB},
		"a book with macros":         {office(t, "xl/workbook.xml", "ms-excel.sheet.macroEnabled.main"), filetype.Macros},
		"macros behind another name": {office(t, "xl/workbook.xml", sheet, "xl/vbaProject.bin", "x"), filetype.Macros},
		"no main part":               {archive(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<x/>"), filetype.CutArchive},
		"names alone":                {archive(t, "xl/workbook.xml", "<x/>"), filetype.ZIP},
		"something else":             {office(t, "visio/document.xml", "ms-visio.drawing.main"), filetype.ZIP},
		"Pages":                      {archive(t, "Index/Document.iwa", "x"), filetype.IWork},
		"nothing in it":              {archive(t), filetype.ZIP},
	} {
		if got := judge(t, "a.zip", c.body); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := judge(t, "renglones.xlsx", bytes.ReplaceAll(office(t, "xl/workbook.xml", sheet), []byte("xml/"), []byte("xmx/"))); got == filetype.Unknown {
		t.Errorf("damaged: %s", got)
	}
}

func TestACompoundFileIsToldByItsDirectory(t *testing.T) {
	for want, body := range map[filetype.Kind][]byte{
		filetype.LockedOffice: compound("Root Entry", "EncryptionInfo", "EncryptedPackage"),
		filetype.MSG:          compound("Root Entry", "__properties_version1.0"),
		filetype.DOC:          compound("Root Entry", "Workbook", "WordDocument"),
		filetype.PPT:          compound("Root Entry", "PowerPoint Document"),
		filetype.XLS:          compound("Root Entry", "Book"),
		filetype.Unknown:      compound("Root Entry", "Contents"),
	} {
		if got := judge(t, "archivo", body); got != want {
			t.Errorf("%s is taken for %s", want, got)
		}
	}
	if got := judge(t, "viejo.xls", compound()); got != filetype.XLS {
		t.Errorf("by its name: %s", got)
	}
}

func TestKindsWithoutAProgramHereAreToldByTheirFirstBytes(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want filetype.Kind
	}{
		"a.rar":      {"Rar!\x1a\x07\x01\x00", filetype.RAR},
		"a.7z":       {"7z\xbc\xaf\x27\x1c\x00", filetype.SevenZip},
		"a.mp4":      {"\x00\x00\x00\x20ftypisom\x00\x00", filetype.Film},
		"a.mov":      {"\x00\x00\x00\x14ftypqt  \x00\x00", filetype.Film},
		"a.m4a":      {"\x00\x00\x00\x20ftypM4A \x00\x00", filetype.Sound},
		"a.avif":     {"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00", filetype.AVIF},
		"mif.avif":   {"\x00\x00\x00\x20ftypmif1\x00\x00\x00\x00mif1avif", filetype.AVIF},
		"voz.ogg":    {"OggS\x00\x02", filetype.Sound},
		"a.wav":      {"RIFF\x24\x00\x00\x00WAVEfmt ", filetype.Sound},
		"a.avi":      {"RIFF\x24\x00\x00\x00AVI LIST", filetype.Film},
		"a.bmp":      {"BM\x36\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00", filetype.BMP},
		"a.svg":      {`<?xml version="1.0"?><svg xmlns="x"/>`, filetype.SVG},
		"cfdi.xml":   {`<?xml version="1.0"?><cfdi:Comprobante/>`, filetype.XML},
		"oficio.pdf": {"\n<!doctype HTML><title>Sign in</title>", filetype.Page},
		"a.htm":      {"<HTML>", filetype.Page},
		"correo.eml": {"Received: from x\r\n by y\r\nSubject: Oficio\r\n\r\nHola", filetype.EML},
		"correo":     {"From: a@x.mx\nTo: b@x.mx\n\nHola", filetype.EML},
		"a.csv":      {"Descripci\xf3n;Cantidad\r\nMonitor;2\r\n", filetype.CSV},
		"b.csv":      {"\xef\xbb\xbfDescripción,Cantidad\n", filetype.CSV},
		"u.csv":      {"\xff\xfeD\x00e\x00", filetype.CSV},
		"v.csv":      {"D\x00e\x00s\x00", filetype.CSV},
		"w.csv":      {"\x00D\x00e\x00s", filetype.CSV},
		"nota.txt":   {"Se adjunta el oficio.", filetype.Text},
		"nota":       {"BM no es un mapa de bits: es un texto.", filetype.Text},
		"nota.pdf":   {"Se adjunta el oficio.", filetype.Text},
		"a.gdoc":     {`{"url":"https://docs.google.com/x","doc_id":"1"}`, filetype.Shortcut},
		"a.lnk":      {"L\x00\x00\x00\x01\x14\x02\x00", filetype.Shortcut},
		"virus.exe":  {"MZ\x90\x00", filetype.Unknown},
		"macro.exe":  {"MZ es texto", filetype.Unknown},
		"virus.pdf":  {"MZ\x90\x00", filetype.Unknown},
		"viejo.xls":  {"\x09\x08\x10\x00", filetype.XLS},
		"vacío.pdf":  {"", filetype.Empty},
	} {
		if got := judge(t, name, []byte(c.body)); got != c.want {
			t.Errorf("%s is taken for %s, want %s", name, got, c.want)
		}
	}
}

func TestANameIsMendedToFitWhatTheFileIs(t *testing.T) {
	for _, c := range []struct {
		name string
		kind filetype.Kind
		want string
	}{
		{"oficio.PDF", filetype.PDF, "oficio.PDF"},
		{"foto.jpeg", filetype.JPEG, "foto.jpeg"},
		{"oficio", filetype.PDF, "oficio.pdf"},
		{"Oficio 23.11.2026", filetype.PDF, "Oficio 23.11.2026.pdf"},
		{"Oficio No. 412", filetype.PDF, "Oficio No. 412.pdf"},
		{"IMG_0412.HEIC", filetype.JPEG, "IMG_0412.jpg"},
		{"foto.png", filetype.JPEG, "foto.jpg"},
		{"oficio.pdf.zip", filetype.PDF, "oficio.pdf"},
		{"oficio.pdf", filetype.DOCX, "oficio.docx"},
		{"../../etc/oficio.pdf", filetype.PDF, "oficio.pdf"},
		{`C:\Escritorio\oficio.pdf`, filetype.PDF, "oficio.pdf"},
		{"", filetype.PDF, "archivo.pdf"},
		{"...", filetype.PDF, "archivo.pdf"},
		{".pdf", filetype.PDF, "archivo.pdf"},
		{"oficio.", filetype.PDF, "oficio.pdf"},
		{"oficio\u202efdp.exe", filetype.PDF, "oficiofdp.pdf"},
		{"a\x00b\n c.pdf", filetype.PDF, "a b c.pdf"},
		{"Estimacio\u0301n.pdf", filetype.PDF, "Estimación.pdf"},
		{strings.Repeat("ñ", 300) + ".pdf", filetype.PDF, strings.Repeat("ñ", 116) + ".pdf"},
		{"a.exe", filetype.Unknown, "a.exe"},
		{"oficio.pdf.crdownload", filetype.PDF, "oficio.pdf"},
	} {
		if got := filetype.Name(c.name, c.kind); got != c.want {
			t.Errorf("%q of kind %s is kept as %q, want %q", c.name, c.kind, got, c.want)
		}
	}
}

func TestAnArchiveThatSaysMuchOfItselfCostsLittle(t *testing.T) {
	many := make([]string, 0, 200_000)
	for range 100_000 {
		many = append(many, "x/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.xml", "")
	}
	large := office(t, "xl/workbook.xml", "openxmlformats-officedocument.spreadsheetml.sheet.main", "xl/filler.xml", strings.Repeat("<x/>", 4<<20))
	types := archive(t, "[Content_Types].xml", "<Types>"+strings.Repeat(`<Default Extension="xml"/>`, 1<<20)+"</Types>", "_rels/.rels", "<Relationships>"+strings.Repeat(`<Relationship/>`, 1<<20)+"</Relationships>")
	for name, body := range map[string][]byte{"a directory of many": archive(t, many...), "a large part": large, "large types": types} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		judge(t, "a.xlsx", body)
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 64<<20 {
			t.Errorf("%s: %d bytes were allocated", name, got)
		}
	}
}

func TestEveryKindOfTheTableIsNamedByItsExtensions(t *testing.T) {
	seen := map[filetype.Kind]bool{}
	for _, name := range []string{"a.pdf", "a.JPG", "a.png", "a.xlsx", "a.docx", "a.heic", "a.numbers", "a.tsv", "a.mp4"} {
		seen[filetype.OfName(name)] = true
	}
	if len(seen) != 9 || seen[filetype.Unknown] || filetype.OfName("a.2026") != filetype.Unknown || filetype.OfName("a") != filetype.Unknown {
		t.Errorf("%v", seen)
	}
	taken := 0
	for _, k := range filetype.Kinds() {
		if k.IsTaken() {
			taken++
		}
	}
	if taken != 5 {
		t.Errorf("%d kinds are taken", taken)
	}
}

func FuzzJudgeNeverFailsNorPanics(f *testing.F) {
	all, err := filepath.Glob("testdata/*.*")
	if err != nil || len(all) == 0 {
		f.Fatal(all, err)
	}
	for _, path := range all {
		body, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(filepath.Base(path), body)
	}
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		k := judge(t, name, body)
		if kept := filetype.Name(name, k); kept == "" || strings.ContainsAny(kept, "/\\\x00\n") || filetype.Name(kept, k) != kept {
			t.Errorf("%q of kind %s is kept as %q, and then as %q", name, k, kept, filetype.Name(kept, k))
		}
	})
}
