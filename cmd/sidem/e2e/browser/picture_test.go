//go:build e2e && picture

package browser

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// maxPicture is what the first picture of the README may weigh, in bytes.
const maxPicture = 300_000

func TestPictureOfTheReadme(t *testing.T) {
	v := visit(t, "ocho_pasos", 0)
	v.look(1440, 900, false)
	for n := 1; n <= 4; n++ {
		v.must(".steps button", "Hacerlo por mí")
		v.steps(n)
	}
	if _, err := eval[bool](v, `(document.getElementById("guide").scrollTop = 0) === 0`); err != nil {
		t.Fatal(err)
	}
	v.must(".roster .chip", "Lucía")
	v.until(`(document.querySelector('.person[data-key="lucía"] .chat').scrollTop = 1e6) > 0`)
	for _, who := range []string{"raúl", "tomás"} {
		v.must(`.person[data-key="`+who+`"] .due`, "")
	}
	v.until(`!document.querySelector(".toast")`)
	v.until(`(document.querySelectorAll(".chat").forEach((c) => { c.scrollTop = c.scrollHeight; }), true)`)
	v.until(`(document.activeElement.blur(), document.getElementById("columns").scrollLeft = 0) === 0`)
	v.look(1440, 900, false)
	shot, err := chromedp.Run(v.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	v.keep(shot, "sandbox.png")
	v.wellBehaved()
}

// keep writes a screenshot into docs, as small as it can be.
func (v *visitor) keep(shot []byte, name string) {
	v.t.Helper()
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		v.t.Fatal(err)
	}
	var small bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&small, picture); err != nil {
		v.t.Fatal(err)
	}
	if small.Len() > maxPicture {
		v.t.Errorf("the picture weighs %d bytes", small.Len())
	}
	if err := os.WriteFile(filepath.Join("../../../../docs", name), small.Bytes(), 0o644); err != nil {
		v.t.Fatal(err)
	}
}

// TestPicturesOfTheGuides takes the chat of a person of each role, at the step at which there is most to see.
func TestPicturesOfTheGuides(t *testing.T) {
	v := visit(t, "ocho_pasos", 0)
	v.look(3600, 1300, false) // every column is seen, as a whole
	done := 0
	for _, guide := range []struct {
		after             int // the step of the story
		person, key, name string
	}{
		{2, "Sofía", "sofía", "administracion"},
		{3, "Raúl", "raúl", "secretaria-tecnica"},
		{5, "Tomás", "tomás", "oficialia"},
		{6, "Héctor", "héctor", "jefatura"},
		{7, "Mariana", "mariana", "ejecutivo"},
		{8, "Lucía", "lucía", "solicitante"},
	} {
		for ; done < guide.after; done++ {
			v.must(".steps button", "Hacerlo por mí")
			v.steps(done + 1)
		}
		v.must(".roster .chip", guide.person)
		column := `.person[data-key="` + guide.key + `"]`
		v.until(`document.querySelector('` + column + ` .chat') !== null && !document.querySelector(".toast")`)
		v.until(`(document.querySelector('` + column + ` .chat').scrollTop = 1e6) > 0`)
		shot, err := chromedp.Run(v.ctx, chromedp.Screenshot(column))
		if err != nil {
			t.Fatal(err)
		}
		v.keep(shot, filepath.Join("guias", guide.name+".png"))
	}
	v.wellBehaved()
}
