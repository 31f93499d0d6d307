// Package archive is a whole store as one file, which any backend writes and any backend reads: one JSON object a line, compressed.
package archive

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"sidem/core"
	"sidem/core/outbox"
)

// Format is the version of the file that this program writes, and the highest that it reads.
const Format = 1

// Line is one thing that a store keeps; exactly one part is set. A store gives
// events in the order of their Index, and items in the order of their creation.
type Line struct {
	Record  *core.Record `json:"record,omitempty"`
	Event   *core.Event  `json:"event,omitempty"`
	Item    *outbox.Item `json:"item,omitempty"`
	Session *Session     `json:"session,omitempty"`
	Number  *Number      `json:"number,omitempty"`

	// The first and the last line of a file are its own.
	Begin *Begin `json:"begin,omitempty"`
	End   *End   `json:"end,omitempty"`
}

// Session is one small value with its revision.
type Session struct {
	Key     string    `json:"key"`
	Value   []byte    `json:"value"`
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
	// ErrNotEmpty says that a store holds something already: an archive is loaded
	// into an empty one.
	ErrNotEmpty = errors.New("archive: the store is not empty; load into a new one")
	// ErrMoved says that a store changed while it was read: stop SIDEM and read it again.
	ErrMoved = errors.New("archive: the store changed while it was read; stop SIDEM and do it again")
)

// Source is a store that can be read whole.
type Source interface {
	// Dump gives all that the store keeps at one instant; it fails with ErrMoved
	// where the backend cannot hold that instant fast.
	Dump(ctx context.Context, each func(Line) error) error
}

// Target is a store that can be filled.
type Target interface {
	// Load fills an empty store with what next gives until io.EOF; ErrNotEmpty.
	// What fails half way must be begun again on another empty store.
	Load(ctx context.Context, next func() (Line, error)) error
}

// Write writes the store to w and returns how many lines it has.
func Write(ctx context.Context, w io.Writer, s Source, at time.Time) (int, error) {
	zip := gzip.NewWriter(w)
	enc := json.NewEncoder(zip)
	n := 0
	err := enc.Encode(Line{Begin: &Begin{Format: Format, At: at.UTC()}})
	if err == nil {
		err = s.Dump(ctx, func(l Line) error {
			n++
			return enc.Encode(l)
		})
	}
	if err == nil {
		err = enc.Encode(Line{End: &End{Lines: n}})
	}
	if err := errors.Join(err, zip.Close()); err != nil {
		return n, fmt.Errorf("write the archive: %w", err)
	}
	return n, nil
}

// Read fills the store with what Write wrote and returns how many lines it had.
func Read(ctx context.Context, r io.Reader, s Target) (int, error) {
	f, err := open(r)
	if err != nil {
		return 0, err
	}
	if err := s.Load(ctx, f.next); err != nil {
		return f.lines, fmt.Errorf("read the archive: %w", err)
	}
	return f.lines, nil
}

// file is an archive being read.
type file struct {
	dec   *json.Decoder
	lines int
}

func open(r io.Reader) (*file, error) {
	zip, err := gzip.NewReader(bufio.NewReader(r))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTorn, err)
	}
	f := &file{dec: json.NewDecoder(zip)}
	var first Line
	switch err := f.dec.Decode(&first); {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrTorn, err)
	case first.Begin == nil:
		return nil, fmt.Errorf("%w: it begins with another line", ErrTorn)
	case first.Begin.Format > Format:
		return nil, fmt.Errorf("archive: its format is %d, this program reads up to %d; use a newer one", first.Begin.Format, Format)
	}
	return f, nil
}

// next is the next line of the store's; io.EOF after the last.
func (f *file) next() (Line, error) {
	var l Line
	if err := f.dec.Decode(&l); err != nil {
		return Line{}, fmt.Errorf("%w: after line %d: %w", ErrTorn, f.lines, noEOF(err))
	}
	if l.End == nil {
		f.lines++
		return l, nil
	}
	if l.End.Lines != f.lines {
		return Line{}, fmt.Errorf("%w: %d lines of %d", ErrTorn, f.lines, l.End.Lines)
	}
	// Reading on to the end has the checksum compared.
	if err := f.dec.Decode(&l); !errors.Is(err, io.EOF) {
		return Line{}, fmt.Errorf("%w: after its end: %w", ErrTorn, err)
	}
	return Line{}, io.EOF
}

// noEOF keeps an end that came too early from looking like the proper one.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
