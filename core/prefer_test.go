package core_test

import (
	"testing"

	"sidem.gob.mx/sidem/core"
)

// preferring is an account with preferences.
func preferring(fields map[core.Field]string) core.Record {
	return core.Record{Kind: core.KindAccount, ID: "raul", State: core.StateActive, Agency: "IE", Fields: fields}
}

func TestPreferencesDecideWhatAMorningTells(t *testing.T) {
	release := stuck(core.StateFiled, core.VerbFile)
	duty := core.Duties(release, mornings.Calendar, mornings.Targets)[0]
	third := stuck(core.StateFiled, core.VerbFile, core.Reminded{Duty: core.DutyRelease, Turn: duty.Turn, N: core.MostReminded - 1, At: monday})
	weekly := map[core.Field]string{core.FieldDigestEvery: core.DigestWeekly}
	never := map[core.Field]string{core.FieldDigestEvery: core.DigestNever}
	paused := map[core.Field]string{core.FieldPausedUntil: "2026-11-28"} // a Saturday
	for name, c := range map[string]struct {
		prefers map[core.Field]string
		day     string
		record  core.Record
		telling core.Telling
		want    bool
	}{
		"daily, what is announced":           {nil, "2026-11-24", release, core.Announced, true},
		"weekly, what is announced, Tuesday": {weekly, "2026-11-24", release, core.Announced, false},
		"weekly, what is listed, Monday":     {weekly, "2026-11-30", release, core.Listed, true},
		"weekly, what is due, Tuesday":       {weekly, "2026-11-24", release, core.RemindedOf, true},
		"never, what is listed, Monday":      {never, "2026-11-30", release, core.Listed, false},
		"never, what is due":                 {never, "2026-11-25", release, core.RemindedOf, true},
		"paused, what is due":                {paused, "2026-11-25", release, core.RemindedOf, false},
		"paused, the last reminder":          {paused, "2026-11-27", third, core.RemindedOf, true},
		"back on the next working day":       {paused, "2026-11-30", release, core.Listed, true},
	} {
		t.Run(name, func(t *testing.T) {
			day, err := core.ParseDay(c.day)
			if err != nil {
				t.Fatal(err)
			}
			d := core.Digest{Viewer: preferring(c.prefers), Day: day, Office: mornings}
			if got := d.Wants(core.Entry{Record: c.record, Duty: duty, Telling: c.telling}); got != c.want {
				t.Errorf("it is told: %t", got)
			}
		})
	}
}

func TestAPauseEndsAfterTodayAndWithinSixtyDays(t *testing.T) {
	for until, want := range map[string]bool{"2026-11-22": false, "2026-11-23": false, "2026-11-24": true, "2027-01-22": true, "2027-01-23": false, "": true} {
		c := core.Command{Kind: core.KindAccount, Verb: core.VerbPrefer, Fields: map[core.Field]string{core.FieldPausedUntil: until}}
		events, no := core.Decide(preferring(map[core.Field]string{core.FieldPausedUntil: "2026-11-25"}), c, core.SystemActor, monday)
		if (no == nil) != want || no == nil && events[0].Verb != core.VerbPrefer {
			t.Errorf("until %q: %v", until, no)
		}
	}
}

func TestAPauseIsOverOnItsDate(t *testing.T) {
	r := preferring(map[core.Field]string{core.FieldPausedUntil: "2026-11-25"})
	for i, want := range []bool{true, true, false, false} {
		if day := core.DateOf(monday).Next(i); r.PausedOn(day) != want {
			t.Errorf("on %s it is paused: %t", day, !want)
		}
	}
}
