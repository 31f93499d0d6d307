package core_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// bond is how the persons of two acts hang together.
type bond struct {
	name string
	// one and two do the first and the second act, each with every role of the process.
	one, two core.Actor
	apart    bool
}

// everyRole has all the roles that act on a request.
var everyRole = []core.Role{core.RoleRequester, core.RoleSecretary, core.RoleRegistry, core.RoleHead, core.RoleExecutive}

// bonds are those of one agency. Whoever has no role acts in the name of another.
func bonds(agency string) []bond {
	person := func(id string) core.Actor {
		return core.Actor{Account: id, Name: id, Agency: agency, Roles: everyRole}
	}
	standIn := func(a core.Actor, principal string) core.Actor {
		a.Principals = []core.Principal{{Account: principal, Name: principal, Agency: agency, Roles: everyRole, From: "2026-11-01", To: "2026-12-31"}}
		return a
	}
	without := func(a core.Actor) core.Actor { a.Roles = nil; return a }
	awayBy := func(a core.Actor, deputy string) core.Actor {
		a.Deputy = core.Substitution{Account: deputy, From: "2026-11-01", To: "2026-12-31", Accepted: true}
		return a
	}
	over := standIn(person("ana"), "beto")
	over.Principals[0].To = "2026-11-02"
	return []bond{
		{"one person", person("ana"), person("ana"), true},
		{"two persons", person("ana"), person("beto"), false},
		{"one in their name, then the other", without(standIn(person("ana"), "beto")), person("beto"), true},
		{"the other, then one in their name", person("beto"), without(standIn(person("ana"), "beto")), true},
		{"one by their own right, then the other for whom they stand in", standIn(person("ana"), "beto"), awayBy(person("beto"), "ana"), true},
		{"the other, then who stands in for them by their own right", awayBy(person("beto"), "ana"), standIn(person("ana"), "beto"), true},
		{"one in another's name, then they themselves", without(standIn(person("ana"), "beto")), person("ana"), true},
		{"they themselves, then in another's name", person("ana"), without(standIn(person("ana"), "beto")), true},
		{"two who stand in for one", without(standIn(person("ana"), "carla")), without(standIn(person("beto"), "carla")), true},
		{"one whose substitution is over, then the other", over, person("beto"), false},
	}
}

// before is a filed request of somebody else.
func before(agency string) core.Record {
	r := core.Record{
		Kind: core.KindRequest, ID: "r1", Number: "000001/2026", Agency: agency, State: core.StateFiled, Version: 2, Seq: 2,
		Fields: map[core.Field]string{}, Items: []core.Item{{Description: "Equipo", Quantity: value.Units(1), Unit: "pieza"}},
	}
	for _, f := range core.RequestForm {
		r.Fields[f] = valid[f]
	}
	return r
}

// acted is r after an act of who, in their own name where they have the role.
func acted(r core.Record, who core.Actor, v core.Verb) core.Record {
	e := core.Event{Kind: r.Kind, Record: r.ID, Agency: r.Agency, Verb: v, From: r.State, To: r.State, By: who.Account, At: start}
	if len(who.Roles) == 0 {
		e.For = who.Principals[0].Account
	}
	return core.Apply(r, e)
}

// TestDutiesAreKeptApartInEveryOrder tries each pair of acts in both orders, by
// every bond of two persons, from the request's agency and from another.
func TestDutiesAreKeptApartInEveryOrder(t *testing.T) {
	var orders []string
	lc := core.LifecycleOf(core.KindRequest)
	for _, row := range lc.Rows {
		for _, second := range core.Opposites(row.Verb) {
			orders = append(orders, string(row.Verb)+" "+string(second))
			for _, b := range bonds("IE") {
				name := fmt.Sprintf("%s, then %s, %s", row.Verb, second, b.name)
				r := acted(before("IE"), b.one, row.Verb)
				if no := core.KeptApart(r, second, b.two, start); (no != nil) != b.apart {
					t.Errorf("%s: %v, want it kept apart: %v", name, no, b.apart)
				}
				if _, open := lc.Row(second, r.State); !open {
					continue // the table leads from the one to the other by no road
				}
				switch _, no := core.Decide(r, command(second, r.State), b.two, start); {
				case !b.apart && no != nil && no.Reason != core.Already:
					t.Errorf("%s: %v", name, no)
				case b.apart && (no == nil || no.Reason != core.OwnRequest):
					t.Errorf("%s: decided with %v", name, no)
				}
			}
			for _, b := range bonds("SO") {
				r := acted(before("IE"), b.one, row.Verb)
				if _, no := core.Decide(r, command(second, r.State), b.two, start); second == core.VerbRelease && no == nil {
					t.Errorf("%s, then %s, %s of another agency: done", row.Verb, second, b.name)
				}
			}
		}
	}
	for _, o := range orders {
		one, two, _ := strings.Cut(o, " ")
		if !slices.Contains(orders, two+" "+one) {
			t.Errorf("%s is kept apart in one order only", o)
		}
	}
	if !slices.Contains(orders, "receive_letter release") || !slices.Contains(orders, "correct release") {
		t.Fatalf("the orders tried are %q", orders)
	}
}

