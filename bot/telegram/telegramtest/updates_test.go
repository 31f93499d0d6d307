package telegramtest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func texts(list []event) []string {
	var out []string
	for _, e := range list {
		if e.Message != nil {
			out = append(out, e.Message.Text)
		}
	}
	return out
}

func TestUpdatesComeUntilTheOffsetPassesThem(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	for _, text := range []string{"a", "b", "c", "d"} {
		p.Say(text)
	}
	first := updatesOf(t, s, params{"limit": 2})
	if diff := cmp.Diff([]string{"a", "b"}, texts(first)); diff != "" {
		t.Errorf("limit (-want +got):\n%s", diff)
	}
	if again := texts(updatesOf(t, s, params{})); len(again) != 4 {
		t.Errorf("unconfirmed ones come again, got %v", again)
	}
	if first[1].ID != first[0].ID+1 {
		t.Errorf("ids %d, %d do not increase by one", first[0].ID, first[1].ID)
	}
	if diff := cmp.Diff([]string{"b", "c", "d"}, texts(updatesOf(t, s, params{"offset": first[1].ID}))); diff != "" {
		t.Errorf("offset (-want +got):\n%s", diff)
	}
	if s.Pending() != 3 || s.Idle() {
		t.Errorf("%d pending, idle %v", s.Pending(), s.Idle())
	}
	if diff := cmp.Diff([]string{"c", "d"}, texts(updatesOf(t, s, params{"offset": -2}))); diff != "" {
		t.Errorf("negative offset (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"c", "d"}, texts(updatesOf(t, s, params{"offset": 0}))); diff != "" {
		t.Errorf("a negative offset forgets the others (-want +got):\n%s", diff)
	}
	if rest := updatesOf(t, s, params{"offset": first[1].ID + 100}); len(rest) != 0 || !s.Idle() {
		t.Errorf("got %v", texts(rest))
	}
}

func TestADuplicateComesOnceMoreWithItsOldNumber(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	p.Say("a")
	a := updatesOf(t, s, params{})[0]
	p.Say("b")
	updatesOf(t, s, params{"offset": a.ID + 2})
	p.Say("c")
	s.Person(5, "Raúl", "").Say("d")
	p.Redeliver()
	got := updatesOf(t, s, params{"offset": a.ID + 2})
	if diff := cmp.Diff([]string{"c", "c", "d"}, texts(got)); diff != "" || got[0].ID != got[1].ID {
		t.Errorf("-want +got:\n%s", diff)
	}
	updatesOf(t, s, params{"offset": got[2].ID + 1})
	p.Redeliver() // long confirmed
	got = updatesOf(t, s, params{"offset": got[2].ID + 1})
	if diff := cmp.Diff([]string{"c"}, texts(got)); diff != "" || s.Idle() {
		t.Errorf("-want +got:\n%s", diff)
	}
	updatesOf(t, s, params{"offset": 1 << 30})
	if !s.Idle() {
		t.Error("the duplicate is confirmed, yet not idle")
	}
}

// waiting has a long poll under way, and gives its answer when it comes.
func waiting(t *testing.T, ctx context.Context, s *Server, p params) <-chan said { //nolint:revive // t first, as in all helpers
	t.Helper()
	out := make(chan said, 1)
	go func() {
		got, err := callMethod(ctx, s, "getUpdates", p)
		if err != nil {
			got.Description = err.Error()
		}
		out <- got
	}()
	await(t, s, s.Polling)
	return out
}

func TestALongPollWaitsForTheNextUpdate(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	got := waiting(t, t.Context(), s, params{"timeout": 50})
	if !s.Idle() {
		t.Error("a long poll alone keeps nobody busy")
	}
	p.Say("por fin")
	if diff := cmp.Diff([]string{"por fin"}, texts(decode[[]event](t, (<-got).Result))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if list := updatesOf(t, s, params{"offset": 1 << 30, "timeout": 1}); len(list) != 0 {
		t.Errorf("got %v after the timeout", list)
	}
}

func TestOfTwoPollersTheOlderIsToldOfTheConflict(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	first := waiting(t, t.Context(), s, params{"timeout": 50})
	second := make(chan said, 1)
	go func() {
		got, _ := callMethod(t.Context(), s, "getUpdates", params{"timeout": 50})
		second <- got
	}()
	if got := <-first; got.Code != 409 || got.Description != "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running" {
		t.Errorf("got %+v", got)
	}
	p.Say("hola")
	if got := <-second; !got.OK {
		t.Errorf("got %+v", got)
	}
}

func TestWebhookAndPollingExcludeEachOther(t *testing.T) {
	s := start(t)
	got := waiting(t, t.Context(), s, params{"timeout": 50})
	must(t, s, "setWebhook", params{"url": "http://127.0.0.1:9/hook"})
	if got := <-got; got.Description != "Conflict: terminated by setWebhook request" {
		t.Errorf("got %+v", got)
	}
	r := refused(t, s, "getUpdates", params{}, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	if r.Code != 409 {
		t.Errorf("code %d", r.Code)
	}
	must(t, s, "deleteWebhook", params{})
	must(t, s, "getUpdates", params{})
}

func TestAPollerThatDiesLosesAndConfirmsNothing(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	ctx, kill := context.WithCancel(t.Context())
	gone := waiting(t, ctx, s, params{"timeout": 50})
	kill()
	<-gone
	await(t, s, func() bool { return !s.Polling() })
	p.Say("sigo aquí")
	s.Intercept(func(c *Call) *Fault {
		if c.Method == "getUpdates" {
			return &Fault{Drop: true, After: true}
		}
		return nil
	})
	if _, err := callMethod(t.Context(), s, "getUpdates", params{}); err == nil {
		t.Error("the connection was not dropped")
	}
	s.Intercept(nil)
	if diff := cmp.Diff([]string{"sigo aquí"}, texts(updatesOf(t, s, params{}))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestOnlyAllowedUpdatesAreQueued(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	updatesOf(t, s, params{"allowed_updates": []string{"callback_query"}})
	p.Say("nadie oye")
	p.PressData(1, "x")
	got := updatesOf(t, s, params{})
	if len(got) != 1 || got[0].Query == nil {
		t.Errorf("got %+v", got)
	}
	updatesOf(t, s, params{"allowed_updates": []string{}, "offset": got[0].ID + 1})
	p.Block()
	if got := updatesOf(t, s, params{}); len(got) != 1 || got[0].Member.New.Status != "kicked" {
		t.Errorf("got %+v", got)
	}
}

func TestUpdatesAreKeptForADay(t *testing.T) {
	clock := day
	s := start(t, Options{NoRateLimits: true, Now: func() time.Time { return clock }})
	p := lucía(t, s)
	p.Say("viejo")
	clock = day.Add(25 * time.Hour)
	p.Say("nuevo")
	if diff := cmp.Diff([]string{"nuevo"}, texts(updatesOf(t, s, params{}))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestCloseEndsEverythingThatWaits(t *testing.T) {
	s := New(token, Options{})
	got := waiting(t, t.Context(), s, params{"timeout": 50})
	must(t, s, "setMyCommands", nil)
	s.Close()
	if r := <-got; r.OK {
		t.Errorf("got %+v", r)
	}
	if err := s.Await(t.Context(), func() bool { return false }); err == nil {
		t.Error("Await outlived Close")
	}
	s.Close() // twice is harmless
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	s := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Await(ctx, func() bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestFaultsAreCommittedAsAsked(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	hit := params{"chat_id": p.ID(), "text": "x"}
	var fault *Fault
	s.Intercept(func(c *Call) *Fault {
		if c.Method == "sendMessage" && c.Params["text"] == "x" {
			return fault
		}
		return nil
	})
	fault = &Fault{Status: 502, Body: "<html>Bad Gateway</html>"}
	_, err := callMethod(t.Context(), s, "sendMessage", hit)
	if _, ok := errors.AsType[*json.SyntaxError](err); !ok {
		t.Errorf("got %v, want a body that is no JSON", err)
	}
	fault = &Fault{Drop: true}
	if _, err := callMethod(t.Context(), s, "sendMessage", hit); err == nil {
		t.Error("the connection was not dropped")
	}
	if n := len(p.Screen()); n != 1 {
		t.Errorf("%d messages: a fault before execution executed", n)
	}
	fault = &Fault{Drop: true, After: true}
	if _, err := callMethod(t.Context(), s, "sendMessage", hit); err == nil {
		t.Error("the connection was not dropped")
	}
	if n := len(p.Screen()); n != 2 {
		t.Errorf("%d messages: a fault after execution did not execute", n)
	}
	fault = &Fault{Delay: time.Millisecond}
	sendText(t, s, hit)
	fault = &Fault{Body: `{"ok":true,"result":{"message_id":7}}`}
	if got := sendText(t, s, hit); got.ID != 7 || len(p.Screen()) != 3 {
		t.Errorf("got %+v", got)
	}
	await(t, s, s.Idle)
	var statuses []int
	for _, c := range s.Calls() {
		if c.Method == "sendMessage" {
			statuses = append(statuses, c.Status)
		}
	}
	if diff := cmp.Diff([]int{502, 0, 0, 200, 200}, statuses); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
