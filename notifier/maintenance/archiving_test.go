package maintenance_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/checkpoint"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/maintenance"
	"sidem.gob.mx/sidem/storage/archive"
	"sidem.gob.mx/sidem/storage/files"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// tonight is when requests leave that were closed before July.
var tonight = time.Date(2027, 1, 10, 2, 30, 0, 0, time.UTC)

// history is a store in which requests were closed in some months, and the folder of its files.
type history struct {
	*storagetest.Model
	t      *testing.T
	folder string
	files  *files.Store
	// die ends the process at the n-th write from now on: before it is done, or after. 0 is never.
	die   int
	after bool
}

var errDead = errors.New("the process was killed")

func newHistory(t *testing.T) *history {
	t.Helper()
	h := &history{Model: storagetest.NewModel(), t: t, folder: t.TempDir()}
	var err error
	if h.files, err = files.Open(t.Context(), h.folder, files.Options{}); err != nil {
		t.Fatal(err)
	}
	return h
}

// act does something on a record at an instant.
func (h *history) act(r core.Record, e core.Event) core.Record {
	h.t.Helper()
	e.Kind, e.From = core.KindRequest, r.State
	if r.State != core.None {
		e.Record, e.Agency = r.ID, r.Agency
	}
	sealed := core.Seal(r, []core.Event{e})
	after := core.Apply(r, sealed[0])
	if err := h.Model.Commit(h.t.Context(), desk.Commit{Expect: r.Seq, Record: after, Events: sealed, Once: e.Once, Now: e.At}); err != nil {
		h.t.Fatal(err)
	}
	return after
}

// filed is a request that was filed on a day, and closed gives it back closed.
func (h *history) filed(n int, at time.Time, subject, by string) core.Record {
	h.t.Helper()
	id := fmt.Sprintf("r%03d", n)
	series := core.NumberSeries(core.Season(at))
	given, err := h.Reserve(h.t.Context(), series, id)
	if err != nil {
		h.t.Fatal(err)
	}
	r := h.act(core.Record{}, core.Event{
		Record: id, Agency: "IE", Verb: core.VerbDraft, To: core.StateDraft, By: by, At: at, Once: "tg:" + id,
		Fields: map[core.Field]string{core.FieldSubject: subject}, Salt: "salt",
	})
	return h.act(r, core.Event{Verb: core.VerbFile, To: core.StateFiled, By: by, At: at, Number: core.NumberOf(series, given)})
}

func (h *history) closed(r core.Record, at time.Time) core.Record {
	h.t.Helper()
	h.act(r, core.Event{Verb: core.VerbRelease, To: r.State, By: "x", At: at, Refusal: &core.Refusal{Reason: core.NotAllowed}, Once: "sl:" + r.ID})
	r, err := h.Record(h.t.Context(), r.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.act(r, core.Event{Verb: core.VerbCancel, To: core.StateCancelled, By: "ana", At: at, Fields: map[core.Field]string{core.FieldReason: "ya no se requiere"}})
}

// lived has seven requests: three were closed in March and two in May, one in November, and one is open.
func lived(t *testing.T) *history {
	t.Helper()
	h := newHistory(t)
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 16, 0, 0, 0, time.UTC) }
	var open []core.Record
	for n, subject := range []string{"Licencias de antivirus", "Servidores para el padrón", "Enlaces de fibra", "Licencias de oficina", "Cableado", "Impresoras", "Antenas"} {
		by := "lucia"
		if n == 1 {
			by = "pedro"
		}
		open = append(open, h.filed(n, day(time.February, n+1), subject, by))
	}
	for n, at := range []time.Time{day(time.March, 3), day(time.May, 4), day(time.March, 20), day(time.May, 6), day(time.March, 31), day(time.November, 20)} {
		h.closed(open[n], at)
	}
	h.filed(99, time.Date(2027, 1, 5, 16, 0, 0, 0, time.UTC), "Una de este año", "lucia")
	return h
}

