package value

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// Mail is one address of e-mail, as people read it: "raul@ejemplo.gob.mx". The
// domain is in lower case, and may have letters beyond ASCII.
type Mail struct{ local, domain string }

// The bounds of an address, in bytes (RFC 5321, 4.5.3.1; RFC 3696 with its erratum);
// that of a domain is judged with its form.
const (
	maxLocal = 64
	maxMail  = 254
)

// domains judges names of domains: letters, figures and inner hyphens, by the
// rules of international names, in lower case and normal form C.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.CheckHyphens(true), idna.StrictDomainName(true), idna.VerifyDNSLength(true), idna.Transitional(false))

// ParseMail reads one address: no name before it, no spaces, a domain with a point.
// The part before the @ has ASCII characters only, since few relays take others. It
// returns *Invalid, with a suggestion where one letter or two would mend the text.
func ParseMail(text string) (Mail, error) {
	s := Line(text)
	if s == "" {
		return Mail{}, &Invalid{Kind: KindMail, Why: WhyEmpty}
	}
	m, no := readMail(s)
	if no == nil {
		return m, nil
	}
	if strings.Count(strings.ReplaceAll(s, "@@", "@"), "@") > 1 {
		no.Why = WhySeveral
	} else if mended, wrong := readMail(mend(s)); wrong == nil {
		no.Suggest = mended.String()
	}
	return Mail{}, no
}

// readMail is the address that s is.
func readMail(s string) (Mail, *Invalid) {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || strings.ContainsAny(local, "\"()<>,;:\\[] ") {
		return Mail{}, &Invalid{Kind: KindMail}
	}
	if strings.IndexFunc(local, func(r rune) bool { return r > '~' }) >= 0 {
		return Mail{}, &Invalid{Kind: KindMail, Why: WhyAccent}
	}
	ascii, err := domains.ToASCII(domain)
	if err != nil || !strings.Contains(ascii, ".") || !isTop(ascii[strings.LastIndexByte(ascii, '.')+1:]) {
		return Mail{}, &Invalid{Kind: KindMail, Why: WhyDomain}
	}
	shown, err := domains.ToUnicode(ascii)
	if err != nil {
		return Mail{}, &Invalid{Kind: KindMail, Why: WhyDomain}
	}
	if len(local) > maxLocal || len(local)+1+len(ascii) > maxMail {
		return Mail{}, &Invalid{Kind: KindMail, Why: WhyLong}
	}
	if got, err := mail.ParseAddress(local + "@" + ascii); err != nil || got.Name != "" || got.Address != local+"@"+ascii {
		return Mail{}, &Invalid{Kind: KindMail}
	}
	return Mail{local, shown}, nil
}

// isTop reports whether the last label of a domain can be one: letters, or an
// international name.
func isTop(label string) bool {
	if strings.HasPrefix(label, "xn--") {
		return true
	}
	return len(label) >= 2 && strings.Trim(label, "abcdefghijklmnopqrstuvwxyz") == ""
}

// mend is what an address with a slip of the keyboard may have been; "" where more than
// a slip stands in it, as words around it or another name after it.
func mend(s string) string {
	if i, j := strings.IndexByte(s, '<'), strings.IndexByte(s, '>'); i >= 0 && j > i {
		s = s[i+1 : j]
	}
	s = strings.TrimPrefix(s, "mailto:")
	if !strings.Contains(s, "@") {
		s = strings.NewReplacer(" arroba ", "@", "(arroba)", "@", "(at)", "@", "[at]", "@").Replace(s)
	}
	s = slipped.ReplaceAllString(strings.TrimSpace(s), "$1")
	local, domain, _ := strings.Cut(strings.ReplaceAll(s, "@@", "@"), "@")
	domain = strings.Trim(domain, ".,;: ")
	if strings.Contains(local, " ") || strings.Contains(domain, " ") {
		return ""
	}
	if i := strings.IndexAny(domain, ",;"); i >= 0 {
		if _, no := readMail("x@" + domain[:i]); no == nil && !slices.Contains(commonTops, strings.ToLower(domain[i+1:])) {
			return ""
		}
	}
	domain = strings.NewReplacer(",", ".", ";", ".").Replace(domain)
	for strings.Contains(domain, "..") {
		domain = strings.ReplaceAll(domain, "..", ".")
	}
	return strings.Trim(plain(local), ".,;:") + "@" + domain
}

var (
	// slipped are the marks of an address, with spaces around them.
	slipped = regexp.MustCompile(` *([@.,;]) *`)
	// commonTops are what may follow a whole domain after a comma, and belong to it.
	commonTops = []string{"mx", "com", "org", "net", "edu", "gob", "com.mx", "org.mx", "edu.mx", "gob.mx"}
)

// String is the address as people write it and as a field keeps it.
func (m Mail) String() string {
	if m == (Mail{}) {
		return ""
	}
	return m.local + "@" + m.domain
}

// Stored is the address as a field keeps it.
func (m Mail) Stored() string { return m.String() }

// ASCII is the address as it goes over the wire: the domain in its ASCII form,
// "educación.gob.mx" as "xn--educacin-13a.gob.mx".
func (m Mail) ASCII() string {
	ascii, err := domains.ToASCII(m.domain)
	if err != nil { // ParseMail would have refused it
		return m.String()
	}
	return m.local + "@" + ascii
}
