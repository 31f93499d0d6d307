package core_test

import (
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
)

func TestWhatIsDoneTimeAndAgainIsNotARepeatWhereTheRecordHasMovedOn(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 42, 0, 0, time.UTC)
	act := func(version int, by string) core.Act { return core.Act{Version: version, By: by, At: at} }
	r := core.Record{Kind: core.KindRequest, ID: "r1", Agency: "IE", State: core.StateFiled, Version: 3, Last: core.VerbFile, Acts: map[core.Verb]core.Act{
		core.VerbDraft: act(1, "lucia"), core.VerbAmend: act(2, "lucia"), core.VerbFile: act(3, "lucia"),
	}}
	lucia := core.Actor{Account: "lucia", Agency: "IE", Roles: []core.Role{core.RoleRequester}}
	for name, c := range map[string]struct {
		verb core.Verb
		seen int
		want core.Reason
		done core.Verb
	}{
		"a correction of what was filed since":      {core.VerbAmend, 1, core.Repeated, core.VerbFile},
		"a correction of what is as it was":         {core.VerbAmend, 3, core.NotNow, ""},
		"what was filed, filed again":               {core.VerbFile, 2, core.Repeated, core.VerbFile},
		"a correction by nobody knows which screen": {core.VerbAmend, 0, core.NotNow, ""},
	} {
		_, no := core.Decide(r, core.Command{Verb: c.verb, Seen: c.seen, Form: c.verb == core.VerbAmend}, lucia, at)
		if no == nil || no.Reason != c.want || no.Done != c.done {
			t.Errorf("%s: %+v", name, no)
		}
	}
}

func TestAnAcuseAtAnHourThatHasNotComeIsRefused(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 30, 0, time.FixedZone("office", -6*60*60))
	for name, c := range map[string]struct {
		day, hour string
		refused   bool
	}{
		"this minute":            {"2026-11-23", "10:00", false},
		"the next minute":        {"2026-11-23", "10:01", true},
		"the evening":            {"2026-11-23", "16:30", true},
		"yesterday's evening":    {"2026-11-22", "16:30", false},
		"a day that is not come": {"2026-11-24", "09:00", false}, // the day is refused, not the hour
	} {
		no := core.HourToCome(c.day, c.hour, now)
		if (no != nil) != c.refused || no != nil && (no.Reason != core.Future || no.Field != core.FieldReceivedTime) {
			t.Errorf("%s: %+v", name, no)
		}
	}
}

func TestASecondPressThatAsksForSomethingElseSaysWhatStands(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 42, 0, 0, time.UTC)
	assigned := core.Record{
		Kind: core.KindRequest, ID: "r1", Agency: "IE", State: core.StateAssigned, Version: 8, Last: core.VerbAssign,
		Fields: map[core.Field]string{core.FieldHead: "hector", core.FieldExecutive: "mariana"}, Acts: map[core.Verb]core.Act{core.VerbRefer: {Version: 7, By: "tomas"}, core.VerbAssign: {Version: 8, By: "hector", At: at}},
	}
	called := core.Record{
		Kind: core.KindRequest, ID: "r1", Agency: "IE", State: core.StateIssued, Version: 9, Last: core.VerbIssue, Fields: map[core.Field]string{core.FieldExecutive: "mariana"},
		Calls: []core.Call{{Result: core.CallNoAnswer}, {Result: core.CallAnswered}}, Acts: map[core.Verb]core.Act{core.VerbIssue: {Version: 7, By: "mariana"}, core.VerbLogCall: {Version: 9, By: "mariana", At: at}},
	}
	returned := core.Record{
		Kind: core.KindRequest, ID: "r1", Agency: "IE", State: core.StateReturned, Version: 4, Last: core.VerbReturn,
		Fields: map[core.Field]string{core.FieldReason: "El monto no coincide"}, Acts: map[core.Verb]core.Act{core.VerbReturn: {Version: 4, By: "raul", At: at}},
	}
	head := core.Actor{Account: "hector", Roles: []core.Role{core.RoleHead}}
	executive := core.Actor{Account: "mariana", Roles: []core.Role{core.RoleExecutive}}
	secretary := core.Actor{Account: "raul", Agency: "IE", Roles: []core.Role{core.RoleSecretary}}
	for name, c := range map[string]struct {
		r      core.Record
		who    core.Actor
		verb   core.Verb
		field  core.Field
		asked  string
		other  core.Field
		stands string
	}{
		"the same executive": {assigned, head, core.VerbAssign, core.FieldExecutive, "mariana", "", ""},
		"another executive":  {assigned, head, core.VerbAssign, core.FieldExecutive, "ivan", core.FieldExecutive, "mariana"},
		"nobody yet":         {assigned, head, core.VerbAssign, core.FieldExecutive, "", core.FieldExecutive, "mariana"},
		"the same result":    {called, executive, core.VerbLogCall, core.FieldCallResult, core.CallAnswered, "", ""},
		"another result":     {called, executive, core.VerbLogCall, core.FieldCallResult, core.CallNoAnswer, core.FieldCallResult, core.CallAnswered},
		"the same reason":    {returned, secretary, core.VerbReturn, core.FieldReason, "El monto no coincide", "", ""},
		"another reason":     {returned, secretary, core.VerbReturn, core.FieldReason, "Falta el anexo", core.FieldReason, ""},
		"no reason yet":      {returned, secretary, core.VerbReturn, core.FieldReason, "", "", ""},
	} {
		_, no := core.Decide(c.r, core.Command{Verb: c.verb, Seen: 3, Fields: map[core.Field]string{c.field: c.asked}}, c.who, at)
		if no == nil || no.Reason != core.Repeated || no.Other != c.other || no.Stands != c.stands {
			t.Errorf("%s: %+v", name, no)
		}
	}
}
