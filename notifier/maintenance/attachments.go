// Package maintenance looks after what SIDEM keeps: each of its works is a tick that one
// replica runs, takes what there is a page at a time, and goes on where it stopped.
package maintenance

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"regexp"
	"slices"
	"sort"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

const (
	// keptFor is how long a file that nothing names lies where it was put, and again
	// where it was set aside: an upload is attached within seconds, or held by a form.
	keptFor = 24 * time.Hour
	page    = 500
)

// Shelf is where a store of files keeps one.
type Shelf bool

// The shelves: what is taken out for use, and what was set aside to be removed.
const (
	InUse Shelf = false
	Aside Shelf = true
)

// Blob is a file as its store knows it: since when it lies on its shelf, by the clock of
// the store.
type Blob struct {
	Hash  string // SHA-256 of the content, hex
	Since time.Time
}

// Files are attachments by their content address.
type Files interface {
	// List gives at most limit files on a shelf whose hashes follow after, in order. Its
	// error, and those of the others, are fs.ErrPermission where SIDEM may not do that.
	List(ctx context.Context, shelf Shelf, after string, limit int) ([]Blob, error)
	// Move puts a file on a shelf; fs.ErrNotExist. What was set aside is still found.
	Move(ctx context.Context, hash string, to Shelf) error
	// Remove deletes what was set aside.
	Remove(ctx context.Context, hash string) error
}

// Attachments removes what was uploaded and never attached.
//
// A file that neither the trail nor a form names is set aside once it is a day old, and
// removed when it has lain there for another: between, it is found as before, and comes
// back if it is named by then. So nothing is lost to a race with whoever puts the same
// content anew or attaches it meanwhile: a new upload is young, and what was attached
// before a file was set aside is known a day later.
type Attachments struct {
	Trail    desk.Log
	Sessions desk.Sessions
	Files    Files
	// Archives are those that requests left for: what is in them is named too.
	Archives Sealed
	// Drafts are how the keys begin under which the sessions hold forms.
	Drafts []string
	// Now is the clock of the files: the machine's, not the office's.
	Now func() time.Time
	Log *slog.Logger
}

// Sweep does the work of a day; now is the office's. Where files may not be listed or
// removed that is told in the log, and they stay.
func (a *Attachments) Sweep(ctx context.Context, now time.Time) error {
	err := a.sweep(ctx, now)
	if errors.Is(err, fs.ErrPermission) {
		a.Log.WarnContext(ctx, "attachments that nothing names stay: they may not be listed, moved or removed", "err", err)
		return nil
	}
	return err
}

func (a *Attachments) sweep(ctx context.Context, now time.Time) error {
	// Forms before the trail: what a form held and holds no more was attached before it
	// was read, and so is in the trail that is read after. Twice, since a form moves from
	// one key to another.
	held := map[string]bool{}
	for range 2 {
		if err := a.readDrafts(ctx, now, held); err != nil {
			return err
		}
	}
	n := &named{sessions: a.Sessions, archives: a.Archives, now: now}
	if err := n.learn(ctx, a.Trail); err != nil {
		return err
	}
	var removed, restored, aside int
	err := a.each(ctx, Aside, func(b Blob) error {
		is, err := n.has(ctx, b.Hash)
		switch {
		case err != nil:
			return err
		case is || held[b.Hash]:
			restored++
			return a.Files.Move(ctx, b.Hash, InUse)
		case a.Now().Sub(b.Since) > keptFor:
			removed++
			return a.Files.Remove(ctx, b.Hash)
		}
		return nil
	})
	if err == nil {
		err = a.each(ctx, InUse, func(b Blob) error {
			if held[b.Hash] || a.Now().Sub(b.Since) <= keptFor {
				return nil
			}
			is, err := n.has(ctx, b.Hash)
			if is || err != nil {
				return err
			}
			aside++
			return a.Files.Move(ctx, b.Hash, Aside)
		})
	}
	if err == nil || removed+restored+aside > 0 {
		a.Log.InfoContext(ctx, "attachments that nothing names", "set_aside", aside, "removed", removed, "restored", restored)
	}
	return err
}

// each calls do with the files of a shelf. One that is gone meanwhile is passed over.
func (a *Attachments) each(ctx context.Context, shelf Shelf, do func(Blob) error) error {
	for after := ""; ; {
		blobs, err := a.Files.List(ctx, shelf, after, page)
		if err != nil {
			return fmt.Errorf("attachments: %w", err)
		}
		for _, b := range blobs {
			if err := do(b); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("attachments: %w", err)
			}
			after = b.Hash
		}
		if len(blobs) < page {
			return nil
		}
	}
}

// address is how a hash stands in what a session holds, whatever else does.
var address = regexp.MustCompile(`[0-9a-f]{64}`)

// readDrafts adds the files that unfinished forms hold.
func (a *Attachments) readDrafts(ctx context.Context, now time.Time, held map[string]bool) error {
	for _, prefix := range a.Drafts {
		for after := ""; ; {
			keys, err := a.Sessions.Keys(ctx, prefix, after, page, now)
			if err != nil {
				return fmt.Errorf("attachments: list the forms: %w", err)
			}
			for _, key := range keys {
				body, _, err := a.Sessions.Get(ctx, key, now)
				if err != nil && !errors.Is(err, desk.ErrNotFound) {
					return fmt.Errorf("attachments: read a form: %w", err)
				}
				for _, hash := range address.FindAll(body, -1) {
					held[string(hash)] = true
				}
				after = key
			}
			if len(keys) < page {
				break
			}
		}
	}
	return nil
}

