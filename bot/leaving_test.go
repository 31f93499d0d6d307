package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// recasts carries out what is owed for changes in what people may do, and returns the other
// items that are owed: "card mariana", "mail héctor turn".
func (w *world) recasts() (owed []string) {
	w.t.Helper()
	first := map[string]string{}
	for name, r := range w.people {
		first[r.ID] = name
	}
	for again := true; again; {
		again = false
		for _, it := range w.owed() {
			switch it.What {
			case desk.WhatRecast:
				cards, _, err := w.desk.Recast(w.t.Context(), it)
				w.must(err)
				_, err = w.store.Add(w.t.Context(), w.clock(), cards...)
				w.must(err)
				again = true
			case desk.WhatMail, desk.WhatNote:
				owed = append(owed, it.What+" "+first[it.Account]+" "+it.Data["mail"]+it.Data["note"])
			default:
				owed = append(owed, it.What+" "+first[it.Account])
			}
		}
	}
	slices.Sort(owed)
	return slices.Compact(owed)
}

// cardOf is the card of a request as a person has it, with what was done.
func (w *world) cardOf(first string, r core.Record) bot.Reply {
	w.t.Helper()
	s, err := w.desk.Scene(w.t.Context(), r.ID, w.people[first].ID)
	w.must(err)
	c := card.Of(s, w.seal)
	c.Text = append(slices.Clone(c.Text), c.Trail...)
	return bot.Reply{Card: &c}
}

// duty is the first duty of a request that is a person's, by their lists and by its card.
func (w *world) duty(first string, r core.Record) core.DutyName {
	w.t.Helper()
	account, err := w.store.Record(w.t.Context(), w.people[first].ID)
	w.must(err)
	actor, err := w.desk.Actor(w.t.Context(), account)
	w.must(err)
	r, err = w.store.Record(w.t.Context(), r.ID)
	w.must(err)
	owed, err := w.desk.Owed(w.t.Context(), actor, 10)
	w.must(err)
	d, mine := w.desk.DutyOf(actor, r)
	if listed := slices.ContainsFunc(owed, func(o core.Record) bool { return o.ID == r.ID }); listed != mine {
		w.t.Errorf("%s owes it: %v, and has it on the list: %v", first, mine, listed)
	}
	return d.Name
}

// assigned is a request of Lucía's that Mariana has.
func (w *world) assigned() core.Record {
	w.t.Helper()
	r := w.received("lucía", "raúl", "Adquisición de impresoras láser")
	w.by("tomás", r.ID, core.Command{Verb: core.VerbRefer, Fields: fields(core.FieldHead, w.people["héctor"].ID)})
	r = w.by("héctor", r.ID, core.Command{Verb: core.VerbAssign, Fields: fields(core.FieldExecutive, w.people["mariana"].ID)})
	w.settle()
	return r
}

func (w *world) observed() core.Record {
	w.t.Helper()
	r := w.assigned()
	r = w.by("mariana", r.ID, core.Command{Verb: core.VerbObserve, Fields: fields(core.FieldSection, "annexes", core.FieldMissing, "La cotización está vencida.", core.FieldDeliver, "Una cotización vigente.")})
	w.settle()
	return r
}

// ways are how a person of the office leaves what they do.
var ways = map[string]func(w *world, first string){
	"suspended": func(w *world, first string) {
		w.by("sofía", w.people[first].ID, core.Command{Verb: core.VerbSuspend, Fields: leaves})
	},
	"of another role": func(w *world, first string) { w.rectified(first, "auditor", "") },
	"moved to an agency": func(w *world, first string) {
		w.rectified(first, "requester", "SO")
	},
}

func TestWhatALeavingExecutiveHadFallsToTheHead(t *testing.T) {
	for name, leave := range ways {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.enrol("javier", "Javier Peña Soto", "executive", "")
			r := w.assigned()
			leave(w, "mariana")
			owed := w.recasts()
			if !slices.Contains(owed, "card héctor") || !slices.Contains(owed, "card lucía") {
				t.Errorf("owed is %q, want the cards of the head and of who asked", owed)
			}
			if d := w.duty("héctor", r); d != core.DutyAssign {
				t.Errorf("the head owes %q", d)
			}
			w.wants(w.say("héctor", "/pendientes"), r.Number)
			w.wants(w.cardOf("héctor", r), "Turnada, por asignar", "Le toca a usted", "Por asignar de nuevo", "[Javier Peña Soto · 0 abiertas]")
			w.wants(w.cardOf("lucía", r), "Turnada, por asignar")
			w.hides(w.cardOf("lucía", r), "Dictamina:") // what she did stands among the past lines
			w.wants(w.cardOf("lucía", r), "Quien la dictaminaba ya no tiene ese perfil")
			if trail, err := w.store.Trail(t.Context(), r.ID, 0, 0); err != nil || core.Verify(trail) != 0 {
				t.Errorf("the trail: %v, fault at %d", err, core.Verify(trail))
			}
		})
	}
}

