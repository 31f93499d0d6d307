package slacktest_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
)

// clocked is a workspace whose time the test moves.
func clocked(t *testing.T) (w *workspace, move func(time.Duration)) {
	now := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	w = open(t, slacktest.Options{NoRateLimits: true, Real: func() time.Time { return now }})
	return w, func(d time.Duration) { now = now.Add(d) }
}

// trigger is one of a command that is typed now.
func (w *workspace) trigger(a *app) string {
	w.t.Helper()
	if err := w.lucia.Slash("/sidem", "nueva"); err != nil {
		w.t.Fatal(err)
	}
	return a.next(w.t).(slack.SlashCommand).TriggerID
}

func view(title string) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: slack.NewTextBlockObject("plain_text", title, false, false),
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewSectionBlock(slack.NewTextBlockObject("plain_text", "Cargando…", false, false), nil, nil)}},
	}
}

func TestATriggerOpensOneModalWithinThreeSeconds(t *testing.T) {
	w, move := clocked(t)
	a := w.listen()
	trigger := w.trigger(a)
	if _, err := w.client.OpenViewContext(t.Context(), trigger, view("uno")); err != nil {
		t.Fatal(err)
	}
	if m := w.lucia.Modal(); m == nil || m.Title != "uno" || m.Text != "Cargando…" {
		t.Errorf("%+v", m)
	}
	if _, err := w.client.OpenViewContext(t.Context(), trigger, view("dos")); says(err) != "exchanged_trigger_id" {
		t.Error(err)
	}
	trigger = w.trigger(a)
	move(3*time.Second + time.Millisecond)
	if _, err := w.client.OpenViewContext(t.Context(), trigger, view("dos")); says(err) != "expired_trigger_id" {
		t.Error(err)
	}
	if _, err := w.client.OpenViewContext(t.Context(), "1.2.x", view("dos")); says(err) != "invalid_trigger_id" {
		t.Error(err)
	}
}

func TestAModalIsReplacedByItsIdOrItsOtherNameWhileItIsOpen(t *testing.T) {
	w := quick(t)
	a := w.listen()
	v := view("uno")
	v.ExternalID = "press-1"
	opened, err := w.client.OpenViewContext(t.Context(), w.trigger(a), v)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.UpdateViewContext(t.Context(), view("dos"), "", "", opened.ID); err != nil || w.lucia.Modal().Title != "dos" {
		t.Error(err, w.lucia.Modal().Title)
	}
	if _, err := w.client.UpdateViewContext(t.Context(), view("tres"), "press-1", "", ""); err != nil || w.lucia.Modal().Title != "tres" {
		t.Error(err, w.lucia.Modal().Title)
	}
	if _, err := w.client.UpdateViewContext(t.Context(), view("x"), "", opened.Hash, opened.ID); says(err) != "hash_conflict" {
		t.Error(err)
	}
	if _, err := w.client.OpenViewContext(t.Context(), w.trigger(a), v); says(err) != "duplicate_external_id" {
		t.Error(err)
	}
	w.lucia.CloseModal()
	for id, external := range map[string]string{opened.ID: "", "V404": "", "": "press-1"} {
		if _, err := w.client.UpdateViewContext(t.Context(), view("x"), external, "", id); says(err) != "not_found" {
			t.Errorf("%q %q: %v", id, external, err)
		}
	}
}

func TestThreeModalsLieOnEachOtherAndNoMore(t *testing.T) {
	w := quick(t)
	a := w.listen()
	if _, err := w.client.OpenViewContext(t.Context(), w.trigger(a), view("1")); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "", "push_limit_reached"} {
		if _, err := w.client.PushViewContext(t.Context(), w.trigger(a), view("más")); says(err) != want {
			t.Errorf("%d: %v", i+2, err)
		}
	}
}

