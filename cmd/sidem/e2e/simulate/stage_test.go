//go:build e2e

package simulate

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
)

// What goes wrong in a story, in the words of its lines ("falla: …"), beside risks.
const (
	atOnce    = "lo que sigue, a la vez"       // the next line does not wait for what comes of it
	vanished  = "SIDEM desaparece y vuelve"    // in the middle of whatever it does
	byWebhook = "se le entrega por webhook"    // by both platforms, from the beginning
	mishap    = string(bottest.Trouble) + ": " // begins such a line
)

// riskLine is a risk as a story has it.
var riskLine = regexp.MustCompile(`^la llamada (\d+) a (Telegram|Slack|SIDEM|el relevo de correo|el almacén) (.+)$`)

// stage is the world of a story, as the runner plays in it.
type stage struct {
	*world.World
	story *story
}

var _ bottest.Troubled = stage{}

// Begin starts SIDEM: its people are in the store that was prepared.
func (x stage) Begin(ctx context.Context, _ []string) error { return x.story.service.Start(ctx) }

// Link links a chat by the hand of the desk.
func (x stage) Link(_ context.Context, person, on string) error {
	e2etest.Link(x.story, x.World, map[string]string{person: on})
	return nil
}

// Trouble has something go wrong.
func (x stage) Trouble(_ context.Context, what string) error {
	s := x.story
	switch m := riskLine.FindStringSubmatch(what); {
	case what == atOnce:
		s.held = true
	case what == vanished:
		s.service.life.vanish()
	case what == byWebhook: // since the beginning
	case m != nil:
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return fmt.Errorf("falla %q: %w", what, err)
		}
		s.risks.arm(risk{place(m[2]), trouble(m[3]), n - 1})
	default:
		return fmt.Errorf("falla %q: unknown", what)
	}
	return nil
}

// parsed are the lines of a scenario.
func parsed(text ...string) ([]bottest.Line, error) {
	lines, err := bottest.Parse(strings.NewReader(strings.Join(text, "\n")))
	if err != nil {
		return nil, fmt.Errorf("a story that nobody can read: %w", err)
	}
	return lines, nil
}

// written is a line as a file has it.
func written(l bottest.Line) string { return strings.ReplaceAll(l.Text, "\n", "\n  ") }

// script is a story as a file has it: the lines that say what it begins with, and those of what happens.
type script struct{ head, body []string }

func (s script) String() string {
	return strings.Join(append(append([]string(nil), s.head...), s.body...), "\n")
}

// scriptOf reads one that was printed.
func scriptOf(text string) (out script, err error) {
	lines, err := parsed(text)
	for _, l := range lines {
		switch {
		case len(out.body) == 0 && (l.Kind == bottest.Today || l.Kind == bottest.Linked || l.Kind == bottest.Given || l.Arg == byWebhook):
			out.head = append(out.head, written(l))
		default:
			out.body = append(out.body, written(l))
		}
	}
	return out, err
}
