package maintenance

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/checkpoint"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/shelf"
)

// Sealed are the files of archives, by their content address.
type Sealed interface {
	// Seal writes records to a file of a name, durably, and returns what it is.
	Seal(ctx context.Context, name string, records []Filed, at time.Time) (core.Attachment, error)
	// Unseal gives the records of a file. It fails for one that is not what was sealed;
	// fs.ErrNotExist.
	Unseal(ctx context.Context, file core.Attachment, each func(Filed) error) error
	// Discard removes the file with a hash; it is no error if it is not there.
	Discard(ctx context.Context, hash string) error
}

// Archiving has requests leave the store that were closed long ago: into one file a month,
// whose hash is in the trail; a line of each stays on the shelf. Months of a year in which few
// were closed share a file, so that the file does not cost more than what is in it: it has
// the name of the last of them, and they wait for each other until the year is over.
//
// Its steps are: write the file, read it back, commit the event that seals the archive, put
// the lines on the shelf, take the requests out of the store, commit that they left. Each may
// be repeated, and whoever runs next goes on with an archive that is sealed and not shelved.
type Archiving struct {
	// Days is how many days after its end a request leaves; 0: none ever does.
	Days     int
	Ledger   desk.Ledger
	Sessions desk.Sessions
	Vault    Vault
	Sealed   Sealed
	Log      *slog.Logger
	Most     int // the most requests in one archive; default 2,000
	Few      int // the fewest, where the year is not over yet; default 25
}

const (
	mostArchived = 2_000
	fewArchived  = 25
	// backPrefix is where it is kept that a request was brought back, and backFor how long it
	// stays then, at the least.
	backPrefix = "archive:back:"
	backFor    = 90 * 24 * time.Hour
	takeBatch  = 100
)

// ArchiveRun is what one run of an Archiving did.
type ArchiveRun struct {
	// Files is how many archives it sealed, and Requests how many requests are in them.
	Files, Requests int
	// At is when the run ended, by the office's clock.
	At time.Time
}

// lastArchived is where it is kept what the last run did.
const lastArchived = "archive:last"

// LastArchiving is what the last run of an Archiving did; desk.ErrNotFound where there was none.
func LastArchiving(ctx context.Context, s desk.Sessions, now time.Time) (d ArchiveRun, err error) {
	body, _, err := s.Get(ctx, lastArchived, now)
	if err == nil {
		err = json.Unmarshal(body, &d)
	}
	return d, err
}

// Run does the work of a night; now is the office's.
func (a *Archiving) Run(ctx context.Context, now time.Time) error {
	done := ArchiveRun{At: now}
	if err := a.run(ctx, now, &done); err != nil || a.Days == 0 {
		return err
	}
	body, err := json.Marshal(done)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	_, rev, err := a.Sessions.Get(ctx, lastArchived, now)
	if err == nil || errors.Is(err, desk.ErrNotFound) {
		_, err = a.Sessions.Put(ctx, lastArchived, body, rev, now, time.Time{})
	}
	if err != nil && !errors.Is(err, desk.ErrConflict) { // another replica has noted the same
		return fmt.Errorf("note what was archived: %w", err)
	}
	return nil
}

func (a *Archiving) run(ctx context.Context, now time.Time, done *ArchiveRun) error {
	if err := a.finish(ctx, now); err != nil || a.Days == 0 {
		return err
	}
	for {
		month, records, err := a.next(ctx, now)
		if err != nil || len(records) == 0 {
			return err
		}
		sealed, err := a.seal(ctx, month, records, now)
		if errors.Is(err, desk.ErrConflict) { // another replica does the same
			return nil
		}
		if err == nil && sealed.ID == "" {
			return nil // what is left does not hold together: the log says so
		}
		if err == nil {
			err = a.shelve(ctx, sealed, now)
		}
		if err != nil {
			return fmt.Errorf("archive %s: %w", month, err)
		}
		count, _ := strconv.Atoi(sealed.Fields[core.FieldCount]) // SIDEM wrote it
		done.Files, done.Requests = done.Files+1, done.Requests+count
	}
}

// finish goes on with what was sealed and has not left yet.
func (a *Archiving) finish(ctx context.Context, now time.Time) error {
	for {
		page, err := a.Ledger.List(ctx, desk.Query{Terms: []string{core.TermState(core.KindArchive, core.StateSealed)}})
		if err != nil {
			return fmt.Errorf("list what is sealed: %w", err)
		}
		if len(page.Records) == 0 {
			return a.discard(ctx, now)
		}
		for _, r := range page.Records {
			if err := a.shelve(ctx, r, now); err != nil {
				return fmt.Errorf("archive %s: %w", r.ID, err)
			}
		}
	}
}

