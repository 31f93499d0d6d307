package core_test

import (
	"slices"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
)

// after is record r after a command of somebody at an instant; it fails on a refusal.
func after(t *testing.T, r core.Record, who core.Actor, now time.Time, c core.Command) core.Record {
	t.Helper()
	events, no := core.Decide(r, c, who, now)
	if no != nil {
		t.Fatalf("%s %s in %q: %v", who.Name, c.Verb, r.State, no)
	}
	for _, e := range core.Seal(r, events) {
		r = core.Apply(r, e)
	}
	return r
}

func refused(t *testing.T, r core.Record, who core.Actor, now time.Time, c core.Command) core.Reason {
	t.Helper()
	_, no := core.Decide(r, c, who, now)
	if no == nil {
		t.Fatalf("%s may %s", who.Name, c.Verb)
	}
	return no.Reason
}

func TestWhoHasTheTurnIsRemindedOnceAWorkingDay(t *testing.T) {
	r := told(t, "lucia", "draft", "lucia", "file")
	friday := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	nudge := func(since core.Day) core.Command { return core.Command{Verb: core.VerbNudge, Since: since} }
	thursday, fri := core.DateOf(friday).Next(-1), core.DateOf(friday)
	r = after(t, r, cast["lucia"], friday, nudge(thursday))
	colleague := core.Actor{Account: "otra", Name: "Otra", Agency: "IE", Roles: []core.Role{core.RoleRequester}}
	if got := refused(t, r, colleague, friday.Add(time.Hour), nudge(thursday)); got != core.Already {
		t.Errorf("a second one of the day is refused with %s", got)
	}
	saturday := friday.AddDate(0, 0, 1)
	r = after(t, r, cast["lucia"], saturday, nudge(fri)) // it counts for Monday
	if got := refused(t, r, cast["lucia"], saturday.AddDate(0, 0, 2), nudge(fri)); got != core.Repeated {
		t.Errorf("on Monday, after Saturday's, it is refused with %s", got)
	}
}

func TestNobodyRemindsThemselves(t *testing.T) {
	r := told(t, "lucia", "draft", "lucia", "file")
	if got := refused(t, r, cast["raul"], start, core.Command{Verb: core.VerbNudge}); got != core.NotNow {
		t.Errorf("refused with %s", got)
	}
}

func TestAnAnswerThatDoesNotSettleIsAskedForAnew(t *testing.T) {
	r := told(t, "lucia", "draft", "lucia", "file", "raul", "release", "raul", "send_letter", "tomas", "receive_letter",
		"tomas", "refer", "hector", "assign", "mariana", "observe", "lucia", "answer")
	r = after(t, r, cast["mariana"], start.Add(time.Hour), command(core.VerbAskAgain, r.State))
	if o := r.Observations[0]; r.State != core.StateObserved || len(r.Observations) != 1 || !o.Answered.IsZero() || o.Answer != "" {
		t.Fatalf("in %s with %+v", r.State, r.Observations)
	}
	if duties := core.Duties(r, core.NewCalendar(time.UTC, nil, 2026), core.DefaultTargets); duties[0].Name != core.DutyAnswer || duties[0].Turn != r.Acts[core.VerbAskAgain].Version {
		t.Errorf("duties: %+v", duties)
	}
	r = after(t, r, cast["lucia"], start.Add(2*time.Hour), command(core.VerbAnswer, r.State))
	r = after(t, r, cast["mariana"], start.Add(3*time.Hour), command(core.VerbResolve, r.State))
	if got := refused(t, r, cast["mariana"], start.Add(4*time.Hour), command(core.VerbAskAgain, r.State)); got != core.Already && got != core.Repeated {
		t.Errorf("what is settled is asked again: %s", got)
	}
}

func TestASuggestedDateIsWhenAnAnswerIsDue(t *testing.T) {
	r := told(t, "lucia", "draft", "lucia", "file", "raul", "release", "raul", "send_letter", "tomas", "receive_letter",
		"tomas", "refer", "hector", "assign")
	c := command(core.VerbObserve, r.State)
	c.Fields[core.FieldDueDate] = "2026-11-20"
	if got := refused(t, r, cast["mariana"], start, c); got != core.Invalid {
		t.Errorf("a day that has passed is refused with %s", got)
	}
	c.Fields[core.FieldDueDate] = "2026-12-04"
	r = after(t, r, cast["mariana"], start.Add(time.Hour), c)
	if due := core.Duties(r, core.NewCalendar(time.UTC, nil, 2026), core.DefaultTargets)[0].Due; due.String() != "2026-12-04" {
		t.Errorf("due %s", due)
	}
}

