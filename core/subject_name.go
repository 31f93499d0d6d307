package core

import (
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sidem.gob.mx/sidem/core/value"
)

// glyph is one letter or digit of a text as the eye takes it, or whatever parts words there.
type glyph struct {
	r        rune // without accents, in lower case; 0 for what parts words
	from, to int  // where it stands in the text, in bytes, with the marks that belong to it
	upper    bool
}

// glyphs are those of a text. A mark that is not seen, or belongs to the letter before, is none.
func glyphs(s string) (out []glyph) {
	for i := 0; i < len(s); {
		r, n := runeAt(s[i:])
		from := i
		i += n
		switch {
		case unicode.Is(unicode.M, r) || unicode.Is(unicode.Cf, r):
			if k := len(out) - 1; k >= 0 {
				out[k].to = i
			}
		case !isLetter(r):
			out = append(out, glyph{from: from, to: i})
		case r < utf8.RuneSelf:
			out = append(out, glyph{unicode.ToLower(r), from, i, unicode.IsUpper(r)})
		default:
			for _, base := range value.Skeleton(string(r)) {
				out = append(out, glyph{base, from, i, unicode.IsUpper(r)})
			}
		}
	}
	return out
}

// runeAt is the first character of a text, and how many bytes it takes there: three for each
// of its own where the name of a file was written as a part of an address ("%C3%AD").
func runeAt(s string) (rune, int) {
	var coded []byte
	for rest := s; len(rest) > 2 && rest[0] == '%' && len(coded) < utf8.UTFMax; rest = rest[3:] {
		b, err := hex.DecodeString(rest[1:3])
		if err != nil {
			break
		}
		coded = append(coded, b[0])
	}
	if r, n := utf8.DecodeRune(coded); r != utf8.RuneError {
		return r, 3 * n
	}
	return utf8.DecodeRuneInString(s)
}

// wordsOf are the words of a name, as glyphs have them.
func wordsOf(name string) []string {
	var out strings.Builder
	for _, g := range glyphs(name) {
		if g.r == 0 {
			g.r = ' '
		}
		out.WriteRune(g.r)
	}
	return strings.Fields(out.String())
}

// replacedName is s with another text wherever all words of a name stand in it one after the
// other, in any order, parted by anything that is neither a letter nor a digit, or by nothing:
// "Herrera Campos, Lucía", "lucia.herrera_campos.pdf", "OficioLuciaHerreraCampos2".
func replacedName(s string, name []string, by string) string {
	if len(name) == 0 {
		return s
	}
	var out strings.Builder
	done, all := 0, glyphs(s)
	for i := 0; i < len(all); i++ {
		if all[i].r == 0 || !endsWord(all, i) {
			continue
		}
		if to, ok := spells(all, i, name); ok {
			out.WriteString(s[done:all[i].from] + by)
			done, i = all[to-1].to, to-1
		}
	}
	return out.String() + s[done:]
}

// spells is where the words end that begin at i, if they are all of a name.
func spells(all []glyph, i int, name []string) (to int, ok bool) {
	for n, word := range name {
		if slices.Index(name, word) < n || !stands(all, i, word) {
			continue
		}
		to := i + utf8.RuneCountInString(word)
		if len(name) == 1 {
			if endsWord(all, to) {
				return to, true
			}
			continue
		}
		for to < len(all) && all[to].r == 0 {
			to++
		}
		if to, ok := spells(all, to, slices.Concat(name[:n], name[n+1:])); ok {
			return to, true
		}
	}
	return 0, false
}

// stands reports whether the letters from i on are those of a word.
func stands(all []glyph, i int, word string) bool {
	for _, r := range word {
		if i >= len(all) || all[i].r != r {
			return false
		}
		i++
	}
	return true
}

// endsWord reports whether one word ends before i and another begins there: where letters meet
// digits, and where their case says so ("oficioLucia", "PDFLucia", "CAMPOSfirmado").
func endsWord(all []glyph, i int) bool {
	if i == 0 || i == len(all) || all[i-1].r == 0 || all[i].r == 0 {
		return true
	}
	a, b := all[i-1], all[i]
	if da, db := unicode.IsDigit(a.r), unicode.IsDigit(b.r); da || db {
		return da != db
	}
	isUpper := func(i int) bool { return i >= 0 && i < len(all) && all[i].upper }
	isLower := func(i int) bool {
		return i >= 0 && i < len(all) && all[i].r != 0 && !all[i].upper && !unicode.IsDigit(all[i].r)
	}
	switch {
	case !a.upper && b.upper:
		return true
	case a.upper && b.upper:
		return isLower(i + 1)
	default:
		return a.upper && isUpper(i-2)
	}
}
