package chat_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/notifier/chat"
)

var errTrouble = errors.New("502 bad gateway")

func TestTheFirstCardIsPostedInThePreferredChatAndItsPlaceKept(t *testing.T) {
	r := newRoom(t)
	r.scene.Viewer.Fields[core.FieldChannels] = "email,telegram,slack"
	r.owes(core.DutyRelease, 2)
	r.must("post m1: filed v2 [Liberar]")
	p := r.place()
	if (p.Ref != card.Ref{Chat: "77", Message: "m1"}) || p.Turn != "release/2" || p.Version != 2 || p.Buttons != 1 || p.Person != "77" {
		t.Errorf("the place is %+v", p)
	}
}

func TestTheFirstCardIsNotPostedInAnotherChat(t *testing.T) {
	r := newRoom(t)
	r.scene.Viewer.Fields[core.FieldChannels] = "slack,telegram"
	calls, _, err := r.send()
	if !errors.Is(err, notifier.ErrMoot) || len(calls) > 0 {
		t.Errorf("%q, %v; want moot and silence", calls, err)
	}
	r.data = map[string]string{"anew": "tg:5"}
	r.must("post m1: filed v2")
}

func TestAnEqualCardIsNotSentAgain(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	r.must()
}

func TestAForcedCardIsRedrawnEvenIfEqual(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	r.data = map[string]string{"force": "tg:7"}
	r.must("edit m1: filed v2")
}

func TestAChangeIsDrawnInPlace(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	r.becomes(core.StateReleased, 3)
	r.must("edit m1: released v3")
	if p := r.place(); p.Version != 3 || p.Buttons != 0 {
		t.Errorf("the place is %+v", p)
	}
}

func TestWhenItBecomesTheirTurnTheCardIsPostedAnewAndTheOldOneIsRemoved(t *testing.T) {
	r := newRoom(t)
	r.owes(core.DutyRelease, 2)
	r.must("post m1: filed v2 [Liberar]")
	r.becomes(core.StateReturned, 3)
	r.must("edit m1: returned v3")
	r.becomes(core.StateFiled, 4)
	r.owes(core.DutyRelease, 4)
	r.must("post m2: filed v4 [Liberar]", "remove m1")
	r.must() // the same turn makes no sound again
	if p := r.place(); p.Ref.Message != "m2" || len(p.Old) > 0 {
		t.Errorf("the place is %+v", p)
	}
}

func TestATurnThatComesBackIsNotAnnouncedTwice(t *testing.T) {
	r := newRoom(t)
	r.owes(core.DutyRelease, 2)
	r.must("post m1: filed v2 [Liberar]")
	r.scene.Duties = nil // a substitution ended
	r.must("edit m1: filed v2")
	r.owes(core.DutyRelease, 2)
	r.must("edit m1: filed v2 [Liberar]")
}

func TestACardThatWasAskedForIsPostedAnewOncePerRequest(t *testing.T) {
	r := newRoom(t)
	r.owes(core.DutyRelease, 2)
	r.must("post m1: filed v2 [Liberar]")
	r.data = map[string]string{"anew": "tg:8"}
	r.must("post m2: filed v2 [Liberar]", "remove m1")
	r.must()
	r.data = map[string]string{"anew": "tg:9"}
	r.must("post m3: filed v2 [Liberar]", "remove m2")
}

func TestATurnThatAnAnswerBringsTooIsToldOnce(t *testing.T) {
	r := newRoom(t)
	r.scene.Viewer.Fields[core.FieldChannels] = "slack,telegram"
	r.owes(core.DutyRelease, 2)
	r.data = map[string]string{"own": "tg:8", "instead": "tg:8"}
	r.must("post m1: filed v2 [Liberar]")
	r.data = nil // of the substitution itself, later
	r.must()
	r.data = map[string]string{"own": "tg:8", "instead": "tg:8"}
	r.must()
}

func TestAMessageThatIsGoneIsPostedAnew(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	delete(r.shown, card.Ref{Chat: "77", Message: "m1"})
	r.becomes(core.StateReleased, 3)
	r.must("edit m1 gone", "post m2: released v3")
	r.must()
}

