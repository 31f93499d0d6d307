package email

import (
	"regexp"
	"strings"
	"sync"
	"time"
)

// How an unclear refusal becomes clear.
const (
	// inARow is how many recipients in a row must be told the same, with no mail
	// accepted between, for the channel to be held: one is anybody's, two are chance.
	inARow = 3
	// firstDoubt is how long a mail that was refused waits for what others are told;
	// it doubles, lone times.
	firstDoubt = time.Minute
	lone       = 4
	// memory bounds how many refusals are known again, and for how long.
	memory    = 1000
	memoryAge = 24 * time.Hour
)

// hearsay remembers what recipients were told, so that a refusal which relays give
// for one recipient and for all alike is laid at the right door: the recipient's, if
// others are served meanwhile; ours, if the others in a row are told the same.
type hearsay struct {
	mu       sync.Mutex
	accepted int             // mails, ever
	said     string          // what was said last
	to       map[string]bool // to whom, since another thing was said or a mail accepted
	first    map[string]refused
}

// refused is the first of one recipient's refusals in the same words.
type refused struct {
	at       time.Time
	accepted int // mails, by then
	times    int
}

// served tells of a mail that was accepted.
func (h *hearsay) served() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.accepted++
	h.said, h.to = "", nil
}

// hear tells of an unclear refusal, and whose it is by now: theirs, ours, or unclear
// still, and then for how long to wait.
func (h *hearsay) hear(to, text string, now time.Time) (blame, time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	text = alike(text)
	if text != h.said || h.to == nil {
		h.said, h.to = text, make(map[string]bool)
	}
	h.to[to] = true
	r := h.remember(to+"\x00"+text, now)
	switch {
	case len(h.to) >= inARow:
		return ours, 0
	case h.accepted > r.accepted:
		return theirs, 0
	case r.times > lone && len(h.to) > 1:
		return ours, 0
	case r.times > lone:
		return theirs, 0
	}
	return unclear, firstDoubt << (r.times - 1)
}

func (h *hearsay) remember(key string, now time.Time) refused {
	if h.first == nil {
		h.first = make(map[string]refused)
	}
	r, ok := h.first[key]
	if !ok || now.Sub(r.at) > memoryAge {
		r = refused{at: now, accepted: h.accepted}
	}
	r.times++
	if len(h.first) >= memory {
		h.forget(now)
	}
	h.first[key] = r
	return r
}

// forget makes room: what is old, or else anything.
func (h *hearsay) forget(now time.Time) {
	for key, r := range h.first {
		if now.Sub(r.at) > memoryAge {
			delete(h.first, key)
		}
	}
	for key := range h.first {
		if len(h.first) < memory {
			return
		}
		delete(h.first, key)
	}
}

// own are the parts of a refusal that differ from mail to mail: addresses, numbers,
// names of queues.
var own = regexp.MustCompile(`<[^>]*>|\S+@\S+|\[[^\]]*\]|\S*\d\S*`)

// alike is a refusal as it would be told to any other.
func alike(text string) string {
	code := detail(text)
	return code + " " + strings.ToLower(strings.Join(strings.Fields(own.ReplaceAllString(text, "")), " "))
}
