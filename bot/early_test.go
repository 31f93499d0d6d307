package bot_test

import (
	"strconv"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
)

// numbered is a chat whose messages are numbered in the order in which they came, whoever
// sent them, as where forms are asked in messages.
type numbered struct {
	w    *world
	last int
}

// at has the last answer to Lucía be the next message of the chat.
func (c *numbered) at() {
	c.w.t.Helper()
	c.last++
	if posted := c.w.last["lucía"].Posted; posted != nil {
		posted(c.w.t.Context(), card.Ref{Chat: "lucía", Message: strconv.Itoa(c.last)}, nil)
	}
}

// says has Lucía write texts before anything is answered to the first.
func (c *numbered) says(texts ...string) bot.Reply {
	c.w.t.Helper()
	first := c.last
	c.last += len(texts)
	for i, text := range texts {
		c.w.in("lucía", bot.Input{Text: text, Private: true, Message: strconv.Itoa(first + i + 1)})
		c.at()
	}
	return c.w.last["lucía"]
}

func TestWhatWasWrittenBeforeAQuestionWasThereIsNotItsAnswer(t *testing.T) {
	w := newWorld(t)
	c := &numbered{w: w}
	c.says("/nueva")
	w.wants(c.says("Adquisición de impresoras", "servicio"), "¿Dónde va este texto?", "Asunto: Adquisición de impresoras", "“servicio”", "[Es la respuesta a esta pregunta]")
	w.wants(w.press("lucía", "Es la respuesta a esta pregunta"), "3 de 11")
	c.at()
}

func TestWhatIsAskedAboutIsAskedAgainWhenItsFormIsTakenUp(t *testing.T) {
	w := newWorld(t)
	c := &numbered{w: w}
	c.says("/nueva")
	c.says("Adquisición de impresoras", "láser")
	w.wants(c.says("/seguir"), "¿Dónde va este texto?", "“láser”")
	w.wants(w.press("lucía", "Añadir a la respuesta anterior"), "Se añadió. Asunto: Adquisición de impresoras láser", "2 de 11")
	c.at()
}

func TestWhatWasWrittenUnderAQuestionAnswersItHoweverOftenItWasAskedSince(t *testing.T) {
	w := newWorld(t)
	c := &numbered{w: w}
	c.says("/nueva")
	w.wants(c.says("no", "Adquisición de impresoras"), "2 de 11") // the first is refused: the question is the same
	if got := c.says("otra", "servicio"); !strings.Contains(text(got), "3 de 11") {
		t.Errorf("after what names no option:\n%s", text(got))
	}
}

// under has Lucía write under a message of the chat.
func (c *numbered) under(message int, text string) bot.Reply {
	c.w.t.Helper()
	c.last++
	reply := c.w.in("lucía", bot.Input{Text: text, Private: true, Message: strconv.Itoa(c.last), Under: strconv.Itoa(message)})
	c.at()
	return reply
}

func TestWordsUnderAMessageAreAboutWhatItAsked(t *testing.T) {
	w := newWorld(t)
	c := &numbered{w: w}
	c.says("/nueva") // the subject is asked in 2
	w.wants(c.says("Adquisición de impresoras"), "2 de 11")
	w.wants(c.under(2, "Adquisición de monitores"), "Se tomó el cambio. Asunto: Adquisición de monitores", "2 de 11")
	w.wants(c.under(5, "Adquisición de equipo"), "Se tomó el cambio. Asunto: Adquisición de equipo", "2 de 11")
	w.wants(c.under(4, "servicio"), "3 de 11") // the question of 4 is that of 8
	w.press("lucía", "Equipo")
	c.at()
	w.press("lucía", "Continuar")
	c.at()
	w.wants(c.under(1, "Monitor; 1; pieza; 10"), "¿Dónde va este texto?", "“Monitor; 1; pieza; 10”", "[Es la respuesta a esta pregunta]")
}

func TestWordsUnderAQuestionOfAnotherFormAreNeitherTakenNorLost(t *testing.T) {
	w := newWorld(t)
	c := &numbered{w: w}
	c.says("/programa")
	asked := c.last
	w.press("lucía", "Descartar")
	c.at()
	w.wants(c.under(asked, "2027"), "Ese formulario ya no está abierto", "No se guardó este texto: “2027”")
	c.says("/nueva")
	w.wants(c.under(asked, "Adquisición de equipo"), "¿Dónde va este texto?", "“Adquisición de equipo”", "en respuesta a otro mensaje")
}