func TestWhoReturnsAndRewritesDoesNotRelease(t *testing.T) {
	r := told(t, "lucia", "draft", "lucia", "file", "both", "return", "both", "correct")
	if no := refusal(t, r, "both", core.VerbRelease, nil); no.Reason != core.OwnRequest || no.Done != core.VerbCorrect {
		t.Errorf("refused with %+v", no)
	}
	// Nor when another corrected it after them.
	r = told(t, "lucia", "draft", "lucia", "file", "both", "return", "both", "correct", "raul", "return", "lucia", "correct")
	if no := refusal(t, r, "both", core.VerbRelease, nil); no.Reason != core.OwnRequest {
		t.Errorf("after another's correction, refused with %+v", no)
	}
	if events, no := core.Decide(r, command(core.VerbRelease, r.State), cast["raul"], start); no != nil || len(events) == 0 {
		t.Errorf("who only returned it may not release: %v", no)
	}
}

func TestWhoMayNotReleaseHasNotItsTurnNorItsButton(t *testing.T) {
	who := core.Actor{Account: "ana", Name: "Ana", Agency: "IE", Roles: []core.Role{core.RoleSecretary, core.RoleRegistry}}
	r := after(t, told(t, "lucia", "draft", "lucia", "file"), who, start, command(core.VerbReceiveLetter, core.StateFiled))
	for _, row := range core.Allowed(r, who, start) {
		if row.Verb == core.VerbRelease {
			t.Error("the button is offered")
		}
	}
	for _, d := range core.Duties(r, fuzzCalendar, core.DefaultTargets) {
		if d.Name == core.DutyRelease && who.Owes(d, r, start) {
			t.Error("it is their turn")
		}
	}
}

// TestARecordOfBeforeRecallsWhoActed: what an older SIDEM wrote remembers the last
// of each act only; its trail tells the others.
func TestARecordOfBeforeRecallsWhoActed(t *testing.T) {
	var r core.Record
	var trail []core.Event
	for i, act := range [][2]string{{"lucia", "draft"}, {"lucia", "file"}, {"both", "return"}, {"both", "correct"}, {"raul", "return"}, {"lucia", "correct"}} {
		events, no := core.Decide(r, command(core.Verb(act[1]), r.State), cast[act[0]], start.Add(time.Duration(i)*time.Minute))
		if no != nil {
			t.Fatal(no)
		}
		for _, e := range core.Seal(r, events) {
			r, trail = core.Apply(r, e), append(trail, e)
		}
	}
	old := r
	old.Doers = nil
	if !old.Forgot() || r.Forgot() {
		t.Fatalf("forgot: %v before, %v now", old.Forgot(), r.Forgot())
	}
	if diff := cmp.Diff(r, old.Recall(trail)); diff != "" {
		t.Errorf("recalled otherwise (-want +got):\n%s", diff)
	}
	var a core.Audit
	for i, e := range trail {
		e.Index = i + 1
		a.Event(e)
	}
	a.Record(old)
	if a.Close(); len(a.Faults) > 0 {
		t.Errorf("the audit finds fault with it: %s", strings.Join(a.Faults, "; "))
	}
	body, err := json.Marshal(old)
	if err != nil || strings.Contains(string(body), "doers") {
		t.Errorf("%v: an older record is written with %s", err, body)
	}
}
