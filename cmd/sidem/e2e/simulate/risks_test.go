//go:build e2e

package simulate

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// place is where a call goes.
type place string

const (
	atTelegram place = "Telegram"
	atSlack    place = "Slack"
	atRelay    place = "el relevo de correo"
	atStore    place = "el almacén"
)

// trouble is what comes of a call.
type trouble string

const (
	fine       trouble = ""
	lostBefore trouble = "se pierde antes de su efecto"
	lostAfter  trouble = "se pierde después de su efecto"
	busy       trouble = "pide esperar"
	broken     trouble = "responde con un error"
	silence    trouble = "no contesta"
	slowly     trouble = "tarda"
	refuses    trouble = "no guarda"
	diesBefore trouble = "SIDEM desaparece antes"
	diesAfter  trouble = "SIDEM desaparece después"
)

// troubles are those of each place.
var troubles = []struct {
	at   place
	what []trouble
}{
	{atTelegram, []trouble{lostBefore, lostAfter, busy, broken, silence, slowly}},
	{atSlack, []trouble{lostBefore, lostAfter, busy, broken, silence}},
	{atRelay, []trouble{lostBefore, lostAfter, busy, broken, slowly}},
	{atStore, []trouble{refuses, slowly, diesBefore, diesAfter}},
}

const (
	askedFor  = 5                 // seconds that a 429 asks to wait
	unheard   = 40 * time.Second  // longer than any call may take
	hesitates = 2 * time.Second   // and is answered
	judging   = 400 * time.Second // a relay before its verdict
	slowStore = 3200 * time.Millisecond
	soonest   = 5 // calls that may pass before one goes wrong
)

// risk is a call that will go wrong: that which comes after so many others.
type risk struct {
	at   place
	what trouble
	skip int
}

func (r risk) String() string { return fmt.Sprintf("# la llamada %d a %s %s", r.skip+1, r.at, r.what) }

func riskOf(r *rand.Rand) risk {
	t := troubles[r.IntN(len(troubles))]
	return risk{t.at, t.what[r.IntN(len(t.what))], r.IntN(soonest)}
}

// risks are the calls of a story that will go wrong.
type risks struct {
	mu     sync.Mutex
	armed  []risk
	struck int
}

func (r *risks) arm(one risk) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.armed = append(r.armed, one)
}

func (r *risks) disarm() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.armed = nil
}

// state is how many are to come, and how many came.
func (r *risks) state() (armed, struck int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.armed), r.struck
}

// strike is what comes of a call that is made now.
func (r *risks) strike(at place) trouble {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.armed {
		if one := &r.armed[i]; one.at == at {
			if one.skip--; one.skip >= 0 {
				return fine
			}
			what := one.what
			r.armed = append(r.armed[:i:i], r.armed[i+1:]...)
			r.struck++
			return what
		}
	}
	return fine
}

func (r *risks) telegram(c *telegramtest.Call) *telegramtest.Fault {
	if c.Method == "getUpdates" {
		return nil
	}
	switch r.strike(atTelegram) { //nolint:exhaustive // the others are not of this place
	case lostBefore:
		return &telegramtest.Fault{Drop: true}
	case lostAfter:
		return &telegramtest.Fault{Drop: true, After: true}
	case busy:
		return &telegramtest.Fault{Status: http.StatusTooManyRequests, Body: fmt.Sprintf(
			`{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %d","parameters":{"retry_after":%d}}`, askedFor, askedFor)}
	case broken:
		return &telegramtest.Fault{Status: http.StatusBadGateway, Body: "Bad Gateway"}
	case silence:
		return &telegramtest.Fault{Delay: unheard, Drop: true}
	case slowly:
		return &telegramtest.Fault{Delay: hesitates}
	}
	return nil
}

func (r *risks) slack(*slacktest.Call) *slacktest.Fault {
	switch r.strike(atSlack) { //nolint:exhaustive // the others are not of this place
	case lostBefore:
		return &slacktest.Fault{Drop: true}
	case lostAfter:
		return &slacktest.Fault{Drop: true, After: true}
	case busy:
		return &slacktest.Fault{
			Status: http.StatusTooManyRequests, Body: `{"ok":false,"error":"ratelimited"}`, Header: http.Header{"Retry-After": {fmt.Sprint(askedFor)}},
		}
	case broken:
		return &slacktest.Fault{Status: http.StatusBadGateway, Body: "Bad Gateway"}
	case silence:
		time.Sleep(unheard)
		return &slacktest.Fault{Drop: true}
	}
	return nil
}

func (r *risks) relay(p *emailtest.Phase) *emailtest.Fault {
	if p.Name == emailtest.Quit {
		return nil
	}
	switch r.strike(atRelay) { //nolint:exhaustive // the others are not of this place
	case lostBefore:
		return &emailtest.Fault{Drop: true}
	case lostAfter:
		return &emailtest.Fault{Drop: true, After: true}
	case busy:
		return &emailtest.Fault{Reply: "421 4.3.2 Service not available"}
	case broken:
		return &emailtest.Fault{Reply: "451 4.3.0 Try again later"}
	case slowly:
		if p.Name == emailtest.Dot {
			return &emailtest.Fault{Delay: judging}
		}
		return &emailtest.Fault{Delay: hesitates}
	}
	return nil
}
