package paper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/filetype"
	"sidem.gob.mx/sidem/core/value"
)

// MaxSheet is how many bytes a spreadsheet that is read may have, as it comes.
const MaxSheet = 2 << 20

// SheetError says, in words, what is wrong with a spreadsheet.
type SheetError struct {
	Words string
	// Renglones says that it has the heads of renglones, with something under them.
	Renglones bool
}

func (e *SheetError) Error() string { return "spreadsheet: " + e.Words }

// Table are the renglones of a spreadsheet.
type Table struct {
	Items []core.Item
	Note  string // which of its columns and sheets are not kept, in words; "" where nothing is lost
}

// Items reads the renglones of a spreadsheet (.xlsx) or of a list (.csv), by the heads of
// its columns, in any order: of the first sheet that people see and that has such heads
// with something under them; the note names others. Hidden sheets are not read; a hidden row or column among the
// renglones is refused by its name, and so is whatever cannot be read as what its column
// holds. A *SheetError tells all of it, by row and column. The error is that of ctx where
// it ends first. held are the renglones that there are: a row that shows one as it is
// stays that one.
func Items(ctx context.Context, r io.Reader, held []core.Item) (Table, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxSheet+1))
	if err != nil {
		return Table{}, fmt.Errorf("read the spreadsheet: %w", err)
	}
	if len(body) > MaxSheet {
		return Table{}, &SheetError{Words: es.FileTooLarge(0, MaxSheet)}
	}
	kind, err := filetype.Judge("", bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return Table{}, fmt.Errorf("read the spreadsheet: %w", err)
	}
	switch kind {
	case filetype.XLSX:
		return itemsOfBook(ctx, body, held)
	case filetype.Text, filetype.CSV:
		none := es.SheetRefused(filetype.Text)
		grids, err := lists(body)
		if err != nil {
			return Table{}, &SheetError{Words: es.SheetTooLarge()}
		}
		if slices.ContainsFunc(grids, (*grid).isTable) {
			none = es.SheetNoHeads(false)
		}
		return itemsOfGrids(grids, none, held)
	default:
		return Table{}, &SheetError{Words: es.SheetRefused(kind)}
	}
}

func itemsOfBook(ctx context.Context, body []byte, held []core.Item) (Table, error) {
	b, err := openBook(ctx, body)
	var grids []*grid
	var unread []string // sheets behind the one with the renglones
	hidden, found := false, false
	if err == nil {
		for _, s := range b.sheets {
			if hidden = hidden || s.hidden; s.hidden {
				continue
			}
			g, failed := b.sheet(ctx, s)
			if found && ctx.Err() == nil {
				if failed != nil || looksLikeItems(g) {
					unread = append(unread, s.name)
				}
				continue
			}
			if err = failed; err != nil {
				break
			}
			grids = append(grids, g)
			found = hasItems(g)
		}
	}
	switch {
	case errors.Is(err, errTooMuch):
		return Table{}, &SheetError{Words: es.SheetTooLarge()}
	case errors.Is(err, errNoBook):
		return Table{}, &SheetError{Words: es.SheetRefused(filetype.CutArchive)}
	case err != nil:
		return Table{}, fmt.Errorf("read the spreadsheet: %w", err)
	}
	t, err := itemsOfGrids(grids, es.SheetNoHeads(hidden), held)
	if err == nil && len(unread) > 0 {
		t.Note = strings.TrimSpace(es.SheetsUnread(grids[len(grids)-1].name, unread) + " " + t.Note)
	}
	return t, err
}

// looksLikeItems reports whether a grid has renglones, or the heads of some that lack
// something.
func looksLikeItems(g *grid) bool {
	h, words, ok := headsOf(g)
	return words != "" || ok && itemsOf(g, h, nil).count > 0
}

// hasItems reports whether a grid has heads with nothing wrong, and something under them.
func hasItems(g *grid) bool {
	h, _, ok := headsOf(g)
	return ok && len(h.problems) == 0 && itemsOf(g, h, nil).count > 0
}

// itemsOfGrids reads the first grid that has renglones under heads with nothing wrong,
// otherwise the first that has any; none is said where no grid has heads.
func itemsOfGrids(grids []*grid, none string, held []core.Item) (Table, error) {
	words := ""
	for _, sound := range []bool{true, false} {
		for _, g := range grids {
			h, problem, ok := headsOf(g)
			switch {
			case !ok && words == "":
				words = problem
			case ok && sound == (len(h.problems) == 0):
				t := itemsOf(g, h, held)
				if t.count > 0 || !sound {
					return t.table()
				}
				words = es.SheetEmpty()
			}
		}
	}
	if words == "" {
		words = none
		if slices.ContainsFunc(grids, func(g *grid) bool { return len(g.rows) > maxHeadRow && (!g.isList() || g.isTable()) }) {
			words += " " + es.SheetLookedInRows(maxHeadRow)
		}
	}
	return Table{}, &SheetError{Words: words}
}

