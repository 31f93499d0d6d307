package storagetest

import (
	"fmt"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// refusal is the commit of a refused press.
func refusal(before core.Record, by string, minute int) desk.Commit {
	return next(before, core.Event{By: by, At: at(minute), Once: fmt.Sprintf("tg:%s:%d", before.ID, before.Seq), Refusal: &core.Refusal{Reason: core.NotAllowed}})
}

// pressed is a record to which something is applied and refused in turn: events 1, 4
// and 7 are applied, 2 and 5 are ana's refused presses, 3 and 6 are luis's, a minute apart.
func pressed(t *testing.T, s Store, id string) core.Record {
	t.Helper()
	r := commit(t, s, named(id))
	for minute := 1; minute <= 6; minute++ {
		switch minute % 3 {
		case 1:
			r = commit(t, s, refusal(r, "ana", minute))
		case 2:
			r = commit(t, s, refusal(r, "luis", minute))
		default:
			r = commit(t, s, next(r, core.Event{By: "ana", At: at(minute)}))
		}
	}
	return r
}

// seqs are the places of events in the trail of their record.
func seqs(t *testing.T, record string, events []core.Event, err error) []int {
	t.Helper()
	must(t, err)
	var out []int
	for _, e := range events {
		if e.Record != record || e.Index == 0 {
			t.Errorf("event %d of %s, index %d", e.Seq, e.Record, e.Index)
		}
		out = append(out, e.Seq)
	}
	return out
}

var refusedTests = []test{
	{"what was applied and what was refused are read apart, and the trail is whole", func(t *testing.T, s Store) {
		pressed(t, s, "r1")
		pressed(t, s, "r10") // whose name begins like the other's
		for _, id := range []string{"r1", "r10"} {
			applied := func(limit int) []int {
				events, err := s.Applied(t.Context(), id, limit)
				return seqs(t, id, events, err)
			}
			refused := func(by string, minute, limit int) []int {
				events, err := s.Refused(t.Context(), id, by, at(minute), limit)
				return seqs(t, id, events, err)
			}
			same(t, "applied", applied(0), []int{1, 4, 7})
			same(t, "the last two that were applied", applied(2), []int{4, 7})
			same(t, "refused", refused("", 0, 10), []int{2, 3, 5, 6})
			same(t, "the last of it", refused("", 0, 1), []int{6})
			same(t, "ana's", refused("ana", 0, 10), []int{2, 5})
			same(t, "luis's since the third minute", refused("luis", 3, 10), []int{6})
			same(t, "a stranger's", refused("an", 0, 10), []int(nil))
			trail, err := s.Trail(t.Context(), id, 0, 0)
			same(t, "trail", seqs(t, id, trail, err), []int{1, 2, 3, 4, 5, 6, 7})
			if at := core.Verify(trail); at != 0 {
				t.Errorf("the chain breaks at %d", at)
			}
			trail, err = s.Trail(t.Context(), id, 2, 3)
			same(t, "a part of the trail", seqs(t, id, trail, err), []int{3, 4, 5})
		}
		none, err := s.Applied(t.Context(), "r2", 0)
		same(t, "applied to nothing", seqs(t, "r2", none, err), []int(nil))
		none, err = s.Refused(t.Context(), "r2", "", noon, 10)
		same(t, "refused of nothing", seqs(t, "r2", none, err), []int(nil))
		audited(t, s, 0)
	}},
	{"a refused press that is blacked out stands under the account that is left in it", func(t *testing.T, s Store) {
		pressed(t, s, "r1")
		trail, err := s.Trail(t.Context(), "r1", 0, 0)
		must(t, err)
		after, changed, erased := core.Erase(trail, func(e core.Event) (core.Event, bool) {
			was := e.By
			if was == "luis" {
				e.By = "alias"
			}
			return e, was == "luis"
		})
		c := next(core.Fold(after), core.Event{Verb: core.VerbRedact, By: "system", Erased: erased})
		c.Blacked = changed
		commit(t, s, c)
		for by, want := range map[string][]int{"luis": nil, "alias": {3, 6}, "ana": {2, 5}, "": {2, 3, 5, 6}} {
			events, err := s.Refused(t.Context(), "r1", by, noon, 10)
			same(t, "presses of "+by, seqs(t, "r1", events, err), want)
		}
		audited(t, s, 2)
	}},
	{"a press on a record that has moved by a refusal is decided again", func(t *testing.T, s Store) {
		r := pressed(t, s, "r1")
		late := next(r, core.Event{})
		commit(t, s, refusal(r, "ana", 7))
		refuse(t, s, late, desk.ErrConflict)
		press := refusal(r, "ana", 7)
		if err := s.Commit(t.Context(), press); err == nil {
			t.Error("the same press was taken twice")
		}
	}},
	{"however many presses were refused, what was done costs the same to read", func(t *testing.T, s Store) {
		costs := func(id string, refusals int) float64 {
			r := pressed(t, s, id)
			for i := range refusals {
				r = commit(t, s, refusal(r, fmt.Sprint("p", i%3), 7))
			}
			return testing.AllocsPerRun(20, func() {
				must(t, errOf(s.Record(t.Context(), id)))
				must(t, errOf(s.Applied(t.Context(), id, 0)))
				must(t, errOf(s.Refused(t.Context(), id, "p1", at(7).Add(-time.Hour), 2)))
			})
		}
		few, many := costs("few", 9), costs("many", 900)
		if many > 2*few {
			t.Errorf("with 9 refused presses it takes %.0f allocations, with 900 %.0f", few, many)
		}
		audited(t, s, 0)
	}},
}

func errOf[T any](_ T, err error) error { return err }
