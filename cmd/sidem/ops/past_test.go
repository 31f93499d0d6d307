package ops_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/cmd/sidem/ops/export"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// handedOver is a running world with a request that was closed in January.
func handedOver(t *testing.T) *world.World {
	t.Helper()
	w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Clock("2026-01-12 09:00"); err != nil {
		t.Fatal(err)
	}
	if err := w.Given(t.Context(), "dictamen entregado"); err != nil {
		t.Fatal(err)
	}
	e2etest.Rest(t, w)
	return w
}

// filedAway has it leave for an archive, and is the file of that.
func filedAway(t *testing.T, w *world.World) (file string) {
	t.Helper()
	if err := w.Given(t.Context(), "lo concluido, en el archivo"); err != nil {
		t.Fatal(err)
	}
	all, err := ops.Archives(t.Context(), &w.Config, world.Quiet())
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	sealed, _ := all[0].Sealed()
	return filepath.Join(w.Config.Files, sealed.Hash)
}

// ofRequests are the lines of one type that are of requests.
func ofRequests(all []map[string]any) (out []map[string]any) {
	for _, l := range all {
		if l["kind"] == string(core.KindRequest) {
			out = append(out, l)
		}
	}
	return out
}

func TestAnExportHasWhatWasArchivedAsItWas(t *testing.T) {
	w := handedOver(t)
	before, _ := exported(t, w.Config, core.Period{})
	file := filedAway(t, w)
	january := core.Period{From: core.Day{Year: 2026, Month: 1, Day: 1}, To: core.Day{Year: 2026, Month: 1, Day: 31}}
	for name, period := range map[string]core.Period{"all": {}, "the month": january} {
		after, _ := exported(t, w.Config, period)
		for _, kind := range []string{"record", "event"} {
			want := ofRequests(before[kind])
			if diff := cmp.Diff(want, ofRequests(after[kind])); diff != "" || len(want) == 0 {
				t.Errorf("%s: %d %ss of requests (-want +got):\n%s", name, len(want), kind, diff)
			}
		}
		if len(after["missing"]) > 0 {
			t.Errorf("%s: missing: %v", name, after["missing"])
		}
	}
	february := core.Period{From: core.Day{Year: 2026, Month: 2, Day: 1}}
	if after, _ := exported(t, w.Config, february); len(ofRequests(after["record"])) > 0 || len(ofRequests(after["event"])) > 0 {
		t.Errorf("of another month it has %v", ofRequests(after["record"]))
	}

	if err := w.Given(t.Context(), "000001/2026, de vuelta del archivo"); err != nil {
		t.Fatal(err)
	}
	after, _ := exported(t, w.Config, core.Period{})
	if got := ofRequests(after["record"]); len(got) != 1 {
		t.Errorf("one that came back is there %d times", len(got))
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if after, _ = exported(t, w.Config, core.Period{}); len(ofRequests(after["record"])) != 1 || len(ofRequests(after["event"])) != len(ofRequests(before["event"])) {
		t.Errorf("one that came back is not as it is in the store: %v", ofRequests(after["record"]))
	}
}

func TestAnExportNamesTheArchiveThatIsNotAtHandAndHasRowsOfIt(t *testing.T) {
	w := handedOver(t)
	file := filedAway(t, w)
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func() error{
		"lost":    func() error { return os.Remove(file) },
		"changed": func() error { return os.WriteFile(file, append(bytes.Clone(body), 'x'), 0o600) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		got, _ := exported(t, w.Config, core.Period{})
		want := []map[string]any{{"type": "missing", "archive": "archive-2026-01-1", "month": "2026-01", "requests": 1.0, "sha256": filepath.Base(file)}}
		if name == "changed" {
			want[0]["damaged"] = true
		}
		if diff := cmp.Diff(want, got["missing"]); diff != "" {
			t.Errorf("%s: missing (-want +got):\n%s", name, diff)
		}
		rows, events := ofRequests(got["record"]), ofRequests(got["event"])
		if len(rows) != 1 || len(events) > 0 || rows[0]["number"] != "000001/2026" {
			t.Fatalf("%s: rows %v, %d events", name, rows, len(events))
		}
		fields, _ := rows[0]["fields"].(map[string]any)
		if fields["archived"] != "archive-2026-01-1" || fields["subject"] == nil || fields["justification"] != nil {
			t.Errorf("%s: the row says %v", name, fields)
		}
	}

	var out bytes.Buffer
	to := ops.Exporting{Format: export.XLSX, File: ops.Standard, Standard: &out}
	if _, err := ops.Export(t.Context(), &w.Config, world.Quiet(), to); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	for sheet, says := range map[string]string{
		es.AboutTab:          "Archivo de enero de 2026|No está a la mano (archive-2026-01-1). De 1 solicitud suya hay solo los datos de la lista.",
		es.RequestTable.Name: "000001/2026|Dictamen entregado, archivada en enero de 2026|",
	} {
		rows, err := book.GetRows(sheet)
		text := ""
		for _, row := range rows {
			text += strings.Join(row, "|") + "\n"
		}
		if err != nil || !strings.Contains(text, says) {
			t.Errorf("%s says\n%s and not %q: %v", sheet, text, says, err)
		}
	}
}
