package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// rig is a Web API with one end of a socket in the test's hands, to see when
// exactly each envelope is acknowledged. What Slack thinks of the payloads the
// emulator judges.
type rig struct {
	*scripted
	t     *testing.T
	conns chan *websocket.Conn // a new one for each connection
	acks  chan ackFrame
	log   *syncBuffer
	end   func() // ends Run and waits for it

	mu   sync.Mutex
	conn *websocket.Conn // the latest
	n    int
}

type ackFrame struct {
	ID      string          `json:"envelope_id"`
	Payload json.RawMessage `json:"payload"`
}

// handler is a bot.Handler of a function.
type handler func(ctx context.Context, in bot.Input) bot.Reply

func (h handler) Handle(ctx context.Context, in bot.Input) bot.Reply { return h(ctx, in) }

// listen runs a Slack with h until the test ends, with times that change tells.
func listen(t *testing.T, h handler, on map[string]http.HandlerFunc, change func(*Slack)) *rig {
	t.Helper()
	w := &rig{t: t, conns: make(chan *websocket.Conn, 8), acks: make(chan ackFrame, 100)}
	if on == nil {
		on = map[string]http.HandlerFunc{}
	}
	w.scripted = script(t, on)
	on["apps.connections.open"] = func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+appToken {
			fails("invalid_auth")(rw, r)
			return
		}
		says(`{"ok":true,"url":"`+strings.Replace(w.URL, "http", "ws", 1)+`/socket?ticket=canary-ticket"}`)(rw, r)
	}
	on["socket"] = w.accept
	s, logged := newTest(t, w.URL+"/api/")
	w.log = logged
	s.linger = 20 * time.Millisecond
	s.sleep = func(ctx context.Context, d time.Duration) error { return wire.Sleep(ctx, min(d, s.linger)) }
	if change != nil {
		change(s)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, h) }()
	w.end = sync.OnceFunc(func() {
		cancel()
		if err := receive(t, ended); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(w.end)
	receive(t, w.conns)
	return w
}

func (w *rig) accept(rw http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(rw, r, nil)
	if err != nil {
		return
	}
	w.mu.Lock()
	w.conn = conn
	w.mu.Unlock()
	w.write(map[string]any{"type": "hello", "num_connections": 1})
	w.conns <- conn
	for {
		var a ackFrame
		if conn.ReadJSON(&a) != nil {
			return
		}
		w.acks <- a
	}
}

func (w *rig) write(frame map[string]any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.conn.WriteJSON(frame); err != nil {
		w.t.Error(err)
	}
}

// deliver sends an envelope and returns its id.
func (w *rig) deliver(kind, payload string) string {
	w.n++
	id := fmt.Sprintf("envelope-%d", w.n)
	w.write(map[string]any{"type": kind, "envelope_id": id, "payload": json.RawMessage(payload)})
	return id
}

// receive waits for a value, within a bound that no test should meet.
func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(time.Minute):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func (w *rig) wantAck(id string) ackFrame {
	w.t.Helper()
	a := receive(w.t, w.acks)
	if a.ID != id {
		w.t.Fatalf("acknowledged %s, want %s", a.ID, id)
	}
	return a
}

func (w *rig) noAck() {
	w.t.Helper()
	select {
	case a := <-w.acks:
		w.t.Fatalf("acknowledged %s", a.ID)
	default:
	}
}

func saying(who, text string, n int) string {
	return fmt.Sprintf(`{"team_id":"T1","event_id":"Ev%d","event":{"type":"message","user":%q,"text":%q,"ts":"1.%d","channel":"D1","channel_type":"im"}}`, n, who, text, n)
}

func presses(who, value string, n int) string {
	return fmt.Sprintf(`{"type":"block_actions","trigger_id":"1.2.%d","team":{"id":"T1"},"user":{"id":%q},"container":{"channel_id":"D1","message_ts":"5.6"},"actions":[{"action_id":"tap-1-1","action_ts":"7.%d","value":%q}]}`, n, who, n, value)
}

const submission = `{"type":"view_submission","trigger_id":"1.2.3","team":{"id":"T1"},"user":{"id":"U1"},"view":{"id":"V1","hash":"h","private_metadata":"tok","blocks":[{"type":"input","block_id":"folio"}],"state":{"values":{"folio":{"value":{"value":"x"}}}}}}`

func toast(words string) bot.Reply { return bot.Reply{Toast: words} }

// shut is a store in which no input is kept until it is opened.
type shut struct {
	wire.Sessions
	open chan struct{}
	fail bool
}

func (s *shut) Enter(ctx context.Context, e desk.Entry, now time.Time) (desk.Entered, error) {
	<-s.open
	if s.fail {
		return desk.Entered{}, errors.New("disk full")
	}
	return s.Sessions.Enter(ctx, e, now)
}

func TestAnEnvelopeIsAcknowledgedWhenItIsKeptAndBeforeItIsWorked(t *testing.T) {
	began, commit := make(chan bot.Input), make(chan struct{})
	store := &shut{Sessions: storagetest.NewModel(), open: make(chan struct{})}
	w := listen(t, func(_ context.Context, in bot.Input) bot.Reply {
		began <- in
		<-commit
		return bot.Reply{}
	}, nil, func(s *Slack) { s.sessions = store })
	id := w.deliver(typeInteractive, presses("U1", "tok", 1))
	time.Sleep(20 * time.Millisecond)
	w.noAck()
	close(store.open)
	if a := w.wantAck(id); len(a.Payload) > 0 {
		t.Errorf("acknowledged with %s", a.Payload)
	}
	if in := receive(t, began); in.Tap != "tok" || in.Who != "U1" {
		t.Errorf("%+v", in)
	}
	close(commit)
}

func TestAnEnvelopeThatCannotBeKeptIsLeft(t *testing.T) {
	store := &shut{Sessions: storagetest.NewModel(), open: make(chan struct{}), fail: true}
	close(store.open)
	w := listen(t, func(context.Context, bot.Input) bot.Reply {
		t.Error("worked")
		return bot.Reply{}
	}, nil, func(s *Slack) { s.sessions, s.patience = store, time.Millisecond })
	w.deliver(typeInteractive, presses("U1", "tok", 1))
	w.deliver(typeInteractive, submission)
	testbed.Await(t, time.Minute, "both are logged", func() bool { return strings.Count(w.log.String(), "not taken") == 2 })
	w.end()
	w.noAck()
}

func TestAHandlerThatTakesLongIsAcknowledgedBeforeAndAnsweredAfter(t *testing.T) {
	commit, posted := make(chan struct{}), make(chan string, 1)
	w := listen(t, func(context.Context, bot.Input) bot.Reply {
		<-commit
		return toast("Registrada.")
	}, map[string]http.HandlerFunc{"chat.postEphemeral": func(rw http.ResponseWriter, r *http.Request) {
		posted <- r.FormValue("user") + " " + r.FormValue("channel") + " " + r.FormValue("text")
		says(`{"ok":true,"message_ts":"1.2"}`)(rw, r)
	}}, func(s *Slack) { s.patience = time.Millisecond })
	id := w.deliver(typeInteractive, presses("U1", "tok", 1))
	w.wantAck(id)
	close(commit)
	if got := receive(t, posted); got != "U1 D1 Registrada." {
		t.Error(got)
	}
	w.noAck()
}

func TestAnAnswerThatTheEndCutsShortIsGivenByTheNext(t *testing.T) {
	posting, over := make(chan struct{}), make(chan struct{})
	h := func(context.Context, bot.Input) bot.Reply { return toast("Registrada.") }
	store := storagetest.NewModel()
	w := listen(t, h, map[string]http.HandlerFunc{
		"chat.postEphemeral": func(http.ResponseWriter, *http.Request) {
			close(posting)
			<-over
		},
	}, func(s *Slack) { s.grace, s.sessions = time.Millisecond, store })
	w.wantAck(w.deliver(typeInteractive, presses("U1", "tok", 1)))
	receive(t, posting)
	w.end()
	close(over)
	posted := make(chan string, 1)
	listen(t, h, map[string]http.HandlerFunc{"chat.postEphemeral": func(rw http.ResponseWriter, r *http.Request) {
		posted <- r.FormValue("text")
		says(`{"ok":true,"message_ts":"1.2"}`)(rw, r)
	}}, func(s *Slack) { s.sessions = store })
	if got := receive(t, posted); got != "Registrada." {
		t.Error(got)
	}
}

func TestWhatOnePersonDoesIsHandledInOrderAndPeopleBesideEachOther(t *testing.T) {
	type step struct {
		who, text string
		goOn      chan struct{}
	}
	steps := make(chan step)
	w := listen(t, func(_ context.Context, in bot.Input) bot.Reply {
		s := step{in.Who, in.Text, make(chan struct{})}
		steps <- s
		<-s.goOn
		return bot.Reply{}
	}, nil, nil)
	w.wantAck(w.deliver(typeEvents, saying("U1", "uno", 1)))
	first := receive(t, steps)
	w.wantAck(w.deliver(typeEvents, saying("U1", "dos", 2)))
	w.wantAck(w.deliver(typeEvents, saying("U2", "tres", 3)))
	if beside := receive(t, steps); first.text != "uno" || beside.text != "tres" {
		t.Fatalf("%s, then %s", first.text, beside.text)
	} else {
		close(beside.goOn)
	}
	close(first.goOn)
	second := receive(t, steps)
	if second.text != "dos" {
		t.Error(second.text)
	}
	close(second.goOn)
}

func TestAPanicIsAcknowledgedLoggedAndAnswered(t *testing.T) {
	posted := make(chan string, 1)
	w := listen(t, func(_ context.Context, in bot.Input) bot.Reply {
		if in.Text == "mal" {
			panic("broken")
		}
		return bot.Reply{}
	}, map[string]http.HandlerFunc{"chat.postMessage": func(rw http.ResponseWriter, r *http.Request) {
		posted <- r.FormValue("text")
		says(`{"ok":true,"channel":"D1","ts":"1.2"}`)(rw, r)
	}}, nil)
	w.wantAck(w.deliver(typeEvents, saying("U1", "mal", 1)))
	text := receive(t, posted)
	if code := wire.Support("sl:T1-UBOT:Ev1"); !strings.Contains(text, code) || !strings.Contains(w.log.String(), code) {
		t.Errorf("no code %s in %q or the log", code, text)
	}
	w.wantAck(w.deliver(typeEvents, saying("U1", "bien", 2)))
}

func TestWhatComesAgainIsAcknowledgedAndNotAnsweredTwice(t *testing.T) {
	handled := make(chan string, 10)
	w := listen(t, func(_ context.Context, in bot.Input) bot.Reply {
		handled <- in.Once
		return bot.Reply{}
	}, nil, nil)
	w.wantAck(w.deliver(typeEvents, saying("U1", "uno", 1)))
	w.wantAck(w.deliver(typeEvents, saying("U1", "uno", 1)))
	w.wantAck(w.deliver(typeEvents, saying("U1", "dos", 2)))
	if a, b := receive(t, handled), receive(t, handled); a != "sl:T1-UBOT:Ev1" || b != "sl:T1-UBOT:Ev2" || len(handled) > 0 {
		t.Error(a, b, len(handled))
	}
}

func TestWhatIsNotForUsIsAcknowledgedAndNotHandled(t *testing.T) {
	w := listen(t, func(_ context.Context, in bot.Input) bot.Reply {
		t.Errorf("handled: %+v", in)
		return bot.Reply{}
	}, nil, nil)
	w.wantAck(w.deliver("something_new", `{"a":1}`))
	w.wantAck(w.deliver(typeEvents, `{"type":"event_callback","team_id":"T1","event_id":"Ev1","event":{"type":"app_home_opened","user":"U1"}}`))
	w.wantAck(w.deliver(typeEvents, `{"team_id":"T1","event_id":"Ev1","event":{"type":"something_new"}}`))
	w.wantAck(w.deliver(typeInteractive, `{"type":"block_actions","team":{"id":"T2"},"user":{"id":"U1"},"actions":[{"action_ts":"1","value":"x"}]}`))
	w.wantAck(w.deliver(typeInteractive, `[1]`))
}

func TestAFormWithErrorsStaysOpen(t *testing.T) {
	w := listen(t, func(context.Context, bot.Input) bot.Reply {
		return bot.Reply{Errors: map[core.Field]string{core.FieldFolio: "Falta el folio.\nEscríbalo."}}
	}, nil, nil)
	for range 2 { // corrected and sent again it is the same view
		a := w.wantAck(w.deliver(typeInteractive, submission))
		if want := `{"response_action":"errors","errors":{"folio":"Falta el folio. Escríbalo."}}`; string(a.Payload) != want {
			t.Errorf("%s", a.Payload)
		}
	}
}

func TestAFormThatIsTakenCloses(t *testing.T) {
	posted := make(chan string, 1)
	w := listen(t, func(_ context.Context, in bot.Input) bot.Reply {
		return toast("Registrado " + in.Form.Values[core.FieldFolio])
	},
		map[string]http.HandlerFunc{"chat.postMessage": func(rw http.ResponseWriter, r *http.Request) {
			posted <- r.FormValue("channel") + " " + r.FormValue("text")
			says(`{"ok":true,"channel":"D1","ts":"1.2"}`)(rw, r)
		}}, nil)
	a := w.wantAck(w.deliver(typeInteractive, submission))
	if want := `{"response_action":"clear"}`; string(a.Payload) != want {
		t.Errorf("%s", a.Payload)
	}
	if got := receive(t, posted); got != "D1 Registrado x" {
		t.Error(got)
	}
}

func TestErrorsThatTheFormCannotShowAreToldInTheDM(t *testing.T) {
	commit, posted := make(chan struct{}), make(chan string, 1)
	w := listen(t, func(context.Context, bot.Input) bot.Reply {
		<-commit
		return bot.Reply{Errors: map[core.Field]string{core.FieldFolio: "Falta el folio."}}
	}, map[string]http.HandlerFunc{
		"views.update": fails("not_found"), // the person closed it
		"chat.postMessage": func(rw http.ResponseWriter, r *http.Request) {
			posted <- r.FormValue("text")
			says(`{"ok":true,"channel":"D1","ts":"1.2"}`)(rw, r)
		},
	}, func(s *Slack) { s.patience = time.Millisecond })
	w.wantAck(w.deliver(typeInteractive, submission))
	close(commit)
	if got := receive(t, posted); !strings.Contains(got, wordNotSaved) || !strings.Contains(got, "Falta el folio.") {
		t.Error(got)
	}
}

func TestAFormThatCameTooLateIsExplained(t *testing.T) {
	for code, want := range map[string]string{"expired_trigger_id": wordTooLate, "invalid_blocks": wordNoForm} {
		hint := make(chan string, 1)
		w := listen(t, func(context.Context, bot.Input) bot.Reply { return bot.Reply{Form: &everyType} }, map[string]http.HandlerFunc{
			"views.open": fails(code),
			"chat.postEphemeral": func(rw http.ResponseWriter, r *http.Request) {
				hint <- plain.Replace(r.FormValue("text"))
				says(`{"ok":true,"message_ts":"1.2"}`)(rw, r)
			},
		}, nil)
		w.wantAck(w.deliver(typeInteractive, presses("U1", "tok", 1)))
		if got := receive(t, hint); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", code, got)
		}
		w.end()
	}
}

