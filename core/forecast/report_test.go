package forecast_test

import (
	"bytes"
	"cmp"
	"embed"
	"flag"
	"os"
	"slices"
	"testing"
	"text/template"

	"sidem.gob.mx/sidem/core/forecast"
)

var (
	// requests are how many an office is judged by. The page docs/forecast.md is of 20,000.
	requests = flag.Int("requests", 200, "how many requests an office is judged by")
	report   = flag.String("report", "", "write the page there: docs/forecast.md")
)

// page is what docs/forecast.md tells.
var page struct {
	Coverage []score
	Queue    []queued
	Sizes    sizes
	HalfLife int // days
	Enough   int
}

// queued is a queue whose law is known, and what came of it.
type queued struct {
	People                      int
	Busy, Wait, Erlang, In, Law float64
}

// sizes are those of a summary of many requests.
type sizes struct {
	Closed, Stages, Bytes int
}

//go:embed testdata/forecast.md.tmpl
var templates embed.FS

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if *report != "" && code == 0 {
		page.HalfLife, page.Enough = int(forecast.HalfLife.Hours()/24), forecast.Enough
		var out bytes.Buffer
		t := template.Must(template.New("forecast.md.tmpl").Funcs(template.FuncMap{
			"percent": func(v float64) float64 { return 100 * v },
		}).ParseFS(templates, "testdata/forecast.md.tmpl"))
		if err := t.Execute(&out, page); err != nil {
			panic(err)
		}
		if err := os.WriteFile(*report, out.Bytes(), 0o600); err != nil {
			panic(err)
		}
	}
	os.Exit(code)
}

// byIssued are requests in the order in which their opinions came.
func byIssued(all []request) []request {
	return slices.SortedFunc(slices.Values(all), func(a, b request) int { return cmp.Compare(a.issued().UnixNano(), b.issued().UnixNano()) })
}
