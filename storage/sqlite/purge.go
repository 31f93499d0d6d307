package sqlite

import (
	"context"
	"fmt"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

var _ maintenance.History = (*Store)(nil)

// Purge removes settled items, and counts them as purged. The newest of all stays.
func (s *Store) Purge(ctx context.Context, ids ...string) (n int, err error) {
	err = s.write(ctx, func(t *tx) error {
		n = 0
		for _, id := range ids {
			row, err := rowOf(id)
			if err != nil {
				return err
			}
			var state string
			gone, err := t.find(`DELETE FROM items WHERE id = ? AND state <> 'live' AND id < (SELECT max(id) FROM items) RETURNING state`, []any{row}, &state)
			if err != nil {
				return err
			}
			if gone {
				t.moved(outbox.State(state), -1)
				t.purged++
				n++
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite: purge items: %w", err)
	}
	return n, nil
}

// Forget forgets presses, each where its name leads to the event.
func (s *Store) Forget(ctx context.Context, presses ...maintenance.Press) (n int, err error) {
	err = s.write(ctx, func(t *tx) error {
		n = 0
		for _, p := range presses {
			res, err := t.exec(`DELETE FROM onces WHERE once = ? AND idx = ?`, p.Once, p.Index)
			if err != nil {
				return err
			}
			gone, err := res.RowsAffected()
			if err != nil {
				return err
			}
			n += int(gone)
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite: forget presses: %w", err)
	}
	return n, nil
}
