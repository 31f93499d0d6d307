package storagetest

import (
	"fmt"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/value"
)

// Workday fills a store with what a small office does in a day, by commands that the
// core decides: people who get accounts and link a chat, requests in several states,
// refusals, and what is owed for all of it.
func Workday(t testing.TB, s Store) {
	t.Helper()
	w := newWorkday(t, s)
	w.do(core.Actor{Account: "import", Name: "Carga inicial", Roles: []core.Role{core.RoleAdmin}}, "", core.Command{
		Kind: core.KindAgency, Verb: core.VerbRegister, Fields: fields{core.FieldAgency: "IE", core.FieldName: "Instituto de Ejemplo"},
	})
	for i, p := range []struct{ id, name, profile, agency string }{
		{"sofia", "Sofía Ramos", "admin", ""},
		{"lucia", "Lucía Herrera", "requester", "IE"},
		{"raul", "Raúl Ortega", "secretary", "IE"},
		{"tomas", "Tomás Gil", "registry", ""},
		{"hector", "Héctor Luna", "head", ""},
		{"mariana", "Mariana Paz", "executive", ""},
	} {
		w.person(i, p.id, p.name, p.profile, p.agency)
	}
	w.program()
	for i := range 3 {
		w.request(i)
	}
}

// Evening goes on with a Workday: of what it owes some is sent, some is moot, some is given up,
// and some is held by somebody who is still at it. Nothing else was claimed.
func Evening(t *testing.T, s Store) {
	t.Helper()
	outcomes := []outbox.Outcome{outbox.WasSent, outbox.WasMoot, outbox.Buried, outbox.WasSent, outbox.WasMoot, outbox.Buried}
	claimed := claim(t, s, noon.AddDate(1, 0, 0), len(outcomes)+2)
	if len(claimed) != len(outcomes)+2 {
		t.Fatalf("only %d items are owed", len(claimed))
	}
	var done []outbox.Result
	for i, o := range outcomes {
		done = append(done, result(claimed[i], o))
	}
	settle(t, s, noon, done...)
}

func newWorkday(t testing.TB, s Store) *workday {
	w := &workday{TB: t, now: noon}
	w.desk = &desk.Desk{
		Ledger: s, Sessions: s, Office: core.Office{Calendar: core.NewCalendar(time.UTC, core.FederalHolidays(2026), 2026), Targets: core.DefaultTargets},
		Now: func() time.Time { return w.now }, NewID: func() string { w.ids++; return fmt.Sprintf("r%04d", w.ids) }, NewCode: func() string { return "483920" },
	}
	return w
}

// bustle goes on with a Workday, request by request, until it is stopped; what is
// owed is claimed and settled meanwhile.
func bustle(t *testing.T, s Store, stop <-chan struct{}) {
	w := newWorkday(t, s)
	w.ids, w.n, w.now = 1000, 1000, w.now.Add(3*time.Hour)
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		w.request(i % 3)
		for _, it := range claim(t, s, w.now.AddDate(1, 0, 0), 20) {
			settle(t, s, w.now, result(it, outbox.WasSent))
		}
	}
}

type fields = map[core.Field]string

type workday struct {
	testing.TB
	desk *desk.Desk
	now  time.Time
	ids  int
	n    int // of the press
}

// do has somebody press a button, twice.
func (w *workday) do(a core.Actor, id string, c core.Command) core.Record {
	w.Helper()
	w.n++
	w.now = w.now.Add(time.Minute)
	c.Where, c.Once = "telegram", fmt.Sprintf("tg:%d", w.n)
	out, err := w.desk.Do(w.Context(), a, id, c)
	if err != nil || out.Refusal != nil {
		w.Fatalf("%s %s on %q: %v %v", a.Account, c.Verb, id, err, out.Refusal)
	}
	return out.Record
}

func (w *workday) as(account, id string, c core.Command) core.Record {
	w.Helper()
	r, err := w.desk.Ledger.Record(w.Context(), account)
	if err != nil {
		w.Fatal(err)
	}
	a, err := w.desk.Actor(w.Context(), r)
	if err != nil {
		w.Fatal(err)
	}
	return w.do(a, id, c)
}

