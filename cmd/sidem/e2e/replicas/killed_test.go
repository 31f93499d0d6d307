//go:build e2e

package replicas

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// errDead is what the store says to a replica that was killed.
var errDead = errors.New("this replica is dead")

// claims are the claims of one replica: it claims nothing while it is shut, and once it
// is armed it dies with the first card in its hands.
type claims struct {
	app.Store
	shut, armed, dead atomic.Bool
	died              chan struct{}
}

func (c *claims) Claim(ctx context.Context, now time.Time, n int, lease time.Duration) ([]outbox.Item, error) {
	switch {
	case c.dead.Load():
		return nil, errDead
	case c.shut.Load():
		return nil, nil
	}
	items, err := c.Store.Claim(ctx, now, n, lease)
	if c.armed.Load() && slices.ContainsFunc(items, func(it outbox.Item) bool { return it.What == desk.WhatCard }) && c.dead.CompareAndSwap(false, true) {
		close(c.died)
		return nil, errDead
	}
	return items, err
}

func (c *claims) Settle(ctx context.Context, now time.Time, results []outbox.Result) (int, error) {
	if c.dead.Load() {
		return 0, errDead
	}
	return c.Store.Settle(ctx, now, results)
}

func TestWhatAPersonAsksForComesThoughAReplicaWasKilledWithItInItsHands(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	w, s, err := e2etest.NewTwins(t.TempDir(), server.DSN("sidem"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Front.Close)
	both := [2]*claims{{died: make(chan struct{})}, {}}
	for i, one := range s.Both {
		one.Wrap = func(inner app.Store) app.Store {
			both[i].Store = inner
			return both[i]
		}
	}
	r := e2etest.NewRivals(t, w, s)
	request := r.Begin()
	raúl := w.Telegram.Person(w.People["raúl"].TelegramID, "", "")

	both[1].shut.Store(true)
	both[0].armed.Store(true)
	raúl.Say("/solicitud " + request.Number)
	<-both[0].died
	s.Front.To(s.Both[1].Address())
	both[1].shut.Store(false)

	asked := testbed.Start()
	before := newest(r, request.Number)
	raúl.Say("/solicitud " + request.Number)
	e2etest.Await(t, "the card", func() bool { return newest(r, request.Number) > before })
	if took, lease := asked.Elapsed(), 30*time.Second; took > lease/2 {
		t.Errorf("the card came after %v: it waited for the lease of the dead", took)
	}
	e2etest.Rest(t, w)
	if stale, err := w.Stale(t.Context()); err != nil || len(stale) > 0 {
		t.Errorf("buttons of a state that was left: %v, %v", stale, err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

// newest is the id of the last message by which the bot tells Raúl of a request; 0 for none.
func newest(r *e2etest.Rivals, number string) (id int) {
	for _, m := range r.World.Telegram.Person(r.World.People["raúl"].TelegramID, "", "").Screen() {
		if m.FromBot && strings.Contains(m.Text, "Solicitud número "+number) {
			id = m.ID
		}
	}
	return id
}
