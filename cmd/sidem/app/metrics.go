package app

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

// meter counts what the hub does, and asks the store, the hub and the relay for
// the rest when the metrics are read.
type meter struct {
	app       *App
	attempts  *prometheus.CounterVec
	settled   *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	lateness  *prometheus.HistogramVec
	screens   *prometheus.HistogramVec
	uncertain *prometheus.CounterVec
	waits     *prometheus.HistogramVec

	items, due, leased, age, missing *prometheus.Desc
	waiting, waited                  *prometheus.Desc
	retained, letGo                  *prometheus.Desc
	filedAway, archives, inArchives  *prometheus.Desc
	requests, late, stalled, oldest  *prometheus.Desc
	down, cause, mail, dialled       *prometheus.Desc
}

// newMeter makes the metrics of an app, and their registry.
func newMeter(a *App) (*meter, *prometheus.Registry) {
	name := func(s string) string { return "sidem_" + s }
	desc := func(n, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name(n), help, labels, nil)
	}
	m := &meter{
		app:       a,
		attempts:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: name("attempts_total"), Help: "Claims of items that ended, by channel and outcome."}, []string{"channel", "outcome"}),
		settled:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: name("outbox_settled_total"), Help: "Items that this process settled for good, by channel and outcome: sent, moot or dead."}, []string{"channel", "outcome"}),
		uncertain: prometheus.NewCounterVec(prometheus.CounterOpts{Name: name("uncertain_attempts_total"), Help: "Attempts after which a duplicate may follow, by channel."}, []string{"channel"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: name("attempt_seconds"), Help: "How long attempts lasted, by channel.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 9),
		}, []string{"channel"}),
		lateness: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: name("outbox_lateness_seconds"), Help: "How long items had been due when their attempt began, by channel; what waited for its turn by a platform's rates is in it.", Buckets: prometheus.ExponentialBuckets(0.005, 4, 9),
		}, []string{"channel"}),
		screens: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: name("screen_seconds"), Help: "How long after a decision each screen that somebody waits for showed it, by channel.", Buckets: prometheus.ExponentialBuckets(0.02, 2.5, 10),
		}, []string{"channel"}),
		waits: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: name("throttle_wait_seconds"), Help: "How long items were deferred to their turn, by channel.", Buckets: prometheus.ExponentialBuckets(0.01, 6, 9),
		}, []string{"channel"}),
		items:      desc("outbox_items", "Items of the outbox, by state; purged are those whose rows are gone.", "state"),
		due:        desc("outbox_due_items", "Live items whose time has come."),
		leased:     desc("outbox_leased_items", "Items that a worker holds."),
		age:        desc("outbox_oldest_due_seconds", "How long the oldest item that nobody holds has been due."),
		missing:    desc("outbox_missing_items", "Items that no state accounts for: created less live, sent, moot, dead and purged. Never anything but 0."),
		retained:   desc("retention_last_run_timestamp_seconds", "When what is over was last let go, by the office's clock."),
		letGo:      desc("retention_last_run_removed", "What the last run of the retention let go, by kind: items, presses or places.", "kind"),
		filedAway:  desc("archive_last_run_timestamp_seconds", "When requests that were closed long ago last left for an archive, or none had to, by the office's clock."),
		archives:   desc("archives", "Files of archives that requests left for."),
		inArchives: desc("requests_archived", "Requests in them."),
		waiting:    desc("outbox_waiting_items", "Items that this process could not send yet, or that wait for their turn, by channel.", "channel"),
		waited:     desc("outbox_waiting_seconds", "How long ago the oldest of them was first tried, by channel; 0: there is none.", "channel"),
		down:       desc("channel_down", "1 while a channel is found to be down as a whole.", "channel"),
		cause:      desc("channel_down_cause", "1 while a channel is down for a reason: quota, sender, client, relaying, greeting, login, policy, unreachable, unanswered or other.", "channel", "reason"),
		mail:       desc("mail_connections", "Connections to the relay now.", "state"),
		dialled:    desc("mail_connections_opened_total", "Connections opened to the relay."),
	}
	m.requests = desc("requests", "Requests that are under way, by what they wait for.", "stage")
	m.late = desc("requests_late", "Of them, those beyond the office's target.", "stage")
	m.stalled = desc("requests_stalled", "Of them, those that do not move.", "stage")
	m.oldest = desc("requests_oldest_age", "Working days for which the oldest of them has waited for that; 0: there is none.", "stage")
	r := prometheus.NewRegistry()
	r.MustRegister(buildInfo(), m, m.attempts, m.settled, m.uncertain, m.seconds, m.lateness, m.screens, m.waits, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m, r
}

