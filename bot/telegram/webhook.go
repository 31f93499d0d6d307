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
	"time"

	api "github.com/go-telegram/bot"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/wire"
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

	defaultConnections = 16
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

// Receiving is closed once Run has what serves the webhook.
func (t *Telegram) Receiving() <-chan struct{} { return t.receiving }

// receive has Telegram bring updates to the webhook until ctx ends.
func (t *Telegram) receive(ctx context.Context) {
	if t.persist(ctx, func() error { return t.client.hook(ctx, t.webhook) }) {
		t.log.InfoContext(ctx, "telegram: the webhook is set")
		<-ctx.Done()
	}
}

// Routes are where Telegram delivers, by pattern of net/http; none where it is polled.
func (t *Telegram) Routes() map[string]http.Handler {
	if t.webhook == nil {
		return nil
	}
	return map[string]http.Handler{WebhookPath: t}
}

// ServeHTTP is the webhook. An update is answered with 200 as soon as it is kept; with
// 503 it comes again, here or elsewhere. Nothing is read of a request without the secret.
func (t *Telegram) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if t.webhook == nil {
		http.NotFound(w, r)
		return
	}
	if status := t.admit(r); status != 0 {
		respond(w, status)
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpdate))
	if err != nil {
		status := http.StatusBadRequest
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			status = http.StatusRequestEntityTooLarge
		}
		respond(w, status)
		return
	}
	in := t.intake.Load()
	if in == nil {
		respond(w, http.StatusServiceUnavailable)
		return
	}
	list := t.decode(r.Context(), []json.RawMessage{raw})
	if len(list) == 0 || list[0].ID <= 0 {
		respond(w, http.StatusBadRequest)
		return
	}
	respond(w, t.received(r.Context(), in, list[0]))
}

// received is the status that answers an update: 200 where it is kept, or never will be.
func (t *Telegram) received(ctx context.Context, in *intake, u incoming) int {
	if u.isNothing() || !bot.Admits(t.door, u.Input) {
		return http.StatusOK
	}
	_, err := in.Offer(ctx, kept(u), u)
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, wire.ErrUnkept):
		return http.StatusServiceUnavailable // it is asked for again here, and that was logged
	case errors.Is(err, wire.ErrCrowded), errors.Is(err, wire.ErrTooLarge):
		t.log.WarnContext(ctx, "telegram: an update is passed over", "update", u.ID, "err", err)
		return http.StatusOK
	default:
		t.log.WarnContext(ctx, "telegram: an update was not kept; it comes again", "update", u.ID, "err", err)
		return http.StatusServiceUnavailable
	}
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

func respond(w http.ResponseWriter, status int) {
	switch status {
	case http.StatusOK:
		return
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

// hook tells Telegram where the webhook is. Setting it once more, also by another
// process, changes nothing.
func (c *client) hook(ctx context.Context, w *Webhook) error {
	connections := w.Connections
	if connections == 0 {
		connections = defaultConnections
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
