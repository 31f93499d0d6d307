package world_test

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

var update = flag.Bool("update", false, "rewrite docs/messages.md")

// cast are the people of a request, in the order of its steps. most is how many new
// messages a request may send them: what asks a question of a form they are filling in, and
// what answers an act of theirs, is no message that comes to them.
var cast = []struct {
	who, role string
	most      int
}{
	{"lucía", "Solicitante", 8},
	{"raúl", "Secretaría Técnica", 3},
	{"tomás", "Oficialía", 3},
	{"héctor", "Jefatura", 1},
	{"mariana", "Persona ejecutiva", 4},
	{"patricia", "Dirección General", 0},
	{"sofía", "Administración", 0},
}

// duties are those whose acts are counted, with how many they may take. An act is a press,
// a text that is sent, a field that is filled in, or a file.
var duties = []struct {
	verb core.Verb
	most int // 0 is not bounded: as many as its form has questions
}{
	{core.VerbDraft, 0},
	{core.VerbFile, 1},
	{core.VerbCorrect, 4},
	{core.VerbRelease, 2},
	{core.VerbSendLetter, 0},
	{core.VerbReceiveLetter, 4},
	{core.VerbRefer, 1},
	{core.VerbAssign, 2},
	{core.VerbObserve, 0},
	{core.VerbAnswer, 0},
	{core.VerbResolve, 1},
	{core.VerbIssue, 0},
	{core.VerbLogCall, 1},
	{core.VerbHandOver, 0},
}

// stalls are the stages at which a request waits for somebody, by the words of a story.
var stalls = []struct {
	given string
	then  *core.Command // by whom it is owed then
	by    string
	who   string // whose turn it is
}{
	{given: "solicitud por liberar", who: "raúl"},
	{given: "solicitud liberada", who: "raúl"},
	{given: "solicitud liberada", by: "raúl", who: "tomás", then: &core.Command{Verb: core.VerbSendLetter, Fields: map[core.Field]string{
		core.FieldLetterNumber: "IE/ST/0412/2026", core.FieldLetterDate: "2026-11-23",
	}}},
	{given: "solicitud recibida", who: "tomás"},
	{given: "solicitud turnada", who: "héctor"},
	{given: "solicitud en dictaminación", who: "mariana"},
	{given: "solicitud en dictaminación", by: "mariana", who: "lucía", then: &core.Command{Verb: core.VerbObserve, Fields: map[core.Field]string{
		core.FieldSection: "annexes", core.FieldMissing: "La cotización del proveedor B está vencida.", core.FieldDeliver: "Una cotización vigente",
	}}},
	{given: "dictamen emitido", who: "mariana"},
	{given: "dictamen por recoger", who: "lucía"},
}

const (
	mostInAMorning = 1
	mostBeforeIt   = 6 // until it is only on the board of those above
)

// What SIDEM does in a chat or to a mailbox.
const (
	posted  = "posted"
	asked   = "asked" // a question of a form
	redrawn = "redrawn"
	mailed  = "mailed"
)

// heard is one thing that SIDEM did in somebody's chat or to their mailbox.
type heard struct{ what, text string }

// ear hears what SIDEM says, as the platforms and the relay take it.
type ear struct {
	world                  *world.World
	telegram, slack, mails int // how many calls and mails it has heard
}

// fresh is what was said since the last time, by person.
func (e *ear) fresh() map[string][]heard {
	who, out := map[string]string{}, map[string][]heard{}
	for name, p := range e.world.People {
		who[fmt.Sprint(p.TelegramID)], who[e.world.SlackPerson(p).DM()], who[p.Account.Email] = name, name, name
	}
	add := func(to, what, text string) { out[who[to]] = append(out[who[to]], heard{what, text}) }
	onTelegram := map[string]string{"sendMessage": posted, "sendDocument": posted, "sendPhoto": posted, "editMessageText": redrawn}
	calls := e.world.Telegram.Calls()
	for _, c := range calls[e.telegram:] {
		what, markup := onTelegram[c.Method], c.Params["reply_markup"]
		switch {
		case what == "" || c.Status != http.StatusOK:
			continue
		case what == posted && (strings.Contains(markup, es.Say(es.ButtonLater)) || strings.Contains(markup, es.Say(es.ButtonStay))):
			what = asked
		}
		add(c.Params["chat_id"], what, cmp.Or(c.Params["text"], c.Params["caption"]))
	}
	onSlack := map[string]string{"chat.postMessage": posted, "files.completeUploadExternal": posted, "chat.update": redrawn, "views.open": asked}
	slack := e.world.Slack.Calls()
	for _, c := range slack[e.slack:] {
		if what := onSlack[c.Method]; what != "" && strings.Contains(c.Response, `"ok":true`) {
			add(cmp.Or(c.Params["channel"], c.Params["channel_id"]), what, c.Params["text"]+c.Params["blocks"])
		}
	}
	mails := e.world.Mail.All()
	for _, m := range mails[e.mails:] {
		for _, to := range m.To {
			add(to, mailed, m.Subject)
		}
	}
	e.telegram, e.slack, e.mails = len(calls), len(slack), len(mails)
	return out
}

