package bottest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core/es"
)

// quoted stands in a text for what somebody reads somewhere: {lucía@correo: start=([\w-]+)}.
var quoted = regexp.MustCompile(`\{([\pL]+)@(telegram|slack|correo|grupo|canal): ([^}]+(?:\{[^}]*\}[^}]*)*)\}`)

// quote fills in what a person copies from what they see; the newest match counts.
func (r *Runner) quote(text string) (string, error) {
	var failed error
	out := quoted.ReplaceAllStringFunc(text, func(ref string) string {
		m := quoted.FindStringSubmatch(ref)
		c, err := r.World.Client(m[1], m[2])
		if err != nil {
			failed = err
			return ref
		}
		pattern, err := regexp.Compile(m[3])
		if err != nil {
			failed = err
			return ref
		}
		for _, s := range slices.Backward(c.Screen()) {
			if found := pattern.FindStringSubmatch(s.Text); len(found) > 1 {
				return found[1]
			}
		}
		failed = fmt.Errorf("%s@%s sees nothing like %q", m[1], m[2], m[3])
		return ref
	})
	return out, failed
}

// expect waits for a message that says the text and has the buttons.
func (r *Runner) expect(ctx context.Context, l Line, who string, c Client) error {
	want, err := r.quote(strings.TrimPrefix(l.Arg, "asunto: "))
	if err != nil {
		return err
	}
	return r.await(ctx, r.Patience, func() (bool, string) {
		for _, s := range slices.Backward(c.Screen()) {
			key := who + "@" + l.On + "#" + s.ID
			if !s.Mine && r.seen[key] != looks(s) && (l.Bare || !spent(r.seen[key], s)) && (says(s, want, l) || r.Dying && alreadyDone(s, want)) {
				r.seen[key] = looks(s)
				return true, ""
			}
		}
		if isAnswer(want) && r.forgone(c) {
			return true, ""
		}
		return false, fmt.Sprintf("expected %q %v; %s@%s sees:\n%s", want, l.Buttons, who, l.On, screen(c))
	})
}

// never checks that the text cannot be seen once nothing is under way.
func (r *Runner) never(ctx context.Context, l Line, who string, c Client) error {
	if err := r.rest(ctx); err != nil {
		return err
	}
	if err := r.asItIs(); err != nil {
		return err
	}
	for _, s := range c.Screen() {
		if !s.Mine && says(s, l.Arg, l) {
			return fmt.Errorf("%s@%s sees what should not be there:\n%s", who, l.On, s.Text)
		}
	}
	return nil
}

// onceAsked checks that of all the questions of forms that a chat holds one has
// buttons at most. A SIDEM that dies may leave more behind. Only where forms are
// asked as messages: to look elsewhere may take a form that is open off the screen.
func (r *Runner) onceAsked() error {
	if r.Dying || r.After != nil {
		return nil
	}
	for key, m := range r.met {
		if m[1] != "telegram" {
			continue
		}
		c, err := r.World.Client(m[0], m[1])
		if err != nil {
			return err
		}
		n := 0
		for _, s := range c.Screen() {
			if slices.Contains(s.Buttons, es.Say(es.ButtonLater)) || slices.Contains(s.Buttons, es.Say(es.ButtonStay)) {
				n++
			}
		}
		if n > 1 {
			return fmt.Errorf("%d questions have buttons; %s sees:\n%s", n, key, screen(c))
		}
	}
	return nil
}

// alreadyDone reports whether somebody who pressed again, because the first
// answer was lost, is told that it was done.
func alreadyDone(s Shown, want string) bool {
	return isAnswer(want) && strings.HasPrefix(s.Text, "Ya constaba")
}

// isAnswer reports whether a text answers a press, beside what the card shows.
func isAnswer(want string) bool {
	return strings.Contains(want, "quedó") || strings.HasPrefix(want, "Quedó")
}

// forgone reports, once, whether the answer to the last press died with SIDEM.
func (r *Runner) forgone(c Client) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.unheard[c]
	r.unheard[c] = false
	return was
}

// spent reports whether a message that was seen is the same but for its buttons,
// which are gone: a question that was answered is not asked anew.
func spent(seen string, s Shown) bool {
	title, _, _ := strings.Cut(s.Text, "\n")
	was, buttons, _ := strings.Cut(seen, "\x00")
	before, _, _ := strings.Cut(was, "\n")
	return buttons != "" && len(s.Buttons) == 0 && before == title
}

// looks is how a message looks.
func looks(s Shown) string { return s.Text + "\x00" + strings.Join(s.Buttons, "\x00") }

// says reports whether s has the words of want and the buttons of l, or none if it wants none.
func says(s Shown, want string, l Line) bool {
	for part := range strings.SplitSeq(want, "\n") {
		if !strings.Contains(s.Text, strings.TrimSpace(part)) {
			return false
		}
	}
	for _, b := range l.Buttons {
		if !slices.Contains(s.Buttons, b) {
			return false
		}
	}
	return !l.Bare || len(s.Buttons) == 0
}

func screen(c Client) string {
	var b strings.Builder
	for _, s := range c.Screen() {
		mark := "<"
		if s.Mine {
			mark = ">"
		}
		fmt.Fprintf(&b, "  %s %s %v\n", mark, strings.ReplaceAll(s.Text, "\n", "\n    "), s.Buttons)
	}
	return b.String()
}
