package telegram

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	api "github.com/go-telegram/bot"

	"sidem/bot"
)

// Webhook is how Telegram brings updates, instead of being polled. Any number of
// processes may serve it.
type Webhook struct {
	// URL is WebhookPath as Telegram reaches it: https, port 443, 80, 88 or 8443.
	URL string
	// Secret comes back with each update: 1 to 256 of [A-Za-z0-9_-].
	Secret string
	// Connections is how many updates Telegram may bring at once, 1 to 100; by default 16.
	Connections int
}

// WebhookPath is where Routes has the webhook.
const WebhookPath = "/telegram/webhook"

const (
	maxUpdate    = 1 << 20 // bytes of a webhook's body; Telegram's are a few KiB
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
	retrySoon    = "1" // seconds; Telegram obeys Retry-After
	strangers    = time.Minute
)

var secretForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

func (w *Webhook) check() error {
	if w == nil {
		return nil
	}
	u, err := url.Parse(w.URL)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return errors.New("telegram: the webhook's address must be https://host/path")
	case !secretForm.MatchString(w.Secret):
		return errors.New("telegram: the webhook's secret must be 1 to 256 of A-Z, a-z, 0-9, _ and -")
	case w.Connections < 0 || w.Connections > 100:
		return fmt.Errorf("telegram: %d connections; a webhook takes 1 to 100", w.Connections)
	}
	return nil
}

// intake is what Run gives to ServeHTTP while it runs.
type intake struct {
	h     bot.Handler
	work  context.Context // ends when what is being handled must end
	stop  <-chan struct{} // closed: begin nothing more
	lanes lanes
	wg    sync.WaitGroup
}

// receive serves the webhook until ctx ends, and then lets what is being handled finish.
func (t *Telegram) receive(ctx context.Context, h bot.Handler) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	k := &intake{h: h, work: work, stop: ctx.Done()}
	t.setIntake(k)
	if t.persist(ctx, func() error { return t.client.hook(ctx, t.webhook) }) {
		t.log.InfoContext(ctx, "telegram: the webhook is set")
		<-ctx.Done()
	}
	t.setIntake(nil)
	t.drain(&k.wg, cancel)
}

func (t *Telegram) setIntake(k *intake) {
	t.taking.Lock()
	defer t.taking.Unlock()
	t.intake = k
}

// enter is the intake, counted as in use; nil where Run does not run, or ends.
func (t *Telegram) enter() *intake {
	t.taking.Lock()
	defer t.taking.Unlock()
	if t.intake != nil {
		t.intake.wg.Add(1)
	}
	return t.intake
}

// Routes are where Telegram delivers, by pattern of net/http; none where it is polled.
func (t *Telegram) Routes() map[string]http.Handler {
	if t.webhook == nil {
		return nil
	}
	return map[string]http.Handler{WebhookPath: t}
}

// ServeHTTP is the webhook. An update is answered with 200 only after it was
// handled and whatever was decided is committed; with 503 it comes again, here or
// elsewhere, with the same Once. Nothing is read of a request without the secret.
func (t *Telegram) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if t.webhook == nil {
		http.NotFound(w, r)
		return
	}
	if status := t.admit(r); status != 0 {
		refuse(w, status)
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpdate))
	if err != nil {
		status := http.StatusBadRequest
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			status = http.StatusRequestEntityTooLarge
		}
		refuse(w, status)
		return
	}
	k := t.enter()
	if k == nil {
		refuse(w, http.StatusServiceUnavailable)
		return
	}
	defer k.wg.Done()
	list := t.decode(k.work, []json.RawMessage{raw})
	if len(list) == 0 || list[0].ID <= 0 {
		refuse(w, http.StatusBadRequest)
		return
	}
	if !t.one(k, list[0]) {
		refuse(w, http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// admit judges a request by its head alone: 0, or the status of the refusal.
func (t *Telegram) admit(r *http.Request) int {
	if r.Method != http.MethodPost {
		return http.StatusMethodNotAllowed
	}
	given, want := sha256.Sum256([]byte(r.Header.Get(secretHeader))), sha256.Sum256([]byte(t.webhook.Secret))
	if subtle.ConstantTimeCompare(given[:], want[:]) != 1 {
		t.stranger(r.Context())
		return http.StatusUnauthorized
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return http.StatusUnsupportedMediaType
	}
	if r.ContentLength > maxUpdate {
		return http.StatusRequestEntityTooLarge
	}
	return 0
}

func refuse(w http.ResponseWriter, status int) {
	switch status {
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", retrySoon)
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	}
	http.Error(w, http.StatusText(status), status)
}

// stranger logs that somebody knocks without the secret, once a minute at most.
func (t *Telegram) stranger(ctx context.Context) {
	now, last := time.Now().UnixNano(), t.knocked.Load()
	if now-last > int64(strangers) && t.knocked.CompareAndSwap(last, now) {
		t.log.WarnContext(ctx, "telegram: a request to the webhook came without the secret, or with another")
	}
}

// one has one update handled, after those of its chat that came before, and
// reports whether it is done with.
func (t *Telegram) one(k *intake, in incoming) bool {
	leave, ok := k.lanes.enter(in.Chat, k.stop)
	if !ok {
		return false
	}
	defer leave()
	t.act(k.work, k.h, in)
	return k.work.Err() == nil // cut short is not done: it comes again
}

// lanes keep the order within a chat: one at a time, as they came. The zero value works.
type lanes struct {
	mu   sync.Mutex
	last map[int64]chan struct{} // by chat: closed when the last to come has left
}

// enter waits for its turn; false: stop was closed first, and there is nothing to leave.
func (l *lanes) enter(chat int64, stop <-chan struct{}) (leave func(), ok bool) {
	mine := make(chan struct{})
	l.mu.Lock()
	if l.last == nil {
		l.last = map[int64]chan struct{}{}
	}
	before := l.last[chat]
	l.last[chat] = mine
	l.mu.Unlock()
	leave = func() {
		l.mu.Lock()
		if l.last[chat] == mine {
			delete(l.last, chat)
		}
		l.mu.Unlock()
		close(mine)
	}
	if before != nil {
		select {
		case <-before:
		case <-stop:
		}
	}
	select {
	case <-stop: // whoever waits behind does not begin either
		leave()
		return nil, false
	default:
		return leave, true
	}
}

// hook tells Telegram where the webhook is. Setting it once more, also by another
// process, changes nothing.
func (c *client) hook(ctx context.Context, w *Webhook) error {
	connections := w.Connections
	if connections == 0 {
		connections = concurrency
	}
	_, err := c.lib.SetWebhook(ctx, &api.SetWebhookParams{
		URL: w.URL, SecretToken: w.Secret, MaxConnections: connections, AllowedUpdates: allowed,
	})
	return err
}

// unhook has updates kept for polling.
func (c *client) unhook(ctx context.Context) error {
	_, err := c.lib.DeleteWebhook(ctx, &api.DeleteWebhookParams{})
	return err
}
