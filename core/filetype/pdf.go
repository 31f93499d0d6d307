package filetype

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5" //nolint:gosec // what the format prescribes
	"crypto/rc4" //nolint:gosec // what the format prescribes
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"io"
	"regexp"
	"strconv"
)

// pdfEnd is how far from the end of a PDF its startxref is looked for: readers take
// what a mail program or a signature left after it.
const pdfEnd = 64 << 10

// judgePDF tells a PDF that ends too early, or that a password opens, from others.
// What it cannot judge it takes: a reader may know better.
func judgePDF(r io.ReaderAt, size int64) (Kind, error) {
	tail := make([]byte, min(size, pdfEnd))
	if n, err := r.ReadAt(tail, size-int64(len(tail))); n < len(tail) {
		return Unknown, err
	}
	if !bytes.Contains(tail, []byte("startxref")) && !bytes.Contains(tail, []byte("%%EOF")) {
		head := make([]byte, min(size, scanSize))
		if n, err := r.ReadAt(head, 0); n < len(head) {
			return Unknown, err
		}
		if pdfObject.Match(head) {
			return CutPDF, nil
		}
	}
	locked, err := isLocked(r, size)
	if locked {
		return LockedPDF, err
	}
	return PDF, err
}

var (
	pdfObject  = regexp.MustCompile(`\d+ +\d+ +obj\b`)
	encryption = regexp.MustCompile(`/Encrypt\s*(?:(\d+)\s+(\d+)\s+R|(<<))`)
	identity   = regexp.MustCompile(`/ID\s*\[\s*`)
)

const (
	around      = 2 << 10 // how near the /ID of a trailer is to its /Encrypt, in bytes
	dictionary  = 8 << 10 // how long a dictionary of encryption may be, in bytes
	longestMark = 64
)

// isLocked reports whether a PDF wants a password before it is shown. Many are
// encrypted and open without one: their owner only forbade to copy or to print.
func isLocked(r io.ReaderAt, size int64) (bool, error) {
	var trailer, object []byte
	var number string
	err := backwards(r, size, longestMark, func(part []byte, at int64) bool {
		all := encryption.FindAllSubmatchIndex(part, -1)
		if len(all) == 0 {
			return false
		}
		m := all[len(all)-1]
		if m[6] >= 0 { // the dictionary stands in the trailer
			object = window(r, size, at+int64(m[6]), dictionary)
		} else {
			number = string(part[m[2]:m[3]]) + " " + string(part[m[4]:m[5]])
		}
		trailer = window(r, size, max(0, at+int64(m[0])-around), 2*around)
		return true
	})
	if err != nil || trailer == nil {
		return false, err
	}
	if object == nil {
		head := regexp.MustCompile(`(?:^|[^\d])` + number + `\s+obj\b`)
		err = backwards(r, size, longestMark, func(part []byte, at int64) bool {
			all := head.FindAllIndex(part, -1)
			if len(all) == 0 {
				return false
			}
			object = window(r, size, at+int64(all[len(all)-1][1]), dictionary)
			return true
		})
		if err != nil || object == nil {
			return false, err
		}
	}
	var id []byte
	if m := identity.FindIndex(trailer); m != nil {
		id, _ = pdfString(trailer[m[1]:])
	}
	return !opensUnasked(object, id), nil
}

// window is a part of a file; shorter where the file ends.
func window(r io.ReaderAt, size, at int64, n int) []byte {
	buf := make([]byte, min(size-at, int64(n)))
	n, _ = r.ReadAt(buf, at) // what was read is looked at
	return buf[:n]
}

// opensUnasked reports whether the empty password opens what a dictionary of encryption
// tells of (ISO 32000-2, 7.6.4). It is true where that cannot be told.
func opensUnasked(dict, id []byte) bool {
	filter := pdfValue(dict, "Filter")
	if len(filter) > 0 && !bytes.HasPrefix(filter, []byte("/Standard")) {
		return false // certificates
	}
	u, okU := pdfString(pdfValue(dict, "U"))
	o, okO := pdfString(pdfValue(dict, "O"))
	revision, err := strconv.Atoi(string(pdfNumber(pdfValue(dict, "R"))))
	if err != nil || !okU || !okO {
		return true
	}
	switch {
	case revision >= 5 && len(u) >= 48:
		return bytes.Equal(pdfHash(revision, u[32:40]), u[:32])
	case revision >= 2 && revision <= 4 && len(u) >= 16 && len(o) >= 32:
		return opensWithRC4(dict, id, o[:32], u, revision)
	default:
		return true
	}
}

// padding stands in for a password that is shorter (ISO 32000-2, 7.6.4.3.2).
var padding = []byte("\x28\xbf\x4e\x5e\x4e\x75\x8a\x41\x64\x00\x4e\x56\xff\xfa\x01\x08\x2e\x2e\x00\xb6\xd0\x68\x3e\x80\x2f\x0c\xa9\xfe\x64\x53\x69\x7a")

