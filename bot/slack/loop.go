package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"time"

	api "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"sidem/bot"
	"sidem/core/outbox"
)

const (
	firstPause = 500 * time.Millisecond
	longest    = 30 * time.Second
	maxFrame   = 4 << 20 // bytes of one envelope
	ackTime    = 5 * time.Second
)

// Run listens over Socket Mode until ctx ends and hands what people did to h: in
// order for each person, up to 16 people at once. An envelope is acknowledged
// when h has answered, so that a crash loses nothing; what comes again carries the
// same Once. Where h needs longer than Slack waits (3 s), it is acknowledged
// before, and the answer follows. Run connects again by itself. At the end it
// begins nothing more, lets what is being handled finish within the grace time,
// and returns nil. It returns an error where it is running already, or where the
// token belongs to another workspace than Config.Team.
func (s *Slack) Run(ctx context.Context, h bot.Handler) error {
	select {
	case s.running <- struct{}{}:
		defer func() { <-s.running }()
	default:
		return errors.New("slack: already running")
	}
	me, ok := s.greet(ctx)
	if !ok {
		return nil
	}
	if s.team != "" && s.team != me.Team {
		return fmt.Errorf("slack: the bot token belongs to workspace %s, not to %s", me.Team, s.team)
	}
	// The socket outlives ctx: acknowledgements of what is being handled go through it.
	socket, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	work, cancel := context.WithCancel(socket)
	defer cancel()
	line := socketmode.New(s.client.lib, socketmode.OptionReadLimit(maxFrame), socketmode.OptionLog(log.New(io.Discard, "", 0)))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.listen(socket, line)
	}()
	r := &receiver{
		Slack: s, line: line, socket: socket,
		parser: parser{Me: me, Open: s.opener},
		d:      newDispatcher(func(j job) { s.act(work, h, j) }),
	}
	r.run(ctx)
	s.drain(r.d, cancel)
	hangUp()
	<-ended
	return nil
}

// greet learns who the token belongs to; false: ctx ended first.
func (s *Slack) greet(ctx context.Context) (identity, bool) {
	for try := 0; ; try++ {
		me, err := s.client.auth(ctx)
		if ctx.Err() != nil {
			return identity{}, false
		}
		s.note(ctx, err)
		if err == nil {
			return me, true
		}
		if s.sleep(ctx, pause(try, classify(attempt{Call: editing}, err))) != nil {
			return identity{}, false
		}
	}
}

// listen keeps the socket connected until ctx ends. The library connects again
// after what it thinks may pass; after the rest we do.
func (s *Slack) listen(ctx context.Context, line *socketmode.Client) {
	for try := 0; ctx.Err() == nil; try++ {
		err := line.RunContext(ctx)
		if ctx.Err() != nil {
			return
		}
		s.note(ctx, s.client.mask(err))
		if s.sleep(ctx, pause(try, err)) != nil {
			return
		}
	}
}

// drain waits for what is being handled, for the grace time in peace and then
// with its context cancelled, and for the library to send the last
// acknowledgements: it queues them and tells nobody when they are out.
func (s *Slack) drain(d *dispatcher, cancel context.CancelFunc) {
	d.close()
	finished := make(chan struct{})
	go func() {
		d.wg.Wait()
		close(finished)
	}()
	timer := time.NewTimer(s.grace)
	defer timer.Stop()
	select {
	case <-finished:
	case <-timer.C:
		cancel()
		<-finished
	}
	_ = s.sleep(context.Background(), s.linger) // its context never ends
}

// receiver turns what comes over the socket into jobs.
type receiver struct {
	*Slack
	line   *socketmode.Client
	socket context.Context // ends after the last acknowledgement
	parser parser
	d      *dispatcher
}

func (r *receiver) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-r.line.Events:
			r.receive(ctx, e)
		}
	}
}

