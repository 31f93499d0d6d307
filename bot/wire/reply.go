package wire

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"log/slog"
	"runtime/debug"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core/es"
)

// Ask has h answer in. A panic is logged with a code that the person is told.
func Ask(ctx context.Context, log *slog.Logger, h bot.Handler, in bot.Input) (reply bot.Reply) {
	defer func() {
		if r := recover(); r != nil {
			code := Support(in.Once)
			log.ErrorContext(ctx, in.Platform+": the handler panicked", "code", code, "once", in.Once, "panic", r, "stack", string(debug.Stack()))
			reply = bot.Reply{Toast: es.Broken(code), Alert: true}
		}
	}()
	return h.Handle(ctx, in)
}

// Support is a short code for one input, the same in the log and on the screen.
func Support(once string) string {
	sum := sha256.Sum256([]byte(once))
	return base32.StdEncoding.EncodeToString(sum[:])[:4]
}

// Sentence is a card that only says words.
func Sentence(words string) card.Card { return card.Card{Story: es.Story{Text: []string{words}}} }