func TestTheClockStandsStillFromTheFirstObservationOn(t *testing.T) {
	r := told(t, "lucia", "draft", "lucia", "file", "raul", "release", "raul", "send_letter", "tomas", "receive_letter",
		"tomas", "refer", "hector", "assign")
	at := start.Add(time.Hour)
	r = after(t, r, cast["mariana"], at, command(core.VerbObserve, r.State))
	r = after(t, r, cast["mariana"], at.Add(time.Hour), command(core.VerbObserve, r.State))
	for i, n := range []string{"1", "2"} {
		c := command(core.VerbAnswer, r.State)
		c.Fields[core.FieldObservation] = n
		r = after(t, r, cast["lucia"], at.Add(time.Duration(i+2)*time.Hour), c)
	}
	if len(r.Pauses) != 1 || r.Pauses[0].To.Sub(r.Pauses[0].From) != 3*time.Hour {
		t.Errorf("it stood still for %v", r.Pauses)
	}
}

func TestThePassOfAnotherRequestHandsNothingOver(t *testing.T) {
	r := told(t, "lucia", "draft", "lucia", "file", "raul", "release", "raul", "send_letter", "tomas", "receive_letter",
		"tomas", "refer", "hector", "assign", "mariana", "issue")
	c := command(core.VerbHandOver, r.State)
	c.Fields[core.FieldShown] = "SIDEM:000009/2026:123456"
	if got := refused(t, r, cast["tomas"], start.Add(time.Hour), c); got != core.WrongCode {
		t.Errorf("refused with %s", got)
	}
	c.Fields[core.FieldShown] = core.Pass(r.Number, r.Fields[core.FieldPickupCode])
	if r = after(t, r, cast["tomas"], start.Add(time.Hour), c); r.State != core.StateCollected {
		t.Errorf("its own pass leads to %s", r.State)
	}
}

func TestACallIsTriedAgainInWorkingHours(t *testing.T) {
	cal := core.NewCalendar(time.UTC, nil, 2026)
	for at, want := range map[string]string{
		"2026-11-23 10:00": "2026-11-23 12:00",
		"2026-11-23 06:00": "2026-11-23 09:00",
		"2026-11-23 16:30": "2026-11-24 09:00",
		"2026-11-27 17:00": "2026-11-30 09:00",
		"2026-11-28 10:00": "2026-11-30 09:00",
	} {
		when, err := time.Parse("2006-01-02 15:04", at)
		if err != nil {
			t.Fatal(err)
		}
		r := core.Record{Calls: []core.Call{{Result: core.CallNoAnswer, By: core.Act{At: when}}}}
		if next, ok := core.NextTry(r, cal); !ok || next.Format("2006-01-02 15:04") != want {
			t.Errorf("after %s: %s, want %s", at, next, want)
		}
	}
	if _, ok := core.NextTry(core.Record{Calls: []core.Call{{Result: core.CallAnswered}}}, cal); ok {
		t.Error("who answered is called again")
	}
}

// absent is Raúl's account, with Elena named from Monday 23 to Friday 27.
func absent(t *testing.T) core.Record {
	t.Helper()
	r := core.Record{Kind: core.KindAccount, ID: "raul", State: core.StateActive, Agency: "IE", Version: 1, Roles: []core.Role{core.RoleSecretary}, Fields: map[core.Field]string{core.FieldName: "Raúl"}}
	return after(t, r, cast["raul"], start, appoint("2026-11-27"))
}

// appoint names Elena until a day.
func appoint(until string) core.Command {
	return core.Command{
		Verb:   core.VerbSubstitute,
		Fields: map[core.Field]string{core.FieldSubstitute: "elena", core.FieldFromDate: "2026-11-23", core.FieldToDate: until},
		Named:  map[core.Field]core.Record{core.FieldSubstitute: directory("elena")},
	}
}

