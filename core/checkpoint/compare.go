package checkpoint

import (
	"fmt"
	"iter"

	"sidem/core"
)

// Compare says in what a trail differs from checkpoints, which are in the order of
// their index; nothing if it is the one that they were taken of.
func Compare(trail iter.Seq2[core.Event, error], kept []Checkpoint) (faults []string, err error) {
	w := walk{todo: kept}
	w.reach() // those of an empty trail
	for e, err := range trail {
		if err != nil {
			return nil, err
		}
		w.tree, w.chain, w.at = w.tree.Add(e), w.chain.add(e), e.Index
		w.reach()
	}
	if len(w.todo) > 0 && len(w.faults) == 0 {
		w.faults = append(w.faults, fmt.Sprintf("the trail ends at event %d, before %s: events were removed%s", w.at, w.todo[len(w.todo)-1], w.since()))
	}
	return w.faults, nil
}

// walk is a trail that was read up to the event at.
type walk struct {
	at     int
	tree   Tree
	chain  chain
	todo   []Checkpoint
	good   *Checkpoint // the last that holds
	faults []string
}

// reach compares the checkpoints that were taken of what was read so far.
func (w *walk) reach() {
	for len(w.todo) > 0 && w.todo[0].Index <= w.at {
		c := w.todo[0]
		w.todo = w.todo[1:]
		switch {
		case c.Index == w.at && w.holds(c):
			w.good = &c
		case len(w.faults) == 0:
			w.faults = append(w.faults, fmt.Sprintf("the trail is not the one of %s: something up to that event was changed, removed, added or reordered%s", c, w.since()))
		}
	}
}

func (w *walk) holds(c Checkpoint) bool {
	if c.Note == "" {
		return c.Digest == string(w.chain)
	}
	return c.Root == w.tree.Root()
}

func (w *walk) since() string {
	if w.good == nil {
		return ""
	}
	return fmt.Sprintf(", after %s, which holds", *w.good)
}
