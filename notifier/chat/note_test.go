package chat_test

import (
	"errors"
	"fmt"
	"testing"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

// say sends a note and returns what the platform was asked to do for it.
func (r *room) say(note core.Note, version int, data map[string]string) (calls []string, err error) {
	r.t.Helper()
	r.calls = nil
	rec := r.scene.Record
	rec.Version = version
	it := desk.NoteItem(rec, account, "telegram", note, monday(), outbox.Item{Data: data}.Payload())
	it.ID = fmt.Sprint(note, version)
	_, err = r.ch.Send(r.t.Context(), it)
	return r.calls, err
}

func TestANoteIsSaidUnderTheCard(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	calls, err := r.say("answer", 2, nil)
	r.called(calls, "post m2: answer of filed under m1")
	if err != nil {
		t.Error(err)
	}
	r.must() // the card is where it was
}

func TestANoteOfWhichNobodyHasTheCardIsAMessageOfItsOwn(t *testing.T) {
	r := newRoom(t)
	calls, err := r.say("answer", 2, nil)
	r.called(calls, "post m1: answer of filed")
	if err != nil {
		t.Error(err)
	}
}

func TestANoteThatReplacesTakesTheOneBeforeOffTheScreen(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	replace := map[string]string{"replace": "yes"}
	for version, want := range [][]string{
		{"post m2: reminder of filed under m1"},
		{"post m3: reminder of filed under m1", "remove m2"},
		{"post m4: reminder of filed under m1", "remove m3"},
	} {
		calls, err := r.say("reminder", version, replace)
		r.called(calls, want...)
		if err != nil {
			t.Error(err)
		}
	}
}

func TestANoteThatWasSaidIsNotSaidAgainByTheNextAttempt(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	for _, want := range [][]string{{"post m2: answer of filed under m1"}, nil} {
		calls, err := r.say("answer", 2, nil)
		r.called(calls, want...)
		if err != nil {
			t.Error(err)
		}
	}
}

func TestANoteThatComesAgainAfterOthersIsNotSaidAgain(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	for _, act := range []struct {
		version int
		want    []string
	}{
		{2, []string{"post m2: comment of filed under m1"}},
		{3, []string{"post m3: comment of filed under m1"}},
		{2, nil}, // its settlement was lost, and its lease has ended
		{3, nil},
		{4, []string{"post m4: comment of filed under m1"}},
		{2, nil},
	} {
		calls, err := r.say("comment", act.version, nil)
		r.called(calls, act.want...)
		if err != nil {
			t.Error(err)
		}
	}
}

func TestANoteSaidAtTheSameTimeAsAnotherIsSaidOnce(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	second := false
	r.before = func() { // while the first is being posted, another worker says the second
		if second {
			return
		}
		second = true
		said := r.calls
		if _, err := r.say("comment", 3, nil); err != nil {
			t.Error(err)
		}
		r.calls = said
	}
	for _, version := range []int{2, 3, 2} {
		if _, err := r.say("comment", version, nil); err != nil {
			t.Errorf("comment %d: %v", version, err)
		}
	}
	if n := len(r.shown); n != 3 { // the card and two comments
		t.Errorf("%d messages are shown", n)
	}
}

func TestANoteWhosePlaceIsNotKeptIsUncertain(t *testing.T) {
	r := newRoom(t)
	r.puts = []error{errTrouble}
	_, err := r.say("answer", 2, nil)
	if !outbox.IsUncertain(err) {
		t.Errorf("%v; want uncertain", err)
	}
}

func TestANoteThatIsNoLongerNeededIsMoot(t *testing.T) {
	r := newRoom(t)
	r.becomes(core.StateCollected, 9)
	calls, err := r.say("reminder", 9, nil)
	if !errors.Is(err, notifier.ErrMoot) || len(calls) > 0 {
		t.Errorf("%q, %v; want moot and silence", calls, err)
	}
}
