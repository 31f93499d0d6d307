package judge

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
)

// patience is for a process that starts on a busy machine.
const patience = time.Minute

// process is a script of this folder that runs until it ends by itself.
type process struct {
	context.Context             // ends with it
	port            chan string // on which it listens, once it says so
	done            chan error
	said            bytes.Buffer
}

// run starts a script. It has to end by itself, soon and in peace: see end.
func run(t *testing.T, script string, env ...string) *process {
	t.Helper()
	dir := Need(t)
	ctx, cancel := context.WithTimeoutCause(t.Context(), patience, fmt.Errorf("%s took more than %v", script, patience))
	alive, ended := context.WithCancelCause(ctx)
	p := &process{Context: alive, port: make(chan string, 1), done: make(chan error, 1)}
	cmd := exec.CommandContext(ctx, "node", script)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if port, ok := strings.CutPrefix(lines.Text(), "port "); ok {
				p.port <- port
			} else {
				p.said.WriteString(lines.Text() + "\n")
			}
		}
		err := cmd.Wait()
		ended(fmt.Errorf("%s ended: %w\n%s", script, err, p.said.String()))
		p.done <- err
	}()
	t.Cleanup(func() {
		cancel()
		<-alive.Done()
	})
	return p
}

// end waits for the end of the script, which has nothing to complain of but what is expected.
func (p *process) end(t *testing.T, expected string) {
	t.Helper()
	if err := <-p.done; err != nil {
		t.Error(err)
	}
	for line := range strings.Lines(p.said.String()) {
		if !strings.HasPrefix(line, "[INFO]") && (expected == "" || !strings.Contains(line, expected)) {
			t.Errorf("it says %s", line)
		}
	}
}

