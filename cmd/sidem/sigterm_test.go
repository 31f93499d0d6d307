package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"sidem/core"
	"sidem/core/desk"
	"sidem/core/outbox"
	"sidem/notifier/email/emailtest"
)

// grace is what a SIDEM that is told to end may take: the hub's own and a little.
const grace = 8 * time.Second

// loaded is a world whose store owes many mails: n requests, filed while nobody
// was there to tell of them.
func loaded(t *testing.T, n int) (*world, string) {
	t.Helper()
	dir := t.TempDir()
	w, err := newWorld(dir, inProcess)
	if err != nil {
		t.Fatal(err)
	}
	w.clock = newClock()
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := w.service.stop(); err != nil {
		t.Fatal(err)
	}
	a, err := open(t.Context(), w.cfg, parts{clock: w.clock, log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		draft, err := w.give(t.Context(), a, "", road[0].given)
		if err == nil {
			_, err = w.give(t.Context(), a, draft.ID, given{"lucía", core.Command{Verb: core.VerbFile}})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := a.shut(); err != nil {
		t.Fatal(err)
	}
	return w, dir
}

// serve starts SIDEM in a process of its own, on real time, and returns when it is ready.
func serve(t *testing.T, w *world, dir string) *exec.Cmd {
	t.Helper()
	s := outside{w: w, dir: dir}
	cmd := exec.Command(os.Args[0])
	for _, e := range s.env() {
		if !strings.HasPrefix(e, "SIDEM_CLOCK_FILE=") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	cmd.Env = append(cmd.Env, serveEnv+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	logs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	go func() {
		lines := bufio.NewScanner(logs)
		for lines.Scan() {
			if strings.Contains(lines.Text(), `"msg":"ready"`) {
				close(ready)
			}
		}
	}()
	select {
	case <-ready:
	case <-time.After(patience):
		t.Fatal("it is not ready")
	}
	return cmd
}

// ends tells a process to end and returns how long it took; it must exit 0.
func ends(t *testing.T, cmd *exec.Cmd) time.Duration {
	t.Helper()
	began := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		var exit *exec.ExitError
		errors.As(err, &exit)
		t.Errorf("it ended with %v", err)
	}
	return time.Since(began)
}

// arrived waits until the relay has taken n mails.
func arrived(t *testing.T, w *world, n int) {
	t.Helper()
	deadline := time.After(patience)
	for {
		changed := w.mail.Changed()
		if len(w.mail.All()) >= n {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("%d of %d mails arrived", len(w.mail.All()), n)
		}
	}
}

func TestToldToEndUnderLoadSIDEMEndsInTimeAndSendsNothingTwice(t *testing.T) {
	const requests = 100 // two mails each
	w, dir := loaded(t, requests)
	w.mail.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name == emailtest.Dot {
			return &emailtest.Fault{Delay: 10 * time.Millisecond}
		}
		return nil
	})
	for _, n := range []int{10, 70, 130} { // it is told to end three times on the way
		cmd := serve(t, w, dir)
		arrived(t, w, n)
		if took := ends(t, cmd); took > grace {
			t.Errorf("it took %v to end", took)
		}
		if got := len(w.mail.All()); got >= 2*requests {
			t.Fatalf("all %d mails are out already: the test ends nothing under load", got)
		}
		unsure(t, w)
	}
	cmd := serve(t, w, dir)
	arrived(t, w, 2*requests)
	ends(t, cmd)
	unsure(t, w)
	ids := map[string]int{}
	for _, m := range w.mail.All() {
		if ids[m.MessageID]++; ids[m.MessageID] > 1 {
			t.Errorf("%s came twice", m.Subject)
		}
	}
	if len(ids) != 2*requests {
		t.Errorf("%d different mails, want %d", len(ids), 2*requests)
	}
}

// unsure fails the test if an item is held by nobody's lease, or an attempt left doubt.
func unsure(t *testing.T, w *world) {
	t.Helper()
	cfg := w.cfg
	a, err := open(t.Context(), cfg, parts{clock: w.clock, log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.shut() }()
	err = each(t.Context(), a.store, "", func(it outbox.Item) error {
		if it.What == desk.WhatMail && unknown(it) > 0 {
			return fmt.Errorf("%s: %+v", it.Key, it.Attempts)
		}
		return nil
	})
	if err != nil {
		t.Errorf("an attempt is in doubt: %v", err)
	}
}

func TestToldToEndWhileARelayHangsSIDEMEndsInTime(t *testing.T) {
	w, dir := loaded(t, 10)
	hung := make(chan struct{}, 100)
	w.mail.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name == emailtest.RcptTo {
			hung <- struct{}{}
			return &emailtest.Fault{Delay: time.Hour}
		}
		return nil
	})
	cmd := serve(t, w, dir)
	<-hung
	if took := ends(t, cmd); took > grace {
		t.Errorf("it took %v to end", took)
	}
	unsure(t, w)
}
