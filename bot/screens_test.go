package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/bot/view"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// screen is what a person has on Telegram, beside the cards.
func (w *world) screen(who string) screen.Screen {
	w.t.Helper()
	s, err := screen.Load(w.t.Context(), w.store, w.people[who].ID, "telegram", w.clock())
	w.must(err)
	return s
}

// arrives has the last answer to a person be at a message.
func (w *world) arrives(who, message string) {
	w.t.Helper()
	if posted := w.last[who].Posted; posted != nil {
		posted(w.t.Context(), card.Ref{Chat: who, Message: message}, nil)
	}
}

// refreshes are the records that the screens of a person are asked to follow now.
func (w *world) refreshes(who string) (out []string) {
	w.t.Helper()
	for _, it := range w.owed() {
		if it.What == desk.WhatScreen && it.Account == w.people[who].ID {
			out = append(out, it.Record)
		}
	}
	return out
}

func TestWhatWasAskedForAtTheCounterIsOverOnceItWasHandedOver(t *testing.T) {
	w := newWorld(t)
	r := w.issued("veinte computadoras")
	w.settle()
	w.say("tomás", "/entrega "+r.Number)
	w.arrives("tomás", "m1")
	shown := w.screen("tomás")
	if len(shown) != 1 {
		t.Fatalf("known are %+v", shown)
	}
	if _, still, err := w.engine.View(t.Context(), "telegram", w.people["tomás"].ID, shown[0]); err != nil || !still {
		t.Errorf("before it was handed over: %t, %v", still, err)
	}
	w.by("mariana", r.ID, core.Command{
		Verb:   core.VerbHandOver,
		Fields: fields(core.FieldReceivedBy, "Lucía Herrera Campos", core.FieldIdentified, "Credencial para votar"),
	})
	if got := w.refreshes("tomás"); len(got) != 1 || got[0] != r.ID {
		t.Errorf("the screen of Tomás is asked to follow %v", got)
	}
	if c, still, err := w.engine.View(t.Context(), "telegram", w.people["tomás"].ID, shown[0]); err != nil || still {
		t.Errorf("after it was handed over it shows %+v, %v", c, err)
	}
}

func TestAPressOnACopyThatWasJustReplacedLeavesNoButtons(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "veinte computadoras")
	w.settle()
	raúl := w.people["raúl"].ID
	_, err := w.store.Put(t.Context(), screen.CardKey(r.ID, raúl, "telegram"), []byte(`{"ref":{"chat":"raúl","message":"m2"},"version":1,"buttons":2}`), 0, w.clock(), w.clock().AddDate(1, 0, 0))
	w.must(err)
	ask := w.seal.Seal(raúl, card.Token{Word: card.WordAsk + string(core.VerbRelease), Record: r.ID, Version: r.Version})

	w.wants(w.tap("raúl", ask, true), "libera") // on the present card: the notifier keeps that one
	w.arrives("raúl", "m2")
	if got := w.screen("raúl"); len(got) != 0 {
		t.Errorf("known beside the card: %+v", got)
	}
	w.wants(w.tap("raúl", ask, true), "libera")
	w.arrives("raúl", "m1") // it was replaced before the question was drawn over it
	if got := w.screen("raúl"); len(got) != 1 || !got[0].Over {
		t.Errorf("the old copy is known as %+v", got)
	}
	if got := w.refreshes("raúl"); len(got) != 1 || got[0] != raúl {
		t.Errorf("asked for: %v; want that its buttons go", got)
	}
}

// TestACardThatMovedUnderItsQuestionIsDrawnAgain has the request change between a press on
// its card and the answer that is drawn over the card.
func TestACardThatMovedUnderItsQuestionIsDrawnAgain(t *testing.T) {
	for _, moves := range []bool{false, true} {
		for _, word := range []string{card.WordMenu, card.WordAsk + string(core.VerbRelease)} {
			t.Run(fmt.Sprint(word, moves), func(t *testing.T) {
				w := newWorld(t)
				r := w.filed("lucía", "veinte computadoras")
				raúl := w.people["raúl"].ID
				_, err := w.store.Put(t.Context(), screen.CardKey(r.ID, raúl, "telegram"), []byte(`{"ref":{"chat":"raúl","message":"m2"},"version":1,"buttons":2}`), 0, w.clock(), w.clock().AddDate(1, 0, 0))
				w.must(err)
				w.settle()
				w.tap("raúl", w.seal.Seal(raúl, card.Token{Word: word, Record: r.ID, Version: r.Version}), true)
				if moves {
					w.by("lucía", r.ID, core.Command{Verb: core.VerbCancel, Fields: map[core.Field]string{core.FieldReason: "Ya no se requiere."}})
					w.settle()
				}
				w.arrives("raúl", "m2")
				drawn := slices.Contains(w.drawn("raúl"), r.ID)
				if drawn != moves {
					t.Errorf("drawn again: %t", drawn)
				}
			})
		}
	}
}