func TestOldCopiesAreTakenOffUntilItSucceeds(t *testing.T) {
	r := newRoom(t)
	r.owes(core.DutyRelease, 2)
	r.must("post m1: filed v2 [Liberar]")
	r.data = map[string]string{"anew": "tg:8"}
	r.removes = []error{errTrouble, outbox.RetryAfter(errTrouble, time.Second)}
	calls, _, err := r.send()
	if !errors.Is(err, errTrouble) {
		t.Errorf("error %v has the hub not try again", err)
	}
	r.called(calls, "post m2: filed v2 [Liberar]", "remove m1 fails")
	_, _, err = r.send()
	if after, ok := outbox.Wait(err); !ok || after != time.Second {
		t.Errorf("the platform's wait was lost in %v", err)
	}
	r.must("remove m1")
	r.must()
}

func TestOldMessagesOutOfReachAreForgotten(t *testing.T) {
	for _, fate := range []error{outbox.Gone(errTrouble), outbox.Permanent(errTrouble)} {
		gone := outbox.IsGone(fate)
		r := newRoom(t)
		r.owes(core.DutyRelease, 2)
		r.must("post m1: filed v2 [Liberar]")
		r.data = map[string]string{"anew": "tg:8"}
		r.removes, r.edits = []error{fate}, []error{fate}
		want := []string{"post m2: filed v2 [Liberar]", "remove m1 fails"}
		if gone {
			want = append(want, "edit m1 fails")
		}
		r.must(want...)
		if p := r.place(); len(p.Old) > 0 {
			t.Errorf("after %v old messages remain: %+v", fate, p.Old)
		}
	}
}

// Telegram deletes nothing that is older than 48 hours.
func TestAnOldCopyThatCannotBeRemovedSaysThatWhatIsSoIsBelow(t *testing.T) {
	r := newRoom(t)
	r.owes(core.DutyRelease, 2)
	r.must("post m1: filed v2 [Liberar]")
	r.data = map[string]string{"anew": "tg:8"}
	r.removes = []error{outbox.Gone(errTrouble)}
	r.must("post m2: filed v2 [Liberar]", "remove m1 fails", "edit m1: está más abajo")
	if p := r.place(); len(p.Old) > 0 {
		t.Errorf("old messages remain: %+v", p.Old)
	}
}

func TestErrorsOfThePlatformReachTheHub(t *testing.T) {
	errs := map[string]error{
		"plain": errTrouble, "permanent": outbox.Permanent(errTrouble), "uncertain": outbox.Uncertain(errTrouble),
		"config": outbox.Config(errTrouble), "wait": outbox.RetryAfter(errTrouble, time.Minute),
	}
	for name, want := range errs {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			r.posts = []error{want}
			if _, _, err := r.send(); !errors.Is(err, want) {
				t.Errorf("post: %v", err)
			}
			r.must("post m1: filed v2") // nothing was kept of the failure
			r.becomes(core.StateReleased, 3)
			r.edits = []error{want}
			if _, _, err := r.send(); !errors.Is(err, want) {
				t.Errorf("edit: %v", err)
			}
			r.must("edit m1: released v3")
		})
	}
}

func TestAPostWhosePlaceIsNotKeptIsUncertain(t *testing.T) {
	r := newRoom(t)
	r.puts = []error{errors.New("disk full")}
	if _, _, err := r.send(); !outbox.IsUncertain(err) {
		t.Errorf("error %v is not uncertain", err)
	}
}

func TestAnEditWhosePlaceIsNotKeptIsTriedAgain(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	r.becomes(core.StateReleased, 3)
	r.puts = []error{errors.New("disk full")}
	if _, _, err := r.send(); err == nil || outbox.IsUncertain(err) {
		t.Errorf("error %v; want one that has it tried again", err)
	}
	r.must("edit m1: released v3")
}

func TestANewerStateIsNotDrawnOver(t *testing.T) {
	r := newRoom(t)
	r.becomes(core.StateReleased, 3)
	r.must("post m1: released v3")
	r.becomes(core.StateFiled, 2)
	calls, _, err := r.send()
	if !errors.Is(err, notifier.ErrMoot) || len(calls) > 0 {
		t.Errorf("%q, %v; want moot and silence", calls, err)
	}
}

