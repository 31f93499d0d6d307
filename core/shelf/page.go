package shelf

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"slices"
	"strconv"
)

// Prefix is how the keys of all pages begin.
const Prefix = "shelf:"

// The families of pages. A page of lines holds those of linesInPage numbers. The words and the
// ids of the first numbers of a year have one page each, which is all that a small office ever
// has; those of later numbers are parted, the words by the word and the year, the ids by the
// id, so that a page has a few kilobytes however many there are.
const (
	linesPrefix = Prefix + "n:"
	wordsPrefix = Prefix + "w:"
	idsPrefix   = Prefix + "i:"
	first       = "first:"

	linesInPage  = 128
	firstNumbers = 1_024
	wordPages    = 64
	idPages      = 256
	// maxPage bounds what a page may hold unpacked.
	maxPage = 64 << 20
)

// ErrPage says that a page is none of ours.
var ErrPage = errors.New("shelf: a page is damaged")

// LinesKey is the page of the line of a number.
func LinesKey(year, serial int) string {
	return fmt.Sprintf("%s%04d:%06d", linesPrefix, year, serial/linesInPage)
}

// SamePage reports whether the lines of two numbers of a year are in one page.
func SamePage(serial, other int) bool { return serial/linesInPage == other/linesInPage }

// LinesPrefix is how the pages of all lines begin.
const LinesPrefix = linesPrefix

// WordsKey is the page of a term of the request with a number.
func WordsKey(term string, year, serial int) string {
	if serial < firstNumbers {
		return WordsOf(term)[0] + strconv.Itoa(year)
	}
	return WordsOf(term)[1] + strconv.Itoa(year)
}

// WordsOf is how the keys of the pages begin in which a term may be; what follows is the year.
// Numbers in the pages of the first are lower than those in the pages of the second.
func WordsOf(term string) [2]string {
	return [2]string{wordsPrefix + first, fmt.Sprintf("%s%02x:", wordsPrefix, mark(term)%wordPages)}
}

// IDsKey is the page of the id of the request with a number.
func IDsKey(id string, year, serial int) string {
	if serial < firstNumbers {
		return IDsOf(id)[0] + strconv.Itoa(year)
	}
	return IDsOf(id)[1]
}

// IDsOf is how the keys of the pages begin in which an id may be.
func IDsOf(id string) [2]string {
	return [2]string{idsPrefix + first, fmt.Sprintf("%s%02x", idsPrefix, mark(id)%idPages)}
}

// mark is a short name of a text; two may have one.
func mark(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // a hash takes all
	return h.Sum64()
}

// pack and unpack compress what a page holds.
func pack(body []byte) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err == nil {
		_, err = w.Write(body)
	}
	if err = errors.Join(err, w.Close()); err != nil { // memory takes all
		panic(fmt.Sprintf("shelf: %v", err))
	}
	return out.Bytes()
}

func unpack(page []byte) ([]byte, error) {
	if len(page) == 0 {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(page)), maxPage+1))
	if err != nil || len(body) > maxPage {
		return nil, fmt.Errorf("%w: %w", ErrPage, err)
	}
	return body, nil
}

// Lines are those of a page; an absent one has none.
func Lines(page []byte) (out []Line, err error) {
	body, err := unpack(page)
	if err == nil && len(body) > 0 {
		err = json.Unmarshal(body, &out)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPage, err)
	}
	return out, nil
}

// AddLines is a page with lines. One that came back, and was archived anew, has one line of
// each archive.
func AddLines(page []byte, more []Line) ([]byte, error) {
	lines, err := Lines(page)
	if err != nil {
		return nil, err
	}
	return packLines(append(slices.DeleteFunc(lines, func(l Line) bool {
		return slices.ContainsFunc(more, l.isOf)
	}), more...)), nil
}

// isOf reports whether two lines are of one request in one archive.
func (l Line) isOf(o Line) bool { return l.ID == o.ID && l.Archive == o.Archive }

