package desk_test

import (
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage/storagetest"
)

func TestAnAddressOfEmailIsOfOneAccount(t *testing.T) {
	s := storagetest.NewModel()
	storagetest.Workday(t, s)
	d := &desk.Desk{Ledger: s, Sessions: s, Office: core.Office{Calendar: core.NewCalendar(time.UTC, nil, 2026)}, Now: func() time.Time {
		return time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	}}
	system := core.Actor{Account: "import", Name: "Carga inicial", Roles: []core.Role{core.RoleAdmin, core.RoleSystem}}
	apply := func(id, mail, where string) core.Command {
		return core.Command{Kind: core.KindAccount, Verb: core.VerbApply, Record: id, Where: where, Fields: map[core.Field]string{
			core.FieldName: "Elena Cruz " + id, core.FieldPost: "Coordinadora", core.FieldEmail: mail, core.FieldPhone: "722 555 0102",
			core.FieldProfile: "requester", core.FieldAgency: "IE", core.FieldLetterNumber: "IE/DG/0088/2026", core.FieldLetterDate: "2026-11-19",
		}}
	}
	rectify := func(post, mail string) core.Command {
		return core.Command{Verb: core.VerbRectify, Where: "telegram", Fields: map[core.Field]string{
			core.FieldName: "Elena Cruz", core.FieldPost: post, core.FieldEmail: mail, core.FieldPhone: "722 555 0102", core.FieldProfile: "requester",
		}}
	}
	with := func(c core.Command, f core.Field, v string) core.Command {
		c.Fields[f] = v
		return c
	}
	for _, c := range []struct {
		name, id string
		command  core.Command
		taken    bool
	}{
		{"its own", "", apply("elena", "elena@ejemplo.gob.mx", "telegram"), false},
		{"another's", "", apply("ana", "Elena@Ejemplo.gob.mx", "slack"), true},
		{"another's, in a file", "", apply("eva", "elena@ejemplo.gob.mx", core.WhereImport), true},
		{"one that looks like another's", "", apply("eva", "elena@ejempl\u043e.gob.mx", "telegram"), true},
		{"one that looks like another's, in a file", "", apply("eva", "elena@ejempl\u043e.gob.mx", core.WhereImport), true},
		{"another's, with what is SIDEM's to bring", "", with(apply("eva", "elena@ejemplo.gob.mx", "telegram"), core.FieldOwnEmail, ""), true},
		{"granted", "elena", core.Command{Verb: core.VerbGrant}, false},
		{"corrected to another's", "elena", rectify("Coordinadora", "lucia@ejemplo.gob.mx"), true},
		{"its own, in other letters", "elena", rectify("Coordinadora", "ELENA@ejemplo.gob.mx"), false},
		{"corrected to a free one", "elena", rectify("Directora", "elena.cruz@ejemplo.gob.mx"), false},
		{"the one that was given up", "", apply("eva", "elena@ejemplo.gob.mx", "slack"), false},
		{"denied", "eva", core.Command{Verb: core.VerbDeny, Fields: map[core.Field]string{core.FieldReason: "No corresponde al padrón."}}, false},
		{"the one of who was denied", "", apply("ada", "elena@ejemplo.gob.mx", "slack"), false},
	} {
		out, err := d.Do(t.Context(), system, c.id, c.command)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		switch no := out.Refusal; {
		case !c.taken && no != nil:
			t.Errorf("%s: %+v", c.name, no)
		case c.taken && (no == nil || no.Reason != core.Taken || no.Field != core.FieldEmail):
			t.Errorf("%s: %+v", c.name, no)
		}
	}
}

// TestTwoAccountsThatHaveOneAddressAlreadyAreReadAndCorrected: earlier versions registered them.
func TestTwoAccountsThatHaveOneAddressAlreadyAreReadAndCorrected(t *testing.T) {
	s := storagetest.NewModel()
	storagetest.Workday(t, s)
	for _, id := range []string{"ana", "eva"} {
		storagetest.Registered(t, s, id, "una@ejemplo.gob.mx")
	}
	now := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	d := &desk.Desk{Ledger: s, Sessions: s, Office: core.Office{Calendar: core.NewCalendar(time.UTC, nil, 2026)}, Now: func() time.Time { return now }}
	audited := func(when string) {
		a, err := d.Audit(t.Context())
		if err != nil || len(a.Faults) > 0 {
			t.Errorf("%s: %v, faults: %v", when, err, a.Faults)
		}
	}
	audited("as they are")

	admin := core.Actor{Account: "import", Name: "Carga inicial", Roles: []core.Role{core.RoleAdmin, core.RoleSystem}}
	rectify := func(id, post, mail string) *core.Refusal {
		t.Helper()
		out, err := d.Do(t.Context(), admin, id, core.Command{Verb: core.VerbRectify, Where: "telegram", Fields: map[core.Field]string{
			core.FieldName: "Ana Sol", core.FieldPost: post, core.FieldEmail: mail, core.FieldPhone: "722 555 0102", core.FieldProfile: "auditor",
		}})
		if err != nil {
			t.Fatal(err)
		}
		return out.Refusal
	}
	for _, id := range []string{"ana", "eva"} {
		if out, err := d.Do(t.Context(), admin, id, core.Command{Verb: core.VerbGrant}); err != nil || out.Refusal != nil {
			t.Fatalf("grant %s: %v, %v", id, out.Refusal, err)
		}
	}
	if no := rectify("ana", "Directora", "una@ejemplo.gob.mx"); no != nil {
		t.Errorf("her post cannot be corrected: %v", no)
	}
	if no := rectify("ana", "Directora", "ana@ejemplo.gob.mx"); no != nil {
		t.Errorf("her address cannot be corrected: %v", no)
	}
	if no := rectify("ana", "Directora", "una@ejemplo.gob.mx"); no == nil || no.Reason != core.Taken || no.Field != core.FieldEmail {
		t.Errorf("she is given the address of another: %v", no)
	}
	audited("after one was corrected")
}
