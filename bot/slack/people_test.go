package slack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
)

func TestANoteHangsFromItsCardOrStandsBesideItWhenTheCardIsGone(t *testing.T) {
	st := perform(t, "socket", nothing)
	top := st.post(titled("Por liberar"))
	note := func(under card.Ref) slacktest.Message {
		t.Helper()
		if _, err := st.slack.Post(t.Context(), "U00000001", titled("Sigue pendiente"), under); err != nil {
			t.Fatal(err)
		}
		return st.last()
	}
	if m := note(top); m.ThreadTS != top.Message {
		t.Errorf("%+v", m)
	}
	if m := note(card.Ref{Chat: "D404", Message: top.Message}); m.ThreadTS != "" {
		t.Errorf("under a message of another chat: %+v", m)
	}
	if err := st.slack.Remove(t.Context(), top); err != nil {
		t.Fatal(err)
	}
	if m := note(top); m.ThreadTS != "" || m.Shown != "Sigue pendiente" {
		t.Errorf("%+v", m)
	}
}

func TestWhatIsWrittenUnderACardIsAnsweredThere(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			r := told()
			st := perform(t, mode, r.handle)
			top := st.post(titled("Con observaciones"))
			st.lucia.Answer(top.Message, "Adjunto la cotización")
			in := receive(t, r.asked)
			if in.Under != top.Message || in.Text != "Adjunto la cotización" || !in.Private {
				t.Errorf("%+v", in)
			}
			c := titled("¿La registro?", card.Action{Label: "Sí", Token: "yes"})
			r.answer <- bot.Reply{Card: &c}
			st.until(func() bool { return st.last().Shown == "¿La registro?" && st.last().ThreadTS == top.Message })
			st.press(card.Ref{Chat: st.last().Channel, Message: st.last().TS})
			if in := receive(t, r.asked); in.Under != "" || in.Tap != "yes" {
				t.Errorf("a press answers no text: %+v", in)
			}
			r.answer <- toast("Quedó registrada su respuesta.")
			st.until(func() bool { m := st.last(); return m.Ephemeral && m.ThreadTS == top.Message })
		})
	}
}

func TestAMessageIsTakenOffTheScreenOnce(t *testing.T) {
	st := perform(t, "socket", nothing)
	ref := st.post(titled("Recordatorio"))
	if err := st.slack.Remove(t.Context(), ref); err != nil || len(st.lucia.Screen()) != 0 {
		t.Error(err, st.lucia.Screen())
	}
	if err := st.slack.Remove(t.Context(), ref); !outbox.IsGone(err) {
		t.Error(err)
	}
	st.lucia.Say("hola")
	if err := st.slack.Remove(t.Context(), card.Ref{Chat: st.lucia.DM(), Message: st.last().TS}); !outbox.IsGone(err) {
		t.Errorf("what somebody else wrote: %v", err)
	}
}

func pdf(name string, size int64) bot.Document {
	data := []byte("%PDF " + name)
	if size == 0 {
		size = int64(len(data))
	}
	return bot.Document{Name: name, MIME: "application/pdf", Size: size, Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data)), nil
	}}
}

func TestDocumentsComeAfterTheCardWhereOnlyThePersonSeesThem(t *testing.T) {
	c := titled("Anexos")
	reply := bot.Reply{Card: &c, Documents: []bot.Document{pdf("oficio.pdf", 0), pdf("de tamaño desconocido.pdf", -1)}}
	st := perform(t, "socket", func(context.Context, bot.Input) bot.Reply { return reply })
	raul := st.Person("U00000002", "raul", "")
	st.Channel("C00000001", true, st.lucia, raul)
	if err := st.lucia.SlashIn("C00000001", "/sidem", "solicitud 147"); err != nil {
		t.Fatal(err)
	}
	st.until(func() bool { return len(st.lucia.Screen()) == 3 })
	s := st.lucia.Screen()
	if s[0].Shown != "Anexos" || s[1].Files[0].Name != "oficio.pdf" || string(s[1].Files[0].Data) != "%PDF oficio.pdf" ||
		s[2].Files[0].Name != "de tamaño desconocido.pdf" {
		t.Errorf("%+v", s)
	}
	st.rest()
	if seen := raul.In("C00000001"); len(seen) != 0 {
		t.Errorf("others see %+v", seen)
	}
	if hint := st.lucia.In("C00000001"); len(hint) != 1 || hint[0].Shown != wordElsewhere || !hint[0].Ephemeral {
		t.Errorf("%+v", hint)
	}
}

