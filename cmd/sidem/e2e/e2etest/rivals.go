package e2etest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/core"
)

// Begin has the world begin, and returns a request.
func (r *Rivals) Begin() core.Record {
	r.t.Helper()
	if err := r.World.Begin(r.t.Context(), nil); err != nil {
		r.t.Fatal(err)
	}
	r.raúl, r.elena = r.link("raúl", "telegram"), r.link("elena", "slack")
	if err := r.World.Given(r.t.Context(), "suplencia de raúl por elena del 2026-11-23 al 2026-11-30"); err != nil {
		r.t.Fatal(err)
	}
	request := r.Filed()
	Rest(r.t, r.World)
	return request
}

// Told waits until what a person can see says a text.
func (r *Rivals) Told(who, on, text string) {
	r.t.Helper()
	c, err := r.World.Client(who, on)
	if err != nil {
		r.t.Fatal(err)
	}
	for deadline := time.After(3 * world.Patience); ; {
		changed := r.World.Changed()
		if Count(c, text) > 0 {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			var b strings.Builder
			for _, s := range c.Screen() {
				fmt.Fprintln(&b, s.Text)
			}
			r.t.Fatalf("%s was not told %q, but:\n%s", who, text, b.String())
		}
	}
}

// Count is how many of the messages that somebody sees hold a text.
func Count(c bottest.Client, text string) int {
	n := 0
	for _, s := range c.Screen() {
		if strings.Contains(s.Text, text) {
			n++
		}
	}
	return n
}

// Ready is what the first replica answers whoever asks whether it takes traffic.
func (r *Rivals) Ready() int {
	w := httptest.NewRecorder()
	r.Twins.Inner().ServeReady(w, httptest.NewRequestWithContext(r.t.Context(), http.MethodGet, "/readyz", nil))
	return w.Code
}

// Rivals are Raúl on Telegram and Elena, who stands in for him, on Slack. The
// front gives each press to both replicas at once.
type Rivals struct {
	World *world.World
	Twins *Twins // nil where processes of their own are raced

	t     *testing.T
	raúl  core.Record
	elena core.Record

	mu   sync.Mutex
	said map[string][]string // answers by who pressed
}

// NewRivals are the rivals of a world; s runs it, or is nil.
func NewRivals(t *testing.T, w *world.World, s *Twins) *Rivals {
	return &Rivals{t: t, World: w, Twins: s, said: map[string][]string{}}
}

// link links a person's chat, as the command line would.
func (r *Rivals) link(who, platform string) core.Record {
	r.t.Helper()
	a, p := r.Twins.Inner(), r.World.People[who]
	account, err := a.Store.Find(r.t.Context(), core.UniqueUser(p.Account.User))
	if err != nil {
		r.t.Fatal(err)
	}
	chat := p.SlackID
	if platform == "telegram" {
		chat = fmt.Sprint(p.TelegramID)
		r.World.Telegram.Person(p.TelegramID, "", "").Start("")
	}
	c := core.Command{Verb: core.VerbLink, Where: "cli", Fields: map[core.Field]string{core.FieldPlatform: platform, core.FieldChat: chat}}
	if out, err := a.Desk.Do(r.t.Context(), core.SystemActor, account.ID, c); err != nil || out.Refusal != nil {
		r.t.Fatal(out.Refusal, err)
	}
	return account
}

// Hear notes what somebody was told.
func (r *Rivals) Hear(who, words string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said[who] = append(r.said[who], words)
}

// answered reports whether each of those who pressed was answered. (A platform that was
// not answered in time is not busy any more, and the answer follows.)
func (r *Rivals) answered(who []string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !slices.ContainsFunc(who, func(name string) bool { return len(r.said[name]) == 0 })
}

// heard is what somebody was told since the last call.
func (r *Rivals) heard(who string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.said[who]
	delete(r.said, who)
	return out
}

// Filed is a new request that waits to be released.
func (r *Rivals) Filed() core.Record {
	r.t.Helper()
	out, err := r.World.File(r.t.Context(), r.Twins.Inner())
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

// Press has somebody release a request, by the button of a card that shows it as it is.
func (r *Rivals) Press(who string, request core.Record) {
	r.t.Helper()
	a, p := r.Twins.Inner(), r.World.People[who]
	release := card.Token{Word: string(core.VerbRelease), Record: request.ID, Version: request.Version}
	if who == "raúl" {
		r.World.Telegram.Person(p.TelegramID, "", "").PressData(1, a.Seal.Seal(r.raúl.ID, release))
		return
	}
	if err := r.World.SlackPerson(p).PressValue("1.000001", "tap-1", a.Seal.Seal(r.elena.ID, release)); err != nil {
		r.t.Error(err)
	}
}

// Race has those who press do so at the same moment, and waits until they are answered.
func (r *Rivals) Race(request core.Record, who ...string) {
	r.t.Helper()
	var wg sync.WaitGroup
	for _, name := range who {
		wg.Go(func() { r.Press(name, request) })
	}
	wg.Wait()
	deadline := time.After(world.Patience)
	for {
		changed := r.World.Changed()
		if r.World.Telegram.Idle() && r.World.Slack.Idle() && r.answered(who) {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			r.t.Fatalf("%s: %v pressed; %v was answered", request.Number, who, r.said)
		}
	}
}

// Judge checks what came of one race: one is applied, everybody else is told, and
// each press is in the trail and answered once, though each was given to both replicas.
func (r *Rivals) Judge(request core.Record, who ...string) (winner string) {
	r.t.Helper()
	trail, err := r.Twins.Both[1].App.Store.Trail(r.t.Context(), request.ID, request.Seq, 100)
	if err != nil {
		r.t.Fatal(err)
	}
	var applied, once []string
	for _, e := range trail {
		once = append(once, e.Once)
		if e.Refusal == nil {
			applied = append(applied, e.By)
		}
	}
	slices.Sort(once)
	if len(applied) != 1 || len(once) != len(who) || len(slices.Compact(once)) != len(who) {
		r.t.Fatalf("%s: %v pressed; the trail says %+v", request.Number, who, trail)
	}
	ids := map[string]string{"raúl": r.raúl.ID, "elena": r.elena.ID}
	for _, name := range who {
		want := "la liberó"
		if ids[name] == applied[0] {
			winner, want = name, "quedó liberada"
		}
		said := r.heard(name)
		if len(said) != 1 || !strings.Contains(said[0], want) {
			r.t.Fatalf("%s: of %v %s was told %q, want once %q", request.Number, who, name, said, want)
		}
	}
	return winner
}
