package e2etest

import (
	"fmt"
	"strings"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// Mails are those of a person's mails whose subject holds a text.
func Mails(w *world.World, person, text string) (out []emailtest.Mail) {
	for _, m := range w.Mail.Inbox(w.People[person].Account.Email) {
		if strings.Contains(m.Subject, text) {
			out = append(out, m)
		}
	}
	return out
}

// Texts are mails to be read in a failure.
func Texts(mails []emailtest.Mail) (out string) {
	for _, m := range mails {
		out += "\n" + m.Subject + "\n" + m.Text
	}
	return out
}

// Link gives people their chats.
func Link(t TB, w *world.World, on map[string]string) {
	t.Helper()
	a := w.App()
	for who, platform := range on {
		p := w.People[who]
		id := p.SlackID
		if platform == "telegram" {
			w.Telegram.Person(p.TelegramID, "", "").Start("")
			id = fmt.Sprint(p.TelegramID)
		}
		account, err := a.Store.Find(t.Context(), core.UniqueUser(p.Account.User))
		if err != nil {
			t.Fatal(err)
		}
		c := core.Command{Verb: core.VerbLink, Where: "cli", Fields: map[core.Field]string{core.FieldPlatform: platform, core.FieldChat: id}}
		if out, err := a.Desk.Do(t.Context(), core.SystemActor, account.ID, c); err != nil || out.Refusal != nil {
			t.Fatal(out.Refusal, err)
		}
	}
}
