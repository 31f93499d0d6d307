package core_test

import (
	"testing"
	"time"

	"sidem/core"
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
