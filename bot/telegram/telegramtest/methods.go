package telegramtest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
)

// method is one entry of the Bot API. run is called with s.mu held; self takes
// care of the lock itself, because it waits.
type method struct {
	name string
	run  func(*Server, *request) (any, *apiError)
	self func(*Server, context.Context, *request) (any, *apiError)
}

// methods are what the emulator knows, by lower-case name.
var methods = byName(
	method{name: "getMe", run: (*Server).getMe},
	method{name: "getUpdates", self: (*Server).getUpdates},
	method{name: "setWebhook", self: (*Server).setWebhook},
	method{name: "deleteWebhook", self: (*Server).deleteWebhook},
	method{name: "getWebhookInfo", run: (*Server).getWebhookInfo},
	method{name: "sendMessage", run: (*Server).sendMessage},
	method{name: "sendDocument", run: (*Server).sendDocument},
	method{name: "sendPhoto", run: (*Server).sendPhoto},
	method{name: "sendChatAction", run: (*Server).sendChatAction},
	method{name: "editMessageText", run: (*Server).editMessageText},
	method{name: "editMessageCaption", run: (*Server).editMessageCaption},
	method{name: "editMessageReplyMarkup", run: (*Server).editMessageReplyMarkup},
	method{name: "deleteMessage", run: (*Server).deleteMessage},
	method{name: "answerCallbackQuery", run: (*Server).answerCallbackQuery},
	method{name: "getFile", run: (*Server).getFile},
	method{name: "setMyCommands", run: (*Server).setMyCommands},
	method{name: "getMyCommands", run: (*Server).getMyCommands},
	method{name: "deleteMyCommands", run: (*Server).deleteMyCommands},
)

func byName(list ...method) map[string]method {
	out := map[string]method{}
	for _, m := range list {
		out[strings.ToLower(m.name)] = m
	}
	return out
}

// execute runs one call and makes its answer.
func (s *Server) execute(ctx context.Context, req *request) *answer {
	if req.method == downloadMethod && req.params["file_path"] != "" {
		return s.download(req)
	}
	m, ok := methods[req.method]
	if !ok {
		return refusal(&apiError{code: http.StatusNotFound, description: "Not Found"})
	}
	var result any
	var refused *apiError
	if m.self != nil {
		result, refused = m.self(s, ctx, req)
	} else {
		s.mu.Lock()
		result, refused = m.run(s, req)
		s.mu.Unlock()
	}
	if refused != nil {
		return refusal(refused)
	}
	return success(result)
}

func (s *Server) getMe(*request) (any, *apiError) {
	me := s.wireBot()
	me["can_join_groups"] = true
	for _, no := range []string{
		"can_read_all_group_messages", "supports_inline_queries", "can_connect_to_business", "has_main_web_app", "has_topics_enabled",
		"allows_users_to_create_topics", "can_manage_bots", "supports_join_request_queries",
	} {
		me[no] = false
	}
	return me, nil
}

// chatActions are the values of sendChatAction.action.
var chatActions = []string{
	"cancel", "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
	"upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}

func (s *Server) sendChatAction(r *request) (any, *apiError) {
	if !slices.Contains(chatActions, strings.ToLower(r.params["action"])) {
		return nil, badRequest("wrong parameter action in request")
	}
	if _, refused := s.chatFor(r.params["chat_id"]); refused != nil {
		return nil, refused
	}
	return true, nil
}

const maxToast = 200 // answerCallbackQuery.text, 0–200 characters

// query is a button press that waits for its answer.
type query struct {
	id       string
	person   *Person
	chat     int64
	message  int
	label    string
	data     string
	at       time.Time
	answered bool
}

func (s *Server) answerCallbackQuery(r *request) (any, *apiError) {
	text := formatted{text: cleanText(r.params["text"])}.trim().text
	if utf16Len(text) > maxToast {
		return nil, badRequest("MESSAGE_TOO_LONG")
	}
	q := s.queries[r.params["callback_query_id"]]
	if q == nil || q.answered || s.now().Sub(q.at) > s.opts.QueryLife {
		return nil, badRequest("query is too old and response timeout expired or query ID is invalid")
	}
	q.answered = true
	q.person.waiting--
	q.person.toasts = append(q.person.toasts, Toast{
		QueryID: q.id, Text: text, Alert: r.bool("show_alert"), At: s.now(),
		Chat: q.chat, Message: q.message, Button: q.label, Data: q.data,
	})
	s.touch()
	return true, nil
}
