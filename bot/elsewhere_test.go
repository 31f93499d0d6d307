package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// warned are the notices that are owed at once for a secret that was given elsewhere.
func (w *world) warned() (told []string) {
	w.t.Helper()
	for _, it := range w.owed() {
		if it.Account != w.people["lucía"].ID {
			continue
		}
		if p := it.Payload(); p.Mail != "" || p.Note != "" {
			told = append(told, it.Channel+" "+p.Mail+p.Note)
		}
	}
	slices.Sort(told)
	return told
}

func TestWhosePasswordIsRightInAnotherChatIsToldAtOnceAndItIsSpent(t *testing.T) {
	w := newWorld(t)
	w.people["lucía"] = w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbRenew})
	w.settle()
	password := w.keeper.Password(w.people["lucía"])
	w.pass(13 * time.Hour) // what is no warning would wait until the morning
	w.wants(w.say("intruso", "lucia.herrera "+password), "ya tiene vinculado otro chat", "se avisó en ese chat y al correo")
	if told := w.warned(); !slices.Equal(told, []string{"email linked", "telegram elsewhere"}) {
		t.Errorf("told is %q", told)
	}
	w.wants(w.say("intruso", "lucia.herrera "+password), "no coinciden")
	if told := w.warned(); len(told) > 0 {
		t.Errorf("told again: %q", told)
	}
	slack := w.slack("intruso", "vincular lucia.herrera "+password)
	if w.linked("lucía", "slack") || strings.Contains(text(slack), "Lucía") {
		t.Errorf("what was given to a stranger links another chat: %s", text(slack))
	}
}

func TestWhoseCodeIsRightInAnotherChatOfThatPlatformIsToldAndNobodyLearnsTheirName(t *testing.T) {
	w := newWorld(t)
	w.pass(13 * time.Hour)
	code := w.codeFor("lucía")
	w.settle()
	reply := w.say("intruso", code)
	w.wants(reply, "ya tiene vinculado otro chat")
	w.hides(reply, "Lucía")
	if told := w.warned(); !slices.Equal(told, []string{"email linked", "telegram elsewhere"}) {
		t.Errorf("told is %q", told)
	}
	w.hides(w.slack("lucía-en-slack", code), "Lucía Herrera")
}

func TestWhoIsToldOfAPasswordElsewhereReadsWhatToDo(t *testing.T) {
	w := newWorld(t)
	w.people["lucía"] = w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbRenew})
	w.say("intruso", "lucia.herrera "+w.keeper.Password(w.people["lucía"]))
	s, err := w.desk.Scene(t.Context(), w.people["lucía"].ID, w.people["lucía"].ID)
	w.must(err)
	story, said := es.Remark(s, core.NoteElsewhere)
	if !said || story.Title != "Dieron su contraseña en otro chat" || story.Facts[0].Value != "Telegram" {
		t.Errorf("the chat says %+v", story)
	}
	if l := es.Write(s, core.MailLinked, es.Credentials{}, nil); l.Subject != story.Title {
		t.Errorf("the mail says %q", l.Subject)
	}
}
