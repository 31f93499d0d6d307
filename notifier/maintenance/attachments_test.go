package maintenance_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/notifier/maintenance"
	"sidem.gob.mx/sidem/storage/files"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// tb is what a test and a property have in common.
type tb interface {
	Helper()
	Fatal(args ...any)
}

// office is a trail, forms and files with a clock, and the sweep over them. Before each
// thing that the sweep asks of them, meanwhile is called.
type office struct {
	now       time.Time
	events    []core.Event
	sessions  desk.Sessions
	shelves   map[maintenance.Shelf]map[string]time.Time
	removed   int
	meanwhile func()

	// dies is the write at which the process is killed (0: never): before it, or after.
	dies, writes int
	after        bool
}

// write does one write, unless the process is dead by then.
func (o *office) write(do func() error) error {
	o.writes++
	killed := o.dies > 0 && o.writes >= o.dies
	if killed && (!o.after || o.writes > o.dies) {
		return errDead
	}
	if err := do(); err != nil || !killed {
		return err
	}
	return errDead
}

func newOffice() *office {
	return &office{
		now: time.Date(2026, 11, 23, 3, 30, 0, 0, time.UTC), sessions: storagetest.NewModel(), meanwhile: func() {},
		shelves: map[maintenance.Shelf]map[string]time.Time{maintenance.InUse: {}, maintenance.Aside: {}},
	}
}

func hashOf(n int) string {
	sum := sha256.Sum256([]byte{byte(n), byte(n >> 8)})
	return hex.EncodeToString(sum[:])
}

func (o *office) put(n int) { o.shelves[maintenance.InUse][hashOf(n)] = o.now }

func (o *office) attach(n int) {
	index := len(o.events) + 1
	o.events = append(o.events, core.Event{Index: index, Hash: fmt.Sprint("event", index), Files: []core.Attachment{{Hash: hashOf(n)}}})
}

// hold has a form under a key hold files; none: the form goes.
func (o *office) hold(t tb, key string, n ...int) {
	t.Helper()
	ctx := context.Background()
	_, rev, err := o.sessions.Get(ctx, key, o.now)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		t.Fatal(err)
	}
	if len(n) == 0 {
		err = o.sessions.Delete(ctx, key)
	} else {
		var files []string
		for _, i := range n {
			files = append(files, `{"hash":"`+hashOf(i)+`"}`)
		}
		_, err = o.sessions.Put(ctx, key, []byte(`{"files":[`+strings.Join(files, ",")+`]}`), rev, o.now, time.Time{})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (o *office) has(n int) bool {
	_, inUse := o.shelves[maintenance.InUse][hashOf(n)]
	_, aside := o.shelves[maintenance.Aside][hashOf(n)]
	return inUse || aside
}

func (o *office) Log(_ context.Context, after, limit int) ([]core.Event, error) {
	o.meanwhile()
	rest := o.events[min(after, len(o.events)):]
	return rest[:min(limit, len(rest))], nil
}

func (o *office) Get(ctx context.Context, key string, now time.Time) ([]byte, int, error) {
	o.meanwhile()
	return o.sessions.Get(ctx, key, now)
}

func (o *office) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	o.meanwhile()
	next := 0
	err := o.write(func() (err error) {
		next, err = o.sessions.Put(ctx, key, value, rev, now, expires)
		return err
	})
	return next, err
}

func (o *office) Delete(ctx context.Context, key string) error { return o.sessions.Delete(ctx, key) }

func (o *office) Enter(ctx context.Context, e desk.Entry, now time.Time) (desk.Entered, error) {
	return o.sessions.Enter(ctx, e, now)
}

func (o *office) Leave(ctx context.Context, key, mark string, value []byte, now, expires time.Time) error {
	return o.sessions.Leave(ctx, key, mark, value, now, expires)
}

func (o *office) Keys(ctx context.Context, prefix, after string, limit int, now time.Time) ([]string, error) {
	o.meanwhile()
	return o.sessions.Keys(ctx, prefix, after, limit, now)
}

func (o *office) Values(ctx context.Context, prefixes []string, now time.Time) (map[string][]byte, error) {
	return o.sessions.Values(ctx, prefixes, now)
}

func (o *office) List(_ context.Context, shelf maintenance.Shelf, after string, limit int) ([]maintenance.Blob, error) {
	o.meanwhile()
	var out []maintenance.Blob
	for _, h := range slices.Sorted(maps.Keys(o.shelves[shelf])) {
		if h > after && len(out) < limit {
			out = append(out, maintenance.Blob{Hash: h, Since: o.shelves[shelf][h]})
		}
	}
	return out, nil
}

func (o *office) Move(_ context.Context, hash string, to maintenance.Shelf) error {
	o.meanwhile()
	return o.write(func() error {
		if _, ok := o.shelves[!to][hash]; !ok {
			return fs.ErrNotExist
		}
		delete(o.shelves[!to], hash)
		o.shelves[to][hash] = o.now
		return nil
	})
}

