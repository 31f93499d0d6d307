package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/storage/archive"
)

var _ archive.Target = (*Store)(nil)

// Load fills an empty store, batch by batch. It is marked as half full before the
// first and until after the last: meanwhile, and after a failure, it is not opened.
func (s *Store) Load(ctx context.Context, next func() (archive.Line, error)) error {
	l := &loader{s: s, op: newOp(), trails: map[string][]byte{}, live: map[string]bool{}, tops: map[string]int{}, states: map[outbox.State]int{}}
	if err := l.send(ctx, "begin"); err != nil {
		return wrap(err, "load")
	}
	for {
		line, err := next()
		if errors.Is(err, io.EOF) {
			l.count()
			err = l.send(ctx, "end")
			return wrap(err, "load")
		}
		if err == nil {
			err = l.add(line)
		}
		if err == nil && l.size >= maxBatch {
			err = l.send(ctx, "fill")
		}
		if err != nil {
			return wrap(fmt.Errorf("%w; what is there now is not whole: %w", err, s.half()), "load")
		}
	}
}

// whole fails with archive.ErrHalf for a store that is being filled, or was and failed.
func (s *Store) whole(ctx context.Context) error {
	err := s.retry(ctx, func(ctx context.Context) error { return s.db.HGet(ctx, s.keys[0], "n:loading").Err() })
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.half()
}

// half is ErrHalf with the repair.
func (s *Store) half() error {
	return fmt.Errorf("%w; where none is under way, delete it as a user who may, UNLINK %s, and begin again", archive.ErrHalf, strings.Join(s.all(), " "))
}

// all are the keys that hold anything for good.
func (s *Store) all() []string {
	return s.named("rows", "lists", "due", "leased", "dead", "sessions", "ends", "refused")
}

// maxBatch is about how many bytes one step of a load writes.
const maxBatch = 256 << 10

// loader makes rows of lines.
type loader struct {
	s    *Store
	op   string
	size int
	// What goes to each of the keys of Store.all with the next step: field and
	// value for the rows, score and member for the others.
	pairs [8][]any

	events, items int               // how many
	index         int               // that of the last event
	first, last   int64             // the lowest and the highest id of an item
	once          string            // of the last event
	trails        map[string][]byte // the indices of a record's events, until it is filed
	live          map[string]bool   // keys with a live item
	tops          map[string]int    // the highest number of a series
	states        map[outbox.State]int
}

// The places of Store.all.
const (
	toRows = iota
	toLists
	toDue
	toLeased
	toDead
	toSessions
	toEnds
	toRefused
)

func (l *loader) put(to int, a, b string) {
	l.pairs[to] = append(l.pairs[to], a, b)
	l.size += len(a) + len(b)
}

// send has one step carried out.
func (l *loader) send(ctx context.Context, step string) error {
	args := []any{l.op, step}
	for i, p := range l.pairs {
		args = append(append(args, len(p)), p...)
		l.pairs[i] = p[:0]
	}
	l.size = 0
	out, err := l.s.texts(ctx, loadScript, l.s.all(), args...)
	switch {
	case err != nil:
		return err
	case out[0] == "full":
		return archive.ErrNotEmpty
	case out[0] != "ok":
		return errors.New("the store was deleted, or is filled by somebody else")
	}
	return nil
}

// count puts the counters.
func (l *loader) count() {
	l.put(toRows, "n:events", strconv.Itoa(l.index))
	if l.index > l.events {
		l.put(toRows, "n:archived", strconv.Itoa(l.index-l.events))
	}
	// An id tells how many items were created before: the rest was purged.
	l.put(toRows, "n:items", strconv.FormatInt(l.last, 10))
	l.put(toRows, "n:purged", strconv.FormatInt(l.last-int64(l.items), 10))
	l.put(toRows, "n:floor", strconv.FormatInt(max(l.first-1, 0), 10))
	for _, s := range []outbox.State{outbox.Live, outbox.Sent, outbox.Moot, outbox.Dead} {
		l.put(toRows, "n:"+string(s), strconv.Itoa(l.states[s]))
	}
}

