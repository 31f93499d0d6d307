package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/flood"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
)

func TestTheBoardCountsAndNamesTheSilentStalls(t *testing.T) {
	w := newWorld(t)
	stuck := w.filed("lucía", "Adquisición de computadoras")
	w.by("raúl", stuck.ID, core.Command{Verb: core.VerbRelease})
	w.pass(8 * 24 * time.Hour) // six working days
	w.filed("lucía", "Adquisición de impresoras")
	r := w.say("patricia", "/tablero")
	w.wants(r,
		"Liberada; falta el oficio: 1 solicitud, que lleva 6 días hábiles; ya pasó su fecha sugerida",
		"Por liberar: 1 solicitud de hoy",
		"Sin avance\nLiberada; falta el oficio: la "+stuck.Number+" lleva 6 días hábiles.",
		"[Por liberar (1)]")
	w.wants(w.press("patricia", "Liberada; falta el oficio (1)"), stuck.Number, "lleva 6 días hábiles")
	if head := text(w.say("héctor", "/tablero")); strings.Contains(head, "falta el oficio") {
		t.Errorf("the head is told of what was not referred:\n%s", head)
	}
}

func TestTheBoardKeepsApartTheOfficesDaysAndTheAgencys(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de computadoras")
	w.pass(2 * 24 * time.Hour)
	w.by("raúl", r.ID, core.Command{Verb: core.VerbRelease})
	w.by("tomás", r.ID, core.Command{Verb: core.VerbReceiveLetter, Fields: fields(core.FieldFolio, "OP-1",
		core.FieldReceivedDate, "2026-11-23", core.FieldReceivedTime, "09:00", core.FieldLetterNumber, "OF/3/2026")})
	w.pass(24 * time.Hour)
	w.by("tomás", r.ID, core.Command{Verb: core.VerbRefer, Fields: fields(core.FieldHead, w.people["héctor"].ID)})
	w.by("héctor", r.ID, core.Command{Verb: core.VerbAssign, Fields: fields(core.FieldExecutive, w.people["mariana"].ID)})
	w.wants(w.say("héctor", "/tablero"), "En dictaminación por persona: Mariana Ríos Téllez: 1 abierta")
	w.by("mariana", r.ID, core.Command{
		Verb: core.VerbIssue, Fields: fields(core.FieldOpinionNumber, "DT-0001/2026", core.FieldOutcome, core.Favorable),
		Files: []core.Attachment{{Name: "dictamen.pdf", MIME: "application/pdf", Hash: "x"}},
	})
	w.pass(5 * 24 * time.Hour) // after the opinion nobody's days are counted
	w.wants(w.say("patricia", "/tablero"), "Dirección General 1.0 · dependencia 2.0")
}

func TestWordsAreThoseOfTheRole(t *testing.T) {
	for role, want := range map[core.Role]string{
		core.RoleRequester: "pendientes solicitud buscar nueva plantilla mis programa preferencias vincular desvincular quien ayuda",
		core.RoleSecretary: "pendientes solicitud buscar suplencia preferencias vincular desvincular quien ayuda",
		core.RoleRegistry:  "pendientes solicitud buscar entrega preferencias vincular desvincular quien ayuda",
		core.RoleDirector:  "pendientes solicitud buscar tablero exportar preferencias vincular desvincular quien ayuda",
		core.RoleHead:      "pendientes solicitud buscar suplencia tablero exportar preferencias vincular desvincular quien ayuda",
		core.RoleExecutive: "pendientes solicitud buscar mis entrega preferencias vincular desvincular quien ayuda",
		core.RoleAdmin:     "pendientes solicitud buscar tablero exportar programa cuenta dependencia preferencias vincular desvincular quien ayuda",
		core.RoleAuditor:   "pendientes solicitud buscar tablero exportar preferencias vincular desvincular quien ayuda",
	} {
		var got []string
		for _, entry := range word.Menu([]core.Role{role}) {
			if entry.Description == "" || len(entry.Name) > 32 || len([]rune(entry.Description)) > 256 {
				t.Errorf("%+v is no row of a menu", entry)
			}
			got = append(got, entry.Name)
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", role, diff)
		}
	}
}

func TestHelpAndTheMenuSayTheSame(t *testing.T) {
	w := newWorld(t)
	for who, role := range map[string]core.Role{"lucía": core.RoleRequester, "sofía": core.RoleAdmin, "mariana": core.RoleExecutive} {
		help := w.say(who, "/ayuda")
		for _, entry := range word.Menu([]core.Role{role}) {
			w.wants(help, "/"+entry.Name+": "+entry.Description)
		}
		if n := len(help.Card.Facts); n != len(word.Menu([]core.Role{role})) {
			t.Errorf("%s is told of %d words", who, n)
		}
	}
}