func TestADocumentComesOnceWhateverCallFails(t *testing.T) {
	for _, method := range []string{"files.getUploadURLExternal", "upload", "files.completeUploadExternal"} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprint(method, " after=", after), func(t *testing.T) {
				st := perform(t, "socket", func(context.Context, bot.Input) bot.Reply {
					return bot.Reply{Documents: []bot.Document{pdf("oficio.pdf", 0)}}
				})
				failed := 0
				st.Intercept(func(c *slacktest.Call) *slacktest.Fault {
					if c.Method != method || failed == 2 {
						return nil
					}
					failed++
					return &slacktest.Fault{Drop: true, After: after}
				})
				st.lucia.Say("oficio")
				st.rest()
				if s := st.lucia.Screen(); failed == 0 || len(s) != 2 || len(s[1].Files) != 1 {
					t.Errorf("%d failures, %+v", failed, s)
				}
			})
		}
	}
}

func TestADocumentThatDoesNotComeIsSaidNotToCome(t *testing.T) {
	broken := pdf("oficio.pdf", 0)
	broken.Open = func(context.Context) (io.ReadCloser, error) { return nil, errors.New("the folder is gone") }
	empty := pdf("vacío.pdf", -1)
	empty.Open = func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil }
	lost := pdf("dictamen.pdf", 0)
	lost.Open = func(context.Context) (io.ReadCloser, error) { return nil, outbox.Permanent(bot.ErrLost) }
	st := perform(t, "socket", func(context.Context, bot.Input) bot.Reply {
		return bot.Reply{Documents: []bot.Document{broken, empty, lost, pdf("anexo.pdf", 0)}}
	})
	st.lucia.Say("oficio")
	st.until(func() bool { return len(st.lucia.Screen()) == 5 })
	if got := st.texts(); !slices.Equal(got, []string{unsent("oficio.pdf"), unsent("vacío.pdf"), es.FileLost("dictamen.pdf"), ""}) {
		t.Errorf("%q", got)
	}
}

func TestTheBytesOfADocumentAreSentWithoutTheTokenAndOnlyToSlack(t *testing.T) {
	elsewhere := script(t, nil)
	var sent []string
	server := script(t, map[string]http.HandlerFunc{"up": func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = append(sent, string(body)+r.Header.Get("Authorization"))
	}})
	s, _ := newTest(t, server.URL+"/api/")
	for base, want := range map[string]bool{server.URL: true, elsewhere.URL: false, "https://files.slack.com.evil.mx": false} {
		server.mu.Lock()
		server.on["files.getUploadURLExternal"] = says(`{"ok":true,"upload_url":"` + base + `/up","file_id":"F1"}`)
		server.mu.Unlock()
		if _, err := s.client.upload(t.Context(), "x", pdf("x", 0)); (err == nil) != want {
			t.Errorf("%s: %v", base, err)
		}
	}
	if !slices.Equal(sent, []string{"%PDF x"}) || elsewhere.count("up") > 0 {
		t.Errorf("%q", sent)
	}
}

func TestFilesComeInByMessageAndByForm(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			form := card.Form{Token: "tok", Title: "Dictaminar", Questions: []card.Question{ask(core.FieldFiles, "Envíe el archivo", "", true)}}
			got := make(chan string, 10)
			st := perform(t, mode, func(ctx context.Context, in bot.Input) bot.Reply {
				files := in.Files
				if in.Form != nil {
					files = in.Form.Files[core.FieldFiles]
				}
				for _, f := range files {
					r, err := f.Open(ctx)
					if err != nil {
						return toast(err.Error())
					}
					data, err := io.ReadAll(r)
					got <- fmt.Sprint(f.Name, " ", f.MIME, " ", string(data), " ", err)
					_ = r.Close()
				}
				if in.Tap != "" {
					return bot.Reply{Form: &form}
				}
				return bot.Reply{}
			})
			st.lucia.SendFile("oficio.pdf", "application/pdf", []byte("%PDF uno"), "aquí va")
			if f := receive(t, got); f != "oficio.pdf application/pdf %PDF uno <nil>" {
				t.Error(f)
			}
			st.press(st.post(titled("x", opens)))
			st.until(func() bool { m := st.lucia.Modal(); return m != nil && len(m.Labels) == 1 })
			if err := st.lucia.AttachInModal("Envíe el archivo", "dictamen.pdf", "application/pdf", []byte("%PDF dos")); err != nil {
				t.Fatal(err)
			}
			if err := st.lucia.Submit(); err != nil {
				t.Fatal(err)
			}
			if f := receive(t, got); f != "dictamen.pdf application/pdf %PDF dos <nil>" {
				t.Error(f)
			}
		})
	}
}

func TestStrangersOfOtherWorkspacesAreNotHeard(t *testing.T) {
	heard := make(chan bot.Input, 10)
	st := perform(t, "socket", func(_ context.Context, in bot.Input) bot.Reply {
		heard <- in
		return bot.Reply{}
	})
	who := st.Stranger("U00000666", "T66666666")
	st.Channel("C00000001", true, st.lucia, who)
	who.Say("147")
	who.Mention("C00000001", "147")
	for _, err := range []error{who.Slash("/sidem", "mis"), who.OpenHome()} {
		if err != nil {
			t.Error(err)
		}
	}
	st.rest()
	if len(heard) > 0 || len(who.Failures()) > 0 {
		t.Error(len(heard), who.Failures())
	}
}