func TestAHeadWithoutAChatIsToldByOneMailThatACaseIsToBeAssignedAgain(t *testing.T) {
	w := newWorld(t, "héctor")
	w.assigned()
	ways["suspended"](w, "mariana")
	owed := w.recasts()
	if n := slices.Index(owed, "mail héctor turn"); n < 0 {
		t.Errorf("owed is %q", owed)
	}
	if more := w.recasts(); slices.Contains(more, "mail héctor turn") {
		t.Errorf("owed again: %q", more)
	}
}

func TestAnExecutiveWhoComesBackAfterwardsHasWhatTheHeadAssigns(t *testing.T) {
	w := newWorld(t)
	r := w.assigned()
	ways["suspended"](w, "mariana")
	w.recasts()
	w.by("sofía", w.people["mariana"].ID, core.Command{Verb: core.VerbReinstate})
	w.recasts()
	if d, h := w.duty("mariana", r), w.duty("héctor", r); d != "" || h != core.DutyAssign {
		t.Errorf("the executive owes %q, the head %q", d, h)
	}
	w.by("héctor", r.ID, core.Command{Verb: core.VerbAssign, Fields: fields(core.FieldExecutive, w.people["mariana"].ID)})
	if d, h := w.duty("mariana", r), w.duty("héctor", r); d != core.DutyIssue || h != "" {
		t.Errorf("the executive owes %q, the head %q", d, h)
	}
}

func TestAnExecutiveWhoIsBackBeforeAnybodyWasToldHasTheirCaseStill(t *testing.T) {
	w := newWorld(t)
	r := w.assigned()
	ways["suspended"](w, "mariana")
	w.by("sofía", w.people["mariana"].ID, core.Command{Verb: core.VerbReinstate})
	w.recasts()
	if d, h := w.duty("mariana", r), w.duty("héctor", r); d != core.DutyIssue || h != "" {
		t.Errorf("the executive owes %q, the head %q", d, h)
	}
}

func TestAnObservedCaseIsAssignedAgainWhileTheAgencyAnswers(t *testing.T) {
	w := newWorld(t)
	w.enrol("javier", "Javier Peña Soto", "executive", "")
	r := w.observed()
	ways["suspended"](w, "mariana")
	w.recasts()
	if l, h := w.duty("lucía", r), w.duty("héctor", r); l != core.DutyAnswer || h != core.DutyAssign {
		t.Errorf("who asked owes %q, the head %q", l, h)
	}
	w.wants(w.cardOf("héctor", r), "Le toca a usted", "[Javier Peña Soto · 0 abiertas]")
	w.by("héctor", r.ID, core.Command{Verb: core.VerbReassign, Fields: fields(core.FieldExecutive, w.people["javier"].ID)})
	w.by("lucía", r.ID, core.Command{Verb: core.VerbAnswer, Fields: fields(core.FieldObservation, "1", core.FieldAnswer, "Se anexa la cotización vigente.")})
	if d, h := w.duty("javier", r), w.duty("héctor", r); d != core.DutyIssue || h != "" {
		t.Errorf("the executive owes %q, the head %q", d, h)
	}
}

func TestAnAnswerToNobodyBringsTheCaseToTheHead(t *testing.T) {
	w := newWorld(t)
	r := w.observed()
	ways["suspended"](w, "mariana")
	w.recasts()
	r = w.by("lucía", r.ID, core.Command{Verb: core.VerbAnswer, Fields: fields(core.FieldObservation, "1", core.FieldAnswer, "Se anexa la cotización vigente.")})
	if d := w.duty("héctor", r); r.State != core.StateReferred || d != core.DutyAssign {
		t.Errorf("it is %s, and the head owes %q", r.State, d)
	}
}

