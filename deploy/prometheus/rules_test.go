// Package prometheus_test has Prometheus try the alerts.
package prometheus_test

import (
	"os/exec"
	"testing"

	"sidem.gob.mx/sidem/core/testbed"
)

func TestPrometheusTakesTheRulesAndTheyWakeSomebodyWhenTheyShould(t *testing.T) {
	promtool := testbed.Need(t, testbed.Promtool)
	for _, args := range [][]string{{"check", "rules", "rules.yaml"}, {"test", "rules", "rules_test.yaml"}} {
		if said, err := exec.CommandContext(t.Context(), promtool, args...).CombinedOutput(); err != nil {
			t.Errorf("%q: %v\n%s", args, err, said)
		}
	}
}
