package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	"sidem.gob.mx/sidem/core/shelf"
)

// pages are what was read of the shelf, unpacked. They hold as long as nothing leaves the
// store and nothing comes back, which each reader asks first (archiveRun): what people wait for
// does not grow with the years on the shelf.
type pages struct {
	mu     sync.Mutex
	run    int
	known  map[string]any
	weight int
}

// maxPages bounds what is kept, in bytes as the store has them. Unpacked they are some ten
// times as much.
const maxPages = 4 << 20

// kept is what is known of a key, or what read gives and its bytes in the store.
func kept[T any](s Shelf, key string, read func() (T, int, error)) (T, error) {
	if s.read == nil {
		v, _, err := read()
		return v, err
	}
	if v, ok := s.read.get(s.run, key).(T); ok {
		return v, nil
	}
	v, size, err := read()
	if err == nil {
		s.read.put(s.run, key, v, size)
	}
	return v, err
}

func (p *pages) get(run int, key string) any {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run != run {
		return nil
	}
	return p.known[key]
}

// put keeps what was read as of a run. Where there is too much it begins anew.
func (p *pages) put(run int, key string, v any, size int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if run < p.run { // it was read before what is known
		return
	}
	if run > p.run || p.weight+size > maxPages || p.known == nil {
		p.run, p.known, p.weight = run, map[string]any{}, 0
	}
	if _, again := p.known[key]; !again {
		p.weight += size
	}
	p.known[key] = v
}

// lines are those of a page.
func (s Shelf) lines(ctx context.Context, key string) ([]shelf.Line, error) {
	return kept(s, key, func() ([]shelf.Line, int, error) {
		page, err := s.page(ctx, key)
		if err != nil {
			return nil, 0, err
		}
		lines, err := shelf.Lines(page)
		return lines, len(page), err
	})
}

// lists are those of the pages of words that begin with a prefix, by the year.
func (s Shelf) lists(ctx context.Context, prefix string) (map[int]map[string][]int, error) {
	return kept(s, prefix, func() (map[int]map[string][]int, int, error) {
		pages, err := s.Sessions.Values(ctx, []string{prefix}, s.Now)
		if err != nil {
			return nil, 0, fmt.Errorf("shelf: read the words: %w", err)
		}
		out, size := map[int]map[string][]int{}, 0
		for key, page := range pages {
			year, err := strconv.Atoi(key[len(prefix):])
			if err != nil {
				return nil, 0, fmt.Errorf("%w: %s", shelf.ErrPage, key)
			}
			if out[year], err = shelf.Words(page); err != nil {
				return nil, 0, err
			}
			size += len(page)
		}
		return out, size, nil
	})
}

// ids are the pages of ids that begin with a prefix, as one.
func (s Shelf) ids(ctx context.Context, prefix string) ([]byte, error) {
	return kept(s, prefix, func() ([]byte, int, error) {
		pages, err := s.Sessions.Values(ctx, []string{prefix}, s.Now)
		if err != nil {
			return nil, 0, fmt.Errorf("shelf: read the ids: %w", err)
		}
		var out []byte
		for _, key := range slices.Sorted(maps.Keys(pages)) {
			out = append(out, pages[key]...)
		}
		return out, len(out), nil
	})
}
