package app_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

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
	for _, want := range []string{`sidem_build_info{`, `sidem_requests{stage="release"} 0`, `sidem_requests_late{stage="issue"} 0`, `sidem_requests_stalled{stage="pickup"} 0`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestEveryAlertIsOfAMetricThatThereIsAndHasItsPartOfTheRunbook(t *testing.T) {
	rules, runbook := e2etest.Shipped(t, "deploy/prometheus/rules.yaml"), e2etest.Shipped(t, "docs/operation.md")
	code := ""
	for _, name := range []string{"metrics.go", "answered.go", "telegram.go"} {
		code += e2etest.Shipped(t, "cmd/sidem/app/"+name)
	}
	for _, metric := range regexp.MustCompile(`sidem_([a-z_]+)`).FindAllStringSubmatch(rules, -1) {
		if name := strings.TrimSuffix(metric[1], "_bucket"); !strings.Contains(code, `"`+name+`"`) && !strings.Contains(code, `"sidem_`+name+`"`) {
			t.Errorf("there is no %s", metric[0])
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
}
