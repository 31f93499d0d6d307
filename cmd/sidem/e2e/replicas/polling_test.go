//go:build e2e

package replicas

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// replicas are several SIDEMs on one store.
type replicas []*world.Inside

func (r replicas) Start(ctx context.Context) error {
	for _, s := range r {
		if err := s.Start(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r replicas) Stop() error {
	var errs []error
	for _, s := range r {
		errs = append(errs, s.Stop())
	}
	return errors.Join(errs...)
}

func (r replicas) Idle(ctx context.Context) (bool, error) {
	for _, s := range r {
		if idle, err := s.Idle(ctx); err != nil || !idle {
			return false, err
		}
	}
	return true, nil
}

func TestTheEightStepsComeTrueWithTwoReplicasOnRedisOfWhichOnePolls(t *testing.T) {
	t.Parallel()
	lines := e2etest.Scenario(t, "ocho_pasos_en_telegram")
	server := redistest.Start(t, redistest.Options{})
	w := e2etest.OpenWorld(t, t.TempDir(), func(w *world.World) world.Service { return replicas{{World: w}, {World: w}} })
	w.Config.Store = office.Secret(server.DSN("sidem"))
	conflicts := 0 // when the last line is played; at the end each leaves a poll that Telegram has yet to see abandoned
	r := bottest.Runner{World: w, Patience: world.Patience, On: func(bottest.Line) {
		conflicts = 0
		for _, c := range w.Telegram.Calls() {
			if c.Method == "getUpdates" && c.Status == http.StatusConflict {
				conflicts++
			}
		}
	}}
	if err := r.Play(t.Context(), lines); err != nil {
		t.Error(err)
	}
	if conflicts > 0 {
		t.Errorf("two polled at once: %d conflicts", conflicts)
	}
}
