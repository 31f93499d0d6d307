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

	"sidem/core"
	"sidem/core/es"
	"sidem/core/value"
)

// Bounds of a spreadsheet that is read, in bytes: as it comes, and unpacked.
const (
	MaxSheet    = 2 << 20
	maxUnpacked = 20 << 20
)

// SheetError says, in words, what is wrong with a spreadsheet.
type SheetError struct{ Words string }

func (e *SheetError) Error() string { return "spreadsheet: " + e.Words }

// Template is the spreadsheet of renglones to fill in, with an example to write over.
func Template() ([]byte, error) { return Sheet(es.SheetExample()) }

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
	const sheet = "Renglones"
	errs := []error{f.SetSheetName("Sheet1", sheet), f.SetColWidth(sheet, "A", "E", 28)}
	for i, head := range es.SheetHeads() {
		errs = append(errs, f.SetCellStr(sheet, cell(i, 1), head))
		for n, row := range rows {
			errs = append(errs, f.SetCellValue(sheet, cell(i, n+2), row[i]))
		}
	}
	var b bytes.Buffer
	if err := errors.Join(append(errs, f.Write(&b))...); err != nil {
		return nil, fmt.Errorf("spreadsheet: %w", err)
	}
	return b.Bytes(), nil
}

// cell is the name of a cell: column from 0, row from 1.
func cell(column, row int) string { return string(rune('A'+column)) + strconv.Itoa(row) }

// Items reads the renglones of a spreadsheet: its first sheet, one on each row
// under the heads, in the columns of Template; empty rows are passed over. A
// *SheetError tells the person what to mend, by the renglón and its row; the error is
// that of ctx where it ends first.
func Items(ctx context.Context, r io.Reader) ([]core.Item, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxSheet+1))
	if err != nil {
		return nil, fmt.Errorf("read the spreadsheet: %w", err)
	}
	if len(body) > MaxSheet {
		return nil, &SheetError{es.FileTooLarge(0, MaxSheet)}
	}
	f, err := excelize.OpenReader(bytes.NewReader(body), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked, RawCellValue: true})
	if err != nil {
		return nil, &SheetError{es.SheetUnreadable()}
	}
	defer func() { _ = f.Close() }() // nothing is on disk
	rows, err := f.Rows(f.GetSheetName(0))
	if err != nil {
		return nil, &SheetError{es.SheetUnreadable()}
	}
	defer func() { _ = rows.Close() }()
	most := core.Specs[core.FieldItems].Max
	var out []core.Item
	for n := 1; rows.Next(); n++ {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("read the spreadsheet: %w", err)
		}
		cells, err := rows.Columns()
		if err != nil {
			return nil, &SheetError{es.SheetUnreadable()}
		}
		if n == 1 || blank(cells) {
			continue
		}
		if len(out) == most {
			return nil, &SheetError{es.SheetTooLong(most)}
		}
		it, problem := item(len(out)+1, n, cells)
		if problem != "" {
			return nil, &SheetError{problem}
		}
		out = append(out, it)
	}
	if len(out) == 0 {
		return nil, &SheetError{es.SheetEmpty()}
	}
	return out, nil
}

func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}

// item reads a row of the template: description, quantity, unit, unit price, features.
func item(n, row int, cells []string) (core.Item, string) {
	it, err := value.ItemOf(cells)
	if no, ok := errors.AsType[*value.ItemError](err); ok {
		return core.Item{}, es.SheetFault(n, row, no)
	}
	return it, ""
}
