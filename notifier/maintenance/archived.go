package maintenance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/checkpoint"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/shelf"
)

// Withdraw has the requests come back that name somebody in an event, out of every archive,
// and leaves none of them in its file: another takes its place, and the first is removed. It
// may be repeated, and goes on where it ended. It returns how many came back.
func (a *Archiving) Withdraw(ctx context.Context, names func(core.Event) bool, now time.Time) (n int, err error) {
	if err := a.finish(ctx, now); err != nil {
		return 0, err
	}
	all, err := a.All(ctx)
	if err != nil {
		return 0, err
	}
	for _, r := range all {
		var stay []Filed
		leave, err := a.within(ctx, r, func(f Filed) bool {
			if slices.ContainsFunc(f.Events, names) {
				return true
			}
			stay = append(stay, f)
			return false
		})
		if err == nil && len(leave) > 0 {
			if _, err = a.bringAll(ctx, leave, now); err == nil {
				err = a.reseal(ctx, r, stay, now)
			}
			n += len(leave)
		}
		if err != nil {
			return n, fmt.Errorf("archive %s: %w", r.ID, err)
		}
	}
	return n, a.discard(ctx, now)
}

// reseal has another file take the place of an archive's. The events that named the first name
// it no more.
func (a *Archiving) reseal(ctx context.Context, r core.Record, filed []Filed, now time.Time) error {
	old, _ := r.Sealed()
	file, lines, err := a.write(ctx, r.ID, filed, now)
	if err != nil {
		return err
	}
	_, rev, err := a.Sessions.Get(ctx, discardPrefix+old.Hash, now)
	if errors.Is(err, desk.ErrNotFound) {
		_, err = a.Sessions.Put(ctx, discardPrefix+old.Hash, []byte(r.ID), rev, now, time.Time{})
	}
	if err != nil && !errors.Is(err, desk.ErrConflict) {
		return fmt.Errorf("keep that %s is to be removed: %w", old.Hash, err)
	}
	trail, err := a.Ledger.Trail(ctx, r.ID, 0, 0)
	if err != nil {
		return fmt.Errorf("trail of %s: %w", r.ID, err)
	}
	black, changed, erased := core.Erase(trail, core.Unnamed)
	after, e := core.ArchiveStep(core.Fold(black), r.ID, core.VerbReseal, described(map[core.Field]string{}, lines), []core.Attachment{file}, erased, now)
	err = a.Ledger.Commit(ctx, desk.Commit{Expect: r.Seq, Record: after, Events: []core.Event{e}, Blacked: changed, Now: now})
	if err != nil {
		return fmt.Errorf("reseal: %w", err)
	}
	return a.shelve(ctx, after, now)
}

// discardPrefix is where the hashes are kept of files that another took the place of.
const discardPrefix = "archive:discard:"

// discard removes the files that no archive names any more.
func (a *Archiving) discard(ctx context.Context, now time.Time) error {
	old, err := a.Sessions.Values(ctx, []string{discardPrefix}, now)
	if err != nil || len(old) == 0 {
		return err
	}
	all, err := a.All(ctx)
	if err != nil {
		return err
	}
	for key := range old {
		hash := strings.TrimPrefix(key, discardPrefix)
		if slices.ContainsFunc(all, func(r core.Record) bool { file, _ := r.Sealed(); return file.Hash == hash }) {
			continue
		}
		if err := a.Sealed.Discard(ctx, hash); err != nil {
			return fmt.Errorf("remove the file %s: %w", hash, err)
		}
		if err := a.Sessions.Delete(ctx, key); err != nil {
			return fmt.Errorf("forget the file %s: %w", hash, err)
		}
	}
	return nil
}

// Events are those of what was archived, archive by archive.
func (a *Archiving) Events(ctx context.Context) iter.Seq2[core.Event, error] {
	return func(yield func(core.Event, error) bool) {
		all, err := a.All(ctx)
		if err != nil {
			yield(core.Event{}, err)
			return
		}
		for _, r := range all {
			found, err := a.within(ctx, r, func(Filed) bool { return true })
			if err != nil {
				yield(core.Event{}, fmt.Errorf("archive %s: %w", r.ID, err))
				return
			}
			for _, f := range found {
				for _, e := range f.Events {
					if !yield(e, nil) {
						return
					}
				}
			}
		}
	}
}

// All are the archives, in the order in which they were made.
func (a *Archiving) All(ctx context.Context) (out []core.Record, err error) {
	for q := (desk.Query{Terms: []string{core.TermKind(core.KindArchive)}, Limit: 200}); ; {
		page, err := a.Ledger.List(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("list the archives: %w", err)
		}
		out = append(out, page.Records...)
		if q.After = page.Next; page.Next == "" {
			slices.SortFunc(out, func(x, y core.Record) int { return cmp.Or(x.Created.Compare(y.Created), cmp.Compare(x.ID, y.ID)) })
			return out, nil
		}
	}
}

