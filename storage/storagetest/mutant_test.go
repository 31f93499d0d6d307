package storagetest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// mutantEnv names the fault with which the test binary runs the suite.
const mutantEnv = "SIDEM_TEST_MUTANT"

// mutants are stores with one fault each, that the suite must find.
var mutants = map[string]func(storagetest.Store) storagetest.Store{
	"a press that comes twice is committed twice": func(s storagetest.Store) storagetest.Store {
		return &forgetsOnce{s}
	},
	"what is blacked out stays": func(s storagetest.Store) storagetest.Store { return &keepsTexts{s} },
	"nothing guards a decision": func(s storagetest.Store) storagetest.Store { return &unguarded{s} },
	"what is owed is not committed with the decision": func(s storagetest.Store) storagetest.Store {
		return &losesItems{s}
	},
	"a claim holds for no time":                      func(s storagetest.Store) storagetest.Store { return &shortLease{s} },
	"more is claimed than was asked for":             func(s storagetest.Store) storagetest.Store { return &greedy{s} },
	"a settlement puts nothing in the item's place":  func(s storagetest.Store) storagetest.Store { return &noFallback{s} },
	"a session is written over whoever wrote it":     func(s storagetest.Store) storagetest.Store { return &lastWins{s} },
	"a list ends with its first page":                func(s storagetest.Store) storagetest.Store { return &firstPage{s} },
	"a flood of changes is as many items":            func(s storagetest.Store) storagetest.Store { return &neverMerges{s} },
	"a number is given again to somebody else's":     func(s storagetest.Store) storagetest.Store { return &sameNumber{s} },
	"what is due later is claimed now":               func(s storagetest.Store) storagetest.Store { return &hasty{s} },
	"a unique key is hidden from who verifies":       func(s storagetest.Store) storagetest.Store { return &hidesKey{s} },
	"an entry is there that nothing made":            func(s storagetest.Store) storagetest.Store { return &plantsEntry{s} },
	"dead items that were not asked for are revived": func(s storagetest.Store) storagetest.Store { return &revivesAll{s} },
}

func TestTheSuiteFindsEveryFaultThatIsPlanted(t *testing.T) {
	if name := os.Getenv(mutantEnv); name != "" {
		storagetest.Run(t, func(*testing.T) storagetest.Store { return mutants[name](storagetest.NewModel()) })
		return
	}
	for name := range mutants {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+strings.Split(t.Name(), "/")[0]+"$", "-test.failfast", "-rapid.checks=20", "-rapid.nofailfile")
			cmd.Env = append(os.Environ(), mutantEnv+"="+name)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL") {
				t.Errorf("the suite finds nothing wrong (%v):\n%s", err, out)
			}
		})
	}
}

type forgetsOnce struct{ storagetest.Store }

func (s *forgetsOnce) Commit(ctx context.Context, c desk.Commit) error {
	c.Once = ""
	return s.Store.Commit(ctx, c)
}

type keepsTexts struct{ storagetest.Store }

func (s *keepsTexts) Commit(ctx context.Context, c desk.Commit) error {
	c.Blacked = nil
	return s.Store.Commit(ctx, c)
}

type unguarded struct{ storagetest.Store }

func (s *unguarded) Commit(ctx context.Context, c desk.Commit) error {
	c.Guards = nil
	return s.Store.Commit(ctx, c)
}

type losesItems struct{ storagetest.Store }

func (s *losesItems) Commit(ctx context.Context, c desk.Commit) error {
	c.Items = nil
	return s.Store.Commit(ctx, c)
}

type shortLease struct{ storagetest.Store }

func (s *shortLease) Claim(ctx context.Context, now time.Time, n int, _ time.Duration) ([]outbox.Item, error) {
	return s.Store.Claim(ctx, now, n, time.Millisecond)
}

type greedy struct{ storagetest.Store }

func (s *greedy) Claim(ctx context.Context, now time.Time, n int, lease time.Duration) ([]outbox.Item, error) {
	return s.Store.Claim(ctx, now, n+1, lease)
}

type noFallback struct{ storagetest.Store }

func (s *noFallback) Settle(ctx context.Context, now time.Time, results []outbox.Result) (int, error) {
	for i := range results {
		results[i].Then = nil
	}
	return s.Store.Settle(ctx, now, results)
}

type lastWins struct{ storagetest.Store }

func (s *lastWins) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	if _, present, err := s.Get(ctx, key, now); err == nil {
		rev = present
	}
	return s.Store.Put(ctx, key, value, rev, now, expires)
}

type firstPage struct{ storagetest.Store }

func (s *firstPage) List(ctx context.Context, q desk.Query) (desk.Page, error) {
	p, err := s.Store.List(ctx, q)
	p.Next = ""
	return p, err
}

type neverMerges struct{ storagetest.Store }

func (s *neverMerges) Add(ctx context.Context, now time.Time, items ...outbox.Item) (int, error) {
	for i := range items {
		items[i].Merge = outbox.Once
	}
	return s.Store.Add(ctx, now, items...)
}

type sameNumber struct{ storagetest.Store }

func (s *sameNumber) Reserve(ctx context.Context, series, _ string) (int, error) {
	return s.Store.Reserve(ctx, series, "the same")
}

type hasty struct{ storagetest.Store }

func (s *hasty) Claim(ctx context.Context, now time.Time, n int, lease time.Duration) ([]outbox.Item, error) {
	return s.Store.Claim(ctx, now.Add(24*time.Hour), n, lease)
}

type revivesAll struct{ storagetest.Store }

func (s *revivesAll) Replay(ctx context.Context, now time.Time, _ ...string) (int, error) {
	return s.Store.Replay(ctx, now)
}

type hidesKey struct{ storagetest.Store }

func (s *hidesKey) Entries(ctx context.Context, each func(core.IndexEntry) error) error {
	return s.Store.Entries(ctx, func(e core.IndexEntry) error {
		if e.Family == core.EntryUnique {
			return nil
		}
		return each(e)
	})
}

type plantsEntry struct{ storagetest.Store }

func (s *plantsEntry) Entries(ctx context.Context, each func(core.IndexEntry) error) error {
	if err := s.Store.Entries(ctx, each); err != nil {
		return err
	}
	return each(core.IndexEntry{Family: core.EntryUnique, Key: core.UniqueChat("telegram", "1"), Record: "a1"})
}
