package paper

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sidem/core/filetype"
)

// A workbook is read from its parts as they stream (ECMA-376, Part 1, 18), and not by
// the library that writes it: that one builds the rectangle from A1 to the last cell, of
// any size, before it gives a row, and tells hidden rows only from all of it. Here what is
// allocated is bounded by the cells that are there.

// maxUnpacked is how many bytes of a workbook are unpacked, of all its parts together.
const maxUnpacked = 24 << 20

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
	styles []format
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
	v := attribute(e, name)
	n, err := strconv.ParseFloat(v, 64)
	return err == nil && n == 0
}

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
	grid   *grid
	row    gridRow
	column int
	cell   struct {
		kind, value    string
		style          int
		formula, saved bool
	}
	text strings.Builder
}

func (r *sheetReader) token(t xml.Token, at *element) error {
	switch t := t.(type) {
	case xml.StartElement:
		return r.open(t)
	case xml.CharData:
		switch name := at.path[max(0, len(at.path)-1):]; {
		case len(name) == 0:
		case name[0] == "v", name[0] == "t" && at.in("is") && !at.in("rPh"):
			r.text.Write(t)
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
		for i := max(first, 1); (isOn(e, "hidden") || isFlat(e, "width")) && i <= min(last, maxColumns); i++ {
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
		r.cell.kind, r.cell.formula, r.cell.saved, r.cell.value = attribute(e, "t"), false, false, ""
		r.cell.style, _ = strconv.Atoi(attribute(e, "s"))
		r.text.Reset()
	case "f":
		r.cell.formula = true
	case "v":
		r.cell.saved = true
		r.text.Reset()
	case "mergeCell":
		from, to, _ := strings.Cut(attribute(e, "ref"), ":")
		left, top, ok := place(from)
		right, bottom, ok2 := place(to)
		if ok && ok2 && len(r.grid.merged) < maxRows*maxColumns {
			r.grid.merged = append(r.grid.merged, area{top, left, bottom, right})
		}
	}
	return nil
}

func (r *sheetReader) close(name string) {
	switch name {
	case "c":
		c := r.held()
		if c.is == holdsNothing || r.column >= maxColumns {
			return
		}
		if r.row.cells == nil {
			r.row.cells = map[int]gridCell{}
		}
		c.struck = r.cell.style >= 0 && r.cell.style < len(r.styles) && r.styles[r.cell.style].struck
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
	raw := r.text.String()
	if r.cell.formula && (!r.cell.saved || raw == "" && r.cell.kind != "str") {
		return gridCell{is: holdsFormula}
	}
	switch r.cell.kind {
	case "s":
		if i, err := strconv.Atoi(raw); err == nil && i >= 0 {
			return gridCell{is: holdsShared, string: i}
		}
		return gridCell{}
	case "str", "inlineStr":
		return textCell(unescaped(raw))
	case "b":
		return gridCell{is: holdsLogical}
	case "e":
		return gridCell{is: holdsFault, text: raw}
	case "d":
		return gridCell{is: holdsNumber, format: format{is: formatDate}}
	}
	if strings.TrimSpace(raw) == "" {
		return gridCell{}
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(raw), 64)
	if err != nil {
		return textCell(raw)
	}
	c := gridCell{is: holdsNumber, number: n, format: format{decimals: -1}}
	if r.cell.style >= 0 && r.cell.style < len(r.styles) {
		c.format = r.styles[r.cell.style]
	}
	return c
}

// textCell is a cell with a text; nothing where nobody sees one.
func textCell(s string) gridCell {
	if strings.TrimSpace(s) == "" {
		return gridCell{}
	}
	return gridCell{is: holdsText, text: s}
}

// resolve puts the texts that stand elsewhere into a grid.
func (b *book) resolve(ctx context.Context, g *grid) error {
	wanted := map[int]string{}
	for _, row := range g.rows {
		for _, c := range row.cells {
			if c.is == holdsShared {
				wanted[c.string] = ""
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	n := -1
	var text strings.Builder
	err := b.walk(ctx, b.shared, func(t xml.Token, at *element) error {
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "si" {
				n++
				text.Reset()
			}
		case xml.CharData:
			if len(at.path) > 0 && at.path[len(at.path)-1] == "t" && !at.in("rPh") {
				text.Write(t)
			}
		case xml.EndElement:
			if _, ok := wanted[n]; ok && t.Name.Local == "si" {
				wanted[n] = unescaped(text.String())
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, row := range g.rows {
		for i, c := range row.cells {
			if c.is != holdsShared {
				continue
			}
			struck := c.struck
			if c = textCell(wanted[c.string]); c.is == holdsNothing {
				delete(row.cells, i)
				continue
			}
			c.struck = struck
			row.cells[i] = c
		}
	}
	return nil
}

// escaped is how a workbook writes a character that XML cannot hold (ECMA-376, Part 1, 22.9.2.19).
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

func unescaped(s string) string {
	return escaped.ReplaceAllStringFunc(s, func(m string) string {
		n, err := strconv.ParseUint(m[2:6], 16, 16)
		if err != nil || n >= 0xd800 && n <= 0xdfff {
			return m
		}
		return string(rune(n))
	})
}

// readStyles reads what the formats of the cells make of numbers, and whether their fonts
// strike through.
func (b *book) readStyles(ctx context.Context, part string) error {
	codes := map[int]string{}
	var struck []bool // by font
	return b.each(ctx, part, func(e xml.StartElement, at *element) error {
		switch {
		case e.Name.Local == "numFmt" && len(codes) < maxStyles:
			id, _ := strconv.Atoi(attribute(e, "numFmtId"))
			codes[id] = attribute(e, "formatCode")
		case e.Name.Local == "font" && at.in("fonts") && len(struck) < maxStyles:
			struck = append(struck, false)
		case e.Name.Local == "strike" && at.in("fonts") && len(struck) > 0:
			struck[len(struck)-1] = attribute(e, "val") == "" || isOn(e, "val")
		case e.Name.Local == "xf" && at.in("cellXfs") && len(b.styles) < maxStyles:
			id, _ := strconv.Atoi(attribute(e, "numFmtId"))
			code, own := codes[id]
			if !own {
				code = builtin[id]
			}
			f := formatOf(code)
			font, _ := strconv.Atoi(attribute(e, "fontId"))
			f.struck = font >= 0 && font < len(struck) && struck[font]
			b.styles = append(b.styles, f)
		}
		return nil
	})
}

// builtin are the number formats that every workbook has (ECMA-376, Part 1, 18.8.30).
var builtin = map[int]string{
	1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: `"$"#,##0`, 6: `"$"#,##0`, 7: `"$"#,##0.00`, 8: `"$"#,##0.00`, 9: "0%", 10: "0.00%",
	14: "d/m/yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm", 21: "h:mm:ss", 22: "d/m/yy h:mm",
	27: "d/m/yy", 28: "d/m/yy", 29: "d/m/yy", 30: "d/m/yy", 31: "d/m/yy", 32: "h:mm", 33: "h:mm", 34: "h:mm", 35: "h:mm", 36: "d/m/yy",
	37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 41: "#,##0", 42: `"$"#,##0`, 43: "#,##0.00", 44: `"$"#,##0.00`,
	45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 50: "d/m/yy", 51: "d/m/yy", 52: "d/m/yy", 53: "d/m/yy", 54: "d/m/yy", 55: "d/m/yy", 56: "d/m/yy", 57: "d/m/yy", 58: "d/m/yy",
}

var (
	quotedPart = regexp.MustCompile(`"[^"]*"|\\.|_.|\*.`)
	bracketed  = regexp.MustCompile(`\[[^\]]*\]`)
	elapsed    = regexp.MustCompile(`(?i)^\[(h+|m+|s+)\]$`)
	otherMoney = regexp.MustCompile(`(?i)€|£|US ?\$|USD|EUR|GBP|DLL?S|DÓLAR`)
)

// formatOf reads a number format (ECMA-376, Part 1, 18.8.31), the part of it for what
// is more than zero.
func formatOf(code string) format {
	if otherMoney.MatchString(code) {
		return format{is: formatForeign}
	}
	bare := quotedPart.ReplaceAllString(code, "")
	times := false
	bare = bracketed.ReplaceAllStringFunc(bare, func(s string) string {
		times = times || elapsed.MatchString(s)
		return ""
	})
	bare, _, _ = strings.Cut(bare, ";")
	switch {
	case bare == "" || strings.EqualFold(bare, "General") || bare == "@":
		if times {
			return format{is: formatDate}
		}
		return format{decimals: -1}
	case strings.Contains(bare, "%"):
		return format{is: formatPercent}
	case times || strings.ContainsAny(bare, "yYdDhHsSmM"):
		return format{is: formatDate}
	}
	_, fraction, _ := strings.Cut(bare, ".")
	decimals := 0
	for _, c := range fraction {
		if c != '0' && c != '#' && c != '?' {
			break
		}
		decimals++
	}
	return format{decimals: decimals}
}
