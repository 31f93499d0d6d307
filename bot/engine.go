package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/filling"
	"sidem.gob.mx/sidem/bot/flood"
	"sidem.gob.mx/sidem/bot/identity"
	"sidem.gob.mx/sidem/bot/linking"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/view"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
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
	Flood *flood.Limiter
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
	c := e.begin(in)
	reply, err := e.answer(ctx, c)
	if err != nil {
		return c.Trouble(err)
	}
	return reply
}

func (e *Engine) begin(in Input) *conversation {
	s := &session.Session{In: in, Now: e.Desk.Clock(), Services: session.Services{
		Desk: e.Desk, Sessions: e.Sessions, Outbox: e.Outbox, Seal: e.Seal, Files: e.Files, Explain: e.Explain, Modal: e.Modal, Late: e.Late, Log: e.Log,
	}}
	c := &conversation{Session: s}
	c.forms = &filling.Forms{Session: s, Commands: c}
	c.views = &view.Views{Session: s, Forms: c.forms}
	c.linking = &linking.Linking{Session: s, Identity: e.Identity, Flood: e.Flood, Greeter: c.views}
	c.invite = func(payload string) string {
		if e.Invite == nil {
			return ""
		}
		return e.Invite(in.Platform, payload)
	}
	return c
}

// answer finds out who it is, and whether they are answered at all.
func (e *Engine) answer(ctx context.Context, c *conversation) (Reply, error) {
	in := c.In
	switch e.Flood.Judge(c.Person(), c.Now) {
	case flood.Pass:
	case flood.Warn:
		return Reply{Toast: es.Say(es.Flooded)}, nil
	case flood.Drop:
		return Reply{}, nil
	}
	if e.Flood.Tired(in.Platform, c.Person(), c.linking.Proves(), c.Now) {
		return Reply{Stranger: true}, nil
	}
	met, err := e.Desk.Meet(ctx, in.Platform, in.Who, card.Hint(in.Tap))
	switch {
	case errors.Is(err, desk.ErrNotFound):
		return e.unlinked(ctx, c)
	case err != nil:
		return Reply{}, fmt.Errorf("look for the account of %s: %w", in.Platform, err)
	}
	e.Flood.Linked(c.Person())
	account := met.Account
	c.Account = account
	if account.State != core.StateActive {
		if in.Home {
			return view.HomeOf(es.Refuse(&core.Refusal{Reason: core.Suspended}, "", c.Now)), nil
		}
	}
	tok := c.pressed()
	if c.Case, err = e.Desk.Open(ctx, met, tok.Record, c.likely(tok)); err != nil {
		return Reply{}, err
	}
	c.Actor = c.Case.Actor.Through(core.Link{Platform: in.Platform, ID: in.Who}, account)
	if account.State != core.StateActive {
		return c.suspended(ctx)
	}
	reply, err := c.act(ctx)
	if err == nil {
		c.forms.Retire(ctx, &reply)
		c.note(ctx, &reply)
	}
	return reply, err
}

// act answers a person who is known.
func (c *conversation) act(ctx context.Context) (Reply, error) {
	switch {
	case c.In.Home:
		return c.views.Home(ctx)
	case c.In.Tap != "":
		return c.tap(ctx)
	case c.In.Form != nil:
		return c.forms.Submit(ctx)
	case !c.In.Private:
		return c.group(ctx)
	default:
		return c.text(ctx)
	}
}

// text is a message: a command, an answer to the question that is open, or a number.
func (c *conversation) text(ctx context.Context) (Reply, error) {
	switch {
	case c.In.Edited && isCommand(c.In.Text): // it is no answer, and is not given again by being mended
		return Reply{Toast: es.Say(es.EditNotTaken)}, nil
	case c.In.Edited:
		return c.forms.Edited(ctx)
	}
	first, rest := word.Split(c.In.Text)
	if w, ok := find(first); ok && strings.HasPrefix(first, "/") {
		return c.run(ctx, w, rest)
	}
	if reply, open, err := c.forms.Answers(ctx); open || err != nil {
		return reply, err
	}
	if strings.HasPrefix(first, "/") && !es.Leaves(c.In.Text) {
		return c.hint(), nil
	}
	if c.In.Quoted != "" && len(c.In.Files) == 0 && c.In.Unreadable == "" {
		return Reply{Toast: es.Say(es.QuotedNotTaken)}, nil
	}
	if c.In.Unreadable != "" || c.In.Text == "" && len(c.In.Files) == 0 {
		return Reply{Toast: es.Unread(string(c.In.Unreadable))}, nil
	}
	spoken, asks := word.Spoken(c.In.Text, c.Roles())
	if !asks {
		if reply, is, err := c.forms.UnderEnded(ctx); is || err != nil {
			return reply, err
		}
	}
	if view.IsNumber(c.In.Text) {
		return c.views.Number(ctx, c.In.Text)
	}
	if first == "" && len(c.In.Files) > 0 && word.May(word.HandOver, c.Roles()) { // at the counter it is a pass
		w, _ := find(word.HandOver)
		return c.run(ctx, w, "")
	}
	if len(c.In.Files) > 0 {
		return c.askPurpose(ctx)
	}
	if asks {
		w, _ := find(spoken.Name)
		return c.run(ctx, w, "")
	}
	if row, ok := word.Find("/" + first); ok && !row.Quiet {
		w, _ := find(row.Name)
		return c.run(ctx, w, rest)
	}
	return c.hint(), nil
}

// Admits reports whether what a person wrote need be kept and worked at all. It asks
// nobody and counts nothing: a platform may ask before it keeps what came.
func (e *Engine) Admits(in *Input) bool {
	c := e.begin(*in)
	return e.Flood.Admits(in.Platform, c.Person(), c.linking.Proves(), c.Now)
}

// unlinked answers somebody whose chat is linked to no account, as far as the
// strangers of the platform have answers left. Who gives a right password or code takes none
// of theirs, and does not wait for them.
func (e *Engine) unlinked(ctx context.Context, c *conversation) (Reply, error) {
	right := false
	if c.linking.Proves() && e.Flood.Patient(c.Person()) {
		var err error
		if right, err = c.linking.Right(ctx); err != nil {
			return Reply{}, err
		}
	}
	if !right && c.notForUs() {
		return Reply{}, nil
	}
	answered, begins := right, false
	if !right {
		answered, begins = e.Flood.JudgeStranger(c.In.Platform, c.Person(), c.linking.Proves(), c.Now)
	}
	if begins {
		c.Log.WarnContext(ctx, "persons who are linked to no account write more than is answered", "platform", c.In.Platform)
	}
	if !answered {
		return Reply{Stranger: true}, nil
	}
	reply, err := c.stranger(ctx)
	if err == nil && c.Account.ID != "" { // linked by this
		c.note(ctx, &reply)
	}
	reply.Stranger = c.Account.ID == ""
	return reply, err
}

func (c *conversation) stranger(ctx context.Context) (Reply, error) {
	switch {
	case c.In.Home:
		return view.HomeOf(es.Refuse(&core.Refusal{Reason: core.Unknown}, "", c.Now), es.Say(es.HomeUnknown)), nil
	case c.In.Tap == "" && c.In.Form == nil && !c.In.Private:
		return c.group(ctx)
	}
	return c.linking.Stranger(ctx)
}
