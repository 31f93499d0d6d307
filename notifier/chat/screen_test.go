package chat_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

// shows has a message stand on the viewer's screen, with a button.
func (r *room) shows(message, word string, of ...string) {
	r.t.Helper()
	ref := card.Ref{Chat: "77", Message: message}
	c := card.Card{Story: es.Story{Title: word}, Rows: [][]card.Action{{{Label: "Abrir", Token: word}}}}
	r.shown[ref] = c
	_, err := screen.Change(r.t.Context(), r.sessions, account, "telegram", monday(), func(s screen.Screen) screen.Screen {
		return s.With(screen.Message{Ref: ref, Story: c.Story, View: screen.View{Same: word, Word: word, Of: of}})
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// follows has the screen follow a record.
func (r *room) follows(of string) (calls []string, err error) {
	r.t.Helper()
	r.calls = nil
	_, err = r.ch.Send(r.t.Context(), desk.ScreenItem(of, account, "telegram", monday()))
	return r.calls, err
}

func TestWhatShowsARecordIsDrawnAgainOrLosesItsButtonsWhenItChanges(t *testing.T) {
	r := newRoom(t)
	r.views = map[string]card.Card{"list": {Story: es.Story{Title: "one less"}, Rows: [][]card.Action{{{Label: "Abrir", Token: "x"}}}}, "other": {}}
	r.shows("a", "counter", record)
	r.shows("b", "list", record, "r2")
	r.shows("c", "other", "r2")
	calls, err := r.follows(record)
	if err != nil {
		t.Fatal(err)
	}
	r.called(calls, "edit a: counter", "edit b: one less [Abrir]")
	buttons := r.withButtons()
	slices.Sort(buttons)
	if diff := cmp.Diff([]string{"b", "c"}, buttons); diff != "" {
		t.Error(diff)
	}
	left, err := screen.Load(t.Context(), r.sessions, account, "telegram", monday())
	if err != nil || len(left) != 2 {
		t.Errorf("known are %+v, %v; want the two that have buttons", left, err)
	}
}

func TestWhatIsShownAgainRetiresTheCopyBeforeAndAScreenIsBounded(t *testing.T) {
	r := newRoom(t)
	r.views = map[string]card.Card{}
	for _, word := range "abcdefghijklmnopqrst" {
		r.views[string(word)] = card.Card{}
		r.shows(string(word), string(word), record)
	}
	r.shows("t2", "t", record)
	if _, err := r.follows(account); err != nil {
		t.Fatal(err)
	}
	if n := len(r.withButtons()); n != screen.Max {
		t.Errorf("%d messages have buttons, want %d", n, screen.Max)
	}
	if slices.Contains(r.withButtons(), "t") || slices.Contains(r.withButtons(), "a") {
		t.Errorf("the copy before, or the oldest, keeps its buttons: %v", r.withButtons())
	}
}

func TestButtonsThatCouldNotBeReachedGoLaterAndThoseOfAMessageThatIsGoneAreForgotten(t *testing.T) {
	r := newRoom(t)
	r.shows("a", "counter", record)
	r.shows("b", "list", record)
	r.edits = []error{outbox.Gone(errors.New("message to edit not found")), errors.New("no answer")}
	if _, err := r.follows(record); err == nil {
		t.Fatal("what could not be reached is not tried again")
	}
	if calls, err := r.follows(record); err != nil || len(calls) != 1 {
		t.Errorf("calls %v, error %v; want the one that was left", calls, err)
	}
	if _, err := r.follows(record); !errors.Is(err, notifier.ErrMoot) {
		t.Errorf("nothing shows it any more: %v", err)
	}
	if diff := cmp.Diff([]string{record + " " + account}, slices.Compact(r.unfollowed)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatAPressHadDrawnMeanwhileIsNotLeftUnderAnEarlierDrawing(t *testing.T) {
	page := func(title string) card.Card {
		return card.Card{Story: es.Story{Title: title}, Rows: [][]card.Action{{{Label: "Abrir", Token: "x"}}}}
	}
	answered := func(r *room) {
		_, err := screen.Change(r.t.Context(), r.sessions, account, "telegram", monday(), func(screen.Screen) screen.Screen { return nil })
		if err != nil {
			r.t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		early     bool // before the drawing is on its way
		meanwhile func(r *room)
		calls     []string
		buttons   []string
	}{
		"nothing":                   {false, func(*room) {}, []string{"edit a: page 1 [Abrir]"}, []string{"a"}},
		"another page":              {false, func(r *room) { r.shows("a", "second", "r2") }, []string{"edit a: page 1 [Abrir]", "edit a: page 2 [Abrir]"}, []string{"a"}},
		"another page, early":       {true, func(r *room) { r.shows("a", "second", "r2") }, []string{"edit a: page 2 [Abrir]"}, []string{"a"}},
		"an answer, early":          {true, answered, nil, []string{"a"}},
		"a view that is over there": {false, func(r *room) { r.shows("a", "ended", "r2") }, []string{"edit a: page 1 [Abrir]", "edit a: ended"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			r.views = map[string]card.Card{"first": page("page 1"), "second": page("page 2")}
			r.shows("a", "first", record)
			once := sync.OnceFunc(func() { c.meanwhile(r) })
			if c.early {
				r.viewing = once
			} else {
				r.before = once
			}
			calls, err := r.follows(record)
			if err != nil && (len(c.calls) > 0 || !errors.Is(err, notifier.ErrMoot)) {
				t.Fatal(err)
			}
			r.called(calls, c.calls...)
			if diff := cmp.Diff(c.buttons, r.withButtons()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsOverNeverGoesBackToWhatItShowedBefore(t *testing.T) {
	list := func(title string) card.Card {
		return card.Card{Story: es.Story{Title: title}, Rows: [][]card.Action{{{Label: "Abrir", Token: "x"}}}}
	}
	for name, c := range map[string]struct {
		now  func(r *room)
		over string
		ends bool // also where nothing shows it again
	}{
		"it shows what is so":              {func(r *room) { r.views["list"] = list("two left") }, "two left", false},
		"it may not be seen any more":      {func(r *room) { r.refused = map[string]card.Card{"list": {Story: es.Story{Title: "not yours"}}} }, "not yours", true},
		"it keeps what it was drawn with":  {func(r *room) { r.views["list"] = card.Card{} }, "one left", false},
		"nothing is known of its view now": {func(r *room) { delete(r.views, "list") }, "one left", true},
	} {
		for _, again := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, shown again %t", name, again), func(t *testing.T) {
				r := newRoom(t)
				r.views = map[string]card.Card{"list": list("one left")}
				r.shows("a", "list", record)
				calls, err := r.follows(record)
				if err != nil {
					t.Fatal(err)
				}
				r.called(calls, "edit a: one left [Abrir]")
				c.now(r)
				if again {
					r.shows("b", "list")
				}
				if _, err := r.follows(record); err != nil && !errors.Is(err, notifier.ErrMoot) {
					t.Fatal(err)
				}
				at := r.shown[card.Ref{Chat: "77", Message: "a"}]
				if at.Title != c.over {
					t.Errorf("it shows %q, want %q", at.Title, c.over)
				}
				if bare := at.Presses() == 0; bare != (again || c.ends) {
					t.Errorf("it has no buttons: %t, want %t", bare, again || c.ends)
				}
			})
		}
	}
}
