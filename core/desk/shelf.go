package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/checkpoint"
	"sidem.gob.mx/sidem/core/shelf"
)

// Shelf is what stays of requests that were archived, as the sessions of a store keep it.
// Whatever it does may be repeated: a page that has something is not changed by it.
type Shelf struct {
	Sessions Sessions
	Now      time.Time

	read *pages // what was read and holds still; nil keeps nothing
	run  int    // of the archiving as of which it is read
}

// put changes a page, whoever else does; a page of which nothing is left is deleted.
func (s Shelf) put(ctx context.Context, key string, change func(page []byte) ([]byte, error)) error {
	for range maxRounds {
		page, rev, err := s.Sessions.Get(ctx, key, s.Now)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return fmt.Errorf("shelf: read %s: %w", key, err)
		}
		after, err := change(page)
		switch {
		case err != nil:
			return fmt.Errorf("shelf: %s: %w", key, err)
		case string(after) == string(page):
			return nil
		case len(after) == 0:
			err = s.Sessions.Delete(ctx, key)
		default:
			_, err = s.Sessions.Put(ctx, key, after, rev, s.Now, time.Time{})
		}
		if err == nil {
			return nil
		}
		if !errors.Is(err, ErrConflict) {
			return fmt.Errorf("shelf: write %s: %w", key, err)
		}
	}
	return fmt.Errorf("shelf: write %s: no peace after %d rounds: %w", key, maxRounds, ErrConflict)
}

// Add puts lines on the shelf, and the leaves of the events of their requests.
func (s Shelf) Add(ctx context.Context, lines []shelf.Line, leaves []checkpoint.Pruned) error {
	pages, ids := map[string][]shelf.Line{}, map[string][]shelf.Line{}
	for _, l := range lines {
		year, serial, ok := shelf.Place(l.Number)
		if !ok {
			return fmt.Errorf("shelf: request %s has no number", l.ID)
		}
		key := shelf.LinesKey(year, serial)
		pages[key] = append(pages[key], l)
		key = shelf.IDsKey(l.ID, year, serial)
		ids[key] = append(ids[key], l)
	}
	blocks := map[string][]checkpoint.Pruned{}
	for _, leaf := range leaves {
		key := checkpoint.BlockKey(checkpoint.Block(leaf.From()))
		blocks[key] = append(blocks[key], leaf)
	}
	// The lines come last: whoever finds one finds the rest of it too.
	for _, key := range slices.Sorted(maps.Keys(blocks)) {
		err := s.put(ctx, key, func(page []byte) ([]byte, error) {
			parts, err := checkpoint.UnpackParts(page)
			if err != nil {
				return nil, err
			}
			if parts, err = checkpoint.Prune(parts, blocks[key]); err != nil {
				return nil, err
			}
			return checkpoint.PackParts(parts), nil
		})
		if err != nil {
			return err
		}
	}
	if err := s.words(ctx, lines, nil); err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(ids)) {
		if err := s.put(ctx, key, func(page []byte) ([]byte, error) { return shelf.AddIDs(page, ids[key]) }); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(pages)) {
		if err := s.put(ctx, key, func(page []byte) ([]byte, error) { return shelf.AddLines(page, pages[key]) }); err != nil {
			return err
		}
	}
	return nil
}

// Drop takes the lines of requests in an archive off the shelf. The leaves of their events stay.
func (s Shelf) Drop(ctx context.Context, archive string, lines []shelf.Line) error {
	pages := map[string]map[string]bool{}
	for _, l := range lines {
		year, serial, ok := shelf.Place(l.Number)
		if !ok {
			continue
		}
		key := shelf.LinesKey(year, serial)
		if pages[key] == nil {
			pages[key] = map[string]bool{}
		}
		pages[key][l.ID] = true
	}
	for _, key := range slices.Sorted(maps.Keys(pages)) {
		if err := s.put(ctx, key, func(page []byte) ([]byte, error) { return shelf.DropLines(page, archive, pages[key]) }); err != nil {
			return err
		}
	}
	return s.words(ctx, nil, lines)
}

// words changes the lists in which lines stand.
func (s Shelf) words(ctx context.Context, add, drop []shelf.Line) error {
	type change struct{ add, drop map[string][]int }
	changes := map[string]*change{}
	of := func(l shelf.Line, each func(c *change, term string, serial int)) {
		year, serial, _ := shelf.Place(l.Number)
		for _, term := range l.Terms() {
			key := shelf.WordsKey(term, year, serial)
			if changes[key] == nil {
				changes[key] = &change{map[string][]int{}, map[string][]int{}}
			}
			each(changes[key], term, serial)
		}
	}
	for _, l := range add {
		of(l, func(c *change, term string, n int) { c.add[term] = append(c.add[term], n) })
	}
	for _, l := range drop {
		of(l, func(c *change, term string, n int) { c.drop[term] = append(c.drop[term], n) })
	}
	for _, key := range slices.Sorted(maps.Keys(changes)) {
		c := changes[key]
		if err := s.put(ctx, key, func(page []byte) ([]byte, error) { return shelf.ChangeWords(page, c.add, c.drop) }); err != nil {
			return err
		}
	}
	return nil
}

// page reads a page; an absent one is nil.
func (s Shelf) page(ctx context.Context, key string) ([]byte, error) {
	page, _, err := s.Sessions.Get(ctx, key, s.Now)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("shelf: read %s: %w", key, err)
	}
	return page, nil
}

// at are the lines of a number, as a page that is kept has them: of one that was archived
// twice the later is the last. They are not to be changed.
func (s Shelf) at(ctx context.Context, year, serial int) ([]shelf.Line, error) {
	lines, err := s.lines(ctx, shelf.LinesKey(year, serial))
	if err != nil {
		return nil, err
	}
	return shelf.At(lines, year, serial), nil
}

// ByNumber is the line of a number; ErrNotFound. Of one that was archived twice it is the later.
func (s Shelf) ByNumber(ctx context.Context, number string) (shelf.Line, error) {
	year, serial, ok := shelf.Place(number)
	if !ok {
		return shelf.Line{}, ErrNotFound
	}
	all, err := s.at(ctx, year, serial)
	if err == nil && len(all) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return shelf.Line{}, err
	}
	return all[len(all)-1], nil
}

// ByID is the line of the request with an id; ErrNotFound.
func (s Shelf) ByID(ctx context.Context, id string) (shelf.Line, error) {
	var numbers []string
	for _, prefix := range shelf.IDsOf(id) {
		page, err := s.ids(ctx, prefix)
		if err != nil {
			return shelf.Line{}, err
		}
		numbers = append(numbers, shelf.Numbers(page, id)...)
	}
	for _, number := range slices.Backward(numbers) {
		year, serial, _ := shelf.Place(number)
		lines, err := s.at(ctx, year, serial)
		if err != nil {
			return shelf.Line{}, err
		}
		for _, l := range slices.Backward(lines) {
			if l.ID == id {
				return l, nil
			}
		}
	}
	return shelf.Line{}, ErrNotFound
}

// maxOnShelf bounds how many lines of the shelf a search or a list reads: the newest.
const maxOnShelf = 40

// places are where the requests of a term are, as the pages of its words have them by the
// year and the term: those of the first numbers of each year, and those of later ones.
type places struct {
	term  string
	pages [2]map[int]map[string][]int
}

func (s Shelf) places(ctx context.Context, term string) (p places, err error) {
	p.term = term
	for i, prefix := range shelf.WordsOf(term) {
		if p.pages[i], err = s.lists(ctx, prefix); err != nil {
			return p, err
		}
	}
	return p, nil
}

// in are the places in a year: those of the first numbers, and those of later ones.
func (p places) in(year int) (early, late []int) {
	return p.pages[0][year][p.term], p.pages[1][year][p.term]
}

// count is how many requests have the term.
func (p places) count() (n int) {
	for _, page := range p.pages {
		for _, lists := range page {
			n += len(lists[p.term])
		}
	}
	return n
}

