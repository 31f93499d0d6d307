package value

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// Phone is a telephone number: ten figures of Mexico, or one of another country
// with its code; with an extension where it has one.
type Phone struct {
	// Number is ten figures, or "+" with the code of another country and its number.
	Number, Extension string
}

// The lengths of numbers, in figures: of Mexico (Plan Técnico Fundamental de
// Numeración, 2019), and of others with the code of the country (ITU-T E.164).
const (
	mexicanFigures = 10
	leastFigures   = 8
	mostFigures    = 15
	mostExtension  = 10 // core.FieldExtension has the same
)

// The areas of two figures: Ciudad de México, Guadalajara, Monterrey. All others
// have three.
var shortAreas = []string{"55", "56", "33", "81"}

// ParsePhone reads "722 555 0100", "(55) 1234-5678", "+52 722 555 0100", "044 722 555
// 0100", "+1 202 555 0100", and an extension after "ext.", "extensión", "x" or "#". It
// returns *Invalid.
func ParsePhone(text string) (Phone, error) {
	p, err := parsePhone(text)
	no, is := errors.AsType[*Invalid](err)
	if !is || no.Why != WhyForm {
		return p, err
	}
	if label := phoneLabel.FindString(Fold(text)); label != "" {
		if p, err := parsePhone(Fold(text)[len(label):]); err == nil {
			no.Suggest = p.String()
		}
	}
	return Phone{}, no
}

// phoneLabel is what people write before a number, folded.
var phoneLabel = regexp.MustCompile(`^(?:(?:tel|telefono|cel|celular|movil|whatsapp|numero|num|no|oficina|directo)\b[.:,]* *)+`)

func parsePhone(text string) (Phone, error) {
	s := Fold(text)
	if s == "" {
		return Phone{}, &Invalid{Kind: KindPhone, Why: WhyEmpty}
	}
	s, extension, ok := cutExtension(s)
	international := strings.HasPrefix(s, "+")
	if international {
		s = s[1:]
	}
	s = strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "", "‐", "", "‑", "", "–", "").Replace(s)
	if !ok || strings.Trim(s, "0123456789") != "" || s == "" {
		return Phone{}, &Invalid{Kind: KindPhone}
	}
	if rest, ok := strings.CutPrefix(s, "00"); ok && !international {
		s, international = rest, true
	}
	number, national := mexican(s, international)
	switch {
	case national && len(number) == mexicanFigures && number[0] < '2':
		return Phone{}, &Invalid{Kind: KindPhone} // no area begins so
	case national && len(number) == mexicanFigures:
		return Phone{Number: number, Extension: extension}, nil
	case international && !national && strings.HasPrefix(s, "0"):
		return Phone{}, &Invalid{Kind: KindPhone} // no country begins so
	case international && !national && leastFigures <= len(s) && len(s) <= mostFigures:
		return Phone{Number: "+" + s, Extension: extension}, nil
	case len(number) < mexicanFigures:
		return Phone{}, &Invalid{Kind: KindPhone, Why: WhyShort}
	default:
		return Phone{}, &Invalid{Kind: KindPhone, Why: WhyLong}
	}
}

// mexican is a number of Mexico without the code of the country and the prefixes
// that were dialled before 2019; national is false for one of another country.
func mexican(s string, international bool) (number string, national bool) {
	if international {
		rest, ok := strings.CutPrefix(s, "52")
		if !ok {
			return s, false
		}
		s = rest
		if rest, ok := strings.CutPrefix(s, "1"); ok && len(rest) == mexicanFigures {
			s = rest
		}
		return s, true
	}
	for _, prefix := range []string{"521", "52", "044", "045", "01"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok && len(rest) == mexicanFigures {
			return rest, true
		}
	}
	return s, true
}

// cutExtension takes the extension off the end of a folded number; ok is false
// where it is none.
func cutExtension(s string) (rest, extension string, ok bool) {
	i := strings.IndexAny(s, "ex#,;")
	if i < 0 {
		return s, "", true
	}
	rest, tail := strings.TrimSpace(s[:i]), strings.TrimLeft(s[i:], ",; ")
	if twice := twiceExtended.FindStringSubmatch(tail); twice != nil && twice[1] == twice[2] {
		return rest, twice[1], isExtension(twice[1])
	}
	for _, mark := range []string{"extension", "ext", "x", "#"} {
		if after, found := strings.CutPrefix(tail, mark); found {
			extension = strings.TrimSpace(strings.TrimLeft(after, ".: "))
			break
		}
	}
	return rest, extension, isExtension(extension)
}

// twiceExtended is an extension that is written twice, folded.
var twiceExtended = regexp.MustCompile(`^(?:extension|ext|x|#)[.: ]*([0-9]+)[,; ]*(?:extension|ext|x|#)[.: ]*([0-9]+)$`)

// isExtension reports whether s is an extension: one to ten figures.
func isExtension(s string) bool {
	return s != "" && len(s) <= mostExtension && strings.Trim(s, "0123456789") == ""
}

// String is the number as people write it and as a field keeps it: "722 555 0100",
// "55 1234 5678 ext. 12", "+12025550100".
func (p Phone) String() string {
	if p.Number == "" {
		return ""
	}
	s := p.Number
	if s[0] != '+' {
		area := 3
		if slices.Contains(shortAreas, p.Number[:2]) {
			area = 2
		}
		s = p.Number[:area] + " " + p.Number[area:6] + " " + p.Number[6:]
	}
	if p.Extension != "" {
		s += " ext. " + p.Extension
	}
	return s
}

// Stored is the number as a field keeps it.
func (p Phone) Stored() string { return p.String() }

// WithExtension is a telephone as it is shown with an extension that stands in a field of
// its own: once, where the number was written with it too.
func WithExtension(phone, extension string) string {
	switch {
	case extension == "":
		return phone
	case phone == "":
		return "ext. " + extension
	}
	if p, err := ParsePhone(phone); err == nil && p.Extension == extension {
		return phone
	}
	return phone + " ext. " + extension
}