func account(id string) core.Record {
	return core.Record{Kind: core.KindAccount, ID: id, State: core.StateActive, Agency: "IE", Fields: map[core.Field]string{core.FieldName: id}}
}

func TestASubstituteStandsInOnceTheyHaveAccepted(t *testing.T) {
	r := absent(t)
	elena := core.ActorOf(account("elena"), []core.Record{r})
	if len(elena.Principals) > 0 {
		t.Fatal("who was only named stands in")
	}
	if d := core.Duties(r, core.NewCalendar(time.UTC, nil, 2026), core.DefaultTargets); len(d) != 1 || !elena.Owes(d[0], r, start) {
		t.Errorf("the answer is not owed: %+v", d)
	}
	r = after(t, r, elena, start, core.Command{Verb: core.VerbStandIn})
	if act := r.Acts[core.VerbStandIn]; act.By != "elena" || act.For != "raul" {
		t.Errorf("recorded as %+v", act)
	}
	elena = core.ActorOf(account("elena"), []core.Record{r})
	if len(elena.Principals) != 1 {
		t.Fatal("who accepted does not stand in")
	}
	if got := refused(t, r, elena, start, appoint("2026-12-31")); got != core.NotAllowed {
		t.Errorf("a substitute names another: %s", got)
	}
}

func TestASubstitutionRestsWhileTheTwoAreOfDifferentAgencies(t *testing.T) {
	moved := func(r core.Record, to string) core.Record {
		r.Agency = to
		return r
	}
	named := absent(t)
	accepted := after(t, named, core.ActorOf(account("elena"), []core.Record{named}), start, core.Command{Verb: core.VerbStandIn})
	for name, c := range map[string]struct {
		deputy, principal core.Record
		holds             bool
	}{
		"of one agency":                          {account("elena"), accepted, true},
		"the substitute was moved":               {moved(account("elena"), "SO"), accepted, false},
		"the principal was moved":                {account("elena"), moved(accepted, "SO"), false},
		"the principal is of the office by now":  {account("elena"), moved(accepted, ""), false},
		"the substitute is of the office by now": {moved(account("elena"), ""), accepted, false},
		"both were moved":                        {moved(account("elena"), "SO"), moved(accepted, "SO"), true},
	} {
		if got := len(core.ActorOf(c.deputy, []core.Record{c.principal}).Principals) == 1; got != c.holds {
			t.Errorf("%s: it holds %v, want %v", name, got, c.holds)
		}
	}
	for name, c := range map[string]struct{ deputy, principal core.Record }{
		"the substitute was moved": {moved(account("elena"), "SO"), named},
		"the principal was moved":  {account("elena"), moved(named, "SO")},
	} {
		if got := refused(t, c.principal, core.ActorOf(c.deputy, nil), start, core.Command{Verb: core.VerbStandIn}); got != core.NotFound {
			t.Errorf("%s, and accepts: %s", name, got)
		}
	}
}

func TestASubstitutionIsDeclinedOrEndedByEither(t *testing.T) {
	elena := core.ActorOf(account("elena"), nil)
	for name, end := range map[string]func(core.Record) core.Record{
		"declined": func(r core.Record) core.Record { return after(t, r, elena, start, core.Command{Verb: core.VerbExcuse}) },
		"ended by the substitute": func(r core.Record) core.Record {
			r = after(t, r, elena, start, core.Command{Verb: core.VerbStandIn})
			return after(t, r, elena, start, core.Command{Verb: core.VerbComeBack})
		},
		"ended by the principal": func(r core.Record) core.Record {
			r = after(t, r, elena, start, core.Command{Verb: core.VerbStandIn})
			return after(t, r, cast["raul"], start, core.Command{Verb: core.VerbComeBack})
		},
		"withdrawn before an answer": func(r core.Record) core.Record {
			return after(t, r, cast["raul"], start, core.Command{Verb: core.VerbComeBack})
		},
	} {
		r := end(absent(t))
		if _, ok := r.Substitution(); ok || len(core.ActorOf(account("elena"), []core.Record{r}).Principals) > 0 {
			t.Errorf("%s: it goes on", name)
		}
	}
	if got := refused(t, absent(t), core.ActorOf(account("lucia"), nil), start, core.Command{Verb: core.VerbStandIn}); got != core.NotFound {
		t.Errorf("somebody else accepts: %s", got)
	}
}

