package core_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
)

func TestEachSilentStallHasAStageOfItsOwn(t *testing.T) {
	for _, c := range []struct {
		acts []string
		want core.Stage
	}{
		{[]string{"lucia", "draft"}, ""},
		{[]string{"lucia", "draft", "lucia", "file"}, core.StageRelease},
		{[]string{"lucia", "draft", "lucia", "file", "tomas", "receive_letter"}, core.StageHeld},
		{[]string{"lucia", "draft", "lucia", "file", "raul", "release"}, core.StageLetter},
		{[]string{"lucia", "draft", "lucia", "file", "raul", "release", "raul", "send_letter"}, core.StageReceipt},
		{[]string{"lucia", "draft", "lucia", "file", "raul", "release", "tomas", "receive_letter"}, core.StageRefer},
		{[]string{"lucia", "draft", "lucia", "file", "lucia", "cancel"}, ""},
	} {
		if got, _ := told(t, c.acts...).Stage(); got != c.want {
			t.Errorf("after %v: %q, want %q", c.acts, got, c.want)
		}
	}
}

func TestEveryOpenStateHasAStageInTheTable(t *testing.T) {
	for _, s := range core.LifecycleOf(core.KindRequest).States {
		r := requestIn(t, s)
		stage, since := r.Stage()
		if want := r.Open() && s != core.StateDraft; (stage != "") != want || want == since.IsZero() {
			t.Errorf("%s is in stage %q since %v", s, stage, since)
		}
	}
}

// at is an event of a trail, days after a Monday at noon.
func at(days int, from, to core.State, verb core.Verb) core.Event {
	return core.Event{Kind: core.KindRequest, Record: "r", Verb: verb, From: from, To: to, At: time.Date(2026, time.November, 23+days, 12, 0, 0, 0, time.UTC)}
}

// walk is a request that an opinion was issued on in eleven days.
var walk = []core.Event{
	at(0, core.None, core.StateFiled, core.VerbFile),               // Monday: the agency's
	at(1, core.StateFiled, core.StateReleased, core.VerbRelease),   // still the agency's: the oficio is missing
	at(2, core.StateReleased, core.StateReceived, core.VerbJoin),   // the office's
	at(3, core.StateReceived, core.StateReferred, core.VerbRefer),  // the office's
	at(4, core.StateReferred, core.StateAssigned, core.VerbAssign), // the office's, over a weekend
	at(7, core.StateAssigned, core.StateObserved, core.VerbObserve),
	at(9, core.StateObserved, core.StateAssigned, core.VerbResume),
	at(10, core.StateAssigned, core.StateIssued, core.VerbIssue), // from here on it is nobody's
	at(14, core.StateIssued, core.StateCollected, core.VerbHandOver),
}

func TestTheDaysOfARequestAreTheOfficesOrTheAgencys(t *testing.T) {
	cal := core.NewCalendar(time.UTC, nil, 2026)
	cancelled := append(walk[:6:6], at(8, core.StateObserved, core.StateCancelled, core.VerbCancel))
	for name, c := range map[string]struct {
		trail []core.Event
		now   int    // days after the first
		want  [2]int // office and agency
	}{
		"under way":                {walk[:3], 3, [2]int{1, 2}},
		"issued":                   {walk[:8], 30, [2]int{4, 4}},
		"collected":                {walk, 30, [2]int{4, 4}},
		"cancelled while observed": {cancelled, 30, [2]int{3, 3}},
	} {
		office, agency := core.InHands(core.Fold(c.trail), cal, walk[0].At.AddDate(0, 0, c.now))
		if diff := cmp.Diff(c.want, [2]int{office, agency}); diff != "" {
			t.Errorf("%s: office and agency (-want +got):\n%s", name, diff)
		}
	}
}

func TestAStageBeginsOnADayOfTheOffice(t *testing.T) {
	mexico := time.FixedZone("CST", -6*3600)
	evening := time.Date(2026, time.November, 23, 19, 30, 0, 0, mexico) // the 24th in UTC
	lucia := core.Actor{Account: "lucia", Agency: "IE", Roles: []core.Role{core.RoleRequester}}
	raul := core.Actor{Account: "raul", Agency: "IE", Roles: []core.Role{core.RoleSecretary}}
	r := told(t, "lucia", "draft")
	for _, act := range []struct {
		who  core.Actor
		c    core.Command
		at   time.Time
		want string
	}{
		{lucia, core.Command{Verb: core.VerbFile, Number: "000147/2026"}, evening, "stage:release:2026-11-23"},
		{raul, core.Command{Verb: core.VerbSendLetter, Fields: map[core.Field]string{core.FieldLetterNumber: "IE/1/2026", core.FieldLetterDate: "2026-11-23"}}, evening.AddDate(0, 0, 1), "stage:release:2026-11-23"},
		{raul, core.Command{Verb: core.VerbRelease}, evening.AddDate(0, 0, 2), "stage:receipt:2026-11-25"},
	} {
		events, no := core.Decide(r, act.c, act.who, act.at)
		if no != nil {
			t.Fatal(act.c.Verb, no)
		}
		for _, e := range core.Seal(r, events) {
			r = core.Apply(r, e)
		}
		if got := r.Index().Terms; !slices.Contains(got, act.want) {
			t.Errorf("after %s at %s it stands in %v, want %s among them", act.c.Verb, act.at, got, act.want)
		}
	}
}
