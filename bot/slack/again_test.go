package slack

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"sidem/bot"
	"sidem/bot/card"
	"sidem/bot/slack/slacktest"
	"sidem/core"
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
func late(t *testing.T, mode string) (st *stage, r *replies) {
	t.Helper()
	r = told()
	st = perform(t, mode, r.handle)
	st.slack.patience = 20 * time.Millisecond
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

func TestAFormWhoseProcessDiedIsWorkedByTheNextAndAnsweredInItsPlace(t *testing.T) {
	st, r := late(t, "socket")
	sent := receive(t, r.asked)
	st.until(func() bool { m := st.lucia.Modal(); return m != nil && m.Text == wordWorking })
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
	heard := make(chan bot.Input, 1)
	_, _, _, end := run(t, Config{BotToken: st.BotToken(), AppToken: st.AppToken(), API: st.URL()}, func(_ context.Context, in bot.Input) bot.Reply {
		if file := in.Form.Files[core.FieldFiles]; len(file) == 1 {
			if body, err := file[0].Open(t.Context()); err == nil {
				_, _ = io.Copy(io.Discard, body)
				_ = body.Close()
			}
		}
		heard <- in
		return toast("Quedó registrado el acuse.")
	})
	defer end()
	if in := receive(t, heard); in.Once != sent.Once || in.Form.Values[core.FieldFolio] != "OP-2231" || len(in.Form.Files[core.FieldFiles]) != 1 {
		t.Errorf("%+v", in)
	}
	st.until(func() bool { m := st.lucia.Modal(); return m != nil && m.Text == "Quedó registrado el acuse." })
}
