package core_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sidem.gob.mx/sidem/core"
)

// undoings are the acts that can be taken back: the road to each, who did it, and by what.
var undoings = []struct {
	name string
	road []string
	who  string
	undo core.Verb
}{
	{"refer", []string{"tomas", "refer"}, "tomas", core.VerbUndoRefer},
	{"assign", []string{"tomas", "refer", "hector", "assign"}, "hector", core.VerbUndoAssign},
	{"assign after a decline", []string{"tomas", "refer", "hector", "assign", "mariana", "decline", "hector", "assign"}, "hector", core.VerbUndoAssign},
	{"accept", []string{"tomas", "refer", "hector", "assign", "mariana", "accept"}, "mariana", core.VerbUndoAccept},
	{"resolve", []string{"tomas", "refer", "hector", "assign", "mariana", "observe", "lucia", "answer", "mariana", "resolve"}, "mariana", core.VerbUndoResolve},
	{"an answered call", []string{"tomas", "refer", "hector", "assign", "mariana", "issue", "mariana", "log_call"}, "mariana", core.VerbUndoCall},
}

var received = []string{"lucia", "draft", "lucia", "file", "raul", "release", "raul", "send_letter", "tomas", "receive_letter"}

func undo(v core.Verb) core.Command {
	return core.Command{Kind: core.KindRequest, Verb: v, Where: "cli"}
}

func TestWhatIsTakenBackIsAsItWasBefore(t *testing.T) {
	for _, c := range undoings {
		t.Run(c.name, func(t *testing.T) {
			n := len(c.road)
			before := told(t, slices.Concat(received, c.road[:n-2])...)
			r := told(t, slices.Concat(received, c.road)...)
			at := r.Updated
			r = after(t, r, cast[c.who], at.Add(core.UndoWithin), undo(c.undo))
			if r.Version <= before.Version || !r.Did(c.undo) {
				t.Fatalf("version %d, acts %v", r.Version, r.Acts)
			}
			delete(r.Acts, c.undo)
			ignored := cmpopts.IgnoreFields(core.Record{}, "Version", "Seq", "Head", "Updated", "Told", "Undo")
			if diff := cmp.Diff(before, r, ignored, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
			cal := core.NewCalendar(time.UTC, nil, 2026)
			if diff := cmp.Diff(core.Duties(before, cal, core.DefaultTargets), core.Duties(r, cal, core.DefaultTargets)); diff != "" {
				t.Errorf("whose turn it is (-before +after):\n%s", diff)
			}
			if _, no := core.Decide(r, command(lastOf(c.road), r.State), cast[c.who], at.Add(2*time.Minute)); no != nil {
				t.Errorf("it cannot be done again: %v", no)
			}
		})
	}
}

// lastOf is the last verb of a road.
func lastOf(road []string) core.Verb { return core.Verb(road[len(road)-1]) }

func TestAnActIsTakenBackByWhoeverDidItWithinAMinute(t *testing.T) {
	for _, c := range undoings {
		t.Run(c.name, func(t *testing.T) {
			r := told(t, slices.Concat(received, c.road)...)
			at := r.Updated
			offers := func(who string, now time.Time) bool {
				return slices.ContainsFunc(core.Allowed(r, cast[who], now), func(row core.Transition) bool { return row.Verb == c.undo })
			}
			for _, who := range people {
				if got := offers(who, at.Add(time.Second)); got != (who == c.who) {
					t.Errorf("%s is offered it: %t", who, got)
				}
			}
			late := at.Add(core.UndoWithin + time.Second)
			if offers(c.who, late) {
				t.Error("it is offered after a minute")
			}
			_, no := core.Decide(r, undo(c.undo), cast[c.who], late)
			if no == nil || no.Reason != core.NotUndone || no.Done != lastOf(c.road) {
				t.Errorf("in second 61: %+v", no)
			}
			back := after(t, r, cast[c.who], at.Add(time.Second), undo(c.undo))
			if got := refused(t, back, cast[c.who], at.Add(2*time.Second), undo(c.undo)); got != core.Repeated {
				t.Errorf("a second press is refused with %s", got)
			}
		})
	}
}

func TestWhatSomebodyActedOnIsNotTakenBack(t *testing.T) {
	for _, c := range []struct {
		name string
		road []string
		who  string
		undo core.Verb
		done core.Verb
	}{
		{"assigned by then", []string{"tomas", "refer", "hector", "assign"}, "tomas", core.VerbUndoRefer, core.VerbAssign},
		{"accepted by then", []string{"tomas", "refer", "hector", "assign", "mariana", "accept"}, "hector", core.VerbUndoAssign, core.VerbAccept},
		{"issued by then", []string{"tomas", "refer", "hector", "assign", "mariana", "accept", "mariana", "issue"}, "hector", core.VerbUndoAssign, core.VerbIssue},
		{"handed over by then", []string{"tomas", "refer", "hector", "assign", "mariana", "issue", "mariana", "log_call", "tomas", "hand_over"}, "mariana", core.VerbUndoCall, core.VerbHandOver},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := told(t, slices.Concat(received, c.road)...)
			_, no := core.Decide(r, undo(c.undo), cast[c.who], r.Updated)
			if no == nil || no.Reason != core.NotUndone || no.Done != c.done {
				t.Errorf("refused: %+v", no)
			}
		})
	}
}

func TestACommentAndTheMailOfStepEightAreBesideWhatIsTakenBack(t *testing.T) {
	r := told(t, slices.Concat(received, []string{"tomas", "refer", "hector", "assign", "mariana", "issue", "mariana", "log_call"})...)
	at := r.Updated
	pressed := undo(core.VerbUndoCall)
	pressed.Seen = r.Version
	r = after(t, r, core.SystemActor, at.Add(time.Second), core.Command{Verb: core.VerbMailed, Where: "system"})
	r = after(t, r, cast["lucia"], at.Add(2*time.Second), command(core.VerbComment, r.State))
	r = after(t, r, cast["mariana"], at.Add(3*time.Second), pressed)
	if r.Reached() || len(r.Comments) != 1 || !r.Did(core.VerbMailed) {
		t.Errorf("reached %t, comments %v", r.Reached(), r.Comments)
	}
}

func TestACallThatNobodyAnsweredIsNotTakenBack(t *testing.T) {
	r := told(t, slices.Concat(received, []string{"tomas", "refer", "hector", "assign", "mariana", "issue"})...)
	c := command(core.VerbLogCall, r.State)
	c.Fields[core.FieldCallResult] = core.CallNoAnswer
	r = after(t, r, cast["mariana"], start.Add(time.Hour), c)
	if r.Undo != nil || refused(t, r, cast["mariana"], start.Add(time.Hour), undo(core.VerbUndoCall)) != core.NotUndone {
		t.Errorf("kept: %+v", r.Undo)
	}
}
