package app_test

import (
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core/testbed"
)

// A 429 to an answer holds the notices to the same person up: nobody calls that chat
// until the time that Telegram named.
func TestA429ToAnAnswerHoldsTheHubUpTooInThatChat(t *testing.T) {
	const wait = 2 * time.Second
	w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	r := bottest.Runner{World: w, Patience: world.Patience}
	if err := r.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := r.Part(t.Context(), []bottest.Line{{Kind: bottest.Linked, Arg: "raúl@telegram"}}); err != nil {
		t.Fatal(err)
	}
	raul := w.Telegram.Person(w.People["raúl"].TelegramID, "", "")
	var mu sync.Mutex
	began := testbed.Start()
	var calls []time.Duration // of messages to Raúl
	refused := make(chan struct{})
	w.Telegram.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Method != "sendMessage" || c.Params["chat_id"] != "1002" {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		if calls = append(calls, began.Elapsed()); len(calls) > 1 {
			return nil
		}
		close(refused)
		return &telegramtest.Fault{Status: 429, Body: `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 2","parameters":{"retry_after":2}}`}
	})
	raul.Say("/ayuda")
	<-refused
	if _, err := w.File(t.Context(), w.App()); err != nil { // a card for him, from the hub
		t.Fatal(err)
	}
	testbed.Await(t, world.Patience, "the answer and the card", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(calls) >= 3
	})
	mu.Lock()
	defer mu.Unlock()
	for _, at := range calls[1:] {
		if at < calls[0]+wait-50*time.Millisecond {
			t.Errorf("refused at %s for %s, and called again at %s", calls[0], wait, at)
		}
	}
}