// TestNothingIsDrawnOverWhatAPressIsAnswered looks at what the notifier may draw from
// when a press decides until its answer is there.
func TestNothingIsDrawnOverWhatAPressIsAnswered(t *testing.T) {
	for name, c := range map[string]struct {
		who, words, label string
		follows           int // messages that follow something once the answer is there
	}{
		"a question below a list":        {"lucía", "/mis", "Nueva solicitud", 2},
		"a result over a question by":    {"lucía", "/quien", "No soy yo", 0},
		"preferences over what they are": {"lucía", "/preferencias", "Primero por correo", 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.filed("lucía", "veinte computadoras")
			w.say(c.who, c.words)
			w.arrives(c.who, "m1")
			w.in(c.who, bot.Input{Tap: w.token(c.who, c.label), Private: true, Message: "m1"})
			if w.last[c.who].Redraw && len(w.screen(c.who)) > c.follows {
				t.Errorf("followed until the answer is there: %+v", w.screen(c.who))
			}
			w.arrives(c.who, map[bool]string{true: "m1", false: "m2"}[w.last[c.who].Redraw])
			if n := len(w.screen(c.who)); n != c.follows {
				t.Errorf("%d follow something: %+v", n, w.screen(c.who))
			}
		})
	}
}

func TestWhoAsksAgainAndAgainHasOneRow(t *testing.T) {
	w := newWorld(t)
	w.filed("lucía", "veinte computadoras")
	words := []string{"/pendientes", "/mis", "/ayuda", "/preferencias", "/quien"}
	for i := range 200 {
		w.say("lucía", words[i%len(words)])
		w.arrives("lucía", fmt.Sprint("m", i))
		if i%50 == 0 { // the notifier takes the buttons off
			_, err := screen.Change(t.Context(), w.store, w.people["lucía"].ID, "telegram", w.clock(), func(screen.Screen) screen.Screen { return nil })
			w.must(err)
		}
	}
	if n := len(w.screen("lucía")); n > 3*screen.Max {
		t.Errorf("%d messages are known", n)
	}
	for prefix, most := range map[string]int{"screen:": 1, "watch:": 2} {
		keys, err := w.store.Keys(t.Context(), prefix, "", 100, w.clock())
		if err != nil || len(keys) > most {
			t.Errorf("%s has %d rows (%v), want %d at most", prefix, len(keys), err, most)
		}
	}
	if got := w.refreshes("lucía"); len(got) > 1 {
		t.Errorf("%d items wait", len(got))
	}
}

func TestEveryMessageWithButtonsThatAnswersSomebodyIsKnown(t *testing.T) {
	w := newWorld(t)
	r := w.issued("veinte computadoras")
	for who, words := range map[string][]string{
		"lucía":  {"/pendientes", "/mis", "/ayuda", "/quien", "buenas tardes", "/buscar computadoras", "/preferencias"},
		"tomás":  {"/entrega " + r.Number},
		"sofía":  {"/cuenta", "/dependencia", "/programa", "/tablero", "/exportar"},
		"héctor": {"/tablero"},
	} {
		for i, text := range words {
			reply := w.say(who, text)
			at := card.Ref{Chat: who, Message: fmt.Sprint(text, i)}
			w.arrives(who, at.Message)
			if _, known := w.screen(who).At(at); known != (reply.Card != nil && reply.Card.Presses() > 0) {
				t.Errorf("%s has %d buttons, known: %t", text, reply.Card.Presses(), known)
			}
		}
	}
}

func TestWhatMayNotBeSeenAnyMoreIsWithdrawnFromEveryMessageThatShowsIt(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	of := func(word string) screen.View {
		return screen.View{Same: word + ":" + r.ID, Word: word, Record: r.ID, Of: []string{r.ID}}
	}
	views := map[string]screen.View{
		"detail": of(card.WordDetail), "files": of(card.WordFiles), "trail": of(card.WordTrail), "changes": of(card.WordChanges),
		"who looked": of(card.WordLooked), "a copy of the card": of(card.WordShow), "the counter": of(word.HandOver),
		"a question that was answered": {Same: form.WordQuestion, Word: form.WordQuestion, Record: "f1", Of: []string{r.ID}},
		"found":                        {Same: "found", Word: view.WordPage, Record: "h1", Arg: string(view.Found) + "/impresoras", Of: []string{r.ID}},
	}
	gone := func(t *testing.T, who, name string, v screen.View) {
		t.Helper()
		m := screen.Message{View: v, Over: true, Story: es.Story{Title: r.Fields[core.FieldSubject]}}
		c, still, err := w.engine.View(t.Context(), "telegram", w.people[who].ID, m)
		w.must(err)
		if said := written(c); c.Title == "" || strings.Contains(said, "impresoras láser") || strings.Contains(said, r.Number) || still && v.Word != view.WordPage {
			t.Errorf("%s shows %s (%t) %q", name, who, still, said)
		}
	}
	for name, v := range views {
		gone(t, "diego", name, v)
	}
	w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbSuspend, Fields: fields(core.FieldReason, "Baja definitiva de la persona")})
	for name, v := range views {
		gone(t, "lucía", name, v)
	}
}
