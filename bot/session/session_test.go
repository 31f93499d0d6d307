package session_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/core/outbox"
)

func TestEachWayOfDrawingACardIsSaidByItsItem(t *testing.T) {
	for name, c := range map[string]struct {
		way  session.Way
		want map[string]string // as stores keep it
	}{
		"anew":     {session.DrawAnew, map[string]string{"anew": "tg:1"}},
		"in place": {session.DrawInPlace, map[string]string{"force": "yes"}},
		"now":      {session.DrawNow, map[string]string{"own": "yes"}},
		"here":     {session.DrawHere, map[string]string{"instead": "tg:1"}},
	} {
		var p outbox.Payload
		c.way(&p, "tg:1")
		if diff := cmp.Diff(c.want, p.Data()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
