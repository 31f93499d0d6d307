package desk

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// Log is a trail that is read in the order of its index (part of Ledger).
type Log interface {
	Log(ctx context.Context, after, limit int) ([]core.Event, error)
}

// Books are what a store keeps beside records and trail; who verifies it reads them.
type Books interface {
	// Entries gives each index entry, in an order of the store's. One may come twice;
	// those of a record that is changed meanwhile may be of before or after.
	Entries(ctx context.Context, each func(core.IndexEntry) error) error
	// Inspect says, in words for an operator and without personal data, which rows are
	// not as this program writes them, and what of them does not hang together.
	Inspect(ctx context.Context) ([]string, error)
	// Items are the outbox items of a state ("" for all) after an id, at most limit.
	Items(ctx context.Context, state outbox.State, after string, limit int) ([]outbox.Item, error)
}

// ErrDamaged says that a row cannot be read as what it should be.
var ErrDamaged = errors.New("damaged: a row is none of ours")

// Events are the events after an index, to the end of the trail. It ends with the
// error of the store, if there is one.
func Events(ctx context.Context, log Log, after int) iter.Seq2[core.Event, error] {
	const page = 1000
	return func(yield func(core.Event, error) bool) {
		for {
			events, err := log.Log(ctx, after, page)
			if err != nil {
				yield(core.Event{}, fmt.Errorf("read the trail after %d: %w", after, err))
				return
			}
			for _, e := range events {
				if !yield(e, nil) {
					return
				}
				after = e.Index
			}
			if len(events) < page {
				return
			}
		}
	}
}

// readings is how often a store that is written to meanwhile is read: of a record
// that moved in each of them nothing is said.
const readings = 5

// Audit reads the whole trail and checks that its index has no gap, that each
// record's chain of hashes holds, and that each record is exactly the fold of its
// events. Of a ledger that opens its Books it also checks that every index entry and
// unique key follows from the trail and none is absent, that the rows hang together,
// and that no item of the outbox tells of what did not happen. It works beside
// whoever writes. The error is the store's; what does not hold is among the Faults.
func (d *Desk) Audit(ctx context.Context) (core.Audit, error) {
	if d.Now == nil {
		return d.audit(ctx)
	}
	for n := 1; ; n++ {
		before, err := d.archivings(ctx)
		if err != nil {
			return core.Audit{}, err
		}
		a, err := d.audit(ctx)
		if err != nil {
			return a, err
		}
		after, err := d.archivings(ctx)
		if err != nil || after == before || n == readings {
			return a, err
		}
	}
}

// audit is one reading of all, which holds if nothing was archived in the middle of it.
func (d *Desk) audit(ctx context.Context) (core.Audit, error) {
	books, indexed := d.Ledger.(Books)
	a := core.Audit{Indexed: indexed}
	if d.Now != nil {
		a.Now = d.now()
		a.Presses = a.Now.Add(-RepeatLife)
	}
	if indexed {
		torn, err := books.Inspect(ctx)
		if err != nil {
			return a, fmt.Errorf("inspect the rows: %w", err)
		}
		a.Faults = torn
	}
	var shelved standing
	var err error
	if d.Now != nil {
		if shelved, err = d.readShelf(ctx, &a); err != nil {
			return a, err
		}
	}
	last, err := d.hear(ctx, &a, 0)
	for n := 1; err == nil; n++ {
		if err = d.compare(ctx, &a, books); err != nil {
			break
		}
		if last, err = d.hear(ctx, &a, last); err != nil {
			break
		}
		if a.Cover(shelved.covers); a.Close() || n == readings {
			break
		}
	}
	a.Faults = append(a.Faults, shelved.judge(&a)...)
	if err == nil && indexed && d.Now != nil {
		var faults []string
		faults, err = d.auditPassed(ctx, &a)
		a.Faults = append(a.Faults, faults...)
	}
	if err == nil && indexed {
		err = d.auditItems(ctx, &a, books, last)
	}
	if errors.Is(err, ErrDamaged) && len(a.Faults) > 0 { // which Inspect has told
		err = nil
	}
	return a, err
}

// hear gives a the events after an index, and returns the index of the last.
func (d *Desk) hear(ctx context.Context, a *core.Audit, after int) (int, error) {
	for e, err := range Events(ctx, d.Ledger, after) {
		if err != nil {
			return after, err
		}
		a.Event(e)
		after = e.Index
	}
	return after, nil
}

// compare gives a all that is kept.
func (d *Desk) compare(ctx context.Context, a *core.Audit, books Books) error {
	for _, id := range a.Open() {
		r, err := d.Ledger.Record(ctx, id)
		switch {
		case errors.Is(err, ErrNotFound), errors.Is(err, ErrDamaged) && a.Indexed: // Close tells, or Inspect has
		case err != nil:
			return fmt.Errorf("load %s: %w", id, err)
		default:
			a.Record(r)
		}
	}
	if !a.Indexed {
		return nil
	}
	err := books.Entries(ctx, func(e core.IndexEntry) error {
		a.Entry(e)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the index: %w", err)
	}
	return nil
}
