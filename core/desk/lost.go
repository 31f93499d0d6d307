package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
)

// lostFor is how long administration is told no second time of one file.
const lostFor = 30 * 24 * time.Hour

// LostFile is what is owed when a file of a record is found to be gone, or not what was attached:
// administration is told, once for each content however often it is asked for. Nothing is owed
// where it was told.
func (d *Desk) LostFile(ctx context.Context, r core.Record, hash string) ([]outbox.Item, error) {
	key, now := "lost:"+hash, d.now()
	if _, err := d.Sessions.Put(ctx, key, []byte(r.ID), 0, now, now.Add(lostFor)); errors.Is(err, ErrConflict) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("note that a file of %s is lost: %w", r.ID, err)
	}
	items, err := d.alert(ctx, now.Add(AlertDelay), es.LostFile(r, hash))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("tell of a file of %s that is lost: %w", r.ID, err), d.Sessions.Delete(ctx, key))
	}
	return items, nil
}
