package wire_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
)

var errTrouble = errors.New("trouble")

func TestPausesGrowWithinBoundsAndObeyThePlatform(t *testing.T) {
	for n := range 40 {
		if p := wire.Pause(n, errTrouble); p < wire.FirstPause/2 || p > wire.LongestPause {
			t.Errorf("pause %d is %s", n, p)
		}
	}
	if p := wire.Pause(0, outbox.RetryAfter(errTrouble, time.Minute)); p != time.Minute {
		t.Errorf("asked for a minute, waited %s", p)
	}
}

func TestAPauseEndsWithItsTimeOrItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := testbed.Start()
		if err := wire.Sleep(t.Context(), time.Minute); err != nil || began.Elapsed() != time.Minute {
			t.Errorf("%v after %s", err, began.Elapsed())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := wire.Sleep(ctx, time.Hour); err == nil || began.Elapsed() != time.Minute+time.Second {
			t.Errorf("%v after %s", err, began.Elapsed())
		}
	})
}

func TestAnAnswerIsRepeatedUntilItIsThereOrCannotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for name, c := range map[string]struct {
			ctx   context.Context
			errs  []error
			tries int
		}{
			"at once":                       {t.Context(), []error{nil}, 1},
			"the second time":               {t.Context(), []error{errTrouble, nil}, 2},
			"never":                         {t.Context(), []error{errTrouble, errTrouble, errTrouble, errTrouble, nil}, wire.Attempts},
			"refused for good":              {t.Context(), []error{outbox.Permanent(errTrouble)}, 1},
			"gone":                          {t.Context(), []error{outbox.Gone(errTrouble)}, 1},
			"later than there is time left": {soon, []error{outbox.RetryAfter(errTrouble, time.Hour)}, 1},
		} {
			tries := 0
			err := wire.Sleeper(wire.Sleep).Answer(c.ctx, func() error {
				tries++
				return c.errs[tries-1]
			})
			if tries != c.tries || !errors.Is(err, c.errs[tries-1]) {
				t.Errorf("%s: %d tries, %v", name, tries, err)
			}
		}
	})
}

func TestWhatNothingWorksWithoutIsRepeatedUntilTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []error
		tries := 0
		tell := func(err error) error { told = append(told, err); return err }
		ok := wire.Sleeper(wire.Sleep).Insist(t.Context(), func() error {
			if tries++; tries < 20 {
				return errTrouble
			}
			return nil
		}, tell)
		if !ok || len(told) != 20 || told[18] == nil || told[19] != nil {
			t.Errorf("%v after %d", ok, len(told))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if wire.Sleeper(wire.Sleep).Insist(ctx, func() error { return errTrouble }, tell) {
			t.Error("succeeded")
		}
	})
}
