package flood

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// In any run of inputs no more pass than the burst and what has flowed in since;
// of refusals in a row the first alone is told; a full wait mends everything.
func TestABucketLetsNobodyExceedItsPace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Pace{Burst: rapid.IntRange(1, 30).Draw(t, "burst"), Every: time.Second}
		start := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
		now := start
		var b bucket
		passed, before := 0, Pass
		for range rapid.IntRange(1, 200).Draw(t, "inputs") {
			now = now.Add(time.Duration(rapid.IntRange(0, 1500).Draw(t, "ms")) * time.Millisecond)
			var v Verdict
			b, v = b.spend(p, now)
			switch {
			case v == Pass:
				passed++
			case before == Pass && v != Warn:
				t.Fatalf("the first refusal is %v", v)
			case before != Pass && v != Drop:
				t.Fatalf("a refusal after a refusal is %v", v)
			}
			before = v
			if most := p.Burst + int(now.Sub(start)/p.Every); passed > most {
				t.Fatalf("%d passed in %v, of %d", passed, now.Sub(start), most)
			}
		}
		if _, v := b.spend(p, now.Add(time.Duration(p.Burst)*p.Every)); v != Pass {
			t.Fatalf("after a full wait: %v", v)
		}
	})
}

func TestAClockThatGoesBackGivesNothing(t *testing.T) {
	now := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	b, _ := bucket{}.spend(Pace{Burst: 1, Every: time.Second}, now)
	if _, v := b.spend(Pace{Burst: 1, Every: time.Second}, now.Add(-time.Hour)); v != Warn {
		t.Errorf("an hour back: %v", v)
	}
}

func TestTheBucketsOfACrowdAreLetGo(t *testing.T) {
	f := New(DefaultPace)
	now := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	for i := range 3 * crowd {
		f.Judge(string(rune(i)), now.Add(time.Duration(i)*time.Millisecond))
	}
	if n := len(f.people); n > crowd {
		t.Errorf("%d buckets are kept", n)
	}
}
