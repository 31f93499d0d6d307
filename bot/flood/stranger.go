package flood

import (
	"time"
)

// Rations are how persons who are linked to no account are answered. They cost the
// others nothing: all of a platform share few answers, and what is beyond is let go
// of without an answer, a row or a line in the log.
type Rations struct {
	// One is the pace of each person.
	One Pace
	// Answers is the pace of all together, and Proofs that of those who give what looks
	// like a password or a code, and is wrong. What is right takes none of either.
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

// Tired counts an input of a person who was found to be a stranger a moment ago, and
// reports whether they would get no answer: then nobody need look who it is. Whether what looks
// like a password or a code is right must be looked up, however many others there are.
func (l *Limiter) Tired(platform, person string, proves bool, now time.Time) bool {
	if l == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s, known := l.strangers[person]
	if !known {
		return false
	}
	var own Verdict
	s.bucket, own = s.spend(l.rations.One, now)
	l.strangers[person] = s
	return now.Sub(s.looked) < lookLife && (own != Pass || !proves && l.exhausted(platform, now))
}

// Patient reports whether a person has not yet given more than is answered of one.
func (l *Limiter) Patient(person string) bool {
	if l == nil {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.strangers[person].told
}

// exhausted reports whether the strangers of a platform have nothing left. l is locked.
func (l *Limiter) exhausted(platform string, now time.Time) bool {
	_, v := l.shared[platform].answers.spend(l.rations.Answers, now)
	return v != Pass
}

func (r *ration) of(proves bool, rations Rations) (*bucket, Pace) {
	if proves {
		return &r.proofs, rations.Proofs
	}
	return &r.answers, rations.Answers
}

// JudgeStranger judges an input of somebody who was found to be linked to no account:
// whether it is answered, and whether a flood begins with it.
func (l *Limiter) JudgeStranger(platform, person string, proves bool, now time.Time) (answered, begins bool) {
	if l == nil {
		return true, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.strangers) >= crowd {
		l.forgetStrangers(now)
	}
	s, known := l.strangers[person]
	s.looked = now
	if !known {
		s.bucket, _ = s.spend(l.rations.One, now)
	}
	l.strangers[person] = s
	if s.told { // too much of this one person
		return false, false
	}
	all := l.shared[platform]
	of, pace := all.of(proves, l.rations)
	var v Verdict
	if *of, v = of.spend(pace, now); v != Pass {
		begins = now.Sub(all.flooded) >= calm
		all.flooded = now
	}
	l.shared[platform] = all
	return v == Pass, begins
}

// Linked lets go of what was remembered of a person as a stranger.
func (l *Limiter) Linked(person string) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.strangers, person)
}

// forgetStrangers lets go of those who have been silent; of all, if none has been.
func (l *Limiter) forgetStrangers(now time.Time) {
	for who, s := range l.strangers {
		if now.Sub(s.at) >= time.Duration(l.rations.One.Burst)*l.rations.One.Every {
			delete(l.strangers, who)
		}
	}
	if len(l.strangers) >= crowd {
		clear(l.strangers)
	}
}

// Admits reports whether an input of a person would be answered at all. It counts nothing.
func (l *Limiter) Admits(platform, person string, proves bool, now time.Time) bool {
	if l == nil {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s, known := l.strangers[person]
	if !known || now.Sub(s.looked) >= lookLife {
		return true
	}
	_, own := s.spend(l.rations.One, now)
	return own == Pass && (proves || !l.exhausted(platform, now))
}
