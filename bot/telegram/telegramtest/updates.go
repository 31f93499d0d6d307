package telegramtest

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

const (
	updateLife  = 24 * time.Hour // "Incoming updates will not be kept longer than 24 hours"
	maxUpdates  = 100            // getUpdates.limit
	maxPoll     = 50             // seconds of getUpdates.timeout
	firstUpdate = 700_000_000
)

// update is one entry of the queue, frozen as it happened.
type update struct {
	id     int64
	raw    json.RawMessage // the whole Update object
	chat   int64           // deliveries of one chat keep their order
	at     time.Time
	again  bool // a duplicate: delivered once more whatever the offset says
	sent   bool
	busy   bool      // being posted to the webhook
	fails  int       // posts to the webhook that failed
	wakeAt time.Time // real time of the next post
}

// updates is the queue of what the bot has not confirmed.
type updates struct {
	lastID  int64
	queue   []*update     // by id
	allowed []string      // nil is all
	arrived chan struct{} // closed when there may be something new to deliver
	poll    *poll         // the long poll that waits now
}

// poll is a waiting getUpdates, which another call may end.
type poll struct{ ended chan string }

func newUpdates() updates {
	return updates{lastID: firstUpdate, arrived: make(chan struct{})}
}

// wake lets the long poll and the webhook look again; s.mu is held.
func (u *updates) wake() {
	close(u.arrived)
	u.arrived = make(chan struct{})
}

// emit queues an update about c by p; s.mu is held.
func (s *Server) emit(c *chat, p *Person, kind string, payload any) {
	u := &s.updates
	if u.allowed != nil && !slices.Contains(u.allowed, kind) {
		return
	}
	u.lastID++
	up := &update{
		id: u.lastID, chat: c.id, at: s.now(),
		raw: mustJSON(map[string]any{"update_id": u.lastID, kind: payload}),
	}
	if p != nil {
		p.recent = up
	}
	u.queue = append(u.queue, up)
	u.wake()
	s.touch()
}

// redeliver queues a copy of an update, with its old id.
func (s *Server) redeliver(old *update) {
	s.updates.queue = append(s.updates.queue, &update{id: old.id, raw: old.raw, chat: old.chat, at: s.now(), again: true})
	slices.SortStableFunc(s.updates.queue, func(a, b *update) int { return cmp.Compare(a.id, b.id) })
	s.updates.wake()
	s.touch()
}

// drop forgets the updates for which gone holds.
func (s *Server) drop(gone func(*update) bool) {
	n := len(s.updates.queue)
	s.updates.queue = slices.DeleteFunc(s.updates.queue, gone)
	if len(s.updates.queue) != n {
		s.touch()
	}
}

func (s *Server) expire() {
	now := s.now()
	s.drop(func(u *update) bool { return now.Sub(u.at) > updateLife })
}

// confirm: an offset confirms all updates before it; a negative one keeps that
// many from the end and forgets the others.
func (s *Server) confirm(offset int64) {
	switch {
	case offset > 0:
		s.drop(func(u *update) bool { return u.id < offset && (!u.again || u.sent) })
	case offset < 0:
		if cut := int64(len(s.updates.queue)) + offset; cut > 0 {
			first := s.updates.queue[cut]
			s.drop(func(u *update) bool { return u.id < first.id })
		}
	}
}

// take gives up to limit updates to a poll. They stay until confirmed.
func (s *Server) take(limit int) []json.RawMessage {
	out := []json.RawMessage{}
	for _, u := range s.updates.queue {
		if len(out) == limit {
			break
		}
		u.sent = true
		out = append(out, u.raw)
	}
	return out
}

// allow reads allowed_updates: absent leaves the setting, an empty list means
// the default.
func (s *Server) allow(r *request) *apiError {
	raw := r.params["allowed_updates"]
	if raw == "" {
		return nil
	}
	var list []string
	if err := json.Unmarshal([]byte(raw), &list); err != nil {
		return badRequest("can't parse allowed updates JSON object")
	}
	s.updates.allowed = nil
	if len(list) > 0 {
		s.updates.allowed = list
	}
	return nil
}

// startPoll checks and confirms, and ends a poll that waits already: of two
// pollers the older one is told of the conflict.
func (s *Server) startPoll(r *request) (*poll, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hook != nil {
		return nil, conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	if refused := s.allow(r); refused != nil {
		return nil, refused
	}
	s.endPoll("terminated by other getUpdates request; make sure that only one bot instance is running")
	p := &poll{ended: make(chan string, 1)}
	s.updates.poll = p
	s.touch()
	s.expire()
	s.confirm(int64(r.int("offset", 0, -1<<31, 1<<31-1)))
	return p, nil
}

func (s *Server) endPoll(reason string) {
	if s.updates.poll != nil {
		s.updates.poll.ended <- reason // never blocks: whoever ends a poll removes it
		s.updates.poll = nil
	}
}

// look takes what there is; done is true if the poll has its answer.
func (s *Server) look(p *poll, limit int, last bool) (list []json.RawMessage, arrived <-chan struct{}, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.updates.poll != p {
		return nil, nil, false // ended by another: the reason is in its channel
	}
	s.expire()
	list = s.take(limit)
	if len(list) > 0 || last {
		s.updates.poll = nil
		s.touch()
		return list, nil, true
	}
	return nil, s.updates.arrived, false
}

func (s *Server) getUpdates(ctx context.Context, r *request) (any, *apiError) {
	p, refused := s.startPoll(r)
	if refused != nil {
		return nil, refused
	}
	limit := r.int("limit", maxUpdates, 1, maxUpdates)
	timeout := time.Duration(r.int("timeout", 0, 0, maxPoll)) * time.Second
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	last := timeout == 0
	for {
		list, arrived, done := s.look(p, limit, last)
		if done {
			return list, nil
		}
		select {
		case reason := <-p.ended:
			return nil, conflict(reason)
		case <-arrived:
		case <-timer.C:
			last = true
		case <-ctx.Done(): // the caller is gone: nothing was handed out
			s.leavePoll(p)
			return nil, &apiError{code: http.StatusBadGateway, description: "Bad Gateway"}
		case <-s.done:
			s.leavePoll(p)
			return nil, &apiError{code: http.StatusBadGateway, description: "Bad Gateway"}
		}
	}
}

// Polling reports that a getUpdates waits.
func (s *Server) Polling() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.updates.poll != nil
}

// Receiving reports that updates reach the bot: a getUpdates waits, or a webhook is set.
func (s *Server) Receiving() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.updates.poll != nil || s.hook != nil
}

func (s *Server) leavePoll(p *poll) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.updates.poll == p {
		s.updates.poll = nil
		s.touch()
	}
}
