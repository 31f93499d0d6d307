package redis_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/archive"
	"sidem.gob.mx/sidem/storage/redis"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// full is a store of more rows than are read or written at once.
func full(t *testing.T) *redis.Store {
	t.Helper()
	s := open(t, shared(t).DSN(newTag()), redis.Options{})
	for i := range 300 {
		c := filing(core.Record{}, fmt.Sprintf("r%d", i), i)
		must(t, s.Commit(t.Context(), c))
		must(t, s.Commit(t.Context(), filing(c.Record, c.Record.ID, i)))
		_, err := s.Put(t.Context(), fmt.Sprintf("card:%d", i*2), []byte("v"), 0, morning, morning.AddDate(0, 0, 1))
		must(t, err)
		_, err = s.Put(t.Context(), fmt.Sprintf("card:%d", i*2+1), []byte(strings.Repeat("v", 1000)), 0, morning, time.Time{})
		must(t, err)
		_, err = s.Reserve(t.Context(), "number:2026", c.Record.ID)
		must(t, err)
	}
	return s
}

func TestAStoreOfManyPagesIsMovedWhole(t *testing.T) {
	from, to := full(t), open(t, shared(t).DSN(newTag()), redis.Options{})
	file, out := io.Pipe()
	go func() {
		_, err := archive.Write(t.Context(), out, from, morning)
		_ = out.CloseWithError(err)
	}()
	read, err := archive.Read(t.Context(), file, to)
	must(t, err)
	want, err := archive.Inspect(t.Context(), from)
	must(t, err)
	got, err := archive.Inspect(t.Context(), to)
	must(t, err)
	if d := append(want.Differences(got), want.Differences(read)...); len(d)+len(got.Faults) > 0 || got.Events.Count != 600 || got.Sessions.Count != 600 {
		t.Errorf("%v %v, %s", d, got.Faults, got)
	}
	sound(t, to, 600)
	if n, err := to.Count(t.Context(), core.TermKind(core.KindRequest)); n != 300 || err != nil {
		t.Errorf("Count = %d, %v", n, err)
	}
}

func TestThrottlesMayMoveWhileAStoreIsRead(t *testing.T) {
	s := open(t, shared(t).DSN(newTag()), redis.Options{})
	must(t, s.Commit(t.Context(), filing(core.Record{}, "r1", 1)))
	err := s.Dump(t.Context(), func(archive.Line) error {
		_, err := s.Admit(t.Context(), morning, outbox.Rate{Scope: "chat", Every: time.Second, Burst: 3})
		return err
	})
	must(t, err)
}

func TestAStoreThatWasFilledHalfWayIsNotOpened(t *testing.T) {
	tag, from := newTag(), full(t)
	to := open(t, shared(t).DSN(tag), redis.Options{})
	var lines []archive.Line
	must(t, from.Dump(t.Context(), func(l archive.Line) error { lines = append(lines, l); return nil }))
	next := func(n int, end error) func() (archive.Line, error) {
		i := 0
		return func() (archive.Line, error) {
			if i++; i > n {
				return archive.Line{}, end
			}
			return lines[i-1], nil
		}
	}
	torn := errors.New("torn")
	if err := to.Load(t.Context(), next(1500, torn)); !errors.Is(err, torn) || !errors.Is(err, archive.ErrHalf) {
		t.Errorf("Load = %v", err)
	}
	_, err := redis.Open(t.Context(), shared(t).DSN(tag), redis.Options{})
	if !errors.Is(err, archive.ErrHalf) || !strings.Contains(err.Error(), "UNLINK {"+tag+"}:rows") {
		t.Fatalf("Open = %v, want ErrHalf and the repair", err)
	}
	if err := to.Load(t.Context(), next(len(lines), io.EOF)); !errors.Is(err, archive.ErrNotEmpty) {
		t.Errorf("it was filled on: %v", err)
	}
	// The repair, as the error says it.
	_, repair, _ := strings.Cut(err.Error(), "UNLINK ")
	repair, _, _ = strings.Cut(repair, ",")
	must(t, shared(t).Admin.Unlink(t.Context(), strings.Fields(repair)...).Err())
	to = open(t, shared(t).DSN(tag), redis.Options{})
	must(t, to.Load(t.Context(), next(len(lines), io.EOF)))
	sound(t, open(t, shared(t).DSN(tag), redis.Options{}), 600)
}

func TestNobodyElseFillsAStoreThatIsBeingFilled(t *testing.T) {
	tag := newTag()
	one, two := open(t, shared(t).DSN(tag), redis.Options{}), open(t, shared(t).DSN(tag), redis.Options{})
	begun, done := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		first <- one.Load(t.Context(), func() (archive.Line, error) {
			close(begun)
			<-done
			return archive.Line{}, io.EOF
		})
	}()
	<-begun
	if err := two.Load(t.Context(), func() (archive.Line, error) { return archive.Line{}, io.EOF }); !errors.Is(err, archive.ErrNotEmpty) {
		t.Errorf("the second: %v", err)
	}
	close(done)
	must(t, <-first)
}

func TestAnArchiveWithALineOutOfPlaceIsRefused(t *testing.T) {
	testbed.Need(t, testbed.Redis)
	for name, line := range map[string]archive.Line{
		"an event": {Event: &core.Event{Record: "r1", Index: 0, Seq: 1}},
		"an item":  {Item: &outbox.Item{ID: "2", Key: "k", State: outbox.Live}},
		"a lane":   {Item: &outbox.Item{ID: "000000000001", Key: "k", State: outbox.Live, Lane: 1000}},
		"a state":  {Item: &outbox.Item{ID: "000000000001", Key: "k", State: "odd"}},
		"nothing":  {},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, shared(t).DSN(newTag()), redis.Options{})
			given := false
			err := s.Load(t.Context(), func() (archive.Line, error) {
				if given {
					return archive.Line{}, io.EOF
				}
				given = true
				return line, nil
			})
			if err == nil {
				t.Error("it was taken")
			}
		})
	}
}

func TestAStoreThatNamesNoFormatIsOfTheFirstAndIsBroughtUpToDateWithAllThatItHeld(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	s := open(t, server.DSN("sidem"), redis.Options{})
	for i := range 20 {
		c := filing(core.Record{}, fmt.Sprintf("r%d", i), i)
		must(t, s.Commit(t.Context(), c))
		must(t, s.Commit(t.Context(), filing(c.Record, c.Record.ID, i)))
		_, err := s.Reserve(t.Context(), "number:2026", c.Record.ID)
		must(t, err)
	}
	want, err := archive.Inspect(t.Context(), s)
	must(t, err)
	must(t, s.Close())
	must(t, server.Admin.HDel(t.Context(), "{sidem}:rows", "n:format").Err())
	for range 2 { // the second time there is nothing to do
		s = open(t, server.DSN("sidem"), redis.Options{})
		got, err := archive.Inspect(t.Context(), s)
		must(t, err)
		faults, err := s.Inspect(t.Context())
		must(t, err)
		if d := want.Differences(got); len(d)+len(faults) > 0 {
			t.Errorf("%v %v", d, faults)
		}
		if format, err := server.Admin.HGet(t.Context(), "{sidem}:rows", "n:format").Result(); format != "3" || err != nil {
			t.Errorf("the format is %q, %v", format, err)
		}
		must(t, s.Close())
	}
}
