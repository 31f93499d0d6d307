package redis_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	client "github.com/redis/go-redis/v9"

	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/redis"
	"sidem.gob.mx/sidem/storage/redis/redistest"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// hand is somebody who can write to the server.
type hand struct {
	t      *testing.T
	server *redistest.Server
	prefix string
	kinds  []string
	fields map[string][]string // of the rows of each kind, in order
	rows   map[string]string
	places map[string][]client.Z // of each sorted set
	undo   func()
}

// unjudged are the kinds of rows and the keys that do not follow from the trail: sessions, with
// their order and their ends, and throttles.
var unjudged = []string{"a row s", "a row g", "a place in sessions", "a place in ends"}

func newHand(t *testing.T, s *redis.Store, tag string) *hand {
	t.Helper()
	h := &hand{t: t, server: shared(t), prefix: "{" + tag + "}:", places: map[string][]client.Z{}, fields: map[string][]string{}}
	var err error
	h.rows, err = h.server.Admin.HGetAll(t.Context(), h.prefix+"rows").Result()
	must(t, err)
	for _, f := range slices.Sorted(maps.Keys(h.rows)) {
		h.fields[f[:1]] = append(h.fields[f[:1]], f)
	}
	for _, c := range redis.Counters { // a count of nothing has no row
		if _, ok := h.rows["n:"+c]; !ok {
			h.fields["n"] = append(h.fields["n"], "n:"+c)
		}
	}
	for _, kind := range redis.RowKinds() {
		h.kinds = append(h.kinds, "a row "+kind)
	}
	for _, set := range s.Sets() {
		h.kinds = append(h.kinds, "a place in "+set)
		h.places[set], err = h.server.Admin.ZRangeWithScores(t.Context(), h.prefix+set, 0, -1).Result()
		must(t, err)
	}
	for _, kind := range unjudged {
		if !slices.Contains(h.kinds, kind) {
			t.Errorf("there is no %s any more", kind)
		}
	}
	h.kinds = slices.DeleteFunc(h.kinds, func(kind string) bool { return slices.Contains(unjudged, kind) })
	return h
}

func (h *hand) Kinds() []string { return h.kinds }

// Mutate removes a row or a place, changes one, or adds a changed copy.
func (h *hand) Mutate(what string, chance *rand.Rand) (string, bool) {
	if set, ok := strings.CutPrefix(what, "a place in "); ok {
		return h.place(set, chance)
	}
	kind := strings.TrimPrefix(what, "a row ")
	if len(h.fields[kind]) == 0 {
		return "", false
	}
	field := h.fields[kind][chance.IntN(len(h.fields[kind]))]
	old, had := h.rows[field]
	if !had {
		h.set(field, fmt.Sprint(1+chance.IntN(3)))
		return "a row " + kind + " added: " + field, true
	}
	switch chance.IntN(3) {
	case 0:
		h.set(field, "")
		return "a row " + kind + " removed: " + field, true
	case 1:
		value := h.value(chance, field, old)
		if value == old || value == "" {
			return "", false
		}
		h.set(field, value)
		return fmt.Sprintf("a row %s changed: %s: %q, was %q", kind, field, value, old), true
	}
	name := field[:2] + storagetest.Altered(chance, field[2:])
	if _, ok := h.rows[name]; ok {
		return "", false
	}
	h.set(name, old)
	return fmt.Sprintf("a row %s added: %q", kind, name), true
}

// value is another value of a row; where a part of it follows from nothing, that part is left as it is.
func (h *hand) value(chance *rand.Rand, field, old string) string {
	fixed, rest := "", old
	switch field[0] {
	case 'e': // the operation that wrote it
		op, body, _ := strings.Cut(old, "\n")
		fixed, rest = op+"\n", body
	case 'i': // its revision, its end, and the claims since
		parts := strings.SplitN(old, " ", 3)
		body, _, _ := strings.Cut(parts[2], "\n")
		after := storagetest.Altered(chance, body)
		if !storagetest.Judged(body, after) {
			return old
		}
		return parts[0] + " " + parts[1] + " " + after + strings.TrimPrefix(parts[2], body)
	}
	if chance.IntN(3) == 0 {
		of := h.fields[field[:1]]
		return h.rows[of[chance.IntN(len(of))]]
	}
	return fixed + storagetest.Altered(chance, rest)
}

// set writes a row, "" for none, and remembers how it was.
func (h *hand) set(field, value string) {
	ctx, key := h.t.Context(), h.prefix+"rows"
	old, had := h.rows[field]
	write := func(value string, keep bool) {
		if keep {
			must(h.t, h.server.Admin.HSet(ctx, key, field, value).Err())
		} else {
			must(h.t, h.server.Admin.HDel(ctx, key, field).Err())
		}
	}
	write(value, value != "")
	h.undo = func() { write(old, had) }
}

