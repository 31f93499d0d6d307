// Package bot is the conversation: it turns what a person wrote, pressed or filled in into a use case, and the outcome into an answer.
//
// It knows neither Telegram nor Slack: a Platform brings Inputs and carries out
// Replies. Cards of records are not answered but drawn by the notifier, from
// present state, through the outbox; the bot answers only whoever pressed or wrote.
package bot

import (
	"context"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/session"
)

// What a Platform brings and carries out: package session, where every part of the
// conversation can see it.
type (
	// Input is one thing that a person did.
	Input = session.Input
	// Submission is a form that was filled in whole.
	Submission = session.Submission
	// Upload is a file that a person sent.
	Upload = session.Upload
	// Unreadable is a kind of content that no form and no conversation can use.
	Unreadable = session.Unreadable
	// Reply is the answer to one Input.
	Reply = session.Reply
	// Retired is a message that loses its buttons.
	Retired = session.Retired
	// Document is a file that the bot gives.
	Document = session.Document
	// Asker is the outbox as the bot needs it.
	Asker = session.Asker
	// Files keeps attachments.
	Files = session.Files
)

// The kinds of content that is not read.
const (
	UnreadableSticker  = session.UnreadableSticker
	UnreadableVoice    = session.UnreadableVoice
	UnreadableContact  = session.UnreadableContact
	UnreadableLocation = session.UnreadableLocation
	UnreadableOther    = session.UnreadableOther
)

// ErrNotGiven says that a platform does not hand over a file that a person sent.
var ErrNotGiven = session.ErrNotGiven

// ErrLost says that a file cannot be given, however often it is asked for.
var ErrLost = session.ErrLost

// Handler answers inputs. Whatever was decided is committed when it returns:
// platforms acknowledge after it. It never fails: trouble is a Reply in words.
type Handler interface {
	Handle(ctx context.Context, in Input) Reply
}

// doorman is a Handler that can tell beforehand that an input gets no answer.
type doorman interface {
	Admits(in *Input) bool
}

// Admits reports whether h has an input worked at all. What it has not need neither be
// kept nor answered, and may be confirmed to its platform.
func Admits(h Handler, in *Input) bool {
	d, ok := h.(doorman)
	return !ok || in == nil || d.Admits(in)
}

// Platform is a chat platform.
type Platform interface {
	// Name is the platform's in Input.Platform and in links.
	Name() string
	// Modal reports whether Reply.Form is drawn whole.
	Modal() bool
	// Run receives inputs, in order for each chat, hands them to h and carries
	// out its replies, until ctx ends; then it finishes what it holds and returns
	// nil. An input is acknowledged to the platform only after h has answered, so
	// that what was not handled comes again.
	Run(ctx context.Context, h Handler) error
	// Post sends c to person (an id of the platform) as a new message: of its own,
	// or as an answer to the message under (a thread in Slack, a reply in Telegram)
	// unless that is the zero Ref or not there any more.
	Post(ctx context.Context, person string, c card.Card, under card.Ref) (card.Ref, error)
	// Edit redraws the message at ref; an equal one is no error. Errors of Post,
	// Edit and Remove are those of core/outbox: Permanent, RetryAfter, Uncertain,
	// Config, Gone.
	Edit(ctx context.Context, ref card.Ref, c card.Card) error
	// Remove takes the message at ref off the screen; Gone when it is not there, or
	// too old to be removed.
	Remove(ctx context.Context, ref card.Ref) error
}
