package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // the office's zone, on machines that have no zone files

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/card/cardtest"
	"sidem.gob.mx/sidem/bot/identity"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/core/value"
	"sidem.gob.mx/sidem/storage/sqlite"
)

// world is the engine on a real store, with people who write to it and no platform.
type world struct {
	t      testing.TB
	engine *bot.Engine
	desk   *desk.Desk
	store  *sqlite.Store
	keeper identity.Keeper
	seal   card.Sealer
	people map[string]core.Record // by first name
	last   map[string]bot.Reply   // to each person
	acts   int

	mu  sync.Mutex
	now time.Time
	// begun is since when the clock runs; zero: it stands still, but for pass.
	begun testbed.Stopwatch
}

// roster are the people, by first name: profile and agency.
var roster = []struct{ first, name, profile, agency string }{
	{"lucía", "Lucía Herrera Campos", "requester", "IE"},
	{"raúl", "Raúl Ortega Díaz", "secretary", "IE"},
	{"diego", "Diego Vega Luna", "requester,secretary", "SO"},
	{"sofía", "Sofía Lara Ponce", "admin", ""},
	{"tomás", "Tomás Aguilar Ruiz", "registry", ""},
	{"patricia", "Patricia Solís Vera", "director", ""},
	{"héctor", "Héctor Molina Sáenz", "head", ""},
	{"mariana", "Mariana Ríos Téllez", "executive", ""},
	{"inés", "Inés Rubio Salas", "auditor", ""},
}

// clerk registers what was there before a test.
var clerk = core.Actor{Account: "import", Name: "Carga inicial", Roles: []core.Role{core.RoleAdmin, core.RoleSystem}}

// newWorld is a Monday at nine, with everybody linked on telegram but those left out.
func newWorld(t testing.TB, unlinked ...string) *world {
	t.Helper()
	office := cardtest.Office()
	w := &world{
		t: t, people: map[string]core.Record{}, last: map[string]bot.Reply{},
		now: time.Date(2026, time.November, 23, 9, 0, 0, 0, office.Calendar.Zone()),
	}
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "sidem.db"), sqlite.Options{Now: w.clock})
	w.must(err)
	t.Cleanup(func() { w.must(store.Close()) })
	key := []byte(strings.Repeat("k", 32))
	w.store, w.keeper, w.seal = store, identity.NewKeeper(key), card.NewSealer(key)
	w.desk = &desk.Desk{Ledger: store, Sessions: store, Office: office, Now: w.clock}
	w.engine = &bot.Engine{
		Desk: w.desk, Sessions: store, Outbox: store, Seal: w.seal, Identity: w.keeper,
		Modal: map[string]bool{"slack": true}, Log: slog.New(slog.DiscardHandler),
		Invite: func(platform, payload string) string {
			if platform != "telegram" {
				return ""
			}
			return "https://t.me/sidem_bot?start=" + payload
		},
	}
	for id, name := range map[string]string{"IE": "Instituto de Ejemplo", "SO": "Secretaría de Obras de Ejemplo"} {
		w.do(clerk, "", core.Command{Kind: core.KindAgency, Verb: core.VerbRegister, Fields: fields(core.FieldAgency, id, core.FieldName, name)})
		w.do(clerk, "", core.Command{Kind: core.KindProgram, Verb: core.VerbDeliver, Agency: id, Fields: fields(
			core.FieldYear, "2026", core.FieldLetterNumber, "OF/1/2026", core.FieldLetterDate, "2026-01-12")})
		w.do(clerk, core.ProgramID(id, "2026"), core.Command{Verb: core.VerbValidate})
	}
	for _, p := range roster {
		w.enrol(p.first, p.name, p.profile, p.agency)
		if !slices.Contains(unlinked, p.first) {
			w.link(p.first, "telegram")
		}
	}
	w.settle()
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.begun != (testbed.Stopwatch{}) {
		return w.now.Add(w.begun.Elapsed())
	}
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// fields makes a command's fields of names and values.
func fields(of ...any) map[core.Field]string {
	out := map[core.Field]string{}
	for i := 0; i < len(of); i += 2 {
		out[of[i].(core.Field)] = fmt.Sprint(of[i+1])
	}
	return out
}

