package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// bare is the same commit as a program would write it without us: the version is
// compared, and record, event, press, lists and items are written, each by its
// own call. It judges no types, no operation, no unique keys and no items.
const bare = `
local seq = redis.call('HGET', KEYS[1], 'seq')
if (seq or '0') ~= ARGV[1] then return 0 end
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'seq', ARGV[2], 'body', ARGV[3])
local index = redis.call('INCR', KEYS[3])
redis.call('HSET', KEYS[4], index, ARGV[4])
redis.call('SET', KEYS[2], index)
local left, entered = tonumber(ARGV[6]), tonumber(ARGV[7])
for i = 1, left do redis.call('ZREM', KEYS[7] .. ARGV[7 + i], KEYS[1]) end
for i = 1, entered do redis.call('ZADD', KEYS[7] .. ARGV[7 + left + i], ARGV[5], KEYS[1]) end
for i = 8 + left + entered, #ARGV, 3 do
  redis.call('HSET', KEYS[5], ARGV[i], ARGV[i + 1])
  redis.call('ZADD', KEYS[6], ARGV[i + 2], ARGV[i])
end
return index`

// callers commit at once.
const callers = 50

// commitsOnRedis are commits as the process makes them, by 50 callers at once, beside a
// script of the same commit that a bare client calls.
func commitsOnRedis(fsync string, n int) contest {
	return contest{
		name: "Commit on Redis by 50 callers, appendfsync " + fsync, unit: "per second", format: "%.0f",
		entrants: []entrant{
			{"SIDEM", func(ctx context.Context, dir string) (float64, error) {
				return with(ctx, dir, onRedis(fsync), func(s storage.Store) (float64, error) {
					steps := filings(n)
					return timed(n, func(c, i int) error { return s.Commit(ctx, steps[c][i].commit) })
				})
			}},
			{"a bare script", func(ctx context.Context, dir string) (float64, error) {
				server, err := redistest.Launch(dir, redistest.Options{Fsync: fsync})
				if err != nil {
					return 0, err
				}
				defer server.Close()
				steps, script := filings(n), goredis.NewScript(bare)
				return timed(n, func(c, i int) error { return bareCommit(ctx, server.Admin, script, steps[c][i]) })
			}},
		},
		bars: []bar{{beside: "a bare script", floor: 1, aim: 1.15, gross: 0.4}},
	}
}

// timed has n calls made by all callers together, and returns how many were made a second.
func timed(n int, do func(caller, i int) error) (float64, error) {
	began := time.Now()
	err := atOnce(callers, callers, func(c int) error {
		for i := range n / callers {
			if err := do(c, i); err != nil {
				return err
			}
		}
		return nil
	})
	return float64(n/callers*callers) / time.Since(began).Seconds(), err
}

// step is a commit, with the record as it was before.
type step struct {
	before core.Record
	commit desk.Commit
}

// filings are the commits of each caller: records that are filed and then moved on.
func filings(n int) [][]step {
	out := make([][]step, callers)
	for c := range out {
		var r core.Record
		for i := range n / callers {
			if i%4 == 0 {
				r = core.Record{}
			}
			s := step{r, filing(r, fmt.Sprintf("r%d-%d", c, i/4), c*1_000_000+i/4)}
			out[c] = append(out[c], s)
			r = s.commit.Record
		}
	}
	return out
}

// filing is a commit as the process makes them: a numbered request changes its state,
// and with it its place in all lists; a mail, a card and a reminder are owed.
func filing(before core.Record, id string, n int) desk.Commit {
	state := core.StateFiled
	if before.State == core.StateFiled {
		state = core.StateReleased
	}
	at := time.Date(2026, time.November, 23, 18, 0, 0, 0, time.UTC).Add(time.Duration(n*10+before.Seq) * time.Second)
	events := core.Seal(before, []core.Event{{
		Kind: core.KindRequest, Record: id, Agency: "IE", Number: fmt.Sprintf("%06d/2026", n), Verb: "touch", From: before.State, To: state,
		By: "0a1b2c3d4e5f6", ByName: "Raúl Ortega", At: at, Once: fmt.Sprintf("tg:%d-%d", n, before.Seq), Where: "telegram",
		Fields: map[core.Field]string{core.FieldSubject: "Renovación de licencias de cómputo", core.FieldName: "Lucía Herrera Campos"},
	}})
	key := fmt.Sprintf("%s:%d", id, before.Seq)
	mail := outbox.Item{Key: "mail:" + key, Merge: outbox.Once, Lane: outbox.Normal, Due: at, Channel: "email", What: "mail"}
	card := outbox.Item{
		Key: "card:" + key, Merge: outbox.Latest, Lane: outbox.Press, Due: at, Channel: "telegram", Account: "0a1b2c3d4e5f6",
		Record: id, What: "card", Data: map[string]string{"seq": key},
	}
	reminder := mail
	reminder.Key, reminder.Lane, reminder.Due = "reminder:"+key, outbox.Bulk, at.AddDate(0, 0, 3)
	return desk.Commit{
		Expect: before.Seq, Record: core.Apply(before, events[0]), Events: events, Items: []outbox.Item{mail, card, reminder}, Once: events[0].Once, Now: at,
	}
}

// bareCommit encodes as the store does, and calls the script.
func bareCommit(ctx context.Context, client *goredis.Client, script *goredis.Script, s step) error {
	c := s.commit
	keys := []string{
		"{bare}:r:" + c.Record.ID, "{bare}:o:" + c.Once, "{bare}:n", "{bare}:log", "{bare}:items", "{bare}:due", "{bare}:l:",
	}
	ix := c.Record.Index()
	args := []any{c.Expect, c.Record.Seq, encode(c.Record), encode(c.Events[0]), ix.Rank}
	var left []string
	if c.Expect > 0 {
		for _, t := range s.before.Index().Terms {
			if !slices.Contains(ix.Terms, t) {
				left = append(left, t)
			}
		}
	}
	args = append(args, len(left), len(ix.Terms))
	for _, t := range slices.Concat(left, ix.Terms) {
		args = append(args, t)
	}
	for _, it := range c.Items {
		args = append(args, it.Key, encode(it), it.Due.UnixMilli())
	}
	return script.Run(ctx, client, keys, args...).Err()
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil { // records, events and items hold plain values only
		panic(err)
	}
	return b
}
