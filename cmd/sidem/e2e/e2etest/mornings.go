package e2etest

import (
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
)

// Stall has n requests wait for Raúl's release for three weeks from the world's first Monday
// on, and returns what came to him on each of the days after it on which something did. restart
// is called in the middle of each Thursday's morning.
func Stall(t *testing.T, w *world.World, platform string, n int, restart func()) (came map[string][]string) {
	t.Helper()
	Link(t, w, map[string]string{"raúl": platform})
	for range n {
		if err := w.Given(t.Context(), "solicitud por liberar"); err != nil {
			t.Fatal(err)
		}
	}
	Rest(t, w)
	first := w.Time.Now().In(world.Mexico())
	came = map[string][]string{}
	for i := 1; i < 22; i++ {
		day := first.AddDate(0, 0, i).Format(time.DateOnly)
		for _, hour := range []string{"08:50", "09:05", "18:30"} {
			At(t, w, day+" "+hour)
			if hour == "08:50" && first.AddDate(0, 0, i).Weekday() == time.Thursday {
				restart()
				Rest(t, w)
			}
		}
		if texts := PostedOn(w, "raúl", platform, day); len(texts) > 0 {
			came[day] = texts
		}
	}
	return came
}

// PostedOn are the messages of ours that came to a person on a day, and are on the screen.
func PostedOn(w *world.World, person, platform, day string) (texts []string) {
	add := func(ours bool, posted time.Time, text string) {
		if ours && posted.In(world.Mexico()).Format(time.DateOnly) == day {
			texts = append(texts, text)
		}
	}
	p := w.People[person]
	if platform == "telegram" {
		for _, m := range w.Telegram.Person(p.TelegramID, "", "").Screen() {
			add(m.FromBot, m.Posted, m.Text+"\n"+strings.Join(m.Labels(), " "))
		}
		return texts
	}
	for _, m := range w.SlackPerson(p).Screen() {
		var labels []string
		for _, b := range m.Buttons {
			labels = append(labels, b.Text)
		}
		add(m.FromBot, m.Posted, m.Shown+"\n"+strings.Join(labels, " "))
	}
	return texts
}

// OneAMorning fails unless one message came on each of the days alone, and each holds what it is to hold.
func OneAMorning(t *testing.T, came map[string][]string, days []string, holds ...string) {
	t.Helper()
	for _, day := range days {
		if len(came[day]) != 1 {
			t.Errorf("%d messages came on %s: %q", len(came[day]), day, came[day])
			continue
		}
		for _, text := range holds {
			if !strings.Contains(came[day][0], text) {
				t.Errorf("the message of %s has no %q: %q", day, text, came[day][0])
			}
		}
	}
	if len(came) != len(days) {
		t.Errorf("something came on %d days, want %d: %q", len(came), len(days), came)
	}
}

// StallDays are the days on which somebody is told of what came to them on the world's first
// Monday, with two working days to do it in: the morning after, and four times from its date
// on. Then it is only on the board of those above.
var StallDays = []string{"2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30"}
