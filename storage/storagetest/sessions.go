package storagetest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core/desk"
)

// forever is the expires of what does not.
var forever time.Time

func put(t *testing.T, s Store, key, value string, rev int, now, expires time.Time) int {
	t.Helper()
	rev, err := s.Put(t.Context(), key, []byte(value), rev, now, expires)
	must(t, err)
	return rev
}

// refusePut writes and wants a conflict.
func refusePut(t *testing.T, s Store, key string, rev int, now time.Time) {
	t.Helper()
	if _, err := s.Put(t.Context(), key, []byte("refused"), rev, now, forever); !errors.Is(err, desk.ErrConflict) {
		t.Errorf("Put(%s at %d) = %v, want ErrConflict", key, rev, err)
	}
}

// value is the value of a key, "none" if there is none.
func valueOf(t *testing.T, s Store, key string, now time.Time) string {
	t.Helper()
	v, _, err := s.Get(t.Context(), key, now)
	if errors.Is(err, desk.ErrNotFound) {
		return "none"
	}
	must(t, err)
	return string(v)
}

// entry is a key of the line that its name says.
func entry(key string) desk.Entry {
	line := key[:strings.LastIndex(key, ":")+1]
	return desk.Entry{Key: key, Line: line, Mark: "seen:" + key, Alone: []byte("alone"), Behind: []byte("behind")}
}

func sessionKeys(t *testing.T, s Store, prefix, after string, limit int, now time.Time) string {
	t.Helper()
	out, err := s.Keys(t.Context(), prefix, after, limit, now)
	must(t, err)
	return strings.Join(out, " ")
}

