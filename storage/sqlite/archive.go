package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/storage/archive"
)

var (
	_ archive.Source = (*Store)(nil)
	_ archive.Target = (*Store)(nil)
)

// Dump gives all that the store keeps at one instant, beside whoever writes to it.
func (s *Store) Dump(ctx context.Context, each func(archive.Line) error) error {
	return s.Extract(ctx, "", each)
}

// Extract is Dump with those sessions alone whose keys begin with a prefix.
func (s *Store) Extract(ctx context.Context, sessions string, each func(archive.Line) error) error {
	err := s.still(ctx, func(tx *sql.Tx) error {
		for _, part := range []struct {
			query string
			line  func(*sql.Rows) (archive.Line, error)
		}{
			{`SELECT idx, body FROM events ORDER BY idx`, eventLine},
			{`SELECT body FROM records ORDER BY id`, recordLine},
			{`SELECT id, body FROM items ORDER BY id`, itemLine},
			{`SELECT name, record, value FROM series ORDER BY name, value`, numberLine},
			{`SELECT key, value, rev, expires FROM sessions ORDER BY key`, sessionLine},
		} {
			err := scan(ctx, tx, part.query, func(rows *sql.Rows) error {
				l, err := part.line(rows)
				if err != nil || l.Session != nil && !strings.HasPrefix(l.Session.Key, sessions) {
					return err
				}
				return each(l)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sqlite: dump: %w", err)
	}
	return nil
}

func eventLine(rows *sql.Rows) (archive.Line, error) {
	var (
		index int
		body  []byte
	)
	if err := rows.Scan(&index, &body); err != nil {
		return archive.Line{}, err
	}
	e, err := decodeEvent(body, index)
	return archive.Line{Event: &e}, err
}

func recordLine(rows *sql.Rows) (archive.Line, error) {
	var body []byte
	if err := rows.Scan(&body); err != nil {
		return archive.Line{}, err
	}
	var r core.Record
	err := json.Unmarshal(body, &r)
	return archive.Line{Record: &r}, err
}

func itemLine(rows *sql.Rows) (archive.Line, error) {
	it, err := scanItem(rows)
	return archive.Line{Item: &it}, err
}

func numberLine(rows *sql.Rows) (archive.Line, error) {
	var n archive.Number
	err := rows.Scan(&n.Series, &n.Record, &n.Value)
	return archive.Line{Number: &n}, err
}

func sessionLine(rows *sql.Rows) (archive.Line, error) {
	var (
		s       archive.Session
		expires sql.NullInt64
	)
	err := rows.Scan(&s.Key, &s.Value, &s.Rev, &expires)
	s.Expires = instant(expires)
	return archive.Line{Session: &s}, err
}

// Load fills an empty store in one transaction: all of it, or nothing.
func (s *Store) Load(ctx context.Context, next func() (archive.Line, error)) error {
	err := s.write(ctx, func(t *tx) error {
		if err := t.empty(); err != nil {
			return err
		}
		for {
			l, err := next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil {
				err = t.load(l)
			}
			if err != nil {
				return err
			}
		}
	})
	if err != nil {
		return fmt.Errorf("sqlite: load: %w", err)
	}
	return nil
}

func (t *tx) empty() error {
	for _, table := range []string{"events", "items", "sessions", "series"} {
		var one int
		if some, err := t.find(`SELECT 1 FROM `+table+` LIMIT 1`, nil, &one); some || err != nil {
			return errors.Join(archive.ErrNotEmpty, err)
		}
	}
	return nil
}

func (t *tx) load(l archive.Line) error {
	switch {
	case l.Record != nil:
		return t.loadRecord(*l.Record)
	case l.Event != nil:
		return t.loadEvent(*l.Event)
	case l.Item != nil:
		it := *l.Item
		row, err := rowOf(it.ID)
		if err != nil {
			return err
		}
		it.ID = ""
		body, err := encode(it)
		if err != nil {
			return err
		}
		// An id tells how many items were created before: those between were purged.
		t.purged += int(row-t.last) - 1
		t.created += int(row - t.last)
		t.last = row
		t.moved(it.State, +1)
		_, err = t.exec(`INSERT INTO items (id, key, state, lane, due, leased, body) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			row, it.Key, string(it.State), int(it.Lane), it.Due.UnixMilli(), it.Leased, body)
		return err
	case l.Number != nil:
		_, err := t.exec(`INSERT INTO series (name, record, value) VALUES (?, ?, ?)`, l.Number.Series, l.Number.Record, l.Number.Value)
		return err
	case l.Session != nil:
		value := l.Session.Value
		if value == nil {
			value = []byte{} // nil would be NULL
		}
		_, err := t.exec(`INSERT INTO sessions (key, value, rev, expires) VALUES (?, ?, ?, ?)`,
			l.Session.Key, value, l.Session.Rev, millis(l.Session.Expires))
		return err
	}
	return errors.New("a line of no known kind")
}

// millis is a time as its column keeps it; NULL for none.
func millis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: cut(t).UnixMilli(), Valid: !t.IsZero()}
}

func (t *tx) loadRecord(r core.Record) error {
	k := keysOf(r)
	text, err := encode(k)
	if err != nil {
		return err
	}
	body, err := encode(r)
	if err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO records (seq, body, keys, id) VALUES (?, ?, ?, ?)`, r.Seq, body, text, r.ID); err != nil {
		return err
	}
	return t.refile(r.ID, keys{}, k)
}

// loadEvent writes an event at its Index. The first event of a press is its verdict.
func (t *tx) loadEvent(e core.Event) error {
	index := e.Index
	e.Index = 0 // it is the row's idx
	body, err := encode(e)
	if err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO events (idx, record, seq, body) VALUES (?, ?, ?, ?)`, index, e.Record, e.Seq, body); err != nil {
		return err
	}
	if e.Once == "" {
		return nil
	}
	_, err = t.exec(`INSERT OR IGNORE INTO onces (once, idx) VALUES (?, ?)`, e.Once, index)
	return err
}
