// Package bottest plays scenarios: the process told in Spanish text files that a Secretario Técnico could check, against a real bot.
//
// It knows no platform and no store: a World brings the people's chats and
// mailboxes and runs SIDEM. Tests and the demonstration use the same files.
package bottest

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Line is one step of a scenario.
type Line struct {
	N    int    // in the file, from 1
	Text string // as written
	Kind Kind
	Who  []string // persons
	On   string   // telegram, slack, correo
	Arg  string   // what is said, expected, or done
	// Buttons are expected under a message, in any order; Bare is that it has none: "[]".
	Buttons []string
	Bare    bool
}

// Kind is what a line asks for.
type Kind string

// The kinds of line.
const (
	Step    Kind = "paso"     // paso: 3 · Solicitud
	Say     Kind = ">"        // lucía@telegram> /nueva
	Do      Kind = ":"        // raúl@telegram: pulsa "Liberar"
	Expect  Kind = "<"        // raúl@telegram< Por liberar [Liberar] [Devolver]
	Never   Kind = "<>"       // raúl@telegram<> Por liberar: is not to be seen
	Clock   Kind = "reloj"    // reloj: +2 días hábiles
	Restart Kind = "reinicio" // SIDEM ends and starts again
	Off     Kind = "apagado"  // SIDEM ends…
	On      Kind = "encendido"
	Linked  Kind = "vinculados"
	Without Kind = "sin"   // sin: raúl, programa
	Today   Kind = "hoy"   // hoy: 2026-11-23 09:00, or en horas de oficina: of a story that needs its own
	Given   Kind = "hay"   // hay: solicitud por liberar
	Trouble Kind = "falla" // falla: telegram, until falla: ninguna
)

var (
	address = regexp.MustCompile(`^([\pL, ]+)@(telegram|slack|correo|grupo|canal)(<>|[>:<])\s*(.*)$`)
	button  = regexp.MustCompile(`\s+\[([^\]]*)\]\s*$`)
)

// Parse reads a scenario. Empty lines and lines that begin with # say nothing;
// a line that begins with two spaces goes on from the one before, on a new line of its text.
func Parse(r io.Reader) ([]Line, error) {
	var out []Line
	scan := bufio.NewScanner(r)
	for n := 1; scan.Scan(); n++ {
		raw := scan.Text()
		text := strings.TrimSpace(raw)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if strings.HasPrefix(raw, "  ") && len(out) > 0 {
			last := &out[len(out)-1]
			last.Text += "\n" + text
			last.Arg += "\n" + text
			continue
		}
		line, err := parseLine(text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		line.N = n
		out = append(out, line)
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	for i := range out {
		out[i].takeButtons()
	}
	return out, nil
}

func parseLine(text string) (Line, error) {
	for _, k := range []Kind{Step, Clock, Linked, Without, Today, Given, Trouble} {
		if rest, ok := strings.CutPrefix(text, string(k)+":"); ok {
			return Line{Text: text, Kind: k, Arg: strings.TrimSpace(rest)}, nil
		}
	}
	for _, k := range []Kind{Restart, Off, On} {
		if text == string(k) {
			return Line{Text: text, Kind: k}, nil
		}
	}
	m := address.FindStringSubmatch(text)
	if m == nil {
		return Line{}, fmt.Errorf("%q: want PERSON@telegram|slack|correo|grupo|canal, then > : < or <>", text)
	}
	line := Line{Text: text, Kind: Kind(m[3]), On: m[2], Arg: m[4]}
	for who := range strings.SplitSeq(m[1], ",") {
		line.Who = append(line.Who, strings.TrimSpace(who))
	}
	return line, nil
}

// takeButtons takes the buttons off the end of what is expected.
func (l *Line) takeButtons() {
	if l.Kind != Expect {
		return
	}
	for {
		b := button.FindStringSubmatchIndex(l.Arg)
		if b == nil || b[0] == 0 { // the text itself may begin with [000147/2026]
			return
		}
		if label := l.Arg[b[2]:b[3]]; label == "" {
			l.Bare = true
		} else {
			l.Buttons = append(l.Buttons, label)
		}
		l.Arg = l.Arg[:b[0]]
	}
}
