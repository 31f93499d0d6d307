package chat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier/chat"
)

// poster is a chat platform in memory. Scripted errors are used up one by one;
// a message that was scripted as gone is not there any more.
type poster struct {
	one   sync.Mutex // call at a time
	shown map[card.Ref]card.Card
	calls []string
	next  int
	// The next errors of each method; nil entries succeed.
	posts, edits, removes []error
	before                func()   // runs before each call
	found                 card.Ref // what Post finds there already, of an attempt of unknown outcome
}

func shift(errs *[]error) error {
	if len(*errs) == 0 {
		return nil
	}
	err := (*errs)[0]
	*errs = (*errs)[1:]
	return err
}

func (p *poster) Post(_ context.Context, person string, c card.Card, under card.Ref) (card.Ref, error) {
	if p.before != nil {
		p.before()
	}
	p.one.Lock()
	defer p.one.Unlock()
	if err := shift(&p.posts); err != nil {
		p.calls = append(p.calls, "post fails")
		return card.Ref{}, err
	}
	if p.found != (card.Ref{}) {
		p.shown[p.found] = c
		p.calls = append(p.calls, "find "+p.found.Message)
		return p.found, nil
	}
	p.next++
	ref := card.Ref{Chat: person, Message: fmt.Sprint("m", p.next)}
	p.shown[ref] = c
	line := "post " + ref.Message + ": " + text(c)
	if under != (card.Ref{}) {
		line += " under " + under.Message
	}
	p.calls = append(p.calls, line)
	return ref, nil
}

func (p *poster) Remove(_ context.Context, ref card.Ref) error {
	p.one.Lock()
	defer p.one.Unlock()
	if err := shift(&p.removes); err != nil {
		p.calls = append(p.calls, "remove "+ref.Message+" fails")
		return err
	}
	p.calls = append(p.calls, "remove "+ref.Message)
	if _, ok := p.shown[ref]; !ok {
		return outbox.Gone(fmt.Errorf("message to delete not found"))
	}
	delete(p.shown, ref)
	return nil
}

func (p *poster) Edit(_ context.Context, ref card.Ref, c card.Card) error {
	if p.before != nil {
		p.before()
	}
	p.one.Lock()
	defer p.one.Unlock()
	if err := shift(&p.edits); err != nil {
		p.calls = append(p.calls, "edit "+ref.Message+" fails")
		return err
	}
	if _, ok := p.shown[ref]; !ok {
		p.calls = append(p.calls, "edit "+ref.Message+" gone")
		return outbox.Gone(fmt.Errorf("message to edit not found"))
	}
	p.shown[ref] = c
	p.calls = append(p.calls, "edit "+ref.Message+": "+text(c))
	return nil
}

// seen is what the platform was asked to do so far, also beside a hub.
func (p *poster) seen() []string {
	p.one.Lock()
	defer p.one.Unlock()
	return slices.Clone(p.calls)
}

// forget begins the calls anew.
func (p *poster) forget() {
	p.one.Lock()
	defer p.one.Unlock()
	p.calls = nil
}

// text is a card in one line: its title and its buttons.
func text(c card.Card) string {
	out := c.Title
	for _, row := range c.Rows {
		for _, a := range row {
			out += " [" + a.Label + "]"
		}
	}
	return out
}

// sessions keep values in memory. Scripted errors of Put are used up one by one.
type sessions struct {
	values map[string][]byte
	revs   map[string]int
	puts   []error
	// late has the next scripted error come after the value was written.
	late bool
}

func (s *sessions) Get(_ context.Context, key string, _ time.Time) ([]byte, int, error) {
	if s.revs[key] == 0 {
		return nil, 0, fmt.Errorf("session %s: %w", key, desk.ErrNotFound)
	}
	return s.values[key], s.revs[key], nil
}

func (s *sessions) Put(_ context.Context, key string, value []byte, rev int, _, expires time.Time) (int, error) {
	if !expires.IsZero() && strings.HasPrefix(key, "card:") {
		return 0, fmt.Errorf("the place of a card expires at %v", expires)
	}
	err := shift(&s.puts)
	if err != nil && !s.late {
		return 0, err
	}
	if rev != s.revs[key] {
		return 0, desk.ErrConflict
	}
	s.values[key], s.revs[key] = value, rev+1
	return rev + 1, err
}

// room is one person's card of one request on Telegram.
type room struct {
	t *testing.T
	*poster
	*sessions
	moves sync.Mutex // held while the record moves on beside a hub
	scene core.Scene
	err   error // of Scene
	ch    *chat.Channel
	data  map[string]string
	// anyRecord has the scene stand for every record.
	anyRecord bool
	wait      time.Duration // of quiet hours
	seal      string        // names the key of the buttons
	// views are what other messages show now, by their word; what is not there is over.
	views      map[string]card.Card
	refused    map[string]card.Card // what is left of those that may not be seen any more
	viewing    func()               // runs before each view is made
	unfollowed []string
	// What a sweep reads: the directory, and why requests cannot be listed.
	directory []core.Record
	fails     error
	scenes    int // how many were asked for
}

