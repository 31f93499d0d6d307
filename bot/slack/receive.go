package slack

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/es"
)

// intake keeps what people do, and has it worked.
type intake = wire.Intake[*job]

// receiver turns what Slack delivers into jobs.
type receiver struct {
	*Slack
	parser parser
	in     *intake
	door   bot.Handler // asked before an input is kept

	work   context.Context // of what is done beside the lanes
	cut    context.CancelFunc
	mu     sync.Mutex
	closed bool
	beside sync.WaitGroup
}

func (s *Slack) newReceiver(ctx context.Context, me identity, h bot.Handler) *receiver {
	r := &receiver{Slack: s, parser: parser{Me: me, Open: s.opener}, door: h}
	r.work, r.cut = context.WithCancel(context.WithoutCancel(ctx)) // what is being handled finishes
	r.in = wire.NewIntake(wire.Config[*job]{
		Sessions: s.sessions, Space: name + ":" + r.space(), Shared: s.shared, Now: s.now, Log: s.log, Follow: s.follow,
		Read: r.revive, Fleeting: fleeting, Late: r.late, Lost: r.lost,
		Work: func(ctx context.Context, act wire.Act[*job]) wire.Outcome { return r.act(ctx, h, act) },
	})
	return r
}

// read parses what Slack delivers. What a person did is named by this app and workspace
// too: others may have what is named alike.
func (r *receiver) read(kind string, payload []byte) (incoming, error) {
	in, err := r.parser.parse(kind, payload)
	if err == nil && in.Input != nil {
		in.ID = in.Input.Once
		in.Input.Once = "sl:" + r.space() + ":" + strings.TrimPrefix(in.ID, "sl:")
	}
	return in, err
}

// space names the workspace and the app.
func (r *receiver) space() string { return r.parser.Me.Team + "-" + r.parser.Me.Self }

// revive is a job that another process received. Nobody waits for its
// acknowledgement any more; a modal that was opened for it goes by its other name.
func (r *receiver) revive(k wire.Kept) (*job, bool) {
	in, err := r.read(k.Kind, k.Body)
	if err != nil || in.Kind == kindNone {
		return nil, false
	}
	if k.Once == "" { // a version kept it that gave it this name, and may have begun it
		in.Input.Once = in.ID
	}
	if in.Input.At.IsZero() {
		in.Input.At = k.At
	}
	j := &job{incoming: in, body: k.Body, view: newOpening(in)}
	if j.view != nil {
		close(j.view.done)
	}
	return j, true
}

// learn hears the app's id from what is delivered: where events come by HTTP nothing says
// it before.
func (r *receiver) learn(payload []byte) {
	if r.way.Load() != nil {
		return
	}
	var said struct {
		App string `json:"api_app_id"`
	}
	if json.Unmarshal(payload, &said) == nil {
		r.meet(said.App, r.parser.Me.Team)
	}
}

// take takes what Slack delivers: what is nobody's act is acknowledged at once, or it
// would come again, and the rest when it is kept. send carries the acknowledgement,
// leave says that there is none. What it returns is to be called, and may be called
// beside other deliveries: the order of what one person did is settled by then.
func (r *receiver) take(ctx context.Context, kind string, payload []byte, send func(any), leave func()) (keep func()) {
	ack := newAcknowledgement(send, leave)
	r.learn(payload)
	in, err := r.read(kind, payload)
	switch {
	case err != nil:
		r.log.ErrorContext(ctx, "slack: an input was not understood", "type", kind, "err", err)
		ack.give(nil)
		return func() {}
	case in.Kind == kindNone:
		r.log.DebugContext(ctx, "slack: ignored", "why", in.Ignored)
		ack.give(nil)
		return func() {}
	case !bot.Admits(r.door, in.Input):
		ack.give(nil)
		return func() {}
	}
	if in.Input.At.IsZero() {
		in.Input.At = ack.came
	}
	j := &job{incoming: in, body: payload, view: newOpening(in), acks: []*acknowledgement{ack}}
	k := wire.Kept{ID: in.ID, Once: in.Input.Once, Lane: in.lane(), Order: ack.came.UnixMicro(), Kind: kind, Body: payload, At: ack.came}
	offer := r.in.Line(k, j)
	return func() { r.settle(ctx, offer, j, ack) }
}

