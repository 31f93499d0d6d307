package e2etest

import (
	"bytes"
	"encoding/json"
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

// Reading is what was read of a trail so far, and folded: who judges again and again
// reads only what came since. Its zero value has read nothing.
type Reading struct {
	// Calendar are the days on which something may be sent; nil is the office's own.
	Calendar *core.Calendar

	Fresh   []core.Event // that the last Judge took in
	Unknown int          // attempts of unknown outcome, by then
	Owed    int          // items for somebody that were to be sent by then

	index  int
	folds  map[string]core.Record
	last   map[string]core.Event // of each record
	once   map[string]int        // how often a press led to a verb of a record
	done   map[string]int        // what somebody may have been told: account, place, words
	words  map[string]bool       // by which somebody is told that something was done
	mails  map[string]int        // that are owed: record and mail
	filed  map[string]string     // who filed a request
	letter map[string]bool       // the requests whose letter was received
	fresh  map[string]string     // numbers that came with the last events, and their agency

	chats map[string]string // account by platform and id, as long as no account changes
}

// Judge reads on, and checks what must hold at any moment: the trail has no gap and
// its chains hold, each record that moved is its fold, and the invariants of acts,
// notices, rights and hours.
func (r *Reading) Judge(t TB, w *world.World, a *app.App) {
	t.Helper()
	r.read(t, a)
	var items []outbox.Item
	EveryItem(t, a, func(it outbox.Item) { items = append(items, it) })
	r.acknowledged(t, w, a)
	r.noticed(t, items)
	r.Unknown, r.Owed = 0, 0
	for _, it := range items {
		r.Unknown += mayHaveArrived(it)
		if it.State == outbox.Live && (it.Channel != "" || !it.Due.After(w.Time.Now())) {
			r.Owed++
		}
	}
	r.explainedTwice(t, w)
	r.apart(t, a)
	calendar := &a.Desk.Office.Calendar
	if r.Calendar != nil {
		calendar = r.Calendar
	}
	inHours(t, *calendar, items)
}

// read takes in the events that came since, and compares the records that they are of.
func (r *Reading) read(t TB, a *app.App) {
	t.Helper()
	if r.folds == nil {
		*r = Reading{
			Calendar: r.Calendar,
			words:    savedWords(), folds: map[string]core.Record{}, last: map[string]core.Event{}, once: map[string]int{}, done: map[string]int{},
			mails: map[string]int{}, filed: map[string]string{}, letter: map[string]bool{}, chats: map[string]string{},
		}
	}
	r.fresh, r.Fresh = map[string]string{}, nil
	moved := map[string]bool{}
	for e, err := range desk.Events(t.Context(), a.Store, r.index) {
		if err != nil {
			t.Fatal(err)
		}
		r.take(t, e)
		r.Fresh = append(r.Fresh, e)
		moved[e.Record] = true
	}
	for id := range moved {
		kept, err := a.Store.Record(t.Context(), id)
		if err != nil {
			t.Fatal(fmt.Errorf("load %s: %w", id, err))
		}
		want, wantErr := json.Marshal(r.folds[id])
		got, gotErr := json.Marshal(kept)
		if err := errors.Join(wantErr, gotErr); err != nil || !bytes.Equal(want, got) {
			t.Errorf("%s is not the fold of its trail: %s, want %s %v", id, got, want, err)
		}
	}
}

// take takes in one event.
func (r *Reading) take(t TB, e core.Event) {
	t.Helper()
	if e.Index != r.index+1 {
		t.Errorf("event %d follows event %d", e.Index, r.index)
	}
	r.index = e.Index
	before := r.folds[e.Record]
	if !e.Follows(before.Seq, before.Head) {
		t.Errorf("event %d does not follow the one before of its record", e.Index)
	}
	r.folds[e.Record] = core.Apply(before, e)
	if e.Kind == core.KindAccount {
		clear(r.chats)
	}
	r.entitled(t, e)
	if e.Refusal == nil {
		for _, row := range core.Notices {
			if row.Always && row.When == nil && row.Mail != core.MailUndone && row.Kind == e.Kind && row.Verb == e.Verb && !r.joined(e) {
				r.mails[e.Record+" "+string(row.Mail)]++
			}
		}
	}
	if !r.joined(e) {
		if press := e.Once + " " + string(e.Verb) + " " + e.Record; e.Once != "" {
			if r.once[press]++; r.once[press] == 2 {
				t.Errorf("%s is in the trail twice", press)
			}
		}
		if e.Refusal == nil {
			for _, text := range r.answersTo(e) {
				r.words[text] = text != "" // a button that only stops spinning says nothing
				r.done[e.By+" "+e.Where+" "+text]++
			}
		}
	}
	r.last[e.Record] = e
}

// joined reports whether an event is of one act with the one before: one command brought
// several (core.Command.Also) in one commit.
func (r *Reading) joined(e core.Event) bool {
	before := r.last[e.Record]
	row, _ := core.LifecycleOf(e.Kind).Verb(e.Verb)
	return row.Several && e.Once != "" && e.Once == before.Once && e.Verb == before.Verb && e.Seq == before.Seq+1 && e.At.Equal(before.At)
}

// savedWords are the words by which somebody is told that something was done.
func savedWords() map[string]bool {
	words := map[string]bool{}
	for _, l := range core.Lifecycles {
		for _, row := range l.Rows {
			words[es.Saved(row.Verb)] = es.Saved(row.Verb) != ""
		}
	}
	return words
}

// acknowledged checks that what people were told was done is in the trail.
func (r *Reading) acknowledged(t TB, w *world.World, a *app.App) {
	t.Helper()
	for name, p := range w.People {
		for platform, id := range map[string]string{"telegram": strconv.FormatInt(p.TelegramID, 10), "slack": p.SlackID} {
			account, known := r.chats[platform+id]
			if !known {
				found, err := a.Desk.Account(t.Context(), platform, id)
				if err != nil && !errors.Is(err, desk.ErrNotFound) {
					t.Fatal(err)
				}
				account = found.ID
				r.chats[platform+id] = account
			}
			if account == "" {
				continue
			}
			c, err := w.Client(name, platform)
			if err != nil {
				t.Fatal(err)
			}
			for text, told := range answers(c, r.words) {
				if n := r.done[account+" "+platform+" "+text]; told > n {
					t.Errorf("%s@%s was told %d times %q, and the trail has it %d times", name, platform, told, text, n)
				}
			}
		}
	}
}

// answersTo are the words by which somebody may be told that they did what an event says.
func (r *Reading) answersTo(e core.Event) []string {
	name := func(account string) string { return r.folds[account].Fields[core.FieldName] }
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

// noticed checks that each event that owes one person a mail, whatever chats they
// have, has one item for it. What takes a mail back is owed only where that one has left.
func (r *Reading) noticed(t TB, items []outbox.Item) {
	t.Helper()
	owed := maps.Clone(r.mails)
	for _, it := range items {
		if parts := strings.Split(it.Key, ":"); parts[0] == "mail" && len(parts) == 5 {
			if _, ok := owed[parts[1]+" "+parts[4]]; ok {
				owed[parts[1]+" "+parts[4]]--
			}
		}
	}
	for mail, n := range owed {
		if n > 0 { // others may be told by the same mail
			t.Errorf("%s: %d mails are missing", mail, n)
		}
	}
}

// explainedTwice checks that a mail came twice only after an attempt of unknown outcome.
func (r *Reading) explainedTwice(t TB, w *world.World) {
	t.Helper()
	mails := map[string]int{}
	for _, m := range w.Mail.All() {
		mails[m.MessageID]++
	}
	doubled := 0
	for n := range maps.Values(mails) {
		doubled += n - 1
	}
	if doubled > r.Unknown {
		t.Errorf("%d mails came twice, and only %d attempts were of unknown outcome", doubled, r.Unknown)
	}
}

// mayHaveArrived is how many attempts of an item may have been delivered though they did not end well.
func mayHaveArrived(it outbox.Item) (n int) {
	for _, at := range it.Attempts {
		if at.MayHaveArrived() {
			n++
		}
	}
	return n
}

// entitled checks who did what: nobody another agency's, nobody released their own,
// nothing was referred without its letter.
func (r *Reading) entitled(t TB, e core.Event) {
	t.Helper()
	if e.Refusal != nil {
		return
	}
	by := r.folds[e.By] // none of the system, or of a stranger
	if e.Kind == core.KindRequest && by.Agency != "" && by.Agency != e.Agency && !slices.Contains(by.FormerAgencies(), e.Agency) {
		t.Errorf("%s of %s did %s to a request of %s", e.ByName, by.Agency, e.Verb, e.Agency)
	}
	switch e.Verb { //nolint:exhaustive // the others are anybody's
	case core.VerbFile:
		r.filed[e.Record], r.fresh[e.Number] = e.By, e.Agency
	case core.VerbRelease:
		if e.By == r.filed[e.Record] {
			t.Errorf("%s released what they filed", e.ByName)
		}
	case core.VerbReceiveLetter:
		r.letter[e.Record] = true
	case core.VerbRefer:
		if !r.letter[e.Record] {
			t.Errorf("%s was referred without its letter", e.Record)
		}
	}
}

// apart checks that whoever may not see a request that has just been filed is told what
// they are told of one that there is not.
func (r *Reading) apart(t TB, a *app.App) {
	t.Helper()
	for number, agency := range r.fresh {
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
func inHours(t TB, calendar core.Calendar, items []outbox.Item) {
	t.Helper()
	for _, it := range items {
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
			if !answer && it.Account != "" && (night || !calendar.IsWorking(core.DateOf(at))) {
				t.Errorf("%s was sent at %v", it.Key, at)
			}
		}
		if sent > 1 {
			t.Errorf("%s was sent %d times", it.Key, sent)
		}
	}
}
