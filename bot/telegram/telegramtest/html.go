package telegramtest

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// htmlKinds are the tags of parse mode HTML and what each becomes. The kinds
// of a, pre, code and blockquote depend on their attributes.
var htmlKinds = map[string]string{
	"b": "bold", "strong": "bold",
	"i": "italic", "em": "italic",
	"u": "underline", "ins": "underline",
	"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
	"tg-spoiler": "spoiler", "span": "spoiler",
	"tg-emoji": "custom_emoji",
	"a":        "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
}

// htmlParser reads parse mode HTML as the platform does: few tags, few named
// entities, everything else that begins with "<" is an error, and an unknown
// "&name;" stays as it was written.
type htmlParser struct {
	in       string
	pos      int
	out      strings.Builder
	units    int // UTF-16 length of out
	open     []htmlTag
	entities []Entity
	broken   bool // a numeric entity named half of a surrogate pair
}

type htmlTag struct {
	name, arg string
	units     int // where it begins in the text
	bytes     int
}

// words is an error in Telegram's own words, capitals and all.
type words string

func (w words) Error() string { return string(w) }

func malformed(format string, args ...any) error { return words(fmt.Sprintf(format, args...)) }

// parseHTML gives the plain text and its entities, outer ones first. Errors
// are in Telegram's words, without its prefix.
func parseHTML(in string) (string, []Entity, error) {
	p := &htmlParser{in: in}
	for p.pos < len(p.in) {
		if err := p.step(); err != nil {
			return "", nil, err
		}
	}
	if n := len(p.open); n > 0 {
		return "", nil, malformed("Can't find end tag corresponding to start tag %q", p.open[n-1].name)
	}
	if p.broken {
		return "", nil, malformed("Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units")
	}
	slices.SortStableFunc(p.entities, func(a, b Entity) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(b.Length, a.Length))
	})
	return p.out.String(), p.entities, nil
}

// step consumes one character, reference or tag.
func (p *htmlParser) step() error {
	switch p.in[p.pos] {
	case '<':
		if strings.HasPrefix(p.in[p.pos:], "</") {
			return p.endTag()
		}
		return p.startTag()
	case '&':
		if r, n := reference(p.in[p.pos:]); n > 0 {
			p.broken = p.broken || r >= 0xd800 && r <= 0xdfff
			p.pos += n
			p.write(r)
			return nil
		}
	}
	r, n := utf8.DecodeRuneInString(p.in[p.pos:])
	p.pos += n
	p.write(r)
	return nil
}

func (p *htmlParser) write(r rune) {
	p.out.WriteRune(r)
	p.units += utf16Width(r)
}

// reference decodes &lt; &gt; &amp; &quot; and numeric ones (the semicolon may
// be missing); n is 0 if s begins with none.
func reference(s string) (r rune, n int) {
	if strings.HasPrefix(s, "&#") {
		return numericReference(s)
	}
	end := 1
	for end < len(s) && (s[end]|0x20) >= 'a' && (s[end]|0x20) <= 'z' {
		end++
	}
	switch s[1:end] {
	case "lt":
		r = '<'
	case "gt":
		r = '>'
	case "amp":
		r = '&'
	case "quot":
		r = '"'
	default:
		return 0, 0
	}
	return r, end + semicolon(s[end:])
}

func numericReference(s string) (rune, int) {
	base, start := 10, 2
	if len(s) > 2 && s[2] == 'x' {
		base, start = 16, 3
	}
	end := start
	for end < len(s) && end < 10 && isDigit(s[end], base) {
		end++
	}
	v, err := strconv.ParseInt(s[start:end], base, 32)
	if err != nil || v <= 0 || v >= utf8.MaxRune {
		return 0, 0
	}
	return rune(v), end + semicolon(s[end:])
}

func isDigit(c byte, base int) bool {
	if c >= '0' && c <= '9' {
		return true
	}
	c |= 0x20
	return base == 16 && c >= 'a' && c <= 'f'
}

