package chat_test

import (
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

func TestInQuietHoursATurnIsDrawnInPlaceAndToldWhenTheyEnd(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	r.wait = 13 * time.Hour
	r.becomes(core.StateReturned, 3)
	r.owes(core.DutyRelease, 3)
	calls, _, err := r.send()
	r.called(calls, "edit m1: returned v3 [Liberar]")
	if after, ok := outbox.PutOff(err); !ok || after != r.wait {
		t.Errorf("%v; want it put off", err)
	}
	r.wait = 0
	r.must("post m2: returned v3 [Liberar]", "remove m1")
}

func TestInQuietHoursAFirstCardWaits(t *testing.T) {
	r := newRoom(t)
	r.wait = time.Hour
	calls, _, err := r.send()
	r.called(calls)
	if after, ok := outbox.PutOff(err); !ok || after != time.Hour {
		t.Errorf("%v; want it put off", err)
	}
}

func TestInQuietHoursWhatMakesNoSoundIsDrawn(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	r.wait = time.Hour
	r.becomes(core.StateReleased, 3)
	r.must("edit m1: released v3")
}

func TestInQuietHoursACardThatIsGoneIsNotPostedAnewBeforeTheyEnd(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	delete(r.shown, card.Ref{Chat: "77", Message: "m1"})
	r.wait = 13 * time.Hour
	r.becomes(core.StateReleased, 3)
	calls, _, err := r.send()
	r.called(calls, "edit m1 gone")
	if after, ok := outbox.PutOff(err); !ok || after != r.wait {
		t.Errorf("%v; want it put off", err)
	}
	r.wait = 0
	r.must("post m2: released v3")
}

func TestANoteThatIsOverIsTakenOffTheScreen(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	replace := map[string]string{"replace": "yes"}
	if _, err := r.say("reminder", 2, replace); err != nil {
		t.Fatal(err)
	}
	r.becomes(core.StateCollected, 9)
	calls, err := r.say("reminder", 9, replace)
	r.called(calls, "remove m2")
	if err != nil {
		t.Error(err)
	}
}
