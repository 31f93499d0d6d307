//go:build e2e

package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sidem.gob.mx/sidem/core"
)

// press presses a key.
func (v *visitor) press(keys string) {
	v.t.Helper()
	v.run(chromedp.KeyEvent(keys))
}

// tabTo presses Tab until what has the focus is what is wanted, and checks that the
// focus can be seen on the way.
func (v *visitor) tabTo(wanted string) {
	v.t.Helper()
	for range 1000 { // the whole page, and more
		v.press(kb.Tab)
		there, err := eval[bool](v, `(() => { const el = document.activeElement; return Boolean(`+wanted+`); })()`)
		if err != nil {
			v.t.Fatal(err)
		}
		seen, err := eval[bool](v, `document.activeElement === document.body || document.activeElement.matches("iframe, .skip") ||
			(getComputedStyle(document.activeElement).outlineStyle !== "none" && parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2)`)
		if err != nil || !seen {
			what, _ := eval[string](v, `document.activeElement.outerHTML.slice(0, 120)`)
			style, _ := eval[string](v, `getComputedStyle(document.activeElement).outline + " " + document.activeElement.matches(":focus-within") + document.activeElement.matches(":focus")`)
			v.t.Fatalf("the focus cannot be seen on %s (%v) %s", what, err, style)
		}
		if there {
			return
		}
	}
	v.shot("failed")
	v.t.Fatalf("Tab never comes to %s", wanted)
}

func TestInABrowserTheKeyboardAloneReleasesARequestAndRegistersItsReceipt(t *testing.T) {
	v := visit(t, "devuelta_y_corregida", 0)
	raúl := `el.closest('.person[data-key="raúl"]')`
	v.press(kb.Tab)
	v.until(`document.activeElement.matches(".skip")`)
	v.press(kb.Enter)
	v.tabTo(`el.closest('.roster') && el.textContent.startsWith("Raúl")`)
	v.press(kb.Enter)
	v.tabTo(raúl + ` && el.matches(".due")`)
	v.press(kb.Enter) // goes to the card
	v.until(`document.activeElement.textContent === "Liberar"`)
	v.press(kb.Enter)
	v.until(`[...document.querySelectorAll('.person[data-key="raúl"] .knob')].some((k) => k.textContent === "Sí, liberar")`)
	v.tabTo(raúl + ` && el.textContent === "Sí, liberar"`)
	v.press(kb.Enter)
	v.until(`document.querySelectorAll(".steps li.done").length === 4`)

	v.tabTo(`el.closest('.person[data-key="tomás"]') && el.matches(".due")`)
	v.press(kb.Enter)
	v.until(`document.activeElement.textContent === "Registrar acuse"`)
	v.press(kb.Enter)
	modal := `.person[data-key="tomás"] .modal`
	v.until(fmt.Sprintf(`document.querySelector('%s')?.contains(document.activeElement)`, modal))
	v.press(kb.Escape) // put away, and opened again
	v.until(fmt.Sprintf(`!document.querySelector('%s')`, modal))
	v.tabTo(`el.closest('.person[data-key="tomás"]') && el.textContent === "Registrar acuse"`)
	v.press(kb.Enter)
	v.until(fmt.Sprintf(`document.querySelector('%s')?.contains(document.activeElement)`, modal))
	v.press("OP-2231")
	v.tabTo(`el.type === "date"`)
	v.press("11232026")
	v.tabTo(`el.type === "time"`)
	v.press("0900AM")
	v.tabTo(`el.dataset.ask?.includes("oficio")`)
	v.press("IE/ST/0412/2026")
	v.tabTo(`el.closest(".modal") && el.textContent === "Registrar acuse"`)
	v.press(kb.Enter)
	v.until(`document.querySelectorAll(".steps li.done").length === 5`)

	v.tabTo(`el.matches("[role=tab]") && el.closest(".dock")`)
	v.press(kb.ArrowRight)
	v.until(`document.activeElement.textContent === "Bitácora" && document.querySelectorAll(".dock tbody tr").length > 3`)
	r, err := v.stage.Desk().Ledger.Find(t.Context(), core.UniqueNumber("000001/2026"))
	if err != nil || r.State != core.StateReceived || r.Fields[core.FieldFolio] != "OP-2231" {
		t.Errorf("%s %v %v", r.State, r.Fields, err)
	}
	v.wellBehaved()
}