func TestTheCallOfAnOpinionWhoseExecutiveHasLeftIsTheRegistrys(t *testing.T) {
	w := newWorld(t)
	r := w.issued("Adquisición de impresoras láser")
	w.settle()
	ways["suspended"](w, "mariana")
	w.recasts()
	if d := w.duty("tomás", r); d != core.DutyCall {
		t.Errorf("the registry owes %q", d)
	}
	w.wants(w.cardOf("tomás", r), "Le toca a usted", "[Contestó]")
	w.by("tomás", r.ID, core.Command{Verb: core.VerbLogCall, Fields: fields(core.FieldCallResult, core.CallAnswered)})
	if d := w.duty("tomás", r); d != "" {
		t.Errorf("the registry owes %q after the call", d)
	}
}

func TestWhatWasReferredToALeavingHeadIsReferredAgain(t *testing.T) {
	for name, leave := range ways {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.received("lucía", "raúl", "Adquisición de impresoras láser")
			w.by("tomás", r.ID, core.Command{Verb: core.VerbRefer, Fields: fields(core.FieldHead, w.people["héctor"].ID)})
			w.settle()
			leave(w, "héctor")
			owed := w.recasts()
			if d := w.duty("tomás", r); d != core.DutyRefer || !slices.Contains(owed, "card tomás") {
				t.Errorf("the registry owes %q, owed is %q", d, owed)
			}
			w.wants(w.cardOf("tomás", r), "Le toca a usted", "Por turnar de nuevo")
		})
	}
}

func TestACaseWhoseHeadHasLeftIsAnyHeads(t *testing.T) {
	w := newWorld(t)
	r := w.assigned()
	ways["suspended"](w, "héctor")
	w.recasts()
	w.enrol("olga", "Olga Núñez Paz", "head", "")
	w.link("olga", "telegram")
	if d := w.duty("mariana", r); d != core.DutyIssue {
		t.Errorf("the executive owes %q", d)
	}
	w.wants(w.cardOf("olga", r), "En dictaminación")
	w.wants(w.say("olga", "/buscar impresoras"), r.Number)
	r = w.by("mariana", r.ID, core.Command{Verb: core.VerbDecline, Fields: fields(core.FieldReason, "No es del área")})
	if d := w.duty("tomás", r); r.State != core.StateReceived || d != core.DutyRefer {
		t.Errorf("it is %s, and the registry owes %q", r.State, d)
	}
}

func TestAHeadWhoHadTheCaseThemselvesLeavesBoth(t *testing.T) {
	w := newWorld(t)
	w.rectified("héctor", "head,executive", "")
	w.recasts()
	r := w.received("lucía", "raúl", "Adquisición de impresoras láser")
	w.by("tomás", r.ID, core.Command{Verb: core.VerbRefer, Fields: fields(core.FieldHead, w.people["héctor"].ID)})
	w.by("héctor", r.ID, core.Command{Verb: core.VerbAssign, Fields: fields(core.FieldExecutive, w.people["héctor"].ID)})
	w.settle()
	ways["suspended"](w, "héctor")
	w.recasts()
	if d := w.duty("tomás", r); d != core.DutyRefer {
		t.Errorf("the registry owes %q", d)
	}
	w.wants(w.cardOf("lucía", r), "La persona a quien se turnó ya no tiene ese perfil")
}

// An executive who had left before their cases fell back to anybody: nothing recast it then.
func TestACaseThatWaitsForWhoLeftLongAgoFallsToTheHeadWithItsReminder(t *testing.T) {
	w := newWorld(t)
	r := w.assigned()
	ways["suspended"](w, "mariana")
	w.settle() // the recast is lost
	w.pass(30 * 24 * time.Hour)
	for _, it := range w.owed() {
		if it.What == desk.WhatRemind && it.Record == r.ID {
			_, _, err := w.desk.Remind(t.Context(), it)
			w.must(err)
		}
	}
	if d := w.duty("héctor", r); d != core.DutyAssign {
		t.Errorf("the head owes %q", d)
	}
}

func TestTheMailOfAnOpinionGoesToWhoeverTakesOverBeforeItWasTaken(t *testing.T) {
	for name, leave := range ways {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ana := w.colleague()
			r := w.issued("Adquisición de impresoras láser") // nothing is sent: the relay is down
			leave(w, "lucía")
			mails := 0
			for _, o := range w.recasts() {
				if o == "mail "+ana+" issued" {
					mails++
				}
			}
			if mails != 1 {
				t.Errorf("%d mails are owed to who takes over", mails)
			}
			if s, err := w.desk.Scene(t.Context(), r.ID, w.people["lucía"].ID); err == nil && s.Asks() {
				t.Error("the mail to who has left is needed still")
			}
		})
	}
}