// tally is what a walk came to for one person.
type tally struct{ news, answers, edits, mails int }

// walk tells a story, and counts what each person hears of it and how many acts each duty takes.
func walk(t *testing.T, w *world.World, lines []bottest.Line) (people map[string]*tally, acts map[core.Verb]int) {
	t.Helper()
	r := bottest.Runner{World: w, Patience: world.Patience}
	if err := r.Begin(t.Context(), lines); err != nil {
		t.Fatal(err)
	}
	people, acts = map[string]*tally{}, map[core.Verb]int{}
	for _, c := range cast {
		people[c.who] = &tally{}
	}
	pressed, listen, trail := map[string]int{}, ear{world: w}, 0
	listen.fresh()
	for _, l := range lines {
		if err := r.Part(t.Context(), []bottest.Line{l}); err != nil {
			t.Fatalf("%s: %v", l.Text, err)
		}
		quiet(t, w)
		if l.Kind == bottest.Do || l.Kind == bottest.Say {
			pressed[l.Who[0]]++
		}
		events := since(t, w, trail)
		trail += len(events)
		var answers []string
		issued := false
		for _, e := range events {
			answers = append(answers, answersTo(t, w, e)...)
			issued = issued || e.Verb == core.VerbIssue || e.Verb == core.VerbMailed
			who := strings.ToLower(strings.Fields(e.ByName + " nobody")[0])
			if _, once := acts[e.Verb]; pressed[who] > 0 && !once {
				acts[e.Verb] = pressed[who]
			}
			pressed[who] = 0
		}
		said := listen.fresh()
		if l.Kind == bottest.Linked || l.Kind == bottest.Given {
			continue // before the story
		}
		for who, c := range people {
			c.count(t, l, said[who], answers, issued)
		}
	}
	return people, acts
}

// quiet waits until nothing is under way, in SIDEM and with the platforms.
func quiet(t *testing.T, w *world.World) {
	t.Helper()
	for {
		idle, err := w.Idle(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if idle {
			return
		}
		time.Sleep(time.Millisecond) // the bubble's
	}
}

// since are the events of the trail after the first n.
func since(t *testing.T, w *world.World, n int) (out []core.Event) {
	t.Helper()
	for e, err := range desk.Events(t.Context(), w.App().Store, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if n--; n < 0 {
			out = append(out, e)
		}
	}
	return out
}

// answersTo are the words by which somebody is told that they did what an event says.
func answersTo(t *testing.T, w *world.World, e core.Event) []string {
	t.Helper()
	name := func(account string) string {
		r, err := w.App().Store.Record(t.Context(), account)
		if err != nil && account != "" {
			t.Fatal(err)
		}
		return r.Fields[core.FieldName]
	}
	then := core.Record{Kind: e.Kind, Number: e.Number, Fields: e.Fields, Calls: []core.Call{{Result: e.Fields[core.FieldCallResult]}}}
	return []string{es.Saved(e.Verb), es.SavedIn(e.Verb, 1, then, name)}
}

// count adds what one line of a story had somebody hear. However often a card is redrawn
// for it, that is one edit. No mail repeats a message but that of the opinion, which the
// guide asks for.
func (c *tally) count(t *testing.T, l bottest.Line, said []heard, answers []string, issued bool) {
	t.Helper()
	news, mails, edits := 0, 0, 0
	for _, h := range said {
		switch {
		case h.what == mailed:
			mails++
		case h.what == redrawn:
			edits = 1
		case h.what == posted && slices.ContainsFunc(answers, func(a string) bool { return a != "" && strings.Contains(h.text, a) }):
			c.answers++
		case h.what == posted:
			news++
		}
	}
	if mails > 0 && news > 0 && !issued {
		t.Errorf("%s: a mail repeats what came in the chat: %+v", l.Text, said)
	}
	c.news, c.mails, c.edits = c.news+news, c.mails+mails, c.edits+edits
}

// fromStep3 is the story of one request, with everybody linked from the beginning.
func fromStep3(lines []bottest.Line, platform string) (out []bottest.Line) {
	begun := false
	for _, l := range lines {
		begun = begun || l.Kind == bottest.Step && strings.HasPrefix(l.Arg, "3")
		if l.Kind == bottest.Linked {
			l.Arg += ", raúl@" + platform
		}
		if begun || l.Kind == bottest.Linked || l.Kind == bottest.Today {
			out = append(out, l)
		}
	}
	return out
}

// inTheBubble does something to a world of its own in virtual time.
func inTheBubble(t *testing.T, do func(t *testing.T, w *world.World)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) { do(t, e2etest.OpenWorldOn(t, e2etest.InMemory(), dir, world.InProcess)) })
}

