package telegramtest

import "time"

// Telegram's FAQ ("My bot is hitting limits"): about one message a second in
// one chat with short bursts, 20 a minute in one group, 30 a second overall.
const (
	perChatBurst  = 20
	perGroupBurst = 20
	overallBurst  = 30

	perChatEvery  = time.Second
	perGroupEvery = time.Minute / 20
	overallEvery  = time.Second / 30
)

// bucket lets burst messages through at once and then one every so often. It
// keeps only the moment at which it will be full again.
type bucket struct {
	every time.Duration
	burst int
	full  time.Time
}

// wait is how long until one more is let through.
func (b *bucket) wait(now time.Time) time.Duration {
	if b.full.Before(now) {
		return 0
	}
	return max(0, b.full.Sub(now)-time.Duration(b.burst-1)*b.every)
}

func (b *bucket) take(now time.Time) {
	if b.full.Before(now) {
		b.full = now
	}
	b.full = b.full.Add(b.every)
}

// limiter is the platform's patience with one bot. Time is an argument.
type limiter struct {
	overall bucket
	chats   map[int64]*bucket
}

func newLimiter() limiter {
	return limiter{overall: bucket{every: overallEvery, burst: overallBurst}, chats: map[int64]*bucket{}}
}

// message admits one new message into a chat, or says how long to wait.
// What is refused is not counted.
func (l *limiter) message(now time.Time, chatID int64) time.Duration {
	b := l.chats[chatID]
	if b == nil {
		b = &bucket{every: perChatEvery, burst: perChatBurst}
		if chatID < 0 {
			b = &bucket{every: perGroupEvery, burst: perGroupBurst}
		}
		l.chats[chatID] = b
	}
	if wait := max(b.wait(now), l.overall.wait(now)); wait > 0 {
		return wait
	}
	b.take(now)
	l.overall.take(now)
	return 0
}

// edit admits one change of a message, which counts overall only.
func (l *limiter) edit(now time.Time) time.Duration {
	if wait := l.overall.wait(now); wait > 0 {
		return wait
	}
	l.overall.take(now)
	return 0
}

// admitMessage and admitEdit apply the limits on real time; s.mu is held.
func (s *Server) admitMessage(chatID int64) *apiError {
	if s.opts.NoRateLimits {
		return nil
	}
	if wait := s.limits.message(s.real(), chatID); wait > 0 {
		return tooMany(wait)
	}
	return nil
}

func (s *Server) admitEdit() *apiError {
	if s.opts.NoRateLimits {
		return nil
	}
	if wait := s.limits.edit(s.real()); wait > 0 {
		return tooMany(wait)
	}
	return nil
}
