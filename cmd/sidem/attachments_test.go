package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"sidem/bot/bottest"
	"sidem/cmd/sidem/demo/world"
	"sidem/cmd/sidem/e2e/e2etest"
)

// attached is where the attachments of a told story are, and what loses one of them.
type attached struct {
	address string
	lose    func(t *testing.T)
}

func inFolder(t *testing.T) attached {
	dir := filepath.Join(t.TempDir(), "files")
	return attached{dir, func(t *testing.T) {
		t.Helper()
		kept, err := os.ReadDir(dir)
		if err != nil || len(kept) == 0 {
			t.Fatal(err, "nothing was kept")
		}
		if err := os.Remove(filepath.Join(dir, kept[0].Name())); err != nil {
			t.Fatal(err)
		}
	}}
}

func inBucket(t *testing.T) attached {
	backend := s3mem.New()
	if err := backend.CreateBucket("sidem"); err != nil {
		t.Fatal(err)
	}
	return attached{e2etest.BucketAt(t, backend), func(t *testing.T) {
		t.Helper()
		kept, err := backend.ListBucket("sidem", nil, gofakes3.ListBucketPage{})
		if err != nil || len(kept.Contents) == 0 {
			t.Fatal(err, "nothing was kept")
		}
		if _, err := backend.DeleteObject("sidem", kept.Contents[0].Key); err != nil {
			t.Fatal(err)
		}
	}}
}

func TestAttachmentsThatTheTrailNamesAndNobodyBroughtAreTold(t *testing.T) {
	for name, place := range map[string]func(*testing.T) attached{"folder": inFolder, "bucket": inBucket} {
		t.Run(name, func(t *testing.T) {
			in := place(t)
			w, err := world.New(t.TempDir(), world.InProcess)
			if err != nil {
				t.Fatal(err)
			}
			w.Config.Files, w.Config.FilesKey, w.Config.FilesSecret = in.address, "AKIAX", "x"
			r := bottest.Runner{World: w, Patience: world.Patience}
			if err := r.Play(t.Context(), e2etest.Scenario(t, "detalle_y_anexos")); err != nil {
				t.Error(err)
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
			t.Setenv("SIDEM_FILES_KEY", "AKIAX")
			t.Setenv("SIDEM_FILES_SECRET", "x")
			t.Setenv("SIDEM_FILES", in.address)
			t.Setenv("SIDEM_STORE", w.Config.Store.Reveal())
			does := func(want int, says string, args ...string) {
				t.Helper()
				var out, errs bytes.Buffer
				if code := run(t.Context(), args, &out, &errs); code != want || !strings.Contains(out.String(), says) {
					t.Errorf("sidem %s: exit %d, not %d, or it does not say %q:\n%s%s", strings.Join(args, " "), code, want, says, out.String(), errs.String())
				}
			}
			archive := filepath.Join(t.TempDir(), "archive")
			does(exitFine, "All ", "audit", "verify", "--attachments")
			does(exitFine, "", "backup", archive)
			in.lose(t)
			does(exitFine, "0 faults", "audit", "verify")
			does(exitCheck, "000001/2026: ", "audit", "verify", "--attachments")
			does(exitCheck, "1 of ", "audit", "verify", "--attachments")

			t.Setenv("SIDEM_STORE", "sqlite:"+filepath.Join(t.TempDir(), "moved.db"))
			t.Setenv("SIDEM_FILES", filepath.Join(t.TempDir(), "empty"))
			does(exitFine, "attachments are not in", "restore", archive)
		})
	}
}

func TestAskingForAttachmentsMakesNoFolderAndTellsAWrongAddress(t *testing.T) {
	w := begun(t)
	dir := filepath.Join(t.TempDir(), "nowhere")
	audit := []string{"audit", "verify", "--attachments", "--store", w.Config.Store.Reveal(), "--files"}
	var out, errs bytes.Buffer
	run(t.Context(), append(audit, dir), &out, &errs)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder: %v; %s%s", err, out.String(), errs.String())
	}
	if code := run(t.Context(), append(audit, "s3://sidem/anexos"), &out, &errs); code != exitConfig || !strings.Contains(errs.String(), "SIDEM_FILES_KEY") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}
