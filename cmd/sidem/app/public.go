package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// routed is a platform that is reached over HTTP, by patterns of net/http; none
// where it is configured otherwise.
type routed interface {
	Routes() map[string]http.Handler
	// Receiving is closed once it takes what they bring.
	Receiving() <-chan struct{}
}

// Bounds of the public listener. Whoever answers may take as long as a handler.
const (
	maxPublicBody   = 1 << 20
	maxPublicHeader = 32 << 10
	readingTime     = 15 * time.Second
	answeringTime   = 5 * time.Minute
	closingTime     = 5 * time.Second // more than anybody waits for an answer; what works has its grace time after it
)

// Times of whoever asks before it sends somebody here, as deploy/Caddyfile does.
const (
	probePath = "/readyz"
	// watchedFor is how long ago at most a proxy has asked that is still there.
	watchedFor = 5 * time.Second
	// noticed is what a proxy has to learn that it is to send nobody here any more: it asks
	// four times a second.
	noticed = time.Second
)

// serveProbe tells a proxy whether to send anybody here. It asks nothing of the store:
// one that is away is away for every replica, and whoever presses is told so.
func (a *App) serveProbe(w http.ResponseWriter, _ *http.Request) {
	a.probed.Store(time.Now().UnixNano())
	if !a.ready.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// untilPassedOver lets a proxy that asks notice that this SIDEM is to be passed over. Where
// none asks there is nothing to wait for.
func (a *App) untilPassedOver() {
	if time.Since(time.Unix(0, a.probed.Load())) < watchedFor {
		time.Sleep(noticed)
	}
}

// public serves what the platforms call. It listens only where one of them does;
// stop lets what is being answered finish.
func (a *App) public(ctx context.Context) (addr string, stop func(), err error) {
	mux, any := http.NewServeMux(), false
	for _, platform := range a.chats {
		r, ok := platform.(routed)
		if !ok {
			continue
		}
		for pattern, h := range r.Routes() {
			mux.Handle(pattern, h)
			any = true
		}
	}
	if !any {
		return "off", func() {}, nil
	}
	mux.HandleFunc("GET "+probePath, a.serveProbe)
	l, err := a.listen(ctx, "tcp", a.cfg.HTTPAddr)
	if err != nil {
		return "", nil, fmt.Errorf("public listener: %w (set SIDEM_HTTP_ADDR to another address)", err)
	}
	srv := &http.Server{
		Handler: http.MaxBytesHandler(mux, maxPublicBody), MaxHeaderBytes: maxPublicHeader,
		ReadHeaderTimeout: readingTime, ReadTimeout: readingTime, WriteTimeout: answeringTime, IdleTimeout: answeringTime,
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("public listener stopped", "err", err)
		}
	}()
	return l.Addr().String(), func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), closingTime)
		defer cancel()
		if srv.Shutdown(ending) != nil {
			_ = srv.Close() // the grace time is over
		}
		<-done
	}, nil
}
