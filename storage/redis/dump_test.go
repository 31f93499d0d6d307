package redis_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/storage/archive"
	"sidem.gob.mx/sidem/storage/redis"
)

// writer does one after the other what people and the notifier do to a store.
type writer struct {
	s    *redis.Store
	n    int
	last core.Record
}

func (w *writer) write(ctx context.Context) error {
	w.n++
	id := fmt.Sprintf("w%d", w.n)
	c := filing(core.Record{}, id, 100_000+w.n)
	if w.n%3 == 0 { // the one before goes on
		c = filing(w.last, w.last.ID, 100_000+w.n)
	}
	err := w.s.Commit(ctx, c)
	w.last = c.Record
	if err == nil && w.n%5 == 0 { // so does one that was there
		id := fmt.Sprintf("r%d", w.n%300)
		var r core.Record
		if r, err = w.s.Record(ctx, id); err == nil {
			err = w.s.Commit(ctx, filing(r, id, 200_000+w.n))
		}
	}
	if err == nil {
		_, err = w.s.Reserve(ctx, "number:2026", id)
	}
	if err == nil {
		_, err = w.s.Put(ctx, "card:"+id, []byte("v"), 0, morning, time.Time{})
	}
	if err == nil {
		err = w.s.Delete(ctx, fmt.Sprintf("card:%d", w.n%600))
	}
	if err != nil {
		return err
	}
	claimed, err := w.s.Claim(ctx, morning.AddDate(0, 0, 7), 3, lease)
	var done []outbox.Result
	for i, it := range claimed {
		if i > 0 { // the first stays held
			done = append(done, outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: []outbox.Outcome{outbox.WasSent, outbox.Buried}[i%2]})
		}
	}
	if err == nil {
		_, err = w.s.Settle(ctx, morning, done)
	}
	if err == nil && w.n%7 == 0 { // what was given up is owed again
		_, err = w.s.Replay(ctx, morning)
	}
	return err
}

// given are the lines that a store gives, as they are written; meanwhile hears of each.
func given(t *testing.T, give func(context.Context, func(archive.Line) error) error, meanwhile func(n int) error) (out []string) {
	t.Helper()
	must(t, give(t.Context(), func(l archive.Line) error {
		out = append(out, string(encode(l)))
		return meanwhile(len(out))
	}))
	return out
}

func TestWhatIsWrittenWhileAStoreIsReadIsNoPartOfIt(t *testing.T) {
	for name, give := range map[string]func(*redis.Store) func(context.Context, func(archive.Line) error) error{
		"all of it": func(s *redis.Store) func(context.Context, func(archive.Line) error) error { return s.Dump },
		"what an export has": func(s *redis.Store) func(context.Context, func(archive.Line) error) error {
			return func(ctx context.Context, each func(archive.Line) error) error { return s.Extract(ctx, "card:", each) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := full(t)
			_, err := s.Put(t.Context(), "form:a1", []byte("v"), 0, morning, time.Time{})
			must(t, err)
			w := &writer{s: s}
			for range 20 {
				must(t, w.write(t.Context()))
			}
			want := given(t, give(s), func(int) error { return nil })
			got := given(t, give(s), func(n int) error {
				if n%10 != 1 {
					return nil
				}
				return w.write(t.Context())
			})
			if w.n < 200 {
				t.Fatalf("only %d things were written meanwhile", w.n)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%d things were written meanwhile, and it is not what was there (%d lines, %d before):\n%.2000s", w.n, len(got), len(want), d)
			}
			forms := slices.ContainsFunc(got, func(l string) bool { return strings.Contains(l, `"key":"form:a1"`) })
			if forms != (name == "all of it") {
				t.Errorf("the session of a form is there: %t", forms)
			}
		})
	}
}

func TestAStoreThatIsWrittenToWithoutAPauseIsExtractedAsOfOneInstant(t *testing.T) {
	s := full(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	w := &writer{s: s}
	go func() {
		var err error
		for err == nil && ctx.Err() == nil {
			err = w.write(ctx)
		}
		if ctx.Err() != nil {
			err = nil
		}
		ended <- err
	}()
	for range 5 {
		trails, records, events, owed := map[string][]core.Event{}, 0, 0, 0
		must(t, s.Extract(t.Context(), "card:", func(l archive.Line) error {
			switch {
			case l.Event != nil:
				if events++; l.Event.Index != events {
					return fmt.Errorf("event %d follows %d", l.Event.Index, events-1)
				}
				trails[l.Event.Record] = append(trails[l.Event.Record], *l.Event)
			case l.Record != nil:
				records++
				if d := cmp.Diff(core.Fold(trails[l.Record.ID]), *l.Record); d != "" {
					return fmt.Errorf("%s is not the fold of its trail: %s", l.Record.ID, d)
				}
			case l.Item != nil:
				owed++
			}
			return nil
		}))
		if records != len(trails) || owed != 3*events {
			t.Errorf("%d records of %d trails, and %d items for %d events", records, len(trails), owed, events)
		}
	}
	stop()
	must(t, <-ended)
	if w.n == 0 {
		t.Error("nothing was written meanwhile")
	}
}

func TestWhatTakesRowsAwayWhileAStoreIsExtractedIsNoticed(t *testing.T) {
	for name, move := range map[string]func(*redis.Store) error{
		"a purge": func(s *redis.Store) error {
			claimed, err := s.Claim(t.Context(), morning, 1, lease)
			if err == nil {
				_, err = s.Settle(t.Context(), morning, []outbox.Result{{ID: claimed[0].ID, Epoch: claimed[0].Epoch, Version: claimed[0].Version, Outcome: outbox.WasSent}})
			}
			if err == nil {
				_, err = s.Purge(t.Context(), claimed[0].ID)
			}
			return err
		},
		"an archive": func(s *redis.Store) error {
			r, err := s.Record(t.Context(), "r7")
			if err == nil {
				_, err = s.Take(t.Context(), desk.Expectation{Record: "r7", Seq: r.Seq})
			}
			return err
		},
		"an erasure": func(s *redis.Store) error {
			trail, err := s.Trail(t.Context(), "r7", 0, 0)
			if err != nil {
				return err
			}
			after, changed, erased := core.Erase(trail, core.BlackDraft)
			before := core.Fold(after)
			vouch := core.Seal(before, []core.Event{core.Erased(before, core.VerbRedact, erased, morning)})
			return s.Commit(t.Context(), desk.Commit{Expect: before.Seq, Record: core.Apply(before, vouch[0]), Events: vouch, Blacked: changed, Now: morning})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, n := full(t), 0
			err := s.Extract(t.Context(), "card:", func(archive.Line) error {
				if n++; n == 100 {
					return move(s)
				}
				return nil
			})
			if !errors.Is(err, archive.ErrMoved) {
				t.Errorf("it was not noticed: %v", err)
			}
		})
	}
}
