package slack

import (
	"context"
	"errors"
	"fmt"
	"io"

	"sidem.gob.mx/sidem/bot"
)

// Run listens until ctx ends, over Socket Mode or by what Routes receive, and hands
// what people did to h: in order for each person, people beside each other. An input
// is kept in the store, then acknowledged, then worked: once, however often it comes
// and whoever dies meanwhile (wire.Intake). A form is acknowledged by its answer; where
// that takes longer than Slack waits (3 s) it says so, and the answer follows in its
// place. Run connects again by itself. At the end it begins nothing more, lets what is
// being handled finish within the grace time, and returns nil. It returns an error
// where it is running already, or where the token belongs to another workspace
// than Config.Team.
func (s *Slack) Run(ctx context.Context, h bot.Handler) error {
	if s.sessions == nil {
		return errors.New("slack: to receive, Sessions are needed")
	}
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
	r := s.newReceiver(ctx, me, h)
	defer r.cut()
	r.in.Start(ctx)
	if s.secret == "" {
		r.socket(ctx)
		return nil
	}
	s.receiver.Store(r)
	s.beginsReceiving()
	<-ctx.Done()
	s.receiver.Store(nil)
	r.close()
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
