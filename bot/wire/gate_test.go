package wire_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
)

// door is a gate in memory: until when each is left alone, "" for everybody.
type door map[string]time.Time

func (d door) Wait(_ context.Context, person string) time.Duration {
	return max(d[person].Sub(testbed.Now()), d[""].Sub(testbed.Now()))
}

func (d door) Shut(_ context.Context, person string, wide bool, wait time.Duration) {
	if wide {
		person = ""
	}
	d[person] = testbed.Now().Add(wait)
}

func TestAnAnswerWaitsBehindTheGateThatAnotherSenderShutAndShutsItForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := door{}
		answer := func(person string, errs ...error) (tries int, took time.Duration, err error) {
			ctx, cancel := context.WithTimeout(wire.Through(t.Context(), gate, person), 30*time.Second)
			defer cancel()
			began := testbed.Start()
			err = wire.Sleeper(wire.Sleep).Answer(ctx, func() error {
				tries++
				if tries > len(errs) {
					return nil
				}
				return errs[tries-1]
			})
			return tries, began.Elapsed(), err
		}
		gate.Shut(t.Context(), "raúl", false, 7*time.Second) // by the hub
		if tries, took, err := answer("raúl"); tries != 1 || took != 7*time.Second || err != nil {
			t.Errorf("%d tries in %s: %v", tries, took, err)
		}
		if _, took, _ := answer("lucía"); took != 0 {
			t.Errorf("another waits %s", took)
		}
		if tries, took, err := answer("lucía", outbox.RetryAfter(errTrouble, 5*time.Second)); tries != 2 || took != 5*time.Second || err != nil {
			t.Errorf("%d tries in %s: %v", tries, took, err)
		}
		if _, _, err := answer("lucía", outbox.RetryAfter(errTrouble, time.Minute)); err == nil {
			t.Error("answered")
		}
		if wait := gate.Wait(t.Context(), "lucía"); wait != time.Minute {
			t.Errorf("the gate is shut for %s", wait)
		}
		if tries, took, err := answer("lucía"); tries != 0 || took != 0 || err == nil {
			t.Errorf("shut for longer than there is time: %d tries in %s: %v", tries, took, err)
		}
		_, _, _ = answer("raúl", outbox.RetryAllAfter(errTrouble, time.Hour))
		if wait := gate.Wait(t.Context(), "tomás"); wait != time.Hour {
			t.Errorf("all are meant, and one waits %s", wait)
		}
	})
}
