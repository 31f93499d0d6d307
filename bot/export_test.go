package bot_test

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// told is all that the cells of the only file of a reply say, sheet by sheet.
func (w *world) told(who, text string) map[string]string {
	w.t.Helper()
	r := w.say(who, text)
	if len(r.Documents) != 1 {
		w.t.Fatalf("%s: %d files: %s", text, len(r.Documents), r.Toast)
	}
	file, err := r.Documents[0].Open(w.t.Context())
	w.must(err)
	defer func() { _ = file.Close() }()
	body, err := io.ReadAll(file)
	w.must(err)
	if int64(len(body)) != r.Documents[0].Size {
		w.t.Errorf("%d bytes, said to be %d", len(body), r.Documents[0].Size)
	}
	f, err := excelize.OpenReader(strings.NewReader(string(body)))
	w.must(err)
	defer func() { _ = f.Close() }()
	out := map[string]string{}
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		w.must(err)
		for _, row := range rows {
			out[sheet] += strings.Join(row, "|") + "\n"
		}
	}
	return out
}

func TestAnExportHasWhatItsPersonMaySeeAndNoCode(t *testing.T) {
	w := newWorld(t)
	issued, filed := w.issued("veinte computadoras"), w.filed("lucía", "doce impresoras de oficina")
	code := issued.Fields[core.FieldPickupCode]
	for who, want := range map[string][]string{"héctor": {issued.Number}, "patricia": {issued.Number, filed.Number}, "sofía": {issued.Number, filed.Number}} {
		got := w.told(who, "/exportar este año")
		var numbers []string
		for line := range strings.Lines(got[es.RequestTable.Name]) {
			if number, _, _ := strings.Cut(line, "|"); strings.Contains(number, "/2026") {
				numbers = append(numbers, number)
			}
		}
		if !slices.Equal(numbers, want) {
			t.Errorf("%s has %q, want %q", who, numbers, want)
		}
		if len(got) != 4 || !strings.Contains(got[es.AboutTab], "del 1 de enero al 31 de diciembre de 2026") || !strings.Contains(got[es.ItemTable.Name], issued.Number) {
			t.Errorf("%s: %q", who, got)
		}
		for sheet, text := range got {
			if code == "" || strings.Contains(text, code) {
				t.Errorf("%s: %s says the code %q", who, sheet, code)
			}
		}
	}
	for _, who := range []string{"lucía", "raúl", "tomás", "mariana"} {
		if r := w.say(who, "/exportar hoy"); len(r.Documents) > 0 || !strings.Contains(text(r), "Esta opción es para") {
			t.Errorf("%s: %s", who, text(r))
		}
	}
	if r := w.inGroup("patricia", "/exportar hoy"); len(r.Documents) > 0 || !strings.Contains(text(r), es.Say(es.GroupTitle)) {
		t.Errorf("in a group: %s", text(r))
	}
}