func (w *world) do(a core.Actor, id string, c core.Command) core.Record {
	w.t.Helper()
	out, err := w.desk.Do(w.t.Context(), a, id, c)
	w.must(err)
	if out.Refusal != nil {
		w.t.Fatalf("%s: %v", c.Verb, out.Refusal)
	}
	return out.Record
}

func (w *world) enrol(first, name, profile, agency string) {
	w.t.Helper()
	r := w.do(clerk, "", core.Command{Kind: core.KindAccount, Verb: core.VerbApply, Agency: agency, Fields: fields(
		core.FieldName, name, core.FieldPost, "Cargo de ejemplo", core.FieldEmail, fmt.Sprintf("persona%d@ejemplo.gob.mx", len(w.people)+1), core.FieldPhone, "722 555 0100",
		core.FieldProfile, profile, core.FieldLetterNumber, "OF/2/2026", core.FieldLetterDate, "2026-01-12")})
	w.people[first] = w.do(clerk, r.ID, core.Command{Verb: core.VerbGrant})
}

func (w *world) link(first, platform string) {
	w.t.Helper()
	w.people[first] = w.do(clerk, w.people[first].ID, core.Command{Verb: core.VerbLink, Fields: fields(
		core.FieldPlatform, platform, core.FieldChat, first)})
}

// by has a person give a command outside of any chat.
func (w *world) by(first, id string, c core.Command) core.Record {
	w.t.Helper()
	account, err := w.store.Record(w.t.Context(), w.people[first].ID)
	w.must(err)
	actor, err := w.desk.Actor(w.t.Context(), account)
	w.must(err)
	c.Where = "cli"
	return w.do(actor, id, c)
}

// filed is a request that a person filed.
func (w *world) filed(first, subject string) core.Record {
	w.t.Helper()
	r := w.by(first, "", core.Command{Kind: core.KindRequest, Verb: core.VerbDraft, Items: []core.Item{{Description: "Equipo", Quantity: value.Units(1), Unit: "pieza"}}, Fields: fields(
		core.FieldSubject, subject, core.FieldProcurement, "purchase", core.FieldCategory, "equipment",
		core.FieldJustification, "El equipo actual ya no recibe actualizaciones.", core.FieldBudgetLine, "5151",
		core.FieldFunding, "Recursos estatales", core.FieldAmount, "1000", core.FieldMultiYear, "no", core.FieldProject, "P-03 Renovación")})
	return w.by(first, r.ID, core.Command{Verb: core.VerbFile})
}

// received is a request that was released and whose oficio was received.
func (w *world) received(first, secretary, subject string) core.Record {
	w.t.Helper()
	r := w.filed(first, subject)
	w.by(secretary, r.ID, core.Command{Verb: core.VerbRelease})
	return w.by("tomás", r.ID, core.Command{Verb: core.VerbReceiveLetter, Fields: fields(core.FieldFolio, "OP-1",
		core.FieldReceivedDate, "2026-11-23", core.FieldReceivedTime, "09:00", core.FieldLetterNumber, "OF/3/2026")})
}

// issued is a request of Lucía's with an opinion by Mariana.
func (w *world) issued(subject string) core.Record {
	w.t.Helper()
	r := w.received("lucía", "raúl", subject)
	w.by("tomás", r.ID, core.Command{Verb: core.VerbRefer, Fields: fields(core.FieldHead, w.people["héctor"].ID)})
	w.by("héctor", r.ID, core.Command{Verb: core.VerbAssign, Fields: fields(core.FieldExecutive, w.people["mariana"].ID)})
	return w.by("mariana", r.ID, core.Command{
		Verb: core.VerbIssue, Fields: fields(core.FieldOpinionNumber, "DT-0001/2026", core.FieldOutcome, core.Favorable),
		Files: []core.Attachment{{Name: "dictamen.pdf", MIME: "application/pdf", Hash: "x"}},
	})
}

