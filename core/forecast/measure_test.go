package forecast_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/forecast"
)

// An executive who has two requests in hand for eight days, and issues both, took four days for each.
func TestAnOpinionTakesTheTimeInWhichItsPeopleHadAnythingInHand(t *testing.T) {
	o := core.Office{Calendar: core.NewCalendar(time.UTC, nil, 2026), Targets: core.DefaultTargets}
	start := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	m := forecast.NewMeter(o, start)
	do := func(id string, at time.Time, v core.Verb, from, to core.State, executive string) {
		m.Event(core.Event{Kind: core.KindRequest, Record: id, Verb: v, From: from, To: to, At: at, Fields: map[core.Field]string{core.FieldExecutive: executive}})
	}
	day := start
	for pair := range 20 {
		begin := o.Calendar.AddWorking(core.DateOf(day), 8*pair).At(9, 0, time.UTC)
		end := o.Calendar.AddWorking(core.DateOf(day), 8*pair+8).At(9, 0, time.UTC)
		for n := range 2 {
			id := fmt.Sprint(pair, "-", n)
			do(id, begin, core.VerbRefer, core.StateReceived, core.StateReferred, "")
			do(id, begin, core.VerbAssign, core.StateReferred, core.StateAssigned, "mariana")
			do(id, end, core.VerbIssue, core.StateAssigned, core.StateIssued, "mariana")
		}
	}
	now := o.Calendar.AddWorking(core.DateOf(day), 160).At(9, 0, time.UTC)
	do("open", now, core.VerbRefer, core.StateReceived, core.StateReferred, "")
	p, ok := m.Plan(now)
	if !ok || p.People != 1 || p.Waiting != 1 || math.Abs(p.Work.Mean()-4) > 0.01 || math.Abs(p.Arrivals-41.0/160) > 0.01 || p.Target != 10 {
		t.Errorf("%d people, %.2f a day, %.2f days for each, %d waiting, target %.0f, %v", p.People, p.Arrivals, p.Work.Mean(), p.Waiting, p.Target, ok)
	}
	if _, ok := forecast.NewMeter(o, start).Plan(now); ok {
		t.Error("an office of which nothing is known has a plan")
	}
}
