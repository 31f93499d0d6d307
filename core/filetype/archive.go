package filetype

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"
)

// The bounds of what is read of an archive: its directory, and a part that says what it is.
const (
	maxDirectory = 2 << 20
	maxPart      = 1 << 20
)

// OpenArchive reads the directory of a zip archive. Reading fails where the directory
// is larger than any document's: what it allocates is bounded.
func OpenArchive(r io.ReaderAt, size int64) (*zip.Reader, error) {
	b := &budget{ReaderAt: r, left: maxDirectory}
	z, err := zip.NewReader(b, size)
	b.left = size * 64 // the parts have bounds of their own
	return z, err
}

// budget is a file of which only so many bytes may be read.
type budget struct {
	io.ReaderAt
	left int64
}

var errBudget = errors.New("more of the archive would be read than a document's takes")

func (b *budget) ReadAt(p []byte, off int64) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errBudget
	}
	return b.ReaderAt.ReadAt(p, off)
}

// judgeArchive tells Office and OpenDocument from other archives, by what they say of
// themselves and not by the names of their parts.
func judgeArchive(name string, r io.ReaderAt, size int64) (Kind, error) {
	z, err := OpenArchive(r, size)
	switch {
	case errors.Is(err, errBudget):
		return ZIP, nil
	case err != nil:
		if k := OfName(name); k == ZIP {
			return k, nil
		}
		return CutArchive, nil
	}
	if part := Part(z, "mimetype"); part != nil {
		if k := ofOpenDocument(part); k != Unknown {
			return k, nil
		}
	}
	if Part(z, "[Content_Types].xml") != nil {
		k, _ := OfficeParts(z)
		return k, nil
	}
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, ".iwa") || strings.HasSuffix(f.Name, "Index.zip") {
			return IWork, nil
		}
	}
	return ZIP, nil
}

// Part is the file of an archive with a path, whatever its case, or nil.
func Part(z *zip.Reader, name string) *zip.File {
	name = strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/")
	for _, f := range z.File {
		if strings.EqualFold(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"), name) {
			return f
		}
	}
	return nil
}

func ofOpenDocument(part *zip.File) Kind {
	r, err := part.Open()
	if err != nil {
		return Unknown
	}
	defer func() { _ = r.Close() }()
	said, _ := io.ReadAll(io.LimitReader(r, 256)) // what was read says enough
	rest, ok := strings.CutPrefix(strings.TrimSpace(string(said)), "application/vnd.oasis.opendocument.")
	switch {
	case !ok:
		return Unknown
	case strings.HasPrefix(rest, "spreadsheet"):
		return ODS
	case strings.HasPrefix(rest, "presentation"):
		return ODP
	default:
		return ODT
	}
}

// mains are the content types of the main part of an Office document (ECMA-376, Part
// 1), without what they begin and end with.
var mains = map[string]Kind{
	"openxmlformats-officedocument.spreadsheetml.sheet":         XLSX,
	"openxmlformats-officedocument.wordprocessingml.document":   DOCX,
	"openxmlformats-officedocument.presentationml.presentation": PPTX,
	"openxmlformats-officedocument.presentationml.slideshow":    PPTX,
	"openxmlformats-officedocument.spreadsheetml.template":      Template,
	"openxmlformats-officedocument.wordprocessingml.template":   Template,
	"openxmlformats-officedocument.presentationml.template":     Template,
	"ms-excel.sheet.binary.macroEnabled":                        XLSB,
	"ms-excel.sheet.macroEnabled":                               Macros,
	"ms-excel.template.macroEnabled":                            Macros,
	"ms-excel.addin.macroEnabled":                               Macros,
	"ms-word.document.macroEnabled":                             Macros,
	"ms-word.template.macroEnabledTemplate":                     Macros,
	"ms-powerpoint.presentation.macroEnabled":                   Macros,
	"ms-powerpoint.slideshow.macroEnabled":                      Macros,
	"ms-powerpoint.template.macroEnabled":                       Macros,
}

// OfficeParts is the kind of an Office document, and the path of its main part: found
// by the relationships of the package and judged by the content types (ECMA-376, Part
// 2). An archive whose main part is not there is CutArchive.
func OfficeParts(z *zip.Reader) (k Kind, main string) {
	for _, f := range z.File {
		if strings.Contains(strings.ToLower(f.Name), "vbaproject") {
			return Macros, ""
		}
	}
	_, byType := Relationships(z, "")
	main = byType["officeDocument"]
	if main == "" || Part(z, main) == nil {
		return CutArchive, ""
	}
	said, programs, err := contentType(z, main)
	switch {
	case err != nil:
		return CutArchive, ""
	case programs:
		return Macros, ""
	}
	said = strings.TrimSuffix(strings.TrimPrefix(said, "application/vnd."), "+xml")
	if k, ok := mains[strings.TrimSuffix(said, ".main")]; ok {
		return k, main
	}
	return ZIP, ""
}

// Relationships are the targets that a part of a package names, by id and by the end
// of their type.
func Relationships(z *zip.Reader, part string) (byID, byType map[string]string) {
	dir, file := path.Split(part)
	byID, byType = map[string]string{}, map[string]string{}
	_ = eachElement(Part(z, dir+"_rels/"+file+".rels"), func(e xml.StartElement) { // what cannot be read names nothing
		if e.Name.Local != "Relationship" || attribute(e, "TargetMode") == "External" {
			return
		}
		target := strings.ReplaceAll(attribute(e, "Target"), `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = dir + target
		}
		target = strings.TrimPrefix(path.Clean("/"+target), "/")
		byID[attribute(e, "Id")] = target
		byType[path.Base(attribute(e, "Type"))] = target
	})
	return byID, byType
}

// contentType is what the package says of a part, and whether it says of any part that
// it holds programs.
func contentType(z *zip.Reader, part string) (said string, programs bool, err error) {
	byExtension := ""
	err = eachElement(Part(z, "[Content_Types].xml"), func(e xml.StartElement) {
		kind := attribute(e, "ContentType")
		if strings.Contains(kind, "vbaProject") || strings.Contains(kind, "macrosheet") {
			programs = true
		}
		switch e.Name.Local {
		case "Override":
			if strings.EqualFold(strings.TrimPrefix(attribute(e, "PartName"), "/"), part) {
				said = kind
			}
		case "Default":
			if strings.EqualFold("."+attribute(e, "Extension"), path.Ext(part)) {
				byExtension = kind
			}
		}
	})
	if said == "" {
		said = byExtension
	}
	return said, programs, err
}

// eachElement calls do with each element of a part that is XML.
func eachElement(part *zip.File, do func(xml.StartElement)) error {
	if part == nil {
		return errors.New("no such part")
	}
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	d := xml.NewDecoder(io.LimitReader(r, maxPart))
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok {
			do(e)
		}
	}
}

// attribute is the value of an attribute of an element, whatever its namespace.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
