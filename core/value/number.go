package value

import "strings"

// figures are the figures of a number around its decimal point.
type figures struct{ whole, fraction string }

// readNumber reads figures and separators by the table in the package's comment.
// It gives one reading, or two where either can be meant (the one in thousands
// first), or none.
func readNumber(text string) []figures {
	s, spaced, ok := joinGroups(text)
	if !ok {
		return nil
	}
	commas, points := strings.Count(s, ","), strings.Count(s, ".")
	if commas == 0 && points == 0 {
		return []figures{{whole: s}}
	}
	if commas > 0 && points > 0 {
		return readMixed(s, spaced)
	}
	sep := ","
	if points > 0 {
		sep = "."
	}
	if commas+points > 1 {
		if spaced || !grouped(s, sep) {
			return nil
		}
		return []figures{{whole: strings.ReplaceAll(s, sep, "")}}
	}
	whole, fraction, _ := strings.Cut(s, sep)
	decimals := figures{whole, fraction}
	switch {
	case fraction == "":
		return nil
	case len(fraction) != 3 || strings.Trim(whole, "0") == "":
		return []figures{decimals}
	case sep == "," && !spaced && grouped(s, sep):
		return []figures{{whole: whole + fraction}}
	case spaced || whole[0] == '0' || sep == "." && !grouped(s, sep): // nobody groups so
		return []figures{decimals}
	default:
		return []figures{{whole: whole + fraction}, decimals}
	}
}

// readMixed reads a number with commas and points: the last one separates the
// decimals, the other the thousands.
func readMixed(s string, spaced bool) []figures {
	i := strings.LastIndexAny(s, ",.")
	point, group := s[i:i+1], ","
	if point == "," {
		group = "."
	}
	whole, fraction := s[:i], s[i+1:]
	if spaced || fraction == "" || strings.Contains(whole, point) || !grouped(whole, group) {
		return nil
	}
	return []figures{{strings.ReplaceAll(whole, group, ""), fraction}}
}

// DecimalComma reports whether a number can only be read with a comma before its
// decimals: "2,5", "100,50", "1.234,50".
func DecimalComma(text string) bool {
	s, _ := stripCurrency(text)
	readings := readNumber(cutEnd(s))
	return len(readings) == 1 && readings[0].fraction != "" && strings.LastIndex(s, ",") > strings.LastIndex(s, ".")
}

// pointed is a number whose one comma stands before its decimals, if it has any, with a
// point in its place: "1.500" can be read in two ways, as "1,500" can be among such numbers.
func pointed(text string) string {
	if strings.Count(text, ",") == 1 && !strings.Contains(text, ".") {
		return strings.Replace(text, ",", ".", 1)
	}
	return text
}

// grouped reports whether s is figures in groups of three, the first of one to
// three that do not start with a zero.
func grouped(s, sep string) bool {
	groups := strings.Split(s, sep)
	if n := len(groups[0]); n < 1 || n > 3 || groups[0][0] == '0' {
		return false
	}
	for _, g := range groups[1:] {
		if len(g) != 3 {
			return false
		}
	}
	return true
}

// joinGroups gives the figures and separators of a text, with apostrophes as
// commas and without spaces between groups of three. One before the figures is none:
// it has a spreadsheet take them for a text. It is false for anything else.
func joinGroups(text string) (s string, spaced, ok bool) {
	for _, mark := range []string{"'", "’"} {
		text = strings.TrimPrefix(text, mark)
	}
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\'', '’':
			return ','
		case '\u00a0', '\u2007', '\u2009', '\u202f':
			return ' '
		}
		return r
	}, text)
	hasFigure := false
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9':
			hasFigure = true
		case r != ',' && r != '.' && r != ' ':
			return "", false, false
		}
	}
	if !hasFigure {
		return "", false, false
	}
	if !strings.Contains(s, " ") {
		return s, false, true
	}
	whole := s
	if i := strings.IndexAny(s, ",."); i >= 0 {
		whole = s[:i]
	}
	if strings.Contains(s[len(whole):], " ") || !grouped(whole, " ") {
		return "", false, false
	}
	return strings.ReplaceAll(s, " ", ""), true, true
}
