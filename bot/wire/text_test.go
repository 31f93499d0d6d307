package wire_test

import (
	"testing"
	"unicode/utf16"

	"sidem.gob.mx/sidem/bot/wire"
)

func TestTextIsCleanedForAScreen(t *testing.T) {
	const given = "\u202eRaúl\x00 \t Peña\u2028\r\n \u200b \nfin\xff"
	if got, want := wire.Line(given), "Raúl Peña fin\ufffd"; got != want {
		t.Errorf("line %q, want %q", got, want)
	}
	if got, want := wire.Paragraph("\n"+given+"\n"), "Raúl       Peña\n\n\nfin\ufffd"; got != want {
		t.Errorf("paragraph %q, want %q", got, want)
	}
}

func TestAParagraphKeepsItsLinesAndTheSpacesInThem(t *testing.T) {
	for given, want := range map[string]string{
		"  uno  ": "uno", " \n\n  uno\n\n\n\tdos   tres \n ": "  uno\n\n\n    dos   tres", "uno\r\n\r\ndos\vtres": "uno\n\ndos\ntres", " \n\u200b\n": "", "": "",
	} {
		if got := wire.Paragraph(given); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

func TestATextIsCutWithinItsLengthAndNotAfterAJoiner(t *testing.T) {
	scale := wire.Scale(utf16.RuneLen)
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"abcd", 1, "…"},
		{"abcd", 0, ""},
		{"a \u200d\u2060bcdef", 5, "a…"},
		{"😀😀😀", 4, "😀…"},
		{"😀", 2, "😀"},
	} {
		if got := scale.Cut(c.text, c.n); got != c.want || scale.Of(got) > c.n {
			t.Errorf("%q in %d: %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

func TestEveryKindOfLineBreakIsOneLineEnd(t *testing.T) {
	for _, br := range []string{"\n", "\r\n", "\r", "\v", "\f", "\u0085", "\u2028", "\u2029"} {
		if got := wire.Paragraph("Uno" + br + "Dos"); got != "Uno\nDos" {
			t.Errorf("%q: %q", br, got)
		}
		if got := wire.Line("Uno" + br + "Dos"); got != "Uno Dos" {
			t.Errorf("%q: %q", br, got)
		}
	}
}
