package ops

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"sidem/cmd/sidem/app"
	"sidem/core/desk"
)

// compareTrail says in what a trail differs from checkpoints, which are in the order
// in which they were written; nothing if it is the one that they were taken of.
func compareTrail(ctx context.Context, log desk.Log, kept []app.Checkpoint) (faults []string, err error) {
	var at, good app.Checkpoint
	todo := kept
	reach := func() {
		for len(todo) > 0 && todo[0].Index <= at.Index {
			switch c := todo[0]; {
			case c.Index == at.Index && c.Digest == at.Digest:
				good = c
			case len(faults) == 0:
				faults = append(faults, fmt.Sprintf("the trail is not the one of %s: something up to that event was changed, removed, added or reordered%s", c, since(good)))
			}
			todo = todo[1:]
		}
	}
	reach() // those of an empty trail
	for e, err := range desk.Events(ctx, log, 0) {
		if err != nil {
			return nil, err
		}
		at = at.After(e)
		reach()
	}
	if len(todo) > 0 && len(faults) == 0 {
		faults = append(faults, fmt.Sprintf("the trail ends at event %d, before %s: events were removed%s", at.Index, todo[len(todo)-1], since(good)))
	}
	return faults, nil
}

func since(good app.Checkpoint) string {
	if good.At.IsZero() {
		return ""
	}
	return fmt.Sprintf(", after %s, which holds", good)
}

// readCheckpoints reads what the checkpoint tick has written. The file may hold
// the lines of several replicas in any order.
func readCheckpoints(path string) ([]app.Checkpoint, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoints: %w", err)
	}
	var out []app.Checkpoint
	lines := bufio.NewScanner(bytes.NewReader(body))
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var c app.Checkpoint
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("checkpoints %s: line %d: %w", path, n, err)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("checkpoints %s: there is none in it", path)
	}
	slices.SortStableFunc(out, func(a, b app.Checkpoint) int { return cmp.Compare(a.Index, b.Index) })
	return out, nil
}
