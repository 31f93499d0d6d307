package storagetest

import (
	"fmt"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// drafts is the list in which requests begin, filed the one to which they go.
var (
	drafts = core.TermState(core.KindRequest, core.StateDraft)
	filed  = core.TermState(core.KindRequest, core.StateFiled)
)

// entered commits requests that entered their state some minutes after noon each.
func entered(t *testing.T, s Store, minutes ...int) {
	t.Helper()
	for i, m := range minutes {
		commit(t, s, next(core.Record{}, core.Event{Record: fmt.Sprintf("r%d", i+1), At: at(m)}))
	}
}

var listTests = []test{
	{"a list is in the order of entry, then of id", func(t *testing.T, s Store) {
		entered(t, s, 3, 1, 2, 1)
		if got := ids(t, s, desk.Query{Terms: []string{drafts}}); got != "r2 r4 r3 r1" {
			t.Errorf("list = %s", got)
		}
		if got := ids(t, s, desk.Query{Terms: []string{drafts}, Newest: true}); got != "r1 r3 r4 r2" {
			t.Errorf("newest first = %s", got)
		}
	}},
	{"pages follow each other without a gap or a repeat, whichever way", func(t *testing.T, s Store) {
		entered(t, s, 1, 1, 1, 2, 2)
		for _, limit := range []int{1, 2, 3, 5, 6} {
			if got := ids(t, s, desk.Query{Terms: []string{drafts}, Limit: limit}); got != "r1 r2 r3 r4 r5" {
				t.Errorf("by %d: %s", limit, got)
			}
			if got := ids(t, s, desk.Query{Terms: []string{drafts}, Limit: limit, Newest: true}); got != "r5 r4 r3 r2 r1" {
				t.Errorf("by %d, newest first: %s", limit, got)
			}
		}
	}},
	{"the last page has no next, even when it is full", func(t *testing.T, s Store) {
		entered(t, s, 1, 2)
		page, err := s.List(t.Context(), desk.Query{Terms: []string{drafts}, Limit: 2})
		must(t, err)
		if len(page.Records) != 2 || page.Next != "" {
			t.Errorf("%d records, next %q", len(page.Records), page.Next)
		}
	}},
	{"a page is 50 records long by default and 200 at most", func(t *testing.T, s Store) {
		for i := range 201 {
			commit(t, s, named(fmt.Sprintf("r%03d", i)))
		}
		for limit, want := range map[int]int{0: 50, 200: 200, 1000: 200} {
			page, err := s.List(t.Context(), desk.Query{Terms: []string{drafts}, Limit: limit})
			must(t, err)
			if len(page.Records) != want || page.Next == "" {
				t.Errorf("limit %d: %d records, next %q", limit, len(page.Records), page.Next)
			}
		}
	}},
	{"what enters meanwhile does not disturb the pages that follow", func(t *testing.T, s Store) {
		entered(t, s, 10, 20, 30, 40)
		q := desk.Query{Terms: []string{drafts}, Limit: 2}
		first, err := s.List(t.Context(), q)
		must(t, err)
		commit(t, s, next(core.Record{}, core.Event{Record: "early", At: at(5)}))
		commit(t, s, next(core.Record{}, core.Event{Record: "late", At: at(35)}))
		q.After = first.Next
		if got := ids(t, s, q); got != "r3 late r4" {
			t.Errorf("what follows r1 r2 = %s", got)
		}
	}},
	{"what left the list meanwhile is a good cursor still", func(t *testing.T, s Store) {
		entered(t, s, 10, 20, 30)
		q := desk.Query{Terms: []string{drafts}, Limit: 2}
		page, err := s.List(t.Context(), q)
		must(t, err)
		commit(t, s, next(page.Records[1], core.Event{To: core.StateFiled, At: at(40)}))
		q.After = page.Next
		if got := ids(t, s, q); got != "r3" {
			t.Errorf("what follows r1 r2 = %s", got)
		}
	}},
	{"a record moves from list to list with its state", func(t *testing.T, s Store) {
		r := commit(t, s, named("r1"))
		commit(t, s, next(r, core.Event{To: core.StateFiled, At: at(1)}))
		if got := ids(t, s, desk.Query{Terms: []string{drafts}}); got != "" {
			t.Errorf("drafts = %s", got)
		}
		if got := ids(t, s, desk.Query{Terms: []string{filed}}); got != "r1" {
			t.Errorf("filed = %s", got)
		}
		if a, b := count(t, s, drafts), count(t, s, filed); a != 0 || b != 1 {
			t.Errorf("%d drafts and %d filed are counted", a, b)
		}
	}},
	{"a record moves within all its lists when its rank does", func(t *testing.T, s Store) {
		entered(t, s, 1, 2)
		commit(t, s, next(found(t, s, "r1"), core.Event{To: core.StateFiled, At: at(3)}))
		kind := core.TermKind(core.KindRequest)
		if got := ids(t, s, desk.Query{Terms: []string{kind}}); got != "r2 r1" {
			t.Errorf("list = %s, want r2 r1", got)
		}
		if got := count(t, s, kind); got != 2 {
			t.Errorf("count = %d, want 2", got)
		}
	}},
	{"an event that leaves the state leaves the place", func(t *testing.T, s Store) {
		entered(t, s, 1, 2)
		commit(t, s, next(found(t, s, "r1"), core.Event{At: at(9)}))
		if got := ids(t, s, desk.Query{Terms: []string{drafts}}); got != "r1 r2" {
			t.Errorf("list = %s, want r1 r2", got)
		}
	}},
	{"a query of several terms gives those that stand in all of them", func(t *testing.T, s Store) {
		for i, subject := range []string{"cable azul", "cable rojo", "tubo azul", "cable azul marino"} {
			commit(t, s, next(core.Record{}, core.Event{
				Record: fmt.Sprintf("r%d", i+1), Number: fmt.Sprintf("00000%d/2026", i+1), At: at(i),
				Fields: map[core.Field]string{core.FieldSubject: subject},
			}))
		}
		words := func(s string) (out []string) {
			for w := range strings.FieldsSeq(s) {
				out = append(out, core.TermWord(w))
			}
			return out
		}
		for query, want := range map[string]string{
			"cable": "r1 r2 r4", "cable azul": "r1 r4", "azul cable": "r1 r4", "azul cable marino": "r4",
			"tubo rojo": "", "cable nadie": "", "cable cable": "r1 r2 r4",
		} {
			if got := ids(t, s, desk.Query{Terms: words(query), Limit: 1}); got != want {
				t.Errorf("%q = %s, want %s", query, got, want)
			}
		}
		if got := ids(t, s, desk.Query{Terms: append(words("azul"), drafts), Newest: true, Limit: 2}); got != "r4 r3 r1" {
			t.Errorf("newest first = %s", got)
		}
	}},
	{"a query without a term is an error", func(t *testing.T, s Store) {
		if _, err := s.List(t.Context(), desk.Query{}); err == nil {
			t.Error("it was answered")
		}
	}},
	{"nobody stands in an unknown list", func(t *testing.T, s Store) {
		if got := ids(t, s, desk.Query{Terms: []string{"none"}}); got != "" || count(t, s, "none") != 0 {
			t.Errorf("list = %s", got)
		}
	}},
}
