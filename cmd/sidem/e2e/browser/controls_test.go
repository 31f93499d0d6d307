//go:build e2e

package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sidem.gob.mx/sidem/cmd/sidem/demo/page"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core"
)

// at is the business time, in the office's zone.
func (v *visitor) at() time.Time { return v.stage.World().Time.Now().In(world.Mexico()) }

// steps waits until n steps are done and nothing is played any more.
func (v *visitor) steps(n int) {
	v.t.Helper()
	v.until(fmt.Sprintf(`document.querySelectorAll(".steps li.done").length >= %d && !document.querySelector(".playing.on")`, n))
	v.rest()
}

// rest waits until nothing is under way, and the page shows what came of it: what
// comes next by then.
func (v *visitor) rest() {
	v.t.Helper()
	e2etest.Await(v.t, "rest", func() bool {
		idle, err := v.stage.World().Idle(v.t.Context())
		return err == nil && idle
	})
	c := e2etest.Part[page.Clock](v.t, v.stage, page.PartClock)
	if c.Next == "" {
		return
	}
	v.until(fmt.Sprintf(`document.querySelector(".coming").textContent.replace(/\u00a0/g, " ").toLowerCase() === %q`,
		strings.ToLower("Sigue: "+c.Next+". "+c.NextAt+".")))
}

func TestInABrowserTheClockDoesWhatItsButtonsSay(t *testing.T) {
	v := visit(t, "ocho_pasos", 0)
	if got := v.at().Format("Monday 15:04"); got != "Monday 09:00" {
		t.Errorf("it begins on %s", got)
	}
	v.must(".clock button", "+ 1 día hábil")
	v.until(`document.querySelector(".clock .day").textContent.includes("24 de noviembre")`)
	v.must(".clock button", "Ir a una fecha")
	v.until(`document.querySelector("#dialog input")`)
	v.press("11302026" + kb.ArrowRight + "1015AM")
	v.must("#dialog button", "Ir")
	v.until(`document.querySelector(".clock .day").textContent.includes("30 de noviembre de 2026, 10:15")`)
	v.must(".clock button", "Estuvo apagado")
	v.until(`document.querySelector("#dialog input")`)
	v.press(kb.End + kb.Backspace + "5")
	v.must("#dialog button", "Apagar y volver")
	v.until(`document.querySelector(".clock .day").textContent.includes("5 de diciembre")`)
	v.until(`document.querySelector(".clock .open").textContent === "Fuera de horario"`)
	v.must(".clock button", "Ir a una fecha")
	v.must("#dialog button", "Regresar")
	v.wellBehaved()
}

