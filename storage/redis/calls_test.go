package redis_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/storage/redis"
)

// maxCalls is the most commands of Redis that a commit may run, EVALSHA apart.
const maxCalls = 10

func TestACommitRunsFewCommands(t *testing.T) {
	s := open(t, shared(t).DSN(newTag()), redis.Options{})
	calls := func(c desk.Commit) int {
		t.Helper()
		before, err := shared(t).Calls(t.Context())
		must(t, err)
		must(t, s.Commit(t.Context(), c))
		after, err := shared(t).Calls(t.Context())
		must(t, err)
		n := 0
		for _, name := range []string{
			"hget", "hmget", "hset", "hdel", "zcard", "zadd", "zrem", "zrange", "zscore", "publish", "get", "set",
		} {
			n += after[name] - before[name]
		}
		if evals := after["evalsha"] - before["evalsha"]; evals > 1 {
			t.Logf("%d round trips", evals)
		}
		return n
	}
	must(t, s.Commit(t.Context(), next(core.Record{}, core.Event{Record: "warm"}))) // the server learns the script

	first := filing(core.Record{}, "r1", 1)
	if n := calls(first); n > maxCalls {
		t.Errorf("a filing runs %d commands, want at most %d", n, maxCalls)
	}
	// The card is sent, so that the next is a new one; the record moves in all its lists.
	taken, err := s.Claim(t.Context(), morning, 9, lease)
	must(t, err)
	var results []outbox.Result
	for _, it := range taken {
		results = append(results, outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: outbox.WasSent})
	}
	_, err = s.Settle(t.Context(), morning, results)
	must(t, err)
	second := filing(first.Record, "r1", 1)
	if n := calls(second); n > maxCalls {
		t.Errorf("a release runs %d commands, want at most %d", n, maxCalls)
	}
	// Now the card is live, and is joined: the plan is made again on what was seen.
	third := filing(second.Record, "r1", 1)
	third.Items[1].Key = second.Items[1].Key
	if n := calls(third); n > 16 {
		t.Errorf("a commit that meets a live card runs %d commands, want at most 16", n)
	}
	// A unique key is given up.
	user := func(name string) map[core.Field]string { return map[core.Field]string{core.FieldUser: name} }
	account := next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a1", Fields: user("ana")})
	must(t, s.Commit(t.Context(), account))
	if n := calls(next(account.Record, core.Event{Fields: user("anita")}, mail("k"))); n > maxCalls {
		t.Errorf("a change of user name runs %d commands, want at most %d", n, maxCalls)
	}
}

func TestCommitsThatComeTogetherShareRoundTripsAndKeepTheirOwnVerdicts(t *testing.T) {
	s := open(t, shared(t).DSN(newTag()), redis.Options{})
	must(t, s.Commit(t.Context(), next(core.Record{}, core.Event{Record: "r0"})))
	before, err := shared(t).Calls(t.Context())
	must(t, err)
	crowd(t, 200, func(i int) error {
		c := next(core.Record{}, core.Event{Record: fmt.Sprintf("r%d", i+1)})
		if err := s.Commit(t.Context(), c); err != nil {
			return err
		}
		if err := s.Commit(t.Context(), c); err == nil {
			return fmt.Errorf("the same was taken twice")
		}
		return nil
	})
	after, err := shared(t).Calls(t.Context())
	must(t, err)
	if n := after["evalsha"] - before["evalsha"]; n > 100 {
		t.Errorf("400 commits of 200 callers took %d round trips, want at most 100", n)
	}
	sound(t, s, 201)
}

// claimed is the only item that is due, as a store has just claimed it.
func claimed(t *testing.T, s *redis.Store, now time.Time) outbox.Item {
	t.Helper()
	got, err := s.Claim(t.Context(), now, 9, lease)
	must(t, err)
	if len(got) != 1 {
		t.Fatalf("%d are claimed", len(got))
	}
	return got[0]
}

