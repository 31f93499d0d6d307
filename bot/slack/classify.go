package slack

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/outbox"
)

// call is what was tried, as far as the meaning of its failure depends on it.
type call int

const (
	posting call = iota // once more would be a second message
	editing             // once more changes nothing
)

// attempt is one call that failed.
type attempt struct {
	Call call
	// TokenWorks: our own account was asked after and is in order.
	TokenWorks bool
}

// defaultWait is how long to wait where a rate limit names no time.
const defaultWait = 5 * time.Second

// crowded is said when all in the workspace together post too much.
const crowded = "message_limit_exceeded"

// inactive is said of the account of the token, and of the one addressed.
const inactive = "account_inactive"

// Words of the Web API (docs.slack.dev, errors of chat.postMessage, chat.update,
// conversations.open, views.open), by what they mean to the outbox.
var (
	limited = []string{"ratelimited", "rate_limited", crowded}
	lost    = []string{
		"message_not_found", "cant_update_message", "edit_window_closed", "cant_delete_message", "compliance_exports_prevent_deletion",
		"not_found", // of views.update: the person closed it
	}
	threadless = []string{"thread_not_found", "invalid_thread_ts", "cannot_reply_to_message"}
	ours       = []string{ // token, scopes, workspace: the same for every message
		"invalid_auth", "not_authed", "token_revoked", "token_expired", "missing_scope", "no_permission", "access_denied",
		"not_allowed_token_type", "org_login_required", "ekm_access_denied", "team_access_not_granted", "accesslimited",
		"enterprise_is_restricted", "two_factor_setup_required", "method_deprecated", "deprecated_endpoint", "unknown_method",
	}
	final = []string{ // the address, or what was sent: the same however often it is tried
		"channel_not_found", "not_in_channel", "user_not_in_channel", "user_not_found", "users_not_found", "user_disabled",
		"user_not_visible", "is_archived", "is_inactive", "cannot_dm_bot", "restricted_action", "not_enough_users",
		"messages_tab_disabled", "as_user_not_supported", "slack_connect_blocked_file_type",
		"not_enabled", "view_too_large", "file_not_found", "posting_to_channel_denied", "invalid_channel",
		"invalid_blocks", "invalid_blocks_format", "invalid_block_type", "block_mismatch", "msg_too_long", "msg_blocks_too_long",
		"no_text", "too_many_attachments", "too_many_blocks", "invalid_arguments", "invalid_arg_name", "invalid_array_arg",
		"invalid_charset", "invalid_form_data", "invalid_post_type", "missing_post_type", "invalid_ts", "invalid_users", "no_channel",
	}
	halfway = []string{"internal_error", "fatal_error"} // "some aspect of the operation" may have succeeded
)

// classify says what err, of attempt a, means to the outbox: nil (done),
// Permanent, RetryAfter, Uncertain, Unanswered, Config, Gone, or any other error
// (worth another try).
func classify(a attempt, err error) error {
	if err == nil {
		return nil
	}
	if reply, ok := errors.AsType[*replyError](err); ok {
		if reply.Code != "" && reply.Status != http.StatusTooManyRequests {
			return classifyCode(a, reply, err)
		}
		return classifyStatus(a, reply, err)
	}
	link, ok := errors.AsType[*wire.LinkError](err)
	switch {
	case ok:
		return link.Meaning(err, a.Call == posting)
	case a.Call == posting: // it was accepted, but the answer was not understood
		return outbox.Uncertain(err)
	default:
		return err
	}
}

func classifyCode(a attempt, r *replyError, err error) error {
	is := func(words []string) bool { return slices.Contains(words, r.Code) }
	switch {
	case is(limited):
		return slower(a, r, err)
	case is(lost):
		return outbox.Gone(err)
	case r.Code == inactive && a.TokenWorks:
		return outbox.Permanent(err)
	case r.Code == inactive, is(ours):
		return outbox.Config(err)
	case is(final):
		return outbox.Permanent(err)
	case is(halfway) && a.Call == posting:
		return outbox.Uncertain(err)
	default:
		return err
	}
}

func classifyStatus(a attempt, r *replyError, err error) error {
	switch s := r.Status; {
	case s == http.StatusTooManyRequests:
		return slower(a, r, err)
	case s == http.StatusUnauthorized, s == http.StatusForbidden, s == http.StatusNotFound, s == http.StatusProxyAuthRequired,
		s >= http.StatusMultipleChoices && s < http.StatusBadRequest:
		return outbox.Config(err) // somebody stands between, or the address is another's
	default:
		return err
	}
}

// slower is a refusal for going too fast. Slack counts calls "per API method per
// workspace per app", but chat.postMessage per channel (docs.slack.dev, Rate
// limits), unless it names the workspace's own limit.
func slower(a attempt, r *replyError, err error) error {
	if a.Call == posting && r.Code != crowded {
		return outbox.RetryAfter(err, r.pause())
	}
	return outbox.RetryAllAfter(err, r.pause())
}

func (e *replyError) pause() time.Duration {
	if e.RetryAfter <= 0 {
		return defaultWait
	}
	return e.RetryAfter
}

// refused reports whether err is the Web API saying one of words.
func refused(err error, words ...string) bool {
	r, ok := errors.AsType[*replyError](err)
	return ok && slices.Contains(words, r.Code)
}
