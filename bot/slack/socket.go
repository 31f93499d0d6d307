package slack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"time"

	"github.com/gorilla/websocket"
	api "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"sidem.gob.mx/sidem/bot/wire"
)

const (
	maxFrame = 4 << 20 // bytes of one envelope
	ackTime  = 5 * time.Second
	// handshakeTime is the library's own, for a dialer that is not.
	handshakeTime = 45 * time.Second
)

// socket receives over Socket Mode until ctx ends, then finishes what is held, and
// lets the library send the last acknowledgements: it queues them and tells nobody
// when they are out.
func (r *receiver) socket(ctx context.Context) {
	// The socket outlives ctx: acknowledgements of what is being handled go through it.
	line, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	options := []socketmode.Option{socketmode.OptionReadLimit(maxFrame), socketmode.OptionLog(log.New(io.Discard, "", 0))}
	if dial := r.client.dial; dial != nil {
		options = append(options, socketmode.OptionDialer(&websocket.Dialer{NetDialContext: dial, HandshakeTimeout: handshakeTime}))
	}
	l := &listener{receiver: r, ctx: line, line: socketmode.New(r.client.lib, options...)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.listen(line, l.line)
	}()
	l.run(ctx)
	r.close()
	_ = r.sleep(context.Background(), r.linger) // its context never ends
	hangUp()
	<-ended
}

// listen keeps the socket connected until ctx ends. The library connects again
// after what it thinks may pass; after the rest we do.
func (s *Slack) listen(ctx context.Context, line *socketmode.Client) {
	for try := 0; ctx.Err() == nil; try++ {
		err := line.RunContext(ctx)
		if ctx.Err() != nil {
			return
		}
		s.note(ctx, s.client.Mask(err))
		if s.sleep(ctx, wire.Pause(try, err)) != nil {
			return
		}
	}
}

// listener is one end of the socket.
type listener struct {
	*receiver
	line *socketmode.Client
	ctx  context.Context // ends after the last acknowledgement
}

func (r *listener) run(ctx context.Context) {
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
func (r *listener) receive(ctx context.Context, e socketmode.Event) {
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
		r.envelope(raw)
	default:
		if e.Request != nil {
			r.envelope(*e.Request)
		}
	}
}

// envelope takes an envelope; leaving it is silence, after which it may come again.
// While one is being kept the next is taken.
func (r *listener) envelope(raw socketmode.Request) {
	if raw.EnvelopeID == "" { // hello
		r.meet(raw.ConnectionInfo.AppID, r.parser.Me.Team)
		return
	}
	keep := r.take(r.ctx, raw.Type, raw.Payload, func(payload any) { r.acknowledge(raw.EnvelopeID, payload) }, nil)
	r.aside(keep)
}

func (r *listener) acknowledge(envelope string, payload any) {
	ctx, cancel := context.WithTimeout(r.ctx, ackTime)
	defer cancel()
	if err := r.line.AckCtx(ctx, envelope, payload); err != nil {
		r.log.WarnContext(r.ctx, "slack: an envelope was not acknowledged", "envelope", envelope, "err", err)
	}
}

// connecting is why the library could not connect, without secrets.
func (r *listener) connecting(e socketmode.Event) error {
	if failed, ok := e.Data.(*api.ConnectionErrorEvent); ok && failed.ErrorObj != nil {
		return r.client.Mask(failed.ErrorObj)
	}
	return errors.New("no connection")
}
