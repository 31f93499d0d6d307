package paper

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// The bounds of a sheet: rows as Excel has them, and bytes of text, of which 4 GB would
// ask for another kind of file.
const (
	maxSheetRows = 1 << 20
	maxSheetText = 1 << 30
)

// Workbook is a workbook being written, row by row, several sheets at once. The library
// keeps up to 16 MB of each in memory, and what is more in temporary files. Close it.
type Workbook struct {
	file *excelize.File
	look styles
	cut  int // cells
	tabs []*tab
	most int // rows of a sheet
}

// styles are how cells look, as the library numbers them.
type styles struct{ head, text, typed, day, moment, money int }

// tab is a table of a Workbook: one sheet, or several where one is too short.
type tab struct {
	book   *Workbook
	name   string
	heads  []any
	widths []float64
	sheet  *excelize.StreamWriter
	parts  int // its sheets
	rows   int // of all of them, without heads
	at     int // the row that was written last
	text   int // bytes, of its present sheet
	err    error
}

// NewWorkbook is one whose first sheet, which is told last (Finish), has a name.
func NewWorkbook(first string) (*Workbook, error) {
	b := &Workbook{file: excelize.NewFile(), most: maxSheetRows}
	errs := []error{b.file.SetSheetName("Sheet1", first)}
	style := func(into *int, s excelize.Style) {
		if s.Alignment == nil {
			s.Alignment = &excelize.Alignment{Vertical: "top", WrapText: true}
		}
		id, err := b.file.NewStyle(&s)
		*into = id
		errs = append(errs, err)
	}
	dayFormat, momentFormat := "dd/mm/yyyy", "dd/mm/yyyy hh:mm"
	style(&b.look.head, excelize.Style{Font: &excelize.Font{Bold: true}})
	style(&b.look.text, excelize.Style{})
	style(&b.look.typed, excelize.Style{NumFmt: 49}) // @: stays text where somebody edits the cell
	style(&b.look.day, excelize.Style{CustomNumFmt: &dayFormat})
	style(&b.look.moment, excelize.Style{CustomNumFmt: &momentFormat})
	style(&b.look.money, excelize.Style{NumFmt: 4}) // #,##0.00
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("workbook: %w", errors.Join(err, b.file.Close()))
	}
	return b, nil
}

// Fill adds a table to a workbook, and returns what adds a row to it.
func Fill[T any](b *Workbook, table es.Table[T]) (row func(T) error) {
	t := &tab{book: b, name: table.Name}
	for _, c := range table.Columns {
		t.widths = append(t.widths, c.Width)
		t.heads = append(t.heads, excelize.Cell{StyleID: b.look.head, Value: c.Head})
	}
	b.tabs = append(b.tabs, t)
	t.err = t.begin()
	return func(v T) error {
		cells := make([]any, len(table.Columns))
		for i, c := range table.Columns {
			cells[i] = c.Of(v)
		}
		return t.row(cells)
	}
}

// Requests adds the sheets of requests, of their renglones and of their observations, and
// returns what adds a request to them.
func (b *Workbook) Requests(n es.Names) (row func(core.Record) error) {
	requests, items, observations := Fill(b, es.RequestTable), Fill(b, es.ItemTable), Fill(b, es.ObservationTable)
	return func(r core.Record) error {
		if err := requests(es.RecordRow{Record: r, Names: n}); err != nil {
			return err
		}
		for i, it := range r.Items {
			if err := items(es.ItemRow{Number: r.Number, N: i + 1, Item: it}); err != nil {
				return err
			}
		}
		for _, o := range r.Observations {
			if err := observations(es.ObservationRow{Number: r.Number, Observation: o, Names: n}); err != nil {
				return err
			}
		}
		return nil
	}
}

// begin begins the next sheet of a table.
func (t *tab) begin() error {
	if t.sheet != nil {
		if err := t.sheet.Flush(); err != nil {
			return err
		}
	}
	t.parts++
	name := t.name
	if t.parts > 1 {
		name = es.Another(t.name, t.parts)
	}
	if _, err := t.book.file.NewSheet(name); err != nil {
		return err
	}
	var err error
	if t.sheet, err = t.book.stream(name, t.widths); err != nil {
		return err
	}
	t.at, t.text = 1, 0
	return errors.Join(
		t.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
		t.sheet.SetRow("A1", t.heads))
}

