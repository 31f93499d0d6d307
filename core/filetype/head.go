package filetype

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Head is how many bytes of a file Sniff wants to see.
const Head = 4096

// pdfWithin is how far into a file its %PDF- may stand: readers take a byte order
// mark, or what a web server or a mail program left, before it (ISO 32000-1,
// Annex H.3, note 13).
const pdfWithin = 1024

// Sniff is the kind of a file by its first Head bytes, or all of a shorter one; its name
// tells only what they do not. Where sure is false, Judge may find another.
func Sniff(name string, head []byte) (k Kind, sure bool) {
	if len(head) == 0 {
		return Empty, true
	}
	body := trimmed(head)
	switch {
	case bytes.HasPrefix(body, []byte("%PDF-")):
		return PDF, false
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return JPEG, false
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return PNG, false
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return ZIP, false
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return ofCompound(name), false
	}
	if k := magic(head); k != Unknown {
		return k, true
	}
	if k := markup(body); k != Unknown {
		return k, true
	}
	if bytes.Contains(head[:min(len(head), pdfWithin)], []byte("%PDF-")) {
		return PDF, false
	}
	promised, is := ofExtension(path.Ext(name))
	if isText(head) && (promised != Unknown || !is) {
		return ofText(body, promised), true
	}
	if promised.IsTaken() || promised == Text || promised == CSV { // it is something else
		return Unknown, true
	}
	return promised, true
}

// trimmed is head without a byte order mark and white space before its content.
func trimmed(head []byte) []byte {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	return bytes.TrimLeft(head, " \t\r\n\f\x00")
}

// magics are the first bytes of kinds that need no second look.
var magics = []struct {
	at    int
	bytes string
	kind  Kind
}{
	{0, "GIF87a", GIF},
	{0, "GIF89a", GIF},
	{0, "II*\x00", TIFF},
	{0, "MM\x00*", TIFF},
	{0, "BM", BMP},
	{0, "Rar!\x1a\x07", RAR},
	{0, "7z\xbc\xaf\x27\x1c", SevenZip},
	{0, "\x1f\x8b", GZip},
	{0, `{\rtf`, RTF},
	{0, "OggS", Sound},
	{0, "ID3", Sound},
	{0, "\xff\xfb", Sound},
	{0, "\xff\xf3", Sound},
	{0, "\xff\xf1", Sound},
	{0, "#!AMR", Sound},
	{0, "fLaC", Sound},
	{0, "\x1aE\xdf\xa3", Film},
	{0, "\x00\x00\x01\xba", Film},
	{0, "L\x00\x00\x00\x01\x14\x02\x00", Shortcut},
	{8, "WEBP", WebP}, // RIFF
	{8, "WAVE", Sound},
	{8, "AVI ", Film},
}

// brands are the first brands of ISO base media files (ISO/IEC 14496-12), which stand
// after "ftyp"; any other is a film.
var brands = map[string]Kind{
	"heic": HEIC, "heix": HEIC, "heim": HEIC, "heis": HEIC, "hevc": HEIC, "hevx": HEIC, "mif1": HEIC, "msf1": HEIC, "mif2": HEIC,
	"avif": AVIF, "avis": AVIF, "M4A ": Sound, "M4B ": Sound,
}

func magic(head []byte) Kind {
	for _, m := range magics {
		if len(head) < m.at || !bytes.HasPrefix(head[m.at:], []byte(m.bytes)) {
			continue
		}
		if m.at == 8 && !bytes.HasPrefix(head, []byte("RIFF")) {
			continue
		}
		if m.kind == BMP && (len(head) < 14 || !bytes.Equal(head[6:10], []byte{0, 0, 0, 0})) {
			continue // a text that begins with BM
		}
		return m.kind
	}
	if len(head) < 12 || string(head[4:8]) != "ftyp" {
		return Unknown
	}
	if k, ok := brands[string(head[8:12])]; ok {
		if k == HEIC && bytes.Contains(head[:min(len(head), 64)], []byte("avif")) {
			return AVIF
		}
		return k
	}
	return Film
}

// markup is the kind of a text in angle brackets.
func markup(body []byte) Kind {
	start := strings.ToLower(string(body[:min(len(body), 1024)]))
	if !strings.HasPrefix(start, "<") {
		return Unknown
	}
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body", "<script", "<title", "<meta"} {
		if strings.HasPrefix(start, tag) {
			return Page
		}
	}
	switch {
	case strings.Contains(start, "<svg"):
		return SVG
	case strings.Contains(start, "<html"):
		return Page
	case strings.HasPrefix(start, "<?xml"):
		return XML
	default:
		return Unknown
	}
}

// BareUTF16 reports whether a text is in UTF-16 without saying so, as one whose letters
// are mostly of the first 256 shows: every second byte of it is zero. low is where the low
// byte of a unit stands, 0 or 1.
func BareUTF16(body []byte) (low int, is bool) {
	zeros := [2]int{}
	for i, b := range body {
		if b == 0 {
			zeros[i%2]++
		}
	}
	for low, n := range zeros {
		if other := zeros[1-low]; n == 0 && other > 0 && other*10 >= len(body)/2*9 && isPlain(body, low) {
			return low, true
		}
	}
	return 0, false
}

// isPlain reports whether no unit of a text in UTF-16 is a control character.
func isPlain(body []byte, low int) bool {
	for i := 0; i+1 < len(body); i += 2 {
		if isControl(body[i+low]) && body[i+1-low] == 0 {
			return false
		}
	}
	return true
}

func isControl(b byte) bool {
	return b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != '\v'
}

// isText reports whether head is text: UTF-8, one byte a letter, or UTF-16.
func isText(head []byte) bool {
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return true
	}
	if _, is := BareUTF16(head); is {
		return true
	}
	if slices.ContainsFunc(head, isControl) {
		return false
	}
	if cut := len(head) - utf8.UTFMax; cut > 0 && !utf8.Valid(head[:cut]) || cut <= 0 && !utf8.Valid(head) {
		return latin(head)
	}
	return true
}

// latin reports whether what is no UTF-8 may be a text of Windows-1252: mostly letters.
func latin(head []byte) bool {
	high := 0
	for _, b := range head {
		if b >= 0x80 {
			high++
		}
	}
	return high*3 < len(head)
}

// mailHeader begins a mail: two lines of its header.
var mailHeader = regexp.MustCompile(`(?i)^(?:(?:received|return-path|delivered-to|from|to|cc|subject|date|mime-version|message-id|content-type|reply-to|dkim-signature|arc-[a-z-]+|x-[a-z0-9-]+):[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){2}`)

// ofText is the kind of a text, of which the name promises one.
func ofText(body []byte, promised Kind) Kind {
	switch {
	case mailHeader.Match(body):
		return EML
	case bytes.HasPrefix(body, []byte("[InternetShortcut]")), bytes.HasPrefix(body, []byte("{")) && bytes.Contains(body, []byte(`"doc_id"`)):
		return Shortcut
	case promised.IsTaken() || promised == Unknown:
		return Text
	default:
		return promised
	}
}