func (o *office) Remove(_ context.Context, hash string) error {
	o.meanwhile()
	return o.write(func() error {
		if _, ok := o.shelves[maintenance.Aside][hash]; ok {
			o.removed++
		}
		delete(o.shelves[maintenance.Aside], hash)
		return nil
	})
}

func (o *office) sweep(t tb) {
	t.Helper()
	if err := o.swept(); err != nil {
		t.Fatal(err)
	}
}

func (o *office) swept() error {
	a := &maintenance.Attachments{
		Trail: o, Sessions: o, Files: o, Drafts: []string{"form:", "kept:"}, Now: func() time.Time { return o.now }, Log: slog.New(slog.DiscardHandler),
	}
	return a.Sweep(context.Background(), o.now)
}

func TestWhatNothingNamesGoesAfterADayAsideAndWhatIsNamedStays(t *testing.T) {
	o := newOffice()
	const orphan, attached, inAForm, young, late = 1, 2, 3, 4, 5
	for _, n := range []int{orphan, attached, inAForm, late} {
		o.put(n)
	}
	o.attach(attached)
	o.hold(t, "form:lucía", inAForm)
	o.now = o.now.Add(25 * time.Hour)
	o.put(young)
	o.sweep(t)
	if len(o.shelves[maintenance.Aside]) != 2 || !o.has(orphan) || o.removed > 0 {
		t.Fatalf("a day later: %v", o.shelves)
	}
	o.attach(late) // it was found, where it lies
	o.now = o.now.Add(25 * time.Hour)
	o.attach(young)
	o.sweep(t)
	for n, want := range map[int]bool{orphan: false, attached: true, inAForm: true, young: true, late: true} {
		if o.has(n) != want {
			t.Errorf("two days later %d is there: %t", n, !want)
		}
	}
	if len(o.shelves[maintenance.Aside]) > 0 {
		t.Errorf("still aside: %v", o.shelves[maintenance.Aside])
	}
}

func TestWhereverASweepOfAttachmentsIsKilledTheNextOneEndsItAndNothingNamedIsLost(t *testing.T) {
	// Of six files two are named, two were never, one is named once it lies aside, and one is
	// set aside and removed by the sweep that is killed and those after it.
	const named, held, orphan, other, late, aside = 1, 2, 3, 4, 5, 6
	live := func() *office {
		o := newOffice()
		for _, n := range []int{late, aside} {
			o.put(n)
		}
		o.now = o.now.Add(25 * time.Hour)
		o.sweep(t)
		for _, n := range []int{named, held, orphan, other} {
			o.put(n)
		}
		o.attach(named)
		o.attach(late)
		o.hold(t, "form:lucía", held)
		o.now = o.now.Add(25 * time.Hour)
		o.writes = 0
		return o
	}
	whole := live()
	whole.sweep(t)
	if whole.writes < 6 {
		t.Fatalf("a sweep makes %d writes", whole.writes)
	}
	for dies := 1; dies <= whole.writes; dies++ {
		for _, after := range []bool{false, true} {
			o := live()
			o.dies, o.after = dies, after
			if err := o.swept(); !errors.Is(err, errDead) {
				t.Fatalf("killed at write %d: %v", dies, err)
			}
			o.dies = 0
			for day := range 3 {
				for _, n := range []int{named, held, late} {
					if !o.has(n) {
						t.Fatalf("killed at write %d, after it %t: on day %d %d is gone", dies, after, day, n)
					}
				}
				o.sweep(t)
				o.now = o.now.Add(25 * time.Hour)
			}
			if n := len(o.shelves[maintenance.InUse]); n != 3 || len(o.shelves[maintenance.Aside]) > 0 {
				t.Errorf("killed at write %d, after it %t: in the end there are %v", dies, after, o.shelves)
			}
		}
	}
}

func TestTheTrailIsReadOnceAndAnewWhereItIsAnother(t *testing.T) {
	o := newOffice()
	for n := range 30 {
		o.put(n)
		o.attach(n)
	}
	o.sweep(t)
	read := 0
	o.meanwhile = func() { read++ }
	o.now = o.now.Add(25 * time.Hour)
	o.sweep(t)
	if len(o.shelves[maintenance.InUse]) != 30 {
		t.Fatalf("%d are in use", len(o.shelves[maintenance.InUse]))
	}
	o.meanwhile = func() {}
	// A trail that was restored: fewer events, then others under the same numbers.
	o.events = nil
	for n := 100; n < 140; n++ {
		o.put(n)
		o.attach(n)
		o.events[len(o.events)-1].Hash += " of another trail"
	}
	for range 3 {
		o.now = o.now.Add(25 * time.Hour)
		o.sweep(t)
	}
	for n := 100; n < 140; n++ {
		if !o.has(n) {
			t.Errorf("%d, which the restored trail names, is gone", n)
		}
	}
	if read > 100 {
		t.Errorf("a sweep without news asked %d times", read)
	}
}

