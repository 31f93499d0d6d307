package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// admin serves health, metrics and what operators' commands have done on the loopback listener.
func (a *App) admin(ctx context.Context) (addr string, stop func(), err error) {
	if a.cfg.AdminAddr == "off" {
		return "off", func() {}, nil
	}
	l, err := a.listen(ctx, "tcp", a.cfg.AdminAddr)
	if err != nil {
		return "", nil, fmt.Errorf("admin listener: %w (set SIDEM_ADMIN_ADDR to another address, or to off)", err)
	}
	a.importing.until = ctx
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", a.ServeReady)
	mux.HandleFunc("GET /outbox", a.serveOutbox)
	for _, d := range a.deeds() {
		mux.Handle("POST "+d.path, d.handler)
	}
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.Gauges, promhttp.HandlerOpts{}))
	if host, _, err := net.SplitHostPort(l.Addr().String()); err == nil && !net.ParseIP(host).IsLoopback() {
		a.log.Warn("the admin listener is reached from other machines: whoever reaches it reads metrics", "addr", l.Addr().String(), "do", "SIDEM_ADMIN_ADDR=127.0.0.1:9090, or a network of its own")
	}
	srv := &http.Server{Handler: named(mux), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("admin listener stopped", "err", err)
		}
	}()
	return l.Addr().String(), func() {
		// An import ends with the row that it is at.
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), deedEnds)
		defer cancel()
		if srv.Shutdown(closing) != nil {
			_ = srv.Close()
		}
		<-done
	}, nil
}

// deedEnds is how long the end waits for the row of an import.
const deedEnds = 2 * time.Second

// named lets requests by an address, by localhost or by a name without a dot pass: a page
// on the internet that has its own name lead here (DNS rebinding) is refused.
func named(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if ip := net.ParseIP(strings.Trim(host, "[]")); ip == nil && strings.Contains(host, ".") {
			http.Error(w, "this listener answers to an address, to localhost or to a name without a dot", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ServeReady says whether SIDEM takes traffic: its store answers, and takes what it is given.
// Who was not reached since the start stands below: the others are served without them.
func (a *App) ServeReady(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	now := a.Clock.Now()
	_, err := a.Store.Stats(ctx, now)
	if err == nil {
		// That it is there already is also the verdict of a store that could have written it.
		if _, err = a.Store.Put(ctx, "ready", nil, 0, now, now.Add(time.Minute)); errors.Is(err, desk.ErrConflict) {
			err = nil
		}
	}
	if err != nil || !a.ready.Load() {
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, strings.Join(append([]string{"ready"}, a.greetings.lines()...), "\n"))
}

// readyTime is less than whoever asks waits (healthcheck: 2 s).
const readyTime = 1500 * time.Millisecond

// Pending is the outbox in numbers: what is owed, and when the next is due.
type Pending struct {
	outbox.Stats
	Next time.Time `json:",omitzero"`
	// Inputs says that something which a person did waits to be worked.
	Inputs bool `json:",omitempty"`
}

func (a *App) serveOutbox(w http.ResponseWriter, r *http.Request) {
	stats, err := a.Store.Stats(r.Context(), a.Clock.Now())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	next, _, err := a.Store.NextDue(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	inputs, err := wire.Busy(r.Context(), a.Store)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, Pending{Stats: stats, Next: next, Inputs: inputs})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client has gone
}
