package app_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"go.opentelemetry.io/otel/attribute"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	wired "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/app/tracing"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
)

var picture = flag.String("picture", "", "write the trace of a press to this file, as a drawing")

// span is one that came to the collector.
type span struct {
	*wired.Span
	process string // of which it is
}

func (s span) about(key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return textOf(a.Value)
		}
	}
	return ""
}

func textOf(v *common.AnyValue) string {
	if n, ok := v.Value.(*common.AnyValue_IntValue); ok {
		return fmt.Sprint(n.IntValue)
	}
	return v.GetStringValue()
}

// took is how long it lasted.
func (s span) took() time.Duration {
	return time.Duration(s.EndTimeUnixNano - s.StartTimeUnixNano) //nolint:gosec // of one trace
}

// collected is a collector of traces.
type collected struct {
	mu    sync.Mutex
	spans []span
	// screens says whether the last SIDEM has measured how long it took to the screens.
	screens bool
}

func (c *collected) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var came collector.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &came) != nil {
		http.Error(w, "no traces", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, process := range came.ResourceSpans {
		var id string
		for _, a := range process.Resource.Attributes {
			if a.Key == "service.instance.id" {
				id = textOf(a.Value)
			}
		}
		for _, scope := range process.ScopeSpans {
			for _, s := range scope.Spans {
				c.spans = append(c.spans, span{s, id})
			}
		}
	}
}

// trace is the one in which something was decided: parents before children, in the order of time.
func (c *collected) trace(t *testing.T, verb string) (out []span) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var id []byte
	for _, s := range c.spans {
		if s.Name == "decide" && s.about("sidem.verb") == verb {
			id = s.TraceId
		}
	}
	for _, s := range c.spans {
		if id != nil && slices.Equal(s.TraceId, id) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		t.Fatalf("nothing is known of %s among %d spans", verb, len(c.spans))
	}
	slices.SortFunc(out, func(a, b span) int { return cmp.Compare(a.StartTimeUnixNano, b.StartTimeUnixNano) })
	return below(out, nil)
}

// below are the spans under one of them, with theirs.
func below(all []span, parent []byte) (out []span) {
	for _, s := range all {
		if slices.Equal(s.ParentSpanId, parent) {
			out = append(append(out, s), below(all, s.SpanId)...)
		}
	}
	return out
}

