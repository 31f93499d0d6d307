package paper

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"sidem.gob.mx/sidem/core/filetype"
)

// A workbook is read from its parts as they stream (ECMA-376, Part 1, 18), and not by
// the library that writes it: that one builds the rectangle from A1 to the last cell, of
// any size, before it gives a row, and tells hidden rows only from all of it. Here what is
// allocated is bounded by the cells that are there.

// maxUnpacked is how many bytes of a workbook are unpacked, of all its parts together.
const maxUnpacked = 24 << 20

// lastColumn is XFD, the last that Excel has.
const lastColumn = 16384

// maxStyles is how many cell formats a workbook may have; Excel stops at 65,490.
const maxStyles = 1 << 16

var (
	errNoBook  = errors.New("it is no workbook")
	errTooMuch = errors.New("there is more in it than is read")
)

// book is a workbook of which sheets can be read.
type book struct {
	z      *zip.Reader
	left   int64 // bytes that may still be unpacked
	cells  int   // that may still be read
	sheets []bookSheet
	shared string // the part that holds the texts
	styles []style
	stale  bool // what its formulas come to was not reckoned when it was written
}

type bookSheet struct {
	name, part string
	hidden     bool
}

// openBook reads what a workbook says of itself: its sheets and its formats.
func openBook(ctx context.Context, body []byte) (*book, error) {
	z, err := filetype.OpenArchive(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoBook, err)
	}
	kind, main := filetype.OfficeParts(z)
	if kind != filetype.XLSX {
		return nil, errNoBook
	}
	b := &book{z: z, left: maxUnpacked, cells: maxCells}
	byID, byType := filetype.Relationships(z, main)
	err = b.each(ctx, main, func(e xml.StartElement, _ *element) error {
		if e.Name.Local == "sheet" {
			part := byID[attribute(e, "id")]
			if strings.Contains(part, "worksheets/") || part == "" || filetype.Part(z, part) != nil {
				b.sheets = append(b.sheets, bookSheet{attribute(e, "name"), part, attribute(e, "state") != "" && attribute(e, "state") != "visible"})
			}
		}
		b.stale = b.stale || e.Name.Local == "calcPr" && isOn(e, "fullCalcOnLoad")
		return nil
	})
	if err != nil {
		return nil, err
	}
	b.shared = byType["sharedStrings"]
	if part := byType["styles"]; part != "" {
		err = b.readStyles(ctx, part)
	}
	return b, err
}

// element is where in a part its reader stands: the names of the elements around it.
type element struct{ path []string }

func (e *element) in(name string) bool { return slices.Contains(e.path, name) }

// each calls do with the elements of a part as they open.
func (b *book) each(ctx context.Context, part string, do func(e xml.StartElement, at *element) error) error {
	return b.walk(ctx, part, func(t xml.Token, at *element) error {
		if e, ok := t.(xml.StartElement); ok {
			return do(e, at)
		}
		return nil
	})
}

// walk calls do with the tokens of a part, and ends with its error. A part that breaks
// off, or is deeper than any, is errNoBook; one that is larger than may be, errTooMuch.
func (b *book) walk(ctx context.Context, part string, do func(t xml.Token, at *element) error) error {
	const deepest = 64
	f := filetype.Part(b.z, part)
	if f == nil {
		return fmt.Errorf("%w: no part %q", errNoBook, part)
	}
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("%w: %w", errNoBook, err)
	}
	defer func() { _ = r.Close() }()
	d := xml.NewDecoder(&metered{ctx, r, &b.left})
	var at element
	for {
		t, err := d.RawToken()
		switch {
		case errors.Is(err, io.EOF) && len(at.path) == 0:
			return nil
		case errors.Is(err, errTooMuch) || ctx.Err() != nil:
			return errors.Join(err, ctx.Err())
		case err != nil || len(at.path) > deepest:
			return fmt.Errorf("%w: %w", errNoBook, errors.Join(err, io.ErrUnexpectedEOF))
		}
		switch e := t.(type) {
		case xml.StartElement:
			at.path = append(at.path, e.Name.Local)
		case xml.EndElement:
			if len(at.path) == 0 || at.path[len(at.path)-1] != e.Name.Local {
				return errNoBook
			}
		}
		if err := do(t, &at); err != nil {
			return err
		}
		if _, ok := t.(xml.EndElement); ok {
			at.path = at.path[:len(at.path)-1]
		}
	}
}

// metered reads as long as its context lasts and bytes are left.
type metered struct {
	ctx context.Context //nolint:containedctx // an io.Reader is handed none
	io.Reader
	left *int64
}

func (m *metered) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.Reader.Read(p)
	if *m.left -= int64(n); *m.left < 0 {
		return 0, errTooMuch
	}
	return n, err
}

// attribute is a value of an element by its name; "" where it has none.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// isOn reports whether an attribute is true, as XML Schema writes it.
func isOn(e xml.StartElement, name string) bool {
	v := attribute(e, name)
	return v == "1" || v == "true"
}