// opensWithRC4 is algorithms 2, 4 and 5 with no password.
func opensWithRC4(dict, id, o, u []byte, revision int) bool {
	permissions, err := strconv.ParseInt(string(pdfNumber(pdfValue(dict, "P"))), 10, 64)
	if err != nil {
		return true
	}
	length := 5
	if revision >= 3 {
		bits, err := strconv.Atoi(string(pdfNumber(pdfValue(dict, "Length"))))
		switch {
		case revision == 4:
			length = 16
		case err == nil && bits >= 40 && bits <= 128:
			length = bits / 8
		}
	}
	message := append(append([]byte{}, padding...), o...)
	message = binary.LittleEndian.AppendUint32(message, uint32(permissions)) //nolint:gosec // a set of 32 bits
	message = append(message, id...)
	if revision == 4 && bytes.HasPrefix(pdfValue(dict, "EncryptMetadata"), []byte("false")) {
		message = append(message, 0xff, 0xff, 0xff, 0xff)
	}
	sum := md5.Sum(message) //nolint:gosec // what the format prescribes
	key := sum[:length]
	if revision == 2 {
		return bytes.Equal(rc4With(key, 0, padding), u[:min(len(u), 32)])
	}
	for range 50 {
		sum = md5.Sum(key) //nolint:gosec // what the format prescribes
		key = sum[:length]
	}
	mark := md5.Sum(append(append([]byte{}, padding...), id...)) //nolint:gosec // what the format prescribes
	out := mark[:]
	for i := range byte(20) {
		out = rc4With(key, i, out)
	}
	return bytes.Equal(out, u[:16])
}

func rc4With(key []byte, xor byte, in []byte) []byte {
	mixed := make([]byte, len(key))
	for i, b := range key {
		mixed[i] = b ^ xor
	}
	out := make([]byte, len(in))
	if c, err := rc4.NewCipher(mixed); err == nil { //nolint:gosec // what the format prescribes
		c.XORKeyStream(out, in)
	}
	return out
}

// pdfHash is algorithm 2.B with no password; in revision 5 its first step alone.
func pdfHash(revision int, salt []byte) []byte {
	sum := sha256.Sum256(salt)
	k := sum[:]
	if revision < 6 {
		return k
	}
	for round := 0; ; round++ {
		block, err := aes.NewCipher(k[:16])
		if err != nil {
			return nil
		}
		e := bytes.Repeat(k, 64)
		cipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(e, e)
		mod := 0
		for _, b := range e[:16] {
			mod += int(b)
		}
		switch mod % 3 {
		case 0:
			h := sha256.Sum256(e)
			k = h[:]
		case 1:
			h := sha512.Sum384(e)
			k = h[:]
		default:
			h := sha512.Sum512(e)
			k = h[:]
		}
		if round >= 63 && int(e[len(e)-1]) <= round-31 {
			return k[:32]
		}
	}
}

// pdfValue is what follows a key in a dictionary; nothing where it is not there.
func pdfValue(dict []byte, key string) []byte {
	for rest := dict; ; {
		i := bytes.Index(rest, []byte("/"+key))
		if i < 0 {
			return nil
		}
		rest = rest[i+1+len(key):]
		if len(rest) > 0 && bytes.IndexByte([]byte(" \t\r\n\f\x00/(<["), rest[0]) >= 0 || len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
			return bytes.TrimLeft(rest, " \t\r\n\f\x00")
		}
	}
}

func pdfNumber(value []byte) []byte {
	i := 0
	for i < len(value) && (value[i] >= '0' && value[i] <= '9' || i == 0 && value[i] == '-') {
		i++
	}
	return value[:i]
}

// pdfString reads a string at the beginning of value, written either way.
func pdfString(value []byte) ([]byte, bool) {
	switch {
	case len(value) > 1 && value[0] == '<' && value[1] != '<':
		end := bytes.IndexByte(value, '>')
		if end < 0 {
			return nil, false
		}
		digits := bytes.Join(bytes.Fields(value[1:end]), nil)
		if len(digits)%2 == 1 {
			digits = append(digits, '0')
		}
		out := make([]byte, len(digits)/2)
		_, err := hex.Decode(out, digits)
		return out, err == nil
	case len(value) > 0 && value[0] == '(':
		return pdfLiteral(value[1:])
	default:
		return nil, false
	}
}

// pdfLiteral reads a string in brackets (ISO 32000-2, 7.3.4.2), after the first of them.
func pdfLiteral(in []byte) (out []byte, ok bool) {
	for depth, i := 1, 0; i < len(in); i++ {
		switch b := in[i]; b {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return out, true
			}
		case '\\':
			if i++; i == len(in) {
				return nil, false
			}
			if in[i] >= '0' && in[i] <= '7' {
				n := 0
				for j := 0; j < 3 && i < len(in) && in[i] >= '0' && in[i] <= '7'; j++ {
					n = n*8 + int(in[i]-'0')
					i++
				}
				i--
				out = append(out, byte(n)) //nolint:gosec // what does not fit is dropped, as the format says
				continue
			}
			if in[i] == '\r' || in[i] == '\n' { // the line goes on
				if in[i] == '\r' && i+1 < len(in) && in[i+1] == '\n' {
					i++
				}
				continue
			}
			if at := bytes.IndexByte([]byte("nrtbf"), in[i]); at >= 0 {
				out = append(out, "\n\r\t\b\f"[at])
				continue
			}
			out = append(out, in[i])
			continue
		}
		out = append(out, in[i])
	}
	return nil, false
}