func (l *loader) add(line archive.Line) error {
	switch {
	case line.Event != nil:
		return l.event(*line.Event)
	case line.Record != nil:
		return l.record(*line.Record)
	case line.Item != nil:
		return l.item(*line.Item)
	case line.Number != nil:
		n := *line.Number
		l.tops[n.Series] = max(l.tops[n.Series], n.Value)
		l.put(toRows, "v:"+n.Series, strconv.Itoa(l.tops[n.Series]))
		l.put(toRows, "v:"+n.Series+"\x00"+n.Record, strconv.Itoa(n.Value))
		return nil
	case line.Session != nil:
		l.session(*line.Session)
		return nil
	}
	return errors.New("a line of no known kind")
}

// event files an event under its index. The first of a press is its verdict.
func (l *loader) event(e core.Event) error {
	if e.Index <= l.index { // what was archived left a gap
		return fmt.Errorf("event %d stands after event %d", e.Index, l.index)
	}
	l.events, l.index = l.events+1, e.Index
	index := strconv.Itoa(e.Index)
	e.Index = 0 // it is the field's
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	l.put(toRows, "e:"+index, "\n"+string(body))
	if e.Once != "" && e.Once != l.once { // the events of one press follow each other
		l.put(toRows, "o:"+e.Once, index)
	}
	l.once = e.Once
	if standsApart(e) {
		for _, p := range refusedPlaces(e.Record, e.By, l.index) {
			l.put(toRefused, "0", p)
		}
		return nil
	}
	trail := l.trails[e.Record]
	if len(trail) > 0 {
		trail = append(trail, ',')
	}
	l.trails[e.Record] = append(trail, index...)
	return nil
}

func (l *loader) record(r core.Record) error {
	f, err := filed(r)
	if err != nil {
		return err
	}
	for _, u := range f.unique {
		l.put(toRows, "u:"+u, r.ID)
	}
	for _, t := range f.terms {
		l.put(toLists, "0", f.place(t, r.ID))
	}
	l.put(toRows, "r:"+r.ID, f.row(r, string(l.trails[r.ID])))
	delete(l.trails, r.ID)
	return nil
}

func (l *loader) item(it outbox.Item) error {
	l.items++
	id := it.ID
	n, err := place(id)
	if err != nil || n <= l.last || id != itemID(n) {
		return fmt.Errorf("item %s stands after %s", it.ID, itemID(l.last))
	}
	l.last = n
	if l.items == 1 {
		l.first = n
	}
	if it.Lane > maxLane || it.Lane < -maxLane {
		return fmt.Errorf("item %s: lane %d is beyond %d", it.ID, it.Lane, maxLane)
	}
	it.Due, it.Expires = cut(it.Due), cut(it.Expires)
	l.states[it.State]++
	l.put(toRows, "i:"+id, encodeItem(it, 1))
	switch it.State {
	case outbox.Live:
		l.live[it.Key] = true
		l.put(toRows, "k:"+it.Key, id)
		l.put(toDue, score(it), id)
		if it.Leased {
			l.put(toLeased, strconv.FormatInt(it.Due.UnixMilli(), 10), id)
		}
		return nil
	case outbox.Dead:
		l.put(toDead, "0", id)
	case outbox.Sent, outbox.Moot:
	default:
		return fmt.Errorf("item %s: state %q", it.ID, it.State)
	}
	if !l.live[it.Key] {
		l.put(toRows, "k:"+it.Key, "-")
	}
	return nil
}

func (l *loader) session(one archive.Session) {
	until := int64(0)
	if !one.Expires.IsZero() {
		until = max(cut(one.Expires).UnixMilli(), 1)
		l.put(toEnds, strconv.FormatInt(until, 10), one.Key)
	}
	l.put(toRows, "s:"+one.Key, fmt.Sprintf("%d %d\n%s", one.Rev, until, one.Value))
	l.put(toSessions, "0", one.Key)
}
