package paper_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"sidem.gob.mx/sidem/bot/paper"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// anything is a table of two columns that hold whatever they are given.
var anything = es.Table[[2]any]{Name: "Datos", Columns: []es.Column[[2]any]{
	{Head: "Uno", Width: 20, Of: func(row [2]any) any { return row[0] }},
	{Head: "Dos", Width: 20, Of: func(row [2]any) any { return row[1] }},
}}

// bookOf is a workbook of rows.
func bookOf(t *testing.T, rows ...[2]any) []byte {
	t.Helper()
	b, err := paper.NewWorkbook(es.AboutTab)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	add := paper.Fill(b, anything)
	for _, row := range rows {
		if err := add(row); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	err = b.Finish(&out, es.AboutTab, func(counts []es.Fact, cut int) []es.Fact {
		return es.About(time.Date(2026, 11, 23, 9, 5, 0, 0, time.UTC), core.Period{}, counts, cut)
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// sheetXML is a sheet of a workbook as it is written.
type sheetXML struct {
	Rows []struct {
		Cells []struct {
			Ref     string  `xml:"r,attr"`
			Type    string  `xml:"t,attr"`
			Style   int     `xml:"s,attr"`
			Formula *string `xml:"f"`
			Value   string  `xml:"v"`
			Text    string  `xml:"is>t"`
		} `xml:"c"`
	} `xml:"sheetData>row"`
}

// part is a file in the workbook.
func part(t *testing.T, body []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	out, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// cellsOf are the cells of a sheet, as the library reads them.
func cellsOf(t *testing.T, body []byte, sheet string) [][]string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestATextIsNeverAFormulaAndIsShownAsItWasTyped(t *testing.T) {
	texts := []string{
		"=1+1", `=HYPERLINK("http://example.org","x")`, "+52 722 555 0100", "-5", "@SUM(A1)", "\t=1", "\r=1", "=", "a\nb", " con espacios ",
		"<v>1</v> & \"comillas\"", "_x0041_", "00412", "1e5", "🖨 ñandú", "23/11/2026",
	}
	var rows [][2]any
	for _, s := range texts {
		rows = append(rows, [2]any{s, "x"})
	}
	body := bookOf(t, rows...)
	var sheet sheetXML
	if err := xml.Unmarshal(part(t, body, "xl/worksheets/sheet2.xml"), &sheet); err != nil {
		t.Fatal(err)
	}
	byLibrary := cellsOf(t, body, "Datos")
	for i, want := range texts {
		c := sheet.Rows[i+1].Cells[0]
		if got := strings.ReplaceAll(c.Text, "_x005F_x0041_", "_x0041_"); c.Type != "inlineStr" || c.Formula != nil || c.Value != "" || got != want {
			t.Errorf("%q is written as %+v", want, c)
		}
		if got := byLibrary[i+1][0]; got != want {
			t.Errorf("%q is read as %q", want, got)
		}
	}
	f, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for _, ref := range []string{"A2", "A4", "A6", "A7"} { // stays a text where somebody edits the cell
		id, err := f.GetCellStyle("Datos", ref)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := f.GetStyle(id); err != nil || s.NumFmt != 49 {
			t.Errorf("%s: %+v, %v", ref, s, err)
		}
	}
}

func TestAControlCharacterIsShownAsItsPicture(t *testing.T) {
	body := bookOf(t, [2]any{"a\x00b\x07c\x1b[31md\x7f", "mal \xff codificado"})
	want := []string{"a␀b␇c␛[31md␡", "mal \ufffd codificado"}
	if diff := cmp.Diff(want, cellsOf(t, body, "Datos")[1]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestATextThatIsTooLongForACellIsCutAndSaysSo(t *testing.T) {
	long, fits := strings.Repeat("ñ", 40_000), strings.Repeat("ñ", es.MaxCell)
	body := bookOf(t, [2]any{long, fits}, [2]any{strings.Repeat("🖨", 20_000), "x"})
	rows := cellsOf(t, body, "Datos")
	if got := rows[1][0]; utf8.RuneCountInString(got) != es.MaxCell || !strings.HasSuffix(got, es.CellCut(40_000)) || !strings.HasPrefix(got, "ñññ") {
		t.Errorf("%d characters, which end with %q", utf8.RuneCountInString(got), got[len(got)-120:])
	}
	if rows[1][1] != fits {
		t.Error("a text that fits was changed")
	}
	if got := rows[2][0]; !strings.HasSuffix(got, es.CellCut(20_000)) || strings.ContainsRune(got, utf8.RuneError) {
		t.Errorf("it ends with %q", got[len(got)-120:])
	}
	about := cellsOf(t, body, es.AboutTab)
	if last := about[len(about)-1]; last[0] != "Celdas recortadas" || !strings.HasPrefix(last[1], "2. ") {
		t.Errorf("about: %q", about)
	}
}

func TestATableThatIsTooLongForASheetGoesOnInAnother(t *testing.T) {
	b, err := paper.NewWorkbook(es.AboutTab)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	b.MostRows(3)
	add := paper.Fill(b, anything)
	for n := range 5 {
		if err := add([2]any{n, nil}); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := b.Finish(&out, es.AboutTab, func(counts []es.Fact, _ int) []es.Fact { return counts }); err != nil {
		t.Fatal(err)
	}
	for sheet, want := range map[string][][]string{
		es.AboutTab: {{"Datos", "5 filas"}},
		"Datos":     {{"Uno", "Dos"}, {"0"}, {"1"}}, "Datos (2)": {{"Uno", "Dos"}, {"2"}, {"3"}}, "Datos (3)": {{"Uno", "Dos"}, {"4"}},
	} {
		if diff := cmp.Diff(want, cellsOf(t, out.Bytes(), sheet)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sheet, diff)
		}
	}
}

func TestNumbersDaysAndInstantsAreCellsOfTheirKind(t *testing.T) {
	money, _ := value.StoredMoney("503440.00")
	body := bookOf(t,
		[2]any{core.Day{Year: 2026, Month: 11, Day: 23}, time.Date(2026, 11, 23, 18, 0, 0, 0, time.FixedZone("", -6*3600))},
		[2]any{money, value.Units(20)}, [2]any{7, nil}, [2]any{core.Day{Year: 2028, Month: 2, Day: 29}, ""})
	want := [][]string{{"Uno", "Dos"}, {"46349", "46349.75"}, {"503440", "20"}, {"7"}, {"46812"}}
	if diff := cmp.Diff(want, cellsOf(t, body, "Datos")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	about := [][]string{{"Exportación de SIDEM", "23 de noviembre de 2026, 09:05 h"}, {"Solicitudes presentadas", "todas"}, {"Datos", "4 filas"}}
	if diff := cmp.Diff(about, cellsOf(t, body, es.AboutTab)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
