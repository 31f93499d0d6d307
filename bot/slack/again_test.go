package slack

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/core"
)

// everything is a form with a control of each kind.
var everything = card.Form{Token: "tok", Title: "Registrar acuse", Questions: []card.Question{
	ask(core.FieldFolio, "¿Cuál es el folio?", "", true),
	ask(core.FieldJustification, "¿Por qué?", "antes", true),
	{Field: core.FieldUntil, Label: "¿Qué día?", Spec: core.Spec{Type: core.TypeDate}, Value: "2026-11-20"},
	{Field: core.FieldPost, Label: "¿A quién?", Spec: core.Spec{Type: core.TypeChoice}, Options: []card.Option{{Value: "a", Label: "Ana"}, {Value: "b", Label: "Beto"}}},
	{Field: core.FieldFiles, Label: "Acuse", Spec: core.Spec{Type: core.TypeUpload, Max: 3}},
}}

// late is a form that was filled in and sent, and whose answer takes longer than Slack waits.
func late(t *testing.T, mode string) (*stage, *replies) {
	t.Helper()
	return lateBy(t, mode, 20*time.Millisecond)
}

// lateBy is late, where Slack waits for so long.
func lateBy(t *testing.T, mode string, patience time.Duration) (st *stage, r *replies) {
	t.Helper()
	r = told()
	st = perform(t, mode, r.handle)
	st.slack.patience = patience
	st.press(st.post(titled("Oficio por recibir", opens)))
	receive(t, r.asked)
	r.answer <- bot.Reply{Form: &everything}
	st.until(func() bool { m := st.lucia.Modal(); return m != nil && len(m.Labels) == 5 })
	for label, value := range map[string]string{
		"¿Cuál es el folio?": "OP-2231", "¿Por qué?": "Primero de todo, el plazo.\nSegundo; con *signos* & <más>.", "¿Qué día?": "2026-11-23", "¿A quién?": "Beto",
	} {
		if err := st.lucia.Fill(label, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.lucia.AttachInModal("Acuse", "acuse.pdf", "application/pdf", []byte("%PDF-1.7")); err != nil {
		t.Fatal(err)
	}
	if err := st.lucia.Submit(); err != nil {
		t.Fatal(err)
	}
	return st, r
}

func TestAFormAnsweredLateWithAnErrorComesAgainWithWhatWasTyped(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			st, r := late(t, mode)
			sent := receive(t, r.asked)
			st.until(func() bool {
				m := st.lucia.Modal()
				return m != nil && m.Text == wordWorking && m.Title == "Registrar acuse"
			})
			r.answer <- bot.Reply{Errors: map[core.Field]string{core.FieldFolio: "Revise el folio.", core.FieldSubject: "Falta el asunto."}}
			st.until(func() bool { m := st.lucia.Modal(); return m != nil && len(m.Labels) == 5 })
			m := st.lucia.Modal()
			for _, want := range []string{wordMend, "Revise el folio.", "Falta el asunto.", wordAttach + "acuse.pdf"} {
				if !strings.Contains(m.Text, want) {
					t.Errorf("%q does not say %q", m.Text, want)
				}
			}
			if err := st.lucia.Submit(); err != nil {
				t.Fatal(err)
			}
			again := receive(t, r.asked)
			if again.Once == sent.Once || again.Form.Token != sent.Form.Token {
				t.Errorf("%s, then %s", sent.Once, again.Once)
			}
			for field, value := range sent.Form.Values {
				if again.Form.Values[field] != value {
					t.Errorf("%s was %q and is %q", field, value, again.Form.Values[field])
				}
			}
			if len(sent.Form.Files[core.FieldFiles]) != 1 {
				t.Errorf("%+v", sent.Form.Files)
			}
			r.answer <- bot.Reply{}
			st.rest()
			if f := st.lucia.Failures(); len(f) > 0 {
				t.Error(f)
			}
		})
	}
}

func TestAFormAnsweredLateSaysInItsPlaceWhatBecameOfIt(t *testing.T) {
	for name, c := range map[string]struct {
		reply bot.Reply
		title string
		want  string
	}{
		"words":        {toast("Quedó registrado el acuse."), "Registrar acuse", "Quedó registrado el acuse."},
		"a card":       {bot.Reply{Card: new(titled("Por liberar"))}, "Registrar acuse", wordElsewhere},
		"another form": {bot.Reply{Form: &card.Form{Token: "t2", Title: "Segunda", Intro: []string{"Falta algo."}, Questions: folio.Questions}}, "Segunda", "Falta algo."},
	} {
		t.Run(name, func(t *testing.T) {
			st, r := late(t, "socket")
			receive(t, r.asked)
			st.until(func() bool { m := st.lucia.Modal(); return m != nil && m.Text == wordWorking })
			r.answer <- c.reply
			st.until(func() bool {
				m := st.lucia.Modal()
				return m != nil && m.Title == c.title && strings.Contains(m.Text, c.want)
			})
			st.rest()
			if slices.ContainsFunc(st.lucia.Screen(), func(m slacktest.Message) bool { return m.Shown == c.want }) {
				t.Error("said twice")
			}
		})
	}
}

