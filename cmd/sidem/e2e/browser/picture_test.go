//go:build e2e && picture

package browser

import (
	"bytes"
	"image/png"
	"os"
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
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	var small bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&small, picture); err != nil {
		t.Fatal(err)
	}
	if small.Len() > maxPicture {
		t.Errorf("the picture weighs %d bytes", small.Len())
	}
	if err := os.WriteFile("../../../../docs/sandbox.png", small.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	v.wellBehaved()
}
