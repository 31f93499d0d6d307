package card_test

import (
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/card"
)

func TestALinkOfAMailOpensItsRecordForItsAccountAlone(t *testing.T) {
	s := card.NewSealer([]byte(strings.Repeat("k", 32)))
	payload := s.Link("lucia", "r-01_x")
	if got, err := s.OpenLink("lucia", payload); got != "r-01_x" || err != nil || !card.IsLink(payload) {
		t.Errorf("%q opens %q, %v", payload, got, err)
	}
	for name, other := range map[string]string{
		"of another record": strings.Replace(payload, "r-01_x", "r-01_y", 1),
		"cut":               payload[:len(payload)-1],
		"without a seal":    "abrir-r-01_x",
		"of nothing":        "abrir-",
		"of a button":       s.Seal("lucia", card.Token{Word: "release", Record: "r-01_x"}),
	} {
		if got, err := s.OpenLink("lucia", other); err == nil {
			t.Errorf("%s: %q opens %q", name, other, got)
		}
	}
	if got, err := s.OpenLink("raul", payload); err == nil {
		t.Errorf("somebody else's opens %q", got)
	}
}

func TestALinkIsWhatTelegramTakesOrNone(t *testing.T) {
	s := card.NewSealer([]byte(strings.Repeat("k", 32)))
	for _, record := range []string{"", "agency.with.points", strings.Repeat("x", 60), "ñ"} {
		if got := s.Link("lucia", record); got != "" {
			t.Errorf("%q has the link %q", record, got)
		}
	}
	if got := s.Link("lucia", "01j9f3k2m4n5p6q7"); len(got) > card.MaxPayload || got == "" {
		t.Errorf("%q has %d characters", got, len(got))
	}
}