func TestInABrowserTheNextEventIsNamedAndComesAtItsTime(t *testing.T) {
	v := visit(t, "doble_pulsacion", 0) // Raúl owes a release
	text := func(selector string) string {
		s, err := eval[string](v, `document.querySelector("`+selector+`").textContent.replace(/\u00a0/g, " ")`)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	const chat = `.person[data-key='raúl'] .chat`
	var named []string
	for len(named) < 30 {
		v.rest()
		before := text(chat)
		coming := text(".coming")
		coming = strings.TrimSuffix(strings.TrimPrefix(coming, "Sigue: "), ".")
		end := strings.LastIndex(coming, ". ")
		if end < 0 {
			t.Fatalf("nothing is named: %q", coming)
		}
		what, when := coming[:end], coming[end+2:]
		named = append(named, what)
		v.must(".clock button", "Siguiente evento")
		if !strings.HasPrefix(when, "Hoy") { // it was due already
			v.until(fmt.Sprintf(`document.querySelector(".clock .day").textContent.replace(/\u00a0/g, " ").toLowerCase() === %q`, strings.ToLower(when)))
		}
		v.until(fmt.Sprintf(`document.querySelector(".coming").textContent.replace(/\u00a0/g, " ") !== %q`, "Sigue: "+coming+"."))
		if strings.HasPrefix(what, "Recordatorio: Liberar. Solicitud número 000001/2026") {
			v.until(fmt.Sprintf(`document.querySelector(%q).textContent.replace(/\u00a0/g, " ") !== %q`, chat, before))
			v.wellBehaved()
			return
		}
	}
	t.Errorf("Raúl is never reminded; these did: %q", named)
}

func TestInABrowserEachFaultIsMadeAndEndedFromItsMenu(t *testing.T) {
	v := visit(t, "ocho_pasos", 0)
	v.must(".steps button", "Hacerlo por mí")
	v.steps(1)
	for _, f := range page.Faults {
		item := fmt.Sprintf(`.fault[data-key="%s"]`, f.Name)
		expect, err := eval[string](v, fmt.Sprintf(`document.querySelector('%s p').textContent`, item))
		if err != nil || expect != f.Expect {
			t.Errorf("%s does not say what should happen: %q %v", f.Name, expect, err)
		}
		v.must(item+" button", "Provocar")
		if !f.Switch {
			continue
		}
		v.until(fmt.Sprintf(`document.querySelector('%s').matches(".on")`, item))
		v.must(item+" button", "Quitar")
		v.until(fmt.Sprintf(`!document.querySelector('%s').matches(".on")`, item))
	}
	v.must(".steps button", "Hacerlo por mí") // and SIDEM still works
	v.steps(2)
	v.wellBehaved()
}

func TestInABrowserWhatWasDecidedOutlivesAKillAndTheSamePressCountsOnce(t *testing.T) {
	v := visit(t, "ocho_pasos", 0)
	for n := 1; n <= 4; n++ {
		v.must(".steps button", "Hacerlo por mí")
		v.steps(n)
	}
	trail := func() int {
		n, err := eval[int](v, `document.querySelectorAll(".dock tbody tr").length`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	v.must(".dock [role=tab]", "Bitácora")
	v.until(`document.querySelectorAll(".dock tbody tr").length > 2`)
	before := trail()
	v.until(`(document.querySelector('.fault[data-key="doble"] select').focus(), true)`)
	v.press("Ra")
	v.until(`document.querySelector('.fault[data-key="doble"] select').value === "raúl"`)
	v.must(`.fault[data-key="doble"] button`, "Provocar")
	v.must(`.fault[data-key="corte"] button`, "Provocar")
	for {
		if idle, err := v.stage.World().Idle(t.Context()); err != nil || idle {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	v.steps(4)
	if got := trail(); got != before {
		t.Errorf("the trail had %d lines and has %d", before, got)
	}
	v.must(".steps button", "Hacerlo por mí")
	v.steps(5)
	report, err := v.stage.Desk().Audit(t.Context())
	if err != nil || len(report.Faults) > 0 {
		t.Errorf("audit: %v %v", report.Faults, err)
	}
	v.wellBehaved()
}

func TestInABrowserEachDetourTicksItself(t *testing.T) {
	v := visit(t, "ocho_pasos", 0)
	for _, d := range page.Detours {
		item := fmt.Sprintf(`.detours li[data-key="%s"]`, d.Name)
		v.must(item+" button", "Recorrer este desvío")
		v.must("#dialog button", "Recorrer este desvío")
		v.until(fmt.Sprintf(`document.querySelector('%s').matches(".done") && !document.querySelector(".playing.on")`, item))
		if trouble, err := eval[string](v, `document.querySelector(".trouble")?.textContent || ""`); err != nil || trouble != "" {
			t.Errorf("%s: %s %v", d.Name, trouble, err)
		}
	}
	v.must(".lead button", "Empezar de nuevo")
	v.must("#dialog button", "Empezar de nuevo")
	v.until(`!document.querySelector(".detours li.done")`)
	v.wellBehaved()
}

func TestInABrowserAMailIsShownInItsFiveWays(t *testing.T) {
	v := visit(t, "ocho_pasos", 0)
	for n := 1; n <= 2; n++ {
		v.must(".steps button", "Hacerlo por mí")
		v.steps(n)
	}
	v.must(`.person[data-key="raúl"] [role=tab]`, "Correo")
	v.must(`.person[data-key="raúl"] .mail`, "Active su cuenta de SIDEM")
	frame := `document.querySelector('.person[data-key="raúl"] iframe')`
	v.until(frame + `?.getAttribute("sandbox") === "" && ` + frame + `.src.includes("/mail/")`)
	for _, look := range []string{"Texto", "Fuente"} {
		v.must(`.person[data-key="raúl"] .segments button`, look)
		v.until(`document.querySelector('.person[data-key="raúl"] pre')?.textContent.includes("raul.ortega")`)
	}
	for _, look := range []string{"Oscuro", "Angosto", "Correo"} {
		v.must(`.person[data-key="raúl"] .segments button`, look)
		v.until(frame)
		time.Sleep(300 * time.Millisecond) // the frame draws
		v.shot("mail-" + strings.ToLower(look))
	}
	v.must(`.person[data-key="raúl"] .letter button`, "Bandeja de entrada")
	v.must(`.person[data-key="raúl"] [role=tab]`, "Teléfono")
	v.must(`.person[data-key="raúl"] [role=tab]`, "Correo")
	v.must(`.person[data-key="raúl"] .mail`, "Active su cuenta de SIDEM")
	acts := len(v.served("/act"))
	v.must(`.person[data-key="raúl"] .letter button`, "Abrir el enlace en Telegram")
	v.until(`document.querySelector('.person[data-key="raúl"] .place').dataset.key === "telegram"`)
	if got := len(v.served("/act")); got != acts+1 {
		t.Errorf("%d acts, and then %d", acts, got)
	}
	v.wellBehaved()
}

func TestInABrowserTheTelephoneRingsAndTheInspectorShowsWhatWasSaid(t *testing.T) {
	v := visit(t, "ocho_pasos", 0)
	v.must(".lead button", "Recorrer todo solo")
	v.until(`document.querySelector('.person[data-key="lucía"] .ring')`)
	v.steps(8)
	v.must(`.person[data-key="lucía"] .ring`, "")
	v.until(`document.querySelectorAll('.person[data-key="lucía"] .call').length === 2`)
	v.must(".dock [role=tab]", "Tablero")
	v.until(`[...document.querySelectorAll(".counts .some dt")].some((d) => d.textContent === "Dictamen entregado")`)
	v.shot("board")
	v.must(".whatif input", "")
	v.run(chromedp.KeyEvent(kb.ArrowUp))
	v.must(".whatif button", "Calcular")
	v.until(`document.querySelectorAll(".answer .figures tr").length === 10 && document.querySelectorAll(".answer polyline").length === 2`)
	for _, width := range []int64{1440, 820, 360} {
		for _, dark := range []bool{false, true} {
			v.look(width, 1600, dark)
			if width != 1440 {
				v.must(".views button", "Solicitud")
			}
			name := fmt.Sprintf("whatif-%d-%v", width, dark)
			v.shot(name)
			v.readable(name)
			if wide, err := eval[bool](v, `document.documentElement.scrollWidth > innerWidth || document.querySelector(".dock > .scroll").scrollWidth > document.querySelector(".dock > .scroll").clientWidth`); err != nil || wide {
				t.Errorf("%s is wider than the window (%v)", name, err)
			}
		}
	}
	v.must(".views button", "Personas")
	v.look(1440, 900, false)
	v.must(".dock [role=tab]", "Llamadas")
	v.until(`document.querySelectorAll(".inspector .row").length > 50`)
	found, err := eval[bool](v, `(() => {
		const row = [...document.querySelectorAll(".inspector .row")].find((r) => r.textContent.includes("sendMessage") && r.textContent.includes("Listo para recoger"));
		row?.setAttribute("title", "wanted");
		return Boolean(row);
	})()`)
	if err != nil || !found {
		t.Fatalf("the card of step 8 is not among the calls: %v", err)
	}
	v.must(`.inspector [title="wanted"]`, "")
	v.until(`document.querySelector(".detail .made .message")?.textContent.includes("000001/2026")`)
	v.until(`document.querySelectorAll(".detail .edits button").length > 0`)
	v.until(`document.querySelector(".detail pre").textContent.includes('"chat_id"')`)
	v.shot("inspector")
	v.must(".detail .edits button", "")
	v.must(".dock .fold", "Ocultar")
	v.must(".dock .fold", "Mostrar")
	v.must(".dock [role=tab]", "Bitácora")
	v.shot("trail")
	v.must(".roster .chip", "Patricia")
	v.until(`document.querySelector('.person[data-key="patricia"]').matches(".chosen")`)
	v.wellBehaved()
}

func TestInABrowserAFormIsFilledInAndPutAway(t *testing.T) {
	v := visit(t, "ocho_pasos", 0)
	v.must(`.person[data-key="tomás"] .rooms button`, "Inicio")
	v.until(`document.querySelector('.person[data-key="tomás"] .home .message')`)
	v.must(`.person[data-key="tomás"] .rooms button`, "Mensajes")
	for n := 1; n <= 4; n++ {
		v.must(".steps button", "Hacerlo por mí")
		v.steps(n)
	}
	tomás := `.person[data-key="tomás"]`
	v.must(tomás+" .due", "")
	v.until(`document.activeElement.textContent === "Registrar acuse"`)
	v.run(chromedp.KeyEvent(kb.Enter))
	v.until(`document.querySelectorAll('` + tomás + ` .modal .ask').length === 4`)
	v.shot("modal")
	v.must(tomás+" .modal footer button", "")
	v.until(`document.querySelector(".note p")?.textContent.startsWith("Falta una respuesta")`)
	v.must(".note button", "Cerrar")
	v.must(tomás+" .modal header button", "Regresar")
	v.until(`!document.querySelector('` + tomás + ` .modal')`)
	v.must(tomás+" .composer summary", "")
	v.must(tomás+" .composer .options button", "/sidem pendientes")
	v.until(`document.querySelector('` + tomás + ` .chat').textContent.includes("Tiene ")`)
	var state core.State
	page, err := v.stage.Desk().Ledger.Find(t.Context(), core.UniqueNumber("000001/2026"))
	if state = page.State; err != nil || state != core.StateReleased {
		t.Errorf("state %s, %v", state, err)
	}
}
