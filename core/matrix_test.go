package core_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
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

// scene is a record of the matrix: a state, and the road by which it was reached where
// that matters.
type scene struct {
	name string
	r    core.Record
}

// scenes are every state, and those of step 5 by each order of its two facts.
func scenes(t *testing.T) []scene {
	t.Helper()
	filed := []string{"lucia", "draft", "lucia", "file"}
	road := func(more ...string) core.Record { return told(t, append(slices.Clone(filed), more...)...) }
	var out []scene
	for _, s := range core.LifecycleOf(core.KindRequest).States {
		out = append(out, scene{string(s), requestIn(t, s)})
	}
	return append(out,
		scene{"filed, oficio sent", road("raul", "send_letter")},
		scene{"filed, oficio received", road("raul", "send_letter", "tomas", "receive_letter")},
		scene{"filed, oficio received that nobody had sent", road("tomas", "receive_letter")},
		scene{"filed again after a correction", road("raul", "return", "lucia", "correct")},
		scene{"released, oficio sent before", road("raul", "send_letter", "raul", "release")},
		scene{"released, oficio sent after", road("raul", "release", "raul", "send_letter")},
		scene{"received, released last", road("raul", "send_letter", "tomas", "receive_letter", "raul", "release")},
	)
}

// marks are how the matrix writes what came of a cell.
var marks = map[core.Reason]string{
	core.NotFound: "?", core.NotAllowed: "-", core.NotNow: ".", core.Already: "a", core.Repeated: "a", core.OwnRequest: "=",
	core.Suspended: "s", core.Invalid: "i", core.Missing: "m", core.Unknown: "u", core.WrongCode: "c", core.NotUndone: "n",
}

const matrixLegend = `Who may do what: a table for each state of a request, and for each road to it that matters.
A row is a verb, a column a role; each cell is tried by seven persons:

  1 who has the role in the request's agency, or the case     4 who would, and is suspended
  2 the same of another agency or case                        5 who would, by a chat that was unlinked
  3 the substitute of the first                               6 who has the role, and did all that was done so far
  7 the first, who was moved to another agency since

  + done   ? sees no such request   - not the role's   . not now   a done already   = kept apart
  s suspended   u unlinked   i invalid   m missing   n nothing of theirs to take back
`

// TestThePermissionMatrix decides every verb by every role in every state: on the
// role's own request and on another's, by the order of the two facts of step 5, by a
// substitute, by who is suspended or unlinked, and by who has done all before.
func TestThePermissionMatrix(t *testing.T) {
	own := map[core.Role]string{
		core.RoleRequester: "lucia", core.RoleSecretary: "raul", core.RoleRegistry: "tomas", core.RoleDirector: "patricia",
		core.RoleHead: "hector", core.RoleExecutive: "mariana", core.RoleAdmin: "sofia", core.RoleAuditor: "audit",
	}
	var verbs []core.Verb
	for _, row := range core.LifecycleOf(core.KindRequest).Rows {
		if !slices.Contains(verbs, row.Verb) {
			verbs = append(verbs, row.Verb)
		}
	}
	var b strings.Builder
	b.WriteString(matrixLegend)
	for _, s := range scenes(t) {
		head := fmt.Sprintf("%-15s", "")
		for _, role := range core.Roles {
			head += fmt.Sprintf(" %-9s", role)
		}
		fmt.Fprintf(&b, "\n%s\n%s\n", s.name, strings.TrimRight(head, " "))
		for _, v := range verbs {
			line := fmt.Sprintf("%-15s", v)
			for _, role := range core.Roles {
				line += fmt.Sprintf(" %-9s", cell(t, s.r, cast[own[role]], role, v))
			}
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	golden(t, "testdata/matrix.golden", b.String())
}

// cell is what comes of a verb for the seven persons of the legend.
func cell(t *testing.T, r core.Record, who core.Actor, role core.Role, v core.Verb) string {
	t.Helper()
	other := core.Actor{Account: "other", Name: "Otra", Agency: "SO", Roles: []core.Role{role}}
	deputy := core.Actor{Account: "deputy", Name: "Suplente", Agency: who.Agency, Principals: []core.Principal{{
		Account: who.Account, Name: who.Name, Agency: who.Agency, Roles: who.Roles, From: "2026-11-01", To: "2026-12-31",
	}}}
	suspended, unlinked := who, who
	suspended.Suspended, unlinked.Unlinked = true, true
	moved := who
	if who.Agency != "" {
		moved.Agency = other.Agency
	}
	out := verdict(t, r, who, v) + verdict(t, r, other, v) + verdict(t, r, deputy, v) + verdict(t, r, suspended, v) + verdict(t, r, unlinked, v)
	return out + verdict(t, doneBy(r, who), who, v) + verdict(t, r, moved, v)
}

// doneBy is r as if one person had done all that was done so far.
func doneBy(r core.Record, who core.Actor) core.Record {
	acts, doers := map[core.Verb]core.Act{}, map[core.Verb][]string{}
	for v, act := range r.Acts {
		act.By, act.For = who.Account, ""
		acts[v] = act
	}
	for v := range r.Doers {
		doers[v] = []string{who.Account}
	}
	r.Acts, r.Doers = acts, doers
	return r
}

func verdict(t *testing.T, r core.Record, who core.Actor, v core.Verb) string {
	t.Helper()
	c := command(v, r.State)
	if v == core.VerbHandOver {
		c.Collectors = []core.Record{{ID: r.Asker()}}
	}
	_, no := core.Decide(r, c, who, start)
	if no == nil {
		return "+"
	}
	mark, ok := marks[no.Reason]
	if !ok {
		t.Errorf("the matrix has no mark for %s", no.Reason)
	}
	return mark
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
