package storagetest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// Model is a Store in memory, written to be read: slices, maps and loops. It
// passes the suite, so it serves as a fake where a real store is not the point.
type Model struct {
	mu       sync.Mutex
	records  map[string]core.Record
	log      []core.Event        // an event's Index is its place + 1
	onces    map[string]int      // the Index of the first event
	series   map[string][]string // the record that has value place + 1
	items    []outbox.Item       // an item's ID is how many were created by then
	created  int
	purged   int
	sessions map[string]session
	wake     chan struct{}
}

type session struct {
	value   []byte
	rev     int
	expires time.Time
}

// NewModel is an empty Model.
func NewModel() *Model {
	return &Model{
		records: map[string]core.Record{}, onces: map[string]int{}, series: map[string][]string{},
		sessions: map[string]session{}, wake: make(chan struct{}, 1),
	}
}

// copied is v through JSON: what any store gives back, sharing nothing.
func copied[T any](v T) T {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("storagetest: %v", err))
	}
	var out T
	if err := json.Unmarshal(b, &out); err != nil {
		panic(fmt.Sprintf("storagetest: %v", err))
	}
	return out
}

// cut is t as every store keeps it.
func cut(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

// Record is as desk.Ledger says.
func (m *Model) Record(_ context.Context, id string) (core.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.records[id]
	if !ok {
		return core.Record{}, desk.ErrNotFound
	}
	return copied(r), nil
}

// Find is as desk.Ledger says.
func (m *Model) Find(_ context.Context, unique string) (core.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, ok := m.owner(unique); ok {
		return copied(r), nil
	}
	return core.Record{}, desk.ErrNotFound
}

func (m *Model) owner(unique string) (core.Record, bool) {
	for _, r := range m.records {
		if slices.Contains(r.Index().Unique, unique) {
			return r, true
		}
	}
	return core.Record{}, false
}

// List is as desk.Ledger says.
func (m *Model) List(_ context.Context, q desk.Query) (desk.Page, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(q.Terms) == 0 {
		return desk.Page{}, errors.New("a query needs a term")
	}
	all := m.standing(q.Terms...)
	if q.Newest {
		slices.Reverse(all)
	}
	if q.After != "" {
		i := slices.IndexFunc(all, func(r core.Record) bool {
			c := comparePlaces(place(r), q.After)
			return q.Newest && c < 0 || !q.Newest && c > 0
		})
		if i < 0 {
			i = len(all)
		}
		all = all[i:]
	}
	limit := 50
	if q.Limit > 0 {
		limit = min(q.Limit, 200)
	}
	if len(all) <= limit {
		return desk.Page{Records: copied(all)}, nil
	}
	return desk.Page{Records: copied(all[:limit]), Next: place(all[limit-1])}, nil
}

// Gather is as desk.Ledger says.
func (m *Model) Gather(_ context.Context, w desk.Wanted) (desk.Gathered, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := desk.Gathered{Records: map[string]core.Record{}, Holders: map[string]core.Record{}, Lists: map[string]desk.Page{}}
	for _, id := range w.IDs {
		if r, ok := m.records[id]; ok {
			out.Records[id] = copied(r)
		}
	}
	for _, unique := range w.Uniques {
		if r, ok := m.owner(unique); ok {
			out.Holders[unique] = copied(r)
		}
	}
	for _, term := range w.Terms {
		page := desk.Page{Records: copied(m.standing(term))}
		if len(page.Records) > 200 {
			page.Records, page.Next = page.Records[:200], place(page.Records[199])
		}
		out.Lists[term] = page
	}
	return out, nil
}

// standing are the records in all the lists, oldest Rank first, then by id.
func (m *Model) standing(terms ...string) []core.Record {
	var out []core.Record
	for _, r := range m.records {
		in := r.Index().Terms
		if !slices.ContainsFunc(terms, func(t string) bool { return !slices.Contains(in, t) }) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b core.Record) int { return comparePlaces(place(a), place(b)) })
	return out
}

// place is a record's place in any list, as a cursor.
func place(r core.Record) string { return strconv.FormatInt(r.Index().Rank, 10) + ":" + r.ID }

func comparePlaces(a, b string) int {
	rankA, idA, _ := strings.Cut(a, ":")
	rankB, idB, _ := strings.Cut(b, ":")
	x, _ := strconv.ParseInt(rankA, 10, 64)
	y, _ := strconv.ParseInt(rankB, 10, 64)
	return cmp.Or(cmp.Compare(x, y), strings.Compare(idA, idB))
}

// Count is as desk.Ledger says.
func (m *Model) Count(_ context.Context, term string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.standing(term)), nil
}

// Trail is as desk.Ledger says.
func (m *Model) Trail(_ context.Context, record string, after, limit int) ([]core.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []core.Event
	for _, e := range m.log {
		if e.Record == record && e.Seq > after && (limit == 0 || len(out) < limit) {
			out = append(out, e)
		}
	}
	return copied(out), nil
}

// Applied is as desk.Ledger says.
func (m *Model) Applied(_ context.Context, record string, limit int) ([]core.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := slices.DeleteFunc(slices.Clone(m.log), func(e core.Event) bool { return e.Record != record || e.Refusal != nil })
	if limit > 0 {
		out = out[max(0, len(out)-limit):]
	}
	return copied(out), nil
}

