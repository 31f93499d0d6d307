package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"sidem.gob.mx/sidem/core/desk"
)

// Commit takes c durably, or fails with desk.ErrConflict, desk.ErrTaken or a
// *desk.SeenError. A commit whose parts do not belong together is refused with
// another error: it is a mistake of the program, not of people.
func (s *Store) Commit(ctx context.Context, c desk.Commit) error {
	d, err := newDecision(c)
	if err == nil {
		err = s.write(ctx, d.write)
	}
	if err != nil {
		return fmt.Errorf("sqlite: commit %s: %w", c.Record.ID, err)
	}
	return nil
}

// keys is the index under which a record is filed, as the records table keeps it.
type keys struct {
	Unique []string `json:"unique,omitempty"`
	Terms  []string `json:"terms,omitempty"`
	Rank   int64    `json:"rank"`
}

// decision is a commit, encoded by its caller so that the writer need not.
type decision struct {
	desk.Commit
	keys     keys
	keysText string
	body     string
	events   []string
	blacked  []string
	owed     []newItem
}

func newDecision(c desk.Commit) (*decision, error) {
	if err := hangsTogether(c); err != nil {
		return nil, err
	}
	d := &decision{Commit: c, keys: keysOf(c.Record)}
	var err error
	if d.keysText, err = encode(d.keys); err != nil {
		return nil, err
	}
	if d.body, err = encode(c.Record); err != nil {
		return nil, err
	}
	d.events = make([]string, len(c.Events))
	for i, e := range c.Events {
		e.Index = 0 // it is the row's idx
		if d.events[i], err = encode(e); err != nil {
			return nil, err
		}
	}
	d.blacked = make([]string, len(c.Blacked))
	for i, e := range c.Blacked {
		e.Index = 0
		if d.blacked[i], err = encode(e); err != nil {
			return nil, err
		}
	}
	d.owed, err = newItems(c.Items, cut(c.Now))
	return d, err
}

// hangsTogether refuses a commit that would tear the trail.
func hangsTogether(c desk.Commit) error {
	if c.Refiles() {
		return nil
	}
	if c.Record.ID == "" || len(c.Events) == 0 {
		return errors.New("a commit needs a record and an event")
	}
	for i, e := range c.Events {
		if e.Record != c.Record.ID || e.Seq != c.Expect+1+i {
			return fmt.Errorf("event %d of %s follows nothing: %s was expected at %d", e.Seq, e.Record, c.Record.ID, c.Expect+1+i)
		}
	}
	for _, e := range c.Blacked {
		if e.Record != c.Record.ID || e.Seq > c.Expect || e.Index < 1 {
			return fmt.Errorf("event %d of %s is not one that %s had", e.Seq, e.Record, c.Record.ID)
		}
	}
	last := c.Events[len(c.Events)-1]
	if c.Record.Seq != last.Seq || c.Record.Head != last.Hash {
		return fmt.Errorf("the record stands at %d, its last event is %d", c.Record.Seq, last.Seq)
	}
	return nil
}

// write judges first and writes then, so that what people can cause fails before anything was written.
func (d *decision) write(t *tx) error {
	if err := t.unseen(d.Once); err != nil {
		return err
	}
	seq, old, err := t.filed(d.Record.ID)
	if err != nil {
		return err
	}
	if seq != d.Expect {
		return desk.ErrConflict
	}
	if err := t.unmoved(d.Guards); err != nil {
		return err
	}
	if err := t.untaken(d.Record.ID, minus(d.keys.Unique, old.Unique)); err != nil {
		return err
	}
	query := `INSERT INTO records (seq, body, keys, id) VALUES (?, ?, ?, ?)`
	if seq > 0 {
		query = `UPDATE records SET seq = ?, body = ?, keys = ? WHERE id = ?`
	}
	if _, err := t.exec(query, d.Record.Seq, d.body, d.keysText, d.Record.ID); err != nil {
		return err
	}
	if err := t.refile(d.Record.ID, old, d.keys); err != nil {
		return err
	}
	if err := t.append(d); err != nil {
		return err
	}
	if err := t.blackOut(d); err != nil {
		return err
	}
	_, err = t.put(d.owed)
	return err
}

// unseen is a SeenError if once was committed before.
func (t *tx) unseen(once string) error {
	if once == "" {
		return nil
	}
	var (
		index int
		body  []byte
	)
	ok, err := t.find(`SELECT e.idx, e.body FROM onces o JOIN events e ON e.idx = o.idx WHERE o.once = ?`, []any{once}, &index, &body)
	if !ok || err != nil {
		return err
	}
	first, err := decodeEvent(body, index)
	if err != nil {
		return err
	}
	return &desk.SeenError{First: first}
}

