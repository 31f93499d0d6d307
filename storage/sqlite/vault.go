package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

var _ maintenance.Vault = (*Store)(nil)

// Take removes whole records. The newest event of all stays, so that the next index is the
// highest plus one.
func (s *Store) Take(ctx context.Context, records ...desk.Expectation) (n int, err error) {
	err = s.write(ctx, func(t *tx) error {
		n = 0
		for _, r := range records {
			gone, err := t.takeOut(r)
			if err != nil {
				return fmt.Errorf("%s: %w", r.Record, err)
			}
			if gone {
				n++
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite: take records: %w", err)
	}
	return n, nil
}

func (t *tx) takeOut(r desk.Expectation) (bool, error) {
	seq, old, err := t.filed(r.Record)
	if err != nil || seq == 0 || seq != r.Seq {
		return false, err
	}
	var one int
	if last, err := t.find(`SELECT 1 FROM events WHERE idx = (SELECT max(idx) FROM events) AND record = ?`, []any{r.Record}, &one); last || err != nil {
		return false, err
	}
	if err := t.refile(r.Record, old, keys{}); err != nil {
		return false, err
	}
	for _, query := range []string{
		`DELETE FROM onces WHERE idx IN (SELECT idx FROM events WHERE record = ?)`,
		`DELETE FROM events WHERE record = ?`,
		`DELETE FROM series WHERE record = ? AND value < (SELECT max(s.value) FROM series s WHERE s.name = series.name)`,
		`DELETE FROM records WHERE id = ?`,
	} {
		if _, err := t.exec(query, r.Record); err != nil {
			return false, err
		}
	}
	return true, nil
}

// Return puts back records that were taken.
func (s *Store) Return(ctx context.Context, records ...maintenance.Filed) (n int, err error) {
	err = s.write(ctx, func(t *tx) error {
		n = 0
		for _, f := range records {
			seq, _, err := t.filed(f.Record.ID)
			if err == nil && seq > 0 {
				continue
			}
			if err == nil {
				err = t.putBack(f)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", f.Record.ID, err)
			}
			n++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite: return records: %w", err)
	}
	return n, nil
}

func (t *tx) putBack(f maintenance.Filed) error {
	if err := t.loadRecord(f.Record); err != nil {
		return err
	}
	for _, e := range f.Events {
		index := e.Index
		e.Index = 0 // it is the row's idx
		body, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO events (idx, record, seq, body) VALUES (?, ?, ?, ?)`, index, e.Record, e.Seq, string(body)); err != nil {
			return err
		}
	}
	series, value, ok := f.Number()
	if !ok {
		return nil
	}
	_, err := t.exec(`INSERT OR IGNORE INTO series (name, record, value) VALUES (?, ?, ?)`, series, f.Record.ID, value)
	return err
}