// table is one of the page.
type table struct{ rows map[string][]string }

func (tb *table) set(row string, column, columns int, cell string) {
	if tb.rows == nil {
		tb.rows = map[string][]string{}
	}
	if tb.rows[row] == nil {
		tb.rows[row] = slices.Repeat([]string{"–"}, columns)
	}
	tb.rows[row][column] = cell
}

func (tb *table) write(b *strings.Builder, order []string, head ...string) {
	line := func(cells ...string) { _, _ = fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | ")) }
	line(head...)
	line(slices.Repeat([]string{"---"}, len(head))...)
	for _, name := range order {
		if cells := tb.rows[name]; cells != nil {
			line(append([]string{name}, cells...)...)
		}
	}
	b.WriteString("\n")
}

// TestTheMessagesOfARequestAreAsManyAsThePageSays walks a request on each platform, and has
// one stand still at each stage: docs/messages.md shows what that comes to, so that a change
// that adds a message shows in its diff. It takes twenty-two worlds, in virtual time: each stage on
// each platform, since what is told of a morning is decided by who owes what.
func TestTheMessagesOfARequestAreAsManyAsThePageSays(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# Messages, counted

Generated by a walk of the test; do not edit: ` + "`go test ./cmd/sidem/demo/world -run AsManyAsThePageSays -update`" + `.

A **new message** comes to somebody and makes a sound. What asks a question of a form, and what answers an act of one's own, is not one. A
**silent edit** is a card that is drawn anew in its place. An **act** is a press, a text that is sent, a field that is filled in, or a file.
No mail repeats a message that came in the chat, but that of the opinion: the guide asks for a telephone call and a mail.

## One request from its draft to the counter

With one observation, on Telegram / on Slack.

`)
	happy(t, &b)
	stalled(t, &b)
	path := filepath.Join("..", "..", "..", "..", "docs", "messages.md")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil { //nolint:gosec // a page of the documentation
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("docs/messages.md (-want +got):\n%s", diff)
	}
}

var platforms = []string{"telegram", "slack"}

func happy(t *testing.T, b *strings.Builder) {
	t.Helper()
	people, acts := [2]map[string]*tally{}, [2]map[core.Verb]int{}
	for i, platform := range platforms {
		suffix := map[string]string{"slack": "_en_slack"}[platform]
		t.Run(platform, func(t *testing.T) {
			inTheBubble(t, func(t *testing.T, w *world.World) {
				people[i], acts[i] = walk(t, w, fromStep3(e2etest.Scenario(t, "ocho_pasos_en_"+platform), platform))
			})
		})
		t.Run(platform+", a field corrected", func(t *testing.T) {
			inTheBubble(t, func(t *testing.T, w *world.World) {
				_, more := walk(t, w, e2etest.Scenario(t, "devuelta_y_corregida"+suffix))
				acts[i][core.VerbCorrect] = more[core.VerbCorrect]
			})
		})
	}
	if t.Failed() {
		return
	}
	var who, what table
	var roles, verbs []string
	for _, c := range cast {
		pair := func(n func(*tally) int) string {
			return fmt.Sprintf("%d / %d", n(people[0][c.who]), n(people[1][c.who]))
		}
		cells := []string{
			pair(func(x *tally) int { return x.news }), fmt.Sprint(c.most), pair(func(x *tally) int { return x.answers }),
			pair(func(x *tally) int { return x.edits }), pair(func(x *tally) int { return x.mails }),
		}
		for i, cell := range cells {
			who.set(c.role, i, len(cells), cell)
		}
		roles = append(roles, c.role)
		for i, platform := range platforms {
			if n := people[i][c.who].news; n > c.most {
				t.Errorf("%s gets %d new messages on %s, and may get %d", c.role, n, platform, c.most)
			}
		}
	}
	who.write(b, roles, "Who", "New messages", "at most", "Answers to own acts", "Silent edits", "Mails")
	b.WriteString("Acts per duty:\n\n")
	for _, d := range duties {
		most := "–"
		if d.most > 0 {
			most = fmt.Sprint(d.most)
		}
		what.set(es.Button(d.verb), 0, 3, fmt.Sprint(acts[0][d.verb]))
		what.set(es.Button(d.verb), 1, 3, fmt.Sprint(acts[1][d.verb]))
		what.set(es.Button(d.verb), 2, 3, most)
		verbs = append(verbs, es.Button(d.verb))
		for i, platform := range platforms {
			if n := acts[i][d.verb]; n == 0 || d.most > 0 && n > d.most {
				t.Errorf("%s takes %d acts on %s, and may take %d", d.verb, n, platform, d.most)
			}
		}
	}
	what.write(b, verbs, "Duty", "Telegram", "Slack", "at most")
}

// stalled has a request stand still for three weeks at each stage.
func stalled(t *testing.T, b *strings.Builder) {
	t.Helper()
	b.WriteString("## A request that stands still for three weeks\n\n" +
		"On Telegram / on Slack: the messages of all mornings to whoever has the turn, the most of one morning to anybody (those above get the board of\n" +
		"what stands still), and the mails to all.\n\n")
	var tb table
	var names []string
	for _, s := range stalls {
		var turn, most, mails [2]int
		name := s.given
		if s.then != nil {
			name += ", luego " + strings.ToLower(es.Button(s.then.Verb))
		}
		for i, platform := range platforms {
			t.Run(name+" "+platform, func(t *testing.T) {
				inTheBubble(t, func(t *testing.T, w *world.World) {
					stall(t, w, platform, s.given, s.by, s.then)
					turn[i], most[i], mails[i] = mornings(t, w, s.who)
				})
			})
		}
		for i, platform := range platforms {
			if turn[i] == 0 || turn[i] > mostBeforeIt || most[i] > mostInAMorning {
				t.Errorf("%s on %s: %d messages before it is the board's, %d of one morning", name, platform, turn[i], most[i])
			}
		}
		pair := func(n [2]int) string { return fmt.Sprintf("%d / %d", n[0], n[1]) }
		for i, cell := range []string{role(s.who), pair(turn), pair(most), pair(mails)} {
			tb.set(name, i, 4, cell)
		}
		names = append(names, name)
	}
	tb.write(b, names, "Stage", "Whose turn", "Messages", "of one morning", "Mails")
	_, _ = fmt.Fprintf(b, "At most %d of one morning, and %d in all.\n", mostInAMorning, mostBeforeIt)
}

func role(who string) string {
	for _, c := range cast {
		if c.who == who {
			return c.role
		}
	}
	return ""
}

// stall brings a request to where it will stand still.
func stall(t *testing.T, w *world.World, platform, given, by string, then *core.Command) {
	t.Helper()
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	on := map[string]string{}
	for _, c := range cast {
		on[c.who] = platform
	}
	e2etest.Link(t, w, on)
	if err := w.Given(t.Context(), given); err != nil {
		t.Fatal(err)
	}
	if then == nil {
		return
	}
	a := w.App()
	account, err := a.Store.Find(t.Context(), core.UniqueUser(w.People[by].Account.User))
	if err != nil {
		t.Fatal(err)
	}
	actor, err := a.Desk.Actor(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	request, err := a.Store.Find(t.Context(), core.UniqueNumber("000001/2026"))
	if err != nil {
		t.Fatal(err)
	}
	c := *then
	c.Where, c.Fields = "cli", maps.Clone(then.Fields)
	if out, err := a.Desk.Do(t.Context(), actor, request.ID, c); err != nil || out.Refusal != nil {
		t.Fatalf("%s: %v, %v", c.Verb, out.Refusal, err)
	}
}

// mornings are what comes of three weeks in which nobody does anything: the messages to who
// has the turn, but for those in which they have the board of others; the most that came to
// anybody of one morning; and all mails.
func mornings(t *testing.T, w *world.World, who string) (turn, most, mails int) {
	t.Helper()
	quiet(t, w)
	listen := ear{world: w}
	listen.fresh()
	first := core.DateOf(w.Time.Now().In(world.Mexico()))
	for i := 1; i <= 21; i++ {
		day := first.Next(i)
		if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
			continue // what would be sent then came on Monday
		}
		came := map[string]int{}
		for _, hour := range []string{"08:50", "09:05"} {
			if err := w.Clock(day.String() + " " + hour); err != nil {
				t.Fatal(err)
			}
			quiet(t, w)
			for person, said := range listen.fresh() {
				for _, h := range said {
					switch {
					case h.what == mailed:
						mails++
					case h.what != posted:
					case person == who && !strings.Contains(h.text, "Sin avance"):
						turn++
						fallthrough
					default:
						came[person]++
					}
				}
			}
		}
		for _, n := range came {
			most = max(most, n)
		}
	}
	return turn, most, mails
}
