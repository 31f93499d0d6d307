package redis

import (
	"maps"
	"slices"
	"strings"
)

// Counters are the counts that are kept.
var Counters = counters

// RowKinds are the letters that the fields of rows begin with.
func RowKinds() []string { return slices.Sorted(maps.Keys(rowKinds)) }

// Sets are the names of the keys beside the rows.
func (s *Store) Sets() (out []string) {
	for _, key := range s.all() {
		if name := strings.TrimPrefix(key, s.prefix); name != "rows" {
			out = append(out, name)
		}
	}
	return out
}
