package redis_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	client "github.com/redis/go-redis/v9"

	"sidem/core/outbox"
	"sidem/core/testbed"
	"sidem/storage/redis"
	"sidem/storage/redis/redistest"
	"sidem/storage/storagetest"
)

// hand is somebody who can write to the server.
type hand struct {
	t      *testing.T
	server *redistest.Server
	prefix string
	fields []string // of the rows, in order
	rows   map[string]string
	places map[string][]client.Z // of each sorted set
	sets   []string
	undo   func()
}

func newHand(t *testing.T, tag string) *hand {
	t.Helper()
	h := &hand{t: t, server: shared(t), prefix: "{" + tag + "}:", places: map[string][]client.Z{}, sets: []string{"lists", "refused", "due", "leased", "dead"}}
	var err error
	h.rows, err = h.server.Admin.HGetAll(t.Context(), h.prefix+"rows").Result()
	must(t, err)
	for f := range h.rows {
		// Sessions and throttles do not follow from the trail.
		if f[0] != 's' && f[0] != 'g' {
			h.fields = append(h.fields, f)
		}
	}
	slices.Sort(h.fields)
	for _, set := range h.sets {
		h.places[set], err = h.server.Admin.ZRangeWithScores(t.Context(), h.prefix+set, 0, -1).Result()
		must(t, err)
	}
	return h
}

// Mutate removes a row or a place, changes one, or adds a changed copy.
func (h *hand) Mutate(chance *rand.Rand) (string, bool) {
	if chance.IntN(4) == 0 {
		return h.place(chance)
	}
	field := h.fields[chance.IntN(len(h.fields))]
	old := h.rows[field]
	kind := field[:1]
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
		if other := h.fields[chance.IntN(len(h.fields))]; other[0] == field[0] {
			return h.rows[other]
		}
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
func (h *hand) place(chance *rand.Rand) (string, bool) {
	set := h.sets[chance.IntN(len(h.sets))]
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
		for range 3 { // something is held, something was sent, something is dead
			claimed, err := s.Claim(t.Context(), morning.AddDate(1, 0, 0), 2, lease)
			must(t, err)
			_, err = s.Settle(t.Context(), morning, ends(claimed))
			must(t, err)
		}
		_, err := s.Claim(t.Context(), morning.AddDate(1, 0, 0), 2, lease)
		must(t, err)
		return s, newHand(t, tag)
	})
}

// ends settles one as sent, and another as dead.
func ends(claimed []outbox.Item) []outbox.Result {
	var out []outbox.Result
	for i, it := range claimed {
		out = append(out, outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: []outbox.Outcome{outbox.WasSent, outbox.Buried}[i%2]})
	}
	return out
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
