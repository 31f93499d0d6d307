package email

import (
	"strings"
	"testing"
)

func TestALineBreakThatWasKeptIsNoParagraphOfAMail(t *testing.T) {
	for _, br := range []string{"\v", "\f", "\u0085", "\u2028", "\u2029", "\u2029\u2029"} {
		if got := long("Uno" + br + "Dos"); strings.Join(strings.Fields(got), " ") != "Uno Dos" || strings.Contains(got, lineBreak) || strings.Contains(got, "\n") {
			t.Errorf("%q is written as %q", br, got)
		}
	}
	if got := string(broken(long("Uno\r\n\r\nDos"))); strings.Contains(got, "<p") || strings.Count(got, "<br>") != 2 {
		t.Errorf("a blank line is %q", got)
	}
}
