package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/go-telegram/bot/models"

	"sidem/bot"
	"sidem/bot/wire"
)

const (
	batchSize   = 100 // Bot API, getUpdates: limit
	confirmTime = 2 * time.Second
)

// Run receives updates until ctx ends, by polling or by the webhook, and hands
// what people did to h: in order within a chat, chats beside each other. An
// update is confirmed to Telegram only when it has been handled and answered (by
// polling: it and all before it), so that a crash loses nothing; what comes again
// carries the same Once. At the end it begins nothing more, lets what is being
// handled finish within the grace time, and returns nil.
func (t *Telegram) Run(ctx context.Context, h bot.Handler) error {
	select {
	case t.running <- struct{}{}:
		defer func() { <-t.running }()
	default:
		return errors.New("telegram: already running")
	}
	if !t.greet(ctx) {
		return nil
	}
	t.publish(ctx)
	switch {
	case t.webhook != nil:
		t.receive(ctx, h)
	case t.shared:
		t.alternate(ctx, h)
	default:
		t.serve(ctx, h, nil, 0)
	}
	return nil
}

// alternate polls whenever the lease is ours.
func (t *Telegram) alternate(ctx context.Context, h bot.Handler) {
	for ctx.Err() == nil {
		held, l, next := t.acquire(ctx)
		if l == nil {
			return
		}
		t.serve(held, h, l, next)
		l.end(ctx)
	}
}

// serve polls from next until ctx ends. l is the lease that it is done under; nil: none is needed.
func (t *Telegram) serve(ctx context.Context, h bot.Handler, l *lease, next int64) {
	if !t.persist(ctx, func() error { return t.client.unhook(ctx) }) {
		return
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	d := newDispatcher(next, ctx.Done(), func(in incoming) bool {
		t.act(work, h, in)
		return work.Err() == nil // cut short is not done: it comes again
	})
	asked := t.poll(ctx, d, l)
	t.drain(&d.wg, cancel)
	if l != nil && l.isLost() {
		return // it is for another to say how far we came
	}
	if last := d.offset(); last != asked {
		l.reach(last)
		t.confirm(work, last)
	}
}

// greet learns the bot's name; false: ctx ended first.
func (t *Telegram) greet(ctx context.Context) bool {
	return t.persist(ctx, func() (err error) {
		t.me, err = t.client.me(ctx)
		return err
	})
}

// poll feeds d until ctx ends. It returns the last offset that Telegram was told.
func (t *Telegram) poll(ctx context.Context, d *dispatcher, l *lease) int64 {
	var asked int64
	failures := 0
	for ctx.Err() == nil {
		offset := d.offset()
		l.reach(offset)
		began := time.Now()
		batch, err := t.client.updates(ctx, offset, batchSize, t.wait)
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
		failures, asked = 0, offset
		list := t.decode(ctx, batch)
		d.accept(offset, list)
		t.settleDown(ctx, d)
		if len(list) == 0 && time.Since(began) < wire.FirstPause && t.sleep(ctx, wire.FirstPause) != nil {
			break // whoever answers at once and with nothing is not asked in a hot loop
		}
	}
	return asked
}

// settleDown waits until d has nothing open, or for the lag: then the poll goes
// on with what other chats sent, from the offset that the slow chat holds.
func (t *Telegram) settleDown(ctx context.Context, d *dispatcher) {
	if !d.busy() {
		return
	}
	timer := time.NewTimer(t.lag)
	defer timer.Stop()
	select {
	case <-d.idle:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// drain waits for what is being handled, for the grace time in peace and then
// with its context cancelled.
func (t *Telegram) drain(open *sync.WaitGroup, cancel context.CancelFunc) {
	finished := make(chan struct{})
	go func() {
		open.Wait()
		close(finished)
	}()
	timer := time.NewTimer(t.grace)
	defer timer.Stop()
	select {
	case <-finished:
	case <-timer.C:
		cancel()
		<-finished
	}
}

// confirm tells Telegram how far we came, so that the next start does not answer
// again. It asks for one update and leaves it: it is confirmed by no one.
func (t *Telegram) confirm(work context.Context, offset int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(work), confirmTime)
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
			list = append(list, parse(&u, t.me))
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
			list = append(list, incoming{ID: least.ID, Chat: -least.ID, Query: least.Query.ID})
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

// act does what one update asks for. A panic anywhere below ends here.
func (t *Telegram) act(work context.Context, h bot.Handler, in incoming) {
	defer func() {
		if r := recover(); r != nil {
			t.log.ErrorContext(work, "telegram: panic", "update", in.ID, "panic", r, "stack", string(debug.Stack()))
		}
	}()
	ctx, cancel := context.WithTimeout(work, t.handling)
	defer cancel()
	if in.Member != nil && t.onBlocked != nil {
		t.onBlocked(ctx, in.Member.Who, in.Member.Blocked)
		return
	}
	var reply bot.Reply
	if in.Input != nil {
		reply = t.take(ctx, h, in)
	}
	t.answer(work, in, reply)
	t.offer(work, in)
}

// take has h answer what a person did; files that cannot be taken are refused
// before anything is fetched.
func (t *Telegram) take(ctx context.Context, h bot.Handler, in incoming) bot.Reply {
	if why := unfit(in.Input); why != "" {
		return bot.Reply{Toast: why}
	}
	t.attach(in)
	if in.Input.At.IsZero() {
		in.Input.At = time.Now()
	}
	return wire.Ask(ctx, t.log, h, *in.Input)
}
