package bot_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core/desk"
)

// chat is where a person reads what the engine answers, as a platform carries it
// out: messages by number, and what each says and offers.
type chat struct {
	w        *world
	who      string
	messages []bot.Reply // what was posted and how it looks now; message n is n-1
	lost     bool        // reports of where a card is do not arrive
	stuck    bool        // messages can not be redrawn
}

func (c *chat) ref(i int) card.Ref { return card.Ref{Chat: c.who, Message: string(rune('a' + i))} }

// carry carries out an answer to something that was written, or pressed on message on.
func (c *chat) carry(r bot.Reply, on int) {
	c.w.t.Helper()
	at := card.Ref{}
	switch {
	case r.Card != nil && r.Redraw && on >= 0:
		c.messages[on], at = r, c.ref(on)
	case r.Card != nil:
		c.messages, at = append(c.messages, r), c.ref(len(c.messages))
	}
	var left []bot.Retired
	for _, s := range r.Retired {
		i := int(s.Ref.Message[0] - 'a')
		switch {
		case s.Ref == at:
		case c.stuck:
			left = append(left, s)
		default:
			c.messages[i] = bot.Reply{Card: &card.Card{Story: s.Story}}
		}
	}
	if r.Posted != nil && !c.lost {
		r.Posted(c.w.t.Context(), at, left)
	}
}

func (c *chat) say(words string) { c.w.t.Helper(); c.carry(c.w.say(c.who, words), -1) }

// press presses a button of message i, which may be an old one.
func (c *chat) press(i int, label string) {
	c.w.t.Helper()
	c.w.last[c.who] = c.messages[i]
	c.carry(c.w.press(c.who, label), i)
}

// armed are the messages that have buttons.
func (c *chat) armed() []int {
	var out []int // nil for none, as wants() has it
	for i, r := range c.messages {
		if len(labels(r)) > 0 {
			out = append(out, i)
		}
	}
	return out
}

// wants fails unless the messages with buttons are these.
func (c *chat) wants(armed ...int) {
	c.w.t.Helper()
	if diff := cmp.Diff(armed, c.armed()); diff != "" {
		var all []string
		for _, r := range c.messages {
			all = append(all, text(r))
		}
		c.w.t.Fatalf("messages with buttons (-want +got):\n%s\n%s", diff, strings.Join(all, "\n--\n"))
	}
}

// filing is a chat in which Lucía is asked the second question of a new request.
func filing(t *testing.T) (*world, *chat) {
	w := newWorld(t)
	c := &chat{w: w, who: "lucía"}
	c.say("/nueva")
	c.say("Adquisición de impresoras láser")
	return w, c
}

func TestAQuestionThatWasAnsweredInWordsSaysTheAnswerAndHasNoButtons(t *testing.T) {
	_, c := filing(t)
	c.wants(1)
	if diff := cmp.Diff("Nueva solicitud · 1 de 11\n¿Cuál es el asunto, en una línea?\nRespuesta: Adquisición de impresoras láser", text(c.messages[0])); diff != "" {
		t.Error(diff)
	}
}

func TestAQuestionThatIsAskedAgainHasButtonsOnceInTheChat(t *testing.T) {
	for _, word := range []string{"/seguir", "/nueva"} {
		t.Run(word, func(t *testing.T) {
			_, c := filing(t)
			c.say(word)
			c.wants(2)
		})
	}
}

func TestAQuestionThatIsRefusedIsAskedAgainBelow(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	c := &chat{w: w, who: "lucía"}
	c.carry(w.on("lucía", r, "Cancelar"), -1)
	c.say("no")
	c.wants(1)
	if got := text(c.messages[0]); strings.Contains(got, "Respuesta") || !strings.Contains(got, "¿Cuál es el motivo?") {
		t.Errorf("what was refused stands as the answer, or the question went:\n%s", got)
	}
	if got := text(c.messages[1]); !strings.Contains(got, "al menos") {
		t.Errorf("what was wrong is not said:\n%s", got)
	}
	c.say("Ya no se requiere el equipo.")
	c.wants(2)
	if got := text(c.messages[1]); strings.Contains(got, "al menos") || !strings.HasSuffix(got, "¿Cuál es el motivo?\nRespuesta: Ya no se requiere el equipo.") {
		t.Errorf("what was taken stands under what was wrong before:\n%s", got)
	}
	c.press(2, "Sí, cancelarla")
	c.wants()
}