func TestAnAnswerGoesToTheDMAndNeverToAChannel(t *testing.T) {
	posted := make(chan string, 10)
	note := func(rw http.ResponseWriter, r *http.Request) {
		posted <- strings.TrimPrefix(r.URL.Path, "/api/") + " " + r.FormValue("channel")
		says(`{"ok":true,"channel":"D1","ts":"1.2"}`)(rw, r)
	}
	c := card.Card{Story: es.Story{Title: "Sus solicitudes"}}
	w := listen(t, func(_ context.Context, in bot.Input) bot.Reply { return bot.Reply{Card: &c, Redraw: in.Tap != ""} },
		map[string]http.HandlerFunc{"chat.postMessage": note, "chat.update": note, "chat.postEphemeral": note}, nil)
	w.wantAck(w.deliver(typeCommands, `{"team_id":"T1","user_id":"U1","text":"mis","trigger_id":"1","channel_id":"C1"}`))
	if got := receive(t, posted); got != "chat.postMessage D1" {
		t.Error(got)
	}
	w.wantAck(w.deliver(typeInteractive, strings.Replace(presses("U1", "tok", 1), `"D1"`, `"C1"`, 1)))
	if got := receive(t, posted); got != "chat.postMessage D1" {
		t.Error(got)
	}
	w.wantAck(w.deliver(typeInteractive, presses("U1", "tok", 2)))
	if got := receive(t, posted); got != "chat.update D1" {
		t.Error(got)
	}
}