func (b *Workbook) stream(name string, widths []float64) (*excelize.StreamWriter, error) {
	s, err := b.file.NewStreamWriter(name)
	for i, w := range widths {
		if err == nil {
			err = s.SetColWidth(i+1, i+1, w)
		}
	}
	return s, err
}

// row adds a row of what an es.Column gives. A text is a text whatever it begins with,
// never a formula; one that is too long for a cell is cut, and says so.
func (t *tab) row(cells []any) error {
	if t.err == nil && (t.at == t.book.most || t.text > maxSheetText) {
		t.err = t.begin()
	}
	if t.err != nil {
		return fmt.Errorf("workbook: %s: %w", t.name, t.err)
	}
	row := make([]any, len(cells))
	for i, c := range cells {
		row[i] = t.book.cell(c)
		if s, ok := c.(string); ok {
			t.text += len(s)
		}
	}
	t.at++
	t.rows++
	if err := t.sheet.SetRow(fmt.Sprintf("A%d", t.at), row); err != nil {
		return fmt.Errorf("workbook: %s: %w", t.name, err)
	}
	return nil
}

// cell is a value as the library takes it; nil leaves the cell out.
func (b *Workbook) cell(v any) any {
	switch v := v.(type) {
	case string:
		if v == "" {
			return nil
		}
		text, isCut := fitting(v)
		if isCut {
			b.cut++
		}
		if strings.ContainsRune(formulas, rune(text[0])) {
			return excelize.Cell{StyleID: b.look.typed, Value: text}
		}
		return excelize.Cell{StyleID: b.look.text, Value: text}
	case int:
		return excelize.Cell{StyleID: b.look.text, Value: v}
	case core.Day:
		return excelize.Cell{StyleID: b.look.day, Value: serial(v.At(0, 0, time.UTC))}
	case time.Time:
		return excelize.Cell{StyleID: b.look.moment, Value: serial(v)}
	case value.Money:
		return excelize.Cell{StyleID: b.look.money, Value: v.Float64()}
	case value.Quantity:
		return excelize.Cell{StyleID: b.look.text, Value: v.Float64()}
	}
	return nil
}

// formulas are the characters with which programs take a text for a formula, when somebody
// edits the cell or it comes by way of a list.
const formulas = "=+-@\t\r"

// serial is what the clock on the wall says at t, as Excel counts days.
func serial(t time.Time) float64 {
	y, m, d := t.Date()
	clock := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
	days := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC))
	return float64(days+clock) / float64(24*time.Hour)
}

// fitting is a text that a cell takes, with pictures in the place of control characters,
// which no sheet can hold, and whether it had to be cut.
func fitting(s string) (text string, isCut bool) {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return r
		case r < ' ':
			return '␀' + r
		case r == 0x7f:
			return '␡'
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	if units(s) <= es.MaxCell {
		return s, false
	}
	note := es.CellCut(utf8.RuneCountInString(s))
	left, end := es.MaxCell-units(note), 0
	for i, r := range s {
		if left -= utf16.RuneLen(r); left < 0 {
			end = i
			break
		}
	}
	return s[:end] + note, true
}

// units are the characters of a text as Excel counts them.
func units(s string) (n int) {
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// Finish writes the workbook to w: about tells what is said on its first sheet, of how many
// rows each table has and how many cells were cut.
func (b *Workbook) Finish(w io.Writer, first string, about func(counts []es.Fact, cut int) []es.Fact) error {
	var counts []es.Fact
	for _, t := range b.tabs {
		if t.err == nil {
			t.err = t.sheet.Flush()
		}
		if t.err != nil {
			return fmt.Errorf("workbook: %s: %w", t.name, t.err)
		}
		counts = append(counts, es.Fact{Label: t.name, Value: es.RowCount(t.rows)})
	}
	s, err := b.stream(first, []float64{30, 90})
	if err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	for i, f := range about(counts, b.cut) {
		row := []any{excelize.Cell{StyleID: b.look.head, Value: f.Label}, b.cell(f.Value)}
		if err := s.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			return fmt.Errorf("workbook: %w", err)
		}
	}
	if err := s.Flush(); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	b.file.SetActiveSheet(0)
	// The library would keep all of the file in memory first.
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(w) })
	if err := b.file.Write(io.Discard); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	return nil
}

// Close removes the temporary files.
func (b *Workbook) Close() error { return b.file.Close() }