func (w *workday) person(i int, id, name, profile, agency string) {
	system := core.Actor{Account: "import", Name: "Carga inicial", Roles: []core.Role{core.RoleAdmin, core.RoleSystem}}
	f := fields{
		core.FieldName: name, core.FieldPost: "Titular", core.FieldEmail: id + "@ejemplo.gob.mx", core.FieldPhone: "722 555 0100",
		core.FieldProfile: profile, core.FieldLetterNumber: "IE/DG/0088/2026", core.FieldLetterDate: "2026-11-19",
	}
	if agency != "" {
		f[core.FieldAgency] = agency
	}
	w.do(system, "", core.Command{Kind: core.KindAccount, Verb: core.VerbApply, Record: id, Fields: f})
	w.do(system, id, core.Command{Verb: core.VerbGrant})
	w.do(system, id, core.Command{Verb: core.VerbLink, Fields: fields{core.FieldPlatform: "telegram", core.FieldChat: fmt.Sprint(66601 + i)}})
}

func (w *workday) program() {
	id := w.as("lucia", "", core.Command{Kind: core.KindProgram, Verb: core.VerbDeliver, Fields: fields{
		core.FieldYear: "2026", core.FieldLetterNumber: "IE/UI/0301/2026", core.FieldLetterDate: "2026-11-20",
	}}).ID
	w.as("sofia", id, core.Command{Verb: core.VerbValidate})
}

// draft begins the i-th request.
func (w *workday) draft(i int) core.Record {
	return w.as("lucia", "", core.Command{
		Kind: core.KindRequest, Verb: core.VerbDraft, Fields: fields{
			core.FieldSubject: fmt.Sprintf("Adquisición de %d computadoras", 20+i), core.FieldProcurement: "purchase", core.FieldCategory: "equipment",
			core.FieldJustification: "El equipo actual tiene más de ocho años.", core.FieldBudgetLine: "5151", core.FieldFunding: "Recursos estatales",
			core.FieldAmount: "370000.00", core.FieldMultiYear: core.No, core.FieldProject: "P-03 Renovación de equipo",
		},
		Items: []core.Item{{Description: "Computadora", Quantity: value.Units(20), Unit: "pieza", Price: value.Pesos(18500)}},
	})
}

// request takes the i-th request further than those before.
func (w *workday) request(i int) {
	id := w.draft(i).ID
	w.as("lucia", id, core.Command{Verb: core.VerbFile})
	if i == 0 {
		return
	}
	w.as("raul", id, core.Command{Verb: core.VerbRelease})
	// Somebody who may not, and somebody who comes too late.
	for who, verb := range map[string]core.Verb{"lucia": core.VerbRefer, "raul": core.VerbRelease} {
		r, err := w.desk.Ledger.Record(w.Context(), who)
		if err != nil {
			w.Fatal(err)
		}
		a, err := w.desk.Actor(w.Context(), r)
		if err != nil {
			w.Fatal(err)
		}
		w.n++
		out, err := w.desk.Do(w.Context(), a, id, core.Command{Verb: verb, Where: "telegram", Once: fmt.Sprintf("tg:%d", w.n)})
		if err != nil || out.Refusal == nil {
			w.Fatalf("%s may %s: %v", who, verb, err)
		}
	}
	w.as("tomas", id, core.Command{Verb: core.VerbReceiveLetter, Fields: fields{
		core.FieldFolio: fmt.Sprintf("OP-%d", 2231+i), core.FieldReceivedDate: "2026-11-23", core.FieldReceivedTime: "00:05", core.FieldLetterNumber: "IE/ST/0412/2026",
	}})
	if i == 1 {
		return
	}
	w.as("tomas", id, core.Command{Verb: core.VerbRefer, Fields: fields{core.FieldHead: "hector"}})
	w.as("hector", id, core.Command{Verb: core.VerbAssign, Fields: fields{core.FieldExecutive: "mariana"}})
	w.as("mariana", id, core.Command{Verb: core.VerbComment, Fields: fields{core.FieldNote: "Se revisa esta semana."}})
}
