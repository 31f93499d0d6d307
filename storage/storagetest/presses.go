package storagetest

import (
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// pressTests are about the names of presses, which platforms give again.
var pressTests = []test{
	{"a press that comes again is told what came of it, on whatever record it was", func(t *testing.T, s Store) {
		o := newOffice(t, s)
		ana, raul := o.secretaries()
		one, two := o.filed(1), o.filed(2)
		if out := o.presses(ana, one, "tg:7"); out.Refusal != nil || out.Repeat {
			t.Fatalf("the first is %+v", out)
		}
		if out := o.presses(ana, one, "tg:7"); !out.Repeat || out.Refusal != nil || out.Record.ID != one {
			t.Errorf("again it is %+v", out)
		}
		if out := o.presses(raul, two, "tg:7"); out.Repeat || out.Refusal != nil || out.Record.ID != two || out.Record.State != core.StateReleased {
			t.Errorf("another bot's press of the same name is %+v", out)
		}
		if out := o.presses(raul, two, "tg:7"); !out.Repeat || out.Record.ID != two {
			t.Errorf("that one again is %+v", out)
		}
		trail, err := s.Trail(t.Context(), two, 0, 9)
		if must(t, err); len(trail) != 2 {
			t.Errorf("its trail has %d events, want that it was filed and released", len(trail))
		}
	}},
	{"a name that comes again after years is another press", func(t *testing.T, s Store) {
		o := newOffice(t, s)
		ana, raul := o.secretaries()
		one := o.filed(1)
		o.presses(ana, one, "tg:7")
		years := noon.AddDate(3, 0, 0)
		o.desk.Now = func() time.Time { return years }
		out := o.presses(ana, one, "tg:7")
		if out.Repeat || out.Refusal == nil || out.Refusal.Reason != core.Repeated {
			t.Errorf("three years later it is %+v; want that it was done already", out)
		}
		if out := o.presses(raul, one, "tg:7"); out.Repeat || out.Refusal == nil || out.Refusal.Reason != core.Already {
			t.Errorf("another person's is %+v; want that it was done already", out)
		}
	}},
}

// secretaries are two who may release.
func (o *bureau) secretaries() (ana, raul core.Actor) {
	o.t.Helper()
	return o.actor(o.account("ana", core.RoleSecretary)), o.actor(o.account("raul", core.RoleSecretary))
}

// presses has somebody release a request by a press of a name.
func (o *bureau) presses(who core.Actor, request, name string) desk.Outcome {
	o.t.Helper()
	out, err := o.desk.Do(o.t.Context(), who, request, core.Command{Verb: core.VerbRelease, Once: name, Where: "telegram"})
	must(o.t, err)
	return out
}
