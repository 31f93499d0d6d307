package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/checkpoint"
	"sidem.gob.mx/sidem/core/shelf"
)

// archiveRun is what each step of an archiving changes: while it is as it was nothing left the
// store, and nothing came back.
const archiveRun = "archive:run"

// MarkArchiving notes that something is about to leave the store or to come back: whoever
// reads all of it meanwhile has to begin again.
func MarkArchiving(ctx context.Context, s Shelf) error {
	for {
		_, rev, err := s.Sessions.Get(ctx, archiveRun, s.Now)
		if err == nil || errors.Is(err, ErrNotFound) {
			_, err = s.Sessions.Put(ctx, archiveRun, []byte("1"), rev, s.Now, s.Now.AddDate(100, 0, 0))
		}
		if !errors.Is(err, ErrConflict) {
			return err
		}
	}
}

// archivings is how often something left the store or came back.
func (d *Desk) archivings(ctx context.Context) (int, error) {
	if d.Sessions == nil {
		return 0, nil
	}
	_, rev, err := d.Sessions.Get(ctx, archiveRun, d.now())
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return rev, err
}

// standing is what stands on the shelf, as an audit read it.
type standing struct {
	parts   []checkpoint.Pruned
	digests map[string]shelf.Digest // of each archive
	faults  []string
}

// readShelf gives an audit what stands on the shelf.
func (d *Desk) readShelf(ctx context.Context, a *core.Audit) (out standing, err error) {
	out.digests = map[string]shelf.Digest{}
	if d.Sessions == nil {
		return out, nil
	}
	s := Shelf{Sessions: d.Sessions, Now: d.now()}
	for lines, err := range s.Lines(ctx) {
		if errors.Is(err, shelf.ErrPage) {
			out.faults = append(out.faults, err.Error())
			break
		}
		if err != nil {
			return out, err
		}
		for _, l := range lines {
			a.Left(core.Departed{ID: l.ID, Number: l.Number, Seq: l.Seq, Head: l.HeadHash()})
			out.digests[l.Archive] = out.digests[l.Archive].Add(l)
		}
	}
	if out.parts, err = s.Parts(ctx); errors.Is(err, checkpoint.ErrParts) {
		out.faults, err = append(out.faults, err.Error()), nil
	}
	return out, err
}

// covers reports whether all events from one to another were archived.
func (s standing) covers(from, to int) bool { return checkpoint.Covers(s.parts, from, to) }

// judge says in what the shelf is not what the trail says of the archives.
func (s standing) judge(a *core.Audit) (faults []string) {
	faults = s.faults
	for _, id := range slices.Sorted(maps.Keys(s.digests)) {
		if r, ok := a.Fold(id); !ok || r.Kind != core.KindArchive {
			faults = append(faults, fmt.Sprintf("%d requests are said to be in the archive %s, of which the trail knows nothing", s.digests[id].Count, core.Plain(id)))
		}
	}
	for _, r := range a.Archives() {
		d := s.digests[r.ID]
		if r.State == core.StateShelved && (d.String() != r.Fields[core.FieldDigest] || strconv.Itoa(d.Count) != r.Fields[core.FieldCount]) {
			faults = append(faults, fmt.Sprintf("what stays of the requests in the archive %s (%d of %s) is not what the trail says", core.Plain(r.ID), d.Count, core.Plain(r.Fields[core.FieldCount])))
		}
	}
	return faults
}
