// Package filetype tells what a file is by its content, and by which name it is kept.
//
// People name files as they like, and telephones, scanners and mail programs name
// them for them: "Oficio 23.11.2026" is a PDF, IMG_0412.HEIC may be a JPEG. The name
// is asked only where the content says nothing, to find the words that fit.
package filetype

import (
	"path"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core/value"
)

// Kind is what a file is.
type Kind string

// The kinds of file. What SIDEM takes comes first.
const (
	PDF  Kind = "pdf"
	JPEG Kind = "jpeg"
	PNG  Kind = "png"
	XLSX Kind = "xlsx"
	DOCX Kind = "docx"

	HEIC Kind = "heic"
	WebP Kind = "webp"
	AVIF Kind = "avif"
	GIF  Kind = "gif"
	TIFF Kind = "tiff"
	BMP  Kind = "bmp"
	SVG  Kind = "svg"

	XLS      Kind = "xls"
	DOC      Kind = "doc"
	PPT      Kind = "ppt"
	PPTX     Kind = "pptx"
	XLSB     Kind = "xlsb"
	Macros   Kind = "macros"   // an Office document that brings programs
	Template Kind = "template" // an Office document to make others of
	ODS      Kind = "ods"
	ODT      Kind = "odt"
	ODP      Kind = "odp"
	IWork    Kind = "iwork" // Pages, Numbers, Keynote
	RTF      Kind = "rtf"
	CSV      Kind = "csv"
	Text     Kind = "text"
	XML      Kind = "xml"
	Page     Kind = "page"     // HTML
	Shortcut Kind = "shortcut" // it names a file that lies elsewhere
	EML      Kind = "eml"
	MSG      Kind = "msg"
	ZIP      Kind = "zip"
	RAR      Kind = "rar"
	SevenZip Kind = "7z"
	GZip     Kind = "gzip"
	Sound    Kind = "sound"
	Film     Kind = "film"

	Empty        Kind = "empty"         // no byte
	CutPDF       Kind = "cut_pdf"       // its end is missing
	CutPicture   Kind = "cut_picture"   // its end is missing
	CutArchive   Kind = "cut_archive"   // an Office document, or another archive, without its end
	LockedPDF    Kind = "locked_pdf"    // a password opens it
	LockedOffice Kind = "locked_office" // a password opens it
	Unknown      Kind = "unknown"       // none of these
)

// traits are what is known of a kind. A kind with a mime is taken.
type traits struct {
	mime       string
	extensions []string // the first is given to a file without one
}

var kinds = map[Kind]traits{
	PDF:  {"application/pdf", []string{".pdf"}},
	JPEG: {"image/jpeg", []string{".jpg", ".jpeg", ".jpe", ".jfif"}},
	PNG:  {"image/png", []string{".png"}},
	XLSX: {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", []string{".xlsx"}},
	DOCX: {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", []string{".docx"}},

	HEIC:     {"", []string{".heic", ".heif"}},
	WebP:     {"", []string{".webp"}},
	AVIF:     {"", []string{".avif"}},
	GIF:      {"", []string{".gif"}},
	TIFF:     {"", []string{".tif", ".tiff"}},
	BMP:      {"", []string{".bmp"}},
	SVG:      {"", []string{".svg"}},
	XLS:      {"", []string{".xls", ".xlt"}},
	DOC:      {"", []string{".doc", ".dot"}},
	PPT:      {"", []string{".ppt", ".pps"}},
	PPTX:     {"", []string{".pptx", ".ppsx"}},
	XLSB:     {"", []string{".xlsb"}},
	Macros:   {"", []string{".xlsm", ".docm", ".pptm", ".xltm", ".dotm"}},
	Template: {"", []string{".xltx", ".dotx", ".potx"}},
	ODS:      {"", []string{".ods"}},
	ODT:      {"", []string{".odt"}},
	ODP:      {"", []string{".odp"}},
	IWork:    {"", []string{".pages", ".numbers", ".key"}},
	RTF:      {"", []string{".rtf"}},
	CSV:      {"", []string{".csv", ".tsv"}},
	Text:     {"", []string{".txt", ".log", ".md"}},
	XML:      {"", []string{".xml"}},
	Page:     {"", []string{".html", ".htm", ".mht", ".mhtml"}},
	Shortcut: {"", []string{".lnk", ".url", ".webloc", ".gdoc", ".gsheet", ".gslides"}},
	EML:      {"", []string{".eml"}},
	MSG:      {"", []string{".msg"}},
	ZIP:      {"", []string{".zip"}},
	RAR:      {"", []string{".rar"}},
	SevenZip: {"", []string{".7z"}},
	GZip:     {"", []string{".gz", ".tgz"}},
	Sound:    {"", []string{".mp3", ".m4a", ".ogg", ".oga", ".opus", ".wav", ".amr", ".aac", ".flac", ".wma"}},
	Film:     {"", []string{".mp4", ".mov", ".avi", ".3gp", ".mkv", ".webm", ".m4v", ".wmv", ".mpg", ".mpeg"}},

	Empty: {}, CutPDF: {}, CutPicture: {}, CutArchive: {}, LockedPDF: {}, LockedOffice: {},
	Unknown: {"", []string{".exe", ".com", ".bat", ".scr", ".bin", ".dat", ".tmp", ".download", ".crdownload", ".part"}},
}

// Kinds are all kinds, in order of their names.
func Kinds() []Kind {
	out := make([]Kind, 0, len(kinds))
	for k := range kinds {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// MIME is the media type that a file of a kind is kept with; "" where it is not taken.
func (k Kind) MIME() string { return kinds[k].mime }

// IsTaken reports whether SIDEM keeps files of the kind.
func (k Kind) IsTaken() bool { return kinds[k].mime != "" }

// OfName is the kind that the extension of a name promises; Unknown where it promises none.
func OfName(name string) Kind {
	k, _ := ofExtension(path.Ext(name))
	return k
}

// ofExtension is the kind of an extension; false for what only looks like one.
func ofExtension(ext string) (Kind, bool) {
	ext = strings.ToLower(ext)
	for k, t := range kinds {
		if slices.Contains(t.extensions, ext) {
			return k, true
		}
	}
	return Unknown, false
}

// maxName is the most characters of a name, its extension included.
const maxName = 120

// Name is the name by which a file of a kind is kept: the last part of what it was
// called, in normal form C, without characters that nobody sees, and with an extension
// that fits. One that promises another kind is replaced; of "Oficio 23.11.2026" nothing
// is. A kind that is not taken keeps what it was called.
func Name(name string, k Kind) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = value.Line(name)
	ext := path.Ext(name)
	switch promised, is := ofExtension(ext); {
	case !is:
		ext = ""
	case promised == k || !k.IsTaken():
		name = strings.TrimSuffix(name, ext)
	default:
		name = strings.TrimSuffix(name, ext)
		ext = ""
		if OfName(name) == k { // oficio.pdf.zip
			ext = path.Ext(name)
			name = strings.TrimSuffix(name, ext)
		}
	}
	if ext == "" && k.IsTaken() {
		ext = kinds[k].extensions[0]
	}
	name = strings.TrimRight(name, ". ")
	if r := []rune(name); len(r) > maxName-len(ext) {
		name = strings.TrimSpace(string(r[:maxName-len(ext)]))
	}
	if strings.Trim(name, ".") == "" {
		name = "archivo"
	}
	return name + ext
}
