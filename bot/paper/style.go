package paper

import (
	"context"
	"encoding/xml"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// style is how a workbook shows a cell.
type style struct {
	format
	font font
	fill string // the color behind the text, as of colorOf
}

// font is what of the letters of a text decides whether they are read.
type font struct {
	struck, tiny bool
	color        string // as of colorOf; "": that which letters have
}

// element takes what a child of a font, or of the properties of a run, says.
func (f *font) element(e xml.StartElement) {
	switch e.Name.Local {
	case "strike":
		f.struck = attribute(e, "val") == "" || isOn(e, "val")
	case "sz":
		size, err := strconv.ParseFloat(attribute(e, "val"), 64)
		f.tiny = err == nil && size <= tinyFont
	case "color":
		f.color = colorOf(e)
	}
}

// tinyFont is the size in points up to which nobody reads letters.
const tinyFont = 2

// colorOf is a color as six hexadecimal figures, or a name of its own where it comes
// from what SIDEM does not read: a theme's other colors. It is "" for an automatic one.
func colorOf(e xml.StartElement) string {
	if isOn(e, "auto") {
		return ""
	}
	if rgb := strings.ToUpper(attribute(e, "rgb")); len(rgb) >= 6 {
		return rgb[len(rgb)-6:]
	}
	if i := attribute(e, "indexed"); i != "" {
		if rgb, is := indexed[i]; is {
			return rgb
		}
		return "indexed " + i
	}
	theme, tint := attribute(e, "theme"), attribute(e, "tint")
	switch {
	case theme == "":
		return ""
	case theme == "0" && tint == "": // the background of every theme but those for the dark
		return white
	case theme == "1" && tint == "":
		return "000000"
	}
	return theme + "/" + tint
}

const white = "FFFFFF"

// indexed are the colors of the old palette that are black, white or automatic.
var indexed = map[string]string{"0": "000000", "8": "000000", "1": white, "9": white, "64": "", "65": white}

// isLost reports whether letters of a color cannot be told from what is behind them.
func isLost(letters, behind string) bool {
	if letters == "" {
		letters = "000000"
	}
	if behind == "" {
		behind = white
	}
	if letters == behind {
		return true
	}
	a, err := strconv.ParseUint(letters, 16, 32)
	b, err2 := strconv.ParseUint(behind, 16, 32)
	if err != nil || err2 != nil || len(letters) != 6 || len(behind) != 6 {
		return false
	}
	const alike = 16 // of 256
	for shift := 0; shift < 24; shift += 8 {
		if d := int(a>>shift&0xff) - int(b>>shift&0xff); d <= -alike || d >= alike {
			return false
		}
	}
	return true
}

// style is a style by its index; that of no style where there is none.
func (b *book) style(i int) style {
	if i < 0 || i >= len(b.styles) {
		return style{format: format{decimals: -1}}
	}
	return b.styles[i]
}

// readStyles reads what the styles of the cells make of what they hold.
func (b *book) readStyles(ctx context.Context, part string) error {
	codes := map[int]string{}
	var fonts []font
	var fills []string
	nth := func(e xml.StartElement, name string) int {
		i, err := strconv.Atoi(attribute(e, name))
		if err != nil {
			return -1
		}
		return i
	}
	return b.each(ctx, part, func(e xml.StartElement, at *element) error {
		switch {
		case e.Name.Local == "numFmt" && len(codes) < maxStyles:
			codes[nth(e, "numFmtId")] = attribute(e, "formatCode")
		case e.Name.Local == "font" && at.in("fonts") && len(fonts) < maxStyles:
			fonts = append(fonts, font{})
		case at.in("fonts") && at.in("font") && len(fonts) > 0:
			fonts[len(fonts)-1].element(e)
		case e.Name.Local == "fill" && at.in("fills") && len(fills) < maxStyles:
			fills = append(fills, "")
		case e.Name.Local == "patternFill" && at.in("fills") && len(fills) > 0:
			if kind := attribute(e, "patternType"); kind != "none" && kind != "" {
				fills[len(fills)-1] = "pattern"
			}
		case e.Name.Local == "gradientFill" && at.in("fills") && len(fills) > 0:
			fills[len(fills)-1] = "pattern"
		case e.Name.Local == "fgColor" && at.in("patternFill") && at.in("fills") && len(fills) > 0:
			if fills[len(fills)-1] == "pattern" {
				fills[len(fills)-1] = colorOf(e)
			}
		case e.Name.Local == "xf" && at.in("cellXfs") && len(b.styles) < maxStyles:
			id := nth(e, "numFmtId")
			code, own := codes[id]
			if !own {
				code = builtin[id]
			}
			s := style{format: formatOf(code)}
			if i := nth(e, "fontId"); i >= 0 && i < len(fonts) {
				s.font = fonts[i]
			}
			if i := nth(e, "fillId"); i >= 0 && i < len(fills) {
				s.fill = fills[i]
			}
			b.styles = append(b.styles, s)
		}
		return nil
	})
}

// builtin are the number formats that every workbook has (ECMA-376, Part 1, 18.8.30).
var builtin = map[int]string{
	1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: `"$"#,##0`, 6: `"$"#,##0`, 7: `"$"#,##0.00`, 8: `"$"#,##0.00`, 9: "0%", 10: "0.00%",
	14: "d/m/yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm", 21: "h:mm:ss", 22: "d/m/yy h:mm",
	27: "d/m/yy", 28: "d/m/yy", 29: "d/m/yy", 30: "d/m/yy", 31: "d/m/yy", 32: "h:mm", 33: "h:mm", 34: "h:mm", 35: "h:mm", 36: "d/m/yy",
	37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 41: "#,##0", 42: `"$"#,##0`, 43: "#,##0.00", 44: `"$"#,##0.00`,
	45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 50: "d/m/yy", 51: "d/m/yy", 52: "d/m/yy", 53: "d/m/yy", 54: "d/m/yy", 55: "d/m/yy", 56: "d/m/yy", 57: "d/m/yy", 58: "d/m/yy",
}

var (
	formatToken = regexp.MustCompile(`(?s)"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|.`)
	elapsed     = regexp.MustCompile(`(?i)^\[(h+|m+|s+)\]$`)
	otherMoney  = regexp.MustCompile(`(?i)€|£|US ?\$|USD|EUR|GBP|DLL?S|DÓLAR`)
	scaling     = regexp.MustCompile(`[0#?],+([^0#?,]|$)`) // each comma behind the figures takes three of them away
	padding     = regexp.MustCompile(`^[^0#?]*0[,0]*0`)
)

// section is a part of a number format: what stands there for the number, and the
// letters beside it.
type section struct {
	bare, literal string
	times         bool // it shows hours, minutes or seconds that went by
}

// sectionsOf are the parts of a format, in order for what is more than zero, less, zero,
// and a text.
func sectionsOf(code string) []section {
	out := []section{{}}
	for _, token := range formatToken.FindAllString(code, -1) {
		s := &out[len(out)-1]
		switch {
		case token == ";":
			out = append(out, section{})
		case token[0] == '"':
			s.literal += strings.Trim(token, `"`)
		case token[0] == '\\' && len(token) > 1:
			s.literal += token[1:]
		case token[0] == '[' && len(token) > 1:
			s.times = s.times || elapsed.MatchString(token)
		case len(token) == 1 || token[0] != '_' && token[0] != '*':
			s.bare += token
		}
	}
	return out
}

// showsNothing reports whether nobody sees what is shown by a section.
func (s section) showsNothing() bool { return isBlank(s.bare+s.literal) && !s.times }

// formatOf reads a number format (ECMA-376, Part 1, 18.8.31), the part of it for what
// is more than zero.
func formatOf(code string) format {
	if otherMoney.MatchString(code) {
		return format{is: formatForeign}
	}
	sections := sectionsOf(code)
	s := sections[0]
	f := format{decimals: -1, noNumber: len(sections) > 1 && s.showsNothing(), noText: len(sections) > 3 && sections[3].showsNothing()}
	if strings.ContainsFunc(s.literal, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		f.literal = strings.TrimSpace(s.literal)
	}
	f.worded = isBlank(s.bare) && f.literal != ""
	switch {
	case s.times:
		f.is = formatDate
		return f
	case strings.Contains(s.bare+s.literal, "%"):
		f.is = formatPercent
		return f
	case isBlank(s.bare) || strings.EqualFold(strings.TrimSpace(s.bare), "General") || strings.TrimSpace(s.bare) == "@":
		return f
	case strings.ContainsAny(s.bare, "yYdDhHsSmM"):
		f.is = formatDate
		return f
	}
	f.scaled, f.padded = scaling.MatchString(s.bare), padding.MatchString(s.bare)
	if strings.ContainsAny(s.bare, "/eE") { // a fraction, or a power of ten
		return f
	}
	_, fraction, _ := strings.Cut(s.bare, ".")
	f.decimals = 0
	for _, c := range fraction {
		if c != '0' && c != '#' && c != '?' {
			break
		}
		f.decimals++
	}
	return f
}
