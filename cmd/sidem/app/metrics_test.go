package app_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
)

func TestAPageInABrowserCannotReplay(t *testing.T) {
	cfg, _ := e2etest.Graveyard(t, 1)
	e2etest.Running(t, cfg)
	res, err := http.Post("http://"+cfg.AdminAddr+"/outbox/replay", "text/plain", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestTheMetricsTellOfTheOutbox(t *testing.T) {
	cfg, _ := e2etest.Graveyard(t, 3)
	a := e2etest.Running(t, cfg)
	var ticks outbox.Stats // those of the days to come, once those of the hours that have passed are done
	e2etest.Await(t, "rest", func() (idle bool) {
		var err error
		if ticks, err = a.Store.Stats(t.Context(), a.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		return ticks.Live > 0 && ticks.Due == 0 && ticks.Leased == 0
	})
	if n, err := ops.Replay(t.Context(), &cfg, world.Quiet(), app.Replay{IDs: []string{"000000000001"}}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	want := []string{
		`sidem_attempts_total{channel="fax",outcome="dead"} 1`,
		`sidem_attempt_seconds_count{channel="fax"} 1`,
		`sidem_outbox_settled_total{channel="fax",outcome="dead"} 1`,
		`sidem_outbox_lateness_seconds_count{channel="fax"} 1`,
		`sidem_outbox_waiting_items{channel=""} 0`,
		`sidem_outbox_waiting_seconds{channel=""} 0`,
		`sidem_outbox_items{state="dead"} 3`,
		fmt.Sprintf(`sidem_outbox_items{state="live"} %d`, ticks.Live),
		`sidem_outbox_missing_items 0`,
		`sidem_outbox_oldest_due_seconds 0`,
		`sidem_outbox_due_items 0`,
		`process_resident_memory_bytes`,
	}
	began := testbed.Start()
	for {
		text := metricsOf(t, cfg)
		var missing []string
		for _, line := range want {
			if !strings.Contains(text, line) {
				missing = append(missing, line)
			}
		}
		if len(missing) == 0 {
			return
		}
		if began.Elapsed() > 10*time.Second {
			t.Fatalf("not told: %q in\n%s", missing, text)
		}
	}
}

func metricsOf(t *testing.T, cfg office.Config) string {
	t.Helper()
	res, err := http.Get("http://" + cfg.AdminAddr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res.Status, err)
	}
	return string(text)
}

func TestTheMetricsAreNamedAsPrometheusNamesThem(t *testing.T) {
	cfg, _ := e2etest.Graveyard(t, 1)
	e2etest.Running(t, cfg)
	text := metricsOf(t, cfg)
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for _, want := range []string{`sidem_build_info{`, `sidem_requests{stage="release"} 0`, `sidem_requests_late{stage="issue"} 0`, `sidem_requests_stalled{stage="pickup"} 0`, `sidem_requests_oldest_age{stage="refer"} 0`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
}

// metrics are the names of all that can be read at /metrics, also of what has not happened yet.
func metrics(t *testing.T) map[string]bool {
	t.Helper()
	cfg, _ := e2etest.Graveyard(t, 0)
	a, err := app.Open(t.Context(), cfg, app.Options{Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	descs := make(chan *prometheus.Desc)
	go func() {
		a.Gauges.Describe(descs)
		close(descs)
	}()
	out, name := map[string]bool{}, regexp.MustCompile(`fqName: "([a-z_]+)"`)
	for d := range descs {
		out[name.FindStringSubmatch(d.String())[1]] = true
	}
	return out
}

// named are the metrics that a text asks Prometheus for: SIDEM's, and its process's.
func named(text string) (out []string) {
	for _, found := range regexp.MustCompile(`\b(?:sidem|process|go)_[a-z_]+\b`).FindAllString(text, -1) {
		for _, suffix := range []string{"_bucket", "_count", "_sum"} {
			found = strings.TrimSuffix(found, suffix)
		}
		out = append(out, found)
	}
	return out
}

func TestEveryAlertIsOfAMetricThatThereIsAndHasItsPartOfTheRunbook(t *testing.T) {
	rules, runbook := e2etest.Shipped(t, "deploy/prometheus/rules.yaml"), e2etest.Shipped(t, "docs/operation.md")
	there := metrics(t)
	for _, metric := range named(rules) {
		if !there[metric] {
			t.Errorf("there is no %s", metric)
		}
	}
	alerts := regexp.MustCompile(`runbook: docs/operation\.md#([a-z-]+)`).FindAllStringSubmatch(rules, -1)
	if len(alerts) != strings.Count(rules, "- alert:") {
		t.Errorf("%d alerts have a page", len(alerts))
	}
	for _, a := range alerts {
		if !strings.Contains(runbook, `<a id="`+a[1]+`">`) {
			t.Errorf("the runbook has no %s", a[1])
		}
	}
	tests := e2etest.Shipped(t, "deploy/prometheus/rules_test.yaml")
	for _, a := range regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(rules, -1) {
		if strings.Count(tests, "alertname: "+a[1]) < 2 || !strings.Contains(tests, "alertname: "+a[1]+", exp_alerts: []}") { // silent, and not
			t.Errorf("%s is not tried both ways", a[1])
		}
	}
}

func TestTheDashboardShowsMetricsThatThereAreAndNamesPartsOfTheRunbook(t *testing.T) {
	board, runbook := e2etest.Shipped(t, "deploy/grafana/sidem.json"), e2etest.Shipped(t, "docs/operation.md")
	there, shown := metrics(t), map[string]bool{}
	for _, metric := range named(board) {
		if shown[metric] = true; !there[metric] {
			t.Errorf("there is no %s", metric)
		}
	}
	for _, part := range regexp.MustCompile(`Runbook: ([a-z-]+)\.`).FindAllStringSubmatch(board, -1) {
		if !strings.Contains(runbook, `<a id="`+part[1]+`">`) {
			t.Errorf("the runbook has no %s", part[1])
		}
	}
	for _, metric := range named(e2etest.Shipped(t, "deploy/prometheus/rules.yaml")) {
		if !shown[metric] {
			t.Errorf("an alert is of %s, which the dashboard does not show", metric)
		}
	}
}