func TestACardThatCannotBeRedrawnIsPostedAnew(t *testing.T) {
	posted := make(chan string, 1)
	w := listen(t, func(context.Context, bot.Input) bot.Reply { return bot.Reply{Card: &simple, Redraw: true} }, map[string]http.HandlerFunc{
		"chat.update": fails("message_not_found"),
		"chat.postMessage": func(rw http.ResponseWriter, r *http.Request) {
			posted <- r.FormValue("channel")
			says(`{"ok":true,"channel":"D1","ts":"1.2"}`)(rw, r)
		},
	}, nil)
	w.wantAck(w.deliver(typeInteractive, presses("U1", "tok", 1)))
	if got := receive(t, posted); got != "D1" {
		t.Error(got)
	}
}

func TestADisconnectIsFollowedByANewConnection(t *testing.T) {
	w := listen(t, func(context.Context, bot.Input) bot.Reply { return bot.Reply{} }, nil, nil)
	w.wantAck(w.deliver(typeEvents, saying("U1", "uno", 1)))
	w.write(map[string]any{"type": "disconnect", "reason": "refresh_requested"})
	receive(t, w.conns)
	w.wantAck(w.deliver(typeEvents, saying("U1", "dos", 2)))
}

func TestABrokenConnectionIsFollowedByANewOne(t *testing.T) {
	w := listen(t, func(context.Context, bot.Input) bot.Reply { return bot.Reply{} }, nil, nil)
	w.mu.Lock()
	err := w.conn.NetConn().Close()
	w.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	receive(t, w.conns)
	w.wantAck(w.deliver(typeEvents, saying("U1", "dos", 2)))
}

