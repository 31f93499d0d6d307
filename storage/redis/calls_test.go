package redis_test

import (
	"fmt"
	"testing"

	"sidem/core"
	"sidem/core/desk"
	"sidem/core/outbox"
	"sidem/storage/redis"
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
	claimed, err := s.Claim(t.Context(), morning, 9, lease)
	must(t, err)
	var results []outbox.Result
	for _, it := range claimed {
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
