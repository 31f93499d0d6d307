package world

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/fault"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// Faults make the emulators of a world misbehave, and keep what was said to the relay.
type Faults struct {
	w     *World
	touch func()

	mu      sync.Mutex
	on      map[string]bool
	hits    map[string]int
	blocked map[int64]bool
	phases  []Phase
	down    [2]int     // the last outage of Telegram, as the trail's index when it began and when it ended; 0 while it lasts
	trail   func() int // the trail's index now; nil where nobody asks
}

// Phase is one moment of a mail that the relay was asked about.
type Phase struct {
	At    time.Time
	Name  emailtest.PhaseName
	To    string
	Reply string // "" when it took it
}

const (
	slowness = 3 * time.Second
	askedFor = 5 // seconds that a 429 asks to wait
)

// Misbehave lets the emulators of a world be made to. touch is called when what
// goes wrong changes; trail is the trail's index now, nil where nobody asks.
func (w *World) Misbehave(touch func(), trail func() int) *Faults {
	f := &Faults{w: w, touch: touch, trail: trail, on: map[string]bool{}, hits: map[string]int{}, blocked: map[int64]bool{}}
	w.faults = f
	w.Telegram.Intercept(f.telegram)
	w.Slack.Intercept(f.slack)
	w.Mail.Intercept(f.mail)
	return f
}

// struck reports whether a fault is on, and counts it.
func (f *Faults) struck(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.on[name] {
		f.hits[name]++
	}
	return f.on[name]
}

func (f *Faults) telegram(c *telegramtest.Call) *telegramtest.Fault {
	if f.struck(fault.Outage) {
		return &telegramtest.Fault{Drop: true}
	}
	says := strings.HasPrefix(c.Method, "send") || strings.HasPrefix(c.Method, "edit")
	if strings.HasPrefix(c.Method, "edit") && f.struck(fault.TelegramCards) {
		return &telegramtest.Fault{Status: http.StatusBadGateway, Body: "Bad Gateway"}
	}
	switch {
	case c.Method == "getUpdates":
	case says && f.struck(fault.Limit):
		body := fmt.Sprintf(`{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %d","parameters":{"retry_after":%d}}`, askedFor, askedFor)
		return &telegramtest.Fault{Status: http.StatusTooManyRequests, Body: body}
	case says && f.struck(fault.Broken):
		return &telegramtest.Fault{Status: http.StatusInternalServerError, Body: `{"ok":false,"error_code":500,"description":"Internal Server Error"}`}
	case f.struck(fault.Slow):
		return &telegramtest.Fault{Delay: slowness}
	}
	return nil
}

func (f *Faults) slack(c *slacktest.Call) *slacktest.Fault {
	if f.struck(fault.Slack) {
		return &slacktest.Fault{Drop: true}
	}
	says := strings.HasPrefix(c.Method, "chat.")
	if c.Method == "views.open" && f.struck(fault.SlackForms) {
		return &slacktest.Fault{Status: http.StatusOK, Body: `{"ok":false,"error":"expired_trigger_id"}`}
	}
	if c.Method == "chat.update" && f.struck(fault.SlackCards) {
		return &slacktest.Fault{Status: http.StatusBadGateway, Body: "Bad Gateway"}
	}
	switch {
	case says && f.struck(fault.Limit):
		return &slacktest.Fault{
			Status: http.StatusTooManyRequests, Body: `{"ok":false,"error":"ratelimited"}`, Header: http.Header{"Retry-After": {fmt.Sprint(askedFor)}},
		}
	case says && f.struck(fault.Broken):
		return &slacktest.Fault{Status: http.StatusInternalServerError, Body: `{"ok":false,"error":"internal_error"}`}
	case f.struck(fault.Slow):
		time.Sleep(slowness)
	}
	return nil
}

// mail strikes at the recipient (550) or at the end of a message (451, once).
func (f *Faults) mail(p *emailtest.Phase) *emailtest.Fault {
	if (p.Name == emailtest.Connect || p.Name == emailtest.MailFrom) && f.struck(fault.Relay) {
		return &emailtest.Fault{Reply: "421 4.3.2 Service not available"}
	}
	if p.Name != emailtest.RcptTo && p.Name != emailtest.Dot {
		return nil
	}
	reply := ""
	switch {
	case p.Name == emailtest.RcptTo && f.struck(fault.Mail5):
		reply = "550 5.1.1 No such mailbox"
	case p.Name == emailtest.Dot && f.struck(fault.Mail4):
		reply = "451 4.3.0 Try again later"
	}
	f.mu.Lock()
	if reply != "" || p.Name == emailtest.Dot {
		f.phases = append(f.phases, Phase{At: f.w.Time.Now(), Name: p.Name, To: p.To, Reply: reply})
	}
	if p.Name == emailtest.Dot {
		delete(f.on, fault.Mail4)
	}
	f.mu.Unlock()
	f.touch()
	if reply == "" {
		return nil
	}
	return &emailtest.Fault{Reply: reply}
}

// Set turns a fault on or off.
func (f *Faults) Set(name string, on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.on[name]
	if f.on[name] = on; on {
		f.hits[name] = 0
	}
	if name == fault.Outage && was != on && f.trail != nil {
		if on {
			f.down = [2]int{f.trail()}
		} else {
			f.down[1] = f.trail()
		}
	}
	f.touch()
}

// Outage is when Telegram was down last, by the trail: after from, up to to.
func (f *Faults) Outage() (from, to int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.down[0], f.down[1]
}

// Asked is what was said to the relay, in order.
func (f *Faults) Asked() []Phase {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.phases)
}

// IsBlocked reports whether the person with a Telegram id has blocked the bot.
func (f *Faults) IsBlocked(id int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.blocked[id]
}

// Block has a person block the bot in Telegram, or take it back.
func (f *Faults) Block(p Person, on bool) {
	who := f.w.Telegram.Person(p.TelegramID, "", "")
	if on {
		who.Block()
	} else {
		who.Unblock()
	}
	f.mu.Lock()
	f.blocked[p.TelegramID] = on
	f.mu.Unlock()
	f.touch()
}

// Unblocked notes that a person wrote to the bot, which unblocks it.
func (f *Faults) Unblocked(p Person) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.blocked, p.TelegramID)
}

// State is whether a fault is on, and how often it struck since it is.
func (f *Faults) State(name string) (on bool, hits int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.on[name], f.hits[name]
}
