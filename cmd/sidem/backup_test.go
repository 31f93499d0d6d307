package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sidem/bot/bottest"
	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/demo/world"
	"sidem/cmd/sidem/office"
	"sidem/core/outbox"
	"sidem/storage/redis/redistest"
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
	from, to := m.Config.Store, m.stores()
	file := filepath.Join(m.t.TempDir(), "sidem.backup")
	// On the time of the story: whoever opens a store forgets what expired long before.
	clock := "--clock-file=" + written(m.t, m.Time.Now().Format(time.RFC3339))
	var wrote, read, errs bytes.Buffer
	if code := run(ctx, []string{"backup", file, clock, "--store", from.Reveal()}, &wrote, &errs); code != exitFine {
		return fmt.Errorf("backup: exit %d: %s", code, errs.String())
	}
	if code := run(ctx, []string{"restore", file, clock, "--store", to.Reveal(), "--files", m.Config.Files}, &read, &errs); code != exitFine {
		return fmt.Errorf("restore: exit %d: %s", code, errs.String())
	}
	if !strings.HasPrefix(read.String(), wrote.String()) || !strings.Contains(read.String(), " 0 faults") {
		return fmt.Errorf("backup said %s, restore said %s", wrote.String(), read.String())
	}
	m.Config.Store = to
	var list bytes.Buffer
	if code := run(ctx, []string{"outbox", "list", clock, "--state", "dead", "--store", to.Reveal()}, &list, &errs); code != exitFine || !strings.Contains(list.String(), m.dead) {
		return fmt.Errorf("outbox list: exit %d: %s%s; want the dead item %s", code, list.String(), errs.String(), m.dead)
	}
	if s, ok := m.Service.(*outside); ok { // one that has ended starts no more
		m.Service = &outside{w: m.World, dir: s.dir}
	}
	m.Halted = false
	return m.Service.Start(ctx)
}

// bury leaves an item that reached nobody.
func (m *moving) bury(ctx context.Context) error {
	return m.Visit(ctx, func(a *app.App) error {
		now := m.Time.Now()
		if _, err := a.Store.Add(ctx, now, outbox.Item{Key: "lost", Merge: outbox.Once, Due: now, Channel: "email", What: "mail"}); err != nil {
			return err
		}
		items, err := a.Store.Claim(ctx, now, 1, time.Minute)
		if err != nil || len(items) != 1 || items[0].Key != "lost" {
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
	server := redistest.Start(t, redistest.Options{ACL: anyTag})
	tags := new(atomic.Int64)
	crowded(t, 8, bottest.Names(), func(t *testing.T, name string) {
		lines := scenario(t, name)
		w := openWorld(t, t.TempDir(), world.InProcess)
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
	server := redistest.Start(t, redistest.Options{ACL: anyTag})
	lines := scenario(t, "ocho_pasos")
	dir := t.TempDir()
	w := openWorld(t, dir, func(w *world.World) world.Service { return &outside{w: w, dir: dir} })
	m := &moving{World: w, t: t, stores: bothWays(t, server, new(atomic.Int64))}
	r := bottest.Runner{World: m, Patience: world.Patience}
	if err := r.Play(t.Context(), halts(lines, 2)); err != nil {
		t.Error(err)
	}
}

// command is sidem with arguments, in a process of its own.
func command(t *testing.T, store office.Secret, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...) //nolint:gosec // this very binary
	cmd.Env = []string{serveEnv + "=1", "SIDEM_STORE=" + store.Reveal(), "SIDEM_FILES=" + t.TempDir(), "SIDEM_ADMIN_ADDR=off"}
	return cmd
}

// begun is a world with people and a request, and nobody running.
func begun(t *testing.T) *world.World {
	t.Helper()
	w := openWorld(t, t.TempDir(), world.InProcess)
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Given(t.Context(), "solicitud por liberar"); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestOneCommandPipesAStoreIntoAnother(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	w := begun(t)
	if err := w.Service.Stop(); err != nil {
		t.Fatal(err)
	}
	var said, errs, read bytes.Buffer
	from, to := command(t, w.Config.Store, "backup", "-"), command(t, office.Secret(server.DSN("sidem")), "restore", "-")
	pipe, err := from.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	to.Stdin, to.Stdout, to.Stderr, from.Stderr = pipe, &read, &errs, &said
	if err := from.Start(); err != nil {
		t.Fatal(err)
	}
	if err := to.Run(); err != nil {
		t.Errorf("restore: %v: %s", err, errs.String())
	}
	if err := from.Wait(); err != nil {
		t.Errorf("backup: %v", err)
	}
	if !strings.Contains(read.String(), "0 faults") || !strings.Contains(said.String(), strings.TrimSpace(read.String())) {
		t.Errorf("restore said %q, backup %q", read.String(), said.String())
	}
}

func TestBesideARunningSIDEMAStoreIsCopiedOnlyWhenAskedTo(t *testing.T) {
	w := begun(t)
	file := filepath.Join(t.TempDir(), "sidem.backup")
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"backup", file, "--store", w.Config.Store.Reveal()}, &out, &errs); code != exitFailed ||
		!strings.Contains(errs.String(), "stop it first") || !strings.Contains(errs.String(), "--running") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if code := run(t.Context(), []string{"backup", "--running", file, "--store", w.Config.Store.Reveal()}, &out, &errs); code != exitFine {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file, which holds a key: %v, %v", info.Mode(), err)
	}
	to := "sqlite:" + filepath.Join(t.TempDir(), "sidem.db")
	if code := run(t.Context(), []string{"restore", file, "--store", to, "--files", t.TempDir()}, &out, &errs); code != exitFine {
		t.Errorf("exit %d: %s", code, errs.String())
	}
	// A second time it is not empty.
	if code := run(t.Context(), []string{"restore", file, "--store", to, "--files", t.TempDir()}, &out, &errs); code != exitFailed || !strings.Contains(errs.String(), "the store is not empty") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}

func TestTheArchiveOfNothingIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sidem.backup")
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"backup", file, "--store", "sqlite:" + filepath.Join(t.TempDir(), "other.db")}, &out, &errs)
	if _, err := os.Stat(file); code != exitFailed || !strings.Contains(errs.String(), "SIDEM_STORE") || err == nil {
		t.Errorf("exit %d: %s, %v", code, errs.String(), err)
	}
}

func TestNothingRunsOnHalfAStore(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	w := begun(t)
	if err := w.Service.Stop(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sidem.backup")
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"backup", file, "--store", w.Config.Store.Reveal()}, &out, &errs); code != exitFine {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, whole[:len(whole)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	to := server.DSN("sidem")
	for _, args := range [][]string{{"restore", file}, {"serve", "--telegram-token", "1:x"}, {"audit", "verify"}, {"restore", file}} {
		errs.Reset()
		code := run(t.Context(), append(args, "--store", to), &out, &errs)
		if code != exitFailed || !strings.Contains(errs.String(), "half way") || !strings.Contains(errs.String(), "UNLINK {sidem}:rows") {
			t.Errorf("%s: exit %d: %s", args[0], code, errs.String())
		}
	}
}
