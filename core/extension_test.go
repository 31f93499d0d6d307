package core_test

import (
	"maps"
	"testing"

	"sidem.gob.mx/sidem/core"
)

func TestAnAccountHasOneExtension(t *testing.T) {
	r := account("elena")
	r.Fields = map[core.Field]string{
		core.FieldName: "Elena Cruz Mora", core.FieldPost: "Titular", core.FieldEmail: "elena@ejemplo.gob.mx", core.FieldProfile: "requester",
		core.FieldPhone: "722 555 0100", core.FieldExtension: "1214",
	}
	for name, c := range map[string]struct {
		given     map[core.Field]string
		phone, at string
		refused   core.Reason
	}{
		"with the number":             {map[core.Field]string{core.FieldPhone: "722 555 0177 ext. 99"}, "722 555 0177", "99", ""},
		"beside the one that was":     {map[core.Field]string{core.FieldPhone: "722 555 0177 ext. 99", core.FieldExtension: "1214"}, "722 555 0177", "99", ""},
		"twice the same":              {map[core.Field]string{core.FieldPhone: "722 555 0177 ext. 99", core.FieldExtension: "99"}, "722 555 0177", "99", ""},
		"by itself":                   {map[core.Field]string{core.FieldExtension: "99"}, "722 555 0100", "99", ""},
		"of another number, the same": {map[core.Field]string{core.FieldPhone: "722 555 0177"}, "722 555 0177", "1214", ""},
		"two that differ":             {map[core.Field]string{core.FieldPhone: "722 555 0177 ext. 99", core.FieldExtension: "12"}, "", "", core.Ambiguous},
	} {
		rectify := core.Command{Verb: core.VerbRectify, Fields: maps.Clone(r.Fields)}
		delete(rectify.Fields, core.FieldExtension)
		maps.Copy(rectify.Fields, c.given)
		events, no := core.Decide(r, rectify, cast["sofia"], start)
		if c.refused != "" {
			if no == nil || no.Reason != c.refused || no.Field != core.FieldExtension || len(no.Readings) != 2 {
				t.Errorf("%s: %v", name, no)
			}
			continue
		}
		if no != nil {
			t.Errorf("%s: %v", name, no)
			continue
		}
		after := core.Apply(r, events[0])
		if after.Fields[core.FieldPhone] != c.phone || after.Fields[core.FieldExtension] != c.at {
			t.Errorf("%s: %q, %q", name, after.Fields[core.FieldPhone], after.Fields[core.FieldExtension])
		}
	}
}