func TestWhoMayNoLongerSeeTheRequestKeepsNothingOfIt(t *testing.T) {
	r := newRoom(t)
	r.owes(core.DutyRelease, 2)
	r.must("post m1: filed v2 [Liberar]")
	r.err = fmt.Errorf("record r1 for a1: %w", desk.ErrNotFound)
	r.must("edit m1: ya no está a su cargo")
	if _, _, err := r.send(); !errors.Is(err, notifier.ErrMoot) {
		t.Errorf("the second time: %v, want moot", err)
	}
	r.err = nil // theirs again
	r.must("post m2: filed v2 [Liberar]", "remove m1")
}

func TestWhoNeverSawTheRequestIsToldNothing(t *testing.T) {
	r := newRoom(t)
	r.err = fmt.Errorf("record r1 for a1: %w", desk.ErrNotFound)
	calls, _, err := r.send()
	if !errors.Is(err, notifier.ErrMoot) || len(calls) > 0 || len(r.values) > 0 {
		t.Errorf("%q, %v, %d places; want moot and silence", calls, err, len(r.values))
	}
}

func TestASceneThatCannotBeLoadedIsTriedAgain(t *testing.T) {
	r := newRoom(t)
	r.err = errors.New("store: no answer")
	if _, _, err := r.send(); !errors.Is(err, r.err) || errors.Is(err, notifier.ErrMoot) {
		t.Errorf("error is %v", err)
	}
}

func TestWithoutALinkNothingIsPostedAndAKeptCardIsWithdrawn(t *testing.T) {
	r := newRoom(t)
	links := r.scene.Viewer.Links
	r.scene.Viewer.Links = nil
	if calls, _, err := r.send(); !errors.Is(err, notifier.ErrMoot) || len(calls) > 0 {
		t.Errorf("%q, %v; want moot and silence", calls, err)
	}
	r.scene.Viewer.Links = links
	r.owes(core.DutyRelease, 2)
	r.must("post m1: filed v2 [Liberar]")
	r.scene.Viewer.Links = nil
	r.must("edit m1: ya no está a su cargo")
}

func TestAnAccountLinkedToAnotherChatTakesItsCardsAlong(t *testing.T) {
	r := newRoom(t)
	r.owes(core.DutyRelease, 2)
	r.must("post m1: filed v2 [Liberar]")
	r.scene.Viewer.Links = []core.Link{{Platform: "telegram", ID: "88"}}
	r.must("post m2: filed v2 [Liberar]", "edit m1: ya no está a su cargo")
	if p := r.place(); p.Ref.Chat != "88" || p.Person != "88" {
		t.Errorf("the place is %+v", p)
	}
}

func TestTwoAtOnceLeaveOneCardWithButtons(t *testing.T) {
	r := newRoom(t)
	r.owes(core.DutyRelease, 2)
	raced := false
	r.before = func() {
		if !raced {
			raced = true // a second worker, whose colleague's lease ran out, posts first
			if _, err := r.ch.Send(t.Context(), desk.CardItem(record, account, "telegram", monday(), outbox.Payload{})); err != nil {
				t.Error(err)
			}
		}
	}
	if _, _, err := r.send(); err != nil {
		t.Error(err)
	}
	p := r.place()
	if got := r.withButtons(); len(got) != 1 || got[0] != p.Ref.Message || len(p.Old) > 0 {
		t.Errorf("buttons on %v, place %+v", got, p)
	}
}

// TestACardWhosePlaceAnOlderDrawingTookIsNotPostedAgain has a message found again that is
// among the old ones, too: an attempt of unknown outcome had posted it.
func TestACardWhosePlaceAnOlderDrawingTookIsNotPostedAgain(t *testing.T) {
	for name, found := range map[string]bool{"posted": false, "found": true} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			r.must("post m1: filed v2")
			r.scene.Record.Version = 3
			r.owes(core.DutyRelease, 3)
			r.puts = []error{desk.ErrConflict}
			if found {
				ref, err := r.Post(t.Context(), "77", card.Card{}, card.Ref{})
				if err != nil {
					t.Fatal(err)
				}
				r.found = ref
			}
			if _, _, err := r.send(); err != nil {
				t.Error(err)
			}
			p := r.place()
			if got := r.withButtons(); len(got) != 1 || got[0] != "m2" || p.Ref.Message != "m2" || len(p.Old) > 0 || len(r.shown) != 1 {
				t.Errorf("buttons on %v of %d messages, place %+v", got, len(r.shown), p)
			}
		})
	}
}