func TestOnlyThoseWhoSignNameASubstituteAndAdministrationForAnybody(t *testing.T) {
	r := account("lucia")
	r.Roles = []core.Role{core.RoleRequester}
	c := appoint("2026-11-27")
	if got := refused(t, r, cast["lucia"], start, c); got != core.NotAllowed {
		t.Errorf("a requester: %s", got)
	}
	after(t, r, cast["sofia"], start, c)
	if got := refused(t, r, cast["raul"], start, c); got != core.NotFound {
		t.Errorf("for somebody else: %s", got)
	}
}

func TestFilesRememberTheActThatBroughtThem(t *testing.T) {
	r := told(t, "lucia", "draft", "lucia", "file", "raul", "send_letter")
	if !slices.ContainsFunc(r.Files, func(f core.Attachment) bool { return f.Verb == core.VerbSendLetter }) {
		t.Errorf("%+v", r.Files)
	}
}

func TestSeveralObservationsAreOneActOfThePersonAndEventsOfTheirOwn(t *testing.T) {
	assigned := &story{t: t}
	for _, step := range []struct {
		who  string
		verb core.Verb
	}{
		{"lucia", core.VerbDraft}, {"lucia", core.VerbFile}, {"raul", core.VerbRelease}, {"tomas", core.VerbReceiveLetter}, {"tomas", core.VerbRefer}, {"hector", core.VerbAssign},
	} {
		assigned.does(step.who, step.verb, nil)
	}
	r := assigned.record
	set := func(section, missing string) map[core.Field]string {
		return map[core.Field]string{core.FieldSection: section, core.FieldMissing: missing, core.FieldDeliver: "Lo que falta"}
	}
	c := core.Command{
		Kind: core.KindRequest, Verb: core.VerbObserve, Once: "form:1",
		Fields: set("annexes", "La cotización está vencida."), Also: []map[core.Field]string{set("budget", "Falta la carta de suficiencia."), set("items", "Falta el precio del segundo.")},
	}
	events, no := core.Decide(r, c, cast["mariana"], start)
	if no != nil || len(events) != 3 {
		t.Fatalf("%d events, %v", len(events), no)
	}
	after := r
	for _, e := range core.Seal(r, events) {
		after = core.Apply(after, e)
	}
	for i, o := range after.Observations {
		if o.N != i+1 || o.Missing == "" || o.By.Version != r.Version+i+1 {
			t.Errorf("observation %d: %+v", i+1, o)
		}
	}
	if after.State != core.StateObserved || len(after.Observations) != 3 || after.Version != r.Version+3 {
		t.Errorf("%s, %d observations, version %d", after.State, len(after.Observations), after.Version)
	}
	if told := core.Told(after, events); len(told) != 1 || told[0].Mail != core.MailObserved {
		t.Errorf("one act, and told are %+v", told)
	}

	for name, tc := range map[string]struct {
		change func(*core.Command)
		nth    int
		field  core.Field
	}{
		"one of them is too short": {func(c *core.Command) { c.Also[1] = set("items", "corto") }, 3, core.FieldMissing},
		"the first lacks a part":   {func(c *core.Command) { c.Fields = set("", "La cotización está vencida.") }, 1, core.FieldSection},
		"one brings a strange part": {func(c *core.Command) {
			c.Also[0] = map[core.Field]string{core.FieldExecutive: "mariana"}
		}, 2, core.FieldExecutive},
		"they are too many":       {func(c *core.Command) { c.Also = make([]map[core.Field]string, core.MaxSeveral) }, 0, ""},
		"the verb takes one only": {func(c *core.Command) { c.Verb, c.Fields = core.VerbAccept, nil }, 0, ""},
	} {
		bad := c
		bad.Also = slices.Clone(c.Also)
		tc.change(&bad)
		events, no := core.Decide(r, bad, cast["mariana"], start)
		if no == nil || len(events) > 0 || no.Nth != tc.nth || no.Field != tc.field {
			t.Errorf("%s: %d events, %+v", name, len(events), no)
		}
	}
}