// next are the requests that were closed in the earliest months that may leave, and the last
// of these months.
func (a *Archiving) next(ctx context.Context, now time.Time) (month string, out []core.Record, err error) {
	back, err := a.brought(ctx, now)
	if err != nil {
		return "", nil, err
	}
	months := map[string][]core.Record{}
	most := cmp.Or(a.Most, mostArchived)
	until := now.AddDate(0, 0, -a.Days)
	for _, state := range core.LifecycleOf(core.KindRequest).Final {
		q := desk.Query{Terms: []string{core.TermState(core.KindRequest, state)}, Limit: 200}
		for n, more := 0, true; more && n < most; {
			page, err := a.Ledger.List(ctx, q)
			if err != nil {
				return "", nil, fmt.Errorf("list what is closed: %w", err)
			}
			for _, r := range page.Records {
				if more = r.Since.Before(until); !more { // oldest first
					break
				}
				if m := core.ClosedIn(r, now.Location()); r.MayLeave(a.Days, now) && !back[r.ID] {
					months[m] = append(months[m], r)
					n++
				}
			}
			q.After = page.Next
			more = more && page.Next != ""
		}
	}
	year := ""
	for _, m := range slices.Sorted(maps.Keys(months)) {
		if year == "" {
			year = core.YearOf(m)
		}
		if core.YearOf(m) != year {
			break
		}
		if month, out = m, append(out, months[m]...); len(out) >= cmp.Or(a.Few, fewArchived) {
			return month, out[:min(len(out), most)], nil
		}
	}
	if year == core.Season(until) { // others of the year will follow
		return "", nil, nil
	}
	return month, out[:min(len(out), most)], nil
}

// brought are the requests that were brought back, and stay for a while.
func (a *Archiving) brought(ctx context.Context, now time.Time) (map[string]bool, error) {
	keys, err := a.Sessions.Values(ctx, []string{backPrefix}, now)
	if err != nil {
		return nil, fmt.Errorf("what was brought back: %w", err)
	}
	out := map[string]bool{}
	for key := range keys {
		out[strings.TrimPrefix(key, backPrefix)] = true
	}
	return out, nil
}

// seal writes the file of an archive, reads it back and commits the event that names it. Its
// error is desk.ErrConflict where another did. A request whose trail does not hold stays, and
// the audit tells more; where none holds there is no archive.
func (a *Archiving) seal(ctx context.Context, month string, records []core.Record, now time.Time) (core.Record, error) {
	id, err := a.free(ctx, month)
	if err != nil {
		return core.Record{}, err
	}
	var filed []Filed
	for _, r := range records {
		trail, err := a.Ledger.Trail(ctx, r.ID, 0, 0)
		if err != nil {
			return core.Record{}, fmt.Errorf("trail of %s: %w", r.ID, err)
		}
		if len(trail) != r.Seq || core.Verify(trail) != 0 || trail[len(trail)-1].Hash != r.Head {
			a.Log.ErrorContext(ctx, "a request is not archived: its trail does not hold, or it has just changed", "record", r.ID, "do", "sidem audit verify")
			continue
		}
		filed = append(filed, Filed{Record: r, Events: trail})
	}
	if len(filed) == 0 {
		return core.Record{}, nil
	}
	file, lines, err := a.write(ctx, id, filed, now)
	if err != nil {
		return core.Record{}, err
	}
	fields := map[core.Field]string{core.FieldMonth: month}
	return a.step(ctx, core.Record{}, id, core.VerbSeal, described(fields, lines), []core.Attachment{file}, now)
}

// free is the id of the next archive of a month.
func (a *Archiving) free(ctx context.Context, month string) (string, error) {
	for n := 1; ; n++ {
		id := core.ArchiveID(month, n)
		_, err := a.Ledger.Record(ctx, id)
		if errors.Is(err, desk.ErrNotFound) {
			return id, nil
		}
		if err != nil {
			return "", fmt.Errorf("look for %s: %w", id, err)
		}
	}
}

// described are the fields that say what stays of an archive.
func described(fields map[core.Field]string, lines []shelf.Line) map[core.Field]string {
	d := shelf.DigestOf(lines)
	fields[core.FieldCount], fields[core.FieldDigest] = strconv.Itoa(d.Count), d.String()
	return fields
}

