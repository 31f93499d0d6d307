package telegram

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/outbox"
)

// replyError is a negative answer of the Bot API, or one that is not the API's
// (a proxy's page, a broken body). It never holds the token.
type replyError struct {
	Method      string
	Status      int    // error_code where the body says it, else the HTTP status
	Description string // as given, shortened
	RetryAfter  time.Duration
	MoveTo      int64 // migrate_to_chat_id
}

func (e *replyError) Error() string {
	return fmt.Sprintf("telegram %s: %d %s", e.Method, e.Status, e.Description)
}

// says reports whether the description contains one of phrases (lower case).
func (e *replyError) says(phrases ...string) bool {
	d := strings.ToLower(e.Description)
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(d, p) })
}

// errMarkup says that Telegram did not understand our HTML: it is sent again as plain text.
var errMarkup = errors.New("markup refused")

// call is what was tried, as far as the meaning of its failure depends on it.
type call int

const (
	posting call = iota // once more would be a second message
	editing             // once more changes nothing
)

// defaultWait is how long to wait where a 429 names no time.
const defaultWait = 5 * time.Second

// Phrases of the Bot API's descriptions, in lower case. It has no codes for
// these cases (telegram-bot-api, Client.cpp).
var (
	same      = []string{"message is not modified"}
	badMarkup = []string{"can't parse entities"}
	lost      = []string{"message to edit not found", "message can't be edited", "message_id_invalid", "message to be edited not found"}
	late      = []string{"query is too old", "query id is invalid", "query_id_invalid"}
	noTopic   = []string{"message thread not found", "topic_deleted", "topic_closed"}
	undeleted = []string{"message to delete not found", "message can't be deleted"}
)

// classify says what err, of a call of kind c, means to the outbox:
// nil (done), Permanent, RetryAfter, Uncertain, Unanswered, Config, Gone, errMarkup,
// or any other error (worth another try).
func classify(c call, err error) error {
	if reply, ok := errors.AsType[*replyError](err); ok {
		return classifyReply(c, reply, err)
	}
	if link, ok := errors.AsType[*wire.LinkError](err); ok {
		return link.Meaning(err, c == posting)
	}
	return err
}

func classifyReply(c call, r *replyError, err error) error {
	switch s := r.Status; {
	case s == http.StatusTooManyRequests:
		if r.RetryAfter <= 0 {
			return outbox.RetryAfter(err, defaultWait)
		}
		return outbox.RetryAfter(err, r.RetryAfter)
	case s >= http.StatusInternalServerError:
		return err
	case s == http.StatusUnauthorized, s == http.StatusNotFound: // 404 is a token that is none
		return outbox.Config(err)
	case s == http.StatusForbidden:
		return outbox.Permanent(err)
	case s == http.StatusBadRequest:
		return classifyRefusal(c, r, err)
	case s < http.StatusMultipleChoices && c == posting: // taken, but the answer is garbage
		return outbox.Uncertain(err)
	case s >= http.StatusMultipleChoices && s < http.StatusBadRequest, s == http.StatusProxyAuthRequired:
		return outbox.Config(err) // somebody stands between
	default:
		return err
	}
}

// classifyRefusal sorts the 400s. One that is not known stays the same however
// often it is tried, so it is permanent and the next channel takes over.
func classifyRefusal(c call, r *replyError, err error) error {
	switch {
	case r.says(same...) && c == editing:
		return nil
	case r.says(badMarkup...):
		return fmt.Errorf("%w: %w", errMarkup, err)
	case c == editing && (r.MoveTo != 0 || r.says(lost...)):
		return outbox.Gone(err)
	default:
		return outbox.Permanent(err)
	}
}

// moved is the chat that a group became, or 0.
func moved(err error) int64 {
	if r, ok := errors.AsType[*replyError](err); ok && r.Status == http.StatusBadRequest {
		return r.MoveTo
	}
	return 0
}

// unopened reports whether err says that the person does not let the bot write to
// them: they have not pressed Start, or blocked it.
func unopened(err error) bool {
	r, ok := errors.AsType[*replyError](err)
	return ok && (r.Status == http.StatusForbidden || r.Status == http.StatusBadRequest && r.says("chat not found"))
}

// refused reports whether err is a 400 that says one of phrases.
func refused(err error, phrases []string) bool {
	r, ok := errors.AsType[*replyError](err)
	return ok && r.Status == http.StatusBadRequest && r.says(phrases...)
}
