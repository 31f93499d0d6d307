package slack

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/slack/slacktest"
)

// tour has Lucía do everything that a person can do, and SIDEM answer in every way
// that it can.
func tour(t *testing.T) *stage {
	t.Helper()
	notice, hello := titled("Aviso", card.Action{Label: "Responderme en privado", Token: "private"}), titled("Sus pendientes", opens)
	st := perform(t, "socket", func(ctx context.Context, in bot.Input) bot.Reply {
		for _, f := range in.Files {
			if r, err := f.Open(ctx); err == nil {
				_ = r.Close()
			}
		}
		switch {
		case in.Home:
			return bot.Reply{Home: []card.Card{hello}}
		case in.Form != nil:
			return toast("Quedó registrado el acuse.")
		case in.Tap != "" && in.Private:
			return bot.Reply{Form: &folio}
		case in.Tap != "":
			return toast("Le respondí en privado.")
		case !in.Private:
			return bot.Reply{Card: &notice, Open: true}
		default:
			return bot.Reply{Card: &hello, Documents: []bot.Document{pdf("oficio.pdf", 0)}}
		}
	})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		st.rest()
	}
	st.Channel("C00000001", true, st.lucia)
	must(st.lucia.Slash("/sidem", "pendientes"))
	ref := st.post(titled("Oficio por recibir", opens))
	st.press(ref)
	st.rest()
	must(st.lucia.Fill("¿Cuál es el folio?", "OP-1"))
	must(st.lucia.Submit())
	must(st.slack.Edit(t.Context(), ref, titled("Recibido")))
	must(st.slack.Remove(t.Context(), ref))
	st.lucia.SendFile("oficio.pdf", "application/pdf", []byte("%PDF"), "")
	st.lucia.Mention("C00000001", "147")
	st.rest()
	channel := st.lucia.In("C00000001")
	b := channel[len(channel)-1].Buttons[0]
	must(st.lucia.PressValue(channel[len(channel)-1].TS, b.ActionID, b.Value))
	must(st.lucia.OpenHome())
	return st
}

func TestTheManifestAsksForWhatTheCallsNeedAndNoMore(t *testing.T) {
	st := tour(t)
	var m manifest
	if err := json.Unmarshal(Manifest(""), &m); err != nil {
		t.Fatal(err)
	}
	need := map[string]bool{}
	for _, c := range st.Calls() {
		if scope, ok := slacktest.Scope(c.Method); ok && scope != "" {
			need[scope] = true
		}
	}
	for _, scope := range st.ScopesUsed() { // of what was delivered and fetched, too
		need[scope] = true
	}
	var all []string
	for scope := range need {
		all = append(all, scope)
	}
	slices.Sort(all)
	if diff := cmp.Diff(all, slices.Sorted(slices.Values(m.OAuth.Scopes.Bot))); diff != "" {
		t.Errorf("scopes (-needed +asked for):\n%s", diff)
	}
	delivered := st.Delivered()
	interactive := slices.Contains(delivered, "block_actions") && slices.Contains(delivered, "view_submission")
	commands := slices.Contains(delivered, "slash_commands")
	delivered = slices.DeleteFunc(delivered, func(s string) bool {
		return s == "block_actions" || s == "view_submission" || s == "slash_commands"
	})
	if diff := cmp.Diff(delivered, slices.Sorted(slices.Values(m.Settings.Events.Bot))); diff != "" {
		t.Errorf("events (-heard +asked for):\n%s", diff)
	}
	if !interactive || !commands || !m.Settings.Interactivity.Enabled || len(m.Features.Commands) != 1 || m.Features.Commands[0].Command != "/sidem" {
		t.Errorf("interactivity %v, commands %v, %+v", interactive, commands, m)
	}
	if !m.Features.Home.Home || !m.Features.Home.Messages || m.Features.Home.ReadOnly {
		t.Errorf("%+v", m.Features.Home)
	}
	if f := st.lucia.Failures(); len(f) > 0 {
		t.Error(f)
	}
	// Every call of the adapter's was made.
	called := map[string]bool{}
	for _, c := range st.Calls() {
		called[c.Method] = true
	}
	for _, method := range []string{
		"auth.test", "apps.connections.open", "conversations.open", "chat.postMessage", "chat.update", "chat.delete", "chat.postEphemeral",
		"views.open", "views.update", "views.publish", "files.getUploadURLExternal", "files.completeUploadExternal",
	} {
		if !called[method] {
			t.Errorf("the tour does not call %s", method)
		}
	}
}
