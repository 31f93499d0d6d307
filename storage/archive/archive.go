// Package archive is a whole store as one file, which any backend writes and any backend reads: one JSON object a line, compressed.
package archive

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// Format is the version of the file that this program writes, and the highest that it
// reads. Since 2 events may be blacked out, and have a salt; since 3 their index may have gaps.
const Format = 3

// What is read of a file is bounded, whoever made it.
const (
	// MaxLine is the longest line: a record of many years has a few hundred kilobytes.
	MaxLine = 16 << 20
	// MaxTotal is how much a file may hold, unpacked.
	MaxTotal = 64 << 30
	// MaxRatio is how many times a file may be as long unpacked as it is packed, once
	// it is longer than maxLean: a store has some twenty.
	MaxRatio = 300
	maxLean  = 64 << 20
)

// Line is one thing that a store keeps; exactly one part is set. A store gives
// events in the order of their Index, then records and items by id, numbers by
// series and value, sessions by key, so that stores that keep the same give the same.
type Line struct {
	Event   *core.Event  `json:"event,omitempty"`
	Record  *core.Record `json:"record,omitempty"`
	Item    *outbox.Item `json:"item,omitempty"`
	Number  *Number      `json:"number,omitempty"`
	Session *Session     `json:"session,omitempty"`

	// The first and the last line of a file are its own.
	Begin *Begin `json:"begin,omitempty"`
	End   *End   `json:"end,omitempty"`
}

// Session is one small value with its revision.
type Session struct {
	Key     string    `json:"key"`
	Value   []byte    `json:"value,omitempty"`
	Rev     int       `json:"rev"`
	Expires time.Time `json:"expires,omitzero"`
}

// Number is what a record was given of a series.
type Number struct {
	Series string `json:"series"`
	Record string `json:"record"`
	Value  int    `json:"value"`
}

// Begin says what the file is.
type Begin struct {
	Format int       `json:"format"`
	At     time.Time `json:"at"`
}

// End says how many lines came before: a file without it was cut short.
type End struct {
	Lines int `json:"lines"`
}

// The errors of an archive.
var (
	// ErrTorn says that a file does not reach its end.
	ErrTorn = errors.New("archive: the file was cut short or damaged")
	// ErrTooLarge says that a file, or a line of it, is larger than any that Write writes.
	ErrTooLarge = errors.New("archive: it is larger than any that SIDEM writes; what is it?")
	// ErrForeign says that a line holds what this program does not know.
	ErrForeign = errors.New("archive: a line of it is of no known kind; was it written by a newer SIDEM?")
	// ErrNotEmpty says that a store holds something already: an archive is loaded
	// into an empty one.
	ErrNotEmpty = errors.New("archive: the store is not empty; load into a new one")
	// ErrMoved says that a store lost what was being read of it.
	ErrMoved = errors.New("archive: old rows left the store, or were blacked out, while it was read; do it again")
	// ErrHalf says that a store holds a part of an archive: nothing may run on it.
	ErrHalf = errors.New("archive: the store is being filled from an archive, or was, and that ended half way")
)

// Source is a store that can be read whole.
type Source interface {
	// Dump gives all that the store keeps at one instant. It fails with ErrMoved where rows are
	// taken away or written anew meanwhile, as by a purge or an erasure, and never for what
	// people and the notifier do.
	Dump(ctx context.Context, each func(Line) error) error
	// Extract is Dump with those sessions alone whose keys begin with a prefix.
	Extract(ctx context.Context, sessions string, each func(Line) error) error
}

// Target is a store that can be filled.
type Target interface {
	// Load fills an empty store with what next gives until io.EOF, in the order of
	// a Source; ErrNotEmpty. What fails half way leaves either nothing or a store
	// that cannot be opened (ErrHalf): it is begun again on another empty one.
	Load(ctx context.Context, next func() (Line, error)) error
}

// Write writes the store to w and reports on what it wrote.
func Write(ctx context.Context, w io.Writer, s Source, at time.Time) (Report, error) {
	var t tally
	if _, err := write(ctx, w, s.Dump, at, t.add); err != nil {
		return Report{}, err
	}
	return t.report(), nil
}

// Copy writes to w what the store extracts, and judges nothing: it holds none of what
// passes. It returns how many lines there were.
func Copy(ctx context.Context, w io.Writer, s Source, sessions string, at time.Time) (lines int, err error) {
	give := func(ctx context.Context, each func(Line) error) error { return s.Extract(ctx, sessions, each) }
	return write(ctx, w, give, at, func(Line) error { return nil })
}

// write writes what give gives to w, and shows each line to see.
func write(ctx context.Context, w io.Writer, give func(context.Context, func(Line) error) error, at time.Time, see func(Line) error) (lines int, err error) {
	zip := gzip.NewWriter(w)
	enc := json.NewEncoder(zip)
	err = enc.Encode(Line{Begin: &Begin{Format: Format, At: at.UTC()}})
	if err == nil {
		err = give(ctx, func(l Line) error {
			if err := see(l); err != nil {
				return err
			}
			lines++
			return enc.Encode(l)
		})
	}
	if err == nil {
		err = enc.Encode(Line{End: &End{Lines: lines}})
	}
	if err := errors.Join(err, zip.Close()); err != nil {
		return 0, fmt.Errorf("write the archive: %w", err)
	}
	return lines, nil
}

