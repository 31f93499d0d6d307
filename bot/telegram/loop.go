package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/go-telegram/bot/models"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/es"
)

const (
	batchSize   = 100 // Bot API, getUpdates: limit
	confirmTime = 2 * time.Second
)

// Run receives updates until ctx ends, by polling or by the webhook, and hands
// what people did to h: in order for each person, people beside each other. An
// update is kept in the store, then confirmed to Telegram, then worked: once, however
// often it comes and whoever dies meanwhile (wire.Intake). At the end it begins
// nothing more, lets what is being handled finish within the grace time, and returns nil.
func (t *Telegram) Run(ctx context.Context, h bot.Handler) error {
	if t.sessions == nil {
		return errors.New("telegram: to receive, Sessions are needed")
	}
	select {
	case t.running <- struct{}{}:
		defer func() { <-t.running }()
	default:
		return errors.New("telegram: already running")
	}
	if !t.greet(ctx) {
		return nil
	}
	in := t.newIntake(h)
	in.Start(ctx)
	defer in.Close(t.grace)
	if t.webhook != nil { // updates are kept from now on, whatever Telegram says to the rest
		t.intake.Store(in)
		defer t.intake.Store(nil)
		t.beginsReceiving()
	}
	t.publish(ctx)
	switch {
	case t.webhook != nil:
		t.receive(ctx)
	case t.shared:
		t.alternate(ctx, in)
	default:
		t.serve(ctx, in, nil)
	}
	return nil
}

// intake keeps what people do, and has it worked.
type intake = wire.Intake[incoming]

func (t *Telegram) newIntake(h bot.Handler) *intake {
	t.door = h
	in := wire.Config[incoming]{
		Sessions: t.sessions, Space: name + ":" + t.client.self(), Shared: t.shared, Now: t.now, Log: t.log, Follow: t.inputs,
		Read: func(k wire.Kept) (incoming, bool) {
			list := t.decode(context.Background(), []json.RawMessage{k.Body})
			in := first(list)
			if in.Input != nil && k.Once == "" { // it may have been begun by the name that it had then
				in.Input.Once = former(in.ID)
			}
			return in, len(list) == 1
		},
	}
	in.Open, in.Joins = goesOn, isNext
	in.Late = t.late
	var q *intake
	in.Work = func(ctx context.Context, act wire.Act[incoming]) wire.Outcome {
		return t.act(ctx, q, h, act)
	}
	q = wire.NewIntake(in)
	return q
}

// late tells whoever wrote or pressed that it is not known to be kept so far. In a group
// nothing is said.
func (t *Telegram) late(ctx context.Context, in incoming) {
	if in.Input == nil || !in.Input.Private {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, t.replying)
	defer cancel()
	chat, _ := address(in)
	_, err := t.say(ctx, chat, render(wire.Sentence(es.Late)))
	t.report(ctx, in, "delay", err)
}

func first(list []incoming) (in incoming) {
	if len(list) > 0 {
		in = list[0]
	}
	return in
}

// kept is in as it is kept. Telegram numbers the updates of a bot in their order.
func kept(in incoming) wire.Kept {
	k := wire.Kept{ID: decimal(in.ID), Lane: in.Lane, Order: in.ID, Body: in.Raw, At: time.Now()}
	if in.Input != nil {
		k.Once = in.Input.Once
	}
	return k
}

// alternate polls whenever the lease is ours.
func (t *Telegram) alternate(ctx context.Context, in *intake) {
	for ctx.Err() == nil {
		held, l := t.acquire(ctx)
		if l == nil {
			return
		}
		t.serve(held, in, l)
		l.end(ctx)
	}
}

// serve polls until ctx ends. l is the lease that it is done under; nil: none is needed.
func (t *Telegram) serve(ctx context.Context, in *intake, l *lease) {
	if !t.persist(ctx, func() error { return t.client.unhook(ctx) }) {
		return
	}
	asked, next := t.poll(ctx, in)
	if next != asked && (l == nil || !l.isLost()) {
		t.confirm(ctx, next)
	}
}

// greet learns the bot's name; false: ctx ended first.
func (t *Telegram) greet(ctx context.Context) bool {
	return t.persist(ctx, func() (err error) {
		t.me, err = t.client.me(ctx)
		return err
	})
}

// poll keeps what Telegram has until ctx ends. It returns the last offset that
// Telegram was told, and the one after what is kept. Asking from an offset confirms
// all before it. It begins with what was not confirmed, and may go back, since
// Telegram numbers anew after a week without updates.
func (t *Telegram) poll(ctx context.Context, in *intake) (asked, next int64) {
	failures := 0
	for ctx.Err() == nil {
		began := time.Now()
		batch, err := t.client.updates(ctx, next, batchSize, t.wait)
		if ctx.Err() != nil {
			break
		}
		t.note(ctx, err)
		if err != nil {
			if t.sleep(ctx, wire.Pause(failures, classify(editing, err))) != nil {
				break
			}
			failures++
			continue
		}
		failures, asked = 0, next
		list := t.decode(ctx, batch)
		if !t.keep(ctx, in, list) {
			break
		}
		for i, u := range list {
			if i == 0 || u.ID >= next {
				next = u.ID + 1
			}
		}
		if len(list) == 0 && time.Since(began) < wire.FirstPause && t.sleep(ctx, wire.FirstPause) != nil {
			break // whoever answers at once and with nothing is not asked in a hot loop
		}
	}
	return asked, next
}

