package bottest

import (
	"bytes"
	"testing"

	"sidem.gob.mx/sidem/bot/paper"
	"sidem.gob.mx/sidem/core"
)

func TestPassesThatCannotBeReadUprightAreReadAllTheSame(t *testing.T) {
	for _, code := range []string{"282246", "577883", "581106", "584036", "589896", "610992", "903992", "911903"} {
		body, err := Sample("foto del pase 000001-2026 " + code[:3] + " " + code[3:] + ".jpg")
		if err != nil {
			t.Fatal(err)
		}
		text, err := paper.ReadQR(t.Context(), bytes.NewReader(body))
		if want := core.Pass("000001/2026", code); err != nil || text != want {
			t.Errorf("%s: %q, %v", code, text, err)
		}
	}
}
