package telegram

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"io"
	"runtime/debug"
	"strconv"
	"time"

	"sidem/bot"
	"sidem/bot/card"
	"sidem/core/es"
	"sidem/core/outbox"
)

const (
	maxToast = 200 // characters of answerCallbackQuery's text (Bot API)
	attempts = 4   // of each part of an answer
)

// attach gives each file of in the way to read it.
func (t *Telegram) attach(in incoming) {
	for i, id := range in.Files {
		size := in.Input.Files[i].Size
		in.Input.Files[i].Open = func(ctx context.Context) (io.ReadCloser, error) { return t.client.open(ctx, id, size) }
	}
}

// ask has h answer input. A panic is logged with a code that the person is told.
func (t *Telegram) ask(ctx context.Context, h bot.Handler, input bot.Input) (reply bot.Reply) {
	defer func() {
		if r := recover(); r != nil {
			code := support(input.Once)
			t.log.ErrorContext(ctx, "telegram: the handler panicked", "code", code, "once", input.Once, "panic", r, "stack", string(debug.Stack()))
			reply = bot.Reply{Toast: broken(code)}
		}
	}()
	return h.Handle(ctx, input)
}

// broken is said after a panic: whether something was saved is not known.
func broken(code string) string {
	return "No pude completar la acción. Revise cómo quedó su solicitud antes de intentar de nuevo; " +
		"si se repite, dé este código al área de soporte: " + code + "."
}

// support is a short code for one input, the same in the log and on the screen.
func support(once string) string {
	sum := sha256.Sum256([]byte(once))
	return base32.StdEncoding.EncodeToString(sum[:])[:4]
}

// answer carries out reply. Every press is acknowledged, also one without a
// reply; each part is tried on its own, and what fails for good is logged.
func (t *Telegram) answer(ctx context.Context, in incoming, reply bot.Reply) {
	toast := reply.Toast
	if in.Query != "" && t.acknowledge(ctx, in, toast) {
		toast = ""
	}
	if in.Input == nil {
		return
	}
	chat, message := address(in)
	pressed := in.Query != ""
	if reply.Forget && !pressed {
		t.forget(ctx, in, chat, message)
	}
	if toast != "" && (!pressed || reply.Card == nil) {
		t.report(ctx, in, "toast", t.say(ctx, chat, card.Card{Story: es.Story{Text: []string{toast}}}))
	}
	if reply.Card == nil {
		return
	}
	if reply.Redraw && pressed && t.redraw(ctx, in, *reply.Card) {
		return
	}
	t.report(ctx, in, "card", t.say(ctx, chat, *reply.Card))
}

// acknowledge answers the press and reports whether the toast was seen: an old
// query takes no answer any more, and then the words are owed otherwise.
func (t *Telegram) acknowledge(ctx context.Context, in incoming, toast string) bool {
	text := cut(line(toast), maxToast)
	err := t.retry(ctx, func() error { return classify(editing, t.client.acknowledge(ctx, in.Query, text)) })
	if err == nil {
		return true
	}
	if !refused(err, late) {
		t.report(ctx, in, "acknowledgement", err)
	}
	return false
}

// redraw replaces the message pressed and reports whether that is settled; where
// the message cannot be edited the card is owed as a new one.
func (t *Telegram) redraw(ctx context.Context, in incoming, c card.Card) bool {
	ref := card.Ref{Chat: in.Input.Chat, Message: in.Input.Message}
	err := t.retry(ctx, func() error { return t.Edit(ctx, ref, c) })
	if outbox.IsGone(err) || outbox.IsPermanent(err) {
		return false
	}
	t.report(ctx, in, "redraw", err)
	return true
}

func (t *Telegram) say(ctx context.Context, chat int64, c card.Card) error {
	m := t.draw(ctx, c)
	return t.retry(ctx, func() error {
		_, err := t.post(ctx, chat, m)
		return err
	})
}

func (t *Telegram) forget(ctx context.Context, in incoming, chat int64, message int) {
	err := t.retry(ctx, func() error { return classify(editing, t.client.delete(ctx, chat, message)) })
	if !refused(err, undeleted) {
		t.report(ctx, in, "deletion", err)
	}
}

// report logs that a part of an answer did not arrive.
func (t *Telegram) report(ctx context.Context, in incoming, part string, err error) {
	if err != nil {
		t.log.ErrorContext(ctx, "telegram: an answer was not delivered", "part", part, "update", in.ID, "err", err)
	}
}

// retry repeats do, whose errors are classified, until it succeeds or fails for
// good, or ctx or the attempts run out, waiting as Telegram asks. An answer is
// worth a duplicate: silence is worse.
func (t *Telegram) retry(ctx context.Context, do func() error) error {
	for n := 0; ; n++ {
		err := do()
		if err == nil || outbox.IsPermanent(err) || outbox.IsGone(err) || n+1 == attempts {
			return err
		}
		wait := pause(n, err)
		if end, ok := ctx.Deadline(); ok && time.Until(end) < wait {
			return err
		}
		if t.sleep(ctx, wait) != nil {
			return err
		}
	}
}

// address is where in was done: chat and message as Telegram numbers them.
func address(in incoming) (chat int64, message int) {
	message, err := strconv.Atoi(in.Input.Message)
	if err != nil {
		return in.Chat, 0
	}
	return in.Chat, message
}