// years are those in which a request has the term, the latest first.
func (p places) years() (out []int) {
	for _, page := range p.pages {
		for year, lists := range page {
			if len(lists[p.term]) > 0 {
				out = append(out, year)
			}
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return slices.Compact(out)
}

// has reports whether the request at a place has the term.
func (p places) has(year, n int) bool {
	early, late := p.in(year)
	_, is := slices.BinarySearch(early, n)
	if !is {
		_, is = slices.BinarySearch(late, n)
	}
	return is
}

// latest are the places of the requests that have all of some terms, from the highest number of
// the latest year down. It walks the places of the first term as far as they are asked for.
func latest(all []places) iter.Seq2[int, int] {
	return func(yield func(year, serial int) bool) {
		first, others := all[0], all[1:]
		for _, year := range first.years() {
			early, late := first.in(year)
			for _, list := range [][]int{late, early} {
				for _, n := range slices.Backward(list) {
					if slices.ContainsFunc(others, func(p places) bool { return !p.has(year, n) }) {
						continue
					}
					if !yield(year, n) {
						return
					}
				}
			}
		}
	}
}

// Standing are the lines that stand in all the lists of terms, those of the latest numbers
// first, of at most limit numbers; more is true where there are others.
func (s Shelf) Standing(ctx context.Context, terms []string, limit int) (out []*shelf.Line, more bool, err error) {
	all := make([]places, len(terms))
	for i, term := range terms {
		if all[i], err = s.places(ctx, term); err != nil {
			return nil, false, err
		}
	}
	slices.SortFunc(all, func(a, b places) int { return cmp.Compare(a.count(), b.count()) })
	var page []shelf.Line
	var inYear, inPage int // where page is from
	for year, serial := range latest(all) {
		if limit--; limit < 0 {
			return out, true, nil
		}
		if year != inYear || !shelf.SamePage(serial, inPage) {
			if page, err = s.lines(ctx, shelf.LinesKey(year, serial)); err != nil {
				return nil, false, err
			}
			inYear, inPage = year, serial
		}
		lines := shelf.At(page, year, serial)
		for i := range lines {
			if i+1 < len(lines) && lines[i+1].ID == lines[i].ID { // archived twice
				continue
			}
			out = append(out, &lines[i])
		}
	}
	return out, false, nil
}

// Lines are all the lines, page by page, in the order of their numbers.
func (s Shelf) Lines(ctx context.Context) iter.Seq2[[]shelf.Line, error] {
	return s.Years(ctx, 0, 9999)
}

// Years are the lines of the numbers of some years.
func (s Shelf) Years(ctx context.Context, from, to int) iter.Seq2[[]shelf.Line, error] {
	const part = 200
	return func(yield func([]shelf.Line, error) bool) {
		for after, until := lineYears(from, to); ; {
			keys, err := s.Sessions.Keys(ctx, shelf.LinesPrefix, after, part, s.Now)
			if err != nil {
				yield(nil, fmt.Errorf("shelf: list the pages: %w", err))
				return
			}
			for _, key := range keys {
				if after = key; key > until {
					return
				}
				page, err := s.page(ctx, key)
				var lines []shelf.Line
				if err == nil {
					lines, err = shelf.Lines(page)
				}
				if !yield(lines, err) || err != nil {
					return
				}
			}
			if len(keys) < part {
				return
			}
		}
	}
}

// Parts are the parts of the trail of which the events were archived, in order.
func (s Shelf) Parts(ctx context.Context) (out []checkpoint.Pruned, err error) {
	pages, err := s.Sessions.Values(ctx, []string{checkpoint.BlockPrefix}, s.Now)
	if err != nil {
		return nil, fmt.Errorf("shelf: read the tree: %w", err)
	}
	for _, key := range slices.Sorted(maps.Keys(pages)) {
		parts, err := checkpoint.UnpackParts(pages[key])
		if err != nil {
			return nil, err
		}
		out = append(out, parts...)
	}
	return out, nil
}

// shelf is that of the desk, as of now; ok is false where nothing was archived ever.
func (d *Desk) shelf(ctx context.Context) (s Shelf, ok bool, err error) {
	run, err := d.archivings(ctx)
	return Shelf{Sessions: d.Sessions, Now: d.now(), read: &d.pages, run: run}, run > 0, err
}

// OnShelf is a request that was archived, by its id, as a record of which Archived holds;
// ErrNotFound where there is none that the actor may see.
func (d *Desk) OnShelf(ctx context.Context, actor core.Actor, id string) (core.Record, error) {
	s, ok, err := d.shelf(ctx)
	if err == nil && !ok {
		err = ErrNotFound
	}
	if err != nil {
		return core.Record{}, err
	}
	l, err := s.ByID(ctx, id)
	if err != nil {
		return core.Record{}, err
	}
	r := l.Record()
	if !actor.Sees(r, d.now()) {
		return core.Record{}, ErrNotFound
	}
	return r, nil
}

// onShelf is a request that was archived, by its number; ErrNotFound.
func (d *Desk) onShelf(ctx context.Context, number string) (core.Record, error) {
	s, ok, err := d.shelf(ctx)
	if err == nil && !ok {
		err = ErrNotFound
	}
	if err != nil {
		return core.Record{}, err
	}
	l, err := s.ByNumber(ctx, number)
	if err != nil {
		return core.Record{}, err
	}
	return l.Record(), nil
}

// archivedOf are the requests on the shelf that words mean within a reach, as Search reads
// them: by their subject, and by the name of an agency or of a person. One that came back is
// among them still.
func (q *query) archivedOf(ctx context.Context, s Shelf, reach core.Reach, words []string) ([]*shelf.Line, error) {
	within := limits(reach)
	if reach.Agency != "" {
		within = []string{core.TermAgency(core.KindRequest, reach.Agency)}
	}
	var subject, names []string
	for _, w := range words {
		found, err := s.places(ctx, core.TermWord(w))
		switch {
		case err != nil:
			return nil, err
		case found.count() == 0:
			names = append(names, w)
		default:
			subject = append(subject, core.TermWord(w))
		}
	}
	var lists [][]string
	if len(names) == 0 {
		lists, names, subject = append(lists, slices.Concat(subject, within)), words, nil
	}
	for _, kind := range []core.Kind{core.KindAgency, core.KindAccount} {
		whose, err := q.whose(ctx, kind, names)
		if err != nil {
			return nil, err
		}
		for _, who := range whose {
			lists = append(lists, slices.Concat([]string{who}, subject, within))
		}
	}
	var out []*shelf.Line
	for _, terms := range lists {
		lines, more, err := s.Standing(ctx, terms, maxOnShelf)
		if err != nil {
			return nil, err
		}
		q.many = q.many || more
		out = append(out, lines...)
	}
	return out, nil
}
