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
