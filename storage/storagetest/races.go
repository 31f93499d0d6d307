package storagetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// crowd is how many act at once.
const crowd = 50

// Races is how many races a test runs: few, or as many as SIDEM_RACES says.
func Races(few int) int {
	if n, err := strconv.Atoi(os.Getenv("SIDEM_RACES")); err == nil {
		return n
	}
	return few
}

// atOnce runs do for each of a crowd at the same time and returns what came of it.
func atOnce[T any](do func(i int) T) []T {
	var (
		out   = make([]T, crowd)
		start = make(chan struct{})
		wg    sync.WaitGroup
	)
	for i := range crowd {
		wg.Go(func() {
			<-start
			out[i] = do(i)
		})
	}
	close(start)
	wg.Wait()
	return out
}

var raceTests = []test{
	{"of fifty who commit on one version one wins, and the others are told", func(t *testing.T, s Store) {
		r := commit(t, s, named("r1"))
		for round := range 5 {
			commits := make([]desk.Commit, crowd)
			for i := range commits {
				commits[i] = next(r, core.Event{By: fmt.Sprint(i), Once: fmt.Sprintf("tg:%d-%d", round, i)})
			}
			errs := atOnce(func(i int) error { return s.Commit(t.Context(), commits[i]) })
			won := winner(t, errs, desk.ErrConflict)
			r = found(t, s, "r1")
			same(t, "record", r, commits[won].Record)
		}
		log := whole(t, s)
		if len(log) != 6 || core.Verify(log) != 0 {
			t.Errorf("%d events, chain broken at %d", len(log), core.Verify(log))
		}
	}},
	{"of fifty repeats of one press one is applied, and the others get its verdict", func(t *testing.T, s Store) {
		errs := atOnce(func(i int) error {
			return s.Commit(t.Context(), next(core.Record{}, core.Event{Record: fmt.Sprintf("r%d", i), Once: "tg:1"}))
		})
		won := winner(t, errs, desk.ErrSeen)
		for i, err := range errs {
			seen, ok := errors.AsType[*desk.SeenError](err)
			if i != won && (!ok || seen.First.Record != fmt.Sprintf("r%d", won)) {
				t.Errorf("%d: %v, want the verdict of %d", i, err, won)
			}
		}
	}},
	{"of fifty who want one unique key one gets it", func(t *testing.T, s Store) {
		errs := atOnce(func(i int) error {
			return s.Commit(t.Context(), next(core.Record{}, core.Event{
				Kind: core.KindAccount, Record: fmt.Sprintf("a%d", i), Fields: user("lucía"),
			}))
		})
		won := winner(t, errs, desk.ErrTaken)
		if got := holder(t, s, core.UniqueUser("lucía")); got != fmt.Sprintf("a%d", won) {
			t.Errorf("holder = %s, the winner was %d", got, won)
		}
	}},
	{"fifty who commit on records of their own all win, and the log has no gap", func(t *testing.T, s Store) {
		errs := atOnce(func(i int) error {
			c := named(fmt.Sprintf("r%d", i))
			for range 3 {
				if err := s.Commit(t.Context(), c); err != nil {
					return err
				}
				// The second try of the same is refused, and must burn no place.
				if err := s.Commit(t.Context(), c); !errors.Is(err, desk.ErrConflict) {
					return fmt.Errorf("repeat = %w", err)
				}
				c = next(c.Record, core.Event{})
			}
			return nil
		})
		must(t, errors.Join(errs...))
		if got := len(whole(t, s)); got != 3*crowd {
			t.Errorf("the log has %d events, want %d", got, 3*crowd)
		}
	}},
	{"fifty who reserve at once get the values without a gap", func(t *testing.T, s Store) {
		got := atOnce(func(i int) int {
			n, err := s.Reserve(t.Context(), "2026", fmt.Sprintf("r%d", i/2)) // two ask for each
			if err != nil {
				t.Error(err)
			}
			return n
		})
		for i := 0; i < crowd; i += 2 {
			if got[i] != got[i+1] {
				t.Errorf("r%d has %d and %d", i/2, got[i], got[i+1])
			}
		}
		slices.Sort(got)
		if got = slices.Compact(got); len(got) != crowd/2 || got[0] != 1 || got[len(got)-1] != crowd/2 {
			t.Errorf("values = %v", got)
		}
	}},
	{"no item is claimed by two", func(t *testing.T, s Store) {
		for i := range 200 {
			add(t, s, noon, mail(fmt.Sprintf("m%d", i)))
		}
		claimed := atOnce(func(int) []outbox.Item {
			out, err := s.Claim(t.Context(), noon, 5, lease)
			if err != nil {
				t.Error(err)
			}
			return out
		})
		seen := map[string]bool{}
		for _, it := range slices.Concat(claimed...) {
			if seen[it.ID] {
				t.Errorf("%s was claimed twice", it.Key)
			}
			seen[it.ID] = true
		}
		if len(seen) != 200 {
			t.Errorf("%d were claimed, want 200", len(seen))
		}
	}},
	{"of fifty who write one session at one revision one wins", func(t *testing.T, s Store) {
		errs := atOnce(func(i int) error {
			_, err := s.Put(t.Context(), "k", []byte{byte(i)}, 0, noon, at(1))
			return err
		})
		won := winner(t, errs, desk.ErrConflict)
		value, rev, err := s.Get(t.Context(), "k", noon)
		must(t, err)
		if rev != 1 || len(value) != 1 || int(value[0]) != won {
			t.Errorf("value %v at %d, the winner was %d", value, rev, won)
		}
	}},
	{"nothing that an account guards is committed after it has moved", func(t *testing.T, s Store) {
		var moved []string // the account of each round
		for round := range (Races(100) + crowd - 2) / (crowd - 1) {
			who := commit(t, s, named(fmt.Sprintf("account%d", round)))
			end := next(who, core.Event{})
			errs := atOnce(func(i int) error {
				if i == crowd/2 {
					return s.Commit(t.Context(), end)
				}
				press := next(core.Record{}, core.Event{Record: fmt.Sprintf("r%d-%d", round, i), By: who.ID})
				press.Guards = []desk.Expectation{{Record: who.ID, Seq: who.Seq}}
				return s.Commit(t.Context(), press)
			})
			for i, err := range errs {
				if err != nil && (i == crowd/2 || !errors.Is(err, desk.ErrConflict)) {
					t.Fatalf("%d of round %d: %v", i, round, err)
				}
			}
			moved = append(moved, who.ID)
		}
		over := map[string]bool{}
		for _, e := range whole(t, s) {
			if slices.Contains(moved, e.Record) && e.Seq == 2 {
				over[e.Record] = true
			}
			if over[e.By] {
				t.Fatalf("event %d rests upon %s, which had moved", e.Index, e.By)
			}
		}
		if len(over) != len(moved) {
			t.Errorf("%d of %d accounts moved", len(over), len(moved))
		}
	}},
	{"a caller whose context has ended changes nothing", func(t *testing.T, s Store) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Commit(ctx, named("r1")); !errors.Is(err, context.Canceled) {
			t.Errorf("Commit = %v, want Canceled", err)
		}
		if found(t, s, "r1").State != core.None {
			t.Error("it was committed")
		}
	}},
}

// winner is the one that came through; the others must have failed as told.
func winner(t *testing.T, errs []error, told error) int {
	t.Helper()
	won := -1
	for i, err := range errs {
		switch {
		case err == nil && won >= 0:
			t.Fatalf("%d and %d both won", won, i)
		case err == nil:
			won = i
		case !errors.Is(err, told):
			t.Fatalf("%d: %v, want %v", i, err, told)
		}
	}
	if won < 0 {
		t.Fatal("nobody won")
	}
	return won
}
