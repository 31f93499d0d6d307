package world_test

import (
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/flood"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core/testbed"
)

// strangers are how many write, once a second each, while a linked person is answered.
const strangers = 500

// BenchmarkALinkedPersonsAnswerAmongStrangers tells, as x-alone, how many times as long
// a linked person waits for an answer on the screen while strangers write once a second
// each: through the emulators of both platforms, however they deliver. The emulators
// share the machine.
func BenchmarkALinkedPersonsAnswerAmongStrangers(b *testing.B) {
	for _, c := range []struct {
		name, on, words string
		deliver         func(b *testing.B, cfg *office.Config)
	}{
		{"telegram, polled", "telegram", "/quien", func(*testing.B, *office.Config) {}},
		{"telegram, by webhook", "telegram", "/quien", func(b *testing.B, cfg *office.Config) {
			cfg.HTTPAddr = port(b)
			cfg.PublicURL, cfg.TelegramMode, cfg.TelegramSecret = "http://"+cfg.HTTPAddr, office.TelegramWebhook, "a-secret_of-the-webhook"
		}},
		{"slack, by socket", "slack", "quien", func(*testing.B, *office.Config) {}},
		{"slack, by webhook", "slack", "quien", func(b *testing.B, cfg *office.Config) {
			cfg.HTTPAddr, cfg.SlackMode, cfg.SlackAppToken = port(b), office.SlackHTTP, ""
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			w, err := world.New(b.TempDir(), func(w *world.World) world.Service {
				return &world.Inside{World: w, Hasty: true, Flood: flood.New(flood.Pace{Burst: 1 << 30, Every: time.Nanosecond})}
			})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() {
				if err := w.Close(); err != nil {
					b.Error(err)
				}
			})
			c.deliver(b, &w.Config)
			for _, step := range []func() error{
				func() error { return w.Begin(b.Context(), nil) },
				func() error { return w.Restart(b.Context()) },
				func() error { return w.Link(b.Context(), "raúl", c.on) },
			} {
				if err := step(); err != nil {
					b.Fatal(err)
				}
			}
			raul, err := w.Client("raúl", c.on)
			if err != nil {
				b.Fatal(err)
			}
			n := max(b.N, 40)
			waits(b, raul, c.words, 10) // warm
			alone := waits(b, raul, c.words, n)
			stop, done, wrote := make(chan struct{}), make(chan struct{}), 0
			begun := testbed.Start()
			go func() {
				defer close(done)
				tick := time.NewTicker(time.Second / strangers)
				defer tick.Stop()
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					case <-tick.C:
						somebody(w, c.on, i%strangers, fmt.Sprint("hola ", i))
						wrote++
					}
				}
			}()
			time.Sleep(2 * time.Second) // until their answers are spent
			b.ResetTimer()
			among := waits(b, raul, c.words, n)
			b.StopTimer()
			close(stop)
			<-done
			b.ReportMetric(float64(wrote)/begun.Elapsed().Seconds(), "strangers/s")
			b.ReportMetric(float64(among.Microseconds())/1000, "ms-among")
			b.ReportMetric(float64(alone.Microseconds())/1000, "ms-alone")
			b.ReportMetric(float64(among)/float64(alone), "x-alone")
			if among > 2*alone {
				b.Errorf("a linked person waits %s, and %s without strangers: more than twice as long", among, alone)
			}
		})
	}
}

// somebody is linked to no account, and writes.
func somebody(w *world.World, on string, n int, text string) {
	if on == "slack" {
		w.Slack.Person(fmt.Sprintf("U7%07d", n), fmt.Sprint("Persona ", n), fmt.Sprintf("p%d@ejemplo.org", n)).Say(text)
		return
	}
	w.Telegram.Person(int64(500_000+n), fmt.Sprint("Persona ", n), "").Say(text)
}

// waits is how long the answer to a command takes to be on the screen: the median of n.
func waits(b *testing.B, c bottest.Client, words string, n int) time.Duration {
	b.Helper()
	var all []time.Duration
	for range n {
		before := len(c.Screen())
		watch := testbed.Start()
		if err := c.Say(words); err != nil {
			b.Fatal(err)
		}
		for len(c.Screen()) < before+2 { // what was said, and the answer
			if watch.Elapsed() > world.Patience {
				b.Fatal("no answer")
			}
			time.Sleep(500 * time.Microsecond)
		}
		all = append(all, watch.Elapsed())
	}
	slices.Sort(all)
	return all[n/2]
}

// port is a free one of this machine.
func port(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
