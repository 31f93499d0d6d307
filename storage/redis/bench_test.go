package redis_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier/notifiertest"
	"sidem.gob.mx/sidem/storage/redis"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
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
				rate, err := notifiertest.Deliver(b.Context(), s, testbed.Clock(), max(b.N, 1000), 50)
				must(b, err)
				rates = append(rates, rate)
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
