package paper_test

import (
	"bytes"
	"errors"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem/bot/card/cardtest"
	"sidem/bot/paper"
	"sidem/core"
	"sidem/core/es"
	"sidem/core/testbed"
	"sidem/core/value"
)

func scene(t *testing.T, name string) core.Scene {
	t.Helper()
	for _, c := range cardtest.Scenes() {
		if c.Name == name {
			return c.Scene
		}
	}
	t.Fatalf("no scene %s", name)
	return core.Scene{}
}

func TestTheDraftOfAnOficioQuotesTheNumberInSpanishLetters(t *testing.T) {
	pdf, err := paper.Letter(es.DraftLetter(scene(t, "request/released/raul.ortega")))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(pdf) > 200<<10 {
		t.Fatalf("%d bytes that begin with %q", len(pdf), pdf[:8])
	}
	tool := testbed.Need(t, testbed.Pdftotext)
	path := filepath.Join(t.TempDir(), "oficio.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"000147/2026", "Dirección General de Gobierno Digital", "Raúl Ortega Díaz", "23 de noviembre de 2026", "$503,440.00 M.N."} {
		if !strings.Contains(strings.Join(strings.Fields(string(out)), " "), want) {
			t.Errorf("the page lacks %q:\n%s", want, out)
		}
	}
}

func TestTheSameOficioIsTheSameBytes(t *testing.T) {
	s := scene(t, "request/released/raul.ortega")
	a, err := paper.Letter(es.DraftLetter(s))
	if err != nil {
		t.Fatal(err)
	}
	b, err := paper.Letter(es.DraftLetter(s))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("two drafts of one oficio differ")
	}
}

func TestHostileWordsMakeAnOficioAllTheSame(t *testing.T) {
	if _, err := paper.Letter(es.DraftLetter(cardtest.Hostile(scene(t, "request/released/raul.ortega")))); err != nil {
		t.Error(err)
	}
}

func TestThePassIsAPicture(t *testing.T) {
	body, err := paper.QR(core.Pass(scene(t, "request/issued/lucia.herrera").Record))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(body))
	if err != nil || img.Bounds().Dx() < 300 {
		t.Errorf("%v, %v", img.Bounds(), err)
	}
}

func TestTheTemplateReadsBackAsItsExample(t *testing.T) {
	body, err := paper.Template()
	if err != nil {
		t.Fatal(err)
	}
	items, err := paper.Items(t.Context(), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	want := []core.Item{{Description: "Computadora de escritorio", Quantity: value.Units(20), Unit: "pieza", Price: value.Pesos(18500), Features: "Procesador de 8 núcleos, 16 GB de memoria"}}
	if diff := cmp.Diff(want, items); diff != "" {
		t.Error(diff)
	}
}

func TestASpreadsheetIsToldWhatToMendByItsRow(t *testing.T) {
	good := es.SheetExample()
	for name, c := range map[string]struct {
		rows [][5]any
		want string
	}{
		"a quantity is missing": {[][5]any{good, good, good, {"Monitor", "", "pieza", 1, ""}}, "Renglón 4 (fila 5 del archivo): falta la cantidad."},
		"no unit":               {[][5]any{{"Monitor", 2, " ", 1, ""}}, "Renglón 1 (fila 2 del archivo): falta la unidad."},
		"words for a quantity":  {[][5]any{good, {"Monitor", "dos", "pieza", 1, ""}}, "Renglón 2 (fila 3 del archivo): no entendí la cantidad “dos”."},
		"not a number":          {[][5]any{{"Monitor", "NaN", "pieza", 1, ""}}, "no entendí la cantidad “NaN”"},
		"a price below nothing": {[][5]any{{"Monitor", 1, "pieza", -1, ""}}, "no entendí el precio unitario “-1”"},
		"nothing":               {nil, "El archivo no tiene renglones."},
	} {
		body, err := paper.Sheet(c.rows...)
		if err != nil {
			t.Fatal(err)
		}
		_, err = paper.Items(t.Context(), bytes.NewReader(body))
		wrong, ok := errors.AsType[*paper.SheetError](err)
		if !ok || !strings.Contains(wrong.Words, c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
}

func TestASpreadsheetIsBounded(t *testing.T) {
	rows := make([][5]any, core.Specs[core.FieldItems].Max+1)
	for i := range rows {
		rows[i] = es.SheetExample()
	}
	body, err := paper.Sheet(rows...)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{"rows": body, "bytes": make([]byte, paper.MaxSheet+1), "no spreadsheet": []byte("PK\x03\x04 nothing")} {
		if _, ok := errors.AsType[*paper.SheetError](second(paper.Items(t.Context(), bytes.NewReader(body)))); !ok {
			t.Errorf("%s: taken", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }
