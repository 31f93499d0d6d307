package ops_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"sidem/bot/bottest"
	"sidem/cmd/sidem/demo/world"
	"sidem/cmd/sidem/e2e/e2etest"
	"sidem/cmd/sidem/office"
	"sidem/cmd/sidem/ops"
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
			t.Parallel()
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
			cfg := w.Config
			verify := func(attachments bool) ops.Verdict {
				t.Helper()
				v, err := ops.Verify(t.Context(), &cfg, world.Quiet(), ops.Ask{Attachments: attachments})
				if err != nil || len(v.Faults) > 0 {
					t.Fatal(err, v.Faults)
				}
				return v
			}
			if got := verify(true).Attachments; got.Asked == 0 || got.Absent != 0 {
				t.Fatalf("before anything is lost: %+v", got)
			}
			archive := filepath.Join(t.TempDir(), "archive")
			if _, err := ops.Backup(t.Context(), &cfg, world.Quiet(), ops.Backing{File: archive}); err != nil {
				t.Fatal(err)
			}
			in.lose(t)
			if got := verify(false).Attachments; got.Asked != 0 {
				t.Errorf("nobody asked, and it looked: %+v", got)
			}
			if got := verify(true).Attachments; got.Absent != 1 || len(got.Lines) != 1 || !strings.HasPrefix(got.Lines[0], "000001/2026: ") {
				t.Errorf("one was lost: %+v", got)
			}
			cfg.Store = office.Secret("sqlite:" + filepath.Join(t.TempDir(), "moved.db"))
			cfg.Files = filepath.Join(t.TempDir(), "empty")
			got, err := ops.Restore(t.Context(), &cfg, world.Quiet(), archive)
			if err != nil || got.Unasked != nil || got.Attachments.Absent == 0 || got.Attachments.Absent != got.Attachments.Asked {
				t.Errorf("where none was brought: %+v, %v", got.Attachments, errors.Join(err, got.Unasked))
			}
		})
	}
}

func TestAskingForAttachmentsMakesNoFolderAndTellsAWrongAddress(t *testing.T) {
	cfg := begun(t).Config
	cfg.Files = filepath.Join(t.TempDir(), "nowhere")
	v, err := ops.Verify(t.Context(), &cfg, world.Quiet(), ops.Ask{Attachments: true})
	if _, statErr := os.Stat(cfg.Files); !os.IsNotExist(statErr) {
		t.Errorf("the folder: %v; %+v, %v", statErr, v, err)
	}
	cfg.Files = "s3://sidem/anexos"
	_, err = ops.Verify(t.Context(), &cfg, world.Quiet(), ops.Ask{Attachments: true})
	if _, ok := errors.AsType[*office.ConfigError](err); !ok || !strings.Contains(err.Error(), "SIDEM_FILES_KEY") {
		t.Error(err)
	}
}
