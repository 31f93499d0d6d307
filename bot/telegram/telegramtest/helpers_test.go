package telegramtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"
)

const token = "123456:test-token"

// day is when most tests take place.
var day = time.Date(2026, 11, 23, 10, 42, 0, 0, time.UTC)

// start gives a server without rate limits; tests of those say so themselves.
func start(t *testing.T, opts ...Options) *Server {
	t.Helper()
	o := Options{NoRateLimits: true}
	if len(opts) > 0 {
		o = opts[0]
	}
	s := New(token, o)
	t.Cleanup(s.Close)
	return s
}

// lucía has pressed Start, and that update is confirmed.
func lucía(t *testing.T, s *Server) *Person {
	t.Helper()
	p := s.Person(1001, "Lucía", "Herrera")
	p.Start("")
	ask(t, s, "getUpdates", params{"offset": 1 << 30})
	return p
}

type params map[string]any

// said is an answer of the emulator.
type said struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
	status int
}

// callMethod calls a method with a JSON body.
func callMethod(ctx context.Context, s *Server, method string, p params) (said, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return said{}, err
	}
	return send(ctx, s.URL()+"/bot"+s.Token()+"/"+method, "application/json", body)
}

func send(ctx context.Context, url, kind string, body []byte) (said, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return said{}, err
	}
	req.Header.Set("Content-Type", kind)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return said{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return said{}, err
	}
	out := said{status: resp.StatusCode}
	return out, json.Unmarshal(raw, &out)
}

// ask calls a method and expects that something comes back.
func ask(t *testing.T, s *Server, method string, p params) said {
	t.Helper()
	out, err := callMethod(t.Context(), s, method, p)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return out
}

// must calls a method that has to work.
func must(t *testing.T, s *Server, method string, p params) json.RawMessage {
	t.Helper()
	out := ask(t, s, method, p)
	if !out.OK {
		t.Fatalf("%s: %d %s", method, out.Code, out.Description)
	}
	return out.Result
}

// refused calls a method that has to be refused in these words.
func refused(t *testing.T, s *Server, method string, p params, want string) said {
	t.Helper()
	out := ask(t, s, method, p)
	if out.OK || out.Description != want {
		t.Errorf("%s: got ok=%v %q, want %q", method, out.OK, out.Description, want)
	}
	if out.status != out.Code {
		t.Errorf("%s: HTTP status %d, error_code %d", method, out.status, out.Code)
	}
	return out
}

func decode[T any](t *testing.T, raw json.RawMessage) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("decode %s: %v", raw, err)
	}
	return v
}

// posted is what tests read of a message.
type posted struct {
	ID       int      `json:"message_id"`
	Text     string   `json:"text"`
	Entities []Entity `json:"entities"`
	Date     int64    `json:"date"`
	Chat     struct {
		ID int64 `json:"id"`
	} `json:"chat"`
	Document struct {
		FileID string `json:"file_id"`
		Name   string `json:"file_name"`
		MIME   string `json:"mime_type"`
	} `json:"document"`
	Photo []struct {
		FileID string `json:"file_id"`
	} `json:"photo"`
	ReplyMarkup  json.RawMessage `json:"reply_markup"`
	MigratedTo   int64           `json:"migrate_to_chat_id"`
	MigratedFrom int64           `json:"migrate_from_chat_id"`
}

func sendText(t *testing.T, s *Server, p params) posted {
	t.Helper()
	return decode[posted](t, must(t, s, "sendMessage", p))
}

// event is what tests read of an update.
type event struct {
	ID      int64   `json:"update_id"`
	Message *posted `json:"message"`
	Query   *struct {
		ID      string `json:"id"`
		Data    string `json:"data"`
		Message posted `json:"message"`
	} `json:"callback_query"`
	Member *struct {
		New struct {
			Status string `json:"status"`
		} `json:"new_chat_member"`
	} `json:"my_chat_member"`
}

func updatesOf(t *testing.T, s *Server, p params) []event {
	t.Helper()
	return decode[[]event](t, must(t, s, "getUpdates", p))
}

func keyboard(buttons ...params) params { return params{"inline_keyboard": [][]params{buttons}} }

func await(t *testing.T, s *Server, cond func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Await(ctx, cond); err != nil {
		t.Fatal(err)
	}
}
