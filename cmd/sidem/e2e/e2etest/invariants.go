package e2etest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
)

// TB is the part of testing.TB by which the invariants are told, for those who
// play a story again and again until it is small.
type TB interface {
	Helper()
	Context() context.Context
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// Doubtful judges what may come of deaths: a message may come twice, and a copy keep its buttons, only where an
// attempt ended in a death. Each death leaves its attempts on record, and may
// repeat the answer to what was pressed or written at that moment.
func Doubtful(t TB, w *world.World, deaths int, surprises, stale []string) error {
	t.Helper()
	allowed := deaths
	if err := w.Visit(t.Context(), func(a *app.App) error {
		allowed += UnknownAttempts(t, a)
		return nil
	}); err != nil {
		return err
	}
	copies := map[string]bool{}
	for _, b := range stale {
		if strings.HasPrefix(b, "record ") || strings.HasPrefix(b, "event ") || strings.HasPrefix(b, "index ") {
			return errors.New(b) // the audit's
		}
		message, _, _ := strings.Cut(b, " [")
		number, _, _ := strings.Cut(strings.TrimPrefix(b, message+" ["), " ")
		copies[message+number] = true
	}
	if len(surprises) > allowed || len(copies) > allowed {
		return fmt.Errorf("%d deaths and unknown attempts do not explain %d messages and %d copies with buttons:\n%s\n%s",
			allowed, len(surprises), len(copies), strings.Join(surprises, "\n"), strings.Join(stale, "\n"))
	}
	return nil
}

// Explained checks what every owed notice came to, on the store itself.
func Explained(t TB, w *world.World) {
	t.Helper()
	if err := w.Visit(t.Context(), func(a *app.App) error {
		Invariants(t, w, a) // of copies with buttons doubtful has judged
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// Accounted checks that every notice came to something: what is owed still is
// work of SIDEM's own whose time lies ahead, reminders and ticks.
func Accounted(t TB, w *world.World, a *app.App) {
	t.Helper()
	stats, err := a.Store.Stats(t.Context(), w.Time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if stats.Dead != 0 || stats.Missing() != 0 || stats.Created == 0 {
		t.Errorf("notices that came to nothing: %+v", stats)
	}
	owed := 0
	for after := ""; ; {
		items, err := a.Store.Items(t.Context(), outbox.Live, after, 200)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			after = it.ID
			if owed++; it.Channel != "" || !it.Due.After(w.Time.Now()) {
				t.Errorf("%s is owed at rest: %+v", it.Key, it)
			}
		}
		if len(items) < 200 {
			break
		}
	}
	if owed != stats.Live {
		t.Errorf("%d items are owed, and the accounts say %d", owed, stats.Live)
	}
}

// UnknownAttempts is how many attempts may have been delivered though they did not end well.
func UnknownAttempts(t TB, a *app.App) int {
	t.Helper()
	n := 0
	EveryItem(t, a, func(it outbox.Item) {
		for _, at := range it.Attempts {
			if at.MayHaveArrived() {
				n++
			}
		}
	})
	return n
}

// Settled checks what must hold when a story is over, whatever broke on its way: the
// Invariants below, that no button of a state that was left is to be seen, and that
// nothing was drawn over a card.
func Settled(t TB, w *world.World, a *app.App) {
	t.Helper()
	Invariants(t, w, a)
	stale, err := w.Stale(t.Context())
	if err != nil || len(stale) > 0 {
		t.Errorf("buttons of a state that was left: %v %v", stale, err)
	}
	covered, err := w.Covered(t.Context(), a)
	if err != nil || len(covered) > 0 {
		t.Errorf("drawn over cards: %v %v", covered, err)
	}
}

// Invariants checks what no fault excuses. That one press on a version wins and that
// no outage undoes a decision are for the stories to tell; else the trail could not
// be folded into the records.
func Invariants(t TB, w *world.World, a *app.App) {
	t.Helper()
	Accounted(t, w, a)
	InvariantsUnderWay(t, w, a)
}

// InvariantsUnderWay are those that hold at any moment, whatever is still owed.
func InvariantsUnderWay(t TB, w *world.World, a *app.App) {
	t.Helper()
	report, err := a.Desk.Audit(t.Context())
	if err != nil || len(report.Faults) > 0 || report.Events == 0 {
		t.Errorf("audit of %d events: %v %v", report.Events, report.Faults, err)
	}
	trail := trailOf(t, a)
	acknowledged(t, w, a, byAct(trail))
	noticed(t, a, byAct(trail))
	explainedTwice(t, w, a)
	entitled(t, a, trail)
	inHours(t, a)
}

func trailOf(t TB, a *app.App) []core.Event {
	t.Helper()
	var out []core.Event
	for e, err := range desk.Events(t.Context(), a.Store, 0) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// byAct is a trail with one event for each act of a person: the first, where one command
// brought several (core.Command.Also) in one commit.
func byAct(trail []core.Event) []core.Event {
	last := map[string]core.Event{} // of each record
	return slices.DeleteFunc(slices.Clone(trail), func(e core.Event) bool {
		before := last[e.Record]
		last[e.Record] = e
		row, _ := core.LifecycleOf(e.Kind).Verb(e.Verb)
		return row.Several && e.Once != "" && e.Once == before.Once && e.Verb == before.Verb && e.Seq == before.Seq+1 && e.At.Equal(before.At)
	})
}

// acknowledged checks that what people were told was done is in the trail, and that
// no press is there twice.
func acknowledged(t TB, w *world.World, a *app.App, trail []core.Event) {
	t.Helper()
	once, done, words := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, l := range core.Lifecycles {
		for _, row := range l.Rows {
			words[es.Saved(row.Verb)] = es.Saved(row.Verb) != ""
		}
	}
	for _, e := range trail {
		if e.Once != "" {
			once[e.Once+" "+string(e.Verb)+" "+e.Record]++
		}
		if e.Refusal == nil {
			for _, text := range answersTo(t, a, e) {
				words[text] = text != "" // a button that only stops spinning says nothing
				done[e.By+" "+e.Where+" "+text]++
			}
		}
	}
	for press, n := range once {
		if n > 1 {
			t.Errorf("%s is in the trail %d times", press, n)
		}
	}
	for name, p := range w.People {
		for platform, id := range map[string]string{"telegram": strconv.FormatInt(p.TelegramID, 10), "slack": p.SlackID} {
			account, err := a.Desk.Account(t.Context(), platform, id)
			if errors.Is(err, desk.ErrNotFound) {
				continue
			}
			c, clientErr := w.Client(name, platform)
			if err := errors.Join(err, clientErr); err != nil {
				t.Fatal(err)
			}
			for text, told := range answers(c, words) {
				if n := done[account.ID+" "+platform+" "+text]; told > n {
					t.Errorf("%s@%s was told %d times %q, and the trail has it %d times", name, platform, told, text, n)
				}
			}
		}
	}
}

// answersTo are the words by which somebody may be told that they did what an event says.
func answersTo(t TB, a *app.App, e core.Event) []string {
	t.Helper()
	name := func(account string) string {
		r, err := a.Store.Record(t.Context(), account)
		if err != nil && account != "" {
			t.Fatal(err)
		}
		return r.Fields[core.FieldName]
	}
	then := core.Record{Kind: e.Kind, Number: e.Number, Fields: e.Fields, Calls: []core.Call{{Result: e.Fields[core.FieldCallResult]}}}
	texts := []string{es.Saved(e.Verb)}
	if text := es.SavedIn(e.Verb, 1, then, name); text != texts[0] {
		texts = append(texts, text)
	}
	return texts
}

// answers counts what a person was told was done, by its words. Each toast answers a
// press of its own; a message may say again what a toast said, or another message.
func answers(c bottest.Client, words map[string]bool) map[string]int {
	toasts, out := map[string]map[string]bool{}, map[string]int{}
	for _, s := range c.Screen() {
		if !words[s.Text] || s.Mine {
			continue
		}
		if strings.HasPrefix(s.ID, "toast") {
			if toasts[s.Text] == nil {
				toasts[s.Text] = map[string]bool{}
			}
			toasts[s.Text][s.ID] = true // who died after an answer gives it again
		}
		out[s.Text] = max(1, len(toasts[s.Text]))
	}
	return out
}

// EveryItem goes through the outbox.
func EveryItem(t TB, a *app.App, f func(outbox.Item)) {
	t.Helper()
	for after := ""; ; {
		items, err := a.Store.Items(t.Context(), "", after, 200)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			after = it.ID
			f(it)
		}
		if len(items) < 200 {
			return
		}
	}
}

// noticed checks that each event that owes one person a mail, whatever chats they
// have, has one item for it.
func noticed(t TB, a *app.App, trail []core.Event) {
	t.Helper()
	owed := map[string]int{}
	for _, e := range trail {
		for _, row := range core.Notices {
			if e.Refusal == nil && row.Always && row.When == nil && row.Kind == e.Kind && row.Verb == e.Verb {
				owed[e.Record+" "+string(row.Mail)]++
			}
		}
	}
	EveryItem(t, a, func(it outbox.Item) {
		if parts := strings.Split(it.Key, ":"); parts[0] == "mail" && len(parts) == 5 {
			if _, ok := owed[parts[1]+" "+parts[4]]; ok {
				owed[parts[1]+" "+parts[4]]--
			}
		}
	})
	for mail, n := range owed {
		if n > 0 { // others may be told by the same mail
			t.Errorf("%s: %d mails are missing", mail, n)
		}
	}
}

// explainedTwice checks that a mail came twice only after an attempt of unknown outcome.
func explainedTwice(t TB, w *world.World, a *app.App) {
	t.Helper()
	mails := map[string]int{}
	for _, m := range w.Mail.All() {
		mails[m.MessageID]++
	}
	doubled := 0
	for n := range maps.Values(mails) {
		doubled += n - 1
	}
	if unknown := UnknownAttempts(t, a); doubled > unknown {
		t.Errorf("%d mails came twice, and only %d attempts were of unknown outcome", doubled, unknown)
	}
}

// entitled checks who did what: nobody another agency's, nobody released their own,
// nothing was referred without its letter. And whoever may not see a request is told
// what they are told of one that there is not.
func entitled(t TB, a *app.App, trail []core.Event) {
	t.Helper()
	filed, letters, numbers := map[string]string{}, map[string]bool{}, map[string]string{}
	for _, e := range trail {
		if e.Refusal != nil {
			continue
		}
		by, err := a.Store.Record(t.Context(), e.By)
		if err != nil && !errors.Is(err, desk.ErrNotFound) { // the system, or a stranger
			t.Fatal(err)
		}
		if e.Kind == core.KindRequest && by.Agency != "" && by.Agency != e.Agency && !slices.Contains(by.FormerAgencies(), e.Agency) {
			t.Errorf("%s of %s did %s to a request of %s", e.ByName, by.Agency, e.Verb, e.Agency)
		}
		switch e.Verb { //nolint:exhaustive // the others are anybody's
		case core.VerbFile:
			filed[e.Record], numbers[e.Number] = e.By, e.Agency
		case core.VerbRelease:
			if e.By == filed[e.Record] {
				t.Errorf("%s released what they filed", e.ByName)
			}
		case core.VerbReceiveLetter:
			letters[e.Record] = true
		case core.VerbRefer:
			if !letters[e.Record] {
				t.Errorf("%s was referred without its letter", e.Record)
			}
		}
	}
	for number, agency := range numbers {
		stranger := core.Actor{Account: "stranger", Agency: agency + "X", Roles: []core.Role{core.RoleRequester}}
		_, foreign := a.Desk.ByNumber(t.Context(), stranger, number)
		_, unknown := a.Desk.ByNumber(t.Context(), stranger, "999999")
		if !errors.Is(foreign, desk.ErrNotFound) || fmt.Sprint(foreign) != fmt.Sprint(unknown) {
			t.Errorf("of a foreign number they are told %q, of an unknown one %q", foreign, unknown)
		}
	}
}

// inHours checks that nothing was sent on a weekend, on a day off or at night, but for
// answers to a person's own act and what is drawn in silence, cards and screens; and that no
// notice was sent twice. A digest has an hour of the person's own.
func inHours(t TB, a *app.App) {
	t.Helper()
	EveryItem(t, a, func(it outbox.Item) {
		p := it.Payload()
		answer := p.Own || p.Anew != "" || p.Force
		sent := 0
		for _, attempt := range it.Attempts {
			if attempt.Outcome != outbox.WasSent || it.What == desk.WhatCard || it.What == desk.WhatScreen {
				continue
			}
			sent++
			at := attempt.At.In(world.Mexico())
			night := it.What != desk.WhatDigest && (at.Hour() < 9 || at.Hour() >= 18)
			if !answer && it.Account != "" && (night || !a.Desk.Office.Calendar.IsWorking(core.DateOf(at))) {
				t.Errorf("%s was sent at %v", it.Key, at)
			}
		}
		if sent > 1 {
			t.Errorf("%s was sent %d times", it.Key, sent)
		}
	})
}
