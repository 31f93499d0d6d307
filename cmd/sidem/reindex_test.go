package main

import (
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
)

func TestRecordsAreFoldedAnewOnAStoreAndByTheSidemThatHasIt(t *testing.T) {
	w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	w.Config.AdminAddr = e2etest.FreePort(t)
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Given(t.Context(), "dictamen por recoger"); err != nil {
		t.Fatal(err)
	}
	e2etest.Rest(t, w)
	t.Setenv("SIDEM_STORE", w.Config.Store.Reveal())
	t.Setenv("SIDEM_FILES", w.Config.Files)
	t.Setenv("SIDEM_ADMIN_ADDR", w.Config.AdminAddr)
	for _, stopped := range []bool{false, true} {
		if stopped {
			if err := w.Halt(); err != nil {
				t.Fatal(err)
			}
		}
		var out, errs strings.Builder
		if code := run(t.Context(), []string{"reindex"}, &out, &errs); code != exitFine || !strings.Contains(out.String(), "filed anew, of which 0 read otherwise") {
			t.Errorf("stopped %v: %d %s%s", stopped, code, out.String(), errs.String())
		}
		if code := run(t.Context(), []string{"audit", "verify"}, &out, &errs); code != exitFine {
			t.Errorf("the audit: %d %s%s", code, out.String(), errs.String())
		}
	}
}
