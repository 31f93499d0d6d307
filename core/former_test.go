package core_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/core"
)

// movedTrail is the trail of an account that is moved from IE to SO; brought says that the
// correction names the agency that it was moved from, as it does since that is kept.
func movedTrail(brought bool) []core.Event {
	event := func(v core.Verb, from, to core.State, fields map[core.Field]string) core.Event {
		return core.Event{Kind: core.KindAccount, Record: "lucia", Agency: "IE", Verb: v, From: from, To: to, By: "sofia", At: start, Fields: fields}
	}
	moved := map[core.Field]string{core.FieldName: "Lucía Herrera", core.FieldProfile: "requester", core.FieldAgency: "SO"}
	if brought {
		moved[core.FieldFormerAgencies] = "IE"
	}
	events := core.Seal(core.Record{}, []core.Event{
		event(core.VerbApply, core.None, core.StateRequested, map[core.Field]string{core.FieldName: "Lucía Herrera", core.FieldProfile: "requester", core.FieldUser: "lucia.herrera"}),
		event(core.VerbGrant, core.StateRequested, core.StateGranted, nil),
		event(core.VerbRectify, core.StateGranted, core.StateGranted, moved),
	})
	for i := range events {
		events[i].Index = i + 1
	}
	return events
}

// judged are the faults of a store that holds the trail, and the account as kept.
func judged(trail []core.Event, kept core.Record) []string {
	var a core.Audit
	a.Indexed = true
	for _, e := range trail {
		a.Event(e)
	}
	entry := func(f core.Family, key string, n int64) {
		a.Entry(core.IndexEntry{Family: f, Key: key, Record: kept.ID, N: n})
	}
	ix := kept.Index()
	for _, e := range trail {
		entry(core.EntryEvent, "", int64(e.Index))
	}
	for _, k := range ix.Unique {
		entry(core.EntryUnique, k, 0)
	}
	for _, k := range ix.Terms {
		entry(core.EntryTerm, k, ix.Rank)
	}
	a.Record(kept)
	a.Close()
	return a.Faults
}

func TestWhomAnEarlierVersionMovedHasTheFormerAgencyThatTheTrailTells(t *testing.T) {
	trail := movedTrail(false)
	r := core.Fold(trail)
	if got := r.FormerAgencies(); !slices.Equal(got, []string{"IE"}) {
		t.Fatalf("of the fold: %q", got)
	}
	kept := r
	kept.Fields = maps.Clone(r.Fields)
	delete(kept.Fields, core.FieldFormerAgencies) // as that version wrote it
	if !kept.Forgot() || !slices.Equal(kept.Recall(trail).FormerAgencies(), []string{"IE"}) {
		t.Error("it is not recalled")
	}
	for name, k := range map[string]core.Record{"as that version wrote it": kept, "as it is written since": r} {
		if faults := judged(trail, k); len(faults) > 0 {
			t.Errorf("%s: %q", name, faults)
		}
	}
}

func TestAFormerAgencyThatWasTakenOutOfAnAccountIsFound(t *testing.T) {
	trail := movedTrail(true)
	kept := core.Fold(trail)
	if faults := judged(trail, kept); len(faults) > 0 {
		t.Fatalf("as it was written: %q", faults)
	}
	kept.Fields = maps.Clone(kept.Fields)
	delete(kept.Fields, core.FieldFormerAgencies)
	if faults := judged(trail, kept); !strings.Contains(strings.Join(faults, "\n"), "fields.former_agencies") {
		t.Errorf("faults: %q", faults)
	}
}
