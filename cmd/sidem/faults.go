package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"sidem/bot/slack/slacktest"
	"sidem/bot/telegram/telegramtest"
	"sidem/cmd/sidem/sandbox"
	"sidem/notifier/email/emailtest"
)

// faults make the emulators of a world misbehave, and keep what was said to the relay.
type faults struct {
	w     *world
	touch func()

	mu      sync.Mutex
	on      map[string]bool
	hits    map[string]int
	blocked map[int64]bool
	phases  []phase
	down    [2]int     // the last outage of Telegram, as the trail's index when it began and when it ended; 0 while it lasts
	trail   func() int // the trail's index now; nil where nobody asks
}

// phase is one moment of a mail that the relay was asked about.
type phase struct {
	at    time.Time
	name  emailtest.PhaseName
	to    string
	reply string // "" when it took it
}

const (
	slowness = 3 * time.Second
	askedFor = 5 // seconds that a 429 asks to wait
)

func newFaults(w *world, touch func()) *faults {
	f := &faults{w: w, touch: touch, on: map[string]bool{}, hits: map[string]int{}, blocked: map[int64]bool{}}
	w.telegram.Intercept(f.telegram)
	w.slack.Intercept(f.slack)
	w.mail.Intercept(f.mail)
	return f
}

// struck reports whether a fault is on, and counts it.
func (f *faults) struck(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.on[name] {
		f.hits[name]++
	}
	return f.on[name]
}

func (f *faults) telegram(c *telegramtest.Call) *telegramtest.Fault {
	if f.struck(sandbox.FaultOutage) {
		return &telegramtest.Fault{Drop: true}
	}
	says := strings.HasPrefix(c.Method, "send") || strings.HasPrefix(c.Method, "edit")
	if strings.HasPrefix(c.Method, "edit") && f.struck(troubleTelegramCards) {
		return &telegramtest.Fault{Status: http.StatusBadGateway, Body: "Bad Gateway"}
	}
	switch {
	case c.Method == "getUpdates":
	case says && f.struck(sandbox.FaultLimit):
		body := fmt.Sprintf(`{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %d","parameters":{"retry_after":%d}}`, askedFor, askedFor)
		return &telegramtest.Fault{Status: http.StatusTooManyRequests, Body: body}
	case says && f.struck(sandbox.FaultBroken):
		return &telegramtest.Fault{Status: http.StatusInternalServerError, Body: `{"ok":false,"error_code":500,"description":"Internal Server Error"}`}
	case f.struck(sandbox.FaultSlow):
		return &telegramtest.Fault{Delay: slowness}
	}
	return nil
}

func (f *faults) slack(c *slacktest.Call) *slacktest.Fault {
	says := strings.HasPrefix(c.Method, "chat.")
	if c.Method == "chat.update" && f.struck(troubleSlackCards) {
		return &slacktest.Fault{Status: http.StatusBadGateway, Body: "Bad Gateway"}
	}
	switch {
	case says && f.struck(sandbox.FaultLimit):
		return &slacktest.Fault{
			Status: http.StatusTooManyRequests, Body: `{"ok":false,"error":"ratelimited"}`, Header: http.Header{"Retry-After": {fmt.Sprint(askedFor)}},
		}
	case says && f.struck(sandbox.FaultBroken):
		return &slacktest.Fault{Status: http.StatusInternalServerError, Body: `{"ok":false,"error":"internal_error"}`}
	case f.struck(sandbox.FaultSlow):
		time.Sleep(slowness)
	}
	return nil
}

