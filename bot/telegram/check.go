package telegram

import "context"

// Check asks Telegram whose the token is, and returns the bot's user name. It may
// be called at any time; its errors never hold the token.
func (t *Telegram) Check(ctx context.Context) (user string, err error) { return t.client.me(ctx) }
