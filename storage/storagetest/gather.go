package storagetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

func gather(t *testing.T, s Store, w desk.Wanted) desk.Gathered {
	t.Helper()
	g, err := s.Gather(t.Context(), w)
	must(t, err)
	return g
}

var gatherTests = []test{
	{"many records are read by id, by unique key and by list, in one step", func(t *testing.T, s Store) {
		first := commit(t, s, next(core.Record{}, core.Event{Record: "r1", Number: "000147/2026", At: at(2)}))
		second := commit(t, s, next(core.Record{}, core.Event{Record: "r2", At: at(1)}))
		number := core.UniqueNumber("000147/2026")
		g := gather(t, s, desk.Wanted{IDs: []string{"r2", "r1"}, Uniques: []string{number}, Terms: []string{drafts}})
		same(t, "by id", g.Records, map[string]core.Record{"r1": first, "r2": second})
		same(t, "by unique key", g.Holders, map[string]core.Record{number: first})
		same(t, "by list", g.Lists[drafts], desk.Page{Records: []core.Record{second, first}})
	}},
	{"what is not there is left out of what is read, and what is asked for twice is there once", func(t *testing.T, s Store) {
		entered(t, s, 1, 2)
		g := gather(t, s, desk.Wanted{IDs: []string{"none", "r1", "r1", ""}, Uniques: []string{"number:none", ""}, Terms: []string{"none", drafts, drafts}})
		if len(g.Records) != 1 || g.Records["r1"].ID != "r1" || len(g.Holders) != 0 {
			t.Errorf("by id %v, by key %v", g.Records, g.Holders)
		}
		if len(g.Lists["none"].Records) != 0 || len(g.Lists[drafts].Records) != 2 {
			t.Errorf("lists: %v", g.Lists)
		}
		if g = gather(t, s, desk.Wanted{}); len(g.Records)+len(g.Holders)+len(g.Lists) != 0 {
			t.Errorf("nothing was asked for, and there is %v", g)
		}
	}},
	{"of a list 200 are read, and its cursor is good for the rest", func(t *testing.T, s Store) {
		for i := range 203 {
			commit(t, s, next(core.Record{}, core.Event{Record: fmt.Sprintf("r%03d", i), At: at(i / 2)}))
			if i != 199 {
				continue
			}
			if page := gather(t, s, desk.Wanted{Terms: []string{drafts}}).Lists[drafts]; len(page.Records) != 200 || page.Next != "" {
				t.Errorf("of 200, %d, and then %q", len(page.Records), page.Next)
			}
		}
		page := gather(t, s, desk.Wanted{Terms: []string{drafts}}).Lists[drafts]
		if len(page.Records) != 200 || page.Records[0].ID != "r000" || page.Records[199].ID != "r199" {
			t.Errorf("%d records", len(page.Records))
		}
		if got := ids(t, s, desk.Query{Terms: []string{drafts}, After: page.Next}); got != "r200 r201 r202" {
			t.Errorf("the rest is %s", got)
		}
	}},
	{"all that is gathered is as of one moment", func(t *testing.T, s Store) {
		r := commit(t, s, named("r1"))
		states := []core.State{core.StateFiled, core.StateDraft}
		done := make(chan error, 1)
		go func() {
			for i := range 100 {
				c := next(r, core.Event{To: states[i%2], At: at(i + 1)})
				if err := s.Commit(t.Context(), c); err != nil {
					done <- err
					return
				}
				r = c.Record
			}
			done <- nil
		}()
		for moving := true; moving; {
			select {
			case err := <-done:
				must(t, err)
				moving = false
			default:
			}
			g := gather(t, s, desk.Wanted{IDs: []string{"r1"}, Terms: []string{drafts, filed}})
			both := slices.Concat(g.Lists[drafts].Records, g.Lists[filed].Records)
			if len(both) != 1 || both[0].Seq != g.Records["r1"].Seq {
				var seqs []string
				for _, r := range both {
					seqs = append(seqs, fmt.Sprint(r.Seq, " ", r.State))
				}
				t.Fatalf("at %d it stands in the lists as %s", g.Records["r1"].Seq, strings.Join(seqs, ", "))
			}
		}
	}},
}
