package core_test

import (
	"slices"
	"testing"

	"sidem.gob.mx/sidem/core"
)

// accounts are those that a command may name by mistake, and one that it may.
func namings() map[string]struct {
	named core.Record
	fine  bool
} {
	fine := directory("mariana")
	suspended, denied, another, program := fine, fine, fine, fine
	suspended.State, denied.State, another.ID, program.Kind = core.StateSuspended, core.StateDenied, "javier", core.KindProgram
	other := fine
	other.Roles = []core.Role{core.RoleHead}
	granted := fine
	granted.State = core.StateGranted
	return map[string]struct {
		named core.Record
		fine  bool
	}{
		"in use":               {fine, true},
		"granted, no chat yet": {granted, true},
		"suspended since":      {suspended, false},
		"denied":               {denied, false},
		"without the role":     {other, false},
		"another's":            {another, false},
		"no account":           {program, false},
		"that does not exist":  {core.Record{}, false},
	}
}

func TestAnAccountThatACommandNamesIsInUseAndHoldsTheRole(t *testing.T) {
	r := requestIn(t, core.StateReferred)
	for name, n := range namings() {
		c := command(core.VerbAssign, r.State)
		c.Named = map[core.Field]core.Record{core.FieldExecutive: n.named}
		_, no := core.Decide(r, c, cast["hector"], start)
		if n.fine != (no == nil) || no != nil && (no.Reason != core.Invalid || no.Field != core.FieldExecutive) {
			t.Errorf("an account %s: %v", name, no)
		}
	}
}

func TestASubstituteIsOfTheSameAgency(t *testing.T) {
	raul := directory("raul")
	c := appoint("2026-11-27")
	c.Fields[core.FieldSubstitute] = "diego"
	c.Named = map[core.Field]core.Record{core.FieldSubstitute: directory("diego")}
	if got := refused(t, raul, cast["sofia"], start, c); got != core.Invalid {
		t.Errorf("of another agency: %s", got)
	}
}

// TestARowTakesOnlyItsOwnFields gives every row of every table each field that is
// not its own, and files and renglones where it takes none.
func TestARowTakesOnlyItsOwnFields(t *testing.T) {
	for _, lc := range core.Lifecycles {
		for _, row := range lc.Rows {
			own := slices.Concat(row.Needs, row.Asks, row.Sets)
			who := core.Actor{Account: "a", Agency: "IE", Roles: append(slices.Clone(core.Roles), core.RoleSystem)}
			r := core.Record{Kind: lc.Kind, ID: "a", State: row.From[0], Agency: "IE", Fields: map[core.Field]string{
				core.FieldExecutive: "a", core.FieldSubstitute: "a",
			}}
			if row.From[0] == core.None {
				r = core.Record{}
			}
			for f := range core.Specs {
				c := core.Command{Kind: lc.Kind, Verb: row.Verb, Agency: "IE", Fields: map[core.Field]string{f: valid[f]}}
				switch core.Specs[f].Type {
				case core.TypeUpload:
					c.Fields, c.Files = nil, []core.Attachment{{Name: "a.pdf"}}
				case core.TypeLines:
					c.Fields, c.Items = nil, []core.Item{{Description: "x"}}
				default:
				}
				_, no := core.Decide(r, c, who, start)
				strange := no != nil && no.Reason == core.Invalid && no.Field == f && no.Value == ""
				if !slices.Contains(own, f) && !strange {
					t.Errorf("%s %s takes %s (%v)", lc.Kind, row.Verb, f, no)
				}
			}
		}
	}
}
