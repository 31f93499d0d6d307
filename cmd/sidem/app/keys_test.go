package app_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/identity"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage"
)

// at opens the store of a configuration at an instant, has do use it, and closes it.
func at(t *testing.T, cfg office.Config, now time.Time, do func(*app.App)) {
	t.Helper()
	a, err := app.Open(context.WithoutCancel(t.Context()), cfg, app.Options{Clock: e2etest.ClockAt(now), Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	do(a)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestWhatWasSealedBeforeARotationIsGoodForADay(t *testing.T) {
	dir := t.TempDir()
	cfg := office.Config{Store: office.Secret("sqlite:" + filepath.Join(dir, "sidem.db")), Files: filepath.Join(dir, "files"), AdminAddr: "off"}
	// A store as every version before wrote it has one key, of 32 bytes.
	at(t, cfg, world.Monday, func(*app.App) {})
	account := core.Record{Kind: core.KindAccount, ID: "lucia", Acts: map[core.Verb]core.Act{core.VerbGrant: {Version: 1, At: world.Monday}}}
	wish := card.Token{Word: "release", Record: "r1", Version: 3}
	seal := func(a *app.App) (button, password, code string) {
		return a.Seal.Seal("raul", wish), a.Keeper.Password(account), a.Keeper.CodeKey("abcdefgh")
	}
	var button, password, code string
	var until time.Time
	at(t, cfg, world.Monday, func(a *app.App) {
		button, password, code = seal(a)
		done, err := app.RotateKeys(t.Context(), a.Store, world.Monday, false)
		if err != nil || done.Until.Sub(done.From) != 24*time.Hour {
			t.Fatal(done, err)
		}
		until = done.Until
	})
	good := func(now time.Time) (bool, bool, bool) {
		var b, p, c bool
		at(t, cfg, now, func(a *app.App) {
			got, err := a.Seal.Open("raul", button)
			b = err == nil && got == wish
			p = a.Keeper.Check(account, password, now) == nil
			for _, k := range a.Keeper.CodeKeys("abcdefgh") {
				c = c || k == code
			}
		})
		return b, p, c
	}
	for _, c := range []struct {
		at   time.Time
		want bool
	}{{world.Monday, true}, {until.Add(-time.Minute), true}, {until, false}, {until.AddDate(0, 1, 0), false}} {
		if b, p, k := good(c.at); b != c.want || p != c.want || k != c.want {
			t.Errorf("at %s a button is good: %t, a password: %t, a code: %t; want %t", c.at, b, p, k, c.want)
		}
	}
	at(t, cfg, until, func(a *app.App) {
		if b, p, c := seal(a); b == button || p == password || c == code {
			t.Error("the former key still seals")
		}
	})
}

func TestAReplicaThatSealsAlreadyWithTheNewKeyIsUnderstoodByOneThatDoesNot(t *testing.T) {
	dir := t.TempDir()
	cfg := office.Config{Store: office.Secret("sqlite:" + filepath.Join(dir, "sidem.db")), Files: filepath.Join(dir, "files"), AdminAddr: "off"}
	var from time.Time
	at(t, cfg, world.Monday, func(a *app.App) {
		done, err := app.RotateKeys(t.Context(), a.Store, world.Monday, false)
		if err != nil {
			t.Fatal(err)
		}
		from = done.From
	})
	var late string
	at(t, cfg, from.Add(time.Second), func(a *app.App) { late = a.Seal.Seal("raul", card.Token{Word: "release", Record: "r1"}) })
	at(t, cfg, from.Add(-time.Second), func(a *app.App) { // its clock is behind
		if _, err := a.Seal.Open("raul", late); err != nil {
			t.Error(err)
		}
		if a.Seal.Seal("raul", card.Token{Word: "release", Record: "r1"}) == late {
			t.Error("it seals with the new key before its time")
		}
	})
}

func TestAfterATheftNothingThatWasSealedBeforeIsGood(t *testing.T) {
	dir := t.TempDir()
	cfg := office.Config{Store: office.Secret("sqlite:" + filepath.Join(dir, "sidem.db")), Files: filepath.Join(dir, "files"), AdminAddr: "off"}
	var button string
	at(t, cfg, world.Monday, func(a *app.App) {
		button = a.Seal.Seal("raul", card.Token{Word: "release", Record: "r1"})
		for _, atOnce := range []bool{false, false, true} {
			if _, err := app.RotateKeys(t.Context(), a.Store, world.Monday, atOnce); err != nil {
				t.Fatal(err)
			}
		}
	})
	at(t, cfg, world.Monday, func(a *app.App) {
		if _, err := a.Seal.Open("raul", button); !errors.Is(err, card.ErrToken) {
			t.Errorf("%v", err)
		}
		if err := a.Keeper.Check(core.Record{ID: "x"}, identity.NewKeeper(bytes.Repeat([]byte("k"), 32)).Password(core.Record{ID: "x"}), world.Monday); !errors.Is(err, identity.ErrWrong) {
			t.Errorf("a password by another key: %v", err)
		}
	})
}

func TestDamagedKeysAreNamedWithWhatToDoAndReplacedAtOnce(t *testing.T) {
	dir := t.TempDir()
	cfg := office.Config{Store: office.Secret("sqlite:" + filepath.Join(dir, "sidem.db")), Files: filepath.Join(dir, "files"), AdminAddr: "off"}
	at(t, cfg, world.Monday, func(*app.App) {})
	for _, damaged := range []string{"", "null", "[]", `[{"secret":""}]`, "x"} {
		s, err := storage.Open(t.Context(), cfg.Store.Reveal(), storage.Options{Now: func() time.Time { return world.Monday }, Log: world.Quiet()})
		if err != nil {
			t.Fatal(err)
		}
		_, rev, err := s.Get(t.Context(), "secret:key", world.Monday)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Put(t.Context(), "secret:key", []byte(damaged), rev, world.Monday, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if err := app.CheckKeys(t.Context(), s, world.Monday); !errors.Is(err, desk.ErrDamaged) || !strings.Contains(err.Error(), "keys rotate --at-once") {
			t.Errorf("%q: %v", damaged, err)
		}
		if _, err := app.RotateKeys(t.Context(), s, world.Monday, false); !errors.Is(err, desk.ErrDamaged) {
			t.Errorf("%q: a rotation that lets former ones be good: %v", damaged, err)
		}
		if _, err := app.RotateKeys(t.Context(), s, world.Monday, true); err != nil {
			t.Errorf("%q: a rotation at once: %v", damaged, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		at(t, cfg, world.Monday, func(*app.App) {}) // it starts
	}
}
