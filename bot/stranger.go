package bot

import (
	"context"
	"strings"
	"time"

	"sidem/bot/identity"
)

// Rations are how persons who are linked to no account are answered. They cost the
// others nothing: all of a platform share few answers, and what is beyond is let go
// of without an answer, a row or a line in the log.
type Rations struct {
	// One is the pace of each person.
	One Pace
	// Answers is the pace of all together, and Proofs that of those who give a
	// password or a code: whoever is about to be linked does not wait for the others.
	Answers, Proofs Pace
}

// DefaultRations are enough for an office whose people link their chats on one morning.
var DefaultRations = Rations{
	One:     Pace{Burst: 10, Every: 6 * time.Second},
	Answers: Pace{Burst: 20, Every: 500 * time.Millisecond},
	Proofs:  Pace{Burst: 20, Every: 100 * time.Millisecond},
}

// StrangerPatience is how long the answer to a stranger may take: where the platform
// would have it wait, it is given up, and holds up nobody.
const StrangerPatience = 2 * time.Second

const (
	// lookLife is how long it is believed that a person is a stranger: their chat may
	// have been linked at another replica.
	lookLife = 10 * time.Second
	// calm is how long nothing was let go of before a flood counts as another one.
	calm = time.Minute
)

// stranger is what is remembered of a person who was found to be linked to no account.
type stranger struct {
	bucket
	looked time.Time
}

// ration is what strangers of a platform still have, and when something was last
// let go of.
type ration struct {
	answers, proofs bucket
	flooded         time.Time
}

// tired counts an input of a person who was found to be a stranger a moment ago, and
// reports whether they would get no answer: then nobody need look who it is.
func (f *Flood) tired(platform, person string, proves bool, now time.Time) bool {
	if f == nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s, known := f.strangers[person]
	if !known {
		return false
	}
	var own verdict
	s.bucket, own = s.take(f.rations.One, now)
	f.strangers[person] = s
	return now.Sub(s.looked) < lookLife && (own != pass || f.spent(platform, proves, now))
}

// spent reports whether the strangers of a platform have nothing left. f is locked.
func (f *Flood) spent(platform string, proves bool, now time.Time) bool {
	all := f.shared[platform]
	of, pace := all.of(proves, f.rations)
	_, v := of.take(pace, now)
	return v != pass
}

func (r *ration) of(proves bool, rations Rations) (*bucket, Pace) {
	if proves {
		return &r.proofs, rations.Proofs
	}
	return &r.answers, rations.Answers
}

// stranger judges an input of somebody who was found to be linked to no account:
// whether it is answered, and whether a flood begins with it.
func (f *Flood) stranger(platform, person string, proves bool, now time.Time) (answered, begins bool) {
	if f == nil {
		return true, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.strangers) >= crowd {
		f.forgetStrangers(now)
	}
	s, known := f.strangers[person]
	s.looked = now
	if !known {
		s.bucket, _ = s.take(f.rations.One, now)
	}
	f.strangers[person] = s
	if s.told { // too much of this one person
		return false, false
	}
	all := f.shared[platform]
	of, pace := all.of(proves, f.rations)
	var v verdict
	if *of, v = of.take(pace, now); v != pass {
		begins = now.Sub(all.flooded) >= calm
		all.flooded = now
	}
	f.shared[platform] = all
	return v == pass, begins
}

// known lets go of what was remembered of a person as a stranger.
func (f *Flood) known(person string) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.strangers, person)
}

// forgetStrangers lets go of those who have been silent; of all, if none has been.
func (f *Flood) forgetStrangers(now time.Time) {
	for who, s := range f.strangers {
		if now.Sub(s.at) >= time.Duration(f.rations.One.Burst)*f.rations.One.Every {
			delete(f.strangers, who)
		}
	}
	if len(f.strangers) >= crowd {
		clear(f.strangers)
	}
}

// Admits reports whether what a person wrote need be kept and worked at all. It asks
// nobody and counts nothing: a platform may ask before it keeps what came.
func (e *Engine) Admits(platform, who, text string) bool {
	f, now := e.Flood, e.Desk.Clock()
	if f == nil {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s, known := f.strangers[platform+":"+who]
	if !known || now.Sub(s.looked) >= lookLife {
		return true
	}
	_, own := s.take(f.rations.One, now)
	return own == pass && !f.spent(platform, proves(text), now)
}

// doorman is a Handler that can tell beforehand that an input gets no answer.
type doorman interface {
	Admits(platform, who, text string) bool
}

// Admits reports whether h has an input worked at all. What it has not need neither be
// kept nor answered, and may be confirmed to its platform.
func Admits(h Handler, in *Input) bool {
	d, ok := h.(doorman)
	return !ok || in == nil || d.Admits(in.Platform, in.Who, in.Text)
}

// unlinked answers somebody whose chat is linked to no account, as far as the
// strangers of the platform have answers left.
func (t *conversation) unlinked(ctx context.Context) (Reply, error) {
	if !t.In.Private && t.In.Tap == "" && t.In.Form == nil && !strings.HasPrefix(t.In.Text, "/") {
		return Reply{}, nil // what is written in a group is not for SIDEM
	}
	answered, begins := t.engine.Flood.stranger(t.In.Platform, t.person(), proves(t.In.Text), t.Now)
	if begins {
		t.Log.WarnContext(ctx, "persons who are linked to no account write more than is answered", "platform", t.In.Platform)
	}
	if !answered {
		return Reply{Stranger: true}, nil
	}
	reply, err := t.stranger(ctx)
	reply.Stranger = true
	return reply, err
}

// proves reports whether a text may hold a password or a code.
func proves(text string) bool {
	word, rest := split(text)
	if _, ok := identity.ReadCode(word); ok {
		return true
	}
	return rest != "" && !strings.Contains(strings.TrimSpace(rest), " ") || word == "/start" && rest != ""
}
