package checkpoint_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/checkpoint"
)

// without is a trail of which some events were taken, and the parts that stand for them,
// pruned in two goes and kept in between.
func without(t *rapid.T, events []core.Event, gone func(core.Event) bool) (left []core.Event, parts []checkpoint.Pruned) {
	var some, more []checkpoint.Pruned
	for _, e := range events {
		switch {
		case !gone(e):
			left = append(left, e)
		case e.Index%3 == 0:
			some = append(some, checkpoint.LeafOf(e))
		default:
			more = append(more, checkpoint.LeafOf(e))
		}
	}
	parts, err := checkpoint.Prune(nil, some)
	if err == nil {
		parts, err = checkpoint.UnpackParts(checkpoint.PackParts(parts))
	}
	if err == nil {
		parts, err = checkpoint.Prune(parts, more)
	}
	if err != nil {
		t.Fatal(err)
	}
	return left, parts
}

func TestWhateverIsPrunedTheTreeIsTheSame(t *testing.T) {
	k, events := newKey(t), trailOf(40, 20)
	c, err := k.Sign(grown(events), monday)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		var taken []int // the events of records
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(1, 19), 0, 19, rapid.ID).Draw(t, "taken") {
			taken = append(taken, n, n+20)
		}
		left, parts := without(t, events, func(e core.Event) bool { return slices.Contains(taken, e.Index) })
		back := append(slices.Clone(left), events[slices.Max(append(taken, 1))-1]) // one of them came back
		slices.SortFunc(back, func(a, b core.Event) int { return a.Index - b.Index })
		back = slices.CompactFunc(back, func(a, b core.Event) bool { return a.Index == b.Index })
		for _, some := range [][]core.Event{left, back} {
			var tree checkpoint.Tree
			for step, err := range checkpoint.Steps(each(some), parts) {
				if err != nil {
					t.Fatal(err)
				}
				if step.Part != nil {
					tree = tree.Jump(*step.Part)
				} else {
					tree = tree.Add(step.Event)
				}
			}
			if diff := cmp.Diff(grown(events), tree); diff != "" {
				t.Fatal(diff)
			}
		}
		index := rapid.IntRange(1, 40).Draw(t, "proved")
		p, err := checkpoint.Prove(each(left), parts, index, c)
		if there := !slices.Contains(taken, index); (err == nil) != there {
			t.Fatalf("event %d: %v", index, err)
		} else if there {
			_, err = checkpoint.Check(p.String(), k.Verifier)
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestWithoutTheEventsOfAPartItsEndsAreComparedAndWhatLiesBetweenIsUnseen(t *testing.T) {
	k, events := newKey(t), trail(40)
	var kept []checkpoint.Checkpoint
	for n := range 41 {
		c, err := k.Sign(grown(events[:n]), monday)
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, c)
	}
	rapid.Check(t, func(t *rapid.T) {
		left, parts := without(t, events, func(e core.Event) bool { return e.Index > 8 && e.Index <= 24 })
		faults, unseen, err := checkpoint.Compare(each(left), parts, kept)
		if err != nil || len(faults) > 0 || unseen != 7+7 { // within 9 to 16, and within 17 to 24
			t.Fatalf("%v, %d unseen, %v", faults, unseen, err)
		}
		at := rapid.IntRange(0, len(parts)-1).Draw(t, "changed")
		parts[at].Hash[rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
		if faults, _, _ = checkpoint.Compare(each(left), parts, kept); len(faults) != 1 {
			t.Fatalf("a part that was changed is told as %v", faults)
		}
	})
	left, parts := without(nil, events, func(e core.Event) bool { return e.Index > 8 && e.Index <= 24 })
	for name, some := range map[string][]core.Event{"an event is gone": slices.Delete(slices.Clone(left), 9, 10), "what is gone stands for nothing": left} {
		if name != "an event is gone" {
			parts = parts[1:]
		}
		if faults, _, err := checkpoint.Compare(each(some), parts, kept); err != nil || len(faults) != 1 {
			t.Errorf("%s: %v, %v", name, faults, err)
		}
	}
}

func TestOnePartIsNotKnownByTwoHashes(t *testing.T) {
	events := trail(4)
	parts, err := checkpoint.Prune(nil, []checkpoint.Pruned{checkpoint.LeafOf(events[0]), checkpoint.LeafOf(events[1])})
	if err != nil || len(parts) != 1 || parts[0].From() != 1 || parts[0].To() != 2 {
		t.Fatalf("%+v, %v", parts, err)
	}
	again, err := checkpoint.Prune(parts, []checkpoint.Pruned{checkpoint.LeafOf(events[1])})
	if diff := cmp.Diff(parts, again); err != nil || diff != "" {
		t.Errorf("what is known is changed by it: %v %s", err, diff)
	}
	other := checkpoint.LeafOf(events[1])
	other.Hash[0] ^= 1
	if _, err := checkpoint.Prune(parts, []checkpoint.Pruned{checkpoint.LeafOf(events[0]), other}); err == nil {
		t.Error("two halves that make another whole are taken")
	}
	for _, body := range [][]byte{{99}, {1, 2, 3}, checkpoint.PackParts(parts)[:20]} {
		if _, err := checkpoint.UnpackParts(body); err == nil {
			t.Errorf("%v is read as parts", body)
		}
	}
}
