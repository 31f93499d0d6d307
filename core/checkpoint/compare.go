package checkpoint

import (
	"fmt"
	"iter"

	"sidem.gob.mx/sidem/core"
)

// Compare says in what a trail, of which parts may be pruned, differs from checkpoints, which
// are in the order of their index; nothing if it is the one that they were taken of. One that
// was taken in the middle of a pruned part can only be compared with the events of the part:
// unseen are those. A later one that holds vouches for the same events.
func Compare(trail iter.Seq2[core.Event, error], parts []Pruned, kept []Checkpoint) (faults []string, unseen int, err error) {
	w := walk{todo: kept}
	w.reach() // those of an empty trail
	for step, err := range Steps(trail, parts) {
		if err != nil {
			return nil, 0, err
		}
		if w.at = step.To(); step.Part != nil {
			w.tree, w.pruned = w.tree.Jump(*step.Part), true
			w.pass(step.Part.From(), step.Part.To())
		} else {
			w.tree, w.chain = w.tree.Add(step.Event), w.chain.add(step.Event)
		}
		w.reach()
	}
	if len(w.todo) > 0 && len(w.faults) == 0 {
		w.faults = append(w.faults, fmt.Sprintf("the trail ends at event %d, before %s: events were removed%s", w.at, w.todo[len(w.todo)-1], w.since()))
	}
	return w.faults, w.unseen, nil
}

// pass leaves out the checkpoints that were taken within a part.
func (w *walk) pass(from, to int) {
	for len(w.todo) > 0 && w.todo[0].Index >= from && w.todo[0].Index < to {
		w.todo, w.unseen = w.todo[1:], w.unseen+1
	}
}

// walk is a trail that was read up to the event at.
type walk struct {
	at     int
	tree   Tree
	chain  chain
	todo   []Checkpoint
	pruned bool        // some parts have no events: what is chained over each of them is not known
	unseen int         // the checkpoints that cannot be compared
	good   *Checkpoint // the last that holds
	faults []string
}

// reach compares the checkpoints that were taken of what was read so far.
func (w *walk) reach() {
	for len(w.todo) > 0 && w.todo[0].Index <= w.at {
		c := w.todo[0]
		w.todo = w.todo[1:]
		switch {
		case c.Note == "" && w.pruned:
			w.unseen++
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
