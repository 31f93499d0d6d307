package bot

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"
	"unicode"

	"sidem/bot/card"
	"sidem/bot/identity"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
	"sidem/core/outbox"
)

// Asker is the outbox as the bot needs it: to have a card drawn that no decision owes.
type Asker interface {
	Add(ctx context.Context, now time.Time, items ...outbox.Item) (int, error)
}

// Files keeps attachments. Put fails with an error that Explain knows, or
// anything else when nothing was kept.
type Files interface {
	// Check judges what can be told before a file is fetched: its name, and its
	// size in bytes (negative: unknown).
	Check(name string, size int64) error
	Put(ctx context.Context, name string, r io.Reader) (core.Attachment, error)
	// Get opens the content with a hash.
	Get(ctx context.Context, hash string) (io.ReadCloser, error)
}

// Engine is the conversation of every platform.
type Engine struct {
	Desk     *desk.Desk
	Sessions desk.Sessions
	Outbox   Asker
	Seal     card.Sealer
	Identity identity.Keeper
	Files    Files
	// Explain turns an error of Files into words, or "" when it is not the person's to mend.
	Explain func(error) string
	// Modal tells the platforms that draw forms whole.
	Modal map[string]bool
	// Invite is the address that opens a platform's private chat with the bot and
	// starts it with payload; "" where there is none. Nil is nowhere.
	Invite func(platform, payload string) string
	// Flood bounds how fast a person may write and press; nil lets everything pass.
	Flood *Flood
	// Late tells whether a channel ("telegram", "email") had been found down by an
	// instant; nil is never.
	Late func(channel string, by time.Time) bool
	Log  *slog.Logger
}

// session is one input being answered: who it is, and what they may do.
type session struct {
	*Engine
	in       Input
	account  core.Record
	actor    core.Actor
	now      time.Time
	question *question // what the answer leaves open, in a chat without modals; nil: it leaves what is open as it is
}

