package es

import (
	"slices"
	"strings"
	"unicode"
)

// Plural is the plural of a unit of measure as people write it: "pieza", "unidad",
// "metro cuadrado", "licencia por usuario". Abbreviations and what is a plural
// already stay as they are.
func Plural(unit string) string {
	words := strings.Fields(unit)
	for i, w := range words {
		if isPreposition[strings.ToLower(w)] {
			break
		}
		words[i] = plural(w)
	}
	return strings.Join(words, " ")
}

var isPreposition = map[string]bool{"de": true, "del": true, "por": true, "para": true, "a": true, "al": true, "con": true, "en": true}

// isForeign has the plural of its own language.
var isForeign = map[string]bool{"router": true, "server": true, "plotter": true, "scanner": true, "blade": true, "firewall": true}

// bare are vowels without their accent, and accented those with it.
var (
	bare     = map[rune]string{'á': "a", 'é': "e", 'í': "i", 'ó': "o", 'ú': "u"}
	accented = map[rune]rune{'a': 'á', 'e': 'é', 'i': 'í', 'o': 'ó', 'u': 'ú'}
)

// stressed is the beginning of a word with the accent on its last vowel.
func stressed(begins []rune) string {
	out := slices.Clone(begins)
	for i, r := range slices.Backward(out) {
		if strings.ContainsRune("áéíóú", r) {
			break // it has one
		}
		if with, vowel := accented[r]; vowel {
			out[i] = with
			break
		}
	}
	return string(out)
}

func plural(w string) string {
	runes := []rune(w)
	if len(runes) < 3 || unicode.IsUpper(runes[1]) { // GB, m2, TB
		return w
	}
	lower := strings.ToLower(w)
	switch last := runes[len(runes)-1]; {
	case lower == "mes":
		return w + "es"
	case isForeign[lower]:
		return w + "s"
	case strings.HasSuffix(lower, "en"): // imagen, volumen: the stress stays where it was, and is written then
		return stressed(runes[:len(runes)-2]) + "enes"
	case len(runes) > 3 && strings.ContainsRune("áéíóú", unicode.ToLower(runes[len(runes)-2])) && unicode.ToLower(last) == 'n': // almacén, buzón
		return string(runes[:len(runes)-2]) + bare[unicode.ToLower(runes[len(runes)-2])] + "nes"
	case strings.HasSuffix(lower, "ión"):
		return strings.TrimSuffix(w, "ión") + "iones"
	case strings.HasSuffix(lower, "z"):
		return string(runes[:len(runes)-1]) + "ces"
	case strings.ContainsRune("aeiouáéíóú", unicode.ToLower(last)):
		return w + "s"
	case strings.ContainsRune("dlnrj", unicode.ToLower(last)):
		return w + "es"
	}
	return w
}
