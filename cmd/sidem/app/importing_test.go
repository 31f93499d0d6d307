package app_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/roster"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/testbed"
)

// people is a file of so many, whose telephones end with a digit.
func people(t *testing.T, n, digit int) roster.File {
	t.Helper()
	text := "agencies: [{id: IE, name: Instituto}]\naccounts:\n"
	for i := range n {
		text += fmt.Sprintf("- {user: p%d.sol, name: Eva Sol, post: Jefa, roles: [requester], agency: IE, email: p%d@ejemplo.gob.mx, phone: 722 555 010%d}\n", i, i, digit)
	}
	f, err := roster.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAnImportGoesOnWhenWhoeverAskedHasGoneAndTheNextIsTold(t *testing.T) {
	cfg, _ := e2etest.Graveyard(t, 1)
	a := e2etest.Running(t, cfg)
	ctx, cancel := context.WithCancel(t.Context())
	f := people(t, 30, 0)
	go func() { // gone in the middle
		testbed.Await(t, 10*time.Second, "the first row", func() bool {
			_, err := a.Store.Record(t.Context(), core.AgencyID("IE"))
			return err == nil
		})
		cancel()
	}()
	if _, err := app.DoImport.Ask(ctx, cfg.AdminAddr, a.Store, a.Clock.Now(), app.Import{File: f}); !errors.Is(err, context.Canceled) {
		t.Fatalf("whoever asked has not gone in the middle: %v", err)
	}
	again, err := app.DoImport.Ask(t.Context(), cfg.AdminAddr, a.Store, a.Clock.Now(), app.Import{File: f})
	if err != nil || again.Fault != "" {
		t.Fatal(err, again.Fault)
	}
	for _, row := range again.Rows {
		if row.User != "" && (row.Did != roster.Kept || row.Password == "") {
			t.Errorf("repeated: %+v", row)
		}
	}
	third, err := app.DoImport.Ask(t.Context(), cfg.AdminAddr, a.Store, a.Clock.Now(), app.Import{File: f})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range third.Rows {
		if row.Password != "" {
			t.Errorf("told twice: %+v", row)
		}
	}
}

func TestTwoImportsOfOneFileTakeTurnsAndTheSecondFindsAllAsItIs(t *testing.T) {
	cfg, _ := e2etest.Graveyard(t, 1)
	a := e2etest.Running(t, cfg)
	for digit := range 2 { // new, and corrected
		var wg sync.WaitGroup
		var passwords [2]int
		for i := range passwords {
			wg.Go(func() {
				done, err := app.DoImport.Ask(t.Context(), cfg.AdminAddr, a.Store, a.Clock.Now(), app.Import{File: people(t, 5, digit)})
				if err != nil || done.Fault != "" {
					t.Errorf("import %d: %v %s", i, err, done.Fault)
				}
				for _, row := range done.Rows {
					if row.Password != "" {
						passwords[i]++
					}
				}
			})
		}
		if wg.Wait(); passwords[0]+passwords[1] != 5 || passwords[0]*passwords[1] != 0 {
			t.Errorf("passwords were told of %v", passwords)
		}
	}
}
