package redis

import (
	"strconv"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// The rules of items are those of core/outbox and are applied here, by the
// program, to what it has seen. The script carries the plan out if all is still
// as it was seen; otherwise it tells what is there, and the plan is made anew.
// Most plans need to see nothing: a key is expected to have no live item.

// view is what the program has seen of the outbox.
type view struct {
	items map[string]storedItem // by id
	keys  map[string]keyState   // those not in it were not seen
}

func newView() *view { return &view{items: map[string]storedItem{}, keys: map[string]keyState{}} }

// keyState is where a key stands: without any item, with a live one, or with settled ones only.
type keyState struct {
	live   string // the id of the live item
	exists bool
}

// learn takes in what a script found instead of what was expected: "i" id row, "k" key id row.
func (v *view) learn(told []string) error {
	for len(told) > 0 {
		if told[0] == "i" && len(told) >= 3 {
			if err := v.saw(told[1], told[2]); err != nil {
				return err
			}
			told = told[3:]
			continue
		}
		if told[0] != "k" || len(told) < 4 {
			return errReply
		}
		key, id, row := told[1], told[2], told[3]
		told = told[4:]
		switch id {
		case "":
			v.keys[key] = keyState{}
		case "-":
			v.keys[key] = keyState{exists: true}
		default:
			if err := v.saw(id, row); err != nil {
				return err
			}
		}
	}
	return nil
}

// saw takes in one row; "" for none.
func (v *view) saw(id, row string) error {
	if row == "" {
		delete(v.items, id)
		return nil
	}
	it, err := decodeItem(id, row)
	if err != nil {
		return err
	}
	v.has(it)
	return nil
}

func (v *view) has(it storedItem) {
	v.items[it.ID] = it
	switch k := v.keys[it.Key]; {
	case it.State == outbox.Live:
		v.keys[it.Key] = keyState{live: it.ID, exists: true}
	case k.live == it.ID || !k.exists:
		v.keys[it.Key] = keyState{exists: true}
	}
}

// plan is what is to be done, made step by step on top of a view.
type plan struct {
	view  *view
	saves []*save
	puts  []*put
	saved map[string]*save // by id
	fresh map[string]*put  // live by key
	keys  map[string]keyState
}

// save is an item that was seen, and what becomes of it.
type save struct {
	before  storedItem
	after   outbox.Item
	touched bool
	changes int
}

// put is a new item of a key, or (without one) the wish that the key be as it was seen.
type put struct {
	key     string
	seen    string // any, none, idle, checked (lua/plan.lua)
	item    *outbox.Item
	changes int
}

func newPlan(v *view) *plan {
	return &plan{view: v, saved: map[string]*save{}, fresh: map[string]*put{}, keys: map[string]keyState{}}
}

func (p *plan) empty() bool { return len(p.saves)+len(p.puts) == 0 }

// item is an item as it stands in the plan.
func (p *plan) item(id string) (*save, bool) {
	if s, ok := p.saved[id]; ok {
		return s, true
	}
	it, ok := p.view.items[id]
	if !ok {
		return nil, false
	}
	return &save{before: it, after: it.Item}, true
}

// keep puts an item in the plan: changed, or only to be as it was seen.
func (p *plan) keep(s *save) {
	if _, ok := p.saved[s.before.ID]; !ok {
		p.saved[s.before.ID] = s
		p.saves = append(p.saves, s)
	}
}

func (p *plan) change(s *save, after outbox.Item) {
	s.after, s.touched = after, true
	s.after.Due, s.after.Expires = cut(after.Due), cut(after.Expires)
	p.keep(s)
}

// key is where a key stands in the plan; false if nobody has looked.
func (p *plan) key(key string) (keyState, bool) {
	if k, ok := p.keys[key]; ok {
		return k, true
	}
	k, ok := p.view.keys[key]
	return k, ok
}

// add puts new items, each by its Merge.
func (p *plan) add(items []outbox.Item) {
	for _, it := range items {
		p.addOne(it)
	}
}

func (p *plan) addOne(it outbox.Item) {
	if f, ok := p.fresh[it.Key]; ok {
		p.addToFresh(f, it)
		return
	}
	k, known := p.key(it.Key)
	switch {
	case known && k.live != "":
		s, ok := p.item(k.live)
		if !ok || it.Merge == outbox.Once {
			return // of any item with the key, this one is a duplicate
		}
		joined, changed := outbox.Join(s.after, it)
		if !changed {
			p.keep(s)
			return
		}
		p.change(s, joined)
		s.changes++
	case known && k.exists && it.Merge == outbox.Once:
	default:
		seen := "idle"
		if it.Merge == outbox.Once {
			seen = "any"
		}
		if _, here := p.keys[it.Key]; here {
			seen = "checked" // its live item ended in this plan
		}
		f := &put{key: it.Key, seen: seen, item: &it, changes: 1}
		p.fresh[it.Key] = f
		p.puts = append(p.puts, f)
	}
}

// addToFresh is for a key that has had its new item in this plan already.
func (p *plan) addToFresh(f *put, it outbox.Item) {
	if it.Merge == outbox.Once {
		return
	}
	if f.seen == "any" {
		f.seen = "none" // were there another, it would matter which
	}
	joined, changed := outbox.Join(*f.item, it)
	if changed {
		*f.item = joined
		f.changes++
	}
}

// settle ends one claim; it reports false if somebody else has the item, or nobody.
func (p *plan) settle(r outbox.Result, now time.Time, then []outbox.Item) bool {
	s, ok := p.item(r.ID)
	if !ok {
		return false
	}
	after, ok := outbox.Settled(s.after, r, now)
	if !ok {
		return false
	}
	p.change(s, after)
	if after.State != outbox.Live {
		p.keys[after.Key] = keyState{exists: true}
	}
	p.add(then)
	return true
}

// replay makes a dead item live, unless its key is live anew.
func (p *plan) replay(id string, now time.Time) bool {
	s, ok := p.item(id)
	if !ok {
		return false
	}
	if k, known := p.key(s.after.Key); known && k.live != "" {
		return false
	}
	again, ok := outbox.Replayed(s.after, now)
	if !ok {
		return false
	}
	p.change(s, again)
	p.keys[again.Key] = keyState{live: id, exists: true}
	p.puts = append(p.puts, &put{key: again.Key, seen: "idle"})
	return true
}

// args are the plan as a script reads it.
func (p *plan) args(now time.Time) []any {
	out := make([]any, 0, 2+11*len(p.saves)+6*len(p.puts))
	out = append(out, len(p.saves))
	for _, s := range p.saves {
		out = append(out, s.args()...)
	}
	out = append(out, len(p.puts))
	for _, t := range p.puts {
		due, wake, row := "", "0", ""
		if t.item != nil {
			due, row = score(*t.item), encodeItem(*t.item, 1)
			if t.item.IsInSight(now) {
				wake = "1"
			}
		}
		out = append(out, t.key, t.seen, t.changes, due, wake, row)
	}
	return out
}

func (s *save) args() []any {
	was, is, wake, row := s.before, s.after, "0", ""
	if s.touched {
		row = encodeItem(is, was.rev+1)
	}
	if is.State == outbox.Live && (was.State != outbox.Live || is.Due.Before(was.Due)) {
		wake = "1"
	}
	held := "same"
	switch {
	case was.Leased && !is.Leased:
		held = "free"
	case is.Leased && !was.Leased, is.Leased && !is.Due.Equal(was.Due):
		held = strconv.FormatInt(is.Due.UnixMilli(), 10)
	}
	return []any{was.ID, was.rev, was.size, was.Key, string(was.State), string(is.State), score(is), held, wake, s.changes, row}
}