// keep keeps what in list somebody did; false: ctx ended first.
func (t *Telegram) keep(ctx context.Context, in *intake, list []incoming) bool {
	var batch []wire.Kept
	var what []incoming
	for _, u := range list {
		if !u.isNothing() && bot.Admits(t.door, u.Input) {
			batch, what = append(batch, kept(u)), append(what, u)
		}
	}
	return in.OfferAll(ctx, batch, what)
}

// confirm tells Telegram how far we came, so that the next start need not be brought
// it again. It asks for one update and leaves it: it is confirmed by no one.
func (t *Telegram) confirm(ctx context.Context, offset int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmTime)
	defer cancel()
	if _, err := t.client.updates(ctx, offset, 1, 0); err != nil {
		t.log.WarnContext(ctx, "telegram: the last updates were not confirmed and will come again", "err", err)
	}
}

// persist repeats do, which nothing works without, until it succeeds; false: ctx ended first.
func (t *Telegram) persist(ctx context.Context, do func() error) bool {
	return t.sleep.Insist(ctx, do, func(err error) error {
		t.note(ctx, err)
		return classify(editing, err)
	})
}

// decode reads a batch. An update that the library's types do not fit is logged
// and passed over, so that it does not hold up the rest; a press in it is still answered.
func (t *Telegram) decode(ctx context.Context, batch []json.RawMessage) []incoming {
	list := make([]incoming, 0, len(batch))
	for _, raw := range batch {
		var u models.Update
		if err := json.Unmarshal(raw, &u); err == nil {
			in := parse(&u, t.me, t.client.self())
			in.Raw = raw
			list = append(list, in)
			continue
		}
		var least struct {
			ID    int64 `json:"update_id"`
			Query struct {
				ID string `json:"id"`
			} `json:"callback_query"`
		}
		err := json.Unmarshal(raw, &least)
		t.log.ErrorContext(ctx, "telegram: an update was not understood", "update", least.ID, "err", err)
		if err == nil {
			list = append(list, incoming{ID: least.ID, Lane: "query-" + decimal(least.ID), Query: least.Query.ID, Raw: raw})
		}
	}
	return list
}

// linkState is how receiving stands. Zero: it works.
type linkState string

const (
	working      linkState = ""
	unauthorized linkState = "unauthorized"
	conflict     linkState = "conflict"
	unreachable  linkState = "unreachable"
)

// note logs a change of how receiving stands, once.
func (t *Telegram) note(ctx context.Context, err error) {
	state := stateOf(err)
	if state == t.state {
		return
	}
	t.state = state
	switch state {
	case working:
		t.log.InfoContext(ctx, "telegram: receiving updates works again")
	case unauthorized:
		t.log.ErrorContext(ctx, "telegram: the token is not valid; it goes on trying", "err", err)
	case conflict:
		t.log.ErrorContext(ctx, "telegram: somebody else receives this bot's updates (another process polls, or a webhook is set); it goes on trying", "err", err)
	case unreachable:
		t.log.WarnContext(ctx, "telegram: receiving updates fails; it goes on trying", "err", err)
	}
}

func stateOf(err error) linkState {
	if err == nil {
		return working
	}
	if r, ok := errors.AsType[*replyError](err); ok {
		switch r.Status {
		case http.StatusUnauthorized, http.StatusNotFound:
			return unauthorized
		case http.StatusConflict:
			return conflict
		}
	}
	return unreachable
}

// act does what one act of a person asks for.
func (t *Telegram) act(work context.Context, q *intake, h bot.Handler, act wire.Act[incoming]) (o wire.Outcome) {
	in := joined(act.Parts)
	if in.Member != nil {
		if t.onBlocked != nil {
			q.Handle(false, func() { t.onBlocked(work, in.Member.Who, in.Member.Blocked) })
		}
		return o
	}
	var reply bot.Reply
	switch {
	case in.Input == nil:
	case act.Spoiled:
		code := wire.Support(in.Input.Once)
		t.log.ErrorContext(work, "telegram: processes ended while they worked an input; it is set aside", "code", code, "once", in.Input.Once)
		reply.Toast, reply.Alert = es.Broken(code), true
	default:
		reply = t.take(work, q, h, in)
	}
	o = outcome(reply)
	if work.Err() != nil {
		return o // cut short: it is worked once more
	}
	t.answer(work, in, reply)
	t.offer(work, in)
	return o
}

// outcome is how an act is remembered: of strangers, for a short time, and not at all where
// they got no answer.
func outcome(reply bot.Reply) wire.Outcome {
	return wire.Outcome{Brief: reply.Stranger, Undecided: reply.Stranger && reply.IsSilent()}
}

// take has h answer what a person did.
func (t *Telegram) take(work context.Context, q *intake, h bot.Handler, in incoming) (reply bot.Reply) {
	t.attach(in)
	if in.Input.At.IsZero() {
		in.Input.At = time.Now()
	}
	q.Handle(len(in.Files) > 0, func() {
		ctx, cancel := context.WithTimeout(work, t.handling)
		defer cancel()
		reply = wire.Ask(ctx, t.log, h, *in.Input)
	})
	return reply
}