const (
	record  = "r1"
	account = "a1"
)

// monday is the business time of a room.
func monday() time.Time { return testbed.Monday }

func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{
		t: t, poster: &poster{shown: map[card.Ref]card.Card{}},
		sessions: &sessions{values: map[string][]byte{}, revs: map[string]int{}},
		scene: core.Scene{
			Record: core.Record{Kind: core.KindRequest, ID: record, State: core.StateFiled, Version: 2, Agency: "IE"},
			Viewer: core.Record{
				Kind: core.KindAccount, ID: account,
				Fields: map[core.Field]string{core.FieldChannels: "email,telegram,slack", core.FieldEmail: "r@ejemplo.gob.mx"},
				Links:  []core.Link{{Platform: "slack", ID: "U9"}, {Platform: "telegram", ID: "77"}},
			},
			Actor: core.Actor{Account: account, Agency: "IE", Roles: []core.Role{core.RoleSecretary}},
		},
	}
	r.ch = chat.New(chat.Config{
		Platform: "telegram", Poster: r.poster, Scenes: r, Sessions: r.sessions, Now: monday,
		Draw: draw, Note: note, Gone: gone, Below: below,
		Wait: func(core.Scene, outbox.Item) time.Duration { return r.wait }, Seal: func() string { return r.seal },
		View: r.view,
		Unfollow: func(_ context.Context, record, account string) error {
			r.unfollowed = append(r.unfollowed, record+" "+account)
			return nil
		},
	})
	return r
}

func (r *room) Scene(_ context.Context, rec, acc string) (core.Scene, error) {
	if (rec != record && !r.anyRecord) || acc != account {
		r.t.Errorf("asked for the scene of %s and %s", rec, acc)
	}
	r.moves.Lock()
	defer r.moves.Unlock()
	r.scenes++
	return r.scene, r.err
}

func (r *room) view(_ context.Context, _ string, m screen.Message) (card.Card, bool, error) {
	if r.viewing != nil {
		r.viewing()
	}
	if left, ok := r.refused[m.View.Word]; ok {
		return left, false, nil
	}
	c, ok := r.views[m.View.Word]
	return c, ok, nil
}

// note says its name and the state, unless its time is past.
func note(s core.Scene, it outbox.Item) (card.Card, bool) {
	c := card.Card{Story: es.Story{Title: it.Data["note"] + " of " + string(s.Record.State)}}
	return c, s.Record.State != core.StateCollected
}

func gone(core.Kind) card.Card { return card.Card{Story: es.Story{Title: "ya no está a su cargo"}} }

func below() card.Card { return card.Card{Story: es.Story{Title: "está más abajo"}} }

func drawSame(core.Scene) card.Card { return card.Card{Story: es.Story{Title: "the same"}} }

// draw shows state and version, with a button for whose turn it is.
func draw(s core.Scene) card.Card {
	c := card.Card{Story: es.Story{Title: fmt.Sprintf("%s v%d", s.Record.State, s.Record.Version)}}
	if _, mine := s.Mine(); mine {
		c.Rows = [][]card.Action{{{Label: "Liberar", Token: fmt.Sprint("release.", s.Record.Version)}}}
	}
	return c
}

// owes has the viewer owe a duty since a version.
func (r *room) owes(name core.DutyName, version int) {
	r.scene.Duties = []core.Duty{{Name: name, Record: record, Role: core.RoleSecretary, Agency: "IE", Turn: version}}
}

// becomes moves the record on.
func (r *room) becomes(state core.State, version int) {
	r.moves.Lock()
	defer r.moves.Unlock()
	r.scene.Record.State, r.scene.Record.Version = state, version
	r.scene.Duties = nil
}

// send sends the card and returns what the platform was asked to do for it.
func (r *room) send() (calls []string, receipt string, err error) {
	r.t.Helper()
	r.calls = nil
	it := desk.CardItem(record, account, "telegram", monday(), outbox.Item{Data: r.data}.Payload())
	receipt, err = r.ch.Send(r.t.Context(), it)
	return r.calls, receipt, err
}

// must sends the card without an error.
func (r *room) must(want ...string) {
	r.t.Helper()
	calls, receipt, err := r.send()
	if err != nil || receipt == "" {
		r.t.Fatalf("receipt %q, error %v", receipt, err)
	}
	r.called(calls, want...)
}

func (r *room) called(calls []string, want ...string) {
	r.t.Helper()
	if fmt.Sprint(calls) != fmt.Sprint(want) {
		r.t.Errorf("the platform saw %q, want %q", calls, want)
	}
}

func (r *room) place() chat.Place {
	r.t.Helper()
	var p chat.Place
	value, ok := r.values[chat.Key(record, account, "telegram")]
	if !ok {
		return p
	}
	if err := json.Unmarshal(value, &p); err != nil {
		r.t.Fatal(err)
	}
	return p
}

// withButtons are the messages that have any.
func (r *room) withButtons() []string {
	var out []string
	for ref, c := range r.shown {
		if len(c.Rows) > 0 {
			out = append(out, ref.Message)
		}
	}
	return out
}
