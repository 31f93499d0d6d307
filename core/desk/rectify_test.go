package desk_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// corrected is a desk on which a day's work was done, and what comes of a correction
// of lucia's account by administration.
func corrected(t *testing.T, fields map[core.Field]string) desk.Outcome {
	t.Helper()
	s := storagetest.NewModel()
	storagetest.Workday(t, s)
	d := &desk.Desk{Ledger: s, Sessions: s, Office: core.Office{Calendar: core.NewCalendar(time.UTC, nil, 2026)}, Now: func() time.Time {
		return time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	}}
	sofia, err := s.Record(t.Context(), "sofia")
	if err != nil {
		t.Fatal(err)
	}
	admin, err := d.Actor(t.Context(), sofia)
	if err != nil {
		t.Fatal(err)
	}
	given := map[core.Field]string{
		core.FieldName: "Lucía Herrera", core.FieldPost: "Titular", core.FieldEmail: "lucia@ejemplo.gob.mx", core.FieldPhone: "722 555 0100", core.FieldProfile: "requester",
	}
	maps.Copy(given, fields)
	if agency := fields[core.FieldAgency]; agency != "" {
		c := core.Command{Kind: core.KindAgency, Verb: core.VerbRegister, Fields: map[core.Field]string{core.FieldAgency: agency, core.FieldName: "Secretaría de Obras"}}
		if out, err := d.Do(t.Context(), admin, "", c); err != nil || out.Refusal != nil {
			t.Fatalf("%v, %v", out.Refusal, err)
		}
	}
	out, err := d.Do(t.Context(), admin, "lucia", core.Command{Verb: core.VerbRectify, Fields: given, Where: "telegram", Once: "tg:1000"})
	if err != nil {
		t.Fatal(err)
	}
	if a, err := d.Audit(t.Context()); err != nil || len(a.Faults) > 0 {
		t.Errorf("audit: %v, %v", a.Faults, err)
	}
	return out
}

// mails are the mails that an outcome owes.
func mails(out desk.Outcome) (kinds []string) {
	for _, it := range out.Items {
		if it.What == desk.WhatMail {
			kinds = append(kinds, it.Data["mail"])
		}
	}
	slices.Sort(kinds)
	return kinds
}

func TestACorrectionOfTheMailIsToldToBothAddressesAndKillsPasswords(t *testing.T) {
	out := corrected(t, map[core.Field]string{core.FieldEmail: "lucia.herrera@ejemplo.gob.mx"})
	r := out.Record
	if out.Refusal != nil || r.Fields[core.FieldEmail] != "lucia.herrera@ejemplo.gob.mx" || r.Fields[core.FieldFormerEmail] != "lucia@ejemplo.gob.mx" {
		t.Fatalf("%v, %v", out.Refusal, r.Fields)
	}
	if got := mails(out); !slices.Equal(got, []string{"corrected", "moved"}) {
		t.Errorf("mails: %v", got)
	}
	if r.Unspent(r.Acts[core.VerbGrant].Version) {
		t.Error("a password that went to the former address still serves")
	}
}

func TestACorrectionGivesOtherRolesInAnotherAgency(t *testing.T) {
	out := corrected(t, map[core.Field]string{core.FieldProfile: "secretary", core.FieldAgency: "SO"})
	r := out.Record
	if out.Refusal != nil || !slices.Equal(r.Roles, []core.Role{core.RoleSecretary}) || r.Agency != "SO" {
		t.Fatalf("%v: %v of %s", out.Refusal, r.Roles, r.Agency)
	}
	if got := mails(out); !slices.Equal(got, []string{"corrected"}) {
		t.Errorf("mails: %v", got)
	}
	if !slices.ContainsFunc(out.Items, func(it outbox.Item) bool { return it.What == desk.WhatRecast }) {
		t.Error("no card is drawn anew for who has another role")
	}
}

func TestACorrectionOfNothingIsRefused(t *testing.T) {
	if out := corrected(t, nil); out.Refusal == nil || out.Refusal.Reason != core.NotNow {
		t.Errorf("%+v", out.Refusal)
	}
}

