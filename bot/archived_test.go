package bot_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	lines "sidem.gob.mx/sidem/core/shelf"
)

// archives are the requests of the one archive that there is; nil: its file is not at hand.
type archives map[string]core.Record

func (a archives) Archived(context.Context, core.Record, map[string]bool) (map[string]core.Record, error) {
	if a == nil {
		return nil, fs.ErrNotExist
	}
	return a, nil
}

// archived puts a request like another on the shelf, and is what its archive has of it.
func (w *world) archived(like core.Record) archives {
	w.t.Helper()
	old := like
	old.ID, old.Number, old.Fields = "old", "000900/2026", maps.Clone(like.Fields)
	old.Fields[core.FieldSubject] = "Plotters para el catastro"
	id := core.ArchiveID("2026-11", 1)
	board := desk.Shelf{Sessions: w.store, Now: w.clock()}
	after, e := core.ArchiveStep(core.Record{}, id, core.VerbSeal, map[core.Field]string{core.FieldMonth: "2026-11"}, nil, nil, w.clock())
	w.must(errors.Join(
		w.store.Commit(w.t.Context(), desk.Commit{Record: after, Events: []core.Event{e}, Now: w.clock()}),
		board.Add(w.t.Context(), []lines.Line{lines.LineOf(old, id)}, nil), desk.MarkArchiving(w.t.Context(), board),
	))
	return archives{old.ID: old}
}

func TestAnArchivedRequestIsExportedAndABaseAsFarAsItsArchiveIsAtHand(t *testing.T) {
	w := newWorld(t)
	old := w.archived(w.issued("veinte computadoras"))
	w.desk.Archives = old
	got := w.told("patricia", "/exportar este año")
	if rows := got[es.ItemTable.Name]; !strings.Contains(got[es.RequestTable.Name], "Plotters para el catastro") || !strings.Contains(rows, "000900/2026") || strings.Contains(got[es.AboutTab], "No está a la mano") {
		t.Errorf("%q", got)
	}
	w.wants(w.say("lucía", "/solicitud 900/2026"), "Solicitud archivada", "Usar como base")
	w.wants(w.press("lucía", "Usar como base"), "Nueva solicitud", "Plotters para el catastro")
	w.press("lucía", "Descartar")
	w.press("lucía", "Sí, descartar")

	changed := maps.Clone(old)
	for id, r := range changed {
		r.Head = strings.Repeat("00", 32)
		changed[id] = r
	}
	for name, files := range map[string]desk.Archives{"none": nil, "lost": archives(nil), "another": changed} {
		w.desk.Archives = files
		r := w.say("patricia", "/exportar este año")
		w.wants(r, "Le envío 2 solicitudes presentadas", "De 1 solicitud archivada van solo los datos de la lista, porque el archivo no está a la mano.")
		got := w.told("patricia", "/exportar este año")
		if !strings.Contains(got[es.AboutTab], "Archivo de noviembre de 2026|No está a la mano (archive-2026-11-1). De 1 solicitud suya hay") ||
			!strings.Contains(got[es.RequestTable.Name], ", archivada en noviembre de 2026|") || strings.Contains(got[es.ItemTable.Name], "000900/2026") {
			t.Errorf("%s: %q", name, got)
		}
		w.wants(w.say("lucía", "/solicitud 900/2026"), "Solicitud archivada")
		w.wants(w.press("lucía", "Usar como base"), "Por ahora no puede usarse como base: su archivo no está a la mano.", "pídalo a la Administración")
	}
	w.desk.Archives = old
	if r := w.say("héctor", "/exportar este año"); len(r.Documents) != 1 {
		t.Errorf("%s", text(r))
	}
	w.wants(w.say("diego", "/solicitud 900/2026"), "No encontré la solicitud")
}
