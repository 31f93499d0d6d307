package slack

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot/wire"
)

func TestWhatTwoAppsAreBroughtUnderOneNameIsTwoActs(t *testing.T) {
	var got []string
	for _, me := range []identity{{Team: "T1", Self: "UBOT"}, {Team: "T1", Self: "UOTHER"}, {Team: "T2", Self: "UBOT"}} {
		r := receiver{parser: parser{Me: me}}
		in, err := r.read(typeEvents, []byte(`{"team_id":"`+me.Team+`","event_id":"Ev7","event":{"type":"message","channel_type":"im","user":"U1","channel":"D1","ts":"1795452120.000100","text":"147"}}`))
		if err != nil || in.Input == nil || in.ID != "sl:Ev7" {
			t.Fatalf("%+v, %v", in, err)
		}
		got = append(got, in.Input.Once)
	}
	if diff := cmp.Diff([]string{"sl:T1-UBOT:Ev7", "sl:T1-UOTHER:Ev7", "sl:T2-UBOT:Ev7"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatAnEarlierVersionKeptIsWorkedByTheNameThatItHad(t *testing.T) {
	r := receiver{parser: parser{Me: identity{Team: "T1", Self: "UBOT"}}}
	body := []byte(`{"team_id":"T1","event_id":"Ev7","event":{"type":"message","channel_type":"im","user":"U1","channel":"D1","ts":"1795452120.000100","text":"147"}}`)
	for once, want := range map[string]string{"": "sl:Ev7", "sl:T1-UBOT:Ev7": "sl:T1-UBOT:Ev7"} {
		j, ok := r.revive(wire.Kept{ID: "sl:Ev7", Once: once, Kind: typeEvents, Body: body})
		if !ok || j.Input.Once != want {
			t.Errorf("kept as %q: %+v", once, j)
		}
	}
}
