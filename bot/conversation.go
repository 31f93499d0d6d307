package bot

import (
	"slices"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/filling"
	"sidem.gob.mx/sidem/bot/linking"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/view"
	"sidem.gob.mx/sidem/core"
)

// conversation is one input being answered, with what there is to answer it.
type conversation struct {
	*session.Session
	forms   *filling.Forms
	views   *view.Views
	linking *linking.Linking
	// invite is the address that opens the private chat with the bot; "" for none.
	invite func(payload string) string
}

// command is what the token of a button asks of its record.
func (c *conversation) command(tok card.Token, fields map[core.Field]string) core.Command {
	return core.Command{Verb: core.Verb(tok.Word), Fields: fields, Seen: tok.Version, Where: c.In.Platform, Once: c.In.Once}
}

// allowed reports whether the viewer of a scene may give a verb now.
func allowed(s core.Scene, v core.Verb) bool {
	return slices.ContainsFunc(core.Allowed(s.Record, s.Actor, s.Now), func(row core.Transition) bool { return row.Verb == v })
}
