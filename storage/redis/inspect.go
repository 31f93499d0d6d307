package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// Inspect reads every row, and compares each with what this program would write, and
// the orders and counts with the rows. A record is one row and an item is looked at
// in one step, so that what others do meanwhile is no fault.
func (s *Store) Inspect(ctx context.Context) (faults []string, err error) {
	i := &inspection{s: s, apart: map[string]int{}, refused: map[int]string{}, keys: map[string]string{}, live: map[string]string{}, numbers: map[string]int64{}, tops: map[string]int64{}, states: map[outbox.State]int64{}}
	for _, step := range []func(context.Context) error{
		i.countsBefore, i.rows, i.presses, i.highest, i.items, i.orders, i.orphans, i.foreign, i.lifetimes, i.counts,
	} {
		if err := step(ctx); err != nil {
			return i.faults, wrap(err, "inspect")
		}
	}
	return i.faults, nil
}

// inspection is what was read, and what was found.
type inspection struct {
	s      *Store
	faults []string

	before  map[string]int64  // the counts
	events  int64             // how many events there are
	apart   map[string]int    // how many events of a record must stand among what was refused
	refused map[int]string    // the place under its account of each refused press
	keys    map[string]string // of each item
	total   int64             // the highest id of an item by now
	purged  int64             // how many are gone by now
	live    map[string]string // what each key leads to
	states  map[outbox.State]int64
	numbers map[string]int64 // the highest of each series
	tops    map[string]int64 // …as it is noted
}

func (i *inspection) found(format string, args ...any) {
	i.faults = append(i.faults, fmt.Sprintf(format, args...))
}

// rowKinds are the kinds of rows, by the letter that their fields begin with, and what each is.
var rowKinds = map[string]string{
	"r": "records", "e": "events", "i": "items", "k": "keys of items", "v": "numbers", "n": "counts", "u": "unique keys", "o": "presses",
	"s": "sessions", "g": "throttles",
}

// counters are the counts that are kept.
var counters = []string{"events", "archived", "items", "live", "sent", "moot", "dead", "purged", "floor"}

func (i *inspection) read(ctx context.Context) (map[string]int64, error) {
	out, fields := map[string]int64{}, make([]string, len(counters))
	for n, c := range counters {
		fields[n] = "n:" + c
	}
	err := i.s.fetch(ctx, fields, func(n int, row string) error {
		out[counters[n]] = count(row)
		return nil
	})
	return out, err
}

func (i *inspection) countsBefore(ctx context.Context) (err error) {
	i.before, err = i.read(ctx)
	return err
}

