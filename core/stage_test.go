package core_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem/core"
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

func TestTheDaysOfARequestAreTheOfficesOrTheAgencys(t *testing.T) {
	cal := core.NewCalendar(time.UTC, nil, 2026)
	trail := []core.Event{
		at(0, core.None, core.StateFiled, core.VerbFile),               // Monday: the agency's
		at(1, core.StateFiled, core.StateReleased, core.VerbRelease),   // still the agency's: the oficio is missing
		at(2, core.StateReleased, core.StateReceived, core.VerbJoin),   // the office's
		at(3, core.StateReceived, core.StateReferred, core.VerbRefer),  // the office's
		at(4, core.StateReferred, core.StateAssigned, core.VerbAssign), // the office's, over a weekend
		at(7, core.StateAssigned, core.StateObserved, core.VerbObserve),
		at(9, core.StateObserved, core.StateAssigned, core.VerbResume),
		at(10, core.StateAssigned, core.StateIssued, core.VerbIssue), // from here on it is nobody's
	}
	refused := at(8, core.StateObserved, core.StateObserved, core.VerbIssue)
	refused.Refusal = &core.Refusal{Reason: core.NotNow}
	trail = append(trail[:6:6], append([]core.Event{refused}, trail[6:]...)...)
	office, agency := core.Spent(trail, cal, trail[0].At.AddDate(0, 1, 0))
	if diff := cmp.Diff([2]int{4, 4}, [2]int{office, agency}); diff != "" {
		t.Errorf("office and agency (-want +got):\n%s", diff)
	}
}