// Read are the requests of an archive, of a file that is whole and holds what the trail says.
// Its error is fs.ErrNotExist where the file is not there.
func (a *Archiving) Read(ctx context.Context, r core.Record) ([]Filed, error) {
	found, err := a.within(ctx, r, func(Filed) bool { return true })
	if err != nil {
		return nil, fmt.Errorf("archive %s: %w", r.ID, err)
	}
	var lines []shelf.Line
	for _, f := range found {
		lines = append(lines, shelf.LineOf(f.Record, r.ID))
	}
	if shelf.DigestOf(lines).String() != r.Fields[core.FieldDigest] {
		return nil, fmt.Errorf("archive %s: its file holds other requests than the trail says", r.ID)
	}
	return found, nil
}

// Archived are those of an archive's requests that have some ids, by id (desk.Archives).
func (a *Archiving) Archived(ctx context.Context, r core.Record, ids map[string]bool) (map[string]core.Record, error) {
	found, err := a.within(ctx, r, func(f Filed) bool { return ids[f.Record.ID] })
	if err != nil {
		return nil, fmt.Errorf("archive %s: %w", r.ID, err)
	}
	out := map[string]core.Record{}
	for _, f := range found {
		out[f.Record.ID] = f.Record
	}
	return out, nil
}

// Bring has the request of a number come back into the store, as it left; it stays for three
// months at the least. desk.ErrNotFound where none with the number was archived.
func (a *Archiving) Bring(ctx context.Context, number string, now time.Time) (core.Record, error) {
	line, err := desk.Shelf{Sessions: a.Sessions, Now: now}.ByNumber(ctx, number)
	if err != nil {
		return core.Record{}, err
	}
	r, err := a.Ledger.Record(ctx, line.Archive)
	if err != nil {
		return core.Record{}, fmt.Errorf("archive %s: %w", line.Archive, err)
	}
	found, err := a.within(ctx, r, func(f Filed) bool { return f.Record.ID == line.ID })
	if err == nil && (len(found) != 1 || found[0].Record.Head != line.HeadHash()) {
		err = fmt.Errorf("the request %s is not in it", number)
	}
	if err == nil {
		_, err = a.bringAll(ctx, found, now)
	}
	if err != nil {
		return core.Record{}, fmt.Errorf("archive %s: %w", line.Archive, err)
	}
	return found[0].Record, nil
}

// within are the requests of an archive that are wanted.
func (a *Archiving) within(ctx context.Context, r core.Record, wanted func(Filed) bool) (out []Filed, err error) {
	file, ok := r.Sealed()
	if !ok {
		return nil, errors.New("it names no file")
	}
	err = a.Sealed.Unseal(ctx, file, func(f Filed) error {
		if err := f.sound(); err != nil {
			return err
		}
		if wanted(f) {
			out = append(out, f)
		}
		return nil
	})
	return out, err
}

// bringAll brings requests back. That they stay is kept first.
func (a *Archiving) bringAll(ctx context.Context, filed []Filed, now time.Time) (int, error) {
	for _, f := range filed {
		key := backPrefix + f.Record.ID
		_, rev, err := a.Sessions.Get(ctx, key, now)
		if err == nil || errors.Is(err, desk.ErrNotFound) {
			_, err = a.Sessions.Put(ctx, key, []byte("1"), rev, now, now.Add(backFor))
		}
		if err != nil && !errors.Is(err, desk.ErrConflict) {
			return 0, fmt.Errorf("keep that %s is back: %w", f.Record.ID, err)
		}
	}
	board := desk.Shelf{Sessions: a.Sessions, Now: now}
	if err := desk.MarkArchiving(ctx, board); err != nil {
		return 0, err
	}
	n, err := a.Vault.Return(ctx, filed...)
	if err != nil {
		return n, err
	}
	return n, desk.MarkArchiving(ctx, board)
}

// Check reads the files of all archives and says, in words for an operator, in what they are
// not what the trail and the shelf say of them. leaves are those of all their events, by
// which checkpoints are compared that were taken in the middle of what was archived.
func (a *Archiving) Check(ctx context.Context, now time.Time) (faults []string, leaves []checkpoint.Pruned, err error) {
	all, err := a.All(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range all {
		var lines []shelf.Line
		var own []checkpoint.Pruned
		_, err := a.within(ctx, r, func(f Filed) bool {
			lines = append(lines, shelf.LineOf(f.Record, r.ID))
			for _, e := range f.Events {
				own = append(own, checkpoint.LeafOf(e))
			}
			return false
		})
		switch {
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case err != nil:
			faults = append(faults, fmt.Sprintf("the file of archive %s: %v", core.Plain(r.ID), err))
			continue
		case shelf.DigestOf(lines).String() != r.Fields[core.FieldDigest]:
			faults = append(faults, fmt.Sprintf("the file of archive %s holds other requests than the trail says", core.Plain(r.ID)))
			continue
		}
		leaves = append(leaves, own...)
	}
	parts, err := desk.Shelf{Sessions: a.Sessions, Now: now}.Parts(ctx)
	if err != nil {
		return faults, leaves, err
	}
	if _, err := checkpoint.Prune(parts, leaves); err != nil {
		faults = append(faults, "the events in the archives are not those of the trail: "+err.Error())
	}
	return faults, leaves, nil
}
