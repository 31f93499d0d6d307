package app

import (
	"sidem.gob.mx/sidem/bot/slack"
	"sidem.gob.mx/sidem/bot/telegram"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// ways lead an account from a mail into the chats that it has linked, or into those that
// there are where it has none. Telegram shows the record, to this account alone; Slack opens
// the app, where its card stands.
func (a *App) ways(account core.Record, record string) (out []es.Way) {
	for _, p := range a.chats {
		if _, linked := account.LinkOn(p.Name()); !linked && len(account.Links) > 0 {
			continue
		}
		address := ""
		switch p := p.(type) {
		case *telegram.Telegram:
			address = a.invite(p.Name(), a.Seal.Link(account.ID, record))
		case *slack.Slack:
			address = p.Way()
		}
		if address != "" {
			out = append(out, es.WayInto(p.Name(), address))
		}
	}
	return out
}
