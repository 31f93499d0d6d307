package core_test

import (
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// cast are the people of the tests: two agencies, and one person of each role of the office.
var cast = map[string]core.Actor{
	"lucia":    {Account: "lucia", Name: "Lucía", Agency: "IE", Roles: []core.Role{core.RoleRequester}},
	"raul":     {Account: "raul", Name: "Raúl", Agency: "IE", Roles: []core.Role{core.RoleSecretary}},
	"both":     {Account: "both", Name: "Ambos", Agency: "IE", Roles: []core.Role{core.RoleRequester, core.RoleSecretary}},
	"diego":    {Account: "diego", Name: "Diego", Agency: "SO", Roles: []core.Role{core.RoleRequester, core.RoleSecretary}},
	"tomas":    {Account: "tomas", Name: "Tomás", Roles: []core.Role{core.RoleRegistry}},
	"patricia": {Account: "patricia", Name: "Patricia", Roles: []core.Role{core.RoleDirector}},
	"hector":   {Account: "hector", Name: "Héctor", Roles: []core.Role{core.RoleHead}},
	"mariana":  {Account: "mariana", Name: "Mariana", Roles: []core.Role{core.RoleExecutive}},
	"javier":   {Account: "javier", Name: "Javier", Roles: []core.Role{core.RoleExecutive}},
	"sofia":    {Account: "sofia", Name: "Sofía", Roles: []core.Role{core.RoleAdmin}},
	"audit":    {Account: "audit", Name: "Consulta", Roles: []core.Role{core.RoleAuditor}},
	"elena": {Account: "elena", Name: "Elena", Agency: "IE", Roles: []core.Role{core.RoleRequester}, Principals: []core.Principal{{
		Account: "raul", Name: "Raúl", Agency: "IE", Roles: []core.Role{core.RoleSecretary}, From: "2026-11-23", To: "2026-11-27",
	}}},
}

var people = []string{"lucia", "raul", "both", "diego", "tomas", "patricia", "hector", "mariana", "javier", "sofia", "audit", "elena"}

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// valid is what every field may hold.
var valid = map[core.Field]string{
	core.FieldSubject: "Adquisición de computadoras", core.FieldProcurement: "purchase", core.FieldCategory: "equipment",
	core.FieldJustification: "El equipo actual tiene más de ocho años.", core.FieldBudgetLine: "5151", core.FieldFunding: "Recursos estatales",
	core.FieldAmount: "1000.00", core.FieldMultiYear: core.No, core.FieldProject: "P-01 Equipo", core.FieldReason: "Un motivo suficiente",
	core.FieldNote: "Una nota", core.FieldLetterNumber: "IE/1/2026", core.FieldLetterDate: "2026-11-20", core.FieldFolio: "OP-1",
	core.FieldReceivedDate: "2026-11-23", core.FieldReceivedTime: "00:05", core.FieldHead: "hector", core.FieldExecutive: "mariana",
	core.FieldSection: "annexes", core.FieldMissing: "La cotización está vencida.", core.FieldDeliver: "Una cotización", core.FieldObservation: "1",
	core.FieldAnswer: "Se adjunta.", core.FieldOpinionNumber: "DT-1/2026", core.FieldOutcome: core.Favorable, core.FieldPickupCode: "123456",
	core.FieldCallResult: core.CallAnswered, core.FieldReceivedBy: "Lucía Herrera", core.FieldShown: "123456", core.FieldIdentified: "credencial para votar",
	core.FieldUntil: "2026-11-24",
}

func command(v core.Verb, state core.State) core.Command {
	c := core.Command{Kind: core.KindRequest, Verb: v, Record: "r1", Agency: "IE", Number: "000001/2026", Where: "cli", Fields: map[core.Field]string{}}
	must, may := core.Needs(core.KindRequest, v, state)
	for _, f := range append(append([]core.Field{}, must...), may...) {
		switch core.Specs[f].Type {
		case core.TypeLines:
			c.Items = []core.Item{{Description: "Computadora", Quantity: value.Units(20), Unit: "pieza"}}
		case core.TypeUpload:
			c.Files = []core.Attachment{{Name: "a.pdf", Hash: "00"}}
		default:
			c.Fields[f] = valid[f]
		}
		if core.Specs[f].Type == core.TypePerson {
			c.Named = map[core.Field]core.Record{f: directory(valid[f])}
		}
	}
	if v == core.VerbIssue {
		c.Fields[core.FieldPickupCode] = "123456"
	}
	if v == core.VerbHandOver {
		c.Collectors = []core.Record{directory("lucia")}
	}
	return c
}

// directory is the account of one of the cast, in use.
func directory(id string) core.Record {
	return core.Record{Kind: core.KindAccount, ID: id, State: core.StateActive, Agency: cast[id].Agency, Roles: cast[id].Roles, Version: 3, Seq: 3}
}

// told is a story: who does what, in order; it fails on a refusal.
func told(t *testing.T, acts ...string) core.Record {
	t.Helper()
	var r core.Record
	for i := 0; i < len(acts); i += 2 {
		events, no := core.Decide(r, command(core.Verb(acts[i+1]), r.State), cast[acts[i]], start.Add(time.Duration(i)*time.Minute))
		if no != nil {
			t.Fatalf("%s %s in %q: %v", acts[i], acts[i+1], r.State, no)
		}
		for _, e := range core.Seal(r, events) {
			r = core.Apply(r, e)
		}
	}
	return r
}

func refusal(t *testing.T, r core.Record, who string, v core.Verb, edit func(*core.Command)) core.Refusal {
	t.Helper()
	c := command(v, r.State)
	if edit != nil {
		edit(&c)
	}
	_, no := core.Decide(r, c, cast[who], start.Add(time.Hour))
	if no == nil {
		t.Fatalf("%s may %s in %s", who, v, r.State)
	}
	return *no
}

func TestReleaseAndOficioMayComeInEitherOrder(t *testing.T) {
	first := told(t, "lucia", "draft", "lucia", "file", "raul", "release", "raul", "send_letter", "tomas", "receive_letter")
	second := told(t, "lucia", "draft", "lucia", "file", "raul", "send_letter", "tomas", "receive_letter", "raul", "release")
	for _, r := range []core.Record{first, second} {
		if r.State != core.StateReceived || !r.Did(core.VerbJoin) {
			t.Errorf("state %s, joined %v", r.State, r.Did(core.VerbJoin))
		}
	}
}

func TestNothingIsReferredWithoutAReceivedOficio(t *testing.T) {
	r := told(t, "lucia", "draft", "lucia", "file", "raul", "release")
	if no := refusal(t, r, "tomas", core.VerbRefer, nil); no.Reason != core.NotNow {
		t.Errorf("refused with %s", no.Reason)
	}
}

func TestNobodyReleasesWhatTheyFiled(t *testing.T) {
	r := told(t, "both", "draft", "both", "file")
	if no := refusal(t, r, "both", core.VerbRelease, nil); no.Reason != core.OwnRequest {
		t.Errorf("refused with %s", no.Reason)
	}
	r = told(t, "elena", "draft", "elena", "file")
	if no := refusal(t, r, "elena", core.VerbRelease, nil); no.Reason != core.OwnRequest {
		t.Errorf("a substitute was refused with %s", no.Reason)
	}
}

func TestASubstituteActsBetweenTheDatesAndBothNamesAreRecorded(t *testing.T) {
	r := told(t, "lucia", "draft", "lucia", "file")
	events, no := core.Decide(r, command(core.VerbRelease, r.State), cast["elena"], start)
	if no != nil || events[0].By != "elena" || events[0].For != "raul" {
		t.Fatalf("%v %+v", no, events)
	}
	if _, no := core.Decide(r, command(core.VerbRelease, r.State), cast["elena"], start.AddDate(0, 0, 7)); no == nil || no.Reason != core.NotAllowed {
		t.Errorf("after the last day: %v", no)
	}
}

func TestAnotherAgencysRequestLooksLikeNone(t *testing.T) {
	r := told(t, "lucia", "draft", "lucia", "file")
	want := core.Refusal{Reason: core.NotFound, Verb: core.VerbRelease, Kind: core.KindRequest}
	if diff := cmp.Diff(want, refusal(t, r, "diego", core.VerbRelease, nil)); diff != "" {
		t.Error(diff)
	}
}

func TestASecondPressIsToldWhoDecided(t *testing.T) {
	r := told(t, "lucia", "draft", "lucia", "file")
	seen := r.Version
	r = told(t, "lucia", "draft", "lucia", "file", "raul", "release")
	pressed := func(c *core.Command) { c.Seen = seen }
	if no := refusal(t, r, "raul", core.VerbRelease, pressed); no.Reason != core.Repeated || no.Act.By != "raul" {
		t.Errorf("the same person: %+v", no)
	}
	if no := refusal(t, r, "elena", core.VerbRelease, pressed); no.Reason != core.Already || no.Act.Name != "Raúl" {
		t.Errorf("another: %+v", no)
	}
}

func TestAnObservationStopsTheOfficesClock(t *testing.T) {
	assigned := []string{
		"lucia", "draft", "lucia", "file", "raul", "release", "raul", "send_letter", "tomas", "receive_letter",
		"tomas", "refer", "hector", "assign",
	}
	cal := core.NewCalendar(time.UTC, nil, 2026)
	plain := core.Duties(told(t, assigned...), cal, core.DefaultTargets)[0]
	r := told(t, append(assigned, "mariana", "observe")...)
	e, no := core.Decide(r, command(core.VerbAnswer, r.State), cast["lucia"], start.AddDate(0, 0, 2))
	if no != nil {
		t.Fatal(no)
	}
	for _, e := range core.Seal(r, e) {
		r = core.Apply(r, e)
	}
	paused := core.Duties(r, cal, core.DefaultTargets)[0]
	if r.State != core.StateAssigned || cal.WorkingBetween(plain.Due, paused.Due) != 2 {
		t.Errorf("in %s the goal moved from %s to %s", r.State, plain.Due, paused.Due)
	}
}

func TestAChangedTrailIsDetected(t *testing.T) {
	var r core.Record
	var trail []core.Event
	for i, act := range []string{"lucia", "draft", "lucia", "file", "raul", "release"} {
		if i%2 == 1 {
			continue
		}
		verb := []string{"draft", "file", "release"}[i/2]
		events, no := core.Decide(r, command(core.Verb(verb), r.State), cast[act], start)
		if no != nil {
			t.Fatal(no)
		}
		for _, e := range core.Seal(r, events) {
			r, trail = core.Apply(r, e), append(trail, e)
		}
	}
	if at := core.Verify(trail); at != 0 {
		t.Fatalf("an honest trail fails at %d", at)
	}
	changed := append([]core.Event{}, trail...)
	changed[1].By = "somebody"
	for name, bad := range map[string][]core.Event{
		"changed": changed, "without one": {trail[0], trail[2]}, "turned around": {trail[1], trail[0], trail[2]},
	} {
		if core.Verify(bad) == 0 {
			t.Errorf("%s: not detected", name)
		}
	}
}

// FuzzAnybodyDoesAnything has everybody act in any order, and checks the
// invariants of the process after each step.
func FuzzAnybodyDoesAnything(f *testing.F) {
	lc := core.LifecycleOf(core.KindRequest)
	index := func(who, verb string) (a, b byte) {
		for i, p := range people {
			if p == who {
				a = byte(i)
			}
		}
		for i, row := range lc.Rows {
			if row.Verb == core.Verb(verb) {
				b = byte(i)
			}
		}
		return a, b
	}
	var whole []byte
	for _, act := range [][2]string{
		{"lucia", "draft"},
		{"lucia", "file"},
		{"raul", "return"},
		{"lucia", "correct"},
		{"raul", "send_letter"},
		{"elena", "release"},
		{"tomas", "receive_letter"},
		{"tomas", "refer"},
		{"hector", "assign"},
		{"mariana", "observe"},
		{"lucia", "answer"},
		{"mariana", "resolve"},
		{"mariana", "issue"},
		{"mariana", "log_call"},
		{"tomas", "hand_over"},
	} {
		a, b := index(act[0], act[1])
		whole = append(whole, a, b)
	}
	f.Add(whole)
	f.Fuzz(func(t *testing.T, acts []byte) {
		var r core.Record
		var trail []core.Event
		now := start
		for i := 0; i+1 < len(acts) && i < 200; i += 2 {
			who := cast[people[int(acts[i])%len(people)]]
			row := lc.Rows[int(acts[i+1])%len(lc.Rows)]
			now = now.Add(time.Minute)
			c := command(row.Verb, r.State)
			if acts[i] > 127 {
				c.Seen = max(1, r.Version-int(acts[i+1])%3)
			}
			before := r
			events, no := core.Decide(r, c, who, now)
			if (no == nil) != (len(events) > 0) {
				t.Fatalf("%s: %v with %d events", row.Verb, no, len(events))
			}
			if no != nil {
				if r.State == core.None {
					continue
				}
				events = []core.Event{core.RefusedEvent(r, c, who, no, now)}
			}
			for _, e := range core.Seal(r, events) {
				r, trail = core.Apply(r, e), append(trail, e)
			}
			check(t, before, r, who, no, c)
		}
		// Once for the whole trail: after each step it would cost the square of its length.
		if folded := core.Fold(trail); !reflect.DeepEqual(folded, r) {
			t.Fatalf("the trail does not fold to the record:\n%s", cmp.Diff(folded, r))
		}
		if at := core.Verify(trail); at != 0 {
			t.Fatalf("the chain breaks at %d", at)
		}
	})
}

func check(t *testing.T, before, r core.Record, who core.Actor, no *core.Refusal, c core.Command) {
	t.Helper()
	if no != nil {
		before.Seq, before.Head = r.Seq, r.Head
		if !reflect.DeepEqual(before, r) {
			t.Fatalf("a refusal changed the record:\n%s", cmp.Diff(before, r))
		}
		return
	}
	if c.Seen != 0 && c.Seen != before.Version {
		t.Fatalf("%s was applied on version %d, pressed on %d", c.Verb, before.Version, c.Seen)
	}
	if who.Agency == "SO" && before.State != core.None && before.Agency == "IE" {
		t.Fatalf("%s acted on another agency's record: %s", who.Name, c.Verb)
	}
	release, letter := r.Acts[core.VerbRelease], r.Acts[core.VerbReceiveLetter]
	if r.Did(core.VerbRelease) && release.By == r.Filer() {
		t.Fatalf("%s released what they filed", release.By)
	}
	if r.Did(core.VerbRefer) && (!r.Did(core.VerbRelease) || !r.Did(core.VerbReceiveLetter) || letter.By == release.By) {
		t.Fatalf("referred with release %+v and receipt %+v", release, letter)
	}
	duties := core.Duties(r, fuzzCalendar, core.DefaultTargets)
	final := core.LifecycleOf(core.KindRequest).IsFinal(r.State)
	if r.State != core.StateDraft && final != (len(duties) == 0) {
		t.Fatalf("in %s there are %s duties", r.State, strconv.Itoa(len(duties)))
	}
	for name, a := range cast {
		if final && len(core.Allowed(r, a, start)) > 0 {
			t.Fatalf("%s is offered something in %s", name, r.State)
		}
	}
}

// fuzzCalendar is made once: its tables cost more than a step of the fuzz.
var fuzzCalendar = core.NewCalendar(time.UTC, nil, 2026)
