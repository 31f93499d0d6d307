package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"sidem.gob.mx/sidem/bot/wire"
)

// Check asks Telegram whose the token is, and returns the bot's user name. It may
// be called at any time; its errors never hold the token. wire.ErrRefused says that
// Telegram does not know it.
func (t *Telegram) Check(ctx context.Context) (user string, err error) {
	user, err = t.client.me(ctx)
	// 404 is a token that is none.
	if r, ok := errors.AsType[*replyError](err); ok && (r.Status == http.StatusUnauthorized || r.Status == http.StatusNotFound) {
		err = fmt.Errorf("%w: %w", wire.ErrRefused, err)
	}
	return user, err
}