// Handle answers one input. Trouble of our own is logged once, here, under a
// code that the person can give to support.
func (e *Engine) Handle(ctx context.Context, in Input) (reply Reply) {
	defer func() {
		if p := recover(); p != nil {
			reply = e.trouble(in, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	reply, err := e.answer(ctx, in)
	if err != nil {
		return e.trouble(in, err)
	}
	return reply
}

func (e *Engine) trouble(in Input, err error) Reply {
	h := fnv.New32a()
	_, _ = io.WriteString(h, in.Once)
	code := strings.ToUpper(fmt.Sprintf("%04x", h.Sum32()&0xffff))
	e.Log.Error("input failed", "code", code, "platform", in.Platform, "once", in.Once, "err", err)
	if errors.Is(err, desk.ErrUncertain) {
		return Reply{Toast: es.Uncertain(code)}
	}
	return Reply{Toast: es.Internal(code)}
}

func (e *Engine) answer(ctx context.Context, in Input) (Reply, error) {
	t := &session{Engine: e, in: in, now: e.Desk.Clock()}
	switch e.Flood.take(t.person(), t.now) {
	case pass:
	case warn:
		return Reply{Toast: es.Say(es.Flooded)}, nil
	case drop:
		return Reply{}, nil
	}
	account, err := e.Desk.Account(ctx, in.Platform, in.Who)
	switch {
	case errors.Is(err, desk.ErrNotFound):
		return t.stranger(ctx)
	case err != nil:
		return Reply{}, fmt.Errorf("look for the account of %s: %w", in.Platform, err)
	}
	t.account = account
	if account.State != core.StateActive {
		if in.Home {
			return homeOf(es.Refuse(&core.Refusal{Reason: core.Suspended}, "", t.now)), nil
		}
	}
	if t.actor, err = e.Desk.Actor(ctx, account); err != nil {
		return Reply{}, err
	}
	t.actor = t.actor.Through(core.Link{Platform: in.Platform, ID: in.Who}, account)
	if account.State != core.StateActive {
		return t.suspended(ctx)
	}
	reply, err := t.act(ctx)
	if err == nil {
		t.retire(ctx, &reply)
	}
	return reply, err
}

// act answers a person who is known.
func (t *session) act(ctx context.Context) (Reply, error) {
	switch {
	case t.in.Home:
		return t.home(ctx)
	case t.in.Tap != "":
		return t.tap(ctx)
	case t.in.Form != nil:
		return t.submit(ctx)
	case !t.in.Private:
		return t.group(ctx)
	default:
		return t.text(ctx)
	}
}

// text is a message: a command, an answer to the question that is open, or a number.
func (t *session) text(ctx context.Context) (Reply, error) {
	if t.in.Edited {
		return t.edited(ctx)
	}
	word, rest := split(t.in.Text)
	if strings.HasPrefix(word, "/") {
		if c, ok := find(word); ok {
			return t.run(ctx, c, rest)
		}
		return t.hint(), nil
	}
	if reply, open, err := t.answers(ctx); open || err != nil {
		return reply, err
	}
	if t.in.Unreadable != "" || t.in.Text == "" && len(t.in.Files) == 0 {
		return Reply{Toast: es.Unread(string(t.in.Unreadable))}, nil
	}
	if isNumber(t.in.Text) {
		return t.show(ctx, t.in.Text)
	}
	if c, ok := find("/entrega"); ok && word == "" && len(t.in.Files) > 0 && c.may(t.roles()) { // at the counter it is a pass
		return t.run(ctx, c, "")
	}
	if c, ok := find("/" + word); ok && !c.quiet {
		return t.run(ctx, c, rest)
	}
	return t.hint(), nil
}

// hint answers what was not understood: short, with two ways on.
func (t *session) hint() Reply {
	return Reply{Card: &card.Card{
		Story: es.Story{Title: es.Say(es.NotUnderstood), Text: []string{es.Say(es.NotUnderstoodHint)}},
		Rows:  [][]card.Action{{t.word("/pendientes", es.Say(es.ButtonDuties), card.Plain), t.word("/ayuda", es.Say(es.ButtonHelp), card.Plain)}},
	}}
}

// word is a button that does what the command would.
func (t *session) word(command, label string, style card.Style) card.Action {
	return card.Action{Label: label, Style: style, Token: t.Seal.Seal(t.account.ID, card.Token{Word: command})}
}

// opens is a button that opens the form of a command.
func (t *session) opens(command, arg, label string, style card.Style) card.Action {
	return card.Action{Label: label, Style: style, Opens: true, Token: t.Seal.Seal(t.account.ID, card.Token{Word: command, Arg: arg})}
}

func split(text string) (word, rest string) {
	text = strings.TrimSpace(text)
	if i := strings.IndexFunc(text, unicode.IsSpace); i >= 0 {
		text, rest = text[:i], text[i:]
	}
	return strings.ToLower(text), strings.TrimSpace(rest)
}

// isNumber reports whether text is the number of a request as people write it: 147, #147, 147/26.
func isNumber(text string) bool {
	s := strings.TrimPrefix(strings.TrimSpace(text), "#")
	return s != "" && s[0] >= '0' && s[0] <= '9' && strings.Trim(s, "0123456789/") == ""
}

// draw has the notifier draw the card of a record for the person, now.
func (t *session) draw(ctx context.Context, record string, how ...string) error {
	if err := t.Desk.Watch(ctx, record, t.account.ID); err != nil {
		return err
	}
	data := map[string]string{}
	for _, h := range how {
		data[h] = t.in.Once
	}
	item := desk.CardItem(record, t.account.ID, t.in.Platform, t.now, data)
	if _, err := t.Outbox.Add(ctx, t.now, item); err != nil {
		return fmt.Errorf("ask for the card of %s: %w", record, err)
	}
	return nil
}

// refusal is refused where the refusal has been decided: trouble is logged.
func (t *session) refusal(ctx context.Context, record string, no *core.Refusal) Reply {
	reply, err := t.refused(ctx, record, no)
	if err != nil {
		t.afterwards(ctx, "a refusal is not told in full", err)
		return Reply{Toast: es.Refuse(no, "", t.now)}
	}
	return reply
}

// refused answers a refusal, and has the present card drawn over the one that was pressed.
func (t *session) refused(ctx context.Context, record string, no *core.Refusal) (Reply, error) {
	agency, err := t.Desk.AgencyName(ctx, no.Agency)
	if err != nil {
		return Reply{}, err
	}
	if no.Reason == core.NoProgram {
		return t.missingProgram(ctx)
	}
	if record != "" && t.in.Tap != "" && no.Reason != core.NotFound {
		how := drawInPlace
		if no.Reason == core.Stale { // what was pressed may be a copy that nobody keeps up to date
			how = drawAnew
		}
		if err := t.draw(ctx, record, how); err != nil {
			return Reply{}, err
		}
	}
	return Reply{Toast: es.Refuse(no, agency, t.now)}, nil
}

// How a card is asked for (the Data of its item).
const (
	drawAnew    = "anew"    // as a new message
	drawInPlace = "force"   // over the one that is there
	drawNow     = "own"     // by the rules, and at any hour
	drawHere    = "instead" // in this chat, though another comes first
)
