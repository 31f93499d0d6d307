package bottest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"sidem/bot/paper"
	"sidem/core/es"
)

// Shown is one thing that a person sees: a message, a short answer to a press, a mail.
type Shown struct {
	ID      string // the same while it is edited
	Text    string
	Buttons []string
	Mine    bool // the person wrote it
	// Passing things (toasts, hints only for this person) need not be expected.
	Passing bool
}

// Client is one person's chat or mailbox.
type Client interface {
	// Say writes a message; of a mailbox it fails.
	Say(text string) error
	// Press presses the newest button with the label that can be seen, as often as told.
	Press(label string, times int) error
	// Fill answers a question of the form that is open, by its label.
	Fill(label, value string) error
	// Submit sends the form that is open.
	Submit() error
	// Attach sends a file, or puts it into the question with the label of the open form.
	Attach(label, name string, data []byte) error
	// Again delivers the person's last act once more, as a platform may do.
	Again() error
	// Screen is all that can be seen now, oldest first.
	Screen() []Shown
}

// World runs SIDEM and its people.
type World interface {
	// Begin starts the story, with what is there before it; without are the
	// persons that have no account yet, and "programa" for an agency without one.
	Begin(ctx context.Context, without []string) error
	// Client is a person's chat or mailbox, by the names of the scenario.
	Client(person, on string) (Client, error)
	// Link links a person's chat to their account, as the person would.
	Link(ctx context.Context, person, on string) error
	// Given brings about what the story takes for granted: "solicitud por liberar".
	Given(ctx context.Context, what string) error
	// Clock moves business time: "+2 días hábiles", "+3 h", "09:00", an instant.
	Clock(to string) error
	// Halt ends SIDEM; Restart starts it again, and ends it first if it runs.
	Halt() error
	Restart(ctx context.Context) error
	// Changed is closed at the next change that anybody could see.
	Changed() <-chan struct{}
	// Idle reports whether nothing is under way.
	Idle(ctx context.Context) (bool, error)
	// Stale are the buttons that can be seen anywhere and are of a state that was left.
	Stale(ctx context.Context) ([]string, error)
}

// Runner plays a scenario in a world.
type Runner struct {
	World World
	// Patience is how long an expected message may take (real time).
	Patience time.Duration
	// On is told of each line before it is played; nil is nobody.
	On func(Line)
	// Dying is for a SIDEM that is killed on the way: what was said may be said
	// again, and an answer may be that it was done already.
	Dying bool
	// Doubtful judges, where SIDEM was killed, what would be faults otherwise:
	// messages that nobody expected and buttons that are stale.
	Doubtful func(ctx context.Context, surprises, stale []string) error

	// seen are the messages that were expected, as they looked then, by person,
	// channel and id: an edited one may be expected again.
	seen map[string]string
	met  map[string][2]string // persons met: name and channel
	told map[string]string    // what Tell has written, by person, channel and id

	mu      sync.Mutex
	pressed map[Client]string // the label that was pressed last
	// unheard are those whose last press was decided by a SIDEM that died before it
	// answered: the platform said that it failed, and the card shows what came of it.
	unheard map[Client]bool
}

// Play plays the lines. At the end nothing may be under way, no message may have
// come that nobody expected, and no button may be stale.
func (r *Runner) Play(ctx context.Context, lines []Line) error {
	if err := r.Begin(ctx, lines); err != nil {
		return err
	}
	if err := r.Part(ctx, lines); err != nil {
		return err
	}
	return r.end(ctx)
}

// Begin begins the world that the lines ask for, and plays none of them.
func (r *Runner) Begin(ctx context.Context, lines []Line) error {
	r.seen, r.met, r.pressed, r.unheard = map[string]string{}, map[string][2]string{}, map[Client]string{}, map[Client]bool{}
	r.told = map[string]string{}
	return r.World.Begin(ctx, without(lines))
}

// Part plays some of the lines of a story that has begun. It does not ask what
// must hold at the end.
func (r *Runner) Part(ctx context.Context, lines []Line) error {
	for _, l := range lines {
		if r.On != nil {
			r.On(l)
		}
		if err := r.play(ctx, l); err != nil {
			return fmt.Errorf("line %d: %s\n%w", l.N, l.Text, err)
		}
	}
	return nil
}

