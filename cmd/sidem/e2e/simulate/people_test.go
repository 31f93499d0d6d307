//go:build e2e

package simulate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// actor is a person of a story, in the chat that they have open.
type actor struct{ name, on string }

// cast are the people who act.
var cast = []actor{
	{"lucía", "telegram"},
	{"raúl", "telegram"},
	{"elena", "telegram"},
	{"diego", "telegram"},
	{"sofía", "telegram"},
	{"tomás", "slack"},
	{"héctor", "slack"},
	{"mariana", "slack"},
	{"javier", "slack"},
	{"patricia", "slack"},
}

// words are what somebody says whose screen offers nothing.
var words = []string{"/pendientes", "/nueva", "/solicitud 1", "/ayuda", "/programa", "/mias", "/preferencias"}

// odd is what somebody types who answers something else.
var odd = []string{"no sé", "mañana", "1,5", "🙂", "Equipo de cómputo; dos; pieza"}

// question asks for a field; answer is how a value of it may look.
type question struct{ text, answer string }

// questions are those of every form, the longest first: one may begin another.
func questions() []question {
	var out []question
	for _, l := range core.Lifecycles {
		for _, row := range l.Rows {
			for _, f := range slices.Concat(row.Needs, row.Asks) {
				out = append(out, question{es.Ask(row.Verb, f), es.FieldExample(f)})
			}
		}
	}
	slices.SortFunc(out, func(a, b question) int {
		if d := len(b.text) - len(a.text); d != 0 {
			return d
		}
		return strings.Compare(a.text+a.answer, b.text+b.answer)
	})
	return slices.Compact(out)
}

var asked = questions()

// move is something that a person can do now.
type move struct {
	says string // as a scenario would say it
	do   func() error
}

// move is what a person does next, by chance, of what their screen offers.
func (s *story) move(a actor, r *rand.Rand) move {
	p := s.w.People[a.name]
	if a.on == "telegram" {
		return telegramMove(a, s.w.Telegram.Person(p.TelegramID, "", ""), r)
	}
	return slackMove(a, s.w.SlackPerson(p), r)
}

func said(a actor, text string) string {
	return a.name + "@" + a.on + "> " + strings.ReplaceAll(text, "\n", "\n  ")
}

func pressed(a actor, label string) string {
	return fmt.Sprintf("%s@%s: pulsa %q", a.name, a.on, label)
}

func telegramMove(a actor, p *telegramtest.Person, r *rand.Rand) move {
	screen := p.Screen()
	say := func(text string) move {
		return move{said(a, text), func() error { p.Say(text); return nil }}
	}
	slices.Reverse(screen)
	for _, m := range screen[:min(2, len(screen))] {
		i := slices.IndexFunc(asked, func(q question) bool { return m.FromBot && strings.Contains(m.Text, q.text) })
		if i < 0 {
			continue
		}
		switch n := r.IntN(10); {
		case n == 0:
			return say(odd[r.IntN(len(odd))])
		case n < 4 && len(m.Buttons) > 0:
			return pressOf(a, p, m, r)
		case strings.Contains(asked[i].text, "archivo") || strings.Contains(asked[i].text, "anexos"):
			return move{a.name + `@telegram: adjunta "documento.pdf"`, func() error {
				p.SendFile("documento.pdf", "application/pdf", []byte("%PDF-1.4\n% documento\n%%EOF\n"), "")
				return nil
			}}
		}
		return say(asked[i].answer)
	}
	shown := slices.DeleteFunc(screen, func(m telegramtest.Message) bool { return len(presses(m)) == 0 })
	if len(shown) == 0 || r.IntN(10) == 0 {
		return say(words[r.IntN(len(words))])
	}
	m := shown[0]
	if r.IntN(4) == 0 {
		m = shown[r.IntN(len(shown))]
	}
	return pressOf(a, p, m, r)
}

func presses(m telegramtest.Message) (out []telegramtest.Button) {
	for _, row := range m.Buttons {
		for _, b := range row {
			if b.Data != "" {
				out = append(out, b)
			}
		}
	}
	return out
}

func pressOf(a actor, p *telegramtest.Person, m telegramtest.Message, r *rand.Rand) move {
	buttons := presses(m)
	if len(buttons) == 0 {
		return move{said(a, "/pendientes"), func() error { p.Say("/pendientes"); return nil }}
	}
	b := buttons[r.IntN(len(buttons))]
	return move{pressed(a, b.Text), func() error { p.PressData(m.ID, b.Data); return nil }}
}

