package desk_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// filed commits a request of a number to a store, as filed at an instant.
func filedAs(t *testing.T, s desk.Ledger, id, agency, number string, at time.Time) {
	t.Helper()
	events := core.Seal(core.Record{}, []core.Event{{
		Kind: core.KindRequest, Record: id, Agency: agency, Verb: core.VerbFile, To: core.StateFiled, Number: number, At: at, By: "ana",
		Fields: map[core.Field]string{core.FieldSubject: "Computadoras de escritorio"},
	}})
	err := s.Commit(t.Context(), desk.Commit{Record: core.Apply(core.Record{}, events[0]), Events: events, Now: at})
	if err != nil {
		t.Fatal(err)
	}
}

func TestANumberWithoutAYearIsThisYearsAndLastYears(t *testing.T) {
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil {
		t.Fatal(err)
	}
	store := storagetest.NewModel()
	december, january := time.Date(2026, 12, 3, 10, 0, 0, 0, zone), time.Date(2027, 1, 4, 10, 0, 0, 0, zone)
	for id, number := range map[string]string{"a": "000147/2026", "b": "000012/2026", "c": "000012/2027", "d": "000009/2025"} {
		agency := "IE"
		if id == "c" {
			agency = "OP"
		}
		filedAs(t, store, id, agency, number, december)
	}
	d := &desk.Desk{Ledger: store, Office: core.Office{Calendar: core.CalendarOf(zone)}, Now: func() time.Time { return january }}
	director := core.Actor{Account: "patricia", Roles: []core.Role{core.RoleDirector}}
	secretary := core.Actor{Account: "raul", Agency: "IE", Roles: []core.Role{core.RoleSecretary}}
	for _, c := range []struct {
		who  core.Actor
		text string
		want []string
	}{
		{director, "147", []string{"000147/2026"}},
		{director, "#000147", []string{"000147/2026"}},
		{director, "147/26", []string{"000147/2026"}},
		{director, "147/2027", nil},
		{director, "147/27", nil},
		{director, "12", []string{"000012/2027", "000012/2026"}},
		{director, "12/26", []string{"000012/2026"}},
		{director, "9", nil}, // two years ago
		{director, "9/25", []string{"000009/2025"}},
		{secretary, "12", []string{"000012/2026"}}, // the other is not theirs to see
		{secretary, "12/27", nil},
		{secretary, "147", []string{"000147/2026"}},
		{director, "0", nil},
		{director, "1234567", nil},
	} {
		found, err := d.Numbered(t.Context(), c.who, c.text)
		var got []string
		for _, r := range found {
			got = append(got, r.Number)
		}
		if !slices.Equal(got, c.want) || (len(c.want) == 0) != errors.Is(err, desk.ErrNotFound) {
			t.Errorf("%s asks for %q and finds %v, %v; want %v", c.who.Account, c.text, got, err, c.want)
		}
		one, err := d.ByNumber(t.Context(), c.who, c.text)
		if len(c.want) > 0 && (err != nil || one.Number != c.want[0]) {
			t.Errorf("%s asks for %q and gets %q, %v; want %q", c.who.Account, c.text, one.Number, err, c.want[0])
		}
	}
	found, err := d.Numbered(t.Context(), director, "12")
	if err != nil {
		t.Fatal(err)
	}
	part, err := d.Read(t.Context(), desk.Union{Known: found, Newest: true}, desk.Place{}, 1)
	if err != nil || len(part.Records) != 1 || !part.More {
		t.Fatalf("the first of both is %v, %v", part, err)
	}
	rest, err := d.Read(t.Context(), desk.Union{Known: found, Newest: true}, part.Next, 5)
	if err != nil || len(rest.Records) != 1 || rest.More || rest.Records[0].ID == part.Records[0].ID {
		t.Errorf("the other is %v, %v", rest, err)
	}
}
