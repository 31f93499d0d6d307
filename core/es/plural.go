package es

import (
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

func plural(w string) string {
	runes := []rune(w)
	if len(runes) < 3 || unicode.IsUpper(runes[1]) { // GB, m2, TB
		return w
	}
	lower := strings.ToLower(w)
	switch last := runes[len(runes)-1]; {
	case lower == "mes":
		return w + "es"
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