func (r *Runner) play(ctx context.Context, l Line) error {
	switch l.Kind {
	case Step, Without:
		return nil
	case Clock:
		if err := r.rest(ctx); err != nil {
			return err
		}
		return r.World.Clock(l.Arg)
	case Restart, On:
		return r.World.Restart(ctx)
	case Off:
		if err := r.rest(ctx); err != nil {
			return err
		}
		return r.World.Halt()
	case Linked:
		return r.link(ctx, l.Arg)
	case Given:
		if err := r.World.Given(ctx, l.Arg); err != nil {
			return err
		}
		return r.settled(ctx)
	case Trouble:
		return r.trouble(ctx, l.Arg)
	case Say, Do, Expect, Never:
	}
	for _, who := range l.Who {
		r.met[who+"@"+l.On] = [2]string{who, l.On}
	}
	switch l.Kind {
	case Expect:
		return r.each(l, func(who string, c Client) error { return r.expect(ctx, l, who, c) })
	case Never:
		return r.each(l, func(who string, c Client) error { return r.never(ctx, l, who, c) })
	default:
		return r.together(ctx, l)
	}
}

// Troubled is a World in which something can be made to go wrong.
type Troubled interface {
	// Trouble begins what is named, or ends all of it: "ninguna".
	Trouble(ctx context.Context, what string) error
}

func (r *Runner) trouble(ctx context.Context, what string) error {
	w, ok := r.World.(Troubled)
	if !ok {
		return errors.New("nothing can go wrong in this world")
	}
	return w.Trouble(ctx, what)
}

func without(lines []Line) []string {
	var out []string
	for _, l := range lines {
		if l.Kind == Without {
			for who := range strings.SplitSeq(l.Arg, ",") {
				out = append(out, strings.TrimSpace(who))
			}
		}
	}
	return out
}

func (r *Runner) each(l Line, f func(who string, c Client) error) error {
	for _, who := range l.Who {
		c, err := r.World.Client(who, l.On)
		if err != nil {
			return err
		}
		if err := f(who, c); err != nil {
			return err
		}
	}
	return nil
}

