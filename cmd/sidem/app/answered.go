package app

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/cmd/sidem/app/tracing"
)

// timed is the engine, with how long people wait for its answers: from when it has an
// input to when it knows what to say, which is after the commit.
type timed struct {
	*bot.Engine
	trace   *tracing.Tracer
	seconds prometheus.Observer
}

func (t timed) Handle(ctx context.Context, in bot.Input) bot.Reply {
	began := time.Now()
	defer func() { t.seconds.Observe(time.Since(began).Seconds()) }()
	ctx, end := t.trace.Handle(ctx, in.Platform, in.Once)
	defer end()
	return t.Engine.Handle(ctx, in)
}

// newAnswers measures them, by platform.
func newAnswers() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "sidem_answer_seconds", Help: "How long it took to decide, commit and know what to answer a person, by platform.",
		Buckets: prometheus.ExponentialBuckets(0.002, 2.5, 10),
	}, []string{"platform"})
}

// build is what runs: its version, the commit that it was built from, and Go's version.
type build struct{ version, revision, goversion string }

// built is what the build carries.
func built() build {
	b := build{version: "devel"}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.version, b.goversion = info.Main.Version, info.GoVersion
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.revision = s.Value
			}
		}
	}
	return b
}

// buildInfo is 1, labelled with what runs.
func buildInfo() prometheus.Collector {
	b := built()
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "sidem_build_info", Help: "1, with the version that runs.",
		ConstLabels: prometheus.Labels{"version": b.version, "revision": b.revision, "goversion": b.goversion},
	})
	g.Set(1)
	return g
}
