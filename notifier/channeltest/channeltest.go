// Package channeltest holds what every channel promises, however the platform or relay behind it behaves.
package channeltest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
)

// Fault is how the other side behaves towards one message.
type Fault string

// The faults.
const (
	None      Fault = "takes the message"
	Silence   Fault = "accepts the connection and says nothing"
	Drip      Fault = "answers one byte at a time, for ever"
	Cut       Fault = "hangs up instead of answering"
	Garbage   Fault = "answers what is no answer"
	Flood     Fault = "answers without an end"
	Echo      Fault = "refuses and tells the secrets back"
	Wait      Fault = "asks to wait a minute"
	WaitSome  Fault = "asks to wait and names no time"
	Trouble   Fault = "has trouble of its own"
	NoAddress Fault = "knows no such recipient"
	NoLogin   Fault = "does not accept our credentials"
	Elsewhere Fault = "is not there"
)

// Channel is a channel among the tests.
type Channel struct {
	// Secrets are what no error and no log line may hold. One at least.
	Secrets []string
	// Open gives a channel whose other side behaves as told, from its first
	// message on, and sees to its end by t.Cleanup. send sends one message as the
	// hub would; log is all that was logged.
	Open func(t *testing.T, f Fault) (send func(context.Context) error, log func() string)
	// TellsTime reports whether the platform can name a time to wait.
	TellsTime bool
}

// patience is what a send gets, and slack how much later it may return.
const (
	patience = 400 * time.Millisecond
	slack    = 3 * time.Second
)

// verdict names the kind of an error, as the hub takes it.
func verdict(err error) string {
	_, waits := outbox.Wait(err)
	switch {
	case err == nil:
		return "sent"
	case outbox.IsPermanent(err):
		return "permanent"
	case outbox.IsConfig(err):
		return "config"
	case outbox.IsUncertain(err):
		return "uncertain"
	case waits:
		return "wait"
	case outbox.IsGone(err):
		return "gone"
	}
	return "retry"
}

// rules are what each fault may mean to the hub. A message that may have been
// delivered is never "retry" by luck: whether it is uncertain depends on the
// phase, which each channel's own tests go through.
var rules = []struct {
	fault Fault
	may   []string
}{
	{None, []string{"sent"}},
	{Silence, []string{"retry", "uncertain", "config"}},
	{Drip, []string{"retry", "uncertain", "config"}},
	{Cut, []string{"retry", "uncertain", "config"}},
	{Garbage, []string{"retry", "uncertain", "config"}},
	{Flood, []string{"retry", "uncertain", "config"}},
	{Echo, []string{"permanent", "config", "retry"}},
	{Wait, []string{"wait"}},
	{WaitSome, []string{"wait", "retry"}},
	{Trouble, []string{"retry", "uncertain"}},
	{NoAddress, []string{"permanent"}},
	{NoLogin, []string{"config"}},
	{Elsewhere, []string{"config"}},
}

// Run holds a channel to its promises.
func Run(t *testing.T, c Channel) {
	t.Helper()
	if len(c.Secrets) == 0 {
		t.Fatal("a channel without secrets: the suite could not fail on a leak")
	}
	for _, rule := range rules {
		t.Run("the other side "+string(rule.fault), func(t *testing.T) {
			t.Parallel()
			send, log := c.Open(t, rule.fault)
			c.judge(t, rule.fault, rule.may, send)
			c.noSecret(t, "the log", log())
		})
	}
	t.Run("a context that has ended sends nothing, and is no fault of the channel", func(t *testing.T) {
		send, _ := c.Open(t, None)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := send(ctx); !errors.Is(err, context.Canceled) || verdict(err) != "retry" {
			t.Errorf("got %s: %v", verdict(err), err)
		}
	})
}

func (c Channel) judge(t *testing.T, f Fault, may []string, send func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if f == None {
		ctx = t.Context()
	}
	began := testbed.Start()
	err := send(ctx)
	if took := began.Elapsed(); f != None && took > patience+slack {
		t.Errorf("it returned %v after its deadline", took-patience)
	}
	ok := false
	for _, v := range may {
		ok = ok || v == verdict(err)
	}
	if !ok {
		t.Errorf("it is %s, want %s: %v", verdict(err), strings.Join(may, " or "), err)
	}
	if d, waits := outbox.Wait(err); f == Wait && c.TellsTime && (!waits || d != time.Minute) {
		t.Errorf("the wait is %v, want a minute", d)
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		c.noSecret(t, "an error", e.Error())
	}
	if err != nil && len(err.Error()) > 2000 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
}

func (c Channel) noSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, s := range c.Secrets {
		if strings.Contains(text, s) {
			t.Errorf("%s tells a secret: %s", where, text)
		}
	}
}
