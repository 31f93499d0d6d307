package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/telegram"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage"
)

// secret is what the requests of the webhook carry.
const secret = "secret-of-the-webhook"

// presses are releases by webhook, each by a person of its own, from the request to the
// call that ends the wait on the telephone (answerCallbackQuery): SIDEM whole, with its hub
// and cards, beside a handler that does no more than make the commit that SIDEM made of
// the same press, in the same kind of store, and answer. Everybody has written to SIDEM
// before, as people have, so that it has set their menu.
//
// The two do not promise the same: the handler confirms the press when it is decided, and
// loses the answer of one that it is killed over. SIDEM keeps the press before it confirms
// it, and marks it when it is answered: three writes where the handler makes one. What of
// the difference is theirs is to be read off the figures, not taken off them.
func presses(name string, at address, n, callers int, bars ...bar) contest {
	made := map[string]desk.Commit{} // by record, of the round's first entrant
	return contest{
		name: fmt.Sprintf("Press by webhook on %s, callers at once: %d", name, callers), unit: "per second", format: "%.0f",
		entrants: []entrant{
			{"SIDEM", func(ctx context.Context, dir string) (float64, error) {
				return pressSIDEM(ctx, dir, at, n, callers, made)
			}},
			{"a bare handler", func(ctx context.Context, dir string) (float64, error) {
				return pressBare(ctx, dir, at, n, callers, made)
			}},
		},
		bars: bars,
	}
}

// pressSIDEM has n requests released, and notes the commits that were made of it.
func pressSIDEM(ctx context.Context, dir string, at address, n, callers int, made map[string]desk.Commit) (rate float64, err error) {
	dsn, api, stop, err := counter(ctx, dir, at, n)
	if err != nil {
		return 0, err
	}
	defer stop()
	var mu sync.Mutex
	a, err := app.Open(ctx, office.Config{
		Store: office.Secret(dsn), Files: path.Join(dir, "files"), AdminAddr: "off", HTTPAddr: "127.0.0.1:0", PublicURL: "http://127.0.0.1",
		TelegramToken: "1:bench", TelegramAPI: api.URL, TelegramMode: office.TelegramWebhook, TelegramName: "bench_bot", TelegramSecret: secret,
	}, app.Options{
		Log: slog.New(slog.DiscardHandler), Hasty: true,
		Wrap: func(s app.Store) app.Store {
			return noting{s, func(c desk.Commit) {
				mu.Lock()
				defer mu.Unlock()
				made[c.Record.ID] = c
			}}
		},
	})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	running, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- a.Run(running) }()
	defer func() { end(); err = errors.Join(err, <-ended) }()
	for a.Address() == "" || !api.hooked() || !a.Swept() {
		select {
		case err := <-ended:
			ended <- nil
			return 0, fmt.Errorf("SIDEM ended: %w", err)
		case <-time.After(time.Millisecond):
		}
	}
	hook := "http://" + a.Address() + telegram.WebhookPath
	if err := api.write(ctx, hook, n); err != nil {
		return 0, err
	}
	return api.press(ctx, hook, n, callers, a.Seal)
}

// pressBare has the same commits made by a handler that does nothing else.
func pressBare(ctx context.Context, dir string, at address, n, callers int, made map[string]desk.Commit) (float64, error) {
	dsn, api, stop, err := counter(ctx, dir, at, n)
	if err != nil {
		return 0, err
	}
	defer stop()
	s, err := storage.Open(ctx, dsn, storage.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 0, err
	}
	defer func() { _ = s.Close() }()
	answer := http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var u struct {
			Query struct {
				ID, Data string
			} `json:"callback_query"`
		}
		err := json.NewDecoder(r.Body).Decode(&u)
		if err == nil {
			err = s.Commit(r.Context(), made[strings.Split(u.Query.Data, ".")[1]])
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		resp, err := answer.PostForm(api.URL+"/bot1:bench/answerCallbackQuery", url.Values{"callback_query_id": {u.Query.ID}})
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	}))
	defer h.Close()
	return api.press(ctx, h.URL, n, callers, card.NewSealer(make([]byte, 32)))
}

// counter is what both entrants find: a store in which n requests wait, and the telephones
// of those who are to release them. stop ends both.
func counter(ctx context.Context, dir string, at address, n int) (dsn string, api *phones, stop func(), err error) {
	dsn, end, err := at(dir)
	if err != nil {
		return "", nil, nil, err
	}
	if err := waiting(ctx, dsn, n); err != nil {
		end()
		return "", nil, nil, err
	}
	api = newPhones()
	return dsn, api, func() { api.Close(); end() }, nil
}

// noting is a store that says what was committed of a person's press.
type noting struct {
	app.Store
	note func(desk.Commit)
}