// DropLines is a page without the lines of some requests in an archive; nil where none are left.
func DropLines(page []byte, archive string, ids map[string]bool) ([]byte, error) {
	lines, err := Lines(page)
	if err != nil {
		return nil, err
	}
	left := slices.DeleteFunc(lines, func(l Line) bool { return l.Archive == archive && ids[l.ID] })
	if len(left) == 0 {
		return nil, nil
	}
	return packLines(left), nil
}

func packLines(lines []Line) []byte {
	slices.SortFunc(lines, Line.Compare)
	body, err := json.Marshal(lines)
	if err != nil { // lines hold plain values only
		panic(fmt.Sprintf("shelf: a line that cannot be encoded: %v", err))
	}
	return pack(body)
}

// Words are the lists of a page: of each term the places in the year of the requests that
// stand in it, in order.
func Words(page []byte) (map[string][]int, error) {
	body, err := unpack(page)
	if err != nil {
		return nil, err
	}
	out := map[string][]int{}
	for len(body) > 0 {
		size, n := binary.Uvarint(body)
		if n <= 0 || size > uint64(len(body)-n) {
			return nil, ErrPage
		}
		term := string(body[n : n+int(size)])
		body = body[n+int(size):]
		count, n := binary.Uvarint(body)
		if n <= 0 || count > uint64(len(body)-n) {
			return nil, ErrPage
		}
		body = body[n:]
		list, last := make([]int, 0, count), 0
		for range count {
			step, n := binary.Uvarint(body)
			if n <= 0 || step > 1<<32 {
				return nil, ErrPage
			}
			last, body = last+int(step), body[n:]
			list = append(list, last)
		}
		out[term] = list
	}
	return out, nil
}

// ChangeWords is a page with places added to its lists, and places dropped from them; nil
// where nothing is left.
func ChangeWords(page []byte, add, drop map[string][]int) ([]byte, error) {
	lists, err := Words(page)
	if err != nil {
		return nil, err
	}
	for term, places := range add {
		lists[term] = append(lists[term], places...)
	}
	for term, places := range drop {
		lists[term] = slices.DeleteFunc(lists[term], func(n int) bool { return slices.Contains(places, n) })
	}
	var body []byte
	for _, term := range slices.Sorted(maps.Keys(lists)) {
		places := slices.Compact(slices.Sorted(slices.Values(lists[term])))
		if len(places) == 0 {
			continue
		}
		body = append(binary.AppendUvarint(body, uint64(len(term))), term...)
		body = binary.AppendUvarint(body, uint64(len(places)))
		last := 0
		for _, n := range places {
			body, last = binary.AppendUvarint(body, uint64(n-last)), n
		}
	}
	if len(body) == 0 {
		return nil, nil
	}
	return pack(body), nil
}

// idWidth is that of an id in its page: its mark, the year and the place of its number.
const idWidth = 8 + 2 + 4

// AddIDs is a page of ids with those of lines.
func AddIDs(page []byte, more []Line) ([]byte, error) {
	if len(page)%idWidth != 0 {
		return nil, ErrPage
	}
	body := slices.Clone(page)
	for _, l := range more {
		year, serial, ok := Place(l.Number)
		if !ok {
			return nil, fmt.Errorf("shelf: %q is no number", l.Number)
		}
		body = binary.BigEndian.AppendUint64(body, mark(l.ID))
		body = binary.BigEndian.AppendUint16(body, uint16(year))
		body = binary.BigEndian.AppendUint32(body, uint32(serial))
	}
	all := slices.SortedFunc(slices.Chunk(body, idWidth), bytes.Compare)
	return slices.Concat(slices.CompactFunc(all, bytes.Equal)...), nil
}

// Numbers are those that the request with an id may have, by the page of the id.
func Numbers(page []byte, id string) (out []string) {
	want := binary.BigEndian.AppendUint64(nil, mark(id))
	for one := range slices.Chunk(page, idWidth) {
		if len(one) == idWidth && bytes.HasPrefix(one, want) {
			out = append(out, Number(int(binary.BigEndian.Uint16(one[8:])), int(binary.BigEndian.Uint32(one[10:]))))
		}
	}
	return out
}
