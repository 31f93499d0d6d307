package world_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/bottest/judge"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
)

func TestAStoryWithAttachmentsIsTheSameWithABucket(t *testing.T) {
	backend := s3mem.New()
	if err := backend.CreateBucket("sidem"); err != nil {
		t.Fatal(err)
	}
	lines := e2etest.Scenario(t, "detalle_y_anexos")
	w, err := world.New(t.TempDir(), world.InProcess)
	if err != nil {
		t.Fatal(err)
	}
	w.Config.Files, w.Config.FilesKey, w.Config.FilesSecret = e2etest.BucketAt(t, backend), "AKIAX", "x"
	r := bottest.Runner{World: w, Patience: world.Patience}
	if err := r.Play(t.Context(), lines); err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	list, err := backend.ListBucket("sidem", nil, gofakes3.ListBucketPage{})
	if err != nil || len(list.Contents) == 0 {
		t.Errorf("the bucket holds nothing: %v", err)
	}
}

// spoken are the ways in which SIDEM says something to people.
var spoken = []string{
	"sendMessage", "sendDocument", "editMessageText", "deleteMessage", "answerCallbackQuery", "setMyCommands", "deleteMyCommands",
	"chat.postMessage", "chat.postEphemeral", "chat.update", "chat.delete", "views.open", "views.update", "views.publish",
	"files.getUploadURLExternal", "files.completeUploadExternal", "answer to view_submission", "answer to slash_commands",
}

// TestEveryScenarioComesTrue tells them in virtual time: what waits, waits for
// nothing, and no story depends on how busy the machine is.
func TestEveryScenarioComesTrue(t *testing.T) {
	var sent judge.Claims
	var played atomic.Int32
	t.Cleanup(func() { // when all are played
		sent.Judge(t)
		if int(played.Load()) < len(bottest.Names()) {
			return // some were asked for
		}
		for _, what := range spoken {
			if !slices.Contains(sent.About(), what) {
				t.Errorf("no scenario makes SIDEM say %s", what)
			}
		}
	})
	for _, name := range bottest.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				w := e2etest.OpenWorldOn(t, e2etest.InMemory(), dir, world.InProcess)
				tell(t, w, name)
				played.Add(1)
				sent.Telegram(w.Telegram.Calls()...)
				sent.Slack(w.Slack.Calls(), w.Slack.Answers())
			})
		})
	}
}

// TestAStoryIsTheSameInRealTime is the witness of what virtual time leaves out: the
// machine's clock, and connections of its network. Each of these has several
// platforms, files, or waits for something that went wrong.
func TestAStoryIsTheSameInRealTime(t *testing.T) {
	for _, name := range []string{"archivos", "archivos_en_slack", "reinicio", "se_cae_el_correo"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tell(t, e2etest.OpenWorld(t, t.TempDir(), world.InProcess), name)
		})
	}
}

// tell plays a story in a world, and audits what it left.
func tell(t *testing.T, w *world.World, name string) {
	t.Helper()
	r := bottest.Runner{World: w, Patience: world.Patience}
	if dir := os.Getenv("SIDEM_TRANSCRIPTS"); dir != "" {
		transcribe(t, &r, filepath.Join(dir, name+".txt"))
	}
	if err := r.Play(t.Context(), e2etest.Scenario(t, name)); err != nil {
		t.Error(err)
	}
	if s := w.Service.(*world.Inside); s.App != nil {
		report, err := s.App.Desk.Audit(t.Context())
		if err != nil || len(report.Faults) > 0 || report.Events == 0 {
			t.Errorf("audit: %d events, %v, %v", report.Events, report.Faults, err)
		}
	}
}

// transcribe writes what each person of a story reads, line by line: to be read
// by somebody who judges the words.
func transcribe(t *testing.T, r *bottest.Runner, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	r.On = func(l bottest.Line) {
		if err := r.Tell(f); err != nil {
			t.Error(err)
		}
		if _, err := fmt.Fprintf(f, "\n%d: %s\n", l.N, l.Text); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestMain(m *testing.M) { e2etest.Main(m, nil) }