// write writes the file of an archive, and reads it back: nothing leaves the store that is not
// in it.
func (a *Archiving) write(ctx context.Context, id string, filed []Filed, now time.Time) (core.Attachment, []shelf.Line, error) {
	file, err := a.Sealed.Seal(ctx, id+".jsonl.gz", filed, now)
	if err != nil {
		return file, nil, fmt.Errorf("write %s: %w", id, err)
	}
	file.Verb = core.VerbSeal
	want, lines := map[string]string{}, []shelf.Line{}
	for _, f := range filed {
		want[f.Record.ID] = f.Record.Head
		lines = append(lines, shelf.LineOf(f.Record, id))
	}
	err = a.Sealed.Unseal(ctx, file, func(f Filed) error {
		if err := f.sound(); err != nil {
			return err
		}
		if want[f.Record.ID] != f.Record.Head {
			return fmt.Errorf("%s in it is another", f.Record.ID)
		}
		delete(want, f.Record.ID)
		return nil
	})
	if err == nil && len(want) > 0 {
		err = fmt.Errorf("%d requests are not in it", len(want))
	}
	if err != nil {
		return file, nil, fmt.Errorf("read %s back: %w", id, err)
	}
	return file, lines, nil
}

// sound fails for a record that is not the fold of its trail, or a trail that does not hold.
func (f Filed) sound() error {
	if n := core.Verify(f.Events); n != 0 || len(f.Events) == 0 {
		return fmt.Errorf("the trail of %s does not hold at its event %d", core.Plain(f.Record.ID), n)
	}
	if last := f.Events[len(f.Events)-1]; last.Record != f.Record.ID || last.Seq != f.Record.Seq || last.Hash != f.Record.Head {
		return fmt.Errorf("the trail of %s is another's, or goes on", core.Plain(f.Record.ID))
	}
	return nil
}

// step commits an act of SIDEM's on an archive.
func (a *Archiving) step(ctx context.Context, before core.Record, id string, v core.Verb, fields map[core.Field]string, files []core.Attachment, now time.Time) (core.Record, error) {
	after, e := core.ArchiveStep(before, id, v, fields, files, nil, now)
	err := a.Ledger.Commit(ctx, desk.Commit{Expect: before.Seq, Record: after, Events: []core.Event{e}, Now: now})
	if err != nil {
		return core.Record{}, fmt.Errorf("%s %s: %w", v, id, err)
	}
	return after, nil
}

// shelve puts the lines of what is in a sealed archive on the shelf, takes the requests out of
// the store, and commits that they left.
func (a *Archiving) shelve(ctx context.Context, r core.Record, now time.Time) error {
	file, ok := r.Sealed()
	if !ok {
		return errors.New("it names no file")
	}
	var (
		lines  []shelf.Line
		leaves []checkpoint.Pruned
		leave  []desk.Expectation
	)
	err := a.Sealed.Unseal(ctx, file, func(f Filed) error {
		if err := f.sound(); err != nil {
			return err
		}
		lines = append(lines, shelf.LineOf(f.Record, r.ID))
		leave = append(leave, desk.Expectation{Record: f.Record.ID, Seq: f.Record.Seq})
		for _, e := range f.Events {
			leaves = append(leaves, checkpoint.LeafOf(e))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if shelf.DigestOf(lines).String() != r.Fields[core.FieldDigest] {
		return errors.New("its file holds other requests than the trail says")
	}
	board := desk.Shelf{Sessions: a.Sessions, Now: now}
	if err := desk.MarkArchiving(ctx, board); err != nil {
		return err
	}
	if err := board.Add(ctx, lines, leaves); err != nil {
		return err
	}
	if err := a.clear(ctx, board, r, lines); err != nil {
		return err
	}
	// Whoever has read the shelf before reads it anew from here on.
	if err := desk.MarkArchiving(ctx, board); err != nil {
		return err
	}
	gone := 0
	for part := range slices.Chunk(leave, takeBatch) {
		n, err := a.Vault.Take(ctx, part...)
		if err != nil {
			return err
		}
		gone += n
	}
	if err := desk.MarkArchiving(ctx, board); err != nil {
		return err
	}
	if _, err = a.step(ctx, r, r.ID, core.VerbShelve, nil, nil, now); err != nil && !errors.Is(err, desk.ErrConflict) {
		return err
	}
	a.Log.InfoContext(ctx, "requests left the store for an archive", "archive", r.ID, "requests", len(lines), "left", gone, "sha256", file.Hash)
	return nil
}

// clear takes the lines off the shelf of requests that were in an archive and are not any more.
func (a *Archiving) clear(ctx context.Context, board desk.Shelf, r core.Record, lines []shelf.Line) error {
	if !r.Did(core.VerbReseal) {
		return nil
	}
	in := map[string]bool{}
	for _, l := range lines {
		in[l.ID] = true
	}
	var stale []shelf.Line
	for page, err := range board.Lines(ctx) {
		if err != nil {
			return err
		}
		for _, l := range page {
			if l.Archive == r.ID && !in[l.ID] {
				stale = append(stale, l)
			}
		}
	}
	return board.Drop(ctx, r.ID, stale)
}