func TestAThreadHangsFromAMessageThatIsThere(t *testing.T) {
	w := quick(t)
	top := w.post("Con observaciones")
	reply := func(ts string) (string, error) {
		_, got, err := w.client.PostMessageContext(t.Context(), w.lucia.DM(), slack.MsgOptionText("Sigue pendiente", false), slack.MsgOptionTS(ts))
		return got, err
	}
	under, err := reply(top)
	if err != nil {
		t.Fatal(err)
	}
	for name, ts := range map[string]string{"no message": "1795000000.999999", "a reply itself": under} {
		if _, err := reply(ts); says(err) != "thread_not_found" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s := w.lucia.Screen(); len(s) != 2 || s[1].ThreadTS != top || s[1].Shown != "Sigue pendiente" {
		t.Errorf("%+v", s)
	}
	a := w.listen()
	w.lucia.Answer(top, "Ya la envié")
	got := a.event(t)
	if !strings.Contains(string(got.Request.Payload), `"thread_ts":"`+top+`"`) {
		t.Errorf("%s", got.Request.Payload)
	}
}

func TestAMessageIsChangedAndTakenAwayByWhoeverWroteItAndByItsChannelsID(t *testing.T) {
	w := quick(t)
	w.lucia.Say("hola")
	hers := w.lucia.Screen()[0].TS
	ours := w.post("Por liberar")
	change := func(channel, ts string) string {
		_, _, _, err := w.client.UpdateMessageContext(t.Context(), channel, ts, slack.MsgOptionText("Liberada", false))
		return says(err)
	}
	remove := func(channel, ts string) string {
		_, _, err := w.client.DeleteMessageContext(t.Context(), channel, ts)
		return says(err)
	}
	dm := w.lucia.DM()
	if got := change(dm, ours); got != "" || w.lucia.Screen()[1].Shown != "Liberada" || w.lucia.Screen()[1].Edits != 1 {
		t.Error(got, w.lucia.Screen())
	}
	for _, test := range []struct{ channel, ts, change, remove string }{
		{dm, hers, "cant_update_message", "cant_delete_message"},
		{dm, "1.2", "message_not_found", "message_not_found"},
		{"U00000001", ours, "channel_not_found", "channel_not_found"},
	} {
		if got := change(test.channel, test.ts); got != test.change {
			t.Errorf("%+v: %s", test, got)
		}
		if got := remove(test.channel, test.ts); got != test.remove {
			t.Errorf("%+v: %s", test, got)
		}
	}
	if got := remove(dm, ours); got != "" || len(w.lucia.Screen()) != 1 {
		t.Error(got, w.lucia.Screen())
	}
	if got := change(dm, ours); got != "message_not_found" {
		t.Error(got)
	}
}

func TestAWhisperIsSeenByOnePersonAloneAndCannotBeChanged(t *testing.T) {
	w := quick(t)
	raul := w.Person("U00000002", "Raúl", "")
	w.Channel("C00000001", true, w.lucia, raul)
	ts, err := w.client.PostEphemeralContext(t.Context(), "C00000001", "U00000001", slack.MsgOptionText("Solo usted", false))
	if err != nil {
		t.Fatal(err)
	}
	if len(w.lucia.In("C00000001")) != 1 || len(raul.In("C00000001")) != 0 {
		t.Error(w.lucia.In("C00000001"), raul.In("C00000001"))
	}
	if _, _, _, err := w.client.UpdateMessageContext(t.Context(), "C00000001", ts, slack.MsgOptionText("x", false)); says(err) != "message_not_found" {
		t.Error(err)
	}
	if _, err := w.client.PostEphemeralContext(t.Context(), w.lucia.DM(), "U00000002", slack.MsgOptionText("x", false)); says(err) != "user_not_in_channel" {
		t.Error(err)
	}
}

func TestAChannelIsReadByItsMembersAndWrittenByAnAppThatIsOne(t *testing.T) {
	w := quick(t)
	raul := w.Person("U00000002", "Raúl", "")
	w.Channel("C00000001", true, w.lucia)
	w.Channel("C00000002", false, w.lucia)
	for channel, want := range map[string]string{"C00000001": "", "C00000002": "not_in_channel", "C404": "channel_not_found"} {
		if _, _, err := w.client.PostMessageContext(t.Context(), channel, slack.MsgOptionText("Aviso", false)); says(err) != want {
			t.Errorf("%s: %v", channel, err)
		}
	}
	if len(w.lucia.In("C00000001")) != 1 || raul.In("C00000001") != nil {
		t.Error(w.lucia.In("C00000001"), raul.In("C00000001"))
	}
}

func TestADirectMessageIsOpenedWithWhoeverIsThere(t *testing.T) {
	w := quick(t)
	gone := w.Person("U00000009", "Baja", "")
	gone.Deactivate()
	for person, want := range map[string]string{"U00000001": "", "U404": "user_not_found", "U00000009": "user_disabled"} {
		_, _, _, err := w.client.OpenConversationContext(t.Context(), &slack.OpenConversationParameters{Users: []string{person}})
		if says(err) != want {
			t.Errorf("%s: %v", person, err)
		}
	}
}

func TestWhatCanBePressedIsSeenWithSlacksOwnQuestion(t *testing.T) {
	w := quick(t)
	b := button("tap", "Liberar", "tok")
	b["style"] = "primary"
	b["confirm"] = map[string]any{"title": plain("Liberar"), "text": plain("¿Confirma?"), "confirm": plain("Sí, liberar"), "deny": plain("Regresar")}
	dots := map[string]any{"type": "overflow", "action_id": "menu", "options": []any{opt("Bitácora", "t1"), opt("Anexos", "t2")}}
	if got := w.blocks(section("Por liberar"), actions(b, dots)); got != "" {
		t.Fatal(got)
	}
	m := w.lucia.Screen()[0]
	if c := m.Buttons[0].Confirm; c == nil || *c != (slacktest.Dialog{Title: "Liberar", Text: "¿Confirma?", Yes: "Sí, liberar", No: "Regresar"}) {
		t.Errorf("%+v", c)
	}
	if len(m.Selects) != 1 || !m.Selects[0].Overflow || m.Selects[0].Options[1] != (slacktest.Option{Text: "Anexos", Value: "t2"}) {
		t.Errorf("%+v", m.Selects)
	}
	a := w.listen()
	if err := w.lucia.Select(m.TS, "", "Anexos"); err != nil {
		t.Fatal(err)
	}
	got := a.next(t).(slack.InteractionCallback)
	if action := got.ActionCallback.BlockActions[0]; action.ActionID != "menu" || action.SelectedOption.Value != "t2" || string(action.Type) != "overflow" {
		t.Errorf("%+v", action)
	}
	if err := w.lucia.PressValue(m.TS, "tap", "tok"); err != nil {
		t.Fatal(err)
	}
	if action := a.next(t).(slack.InteractionCallback).ActionCallback.BlockActions[0]; action.Value != "tok" || action.Text.Text != "Liberar" {
		t.Errorf("%+v", action)
	}
}

func TestAFileGoesUpInThreeStepsAndDownWithTheToken(t *testing.T) {
	w := quick(t)
	data := []byte("%PDF-1.4 dictamen")
	top := w.post("Dictamen emitido")
	if _, err := w.client.UploadFileContext(t.Context(), slack.UploadFileParameters{
		Channel: w.lucia.DM(), ThreadTimestamp: top, Filename: "dictamen.pdf", Title: "dictamen.pdf", Reader: bytes.NewReader(data), FileSize: len(data),
	}); err != nil {
		t.Fatal(err)
	}
	m := w.lucia.Screen()[1]
	if len(m.Files) != 1 || m.Files[0].Name != "dictamen.pdf" || !bytes.Equal(m.Files[0].Data, data) || m.ThreadTS != top || !m.FromBot {
		t.Fatalf("%+v", m)
	}
	var got bytes.Buffer
	address := strings.TrimSuffix(w.URL(), "/api/") + "/files/" + m.Files[0].ID
	if err := w.client.GetFileContext(t.Context(), address, &got); err != nil || !bytes.Equal(got.Bytes(), data) {
		t.Errorf("%q %v", got.String(), err)
	}
	bare := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := bare.Get(address)
	if err != nil || res.StatusCode != http.StatusFound {
		t.Fatalf("a file without a token: %v %v", res, err)
	}
	_ = res.Body.Close()
}

func TestAFileThatIsNotThereWholeIsNotShown(t *testing.T) {
	w := quick(t)
	for name, length := range map[string]string{"no length": "", "nothing": "0", "less": "-1", "too much": "2147483648"} {
		if got := w.call("files.getUploadURLExternal", map[string]any{"filename": "a.pdf", "length": length}); got != "invalid_arguments" {
			t.Errorf("%s: %q", name, got)
		}
	}
	place, err := w.client.GetUploadURLExternalContext(t.Context(), slack.GetUploadURLExternalParameters{FileName: "a.pdf", FileSize: 4})
	if err != nil {
		t.Fatal(err)
	}
	send := func(body string) int {
		res, err := http.Post(place.UploadURL, "application/octet-stream", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		return res.StatusCode
	}
	complete := func() string {
		_, err := w.client.CompleteUploadExternalContext(t.Context(), slack.CompleteUploadExternalParameters{
			Files: []slack.FileSummary{{ID: place.FileID, Title: "a.pdf"}}, Channel: w.lucia.DM(),
		})
		return says(err)
	}
	if got := complete(); got != "file_not_found" {
		t.Errorf("before its bytes: %q", got)
	}
	if got := send("12345"); got != http.StatusBadRequest {
		t.Errorf("more than announced: %d", got)
	}
	if got := send("1234"); got != http.StatusOK {
		t.Error(got)
	}
	if got := complete(); got != "" {
		t.Error(got)
	}
	if got := complete(); got != "file_not_found" || len(w.lucia.Screen()) != 1 {
		t.Errorf("a second time: %q, %d messages", got, len(w.lucia.Screen()))
	}
}

func TestAResponseURLIsGoodForFiveAnswersInHalfAnHour(t *testing.T) {
	w, move := clocked(t)
	a := w.listen()
	ask := func() string {
		if err := w.lucia.Slash("/sidem", "mis"); err != nil {
			t.Fatal(err)
		}
		return a.next(t).(slack.SlashCommand).ResponseURL
	}
	answer := func(address string) string {
		res, err := http.Post(address, "application/json", strings.NewReader(`{"text":"Sus solicitudes"}`))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return string(body)
	}
	address := ask()
	for range 5 {
		if got := answer(address); got != "ok" {
			t.Error(got)
		}
	}
	if got := answer(address); !strings.Contains(got, "used_url") {
		t.Error(got)
	}
	if s := w.lucia.Screen(); len(s) != 5 || !s[0].Ephemeral {
		t.Errorf("%+v", s)
	}
	address = ask()
	move(30*time.Minute + time.Second)
	if got := answer(address); !strings.Contains(got, "expired_url") {
		t.Error(got)
	}
}

func TestACallCanBeMadeToFailBeforeAndAfterItIsCarriedOut(t *testing.T) {
	w := quick(t)
	for _, after := range []bool{false, true} {
		before := len(w.lucia.Screen())
		w.Intercept(func(*slacktest.Call) *slacktest.Fault { return &slacktest.Fault{Drop: true, After: after} })
		if _, _, err := w.client.PostMessageContext(t.Context(), w.lucia.DM(), slack.MsgOptionText("x", false)); err == nil {
			t.Error("no error")
		}
		w.Intercept(nil)
		if done := len(w.lucia.Screen()) > before; done != after {
			t.Errorf("after=%v, and done=%v", after, done)
		}
	}
	calls := w.Calls()
	if len(calls) != 2 || calls[0].Method != "chat.postMessage" || calls[0].Params["text"] != "x" {
		t.Errorf("%+v", calls)
	}
}