func TestAPressByAPersonOfAnotherWorkspaceIsAnsweredAndDoesNothing(t *testing.T) {
	handled, said := make(chan string, 1), make(chan string, 1)
	w := listen(t, func(_ context.Context, in bot.Input) bot.Reply {
		handled <- in.Who
		return bot.Reply{}
	}, map[string]http.HandlerFunc{"chat.postEphemeral": func(rw http.ResponseWriter, r *http.Request) {
		said <- r.FormValue("user") + " " + plain.Replace(r.FormValue("text"))
		says(`{"ok":true,"message_ts":"1.2"}`)(rw, r)
	}}, nil)
	w.wantAck(w.deliver(typeInteractive, strings.Replace(presses("U9", "tok", 1), `"id":"U9"`, `"id":"U9","team_id":"T2"`, 1)))
	if got := receive(t, said); got != "U9 "+wordForeign {
		t.Error(got)
	}
	w.end()
	if len(handled) > 0 {
		t.Error("handled")
	}
}

func TestEventsThatMeanNothingToUsAreTaken(t *testing.T) {
	for _, mode := range modes {
		st := perform(t, mode, func(_ context.Context, in bot.Input) bot.Reply {
			t.Errorf("heard %+v", in)
			return bot.Reply{}
		})
		for _, kind := range []string{"link_shared", "team_join", "something_new"} {
			if err := st.lucia.Event(map[string]any{"type": kind, "user": map[string]any{"id": "U00000001"}}); err != nil {
				t.Fatal(err)
			}
		}
		st.rest()
		if f := st.lucia.Failures(); len(f) > 0 {
			t.Error(mode, f)
		}
	}
}

func TestInAChannelAllReadTheNoticeAndEachGetsTheirOwnAnswer(t *testing.T) {
	open := titled("Solicitud número 000147/2026", card.Action{Label: "Responderme en privado", Token: "open"})
	st := perform(t, "socket", func(_ context.Context, in bot.Input) bot.Reply {
		if in.Private {
			t.Errorf("a channel is not private: %+v", in)
		}
		if in.Tap != "" {
			c := titled("Para " + in.Name)
			return bot.Reply{Card: &c, Toast: "Le respondí en privado."}
		}
		return bot.Reply{Card: &open, Open: true}
	})
	raul := st.Person("U00000002", "raul", "")
	st.Channel("C00000001", true, st.lucia, raul)
	st.lucia.Mention("C00000001", "147")
	st.until(func() bool { return len(raul.In("C00000001")) == 2 })
	notice := raul.In("C00000001")[1]
	if notice.Shown != "Solicitud número 000147/2026" || len(notice.Buttons) != 1 {
		t.Fatalf("%+v", notice)
	}
	if err := raul.PressValue(notice.TS, notice.Buttons[0].ActionID, notice.Buttons[0].Value); err != nil {
		t.Fatal(err)
	}
	st.until(func() bool { return len(raul.Screen()) == 1 && len(raul.In("C00000001")) == 3 })
	st.rest()
	if raul.Screen()[0].Shown != "Para raul" || !raul.In("C00000001")[2].Ephemeral {
		t.Errorf("%+v", raul.Screen())
	}
	if len(st.lucia.Screen()) != 0 || len(st.lucia.In("C00000001")) != 2 {
		t.Errorf("Lucía sees what is Raúl's: %+v %+v", st.lucia.Screen(), st.lucia.In("C00000001"))
	}
}

func TestANoticeThatAChannelDoesNotTakeComesInTheDM(t *testing.T) {
	c := titled("Solicitud número 000147/2026")
	st := perform(t, "socket", func(context.Context, bot.Input) bot.Reply { return bot.Reply{Card: &c, Open: true} })
	st.Channel("C00000002", false, st.lucia)
	if err := st.lucia.SlashIn("C00000002", "/sidem", "147"); err != nil {
		t.Fatal(err)
	}
	st.until(func() bool { return len(st.lucia.Screen()) == 1 })
	st.Channel("C00000003", true, st.lucia)
	if err := st.lucia.SlashIn("C00000003", "/sidem", "147"); err != nil {
		t.Fatal(err)
	}
	st.until(func() bool { return len(st.lucia.In("C00000003")) == 1 })
}

func TestEveryWordOfTheCommandReachesTheBot(t *testing.T) {
	got := make(chan string, 1)
	st := perform(t, "http", func(_ context.Context, in bot.Input) bot.Reply {
		got <- in.Text
		return bot.Reply{}
	})
	for words, want := range map[string]string{
		"": "/ayuda", "pendientes": "/pendientes", "buscar computadoras & más": "/buscar computadoras & más", "147": "147", "vincular abc-DEF_1": "/vincular abc-DEF_1",
	} {
		if err := st.lucia.Slash("/sidem", words); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, receive(t, got)); diff != "" {
			t.Error(diff)
		}
	}
}
