package checkpoint_test

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/checkpoint"
)

var monday = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// trail is one of n events on three records.
func trail(n int) []core.Event { return trailOf(n, 3) }

// trailOf is one of n events on so many records, by turns.
func trailOf(n, many int) []core.Event {
	records := map[string]core.Record{}
	var out []core.Event
	for i := range n {
		id := fmt.Sprintf("r%d", i%many)
		e := core.Seal(records[id], []core.Event{{
			Kind: core.KindRequest, Record: id, Verb: "touch", From: records[id].State, To: core.StateDraft, By: "lucia", At: monday.Add(time.Duration(i) * time.Minute),
		}})[0]
		e.Index = i + 1
		records[id] = core.Apply(records[id], e)
		out = append(out, e)
	}
	return out
}

func each(events []core.Event) iter.Seq2[core.Event, error] {
	return func(yield func(core.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func grown(events []core.Event) (t checkpoint.Tree) {
	for _, e := range events {
		t = t.Add(e)
	}
	return t
}

func newKey(t *testing.T) checkpoint.Key {
	t.Helper()
	k, err := checkpoint.NewKey(rand.Reader, "sidem.example.gob.mx/trail")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// taken is the checkpoint of a trail.
func taken(t *testing.T, k checkpoint.Key, events []core.Event) checkpoint.Checkpoint {
	t.Helper()
	c, err := k.Sign(grown(events), monday)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheTreeIsTheOneOfTransparencyLogs(t *testing.T) {
	var hashes []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, n := range indexes {
			out[i] = hashes[n]
		}
		return out, nil
	})
	var tree checkpoint.Tree
	for n, e := range trail(300) {
		more, err := tlog.StoredHashes(int64(n), []byte(e.Hash), read)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, more...)
		tree = tree.Add(e)
		want, err := tlog.TreeHash(int64(n+1), read)
		if err != nil || tree.Root() != strings.TrimPrefix(want.String(), "h1:") || !tree.Sound() {
			t.Fatalf("of %d events: %s, want %s (%v)", n+1, tree.Root(), want, err)
		}
	}
	if want := "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; (checkpoint.Tree{}).Root() != want { // SHA-256 of nothing (RFC 6962, 2.1)
		t.Errorf("of no event: %s", checkpoint.Tree{}.Root())
	}
}

func TestACheckpointIsASignedNoteThatAWitnessCanSignToo(t *testing.T) {
	k, events := newKey(t), trail(20)
	c := taken(t, k, events)
	want := fmt.Sprintf("sidem.example.gob.mx/trail\n20\n%s\n\n— sidem.example.gob.mx/trail ", grown(events).Root())
	if !strings.HasPrefix(c.Note, want) {
		t.Errorf("the note is\n%s\nand should begin with\n%s", c.Note, want)
	}
	signer, verifier, err := note.GenerateKey(rand.Reader, "witness.example.org")
	if err != nil {
		t.Fatal(err)
	}
	s, errS := note.NewSigner(signer)
	own, errV := note.NewVerifier(k.Verifier)
	other, errO := note.NewVerifier(verifier)
	if err := errors.Join(errS, errV, errO); err != nil {
		t.Fatal(err)
	}
	n, err := note.Open([]byte(c.Note), note.VerifierList(own))
	if err != nil {
		t.Fatal(err)
	}
	both, err := note.Sign(n, s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(both, note.VerifierList(own, other)); err != nil {
		t.Error(err)
	}
	got, err := checkpoint.Open(string(both), k.Verifier)
	if err != nil || got.Index != 20 || got.Root != c.Root {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestOnlyTheKeyOfTheTrailSignsItsCheckpoints(t *testing.T) {
	k, other := newKey(t), newKey(t)
	c := taken(t, k, trail(5))
	for name, signed := range map[string]string{
		"another key":    taken(t, other, trail(5)).Note,
		"another size":   strings.Replace(c.Note, "\n5\n", "\n6\n", 1),
		"another origin": strings.Replace(c.Note, "sidem.example", "sidem.other", 1),
		"no signature":   strings.SplitAfter(c.Note, "\n\n")[0],
	} {
		if _, err := checkpoint.Open(signed, k.Verifier); !errors.Is(err, checkpoint.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	again, err := checkpoint.ParseKey(k.Signer)
	if diff := cmp.Diff(k, again); err != nil || diff != "" {
		t.Errorf("a key reads back otherwise: %v %s", err, diff)
	}
}

func TestAFileMayHoldNotesAndLinesOfTheFormerFormat(t *testing.T) {
	k, events := newKey(t), trail(8)
	// Two lines as they were written before there were notes.
	const former = `{"at":"2026-11-21T10:00:00Z","index":0,"digest":""}
{"at":"2026-11-22T10:00:00Z","index":2,"digest":"DIGEST"}
`
	file := taken(t, k, events[:5]).Append() + strings.Replace(former, "DIGEST", chained(events[:2]), 1) + taken(t, k, events).Append()
	kept, err := checkpoint.Read(strings.NewReader(file), k.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	var at []int
	for _, c := range kept {
		at = append(at, c.Index)
	}
	if diff := cmp.Diff([]int{0, 2, 5, 8}, at); diff != "" || kept[3].At != monday {
		t.Errorf("%s, the last of %s", diff, kept[3].At)
	}
	if faults, _, err := checkpoint.Compare(each(events), nil, kept); err != nil || len(faults) > 0 {
		t.Errorf("%v, %v", faults, err)
	}
	events[1].Hash = events[0].Hash
	faults, _, err := checkpoint.Compare(each(events), nil, kept)
	if err != nil || len(faults) != 1 || !strings.Contains(faults[0], "the checkpoint of 2026-11-22 10:00:00 (event 2)") || !strings.Contains(faults[0], "after the checkpoint of 2026-11-21") {
		t.Errorf("%v, %v", faults, err)
	}
	if _, err := checkpoint.Read(strings.NewReader(file), newKey(t).Verifier); !errors.Is(err, checkpoint.ErrSignature) {
		t.Errorf("of another key: %v", err)
	}
	if _, err := checkpoint.Read(strings.NewReader("\n"), ""); err == nil {
		t.Error("an empty file holds checkpoints")
	}
}

func TestATrailThatBecameShorterOrChangedIsNotTheOneOfItsCheckpoints(t *testing.T) {
	k, events := newKey(t), trail(12)
	kept := []checkpoint.Checkpoint{taken(t, k, events[:6]), taken(t, k, events[:11])}
	for name, c := range map[string]struct {
		events []core.Event
		want   string
	}{
		"cut off":   {events[:8], "ends at event 8"},
		"one less":  {append(append([]core.Event{}, events[:7]...), reindexed(events[8:], 8)...), "was changed, removed, added or reordered, after the checkpoint"},
		"as it was": {events, ""},
	} {
		faults, _, err := checkpoint.Compare(each(c.events), nil, kept)
		got := strings.Join(faults, "\n")
		if err != nil || (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func reindexed(events []core.Event, from int) []core.Event {
	out := append([]core.Event{}, events...)
	for i := range out {
		out[i].Index = from + i
	}
	return out
}

func TestAProofShowsOneEventToWhoHasNothingButTheKey(t *testing.T) {
	k, events := newKey(t), trail(23)
	c := taken(t, k, events[:20])
	for i := range 20 {
		p, err := checkpoint.Prove(each(events), nil, i+1, c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := checkpoint.Check(p.String(), k.Verifier)
		if diff := cmp.Diff(events[i], got.Event); err != nil || diff != "" || got.Checkpoint.Index != 20 {
			t.Errorf("event %d: %v %s", i+1, err, diff)
		}
	}
	if _, err := checkpoint.Prove(each(events), nil, 21, c); err == nil {
		t.Error("an event after the checkpoint is proved")
	}
	if _, err := checkpoint.Prove(each(events[:15]), nil, 2, c); err == nil {
		t.Error("a shorter trail proves something")
	}
}

func TestAProofThatWasChangedAnywhereShowsNothing(t *testing.T) {
	k, events := newKey(t), trail(9)
	p, err := checkpoint.Prove(each(events), nil, 4, taken(t, k, events))
	if err != nil {
		t.Fatal(err)
	}
	file := p.String()
	for i := range len(file) {
		b := []byte(file)
		b[i] ^= 1
		got, err := checkpoint.Check(string(b), k.Verifier)
		if err == nil && cmp.Diff(events[3], got.Event) != "" {
			t.Errorf("byte %d changed shows %+v", i, got.Event)
		}
	}
	if _, err := checkpoint.Check(file, newKey(t).Verifier); !errors.Is(err, checkpoint.ErrSignature) {
		t.Errorf("by another key: %v", err)
	}
}

func FuzzNothingThatIsReadPanics(f *testing.F) {
	k, err := checkpoint.NewKey(rand.Reader, "sidem.example.gob.mx/trail")
	if err != nil {
		f.Fatal(err)
	}
	events := trail(3)
	c, err := k.Sign(grown(events), monday)
	if err != nil {
		f.Fatal(err)
	}
	p, err := checkpoint.Prove(each(events), nil, 2, c)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.Append())
	f.Add(p.String())
	f.Add(`{"at":"2026-11-21T10:00:00Z","index":0,"digest":""}`)
	f.Fuzz(func(t *testing.T, file string) {
		if got, err := checkpoint.Check(file, k.Verifier); err == nil && cmp.Diff(events[got.Event.Index-1], got.Event) != "" {
			t.Errorf("it shows %+v", got.Event)
		}
		if kept, err := checkpoint.Read(strings.NewReader(file), k.Verifier); err == nil && len(kept) == 0 {
			t.Error("no checkpoint was read, and no error is told")
		}
	})
}

// chained is the digest of the format before notes: SHA-256 over the digest before, a
// line end and the hash of each event, in hexadecimal digits.
func chained(events []core.Event) string {
	digest := ""
	for _, e := range events {
		digest = fmt.Sprintf("%x", sha256.Sum256([]byte(digest+"\n"+e.Hash)))
	}
	return digest
}