// receive takes one of the library's events. Envelopes are read from their raw
// form, also those that the library does not understand.
func (r *receiver) receive(ctx context.Context, e socketmode.Event) {
	switch e.Type { //nolint:exhaustive // the rest tell nothing that we act upon
	case socketmode.EventTypeConnected:
		r.note(ctx, nil)
	case socketmode.EventTypeConnectionError:
		r.note(ctx, r.connecting(e))
	case socketmode.EventTypeErrorWriteFailed:
		r.log.WarnContext(ctx, "slack: an acknowledgement was not sent; the envelope comes again")
	case socketmode.EventTypeErrorBadMessage:
		bad, ok := e.Data.(*socketmode.ErrorBadMessage)
		var raw socketmode.Request
		if !ok || json.Unmarshal(bad.Message, &raw) != nil {
			r.log.ErrorContext(ctx, "slack: a frame was not understood")
			return
		}
		r.envelope(ctx, raw)
	default:
		if e.Request != nil {
			r.envelope(ctx, *e.Request)
		}
	}
}

// envelope queues what a person did; whatever else comes is acknowledged at once,
// or Slack would send it again.
func (r *receiver) envelope(ctx context.Context, raw socketmode.Request) {
	if raw.EnvelopeID == "" { // hello
		return
	}
	ack := newAcknowledgement(r.patience, func(payload any) { r.acknowledge(raw.EnvelopeID, payload) })
	in, err := r.parser.parse(raw.Type, raw.Payload)
	switch {
	case err != nil:
		r.log.ErrorContext(ctx, "slack: an envelope was not understood", "type", raw.Type, "envelope", raw.EnvelopeID, "err", err)
		ack.give(nil)
	case in.Kind == kindNone:
		r.log.DebugContext(ctx, "slack: ignored", "why", in.Ignored)
		ack.give(nil)
	default:
		if in.Input.At.IsZero() {
			in.Input.At = time.Now()
		}
		if !r.d.accept(job{incoming: in, ack: ack}) && ack.drop() {
			r.log.WarnContext(ctx, "slack: not taken; too much of one person waits", "who", in.Input.Who)
		}
	}
}

func (r *receiver) acknowledge(envelope string, payload any) {
	ctx, cancel := context.WithTimeout(r.socket, ackTime)
	defer cancel()
	if err := r.line.AckCtx(ctx, envelope, payload); err != nil {
		r.log.WarnContext(r.socket, "slack: an envelope was not acknowledged", "envelope", envelope, "err", err)
	}
}

// connecting is why the library could not connect, without secrets.
func (r *receiver) connecting(e socketmode.Event) error {
	if failed, ok := e.Data.(*api.ConnectionErrorEvent); ok && failed.ErrorObj != nil {
		return r.client.mask(failed.ErrorObj)
	}
	return errors.New("no connection")
}

func (s *Slack) opener(address string, size int64) func(context.Context) (io.ReadCloser, error) {
	return func(ctx context.Context) (io.ReadCloser, error) { return s.client.download(ctx, address, size) }
}

// linkState is how listening stands. Zero: it works.
type linkState string

const (
	working      linkState = ""
	unauthorized linkState = "unauthorized"
	unreachable  linkState = "unreachable"
)

// note logs a change of the socket's state, once.
func (s *Slack) note(ctx context.Context, err error) {
	state := stateOf(err)
	s.mu.Lock()
	same := state == s.state
	s.state = state
	s.mu.Unlock()
	if same {
		return
	}
	switch state {
	case working:
		s.log.InfoContext(ctx, "slack: listening works again")
	case unauthorized:
		s.log.ErrorContext(ctx, "slack: a token or its scopes are not valid; it goes on trying", "err", err)
	case unreachable:
		s.log.WarnContext(ctx, "slack: no connection; it goes on trying", "err", err)
	}
}

func stateOf(err error) linkState {
	switch {
	case err == nil:
		return working
	case refused(err, append([]string{inactive}, ours...)...):
		return unauthorized
	default:
		return unreachable
	}
}

// pause is how long to wait after the n-th failure in a row (from 0), err being
// classified: what Slack asks for, or growing with jitter up to longest.
func pause(n int, err error) time.Duration {
	if asked, ok := outbox.Wait(err); ok {
		return asked
	}
	top := min(firstPause<<min(n, 10), longest)
	return top/2 + rand.N(top/2) //nolint:gosec // spreads load, keeps no secret
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