// named is the set of the files that the trail names. It is kept among the sessions, and
// only what the trail has since is read: in 256 parts by the first byte of the hash, each
// the next eight bytes of its hashes, in order. Two that agree in nine bytes are taken
// for one, and spare each other.
type named struct {
	archives Sealed
	sessions desk.Sessions
	now      time.Time
	loaded   string // the part that is at hand
	part     []byte
}

const (
	cursorKey = "attachments:read"
	partKey   = "attachments:named:"
	width     = 8
)

// cursor is up to where the trail was read: the index of an event, and its hash.
type cursor struct {
	Index int    `json:"index"`
	Hash  string `json:"hash"`
}

// Relearn has the trail read from its beginning at the next sweep: it names fewer files
// than before.
func Relearn(ctx context.Context, sessions desk.Sessions) error {
	keys := []string{cursorKey}
	for part := range 256 {
		keys = append(keys, partKey+hex.EncodeToString([]byte{byte(part)}))
	}
	for _, key := range keys {
		if err := sessions.Delete(ctx, key); err != nil {
			return fmt.Errorf("attachments: forget what the trail named: %w", err)
		}
	}
	return nil
}

// learn adds what the trail names since it was last read. The set is written before the
// cursor: what is read twice adds nothing.
func (n *named) learn(ctx context.Context, trail desk.Log) error {
	var at cursor
	body, rev, err := n.sessions.Get(ctx, cursorKey, n.now)
	if err == nil {
		err = json.Unmarshal(body, &at)
	}
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return fmt.Errorf("attachments: where the trail was read to: %w", err)
	}
	if at.Index > 0 { // another trail, after a restore, is read from its beginning
		last, err := trail.Log(ctx, at.Index-1, 1)
		if err != nil {
			return fmt.Errorf("attachments: read the trail: %w", err)
		}
		if len(last) == 0 || last[0].Index != at.Index || last[0].Hash != at.Hash {
			at = cursor{}
		}
	}
	fresh := map[string][]byte{}
	for e, err := range desk.Events(ctx, trail, at.Index) {
		if err != nil {
			return fmt.Errorf("attachments: %w", err)
		}
		addFiles(fresh, e)
		if err := n.archived(ctx, fresh, e); err != nil {
			return err
		}
		if at = (cursor{e.Index, e.Hash}); e.Index%(20*page) == 0 {
			if rev, err = n.save(ctx, fresh, at, rev); err != nil {
				return err
			}
			clear(fresh)
		}
	}
	_, err = n.save(ctx, fresh, at, rev)
	return err
}

// archived adds what the requests in an archive name, which are in the trail no more. Where its
// file cannot be read nothing is removed. One that was replaced meanwhile is not there: the
// event that replaced it comes later.
func (n *named) archived(ctx context.Context, fresh map[string][]byte, e core.Event) error {
	if e.Kind != core.KindArchive || n.archives == nil {
		return nil
	}
	for _, file := range e.Files {
		err := n.archives.Unseal(ctx, file, func(f Filed) error {
			for _, e := range f.Events {
				addFiles(fresh, e)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("attachments: what the archive %s names: %w", e.Record, err)
		}
	}
	return nil
}

func addFiles(to map[string][]byte, e core.Event) {
	for _, f := range e.Files {
		if raw, err := hex.DecodeString(f.Hash); err == nil && len(raw) > width {
			part := f.Hash[:2]
			to[part] = append(to[part], raw[1:1+width]...)
		}
	}
}

// save writes what was learned, and up to where.
func (n *named) save(ctx context.Context, fresh map[string][]byte, at cursor, rev int) (int, error) {
	for part, more := range fresh {
		if err := n.merge(ctx, part, more); err != nil {
			return 0, fmt.Errorf("attachments: keep what the trail names: %w", err)
		}
	}
	body, err := json.Marshal(at)
	if err != nil {
		return 0, fmt.Errorf("attachments: %w", err)
	}
	next, err := n.sessions.Put(ctx, cursorKey, body, rev, n.now, time.Time{})
	if errors.Is(err, desk.ErrConflict) { // another replica writes the same
		_, next, err = n.sessions.Get(ctx, cursorKey, n.now)
	}
	if err != nil {
		return 0, fmt.Errorf("attachments: keep where the trail was read to: %w", err)
	}
	return next, nil
}

// merge adds marks to a part.
func (n *named) merge(ctx context.Context, part string, more []byte) error {
	n.loaded = ""
	for {
		body, rev, err := n.sessions.Get(ctx, partKey+part, n.now)
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return err
		}
		marks := slices.SortedFunc(slices.Chunk(slices.Concat(body, more), width), bytes.Compare)
		merged := slices.Concat(slices.CompactFunc(marks, bytes.Equal)...)
		if bytes.Equal(merged, body) {
			return nil
		}
		if _, err = n.sessions.Put(ctx, partKey+part, merged, rev, n.now, time.Time{}); !errors.Is(err, desk.ErrConflict) {
			return err
		}
	}
}

// has reports whether the trail names a file.
func (n *named) has(ctx context.Context, hash string) (bool, error) {
	raw, err := hex.DecodeString(hash)
	if err != nil || len(raw) <= width {
		return true, nil // none of ours
	}
	if part := hash[:2]; part != n.loaded {
		body, _, err := n.sessions.Get(ctx, partKey+part, n.now)
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return false, fmt.Errorf("attachments: read what the trail names: %w", err)
		}
		n.loaded, n.part = part, body
	}
	_, found := sort.Find(len(n.part)/width, func(i int) int { return bytes.Compare(raw[1:1+width], n.part[i*width:(i+1)*width]) })
	return found, nil
}