var sessionTests = []test{
	{"a value reads back with its revision", func(t *testing.T, s Store) {
		if rev := put(t, s, "k", "one", 0, noon, forever); rev != 1 {
			t.Errorf("first revision = %d, want 1", rev)
		}
		if rev := put(t, s, "k", "two", 1, noon, forever); rev != 2 {
			t.Errorf("second revision = %d, want 2", rev)
		}
		v, rev, err := s.Get(t.Context(), "k", noon)
		must(t, err)
		if string(v) != "two" || rev != 2 {
			t.Errorf("Get = %q at %d", v, rev)
		}
	}},
	{"a key that is not there is not found", func(t *testing.T, s Store) {
		if got := valueOf(t, s, "k", noon); got != "none" {
			t.Errorf("value = %q", got)
		}
	}},
	{"a write at another revision is a conflict and changes nothing", func(t *testing.T, s Store) {
		refusePut(t, s, "k", 1, noon)
		put(t, s, "k", "one", 0, noon, forever)
		put(t, s, "k", "two", 1, noon, forever)
		for _, rev := range []int{0, 1, 3} {
			refusePut(t, s, "k", rev, noon)
		}
		if got := valueOf(t, s, "k", noon); got != "two" {
			t.Errorf("value = %q, want two", got)
		}
	}},
	{"a session is there until its expires and not after", func(t *testing.T, s Store) {
		put(t, s, "k", "one", 0, noon, at(10))
		if got := valueOf(t, s, "k", at(10).Add(-time.Millisecond)); got != "one" {
			t.Errorf("before its end: %q", got)
		}
		if got := valueOf(t, s, "k", at(10)); got != "none" {
			t.Errorf("at its end: %q", got)
		}
	}},
	{"an expired session is as if it had never been", func(t *testing.T, s Store) {
		put(t, s, "k", "one", 0, noon, forever)
		put(t, s, "k", "two", 1, noon, at(10))
		refusePut(t, s, "k", 2, at(10))
		if rev := put(t, s, "k", "anew", 0, at(10), at(20)); rev != 1 {
			t.Errorf("revision = %d, want 1", rev)
		}
	}},
	{"a write sets the end anew", func(t *testing.T, s Store) {
		put(t, s, "k", "one", 0, noon, at(10))
		put(t, s, "k", "two", 1, noon, forever)
		if got := valueOf(t, s, "k", at(1000)); got != "two" {
			t.Errorf("value = %q, want two", got)
		}
	}},
	{"a deleted session is gone, and to delete nothing is no error", func(t *testing.T, s Store) {
		put(t, s, "k", "one", 0, noon, forever)
		for range 2 {
			must(t, s.Delete(t.Context(), "k"))
		}
		if got := valueOf(t, s, "k", noon); got != "none" {
			t.Errorf("value = %q", got)
		}
		put(t, s, "k", "anew", 0, noon, forever)
	}},
	{"what enters a line is kept once, and knows whether others are there", func(t *testing.T, s Store) {
		put(t, s, "in:9", "of another line", 0, noon, forever)
		put(t, s, "in:10:5", "of another line", 0, noon, forever)
		for _, tt := range []struct {
			key   string
			alone bool
			want  string
		}{{"in:1:a", true, "alone"}, {"in:1:b", false, "behind"}, {"in:2:a", true, "alone"}} {
			entered, err := s.Enter(t.Context(), entry(tt.key), noon)
			must(t, err)
			if entered.Marked || entered.Alone != tt.alone || valueOf(t, s, tt.key, noon) != tt.want {
				t.Errorf("%s: %+v, %q", tt.key, entered, valueOf(t, s, tt.key, noon))
			}
			if _, err := s.Enter(t.Context(), entry(tt.key), noon); !errors.Is(err, desk.ErrConflict) {
				t.Errorf("%s once more: %v, want ErrConflict", tt.key, err)
			}
		}
		if rev := put(t, s, "in:1:a", "anew", 1, noon, forever); rev != 2 {
			t.Errorf("what entered is written anew at revision %d, want 2", rev)
		}
		if got := sessionKeys(t, s, "in:1:", "", 9, noon); got != "in:1:a in:1:b" {
			t.Errorf("the line is %q", got)
		}
	}},
	{"what left a line does not enter it while its mark is there", func(t *testing.T, s Store) {
		_, err := s.Enter(t.Context(), entry("in:1:a"), noon)
		must(t, err)
		for _, said := range []string{"said", "said once more"} { // a repeat changes nothing
			must(t, s.Leave(t.Context(), "in:1:a", "seen:in:1:a", []byte(said), noon, at(60)))
		}
		if got := sessionKeys(t, s, "in:", "", 9, noon); got != "" {
			t.Errorf("the line is %q", got)
		}
		entered, err := s.Enter(t.Context(), entry("in:1:a"), at(60).Add(-time.Millisecond))
		must(t, err)
		if !entered.Marked || string(entered.Said) != "said" {
			t.Errorf("before the mark ends: %+v", entered)
		}
		if entered, err = s.Enter(t.Context(), entry("in:1:a"), at(60)); err != nil || entered.Marked || !entered.Alone {
			t.Errorf("when it has ended: %+v, %v", entered, err)
		}
		must(t, s.Leave(t.Context(), "in:1:a", "seen:in:1:a", nil, at(60), forever))
		if entered, err = s.Enter(t.Context(), entry("in:1:a"), at(1000)); err != nil || !entered.Marked || len(entered.Said) > 0 {
			t.Errorf("after a mark without words that stays: %+v, %v", entered, err)
		}
	}},
	{"a mark is judged before the key, and many that enter at once are one", func(t *testing.T, s Store) {
		put(t, s, "in:1:a", "left behind", 0, noon, forever)
		put(t, s, "seen:in:1:a", "said", 0, noon, at(60))
		entered, err := s.Enter(t.Context(), entry("in:1:a"), noon)
		must(t, err)
		if !entered.Marked {
			t.Errorf("%+v", entered)
		}
		var alone atomic.Int64
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				entered, err := s.Enter(t.Context(), entry(fmt.Sprint("in:2:", i)), noon)
				if err != nil {
					t.Error(err)
				}
				if entered.Alone {
					alone.Add(1)
				}
			})
		}
		all.Wait()
		if alone.Load() != 1 {
			t.Errorf("%d of 20 were alone", alone.Load())
		}
	}},
	{"a value may be empty, or any bytes, up to 256 KiB", func(t *testing.T, s Store) {
		big := bytes.Repeat([]byte{0, 0xff, '\n', '\''}, 64<<10)
		for key, v := range map[string][]byte{"nil": nil, "empty": {}, "big": big} {
			if _, err := s.Put(t.Context(), key, v, 0, noon, forever); err != nil {
				t.Fatalf("Put(%s): %v", key, err)
			}
			got, _, err := s.Get(t.Context(), key, noon)
			must(t, err)
			if !bytes.Equal(got, v) {
				t.Errorf("%s reads back otherwise", key)
			}
		}
		if _, err := s.Put(t.Context(), "bigger", append(big, 0), 0, noon, forever); err == nil {
			t.Error("more than 256 KiB were taken")
		}
	}},
	{"keys come in order, by prefix, part by part", func(t *testing.T, s Store) {
		for _, k := range []string{"b:1", "a:2", "a:10", "a:1", "a;", "a", "a:ñ", "a:\xf4\x8f\xbf\xbf"} {
			put(t, s, k, "v", 0, noon, forever)
		}
		if got := sessionKeys(t, s, "a:", "", 10, noon); got != "a:1 a:10 a:2 a:ñ a:\xf4\x8f\xbf\xbf" {
			t.Errorf("keys = %q", got)
		}
		if got := sessionKeys(t, s, "a:", "a:1", 2, noon); got != "a:10 a:2" {
			t.Errorf("after a:1 = %q", got)
		}
		if got := sessionKeys(t, s, "", "", 2, noon); got != "a a:1" {
			t.Errorf("all = %q", got)
		}
		if got := sessionKeys(t, s, "a:", "b", 10, noon); got != "" {
			t.Errorf("after b = %q", got)
		}
	}},
	{"the signs of patterns are plain letters in a prefix", func(t *testing.T, s Store) {
		for _, k := range []string{"a*1", "ab1", "a%1", "a_1", "a?1", "a[b]1"} {
			put(t, s, k, "v", 0, noon, forever)
		}
		for _, prefix := range []string{"a*", "a%", "a_", "a?", "a[b]"} {
			if got := sessionKeys(t, s, prefix, "", 10, noon); got != prefix+"1" {
				t.Errorf("keys of %q = %q", prefix, got)
			}
		}
	}},
	{"values are read by prefixes, many at once", func(t *testing.T, s Store) {
		for _, k := range []string{"a:1", "a:2", "a", "b:1", "b;", "c%1", "c_1", "d:1"} {
			put(t, s, k, "v of "+k, 0, noon, forever)
		}
		put(t, s, "d:2", "", 0, noon, at(20))
		for _, tt := range []struct {
			now      time.Time
			prefixes []string
			want     string
		}{
			{noon, []string{"b:", "a:", "x:"}, "a:1=v of a:1 a:2=v of a:2 b:1=v of b:1"},
			{noon, []string{"a:", "a", "a:1"}, "a=v of a a:1=v of a:1 a:2=v of a:2"},
			{noon, []string{"c%"}, "c%1=v of c%1"},
			{noon, []string{"d:"}, "d:1=v of d:1 d:2="},
			{at(20), []string{"d:"}, "d:1=v of d:1"},
			{noon, nil, ""},
			{noon, []string{""}, "a=v of a a:1=v of a:1 a:2=v of a:2 b:1=v of b:1 b;=v of b; c%1=v of c%1 c_1=v of c_1 d:1=v of d:1 d:2="},
		} {
			got, err := s.Values(t.Context(), tt.prefixes, tt.now)
			must(t, err)
			var all []string
			for _, key := range slices.Sorted(maps.Keys(got)) {
				all = append(all, key+"="+string(got[key]))
			}
			if text := strings.Join(all, " "); text != tt.want {
				t.Errorf("values of %q = %q", tt.prefixes, text)
			}
		}
	}},
	{"values of more keys than a page has are all read", func(t *testing.T, s Store) {
		var prefixes []string
		for i := range 300 {
			key := fmt.Sprintf("card:%03d:", i)
			put(t, s, key+"a", "1", 0, noon, forever)
			put(t, s, key+"b", "2", 0, noon, forever)
			prefixes = append(prefixes, key)
		}
		got, err := s.Values(t.Context(), prefixes, noon)
		must(t, err)
		if len(got) != 600 || string(got["card:299:b"]) != "2" {
			t.Errorf("%d of 600 values", len(got))
		}
	}},
	{"expired keys are not listed", func(t *testing.T, s Store) {
		put(t, s, "k1", "v", 0, noon, at(10))
		put(t, s, "k2", "v", 0, noon, at(20))
		if got := sessionKeys(t, s, "k", "", 10, at(10)); got != "k2" {
			t.Errorf("keys = %q, want k2", got)
		}
	}},
}
