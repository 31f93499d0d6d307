package core_test

import (
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
)

// monday is a Monday at ten, by UTC as the office of these tests has it.
var monday = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

var mornings = core.Office{Calendar: core.NewCalendar(time.UTC, nil, 2026, 2027), Targets: core.DefaultTargets}

// stuck is a request that waits in a state for what began on monday.
func stuck(state core.State, by core.Verb, reminded ...core.Reminded) core.Record {
	return core.Record{
		Kind: core.KindRequest, ID: "r", Number: "000001/2026", Agency: "IE", State: state, Since: monday, Version: 3, Last: by,
		Fields: map[core.Field]string{core.FieldExecutive: "mariana"}, Reminded: reminded,
		Acts: map[core.Verb]core.Act{by: {Version: 3, By: "somebody", At: monday}, core.VerbReceiveLetter: {Version: 2, At: monday}},
	}
}

var (
	raul    = core.Actor{Account: "raul", Agency: "IE", Roles: []core.Role{core.RoleSecretary}}
	mariana = core.Actor{Account: "mariana", Roles: []core.Role{core.RoleExecutive}}
)

// tellings are the days of four weeks on which actor a is told of a request that nobody
// touches, with how: as the reminders are decided when the window opens.
func tellings(r core.Record, a core.Actor) map[string]core.Telling {
	out := map[string]core.Telling{}
	for i := range 28 {
		day := core.DateOf(monday).Next(i + 1)
		if !mornings.Calendar.IsWorking(day) {
			continue
		}
		at := day.At(8, 45, time.UTC)
		duty := core.Duties(r, mornings.Calendar, mornings.Targets)[0]
		if how := core.TellingOf(r, duty, a, mornings, at); how >= core.Announced {
			out[day.String()] = how
		}
		nine := day.At(9, 0, time.UTC)
		for _, m := range core.DueReminders(r, mornings, nine) {
			r.Reminded = []core.Reminded{{Duty: m.Duty, Turn: m.Turn, N: m.N, Late: m.Late, At: nine}}
		}
	}
	return out
}

func TestADutyIsToldSixTimesAtMostBeforeItIsTheBoards(t *testing.T) {
	for name, c := range map[string]struct {
		record core.Record
		actor  core.Actor
		want   map[string]core.Telling
	}{
		"two days for a release": {stuck(core.StateFiled, core.VerbFile), raul, map[string]core.Telling{
			"2026-11-24": core.Announced, "2026-11-25": core.RemindedOf, "2026-11-26": core.RemindedOf, "2026-11-27": core.RemindedOf, "2026-11-30": core.RemindedOf,
		}},
		"ten days for an opinion": {stuck(core.StateAssigned, core.VerbAssign), mariana, map[string]core.Telling{
			"2026-11-24": core.Announced, "2026-11-30": core.Announced,
			"2026-12-07": core.RemindedOf, "2026-12-08": core.RemindedOf, "2026-12-09": core.RemindedOf, "2026-12-10": core.RemindedOf,
		}},
	} {
		got := tellings(c.record, c.actor)
		if len(got) != len(c.want) {
			t.Errorf("%s: it is told on %v", name, got)
		}
		for day, how := range c.want {
			if got[day] != how {
				t.Errorf("%s: on %s it is told as %d, want %d", name, day, got[day], how)
			}
		}
	}
}

func TestAReminderThatWasPutOffComesOnItsDayHoweverOftenOthersHadTheirs(t *testing.T) {
	r := stuck(core.StateFiled, core.VerbFile, core.Reminded{Duty: core.DutyRelease, Turn: 3, N: core.MostReminded, Late: 3, At: monday.AddDate(0, 0, 7)})
	if all := core.Reminders(r, mornings); len(all) > 0 {
		t.Fatalf("after the last reminder comes %v", all)
	}
	r.Snoozed = map[string]string{"raul": "2026-12-04"}
	all := core.Reminders(r, mornings)
	if len(all) != 1 || core.DateOf(all[0].At) != (core.Day{Year: 2026, Month: 12, Day: 4}) {
		t.Fatalf("who put theirs off until 4 December gets %v", all)
	}
	morning := core.Day{Year: 2026, Month: 12, Day: 4}.At(8, 45, time.UTC)
	duty := core.Duties(r, mornings.Calendar, mornings.Targets)[0]
	if how := core.TellingOf(r, duty, raul, mornings, morning); how != core.RemindedOf {
		t.Errorf("on the day itself it is told as %d", how)
	}
	if how := core.TellingOf(r, duty, raul, mornings, morning.AddDate(0, 0, -1)); how != core.GaveUp {
		t.Errorf("the day before it is told as %d", how)
	}
}

func TestWhoStandsInIsToldFromTheSecondDayOn(t *testing.T) {
	r := stuck(core.StateFiled, core.VerbFile)
	duty := core.Duties(r, mornings.Calendar, mornings.Targets)[0]
	elena := core.Actor{Account: "elena", Agency: "IE", Principals: []core.Principal{{Account: "raul", Agency: "IE", Roles: raul.Roles, From: "2026-11-26", To: "2026-12-04"}}}
	for day, want := range map[int]core.Telling{26: core.Listed, 27: core.RemindedOf} { // the card itself comes on the first
		if how := core.TellingOf(r, duty, elena, mornings, core.Day{Year: 2026, Month: 11, Day: day}.At(8, 45, time.UTC)); how != want {
			t.Errorf("on the %dth it is told as %d, want %d", day, how, want)
		}
	}
	elena.Principals[0].From = "2026-11-02"
	if how := core.TellingOf(r, duty, elena, mornings, core.Day{Year: 2026, Month: 11, Day: 25}.At(8, 45, time.UTC)); how != core.Listed {
		t.Errorf("on the suggested date, of which the principal alone is reminded, it is told as %d", how)
	}
}