// TestNothingThatIsNamedIsEverRemovedWhateverHappensMeanwhile has people upload, hold,
// hand over and attach at random, in the middle of sweeps too.
func TestNothingThatIsNamedIsEverRemovedWhateverHappensMeanwhile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const contents = 6
		o := newOffice()
		uploaded := map[int]time.Time{}    // in the hands of somebody who may hold or attach it yet
		forms := map[string]map[int]bool{} // by key
		attached := map[int]bool{}
		var sweeping, moved bool
		write := func(key string) { o.hold(t, key, slices.Sorted(maps.Keys(forms[key]))...) }
		act := func() {
			n := rapid.IntRange(0, contents-1).Draw(t, "content")
			key := rapid.SampledFrom([]string{"form:a", "kept:a:1", "form:b"}).Draw(t, "form")
			recent := func() bool { at, ok := uploaded[n]; return ok && o.now.Sub(at) < 20*time.Hour }
			switch rapid.SampledFrom([]string{"upload", "hold", "attach", "attach held", "move", "drop", "nothing"}).Draw(t, "act") {
			case "upload":
				o.put(n)
				uploaded[n] = o.now
			case "hold":
				if recent() {
					if forms[key] == nil {
						forms[key] = map[int]bool{}
					}
					forms[key][n] = true
					write(key)
				}
			case "attach": // a form that is filled in whole
				if recent() {
					o.attach(n)
					attached[n] = true
				}
			case "attach held":
				if forms[key] == nil {
					return
				}
				for n := range forms[key] {
					o.attach(n)
					attached[n] = true
				}
				delete(forms, key)
				write(key)
			case "move":
				to := rapid.SampledFrom([]string{"form:a", "kept:a:1"}).Draw(t, "to")
				if forms[key] == nil || to == key || moved {
					return
				}
				moved = sweeping // one form moves once while it is read twice
				forms[to] = forms[key]
				write(to)
				delete(forms, key)
				write(key)
			case "drop":
				delete(forms, key)
				write(key)
			}
		}
		check := func() {
			for n := range contents {
				held := slices.ContainsFunc(slices.Collect(maps.Values(forms)), func(f map[int]bool) bool { return f[n] })
				if (attached[n] || held) && !o.has(n) {
					t.Fatalf("%d is gone; attached %t, held %t", n, attached[n], held)
				}
			}
		}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			for range rapid.IntRange(0, 4).Draw(t, "acts") {
				act()
			}
			o.now = o.now.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "hours")) * time.Hour)
			if rapid.Bool().Draw(t, "sweep") {
				sweeping = true
				o.meanwhile = func() {
					if rapid.IntRange(0, 3).Draw(t, "meanwhile") == 0 {
						act()
					}
				}
				o.sweep(t)
				o.meanwhile = func() {}
				sweeping, moved = false, false
			}
			check()
		}
		for range 3 { // at rest, what nothing names is gone
			o.now = o.now.Add(25 * time.Hour)
			o.sweep(t)
			check()
		}
		for n := range contents {
			held := slices.ContainsFunc(slices.Collect(maps.Values(forms)), func(f map[int]bool) bool { return f[n] })
			if !attached[n] && !held && o.has(n) {
				t.Fatalf("%d is still there, and nothing names it", n)
			}
		}
	})
}

// barred may not list.
type barred struct{ *office }

func (barred) List(context.Context, maintenance.Shelf, string, int) ([]maintenance.Blob, error) {
	return nil, fs.ErrPermission
}

func TestWhereNothingMayBeListedTheOperatorIsToldAndTheDayIsDone(t *testing.T) {
	o := newOffice()
	var log bytes.Buffer
	a := &maintenance.Attachments{
		Trail: o, Sessions: o, Files: barred{o}, Now: func() time.Time { return o.now }, Log: slog.New(slog.NewTextHandler(&log, nil)),
	}
	if err := a.Sweep(t.Context(), o.now); err != nil || !strings.Contains(log.String(), "may not be listed") {
		t.Errorf("%v, %s", err, log.String())
	}
}

func TestARealFolderIsSweptByItsOwnTimes(t *testing.T) {
	store, err := files.Open(t.Context(), t.TempDir(), files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var kept []core.Attachment
	for _, body := range []string{"uno", "dos"} {
		a, err := store.Put(t.Context(), "oficio.pdf", strings.NewReader("%PDF-1.7\n"+body))
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, a)
	}
	o := newOffice()
	o.events = []core.Event{{Index: 1, Hash: "x", Files: kept[:1]}}
	start := time.Now() //nolint:forbidigo // a file system has the machine's time
	later := start
	a := &maintenance.Attachments{Trail: o, Sessions: o.sessions, Files: store, Now: func() time.Time { return later }, Log: slog.New(slog.DiscardHandler)}
	for _, hours := range []int{1, 25, 60} {
		later = start.Add(time.Duration(hours) * time.Hour)
		if err := a.Sweep(t.Context(), o.now); err != nil {
			t.Fatal(err)
		}
		for i, f := range kept {
			if there, err := store.Has(t.Context(), f.Hash); err != nil || there != (i == 0 || hours < 60) {
				t.Errorf("after %d hours %d is there: %t, %v", hours, i, there, err)
			}
		}
	}
}
