package slacktest_test

import (
	"context"
	"io"
	"log"
	"testing"
	"time"

	"github.com/slack-go/slack/socketmode"
)

// app is a client of Socket Mode that acknowledges what the test tells it to.
type app struct {
	line   *socketmode.Client
	events chan socketmode.Event
	answer any  // with which it acknowledges
	silent bool // it does not
}

// listen connects an app until the test ends.
func (w *workspace) listen() *app {
	w.t.Helper()
	return w.connect(&app{})
}

func (w *workspace) connect(a *app) *app {
	w.t.Helper()
	before := w.Connected()
	a.line = socketmode.New(w.client, socketmode.OptionLog(log.New(io.Discard, "", 0)))
	a.events = make(chan socketmode.Event, 100)
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = a.line.RunContext(ctx)
	}()
	read := make(chan struct{})
	go func() {
		defer close(read)
		for {
			select {
			case e := <-a.line.Events:
				if e.Request == nil || e.Request.EnvelopeID == "" {
					continue
				}
				if !a.silent {
					_ = a.line.AckCtx(ctx, e.Request.EnvelopeID, a.answer)
				}
				a.events <- e
			case <-ctx.Done():
				return
			}
		}
	}()
	w.t.Cleanup(func() {
		cancel()
		<-ended
		<-read
	})
	w.until(func() bool { return w.Connected() > before })
	return a
}

// event waits for the next delivery.
func (a *app) event(t *testing.T) socketmode.Event {
	t.Helper()
	select {
	case e := <-a.events:
		return e
	case <-time.After(time.Minute):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// next is what the next delivery holds, as the library reads it.
func (a *app) next(t *testing.T) any { return a.event(t).Data }