func slackMove(a actor, p *slacktest.Person, r *rand.Rand) move {
	if v := p.Modal(); v != nil && len(v.Labels) > 0 {
		return slackForm(a, p, v, r)
	}
	screen := p.Screen()
	slices.Reverse(screen)
	shown := slices.DeleteFunc(screen, func(m slacktest.Message) bool { return len(m.Buttons)+len(m.Selects) == 0 })
	if len(shown) == 0 || r.IntN(10) == 0 {
		text := words[r.IntN(len(words))]
		return move{said(a, text), func() error { return p.Slash("/sidem", strings.TrimPrefix(text, "/")) }}
	}
	m := shown[0]
	if r.IntN(4) == 0 {
		m = shown[r.IntN(len(shown))]
	}
	n := r.IntN(len(m.Buttons) + len(m.Selects))
	if n < len(m.Buttons) {
		b := m.Buttons[n]
		return move{pressed(a, b.Text), func() error { return p.PressValue(m.TS, b.ActionID, b.Value) }}
	}
	menu := m.Selects[n-len(m.Buttons)]
	if len(menu.Options) == 0 {
		return move{said(a, "/pendientes"), func() error { return p.Slash("/sidem", "pendientes") }}
	}
	o := menu.Options[r.IntN(len(menu.Options))]
	return move{fmt.Sprintf("%s@slack: elige %q con %q", a.name, menu.Label, o.Text), func() error { return p.Select(m.TS, menu.Label, o.Text) }}
}

// choices are what the menus of forms may offer.
var choices = []string{"Sí", "No", "Favorable", "Contestó", "No contestó", "Anexos", "Adquisición", "Equipo", "Telegram", "Correo"}

func slackForm(a actor, p *slacktest.Person, v *slacktest.View, r *rand.Rand) move {
	if r.IntN(8) == 0 {
		return move{"", func() error { p.CloseModal(); return nil }} // of which nobody is told
	}
	var lines []string
	for _, label := range v.Labels {
		answer := ""
		if i := slices.IndexFunc(asked, func(q question) bool { return strings.HasPrefix(label, q.text) || strings.HasPrefix(q.text, label) }); i >= 0 {
			answer = asked[i].answer
		}
		if strings.Contains(label, "día") || strings.Contains(label, "fecha") || strings.Contains(label, "Fecha") {
			answer = "2026-11-23"
		}
		for _, try := range append([]string{answer}, choices...) {
			if try != "" && p.Fill(label, try) == nil {
				lines = append(lines, fmt.Sprintf("%s@slack: llena %q con %q", a.name, label, try))
				break
			}
		}
		if strings.Contains(label, "archivo") || strings.Contains(label, "Archivo") || strings.Contains(label, "PDF") {
			if p.AttachInModal(label, "documento.pdf", "application/pdf", []byte("%PDF-1.4\n% documento\n%%EOF\n")) == nil {
				lines = append(lines, fmt.Sprintf(`%s@slack: adjunta "documento.pdf" en %q`, a.name, label))
			}
		}
	}
	return move{strings.Join(append(lines, a.name+"@slack: envía"), "\n"), p.Submit}
}

// sees is all that a person has before their eyes, to be compared.
func (s *story) sees(a actor) string {
	p := s.w.People[a.name]
	var b strings.Builder
	if a.on == "telegram" {
		q := s.w.Telegram.Person(p.TelegramID, "", "")
		for _, m := range q.Screen() {
			if m.FromBot {
				fmt.Fprintln(&b, m.ID, m.Text, m.Labels())
			}
		}
		fmt.Fprintln(&b, len(q.Toasts()))
		return b.String()
	}
	q := s.w.SlackPerson(p)
	for _, m := range q.Screen() {
		if m.FromBot {
			fmt.Fprintln(&b, m.TS, m.Shown, m.Buttons, m.Selects)
		}
	}
	if v := q.Modal(); v != nil {
		fmt.Fprintln(&b, v.ID, v.Title, v.Text, v.Errors)
	}
	fmt.Fprintln(&b, q.Failures(), q.Home() == nil)
	return b.String()
}
