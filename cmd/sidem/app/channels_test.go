package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/slack"
	"sidem.gob.mx/sidem/bot/telegram"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/notifier/channeltest"
)

const (
	telegramSecret = "424242:CANARYcanaryCANARYcanaryCANARYcanary"
	slackBotSecret = "xoxb-canary-0001"
	slackAppSecret = "xapp-canary-0002"
)

// logbook is a log that a test can read while it is written.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// api is a platform's HTTP side in a test: fine answers well by method, bad
// answers the method that posts, when it is not nil.
func api(t *testing.T, posts string, fine map[string]string, bad http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // as a platform does, before it answers
		method := path.Base(r.URL.Path)
		if method == posts && bad != nil {
			bad(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, fine[method])
	}))
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s.URL
}

// nowhere is an address where nobody listens, nor will: a low port is given to nobody.
const nowhere = "127.0.0.1:1"

// says answers with a status and a body, and a Retry-After unless it is "".
func says(status int, after, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// slow answers piece by piece for ever, with a pause between; it ends with the client.
func slow(piece string, every time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, piece); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(every):
			}
		}
	}
}

func mute(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func cutOff(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.Close()
}

// everywhere are the faults that look the same on every platform of HTTP.
var everywhere = map[channeltest.Fault]http.HandlerFunc{
	channeltest.None:    nil,
	channeltest.Silence: mute,
	channeltest.Drip:    slow(" ", 10*time.Millisecond),
	channeltest.Flood:   slow(strings.Repeat(" ", 64<<10), time.Nanosecond),
	channeltest.Cut:     cutOff,
	channeltest.Garbage: says(200, "", "<html>garabatos</html>"),
	channeltest.Trouble: says(502, "", "<html><body>Bad Gateway</body></html>"),
}

// platformTest is a chat platform among the channels: connect makes one that
// speaks with an address, own are its own words for a fault.
type platformTest struct {
	secrets []string
	posts   string
	fine    map[string]string
	own     map[channeltest.Fault]http.HandlerFunc
	person  string
	connect func(t *testing.T, base string, log *slog.Logger) bot.Platform
}

func (p platformTest) run(t *testing.T) {
	channeltest.Run(t, channeltest.Channel{Secrets: p.secrets, TellsTime: true, Open: func(t *testing.T, f channeltest.Fault) (func(context.Context) error, func() string) {
		bad, known := everywhere[f]
		if own, ok := p.own[f]; ok {
			bad, known = own, true
		}
		base := ""
		switch {
		case f == channeltest.Elsewhere:
			base = "http://" + nowhere
		case known:
			base = api(t, p.posts, p.fine, bad)
		default:
			t.Fatalf("no answer for: %s", f)
		}
		log := &logbook{}
		platform := p.connect(t, base, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
		return func(ctx context.Context) error {
			_, err := platform.Post(ctx, p.person, card.Card{Story: es.Story{Title: "Por liberar · Paso 4 de 8"}}, card.Ref{})
			return err
		}, log.String
	}})
}

func TestTelegramKeepsThePromisesOfAChannel(t *testing.T) {
	no := func(code int, words, parameters string) http.HandlerFunc {
		return says(code, "", fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q%s}`, code, words, parameters))
	}
	platformTest{
		secrets: []string{telegramSecret}, person: "1001", posts: "sendMessage",
		fine: map[string]string{"sendMessage": `{"ok":true,"result":{"message_id":7,"date":1,"chat":{"id":1001,"type":"private"}}}`},
		own: map[channeltest.Fault]http.HandlerFunc{
			channeltest.Echo:      no(400, "Bad Request: no bot "+telegramSecret, ""),
			channeltest.Wait:      no(429, "Too Many Requests: retry after 60", `,"parameters":{"retry_after":60}`),
			channeltest.WaitSome:  no(429, "Too Many Requests", ""),
			channeltest.NoAddress: no(400, "Bad Request: chat not found", ""),
			channeltest.NoLogin:   no(401, "Unauthorized", ""),
		},
		connect: func(t *testing.T, base string, log *slog.Logger) bot.Platform {
			tg, err := telegram.New(telegram.Config{Token: telegramSecret, API: base, Log: log})
			if err != nil {
				t.Fatal(err)
			}
			return tg
		},
	}.run(t)
}

func TestSlackKeepsThePromisesOfAChannel(t *testing.T) {
	no := func(code string) http.HandlerFunc { return says(200, "", `{"ok":false,"error":"`+code+`"}`) }
	platformTest{
		secrets: []string{slackBotSecret, slackAppSecret}, person: "U00001001", posts: "chat.postMessage",
		fine: map[string]string{
			"conversations.open": `{"ok":true,"channel":{"id":"D1"}}`,
			"chat.postMessage":   `{"ok":true,"channel":"D1","ts":"1.2"}`,
			"auth.test":          `{"ok":true,"team_id":"T1","user_id":"UBOT"}`,
		},
		own: map[channeltest.Fault]http.HandlerFunc{
			channeltest.Echo:      no(slackBotSecret + " " + slackAppSecret),
			channeltest.Wait:      says(429, "60", `{"ok":false,"error":"ratelimited"}`),
			channeltest.WaitSome:  no("ratelimited"),
			channeltest.NoAddress: no("channel_not_found"),
			channeltest.NoLogin:   no("invalid_auth"),
		},
		connect: func(t *testing.T, base string, log *slog.Logger) bot.Platform {
			sl, err := slack.New(slack.Config{BotToken: slackBotSecret, AppToken: slackAppSecret, API: base + "/api/", Log: log})
			if err != nil {
				t.Fatal(err)
			}
			return sl
		},
	}.run(t)
}

// A group that became a supergroup is spoken to at its new address, at once.
func TestTelegramFollowsAGroupThatMoved(t *testing.T) {
	var mu sync.Mutex
	var chats []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		chats = append(chats, r.FormValue("chat_id"))
		if len(chats) == 1 {
			says(400, "", `{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1009}}`)(w, r)
			return
		}
		says(200, "", `{"ok":true,"result":{"message_id":7,"date":1,"chat":{"id":-1009,"type":"supergroup"}}}`)(w, r)
	}))
	defer s.Close()
	tg, err := telegram.New(telegram.Config{Token: telegramSecret, API: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	ref, err := tg.Post(t.Context(), "-5", card.Card{Story: es.Story{Title: "Por liberar"}}, card.Ref{})
	if err != nil || ref.Chat != "-1009" || strings.Join(chats, " ") != "-5 -1009" {
		t.Errorf("ref %+v, chats %q, %v", ref, chats, err)
	}
}
