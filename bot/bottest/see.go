package bottest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
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
			if !s.Mine && r.seen[key] != looks(s) && (says(s, want, l.Buttons) || r.Dying && alreadyDone(s, want)) {
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
	for _, s := range c.Screen() {
		if !s.Mine && says(s, l.Arg, nil) {
			return fmt.Errorf("%s@%s sees what should not be there:\n%s", who, l.On, s.Text)
		}
	}
	return nil
}

// alreadyDone reports whether somebody who pressed again, because the first
// answer was lost, is told that it was done.
func alreadyDone(s Shown, want string) bool {
	return isAnswer(want) && strings.HasPrefix(s.Text, "Ya estaba registrad")
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

// looks is how a message looks.
func looks(s Shown) string { return s.Text + "\x00" + strings.Join(s.Buttons, "\x00") }

func says(s Shown, want string, buttons []string) bool {
	for part := range strings.SplitSeq(want, "\n") {
		if !strings.Contains(s.Text, strings.TrimSpace(part)) {
			return false
		}
	}
	for _, b := range buttons {
		if !slices.Contains(s.Buttons, b) {
			return false
		}
	}
	return true
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
