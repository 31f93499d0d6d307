package desk_test

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

// memory is a store of a year in memory, indexed: lists are kept sorted, and the
// outbox is a heap. It is used by one goroutine.
type memory struct {
	notifier.Outbox // what the year does not ask for
	records         map[string]core.Record
	uniques         map[string]string
	filed           map[string]core.Index // under which each record stands
	lists           map[string][]place
	trails          map[string][]core.Event
	log             []core.Event
	series          map[string]int
	sessions        map[string]string

	items map[string]*outbox.Item // by key; the last of a key
	all   []*outbox.Item
	queue queue
}

type place struct {
	rank int64
	id   string
}

func newMemory() *memory {
	return &memory{
		records: map[string]core.Record{}, uniques: map[string]string{}, filed: map[string]core.Index{}, lists: map[string][]place{}, trails: map[string][]core.Event{},
		series: map[string]int{}, sessions: map[string]string{}, items: map[string]*outbox.Item{},
	}
}

func (m *memory) Record(_ context.Context, id string) (core.Record, error) {
	r, ok := m.records[id]
	if !ok {
		return r, desk.ErrNotFound
	}
	return r, nil
}

func (m *memory) Find(ctx context.Context, unique string) (core.Record, error) {
	return m.Record(ctx, m.uniques[unique])
}

func (m *memory) Gather(ctx context.Context, w desk.Wanted) (desk.Gathered, error) {
	out := desk.Gathered{Records: map[string]core.Record{}, Holders: map[string]core.Record{}, Lists: map[string]desk.Page{}}
	for _, id := range w.IDs {
		if r, ok := m.records[id]; ok {
			out.Records[id] = r
		}
	}
	for _, unique := range w.Uniques {
		if id, ok := m.uniques[unique]; ok {
			out.Holders[unique] = m.records[id]
		}
	}
	for _, term := range w.Terms {
		page, err := m.List(ctx, desk.Query{Terms: []string{term}, Limit: 200})
		if err != nil {
			return out, err
		}
		out.Lists[term] = page
	}
	return out, nil
}

// List reads the list of the first term; a cursor is a place in it.
func (m *memory) List(_ context.Context, q desk.Query) (desk.Page, error) {
	list, from := m.lists[q.Terms[0]], 0
	if len(q.Terms) > 1 || q.Newest {
		list = slices.DeleteFunc(slices.Clone(list), func(p place) bool {
			return slices.ContainsFunc(q.Terms[1:], func(t string) bool { _, in := slices.BinarySearch(m.filed[p.id].Terms, t); return !in })
		})
		if q.Newest {
			slices.Reverse(list)
		}
	}
	if q.After != "" {
		if _, err := fmt.Sscan(q.After, &from); err != nil {
			return desk.Page{}, err
		}
	}
	to := min(len(list), from+cmp.Or(min(q.Limit, 200), 50))
	var page desk.Page
	for _, p := range list[from:to] {
		page.Records = append(page.Records, m.records[p.id])
	}
	if to < len(list) {
		page.Next = fmt.Sprint(to)
	}
	return page, nil
}

func (m *memory) Count(_ context.Context, term string) (int, error) { return len(m.lists[term]), nil }

func (m *memory) Trail(_ context.Context, record string, after, _ int) ([]core.Event, error) {
	return m.trails[record][after:], nil
}

func (m *memory) Applied(_ context.Context, record string, limit int) ([]core.Event, error) {
	out := slices.DeleteFunc(slices.Clone(m.trails[record]), func(e core.Event) bool { return e.Refusal != nil })
	if limit > 0 {
		out = out[max(0, len(out)-limit):]
	}
	return out, nil
}

func (m *memory) Refused(_ context.Context, record, by string, since time.Time, limit int) ([]core.Event, error) {
	out := slices.DeleteFunc(slices.Clone(m.trails[record]), func(e core.Event) bool {
		return e.Refusal == nil || by != "" && e.By != by || e.At.Before(since)
	})
	return out[max(0, len(out)-limit):], nil
}

