package core_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/core"
)

func TestSingularAndPluralAreOneWordToASearch(t *testing.T) {
	for _, pair := range [][2]string{
		{"computadora", "computadoras"},
		{"monitor", "monitores"},
		{"clase", "clases"},
		{"red", "redes"},
		{"servidor", "Servidores"},
		{"mes", "meses"},
		{"Adquisición", "adquisicion"},
		{"software", "SOFTWARE"},
		{"gas", "gases"},
		{"enlace", "enlaces"},
	} {
		if diff := cmp.Diff(core.SearchWords(pair[0]), core.SearchWords(pair[1])); diff != "" {
			t.Errorf("%v (-first +second):\n%s", pair, diff)
		}
	}
}

func TestAWordThatIsFoundIsFoundByItsOwnIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := core.SearchWords(rapid.String().Draw(t, "text"))
		if len(words) > core.MaxWords {
			t.Fatalf("%d words", len(words))
		}
		for _, w := range words {
			if core.TermWord(w) != "word:"+w {
				t.Fatalf("%q is filed under %q", w, core.TermWord(w))
			}
		}
	})
}
