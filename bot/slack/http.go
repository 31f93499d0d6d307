package slack

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	api "github.com/slack-go/slack"
)

// maxRequest bounds the body of a request, in bytes.
const maxRequest = 1 << 20

const (
	pathEvents       = "/slack/events"
	pathInteractions = "/slack/interactions"
	pathCommands     = "/slack/commands"
)

// Routes are where Slack delivers by HTTP, by pattern of net/http; none without a
// SigningSecret. Any replica may be asked: a request is judged by its signature
// alone (docs.slack.dev, "Verifying requests from Slack"), and what comes twice is
// recognised by the Once of its input. A request is answered as Run promises for
// an acknowledgement; with 503 while Run does not run, so that events come again.
func (s *Slack) Routes() map[string]http.Handler {
	if s.secret == "" {
		return nil
	}
	return map[string]http.Handler{
		"POST " + pathEvents:       s.route(eventsRequest),
		"POST " + pathInteractions: s.route(interactionRequest),
		"POST " + pathCommands:     s.route(commandRequest),
	}
}

// Receiving is closed once Run has what answers the requests.
func (s *Slack) Receiving() <-chan struct{} { return s.receiving }

// delivery is a request as an envelope of Socket Mode would bring it.
type delivery struct {
	kind      string
	payload   []byte
	challenge string // to be repeated: Slack asks whether the address is ours
}

// route judges and reads a request, and answers it when it is acknowledged.
func (s *Slack) route(read func(body []byte) (delivery, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, status := s.verified(w, req)
		if status != http.StatusOK {
			s.log.WarnContext(req.Context(), "slack: a request was refused", "status", status, "path", req.URL.Path)
			w.WriteHeader(status)
			return
		}
		r := s.receiver.Load()
		if r == nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		d, err := read(body)
		switch {
		case err != nil: // signed, and so Slack's: once more it would be the same
			s.log.ErrorContext(req.Context(), "slack: a request was not understood", "path", req.URL.Path, "err", err)
			return
		case d.challenge != "":
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, d.challenge)
			return
		case d.kind == "":
			return
		}
		acks := make(chan func(), 1)
		r.take(req.Context(), d.kind, d.payload,
			func(payload any) { acks <- func() { acknowledge(w, payload) } },
			func() { acks <- func() { w.WriteHeader(http.StatusServiceUnavailable) } },
		)()
		(<-acks)() // patience bounds the wait
	})
}

// verified reads the body and judges its signature; nothing is parsed before.
func (s *Slack) verified(w http.ResponseWriter, req *http.Request) (body []byte, status int) {
	judge, err := api.NewSecretsVerifier(req.Header, s.secret)
	if err != nil {
		return nil, http.StatusUnauthorized
	}
	body, err = io.ReadAll(http.MaxBytesReader(w, req.Body, maxRequest))
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		return nil, http.StatusRequestEntityTooLarge
	}
	if err != nil {
		return nil, http.StatusBadRequest
	}
	if _, err := judge.Write(body); err != nil || judge.Ensure() != nil {
		return nil, http.StatusUnauthorized
	}
	return body, http.StatusOK
}

func acknowledge(w http.ResponseWriter, payload any) {
	if payload == nil {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(payload) // Slack has gone, and asks again
}

// eventsRequest reads what the Events API sends: JSON, of which some only ask who we are.
func eventsRequest(body []byte) (delivery, error) {
	var e struct {
		Type      string `json:"type"`
		Challenge string `json:"challenge"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return delivery{}, err
	}
	switch e.Type {
	case "url_verification":
		return delivery{challenge: e.Challenge}, nil
	case "event_callback":
		return delivery{kind: typeEvents, payload: body}, nil
	default: // app_rate_limited, and what is new
		return delivery{}, nil
	}
}

// interactionRequest reads a form whose one field is JSON.
func interactionRequest(body []byte) (delivery, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return delivery{}, err
	}
	return delivery{kind: typeInteractive, payload: []byte(form.Get("payload"))}, nil
}

// commandRequest reads a form, the fields of which Socket Mode has as JSON.
func commandRequest(body []byte) (delivery, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("ssl_check") != "" {
		return delivery{}, err
	}
	fields := map[string]string{}
	for k := range form {
		fields[k] = form.Get(k)
	}
	payload, err := json.Marshal(fields)
	return delivery{kind: typeCommands, payload: payload}, err
}