// place changes one of the sorted sets.
func (h *hand) place(set string, chance *rand.Rand) (string, bool) {
	if len(h.places[set]) == 0 {
		return "", false
	}
	old := h.places[set][chance.IntN(len(h.places[set]))]
	changed, what := old, "removed"
	switch chance.IntN(3) {
	case 0:
		changed.Member = nil
	case 1:
		what = "changed"
		changed.Score += float64(chance.IntN(2)*2 - 1)
	default:
		what = "added"
		changed.Member = storagetest.Altered(chance, old.Member.(string))
		if slices.ContainsFunc(h.places[set], func(z client.Z) bool { return z.Member == changed.Member }) {
			return "", false
		}
	}
	ctx, key := h.t.Context(), h.prefix+set
	if changed.Member == nil || changed.Member == old.Member {
		must(h.t, h.server.Admin.ZRem(ctx, key, old.Member).Err())
	}
	if changed.Member != nil {
		must(h.t, h.server.Admin.ZAdd(ctx, key, changed).Err())
	}
	h.undo = func() {
		if changed.Member != nil {
			must(h.t, h.server.Admin.ZRem(ctx, key, changed.Member).Err())
		}
		must(h.t, h.server.Admin.ZAdd(ctx, key, old).Err())
	}
	return fmt.Sprintf("a place in %s %s: %v, was %v", set, what, changed, old), true
}

func (h *hand) Restore() { h.undo() }

func TestTheAuditFindsEveryChangeOfARow(t *testing.T) {
	testbed.Need(t, testbed.Redis)
	storagetest.RunMutations(t, func(t *testing.T) (storagetest.Store, storagetest.Mutator) {
		tag := newTag()
		s := open(t, shared(t).DSN(tag), redis.Options{})
		storagetest.Workday(t, s)
		storagetest.Evening(t, s)
		return s, newHand(t, s, tag)
	})
}

func TestAKeyThatIsNoneOfOursIsFoundByWhoMayListKeys(t *testing.T) {
	testbed.Need(t, testbed.Redis)
	server, tag := shared(t), newTag()
	own := open(t, server.DSN(tag), redis.Options{})
	storagetest.Workday(t, own)
	address, err := url.Parse(server.DSN(tag))
	must(t, err)
	address.User = url.UserPassword("auditor", "looks")
	auditor := open(t, address.String(), redis.Options{})
	inspect := func(s *redis.Store) []string {
		t.Helper()
		faults, err := s.Inspect(t.Context())
		must(t, err)
		return faults
	}
	if faults := inspect(auditor); len(faults) > 0 {
		t.Fatalf("before anything is planted: %v", faults)
	}
	neighbour := "{" + tag + "0}:rows"
	for _, key := range []string{"planted", "op:x", "op:" + strings.Repeat("ñ", 6), "rows2", "items"} {
		name := "{" + tag + "}:" + key
		must(t, server.Admin.Set(t.Context(), name, "x", 0).Err())
		must(t, server.Admin.Set(t.Context(), neighbour, "x", 0).Err()) // another deployment's
		faults := inspect(auditor)
		if len(faults) != 1 || !strings.Contains(faults[0], "none of ours: the key "+key) {
			t.Errorf("%s: %v", key, faults)
		}
		must(t, server.Admin.Del(t.Context(), name, neighbour).Err())
	}
	must(t, server.Admin.Set(t.Context(), "{"+tag+"}:planted", "x", 0).Err())
	if faults := inspect(own); len(faults) > 0 {
		t.Errorf("SIDEM's own user may not list keys, and finds %v", faults)
	}
}

func TestAKeyThatTheServerWouldForgetIsFound(t *testing.T) {
	testbed.Need(t, testbed.Redis)
	server, tag := shared(t), newTag()
	s := open(t, server.DSN(tag), redis.Options{})
	storagetest.Workday(t, s)
	for _, key := range []string{"rows", "lists", "due"} {
		name := "{" + tag + "}:" + key
		must(t, server.Admin.Expire(t.Context(), name, time.Hour).Err())
		faults, err := s.Inspect(t.Context())
		must(t, err)
		if len(faults) != 1 || !strings.Contains(faults[0], "forget the key "+key) {
			t.Errorf("%s: %v", key, faults)
		}
		must(t, server.Admin.Persist(t.Context(), name).Err())
	}
	if faults, err := s.Inspect(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("with no lifetime: %v, %v", faults, err)
	}
}
