package forecast

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// version is the first byte of a summary as it is stored.
const version = 1

// ErrVersion says that a summary was written by another version: it is made anew from the trail.
var ErrVersion = errors.New("a summary of another version")

// MarshalBinary is the summary as it is stored: what is empty takes no room.
func (s Summary) MarshalBinary() ([]byte, error) {
	out := []byte{version, byte(len(rows)), bins}
	number := func(n int) { out = binary.AppendVarint(out, int64(n)) }
	number(s.Upto)
	number(s.Opinions)
	number(s.base)
	number(len(s.cases))
	for _, n := range slices.SortedFunc(maps.Keys(s.cases), func(a, b Node) int { return cmp.Compare(a.code(), b.code()) }) {
		out = append(out, n.code())
		number(s.cases[n])
	}
	number(len(s.quarter))
	for _, q := range slices.SortedFunc(maps.Keys(s.quarter), Quarter.Compare) {
		number(q.Year)
		number(q.N)
		for _, t := range s.quarter[q] {
			number(t.Count)
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(t.Days))
		}
	}
	number(len(s.cells))
	for _, e := range slices.SortedFunc(maps.Keys(s.cells), edge.compare) {
		out = append(out, e.leaf, e.from, e.to)
		var filled uint64
		for i, w := range s.cells[e] {
			if w > 0 {
				filled |= 1 << i
			}
		}
		out = binary.AppendUvarint(out, filled)
		for _, w := range s.cells[e] {
			if w > 0 {
				out = binary.LittleEndian.AppendUint32(out, math.Float32bits(w))
			}
		}
	}
	return out, nil
}

func (e edge) compare(o edge) int {
	return cmp.Or(cmp.Compare(e.leaf, o.leaf), cmp.Compare(e.from, o.from), cmp.Compare(e.to, o.to))
}

// UnmarshalBinary reads what MarshalBinary wrote. Its error is ErrVersion for what another
// version did.
func (s *Summary) UnmarshalBinary(data []byte) error {
	if len(data) < 3 || data[0] != version || int(data[1]) != len(rows) || data[2] != bins {
		return ErrVersion
	}
	r := reader{Reader: bytes.NewReader(data[3:])}
	out := Summary{Upto: r.number(), Opinions: r.number(), base: r.number(), cells: map[edge]*cell{}, cases: map[Node]int{}, quarter: map[Quarter]Quarterly{}}
	for range r.count() {
		n := nodeOf(r.byte())
		out.cases[n] = r.number()
	}
	for range r.count() {
		q := Quarter{r.number(), r.number()}
		var all Quarterly
		for i := range all {
			all[i].Count = r.number()
			all[i].Days = r.float64()
		}
		out.quarter[q] = all
	}
	for range r.count() {
		e := edge{r.byte(), r.byte(), r.byte()}
		if e.leaf >= leaves || int(e.from) >= 2*len(rows) || int(e.to) >= len(rows) {
			r.fail(errors.New("a way that there is not"))
			break
		}
		filled, c := r.uvarint(), new(cell)
		for i := range c {
			if filled>>i&1 == 1 {
				c[i] = r.float32()
			}
		}
		out.cells[e] = c
	}
	if r.err == nil && r.Len() > 0 {
		r.fail(errors.New("more than a summary"))
	}
	if r.err != nil {
		return fmt.Errorf("read a summary: %w", r.err)
	}
	*s = out
	return nil
}

// reader reads the parts of a summary until the first that is wrong.
type reader struct {
	*bytes.Reader
	err error
}

func (r *reader) fail(err error) {
	if err != nil && r.err == nil {
		r.err = err
	}
}

func (r *reader) number() int {
	n, err := binary.ReadVarint(r.Reader)
	r.fail(err)
	return int(n)
}

// count is how many follow: no more than there are bytes.
func (r *reader) count() int {
	n := r.number()
	if n < 0 || n > r.Len() {
		r.fail(errors.New("a count that cannot be"))
		return 0
	}
	return n
}

func (r *reader) uvarint() uint64 {
	n, err := binary.ReadUvarint(r.Reader)
	r.fail(err)
	return n
}

func (r *reader) byte() uint8 {
	b, err := r.ReadByte()
	r.fail(err)
	return b
}

func (r *reader) float32() float32 {
	var v float32
	r.fail(binary.Read(r.Reader, binary.LittleEndian, &v))
	return v
}

func (r *reader) float64() float64 {
	var v float64
	r.fail(binary.Read(r.Reader, binary.LittleEndian, &v))
	return v
}
