package outbox_test

import (
	"testing"

	"sidem.gob.mx/sidem/core/outbox"
)

func TestALineThatIsAppendedTwiceStandsThereOnce(t *testing.T) {
	it := outbox.Item{Key: "alert", Merge: outbox.Append, Data: map[string]string{"lost": "a"}}
	for _, line := range []string{"b", "a", "b", "ab", "a"} {
		next := it
		next.Data = map[string]string{"lost": line}
		it, _ = outbox.Join(it, next)
	}
	if got := it.Data["lost"]; got != "a\nb\nab" {
		t.Errorf("it says %q", got)
	}
}