func (h *history) archiving() *maintenance.Archiving {
	return &maintenance.Archiving{Days: 180, Ledger: h, Sessions: h, Vault: h, Sealed: sealed{h}, Log: slog.New(slog.DiscardHandler), Most: 2, Few: 1}
}

// write ends the process where it is due.
func (h *history) write(do func() error) error {
	if h.die < 0 {
		return errDead
	}
	if h.die > 0 {
		if h.die--; h.die == 0 {
			if h.die = -1; h.after {
				_ = do() // whoever asked hears of nothing
			}
			return errDead
		}
	}
	return do()
}

func (h *history) Commit(ctx context.Context, c desk.Commit) error {
	return h.write(func() error { return h.Model.Commit(ctx, c) })
}

func (h *history) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (next int, err error) {
	err = h.write(func() (err error) { next, err = h.Model.Put(ctx, key, value, rev, now, expires); return err })
	return next, err
}

func (h *history) Delete(ctx context.Context, key string) error {
	return h.write(func() error { return h.Model.Delete(ctx, key) })
}

func (h *history) Take(ctx context.Context, records ...desk.Expectation) (n int, err error) {
	err = h.write(func() (err error) { n, err = h.Model.Take(ctx, records...); return err })
	return n, err
}

func (h *history) Return(ctx context.Context, records ...maintenance.Filed) (n int, err error) {
	err = h.write(func() (err error) { n, err = h.Model.Return(ctx, records...); return err })
	return n, err
}

type sealed struct{ h *history }

func (s sealed) files() archive.Sealed { return archive.Sealed{Files: s.h.files} }

func (s sealed) Seal(ctx context.Context, name string, records []maintenance.Filed, at time.Time) (file core.Attachment, err error) {
	err = s.h.write(func() (err error) { file, err = s.files().Seal(ctx, name, records, at); return err })
	return file, err
}

func (s sealed) Unseal(ctx context.Context, file core.Attachment, each func(maintenance.Filed) error) error {
	return s.files().Unseal(ctx, file, each)
}

func (s sealed) Discard(ctx context.Context, hash string) error {
	return s.h.write(func() error { return s.files().Discard(ctx, hash) })
}

func (h *history) desk() *desk.Desk {
	return &desk.Desk{Ledger: h, Sessions: h, Office: core.Office{Calendar: core.CalendarOf(time.UTC)}, Now: func() time.Time { return tonight }}
}

// holds wants the store, and its archives, to hold.
func (h *history) holds() {
	h.t.Helper()
	audit, err := h.desk().Audit(h.t.Context())
	if err != nil || len(audit.Faults) > 0 {
		h.t.Errorf("the audit: %v, %v", audit.Faults, err)
	}
	faults, _, err := h.archiving().Check(h.t.Context(), tonight)
	if err != nil || len(faults) > 0 {
		h.t.Errorf("the archives: %v, %v", faults, err)
	}
}

// gone are the ids of the requests that are not in the store.
func (h *history) gone() string {
	h.t.Helper()
	var out []string
	for n := range 7 {
		id := fmt.Sprintf("r%03d", n)
		if _, err := h.Record(h.t.Context(), id); errors.Is(err, desk.ErrNotFound) {
			out = append(out, id)
		}
	}
	return strings.Join(out, " ")
}

const left = "r000 r001 r002 r003 r004" // what was closed before July