func (m *memory) Log(_ context.Context, after, limit int) ([]core.Event, error) {
	return m.log[after:min(len(m.log), after+limit)], nil
}

func (m *memory) Reserve(_ context.Context, series, _ string) (int, error) {
	m.series[series]++
	return m.series[series], nil
}

func (m *memory) Commit(_ context.Context, c desk.Commit) error {
	before := m.records[c.Record.ID]
	if before.Seq != c.Expect {
		return desk.ErrConflict
	}
	old, now := m.filed[c.Record.ID], c.Record.Index()
	m.filed[c.Record.ID] = now
	for _, u := range now.Unique {
		m.uniques[u] = c.Record.ID
	}
	for _, t := range old.Terms {
		if _, stays := slices.BinarySearch(now.Terms, t); old.Rank != now.Rank || !stays {
			at := place{old.Rank, c.Record.ID}
			if i, ok := slices.BinarySearchFunc(m.lists[t], at, comparePlaces); ok {
				m.lists[t] = slices.Delete(m.lists[t], i, i+1)
			}
		}
	}
	for _, t := range now.Terms {
		if _, stays := slices.BinarySearch(old.Terms, t); old.Rank == now.Rank && stays {
			continue
		}
		at := place{now.Rank, c.Record.ID}
		if i, ok := slices.BinarySearchFunc(m.lists[t], at, comparePlaces); !ok {
			m.lists[t] = slices.Insert(m.lists[t], i, at)
		}
	}
	for _, e := range c.Events {
		e.Index = len(m.log) + 1
		m.log = append(m.log, e)
		m.trails[e.Record] = append(m.trails[e.Record], e)
	}
	m.records[c.Record.ID] = c.Record
	m.put(c.Items)
	return nil
}

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.id, b.id))
}

func (m *memory) Add(_ context.Context, _ time.Time, items ...outbox.Item) (int, error) {
	return m.put(items), nil
}

func (m *memory) put(items []outbox.Item) (n int) {
	for _, it := range items {
		old, known := m.items[it.Key]
		switch {
		case known && it.Merge == outbox.Once:
			continue
		case known && old.State == outbox.Live:
			joined, _ := outbox.Join(*old, it)
			joined.Due = old.Due // nothing here is hastened: cards are due at once
			*old = joined
			continue
		}
		it.State, it.ID = outbox.Live, fmt.Sprint(len(m.all)+1)
		m.all, m.items[it.Key] = append(m.all, &it), &it
		heap.Push(&m.queue, &it)
		n++
	}
	return n
}

// Get, Put and the rest of desk.Sessions, without revisions: nobody races here.
func (m *memory) Get(_ context.Context, key string, _ time.Time) ([]byte, int, error) {
	v, ok := m.sessions[key]
	if !ok {
		return nil, 0, desk.ErrNotFound
	}
	return []byte(v), 1, nil
}

func (m *memory) Put(_ context.Context, key string, value []byte, _ int, _, _ time.Time) (int, error) {
	m.sessions[key] = string(value)
	return 1, nil
}

func (m *memory) Delete(context.Context, string) error { return nil }

func (m *memory) Enter(context.Context, desk.Entry, time.Time) (desk.Entered, error) {
	return desk.Entered{}, errors.ErrUnsupported
}

func (m *memory) Leave(context.Context, string, string, []byte, time.Time, time.Time) error {
	return errors.ErrUnsupported
}

func (m *memory) Keys(context.Context, string, string, int, time.Time) ([]string, error) {
	return nil, nil
}

func (m *memory) Values(context.Context, []string, time.Time) (map[string][]byte, error) {
	return map[string][]byte{}, nil
}

// queue is a heap of live items by due.
type queue []*outbox.Item

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].Due.Before(q[j].Due) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*outbox.Item)) }
func (q *queue) Pop() any {
	old := *q
	it := old[len(old)-1]
	*q = old[:len(old)-1]
	return it
}
