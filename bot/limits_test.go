package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
)

// try has a person give a command outside of any chat, and returns what came of it.
func (w *world) try(first, id string, c core.Command) *core.Refusal {
	w.t.Helper()
	actor, err := w.desk.Actor(w.t.Context(), w.account(first))
	w.must(err)
	out, err := w.desk.Do(w.t.Context(), actor, id, c)
	w.must(err)
	return out.Refusal
}

func TestRefusedPressesOfOnePersonPushNothingOffTheTrail(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	press := core.Command{Verb: core.VerbReturn, Fields: fields(core.FieldReason, "El monto no coincide.")}
	written := 0
	for i := range 520 {
		press.Once = fmt.Sprint("x:", i)
		if no := w.try("lucía", r.ID, press); no != nil && no.Reason == core.NotAllowed {
			written++
		} else if no == nil || no.Reason != core.TooMany {
			t.Fatalf("press %d: %v", i, no)
		}
	}
	after, err := w.store.Record(t.Context(), r.ID)
	w.must(err)
	if written != 500 || after.Seq != r.Seq+500 {
		t.Errorf("%d refused presses are in the trail, which grew from %d to %d", written, r.Seq, after.Seq)
	}
	// One that the trail has is answered as the first time, and another person's is taken.
	press.Once = "x:3"
	if no := w.try("lucía", r.ID, press); no == nil || no.Reason != core.NotAllowed {
		t.Errorf("a press that comes again: %v", no)
	}
	if no := w.try("tomás", r.ID, core.Command{Verb: core.VerbReturn, Fields: press.Fields}); no == nil || no.Reason != core.NotAllowed {
		t.Errorf("another's: %v", no)
	}
	s, err := w.desk.Scene(t.Context(), r.ID, w.people["raúl"].ID)
	w.must(err)
	var verbs []core.Verb
	for _, e := range s.Trail {
		verbs = append(verbs, e.Verb)
	}
	if fmt.Sprint(verbs) != "[draft file]" {
		t.Errorf("the bitácora has %v", verbs)
	}
	// What is right is done all the same, and after a day what is wrong is written again.
	w.by("raúl", r.ID, core.Command{Verb: core.VerbRelease})
	w.pass(25 * time.Hour)
	press.Once = "y"
	if no := w.try("lucía", r.ID, press); no == nil || no.Reason != core.NotAllowed {
		t.Errorf("on the day after: %v", no)
	}
}

func TestWrongCodesOfOnePersonAreCountedAcrossRequests(t *testing.T) {
	w := newWorld(t)
	var all []core.Record
	for i := range 4 {
		all = append(all, w.issued(fmt.Sprintf("Adquisición de impresoras láser %d", i)))
	}
	wrong := func(who string, r core.Record) *core.Refusal {
		t.Helper()
		code := "000000"
		if r.Fields[core.FieldPickupCode] == code {
			code = "111111"
		}
		return w.try(who, r.ID, core.Command{Verb: core.VerbHandOver, Fields: fields(core.FieldReceivedBy, "Lucía Herrera", core.FieldShown, code)})
	}
	for i := range core.WrongCodesAnywhere {
		if no := wrong("tomás", all[i%3]); no == nil || no.Reason != core.WrongCode || no.Value == core.Tired {
			t.Fatalf("code %d: %v", i+1, no)
		}
	}
	right := core.Command{Verb: core.VerbHandOver, Fields: fields(core.FieldReceivedBy, "Lucía Herrera", core.FieldShown, all[3].Fields[core.FieldPickupCode])}
	if no := w.try("tomás", all[3].ID, right); no == nil || no.Value != core.Tired {
		t.Errorf("a request of which nobody gave a code: %v", no)
	}
	if no := wrong("mariana", all[3]); no == nil || no.Value == core.Tired {
		t.Errorf("somebody else is tired too: %v", no)
	}
	w.pass(time.Hour)
	if no := w.try("tomás", all[3].ID, right); no != nil {
		t.Errorf("an hour later: %v", no)
	}
}

func TestAFormThatWasBegunBelongsToItsAccountAndNotToTheChat(t *testing.T) {
	w := newWorld(t)
	w.wants(w.say("lucía", "/nueva"), "solicitud")
	w.say("lucía", "Adquisición de impresoras láser")
	w.do(clerk, w.people["lucía"].ID, core.Command{Verb: core.VerbUnlink, Fields: fields(core.FieldPlatform, "telegram")})
	w.do(clerk, w.people["diego"].ID, core.Command{Verb: core.VerbUnlink, Fields: fields(core.FieldPlatform, "telegram")})
	w.do(clerk, w.people["diego"].ID, core.Command{Verb: core.VerbLink, Fields: fields(core.FieldPlatform, "telegram", core.FieldChat, "lucía")})
	for _, said := range []string{"Arrendamiento", "/pendientes", "/mis", "/nueva"} {
		if got := text(w.say("lucía", said)); strings.Contains(got, "impresoras") {
			t.Errorf("%q tells what the former person of the chat wrote:\n%s", said, got)
		}
	}
	// Linked again, elsewhere, the person goes on where they were.
	w.do(clerk, w.people["lucía"].ID, core.Command{Verb: core.VerbLink, Fields: fields(core.FieldPlatform, "telegram", core.FieldChat, "otro")})
	if got := text(w.say("otro", "/mis")); !strings.Contains(got, "impresoras") && !strings.Contains(got, "sin terminar") {
		t.Errorf("what was begun is gone:\n%s", got)
	}
}

func TestWhatSomebodyAskedForWhoAsksNoMoreIsTheAgencysTurn(t *testing.T) {
	for name, leave := range map[string]func(w *world){
		"erased": func(w *world) {
			_, err := w.desk.Erase(w.t.Context(), w.store, w.people["lucía"].ID)
			w.must(err)
		},
		"another profile": func(w *world) {
			r := w.account("lucía")
			w.by("sofía", r.ID, core.Command{Verb: core.VerbRectify, Fields: fields(core.FieldName, r.Fields[core.FieldName], core.FieldPost, r.Fields[core.FieldPost],
				core.FieldEmail, r.Fields[core.FieldEmail], core.FieldPhone, r.Fields[core.FieldPhone], core.FieldProfile, "secretary")})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ana := w.colleague()
			r := w.issued("Adquisición de impresoras láser")
			leave(w)
			w.wants(w.say(ana, "/pendientes"), r.Number)
			s, err := w.desk.Scene(t.Context(), r.ID, w.people[ana].ID)
			w.must(err)
			if _, mine := s.Mine(); !mine {
				t.Error("it is not their turn")
			}
		})
	}
}
