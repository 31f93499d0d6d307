package value

import "strings"

// ParseDigits reads from least to most plain figures; spaces and hyphens between
// them go. It returns *Invalid.
func ParseDigits(text string, least, most int) (string, error) {
	s := strings.NewReplacer(" ", "", "-", "").Replace(Line(text))
	switch {
	case s == "":
		return "", &Invalid{Kind: KindDigits, Why: WhyEmpty}
	case strings.Trim(s, "0123456789") != "":
		return "", &Invalid{Kind: KindDigits}
	case len(s) < least:
		return "", &Invalid{Kind: KindDigits, Why: WhyShort}
	case len(s) > most:
		return "", &Invalid{Kind: KindDigits, Why: WhyLong}
	}
	return s, nil
}
