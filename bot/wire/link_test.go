package wire_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/bot/wire"
)

func TestTheAddressBehindWordsIsKeptBesideThem(t *testing.T) {
	for _, c := range []struct{ words, address, want string }{
		{"cotización", "https://ejemplo.mx/c.pdf", "cotización (https://ejemplo.mx/c.pdf)"},
		{"cotización\n", "https://ejemplo.mx/c.pdf", "cotización (https://ejemplo.mx/c.pdf)\n"},
		{"", "https://ejemplo.mx", "https://ejemplo.mx"},
		{" ", "mailto:raul@ejemplo.mx", "raul@ejemplo.mx"},
		{"https://ejemplo.mx/a", "https://ejemplo.mx/a", "https://ejemplo.mx/a"},
		{"ejemplo.mx", "http://ejemplo.mx/", "ejemplo.mx"},
		{"Ejemplo.MX/a", "https://ejemplo.mx/a", "Ejemplo.MX/a"},
		{"ejemplo.mx/A", "https://ejemplo.mx/a", "ejemplo.mx/A (https://ejemplo.mx/a)"},
		{"banco.mx", "https://otro.mx", "banco.mx (https://otro.mx)"},
		{"raul@ejemplo.mx", "mailto:raul@ejemplo.mx", "raul@ejemplo.mx"},
		{"raul@ejemplo.mx", "mailto:ana@ejemplo.mx", "raul@ejemplo.mx (ana@ejemplo.mx)"},
		{"escríbame", "mailto:raul@ejemplo.mx", "escríbame (raul@ejemplo.mx)"},
		{"722 555 0100", "tel:7225550100", "722 555 0100"},
		{"mi oficina", "tel:7225550100", "mi oficina (7225550100)"},
		{"sin enlace", "", "sin enlace"},
	} {
		if got := wire.Linked(c.words, c.address); got != c.want {
			t.Errorf("%q at %q: %q, want %q", c.words, c.address, got, c.want)
		}
	}
}

func TestNothingThatALinkSaysIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringMatching(`[ \na-z@./:]{0,20}`).Draw(t, "words")
		address := rapid.SampledFrom([]string{"https://", "mailto:", "tel:", "tg://user?id="}).Draw(t, "scheme") + rapid.StringMatching(`[a-z0-9]{1,8}`).Draw(t, "address")
		got := wire.Linked(words, address)
		if !strings.Contains(got, strings.TrimSpace(words)) {
			t.Fatalf("%q lost the words %q", got, words)
		}
		_, bare, _ := strings.Cut(address, ":")
		if !strings.Contains(got, strings.TrimPrefix(bare, "//")) {
			t.Fatalf("%q lost the address %q", got, address)
		}
	})
}
