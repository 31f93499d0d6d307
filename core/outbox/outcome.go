package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A channel's Send says how an attempt ended by the error it returns: nil is
// sent; the kinds below steer the hub; any other error is worth another try.

// PermanentError will never succeed by repetition: the address does not exist, the bot was blocked.
type PermanentError struct {
	Err error
	// Reason names what stands against it in one word; "" where nobody has named it.
	Reason string
}

// Permanent wraps err as a failure that repetition does not mend.
func Permanent(err error) error { return &PermanentError{Err: err} }

// The reasons that a message has for never succeeding.
const (
	NoRecipient = "recipient" // the address or the mailbox behind it
	NoMessage   = "message"   // its size, its shape
)

// PermanentBecause is Permanent with its reason.
func PermanentBecause(reason string, err error) error {
	return &PermanentError{Err: err, Reason: reason}
}

func (e *PermanentError) Error() string { return "permanent: " + e.Err.Error() }
func (e *PermanentError) Unwrap() error { return e.Err }

// RetryError asks to wait: the platform named a time. It burns no attempt.
type RetryError struct {
	After time.Duration
	// Wide: the platform's patience is at an end with all that we send, not with
	// one recipient.
	Wide bool
	Err  error
}

// RetryAfter wraps err with the wait that the platform asked for.
func RetryAfter(err error, after time.Duration) error { return &RetryError{After: after, Err: err} }

// RetryAllAfter is RetryAfter where all recipients are meant.
func RetryAllAfter(err error, after time.Duration) error {
	return &RetryError{After: after, Wide: true, Err: err}
}

func (e *RetryError) Error() string { return fmt.Sprintf("retry after %s: %v", e.After, e.Err) }
func (e *RetryError) Unwrap() error { return e.Err }

// UncertainError may have been delivered: the answer was lost. The next attempt may be a duplicate, and is recorded as such.
type UncertainError struct{ Err error }

// Uncertain wraps err as an attempt whose outcome is unknown.
func Uncertain(err error) error { return &UncertainError{err} }

func (e *UncertainError) Error() string { return "uncertain: " + e.Err.Error() }
func (e *UncertainError) Unwrap() error { return e.Err }

// ConfigError is a fault of our own set-up or of the whole relay: token, TLS, DNS, connection refused. It burns no attempt.
type ConfigError struct {
	Err error
	// Reason names the fault in one word, for metrics and advice; "" for one that
	// nobody has named.
	Reason string
}

// Config wraps err as a fault of the channel as a whole, not of the message.
func Config(err error) error { return &ConfigError{Err: err} }

// ConfigBecause is Config with the fault's name.
func ConfigBecause(reason string, err error) error { return &ConfigError{Err: err, Reason: reason} }

// Reason names the fault of the channel, or of the message, that err tells of; ""
// where it has no name.
func Reason(err error) string {
	if e, ok := errors.AsType[*ConfigError](err); ok {
		return e.Reason
	}
	if e, ok := errors.AsType[*PermanentError](err); ok {
		return e.Reason
	}
	return ""
}

func (e *ConfigError) Error() string { return "channel: " + e.Err.Error() }
func (e *ConfigError) Unwrap() error { return e.Err }

// UnclearError is a refusal that platforms give for one recipient and for all alike.
// What others are told meanwhile says which it was. It burns no attempt.
type UnclearError struct {
	After time.Duration
	Err   error
}

// Unclear wraps err with how long to wait for what others are told.
func Unclear(err error, after time.Duration) error { return &UnclearError{after, err} }

func (e *UnclearError) Error() string { return "unclear on whose account: " + e.Err.Error() }
func (e *UnclearError) Unwrap() error { return e.Err }

// Doubt is how long to wait for what others are told, and whether err is unclear.
func Doubt(err error) (time.Duration, bool) {
	e, ok := errors.AsType[*UnclearError](err)
	if !ok {
		return 0, false
	}
	return e.After, true
}

// GoneError says that the message to change is not there any more: post it anew.
type GoneError struct{ Err error }

// Gone wraps err as "the message that was to be edited no longer exists".
func Gone(err error) error { return &GoneError{err} }

func (e *GoneError) Error() string { return "gone: " + e.Err.Error() }
func (e *GoneError) Unwrap() error { return e.Err }

// UnansweredError got no answer at all: the connection was lost, or nobody spoke in
// time. One may be chance; several in a row say that the channel cannot be reached.
// Of the message it says nothing: that it may have been delivered is for Uncertain.
type UnansweredError struct{ Err error }

// Unanswered wraps err as a call to which the platform said nothing.
func Unanswered(err error) error { return &UnansweredError{err} }

func (e *UnansweredError) Error() string { return "no answer: " + e.Err.Error() }
func (e *UnansweredError) Unwrap() error { return e.Err }

// NoAnswer is err as what a call without an answer means: of the channel, Config
// where no connection came about (address, DNS, TLS, refused: the same for every
// message), and else Unanswered; of the message, Uncertain where it may have been
// delivered. Our own cancel says nothing of the channel.
func NoAnswer(err error, connected, delivered bool) error {
	switch {
	case errors.Is(err, context.Canceled):
	case !connected:
		return Config(err)
	default:
		err = Unanswered(err)
	}
	if delivered {
		return Uncertain(err)
	}
	return err
}

// IsUnanswered reports whether the platform said nothing.
func IsUnanswered(err error) bool { _, ok := errors.AsType[*UnansweredError](err); return ok }

// IsPermanent reports whether err will never succeed by repetition.
func IsPermanent(err error) bool { _, ok := errors.AsType[*PermanentError](err); return ok }

// IsUncertain reports whether err left the outcome unknown.
func IsUncertain(err error) bool { _, ok := errors.AsType[*UncertainError](err); return ok }

// IsConfig reports whether err is a fault of the channel as a whole.
func IsConfig(err error) bool { _, ok := errors.AsType[*ConfigError](err); return ok }

// IsGone reports whether the message to change no longer exists.
func IsGone(err error) bool { _, ok := errors.AsType[*GoneError](err); return ok }

// Wait is how long the platform asked to wait, and whether it did.
func Wait(err error) (time.Duration, bool) {
	e, ok := errors.AsType[*RetryError](err)
	if !ok {
		return 0, false
	}
	return e.After, true
}

// IsWide reports whether the wait that the platform asked for is for all recipients.
func IsWide(err error) bool {
	e, ok := errors.AsType[*RetryError](err)
	return ok && e.Wide
}

// LaterError puts an item off, by our own rules (quiet hours, a date that moved).
// It burns no attempt, and nobody else has to wait for it.
type LaterError struct {
	After time.Duration
	Err   error
}

// Later wraps err with how long the item must wait.
func Later(err error, after time.Duration) error { return &LaterError{after, err} }

func (e *LaterError) Error() string { return fmt.Sprintf("later, in %s: %v", e.After, e.Err) }
func (e *LaterError) Unwrap() error { return e.Err }

// PutOff is how long an item was put off, and whether it was.
func PutOff(err error) (time.Duration, bool) {
	e, ok := errors.AsType[*LaterError](err)
	if !ok {
		return 0, false
	}
	return e.After, true
}