func TestAFormThatWasClosedWhileItTookAMomentIsAnsweredInTheDM(t *testing.T) {
	st, r := late(t, "socket")
	receive(t, r.asked)
	st.until(func() bool { m := st.lucia.Modal(); return m != nil && m.Text == wordWorking })
	st.lucia.CloseModal()
	r.answer <- bot.Reply{Errors: map[core.Field]string{core.FieldFolio: "Revise el folio."}}
	st.rest()
	if said := st.last().Shown; !strings.Contains(said, wordNotSaved) || !strings.Contains(said, "Revise el folio.") {
		t.Errorf("%q", said)
	}
}

func TestAFormThatWasClosedWhileItTookAMomentIsOpenedAgainByAButtonOfTheMessage(t *testing.T) {
	for name, c := range map[string]struct {
		errs map[core.Field]string
		want []string
	}{
		"with what is wrong": {map[core.Field]string{core.FieldFolio: "Revise el folio."}, []string{wordNotSaved, "Revise el folio."}},
		"as it goes on":      {nil, []string{"Registrar acuse", "Falta algo."}},
	} {
		t.Run(name, func(t *testing.T) {
			st, r := late(t, "socket")
			receive(t, r.asked)
			st.until(func() bool { m := st.lucia.Modal(); return m != nil && m.Text == wordWorking })
			st.lucia.CloseModal()
			kept := everything
			kept.Intro, kept.Opener = []string{"Falta algo."}, opens
			r.answer <- bot.Reply{Form: &kept, Errors: c.errs}
			st.rest()
			said := st.last()
			for _, want := range c.want {
				if !strings.Contains(said.Shown, want) {
					t.Errorf("%q does not say %q", said.Shown, want)
				}
			}
			if len(said.Buttons) != 1 || st.lucia.Modal() != nil {
				t.Fatalf("%+v, over it %+v", said, st.lucia.Modal())
			}
			if err := st.lucia.PressValue(said.TS, said.Buttons[0].ActionID, said.Buttons[0].Value); err != nil {
				t.Fatal(err)
			}
			if in := receive(t, r.asked); in.Tap != opens.Token {
				t.Errorf("it brings %q", in.Tap)
			}
			r.answer <- bot.Reply{Form: &kept}
			st.until(func() bool { m := st.lucia.Modal(); return m != nil && len(m.Labels) == 5 })
		})
	}
}

func TestAFormWhoseProcessDiedIsWorkedByTheNextAndAnsweredInItsPlace(t *testing.T) {
	done := toast("Quedó registrado el acuse.")
	wrong := bot.Reply{Errors: map[core.Field]string{core.FieldFolio: "Revise el folio."}}
	for name, c := range map[string]struct {
		confirmed bool // that it takes a moment, before the process died; else Slack says that it failed
		reply     bot.Reply
		said      string
		labels    int
	}{
		"confirmed, done":  {true, done, done.Toast, 0},
		"confirmed, wrong": {true, wrong, "Revise el folio.", 5},
		"not heard of":     {false, done, done.Toast, 0},
		"not heard, wrong": {false, wrong, "Revise el folio.", 5},
	} {
		t.Run(name, func(t *testing.T) {
			patience := time.Minute
			if c.confirmed {
				patience = 20 * time.Millisecond
			}
			st, r := lateBy(t, "socket", patience)
			sent := receive(t, r.asked)
			if c.confirmed {
				st.until(func() bool { m := st.lucia.Modal(); return m != nil && m.Text == wordWorking })
			}
			die(t, st, r)
			if failed := len(st.lucia.Failures()) > 0; failed == c.confirmed {
				t.Errorf("Slack says that it failed: %t", failed)
			}
			if m := st.lucia.Modal(); m == nil || !c.confirmed && len(m.Labels) != 5 {
				t.Fatalf("meanwhile she sees %+v", m)
			}
			heard := make(chan bot.Input, 1)
			_, _, _, end := run(t, Config{BotToken: st.BotToken(), AppToken: st.AppToken(), API: st.URL()}, func(_ context.Context, in bot.Input) bot.Reply {
				if file := in.Form.Files[core.FieldFiles]; len(file) == 1 {
					if body, err := file[0].Open(t.Context()); err == nil {
						_, _ = io.Copy(io.Discard, body)
						_ = body.Close()
					}
				}
				heard <- in
				return c.reply
			})
			defer end()
			if in := receive(t, heard); in.Once != sent.Once || in.Form.Values[core.FieldFolio] != "OP-2231" || len(in.Form.Files[core.FieldFiles]) != 1 {
				t.Errorf("%+v", in)
			}
			st.until(func() bool {
				m := st.lucia.Modal()
				return m != nil && len(m.Labels) == c.labels && strings.Contains(m.Text, c.said)
			})
			if c.labels > 0 && !strings.Contains(fmt.Sprint(st.lucia.Modal().State), "OP-2231") {
				t.Errorf("what was typed is gone: %v", st.lucia.Modal().State)
			}
		})
	}
}

// die ends the process while a form is being worked in it.
func die(t *testing.T, st *stage, r *replies) {
	t.Helper()
	st.slack.grace = time.Millisecond
	ending := make(chan struct{})
	go func() {
		st.end()
		close(ending)
	}()
	time.Sleep(50 * time.Millisecond)
	r.answer <- bot.Reply{} // too late: the grace time is over
	receive(t, ending)
	st.until(func() bool { return st.Connected() == 0 })
}
