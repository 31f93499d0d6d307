//go:build e2e

package simulate

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// place is where a call goes.
type place string

const (
	atTelegram place = "Telegram"
	atSlack    place = "Slack"
	atRelay    place = "el relevo de correo"
	atStore    place = "el almacén"
	atUs       place = "SIDEM" // what a platform delivers, or is asked to
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
	{atUs, []trouble{lostBefore, lostAfter, slowly}},
	{atStore, []trouble{refuses, slowly, diesBefore, diesAfter}},
}

const (
	askedFor  = 5                 // seconds that a 429 asks to wait
	forever   = 40 * time.Second  // longer than any call may take
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

func (r risk) String() string { return fmt.Sprintf("la llamada %d a %s %s", r.skip+1, r.at, r.what) }

func riskOf(r *rand.Rand) risk {
	t := troubles[r.IntN(len(troubles))]
	return risk{t.at, t.what[r.IntN(len(t.what))], r.IntN(soonest)}
}

// risks are the calls of a story that will go wrong.
type risks struct {
	mu     sync.Mutex
	armed  []risk
	struck int
	lost   int // of those, the ones of which only the answer was lost
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

// unheard is of how many calls only the answer was lost.
func (r *risks) unheard() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lost
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
			if what == lostAfter {
				r.lost++
			}
			return what
		}
	}
	return fine
}

func (r *risks) telegram(c *telegramtest.Call) *telegramtest.Fault {
	if c.Method == "getUpdates" {
		switch r.strike(atUs) { //nolint:exhaustive // the others are not of this place
		case lostBefore:
			return &telegramtest.Fault{Drop: true}
		case lostAfter: // it has confirmed what came before, and what it brings comes again
			return &telegramtest.Fault{Drop: true, After: true}
		case slowly:
			return &telegramtest.Fault{Delay: hesitates}
		}
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
		return &telegramtest.Fault{Delay: forever, Drop: true}
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
		time.Sleep(forever)
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

// delivering is a way to SIDEM on which what platforms deliver is lost, or late, so that
// other things come before it.
func (r *risks) delivering(dial wire.Dial) wire.Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &delivery{Conn: c, risks: r}, nil
	}
}

// delivery is a connection of a platform to SIDEM.
type delivery struct {
	net.Conn
	risks *risks
	deaf  atomic.Bool // its answers are lost
}

var errLost = errors.New("the connection was lost")

func (d *delivery) Write(p []byte) (int, error) {
	switch d.risks.strike(atUs) { //nolint:exhaustive // the others are not of this place
	case lostBefore:
		return 0, errors.Join(errLost, d.Close())
	case lostAfter:
		d.deaf.Store(true)
	case slowly:
		time.Sleep(hesitates)
	}
	return d.Conn.Write(p)
}

func (d *delivery) Read(p []byte) (int, error) {
	n, err := d.Conn.Read(p)
	if err == nil && d.deaf.Load() {
		return 0, errors.Join(errLost, d.Close())
	}
	return n, err
}
