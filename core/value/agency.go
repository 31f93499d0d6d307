package value

import (
	"strings"
	"unicode"
)

// AgencyID is the key of an agency: two to twenty capital letters without accents,
// figures and inner hyphens. It stands in the ids of records, and these in the
// tokens of buttons, which have 64 bytes and are cut at points.
type AgencyID string

// The length of a key.
const (
	minAgencyID = 2
	maxAgencyID = 20
)

// ParseAgencyID reads the key of an agency, in either case. It returns *Invalid; the
// suggestion for "S.C.T." is "SCT".
func ParseAgencyID(text string) (AgencyID, error) {
	s := strings.ToUpper(Line(text))
	why := WhyForm
	switch {
	case s == "":
		return "", &Invalid{Kind: KindAgency, Why: WhyEmpty}
	case len(s) < minAgencyID:
		why = WhyShort
	case Length(s) > maxAgencyID:
		why = WhyLong
	case isKey(s):
		return AgencyID(s), nil
	}
	no := &Invalid{Kind: KindAgency, Why: why}
	letters := true // all of them can stand in a key
	mended := strings.Map(func(r rune) rune {
		switch {
		case isKeyRune(r):
			return r
		case r == ' ', r == '_', r == '/':
			return '-'
		}
		letters = letters && !unicode.IsLetter(r) && !unicode.IsNumber(r)
		return -1
	}, strings.ToUpper(plain(s)))
	if !letters {
		return "", no
	}
	if mended = strings.Trim(mended, "-"); len(mended) >= minAgencyID && len(mended) <= maxAgencyID && isKey(mended) {
		no.Suggest = mended
	}
	return "", no
}

func isKey(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !isKeyRune(r) }) < 0 && strings.Trim(s, "-") == s && !strings.Contains(s, "--")
}

func isKeyRune(r rune) bool { return 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' }

func (a AgencyID) String() string { return string(a) }
