package core

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sidem.gob.mx/sidem/core/value"
)

// Words are the words of s: lower case, without accents, of two letters or more, each once.
func Words(s string) []string {
	fold := strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u")
	words := strings.FieldsFunc(fold.Replace(strings.ToLower(value.Line(s))), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	var out []string
	for _, w := range words {
		if len(w) > 1 && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// MaxWords bounds the words of a text that are indexed, and those of a query.
const MaxWords = 24

// SearchWords are the words by which a search finds s: Words without those that
// stand everywhere, each as its stem, at most MaxWords.
func SearchWords(s string) []string {
	var out []string
	for _, w := range Words(s) {
		if w = stem(w); !slices.Contains(everywhere, w) && !slices.Contains(out, w) && len(out) < MaxWords {
			out = append(out, w)
		}
	}
	return out
}

// everywhere are the stems that tell no text from another.
var everywhere = []string{"de", "la", "las", "el", "lo", "los", "del", "al", "en", "con", "por", "para", "un", "una", "y", "que"}

// longest is how much of a word is compared, in characters.
const longest = 32

// stem makes one of singular and plural: computadora and computadoras, monitor
// and monitores, clase and clases. It leaves a stem as it is.
func stem(w string) string {
	if utf8.RuneCountInString(w) > longest {
		w = string([]rune(w)[:longest])
	}
	for {
		cut := strings.TrimSuffix(strings.TrimSuffix(w, "s"), "e")
		if cut == w || len(cut) < 3 {
			return w
		}
		w = cut
	}
}
