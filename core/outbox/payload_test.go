package outbox_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/core/outbox"
)

// What was stored while each reader knew the names by itself.
func TestPayloadsThatWereStoredBeforeTheyHadATypeAreReadAlike(t *testing.T) {
	at := time.Date(2026, time.November, 23, 15, 0, 0, 123456789, time.UTC)
	for _, tt := range []struct {
		data map[string]string
		want outbox.Payload
	}{
		{nil, outbox.Payload{}},
		{map[string]string{"mail": "turn", "tried": "telegram,slack", "own": "yes"}, outbox.Payload{Mail: "turn", Tried: []string{"telegram", "slack"}, Own: true}},
		{map[string]string{"mail": "alert", "lost": "one\ntwo"}, outbox.Payload{Mail: "alert", Lost: []string{"one", "two"}}},
		{map[string]string{"note": "cover", "at": "2026-11-23T15:00:00.123456789Z"}, outbox.Payload{Note: "cover", At: at}},
		{map[string]string{"note": "reminder", "replace": "yes"}, outbox.Payload{Note: "reminder", Replace: true}},
		{map[string]string{"anew": "tg:17", "force": "yes", "instead": "000000000012", "tried": "email"}, outbox.Payload{Anew: "tg:17", Force: true, Instead: "000000000012", Tried: []string{"email"}}},
		{map[string]string{"tick": "digest", "day": "2026-11-23"}, outbox.Payload{Tick: "digest", Day: "2026-11-23"}},
		{map[string]string{"duty": "pickup", "turn": "0", "n": "2"}, outbox.Payload{Duty: "pickup", N: 2}},
		{map[string]string{"deputy": "a7", "left": "slack"}, outbox.Payload{Deputy: "a7", Left: "slack"}},
		{map[string]string{"anew": "tg:17", "trace": "one\ntwo"}, outbox.Payload{Anew: "tg:17", Trace: []string{"one", "two"}}},
	} {
		got := outbox.Item{Data: tt.data}.Payload()
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%v: %s", tt.data, diff)
		}
		if diff := cmp.Diff(tt.data, got.Data()); diff != "" {
			t.Errorf("written anew: %s", diff)
		}
	}
}

func TestAPayloadIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z:0-9]{0,8}`)
		names := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,6}`), 1, 3)
		want := outbox.Payload{
			Mail: name.Draw(t, "mail"), Note: name.Draw(t, "note"), Own: rapid.Bool().Draw(t, "own"), Anew: name.Draw(t, "anew"),
			Force: rapid.Bool().Draw(t, "force"), Instead: name.Draw(t, "instead"), Replace: rapid.Bool().Draw(t, "replace"),
			Tried: names.Draw(t, "tried"), Lost: names.Draw(t, "lost"), Tick: name.Draw(t, "tick"), Day: name.Draw(t, "day"),
			Duty: "d" + name.Draw(t, "duty"), Turn: rapid.IntRange(0, 99).Draw(t, "turn"), N: rapid.IntRange(0, 9).Draw(t, "n"),
			Deputy: name.Draw(t, "deputy"), Left: name.Draw(t, "left"), Trace: names.Draw(t, "trace"), At: time.Unix(rapid.Int64Range(1, 1<<32).Draw(t, "at"), 7).UTC(),
		}
		if diff := cmp.Diff(want, outbox.Item{Data: want.Data()}.Payload()); diff != "" {
			t.Error(diff)
		}
	})
}
