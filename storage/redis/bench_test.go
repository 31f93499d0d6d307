package redis_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"sidem/core"
	"sidem/core/desk"
	"sidem/core/outbox"
	"sidem/core/testbed"
	"sidem/notifier/notifiertest"
	"sidem/storage/redis"
	"sidem/storage/redis/redistest"
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

// commitsOf makes n commits that follow each other, on records of one caller.
func commitsOf(caller, n int) []desk.Commit {
	out := make([]desk.Commit, n)
	var r core.Record
	for i := range out {
		id := fmt.Sprintf("r%d-%d", caller, i/4)
		if i%4 == 0 {
			r = core.Record{}
		}
		out[i] = filing(r, id, caller*1_000_000+i/4)
		r = out[i].Record
	}
	return out
}

// spread runs n calls by each of a number of callers and returns the calls per second.
func spread(b *testing.B, callers, n int, do func(caller, i int) error) float64 {
	b.Helper()
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	began := testbed.Start()
	for c := range callers {
		wg.Go(func() {
			for i := range n {
				if err := do(c, i); err != nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		b.Fatal(*err)
	}
	return float64(n*callers) / began.Elapsed().Seconds()
}

// BenchmarkCommit is a commit of a filing through the store, against a bare
// go-redis EVALSHA of the same commit, turn by turn in the same run; medians.
func BenchmarkCommit(b *testing.B) {
	for _, fsync := range []string{"everysec", "always"} {
		for _, callers := range []int{1, 10, 50} {
			b.Run(fmt.Sprintf("fsync=%s/callers=%d", fsync, callers), func(b *testing.B) { benchCommit(b, fsync, callers) })
		}
	}
}

func benchCommit(b *testing.B, fsync string, callers int) {
	const turns = 5
	server := redistest.Start(b, redistest.Options{Fsync: fsync})
	s := open(b, server.DSN("sidem"), redis.Options{})
	script := goredis.NewScript(bare)
	each := max(b.N/callers/turns, 4) // commits of one caller in one turn
	commits := make([][]desk.Commit, callers)
	for c := range commits {
		commits[c] = commitsOf(c, each*turns)
	}
	var ours, theirs, ratios []float64
	b.ResetTimer()
	for turn := range turns {
		x := spread(b, callers, each, func(c, i int) error { return s.Commit(b.Context(), commits[c][turn*each+i]) })
		y := spread(b, callers, each, func(c, i int) error {
			n := turn*each + i
			var before core.Record
			if n%4 > 0 {
				before = commits[c][n-1].Record
			}
			return bareCommit(b.Context(), server.Admin, script, before, commits[c][n])
		})
		ours, theirs, ratios = append(ours, x), append(theirs, y), append(ratios, x/y)
	}
	b.ReportMetric(median(ours), "commits/s")
	b.ReportMetric(median(theirs), "bare/s")
	b.ReportMetric(median(ratios), "of-bare")
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// bareCommit encodes as the store does, and calls the script.
func bareCommit(ctx context.Context, client *goredis.Client, script *goredis.Script, before core.Record, c desk.Commit) error {
	keys := []string{
		"{bare}:r:" + c.Record.ID, "{bare}:o:" + c.Once, "{bare}:n", "{bare}:log", "{bare}:items", "{bare}:due", "{bare}:l:",
	}
	ix := c.Record.Index()
	args := []any{c.Expect, c.Record.Seq, encode(c.Record), encode(c.Events[0]), ix.Rank}
	var left []string
	if c.Expect > 0 {
		for _, t := range before.Index().Terms {
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

// BenchmarkClaim is a claim of 32 due items, and their settlement, among items that
// wait for later, against the same without any, turn by turn in the same run; medians.
func BenchmarkClaim(b *testing.B) {
	for _, future := range []int{100_000, 1_000_000} {
		b.Run("future="+strconv.Itoa(future), func(b *testing.B) { benchClaim(b, future) })
	}
}

func benchClaim(b *testing.B, future int) {
	const turns = 7
	if b.N == 1 { // the first round finds out how many fit; the items would be added for nothing
		future = 0
	}
	server := redistest.Start(b, redistest.Options{Fsync: "no", ACL: anyTag})
	each := max(b.N/turns, 1) // claims in one turn
	crowded, alone := open(b, server.DSN("sidem"), redis.Options{}), open(b, server.DSN("sidem-alone"), redis.Options{})
	addMany(b, crowded, "later", future, morning.AddDate(1, 0, 0))
	for _, s := range []*redis.Store{crowded, alone} {
		addMany(b, s, "due", 32*each*turns, morning)
	}
	var among, without, ratios []float64
	b.ResetTimer()
	for range turns {
		x, y := claims(b, crowded, each), claims(b, alone, each)
		among, without, ratios = append(among, x), append(without, y), append(ratios, x/y)
	}
	b.ReportMetric(median(among), "items/s")
	b.ReportMetric(median(without), "alone/s")
	b.ReportMetric(median(ratios), "of-alone")
}

// claims claims and settles n times 32 items and returns the items per second.
func claims(b *testing.B, s *redis.Store, n int) float64 {
	b.Helper()
	began := testbed.Start()
	for range n {
		got, err := s.Claim(b.Context(), morning, 32, lease)
		if err != nil || len(got) != 32 {
			b.Fatal(len(got), err)
		}
		results := make([]outbox.Result, len(got))
		for i, it := range got {
			results[i] = outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: outbox.WasSent}
		}
		if n, err := s.Settle(b.Context(), morning, results); err != nil || n != 32 {
			b.Fatal(n, err)
		}
	}
	return float64(32*n) / began.Elapsed().Seconds()
}

func addMany(b *testing.B, s *redis.Store, name string, n int, due time.Time) {
	b.Helper()
	const batch = 1000
	for from := 0; from < n; from += batch {
		items := make([]outbox.Item, min(batch, n-from))
		for i := range items {
			items[i] = mail(fmt.Sprintf("%s-%d", name, from+i))
			items[i].Due = due.Add(time.Duration(from+i) * time.Microsecond)
			if due.Equal(morning) {
				items[i].Due = due
			}
		}
		if _, err := s.Add(b.Context(), morning, items...); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHub is a hub of 50 workers whose channel takes everything at once.
func BenchmarkHub(b *testing.B) {
	for _, fsync := range []string{"everysec", "always"} {
		b.Run("fsync="+fsync, func(b *testing.B) {
			server := redistest.Start(b, redistest.Options{Fsync: fsync})
			s := open(b, server.DSN("sidem"), redis.Options{})
			var rates []float64
			for range 3 {
				rates = append(rates, notifiertest.Deliver(b, s, max(b.N, 1000), 50))
			}
			b.ReportMetric(median(rates), "items/s")
		})
	}
}

// BenchmarkMemory is what one open request keeps in Redis, by its parts: the
// record with its place in all lists, and with its trail, presses and items.
func BenchmarkMemory(b *testing.B) {
	const n = 5000
	server := redistest.Start(b, redistest.Options{Fsync: "no"})
	used := func() int {
		text, err := server.Admin.Info(b.Context(), "memory").Result()
		must(b, err)
		_, rest, _ := strings.Cut(text, "used_memory_dataset:")
		v, _, _ := strings.Cut(rest, "\r\n")
		bytes, err := strconv.Atoi(v)
		must(b, err)
		return bytes
	}
	for b.Loop() {
		must(b, server.Admin.FlushAll(b.Context()).Err())
		s := open(b, server.DSN("sidem"), redis.Options{})
		empty := used()
		terms, body := 0, 0
		for i := range n {
			c := filing(core.Record{}, fmt.Sprintf("0a1b2c3d%05d", i), i+1)
			terms += len(c.Record.Index().Terms)
			body += len(encode(c.Record))
			must(b, s.Commit(b.Context(), c))
		}
		all := used()
		// Without trail, presses and items: what is left is the record and its lists.
		rows := "{sidem}:rows"
		fields, err := server.Admin.HKeys(b.Context(), rows).Result()
		must(b, err)
		for _, f := range fields {
			if !strings.HasPrefix(f, "r:") && !strings.HasPrefix(f, "u:") {
				must(b, server.Admin.HDel(b.Context(), rows, f).Err())
			}
		}
		must(b, server.Admin.Del(b.Context(), "{sidem}:due").Err())
		open := used()
		b.ReportMetric(float64(open-empty)/n, "B/open-request")
		b.ReportMetric(float64(all-empty)/n, "B/with-trail-and-items")
		b.ReportMetric(float64(terms)/n, "lists")
		b.ReportMetric(float64(body)/n, "B/record-json")
	}
}
