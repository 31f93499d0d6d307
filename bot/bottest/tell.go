package bottest

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Tell writes what has come to be seen, or looks otherwise, since it was last
// called: the story as each person reads it, for whoever judges its words.
func (r *Runner) Tell(w io.Writer) error {
	for _, key := range slices.Sorted(maps.Keys(r.met)) {
		c, err := r.World.Client(r.met[key][0], r.met[key][1])
		if err != nil {
			return err
		}
		for _, s := range c.Screen() {
			id := key + "#" + s.ID
			if s.Mine || r.told[id] == looks(s) {
				continue
			}
			mark := "<"
			if r.told[id] != "" {
				mark = "~" // redrawn
			}
			r.told[id] = looks(s)
			buttons := ""
			if len(s.Buttons) > 0 {
				buttons = "\n    [" + strings.Join(s.Buttons, "] [") + "]"
			}
			if _, err := fmt.Fprintf(w, "%s%s %s%s\n", key, mark, strings.ReplaceAll(s.Text, "\n", "\n    "), buttons); err != nil {
				return fmt.Errorf("tell: %w", err)
			}
		}
	}
	return nil
}