// lane is whose order in keeps: that of its person. People of other workspaces, who are
// answered one sentence, have one together.
func (in incoming) lane() string {
	if in.Foreign {
		return "foreign"
	}
	return in.Input.Who
}

// settle acknowledges what is kept. A form, and a command typed where others read,
// are acknowledged by their answer, unless that is not there within patience. What is not
// kept is left: the intake goes on asking for it.
func (r *receiver) settle(ctx context.Context, offer func(context.Context) (wire.Receipt[*job], error), j *job, ack *acknowledgement) {
	got, err := offer(ctx)
	switch {
	case err != nil:
		r.log.WarnContext(ctx, "slack: not taken", "once", j.Input.Once, "who", j.Input.Who, "err", err)
		ack.drop()
		if j.view != nil { // what was to be opened goes by another way
			close(j.view.done)
		}
		return
	case !j.speaks():
		ack.give(nil)
	case got.State == wire.Fresh:
		ack.hasten(r.patience, j.meanwhile())
	case got.State == wire.Done:
		ack.give(answered(got.Said))
	case got.Here != nil:
		(*got.Here).join(ack)
		ack.hasten(r.patience, j.meanwhile())
	default:
		r.await(ctx, j, ack)
	}
	if got.State == wire.Fresh && j.view != nil && !r.aside(func() { r.show(r.work, j.incoming, j.view) }) {
		j.view.err = wire.ErrClosed
		close(j.view.done)
	}
}

// fleeting reports whether Slack does not bring j again: it has said by then that it
// failed. Events come again, some minutes long (docs.slack.dev, "The Events API").
func fleeting(j *job) bool { return j.Kind != kindMessage && j.Kind != kindHome }

// late tells whoever wrote that it is not known to be kept so far. In a channel nothing is said.
func (r *receiver) late(ctx context.Context, j *job) {
	if j.Kind != kindMessage || !j.Input.Private {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, r.replying)
	defer cancel()
	r.report(ctx, j.incoming, "delay", r.say(ctx, j.incoming, wire.Sentence(es.Late)))
}

// lost tells whoever pressed or sent a form that nothing came of it.
func (r *receiver) lost(ctx context.Context, j *job) {
	code := wire.Support(j.Input.Once)
	r.log.ErrorContext(ctx, "slack: given up, the store does not take it", "code", code, "once", j.Input.Once)
	ctx, cancel := context.WithTimeout(ctx, r.replying)
	defer cancel()
	r.report(ctx, j.incoming, "failure", r.toast(ctx, j.incoming, es.Internal(code)))
}

// aside does something beside the lanes; false: nothing more is begun.
func (r *receiver) aside(do func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.beside.Go(do)
	}
	return !r.closed
}

// await asks for the answer that another process gives to the same form. Without one
// Slack is left to say so: the form stays open, and nothing of it is lost.
func (r *receiver) await(ctx context.Context, j *job, ack *acknowledgement) {
	for time.Since(ack.came) < r.patience {
		if said, done, err := r.in.Said(ctx, j.ID); err == nil && done {
			ack.give(answered(said))
			return
		}
		if wire.Sleep(ctx, 50*time.Millisecond) != nil {
			break
		}
	}
	ack.drop()
}

// answered is an acknowledgement as it was given before.
func answered(said []byte) any {
	if len(said) == 0 {
		return nil
	}
	return json.RawMessage(said)
}

// speaks reports whether the acknowledgement carries the answer.
func (j *job) speaks() bool { return j.Kind == kindSubmit || j.Kind == kindCommand && j.Channel != "" }

// close begins nothing more, and lets what is being handled finish within the grace time.
func (r *receiver) close() {
	r.in.Close(r.grace)
	r.cut()
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.beside.Wait()
}