func semicolon(s string) int {
	if strings.HasPrefix(s, ";") {
		return 1
	}
	return 0
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' }

// startTag reads "<name attributes>".
func (p *htmlParser) startTag() error {
	begin := p.pos
	p.pos++
	name := strings.ToLower(p.until(func(c byte) bool { return isSpace(c) || c == '>' }))
	if p.pos == len(p.in) {
		return malformed("Unclosed start tag at byte offset %d", begin)
	}
	if htmlKinds[name] == "" {
		return malformed("Unsupported start tag %q at byte offset %d", name, begin)
	}
	tag := htmlTag{name: name, units: p.units, bytes: p.out.Len()}
	for {
		p.skipSpace()
		if p.pos == len(p.in) {
			return malformed("Unclosed start tag %q at byte offset %d", name, begin)
		}
		if p.in[p.pos] == '>' {
			p.pos++
			break
		}
		if err := p.attribute(&tag, begin); err != nil {
			return err
		}
	}
	if name == "span" && tag.arg != "spoiler" {
		return malformed(`Tag "span" must have class "tg-spoiler" at byte offset %d`, begin)
	}
	p.open = append(p.open, tag)
	return nil
}

// attribute reads name="value" and keeps what means something to the tag.
func (p *htmlParser) attribute(tag *htmlTag, begin int) error {
	name := p.until(func(c byte) bool { return isSpace(c) || c == '=' || c == '>' })
	if name == "" {
		return malformed("Empty attribute name in the tag %q at byte offset %d", tag.name, begin)
	}
	p.skipSpace()
	if p.pos == len(p.in) || p.in[p.pos] != '=' {
		if tag.name == "blockquote" && name == "expandable" {
			tag.arg = "expandable" // the only attribute without a value
			return nil
		}
		return malformed("Expected equal sign in declaration of an attribute of the tag %q at byte offset %d", tag.name, begin)
	}
	p.pos++
	p.skipSpace()
	if p.pos == len(p.in) {
		return malformed("Unclosed start tag %q at byte offset %d", tag.name, begin)
	}
	value, err := p.value()
	if err != nil {
		return err
	}
	if p.pos == len(p.in) {
		return malformed("Unclosed start tag at byte offset %d", begin)
	}
	prefix := map[[2]string]string{
		{"a", "href"}: "", {"code", "class"}: "language-", {"span", "class"}: "tg-", {"tg-emoji", "emoji-id"}: "",
	}
	if want, known := prefix[[2]string{tag.name, name}]; known && strings.HasPrefix(value, want) {
		tag.arg = value[len(want):]
	}
	if tag.name == "blockquote" && name == "expandable" {
		tag.arg = "expandable"
	}
	return nil
}

// value reads a quoted string, or a bare name token of letters, digits, "." and "-".
func (p *htmlParser) value() (string, error) {
	quote := p.in[p.pos]
	if quote != '"' && quote != '\'' {
		begin := p.pos
		token := p.until(func(c byte) bool {
			return c != '.' && c != '-' && !isDigit(c, 10) && ((c|0x20) < 'a' || (c|0x20) > 'z')
		})
		if p.pos < len(p.in) && !isSpace(p.in[p.pos]) && p.in[p.pos] != '>' {
			return "", malformed("Unexpected end of name token at byte offset %d", begin)
		}
		return strings.ToLower(token), nil
	}
	p.pos++
	var b strings.Builder
	for p.pos < len(p.in) && p.in[p.pos] != quote {
		if p.in[p.pos] == '&' {
			if r, n := reference(p.in[p.pos:]); n > 0 {
				b.WriteRune(r)
				p.pos += n
				continue
			}
		}
		b.WriteByte(p.in[p.pos])
		p.pos++
	}
	if p.pos < len(p.in) {
		p.pos++
	}
	return b.String(), nil
}

// endTag reads "</name>" (or "</>", which closes whatever is open).
func (p *htmlParser) endTag() error {
	begin := p.pos
	if len(p.open) == 0 {
		return malformed("Unexpected end tag at byte offset %d", begin)
	}
	p.pos += 2
	name := strings.ToLower(p.until(func(c byte) bool { return isSpace(c) || c == '>' }))
	p.skipSpace()
	if p.pos == len(p.in) || p.in[p.pos] != '>' {
		return malformed("Unclosed end tag at byte offset %d", begin)
	}
	p.pos++
	tag := p.open[len(p.open)-1]
	if name != "" && name != tag.name {
		return malformed(`Unmatched end tag at byte offset %d, expected "</%s>", found "</%s>"`, begin, tag.name, name)
	}
	p.open = p.open[:len(p.open)-1]
	if p.units > tag.units {
		p.mark(tag)
	}
	return nil
}

// mark adds the entity of a closed, non-empty tag.
func (p *htmlParser) mark(tag htmlTag) {
	e := Entity{Type: htmlKinds[tag.name], Offset: tag.units, Length: p.units - tag.units}
	switch tag.name {
	case "a":
		link := tag.arg
		if link == "" {
			link = p.out.String()[tag.bytes:]
		}
		if !goodLink(link) {
			return // the platform drops such a link in silence and keeps its text
		}
		e.URL = link
	case "code":
		e.Language = tag.arg
	case "pre":
		// <pre><code class="language-x">…</code></pre> is one entity
		if n := len(p.entities); n > 0 {
			if in := &p.entities[n-1]; in.Type == "code" && in.Language != "" && in.Offset == e.Offset && in.Length == e.Length {
				in.Type = "pre"
				return
			}
		}
	case "blockquote":
		if tag.arg == "expandable" {
			e.Type = "expandable_blockquote"
		}
	}
	p.entities = append(p.entities, e)
}

func (p *htmlParser) until(stop func(byte) bool) string {
	start := p.pos
	for p.pos < len(p.in) && !stop(p.in[p.pos]) {
		p.pos++
	}
	return p.in[start:p.pos]
}

func (p *htmlParser) skipSpace() {
	for p.pos < len(p.in) && isSpace(p.in[p.pos]) {
		p.pos++
	}
}

// goodLink reports whether the platform takes s as a link: tg://…, or
// http(s) with a host that has a dot in it (hence not "localhost").
func goodLink(s string) bool {
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "tg", "ton":
		return true
	case "http", "https":
		host := u.Hostname()
		return strings.Contains(strings.Trim(host, "."), ".") && !strings.Contains(host, " ")
	}
	return false
}