func TestTheEndFinishesWhatIsHeld(t *testing.T) {
	began, commit := make(chan string, 2), make(chan struct{})
	w := listen(t, func(_ context.Context, in bot.Input) bot.Reply {
		began <- in.Form.Token
		<-commit
		return bot.Reply{}
	}, nil, func(s *Slack) { s.patience, s.grace = time.Minute, time.Minute })
	id := w.deliver(typeInteractive, submission)
	receive(t, began)
	ended := make(chan struct{})
	go func() {
		w.end()
		close(ended)
	}()
	close(commit)
	receive(t, ended)
	w.wantAck(id)
}

func TestTheEndCutsShortWhatTakesLongerThanTheGraceTime(t *testing.T) {
	began := make(chan struct{})
	w := listen(t, func(ctx context.Context, _ bot.Input) bot.Reply {
		close(began)
		<-ctx.Done()
		return toast("no")
	}, nil, func(s *Slack) { s.patience, s.grace = time.Minute, time.Millisecond })
	w.deliver(typeInteractive, submission)
	receive(t, began)
	w.end()
	w.noAck() // Slack says so, and the form stays
	if w.count("chat.postMessage") > 0 {
		t.Error("answered")
	}
}

func TestRunEndsBeforeItIsConnected(t *testing.T) {
	for _, code := range []string{"invalid_auth", "ratelimited"} {
		asked := make(chan struct{}, 100)
		server := script(t, map[string]http.HandlerFunc{"auth.test": func(rw http.ResponseWriter, r *http.Request) {
			asked <- struct{}{}
			fails(code)(rw, r)
		}})
		s, _ := newTest(t, server.URL+"/api/")
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx, handler(nil)) }()
		receive(t, asked)
		cancel()
		if err := receive(t, ended); err != nil {
			t.Error(code, err)
		}
	}
}

func TestRunRefusesATokenOfAnotherWorkspaceAndASecondRun(t *testing.T) {
	server := script(t, nil)
	s, _ := newTest(t, server.URL+"/api/")
	s.team = "T2"
	if err := s.Run(t.Context(), handler(nil)); err == nil || !strings.Contains(err.Error(), "T1") {
		t.Error(err)
	}
	s.running <- struct{}{}
	if err := s.Run(t.Context(), handler(nil)); err == nil {
		t.Error("runs twice")
	}
}

func TestNoSecretIsLoggedWhenTheSocketFails(t *testing.T) {
	refused := make(chan struct{}, 100)
	w := listen(t, func(context.Context, bot.Input) bot.Reply { return bot.Reply{} }, nil, nil)
	w.scripted.mu.Lock()
	w.on["socket"] = func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(http.StatusForbidden)
		refused <- struct{}{}
	}
	w.scripted.mu.Unlock()
	w.write(map[string]any{"type": "disconnect"})
	receive(t, refused)
	receive(t, refused)
	w.end()
	if text := w.log.String(); strings.Contains(text, "canary") || !strings.Contains(text, "no connection") {
		t.Error(text)
	}
}