// isFlat reports whether a height or width is none.
func isFlat(e xml.StartElement, name string) bool {
	n, err := strconv.ParseFloat(attribute(e, name), 64)
	return err == nil && n < flat[name]
}

// flat are the height of a row, in points, and the width of a column, in characters, below
// which nobody reads what stands there.
var flat = map[string]float64{"ht": 2, "width": 0.3}

// sheet reads a sheet. The texts that stand elsewhere are put in at the end, those that
// are needed only.
func (b *book) sheet(ctx context.Context, s bookSheet) (*grid, error) {
	r := &sheetReader{book: b, grid: &grid{name: s.name, hidden: map[int]bool{}}}
	if err := b.walk(ctx, s.part, r.token); err != nil {
		return nil, err
	}
	return r.grid, b.resolve(ctx, r.grid)
}

// sheetReader makes a grid of the tokens of a sheet.
type sheetReader struct {
	*book
	grid    *grid
	row     gridRow
	column  int
	columns int // hidden ones so far
	cell    struct {
		kind           string
		style          int
		formula, saved bool
	}
	value strings.Builder
	text  runs // that stands in the cell itself
}

func (r *sheetReader) token(t xml.Token, at *element) error {
	if at.in("is") {
		r.text.token(t, at)
		return nil
	}
	switch t := t.(type) {
	case xml.StartElement:
		return r.open(t)
	case xml.CharData:
		if len(at.path) > 0 && at.path[len(at.path)-1] == "v" {
			r.value.Write(t)
		}
	case xml.EndElement:
		r.close(t.Name.Local)
	}
	return nil
}

func (r *sheetReader) open(e xml.StartElement) error {
	switch e.Name.Local {
	case "col":
		first, _ := strconv.Atoi(attribute(e, "min"))
		last, _ := strconv.Atoi(attribute(e, "max"))
		for i := max(first, 1); (isOn(e, "hidden") || isFlat(e, "width")) && i <= min(last, lastColumn); i++ {
			if r.columns++; r.columns > maxHidden {
				return errTooMuch
			}
			r.grid.hidden[i-1] = true
		}
	case "row":
		n, err := strconv.Atoi(attribute(e, "r"))
		if err != nil || n <= r.row.n {
			n = r.row.n + 1
		}
		r.row, r.column = gridRow{n: n, hidden: isOn(e, "hidden") || isFlat(e, "ht")}, -1
	case "c":
		if r.cells--; r.cells < 0 {
			return errTooMuch
		}
		r.column++
		if column, _, ok := place(attribute(e, "r")); ok {
			r.column = column
		}
		r.cell.kind, r.cell.formula, r.cell.saved = attribute(e, "t"), false, false
		r.cell.style, _ = strconv.Atoi(attribute(e, "s"))
		r.value.Reset()
		r.text.reset()
	case "f":
		r.cell.formula = true
	case "v":
		r.cell.saved = true
		r.value.Reset()
	case "mergeCell":
		from, to, _ := strings.Cut(attribute(e, "ref"), ":")
		left, top, ok := place(from)
		right, bottom, ok2 := place(to)
		if ok && ok2 && len(r.grid.merged) < maxMerged {
			r.grid.merge(area{top, left, bottom, right})
		}
	}
	return nil
}

func (r *sheetReader) close(name string) {
	switch name {
	case "c":
		c := r.held()
		if c.is == holdsNothing {
			return
		}
		if r.row.cells == nil {
			r.row.cells = map[int]gridCell{}
		}
		r.row.cells[r.column] = c
	case "row":
		switch {
		case r.row.cells == nil:
		case len(r.grid.rows) < maxRows:
			r.grid.rows = append(r.grid.rows, r.row)
		default:
			r.grid.more++
		}
	}
}

// held is what the cell that ends here holds.
func (r *sheetReader) held() gridCell {
	raw, s := r.value.String(), r.style(r.cell.style)
	if r.cell.formula && (!r.cell.saved || raw == "" && r.cell.kind != "str" || r.stale && raw == "0") {
		return gridCell{is: holdsFormula}
	}
	var c gridCell
	switch r.cell.kind {
	case "s":
		if i, err := strconv.Atoi(raw); err == nil && i >= 0 {
			return gridCell{is: holdsShared, string: i, style: r.cell.style}
		}
		return gridCell{}
	case "inlineStr":
		return r.text.cell(s)
	case "str":
		c = textCell(unescaped(raw))
	case "b":
		c = gridCell{is: holdsLogical}
	case "e":
		c = gridCell{is: holdsFault, text: raw}
	case "d":
		c = gridCell{is: holdsNumber, format: format{is: formatDate}}
	default:
		n, err := strconv.ParseFloat(strings.TrimSpace(raw), 64)
		if c = textCell(raw); err == nil {
			c = gridCell{is: holdsNumber, number: n, format: s.format}
		}
	}
	if c.is != holdsNothing {
		c.wear(s, looks{inherited: true})
	}
	return c
}
