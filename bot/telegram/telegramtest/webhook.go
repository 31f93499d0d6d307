package telegramtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	defaultConnections = 40 // setWebhook.max_connections
	maxConnections     = 100
	maxBackoff         = 60 // times Options.WebhookBackoff
	maxSecret          = 256
)

var (
	secretChars  = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)
	webhookPorts = []string{"", "443", "80", "88", "8443"}
)

// webhook is where updates are posted: in order within one chat, several chats
// at once, each update again and again until the answer is 2xx.
type webhook struct {
	url, secret string
	connections int
	ip          string
	busy        int // posts under way
	lastError   string
	lastErrorAt time.Time

	cancel context.CancelFunc
	done   chan struct{} // closed when the deliveries have ended
}

// webhookURL: https on four ports. Plain http is taken for loopback addresses
// only, so that tests need no certificate.
func webhookURL(raw string) *apiError {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return badRequest("invalid webhook URL specified")
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	switch {
	case local && (u.Scheme == "http" || u.Scheme == "https"):
		return nil
	case u.Scheme != "https":
		return badRequest("bad webhook: An HTTPS URL must be provided for webhook")
	case !slices.Contains(webhookPorts, u.Port()):
		return badRequest("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
	}
	return nil
}

func (s *Server) setWebhook(ctx context.Context, r *request) (any, *apiError) {
	target := r.params["url"]
	if target == "" {
		return s.deleteWebhook(ctx, r)
	}
	if refused := webhookURL(target); refused != nil {
		return nil, refused
	}
	secret := r.params["secret_token"]
	switch {
	case len(secret) > maxSecret:
		return nil, badRequest("secret token is too long")
	case !secretChars.MatchString(secret):
		return nil, badRequest("secret token contains unallowed characters")
	}
	s.hookMu.Lock()
	defer s.hookMu.Unlock()
	if refused := s.admitWebhook(r); refused != nil {
		return nil, refused
	}
	s.stopWebhook()
	hookCtx, cancel := context.WithCancel(s.base)
	h := &webhook{
		url: target, secret: secret, ip: r.params["ip_address"],
		connections: r.int("max_connections", defaultConnections, 1, maxConnections),
		cancel:      cancel, done: make(chan struct{}),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endPoll("terminated by setWebhook request")
	if r.bool("drop_pending_updates") {
		s.drop(func(*update) bool { return true })
	}
	s.hook = h
	go s.runWebhook(hookCtx, h) // owned by stopWebhook, which Close calls too
	return true, nil
}

// admitWebhook checks what only the state tells: one setWebhook a second.
func (s *Server) admitWebhook(r *request) *apiError {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.real()
	if !s.opts.NoRateLimits && now.Before(s.nextHook) {
		return tooMany(time.Second)
	}
	s.nextHook = now.Add(time.Second)
	return s.allow(r)
}

func (s *Server) deleteWebhook(_ context.Context, r *request) (any, *apiError) {
	s.hookMu.Lock()
	defer s.hookMu.Unlock()
	s.stopWebhook()
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.bool("drop_pending_updates") {
		s.drop(func(*update) bool { return true })
	}
	return true, nil
}

// stopWebhook ends the deliveries and waits for them; s.mu is not held.
func (s *Server) stopWebhook() {
	s.mu.Lock()
	h := s.hook
	s.hook = nil
	s.mu.Unlock()
	if h != nil {
		h.cancel()
		<-h.done
	}
}

func (s *Server) getWebhookInfo(*request) (any, *apiError) {
	s.expire()
	out := map[string]any{"url": "", "has_custom_certificate": false, "pending_update_count": len(s.updates.queue)}
	if s.updates.allowed != nil {
		out["allowed_updates"] = s.updates.allowed
	}
	if h := s.hook; h != nil {
		out["url"], out["max_connections"] = h.url, h.connections
		if h.ip != "" {
			out["ip_address"] = h.ip
		}
		if h.lastError != "" {
			out["last_error_message"], out["last_error_date"] = h.lastError, h.lastErrorAt.Unix()
		}
	}
	return out, nil
}

// runWebhook hands updates to workers until ctx ends, then waits for them.
func (s *Server) runWebhook(ctx context.Context, h *webhook) {
	defer close(h.done)
	var workers sync.WaitGroup
	defer workers.Wait()
	for {
		u, wait, arrived := s.pick(h)
		if u != nil {
			workers.Go(func() { s.deliverUpdate(ctx, h, u) })
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-arrived:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// pick chooses the next update whose chat has none under way and whose time
// has come, or says how long to wait.
func (s *Server) pick(h *webhook) (next *update, wait time.Duration, arrived <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	now, wait := s.real(), time.Hour
	seen := map[int64]bool{}
	for _, u := range s.updates.queue {
		if seen[u.chat] {
			continue
		}
		seen[u.chat] = true
		switch due := u.wakeAt.Sub(now); {
		case u.busy || h.busy >= h.connections:
		case due > 0:
			wait = min(wait, due)
		default:
			u.busy = true
			h.busy++
			return u, 0, nil
		}
	}
	return nil, wait, s.updates.arrived
}

// deliverUpdate posts one update and settles what became of it.
func (s *Server) deliverUpdate(ctx context.Context, h *webhook, u *update) {
	after, err := s.postUpdate(ctx, h, u)
	s.mu.Lock()
	defer s.mu.Unlock()
	u.busy = false
	h.busy--
	defer s.touch()
	defer s.updates.wake()
	if err == nil {
		s.drop(func(x *update) bool { return x == u })
		return
	}
	if ctx.Err() != nil {
		return // the webhook was taken away: the update stays for whoever comes next
	}
	h.lastError, h.lastErrorAt = err.Error(), s.now()
	if u.fails > 0 && after == 0 {
		after = s.opts.WebhookBackoff * time.Duration(min(maxBackoff, 1<<min(u.fails-1, 6)))
	}
	u.fails++
	u.wakeAt = s.real().Add(after)
}

// postUpdate makes one attempt; after is the Retry-After of a refusal.
func (s *Server) postUpdate(ctx context.Context, h *webhook, u *update) (after time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(u.raw))
	if err != nil {
		return 0, fmt.Errorf("webhook request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if h.secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.secret)
	}
	resp, err := s.opts.WebhookClient.Do(req) //nolint:gosec // the address is the bot's own webhook, checked by webhookURL
	if err != nil {
		if _, ok := errors.AsType[net.Error](err); ok && ctx.Err() == nil {
			return 0, fmt.Errorf("connection failed: %w", err)
		}
		return 0, fmt.Errorf("webhook connection closed: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)) // lets the connection be used again
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		return 0, nil
	}
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err == nil && seconds > 0 {
		after = time.Duration(min(seconds, 3600)) * time.Second
	}
	return after, words("Wrong response from the webhook: " + resp.Status)
}
