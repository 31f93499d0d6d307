package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sidem/bot"
)

// Run listens until ctx ends, over Socket Mode or by what Routes receive, and
// hands what people did to h: in order for each person, up to 16 people at once.
// An input is acknowledged when h has answered and the answer is given, so that a
// crash loses nothing; what comes again carries the same Once. Where that takes
// longer than Slack waits (3 s), it is acknowledged before, and the answer follows.
// Run connects again by itself. At the end it begins nothing more, lets what is
// being handled finish within the grace time, and returns nil. It returns an error
// where it is running already, or where the token belongs to another workspace
// than Config.Team.
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
	// Work outlives ctx: what is being handled finishes.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	r := &receiver{Slack: s, parser: parser{Me: me, Open: s.opener}, d: newDispatcher(
		func(j job) { s.act(work, h, j) },
		func(j job) { s.show(work, j.incoming, j.view) },
	)}
	if s.secret != "" {
		s.receiver.Store(r)
		<-ctx.Done()
		s.receiver.Store(nil)
		s.drain(r.d, cancel)
		return nil
	}
	r.socket(ctx, func() { s.drain(r.d, cancel) })
	return nil
}

// greet learns who the token belongs to; false: ctx ended first.
func (s *Slack) greet(ctx context.Context) (me identity, ok bool) {
	ok = s.sleep.Insist(ctx, func() (err error) {
		me, err = s.client.auth(ctx)
		return err
	}, func(err error) error {
		s.note(ctx, err)
		return classify(attempt{Call: editing}, err)
	})
	return me, ok
}

// drain waits for what is being handled, for the grace time in peace and then
// with its context cancelled.
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
}

// receiver turns what Slack delivers into jobs.
type receiver struct {
	*Slack
	parser parser
	d      *dispatcher
}

// take queues what a person did; whatever else comes is acknowledged at once, or
// Slack would send it again. send carries the acknowledgement, leave says that
// there is none.
func (r *receiver) take(ctx context.Context, kind string, payload []byte, send func(any), leave func()) {
	ack := newAcknowledgement(r.patience, send, leave)
	in, err := r.parser.parse(kind, payload)
	switch {
	case err != nil:
		r.log.ErrorContext(ctx, "slack: an input was not understood", "type", kind, "err", err)
		ack.give(nil)
	case in.Kind == kindNone:
		r.log.DebugContext(ctx, "slack: ignored", "why", in.Ignored)
		ack.give(nil)
	default:
		if in.Input.At.IsZero() {
			in.Input.At = time.Now()
		}
		if !r.d.accept(job{incoming: in, ack: ack, view: newOpening(in)}) && ack.drop() {
			r.log.WarnContext(ctx, "slack: not taken; too much of one person waits", "who", in.Input.Who)
		}
	}
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
