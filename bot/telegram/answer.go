package telegram

import (
	"cmp"
	"context"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/go-telegram/bot/models"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/flood"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
)

// maxToast is in characters of answerCallbackQuery's text (Bot API).
const maxToast = 200

// attach gives each file of in the way to read it. The first that is read has the chat
// show that something is done about them.
func (t *Telegram) attach(in incoming) {
	var reading sync.Once
	for i, id := range in.Files {
		size := in.Input.Files[i].Size
		in.Input.Files[i].Open = func(ctx context.Context) (io.ReadCloser, error) {
			var told sync.WaitGroup
			defer told.Wait()
			reading.Do(func() { told.Go(func() { t.busy(ctx, in, models.ChatActionTyping) }) })
			return t.client.open(ctx, id, size)
		}
	}
}

// busyTime is for telling that something is done: it is no more than a courtesy.
const busyTime = time.Second

// busy shows in the private chat that the bot is at something, if Telegram takes it at once.
func (t *Telegram) busy(ctx context.Context, in incoming, doing models.ChatAction) {
	if !in.Input.Private {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, busyTime)
	defer cancel()
	if err := t.client.tell(ctx, in.Chat, in.Thread, doing); err != nil {
		t.log.DebugContext(ctx, "telegram: what is being done was not shown", "update", in.ID, "err", err)
	}
}

// answering is one reply being carried out.
type answering struct {
	t    *Telegram
	in   incoming
	open bool // Reply.Open: others may read it
	shut bool // the person's private chat is not open, and they were told so
	// how says in the group to open it.
	how string
	// there says that what there was to post arrived, and at where the reply's card is.
	there bool
	at    card.Ref
}

// answer carries out reply. Every press is acknowledged, also one without a
// reply; each part is tried on its own, and what fails for good is logged. In a
// group only a reply that is Open is read by others: any other goes to the
// private chat.
func (t *Telegram) answer(work context.Context, in incoming, reply bot.Reply) {
	patience := t.replying
	if reply.Stranger {
		patience = min(patience, flood.StrangerPatience)
	}
	ctx, cancel := context.WithTimeout(work, patience)
	defer cancel()
	toast := line(reply.Toast)
	short := cut(toast, maxToast)
	if short != toast && reply.Card == nil {
		short = "" // it is said whole in a message: its end may be the code for support
	}
	if in.Query != "" && t.acknowledge(ctx, in, short, reply.Alert) && (short != "" || reply.Card != nil) {
		toast = ""
	}
	if in.Input == nil {
		return
	}
	if in.Input.Private {
		work, ctx = wire.Through(work, t.gate, in.Input.Who), wire.Through(ctx, t.gate, in.Input.Who)
	}
	a := &answering{t: t, in: in, open: reply.Open, how: cmp.Or(reply.Shut, es.OpenPrivate), there: true}
	pressed := in.Query != ""
	if reply.Forget && !pressed {
		t.forget(ctx, in)
	}
	if toast != "" && (!pressed || reply.Card == nil) {
		a.say(ctx, "toast", wire.Sentence(reply.Toast), reply.Open)
	}
	if reply.Card != nil {
		a.card(ctx, *reply.Card, reply.Redraw && pressed)
	}
	if len(reply.Documents) > 0 {
		t.busy(ctx, in, models.ChatActionUploadDocument)
	}
	for _, d := range reply.Documents {
		a.deliver(work, d)
	}
	if a.there {
		a.settle(work, reply)
	}
}

// card shows c: over the message pressed, if that is asked and read by nobody
// whom it does not concern, or as a new message.
func (a *answering) card(ctx context.Context, c card.Card, redraw bool) {
	here := card.Ref{Chat: a.in.Input.Chat, Message: a.in.Input.Message}
	if redraw && (a.in.Input.Private || a.open) && a.t.redraw(ctx, a.in, here, c) {
		a.at = here
		return
	}
	a.at, a.there = a.say(ctx, "card", c, a.open)
}

