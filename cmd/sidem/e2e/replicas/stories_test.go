//go:build e2e

package replicas

import (
	"testing"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

func TestOnRedisWithTwoReplicasThatTakeTurnsEveryScenarioComesTrue(t *testing.T) {
	server := redistest.Start(t, redistest.Options{ACL: e2etest.AnyTag})
	e2etest.Crowded(t, 8, bottest.Names(), func(t *testing.T, name string) {
		lines := e2etest.Scenario(t, name)
		w, s, err := e2etest.NewTwins(t.TempDir(), server.DSN("sidem-"+name))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Front.Close()
		r := bottest.Runner{World: w, Patience: world.Patience}
		if err := r.Play(t.Context(), lines); err != nil {
			t.Error(err)
		}
		e2etest.Settled(t, w, s.Inner())
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		s.Front.Fair(t)
	})
}

func TestMain(m *testing.M) { e2etest.Main(m, nil) }