// Ended counts an attempt.
func (m *meter) Ended(it outbox.Item, r outbox.Result, took, since time.Duration) {
	m.attempts.WithLabelValues(it.Channel, string(r.Outcome)).Inc()
	m.seconds.WithLabelValues(it.Channel).Observe(took.Seconds())
	m.lateness.WithLabelValues(it.Channel).Observe((since - took).Seconds())
	if it.Lane == outbox.Press && it.Channel != "" && r.Outcome == outbox.WasSent && len(it.Attempts) == 0 {
		m.screens.WithLabelValues(it.Channel).Observe(since.Seconds())
	}
	vanished := len(it.Attempts) > 0 && it.Attempts[len(it.Attempts)-1].Outcome == outbox.Unknown
	if r.Uncertain || vanished {
		m.uncertain.WithLabelValues(it.Channel).Inc()
	}
}

// Settled counts an item that is settled for good.
func (m *meter) Settled(channel string, o outbox.Outcome) {
	m.settled.WithLabelValues(channel, string(o)).Inc()
}

// Waits counts a deferral to a turn.
func (m *meter) Waits(channel string, wait time.Duration) {
	m.waits.WithLabelValues(channel).Observe(wait.Seconds())
}

// Describe lists what Collect asks for.
func (m *meter) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.items, m.due, m.leased, m.age, m.missing, m.retained, m.letGo, m.filedAway, m.archives, m.inArchives, m.requests, m.late, m.stalled, m.oldest, m.waiting, m.waited, m.down, m.cause, m.mail, m.dialled} {
		out <- d
	}
}

// Collect asks. A store that does not answer leaves its metrics out.
func (m *meter) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	now := m.app.Clock.Now()
	if s, err := m.app.Store.Stats(ctx, now); err == nil {
		for state, n := range map[outbox.State]int{outbox.Live: s.Live, outbox.Sent: s.Sent, outbox.Moot: s.Moot, outbox.Dead: s.Dead} {
			gauge(m.items, float64(n), string(state))
		}
		gauge(m.items, float64(s.Purged), "purged")
		gauge(m.due, float64(s.Due))
		gauge(m.leased, float64(s.Leased))
		gauge(m.missing, float64(s.Missing()))
		age := 0.0
		if !s.Oldest.IsZero() {
			age = max(0, now.Sub(s.Oldest).Seconds())
		}
		gauge(m.age, age)
	}
	if last, err := maintenance.LastRun(ctx, m.app.Store, now); err == nil {
		gauge(m.retained, float64(last.At.Unix()))
		for kind, n := range map[string]int{"items": last.Items, "presses": last.Presses, "places": last.Places} {
			gauge(m.letGo, float64(n), kind)
		}
	}
	if last, err := maintenance.LastArchiving(ctx, m.app.Store, now); err == nil {
		gauge(m.filedAway, float64(last.At.Unix()))
	}
	if all, err := (&maintenance.Archiving{Ledger: m.app.Store}).All(ctx); err == nil {
		requests := 0
		for _, r := range all {
			n, _ := strconv.Atoi(r.Fields[core.FieldCount]) // SIDEM wrote it
			requests += n
		}
		gauge(m.archives, float64(len(all)))
		gauge(m.inArchives, float64(requests))
	}
	if b, err := m.app.Desk.Board(ctx, core.Actor{Roles: []core.Role{core.RoleDirector}}); err == nil {
		for _, s := range b.Stages {
			gauge(m.requests, float64(s.Count), string(s.Stage))
			gauge(m.late, float64(s.Late), string(s.Stage))
			gauge(m.stalled, float64(s.Stalled), string(s.Stage))
			gauge(m.oldest, float64(s.Age), string(s.Stage))
		}
	}
	for channel, w := range m.app.Hub.Waiting() {
		gauge(m.waiting, float64(w.Items), channel)
		age := 0.0
		if w.Items > 0 {
			age = max(0, now.Sub(w.Oldest).Seconds())
		}
		gauge(m.waited, age, channel)
	}
	for channel, outage := range m.app.Hub.Down() {
		v := 0.0
		if !outage.Since.IsZero() {
			v = 1
			gauge(m.cause, 1, channel, reasonOf(outage.Cause))
		}
		gauge(m.down, v, channel)
	}
	if m.app.relay != nil {
		u := m.app.relay.Usage()
		gauge(m.mail, float64(u.Idle), "idle")
		gauge(m.mail, float64(u.Busy), "busy")
		out <- prometheus.MustNewConstMetric(m.dialled, prometheus.CounterValue, float64(u.Opened))
	}
}

// reasonOf names why a channel is down.
func reasonOf(cause error) string {
	if outbox.IsUnanswered(cause) {
		return "unanswered"
	}
	return cmp.Or(outbox.Reason(cause), "other")
}