// TestAMessageThatIsFoundAgainAmongTheOldIsOldNoMore is of two attempts: what the first
// had posted was retired by another before the second found it.
func TestAMessageThatIsFoundAgainAmongTheOldIsOldNoMore(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	ref, err := r.Post(t.Context(), "77", card.Card{}, card.Ref{})
	if err != nil {
		t.Fatal(err)
	}
	p := r.place()
	p.Old = []chat.Old{{Ref: ref}}
	body, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	r.values[chat.Key(record, account, "telegram")] = body
	r.scene.Record.Version, r.found = 3, ref
	r.owes(core.DutyRelease, 3)
	if _, _, err := r.send(); err != nil {
		t.Error(err)
	}
	if got := r.withButtons(); len(got) != 1 || got[0] != "m2" {
		t.Errorf("buttons on %v, place %+v", got, r.place())
	}
}

func TestALateDrawingDoesNotStayOverANewerOne(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	r.becomes(core.StateReleased, 3)
	raced := false
	r.before = func() {
		if !raced {
			raced = true
			r.becomes(core.StateReceived, 4)
			if _, err := r.ch.Send(t.Context(), desk.CardItem(record, account, "telegram", monday(), outbox.Payload{})); err != nil {
				t.Error(err)
			}
		}
	}
	r.must("edit m1: received v4", "edit m1: released v3", "edit m1: received v4")
}

func TestWhoeverLosesEveryRaceLeavesItToTheHub(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	r.becomes(core.StateReleased, 3)
	r.puts = []error{desk.ErrConflict, desk.ErrConflict, desk.ErrConflict}
	if _, _, err := r.send(); err == nil || outbox.IsUncertain(err) {
		t.Errorf("an edit: %v; want an error that is not uncertain", err)
	}
	r = newRoom(t)
	r.puts = []error{desk.ErrConflict, desk.ErrConflict, desk.ErrConflict}
	if _, _, err := r.send(); !outbox.IsUncertain(err) {
		t.Errorf("a post: %v; want it uncertain", err)
	}
}

func TestAPlaceThatCannotBeReadSendsNothing(t *testing.T) {
	r := newRoom(t)
	key := chat.Key(record, account, "telegram")
	r.values[key], r.revs[key] = []byte("{"), 1
	if calls, _, err := r.send(); err == nil || len(calls) > 0 {
		t.Errorf("%q, %v; want an error and silence", calls, err)
	}
}

func TestAWithdrawalThatFailsIsTriedAgainAndOneOutOfReachIsDone(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	r.err = desk.ErrNotFound
	r.edits = []error{errTrouble, outbox.Gone(errTrouble)}
	if _, _, err := r.send(); !errors.Is(err, errTrouble) {
		t.Errorf("error %v has the hub not try again", err)
	}
	for range 2 {
		if _, _, err := r.send(); !errors.Is(err, notifier.ErrMoot) {
			t.Errorf("a card that is gone: %v, want moot", err)
		}
	}
}

func TestAPlaceThatWasKeptThoughTheAnswerSaysConflictIsNotUndone(t *testing.T) {
	r := newRoom(t)
	r.owes(core.DutyRelease, 2)
	// A client that repeats a Put whose answer was lost gets a conflict with itself.
	r.puts, r.late = []error{desk.ErrConflict}, true
	if _, _, err := r.send(); err != nil {
		t.Error(err)
	}
	if got := r.withButtons(); len(got) != 1 || len(r.shown) != 1 {
		t.Errorf("buttons on %v of %d messages", got, len(r.shown))
	}
}

func TestWhatIsNoCardIsRefusedForGood(t *testing.T) {
	r := newRoom(t)
	_, err := r.ch.Send(t.Context(), outbox.Item{What: desk.WhatMail, Record: record, Account: account})
	if !outbox.IsPermanent(err) {
		t.Errorf("error is %v", err)
	}
}