// settle takes the buttons off the messages that asked before, once what was owed
// is there. Trouble with it must not hold up what the person does next: it has
// little time, and what is left is told to whoever asked for it.
func (a *answering) settle(work context.Context, reply bot.Reply) {
	if len(reply.Retired) == 0 && reply.Posted == nil {
		return
	}
	ctx, cancel := context.WithTimeout(work, a.t.settling)
	defer cancel()
	var left []bot.Retired
	for _, s := range reply.Retired {
		if s.Ref == a.at {
			continue
		}
		err := a.t.sleep.Answer(ctx, func() error { return a.t.Edit(ctx, s.Ref, card.Card{Story: s.Story}) })
		if err == nil || outbox.IsGone(err) || outbox.IsPermanent(err) {
			continue
		}
		left = append(left, s)
		a.t.log.WarnContext(ctx, "telegram: a question that was answered keeps its buttons for now", "update", a.in.ID, "err", err)
	}
	if reply.Posted != nil {
		reply.Posted(work, a.at, left)
	}
}

// say posts c where the person wrote, if that is private or others may read it,
// and otherwise in the private chat. Where that is not open yet the group is told
// how to open it, and nothing else. It tells where c is, and whether it is there.
func (a *answering) say(ctx context.Context, part string, c card.Card, open bool) (card.Ref, bool) {
	m := a.t.draw(ctx, c)
	if a.in.Input.Private || open {
		at, err := a.here(ctx, m)
		a.t.report(ctx, a.in, part, err)
		return at, err == nil
	}
	if a.shut {
		return card.Ref{}, false
	}
	at, err := a.t.say(ctx, a.private(), m)
	if unopened(err) {
		a.invite(ctx)
		return card.Ref{}, false
	}
	a.t.report(ctx, a.in, part, err)
	return at, err == nil
}

// here posts m where the person wrote; in a group, in the same topic and as an
// answer to them.
func (a *answering) here(ctx context.Context, m message) (card.Ref, error) {
	if !a.in.Input.Private {
		m.Thread = a.in.Thread
		if a.in.Query == "" {
			_, m.Under = address(a.in)
		}
	}
	return a.t.say(ctx, a.in.Chat, m)
}

// private is the address of the person's private chat, which is their id.
func (a *answering) private() int64 {
	if a.in.Input.Private {
		return a.in.Chat
	}
	id, _ := strconv.ParseInt(a.in.Input.Who, 10, 64) // parse wrote it
	return id
}

// invite tells, in the group, how to open the private chat.
func (a *answering) invite(ctx context.Context) {
	a.shut = true
	c := wire.Sentence(a.how)
	c.Rows = [][]card.Action{{{Label: es.OpenPrivateButton, URL: "https://t.me/" + a.t.me}}}
	_, err := a.here(ctx, a.t.draw(ctx, c))
	a.t.report(ctx, a.in, "invitation", err)
}

// acknowledge answers the press and reports whether the toast was seen: an old
// query takes no answer any more, and then the words are owed otherwise.
func (t *Telegram) acknowledge(ctx context.Context, in incoming, text string, alert bool) bool {
	err := t.sleep.Answer(ctx, func() error { return classify(editing, t.client.acknowledge(ctx, in.Query, text, alert)) })
	if err == nil {
		return true
	}
	if !refused(err, late) {
		t.report(ctx, in, "acknowledgement", err)
	}
	return false
}

// redraw replaces the message pressed, at ref, and reports whether that is settled;
// where the message cannot be edited the card is owed as a new one.
func (t *Telegram) redraw(ctx context.Context, in incoming, ref card.Ref, c card.Card) bool {
	err := t.sleep.Answer(ctx, func() error { return t.Edit(ctx, ref, c) })
	if outbox.IsGone(err) || outbox.IsPermanent(err) {
		return false
	}
	t.report(ctx, in, "redraw", err)
	return true
}

func (t *Telegram) say(ctx context.Context, chat int64, m message) (at card.Ref, err error) {
	err = t.sleep.Answer(ctx, func() error {
		at, err = t.post(ctx, chat, m)
		return err
	})
	return at, err
}

func (t *Telegram) forget(ctx context.Context, in incoming) {
	chat, message := address(in)
	err := t.sleep.Answer(ctx, func() error { return classify(editing, t.client.delete(ctx, chat, message)) })
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

// address is where in was done: chat and message as Telegram numbers them.
func address(in incoming) (chat int64, message int) {
	message, err := strconv.Atoi(in.Input.Message)
	if err != nil {
		return in.Chat, 0
	}
	return in.Chat, message
}
