package core_test

import (
	"maps"
	"testing"

	"sidem.gob.mx/sidem/core"
)

func TestNoAccountPassesForAnotherByLettersThatOnlyLookLikeIt(t *testing.T) {
	fields := map[core.Field]string{
		core.FieldName: "Lucía Herrera", core.FieldPost: "Titular", core.FieldEmail: "lucia@ejemplo.gob.mx", core.FieldPhone: "7225550100",
		core.FieldProfile: "requester", core.FieldLetterNumber: "IE/1/2026", core.FieldLetterDate: "2026-11-19", core.FieldUser: "lucia.herrera",
	}
	apply := core.Command{Kind: core.KindAccount, Verb: core.VerbApply, Record: "x1", Agency: "IE", Fields: fields}
	if _, no := core.Decide(core.Record{}, apply, cast["sofia"], start); no != nil {
		t.Fatal(no)
	}
	for f, v := range map[core.Field]string{core.FieldName: "Luc\u0456a Herrera", core.FieldUser: "luci\u0430.herrera"} {
		apply.Fields = maps.Clone(fields)
		apply.Fields[f] = v
		if _, no := core.Decide(core.Record{}, apply, cast["sofia"], start); no == nil || no.Reason != core.Invalid || no.Field != f {
			t.Errorf("%s %q is taken: %v", f, v, no)
		}
	}
	rectify := core.Command{Verb: core.VerbRectify, Fields: map[core.Field]string{
		core.FieldName: "Luc\u0456a Herrera", core.FieldPost: "Titular", core.FieldEmail: "lucia@ejemplo.gob.mx", core.FieldPhone: "7225550100", core.FieldProfile: "requester",
	}}
	if got := refused(t, account("elena"), cast["sofia"], start, rectify); got != core.Invalid {
		t.Errorf("a correction: %s", got)
	}
}