func TestWhatWasClosedLongAgoLeavesByMonthsAndIsFoundStill(t *testing.T) {
	h := lived(t)
	before := map[string]core.Record{}
	for n := range 7 {
		r, err := h.Record(t.Context(), fmt.Sprintf("r%03d", n))
		if err != nil {
			t.Fatal(err)
		}
		before[r.ID] = r
	}
	for range 2 {
		if err := h.archiving().Run(t.Context(), tonight); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.gone(); got != left {
		t.Errorf("gone are %s", got)
	}
	h.holds()
	all, err := h.archiving().All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range all {
		file, _ := r.Sealed()
		if _, err := os.Stat(filepath.Join(h.folder, file.Hash)); err != nil {
			t.Error(err)
		}
		got = append(got, r.ID+" "+r.Fields[core.FieldCount]+" "+string(r.State))
	}
	if diff := cmp.Diff([]string{"archive-2026-03-1 2 shelved", "archive-2026-03-2 1 shelved", "archive-2026-05-1 2 shelved"}, got, cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Error(diff)
	}
	lucia := core.Actor{Account: "lucia", Agency: "IE", Roles: []core.Role{core.RoleRequester}}
	stranger := core.Actor{Account: "x", Agency: "OTRA", Roles: []core.Role{core.RoleRequester}}
	d := h.desk()
	if again, done, err := d.Remind(t.Context(), outbox.Item{Record: "r000"}); err != nil || done || !again.IsZero() {
		t.Errorf("what is owed of one that left is owed still: %v %t %v", again, done, err)
	}
	if last, err := maintenance.LastArchiving(t.Context(), h, tonight); err != nil || !last.At.Equal(tonight) {
		t.Errorf("the last run is told as %+v, %v", last, err)
	}
	for id, r := range before {
		found, err := d.ByNumber(t.Context(), lucia, r.Number)
		if err != nil || found.ID != id || found.Head != r.Head || found.Fields[core.FieldSubject] != r.Fields[core.FieldSubject] {
			t.Errorf("%s is found as %+v, %v", r.Number, found, err)
		}
		if _, is := found.Archived(); is != strings.Contains(left, id) {
			t.Errorf("%s is archived: %t", id, is)
		}
		if _, err := d.ByNumber(t.Context(), stranger, r.Number); !errors.Is(err, desk.ErrNotFound) {
			t.Errorf("another agency finds %s: %v", r.Number, err)
		}
		if _, err := d.OnShelf(t.Context(), stranger, id); !errors.Is(err, desk.ErrNotFound) {
			t.Errorf("another agency finds %s: %v", id, err)
		}
		if _, err := d.OnShelf(t.Context(), lucia, id); (err == nil) != strings.Contains(left, id) {
			t.Errorf("on the shelf is %s: %v", id, err)
		}
	}
	read := func(u desk.Union) string {
		t.Helper()
		part, err := d.Read(t.Context(), u, desk.Place{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, r := range part.Records {
			ids = append(ids, r.ID)
		}
		return strings.Join(ids, " ")
	}
	mine, err := d.Mine(t.Context(), lucia)
	if got := read(mine); err != nil || got != "r099 r005 r003 r004 r002 r000 r006" {
		t.Errorf("of hers there are %s, %v", got, err)
	}
	for text, want := range map[string]string{"licencias": "r003 r000", "Licencias antivirus": "r000", "impresoras": "r005", "nada": ""} {
		found, err := d.Search(t.Context(), lucia, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(found.Union); got != want {
			t.Errorf("%q finds %s, want %s", text, got, want)
		}
		if found, err = d.Search(t.Context(), stranger, text); err != nil || len(found.Shelved) > 0 {
			t.Errorf("another agency finds %q: %v", text, err)
		}
	}
}

func TestMonthsOfAYearInWhichFewWereClosedShareAFile(t *testing.T) {
	h := lived(t)
	a := h.archiving()
	a.Few, a.Most = 6, 0
	for _, step := range []struct {
		at   time.Time
		want string
	}{
		{tonight, ""}, // five were closed before July: they wait
		{time.Date(2027, 6, 10, 2, 30, 0, 0, time.UTC), "archive-2026-11-1 6"},
	} {
		if err := a.Run(t.Context(), step.at); err != nil {
			t.Fatal(err)
		}
		all, err := a.All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range all {
			got = append(got, r.ID+" "+r.Fields[core.FieldCount])
		}
		if strings.Join(got, ", ") != step.want {
			t.Errorf("on %s there are %q, want %q", step.at, got, step.want)
		}
	}
	h.holds()
}

func TestAYearThatIsOverWaitsForNoOther(t *testing.T) {
	h := lived(t)
	a := h.archiving()
	a.Few = 100
	if err := a.Run(t.Context(), time.Date(2027, 7, 10, 2, 30, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	if got := h.gone(); got != left+" r005" {
		t.Errorf("gone are %s", got)
	}
	h.holds()
}

func TestWhereverAnArchivingIsKilledTheNextOneEndsItAndNothingIsLost(t *testing.T) {
	for _, after := range []bool{false, true} {
		for k := 1; ; k++ {
			h := lived(t)
			h.die, h.after = k, after
			err := h.archiving().Run(t.Context(), tonight)
			if err == nil {
				if k < 30 {
					t.Errorf("it has %d writes only", k)
				}
				break
			}
			h.die = 0
			for n := range 7 { // what did not leave is found where it was, and the rest on the shelf
				if _, err := h.desk().ByNumber(t.Context(), core.SystemActor, fmt.Sprintf("%d/2026", n+1)); err != nil {
					t.Errorf("killed at %d: request %d: %v", k, n, err)
				}
			}
			if err := h.archiving().Run(t.Context(), tonight); err != nil {
				t.Fatalf("killed at %d, and then: %v", k, err)
			}
			if got := h.gone(); got != left {
				t.Errorf("killed at %d: gone are %s", k, got)
			}
			if h.holds(); t.Failed() {
				t.Fatalf("killed at %d (after: %t)", k, after)
			}
		}
	}
}

func TestWhatComesBackIsAsItLeftAndStaysForAWhile(t *testing.T) {
	h := lived(t)
	want, err := h.Record(t.Context(), "r002")
	if err != nil {
		t.Fatal(err)
	}
	trail, err := h.Trail(t.Context(), "r002", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	a := h.archiving()
	if err := a.Run(t.Context(), tonight); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Bring(t.Context(), "000777/2026", tonight); !errors.Is(err, desk.ErrNotFound) {
		t.Errorf("nobody's comes back: %v", err)
	}
	for range 2 { // twice is once
		if r, err := a.Bring(t.Context(), want.Number, tonight); err != nil || r.ID != "r002" {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	got, err := h.Record(t.Context(), "r002")
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	again, err := h.Trail(t.Context(), "r002", 0, 0)
	if diff := cmp.Diff(trail, again); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	h.holds()
	found, err := h.desk().Search(t.Context(), core.SystemActor, "fibra")
	if err != nil {
		t.Fatal(err)
	}
	part, err := h.desk().Read(t.Context(), found.Union, desk.Place{}, 10)
	if diff := cmp.Diff([]core.Record{want}, part.Records); err != nil || diff != "" {
		t.Errorf("it is not found once, as it is: %v %s", err, diff)
	}
	if err := a.Run(t.Context(), tonight.AddDate(0, 1, 0)); err != nil || strings.Contains(h.gone(), "r002") {
		t.Errorf("it left again at once: %v", err)
	}
	if err := a.Run(t.Context(), tonight.AddDate(0, 4, 0)); err != nil || !strings.Contains(h.gone(), "r002") {
		t.Errorf("it never leaves again: %v", err)
	}
	h.holds()
}

func TestTheTrailHoldsWithoutTheArchiveAndWhatWasChangedInItIsFoundWithIt(t *testing.T) {
	h := lived(t)
	k, err := checkpoint.NewKey(zero{}, "sidem.example.gob.mx/trail")
	if err != nil {
		t.Fatal(err)
	}
	var tree checkpoint.Tree
	var kept []checkpoint.Checkpoint
	for e, err := range desk.Events(t.Context(), h, 0) {
		if err != nil {
			t.Fatal(err)
		}
		c, err := k.Sign(tree, tonight)
		if err != nil {
			t.Fatal(err)
		}
		kept, tree = append(kept, c), tree.Add(e)
	}
	if err := h.archiving().Run(t.Context(), tonight); err != nil {
		t.Fatal(err)
	}
	parts, err := desk.Shelf{Sessions: h, Now: tonight}.Parts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	without, unseen, err := checkpoint.Compare(desk.Events(t.Context(), h, 0), parts, kept)
	if err != nil || len(without) > 0 || unseen == 0 {
		t.Errorf("without: %v, %d unseen, %v", without, unseen, err)
	}
	_, leaves, err := h.archiving().Check(t.Context(), tonight)
	if err != nil {
		t.Fatal(err)
	}
	with, unseen, err := checkpoint.Compare(desk.Events(t.Context(), h, 0), leaves, kept)
	if err != nil || len(with) > 0 || unseen != 0 {
		t.Errorf("with: %v, %d unseen, %v", with, unseen, err)
	}

	all, err := h.archiving().All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	file, _ := all[0].Sealed()
	path := filepath.Join(h.folder, file.Hash)
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func() error{
		"changed":   func() error { body[len(body)/2] ^= 1; return os.WriteFile(path, body, 0o600) },
		"cut short": func() error { return os.WriteFile(path, body[:len(body)-9], 0o600) },
		"gone":      func() error { return os.Remove(path) },
	} {
		if err := change(); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if faults, _, err := h.archiving().Check(t.Context(), tonight); err != nil || len(faults) != 1 || !strings.Contains(faults[0], all[0].ID) {
			t.Errorf("%s: %v, %v", name, faults, err)
		}
		if _, err := h.archiving().Bring(t.Context(), "1/2026", tonight); err == nil {
			t.Errorf("%s: a request comes back out of it", name)
		}
	}
	if audit, err := h.desk().Audit(t.Context()); err != nil || len(audit.Faults) > 0 {
		t.Errorf("without its file: %v, %v", audit.Faults, err)
	}
}

// zero is no chance at all.
type zero struct{}

func (zero) Read(p []byte) (int, error) { return len(p), nil }

func TestAChangeOfWhatStaysIsFound(t *testing.T) {
	for _, prefix := range []string{"shelf:n:", "shelf:t:"} {
		h := lived(t)
		if err := h.archiving().Run(t.Context(), tonight); err != nil {
			t.Fatal(err)
		}
		keys, err := h.Keys(t.Context(), prefix, "", 1, tonight)
		if err != nil || len(keys) != 1 {
			t.Fatal(keys, err)
		}
		if err := h.Delete(t.Context(), keys[0]); err != nil {
			t.Fatal(err)
		}
		if audit, err := h.desk().Audit(t.Context()); err != nil || len(audit.Faults) == 0 {
			t.Errorf("%s: nothing is found, %v", keys[0], err)
		}
	}
}

func TestWhoIsErasedIsInNoArchiveAnyMoreWhereverItIsKilled(t *testing.T) {
	named := func(e core.Event) bool { return e.By == "pedro" }
	for k := 0; ; k++ {
		h := lived(t)
		a := h.archiving()
		if err := a.Run(t.Context(), tonight); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadDir(h.folder)
		if err != nil {
			t.Fatal(err)
		}
		h.die, h.after = k, k%2 == 0
		_, err = a.Withdraw(t.Context(), named, tonight)
		died := err != nil
		h.die = 0
		if n, err := a.Withdraw(t.Context(), named, tonight); err != nil || !died && k > 0 && n != 0 {
			t.Fatalf("killed at %d: %d, %v", k, n, err)
		}
		for e, err := range a.Events(t.Context()) {
			if err != nil || named(e) {
				t.Fatalf("killed at %d: archived is %+v, %v", k, e, err)
			}
		}
		if got := h.gone(); got != "r000 r002 r003 r004" {
			t.Errorf("killed at %d: gone are %s", k, got)
		}
		after, err := os.ReadDir(h.folder)
		if err != nil {
			t.Fatal(err)
		}
		all, err := a.All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, f := range after {
			if !f.IsDir() {
				n++
			}
		}
		if !died && (n != len(all) || len(before) != len(all)) {
			t.Errorf("%d files of %d archives, %d before", n, len(all), len(before))
		}
		if h.holds(); t.Failed() {
			t.Fatalf("killed at %d", k)
		}
		if !died && k > 0 {
			return
		}
	}
}
