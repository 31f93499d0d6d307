package paper_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/bot/paper"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// itemsOf are the renglones of a file as text, and what is wrong with it.
func itemsOf(t testing.TB, body []byte) (items, words string) {
	t.Helper()
	items, words, _ = tableOf(t, body)
	return items, words
}

// tableOf is itemsOf, and what is said of a file that is read.
func tableOf(t testing.TB, body []byte) (items, words, note string) {
	t.Helper()
	all, err := paper.Items(t.Context(), bytes.NewReader(body), nil)
	if err == nil {
		return value.PrintItems(all.Items), "", all.Note
	}
	wrong, ok := errors.AsType[*paper.SheetError](err)
	if !ok || len(all.Items) > 0 {
		t.Fatalf("%d renglones, %v", len(all.Items), err)
	}
	return "", wrong.Words, ""
}

// workbook is a spreadsheet as XML: its sheets by name (hidden where it begins with a
// point), the number formats of its cells, and its texts.
type workbook struct {
	sheets  [][2]string // name, what stands in the worksheet
	formats []string
	texts   string // what stands in sst
	more    map[string]string
}

func (w workbook) parts() map[string]string {
	const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	out := map[string]string{
		"[Content_Types].xml":  `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"_rels/.rels":          `<Relationships><Relationship Id="rId1" Type="` + rel + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/sharedStrings.xml": `<sst ` + ns + `>` + w.texts + `</sst>`,
	}
	book, rels := "<workbook "+ns+"><sheets>", `<Relationships><Relationship Id="t" Type="`+rel+`sharedStrings" Target="sharedStrings.xml"/><Relationship Id="s" Type="`+rel+`styles" Target="/xl/styles.xml"/>`
	for i, s := range w.sheets {
		name, hidden := strings.CutPrefix(s[0], ".")
		state := ""
		if hidden {
			state = ` state="veryHidden"`
		}
		book += fmt.Sprintf(`<sheet name="%s" sheetId="%d" r:id="rId%d"%s/>`, name, i+1, i+1, state)
		rels += fmt.Sprintf(`<Relationship Id="rId%d" Type="%sworksheet" Target="worksheets/sheet%d.xml"/>`, i+1, rel, i+1)
		out[fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)] = "<worksheet " + ns + ">" + s[1] + "</worksheet>"
	}
	var styles strings.Builder
	styles.WriteString("<styleSheet><numFmts>")
	for i, f := range w.formats {
		fmt.Fprintf(&styles, `<numFmt numFmtId="%d" formatCode="%s"/>`, 200+i, strings.ReplaceAll(f, `"`, "&quot;"))
	}
	styles.WriteString(`</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>`)
	for i := range w.formats {
		fmt.Fprintf(&styles, `<xf numFmtId="%d"/>`, 200+i)
	}
	out["xl/workbook.xml"], out["xl/_rels/workbook.xml.rels"], out["xl/styles.xml"] = book+"</sheets></workbook>", rels+"</Relationships>", styles.String()+"</cellXfs></styleSheet>"
	maps.Copy(out, w.more)
	return out
}