// filed is where a record stands: its Seq and keys, zero if there is none.
func (t *tx) filed(id string) (seq int, k keys, err error) {
	var text []byte
	ok, err := t.find(`SELECT seq, keys FROM records WHERE id = ?`, []any{id}, &seq, &text)
	if ok && err == nil {
		err = json.Unmarshal(text, &k)
	}
	return seq, k, err
}

// unmoved is ErrConflict if one of the records is not where it is expected.
func (t *tx) unmoved(guards []desk.Expectation) error {
	for _, g := range guards {
		seq := 0
		if _, err := t.find(`SELECT seq FROM records WHERE id = ?`, []any{g.Record}, &seq); err != nil {
			return err
		}
		if seq != g.Seq {
			return desk.ErrConflict
		}
	}
	return nil
}

// untaken is ErrTaken if one of the unique keys belongs to another record.
func (t *tx) untaken(id string, unique []string) error {
	for _, key := range unique {
		var owner string
		ok, err := t.find(`SELECT record FROM uniques WHERE key = ?`, []any{key}, &owner)
		if err != nil {
			return err
		}
		if ok && owner != id {
			return fmt.Errorf("%w: %s", desk.ErrTaken, key)
		}
	}
	return nil
}

// refile moves a record from its old keys to the new ones.
func (t *tx) refile(id string, old, now keys) error {
	for _, key := range minus(old.Unique, now.Unique) {
		if _, err := t.exec(`DELETE FROM uniques WHERE key = ?`, key); err != nil {
			return err
		}
	}
	for _, key := range minus(now.Unique, old.Unique) {
		if _, err := t.exec(`INSERT INTO uniques (key, record) VALUES (?, ?)`, key, id); err != nil {
			return err
		}
	}
	left, entered := minus(old.Terms, now.Terms), minus(now.Terms, old.Terms)
	if err := t.resize(left, -1); err != nil {
		return err
	}
	if err := t.resize(entered, +1); err != nil {
		return err
	}
	if old.Rank != now.Rank { // the record moves in every list
		left, entered = old.Terms, now.Terms
	}
	for _, term := range left {
		if _, err := t.exec(`DELETE FROM terms WHERE term = ? AND rank = ? AND record = ?`, term, old.Rank, id); err != nil {
			return err
		}
	}
	for _, term := range entered {
		if _, err := t.exec(`INSERT INTO terms (term, rank, record) VALUES (?, ?, ?)`, term, now.Rank, id); err != nil {
			return err
		}
	}
	return nil
}

// resize adds n to the length of each list.
func (t *tx) resize(terms []string, n int) error {
	for _, term := range terms {
		if _, err := t.exec(`INSERT INTO lists (term, n) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET n = n + ?2`, term, n); err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		if _, err := t.exec(`DELETE FROM lists WHERE term = ? AND n = 0`, term); err != nil { // a term may be of somebody's name
			return err
		}
	}
	return nil
}

// append writes the events, and the press under the first of them.
func (t *tx) append(d *decision) error {
	for i, e := range d.Events {
		// An INTEGER PRIMARY KEY that is left out becomes the highest plus one.
		res, err := t.exec(`INSERT INTO events (record, seq, body) VALUES (?, ?, ?)`, e.Record, e.Seq, d.events[i])
		if err != nil {
			return err
		}
		if i > 0 || d.Once == "" {
			continue
		}
		index, err := res.LastInsertId()
		if err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO onces (once, idx) VALUES (?, ?)`, d.Once, index); err != nil {
			return err
		}
	}
	return nil
}

// blackOut writes events anew that the record has.
func (t *tx) blackOut(d *decision) error {
	for i, e := range d.Blacked {
		var idx int
		ok, err := t.find(`UPDATE events SET body = ? WHERE idx = ? AND record = ? AND seq = ? RETURNING idx`, []any{d.blacked[i], e.Index, e.Record, e.Seq}, &idx)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%w: event %d is not the number %d of %s", desk.ErrNotFound, e.Index, e.Seq, e.Record)
		}
	}
	return nil
}

// minus are the elements of a that are not in b.
func minus(a, b []string) []string {
	var out []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			out = append(out, s)
		}
	}
	return out
}

// distinct is s sorted, each once.
func distinct(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return slices.Compact(s)
}
