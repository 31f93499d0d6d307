package core_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem/core"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// roads lead a request to each of its states.
var roads = map[core.State][]string{
	core.StateDraft: {"lucia", "draft"},
	core.StateFiled: {"lucia", "file"}, core.StateReturned: {"raul", "return"},
	core.StateReleased: {"raul", "release"}, core.StateReceived: {"raul", "send_letter", "tomas", "receive_letter"},
	core.StateReferred: {"tomas", "refer"}, core.StateAssigned: {"hector", "assign"}, core.StateObserved: {"mariana", "observe"},
	core.StateIssued: {"lucia", "answer", "mariana", "issue"}, core.StateCollected: {"tomas", "hand_over"},
	core.StateCancelled: {},
}

func requestIn(t *testing.T, s core.State) core.Record {
	t.Helper()
	if s == core.StateCancelled {
		return told(t, "lucia", "draft", "lucia", "file", "lucia", "cancel")
	}
	var acts []string
	for _, at := range core.LifecycleOf(core.KindRequest).States {
		if at == core.StateReturned && s != core.StateReturned {
			continue
		}
		acts = append(acts, roads[at]...)
		if at == s {
			break
		}
	}
	r := told(t, acts...)
	if r.State != s {
		t.Fatalf("the road to %s leads to %s", s, r.State)
	}
	return r
}

// TestThePermissionMatrix decides every verb by every role in every state, on
// the role's own request and on another's, and keeps what came of each.
func TestThePermissionMatrix(t *testing.T) {
	lc := core.LifecycleOf(core.KindRequest)
	own := map[core.Role]string{
		core.RoleRequester: "lucia", core.RoleSecretary: "raul", core.RoleRegistry: "tomas", core.RoleDirector: "patricia",
		core.RoleHead: "hector", core.RoleExecutive: "mariana", core.RoleAdmin: "sofia", core.RoleAuditor: "audit",
	}
	var verbs []core.Verb
	for _, row := range lc.Rows {
		if !slices.Contains(verbs, row.Verb) {
			verbs = append(verbs, row.Verb)
		}
	}
	var b strings.Builder
	for _, s := range lc.States {
		r := requestIn(t, s)
		for _, role := range core.Roles {
			who := cast[own[role]]
			stranger := core.Actor{Account: "other", Name: "Otra", Agency: "SO", Roles: []core.Role{role}}
			for _, v := range verbs {
				fmt.Fprintf(&b, "%-10s %-10s %-15s own: %-12s other: %s\n", s, role, v, verdict(r, who, v), verdict(r, stranger, v))
			}
		}
	}
	golden(t, "testdata/matrix.golden", b.String())
}

func verdict(r core.Record, who core.Actor, v core.Verb) string {
	c := command(v, r.State)
	events, no := core.Decide(r, c, who, start)
	if no != nil {
		return string(no.Reason)
	}
	return "→ " + string(events[len(events)-1].To)
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), rewrite it with -update:\n%s", path, diff)
	}
}

func TestWhatIsOfferedIsAccepted(t *testing.T) {
	for _, s := range core.LifecycleOf(core.KindRequest).States {
		r := requestIn(t, s)
		for name, who := range cast {
			for _, row := range core.Allowed(r, who, start) {
				if _, no := core.Decide(r, command(row.Verb, s), who, start); no != nil {
					t.Errorf("in %s %s is offered %s and refused: %v", s, name, row.Verb, no)
				}
			}
		}
	}
}

func TestWhoeverOwesADutyIsOfferedTheButtonThatEndsIt(t *testing.T) {
	cal := core.NewCalendar(start.Location(), nil, 2026)
	for _, s := range core.LifecycleOf(core.KindRequest).States {
		r := requestIn(t, s)
		for _, d := range core.Duties(r, cal, core.DefaultTargets) {
			if d.Name == core.DutyPickup { // ended at the counter, by somebody else's button
				continue
			}
			helped := false
			for _, who := range cast {
				helped = helped || who.Owes(d, r, start) && slices.ContainsFunc(core.Allowed(r, who, start),
					func(row core.Transition) bool { return row.Verb == core.Ends(d.Name) })
			}
			if !helped {
				t.Errorf("in %s nobody can end the duty %s", s, d.Name)
			}
		}
	}
}
