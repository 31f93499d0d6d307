//go:build e2e

package simulate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/bottest"
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

// says is how a line of theirs begins, and goes on.
func (a actor) says(what string) string { return a.name + "@" + a.on + what }

// words are what somebody says whose screen offers nothing.
var words = []string{"/pendientes", "/nueva", "/solicitud 1", "1", "/ayuda", "/programa", "/mias", "/preferencias", "/suplencia", "/buscar computadoras"}

// odd is what somebody types who answers something else, mistypes, or pastes.
var odd = []string{
	"no sé", "mañana", "1,5", "🙂", "Equipo de cómputo; dos; pieza", "/pendientez", "31/02/2026", "25:00",
	"Se requiere renovar el equipo.\n  El actual  no recibe actualizaciones – desde 2018.\n  “Garantía” de 3 años",
	"DT-00 93 / 2026", "$ 503,440.00 (más IVA)", "   ",
}

// kindsOfFile are what somebody sends, whether or not it is what was asked for.
var kindsOfFile = []string{"documento %d.pdf", "documento %d.pdf", "renglones %d.xlsx", "incompletos %d.xlsx", "foto %d.HEIC", "datos %d.zip", "hoja %d.xls", "programa %d.exe"}

// file is the name of one. Of two of one name the bot would ask the same twice.
func file(r *rand.Rand) string {
	return fmt.Sprintf(kindsOfFile[r.IntN(len(kindsOfFile))], r.IntN(10000))
}

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

// move is what a person does next, by chance, of what their screen offers: lines of a scenario.
func (s *story) move(a actor, r *rand.Rand) []string {
	p := s.w.People[a.name]
	if a.on == "telegram" {
		return telegramMove(a, s.w.Telegram.Person(p.TelegramID, "", ""), r)
	}
	return slackMove(a, s.w.SlackPerson(p), r)
}

func quoted(text string) string { return `"` + text + `"` }

func (a actor) types(text string) []string {
	if strings.TrimSpace(text) == "" { // nobody can send nothing
		text = "."
	}
	return []string{a.says("> " + text)}
}

// pressed presses one of some buttons.
func (a actor) presses(labels []string, r *rand.Rand) []string {
	labels = slices.DeleteFunc(slices.Clone(labels), func(l string) bool { return strings.Contains(l, `"`) })
	if len(labels) == 0 {
		return a.types("/pendientes")
	}
	return []string{a.says(": pulsa " + quoted(labels[r.IntN(len(labels))]))}
}

func telegramMove(a actor, p *telegramtest.Person, r *rand.Rand) []string {
	screen := p.Screen()
	slices.Reverse(screen)
	for _, m := range screen[:min(2, len(screen))] {
		i := slices.IndexFunc(asked, func(q question) bool { return m.FromBot && strings.Contains(m.Text, q.text) })
		if i < 0 {
			continue
		}
		switch n := r.IntN(10); {
		case n == 0:
			return a.types(odd[r.IntN(len(odd))])
		case n < 4 && len(m.Buttons) > 0:
			return a.presses(presses(m), r)
		case strings.Contains(asked[i].text, "archivo") || strings.Contains(asked[i].text, "anexos"):
			return []string{a.says(": adjunta " + quoted(file(r)))}
		}
		return a.types(asked[i].answer)
	}
	shown := slices.DeleteFunc(screen, func(m telegramtest.Message) bool { return len(presses(m)) == 0 })
	switch n := r.IntN(30); {
	case len(shown) == 0 || n < 3:
		return a.types(words[r.IntN(len(words))])
	case n == 3:
		return a.types(odd[r.IntN(len(odd))])
	case n == 4:
		return []string{a.says(": adjunta " + quoted(file(r)))}
	}
	m := shown[0]
	if r.IntN(4) == 0 {
		m = shown[r.IntN(len(shown))]
	}
	return a.presses(presses(m), r)
}

// presses are the labels of what can be pressed under a message.
func presses(m telegramtest.Message) (out []string) {
	for _, row := range m.Buttons {
		for _, b := range row {
			if b.Data != "" {
				out = append(out, b.Text)
			}
		}
	}
	return out
}

// old is the label of something that a person pressed before; "" where nobody can tell.
func (s *story) old(a actor) string {
	if a.on != "telegram" {
		return ""
	}
	for _, t := range slices.Backward(s.w.Telegram.Person(s.w.People[a.name].TelegramID, "", "").Toasts()) {
		if t.Button != "" && !strings.Contains(t.Button, `"`) {
			return t.Button
		}
	}
	return ""
}

func slackMove(a actor, p *slacktest.Person, r *rand.Rand) []string {
	if v := p.Modal(); v != nil && len(v.Labels) > 0 && r.IntN(8) > 0 {
		return slackForm(a, p, v, r)
	}
	screen := p.Screen()
	slices.Reverse(screen)
	shown := slices.DeleteFunc(screen, func(m slacktest.Message) bool { return len(m.Buttons)+len(m.Selects) == 0 })
	if len(shown) == 0 || r.IntN(10) == 0 {
		return a.types(words[r.IntN(len(words))])
	}
	m := shown[0]
	if r.IntN(4) == 0 {
		m = shown[r.IntN(len(shown))]
	}
	var labels []string
	for _, b := range m.Buttons {
		labels = append(labels, b.Text)
	}
	n := r.IntN(len(m.Buttons) + len(m.Selects))
	if n < len(m.Buttons) {
		return a.presses(labels, r)
	}
	menu := m.Selects[n-len(m.Buttons)]
	if len(menu.Options) == 0 {
		return a.types("/pendientes")
	}
	o := menu.Options[r.IntN(len(menu.Options))].Text
	if menu.Overflow {
		return a.presses([]string{o}, r)
	}
	p.CloseModal()
	return []string{a.says(": elige " + quoted(menu.Label) + " con " + quoted(o))}
}

// choices are what the menus of forms may offer.
var choices = []string{"Sí", "No", "Favorable", "Contestó", "No contestó", "Anexos", "Adquisición", "Equipo", "Telegram", "Correo"}

func slackForm(a actor, p *slacktest.Person, v *slacktest.View, r *rand.Rand) []string {
	var lines []string
	for _, label := range v.Labels {
		answer := ""
		if i := slices.IndexFunc(asked, func(q question) bool { return strings.HasPrefix(label, q.text) || strings.HasPrefix(q.text, label) }); i >= 0 {
			answer = asked[i].answer
		}
		if strings.Contains(label, "día") || strings.Contains(label, "fecha") || strings.Contains(label, "Fecha") {
			answer = "2026-11-23"
		}
		if r.IntN(12) == 0 {
			answer, _, _ = strings.Cut(odd[r.IntN(len(odd))], "\n")
		}
		for _, try := range append([]string{answer}, choices...) {
			if strings.TrimSpace(try) != "" && !strings.Contains(try+label, `"`) && p.Fill(label, try) == nil {
				lines = append(lines, a.says(": llena "+quoted(label)+" con "+quoted(try)))
				break
			}
		}
		if strings.Contains(label, "archivo") || strings.Contains(label, "Archivo") || strings.Contains(label, "PDF") {
			name := file(r)
			body, err := bottest.Sample(name)
			if err == nil && p.AttachInModal(label, name, "application/octet-stream", body) == nil {
				lines = append(lines, a.says(": adjunta "+quoted(name)+" en "+quoted(label)))
			}
		}
	}
	return append(lines, a.says(": envía"))
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
