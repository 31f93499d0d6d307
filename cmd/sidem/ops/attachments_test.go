package ops_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
)

// attached is where the attachments of a told story are, what puts another content in the place
// of one of them, and what loses it.
type attached struct {
	address      string
	change, lose func(t *testing.T)
}

func inFolder(t *testing.T) attached {
	dir := filepath.Join(t.TempDir(), "files")
	first := func(t *testing.T) string {
		t.Helper()
		kept, err := os.ReadDir(dir)
		if err != nil || len(kept) == 0 {
			t.Fatal(err, "nothing was kept")
		}
		return filepath.Join(dir, kept[0].Name())
	}
	return attached{
		address: dir,
		change: func(t *testing.T) {
			t.Helper()
			name := first(t)
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			body[len(body)/2] ^= 1
			if err := os.WriteFile(name, body, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		lose: func(t *testing.T) {
			t.Helper()
			if err := os.Remove(first(t)); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func inBucket(t *testing.T) attached {
	backend := s3mem.New()
	if err := backend.CreateBucket("sidem"); err != nil {
		t.Fatal(err)
	}
	first := func(t *testing.T) string {
		t.Helper()
		kept, err := backend.ListBucket("sidem", nil, gofakes3.ListBucketPage{})
		if err != nil || len(kept.Contents) == 0 {
			t.Fatal(err, "nothing was kept")
		}
		return kept.Contents[0].Key
	}
	return attached{
		address: e2etest.BucketAt(t, backend),
		change: func(t *testing.T) {
			t.Helper()
			if _, err := backend.PutObject("sidem", first(t), map[string]string{}, strings.NewReader("%PDF-1.7 other"), 14, nil); err != nil {
				t.Fatal(err)
			}
		},
		lose: func(t *testing.T) {
			t.Helper()
			if _, err := backend.DeleteObject("sidem", first(t)); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func TestAttachmentsThatAreGoneOrOthersThanWereAttachedAreTold(t *testing.T) {
	for name, place := range map[string]func(*testing.T) attached{"folder": inFolder, "bucket": inBucket} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := place(t)
			w, err := world.New(t.TempDir(), world.InProcess)
			if err != nil {
				t.Fatal(err)
			}
			w.Config.Files, w.Config.FilesKey, w.Config.FilesSecret = in.address, "AKIAX", "canary-secret"
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
			if got := verify(true).Attachments; got.Asked == 0 || got.Wrong() != 0 || got.Read != got.Asked {
				t.Fatalf("before anything is lost: %+v", got)
			}
			_, text := examined(t, cfg, today())
			if !strings.Contains(text, "que hay son los que se adjuntaron") {
				t.Errorf("the doctor, before anything is lost:\n%s", text)
			}
			archive := filepath.Join(t.TempDir(), "archive")
			if _, err := ops.Backup(t.Context(), &cfg, world.Quiet(), ops.Backing{File: archive}); err != nil {
				t.Fatal(err)
			}
			in.change(t)
			got := verify(true).Attachments
			if got.Changed != 1 || got.Absent != 0 || len(got.First) != 1 || got.First[0].Record != "000001/2026" || !got.First[0].Changed {
				t.Fatalf("one was changed: %+v", got)
			}
			if _, text = examined(t, cfg, today()); !strings.Contains(text, "falla anexos: 0 no están y 1 no son lo que se adjuntó") || !strings.Contains(text, "000001/2026 "+got.First[0].Hash) {
				t.Errorf("the doctor, where one was changed:\n%s", text)
			}
			in.lose(t)
			if got := verify(false).Attachments; got.Asked != 0 {
				t.Errorf("nobody asked, and it looked: %+v", got)
			}
			if got := verify(true).Attachments; got.Absent != 1 || got.Changed != 0 || len(got.First) != 1 || got.First[0].Record != "000001/2026" {
				t.Errorf("one was lost: %+v", got)
			}
			cfg.Store = office.Secret("sqlite:" + filepath.Join(t.TempDir(), "moved.db"))
			cfg.Files = filepath.Join(t.TempDir(), "empty")
			restored, err := ops.Restore(t.Context(), &cfg, world.Quiet(), archive)
			if err != nil || restored.Unasked != nil || restored.Attachments.Absent == 0 || restored.Attachments.Absent != restored.Attachments.Asked {
				t.Errorf("where none was brought: %+v, %v", restored.Attachments, errors.Join(err, restored.Unasked))
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
	v, err = ops.Verify(t.Context(), &cfg, world.Quiet(), ops.Ask{Attachments: true})
	if _, ok := errors.AsType[*office.ConfigError](v.Unasked); !ok || !strings.Contains(v.Unasked.Error(), "SIDEM_FILES_KEY") || err != nil || v.Events == 0 {
		t.Errorf("%d events, unasked: %v; %v", v.Events, v.Unasked, err)
	}
}
