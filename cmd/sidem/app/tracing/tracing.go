// Package tracing hands what comes of an act to a collector, as traces by OTLP over HTTP: from what a platform brought, through decision and commit, to each attempt to send.
//
// A trace goes with what is stored: with an input until it is worked, and with an item until
// it is sent. So it goes on in whichever process takes them up. Attributes name records,
// items and verbs; what persons are called, write and are reached by is in none.
package tracing

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Dial opens a connection, as net.Dialer's DialContext does.
type Dial = func(ctx context.Context, network, address string) (net.Conn, error)

// Options are what a Tracer is made of.
type Options struct {
	// Endpoint is the base address of the collector, like http://127.0.0.1:4318.
	Endpoint string
	Version  string // of what runs
	Dial     Dial   // nil is the machine's
	Log      *slog.Logger
}

// Tracer follows acts. A nil one follows none: its methods give what follows nothing.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// closing is how long the last spans may take to be handed over.
const closing = 2 * time.Second

// Open makes a Tracer. Where the collector is not reached it tells so once, and spans are lost.
// What else the standard has variables for, like OTEL_TRACES_SAMPLER and
// OTEL_EXPORTER_OTLP_HEADERS, is read as it has it.
func Open(ctx context.Context, o Options) (*Tracer, error) {
	opts := []otlptracehttp.Option{otlptracehttp.WithEndpointURL(target(o.Endpoint))}
	if o.Dial != nil {
		opts = append(opts, otlptracehttp.WithHTTPClient(client(o.Dial)))
	}
	exporter, err := otlptracehttp.New(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	p := sdk.NewTracerProvider(
		sdk.WithBatcher(&outspoken{SpanExporter: exporter, log: o.Log}),
		sdk.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "sidem"), attribute.String("service.version", o.Version), attribute.String("service.instance.id", rand.Text()),
		)),
	)
	return &Tracer{p, p.Tracer("sidem")}, nil
}

// Close hands over the last spans.
func (t *Tracer) Close() error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) { // who does not answer was told of
		return fmt.Errorf("traces: %w", err)
	}
	return nil
}

// Ask asks a collector whether it takes traces, by handing it none.
func Ask(ctx context.Context, endpoint string, dial Dial) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target(endpoint), bytes.NewReader(nil))
	if err != nil {
		return fmt.Errorf("traces: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	res, err := client(dial).Do(req) //nolint:gosec // the address is the configured collector's
	if err != nil {
		return fmt.Errorf("traces: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16)) // so that the connection may be kept
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("traces: the collector answers %s to %s", res.Status, target(endpoint))
	}
	return nil
}

// target is where traces are posted to (OTLP 1.x, "OTLP/HTTP Request").
func target(endpoint string) string { return strings.TrimRight(endpoint, "/") + "/v1/traces" }

func client(dial Dial) *http.Client {
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}, Timeout: 10 * time.Second}
}

// outspoken tells once that the collector does not take spans, and once that it does again.
type outspoken struct {
	sdk.SpanExporter
	log  *slog.Logger
	lost atomic.Bool
}

// ExportSpans loses what is not taken: nothing of the work waits for it.
func (o *outspoken) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	err := o.SpanExporter.ExportSpans(ctx, spans)
	if was := o.lost.Swap(err != nil); err != nil && !was {
		o.log.WarnContext(ctx, "traces are not taken: see SIDEM_OTLP_ENDPOINT", "err", err)
	} else if err == nil && was {
		o.log.InfoContext(ctx, "traces are taken again")
	}
	return nil
}

// The attributes. Each names something of SIDEM's own.
const (
	platformKey = attribute.Key("sidem.platform") // telegram, slack
	onceKey     = attribute.Key("sidem.once")     // the press, as the trail has it
	verbKey     = attribute.Key("sidem.verb")
	recordKey   = attribute.Key("sidem.record") // its id
	verdictKey  = attribute.Key("sidem.verdict")
	itemKey     = attribute.Key("sidem.item") // its id in the outbox, in every process
	whatKey     = attribute.Key("sidem.what")
	mailKey     = attribute.Key("sidem.mail") // which mail
	channelKey  = attribute.Key("sidem.channel")
	epochKey    = attribute.Key("sidem.epoch")
	outcomeKey  = attribute.Key("sidem.outcome")
	countKey    = attribute.Key("sidem.items") // how many items a commit owes
)

// Keys are all that spans tell.
var Keys = []attribute.Key{platformKey, onceKey, verbKey, recordKey, verdictKey, itemKey, whatKey, mailKey, channelKey, epochKey, outcomeKey, countKey}

// ended ends a span. Of an error it tells that there was one: its words may hold what
// somebody else wrote.
func ended(s trace.Span, err error) {
	if err != nil {
		s.SetStatus(codes.Error, "")
	}
	s.End()
}

// carried is the span of ctx as W3C's Trace Context writes it; "" where there is none.
func carried(ctx context.Context) string {
	c := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, c)
	return c["traceparent"]
}

// resumed is ctx below the span that was carried here.
func resumed(ctx context.Context, traceparent string) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": traceparent})
}

// follows reports whether ctx is of an act that is followed.
func follows(ctx context.Context) bool { return trace.SpanContextFromContext(ctx).IsValid() }
