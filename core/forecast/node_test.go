package forecast_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/forecast"
)

// at is an event of a trail, days after a Monday at nine.
func at(index, days, hour int, from, to core.State, verb core.Verb) core.Event {
	return core.Event{
		Index: index, Kind: core.KindRequest, Record: "r", Agency: "IE", Verb: verb, From: from, To: to,
		At: time.Date(2026, time.November, 23+days, hour, 0, 0, 0, time.UTC),
	}
}

// walk is a request that was observed once, and on which an opinion was issued.
func walk() []core.Event {
	filed := at(1, 0, 9, core.None, core.StateFiled, core.VerbFile)
	filed.Fields = map[core.Field]string{core.FieldCategory: "cloud", core.FieldAmount: "100000.00"}
	filed.Items = make([]core.Item, 4)
	return []core.Event{
		filed,
		at(3, 1, 9, core.StateFiled, core.StateReleased, core.VerbRelease),
		at(4, 1, 18, core.StateReleased, core.StateReleased, core.VerbSendLetter),
		at(7, 3, 9, core.StateReleased, core.StateReceived, core.VerbJoin),
		at(8, 3, 18, core.StateReceived, core.StateReferred, core.VerbRefer),
		at(9, 4, 18, core.StateReferred, core.StateAssigned, core.VerbAssign),
		at(12, 7, 13, core.StateAssigned, core.StateObserved, core.VerbObserve), // over a weekend
		at(13, 8, 9, core.StateObserved, core.StateAssigned, core.VerbResume),
		at(14, 8, 18, core.StateAssigned, core.StateIssued, core.VerbIssue),
		at(15, 9, 18, core.StateIssued, core.StateCollected, core.VerbHandOver),
	}
}

func TestThePassesOfARequestAreItsStagesInWorkingDays(t *testing.T) {
	o := core.Office{Calendar: core.NewCalendar(time.UTC, map[core.Day]string{{Year: 2026, Month: time.November, Day: 25}: "Día del estado"}, 2026)}
	class := forecast.Class{Category: "cloud", Amount: 1, Items: 1}
	pass := func(stage core.Stage, again bool, next core.Stage, days float64, e core.Event) forecast.Pass {
		return forecast.Pass{Node: forecast.Node{Stage: stage, Again: again}, Next: next, Class: class, Days: days, At: e.At}
	}
	trail := walk()
	want := []forecast.Pass{
		pass(core.StageRelease, false, core.StageLetter, 1, trail[1]),
		pass(core.StageLetter, false, core.StageReceipt, 1, trail[2]),
		pass(core.StageReceipt, false, core.StageRefer, 0, trail[3]), // Wednesday is off
		pass(core.StageRefer, false, core.StageAssign, 1, trail[4]),
		pass(core.StageAssign, false, core.StageIssue, 1, trail[5]),
		pass(core.StageIssue, false, core.StageAnswer, 4.0/9, trail[6]),
		pass(core.StageAnswer, false, core.StageIssue, 5.0/9, trail[7]),
		pass(core.StageIssue, true, "issued", 1, trail[8]),
	}
	near := cmp.Comparer(func(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 })
	if diff := cmp.Diff(want, forecast.Passes(trail, o, 0, 99), near); diff != "" {
		t.Errorf("passes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[2:5], forecast.Passes(trail, o, 4, 11), near); diff != "" {
		t.Errorf("those of events 5 to 11 (-want +got):\n%s", diff)
	}
}

func TestWhatWasCancelledTellsNothingOfItsLastStage(t *testing.T) {
	trail := append(walk()[:6:6], at(10, 7, 9, core.StateAssigned, core.StateCancelled, core.VerbCancel))
	for _, p := range forecast.Passes(trail, core.Office{}, 0, 99) {
		if p.Node.Stage == core.StageIssue {
			t.Errorf("it left %v for %s", p.Node, p.Next)
		}
	}
}

func TestWhereARequestStandsIsSaidWhileAnOpinionIsToCome(t *testing.T) {
	var r core.Record
	for _, e := range walk() {
		r = core.Apply(r, e)
		n, since, ok := forecast.NodeOf(r)
		if want := r.State != core.StateIssued && r.State != core.StateCollected; ok != want || ok && since.IsZero() {
			t.Errorf("%s: %v since %v, %v", r.State, n, since, ok)
		}
	}
	if _, _, ok := forecast.NodeOf(core.Record{Kind: core.KindAccount, State: core.StateActive}); ok {
		t.Error("an account is on its way to an opinion")
	}
}

func TestAClassIsOfTheCategoryTheAmountAndTheRenglones(t *testing.T) {
	for amount, band := range map[string]int{"": 0, "99999.99": 0, "100000.00": 1, "1000000.00": 2} {
		r := core.Record{Fields: map[core.Field]string{core.FieldCategory: "software,cloud", core.FieldAmount: amount}, Items: make([]core.Item, 3)}
		if got, want := forecast.ClassOf(r), (forecast.Class{Category: "mixed", Amount: band}); got != want {
			t.Errorf("%q: %v, want %v", amount, got, want)
		}
	}
	for _, category := range core.Specs[core.FieldCategory].Choices {
		r := core.Record{Fields: map[core.Field]string{core.FieldCategory: category}}
		if got := forecast.ClassOf(r).Category; got != category {
			t.Errorf("%s counts as %s", category, got)
		}
	}
}