// Refused is as desk.Ledger says.
func (m *Model) Refused(_ context.Context, record, by string, since time.Time, limit int) ([]core.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := slices.DeleteFunc(slices.Clone(m.log), func(e core.Event) bool {
		return e.Record != record || e.Refusal == nil || by != "" && e.By != by
	})
	for i, e := range slices.Backward(out) {
		if e.At.Before(since) || len(out)-i > limit {
			out = out[i+1:]
			break
		}
	}
	return copied(out), nil
}

// Log is as desk.Ledger says.
func (m *Model) Log(_ context.Context, after, limit int) ([]core.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := m.after(after)
	return copied(out[:min(max(limit, 0), len(out))]), nil
}

// Reserve is as desk.Ledger says.
func (m *Model) Reserve(_ context.Context, series, record string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.Index(m.series[series], record); i >= 0 {
		return i + 1, nil
	}
	m.series[series] = append(m.series[series], record)
	return len(m.series[series]), nil
}

// Commit is as desk.Ledger says.
func (m *Model) Commit(ctx context.Context, c desk.Commit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	items, err := fresh(ctx, cut(c.Now), c.Items)
	if err != nil {
		return err
	}
	if first, ok := m.onces[c.Once]; ok && c.Once != "" {
		return &desk.SeenError{First: copied(m.log[first-1])}
	}
	if m.records[c.Record.ID].Seq != c.Expect {
		return desk.ErrConflict
	}
	for _, g := range c.Guards {
		if m.records[g.Record].Seq != g.Seq {
			return desk.ErrConflict
		}
	}
	for _, u := range c.Record.Index().Unique {
		if r, ok := m.owner(u); ok && r.ID != c.Record.ID {
			return desk.ErrTaken
		}
	}
	for _, e := range c.Blacked {
		if e.Index > len(m.log) || m.log[e.Index-1].Record != e.Record || m.log[e.Index-1].Seq != e.Seq {
			return desk.ErrNotFound
		}
	}
	for _, e := range copied(c.Blacked) {
		m.log[e.Index-1] = e
	}
	m.records[c.Record.ID] = copied(c.Record)
	if c.Once != "" {
		m.onces[c.Once] = len(m.log) + 1
	}
	for _, e := range copied(c.Events) {
		e.Index = len(m.log) + 1
		m.log = append(m.log, e)
	}
	m.put(items)
	return nil
}

// Get is as desk.Sessions says.
func (m *Model) Get(_ context.Context, key string, now time.Time) (value []byte, rev int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.session(key, now)
	if !ok {
		return nil, 0, desk.ErrNotFound
	}
	return slices.Clone(s.value), s.rev, nil
}

func (m *Model) session(key string, now time.Time) (session, bool) {
	s, ok := m.sessions[key]
	if !ok || !s.expires.IsZero() && !cut(now).Before(s.expires) {
		return session{}, false
	}
	return s, true
}

// Put is as desk.Sessions says.
func (m *Model) Put(_ context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(value) > 256<<10 {
		return 0, errors.New("a value has at most 256 KiB")
	}
	if s, _ := m.session(key, now); s.rev != rev {
		return 0, desk.ErrConflict
	}
	m.sessions[key] = session{slices.Clone(value), rev + 1, cut(expires)}
	return rev + 1, nil
}

// Delete is as desk.Sessions says.
func (m *Model) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, key)
	return nil
}

// Enter is as desk.Sessions says.
func (m *Model) Enter(_ context.Context, e desk.Entry, now time.Time) (desk.Entered, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, is := m.session(e.Mark, now); is {
		return desk.Entered{Marked: true, Said: slices.Clone(s.value)}, nil
	}
	value, alone := e.Alone, true
	for key := range m.sessions {
		switch {
		case key == e.Key:
			return desk.Entered{}, desk.ErrConflict
		case strings.HasPrefix(key, e.Line):
			value, alone = e.Behind, false
		}
	}
	if len(value) > 256<<10 {
		return desk.Entered{}, errors.New("a value has at most 256 KiB")
	}
	m.sessions[e.Key] = session{slices.Clone(value), 1, time.Time{}}
	return desk.Entered{Alone: alone}, nil
}

// Leave is as desk.Sessions says.
func (m *Model) Leave(_ context.Context, key, mark string, value []byte, now, expires time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, is := m.session(mark, now); !is {
		m.sessions[mark] = session{slices.Clone(value), 1, cut(expires)}
	}
	delete(m.sessions, key)
	return nil
}

// Keys is as desk.Sessions says.
func (m *Model) Keys(_ context.Context, prefix, after string, limit int, now time.Time) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for key := range m.sessions {
		if _, ok := m.session(key, now); ok && key > after && strings.HasPrefix(key, prefix) {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out[:min(limit, len(out))], nil
}

// Values is as desk.Sessions says.
func (m *Model) Values(_ context.Context, prefixes []string, now time.Time) (map[string][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string][]byte{}
	for key := range m.sessions {
		s, ok := m.session(key, now)
		if ok && slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			out[key] = bytes.Clone(s.value)
		}
	}
	return out, nil
}
