//go:build e2e

package moved

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// moving is a world whose SIDEM, whenever it is started again, runs on another
// store: what backup wrote of the one, restore has filled the other with.
type moving struct {
	*world.World
	t      *testing.T
	stores func() office.Secret // the next empty one
	moves  int
	dead   string // an item that reached nobody, before the first move
}

// Restart moves between the end and the start of SIDEM.
func (m *moving) Restart(ctx context.Context) error {
	if err := m.Service.Stop(); err != nil {
		return err
	}
	if m.moves++; m.moves == 1 {
		if err := m.bury(ctx); err != nil {
			return err
		}
	}
	from, to := m.Config, m.Config
	to.Store = m.stores()
	file := filepath.Join(m.t.TempDir(), "sidem.backup")
	// On the time of the story: whoever opens a store forgets what expired long before.
	from.ClockFile = e2etest.Written(m.t, m.Time.Now().Format(time.RFC3339))
	to.ClockFile = from.ClockFile
	wrote, err := ops.Backup(ctx, &from, world.Quiet(), ops.Backing{File: file})
	if err != nil {
		return err
	}
	read, err := ops.Restore(ctx, &to, world.Quiet(), file)
	if err != nil {
		return err
	}
	if d := wrote.Differences(read.Report); len(d) > 0 || len(read.Faults) > 0 || read.Attachments.Absent > 0 {
		return fmt.Errorf("backup and restore differ: %v; %v; %d attachments are absent", d, read.Faults, read.Attachments.Absent)
	}
	m.Config.Store = to.Store
	dead := 0
	err = ops.EachItem(ctx, &to, world.Quiet(), outbox.Dead, func(it outbox.Item) error {
		if it.ID == m.dead {
			dead++
		}
		return nil
	})
	if err != nil || dead != 1 {
		return fmt.Errorf("the item that reached nobody is there %d times: %w", dead, err)
	}
	if s, ok := m.Service.(*e2etest.Outside); ok { // one that has ended starts no more
		m.Service = &e2etest.Outside{World: m.World, Dir: s.Dir}
	}
	m.Halted = false
	return m.Service.Start(ctx)
}

// lost is the key of an item that reaches nobody; the audit knows its kind.
const lost = "tick:lost:2026-11-23"

// bury leaves an item that reached nobody.
func (m *moving) bury(ctx context.Context) error {
	return m.Visit(ctx, func(a *app.App) error {
		now := m.Time.Now()
		if _, err := a.Store.Add(ctx, now, outbox.Item{Key: lost, Merge: outbox.Once, Due: now, What: notifier.WhatTick, Data: map[string]string{"tick": "lost"}}); err != nil {
			return err
		}
		items, err := a.Store.Claim(ctx, now, 1, time.Minute)
		if err != nil || len(items) != 1 || items[0].Key != lost {
			return fmt.Errorf("claimed %v: %w", items, err)
		}
		m.dead = items[0].ID
		_, err = a.Store.Settle(ctx, now, []outbox.Result{{ID: m.dead, Epoch: items[0].Epoch, Version: items[0].Version, Outcome: outbox.Buried}})
		return err
	})
}

// halts are the lines of a story with SIDEM ended and started again at n places in
// it. None is within a trouble: while a platform serves nobody, a world that waits
// for it to deliver does not begin.
func halts(lines []bottest.Line, n int) []bottest.Line {
	var calm []int
	trouble := false
	for i, l := range lines {
		if l.Kind == bottest.Trouble {
			trouble = l.Arg != "ninguna"
		} else if !trouble {
			calm = append(calm, i)
		}
	}
	for i := n; i > 0; i-- {
		at := calm[len(calm)*i/(n+1)]
		lines = slices.Insert(lines, at, bottest.Line{Text: "apagado", Kind: bottest.Off}, bottest.Line{Text: "encendido", Kind: bottest.On})
	}
	return lines
}

// bothWays gives empty stores: on Redis, on SQLite, on Redis…
func bothWays(t *testing.T, server *redistest.Server, n *atomic.Int64) func() office.Secret {
	t.Helper()
	redis := false
	return func() office.Secret {
		if redis = !redis; redis {
			return office.Secret(server.DSN(fmt.Sprintf("sidem-%d", n.Add(1))))
		}
		return office.Secret("sqlite:" + filepath.Join(t.TempDir(), "sidem.db"))
	}
}

func TestAnOfficeThatMovesBetweenSQLiteAndRedisInTheMiddleOfAStoryLosesNothing(t *testing.T) {
	server := redistest.Start(t, redistest.Options{ACL: e2etest.AnyTag})
	tags := new(atomic.Int64)
	e2etest.Crowded(t, 8, bottest.Names(), func(t *testing.T, name string) {
		lines := e2etest.Scenario(t, name)
		w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
		m := &moving{World: w, t: t, stores: bothWays(t, server, tags)}
		r := bottest.Runner{World: m, Patience: world.Patience}
		if err := r.Play(t.Context(), halts(lines, 3)); err != nil {
			t.Error(err)
		}
		if m.moves < 3 {
			t.Errorf("it moved %d times", m.moves)
		}
	})
}

func TestAnOfficeOfProcessesMovesToRedisAndBack(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{ACL: e2etest.AnyTag})
	lines := e2etest.Scenario(t, "ocho_pasos")
	dir := t.TempDir()
	w := e2etest.OpenWorld(t, dir, func(w *world.World) world.Service { return &e2etest.Outside{World: w, Dir: dir} })
	m := &moving{World: w, t: t, stores: bothWays(t, server, new(atomic.Int64))}
	r := bottest.Runner{World: m, Patience: world.Patience}
	if err := r.Play(t.Context(), halts(lines, 2)); err != nil {
		t.Error(err)
	}
}

func TestMain(m *testing.M) { e2etest.Main(m, nil) }
