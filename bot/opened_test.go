package bot_test

import (
	"slices"
	"testing"

	"sidem.gob.mx/sidem/core"
)

func TestTheLinkOfAMailShowsItsRecordToItsPersonAloneAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de 20 computadoras")
	w.settle()
	payload := w.seal.Link(w.people["lucía"].ID, r.ID)
	if payload == "" {
		t.Fatal("there is no link")
	}
	before, err := w.store.Record(t.Context(), r.ID)
	w.must(err)
	if said := text(w.say("lucía", "/start "+payload)); said != "" {
		t.Errorf("beside the card it says %q", said)
	}
	if drawn := w.drawn("lucía"); !slices.Contains(drawn, r.ID) {
		t.Errorf("drawn are %v", drawn)
	}
	// One who may see the request, and one who may not, have nothing of another's link.
	for _, who := range []string{"raúl", "diego"} {
		w.wants(w.say(who, "/start "+payload), "No encontré la solicitud")
		if drawn := w.drawn(who); slices.Contains(drawn, r.ID) {
			t.Errorf("%s is shown %v", who, drawn)
		}
	}
	// Nor has a person an own link to what they may not see, as of no record at all.
	for _, id := range []string{r.ID, "nothing"} {
		w.wants(w.say("diego", "/start "+w.seal.Link(w.people["diego"].ID, id)), "No encontré la solicitud")
	}
	w.wants(w.say("nobody", "/start "+payload), "Escriba su usuario")
	after, err := w.store.Record(t.Context(), r.ID)
	w.must(err)
	if after.Version != before.Version || after.State != core.StateFiled {
		t.Errorf("version %d in %s, before %d", after.Version, after.State, before.Version)
	}
}
