package value

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Skeleton is a text as the eye takes it: in lower case, without accents and marks that are
// not seen, wide and styled characters as plain ones, and the letters of other scripts that
// look like Latin ones as these. Two texts of one skeleton are taken for each other.
func Skeleton(s string) string {
	s = strings.ToLower(plain(norm.NFKC.String(s)))
	return Line(strings.Map(func(r rune) rune {
		if like, ok := lookalikes[r]; ok {
			return like
		}
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s))
}

// Disguised reports whether a word of s mixes Latin letters with letters of another script that
// look like Latin ones: nobody's name is written so, and it passes for another's.
func Disguised(s string) bool { _, _, ok := Disguise(s); return ok }

// Disguise is the first letter that has a word of s pass for a Latin one (Disguised), as it
// is written, and the Latin one that it is taken for, in lower case.
func Disguise(s string) (letter, like rune, ok bool) {
	for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) }) {
		var latin, other bool
		for _, r := range w {
			lower := unicode.ToLower(r)
			taken, alike := lookalikes[lower]
			if alike && !other {
				letter, like, other = r, taken, true
			}
			latin = latin || !alike && unicode.Is(unicode.Latin, lower)
		}
		if latin && other {
			return letter, like, true
		}
	}
	return 0, 0, false
}

// lookalikes are letters of other scripts by the Latin ones that they are taken for, in
// lower case: of Unicode's confusables (UTS 39) those that a keyboard or a copy brings.
var lookalikes = func() map[rune]rune {
	out := map[rune]rune{}
	for latin, others := range map[rune]string{
		'a': "аɑα", 'b': "вьβ", 'c': "сϲ", 'd': "ԁ", 'e': "еєε", 'g': "ɡ", 'h': "нһ", 'i': "іıι", 'j': "јϳ", 'k': "кκ", 'l': "ӏ",
		'm': "м", 'n': "пηո", 'o': "оοօ", 'p': "рρ", 'q': "ԛ", 's': "ѕ", 't': "тτ", 'u': "υս", 'v': "ѵν", 'w': "ԝѡ", 'x': "хχ", 'y': "уүγ", 'z': "ζ",
		'-': "‐‑‒–—−", '\'': "’ʼ",
	} {
		for _, r := range others {
			out[r] = latin
		}
	}
	return out
}()