// in hands an input of a person to the engine, and looks at what every answer
// must be: within the limits of tokens and toasts, and open only in groups.
func (w *world) in(who string, in bot.Input) bot.Reply {
	w.t.Helper()
	w.acts++
	if in.Platform == "" {
		in.Platform = "telegram"
	}
	if in.Once == "" {
		in.Once = fmt.Sprint("tg:", w.acts)
	}
	in.Who, in.Chat = who, who
	in.CanOpen = in.Platform == "slack"
	reply := w.engine.Handle(w.t.Context(), in)
	if strings.HasPrefix(reply.Toast, "No pude completar") {
		w.t.Fatalf("%s: %+v broke", who, in)
	}
	if reply.Open && in.Private {
		w.t.Errorf("an answer in private is open: %+v", reply)
	}
	cards := reply.Home
	if reply.Card != nil {
		cards = append(cards, *reply.Card)
	}
	for _, a := range actions(cards...) {
		kinds := 0 // exactly one
		for _, kind := range []string{a.Token, a.URL, a.Copy} {
			if kind != "" {
				kinds++
			}
		}
		if len(a.Token) > card.MaxToken || kinds != 1 || a.Label == "" || len([]rune(a.Label)) > 40 {
			w.t.Errorf("button %+v breaks a limit", a)
		}
	}
	w.last[who] = reply
	return reply
}

func (w *world) say(who, text string) bot.Reply {
	w.t.Helper()
	return w.in(who, bot.Input{Text: text, Private: true})
}

func (w *world) inGroup(who, text string) bot.Reply {
	w.t.Helper()
	return w.in(who, bot.Input{Text: text})
}

// press presses the button with the label on the person's last answer.
func (w *world) press(who, label string) bot.Reply {
	w.t.Helper()
	return w.tap(who, w.token(who, label), true)
}

func (w *world) token(who, label string) string {
	w.t.Helper()
	r := w.last[who]
	if r.Card != nil {
		for _, a := range actions(*r.Card) {
			if a.Label == label {
				return a.Token
			}
		}
	}
	w.t.Fatalf("%s sees no button %q on:\n%s", who, label, text(r))
	return ""
}

func (w *world) tap(who, token string, private bool) bot.Reply {
	w.t.Helper()
	return w.in(who, bot.Input{Tap: token, Private: private, Message: "m"})
}

func actions(cards ...card.Card) []card.Action {
	var out []card.Action
	for _, c := range cards {
		for _, row := range c.Rows {
			out = append(out, row...)
		}
		if c.Select != nil {
			out = append(out, c.Select.Options...)
		}
	}
	return out
}

func labels(r bot.Reply) []string {
	var out []string
	if r.Card != nil {
		for _, a := range actions(*r.Card) {
			out = append(out, a.Label)
		}
	}
	return out
}

// text is all that an answer says.
func text(r bot.Reply) string {
	out := []string{r.Toast}
	cards := r.Home
	if r.Card != nil {
		cards = append(cards, *r.Card)
	}
	for _, c := range cards {
		out = append(out, c.Title, c.Head, c.Subject, c.Turn)
		for _, f := range c.Facts {
			out = append(out, f.Label+": "+f.Value)
		}
		out = append(out, c.Text...)
		for _, a := range actions(c) {
			out = append(out, "["+a.Label+"]")
		}
	}
	return strings.Join(slices.DeleteFunc(out, func(s string) bool { return s == "" }), "\n")
}

// wants fails unless an answer says all of parts.
func (w *world) wants(r bot.Reply, parts ...string) {
	w.t.Helper()
	for _, p := range parts {
		if !strings.Contains(text(r), p) {
			w.t.Errorf("no %q in:\n%s", p, text(r))
		}
	}
}

// owed are the items in the outbox, settled by looking at them.
func (w *world) owed() []outbox.Item {
	w.t.Helper()
	items, err := w.store.Claim(w.t.Context(), w.clock(), 1000, time.Minute)
	w.must(err)
	var done []outbox.Result
	for _, it := range items {
		done = append(done, outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: outbox.WasMoot})
	}
	_, err = w.store.Settle(context.WithoutCancel(w.t.Context()), w.clock(), done)
	w.must(err)
	return items
}

func (w *world) settle() { w.t.Helper(); w.owed() }

// drawn are the records whose cards were asked for, for a person, since the last look.
func (w *world) drawn(first string) []string {
	w.t.Helper()
	var out []string
	for _, it := range w.owed() {
		if it.What == desk.WhatCard && it.Account == w.people[first].ID {
			out = append(out, it.Record)
		}
	}
	return out
}

// tick lets the clock of the world run with the time of the machine.
func (w *world) tick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begun = testbed.Start()
}
