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
}

// Bounds of the public listener. Whoever answers may take as long as a handler.
const (
	maxPublicBody   = 1 << 20
	maxPublicHeader = 32 << 10
	readingTime     = 15 * time.Second
	answeringTime   = 5 * time.Minute
	closingTime     = 10 * time.Second
)

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
