package redis_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/storage/redis"
)

// press is a commit of ana's on a record, refused or applied.
func press(before core.Record, refused bool) core.Event {
	e := core.Event{Record: "r1", By: "ana", Once: "tg:" + strconv.Itoa(before.Seq)}
	if refused {
		e.Refusal = &core.Refusal{Reason: core.NotAllowed}
	}
	return e
}

// asBefore makes of the row of r1 what it was before what was refused stood apart: it
// has the index of each event.
func asBefore(t *testing.T, s *redis.Store, tag string) {
	t.Helper()
	trail, err := s.Trail(t.Context(), "r1", 0, 0)
	must(t, err)
	var all []string
	for _, e := range trail {
		all = append(all, strconv.Itoa(e.Index))
	}
	rows := "{" + tag + "}:rows"
	row, err := shared(t).Admin.HGet(t.Context(), rows, "r:r1").Result()
	must(t, err)
	head, rest, _ := strings.Cut(row, "\n")
	parts := strings.Fields(head)
	must(t, shared(t).Admin.HSet(t.Context(), rows, "r:r1", parts[0]+" "+parts[1]+" "+strings.Join(all, ",")+"\n"+rest).Err())
	must(t, shared(t).Admin.Del(t.Context(), "{"+tag+"}:refused").Err())
}

func TestWhatWasRefusedBeforeItStoodApartIsReadAsItWas(t *testing.T) {
	tag := newTag()
	s := open(t, shared(t).DSN(tag), redis.Options{})
	var r core.Record
	act := func(refused bool) {
		c := next(r, press(r, refused))
		must(t, s.Commit(t.Context(), c))
		r = c.Record
	}
	for i := range 9 {
		act(i%3 > 0)
	}
	type reading struct{ Trail, Part, Applied, Last, Refused, Mine []core.Event }
	read := func() (got reading) {
		for _, one := range []struct {
			into *[]core.Event
			read func() ([]core.Event, error)
		}{
			{&got.Trail, func() ([]core.Event, error) { return s.Trail(t.Context(), "r1", 0, 0) }},
			{&got.Part, func() ([]core.Event, error) { return s.Trail(t.Context(), "r1", 4, 3) }},
			{&got.Applied, func() ([]core.Event, error) { return s.Applied(t.Context(), "r1", 0) }},
			{&got.Last, func() ([]core.Event, error) { return s.Applied(t.Context(), "r1", 2) }},
			{&got.Refused, func() ([]core.Event, error) { return s.Refused(t.Context(), "r1", "", morning, 100) }},
			{&got.Mine, func() ([]core.Event, error) { return s.Refused(t.Context(), "r1", "ana", morning, 4) }},
		} {
			var err error
			*one.into, err = one.read()
			must(t, err)
		}
		return got
	}
	before := read()
	if len(before.Trail) != 9 || len(before.Applied) != 3 || len(before.Refused) != 6 || len(before.Mine) != 4 || len(before.Last) != 2 {
		t.Fatalf("%+v", before)
	}
	asBefore(t, s, tag)
	if diff := cmp.Diff(before, read()); diff != "" {
		t.Errorf("as it was (-apart +before):\n%s", diff)
	}
	sound(t, s, 9)

	// What follows stands apart, and all is read in one order.
	for i := range 6 {
		act(i%2 == 0)
	}
	apart := read()
	if len(apart.Trail) != 15 || core.Verify(apart.Trail) != 0 || len(apart.Applied) != 6 || len(apart.Refused) != 9 || apart.Mine[3].Seq != 14 {
		t.Errorf("%+v", apart)
	}
	sound(t, s, 15)
	n, err := shared(t).Admin.ZCard(t.Context(), "{"+tag+"}:refused").Result()
	must(t, err)
	if n != 6 {
		t.Errorf("%d places of 3 refused presses", n)
	}
}

func TestARefusedPressMakesTheRowOfItsRecordNoLonger(t *testing.T) {
	tag := newTag()
	s := open(t, shared(t).DSN(tag), redis.Options{})
	r := core.Record{}
	length := func() int64 {
		n, err := shared(t).Admin.HStrLen(t.Context(), "{"+tag+"}:rows", "r:r1").Result()
		must(t, err)
		return n
	}
	var first int64
	for i := range 300 {
		c := next(r, press(r, i > 0))
		must(t, s.Commit(t.Context(), c))
		r = c.Record
		if i == 0 {
			first = length()
		}
	}
	if last := length(); last > first+10 { // its place in the trail is written with more digits
		t.Errorf("a row of %d bytes has %d after 299 refused presses", first, last)
	}
}