// settle ends a claim at an instant and returns whether that was accepted.
func settle(t *testing.T, s *redis.Store, now time.Time, it outbox.Item, r outbox.Result) bool {
	t.Helper()
	r.ID, r.Epoch, r.Version = it.ID, it.Epoch, it.Version
	n, err := s.Settle(t.Context(), now, []outbox.Result{r})
	must(t, err)
	return n == 1
}

func TestWhatWasClaimedHereIsSettledByOneCall(t *testing.T) {
	s := open(t, shared(t).DSN(newTag()), redis.Options{})
	add := func(key string) {
		t.Helper()
		_, err := s.Add(t.Context(), morning, mail(key))
		must(t, err)
	}
	add("warm")
	settle(t, s, morning, claimed(t, s, morning), outbox.Result{Outcome: outbox.WasSent})
	add("m")
	it := claimed(t, s, morning)
	before, err := shared(t).Calls(t.Context())
	must(t, err)
	if !settle(t, s, morning, it, outbox.Result{Outcome: outbox.WasSent}) {
		t.Error("it is not accepted")
	}
	after, err := shared(t).Calls(t.Context())
	must(t, err)
	if calls, reads := after["evalsha"]-before["evalsha"], after["hmget"]-before["hmget"]; calls != 1 || reads != 1 {
		t.Errorf("%d calls, and %d times rows are read, want one", calls, reads)
	}
}

// What a process remembers of its claims is not what it judges by.
func TestASettlementIsJudgedByWhatIsSoThoughTheClaimIsRemembered(t *testing.T) {
	tag := newTag()
	a, b := open(t, shared(t).DSN(tag), redis.Options{}), open(t, shared(t).DSN(tag), redis.Options{})
	_, err := a.Add(t.Context(), morning, mail("m"))
	must(t, err)
	ofA := claimed(t, a, morning)
	later := morning.Add(lease)
	claimed(t, b, later)
	if settle(t, a, later, ofA, outbox.Result{Outcome: outbox.WasSent}) {
		t.Error("a claim that has ended is settled")
	}
	again := later.Add(lease)
	ofA = claimed(t, a, again)
	if !settle(t, b, again, ofA, outbox.Result{Outcome: outbox.Deferred, At: again.Add(time.Hour)}) {
		t.Error("a claim is settled by who made it alone")
	}
	if !settle(t, a, again, ofA, outbox.Result{Outcome: outbox.Deferred, At: again.Add(time.Minute), Moves: true}) {
		t.Error("what another has deferred cannot be moved by who remembers it as claimed")
	}
	if got := items(t, a)[0]; got.Leased || !got.Due.Equal(again.Add(time.Minute)) || got.Epoch != 3 {
		t.Errorf("%+v", got)
	}
	// Its claims by two, and what came of the third.
	if diff := cmp.Diff([]outbox.Outcome{outbox.Unknown, outbox.Unknown, outbox.Deferred}, outcomes(items(t, a)[0])); diff != "" {
		t.Error(diff)
	}
}

func TestAClaimThatWasRenewedOrJoinedIsSettledAsItIs(t *testing.T) {
	s := open(t, shared(t).DSN(newTag()), redis.Options{})
	card := mail("card")
	card.Merge = outbox.Latest
	_, err := s.Add(t.Context(), morning, card)
	must(t, err)
	it := claimed(t, s, morning)
	if !settle(t, s, morning, it, outbox.Result{Holds: true, At: morning.Add(time.Hour)}) {
		t.Error("it is not renewed")
	}
	_, err = s.Add(t.Context(), morning, card)
	must(t, err)
	if !settle(t, s, morning, it, outbox.Result{Outcome: outbox.WasSent}) {
		t.Error("it is not accepted")
	}
	if again := claimed(t, s, morning); again.Version != 2 {
		t.Errorf("what was joined meanwhile is sent again at version %d", again.Version)
	}
}

func outcomes(it outbox.Item) []outbox.Outcome {
	var out []outbox.Outcome
	for _, a := range it.Attempts {
		out = append(out, a.Outcome)
	}
	return out
}