func TestAnAnswerThatIsBeingCorrectedIsNotToldAsTheAnswer(t *testing.T) {
	_, c := filing(t)
	c.press(1, "Atrás")
	c.say("/seguir")
	c.wants(2)
	if got := text(c.messages[1]); strings.Contains(got, "Adquisición de impresoras láser") {
		t.Errorf("an open question says that it was answered:\n%s", got)
	}
}

func TestAFormThatEndsLeavesNoButtons(t *testing.T) {
	for _, label := range []string{"Descartar", "Guardar y seguir después"} {
		t.Run(label, func(t *testing.T) {
			_, c := filing(t)
			c.press(1, label)
			if label == "Descartar" {
				c.press(1, "Sí, descartar")
			}
			c.wants()
		})
	}
	t.Run("Enviar, answered by a SIDEM that died", func(t *testing.T) {
		w := newWorld(t)
		c := &chat{w: w, who: "lucía"}
		c.carry(w.on("lucía", w.filed("lucía", "Adquisición de impresoras láser"), "Cancelar"), -1)
		c.say("Ya no se requiere el equipo.")
		press := bot.Input{Tap: w.token("lucía", "Sí, cancelarla"), Private: true, Message: "b", Once: "tg:again"}
		w.in("lucía", press)
		c.wants(1)
		c.carry(w.in("lucía", press), 1)
		c.wants()
	})
}

func TestOfTwoFormsOneAsks(t *testing.T) {
	w, c := filing(t)
	r := w.filed("lucía", "Adquisición de escáneres de mesa")
	c.carry(w.on("lucía", r, "Cancelar"), -1) // which of both
	c.wants(2)
	c.press(2, "Guardarlo y abrir el nuevo")
	c.say("Ya no se requiere el equipo.")
	c.wants(3)
	c.press(3, "Sí, cancelarla")
	c.wants()
}

func TestAPressOnAnOldCopyMovesTheQuestionThere(t *testing.T) {
	_, c := filing(t)
	c.lost = true // where the next copies are is not known
	c.say("/seguir")
	c.lost = false
	c.wants(2)
	c.stuck = true
	c.say("/seguir") // the copy before could not be redrawn
	c.stuck = false
	c.wants(2, 3)
	c.press(2, "Atrás")
	c.wants(2)
}

func TestWhatCouldNotBeRedrawnIsTriedWithTheNextQuestion(t *testing.T) {
	_, c := filing(t)
	c.stuck = true
	c.say("/seguir")
	c.wants(1, 2)
	c.stuck = false
	c.say("/seguir")
	c.wants(3)
}

func TestARedeliveredAnswerTakesTheButtonsThatACrashLeft(t *testing.T) {
	w := newWorld(t)
	c := &chat{w: w, who: "lucía"}
	c.say("/nueva")
	answer := bot.Input{Text: "Adquisición de impresoras láser", Private: true, Once: "tg:again"}
	w.in("lucía", answer) // dies before anything is posted
	c.carry(w.in("lucía", answer), -1)
	c.wants(1)
	if !strings.Contains(text(c.messages[0]), "Respuesta: Adquisición de impresoras láser") {
		t.Errorf("the answer is not told:\n%s", text(c.messages[0]))
	}
}

// forgetful is a store that does not know where questions are.
type forgetful struct{ desk.Sessions }

var errForgot = errors.New("forgot")

func (s forgetful) Get(ctx context.Context, key string, now time.Time) ([]byte, int, error) {
	if strings.HasPrefix(key, "asked:") {
		return nil, 0, errForgot
	}
	return s.Sessions.Get(ctx, key, now)
}

func TestAQuestionIsAskedAlsoWhenNobodyKnowsWhereTheLastOneIs(t *testing.T) {
	w, c := filing(t)
	w.engine.Sessions = forgetful{w.store}
	w.wants(w.say("lucía", "/seguir"), "Nueva solicitud · 2 de 11")
	c.carry(w.last["lucía"], -1)
	c.wants(1, 2)
}