func TestGrammYIsServedByTheEmulatorOfTelegram(t *testing.T) {
	Need(t)
	s := telegramtest.New("7000000001:demo-token-of-no-use-anywhere", telegramtest.Options{NoRateLimits: true})
	t.Cleanup(s.Close)
	p := s.Person(1001, "Lucía", "Herrera")
	client := run(t, "grammy.js", "TOKEN="+s.Token(), "API="+s.URL())
	seen := func(what string, cond func(shown []telegramtest.Message) bool) {
		t.Helper()
		if err := s.Await(client, func() bool { return cond(p.Screen()) }); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	texts := func(shown []telegramtest.Message) (out []string) {
		for _, m := range shown {
			out = append(out, m.Text)
		}
		return out
	}

	p.Start("abc")
	seen("a greeting with buttons", func(shown []telegramtest.Message) bool { return len(shown) == 2 })
	card := p.Screen()[1]
	if diff := cmp.Diff([]string{"Liberar", "Consultar"}, card.Labels()); diff != "" || card.Text != "Hola, Lucía (abc)" || card.Entities[0].Type != "bold" {
		t.Errorf("%+v\n%s", card, diff)
	}
	if err := p.Press(card.ID, "Liberar"); err != nil {
		t.Fatal(err)
	}
	const same = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"
	seen("the press answered", func(shown []telegramtest.Message) bool {
		return slices.Equal(texts(shown), []string{"/start abc", "Liberada", same}) && len(shown[1].Buttons) == 0
	})
	if toasts := p.Toasts(); len(toasts) != 1 || toasts[0].Text != "Liberada" {
		t.Errorf("%+v", toasts)
	}
	sent := bytes.Repeat([]byte("oficio "), 1000)
	p.SendFile("Oficio de petición.pdf", "application/pdf", sent, "")
	seen("the file given back", func(shown []telegramtest.Message) bool { return len(shown) == 5 })
	if back := p.Screen()[4]; back.Text != "7000 bytes, application/pdf" || back.Document.Name != "Oficio de petición.pdf" || !bytes.Equal(back.Document.Data, sent) {
		t.Errorf("%+v", back)
	}
	if menu := p.Menu(); len(menu) != 1 || menu[0].Command != "mis" {
		t.Errorf("%+v", menu)
	}
	p.Say("adiós")
	client.end(t, "")
	if last := p.Screen()[6]; last.Text != "Adiós" || last.ReplyTo != p.Screen()[5].ID {
		t.Errorf("%+v", last)
	}
	if !s.Idle() {
		t.Error("an update was not confirmed")
	}
}

func TestBoltIsServedByTheEmulatorOfSlackOverSockets(t *testing.T) {
	s := workspace(t)
	client := run(t, "bolt.js", "BOT_TOKEN="+s.BotToken(), "APP_TOKEN="+s.AppToken(), "API="+s.URL())
	await(client, t, s, "a connection", func() bool { return s.Connected() == 1 })
	converse(client, t, s)
	client.end(t, "")
}

func TestBoltTakesTheSignaturesOfTheEmulatorOfSlackAndNoOthers(t *testing.T) {
	s := workspace(t)
	client := run(t, "bolt.js", "BOT_TOKEN="+s.BotToken(), "SECRET="+s.SigningSecret(), "API="+s.URL())
	var address string
	select {
	case port := <-client.port:
		address = "http://127.0.0.1:" + port
	case <-client.Done():
		t.Fatal(context.Cause(client))
	}
	other := slacktest.New(slacktest.Options{SigningSecret: "of another workspace"})
	t.Cleanup(other.Close)
	if _, status, err := other.Request(client, address+"/slack/events", "application/json", []byte(`{"type":"event_callback"}`), nil); err != nil || status != http.StatusUnauthorized {
		t.Errorf("a foreign signature: %d, %v", status, err)
	}
	if err := s.Deliver(client, address); err != nil {
		t.Fatal(err)
	}
	converse(client, t, s)
	client.end(t, "signature mismatch")
}

func workspace(t *testing.T) *slacktest.Server {
	t.Helper()
	Need(t)
	s := slacktest.New(slacktest.Options{NoRateLimits: true, AckTime: patience})
	t.Cleanup(s.Close)
	return s
}

func await(ctx context.Context, t *testing.T, s *slacktest.Server, what string, cond func() bool) {
	t.Helper()
	for {
		changed := s.Changed()
		if cond() {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("%s: %v", what, context.Cause(ctx))
		}
	}
}

// converse has one person do with the app of bolt.js all that it can.
func converse(ctx context.Context, t *testing.T, s *slacktest.Server) {
	t.Helper()
	p := s.Person("U00000001", "Lucía Herrera", "lucia@ejemplo.gob.mx")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	until := func(what string, cond func() bool) {
		t.Helper()
		await(ctx, t, s, what, func() bool { return len(p.Failures()) > 0 || cond() })
		if f := p.Failures(); len(f) > 0 {
			t.Fatalf("%s: %q", what, f)
		}
	}
	newest := func() slacktest.Message {
		shown := p.Screen()
		if len(shown) == 0 {
			return slacktest.Message{}
		}
		return shown[len(shown)-1]
	}

	must(p.Slash("/sidem", "nueva"))
	until("a form", func() bool { return p.Modal() != nil && newest().Text == "Recibí: nueva" && newest().Ephemeral })
	must(p.Fill("Asunto", "Eq"))
	must(p.Submit())
	until("an error under the question", func() bool { return p.Modal().Errors["Asunto"] == "Es muy corto." })
	must(p.Fill("Asunto", "Equipo de cómputo"))
	must(p.Submit())
	until("the form closed, and a card", func() bool { return p.Modal() == nil && newest().Shown == "Equipo de cómputo" })
	must(p.PressValue(newest().TS, "release", "1"))
	until("the card redrawn", func() bool {
		return newest().Shown == "Liberada (1)" && newest().Edits == 1 && len(newest().Buttons) == 0
	})
	must(p.OpenHome())
	until("a Home", func() bool { return p.Home() != nil && p.Home().Text == "Lo que le toca" })
	sent := bytes.Repeat([]byte("oficio "), 1000)
	p.SendFile("oficio.pdf", "application/pdf", sent, "")
	until("the file given back", func() bool { m := newest(); return m.FromBot && len(m.Files) == 1 })
	if m := newest(); m.Text != "7000 bytes" || m.Files[0].Name != "oficio.pdf" || !bytes.Equal(m.Files[0].Data, sent) {
		t.Errorf("%+v", m)
	}
	p.Say("adiós")
	until("an answer in the thread", func() bool { return newest().Text == "Adiós" && newest().ThreadTS != "" })
}