// Whatever a person asked for stays with the agency: its other requesters inherit it.
func TestWhatAPersonAskedForStaysWithTheAgencyThatTheyAreMovedFrom(t *testing.T) {
	s := storagetest.NewModel()
	storagetest.Workday(t, s)
	d := &desk.Desk{Ledger: s, Sessions: s, Office: core.Office{Calendar: core.NewCalendar(time.UTC, nil, 2026)}, Now: func() time.Time {
		return time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	}}
	system := core.Actor{Account: "import", Name: "Carga inicial", Roles: []core.Role{core.RoleAdmin, core.RoleSystem}}
	do := func(id string, c core.Command) core.Record {
		t.Helper()
		out, err := d.Do(t.Context(), system, id, c)
		if err != nil || out.Refusal != nil {
			t.Fatalf("%s: %v %v", c.Verb, err, out.Refusal)
		}
		return out.Record
	}
	do("", core.Command{Kind: core.KindAgency, Verb: core.VerbRegister, Fields: map[core.Field]string{core.FieldAgency: "SO", core.FieldName: "Secretaría de Obras"}})
	do("", core.Command{Kind: core.KindAgency, Verb: core.VerbRegister, Fields: map[core.Field]string{core.FieldAgency: "OP", core.FieldName: "Obra Pública"}})
	do("", core.Command{Kind: core.KindAccount, Verb: core.VerbApply, Record: "elena", Fields: map[core.Field]string{
		core.FieldName: "Elena Cruz", core.FieldPost: "Coordinadora", core.FieldEmail: "elena@ejemplo.gob.mx", core.FieldPhone: "722 555 0102",
		core.FieldProfile: "requester", core.FieldAgency: "IE", core.FieldLetterNumber: "IE/DG/0088/2026", core.FieldLetterDate: "2026-11-19",
	}})
	elena := do("elena", core.Command{Verb: core.VerbGrant})
	move := func(agency string) {
		t.Helper()
		do("lucia", core.Command{Verb: core.VerbRectify, Fields: map[core.Field]string{
			core.FieldName: "Lucía Herrera", core.FieldPost: "Titular", core.FieldEmail: "lucia@ejemplo.gob.mx", core.FieldPhone: "722 555 0100",
			core.FieldProfile: "requester", core.FieldAgency: agency, core.FieldFormerAgencies: "XX",
		}})
		if a, err := d.Audit(t.Context()); err != nil || len(a.Faults) > 0 {
			t.Errorf("audit: %v, %v", a.Faults, err)
		}
	}
	inherits := func(want ...string) {
		t.Helper()
		actor, err := d.Actor(t.Context(), elena)
		if want = append([]string{"raul"}, want...); err != nil || !slices.Equal(actor.Inherits, want) { // raul never asked
			t.Errorf("elena inherits of %v, want %v (%v)", actor.Inherits, want, err)
		}
	}
	inherits()
	move("SO")
	inherits("lucia")
	move("OP") // and on: what she asked for at IE is still there
	inherits("lucia")
	move("IE")
	inherits()
	moved := func(profile, agency string) desk.Outcome {
		t.Helper()
		out, err := d.Do(t.Context(), system, "lucia", core.Command{Verb: core.VerbRectify, Fields: map[core.Field]string{
			core.FieldName: "Lucía Herrera", core.FieldPost: "Titular", core.FieldEmail: "lucia@ejemplo.gob.mx", core.FieldPhone: "722 555 0100",
			core.FieldProfile: profile, core.FieldAgency: agency,
		}})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if no := moved("requester", "").Refusal; no == nil || no.Reason != core.Missing || no.Field != core.FieldAgency {
		t.Errorf("who requests is of no agency: %+v", no)
	}
	if no := moved("requester", "NADA").Refusal; no == nil || no.Reason != core.Invalid || no.Field != core.FieldAgency {
		t.Errorf("she is moved to an agency that is not there: %+v", no)
	}
	if out := moved("registry", ""); out.Refusal != nil || out.Record.Agency != "" {
		t.Errorf("she is not moved to the office: %q, %+v", out.Record.Agency, out.Refusal)
	}
	inherits("lucia")
	if a, err := d.Audit(t.Context()); err != nil || len(a.Faults) > 0 {
		t.Errorf("audit: %v, %v", a.Faults, err)
	}
}

// redrawnAfter gives an account of a day's work another profile or agency, and carries out
// what is owed for that: the records whose cards of the account are drawn again.
func redrawnAfter(t *testing.T, account, profile, agency string) (records []string, d *desk.Desk) {
	t.Helper()
	s := storagetest.NewModel()
	storagetest.Workday(t, s)
	d = &desk.Desk{Ledger: s, Sessions: s, Office: core.Office{Calendar: core.NewCalendar(time.UTC, nil, 2026)}, Now: func() time.Time {
		return time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	}}
	system := core.Actor{Account: "import", Name: "Carga inicial", Roles: []core.Role{core.RoleAdmin, core.RoleSystem}}
	if agency != "" {
		if out, err := d.Do(t.Context(), system, "", core.Command{
			Kind: core.KindAgency, Verb: core.VerbRegister, Fields: map[core.Field]string{core.FieldAgency: agency, core.FieldName: "Secretaría de Obras"},
		}); err != nil || out.Refusal != nil {
			t.Fatal(err, out.Refusal)
		}
	}
	r, err := s.Record(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[core.Field]string{core.FieldProfile: profile}
	for _, f := range []core.Field{core.FieldName, core.FieldPost, core.FieldEmail, core.FieldPhone} {
		fields[f] = r.Fields[f]
	}
	if agency != "" {
		fields[core.FieldAgency] = agency
	}
	out, err := d.Do(t.Context(), system, account, core.Command{Verb: core.VerbRectify, Fields: fields})
	if err != nil || out.Refusal != nil {
		t.Fatal(err, out.Refusal)
	}
	for _, it := range out.Items {
		if it.What != desk.WhatRecast {
			continue
		}
		cards, _, err := d.Recast(t.Context(), it)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cards {
			if c.Account == account && !slices.Contains(records, c.Record) {
				records = append(records, c.Record)
			}
		}
	}
	slices.Sort(records)
	return records, d
}

func TestWhoIsMovedOrHasAnotherRoleHasEachCardOfBeforeWithdrawn(t *testing.T) {
	for name, c := range map[string]struct{ account, profile, agency string }{
		"a secretary is a requester":              {"raul", "requester", ""},
		"a secretary is moved":                    {"raul", "secretary", "SO"},
		"a requester is moved":                    {"lucia", "requester", "SO"},
		"the registry is an executive":            {"tomas", "executive", ""},
		"a head is an executive":                  {"hector", "executive", ""},
		"an executive is of the registry":         {"mariana", "registry", ""},
		"an executive becomes an agency's person": {"mariana", "requester", "SO"},
	} {
		redrawn, d := redrawnAfter(t, c.account, c.profile, c.agency)
		held := 0
		page, err := d.Ledger.List(t.Context(), desk.Query{Terms: []string{core.TermKind(core.KindRequest)}, Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			if !slices.Contains(r.Told, c.account) {
				continue
			}
			held++
			if !slices.Contains(redrawn, r.ID) {
				t.Errorf("%s: the card of %s (%s) stays as it was", name, r.ID, r.State)
			}
		}
		if held == 0 {
			t.Errorf("%s: no card is held", name)
		}
	}
}
