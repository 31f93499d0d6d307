package core_test

import (
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
)

func TestOnePersonsCommentsDoNotFloodARequest(t *testing.T) {
	now := time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)
	r := core.Record{Kind: core.KindRequest, ID: "r1", Number: "000001/2026", State: core.StateFiled, Agency: "IE", Version: 1, Acts: map[core.Verb]core.Act{core.VerbFile: {By: "lucia"}}}
	lucia := core.Actor{Account: "lucia", Agency: "IE", Roles: []core.Role{core.RoleRequester}}
	raul := core.Actor{Account: "raul", Agency: "IE", Roles: []core.Role{core.RoleSecretary}}
	comment := func(a core.Actor, at time.Time) *core.Refusal {
		events, no := core.Decide(r, core.Command{Verb: core.VerbComment, Fields: map[core.Field]string{core.FieldNote: "Falta poco."}}, a, at)
		for _, e := range events {
			r = core.Apply(r, e)
		}
		return no
	}
	for i := range 20 {
		if no := comment(lucia, now.Add(time.Duration(i)*time.Minute)); no != nil {
			t.Fatalf("comment %d: %+v", i+1, no)
		}
	}
	if no := comment(lucia, now.Add(time.Hour)); no == nil || no.Reason != core.TooMany {
		t.Errorf("the twenty-first: %+v", no)
	}
	if no := comment(raul, now.Add(time.Hour)); no != nil {
		t.Errorf("of somebody else: %+v", no)
	}
	if no := comment(lucia, now.Add(25*time.Hour)); no != nil {
		t.Errorf("the day after: %+v", no)
	}
}
