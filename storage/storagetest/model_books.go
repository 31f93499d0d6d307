package storagetest

import (
	"context"

	"sidem.gob.mx/sidem/core"
)

// Entries is as desk.Books says.
func (m *Model) Entries(_ context.Context, each func(core.IndexEntry) error) error {
	m.mu.Lock()
	var all []core.IndexEntry
	add := func(f core.Family, key, record string, n int64) {
		all = append(all, core.IndexEntry{Family: f, Key: key, Record: record, N: n})
	}
	for id, r := range m.records {
		ix := r.Index()
		add(core.EntryRecord, "", id, 0)
		for _, key := range ix.Unique {
			add(core.EntryUnique, key, id, 0)
		}
		for _, key := range ix.Terms {
			add(core.EntryTerm, key, id, ix.Rank)
		}
	}
	for i, e := range m.log {
		if e.Record == "" { // taken
			continue
		}
		add(core.EntryEvent, "", e.Record, int64(i+1))
	}
	for once, index := range m.onces {
		add(core.EntryPress, once, "", int64(index))
	}
	for series, records := range m.series {
		for i, r := range records {
			if r != "" { // taken
				add(core.EntryNumber, series, r, int64(i+1))
			}
		}
	}
	m.mu.Unlock()
	for _, e := range all {
		if err := each(e); err != nil {
			return err
		}
	}
	return nil
}

// Inspect is as desk.Books says: maps and slices hang together.
func (m *Model) Inspect(context.Context) ([]string, error) { return nil, nil }
