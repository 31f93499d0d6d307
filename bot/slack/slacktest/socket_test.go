package slacktest_test

import (
	"testing"

	"github.com/gorilla/websocket"
)

func TestAConnectionIsAskedWhetherItIsThere(t *testing.T) {
	w := quick(t)
	_, address, err := w.client.StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn, res, err := websocket.DefaultDialer.DialContext(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	asked := make(chan struct{}, 1)
	conn.SetPingHandler(func(string) error {
		select {
		case asked <- struct{}{}:
		default:
		}
		return nil
	})
	ended := make(chan struct{})
	go func() { // whoever reads is told of what is asked
		defer close(ended)
		for {
			if _, _, err := conn.NextReader(); err != nil {
				return
			}
		}
	}()
	<-asked
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	<-ended
}