// Each gives the lines of a file, in its order, and fails for one that is not whole.
func Each(r io.Reader, each func(Line) error) error {
	f, err := open(r)
	for err == nil {
		var l Line
		if l, err = f.next(); err == nil {
			err = each(l)
		}
	}
	if !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the archive: %w", err)
	}
	return nil
}

// Read fills the store with what Write wrote and reports on what it read.
func Read(ctx context.Context, r io.Reader, s Target) (Report, error) {
	f, err := open(r)
	if err != nil {
		return Report{}, err
	}
	var t tally
	err = s.Load(ctx, func() (Line, error) {
		l, err := f.next()
		if err == nil {
			err = t.add(l)
		}
		return l, err
	})
	if err != nil {
		return Report{}, fmt.Errorf("read the archive: %w", err)
	}
	return t.report(), nil
}

// Inspect reports on what a store holds.
func Inspect(ctx context.Context, s Source) (Report, error) {
	var t tally
	if err := s.Dump(ctx, t.add); err != nil {
		return Report{}, fmt.Errorf("inspect the store: %w", err)
	}
	return t.report(), nil
}

// file is an archive being read.
type file struct {
	scan   *bufio.Scanner
	packed *meter
	plain  *meter
	lines  int
}

// meter counts what is read through it, and ends at a bound.
type meter struct {
	r    io.Reader
	n    int64
	over func(n int64) bool // nil: there is no bound
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if m.n += int64(n); m.over != nil && m.over(m.n) {
		return 0, ErrTooLarge
	}
	return n, err
}

func open(r io.Reader) (*file, error) {
	f := &file{packed: &meter{r: r}}
	zip, err := gzip.NewReader(bufio.NewReader(f.packed))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTorn, err)
	}
	f.plain = &meter{r: zip, over: func(n int64) bool { return n > MaxTotal || n > maxLean && n/MaxRatio > f.packed.n }}
	f.scan = bufio.NewScanner(f.plain)
	f.scan.Buffer(nil, MaxLine)
	var first struct {
		Begin *Begin `json:"begin"`
	}
	body, err := f.line()
	if err == nil {
		err = json.Unmarshal(body, &first) // of another format, the rest may be anything
	}
	switch {
	case err != nil:
		return nil, torn(err)
	case first.Begin == nil:
		return nil, fmt.Errorf("%w: it begins with another line", ErrTorn)
	case first.Begin.Format < 1:
		return nil, fmt.Errorf("archive: its format is %d, which is none; it was not written by SIDEM", first.Begin.Format)
	case first.Begin.Format > Format:
		return nil, fmt.Errorf("archive: its format is %d, this program reads up to %d; use a newer one", first.Begin.Format, Format)
	}
	return f, nil
}

// line is the next line; io.EOF after the last.
func (f *file) line() ([]byte, error) {
	if f.scan.Scan() && f.scan.Err() == nil { // else it is the beginning of one
		return f.scan.Bytes(), nil
	}
	switch err := f.scan.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("%w: line %d has more than %d MiB", ErrTooLarge, f.lines+1, MaxLine>>20)
	case err != nil:
		return nil, err
	}
	return nil, io.EOF
}

// torn is ErrTorn because of err, unless the file is too large to be one.
func torn(err error) error {
	if errors.Is(err, ErrTooLarge) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrTorn, noEOF(err))
}

// next is the next line of the store's; io.EOF after the last.
func (f *file) next() (Line, error) {
	body, err := f.line()
	if err != nil {
		return Line{}, fmt.Errorf("after line %d: %w", f.lines, torn(err))
	}
	l, err := parse(body)
	if err != nil {
		return Line{}, fmt.Errorf("line %d: %w", f.lines+1, err)
	}
	if l.End == nil {
		f.lines++
		return l, nil
	}
	if l.End.Lines != f.lines {
		return Line{}, fmt.Errorf("%w: %d lines of %d", ErrTorn, f.lines, l.End.Lines)
	}
	// Reading on to the end has the checksum compared.
	switch _, err := f.line(); {
	case err == nil:
		return Line{}, fmt.Errorf("%w: something comes after its end", ErrTorn)
	case !errors.Is(err, io.EOF):
		return Line{}, fmt.Errorf("after its end: %w", torn(err))
	}
	return Line{}, io.EOF
}

// parse reads a line, of which all must be known: what an older program would leave
// out is missed in the chain of hashes.
func parse(body []byte) (Line, error) {
	var l Line
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	err := dec.Decode(&l)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return l, fmt.Errorf("%w: %w", ErrTorn, syntax)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return l, fmt.Errorf("%w: %w", ErrTorn, noEOF(err))
	}
	if err != nil {
		return l, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	parts := 0
	for _, is := range []bool{l.Event != nil, l.Record != nil, l.Item != nil, l.Number != nil, l.Session != nil, l.End != nil} {
		if is {
			parts++
		}
	}
	if parts != 1 || l.Begin != nil || dec.More() {
		return l, ErrForeign
	}
	return l, nil
}

// noEOF keeps an end that came too early from looking like the proper one.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
