package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"
	"unicode"

	"sidem/bot/card"
	"sidem/bot/filling"
	"sidem/bot/identity"
	"sidem/bot/session"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

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

// Handle answers one input. Trouble of our own is logged once, here, under a
// code that the person can give to support.
func (e *Engine) Handle(ctx context.Context, in Input) (reply Reply) {
	defer func() {
		if p := recover(); p != nil {
			reply = e.begin(in).Trouble(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	t := e.begin(in)
	reply, err := t.answer(ctx)
	if err != nil {
		return t.Trouble(err)
	}
	return reply
}

// conversation is one input being answered, with the forms of whoever it is.
type conversation struct {
	*session.Session
	engine *Engine
	forms  *filling.Forms
}

func (e *Engine) begin(in Input) *conversation {
	s := &session.Session{In: in, Now: e.Desk.Clock(), Services: session.Services{
		Desk: e.Desk, Sessions: e.Sessions, Outbox: e.Outbox, Seal: e.Seal, Files: e.Files, Explain: e.Explain, Modal: e.Modal, Late: e.Late, Log: e.Log,
	}}
	t := &conversation{Session: s, engine: e}
	t.forms = &filling.Forms{Session: s, Commands: t}
	return t
}

func (t *conversation) answer(ctx context.Context) (Reply, error) {
	e, in := t.engine, t.In
	switch e.Flood.take(t.person(), t.Now) {
	case pass:
	case warn:
		return Reply{Toast: es.Say(es.Flooded)}, nil
	case drop:
		return Reply{}, nil
	}
	if e.Flood.tired(in.Platform, t.person(), proves(in.Text), t.Now) {
		return Reply{Stranger: true}, nil
	}
	account, err := e.Desk.Account(ctx, in.Platform, in.Who)
	switch {
	case errors.Is(err, desk.ErrNotFound):
		return t.unlinked(ctx)
	case err != nil:
		return Reply{}, fmt.Errorf("look for the account of %s: %w", in.Platform, err)
	}
	e.Flood.known(t.person())
	t.Account = account
	if account.State != core.StateActive {
		if in.Home {
			return homeOf(es.Refuse(&core.Refusal{Reason: core.Suspended}, "", t.Now)), nil
		}
	}
	if t.Actor, err = e.Desk.Actor(ctx, account); err != nil {
		return Reply{}, err
	}
	t.Actor = t.Actor.Through(core.Link{Platform: in.Platform, ID: in.Who}, account)
	if account.State != core.StateActive {
		return t.suspended(ctx)
	}
	reply, err := t.act(ctx)
	if err == nil {
		t.forms.Retire(ctx, &reply)
	}
	return reply, err
}

// act answers a person who is known.
func (t *conversation) act(ctx context.Context) (Reply, error) {
	switch {
	case t.In.Home:
		return t.home(ctx)
	case t.In.Tap != "":
		return t.tap(ctx)
	case t.In.Form != nil:
		return t.forms.Submit(ctx)
	case !t.In.Private:
		return t.group(ctx)
	default:
		return t.text(ctx)
	}
}

// text is a message: a command, an answer to the question that is open, or a number.
func (t *conversation) text(ctx context.Context) (Reply, error) {
	if t.In.Edited {
		return t.forms.Edited(ctx)
	}
	word, rest := split(t.In.Text)
	if strings.HasPrefix(word, "/") {
		if c, ok := find(word); ok {
			return t.run(ctx, c, rest)
		}
		return t.hint(), nil
	}
	if reply, open, err := t.forms.Answers(ctx); open || err != nil {
		return reply, err
	}
	if t.In.Unreadable != "" || t.In.Text == "" && len(t.In.Files) == 0 {
		return Reply{Toast: es.Unread(string(t.In.Unreadable))}, nil
	}
	if isNumber(t.In.Text) {
		return t.show(ctx, t.In.Text)
	}
	if c, ok := find("/entrega"); ok && word == "" && len(t.In.Files) > 0 && c.may(t.Roles()) { // at the counter it is a pass
		return t.run(ctx, c, "")
	}
	if len(t.In.Files) > 0 && !t.In.Edited {
		return t.unasked(ctx)
	}
	if c, ok := find("/" + word); ok && !c.quiet {
		return t.run(ctx, c, rest)
	}
	return t.hint(), nil
}

// hint answers what was not understood: short, with two ways on.
func (t *conversation) hint() Reply {
	return Reply{Card: &card.Card{
		Story: es.Story{Title: es.Say(es.NotUnderstood), Text: []string{es.Say(es.NotUnderstoodHint)}},
		Rows:  [][]card.Action{{t.Word("/pendientes", es.Say(es.ButtonDuties), card.Plain), t.Word("/ayuda", es.Say(es.ButtonHelp), card.Plain)}},
	}}
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