func TestAWordThatIsNotUnderstoodGetsAShortHintAndTwoButtons(t *testing.T) {
	w := newWorld(t)
	r := w.say("lucía", "buenas tardes")
	w.wants(r, "No entendí su mensaje")
	if diff := cmp.Diff([]string{"Mis pendientes", "Ayuda"}, labels(r)); diff != "" {
		t.Error(diff)
	}
	w.wants(w.press("lucía", "Ayuda"), "/nueva")
}

func TestWordsWorkWithoutASlashAndWithAccents(t *testing.T) {
	w := newWorld(t)
	w.wants(w.say("lucía", "pendientes"), "No tiene pendientes")
	w.wants(w.say("lucía", "Quién"), "Usted aparece así")
	w.wants(w.say("lucía", "/QUIÉN"), "Usted aparece así")
	w.wants(w.say("lucía", "Buscar nada"), "No encontré nada")
}

func TestInAGroupOnlyNumberAndStateAreSaid(t *testing.T) {
	w := newWorld(t)
	w.filed("lucía", "Adquisición de computadoras secretas")
	r := w.inGroup("raúl", "/solicitud 1")
	if !r.Open {
		t.Error("the notice is not open")
	}
	want := "Por liberar\nSolicitud número 000001/2026\n[Responderme en privado]\n[Ir al chat de SIDEM]"
	if diff := cmp.Diff(want, text(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	generic := "Esto se atiende en privado\nEn un grupo no muestro datos de las solicitudes ni de las personas.\n[Responderme en privado]\n[Ir al chat de SIDEM]"
	for _, c := range []struct{ who, said string }{
		{"diego", "/solicitud 1"},
		{"diego", "/solicitud 2"},
		{"raúl", "/solicitud 2"},
		{"raúl", "/solicitud"},
		{"raúl", "/pendientes"},
		{"raúl", "/vincular abc-def"},
		{"desconocida", "/solicitud 1"},
		{"desconocida", "/start lucia.herrera secreto"},
	} {
		if diff := cmp.Diff(generic, text(w.inGroup(c.who, c.said))); diff != "" {
			t.Errorf("%s says %q (-want +got):\n%s", c.who, c.said, diff)
		}
	}
	for _, said := range []string{"hola", "147", "/clima", "pendientes"} {
		if r := w.inGroup("raúl", said); text(r) != "" || r.Open {
			t.Errorf("%q is answered: %s", said, text(r))
		}
	}
}

func TestWhoPressesInAGroupIsShownInPrivateWhatTheyThemselvesMaySee(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de computadoras")
	w.inGroup("raúl", "/solicitud 1")
	token := w.token("raúl", "Responderme en privado")
	w.settle()
	w.wants(w.tap("lucía", token, false), "Le respondí en privado")
	if got := w.drawn("lucía"); !slices.Equal(got, []string{r.ID}) {
		t.Errorf("drawn for Lucía: %v", got)
	}
	w.wants(w.tap("diego", token, false), "No encontré la solicitud")
	if got := w.drawn("diego"); got != nil {
		t.Errorf("drawn for Diego: %v", got)
	}
	w.wants(w.tap("desconocida", token, false), "Este chat todavía no está vinculado a una cuenta de SIDEM")
	w.inGroup("raúl", "/pendientes")
	reply := w.tap("lucía", w.token("raúl", "Responderme en privado"), false)
	if w.wants(reply, "No tiene pendientes"); reply.Open {
		t.Error("a list is open to the group")
	}
}

func TestADeepLinkOfAGroupShowsTheRequest(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de computadoras")
	notice := w.inGroup("raúl", "/solicitud 1")
	url := actions(*notice.Card)[1].URL
	_, payload, _ := strings.Cut(url, "?start=")
	w.settle()
	w.say("lucía", "/start "+payload)
	if got := w.drawn("lucía"); !slices.Equal(got, []string{r.ID}) {
		t.Errorf("%s draws %v", url, got)
	}
	w.wants(w.say("desconocida", "/start "+payload), "Escriba su usuario y la contraseña inicial")
}

func TestTheHomePageHoldsDutiesWhatWaitsAndWhatCanBegin(t *testing.T) {
	w := newWorld(t)
	for i := range 12 {
		w.pass(time.Second)
		w.filed("lucía", fmt.Sprintf("Adquisición número %d de la serie", i))
	}
	home := func(who string) bot.Reply { return w.in(who, bot.Input{Home: true, Private: true}) }
	raul := home("raúl")
	w.wants(raul, "Tiene 12 pendientes", "Por liberar · Paso 4 de 8", "[Liberar]", "[Ver detalle]", "[Ver todo]", "[Preferencias]")
	if n := strings.Count(text(raul), "[Ver detalle]"); n != 10 {
		t.Errorf("%d records", n)
	}
	w.wants(home("lucía"), "No tiene pendientes", "En espera de otras personas", "[000001/2026]", "[Ver todo]", "[Nueva solicitud]")
	w.wants(home("patricia"), "[Tablero de dictámenes]")
	w.wants(home("desconocida"), "Este chat todavía no está vinculado a una cuenta de SIDEM")
}

func TestTheCounterHandsOverByCodeOrNumberAndOnce(t *testing.T) {
	w := newWorld(t)
	r := w.issued("Adquisición de computadoras")
	code := r.Fields[core.FieldPickupCode]
	for _, said := range []string{"/entrega " + code, "/entrega " + code[:3] + " " + code[3:], "/entrega " + r.Number + " " + code} {
		w.wants(w.say("tomás", said), "Entrega en ventanilla", "A nombre de: Lucía Herrera Campos", "DT-0001/2026", "Código de entrega correcto")
	}
	wrong := "/entrega " + r.Number + " 000000"
	if strings.Contains(text(w.say("tomás", wrong)), "Código de entrega correcto") {
		t.Error("a wrong code is taken for right")
	}
	w.wants(w.say("tomás", "/entrega 999 999"), "No encontré un dictamen por entregar")
	w.say("tomás", "/entrega "+code)
	open := w.token("tomás", "Registrar la entrega del dictamen")
	w.wants(w.press("tomás", "Registrar la entrega del dictamen"), "¿Quién recibe el dictamen?")
	w.say("tomás", "Lucía Herrera Campos")
	w.wants(w.press("tomás", "Enviar"), "Quedó registrada la entrega")
	w.wants(w.tap("tomás", open, true), "Ya constaba")
	w.wants(w.say("lucía", "/entrega 1"), "Esta opción es para")
}

func TestPreferencesPutAChannelFirstAndSetTheHour(t *testing.T) {
	w := newWorld(t)
	w.link("lucía", "slack")
	w.wants(w.say("lucía", "/preferencias"), "1. Telegram · 2. Slack · 3. Correo")
	w.wants(w.press("lucía", "Primero por Slack"), "Quedaron guardadas", "1. Slack · 2. Telegram · 3. Correo")
	w.wants(w.press("lucía", "Hora del resumen"), "¿A qué hora desea recibir su resumen")
	w.say("lucía", "7:30")
	w.wants(w.press("lucía", "Enviar"), "Quedaron guardadas")
	w.wants(w.say("lucía", "/preferencias"), "1. Slack", "07:30 h")
}

func TestAdministrationListsAndRegisters(t *testing.T) {
	w := newWorld(t, "mariana")
	w.wants(w.say("sofía", "/cuenta"), "[Nueva cuenta]", "[Activas (8)]", "[Por vincular (1)]", "[Suspendidas (0)]", "[Sin chat (1)]")
	w.wants(w.press("sofía", "Sin chat (1)"), "Personas sin chat vinculado", "Mariana Ríos Téllez")
	w.settle()
	w.press("sofía", "Mariana Ríos Téllez")
	if got := w.drawn("sofía"); !slices.Equal(got, []string{w.people["mariana"].ID}) {
		t.Errorf("drawn: %v", got)
	}
	w.wants(w.say("sofía", "/dependencia"), "IE · Instituto de Ejemplo", "[Nueva dependencia]")
	w.wants(w.press("sofía", "Nueva dependencia"), "¿Cuál es la clave de la dependencia?")
	w.wants(w.say("sofía", "/programa"), "[Validados (2)]", "[Registrar el programa]")
	w.wants(w.press("sofía", "Registrar el programa"), "¿De qué dependencia es la entrega?")
	w.press("sofía", "SO · Secretaría de Obras de Ejemplo")
	w.say("sofía", "2027")
	w.say("sofía", "SO/TI/1/2026")
	w.say("sofía", "20/11/2026")
	w.press("sofía", "Continuar")
	w.wants(w.press("sofía", "Enviar"), "Quedó registrada la entrega del programa")
	p, err := w.store.Record(t.Context(), core.ProgramID("SO", "2027"))
	if w.must(err); p.Agency != "SO" || p.State != core.StateDelivered {
		t.Errorf("the programme is %s of %s", p.State, p.Agency)
	}
	w.wants(w.say("lucía", "/cuenta"), "Esta opción es para")
}

func TestAFloodIsAnsweredInWordsOnceAndPatienceMends(t *testing.T) {
	w := newWorld(t)
	w.engine.Flood = flood.New(flood.DefaultPace)
	for i := range 20 {
		w.wants(w.say("lucía", "/pendientes"), "No tiene pendientes")
		if t.Failed() {
			t.Fatalf("input %d is refused", i+1)
		}
	}
	w.wants(w.say("lucía", "/pendientes"), "Recibí muchos mensajes seguidos")
	for range 5 {
		if r := w.say("lucía", "/pendientes"); text(r) != "" {
			t.Fatalf("it is said again: %s", text(r))
		}
	}
	w.wants(w.say("raúl", "/pendientes"), "No tiene pendientes")
	w.pass(time.Second)
	w.wants(w.say("lucía", "/pendientes"), "No tiene pendientes")
	w.wants(w.say("lucía", "/pendientes"), "Recibí muchos mensajes seguidos")
}