// rows looks at each row by itself.
func (i *inspection) rows(ctx context.Context) error {
	events, format := map[string]bool{}, ""
	err := i.s.scan(ctx, func(field, row string) error {
		kind, name, _ := strings.Cut(field, ":")
		switch kind {
		case "r":
			i.record(name, row)
		case "e":
			if !events[name] {
				i.event(name, row)
			}
			events[name] = true
		case "i":
			it, err := decodeItem(name, row)
			if err != nil || itemRow(it, row) != row {
				i.found("item %s of the outbox is not written as this program writes it", core.Plain(name))
			}
			i.keys[name] = it.Key
		case "k":
			i.live[name] = row
		case "v":
			n := count(row)
			if n < 1 {
				i.found("a number of %s is none", core.Plain(series(name)))
			}
			if of := series(name); of != name {
				i.numbers[of] = max(i.numbers[of], n)
			} else {
				i.tops[of] = n
			}
		case "n":
			if name == "format" {
				format = row
				break
			}
			if name != "loaded" && name != "cursor" && (!slices.Contains(counters, name) || count(row) < 0) {
				i.found("the count %s is none of ours", core.Plain(name))
			}
		default:
			if rowKinds[kind] == "" {
				i.found("a row is of a kind that is none of ours")
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if format != strconv.Itoa(currentFormat()) { // which every opening names
		i.found("the store names another format than the one in which it was opened")
	}
	i.events = int64(len(events))
	return i.newer(ctx)
}

// series is that of a row of numbers: of the highest, or of a record's.
func series(name string) string {
	of, _, _ := strings.Cut(name, "\x00")
	return of
}

// newer takes in the items that were added while the rows were read: a key may have
// led to one that was not.
func (i *inspection) newer(ctx context.Context) error {
	if err := i.recount(ctx); err != nil {
		return err
	}
	var ids, fields []string
	for n := i.before["items"] + 1; n <= i.total; n++ {
		ids, fields = append(ids, itemID(n)), append(fields, "i:"+itemID(n))
	}
	return i.s.fetch(ctx, fields, func(n int, row string) error {
		it, err := decodeItem(ids[n], row)
		i.keys[ids[n]] = it.Key
		return err
	})
}

// record compares a row with the one that this program would write.
func (i *inspection) record(id, row string) {
	r, trail, err := decodeRecord(row)
	if err == nil {
		f, errFiled := filed(r)
		if errFiled != nil || f.row(r, strings.Join(trail, ",")) != row || r.ID != id {
			err = desk.ErrDamaged
		}
	}
	if err != nil {
		i.found("record %s is not written as this program writes it", core.Plain(id))
		return
	}
	last := int64(0)
	for _, index := range trail {
		n := count(index)
		if n <= last {
			i.found("the trail of record %s is out of order", core.Plain(id))
		}
		last = n
	}
	i.apart[id] = r.Seq - len(trail)
}

func (i *inspection) event(index, row string) {
	_, body, ok := strings.Cut(row, "\n")
	e, err := decodeEvent(body, index)
	e.Index = 0
	again, errAgain := json.Marshal(e)
	if !ok || err != nil || errAgain != nil || string(again) != body || count(index) < 1 {
		i.found("event %s is not written as this program writes it", core.Plain(index))
		return
	}
	if standsApart(e) {
		n := int(count(index))
		i.refused[n] = refusedPlaces(e.Record, e.By, n)[0]
	}
}

// presses looks at what stands among what was refused: each place must be of a refused
// press, which has both its places, and a record as many as its row lacks.
func (i *inspection) presses(ctx context.Context) error {
	places, apart := map[int]int{}, map[string]int{}
	err := i.s.walk(ctx, i.s.refused, func(place string) error {
		record, by, index := parseRefused(place)
		press, err := i.press(ctx, index)
		if err != nil {
			return err
		}
		owner, _, _ := parseRefused(press)
		if press == "" || by != "" && press != place || owner != record {
			i.found("a place among what was refused is of no refused press, or of another's: event %d", index)
			return nil
		}
		if by == "" {
			apart[record]++
		}
		places[index]++
		return nil
	})
	if err != nil {
		return err
	}
	for index, n := range places {
		if n != 2 && int64(index) <= i.events { // one that is newer may have come in the middle
			i.found("event %d stands among what was refused in one place of two", index)
		}
	}
	for id, n := range i.apart {
		if apart[id] == n {
			continue
		}
		if err := i.length(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// press is the place of a refused press under its account; "" for what is none. It may
// have come since the rows were read.
func (i *inspection) press(ctx context.Context, index int) (string, error) {
	if place, ok := i.refused[index]; ok || index < 1 {
		return place, nil
	}
	events, err := i.s.events(ctx, []string{strconv.Itoa(index)})
	if errors.Is(err, desk.ErrDamaged) {
		return "", nil
	}
	if err != nil || len(events) == 0 || !standsApart(events[0]) {
		return "", err
	}
	return refusedPlaces(events[0].Record, events[0].By, index)[0], nil
}

// length compares the length of a record's trail with where the record stands, read
// anew until the row did not move meanwhile.
func (i *inspection) length(ctx context.Context, id string) error {
	for range maxRounds {
		before, err := i.s.hget(ctx, "r:"+id)
		if err != nil {
			return err
		}
		apart, err := i.s.refusedIndices(ctx, id, "", 0)
		if err != nil {
			return err
		}
		after, err := i.s.hget(ctx, "r:"+id)
		if err != nil {
			return err
		}
		if before != after {
			continue
		}
		r, trail, err := decodeRecord(after)
		if err != nil {
			return nil //nolint:nilerr // which rows has told
		}
		if n := len(trail) + len(apart); n != r.Seq {
			i.found("the trail of record %s has %d events, and it stands at %d", core.Plain(id), n, r.Seq)
		}
		return nil
	}
	return nil // of a record that moves all the time nothing is said
}

// itemRow is the row of an item as this program writes it: what was stored, and the claims since.
func itemRow(it storedItem, row string) string {
	text, claims, some := strings.Cut(row, "\n")
	stored, err := decodeItem(it.ID, text)
	if err != nil {
		return ""
	}
	again := encodeItem(stored.Item, stored.rev)
	if some {
		again += "\n" + claims
	}
	return again
}

// highest compares the highest number of each series with what is noted. A number
// may be given while the rows are read: then they are read once more.
func (i *inspection) highest(ctx context.Context) error {
	names := maps.Clone(i.numbers)
	maps.Copy(names, i.tops)
	for s := range names {
		if i.tops[s] == i.numbers[s] {
			continue
		}
		top, most := int64(0), int64(0)
		err := i.s.scan(ctx, func(field, row string) error {
			if series, ok := strings.CutPrefix(field, "v:"+s); ok && series == "" {
				top = count(row)
			} else if ok && strings.HasPrefix(series, "\x00") {
				most = max(most, count(row))
			}
			return nil
		})
		if err != nil {
			return err
		}
		if top != most && top == i.tops[s] {
			i.found("the numbers of %s go up to %d, and %d is noted", core.Plain(s), most, top)
		}
	}
	return nil
}

// items compares where each item is filed with its row.
func (i *inspection) items(ctx context.Context) error {
	ids := slices.Sorted(maps.Keys(i.keys))
	for part := range slices.Chunk(ids, page) {
		args := []any{len(part)}
		for _, id := range part {
			args = append(args, id, i.keys[id])
		}
		out, err := i.s.texts(ctx, filedScript, i.s.keys, args...)
		if err != nil {
			return err
		}
		if len(out) != 5*len(part) {
			return errReply
		}
		if err := i.recount(ctx); err != nil {
			return err
		}
		for n, got := range slices.Collect(slices.Chunk(out, 5)) {
			if !i.filed(part[n], got[0], got[1], got[2], got[3], got[4]) {
				i.found("item %s of the outbox is filed as another, or in another place", core.Plain(part[n]))
			}
		}
	}
	return nil
}

// recount asks how many items there are by now.
func (i *inspection) recount(ctx context.Context) error {
	now, err := i.read(ctx)
	i.total, i.purged = now["items"], now["purged"]
	return err
}

// isNew reports whether an id may be of an item that was added since the rows were read.
func (i *inspection) isNew(id string) bool {
	n, err := place(id)
	_, known := i.keys[id]
	return err == nil && !known && itemID(n) == id && n > i.before["items"] && n <= i.total
}

// filed reports whether an item stands where it should: in the order of what is due
// while it is live, of what is held while it is leased, among the dead, and under its key.
func (i *inspection) filed(id, row, due, leased, dead, key string) bool {
	it, err := decodeItem(id, row)
	if err != nil {
		return true // which rows has told
	}
	i.states[it.State]++
	wantDue, wantLeased, wantDead := "", "", ""
	switch it.State {
	case outbox.Live:
		wantDue = score(it.Item)
		if it.Leased {
			wantLeased = strconv.FormatInt(it.Due.UnixMilli(), 10)
		}
	case outbox.Dead:
		wantDead = "0"
	case outbox.Sent, outbox.Moot:
	default:
		return false
	}
	keyed := key == id
	if it.State != outbox.Live {
		other, isItem := i.keys[key]
		keyed = key == "-" || key != id && (i.isNew(key) || isItem && other == it.Key) ||
			key == "" && it.Merge != outbox.Once && i.purged > 0 // it goes with the first of its items that is purged
	}
	return due == wantDue && leased == wantLeased && dead == wantDead && keyed
}

// orders looks for what stands in an order and is no item. The lists and what was
// refused are in the order of their places alone: their scores are all 0.
func (i *inspection) orders(ctx context.Context) error {
	for _, key := range []string{i.s.keys[1], i.s.refused} {
		for _, bounds := range [][2]string{{"-inf", "(0"}, {"(0", "+inf"}} {
			var n int64
			err := i.s.retry(ctx, func(ctx context.Context) (err error) {
				n, err = i.s.db.ZCount(ctx, key, bounds[0], bounds[1]).Result()
				return err
			})
			if err != nil {
				return err
			}
			if n > 0 {
				i.found("%d places in %s are out of order", n, key)
			}
		}
	}
	for _, key := range i.s.named("due", "leased", "dead") {
		var members []string
		err := i.s.retry(ctx, func(ctx context.Context) (err error) {
			members, err = i.s.db.ZRange(ctx, key, 0, -1).Result()
			return err
		})
		if err != nil {
			return err
		}
		if err := i.recount(ctx); err != nil {
			return err
		}
		for _, id := range members {
			if _, ok := i.keys[id]; !ok && !i.isNew(id) {
				i.found("item %s of the outbox is in an order, and it is not there", core.Plain(id))
			}
		}
	}
	return nil
}

// orphans looks for keys that no item has.
func (i *inspection) orphans(ctx context.Context) error {
	if err := i.recount(ctx); err != nil {
		return err
	}
	has := map[string]bool{}
	for _, key := range i.keys {
		has[key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(i.live)) {
		if id := i.live[key]; !has[key] && !i.isNew(id) {
			i.found("a key of the outbox leads to item %s, whose key it is not", core.Plain(id))
		}
	}
	return nil
}

// counts compares the counts with what was counted. Events and items only grow;
// how many items are in a state is compared if none changed meanwhile.
func (i *inspection) counts(ctx context.Context) error {
	after, err := i.read(ctx)
	if err != nil {
		return err
	}
	for name, n := range map[string]int64{"events": i.events, "items": int64(len(i.keys))} {
		least, most := i.before[name], after[name]
		if name == "items" { // while the rows were read, some may have been purged
			least, most = least-after["purged"], most-i.before["purged"]
		} else { // …or archived, or have come back
			least, most = least-max(i.before["archived"], after["archived"]), most-min(i.before["archived"], after["archived"])
		}
		if n < least || n > most {
			i.found("there are %d %s, and %d were counted: some are gone, or came by another way", n, name, most)
		}
	}
	for id := range i.keys {
		if n, err := place(id); err == nil && n <= i.before["floor"] {
			i.found("item %s of the outbox stands below the first that there is", core.Plain(id))
		}
	}
	if !maps.Equal(i.before, after) {
		return nil
	}
	for _, state := range []outbox.State{outbox.Live, outbox.Sent, outbox.Moot, outbox.Dead} {
		if i.states[state] != after[string(state)] {
			i.found("the outbox holds %d items (%s), and %d were counted", i.states[state], state, after[string(state)])
		}
	}
	return nil
}