// story is one press, by which somebody is written to. The relay is away for a while where trouble is
// told, and SIDEM is started anew.
func story(t *testing.T, trouble bool) []bottest.Line {
	t.Helper()
	away, back := "", ""
	if trouble {
		away, back = "falla: correo\n", "reinicio\nfalla: ninguna\n"
	}
	lines, err := bottest.Parse(strings.NewReader(`hoy: 2026-11-23 09:00
vinculados: lucía@telegram, tomás@telegram, héctor@telegram
hay: solicitud recibida
` + away + `tomás@telegram: pulsa "Turnar"
tomás@telegram< La solicitud quedó turnada a
héctor@telegram< Turnada, por asignar · Paso 6 de 8
` + back + `lucía@correo< asunto: [000001/2026] Oficio recibido y solicitud turnada
`))
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// tells plays a story with Telegram calling a webhook, and has its traces collected.
func tells(t *testing.T, n world.Network, dir string, lines []bottest.Line) *collected {
	t.Helper()
	listen := n.Listen
	if listen == nil {
		listen = new(net.ListenConfig).Listen
	}
	l, err := listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var c collected
	server := &http.Server{Handler: &c}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	defer func() {
		_ = server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	}()
	w, err := world.NewOn(n, dir, world.InProcess)
	if err != nil {
		t.Fatal(err)
	}
	w.Config.OTLPEndpoint = "http://" + l.Addr().String()
	w.Config.HTTPAddr = freeOn(t, listen)
	w.Config.TelegramMode, w.Config.TelegramSecret, w.Config.PublicURL = "webhook", "s", "http://"+w.Config.HTTPAddr
	r := bottest.Runner{World: w, Patience: world.Patience}
	if err := r.Play(t.Context(), lines); err != nil {
		t.Error(err)
	}
	c.screens = measured(t, w.App().Gauges, "sidem_screen_seconds")
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	return &c
}

// measured reports whether a histogram has anything.
func measured(t *testing.T, r *prometheus.Registry, name string) bool {
	t.Helper()
	all, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(all, func(m *dto.MetricFamily) bool {
		return m.GetName() == name && m.Metric[0].GetHistogram().GetSampleCount() > 0
	})
}

func freeOn(t *testing.T, listen func(context.Context, string, string) (net.Listener, error)) string {
	t.Helper()
	l, err := listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// walk checks that a trace leads from the webhook to the last mail, and that it names nobody.
func walk(t *testing.T, spans []span) {
	t.Helper()
	root := spans[0]
	var way []string
	for _, s := range spans {
		way = append(way, s.Name)
	}
	if root.Name != "receive" || len(root.ParentSpanId) != 0 || root.about("sidem.platform") != "telegram" {
		t.Errorf("it begins with %s", root.Name)
	}
	for _, name := range []string{"handle", "decide", "store commit", "telegram answerCallbackQuery", "card telegram", "telegram sendMessage", "mail email", "smtp"} {
		if !slices.Contains(way, name) {
			t.Errorf("no %s in %q", name, way)
		}
	}
	known := map[string]bool{}
	for _, key := range tracing.Keys {
		known[string(key)] = true
	}
	commits := map[string]bool{}
	for _, s := range spans {
		if s.Name == "store commit" {
			commits[string(s.SpanId)] = true
		}
	}
	for _, s := range spans {
		for _, a := range s.Attributes {
			if text := textOf(a.Value); !known[a.Key] || strings.ContainsAny(text, "@ áéíóúñ") {
				t.Errorf("%s tells %s=%q", s.Name, a.Key, text)
			}
		}
		if s.Status.GetMessage() != "" || len(s.Events) > 0 {
			t.Errorf("%s tells %q", s.Name, s.Status.GetMessage())
		}
		if s.about("sidem.item") != "" && (len(s.Links) == 0 || !commits[string(s.Links[0].SpanId)]) {
			t.Errorf("%s is linked with no commit", s.Name)
		}
	}
}

func TestATraceWalksAPressFromTheWebhookToTheLastMail(t *testing.T) {
	came := tells(t, world.Network{}, t.TempDir(), story(t, false))
	spans := came.trace(t, "refer")
	walk(t, spans)
	if !came.screens {
		t.Error("nobody knows how long it took until it was on the screens")
	}
	if *picture != "" {
		if err := os.WriteFile(*picture, []byte(drawn(spans)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestATraceGoesOnInTheProcessThatTakesTheItemUp(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		spans := tells(t, e2etest.InMemory(), dir, story(t, true)).trace(t, "refer")
		walk(t, spans)
		attempts := map[string][]span{}
		for _, s := range spans {
			if s.about("sidem.mail") != "" {
				attempts[s.about("sidem.item")] = append(attempts[s.about("sidem.item")], s)
			}
		}
		for item, all := range attempts {
			first, last := all[0], all[len(all)-1]
			if first.about("sidem.outcome") == "sent" || last.about("sidem.outcome") != "sent" || first.process == last.process {
				t.Errorf("item %s: %s in %s, then %s in %s", item, first.about("sidem.outcome"), first.process, last.about("sidem.outcome"), last.process)
			}
		}
		if len(attempts) == 0 {
			t.Error("no mail was tried")
		}
	})
}

// drawn is a trace as a drawing: a line each, by time.
func drawn(spans []span) string {
	const names, width, line = 330, 620, 19
	began, ends := spans[0].StartTimeUnixNano, uint64(0)
	depth := map[string]int{"": -1}
	for _, s := range spans {
		ends = max(ends, s.EndTimeUnixNano)
		depth[string(s.SpanId)] = depth[string(s.ParentSpanId)] + 1
	}
	at := func(ns uint64) float64 { return names + width*float64(ns-began)/float64(ends-began) }
	var out strings.Builder
	high := line*(len(spans)+1) + 14
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", names+width+90, high, names+width+90, high)
	fmt.Fprintf(&out, `<title>A press, from the webhook to the last mail: %s</title><rect width="100%%" height="100%%" fill="#fff"/>`+"\n", time.Duration(ends-began).Round(100*time.Microsecond)) //nolint:gosec // of one trace
	colors := map[string]string{"receive": "#6b7280", "handle": "#2563eb", "decide": "#2563eb", "store": "#a16207", "card": "#15803d", "mail": "#15803d", "note": "#15803d", "screen": "#15803d", "telegram": "#7c3aed", "smtp": "#7c3aed"}
	for i, s := range spans {
		y, label := 12+line*i, s.Name
		for _, key := range []attribute.Key{"sidem.verb", "sidem.item"} {
			if text := s.about(string(key)); text != "" {
				label += " · " + strings.TrimLeft(text, "0")
			}
		}
		kind, _, _ := strings.Cut(s.Name, " ")
		fmt.Fprintf(&out, `<text x="%d" y="%d" fill="#111827">%s</text>`, 8+14*depth[string(s.SpanId)], y+11, label)
		fmt.Fprintf(&out, `<rect x="%.1f" y="%d" width="%.1f" height="12" rx="2" fill="%s"/>`, at(s.StartTimeUnixNano), y, max(1.5, at(s.EndTimeUnixNano)-at(s.StartTimeUnixNano)), cmp.Or(colors[kind], "#374151"))
		fmt.Fprintf(&out, `<text x="%.1f" y="%d" fill="#4b5563" font-size="10">%.1f ms</text>`+"\n", at(s.EndTimeUnixNano)+5, y+10, float64(s.took().Microseconds())/1000)
	}
	out.WriteString("</svg>\n")
	return out.String()
}

// The picture is of what a test has seen, and is there.
func TestTheOperationsPageShowsTheTraceOfAPress(t *testing.T) {
	if page := e2etest.Shipped(t, "docs/operation.md"); !strings.Contains(page, "(trace.svg)") {
		t.Error("docs/operation.md shows no trace")
	}
	drawing := e2etest.Shipped(t, filepath.Join("docs", "trace.svg"))
	for _, name := range []string{">receive<", ">handle<", ">decide · refer<", ">smtp<"} {
		if !strings.Contains(drawing, name) {
			t.Errorf("docs/trace.svg has no %s", name)
		}
	}
}
