package email

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sidem.gob.mx/sidem/core/outbox"
)

// step is how far a session or a mail had come.
type step int

// The steps in order. Up to stepAuth nothing concerns a particular mail.
const (
	stepConnect step = iota
	stepHello
	stepTLS
	stepAuth
	stepFit
	stepReset
	stepMail
	stepRcpt
	stepData
	stepBody
	stepDot
)

var stepNames = [...]string{
	"connect", "EHLO", "STARTTLS", "AUTH", "capabilities", "RSET", "MAIL", "RCPT", "DATA", "message", "final dot",
}

func (s step) String() string { return stepNames[s] }

const (
	maxText = 300       // bytes kept of what a relay says
	maxWait = time.Hour // the longest wait that a relay may ask for
)

// trouble is what stood against a mail. A nil trouble is none.
type trouble struct {
	at  step
	err error
	// gaveUp: the caller's context ended, so that the failure says nothing of the relay.
	gaveUp bool
}

// failed is the trouble at a step, in the light of whether ctx still holds.
func failed(ctx context.Context, at step, err error) *trouble {
	if cause := context.Cause(ctx); cause != nil {
		return &trouble{at: at, err: fmt.Errorf("%w (%w)", cause, err), gaveUp: true}
	}
	return &trouble{at: at, err: err}
}

// reply is what the relay said, if it was that.
func (t *trouble) reply() (*textproto.Error, bool) { return errors.AsType[*textproto.Error](t.err) }

// mute reports whether the relay said nothing: then nothing more is heard from it.
func (t *trouble) mute() bool {
	if t == nil {
		return false
	}
	_, replied := t.reply()
	return !replied
}

// stale reports whether a kept connection turned out dead, or worn out, before
// any MAIL was accepted by it: then a fresh one deserves a try. Relays say 421
// as they hang up, and 452 beyond their messages per session (OpenSMTPD).
func (t *trouble) stale() bool {
	if t == nil || t.gaveUp || t.at != stepMail && t.at != stepReset {
		return false
	}
	reply, ok := t.reply()
	return !ok || t.at == stepReset || reply.Code == 421 || reply.Code == 452
}

// sound reports whether the session can serve another mail: only a proper
// refusal leaves no doubt of its state.
func (t *trouble) sound() bool {
	if t == nil || t.at == stepFit {
		return true
	}
	reply, ok := t.reply()
	if !ok || t.gaveUp || reply.Code == 421 || t.at < stepMail {
		return false
	}
	return reply.Code/100 == 5 || reply.Code/100 == 4 && t.at != stepMail
}

// verdict classifies: the error says what the hub is to do. It is outbox.Unclear,
// without a wait, where what others are told must decide.
func (t *trouble) verdict(secrets []string) error {
	err := fmt.Errorf("smtp %s: %w", t.at, scrub(t.err, secrets))
	reply, replied := t.reply()
	code := 0
	if replied {
		code = reply.Code
	}
	switch {
	case t.at == stepDot && code/100 != 4 && code/100 != 5:
		return outbox.Uncertain(err) // the answer is lost, or means nothing
	case t.gaveUp && !replied:
		return err
	case t.at <= stepAuth:
		return outbox.ConfigBecause(string(atStart(t.at, reply)), err)
	case t.at == stepFit:
		return outbox.Permanent(err)
	case code/100 == 5:
		return refusal(find(t.at, reply), err)
	case code/100 == 4:
		return postponement(find(t.at, reply), reply, err)
	}
	return err
}

// atStart is why there is no session. reply is nil where nobody spoke.
func atStart(at step, reply *textproto.Error) Reason {
	switch {
	case reply == nil:
		return Unreachable
	case at == stepAuth, at == stepTLS:
		return Login
	}
	if f, ok := inWords(reply.Msg); ok && f.blame == ours {
		return f.reason
	}
	return Unreachable
}

func refusal(f finding, err error) error {
	switch f.blame {
	case ours:
		return outbox.ConfigBecause(string(f.reason), err)
	case theirs:
		return outbox.PermanentBecause(outbox.NoRecipient, err)
	case itself:
		return outbox.PermanentBecause(outbox.NoMessage, err)
	case unclear:
	}
	return outbox.Unclear(err, 0)
}

// greylisted is a delay that relays put everybody through.
var greylisted = regexp.MustCompile(`(?i)gr[ae]y-?list`)

// postponement is what a 4xx says: when to come back, or that none of our mails is
// taken for now; and else that another attempt makes sense.
func postponement(f finding, reply *textproto.Error, err error) error {
	if d, ok := named(reply.Msg); ok {
		return outbox.RetryAfter(err, d)
	}
	passing := reply.Code == 421 || f.reason == Policy || greylisted.MatchString(reply.Msg)
	if f.blame == ours && !passing {
		return outbox.ConfigBecause(string(f.reason), err)
	}
	return err
}

// wait matches "try again in 300 seconds", as greylisting relays say it.
var wait = regexp.MustCompile(`(?i)\b(?:in|after|for|wait)\s+(\d{1,5})\s*(s|m)(?:ec|in|econd|inute)?s?\b`)

// named is the wait that a reply asks for, if any.
func named(text string) (time.Duration, bool) {
	m := wait.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	if err != nil || n == 0 {
		return 0, false
	}
	unit := time.Second
	if strings.EqualFold(m[2], "m") {
		unit = time.Minute
	}
	return min(time.Duration(n)*unit, maxWait), true
}

// secrets are all shapes in which a relay could echo the password.
func secrets(user, password string) []string {
	if password == "" {
		return nil
	}
	b64 := base64.StdEncoding.EncodeToString
	return []string{b64([]byte("\x00" + user + "\x00" + password)), b64([]byte(password)), password}
}

// scrub takes secrets, control characters and excess out of what err says. A
// reply stays a *textproto.Error; any other error that needs no change stays itself.
func scrub(err error, secrets []string) error {
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		return &textproto.Error{Code: reply.Code, Msg: tidy(hide(reply.Msg, secrets), "no text")}
	}
	text := err.Error()
	if clean := tidy(hide(text, secrets), "no text"); clean != text {
		return errors.New(clean)
	}
	return err
}

func hide(text string, secrets []string) string {
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, "***")
	}
	return text
}

// tidy makes what a relay said one bounded line of text, or gives the default.
func tidy(text, otherwise string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(text) > maxText {
		text = text[:maxText]
	}
	if text = strings.ToValidUTF8(text, "?"); text == "" {
		return otherwise
	}
	return text
}
