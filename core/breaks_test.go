package core_test

import (
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
)

// lineBreaks are all that Unicode takes for the end of a line (UAX 14).
var lineBreaks = []string{"\n", "\r\n", "\r", "\v", "\f", "\u0085", "\u2028", "\u2029"}

func TestEveryKindOfLineBreakIsOneOfOursWhereATextIsKept(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for f, spec := range core.Specs {
		want := "Uno de dos\nSe autoriza el pago"
		switch spec.Type { //nolint:exhaustive // the others hold no words
		case core.TypeText:
			want = strings.ReplaceAll(want, "\n", " ")
		case core.TypeLong:
		default:
			continue
		}
		for _, br := range lineBreaks {
			got, no := core.Parse(f, "Uno de dos"+br+"Se autoriza el pago", now)
			if no == nil && got != want {
				t.Errorf("%s: %q is kept as %q", f, br, got)
			}
		}
	}
}
