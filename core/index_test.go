package core_test

import (
	"strings"
	"testing"

	"sidem.gob.mx/sidem/core"
)

func TestAKeyIsToldWithoutThePersonThatItNames(t *testing.T) {
	day := core.Day{Year: 2026, Month: 11, Day: 23}
	for _, c := range []struct{ key, want string }{
		{core.UniqueNumber("000147/2026"), "number:000147/2026"},
		{core.UniqueUser("lucia.herrera"), "user:…"},
		{core.UniqueMail("lucia@ejemplo.gob.mx"), "mail:…"},
		{core.TermLeft("IE"), "left:IE"},
		{core.UniqueChat("telegram", "66601"), "chat:telegram:…"},
		{core.UniqueChat("slack", "U0666"), "chat:slack:…"},
		{"chat:lucia:66601", "chat:…"},
		{core.TermKind(core.KindAccount), "kind:account"},
		{core.TermState(core.KindAccount, core.StateActive), "state:account:active"},
		{core.TermAgency(core.KindRequest, "IE"), "agency:request:IE"},
		{core.TermRole(core.RoleAdmin, ""), "role:admin:"},
		{core.TermSubstitute("lucia"), "substitute:…"},
		{core.TermOwes(core.RoleExecutive, "lucia"), "owes:…"},
		{core.TermParty("lucia"), "party:…"},
		{core.TermHead("lucia"), "head:…"},
		{core.TermOpen("lucia"), "open:…"},
		{core.TermStageDay(core.Stages[0].Stage, day), "stage:" + string(core.Stages[0].Stage) + ":2026-11-23"},
		{core.TermPickup("483920"), "pickup:…"},
		{core.TermNoChat(), "nochat"},
		{core.TermWord("computadora"), "word:…"},
		{core.TermName(core.KindAccount, "herrera"), "name:…"},
		{core.TermStalled(), "stalled"},
		{"wordcomputadora", "(a key of an unknown kind)"},
		{"state:Lucía Herrera", "(a name that is none of ours)"},
	} {
		if got := core.MaskKey(c.key); got != c.want {
			t.Errorf("%q is told as %q, want %q", c.key, got, c.want)
		}
	}
}

func TestEveryKeyOfARecordIsOfAKnownKind(t *testing.T) {
	for _, r := range []core.Record{
		{Kind: core.KindAccount, ID: "a1", State: core.StateActive, Agency: "IE", Roles: core.Roles, Links: []core.Link{{Platform: "telegram", ID: "1"}}, Fields: map[core.Field]string{
			core.FieldUser: "ana", core.FieldName: "Ana", core.FieldSubstitute: "a2",
			core.FieldEmail: "ana@ejemplo.gob.mx", core.FieldOwnEmail: "1", core.FieldFormerAgencies: "SO",
		}},
		{Kind: core.KindAccount, ID: "a2", State: core.StateGranted, Roles: core.Roles},
		{Kind: core.KindAgency, ID: "agency-ie", State: core.StateRegistered, Agency: "IE", Fields: map[core.Field]string{core.FieldName: "Instituto"}},
		{Kind: core.KindProgram, ID: "p", State: core.StateDelivered, Agency: "IE"},
		{Kind: core.KindRequest, ID: "r1", State: core.StateIssued, Agency: "IE", Number: "000001/2026", Fields: map[core.Field]string{
			core.FieldSubject: "Cable", core.FieldExecutive: "a1", core.FieldHead: "a1", core.FieldPickupCode: "483920",
		}},
		{Kind: core.KindRequest, ID: "r2", State: core.StateAssigned, Agency: "IE", Number: "000002/2026", Fields: map[core.Field]string{core.FieldExecutive: "a1"}},
	} {
		ix := r.Index()
		for _, key := range append(ix.Unique, ix.Terms...) {
			if masked := core.MaskKey(key); strings.HasPrefix(masked, "(") {
				t.Errorf("%s of a %s is told as %s", key, r.Kind, masked)
			}
		}
	}
}