func (s noting) Commit(ctx context.Context, c desk.Commit) error {
	err := s.Store.Commit(ctx, c)
	if err == nil && c.Record.Kind == core.KindRequest && c.Record.State == core.StateReleased {
		s.note(c)
	}
	return err
}

// waiting fills a store with n requests that wait for their release, each by a secretary of
// its own.
func waiting(ctx context.Context, dsn string, n int) error {
	now := time.Now()
	s, err := storage.Open(ctx, dsn, storage.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	err = atOnce(workers, n, func(i int) error {
		i++ // nobody is number 0 of Telegram
		agency := fmt.Sprint("A", i)
		who, what := secretary(i, now), request(i, now)
		for _, c := range []*desk.Commit{&who, &what} {
			c.Events[0].Agency = agency
			c.Events = core.Seal(core.Record{}, c.Events)
			links, roles := c.Record.Links, c.Record.Roles
			c.Record = core.Apply(core.Record{}, c.Events[0])
			c.Record.Links, c.Record.Roles = links, roles
			if err := s.Commit(ctx, *c); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, s.Close())
}

// phones is Telegram, and the persons who press.
type phones struct {
	*httptest.Server
	mu    sync.Mutex
	isSet bool
	next  int
	waits map[string]chan struct{} // for the call that each names
}

func newPhones() *phones {
	p := &phones{waits: map[string]chan struct{}{}}
	p.Server = httptest.NewServer(p)
	return p
}

func (p *phones) hooked() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.isSet
}

// ServeHTTP takes every call of the Bot API.
func (p *phones) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	result := "true"
	p.mu.Lock()
	switch path.Base(r.URL.Path) {
	case "getMe":
		result = `{"id":1,"is_bot":true,"first_name":"bench","username":"bench_bot"}`
	case "setWebhook":
		p.isSet = true
	case "getMyCommands":
		result = "[]"
	case "sendMessage", "editMessageText", "editMessageReplyMarkup":
		p.next++
		result = fmt.Sprintf(`{"message_id":%d,"date":1,"chat":{"id":1,"type":"private"}}`, p.next)
	case "answerCallbackQuery":
		p.came(r, "callback_query_id")
	case "setMyCommands":
		p.came(r, "scope")
	}
	p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"ok":true,"result":`+result+`}`)
}

// came ends the wait for a call, which a field of it names. The phones are locked.
func (p *phones) came(r *http.Request, field string) {
	p.mu.Unlock()
	name := r.FormValue(field)
	p.mu.Lock()
	if c, ok := p.waits[name]; ok {
		close(c)
		delete(p.waits, name)
	}
}

// bring has an update delivered, and waits for the call that a field names.
func (p *phones) bring(ctx context.Context, client *http.Client, hook string, update []byte, name string) error {
	done := make(chan struct{})
	p.mu.Lock()
	p.waits[name] = done
	p.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hook, bytes.NewReader(update))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", resp.Status, body)
	}
	select {
	case <-done:
		return nil
	case <-time.After(time.Minute):
		return fmt.Errorf("%s was not answered", name)
	}
}

// write has everybody write to SIDEM, and waits for their menus.
func (p *phones) write(ctx context.Context, hook string, n int) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers}}
	return atOnce(workers, n, func(i int) error {
		i++
		return p.bring(ctx, client, hook, text(i), fmt.Sprintf(`{"type":"chat","chat_id":%d}`, i))
	})
}

// press has all requests released by so many callers, and returns how many were answered a
// second.
func (p *phones) press(ctx context.Context, hook string, n, callers int, seal card.Sealer) (float64, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
	began := time.Now()
	err := atOnce(callers, n, func(i int) error {
		i++
		id := strconv.Itoa(i)
		token := seal.Seal(holder(i), card.Token{Word: string(core.VerbRelease), Record: fmt.Sprintf("r%06d", i), Version: 1})
		return p.bring(ctx, client, hook, update(n, i, token), id)
	})
	return float64(n) / time.Since(began).Seconds(), err
}

// text is what person i writes.
func text(i int) []byte {
	return encode(map[string]any{"update_id": i + 1, "message": map[string]any{
		"message_id": 1, "date": 1, "text": "gracias", "chat": map[string]any{"id": i, "type": "private"},
		"from": map[string]any{"id": i, "is_bot": false, "first_name": "Persona"},
	}})
}

// update is the press of person i of n, after what all have written.
func update(n, i int, token string) []byte {
	chat := map[string]any{"id": i, "type": "private"}
	return encode(map[string]any{"update_id": n + i + 1, "callback_query": map[string]any{
		"id": strconv.Itoa(i), "chat_instance": "1", "data": token, "from": map[string]any{"id": i, "is_bot": false, "first_name": "Persona"},
		"message": map[string]any{"message_id": 1, "date": 1, "chat": chat, "text": "SIDEM"},
	}})
}