// together has all persons of a line act at once, when they have read what there is.
func (r *Runner) together(ctx context.Context, l Line) error {
	if err := r.rest(ctx); err != nil {
		return err
	}
	arg, err := r.quote(l.Arg)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make([]error, len(l.Who))
	for i, who := range l.Who {
		c, err := r.World.Client(who, l.On)
		if err != nil {
			return err
		}
		wg.Go(func() {
			if l.Kind == Say {
				errs[i] = r.insist(ctx, c, func() error { return c.Say(arg) }, func() bool { return true })
				return
			}
			errs[i] = r.do(ctx, c, arg)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

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

var (
	pressLine  = regexp.MustCompile(`^pulsan? "([^"]+)"( dos veces)?$`)
	fillLine   = regexp.MustCompile(`^(?:llena|elige) "([^"]+)" con "([^"]+)"$`)
	attachLine = regexp.MustCompile(`^adjunta "([^"]+)"(?: en "([^"]+)")?$`)
)

func (r *Runner) do(ctx context.Context, c Client, arg string) error {
	if m := pressLine.FindStringSubmatch(arg); m != nil {
		times := 1
		if m[2] == " dos veces" {
			times = 2
		}
		return r.press(ctx, c, m[1], times)
	}
	if m := fillLine.FindStringSubmatch(arg); m != nil {
		return r.fill(ctx, c, func() error { return c.Fill(m[1], m[2]) })
	}
	if m := attachLine.FindStringSubmatch(arg); m != nil {
		data, err := Sample(m[1])
		if err != nil {
			return err
		}
		return r.fill(ctx, c, func() error { return c.Attach(m[2], m[1], data) })
	}
	if arg == "envía" {
		return r.insist(ctx, c, c.Submit, func() bool { return true })
	}
	if arg == "lo mismo otra vez" {
		return c.Again()
	}
	if home, ok := c.(interface{ OpenHome() error }); ok && arg == "abre el inicio" {
		return r.insist(ctx, c, home.OpenHome, func() bool { return true })
	}
	return fmt.Errorf("%q: want pulsa \"…\", llena \"…\" con \"…\", adjunta \"…\" en \"…\", envía", arg)
}

// press presses a button when it can be seen.
func (r *Runner) press(ctx context.Context, c Client, label string, times int) error {
	if err := r.await(ctx, r.Patience, func() (bool, string) { return visible(c, label) }); err != nil {
		return err
	}
	there := func() bool { ok, _ := visible(c, label); return ok }
	held, failures := holding(c, label), count(c, failedAnswer)
	r.note(c, label, false)
	if err := r.insist(ctx, c, func() error { return c.Press(label, times) }, there); err != nil || !r.Dying {
		return err
	}
	r.note(c, label, count(c, failedAnswer) > failures && !there() && changed(c, held))
	return nil
}

// note remembers what was pressed, and whether all that answers it is the card.
func (r *Runner) note(c Client, label string, unheard bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pressed[c], r.unheard[c] = label, unheard
}

// holding is the newest message with a button.
func holding(c Client, label string) Shown {
	for _, s := range slices.Backward(c.Screen()) {
		if slices.Contains(s.Buttons, label) {
			return s
		}
	}
	return Shown{}
}

// changed reports whether a message is there and looks otherwise.
func changed(c Client, old Shown) bool {
	return slices.ContainsFunc(c.Screen(), func(s Shown) bool { return s.ID == old.ID && looks(s) != looks(old) })
}

// fill answers a question of a form, or chooses from what a card offers. Of a
// SIDEM that dies, the form may never have opened: then the button is pressed
// again, as the person would. So is what was chosen while the platform says that
// it failed, as long as it is offered.
func (r *Runner) fill(ctx context.Context, c Client, f func() error) error {
	if !r.Dying {
		return r.try(ctx, r.Patience, f)
	}
	failures := count(c, failedAnswer)
	if err := r.try(ctx, r.Patience/10, f); err != nil {
		r.mu.Lock()
		label := r.pressed[c]
		r.mu.Unlock()
		if err := r.press(ctx, c, label, 1); err != nil {
			return err
		}
		return r.try(ctx, r.Patience, f)
	}
	for {
		if err := r.rest(ctx); err != nil {
			return err
		}
		now := count(c, failedAnswer)
		if now <= failures || f() != nil {
			return nil
		}
		failures = now
	}
}

// insist does an act; of a SIDEM that dies, again while the platform says that
// it failed or the answer is that the card was a copy left over from before, and
// as long as it can still be done.
func (r *Runner) insist(ctx context.Context, c Client, act func() error, still func() bool) error {
	if !r.Dying {
		return act()
	}
	ctx, cancel := context.WithTimeout(ctx, r.Patience)
	defer cancel()
	for {
		stale, failed := count(c, staleAnswer), count(c, failedAnswer)
		err := act()
		if restless := r.rest(ctx); restless != nil {
			return errors.Join(err, restless)
		}
		if err == nil && count(c, staleAnswer) <= stale && count(c, failedAnswer) <= failed {
			return nil
		}
		if !still() {
			return nil
		}
	}
}

// failedAnswer begins what a platform says when the service did not respond.
const failedAnswer = "Slack: "

// staleAnswer is how a press on an old card is answered.
const staleAnswer = "Esta tarjeta es de una versión anterior."

func count(c Client, text string) int {
	n := 0
	for _, s := range c.Screen() {
		if strings.Contains(s.Text, text) {
			n++
		}
	}
	return n
}

// visible reports whether a button with the label can be seen.
func visible(c Client, label string) (bool, string) {
	for _, s := range c.Screen() {
		if slices.Contains(s.Buttons, label) {
			return true, ""
		}
	}
	return false, "no button " + label + " among:\n" + screen(c)
}

// Sample is a file of the kind that its name promises: small, unless it is
// called grande; a spreadsheet called incompletos lacks a quantity in its second renglón.
func Sample(name string) ([]byte, error) {
	switch {
	case strings.HasPrefix(name, "incompletos") && strings.HasSuffix(name, ".xlsx"):
		return paper.Sheet(es.SheetExample(), [5]any{"Monitor de 24 pulgadas", "", "pieza", 3200, ""})
	case strings.HasSuffix(name, ".xlsx"):
		return paper.Sheet(es.SheetExample(), [5]any{"Monitor de 24 pulgadas", 20, "pieza", 3200, ""})
	case strings.HasSuffix(name, ".pdf"):
		body := []byte("%PDF-1.4\n% " + name + "\n%%EOF\n")
		if strings.HasPrefix(name, "grande") {
			body = append(body, make([]byte, 24<<20-len(body))...)
		}
		return body, nil
	}
	return []byte("MZ " + name), nil
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

// link links each chat that the list names; what the bot says to it is not of the story.
func (r *Runner) link(ctx context.Context, list string) error {
	for entry := range strings.SplitSeq(list, ",") {
		who, on, ok := strings.Cut(strings.TrimSpace(entry), "@")
		if !ok {
			return fmt.Errorf("%q: want PERSON@PLATFORM", entry)
		}
		c, err := r.World.Client(who, on)
		if err != nil {
			return err
		}
		act := func() error { return r.World.Link(ctx, who, on) }
		if err := r.insist(ctx, c, act, func() bool { return true }); err != nil {
			return err
		}
		r.met[who+"@"+on], r.met[who+"@correo"] = [2]string{who, on}, [2]string{who, "correo"}
	}
	return r.settled(ctx)
}

// settled takes all that can be seen by now for known: it came before the story.
func (r *Runner) settled(ctx context.Context) error {
	if err := r.rest(ctx); err != nil {
		return err
	}
	for key, m := range r.met {
		c, err := r.World.Client(m[0], m[1])
		if err != nil {
			return err
		}
		for _, s := range c.Screen() {
			r.seen[key+"#"+s.ID] = looks(s)
		}
	}
	return nil
}

// await waits until f holds; its text says what is the matter.
func (r *Runner) await(ctx context.Context, patience time.Duration, f func() (bool, string)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		changed := r.World.Changed()
		ok, why := f()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return errors.New(why)
		}
	}
}

// try repeats an act that needs something to appear first.
func (r *Runner) try(ctx context.Context, patience time.Duration, f func() error) error {
	var last error
	if err := r.await(ctx, patience, func() (bool, string) {
		if last = f(); last != nil {
			return false, last.Error()
		}
		return true, ""
	}); err != nil {
		return err
	}
	return nil
}

// rest waits until nothing is under way.
func (r *Runner) rest(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.Patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for quiet := 0; quiet < 3; {
		idle, err := r.World.Idle(ctx)
		if err != nil {
			return err
		}
		if quiet++; !idle {
			quiet = 0
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.New("it does not come to rest")
		}
	}
	return nil
}

// end checks what must hold when the story is over.
func (r *Runner) end(ctx context.Context) error {
	if err := r.rest(ctx); err != nil {
		return err
	}
	var surprises []string
	for key, m := range r.met {
		c, err := r.World.Client(m[0], m[1])
		if err != nil {
			return err
		}
		for _, s := range c.Screen() {
			if !s.Mine && !s.Passing && r.seen[key+"#"+s.ID] == "" {
				surprises = append(surprises, key+": "+s.Text)
			}
		}
	}
	slices.Sort(surprises)
	if r.Dying {
		stale, err := r.World.Stale(ctx)
		if err != nil {
			return err
		}
		return r.Doubtful(ctx, surprises, stale)
	}
	if len(surprises) > 0 {
		return fmt.Errorf("messages that nobody expected:\n%s", strings.Join(surprises, "\n"))
	}
	stale, err := r.World.Stale(ctx)
	if err != nil {
		return err
	}
	if len(stale) > 0 {
		return fmt.Errorf("buttons of a state that was left:\n%s", strings.Join(stale, "\n"))
	}
	return nil
}
