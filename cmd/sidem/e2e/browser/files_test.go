//go:build e2e

package browser

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core"
)

// choose answers the browser's own window of files, which Enter on the focused
// question opens, with a file of the visitor's.
func (v *visitor) choose(name, content string) {
	v.t.Helper()
	path := filepath.Join(v.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		v.t.Fatal(err)
	}
	v.run(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, cdppage.SetInterceptFileChooserDialog, cdppage.SetInterceptFileChooserDialogParams{Enabled: true})
		return err
	}))
	v.press(kb.Enter)
	var asked cdp.BackendNodeID
	select {
	case asked = <-v.choosers:
	case <-v.t.Context().Done():
		v.t.Fatal("no window of files opens")
	}
	v.run(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{path}, BackendNodeID: asked})
		return err
	}))
}

// said waits for the newest words in a person's chat.
func (v *visitor) said(person, words string) {
	v.t.Helper()
	v.until(`[...document.querySelectorAll('.person[data-key="` + person + `"] .chat .message:not(.mine)')].slice(-2).some((m) => m.textContent.includes("` + words + `"))`)
}

func TestInABrowserFilesAreOpenedAndAPersonsOwnAreSentByTheKeyboardAlone(t *testing.T) {
	v := visit(t, "ocho_pasos", 0)
	for n := 1; n <= 3; n++ {
		v.must(".steps button", "Hacerlo por mí")
		v.steps(n)
	}
	raúl := `.person[data-key="raúl"]`
	v.must(raúl+" [role=tab]", "Telegram") // he may be looking at his mail
	v.must(raúl+" .knob", "Liberar")
	v.must(raúl+" .knob", "Sí, liberar")
	v.must(raúl+" .toast button", "Cerrar")
	v.steps(4)
	v.must(raúl+" .folded summary", "")
	in := func(person, more string) string { return `el.closest('.person[data-key="` + person + `"]') && ` + more }
	v.must(raúl+" .knob", "Descargar borrador de oficio")
	v.until(`document.querySelector('` + raúl + ` a.file')`)
	kind, err := eval[string](v, `(async () => {
		const r = await fetch(document.querySelector('`+raúl+` a.file').href);
		return r.headers.get("Content-Type") + " " + (await r.text()).slice(0, 5);
	})()`)
	if err != nil || kind != "application/pdf %PDF-" {
		t.Errorf("the draft of the oficio is %q (%v)", kind, err)
	}
	before := len(v.served("/file/"))
	v.tabTo(in("raúl", `el.matches("a.file")`))
	v.shot("file")
	v.press(kb.Enter) // in a window of its own
	e2etest.Await(t, "the request for the file", func() bool { return len(v.served("/file/")) > before })
	v.comeBack()

	// Raúl's oficio, in Telegram.
	v.tabTo(in("raúl", `el.textContent === "Registrar oficio"`))
	v.press(kb.Enter)
	v.said("raúl", "¿Cuál es el número de oficio")
	v.tabTo(in("raúl", `el.matches(".composer textarea")`))
	v.press("IE/ST/0001/2026")
	v.press(kb.Enter)
	v.said("raúl", "¿Qué fecha tiene el oficio?")
	v.press("hoy")
	v.press(kb.Enter)
	v.said("raúl", "Envíe el archivo")
	v.tabTo(in("raúl", `el.getAttribute("aria-label") === "Enviar un archivo"`))
	v.press(kb.Enter)
	v.until(`document.activeElement.matches("#dialog input[type=file]")`)
	v.choose("mi oficio.pdf", "%PDF-1.4\n% de la visita\n")
	v.tabTo(`el.closest("#dialog") && el.textContent === "Enviar"`)
	v.press(kb.Enter)
	v.until(`document.querySelector('` + raúl + ` .mine a.file')?.textContent.includes("mi oficio.pdf")`)
	v.said("raúl", "Archivo recibido: mi oficio.pdf")
	v.must(raúl+" .knob", "Continuar")
	v.must(raúl+" .knob", "Enviar")
	v.said("raúl", "Quedó registrado el oficio.")
	for n := 5; n <= 7; n++ { // of step 5, the rest
		v.must(".steps button", "Hacerlo por mí")
		v.steps(n)
	}

	// Mariana's opinion, in a form of Slack.
	v.tabTo(in("mariana", `el.matches(".due")`))
	v.press(kb.Enter)
	v.tabTo(in("mariana", `el.textContent === "Observar"`)) // which is thought better of
	v.press(kb.Enter)
	v.until(`document.querySelector('.person[data-key="mariana"] .modal')?.contains(document.activeElement)`)
	v.tabTo(in("mariana", `el.matches(".modal textarea")`))
	v.press("Falta la ficha técnica.")
	v.press(kb.Escape)
	v.until(`!document.querySelector('.person[data-key="mariana"] .modal')`)
	v.tabTo(in("mariana", `el.textContent === "Dictaminar"`))
	v.press(kb.Enter)
	v.until(`document.querySelector('.person[data-key="mariana"] .modal')?.contains(document.activeElement)`)
	v.press("DT-0001/2026")
	v.tabTo(in("mariana", `el.tagName === "SELECT"`))
	v.press("F")
	v.tabTo(in("mariana", `el.type === "file"`))
	v.choose("mi dictamen.pdf", "%PDF-1.4\n% de la visita\n")
	v.tabTo(in("mariana", `el.type === "checkbox"`))
	v.press(" ") // no sample instead
	v.tabTo(in("mariana", `el.closest(".modal") && el.textContent === "Dictaminar"`))
	v.press(kb.Enter)
	v.said("mariana", "Quedó registrado el dictamen.")
	r, err := v.stage.Desk().Ledger.Find(t.Context(), core.UniqueNumber("000001/2026"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range r.Files {
		names = append(names, f.Name)
	}
	for _, want := range []string{"mi oficio.pdf", "mi dictamen.pdf"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not among %q", want, names)
		}
	}
	v.wellBehaved()
}

func TestInABrowserOneOfSeveralRequestsIsChosen(t *testing.T) {
	v := visit(t, "tres_en_el_resumen", 0)
	v.until(`document.querySelectorAll(".dock .segments button").length === 3`)
	for _, number := range []string{"000001/2026", "000003/2026", "000002/2026"} {
		v.must(".dock .segments button", number)
		v.until(`document.querySelector(".dock .subject strong").textContent === "Solicitud número ` + number + `"`)
		v.must(".dock [role=tab]", "Bitácora")
		v.until(`document.querySelector(".dock caption").textContent.startsWith("Solicitud número ` + number + `")`)
		v.must(".dock [role=tab]", "Línea de tiempo")
	}
	v.wellBehaved()
}
