package bottest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Day is when a story begins that names no day of its own ("hoy: …"), as
// World.Clock takes it. Tests set it, to tell the stories on other days; "" leaves
// that to the world.
var Day string

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
	// After is told how each line ended, where the world is disturbed on the way by
	// somebody who waits, and judges what is so then, in the runner's place. nil is nobody.
	After func(ctx context.Context, l Line, err error) error

	// seen are the messages that were expected, as they looked then, by person,
	// channel and id: an edited one may be expected again.
	seen map[string]string
	met  map[string][2]string // persons met: name and channel
	told map[string]string    // what Tell has written, by person, channel and id
	// read are the messages that look as they were expected while SIDEM is off and
	// nothing has happened since it ended; nil at any other time.
	read []string

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
	for _, day := range days(lines) {
		if err := r.World.Clock(day); err != nil {
			return err
		}
	}
	return r.World.Begin(ctx, without(lines))
}

// days are when a story begins: on Day, and from there as it says itself.
func days(lines []Line) (out []string) {
	if Day != "" {
		out = append(out, Day)
	}
	for _, l := range lines {
		if l.Kind == Today {
			out = append(out, l.Arg)
		}
	}
	return out
}

// Part plays some of the lines of a story that has begun. It does not ask what
// must hold at the end.
func (r *Runner) Part(ctx context.Context, lines []Line) error {
	for _, l := range lines {
		if r.On != nil {
			r.On(l)
		}
		err := r.play(ctx, l)
		if r.After != nil {
			err = r.After(ctx, l, err)
		}
		if err != nil {
			return fmt.Errorf("line %d: %s\n%w", l.N, l.Text, err)
		}
	}
	return nil
}

func (r *Runner) play(ctx context.Context, l Line) error {
	read := r.read
	r.read = nil
	switch l.Kind {
	case Step, Without, Today:
		return nil
	case Clock:
		if err := r.rest(ctx); err != nil {
			return err
		}
		return r.World.Clock(l.Arg)
	case Restart:
		return r.World.Restart(ctx)
	case On:
		return r.on(ctx, read)
	case Off:
		return r.off(ctx)
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

// off ends SIDEM.
func (r *Runner) off(ctx context.Context) error {
	if err := r.rest(ctx); err != nil {
		return err
	}
	err := r.look(func(key string, s Shown) {
		if r.seen[key] == looks(s) {
			r.read = append(r.read, key)
		}
	})
	return errors.Join(err, r.World.Halt())
}

// on starts SIDEM. It may draw anew at once what a sweep would have found later
// (a button that came back with the day). Of messages that were read that is not
// of the story, and must not be taken for an answer to what somebody does next.
func (r *Runner) on(ctx context.Context, read []string) error {
	if err := r.World.Restart(ctx); err != nil || len(read) == 0 {
		return err
	}
	if err := r.rest(ctx); err != nil {
		return err
	}
	return r.look(func(key string, s Shown) {
		if slices.Contains(read, key) {
			r.seen[key] = looks(s)
		}
	})
}

// look goes through all that the persons met can see.
func (r *Runner) look(f func(key string, s Shown)) error {
	for key, m := range r.met {
		c, err := r.World.Client(m[0], m[1])
		if err != nil {
			return err
		}
		for _, s := range c.Screen() {
			f(key+"#"+s.ID, s)
		}
	}
	return nil
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
	return r.look(func(key string, s Shown) { r.seen[key] = looks(s) })
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
	if r.After != nil {
		return nil
	}
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
	if r.After != nil {
		return nil
	}
	if err := r.rest(ctx); err != nil {
		return err
	}
	if err := errors.Join(r.onceAsked(), r.asItIs()); err != nil {
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
