package bot_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/flood"
	"sidem.gob.mx/sidem/core/testbed"
)

// flooded is a world whose engine rations what strangers are answered, and what it logs.
func flooded(t testing.TB) (*world, *strings.Builder) {
	w := newWorld(t, "lucía")
	var log strings.Builder
	w.engine.Flood = flood.New(flood.DefaultPace)
	w.engine.Log = slog.New(slog.NewTextHandler(&log, nil))
	return w, &log
}

func TestStrangersShareAFewAnswersAndALinkedPersonHasAllOfTheirs(t *testing.T) {
	w, log := flooded(t)
	answered := 0
	for second := range 30 {
		for n := range 60 {
			if text(w.say(fmt.Sprint("stranger", n), fmt.Sprint("hola", second))) != "" {
				answered++
			}
		}
		w.wants(w.say("raúl", "/quien"), "Raúl Ortega Díaz")
		w.pass(time.Second)
	}
	if most := 20 + 30*2 + 1; answered > most || answered < 20 {
		t.Errorf("strangers got %d answers in half a minute, want at most %d", answered, most)
	}
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("a flood is %d lines in the log:\n%s", n, log)
	}
	keys, err := w.store.Keys(t.Context(), "", "", 1000, w.clock())
	w.must(err)
	if i := slices.IndexFunc(keys, func(k string) bool { return strings.Contains(k, "stranger") }); i >= 0 {
		t.Errorf("something is kept under %q", keys[i])
	}
}

func TestWhoGivesAPasswordIsLinkedInTheMiddleOfAFlood(t *testing.T) {
	w, _ := flooded(t)
	for n := range 200 {
		w.say(fmt.Sprint("stranger", n), "hola")
	}
	w.wants(w.say("nueva", "lucia.herrera "+w.keeper.Password(w.people["lucía"])), "Cuenta vinculada")
	w.wants(w.say("nueva", "/quien"), "Lucía Herrera Campos")
}

// Whatever strangers write, also what looks like a password or a code, they have nothing that
// a right one waits for.
func TestARightPasswordOrCodeWaitsForNoStranger(t *testing.T) {
	for name, writes := range map[string]string{"two words": "buenos días", "what looks like a password": "lucia.herrera aaaaabbbb2", "what looks like a code": "abcd-efgh"} {
		t.Run(name, func(t *testing.T) {
			w, _ := flooded(t)
			code := w.say("raúl", "/vincular").Card.Head
			answered := 0
			for n := range 500 {
				if text(w.say(fmt.Sprint("stranger", n), writes)) != "" {
					answered++
				}
			}
			if answered > 40 {
				t.Errorf("%d strangers are answered", answered)
			}
			w.wants(w.say("nueva", "lucia.herrera "+w.keeper.Password(w.people["lucía"])), "Cuenta vinculada")
			w.wants(w.in("U1", bot.Input{Platform: "slack", Private: true, Text: code}), "Raúl Ortega Díaz")
			in := bot.Input{Platform: "slack", Who: "U1", Private: true, Tap: w.token("U1", "Sí, vincular")}
			if !w.engine.Admits(&in) {
				t.Error("the answer to the question by name is not let in")
			}
			w.wants(w.in("U1", in), "Cuenta vinculada")
		})
	}
}

func TestOneStrangerIsAnsweredAFewTimesAndThenLetGoOf(t *testing.T) {
	w, _ := flooded(t)
	answered := 0
	for range 40 {
		if text(w.say("stranger", "hola")) != "" {
			answered++
		}
		w.pass(time.Second)
	}
	if answered < 10 || answered > 20 {
		t.Errorf("one who writes every second is answered %d times of 40", answered)
	}
}

func TestAnAnswerToAStrangerSaysSo(t *testing.T) {
	w := newWorld(t)
	if r := w.say("stranger", "hola"); !r.Stranger {
		t.Error("the platform cannot tell")
	}
	if r := w.say("raúl", "/quien"); r.Stranger {
		t.Error("a linked person counts as one")
	}
}

// BenchmarkALinkedPersonsAnswer tells, as x-alone, how many times as long an answer
// to a linked person takes while 500 strangers write once a second.
func BenchmarkALinkedPersonsAnswer(b *testing.B) {
	for _, platform := range []string{"telegram", "slack"} {
		b.Run(platform, func(b *testing.B) {
			w := newWorld(b)
			w.engine.Flood = flood.New(flood.Pace{Burst: 1 << 30, Every: time.Nanosecond})
			w.link("raúl", "slack")
			w.tick()
			ask := func(who string, n int) {
				w.engine.Handle(b.Context(), bot.Input{
					Platform: platform, Who: who, Chat: who, Private: true, Text: "/pendientes", Once: fmt.Sprint(platform, who, n),
				})
			}
			measure := func(n int) time.Duration {
				watch := testbed.Start()
				for i := range n {
					ask("raúl", i)
				}
				return watch.Elapsed() / time.Duration(n)
			}
			measure(20) // warm
			alone := measure(max(b.N, 50))
			stop, done := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(done)
				ticker := time.NewTicker(time.Second / 500)
				defer ticker.Stop()
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					case <-ticker.C:
						ask(fmt.Sprint("stranger", n%500), n)
					}
				}
			}()
			b.ResetTimer()
			among := measure(max(b.N, 50))
			b.StopTimer()
			close(stop)
			<-done
			b.ReportMetric(float64(among)/float64(alone), "x-alone")
		})
	}
}
