package roster_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/roster"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/storage/storagetest"
)

const rosterHead = `
agencies: [{id: ie, name: "Instituto de Ejemplo"}]
accounts:
`

func load(t *testing.T, a *app.App, text string) error {
	t.Helper()
	r, err := roster.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Load(t.Context(), a.Hand())
	return err
}

func TestWhatCannotBeReadOfARosterIsToldWholeAndNothingIsChanged(t *testing.T) {
	dir := t.TempDir()
	cfg := office.Config{Store: office.Secret("sqlite:" + filepath.Join(dir, "sidem.db")), Files: filepath.Join(dir, "files"), AdminAddr: "off"}
	a, err := app.Open(t.Context(), cfg, app.Options{Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })

	err = load(t, a, rosterHead+`
  - {user: raul, name: Raúl Ortega, post: Secretario, roles: [secretary], agency: IE, email: "raul@ejemplo,gob.mx", phone: "raul@x.mx"}
  - {user: eva, name: Eva Sol, post: Jefa, roles: [requester], agency: Instituto, email: eva@ejemplo.gob.mx, phone: "555 0100"}
  - {user: s1dem, name: Carga Inicial, post: Jefa, roles: [requester], agency: IE, email: mia@ejemplo.gob.mx, phone: 722 555 0100}
  - {user: ana, name: "An\u0430 Sol", post: Jefa, roles: [requester], agency: IE, email: ana@ejemplo.gob.mx, phone: 722 555 0100}
`)
	if err == nil {
		t.Fatal("it was taken")
	}
	for _, want := range []string{
		"raul: El correo no parece completo. ¿Quiso decir raul@ejemplo.gob.mx?", "raul: No entendí el teléfono. Escríbalo con 10 dígitos, así: 722 555 0100.",
		"eva: Al teléfono le faltan dígitos.", "eva: No encontré la dependencia “Instituto”.",
		"s1dem: Con “s1dem” se nombra lo que hace SIDEM por sí mismo", "s1dem: Con “Carga Inicial” se nombra", "ana: En “An\u0430 Sol” la letra “\u0430” es de otro alfabeto",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
	if _, err := a.Store.Record(t.Context(), core.AgencyID("IE")); err == nil {
		t.Error("the agency was registered all the same")
	}

	if err := load(t, a, rosterHead+`
  - {user: raul, name: "Rau\u0301l Ortega", post: Secretario, roles: [secretary], agency: ie, email: Raul@Educación.gob.mx, phone: "+52 (722) 555-0100"}
`); err != nil {
		t.Fatal(err)
	}
	raul, err := a.Store.Find(t.Context(), core.UniqueUser("raul"))
	if err != nil {
		t.Fatal(err)
	}
	for f, want := range map[core.Field]string{core.FieldName: "Raúl Ortega", core.FieldEmail: "Raul@educación.gob.mx", core.FieldPhone: "722 555 0100"} {
		if got := raul.Fields[f]; got != want {
			t.Errorf("%s is %q, want %q", f, got, want)
		}
	}
	if raul.Agency != "IE" {
		t.Errorf("the agency is %q, as the directory does not spell it", raul.Agency)
	}
}

func TestTheTwinsOfARosterAreToldRowByRowAndNobodyIsRegistered(t *testing.T) {
	dir := t.TempDir()
	cfg := office.Config{Store: office.Secret("sqlite:" + filepath.Join(dir, "sidem.db")), Files: filepath.Join(dir, "files"), AdminAddr: "off"}
	a, err := app.Open(t.Context(), cfg, app.Options{Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	row := func(user, mail string) string {
		return "  - {user: " + user + ", name: Eva Sol, post: Jefa, roles: [requester], agency: IE, email: \"" + mail + "\", phone: 722 555 0100}\n"
	}
	if err := load(t, a, rosterHead+row("ana", "ana@ejemplo.gob.mx")); err != nil {
		t.Fatal(err)
	}
	storagetest.Registered(t, a.Store, "ada", "ada@ejemplo.gob.mx")

	err = load(t, a, rosterHead+row("ana", "ana@ejemplo.gob.mx")+row("eva", "eva@ejemplo.gob.mx")+
		row("eva2", "EVA@ejemplo.gob.mx")+row("eva3", "eva@\u0435jemplo.gob.mx")+row("ana2", "Ana@Ejemplo.gob.mx")+row("ada2", "ada@ejemplo.gob.mx")+row("Eva", "sol@ejemplo.gob.mx"))
	if err == nil {
		t.Fatal("it was taken")
	}
	for _, want := range []string{"account 3, eva2: Ese correo ya es de otra cuenta. Escriba el de esta persona; no se cambió nada. (row 2 of the accounts has it)", "account 4, eva3: Ese correo", "account 5, ana2: Ese correo", "account 6, ada2: Ese correo", "account 7, Eva: Ese usuario ya es de otra cuenta."} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
	if got := strings.Count(err.Error(), "account "); got != 5 {
		t.Errorf("%d rows are named:\n%v", got, err)
	}
	if _, err := a.Store.Find(t.Context(), core.UniqueUser("eva")); err == nil {
		t.Error("one of them was registered all the same")
	}
}

func open(t *testing.T) *app.App {
	t.Helper()
	dir := t.TempDir()
	cfg := office.Config{Store: office.Secret("sqlite:" + filepath.Join(dir, "sidem.db")), Files: filepath.Join(dir, "files"), AdminAddr: "off"}
	a, err := app.Open(t.Context(), cfg, app.Options{Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func bring(t *testing.T, a *app.App, text string) []roster.Row {
	t.Helper()
	f, err := roster.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.Load(t.Context(), a.Hand())
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

const (
	first = `
agencies: [{id: IE, name: Instituto}]
programs: [{agency: IE, year: 2026}]
accounts:
  - {user: eva.sol, name: Eva Sol, post: Jefa, roles: [requester], agency: IE, email: eva@ejemplo.gob.mx, phone: 722 555 0100 ext. 12, channels: [email]}
  - {user: ana.mar, name: Ana Mar, post: Jefa, roles: [admin], email: ana@ejemplo.gob.mx, phone: 722 555 0101}
`
	second = `
agencies: [{id: IE, name: Instituto de Ejemplo}]
programs: [{agency: IE, year: 2026, state: validated}]
accounts:
  - {user: eva.sol, name: Eva Sol Ríos, post: Jefa, roles: [requester], agency: ie, email: eva.sol@ejemplo.gob.mx, phone: "7225550100 ext 12", channels: [telegram]}
  - {user: ana.mar, name: Ana Mar, post: Jefa, roles: [admin], email: ana@ejemplo.gob.mx, phone: 722 555 0101}
`
)

func TestAFileThatChangedCorrectsWhatItSaysAndTellsIt(t *testing.T) {
	a := open(t)
	made := bring(t, a, first)
	for _, row := range made {
		if row.Did != roster.Made || (row.User != "") != (row.Password != "") {
			t.Errorf("%+v", row)
		}
	}
	f, err := roster.Parse([]byte(second))
	if err != nil {
		t.Fatal(err)
	}
	want := []roster.Row{
		{Agency: "IE", Did: roster.Corrected, Changed: []core.Field{core.FieldName}},
		{Agency: "IE", Year: 2026, Did: roster.Corrected},
		{User: "eva.sol", Did: roster.Corrected, Renews: true, Changed: []core.Field{core.FieldEmail, core.FieldName}},
		{User: "ana.mar", Did: roster.Kept},
	}
	before, err := a.Store.Log(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.Rehearse(t.Context(), a.Hand())
	if diff := cmp.Diff(want, rows); err != nil || diff != "" {
		t.Errorf("the rehearsal: %v\n%s", err, diff)
	}
	if after, err := a.Store.Log(t.Context(), 0, 100); err != nil || len(after) != len(before) {
		t.Errorf("the rehearsal wrote %d events, %v", len(after)-len(before), err)
	}
	rows = bring(t, a, second)
	if rows[2].Password == "" || rows[2].Password == made[2].Password {
		t.Errorf("the password of before is dead, and the new one is %q", rows[2].Password)
	}
	rows[2].Password, rows[2].Link, rows[2].Code = "", "", ""
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	eva, err := a.Store.Find(t.Context(), core.UniqueUser("eva.sol"))
	if err != nil || eva.Fields[core.FieldName] != "Eva Sol Ríos" || eva.Fields[core.FieldChannels] != "email" || eva.Fields[core.FieldExtension] != "12" {
		t.Errorf("%v, %v", eva.Fields, err)
	}
	for _, row := range bring(t, a, second) {
		if row.Did != roster.Kept {
			t.Errorf("once more: %+v", row)
		}
	}
}

func TestWhereAnythingIsRefusedNothingIsChanged(t *testing.T) {
	a := open(t)
	bring(t, a, first)
	before, err := a.Store.Log(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	err = load(t, a, `
agencies: [{id: IE, name: Otro nombre}]
accounts:
  - {user: nuevo.uno, name: Nuevo Uno, post: Jefe, roles: [requester], agency: IE, email: uno@ejemplo.gob.mx, phone: 722 555 0102}
  - {user: nuevo.dos, name: Nuevo Dos, post: Jefe, roles: [requester], email: dos@ejemplo.gob.mx, phone: 722 555 0103}
  - {user: ana.mar, name: Ana Mar, post: Jefa, roles: [reception], email: ana@ejemplo.gob.mx, phone: 722 555 0101}
`)
	if err == nil || !strings.Contains(err.Error(), "nuevo.dos") || !strings.Contains(err.Error(), "ana.mar") {
		t.Errorf("not all that is wrong is told: %v", err)
	}
	if after, err := a.Store.Log(t.Context(), 0, 100); err != nil || len(after) != len(before) {
		t.Errorf("%d events were written, %v", len(after)-len(before), err)
	}
}

func TestAnAdministrationIsHandedOnByOneFile(t *testing.T) {
	a := open(t)
	bring(t, a, first)
	rows := bring(t, a, `
accounts:
  - {user: leo.paz, name: Leo Paz, post: Jefe, roles: [admin], email: leo@ejemplo.gob.mx, phone: 722 555 0104}
  - {user: ana.mar, name: Ana Mar, post: Jefa, roles: [registry], email: ana@ejemplo.gob.mx, phone: 722 555 0101}
`)
	if rows[0].Did != roster.Made || rows[1].Did != roster.Corrected {
		t.Errorf("%+v", rows)
	}
}

func TestAnImportThatIsEndedSaysHowManyRowsAreDoneAndMayBeRepeated(t *testing.T) {
	a := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	f, err := roster.Parse([]byte(first))
	if err != nil {
		t.Fatal(err)
	}
	h, links := a.Hand(), 0
	h.Link = func(core.Record) string { // of each new account: of two in the rehearsal, and then
		if links++; links == 3 {
			cancel()
		}
		return ""
	}
	rows, err := f.Load(ctx, h)
	if len(rows) != 3 || rows[2].Password == "" || err == nil || !strings.Contains(err.Error(), "3 of 4 rows are done; repeat it") {
		t.Errorf("%+v, %v", rows, err)
	}
	for i, row := range bring(t, a, first) {
		if want := i == 3; (row.Did == roster.Made) != want {
			t.Errorf("repeated: %+v", row)
		}
	}
}

func TestAllThatIsWrongWithAnAccountIsToldAtOnceAndAnEmptyFileIsAFault(t *testing.T) {
	a := open(t)
	err := load(t, a, rosterHead+"  - {user: eva, name: Eva Sol, roles: [jefa], agency: IE, email: \"eva@ejemplo,gob.mx\", phone: 722 555 0100, channels: [fax]}\n")
	for _, want := range []string{
		"account 1, eva: roles: \"jefa\" is none of requester, secretary", "account 1, eva: channels: \"fax\" is none of telegram, slack, email",
		"account 1, eva: El correo no parece completo", "account 1, eva: Falta el cargo",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
	if err := load(t, a, "agencies: []"); err == nil || !strings.Contains(err.Error(), "names no agencies") {
		t.Errorf("an empty file: %v", err)
	}
}