// mail strikes at the recipient (550) or at the end of a message (451, once).
func (f *faults) mail(p *emailtest.Phase) *emailtest.Fault {
	if (p.Name == emailtest.Connect || p.Name == emailtest.MailFrom) && f.struck(troubleRelay) {
		return &emailtest.Fault{Reply: "421 4.3.2 Service not available"}
	}
	if p.Name != emailtest.RcptTo && p.Name != emailtest.Dot {
		return nil
	}
	reply := ""
	switch {
	case p.Name == emailtest.RcptTo && f.struck(sandbox.FaultMail5):
		reply = "550 5.1.1 No such mailbox"
	case p.Name == emailtest.Dot && f.struck(sandbox.FaultMail4):
		reply = "451 4.3.0 Try again later"
	}
	f.mu.Lock()
	if reply != "" || p.Name == emailtest.Dot {
		f.phases = append(f.phases, phase{at: f.w.clock.Now(), name: p.Name, to: p.To, reply: reply})
	}
	if p.Name == emailtest.Dot {
		delete(f.on, sandbox.FaultMail4)
	}
	f.mu.Unlock()
	f.touch()
	if reply == "" {
		return nil
	}
	return &emailtest.Fault{Reply: reply}
}

// set turns a fault on or off.
func (f *faults) set(name string, on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.on[name]
	if f.on[name] = on; on {
		f.hits[name] = 0
	}
	if name == sandbox.FaultOutage && was != on && f.trail != nil {
		if on {
			f.down = [2]int{f.trail()}
		} else {
			f.down[1] = f.trail()
		}
	}
	f.touch()
}

// outage is when Telegram was down last, by the trail: after from, up to to.
func (f *faults) outage() (from, to int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.down[0], f.down[1]
}

func (f *faults) isBlocked(id int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.blocked[id]
}

// block has a person block the bot in Telegram, or take it back.
func (f *faults) block(p persona, on bool) {
	who := f.w.telegram.Person(p.telegramID, "", "")
	if on {
		who.Block()
	} else {
		who.Unblock()
	}
	f.mu.Lock()
	f.blocked[p.telegramID] = on
	f.mu.Unlock()
	f.touch()
}

// unblocked notes that a person wrote to the bot, which unblocks it.
func (f *faults) unblocked(p persona) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.blocked, p.telegramID)
}

// list are the faults as they stand.
func (f *faults) list() []sandbox.Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []sandbox.Fault
	for _, fault := range sandbox.Faults {
		fault.On, fault.Hits = f.on[fault.Name], f.hits[fault.Name]
		for _, key := range cast {
			p := f.w.people[key]
			choice := sandbox.Choice{Key: key, Name: p.account.Name}
			switch {
			case fault.Name == sandbox.FaultTwice:
				fault.Whom = append(fault.Whom, choice)
			case fault.Name == sandbox.FaultBlock && firstChat(p) == "telegram":
				fault.On = fault.On || f.blocked[p.telegramID]
				fault.Whom = append(fault.Whom, choice)
			}
		}
		out = append(out, fault)
	}
	return out
}

// fault makes something go wrong, or ends it.
func (s *stage) fault(ctx context.Context, c sandbox.Control) error {
	if c.Name == sandbox.FaultKill {
		return s.restart(ctx, (*child).kill, func() {})
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch c.Name {
	case sandbox.FaultTwice:
		p, ok := s.w.people[c.Person]
		if !ok {
			return sandbox.ErrNotFound
		}
		client, err := s.w.Client(c.Person, firstChat(p))
		if err != nil {
			return err
		}
		if err := client.Again(); err != nil {
			return sandbox.NothingYet
		}
	case sandbox.FaultBlock:
		if !c.On {
			for id := range s.w.people {
				if s.faults.isBlocked(s.w.people[id].telegramID) {
					s.faults.block(s.w.people[id], false)
				}
			}
			return nil
		}
		p, ok := s.w.people[c.Person]
		if !ok {
			return sandbox.ErrNotFound
		}
		s.faults.block(p, true)
	case sandbox.FaultSlow, sandbox.FaultLimit, sandbox.FaultBroken, sandbox.FaultOutage, sandbox.FaultMail4, sandbox.FaultMail5:
		s.faults.set(c.Name, c.On)
	default:
		return fmt.Errorf("fault %q: unknown", c.Name)
	}
	return nil
}
