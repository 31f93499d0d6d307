package wire

import "strings"

// Linked is how words with a link behind them are kept: the words, and where they lead in
// brackets, "cotización (https://ejemplo.mx/c.pdf)", since who reads them later sees
// nothing behind them. The address stands alone where it is all that the words say.
func Linked(words, address string) string {
	shown := strings.TrimPrefix(strings.TrimPrefix(address, "mailto:"), "tel:")
	said := strings.TrimSpace(words)
	switch {
	case said == "":
		return shown
	case shown == "" || sameAddress(said, address):
		return words
	}
	end := strings.LastIndex(words, said) + len(said) // spaces and line breaks stay behind it
	return words[:end] + " (" + shown + ")" + words[end:]
}

// sameAddress reports whether words are an address as people write it, without its scheme
// or the slash at its end; of a telephone its figures count.
func sameAddress(words, address string) bool {
	if number, is := strings.CutPrefix(address, "tel:"); is {
		return figures(words) != "" && figures(words) == figures(number)
	}
	bare := func(s string) string {
		for _, scheme := range []string{"mailto:", "https://", "http://"} {
			if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
				s = s[len(scheme):]
				break
			}
		}
		return strings.TrimSuffix(s, "/")
	}
	host := func(s string) (string, string) {
		i := strings.IndexAny(s, "/?#")
		if i < 0 {
			i = len(s)
		}
		return s[:i], s[i:]
	}
	words, address = bare(words), bare(address)
	saidHost, saidPath := host(words)
	realHost, realPath := host(address)
	return strings.EqualFold(saidHost, realHost) && saidPath == realPath
}

func figures(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
