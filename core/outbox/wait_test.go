package outbox_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core/outbox"
)

// What was stored while waits and doubts stood in front of the note.
const formerAttempts = `[
{"at":"2026-11-23T15:00:00Z","epoch":1,"outcome":"defer","note":"turn in line: 2026-11-23T15:00:01.1000005Z"},
{"at":"2026-11-23T15:00:00Z","epoch":2,"outcome":"defer","note":"turn at the recipient: 2026-11-23T15:00:02Z 429 Too Many Requests"},
{"at":"2026-11-23T15:00:00Z","epoch":3,"outcome":"defer","note":"turn at the channel: 2026-11-23T15:00:03Z"},
{"at":"2026-11-23T15:00:00Z","epoch":4,"outcome":"defer","note":"channel down: smtp connect: connection refused"},
{"at":"2026-11-23T15:00:00Z","epoch":5,"outcome":"defer","note":"refused, and it is not clear on whose account: smtp RCPT: 550 5.7.1 no"},
{"at":"2026-11-23T15:00:00Z","epoch":6,"outcome":"defer","note":"later, in 10h0m0s: mail:r1: quiet hours"},
{"at":"2026-11-23T15:00:00Z","epoch":7,"outcome":"retry","note":"uncertain: dropped after the dot"},
{"at":"2026-11-23T15:00:00Z","epoch":8,"outcome":"retry","note":"channel down: is what the relay said"},
{"at":"2026-11-23T15:00:00Z","epoch":9,"outcome":"defer","note":"turn in line: soon"},
{"at":"2026-11-23T15:00:00Z","epoch":10,"outcome":"unknown"}
]`

func TestAttemptsThatWereStoredBeforeWaitsHadATypeAreReadAlike(t *testing.T) {
	var all []outbox.Attempt
	if err := json.Unmarshal([]byte(formerAttempts), &all); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, time.November, 23, 15, 0, 0, 0, time.UTC)
	want := map[int]outbox.Deferral{
		1: {For: outbox.ForLine, Until: at.Add(1100*time.Millisecond + 500)},
		2: {For: outbox.ForRecipient, Until: at.Add(2 * time.Second)},
		3: {For: outbox.ForChannel, Until: at.Add(3 * time.Second)},
		4: {For: outbox.ForOutage},
		5: {For: outbox.ForDoubt},
	}
	for _, a := range all {
		if diff := cmp.Diff(want[a.Epoch], a.Waits()); diff != "" {
			t.Errorf("attempt %d: %s", a.Epoch, diff)
		}
		if got := a.MayHaveArrived(); got != (a.Epoch == 7 || a.Epoch == 10) {
			t.Errorf("attempt %d may have arrived: %v", a.Epoch, got)
		}
		body, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var again outbox.Attempt
		if err := json.Unmarshal(body, &again); err != nil || again != a {
			t.Errorf("written anew it is %s, %v", body, err)
		}
	}
}

func TestAWaitIsKeptWithItsAttempt(t *testing.T) {
	now := time.Date(2026, time.November, 23, 15, 0, 0, 0, time.UTC)
	for _, w := range []outbox.Deferral{
		{For: outbox.ForLine, Until: now.Add(time.Second)}, {For: outbox.ForOutage}, {For: outbox.ForHour}, {},
	} {
		it := outbox.Claimed(outbox.Item{ID: "i1", Key: "k", State: outbox.Live, Version: 1, Due: now}, now, time.Minute)
		it, _ = outbox.Settled(it, outbox.Result{Epoch: 1, Outcome: outbox.Deferred, At: now.Add(time.Second), Wait: w}, now)
		body, err := json.Marshal(it)
		if err != nil {
			t.Fatal(err)
		}
		var again outbox.Item
		if err := json.Unmarshal(body, &again); err != nil {
			t.Fatal(err)
		}
		if got := again.Attempts[0].Waits(); got != w {
			t.Errorf("%+v is read as %+v", w, got)
		}
	}
}

func TestWhatWaitsUntilAnInstantIsNotDueBeforeIt(t *testing.T) {
	now := time.Date(2026, time.November, 23, 15, 0, 0, 0, time.UTC)
	for _, outcome := range []outbox.Outcome{outbox.Deferred, outbox.WillRetry} {
		for _, at := range []time.Time{now.Add(time.Second), now.Add(time.Second + 1), now.Add(2*time.Second - 1)} {
			it := outbox.Claimed(outbox.Item{ID: "i1", Key: "k", State: outbox.Live, Version: 1, Due: now}, now, time.Minute)
			it, _ = outbox.Settled(it, outbox.Result{Epoch: 1, Outcome: outcome, At: at}, now)
			if it.Due.Before(at) || it.Due.Sub(at) >= time.Millisecond || it.Due != it.Due.Truncate(time.Millisecond) {
				t.Errorf("%s until %v is due at %v", outcome, at, it.Due)
			}
		}
	}
}