func (w workbook) bytes(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for name, body := range w.parts() {
		f, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(f, body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rows are rows of cells, from row 1, column A: numbers as numbers, "" as nothing, what
// begins with < as it is, the rest as text.
func rows(of ...[]string) string {
	var b strings.Builder
	b.WriteString("<sheetData>")
	for _, row := range of {
		attributes := ""
		if len(row) > 0 && strings.HasPrefix(row[0], "row:") {
			attributes, row = row[0][len("row:"):], row[1:]
		}
		b.WriteString("<row " + attributes + ">")
		for _, c := range row {
			switch {
			case c == "":
				b.WriteString("<c/>")
			case strings.HasPrefix(c, "<"):
				b.WriteString(c)
			case strings.Trim(c, "0123456789.-") == "":
				b.WriteString("<c><v>" + c + "</v></c>")
			default:
				b.WriteString(`<c t="inlineStr"><is><t xml:space="preserve">` + c + "</t></is></c>")
			}
		}
		b.WriteString("</row>")
	}
	return b.String() + "</sheetData>"
}

// sheet is a spreadsheet of one sheet with rows under the usual heads.
func sheet(of ...[]string) workbook {
	return workbook{sheets: [][2]string{{"Hoja1", rows(append([][]string{head}, of...)...)}}}
}

var (
	head = []string{"Descripción", "Cantidad", "Unidad", "Precio unitario sin IVA", "Características técnicas"}
	good = []string{"Monitor", "2", "pieza", "3200"}
)

const monitor = "Monitor; 2; pieza; 3,200.00"

func TestWhatProgramsWriteIsReadByItsHeads(t *testing.T) {
	items, words := itemsOf(t, sample(t, "libreoffice.xlsx"))
	want := `Computadora de escritorio; 20; Pieza; 18,500.50; "Procesador de 8 núcleos
16 GB de memoria"
"Licencia de ofimática; anual"; 1,500; Licencia; 9,250.00
Instalación; 0.5; Servicio; ; Incluye pruebas`
	if diff := cmp.Diff(want, items); diff != "" || words != "" {
		t.Errorf("%s%s", words, diff)
	}
	_, words = itemsOf(t, sample(t, "openpyxl.xlsx"))
	if want := "Renglón 2 (fila 6, columna C): tiene una fórmula sin resultado. Abra el archivo en Excel y guárdelo, o escriba el dato. Corrija el archivo y envíelo de nuevo."; words != want {
		t.Errorf("%q", words)
	}
}

func TestWhatLibreOfficeWritesIsReadAsItIsSeen(t *testing.T) {
	items, words, note := tableOf(t, sample(t, "encabezados.xlsx"))
	want := `Computadora de escritorio; 20; Pieza; 18,500.50
Licencia de ofimática; 1,500; Licencia; 9,250.00
Monitor de 24"; 3; pieza; 3,200.00`
	if diff := cmp.Diff(want, items); diff != "" || words != "" || !strings.HasPrefix(note, "No uso la columna “Precio unitario con IVA”") {
		t.Errorf("%s%s%s", words, note, diff)
	}
	_, words = itemsOf(t, sample(t, "defectos.xlsx"))
	want = `La fila 3 tiene datos que no se ven, como texto del color del fondo. Muéstrelos o bórrelos.
Renglón 3 (fila 4, columna D): tiene el error “#DIV/0!”. Corrija la fórmula o escriba el dato.
Renglón 4 (fila 5, columna B): tiene una fecha. Escriba el número o el texto, y quite el formato de fecha.
Renglón 5 (fila 6, columna B): tiene un porcentaje. Escriba el número.
Renglón 6 (fila 7, columna B): guarda 2.4 y muestra otro número. Escriba el número completo y quite el formato.
Renglón 7 (fila 8, columna A): tiene el error “#N/A”. Corrija la fórmula o escriba el dato.
Renglón 8 (fila 9, columna A): está tachada. Escriba el dato sin tachar, o tache o borre toda la fila.
Renglón 8 (fila 9, columna E): tiene un porcentaje. Escriba el número.
Corrija el archivo y envíelo de nuevo.`
	if diff := cmp.Diff(want, words); diff != "" {
		t.Error(diff)
	}
	items, words = itemsOf(t, sample(t, "lista.xlsx"))
	if want := "Impresora láser; 5; pieza; 4,000.50; Dúplex\nLicencia; 1,500; licencia; 9,250.00\nCable; 12.5; metro; 18.00"; items != want {
		t.Errorf("%q%q", items, words)
	}
	if _, words = itemsOf(t, sample(t, "libreoffice.ods")); !strings.HasPrefix(words, "Recibí una hoja de LibreOffice (.ods).") {
		t.Errorf("%q", words)
	}
}

func TestWhatOtherProgramsWriteIsRead(t *testing.T) {
	f := excelize.NewFile()
	errs := []error{f.SetSheetRow("Sheet1", "A1", &[]any{"Descripción", "Cantidad", "Unidad", "Precio unitario"}), f.SetSheetRow("Sheet1", "A2", &[]any{"Monitor", 2, "pieza"})}
	errs = append(errs, f.SetCellFormula("Sheet1", "D2", "1600*2"))
	var b bytes.Buffer
	if err := errors.Join(append(errs, f.Write(&b), f.Close())...); err != nil {
		t.Fatal(err)
	}
	if items, words := itemsOf(t, b.Bytes()); !strings.HasPrefix(words, "Renglón 1 (fila 2, columna D): tiene una fórmula sin resultado.") {
		t.Errorf("excelize: %q%q", items, words)
	}

	cover := rows([]string{"Este documento se ha exportado de Numbers.", "", ""}, []string{"Nombre de la hoja de Numbers", "Nombre de la tabla de Numbers", "Nombre de la hoja de Excel"}, []string{"Hoja 1", "", ""}, []string{"", "Tabla 1", "Hoja 1"})
	numbers := workbook{sheets: [][2]string{{"Resumen de exportación", cover}, {"Hoja 1", rows([]string{"Tabla 1"}, head, good) + `<mergeCells><mergeCell ref="A1:E1"/></mergeCells>`}}}
	if items, words := itemsOf(t, numbers.bytes(t)); items != monitor {
		t.Errorf("Numbers: %q%q", items, words)
	}

	bare := sheet(good).parts() // as Google writes what was never formatted: no styles, no texts elsewhere
	delete(bare, "xl/styles.xml")
	delete(bare, "xl/sharedStrings.xml")
	bare["xl/_rels/workbook.xml.rels"] = `<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`
	b.Reset()
	z := zip.NewWriter(&b)
	for name, body := range bare {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if items, words := itemsOf(t, b.Bytes()); items != monitor {
		t.Errorf("without styles: %q%q", items, words)
	}
}

func TestASumThatLooksLikeARenglonIsAskedAbout(t *testing.T) {
	mouse := []string{"Mouse", "10", "pieza", "100"}
	for name, c := range map[string]struct{ row, want string }{
		"as many pieces as all": {"12", "La fila 4 dice “TOTAL” y parece la suma de los renglones. Si lo es, bórrela; si no, cambie su descripción."},
		"another number":        {"13", "TOTAL; 13; piezas; 7,400.00"},
	} {
		if items, words := itemsOf(t, sheet(good, mouse, []string{"TOTAL", c.row, "piezas", "7400"}).bytes(t)); !strings.Contains(items+words, c.want) {
			t.Errorf("%s: %q%q", name, items, words)
		}
	}
}

func TestTheColumnsStandInAnyOrderUnderTheNamesThatPeopleGiveThem(t *testing.T) {
	for name, of := range map[string][][]string{
		"as in the template":   {head, good},
		"in another order":     {{"Unidad", "Precio unitario", "Cantidad", "Descripción"}, {"pieza", "3200", "2", "Monitor"}},
		"an abbreviated unit":  {{"Descripción", "Cant.", "U. MEDIDA", "P.U."}, good},
		"capitals, no accents": {{"DESCRIPCION", "CANT.", "U.M.", "P.U."}, good},
		"other names":          {{"Concepto", "Cantidad solicitada", "Unidad de medida", "Costo unitario (sin IVA)"}, good},
		"with others between":  {{"No.", "Descripción del bien o servicio", "Partida", "Cantidad", "Unidad", "Precio unitario", "Importe"}, {"1", "Monitor", "5151", "2", "pieza", "3200", "6400"}},
		"two prices":           {{"Descripción", "Cantidad", "Unidad", "Precio unitario con IVA", "Precio unitario sin IVA"}, {"Monitor", "2", "pieza", "3712", "3200"}},
		"below a title":        {{"Instituto de Ejemplo"}, {}, {"Anexo técnico", "", "2026"}, head, good},
		"with blank rows":      {head, {}, {" "}, good, {}},
		"and a sum":            {head, good, {"", "", "Total", "6400"}, {"IVA", "", "", "1024"}, {"Gran total:"}},
		"heads on each page":   {head, {"DESCRIPCIÓN", "CANTIDAD", "UNIDAD"}, good},
		"two descriptions":     {{"Descripción técnica", "Descripción", "Cantidad", "Unidad", "Precio"}, {"", "Monitor", "2", "pieza", "3200"}},
		"decomposed":           {{"Descripcio\u0301n", "Cantidad", "Unidad", "Precio unitario"}, good},
		"one cell twice":       {{"<c r=\"A1\" t=\"inlineStr\"><is><t>x</t></is></c>", "<c r=\"A1\" t=\"inlineStr\"><is><t>Descripción</t></is></c>", "Cantidad", "Unidad", "Precio"}, good},
	} {
		if items, words := itemsOf(t, (workbook{sheets: [][2]string{{"Hoja1", rows(of...)}}}).bytes(t)); items != monitor {
			t.Errorf("%s: %q%q", name, items, words)
		}
	}
}

func TestWithoutHeadsNothingIsReadAndTheTemplateIsOffered(t *testing.T) {
	for name, c := range map[string]struct {
		rows [][]string
		want string
	}{
		"no heads":           {[][]string{good, good}, "No encontré los encabezados Descripción, Cantidad y Unidad en el archivo. Presione “Descargar plantilla”"},
		"nothing":            {nil, "No encontré los encabezados"},
		"heads too far down": {append(slices.Repeat([][]string{{"Anexo"}}, 41), head, good), "escriba los renglones. Los busqué en las primeras 40 filas con datos"},
		"no quantity":        {[][]string{{}, {"Descripción", "Unidad", "Precio"}}, "Entre los encabezados de la fila 2 falta la columna “Cantidad”."},
		"twice":              {[][]string{{"Cantidad", "Descripción", "Unidad", "Cantidad"}}, "Las columnas A y D se llaman igual: “Cantidad”."},
		"twice, a price":     {[][]string{{"Cantidad", "Descripción", "Unidad", "Precio", "PRECIO"}}, "Las columnas D y E se llaman igual: “Precio”."},
		"two for one":        {[][]string{{"Cantidad", "Descripción", "Concepto", "Unidad"}}, "Las columnas B (“Descripción”) y C (“Concepto”) pueden ser la de “Descripción”. Deje solo una y envíe el archivo de nuevo."},
		"with IVA":           {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio unitario con IVA"}}, "La columna D trae el precio con IVA."},
		"a price perhaps":    {[][]string{{"Descripción", "Cantidad", "Unidad", "Tarifa mensual"}}, "No sé si la columna D (“Tarifa mensual”) es la del precio."},
		"another's unit":     {[][]string{{"Descripción", "Cantidad", "Unidad solicitante"}}, "falta la columna “Unidad”"},
		"heads and no more":  {[][]string{head, {}, {"Total"}}, "El archivo no tiene renglones."},
	} {
		if items, words := itemsOf(t, (workbook{sheets: [][2]string{{"Hoja1", rows(c.rows...)}}}).bytes(t)); items != "" || !strings.HasPrefix(words, c.want) && !strings.Contains(words, c.want) {
			t.Errorf("%s: %q%q", name, items, words)
		}
	}
}

func TestWhatNobodySeesIsNotReadAndIsNamed(t *testing.T) {
	visible, other := rows(head, good), rows(head, []string{"Otro", "4000", "pieza", "5"})
	for name, c := range map[string]struct {
		book workbook
		want string
	}{
		"a hidden sheet before it":  {workbook{sheets: [][2]string{{".Oculta", other}, {"Hoja1", visible}}}, monitor},
		"a cover before it":         {workbook{sheets: [][2]string{{"Portada", rows([]string{"Anexo"})}, {"Hoja2", visible}, {"Hoja3", other}}}, monitor},
		"an empty form before it":   {workbook{sheets: [][2]string{{"Plantilla", rows(head)}, {"Hoja2", visible}}}, monitor},
		"hidden sheets only":        {workbook{sheets: [][2]string{{".Oculta", other}, {"Hoja1", rows(good)}}}, "No encontré los encabezados Descripción, Cantidad y Unidad en las hojas visibles del archivo; las hojas ocultas no se leen."},
		"a hidden row":              {sheet(good, append([]string{`row:hidden="1"`}, good...)), "La fila 3 tiene datos y está oculta o filtrada. Muéstrela o bórrela."},
		"a row of no height":        {sheet(good, append([]string{`row:ht="0" customHeight="1"`}, good...)), "La fila 3 tiene datos y está oculta o filtrada."},
		"a column of no width":      {workbook{sheets: [][2]string{{"Hoja1", `<cols><col min="2" max="2" width="0" customWidth="1"/></cols>` + visible}}}, "La columna B (Cantidad) está oculta."},
		"a hidden row of nothing":   {sheet(good, []string{`row:hidden="1"`, " "}), monitor},
		"a hidden column":           {workbook{sheets: [][2]string{{"Hoja1", `<cols><col min="2" max="2" hidden="1"/></cols>` + visible}}}, "La columna B (Cantidad) está oculta."},
		"a hidden price":            {workbook{sheets: [][2]string{{"Hoja1", `<cols><col min="4" max="16384" hidden="true"/></cols>` + visible}}}, "La columna D (Precio unitario sin IVA) está oculta."},
		"a hidden column of others": {workbook{sheets: [][2]string{{"Hoja1", `<cols><col min="6" max="16384" hidden="1"/></cols>` + visible}}}, monitor},
		"the same head hidden":      {workbook{sheets: [][2]string{{"Hoja1", `<cols><col min="1" max="1" hidden="1"/></cols>` + rows([]string{"Cantidad", "Descripción", "Cantidad", "Unidad", "Precio"}, []string{"4000", "Monitor", "2", "pieza", "3200"})}}}, monitor},
	} {
		if items, words := itemsOf(t, c.book.bytes(t)); !strings.Contains(items+words, c.want) {
			t.Errorf("%s: %q%q", name, items, words)
		}
	}
}

func TestOtherSheetsWithRenglonesAreNamed(t *testing.T) {
	visible := rows(append(slices.Clone(head[:4:4]), "Marca"), append(slices.Clone(good), "Acme"))
	other := rows(head, []string{"Otro", "4", "pieza", "5"})
	const brand = "No uso la columna “Marca”: su contenido no se guarda. Si hace falta, póngalo en “Características técnicas”."
	for name, c := range map[string]struct {
		sheets [][2]string
		want   string
	}{
		"none":               {[][2]string{{"PC", visible}}, brand},
		"one":                {[][2]string{{"PC", visible}, {"Otra", other}}, "Solo leí la hoja “PC”; la hoja “Otra” no se guarda. Si tiene renglones, páselos a la hoja “PC”. " + brand},
		"two":                {[][2]string{{"Portada", rows([]string{"Anexo"})}, {"PC", visible}, {"Otra", other}, {"Más", other}}, "Solo leí la hoja “PC”; las hojas “Otra” y “Más” no se guardan. Si tienen renglones, páselos a la hoja “PC”. " + brand},
		"without units":      {[][2]string{{"PC", visible}, {"Otra", rows([]string{"Descripción", "Cantidad"}, good[:2])}}, "Solo leí la hoja “PC”; la hoja “Otra” no se guarda. Si tiene renglones, páselos a la hoja “PC”. " + brand},
		"cut off":            {[][2]string{{"PC", visible}, {"Otra", "<sheetData>"}}, "Solo leí la hoja “PC”; la hoja “Otra” no se guarda. Si tiene renglones, páselos a la hoja “PC”. " + brand},
		"a hidden one":       {[][2]string{{"PC", visible}, {".Otra", other}}, brand},
		"notes":              {[][2]string{{"PC", visible}, {"Notas", rows([]string{"Cantidad de visitas", "5"})}}, brand},
		"an empty template":  {[][2]string{{"PC", visible}, {"Otra", rows(head)}}, brand},
		"behind empty heads": {[][2]string{{"Vacía", rows(head)}, {"PC", visible}}, brand},
	} {
		items, words, note := tableOf(t, (workbook{sheets: c.sheets}).bytes(t))
		if items != monitor || note != c.want {
			t.Errorf("%s: %q%q, %q", name, items, words, note)
		}
	}
}

func TestWhatIsStruckThroughIsLeftOutAndNamed(t *testing.T) {
	const strike = `<styleSheet><fonts><font/><font><b/><strike/></font><font><strike val="0"/></font></fonts><cellXfs><xf/><xf fontId="1"/><xf fontId="2"/></cellXfs></styleSheet>`
	text := func(style int, s string) string {
		return fmt.Sprintf(`<c s="%d" t="inlineStr"><is><t>%s</t></is></c>`, style, s)
	}
	number := func(style int, s string) string { return fmt.Sprintf(`<c s="%d"><v>%s</v></c>`, style, s) }
	row := func(style int) []string {
		return []string{text(style, "Mouse"), number(style, "10"), text(style, "pieza"), number(style, "100")}
	}
	for name, c := range map[string]struct {
		rows        [][]string
		items, said string
	}{
		"a row":            {[][]string{head, good, row(1)}, monitor, "No tomé la fila 3, que está tachada."},
		"two":              {[][]string{head, row(1), good, row(1), {"", "", "Total", "6400"}}, monitor, "No tomé las filas 2 y 4, que están tachadas."},
		"bold, not struck": {[][]string{head, row(2)}, "Mouse; 10; pieza; 100.00", ""},
		"a text elsewhere": {[][]string{head, good, {`<c s="1" t="s"><v>0</v></c>`, number(1, "10"), text(1, "pieza")}}, monitor, "No tomé la fila 3, que está tachada."},
		"an old price":     {[][]string{head, {"Mouse", "10", "pieza", number(1, "100")}}, "", "Renglón 1 (fila 2, columna D): está tachada."},
		"all of them":      {[][]string{head, row(1)}, "", "El archivo no tiene renglones."},
	} {
		book := workbook{sheets: [][2]string{{"Hoja1", rows(c.rows...)}}, texts: "<si><t>Mouse</t></si>", more: map[string]string{"xl/styles.xml": strike}}
		items, words, note := tableOf(t, book.bytes(t))
		if items != c.items || !strings.HasPrefix(words+note, c.said) || c.said == "" && note != "" {
			t.Errorf("%s: %q, %q%q", name, items, words, note)
		}
	}
}

func TestACellIsReadAsWhatItHolds(t *testing.T) {
	book := sheet()
	book.formats = []string{
		"d/mm/yyyy", `"$"#,##0.00`, "0.00%", "[$USD] #,##0.00", `[$-80A]#,##0.00;[Red]-#,##0.00`, "[h]:mm", `#,##0 "kg"`, "General", "#,##0,", `0 "miles"`, "#,##0", "00000",
		`_-"$"* #,##0.00_-;\-"$"* #,##0.00_-;_-"$"* "-"??_-;_-@_-`, ";;;", ";;;@", `"12"`, `0"%"`, `"";"";""`, `"N/A"`,
	}
	book.texts = `<si><t>Mo</t><rPh><t>MO</t></rPh></si><si><r><t>Mo</t></r><r><rPr><b/></rPr><t xml:space="preserve">nitor </t></r></si>`
	for name, c := range map[string]struct {
		row  []string
		want string
	}{
		"a text elsewhere":            {[]string{`<c t="s"><v>1</v></c>`, "2", "pieza"}, "Monitor; 2; pieza"},
		"without its reading":         {[]string{`<c t="s"><v>0</v></c>`, "2", "pieza"}, "Mo; 2; pieza"},
		"a text that is not there":    {[]string{`<c t="s"><v>9</v></c>`, "2", "pieza"}, "columna A): falta la descripción."},
		"a formula of a text":         {[]string{`<c t="str"><f>A1</f><v>Monitor</v></c>`, "2", "pieza"}, "Monitor; 2; pieza"},
		"a formula of a number":       {[]string{"Monitor", `<c><f>1+1</f><v>2</v></c>`, "pieza"}, "Monitor; 2; pieza"},
		"a shared formula":            {[]string{"Monitor", `<c><f t="shared" si="0"/><v>2</v></c>`, "pieza"}, "Monitor; 2; pieza"},
		"a formula of nothing":        {[]string{"Monitor", "2", "pieza", `<c t="str"><f>""</f><v></v></c>`}, "Monitor; 2; pieza"},
		"a formula never reckoned":    {[]string{"Monitor", `<c><f>1+1</f></c>`, "pieza"}, "(fila 2, columna B): tiene una fórmula sin resultado."},
		"a line break":                {[]string{"Monitor_x000D_\nde 24", "2", "pieza", "", "a_x000D_\nb"}, "Monitor de 24; 2; pieza; ; \"a\nb\""},
		"an escape of its own":        {[]string{"_x005F_x0041_", "2", "pieza"}, "_x0041_; 2; pieza"},
		"a number for a description":  {[]string{"5151", "2", "pieza"}, "5151; 2; pieza"},
		"the dust of reckoning":       {[]string{"Monitor", "0.30000000000000004", "metro", "0.1"}, "Monitor; 0.3; metro; 0.10"},
		"a power of ten":              {[]string{"Monitor", `<c><v>1.5E3</v></c>`, "pieza", `<c><v>1.85E4</v></c>`}, "Monitor; 1,500; pieza; 18,500.00"},
		"pesos":                       {[]string{"Monitor", "2", "pieza", `<c s="2"><v>3200</v></c>`}, monitor},
		"centavos as they are shown":  {[]string{"Monitor", "2", "pieza", `<c s="5"><v>12931.034482758621</v></c>`}, "Monitor; 2; pieza; 12,931.03"},
		"centavos that are not shown": {[]string{"Monitor", "2", "pieza", `<c s="8"><v>12931.034482758621</v></c>`}, "columna D): el precio unitario “12931.0344827586” lleva a lo más dos decimales."},
		"a text for a price":          {[]string{"Monitor", "2", "pieza", "$3,200.00 MXN"}, monitor},
		"commas for points":           {[]string{"Monitor", "2", "pieza", "18500,50 "}, "Monitor; 2; pieza; 18,500.50"},
		"two readings":                {[]string{"Monitor", "2", "pieza", "1.234 "}, "columna D): el precio unitario “1.234” lleva a lo más dos decimales. ¿Quiso decir 1,234.00?"},
		"a date":                      {[]string{"Monitor", `<c s="1"><v>46000</v></c>`, "pieza"}, "columna B): tiene una fecha."},
		"a date as such":              {[]string{"Monitor", `<c t="d"><v>2026-11-23</v></c>`, "pieza"}, "columna B): tiene una fecha."},
		"a time":                      {[]string{"Monitor", `<c s="6"><v>1.5</v></c>`, "pieza"}, "columna B): tiene una fecha."},
		"a weight":                    {[]string{"Monitor", `<c s="7"><v>2</v></c>`, "pieza"}, "Monitor; 2; pieza"},
		"a percentage":                {[]string{"Monitor", "2", "pieza", `<c s="3"><v>0.16</v></c>`}, "columna D): tiene un porcentaje."},
		"dollars":                     {[]string{"Monitor", "2", "pieza", `<c s="4"><v>200</v></c>`}, "columna D): está en otra moneda."},
		"dollars in words":            {[]string{"Monitor", "2", "pieza", "200 USD"}, "columna D): el precio unitario “200 USD” debe estar en pesos mexicanos."},
		"true":                        {[]string{"Monitor", `<c t="b"><v>1</v></c>`, "pieza"}, "columna B): tiene VERDADERO o FALSO."},
		"an error":                    {[]string{`<c t="e"><f>X1</f><v>#REF!</v></c>`, "2", "pieza"}, "columna A): tiene el error “#REF!”."},
		"less than nothing":           {[]string{"Monitor", "-2", "pieza"}, "columna B): no entendí la cantidad “-2”."},
		"NaN":                         {[]string{"Monitor", "NaN", "pieza"}, "columna B): no entendí la cantidad “NaN”."},
		"no number":                   {[]string{"Monitor", "dos", "pieza"}, "columna B): no entendí la cantidad “dos”."},
		"a number for a unit":         {[]string{"Monitor", "2", "3200"}, "columna C): "},
		"no unit":                     {[]string{"Monitor", "2", " "}, "columna C): falta la unidad."},
		"a unit of no width":          {[]string{"Monitor", "2", "\u200b\u2800"}, "columna C): falta la unidad."},
		"a quantity kept as text":     {[]string{"Monitor", "'20", "pieza"}, "Monitor; 20; pieza"},
		"spaces that do not break":    {[]string{"Monitor\u00a0ancho", "\u00a02\u200b", "pieza", "$\u00a03,200.00"}, "Monitor ancho; 2; pieza; 3,200.00"},
		"an error as text":            {[]string{"#¡REF!", "2", "pieza"}, "columna A): tiene el error “#¡REF!”."},
		"thousands that are shown":    {[]string{"Monitor", `<c s="9"><v>2000</v></c>`, "pieza"}, "columna B): guarda 2000 y muestra otro número."},
		"thousands in letters":        {[]string{"Monitor", `<c s="10"><v>2</v></c>`, "pieza"}, "columna B): guarda 2 y muestra otro número."},
		"a quantity shown short":      {[]string{"Monitor", `<c s="11"><v>2.4</v></c>`, "pieza"}, "columna B): guarda 2.4 y muestra otro número."},
		"zeros of a format":           {[]string{`<c s="12"><v>147</v></c>`, "2", "pieza"}, "columna A): guarda 147 y su formato agrega letras o ceros."},
		"letters of a format":         {[]string{"Monitor", "2", "pieza", "", `<c s="7"><v>5</v></c>`}, "columna E): guarda 5 y su formato agrega letras o ceros."},
		"a part of a hundred":         {[]string{"Monitor", "2", "pieza", "", `<c s="3"><v>0.16</v></c>`}, "columna E): tiene un porcentaje."},
		"an accountant's":             {[]string{"Monitor", "2", "pieza", `<c s="13"><v>3200</v></c>`}, monitor},
		"a format of nothing":         {[]string{"Monitor", `<c s="14"><v>2</v></c>`, "pieza"}, "columna B): tiene un dato que no se ve"},
		"a price that nobody sees":    {[]string{"Monitor", "2", "pieza", `<c s="14"><v>16</v></c>`}, "columna D): tiene un dato que no se ve"},
		"a format of no letters":      {[]string{"Monitor", "2", "pieza", `<c s="18"><v>16</v></c>`}, "columna D): tiene un dato que no se ve"},
		"a format that is a number":   {[]string{"Monitor", "2", "pieza", `<c s="16"><v>16</v></c>`}, "columna D): guarda 16 y muestra otro número."},
		"a format that is a word":     {[]string{"Monitor", `<c s="19"><v>16</v></c>`, "pieza"}, "columna B): guarda 16 y muestra otro número."},
		"a percentage in letters":     {[]string{"Monitor", "2", "pieza", `<c s="17"><v>16</v></c>`}, "columna D): tiene un porcentaje."},
		"a text without a format":     {[]string{`<c s="14" t="str"><v>Monitor</v></c>`, "2", "pieza"}, "columna A): tiene un dato que no se ve"},
		"numbers without a format":    {[]string{`<c s="15" t="str"><v>Monitor</v></c>`, "2", "pieza"}, "Monitor; 2; pieza"},
	} {
		book.sheets = sheet(c.row).sheets
		if items, words := itemsOf(t, book.bytes(t)); !strings.Contains(items+words, c.want) || c.want[0] != '(' && !strings.HasPrefix(c.want, "columna") && items != c.want {
			t.Errorf("%s: %q%q, want %q", name, items, words, c.want)
		}
	}
}

func TestAColumnOfNumbersThatStandForMoreIsRefused(t *testing.T) {
	for _, said := range []string{"(miles)", "en miles", "(millares)", "(docenas)", "en cientos", "(x1000)", "(000)", "x 1,000", "(pares)", "(%)"} {
		for _, name := range []string{"Cantidad", "Cant."} {
			data := rows([]string{"Descripción", name + " " + said, "Unidad"}, []string{"Monitor", "2", "pieza"})
			items, words := itemsOf(t, (workbook{sheets: [][2]string{{"Hoja1", data}}}).bytes(t))
			if want := "La columna B (“" + name + " " + said + "”) no trae las cantidades completas."; items != "" || !strings.HasPrefix(words, want) {
				t.Errorf("%s %s: %q%q", name, said, items, words)
			}
		}
	}
	for name, c := range map[string]struct {
		rows [][]string
		want string
	}{
		"a price of a thousand":  {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio unitario por millar"}, good}, "La columna D (“Precio unitario por millar”) no trae pesos por unidad"},
		"a price of a hundred":   {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio unitario (100 piezas)"}, good}, "La columna D"},
		"a rate of the tax":      {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio unitario sin IVA 16%"}, good}, monitor},
		"a legend of thousands":  {[][]string{{"Cantidades en miles"}, {"Descripción", "Cantidad", "Unidad"}, good}, "La fila 1 dice “Cantidades en miles”."},
		"a whole one beside it":  {[][]string{{"Descripción", "Cantidad (miles)", "Cantidad", "Unidad"}, {"Monitor", "0.002", "2", "pieza"}}, "Monitor; 2; pieza"},
		"what the pieces are":    {[][]string{{"Descripción", "Cantidad", "Unidad (pieza, par, millar)", "Unidad"}, {"Monitor", "2", "", "pieza"}}, "Monitor; 2; pieza"},
		"and what is under them": {[][]string{{"Descripción", "Cantidad (miles)", "Unidad", "Precio unitario con IVA"}, {"", "2", "pieza"}}, "La columna B (“Cantidad (miles)”) no trae las cantidades completas. Escriba en ella cada cantidad con todas sus cifras, cambie su encabezado a “Cantidad” y envíe el archivo de nuevo.\nLa columna D trae el precio con IVA. Escriba en ella el precio unitario sin IVA, cambie su encabezado a “Precio unitario sin IVA” y envíe el archivo de nuevo.\nRenglón 1 (fila 2, columna A): falta la descripción."},
	} {
		items, words := itemsOf(t, (workbook{sheets: [][2]string{{"Hoja1", rows(c.rows...)}}}).bytes(t))
		if !strings.HasPrefix(items+words, c.want) {
			t.Errorf("%s: %q%q", name, items, words)
		}
	}
}

func TestHeadsOfTwoRowsAreReadTogether(t *testing.T) {
	merged := func(refs ...string) string {
		var b strings.Builder
		for _, r := range refs {
			fmt.Fprintf(&b, `<mergeCell ref="%s"/>`, r)
		}
		return "<mergeCells>" + b.String() + "</mergeCells>"
	}
	for name, c := range map[string]struct {
		rows   [][]string
		merged string
		want   string
	}{
		"two prices":            {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio unitario"}, {"", "", "", "con IVA", "sin IVA"}, {"Monitor", "2", "pieza", "3712", "3200"}}, merged("A1:A2", "B1:B2", "C1:C2", "D1:E1"), monitor},
		"two currencies":        {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio unitario"}, {"", "", "", "USD", "MXN"}, {"Monitor", "2", "pieza", "180", "3200"}}, merged("D1:E1"), monitor},
		"dollars only":          {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio"}, {"", "", "", "USD", "Euros"}, {"Monitor", "2", "pieza", "180", "150"}}, merged("D1:E1"), "La columna D (“Precio USD”) no trae pesos"},
		"a group over others":   {[][]string{{"Descripción", "Solicitado"}, {"", "Cantidad", "Unidad"}, {"Monitor", "2", "pieza", "3200"}}, merged("A1:A2", "B1:C1"), "Monitor; 2; pieza"},
		"not merged":            {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio"}, {"del bien", "solicitada", "de medida", "unitario"}, {"Monitor", "2", "pieza", "3200"}}, "", "(fila 2, columna B): no entendí la cantidad “solicitada”."},
		"broken over two rows":  {[][]string{{"Descripción del", "Cantidad", "Unidad de", "Precio"}, {"bien", "solicitada", "medida", "unitario"}, good}, "", monitor},
		"no unit in the first":  {[][]string{{"Descripción", "Cantidad"}, {"", "", "Unidad", "Precio unitario"}, good}, "", monitor},
		"words under a head":    {[][]string{{"Descripción", "Cantidad", "Unidad", "", "Características"}, {"Monitor", "dos", "pieza"}, good}, merged("E1:G1"), "Renglón 1 (fila 2, columna B): no entendí la cantidad “dos”."},
		"a thousand in a group": {[][]string{{"Descripción", "En miles"}, {"", "Cantidad", "Unidad"}, {"Monitor", "2", "pieza"}}, merged("A1:A2", "B1:C1"), "Entre los encabezados de la fila"},
		"under a title":         {[][]string{{"Precios unitarios y cantidad", "", "", ""}, head, good}, merged("A1:E1"), monitor},
	} {
		items, words := itemsOf(t, (workbook{sheets: [][2]string{{"Hoja1", rows(c.rows...) + c.merged}}}).bytes(t))
		if items != c.want && !strings.Contains(words, c.want) {
			t.Errorf("%s: %q%q", name, items, words)
		}
	}
}

func TestColumnsFarToTheRightAreReadOrNamed(t *testing.T) {
	far := func(n int, cells ...string) []string { return append(make([]string, n), cells...) }
	for name, c := range map[string]struct {
		rows        [][]string
		items, said string
	}{
		"all of them": {[][]string{far(90, head...), far(90, good...)}, monitor, ""},
		"the price":   {[][]string{append(far(0, head[:3]...), far(70, "Precio unitario")...), append(far(0, good[:3]...), far(70, "3200")...)}, monitor, ""},
		"another":     {[][]string{append(far(0, head[:4]...), far(70, "Marca")...), append(far(0, good...), far(70, "Acme")...)}, monitor, "No uso la columna “Marca”: su contenido no se guarda."},
		"no head":     {[][]string{head[:4], append(far(0, good...), far(70, "x")...)}, monitor, "No uso la columna BW (sin encabezado): su contenido no se guarda."},
		"many":        {[][]string{head[:4], append(far(0, good...), slices.Repeat([]string{"x"}, 100)...)}, monitor, "No uso las columnas E (sin encabezado), F (sin encabezado), G (sin encabezado), H (sin encabezado), I (sin encabezado), J (sin encabezado), K (sin encabezado), L (sin encabezado) y 92 más"},
	} {
		items, words, note := tableOf(t, (workbook{sheets: [][2]string{{"Hoja1", rows(c.rows...)}}}).bytes(t))
		if items != c.items || !strings.HasPrefix(note, c.said) || c.said == "" && note != "" {
			t.Errorf("%s: %q%q, %q", name, items, words, note)
		}
	}
	line := func(cells []string) string { return strings.Join(cells, ";") }
	if items, words := itemsOf(t, []byte(line(far(90, head...))+"\n"+line(far(90, good...)))); items != monitor {
		t.Errorf("a list: %q%q", items, words)
	}
	if _, words := itemsOf(t, []byte(line(head)+strings.Repeat("\n"+strings.Repeat(";", 400), 1000))); !strings.HasPrefix(words, "El archivo tiene demasiadas celdas") {
		t.Errorf("a list of air: %q", words)
	}
}

func TestWhatIsWrittenInTheColorOfThePaperIsTold(t *testing.T) {
	const styles = `<styleSheet><fonts><font/><font><color rgb="FFFFFFFF"/></font><font><color theme="0"/></font><font><sz val="1"/></font><font><color indexed="10"/></font><font><color rgb="FFFEFEFE"/></font></fonts>
		<fills><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FF1F4E79"/><bgColor rgb="FFFFFFFF"/></patternFill></fill><fill><patternFill patternType="solid"><fgColor indexed="10"/></patternFill></fill></fills>
		<cellXfs><xf/><xf fontId="1" fillId="0"/><xf fontId="1" fillId="1"/><xf fontId="2"/><xf fontId="3"/><xf fontId="4" fillId="2"/><xf fontId="5"/></cellXfs></styleSheet>`
	text := func(style int, s string) string {
		return fmt.Sprintf(`<c s="%d" t="inlineStr"><is><t>%s</t></is></c>`, style, s)
	}
	number := func(style int, s string) string { return fmt.Sprintf(`<c s="%d"><v>%s</v></c>`, style, s) }
	const cell = "tiene un dato que no se ve: del color del fondo, muy pequeño o con un formato que lo oculta."
	for name, c := range map[string]struct {
		rows [][]string
		want string
	}{
		"a row":                {[][]string{head, good, {text(1, "Otro"), number(1, "4000"), text(1, "pieza"), number(1, "5")}}, "La fila 3 tiene datos que no se ven, como texto del color del fondo. Muéstrelos o bórrelos."},
		"a price":              {[][]string{head, {"Monitor", "2", "pieza", number(1, "3200")}}, "Renglón 1 (fila 2, columna D): " + cell},
		"of the theme":         {[][]string{head, {"Monitor", number(3, "2"), "pieza"}}, "columna B): " + cell},
		"almost white":         {[][]string{head, {"Monitor", number(6, "2"), "pieza"}}, "columna B): " + cell},
		"a point high":         {[][]string{head, {text(4, "Monitor"), "2", "pieza"}}, "columna A): " + cell},
		"a color on itself":    {[][]string{head, {"Monitor", number(5, "2"), "pieza"}}, "columna B): " + cell},
		"white on blue":        {[][]string{head, {text(2, "Monitor"), number(2, "2"), "pieza", "3200"}}, monitor},
		"heads of white":       {[][]string{{text(1, "Descripción"), text(1, "Cantidad"), text(1, "Unidad"), text(1, "Precio")}, good}, monitor},
		"beside the renglones": {[][]string{append(slices.Clone(head), "Notas"), append(slices.Clone(good), "", text(1, "x"))}, monitor},
		"a text elsewhere":     {[][]string{head, {`<c s="1" t="s"><v>0</v></c>`, "2", "pieza"}}, "columna A): " + cell},
		"a part of it":         {[][]string{head, {`<c t="s"><v>1</v></c>`, "2", "pieza"}}, "columna A): " + cell},
		"its parts are seen":   {[][]string{head, {`<c s="1" t="s"><v>2</v></c>`, "2", "pieza", "3200"}}, monitor},
		"a part struck":        {[][]string{head, {`<c t="s"><v>3</v></c>`, "2", "pieza"}}, "columna A): tiene una parte tachada. Deje solo lo que vale."},
		"all parts struck":     {[][]string{head, good, {`<c t="s"><v>4</v></c>`}}, monitor},
		"a part here":          {[][]string{head, {`<c t="inlineStr"><is><r><t>Monitor</t></r><r><rPr><strike/></rPr><t xml:space="preserve"> de 24</t></r></is></c>`, "2", "pieza"}}, "columna A): tiene una parte tachada."},
	} {
		book := workbook{sheets: [][2]string{{"Hoja1", rows(c.rows...)}}, more: map[string]string{"xl/styles.xml": styles}, texts: `<si><t>Monitor</t></si>
			<si><r><t>Monitor</t></r><r><rPr><color rgb="FFFFFFFF"/></rPr><t> y más</t></r></si><si><r><rPr><color rgb="FF000000"/></rPr><t>Monitor</t></r></si>
			<si><r><rPr><strike/></rPr><t>24</t></r><r><rPr><sz val="11"/></rPr><t>27</t></r></si><si><r><rPr><strike/></rPr><t>Mouse</t></r></si>`}
		if items, words := itemsOf(t, book.bytes(t)); items != c.want && !strings.Contains(words, c.want) {
			t.Errorf("%s: %q%q", name, items, words)
		}
	}
}

func TestWhatAProgramDidNotReckonIsNoZero(t *testing.T) {
	book := sheet([]string{"Monitor", "2", "pieza", `<c><f>1600*2</f><v>0</v></c>`})
	book.more = map[string]string{"xl/workbook.xml": strings.Replace(book.parts()["xl/workbook.xml"], "</workbook>", `<calcPr calcId="124519" fullCalcOnLoad="1"/></workbook>`, 1)}
	if items, words := itemsOf(t, book.bytes(t)); !strings.Contains(words, "(fila 2, columna D): tiene una fórmula sin resultado.") {
		t.Errorf("%q%q", items, words)
	}
}

func TestMergedCellsAreReadWhereTheyMeanOneThing(t *testing.T) {
	for name, c := range map[string]struct{ merged, want string }{
		"a head over two rows":         {`<mergeCell ref="A1:A2"/>`, "(fila 2, columna A): está combinada con otras, A1:A2."},
		"a value over the free column": {`<mergeCell ref="D2:E2"/>`, "(fila 2, columna E): está combinada con otras, D2:E2."},
		"a value over two rows":        {`<mergeCell ref="A2:A3"/>`, "(fila 2, columna A): está combinada con otras, A2:A3."},
		"elsewhere":                    {`<mergeCell ref="F2:G9"/><mergeCell ref="A1:XFD1"/><mergeCell ref="?"/>`, monitor},
	} {
		book := sheet(good)
		book.sheets[0][1] += "<mergeCells>" + c.merged + "</mergeCells>"
		if items, words := itemsOf(t, book.bytes(t)); !strings.Contains(items+words, c.want) {
			t.Errorf("%s: %q%q", name, items, words)
		}
	}
}

func TestEverythingThatIsWrongIsToldInOneAnswer(t *testing.T) {
	_, words := itemsOf(t, sheet([]string{"", "dos", "", "1.234 "}, good, []string{"Monitor", "", "pieza", "gratis"}).bytes(t))
	want := `Renglón 1 (fila 2, columna A): falta la descripción.
Renglón 1 (fila 2, columna B): no entendí la cantidad “dos”. Escríbala así: 20.
Renglón 1 (fila 2, columna C): falta la unidad.
Renglón 1 (fila 2, columna D): el precio unitario “1.234” lleva a lo más dos decimales. ¿Quiso decir 1,234.00?
Renglón 3 (fila 4, columna B): falta la cantidad.
Renglón 3 (fila 4, columna D): no entendí el precio unitario “gratis”. Escríbalo así: 18,500.00.
Corrija el archivo y envíelo de nuevo.`
	if diff := cmp.Diff(want, words); diff != "" {
		t.Error(diff)
	}
	bad := make([][]string, 30)
	for i := range bad {
		bad[i] = []string{"Monitor", "", ""}
	}
	_, words = itemsOf(t, sheet(bad...).bytes(t))
	if lines := strings.Split(words, "\n"); len(lines) != 10 || lines[8] != "Y 52 datos más por corregir." {
		t.Errorf("%q", words)
	}
}

func TestMoreRenglonesThanARequestHoldsAreCounted(t *testing.T) {
	for n, want := range map[int]string{200: "", 201: "El archivo tiene 201 renglones y caben 200.", 5000: "El archivo tiene 5,000 renglones y caben 200."} {
		all := make([][]string, n)
		for i := range all {
			all[i] = good
		}
		items, words := itemsOf(t, sheet(all...).bytes(t))
		if !strings.HasPrefix(words, want) || (want == "") != (strings.Count(items, "\n") == n-1) {
			t.Errorf("%d: %q", n, words)
		}
	}
}

// TestASpreadsheetThatIsMostlyAirCostsLittle measures what hostile and careless files cost.
func TestASpreadsheetThatIsMostlyAirCostsLittle(t *testing.T) {
	wide := `<c r="A1" t="inlineStr"><is><t>x</t></is></c><c r="XFD1"><v>1</v></c>`
	styled := strings.Repeat("<c s=\"1\"/>", 16384)
	valid := rows(head, good)
	for name, c := range map[string]struct {
		book workbook
		want string
	}{
		"30,000 rows to XFD":      {workbook{sheets: [][2]string{{"Hoja1", "<sheetData>" + strings.Repeat("<row>"+wide+"</row>", 30_000) + "</sheetData>"}}}, "No encontré"},
		"under heads":             {workbook{sheets: [][2]string{{"Hoja1", strings.Replace(valid, "</sheetData>", strings.Repeat("<row>"+wide+"</row>", 30_000)+"</sheetData>", 1)}}}, "El archivo tiene 30,001 renglones"},
		"rows of formats":         {workbook{sheets: [][2]string{{"Hoja1", strings.Replace(valid, "</sheetData>", strings.Repeat("<row>"+styled+"</row>", 100)+"</sheetData>", 1)}}}, "demasiadas celdas"},
		"a text of 100 MB":        {workbook{sheets: [][2]string{{"Hoja1", rows(head, []string{strings.Repeat("x", 100<<20), "2", "pieza"})}}}, "demasiadas celdas"},
		"texts that nobody reads": {workbook{texts: strings.Repeat("<si><t>x</t></si>", 1_000_000), sheets: [][2]string{{"Hoja1", rows(head, []string{`<c t="s"><v>7</v></c>`, "2", "pieza"})}}}, "x; 2; pieza"},
		"rows without end":        {workbook{sheets: [][2]string{{"Hoja1", valid + strings.Repeat("<x>", 3_000_000)}}}, "dañado"},
		"merged cells":            {workbook{sheets: [][2]string{{"Hoja1", valid + "<mergeCells>" + strings.Repeat(`<mergeCell ref="A9:A9"/>`, 300_000) + "</mergeCells>"}}}, monitor},
		"formats":                 {workbook{formats: make([]string, 300_000), sheets: [][2]string{{"Hoja1", valid}}}, monitor},
		"sheets":                  {workbook{sheets: append(slices.Repeat([][2]string{{"Portada", rows([]string{"x"})}}, 2000), [2]string{"Hoja1", valid})}, monitor},
	} {
		body := c.book.bytes(t)
		if len(body) > paper.MaxSheet {
			t.Fatalf("%s: %d bytes", name, len(body))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		items, words := itemsOf(t, body)
		runtime.ReadMemStats(&after)
		if !strings.Contains(items+words, c.want) {
			t.Errorf("%s: %.200q%.200q", name, items, words)
		}
		allocated := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %d kB, %d MB allocated", name, len(body)>>10, allocated>>20)
		if allocated > 256<<20 {
			t.Errorf("%s: %d bytes were allocated", name, allocated)
		}
	}
}

func TestAReadingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := paper.Items(ctx, bytes.NewReader(sheet(good).bytes(t)), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestWhatIsNoSpreadsheetIsToldWhatItIs(t *testing.T) {
	broken := sheet(good)
	broken.more = map[string]string{"xl/worksheets/sheet1.xml": "<worksheet><sheetData><row><c>"}
	for want, body := range map[string][]byte{
		"Recibí un PDF. Aquí van los renglones:":                  []byte("%PDF-1.7"),
		"Recibí una hoja de Excel anterior a 2007 (.xls). Ábrala": []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "W\x00o\x00r\x00k\x00b\x00o\x00o\x00k\x00"),
		"El archivo está vacío.":                                  {},
		"El archivo llegó incompleto o está dañado":               sheet(good).bytes(t)[:600],
		"El archivo llegó incompleto o está dañado, y":            broken.bytes(t),
		"El archivo pesa más de 2 MB":                             make([]byte, paper.MaxSheet+1),
		"Recibí una página web en lugar del documento. Ábrala":    []byte("<html><table>"),
		"Recibí un archivo de texto.":                             []byte("No traigo renglones."),
	} {
		if _, words := itemsOf(t, body); !strings.HasPrefix(words, want) && !strings.Contains(want, ".xls)") {
			t.Errorf("%q, want %q", words, want)
		}
	}
}

func TestALockedWorkbookIsTold(t *testing.T) {
	f := excelize.NewFile()
	var b bytes.Buffer
	if err := errors.Join(f.Write(&b, excelize.Options{Password: "secreto"}), f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, words := itemsOf(t, b.Bytes()); !strings.HasPrefix(words, "El documento pide una contraseña para abrirse.") {
		t.Errorf("%q", words)
	}
}

func TestAListIsReadAsASpreadsheetIs(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"commas":                {"Descripción,Cantidad,Unidad,Precio unitario\nMonitor,2,pieza,3200\n", monitor},
		"semicolons":            {"Descripción;Cantidad;Unidad;Precio unitario\r\nMonitor;2;pieza;3200,00\r\n", monitor},
		"tabs":                  {"Descripción\tCantidad\tUnidad\tPrecio unitario\nMonitor\t2\tpieza\t\"3,200.00\"\n", monitor},
		"a byte order mark":     {"\xef\xbb\xbfDescripción,Cantidad,Unidad,Precio unitario\nMonitor,2,pieza,3200", monitor},
		"Windows-1252":          {"Descripci\xf3n;Cantidad;Unidad;Precio unitario\nMonitor \x93ancho\x94;2;pieza;3200", "Monitor “ancho”; 2; pieza; 3,200.00"},
		"UTF-16":                {utf16le("Descripción\tCantidad\tUnidad\tPrecio unitario\nMonitor\t2\tpieza\t3200"), monitor},
		"a word to Excel":       {"sep=;\nDescripción;Cantidad;Unidad;Precio unitario\nMonitor;2;pieza;3200", monitor},
		"a title above":         {"Anexo técnico;;;\n\nDescripción;Cantidad;Unidad;Precio unitario\nMonitor;2;pieza;3200", monitor},
		"quotation marks":       {"Descripción,Cantidad,Unidad,Características\n\"Monitor, \"\"ancho\"\"\",2,pieza,\"a\nb\"", "Monitor, \"ancho\"; 2; pieza; ; \"a\nb\""},
		"an inch":               {"Descripción;Cantidad;Unidad\nMonitor de 24\";2;pieza", "Monitor de 24\"; 2; pieza"},
		"a decimal comma":       {"Descripción;Cantidad;Unidad\nCable;12,5;metro", "Cable; 12.5; metro"},
		"thousands or decimals": {"Descripción;Cantidad;Unidad;Precio unitario\nCable;1,500;m;1000\nTubo;2,5;m;10,00", "Renglón 1 (fila 2, columna B): ¿Quiso decir 1500 o 1.5?"},
		"two readings":          {"Descripción;Cantidad;Unidad\nCable;1.234;metro", "Renglón 1 (fila 2, columna B): ¿Quiso decir 1,234 o 1.2340?"},
		"rows as Excel counts":  {"Descripción;Cantidad;Unidad;Características\n\n\"A\";1;pieza;\"x\ny\"\n\nB;;pieza;", "Renglón 2 (fila 5, columna B): falta la cantidad."},
		"no heads":              {"Monitor;2;pieza\nMouse;1;pieza", "No encontré los encabezados Descripción, Cantidad y Unidad en el archivo. Presione “Descargar plantilla”"},
		"no heads, no table":    {"Buenas tardes, adjunto, como quedamos,\nlos renglones", "Recibí un archivo de texto. Aquí van los renglones"},
		"commas in a price":     {"Descripción,Cantidad,Unidad,Precio unitario\nMonitor,2,pieza,3,200.00", "Renglón 1 (fila 2, columna D): “3” y “200.00” pueden ser un solo dato con coma. Si lo son, escríbalo entre comillas; si son dos, separe las columnas con punto y coma."},
		"another column":        {"Descripción,Cantidad,Unidad,Precio unitario,Marca\nMonitor,2,pieza,3200,Acme", monitor},
		"no unit":               {"Descripción;Cantidad\nMonitor;2", "falta la columna “Unidad”"},
	} {
		if items, words := itemsOf(t, []byte(c.text)); !strings.HasPrefix(items+words, c.want) && !strings.Contains(words, c.want) {
			t.Errorf("%s: %q%q", name, items, words)
		}
	}
}

func TestARowOfAListThatMayBeCutWithinAValueIsNotGuessedAt(t *testing.T) {
	const (
		five   = "Descripción,Cantidad,Unidad,Precio unitario,Características\n"
		turned = "Descripción,Unidad,Cantidad,Precio unitario\n"
		chair  = "Silla; 20; pieza; "
	)
	both := func(column, left, right string) string {
		return "Renglón 1 (fila 2, columna " + column + "): “" + left + "” y “" + right + "” pueden ser un solo dato con coma."
	}
	for name, c := range map[string]struct{ text, want string }{
		"a price, and the features after it":   {five + "Silla,20,pieza,18,500.00", both("D", "18", "500.00")},
		"with features of its own":             {five + "Silla,20,pieza,18,500.00,negra", both("D", "18", "500.00")},
		"without centavos":                     {five + "Silla,20,pieza,18,500", both("D", "18", "500")},
		"with a sign":                          {five + "Silla,20,pieza,$18,500.00", both("D", "$18", "500.00")},
		"millions":                             {five + "Silla,20,pieza,1,250,000.00", both("D", "1", "250")},
		"a comma before the centavos":          {five + "Silla,20,pieza,18500,50", both("D", "18500", "50")},
		"a space after the comma":              {five + "Silla,20,pieza,18, 500.00", both("D", "18", "500.00")},
		"under a head that was cut too":        {"Descripción,Cantidad,Unidad,Precio unitario, sin IVA\nSilla,20,pieza,18,500.00", both("D", "18", "500.00")},
		"beside another column":                {"Descripción,Cantidad,Unidad,Precio unitario,Marca\nSilla,20,pieza,18,500.00", both("D", "18", "500.00")},
		"beside what the row comes to":         {"Descripción,Cantidad,Unidad,Precio unitario,Importe\nSilla,20,pieza,18,500.00,370,000.00", both("D", "18", "500.00")},
		"a quantity":                           {five + "Silla,1,500,pieza,18.00", both("B", "1", "500")},
		"a quantity before the price":          {turned + "Silla,pieza,1,500,18.00", both("C", "1", "500")},
		"a quantity with a comma, and a blank": {turned + "Silla,pieza,1,500,", both("C", "1", "500")},
		"a quantity and a price":               {five + "Silla,1,500,pieza,18,500.00", both("B", "1", "500")},
		"a description":                        {five + "Silla, con brazos,20,pieza,18.00", both("A", "Silla", "con brazos")},
		"a description of which the rest fits": {"Cantidad,Unidad,Descripción,Precio unitario,Características\n20,pieza,Cable, 100,18.00", both("C", "Cable", "100")},
		"it is quoted":                         {five + "Silla,20,pieza,\"18,500.00\",negra", chair + "18,500.00; negra"},
		"quoted after a space":                 {five + "Silla, 20, pieza, \"18,500.00\", negra", chair + "18,500.00; negra"},
		"both are quoted: they are two":        {five + "Silla,20,pieza,\"18\",\"500\"", chair + "18.00; 500"},
		"semicolons: they are two":             {strings.ReplaceAll(five, ",", ";") + "Silla;20;pieza;18;500", chair + "18.00; 500"},
		"semicolons, and centavos":             {strings.ReplaceAll(five, ",", ";") + "Silla;20;pieza;18.500,00;negra, con brazos", chair + "18,500.00; negra, con brazos"},
		"more values than heads":               {strings.ReplaceAll(five, ",", ";") + "Silla;20;pieza;18500;negra;con brazos", "Renglón 1 (fila 2, columna F): sobra “con brazos”: la fila tiene más datos que encabezados. Si un dato lleva comas, escríbalo entre comillas o separe las columnas con punto y coma."},
		"a quantity, and its price":            {turned + "Silla,pieza,20,500", chair + "500.00"},
		"what it comes to is right":            {"Descripción,Cantidad,Unidad,Precio unitario,Importe\nSilla,20,pieza,18,360", chair + "18.00"},
		"texts side by side":                   {"Descripción,Cantidad,Unidad,Precio unitario,Características,Nota\nSilla,20,pieza,18,negra,urgente", chair + "18.00; negra"},
		"features that are a number":           {five + "Silla,20,pieza,18.00,500", chair + "18.00; 500"},
		"a mark that nobody closed":            {five + "Silla,20,pieza,18,\"negra\nMesa,3,pieza,100,", "Renglón 1 (fila 2, columna E): las comillas de “negra Mesa,3,pieza,100,” no cierran donde termina el dato. Ciérrelas o quítelas"},
		"a mark that closes too early":         {five + "\"Silla\" negra,20,pieza,18,\nMesa,3,pieza,100,", "Renglón 1 (fila 2, columna A): las comillas"},
		"a mark in a column that is not kept":  {"Descripción;Cantidad;Unidad;Nota\n;;;\"x\nMesa;3;pieza;", "Renglón 1 (fila 2, columna D): las comillas"},
		"in a text of UTF-16 with its mark":    {utf16le(five + "Silla,20,pieza,18,500.00"), both("D", "18", "500.00")},
		"after a byte order mark":              {"\xef\xbb\xbf" + five + "Silla,20,pieza,18,500.00", both("D", "18", "500.00")},
	} {
		if items, words := itemsOf(t, []byte(c.text)); items != c.want && (words == "" || !strings.HasPrefix(words, c.want)) {
			t.Errorf("%s: %q%q", name, items, words)
		}
	}
}

// Whoever writes a list by hand puts commas where they belong in numbers and texts, and no
// quotation marks: it is read as it was meant, or refused, and never as something else.
func TestAListWithoutQuotationMarksIsReadAsItIsMeantOrRefused(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		columns := rapid.Permutation([]int{0, 1, 2, 3, 4}).Draw(r, "columns")
		cells := []string{
			rapid.SampledFrom([]string{"Silla", "Silla, con brazos", "Cable, 100"}).Draw(r, "description"),
			value.Units(rapid.Int64Range(1, 2_000_000).Draw(r, "quantity")).String(),
			"pieza",
			value.Centavos(rapid.Int64Range(1, 300_000_000).Draw(r, "price")).String(),
			rapid.SampledFrom([]string{"", "negra", "negra, alta"}).Draw(r, "features"),
		}
		if rapid.Bool().Draw(r, "no price") {
			cells[3] = ""
		}
		if rapid.Bool().Draw(r, "no centavos") {
			cells[3] = strings.TrimSuffix(cells[3], ".00")
		}
		meant, err := value.ItemOf(cells)
		if err != nil {
			r.Fatal(err)
		}
		var heads, bare, quoted []string
		for _, c := range columns {
			heads, bare = append(heads, head[c]), append(bare, cells[c])
			quoted = append(quoted, `"`+cells[c]+`"`)
		}
		line := func(cells []string) []byte {
			return []byte(strings.Join(heads, ",") + "\n" + strings.Join(cells, ",") + "\n")
		}
		if items, words := itemsOf(t, line(bare)); items != "" && items != meant.String() || items+words == "" {
			r.Fatalf("%q is read as %q, not as %q", line(bare), items, meant)
		}
		if items, words := itemsOf(t, line(quoted)); items != meant.String() {
			r.Fatalf("%q is read as %q%q", line(quoted), items, words)
		}
	})
}

func TestAListIsReadInTheLettersOfTheProgramThatWroteIt(t *testing.T) {
	const text = "Descripción;Cantidad;Unidad;Características\r\nImpresora señal láser según diseño;2;pieza;¿Qué? ÁÉÍÓÚÑ, año, pingüino, café\r\nINSTALACIÓN SEGÚN DISEÑO;1;servicio;Él\r\n"
	want := "Impresora señal láser según diseño; 2; pieza; ; ¿Qué? ÁÉÍÓÚÑ, año, pingüino, café\nINSTALACIÓN SEGÚN DISEÑO; 1; servicio; ; Él"
	units := func(order binary.AppendByteOrder) string {
		var b []byte
		for _, u := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, u)
		}
		return string(b)
	}
	in := func(page *charmap.Charmap) string {
		s, err := page.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, body := range map[string]string{
		"UTF-8": text, "Windows": in(charmap.Windows1252), "MS-DOS": in(charmap.CodePage850), "Macintosh": in(charmap.Macintosh),
		"Macintosh, its line ends":     strings.ReplaceAll(in(charmap.Macintosh), "\r\n", "\r"),
		"UTF-16, without saying so":    units(binary.LittleEndian),
		"UTF-16, the other way around": units(binary.BigEndian),
	} {
		if items, words := itemsOf(t, []byte(body)); items != want {
			t.Errorf("%s: %q%q", name, items, words)
		}
	}
	for _, plain := range []string{"señal", "láser", "según", "diseño", "Descripción", "ENERGÍA", "Ñandú", "de “ancho” y", "24–32", "€ 5"} {
		for _, page := range []*charmap.Charmap{charmap.Windows1252, charmap.CodePage850, charmap.Macintosh} {
			if page == charmap.CodePage850 && strings.ContainsAny(plain, "“–€") {
				continue // it has none
			}
			word, err := page.NewEncoder().String(plain)
			if err != nil {
				t.Fatal(err)
			}
			if items, words := itemsOf(t, []byte("Concepto;Cantidad;Unidad\n"+word+" y otras cosas;2;pieza")); items != plain+" y otras cosas; 2; pieza" {
				t.Errorf("%s of %v: %q%q", plain, page, items, words)
			}
		}
	}
}

func utf16le(s string) string {
	out := []byte("\xff\xfe")
	for _, r := range s {
		out = append(out, byte(r), byte(r>>8))
	}
	return string(out)
}

func TestTheTemplateHoldsNoExampleAndSaysWhatGoesIntoACell(t *testing.T) {
	body, err := paper.Template()
	if err != nil {
		t.Fatal(err)
	}
	if _, words := itemsOf(t, body); words != es.SheetEmpty() {
		t.Errorf("sent as it is: %q", words)
	}
	f, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	all, err := f.GetRows(es.SheetTab)
	if err != nil || len(all) != 1 || !cmp.Equal(all[0], []string{"Descripción", "Cantidad", "Unidad", "Precio unitario sin IVA", "Características técnicas"}) {
		t.Errorf("%q, %v", all, err)
	}
	rules, err := f.GetDataValidations(es.SheetTab)
	if err != nil || len(rules) != len(head) {
		t.Fatalf("%d rules, %v", len(rules), err)
	}
	strict := 0
	for _, v := range rules {
		if v.Prompt == nil || *v.Prompt == "" || v.PromptTitle == nil || len([]rune(*v.PromptTitle)) > 32 {
			t.Errorf("%s says nothing, or too much", v.Sqref)
		}
		if v.Type == "decimal" && v.Error != nil {
			strict++
		}
	}
	if strict != 2 {
		t.Errorf("%d columns want a number", strict)
	}
}

// anItem is any renglón that can be kept.
func anItem(t *rapid.T) core.Item {
	line := rapid.StringMatching(`[\pL\pN\pP\pS ="'_;,.<>&-]{1,60}`)
	for {
		it, err := value.ItemOf([]string{
			line.Draw(t, "description"),
			rapid.StringMatching(`[1-9][0-9]{0,8}(\.[0-9]{1,6})?`).Draw(t, "quantity"),
			line.Draw(t, "unit"),
			rapid.StringMatching(`(|[0-9]{1,11}(\.[0-9]{2})?)`).Draw(t, "price"),
			rapid.StringMatching(`([\pL\pN\pP _x0A]{0,30}[\n\t]{0,2}){0,4}`).Draw(t, "features"),
		})
		if err == nil {
			return it
		}
		t.Skip("no renglón: ", err)
	}
}

func TestAnExportThatNobodyTouchedGivesTheSameRenglones(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(rapid.Custom(anItem), 1, 12).Draw(t, "renglones")
		body, err := paper.TemplateWith(items)
		if err != nil {
			t.Fatal(err)
		}
		table, err := paper.Items(context.Background(), bytes.NewReader(body), nil)
		got := table.Items
		if diff := cmp.Diff(value.PrintItems(items), value.PrintItems(got)); diff != "" || err != nil {
			t.Fatalf("%v%s", err, diff)
		}
		for i := range items {
			if got[i] != items[i] {
				t.Fatalf("%v became %v", items[i], got[i])
			}
		}
	})
}

func TestWhatAnOlderVersionKeptComesBackUnchanged(t *testing.T) {
	var items []core.Item
	if err := json.Unmarshal([]byte(`[{"description":"Total","quantity":2,"unit":"total","price":12.3456},
		{"description":"Cable","quantity":1.2345678,"unit":"metro","features":"a\nb"},
		{"description":"Nube","quantity":1,"unit":"mes","price":0.005}]`), &items); err != nil {
		t.Fatal(err)
	}
	body, err := paper.TemplateWith(items)
	if err != nil {
		t.Fatal(err)
	}
	table, err := paper.Items(t.Context(), bytes.NewReader(body), items)
	if diff := cmp.Diff(value.PrintItems(items), value.PrintItems(table.Items)); diff != "" || err != nil || !slices.Equal(table.Items, items) {
		t.Errorf("%v%s", err, diff)
	}
	body, err = paper.TemplateWith(append(items[:1:1], items[2]))
	if err != nil {
		t.Fatal(err)
	}
	if table, err = paper.Items(t.Context(), bytes.NewReader(body), items); err != nil || len(table.Items) != 2 || table.Items[1] != items[2] {
		t.Errorf("with a row taken out: %v, %v", table.Items, err)
	}
}

func TestTheColumnsThatAreNotKeptAreNamed(t *testing.T) {
	plain := []string{"Descripción", "Cantidad", "Unidad", "Precio unitario"}
	with := func(head string, values ...string) [][]string {
		return [][]string{append(slices.Clone(plain), head), append([]string{"Monitor", "2", "pieza", "3200"}, values...)}
	}
	const keep = ": su contenido no se guarda. Si hace falta, póngalo en “Características técnicas”."
	for name, c := range map[string]struct {
		rows [][]string
		want string
	}{
		"nothing beside":       {with(""), ""},
		"a brand":              {with("Marca", "Acme"), "No uso la columna “Marca”" + keep},
		"a brand of nothing":   {with("Marca", " "), ""},
		"of another row":       {append(with("Marca"), []string{"Mouse", "1", "pieza", "100", "Acme"}), ""},
		"numbers of the rows":  {with("No.", "1"), ""},
		"three":                {[][]string{append(slices.Clone(plain), "Marca", "Notas"), {"Monitor", "2", "pieza", "3200", "Acme", "urge", "ojo"}}, "No uso las columnas “Marca”, “Notas” y G (sin encabezado)" + keep},
		"an amount in words":   {with("Importe", "seis mil"), "No uso la columna “Importe”" + keep},
		"a tax":                {with("Total con IVA", "7424"), "No uso la columna “Total con IVA”" + keep},
		"beside a sum":         {append(with("Notas", ""), []string{"", "", "Total", "6400", "sin IVA"}), ""},
		"a hidden one":         {with("Notas", "x"), ""},
		"a value without head": {[][]string{plain, {"Monitor", "2", "pieza", "3200", "x"}}, "No uso la columna E (sin encabezado)" + keep},
	} {
		data := rows(c.rows...)
		if name == "a hidden one" {
			data = `<cols><col min="5" max="5" hidden="1"/></cols>` + data
		}
		items, words, note := tableOf(t, (workbook{sheets: [][2]string{{"Hoja1", data}}}).bytes(t))
		if name == "of another row" {
			c.want = "No uso la columna “Marca”" + keep
		}
		if !strings.HasPrefix(items, monitor) || note != c.want {
			t.Errorf("%s: %q%q, %q", name, items, words, note)
		}
	}
}

func TestPricesThatAreNoPesosWithoutIVAAreRefusedByWhereThatIsSaid(t *testing.T) {
	for _, said := range []string{
		"(USD)", "USD", "en dólares", "(dólares americanos)", "US$", "U.S.D.", "(dlls)", "dls.", "€", "(euros)", "£", "(MDP)", "en miles", "(miles de pesos)", "en millones", "MXN (miles)", "sin IVA, USD",
	} {
		for _, name := range []string{"Precio unitario", "P.U.", "Costo unitario", "Precio", "Importe"} {
			data := rows([]string{"Descripción", "Cantidad", "Unidad", name + " " + said}, []string{"Monitor", "2", "pieza", "900"})
			items, words := itemsOf(t, (workbook{sheets: [][2]string{{"Hoja1", data}}}).bytes(t))
			if want := "La columna D (“" + name + " " + said + "”) no trae pesos"; items != "" || !strings.HasPrefix(words, want) {
				t.Errorf("%s %s: %q%q", name, said, items, words)
			}
		}
	}
	for name, c := range map[string]struct {
		rows [][]string
		want string
	}{
		"pesos beside dollars": {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio unitario USD", "Precio unitario MXN"}, {"Monitor", "2", "pieza", "180", "3200"}}, monitor},
		"in pesos":             {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio unitario (pesos M.N., no incluye IVA)"}, good}, monitor},
		"its currency":         {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio unitario", "Moneda"}, append(slices.Clone(good), "USD")}, "Renglón 1 (fila 2, columna E): dice “USD”."},
		"its pesos":            {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio unitario", "Moneda"}, append(slices.Clone(good), "MXN"), append(slices.Clone(good), "Pesos mexicanos"), append(slices.Clone(good), "M.N.")}, monitor},
		"a title of dollars":   {[][]string{{"Anexo"}, {"Precios en dólares americanos"}, head, good}, "La fila 2 dice “Precios en dólares americanos”."},
		"a title of thousands": {[][]string{{"Precios con IVA incluido, en miles de pesos"}, head, good}, "La fila 1 dice"},
		"a title of IVA":       {[][]string{{"Los precios incluyen IVA"}, head, good}, "La fila 1 dice"},
		"a title in a corner":  {[][]string{{"Anexo", "", "", "Moneda: USD"}, head, good}, "La fila 1 dice “Moneda: USD”."},
		"a title without IVA":  {[][]string{{"Precios sin IVA incluido"}, head, good}, monitor},
		"a head without IVA":   {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio unitario sin IVA incluido"}, good}, monitor},
		"a numbered currency":  {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio unitario", "Moneda"}, append(slices.Clone(good), "1")}, "Renglón 1 (fila 2, columna E): no dice qué moneda es."},
		"a title of pesos":     {[][]string{{"Precios en pesos mexicanos; no incluyen IVA"}, head, good}, monitor},
		"a sum of its own":     {[][]string{{"Techo presupuestal: 5 millones de pesos"}, {"Total con IVA autorizado para 2026"}, head, good}, monitor},
		"a rate":               {[][]string{{"Precios en pesos al tipo de cambio de 17 pesos por dólar"}, head, good}, monitor},
		"a title, no prices":   {[][]string{{"Precios en dólares"}, head, {"Monitor", "2", "pieza"}}, "Monitor; 2; pieza"},
	} {
		items, words, note := tableOf(t, (workbook{sheets: [][2]string{{"Hoja1", rows(c.rows...)}}}).bytes(t))
		if got := items + words; !strings.HasPrefix(got, c.want) || items != "" && note != "" && name != "pesos beside dollars" {
			t.Errorf("%s: %q, %q", name, got, note)
		}
	}
}

func TestWhatARowComesToIsCheckedAgainstItsQuantityAndPrice(t *testing.T) {
	plain := []string{"Descripción", "Cantidad", "Unidad", "Precio unitario", "Importe"}
	const fine = "Monitor; 2; pieza; 3,200.00"
	for name, c := range map[string]struct {
		rows [][]string
		want string
	}{
		"the same":            {[][]string{plain, {"Monitor", "2", "pieza", "3200", "6400"}}, fine},
		"as people write it":  {[][]string{plain, {"Monitor", "2", "pieza", "3200", "$ 6,400.00"}}, fine},
		"another":             {[][]string{plain, {"Monitor", "2", "pieza", "3200", "64000"}}, "Renglón 1 (fila 2, columna E): dice $64,000.00, pero 2 × $3,200.00 son $6,400.00."},
		"another head":        {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio unitario", "Monto total"}, {"Monitor", "2", "pieza", "3200", "3200"}}, "columna E): dice $3,200.00"},
		"without a price":     {[][]string{plain, {"Monitor", "2", "pieza", "", "6400"}}, "columna E): dice $6,400.00 y el renglón no tiene precio unitario."},
		"nothing of nothing":  {[][]string{plain, {"Monitor", "2", "pieza", "", "0"}}, "Monitor; 2; pieza"},
		"prices not at all":   {[][]string{{"Descripción", "Cantidad", "Unidad", "Importe"}, {"Monitor", "2", "pieza", "6400"}}, "La columna D (“Importe”) trae lo que suma cada renglón, y falta su precio."},
		"an empty column":     {[][]string{{"Descripción", "Cantidad", "Unidad", "Importe"}, {"Monitor", "2", "pieza"}}, "Monitor; 2; pieza"},
		"with its tax":        {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio unitario", "Subtotal", "IVA", "Total"}, {"Monitor", "2", "pieza", "3200", "6400", "1024", "7424"}}, fine},
		"prices shown short":  {[][]string{plain, {"Monitor", "100", "pieza", "12931.03", "1293103.45"}}, "Monitor; 100; pieza; 12,931.03"},
		"two readings":        {[][]string{plain, {"Monitor", "2", "pieza", "0.617 ", "1.234 "}}, "columna D)"},
		"a count":             {[][]string{{"Descripción", "Cantidad", "Unidad", "Precio unitario", "Total de piezas"}, {"Monitor", "2", "pieza", "3200", "2"}}, fine},
		"beside other faults": {[][]string{plain, {"Monitor", "dos", "pieza", "3200", "6400"}, {"Mouse", "2", "pieza", "100", "100"}}, "Renglón 2 (fila 3, columna E): dice $100.00"},
	} {
		if items, words := itemsOf(t, (workbook{sheets: [][2]string{{"Hoja1", rows(c.rows...)}}}).bytes(t)); !strings.Contains(items+words, c.want) {
			t.Errorf("%s: %q%q, want %q", name, items, words, c.want)
		}
	}
}

func TestARowOfSumsIsCheckedAgainstTheRenglones(t *testing.T) {
	const both = monitor + "\nMouse; 10; pieza; 100.00"
	mouse := []string{"Mouse", "10", "pieza", "100"} // 6,400 and 1,000, with IVA 8,584
	plain := []string{"Descripción", "Cantidad", "Unidad", "Precio unitario", "Importe"}
	amounts := func(rows ...[]string) [][]string {
		return append([][]string{plain, {"Monitor", "2", "pieza", "3200", "6400"}, {"Mouse", "10", "pieza", "100", "1000"}}, rows...)
	}
	for name, c := range map[string]struct {
		rows [][]string
		want string
	}{
		"without IVA":            {[][]string{head, good, mouse, {"Total", "", "", "7400"}}, both},
		"with IVA":               {[][]string{head, good, mouse, {"Total", "", "", "8584.00 "}}, both},
		"all three":              {[][]string{head, good, mouse, {"Subtotal", "", "", "7400"}, {"IVA", "", "", "1184"}, {"Total", "", "", "8584"}}, both},
		"as people write it":     {[][]string{head, good, mouse, {"Total", "", "", "$ 7,400.00 M.N."}}, both},
		"wrong":                  {[][]string{head, good, mouse, {"Total", "", "", "99999"}}, "Fila 4, columna D: dice $99,999.00, pero los renglones suman $7,400.00 sin IVA y $8,584.00 con IVA."},
		"a wrong IVA":            {[][]string{head, good, mouse, {"Subtotal", "", "", "7400"}, {"IVA", "", "", "11840"}, {"Total", "", "", "8584"}}, "Fila 5, columna D: dice $11,840.00"},
		"wrong as text":          {[][]string{head, good, mouse, {"", "", "Total", "$ 74,000.00"}}, "Fila 4, columna D: dice $74,000.00"},
		"under the amounts":      {amounts([]string{"", "", "", "Total", "7400"}), both},
		"wrong under them":       {amounts([]string{"Total", "", "", "", "7500"}), "Fila 4, columna E: dice $7,500.00"},
		"of groups":              {[][]string{head, good, {"Subtotal", "", "", "6400"}, mouse, {"Subtotal", "", "", "1000"}, {"Total", "", "", "7400"}}, both},
		"of groups, with IVA":    {[][]string{head, good, {"Subtotal", "", "", "6400"}, {"IVA", "", "", "1024"}, mouse, {"Subtotal", "", "", "1000"}, {"IVA", "", "", "160"}}, both},
		"a wrong group":          {[][]string{head, good, {"Subtotal", "", "", "6400"}, mouse, {"Subtotal", "", "", "1100"}}, "Fila 5, columna D: dice $1,100.00"},
		"above them":             {[][]string{head, {"Total", "", "", "7400"}, good, mouse}, both},
		"the pieces":             {[][]string{head, good, mouse, {"Total de piezas", "", "", "12"}}, both},
		"the prices by habit":    {[][]string{head, good, mouse, {"Total", "", "", "3300"}}, both},
		"the centavos":           {[][]string{head, good, mouse, {"Total", "", "", "8584.01"}}, both},
		"elsewhere":              {[][]string{head, good, mouse, {"Total", "12", "", ""}}, both},
		"a price that is not":    {[][]string{head, good, {"Mouse", "10", "pieza"}, {"Total", "", "", "99999"}}, monitor + "\nMouse; 10; pieza"},
		"heads on each page":     {[][]string{head, good, head, mouse}, both},
		"a renglón that is none": {[][]string{head, good, {"Mouse", "diez", "pieza", "100"}, {"Total", "", "", "99999"}}, "Renglón 2 (fila 3, columna B)"},
	} {
		if items, words := itemsOf(t, (workbook{sheets: [][2]string{{"Hoja1", rows(c.rows...)}}}).bytes(t)); items != c.want && (items != "" || !strings.HasPrefix(words, c.want)) {
			t.Errorf("%s: %q%q, want %q", name, items, words, c.want)
		}
	}
}

func TestOnlyARowOfSumsIsPassedOver(t *testing.T) {
	for name, c := range map[string]struct {
		row  []string
		want string
	}{
		"Total":                 {[]string{"Total", "", "", "6400"}, monitor},
		"with the pieces":       {[]string{"TOTAL:", "2", "", "6400"}, monitor},
		"Gran total":            {[]string{"Gran total (M.N.)"}, monitor},
		"the tax":               {[]string{"I.V.A. 16%", "", "", "1024"}, monitor},
		"of the partida":        {[]string{"Subtotal partida 5151", "", "", "6400"}, monitor},
		"in the column of unit": {[]string{"", "", "Total sin IVA", "6400"}, monitor},
		"a Total Station":       {[]string{"Total Station Leica", "1", "pieza", "90000"}, monitor + "\nTotal Station Leica; 1; pieza; 90,000.00"},
		"one without quantity":  {[]string{"Total Station Leica", "", "", "90000"}, "Renglón 2 (fila 3, columna B): falta la cantidad."},
		"one without unit":      {[]string{"Total Security", "5", "", "900"}, "Renglón 2 (fila 3, columna C): falta la unidad."},
		"an item of sums":       {[]string{"Importe total", "5", "servicio", "900"}, monitor + "\nImporte total; 5; servicio; 900.00"},
		"a sum in the quantity": {[]string{"", "Total", "", "6400"}, monitor},
	} {
		if items, words := itemsOf(t, sheet(good, c.row).bytes(t)); !strings.Contains(items+words, c.want) || words == "" && items != c.want {
			t.Errorf("%s: %q%q, want %q", name, items, words, c.want)
		}
	}
}

func FuzzItemsGivesRenglonesOrWords(f *testing.F) {
	for _, name := range []string{"libreoffice.xlsx", "openpyxl.xlsx"} {
		f.Add(sample(f, name))
	}
	f.Add(sheet(good).bytes(f))
	f.Add([]byte("Descripción;Cantidad;Unidad\nCable;12,5;metro"))
	f.Fuzz(func(t *testing.T, body []byte) {
		table, err := paper.Items(t.Context(), bytes.NewReader(body), nil)
		items := table.Items
		if err != nil {
			if wrong, ok := errors.AsType[*paper.SheetError](err); !ok || wrong.Words == "" || len(items) > 0 {
				t.Fatalf("%d renglones, %v", len(items), err)
			}
			return
		}
		back, err := value.ParseItems(value.PrintItems(items))
		if len(items) == 0 || err != nil || !cmp.Equal(value.PrintItems(back), value.PrintItems(items)) {
			t.Fatalf("%v, read back as %v, %v", items, back, err)
		}
	})
}

// FuzzASheetGivesRenglonesOrWords gives the reader of sheets what no archive stands before.
func FuzzASheetGivesRenglonesOrWords(f *testing.F) {
	f.Add(rows(head, good), "<si><t>x</t></si>")
	f.Add(`<cols><col min="2" max="2" hidden="1"/></cols>`+rows(head, []string{`<c r="A2" t="s"><v>0</v></c>`, "2", "x"})+`<mergeCells><mergeCell ref="A1:B2"/></mergeCells>`, "<si><r><t>a</t></r></si>")
	f.Fuzz(func(t *testing.T, data, texts string) {
		if len(data)+len(texts) > 1<<16 {
			return
		}
		itemsOf(t, workbook{sheets: [][2]string{{"Hoja1", data}}, texts: texts}.bytes(t))
	})
}
