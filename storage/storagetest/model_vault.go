package storagetest

import (
	"context"
	"slices"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

// Take is as maintenance.Vault says.
func (m *Model) Take(_ context.Context, records ...desk.Expectation) (n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, want := range records {
		r, ok := m.records[want.Record]
		if !ok || r.Seq != want.Seq || m.log[len(m.log)-1].Record == want.Record {
			continue
		}
		delete(m.records, r.ID)
		for i, e := range m.log {
			if e.Record != r.ID {
				continue
			}
			if m.onces[e.Once] == e.Index {
				delete(m.onces, e.Once)
			}
			m.log[i] = core.Event{} // taken
		}
		if series, value, ok := (maintenance.Filed{Record: r}).Number(); ok && value < len(m.series[series]) {
			m.series[series][value-1] = ""
		}
		n++
	}
	return n, nil
}

// Return is as maintenance.Vault says.
func (m *Model) Return(_ context.Context, records ...maintenance.Filed) (n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range copied(records) {
		if _, there := m.records[f.Record.ID]; there {
			continue
		}
		m.records[f.Record.ID] = f.Record
		for _, e := range f.Events {
			m.log[e.Index-1] = e
		}
		if series, value, ok := f.Number(); ok && value <= len(m.series[series]) {
			m.series[series][value-1] = f.Record.ID
		}
		n++
	}
	return n, nil
}

// after are the events after an index, less those that were taken.
func (m *Model) after(index int) []core.Event {
	from := min(max(index, 0), len(m.log))
	return slices.DeleteFunc(slices.Clone(m.log[from:]), func(e core.Event) bool { return e.Record == "" })
}
