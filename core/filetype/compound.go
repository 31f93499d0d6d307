package filetype

import (
	"io"
	"unicode/utf16"
)

// A compound file ([MS-CFB]) is what Office wrote before 2007, what Outlook writes,
// and the envelope of a document with a password. Its directory is made of entries of
// 128 bytes: a name in UTF-16, its length in bytes at 64, its kind at 66.
const (
	entrySize  = 128
	nameLength = 64
	entryKind  = 66
)

// streams are the names in a directory that tell what a compound file is; an earlier
// one wins, since a document may embed others.
var streams = []struct {
	name string
	kind Kind
}{
	{"EncryptedPackage", LockedOffice},
	{"__properties_version1.0", MSG},
	{"WordDocument", DOC},
	{"PowerPoint Document", PPT},
	{"Workbook", XLS},
	{"Book", XLS},
}

// judgeCompound looks for the streams at all places where an entry can stand, and
// follows no chain: one that is cut, or lies about itself, is judged as well.
func judgeCompound(name string, r io.ReaderAt, size int64) (Kind, error) {
	want := make([]string, len(streams))
	for i, s := range streams {
		units := utf16.Encode([]rune(s.name + "\x00"))
		raw := make([]byte, 0, 2*len(units))
		for _, u := range units {
			raw = append(raw, byte(u), byte(u>>8)) //nolint:gosec // the two halves of it
		}
		want[i] = string(raw)
	}
	best := len(streams)
	err := forwards(r, size, func(part []byte) {
		for at := 0; at+entrySize <= len(part); at += entrySize {
			entry := part[at : at+entrySize]
			if k := entry[entryKind]; k != 1 && k != 2 {
				continue
			}
			length := int(entry[nameLength]) | int(entry[nameLength+1])<<8
			for i := range best {
				if length == len(want[i]) && string(entry[:length]) == want[i] {
					best = i
					break
				}
			}
		}
	})
	if err != nil || best == len(streams) {
		return ofCompound(name), err
	}
	return streams[best].kind, nil
}

// forwards calls do with the parts of a file, each a multiple of entrySize but the last.
func forwards(r io.ReaderAt, size int64, do func(part []byte)) error {
	buf := make([]byte, min(size, scanSize))
	for at := int64(0); at < size; at += int64(len(buf)) {
		part := buf[:min(int64(len(buf)), size-at)]
		if n, err := r.ReadAt(part, at); n < len(part) {
			return err
		}
		do(part)
	}
	return nil
}

// ofCompound is the kind of a compound file of which only the name is known.
func ofCompound(name string) Kind {
	switch k := OfName(name); k {
	case XLS, DOC, PPT, MSG:
		return k
	case XLSX, DOCX, PPTX, XLSB, Macros:
		return LockedOffice
	default:
		return Unknown
	}
}
