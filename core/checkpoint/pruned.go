package checkpoint

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math/bits"
	"slices"
	"sort"

	"golang.org/x/mod/sumdb/tlog"

	"sidem.gob.mx/sidem/core"
)

// Pruned is a complete part of the tree whose events are not in the store any more: its
// head stands for all of them. One of level 0 is the leaf of one event.
type Pruned struct {
	Level int
	N     int64 // the events are those of index N<<Level+1 to (N+1)<<Level
	Hash  tlog.Hash
}

// From and To are the indices of the first and the last event.
func (p Pruned) From() int { return int(p.N<<p.Level) + 1 }

// To is the index of the last event.
func (p Pruned) To() int { return int((p.N + 1) << p.Level) }

// LeafOf is the leaf of one event.
func LeafOf(e core.Event) Pruned { return Pruned{N: int64(e.Index) - 1, Hash: Leaf(e)} }

// blockLevel is that of the largest part: a block of 4,096 events.
const blockLevel = 12

// Block is which block an event is in.
func Block(index int) int { return (index - 1) >> blockLevel }

// BlockKey is where the parts of a block are kept, and BlockPrefix how the keys begin.
func BlockKey(block int) string { return fmt.Sprintf("%s%08d", BlockPrefix, block) }

// BlockPrefix is how the keys of all blocks begin.
const BlockPrefix = "shelf:t:"

// Prune is parts of one tree with more of them, each as large as it can be: two halves
// become the whole, and what lies within another is left out. What is known of one part in
// two ways must be the same.
func Prune(parts, more []Pruned) ([]Pruned, error) {
	known := map[[2]int64]tlog.Hash{}
	for _, p := range slices.Concat(parts, more) {
		key := [2]int64{int64(p.Level), p.N}
		if h, is := known[key]; is && h != p.Hash {
			return nil, fmt.Errorf("checkpoint: events %d to %d are known by two hashes", p.From(), p.To())
		}
		known[key] = p.Hash
	}
	for level := range int64(blockLevel) {
		for key, h := range known {
			if key[0] != level || key[1]%2 != 0 {
				continue
			}
			right, is := known[[2]int64{level, key[1] + 1}]
			if !is {
				continue
			}
			up, head := [2]int64{level + 1, key[1] / 2}, tlog.NodeHash(h, right)
			if was, is := known[up]; is && was != head {
				return nil, fmt.Errorf("checkpoint: events %d to %d are known by two hashes", up[1]<<up[0]+1, (up[1]+1)<<up[0])
			}
			known[up] = head
		}
	}
	var out []Pruned
	for key, h := range known {
		within := false
		for level, n := key[0]+1, key[1]/2; level <= blockLevel; level, n = level+1, n/2 {
			_, is := known[[2]int64{level, n}]
			within = within || is
		}
		if !within {
			out = append(out, Pruned{Level: int(key[0]), N: key[1], Hash: h})
		}
	}
	sortParts(out)
	return out, nil
}

func sortParts(parts []Pruned) {
	slices.SortFunc(parts, func(a, b Pruned) int { return cmp.Or(cmp.Compare(a.From(), b.From()), cmp.Compare(b.Level, a.Level)) })
}

// Covers reports whether all events from one to another lie within parts, which are in order.
func Covers(parts []Pruned, from, to int) bool {
	i := sort.Search(len(parts), func(i int) bool { return parts[i].To() >= from })
	for ; i < len(parts) && parts[i].From() <= from; i++ {
		if from = parts[i].To() + 1; from > to {
			return true
		}
	}
	return false
}

// ErrParts says that what is kept of pruned parts is none of ours.
var ErrParts = errors.New("checkpoint: what is kept of archived events is damaged")

// PackParts are the parts of a block as they are kept.
func PackParts(parts []Pruned) []byte {
	var out []byte
	for _, p := range parts {
		out = append(binary.AppendUvarint(append(out, byte(p.Level)), uint64(p.N)), p.Hash[:]...)
	}
	return out
}

// UnpackParts reads them.
func UnpackParts(body []byte) (out []Pruned, err error) {
	for len(body) > 0 {
		p := Pruned{Level: int(body[0])}
		n, width := binary.Uvarint(body[1:])
		if p.Level > blockLevel || width <= 0 || n > 1<<40 || len(body) < 1+width+len(p.Hash) {
			return nil, ErrParts
		}
		p.N = int64(n)
		copy(p.Hash[:], body[1+width:])
		out, body = append(out, p), body[1+width+len(p.Hash):]
	}
	return out, nil
}

// Jump is t with a part that follows.
func (t Tree) Jump(p Pruned) Tree {
	if t.Size != p.From()-1 { // something is missing before: it is another tree, whatever follows
		p = Pruned{N: int64(t.Size), Hash: p.Hash}
	}
	edge, h := append([]tlog.Hash(nil), t.Edge...), p.Hash
	for range bits.TrailingZeros(^uint(t.Size >> p.Level)) {
		h = tlog.NodeHash(edge[len(edge)-1], h)
		edge = edge[:len(edge)-1]
	}
	return Tree{Size: t.Size + 1<<p.Level, Edge: append(edge, h)}
}

// Step is what follows in a trail: an event, or a part of which there are no events.
type Step struct {
	Event core.Event
	Part  *Pruned
}

// To is the index of the last event of a step.
func (s Step) To() int {
	if s.Part != nil {
		return s.Part.To()
	}
	return s.Event.Index
}

// Steps are the events of a trail and the parts between them, in order. An event that came
// back lies within a part, and is passed over: the part stands for it.
func Steps(trail iter.Seq2[core.Event, error], parts []Pruned) iter.Seq2[Step, error] {
	return StepsFrom(trail, parts, 0)
}

// StepsFrom are the Steps after an index, of the trail after it. A part that begins before is
// none of them.
func StepsFrom(trail iter.Seq2[core.Event, error], parts []Pruned, after int) iter.Seq2[Step, error] {
	parts = slices.DeleteFunc(slices.Clone(parts), func(p Pruned) bool { return p.From() <= after })
	sortParts(parts)
	return func(yield func(Step, error) bool) {
		at := after
		jump := func(before int) bool {
			for len(parts) > 0 && parts[0].From() < before {
				p := parts[0]
				if parts = parts[1:]; p.From() != at+1 { // the gap, or what lies within another, is not ours to tell
					continue
				}
				if at = p.To(); !yield(Step{Part: &p}, nil) {
					return false
				}
			}
			return true
		}
		for e, err := range trail {
			if err != nil {
				yield(Step{}, err)
				return
			}
			if !jump(e.Index + 1) {
				return
			}
			if e.Index <= at {
				continue
			}
			if at = e.Index; !yield(Step{Event: e}, nil) {
				return
			}
		}
		jump(int(^uint(0) >> 1))
	}
}