func TestAMailOfAnOpinionThatWasTakenIsNotSentAgain(t *testing.T) {
	w := newWorld(t)
	ana := w.colleague()
	r := w.issued("Adquisición de impresoras láser")
	w.do(core.SystemActor, r.ID, core.Command{Verb: core.VerbMailed, Where: "system"})
	w.settle()
	ways["suspended"](w, "lucía")
	owed := w.recasts()
	if slices.Contains(owed, "mail "+ana+" issued") || !slices.Contains(owed, "card "+ana) {
		t.Errorf("owed is %q", owed)
	}
}

// standing is a world in which Elena stands in for Raúl.
func standing(t *testing.T) *world {
	w := newWorld(t)
	w.enrol("elena", "Elena Cruz Mora", "requester", "IE")
	w.link("elena", "telegram")
	w.by("sofía", w.people["raúl"].ID, core.Command{Verb: core.VerbSubstitute, Fields: fields(
		core.FieldSubstitute, w.people["elena"].ID, core.FieldFromDate, "2026-11-23", core.FieldToDate, "2026-11-27")})
	w.by("elena", w.people["raúl"].ID, core.Command{Verb: core.VerbStandIn})
	w.settle()
	return w
}

func TestASubstitutionEndsWithWhoeverOfBothIsNotWhoTheyWere(t *testing.T) {
	suspended, moved := ways["suspended"], func(w *world, first string) {
		w.rectified(first, string(w.account(first).Roles[0]), "SO")
	}
	for name, c := range map[string]struct {
		leave func(w *world, first string)
		who   string
		told  []string
	}{
		"the principal suspended":       {suspended, "raúl", []string{"note elena relieve"}},
		"the principal moved":           {moved, "raúl", []string{"note elena relieve", "note raúl lapse"}},
		"the principal of another role": {func(w *world, first string) { w.rectified(first, "requester", "IE") }, "raúl", []string{"note elena relieve", "note raúl lapse"}},
		"the substitute suspended":      {suspended, "elena", []string{"note raúl lapse"}},
		"the substitute moved":          {moved, "elena", []string{"note elena relieve", "note raúl lapse"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := standing(t)
			c.leave(w, c.who)
			owed := slices.DeleteFunc(w.recasts(), func(o string) bool { return !strings.HasPrefix(o, "note") })
			if !slices.Equal(owed, c.told) {
				t.Errorf("told are %q, want %q", owed, c.told)
			}
			if sub, ok := w.account("raúl").Substitution(); ok {
				t.Errorf("it is there still: %+v", sub)
			}
			if w.account("raúl").InUse() {
				s, err := w.desk.Scene(t.Context(), w.people["raúl"].ID, w.people["raúl"].ID)
				w.must(err)
				if story, said := es.Remark(s, core.NoteLapse); !said || story.Head != "Suplencia de Raúl Ortega Díaz" {
					t.Errorf("the principal reads %+v", story)
				}
			}
			if w.account("elena").InUse() {
				s, err := w.desk.Scene(t.Context(), w.people["elena"].ID, w.people["elena"].ID)
				w.must(err)
				if story, said := es.Remark(s, core.NoteRelieve); !said || story.Head != "Suplencia de Raúl Ortega Díaz" {
					t.Errorf("who stood in reads %+v", story)
				}
			}
		})
	}
}

func TestWhoHasAnotherRoleStandsInStill(t *testing.T) {
	w := standing(t)
	w.rectified("elena", "secretary", "IE")
	w.recasts()
	if sub, ok := w.account("raúl").Substitution(); !ok || !sub.Accepted {
		t.Errorf("it is %+v", sub)
	}
}

func TestWhoIsTheLastOfARoleOfTheOfficeIsToldSoBeforeTheyAreTakenAway(t *testing.T) {
	w := newWorld(t)
	w.link("sofía", "slack")
	for first, says := range map[string]string{
		"tomás": "registrar acuses", "héctor": "asignar solicitudes", "mariana": "dictaminar", "raúl": "liberar sus solicitudes", "lucía": "presentar solicitudes",
	} {
		form := w.onSlack("sofía", w.people[first], "Suspender")
		if said := strings.Join(form.Intro, "\n"); !strings.Contains(said, "Nadie más tiene el perfil de") || !strings.Contains(said, says) {
			t.Errorf("of %s it says %q", first, said)
		}
	}
	w.enrol("olga", "Olga Núñez Paz", "head", "")
	if said := strings.Join(w.onSlack("sofía", w.people["héctor"], "Suspender").Intro, "\n"); strings.Contains(said, "Nadie más") {
		t.Errorf("there is another: %q", said)
	}
}