// table are the renglones that were read, or all that is wrong with them.
func (t *tableReader) table() (Table, error) {
	heads := strings.Join(t.heads.problems, "\n")
	most := core.Specs[core.FieldItems].Max
	switch {
	case t.count > most:
		return Table{}, &SheetError{Words: strings.TrimSpace(heads + "\n" + es.SheetTooMany(t.count, most)), Renglones: true}
	case len(t.problems) > 0:
		return Table{}, &SheetError{Words: strings.TrimSpace(heads + "\n" + es.SheetReport(t.problems, t.more)), Renglones: true}
	case heads != "":
		return Table{}, &SheetError{Words: heads}
	}
	return Table{t.items, t.note()}, nil
}

// Template is the spreadsheet of renglones to fill in.
func Template() ([]byte, error) { return TemplateWith(nil) }

// TemplateWith is Template with renglones in it, to be mended there: Items reads back
// the same.
func TemplateWith(items []core.Item) ([]byte, error) {
	rows := make([][5]any, len(items))
	for i, it := range items {
		rows[i] = [5]any{it.Description, it.Quantity.Float64(), it.Unit, nil, it.Features}
		if !it.Price.IsZero() {
			rows[i][3] = it.Price.Float64()
		}
	}
	return Sheet(rows...)
}

// Sheet is a spreadsheet of renglones: the heads of the columns, and rows.
func Sheet(rows ...[5]any) ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // nothing is on disk
	errs := []error{f.SetSheetName("Sheet1", es.SheetTab)}
	errs = append(errs, dress(f, core.Specs[core.FieldItems].Max+1)...)
	for _, p := range parts {
		errs = append(errs, f.SetCellStr(es.SheetTab, cellName(p, 1), es.SheetHead(p)))
		for n, row := range rows {
			errs = append(errs, f.SetCellValue(es.SheetTab, cellName(p, n+2), row[p]))
		}
	}
	var b bytes.Buffer
	if err := errors.Join(append(errs, f.Write(&b))...); err != nil {
		return nil, fmt.Errorf("spreadsheet: %w", err)
	}
	return b.Bytes(), nil
}

// dress gives the sheet its look, and has the program say what goes into a cell, down to
// a last row.
func dress(f *excelize.File, last int) []error {
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	text, err2 := f.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	amount, err3 := f.NewStyle(&excelize.Style{NumFmt: 4, Alignment: &excelize.Alignment{Vertical: "top"}}) // #,##0.00
	errs := []error{err, err2, err3}
	for p, width := range map[value.Part]float64{value.PartDescription: 44, value.PartQuantity: 12, value.PartUnit: 16, value.PartPrice: 18, value.PartFeatures: 60} {
		name := letter(int(p))
		style := text
		if p == value.PartPrice {
			style = amount
		}
		v := excelize.NewDataValidation(true)
		v.SetSqref(name + "2:" + name + strconv.Itoa(last))
		v.SetInput(es.SheetHead(p), es.SheetHint(p))
		switch p { //nolint:exhaustive // the others hold any text
		case value.PartQuantity:
			errs = append(errs, v.SetRange(0, value.MaxQuantity, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween))
			v.SetError(excelize.DataValidationErrorStyleStop, es.SheetHead(p), es.SheetWant(p))
		case value.PartPrice:
			errs = append(errs, v.SetRange(0, value.MaxMoney, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween))
			v.SetError(excelize.DataValidationErrorStyleStop, es.SheetHead(p), es.SheetWant(p))
		}
		errs = append(errs,
			f.SetColWidth(es.SheetTab, name, name, width), f.SetColStyle(es.SheetTab, name, style),
			f.SetCellStyle(es.SheetTab, cellName(p, 1), cellName(p, 1), bold), f.AddDataValidation(es.SheetTab, v))
	}
	return append(errs, f.SetPanes(es.SheetTab, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
}

// cellName is the name of the cell of a part in a row of the template.
func cellName(p value.Part, row int) string { return letter(int(p)) + strconv.Itoa(row) }
