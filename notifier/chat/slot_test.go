package chat_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/notifier/chat"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// hubRoom is a room behind a hub with the rates of Telegram, in a bubble.
type hubRoom struct {
	*room
	store *storagetest.Model
	stop  func()
}

// behindHub has a hub send what is put into the room's store.
func behindHub(t *testing.T) *hubRoom {
	t.Helper()
	r := &hubRoom{room: newRoom(t), store: storagetest.NewModel()}
	r.anyRecord = true
	r.ch = chat.New(chat.Config{
		Platform: "telegram", Poster: r.poster, Scenes: r, Sessions: r.store, Now: monday, Draw: draw, Note: note, Gone: gone,
	})
	return r
}

func (r *hubRoom) put(items ...outbox.Item) {
	r.t.Helper()
	for i := range items {
		items[i].Due = testbed.Now()
	}
	if _, err := r.store.Add(r.t.Context(), testbed.Now(), items...); err != nil {
		r.t.Fatal(err)
	}
}

// run starts the hub.
func (r *hubRoom) run() {
	r.t.Helper()
	hub, err := notifier.New(notifier.Config{
		Outbox: r.store, Now: testbed.Now, Log: slog.New(slog.DiscardHandler), Senders: map[string]notifier.Sender{"telegram": r.ch},
		Limits: map[string]notifier.Limits{"telegram": {
			To:  []outbox.Rate{{Scope: "chat", Every: time.Second, Burst: 3}},
			All: []outbox.Rate{{Scope: "bot", Every: time.Second / 25, Burst: 5}},
		}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan error, 1)
	go func() { done <- hub.Run(ctx) }()
	r.stop = func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Error(err)
		}
	}
}

// standing counts the items in a state.
func (r *hubRoom) standing(state outbox.State) int {
	r.t.Helper()
	items, err := r.store.Items(r.t.Context(), state, "", 10_000)
	if err != nil {
		r.t.Fatal(err)
	}
	return len(items)
}

// redraws are cards that are out, of as many records, to be drawn again.
func (r *hubRoom) redraws(n int) []outbox.Item {
	r.t.Helper()
	var items []outbox.Item
	for i := range n {
		it := desk.CardItem(fmt.Sprint("record", i), account, "telegram", monday(), outbox.Payload{})
		if _, err := r.ch.Send(r.t.Context(), it); err != nil {
			r.t.Fatal(err)
		}
		items = append(items, it)
	}
	return items
}

func (r *hubRoom) note() outbox.Item {
	return desk.NoteItem(core.Record{ID: record, Version: 2}, account, "telegram", "answer", monday(), outbox.Payload{})
}

func TestTwoThousandRedrawsThatSendNothingHoldNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := behindHub(t)
		items := r.redraws(2000)
		r.forget()
		r.put(append(items, r.note())...)
		r.run()
		defer r.stop()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		r.called(r.seen(), "post m2001: answer of filed")
		if n := r.standing(outbox.Sent); n != 2001 {
			t.Errorf("%d of 2001 are sent", n)
		}
	})
}

func TestRedrawsThatSendSomethingKeepToTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := behindHub(t)
		items := r.redraws(40)
		r.becomes(core.StateReleased, 3)
		r.forget()
		r.put(items...)
		r.run()
		defer r.stop()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := len(r.seen()); n > 13 || n < 9 { // three at once, then one a second and a tenth
			t.Errorf("%d were drawn in ten seconds", n)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := len(r.seen()); n != 40 || r.standing(outbox.Sent) != 40 {
			t.Errorf("%d were drawn, %d are sent", n, r.standing(outbox.Sent))
		}
	})
}

func TestWhatWaitedForItsSlotIsDrawnAsItIsThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := behindHub(t)
		items := r.redraws(5)
		r.becomes(core.StateReleased, 3)
		r.forget()
		for i := range items {
			items[i].Lane = outbox.Press // waits claimed for its turn, not in line
		}
		r.put(items...)
		r.run()
		defer r.stop()
		time.Sleep(100 * time.Millisecond) // three are drawn; two wait
		synctest.Wait()
		r.becomes(core.StateReceived, 4)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		var later []string
		for _, call := range r.seen() {
			if strings.HasSuffix(call, "v4") {
				later = append(later, call)
			}
		}
		if len(r.seen()) != 5 || len(later) != 2 {
			t.Errorf("the platform saw %q; want two of five as they are at the end", r.seen())
		}
	})
}
