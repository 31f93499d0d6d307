package emailtest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	errDeep     = errors.New("parts nested too deeply")
	errUnclosed = errors.New("multipart without its closing boundary")
	errNoParts  = errors.New("multipart without parts")
	errEncoded  = fmt.Errorf("encoded line longer than %d characters", maxEncoded)
	errQP       = errors.New("malformed quoted-printable")
	err8Bit     = errors.New("8-bit content where 7-bit was promised")

	// badQP finds an equals sign that begins neither =XX nor a soft line break,
	// which Go's decoder lets pass.
	badQP = regexp.MustCompile(`=(?:[^0-9A-F\r]|[0-9A-F][^0-9A-F]|.?$|\r[^\n])`)
)

// reader walks the parts of one message into m.
type reader struct {
	m        *Mail
	promised promise
}

// entity reads a leaf or the parts of a multipart.
func (r *reader) entity(h textproto.MIMEHeader, body []byte, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	kind, params := "text/plain", map[string]string(nil)
	if v := h.Get("Content-Type"); v != "" {
		var err error
		if kind, params, err = mime.ParseMediaType(v); err != nil {
			return fmt.Errorf("header Content-Type: %w", err)
		}
	}
	if strings.HasPrefix(kind, "multipart/") {
		return r.parts(body, params["boundary"], depth)
	}
	data, err := r.decode(h.Get("Content-Transfer-Encoding"), body)
	if err != nil {
		return fmt.Errorf("part %s: %w", kind, err)
	}
	if strings.HasPrefix(kind, "text/") {
		if data, err = toUTF8(params["charset"], data); err != nil {
			return fmt.Errorf("part %s: %w", kind, err)
		}
	}
	return r.keep(h, kind, params["name"], data)
}

func (r *reader) parts(body []byte, boundary string, depth int) error {
	if boundary == "" || !bytes.Contains(body, []byte("--"+boundary+"--")) {
		return errUnclosed
	}
	mr := multipart.NewReader(bytes.NewReader(body), boundary)
	for n := 0; ; n++ {
		p, err := mr.NextRawPart()
		if errors.Is(err, io.EOF) && n == 0 {
			return errNoParts
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("multipart: %w", err)
		}
		if err := ascii(p.Header); err != nil {
			return err
		}
		data, err := io.ReadAll(p)
		if err != nil {
			return fmt.Errorf("multipart: %w", err)
		}
		if err := r.entity(p.Header, data, depth+1); err != nil {
			return err
		}
	}
}

func ascii(h textproto.MIMEHeader) error {
	for _, values := range h {
		for _, v := range values {
			if !isASCII([]byte(v)) {
				return errHeader8
			}
		}
	}
	return nil
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// decode undoes a transfer encoding, as strictly as RFC 2045 asks.
func (r *reader) decode(encoding string, body []byte) ([]byte, error) {
	encoding = strings.ToLower(encoding)
	if encoding == "8bit" && r.promised.eightBit {
		return body, nil
	}
	if !isASCII(body) {
		return nil, err8Bit
	}
	switch encoding {
	case "", "7bit", "8bit":
		return body, nil
	case "quoted-printable", "base64":
		for line := range bytes.Lines(body) {
			if len(bytes.TrimRight(line, "\r\n")) > maxEncoded {
				return nil, errEncoded
			}
		}
	default:
		return nil, fmt.Errorf("transfer encoding %q is not allowed", encoding)
	}
	if encoding == "quoted-printable" {
		if badQP.Match(body) {
			return nil, errQP
		}
		data, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(body)))
		if err != nil {
			return nil, fmt.Errorf("decode: %w", err)
		}
		return data, nil
	}
	data, err := base64.StdEncoding.Strict().DecodeString(strings.ReplaceAll(string(body), "\r\n", ""))
	if err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	return data, nil
}

// toUTF8 knows the charsets that our mails may have, and Latin-1.
func toUTF8(charset string, data []byte) ([]byte, error) {
	switch strings.ToLower(charset) {
	case "", "us-ascii":
		if !isASCII(data) {
			return nil, err8Bit
		}
	case "utf-8":
		if !utf8.Valid(data) {
			return nil, errors.New("text is not valid UTF-8")
		}
	case "iso-8859-1":
		var b bytes.Buffer
		for _, c := range data {
			b.WriteRune(rune(c))
		}
		return b.Bytes(), nil
	default:
		return nil, fmt.Errorf("charset %q is unknown here", charset)
	}
	return data, nil
}

// keep files a leaf under what it is.
func (r *reader) keep(h textproto.MIMEHeader, kind, name string, data []byte) error {
	disposition, params := "", map[string]string(nil)
	if v := h.Get("Content-Disposition"); v != "" {
		var err error
		if disposition, params, err = mime.ParseMediaType(v); err != nil {
			return fmt.Errorf("header Content-Disposition: %w", err)
		}
	}
	if f := params["filename"]; f != "" {
		name = f
	}
	name, err := new(mime.WordDecoder).DecodeHeader(name)
	if err != nil {
		return fmt.Errorf("file name: %w", err)
	}
	p := Part{Name: name, ContentID: strings.Trim(h.Get("Content-ID"), "<>"), ContentType: kind, Data: data}
	r.m.Parts = append(r.m.Parts, p)
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	switch {
	case disposition == "attachment" || p.Name != "" || p.ContentID != "":
		r.m.Attachments = append(r.m.Attachments, p)
	case kind == "text/plain" && r.m.Text == "":
		r.m.Text = text
	case kind == "text/html" && r.m.HTML == "":
		r.m.HTML = text
	default:
		r.m.Attachments = append(r.m.Attachments, p)
	}
	return nil
}
