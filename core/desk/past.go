package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/shelf"
)

// Archives give requests back as they were when they left the store.
type Archives interface {
	// Archived are those of an archive's requests that have some ids, by id, from a file that
	// is what was sealed. It fails where there is none at hand.
	Archived(ctx context.Context, archive core.Record, ids map[string]bool) (map[string]core.Record, error)
}

// errNoArchives says that the desk has no Archives.
var errNoArchives = errors.New("no files of archives are at hand")

// AsItWas is a request that was archived, by its id, as it was when it left; ErrNotFound where
// there is none that the actor may see. Where its file is not at hand away says why, and the
// request is what OnShelf gives.
func (d *Desk) AsItWas(ctx context.Context, actor core.Actor, id string) (r core.Record, away, err error) {
	if r, err = d.OnShelf(ctx, actor, id); err != nil {
		return core.Record{}, nil, err
	}
	all, away, err := d.asTheyWere(ctx, r.Fields[core.FieldArchived], []core.Record{r})
	if err != nil {
		return core.Record{}, nil, err
	}
	if !actor.Sees(all[0], d.now()) {
		return core.Record{}, nil, ErrNotFound
	}
	return all[0], away, nil
}

// asTheyWere has requests of the shelf, which are in one archive, be what they were when they
// left. Where the file is not at hand, or has another of one, away says so, and they are as given.
func (d *Desk) asTheyWere(ctx context.Context, id string, rows []core.Record) (out []core.Record, away, err error) {
	if d.Archives == nil {
		return rows, errNoArchives, nil
	}
	archive, err := d.Ledger.Record(ctx, id)
	if err != nil {
		return nil, nil, fmt.Errorf("archive %s: %w", id, err)
	}
	ids := map[string]bool{}
	for _, r := range rows {
		ids[r.ID] = true
	}
	found, away := d.Archives.Archived(ctx, archive, ids)
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	out = slices.Clone(rows)
	for i, row := range out {
		if r, has := found[row.ID]; has && r.Head == row.Head {
			out[i] = r
		} else if away == nil {
			away = fmt.Errorf("archive %s: %s in it is another, or is not there", id, row.Number)
		}
	}
	return out, away, nil
}

// FiledInArchived are FiledIn those that left the store, as they were, and those of which the
// file is not at hand as what is known of them here (core.Record.Archived). Those that are
// back in the store, which had are, stay out.
func (d *Desk) FiledInArchived(ctx context.Context, actor core.Actor, p core.Period, limit int, had []core.Record) (all []core.Record, whole bool, err error) {
	s, ok, err := d.shelf(ctx)
	if err != nil || !ok {
		return nil, err == nil, err
	}
	zone, now := d.Office.Calendar.Zone(), d.now()
	back := map[string]bool{}
	for _, r := range had {
		back[r.ID] = true
	}
	latest := map[string]core.Record{}
	for lines, err := range s.Years(ctx, p.From.Year, p.To.Year) {
		if err != nil {
			return nil, false, err
		}
		for _, l := range lines {
			r := l.Record()
			if day, filed := r.FiledOn(zone); filed && p.Has(day) && !back[r.ID] && actor.Sees(r, now) {
				latest[r.ID] = r // of one that was archived twice the last
			}
		}
		if len(latest) > limit {
			return nil, false, nil
		}
	}
	in := map[string][]core.Record{}
	for _, r := range latest {
		in[r.Fields[core.FieldArchived]] = append(in[r.Fields[core.FieldArchived]], r)
	}
	for id, rows := range in {
		rows, _, err := d.asTheyWere(ctx, id, rows)
		if err != nil {
			return nil, false, err
		}
		all = append(all, slices.DeleteFunc(rows, func(r core.Record) bool { return !actor.Sees(r, now) })...)
	}
	return all, true, nil
}

// lineYears are the keys before and after those of the lines of some years.
func lineYears(from, to int) (after, until string) {
	return fmt.Sprintf("%s%04d", shelf.LinesPrefix, from), fmt.Sprintf("%s%04d;", shelf.LinesPrefix, to)
}
