package paper

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"sidem.gob.mx/sidem/core/filetype"
)

// codePages are the encodings of one byte a letter that spreadsheet programs write on
// Windows, for MS-DOS and on the Macintosh, the likelier first.
var codePages = []*charmap.Charmap{charmap.Windows1252, charmap.CodePage850, charmap.Macintosh}

// decoded is a text in UTF-8: it comes so or in UTF-16, with or without a byte order mark,
// or else in the one of codePages in which it is the most like Spanish.
func decoded(body []byte) string {
	switch {
	case bytes.HasPrefix(body, []byte("\xff\xfe")):
		return ofUTF16(body[2:], 0, 1)
	case bytes.HasPrefix(body, []byte("\xfe\xff")):
		return ofUTF16(body[2:], 1, 0)
	}
	if low, is := filetype.BareUTF16(body); is {
		return ofUTF16(body, low, 1-low)
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if utf8.Valid(body) {
		return string(body)
	}
	best, least := "", -1
	for _, page := range codePages {
		var b strings.Builder
		for _, c := range body {
			b.WriteRune(page.DecodeByte(c))
		}
		if n := strange(b.String()); least < 0 || n < least {
			best, least = b.String(), n
		}
	}
	return best
}

func ofUTF16(body []byte, low, high int) string {
	units := make([]uint16, 0, len(body)/2)
	for ; len(body) >= 2; body = body[2:] {
		units = append(units, uint16(body[low])|uint16(body[high])<<8)
	}
	return string(utf16.Decode(units))
}

// The letters that Spanish has beyond those of ASCII, and the marks that stand around
// words and figures, not within.
const (
	ownLetters = "áéíóúüñÁÉÍÓÚÜÑ"
	ownMarks   = "¿¡“”‘’«»–—…•·°ºª®™©±²³¼½¾µ×÷€\u00a0"
)

// strange counts what does not stand in a Spanish text: other letters and marks, marks
// within a word, small letters among capitals and capitals after small ones.
func strange(text string) int {
	n := 0
	runes := []rune(text)
	at := func(i int) rune {
		if i < 0 || i >= len(runes) {
			return ' '
		}
		return runes[i]
	}
	for i, r := range runes {
		before, after := at(i-1), at(i+1)
		switch {
		case r < utf8.RuneSelf:
		case strings.ContainsRune(ownMarks, r):
			if unicode.IsLetter(before) && unicode.IsLetter(after) {
				n++
			}
		case !strings.ContainsRune(ownLetters, r),
			unicode.IsUpper(r) && unicode.IsLower(before),
			unicode.IsLower(r) && (unicode.IsUpper(after) || unicode.IsUpper(before) && unicode.IsUpper(at(i-2))):
			n++
		}
	}
	return n
}
