package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

func TestAllRenglonesAndFilesOfARequestCanBeReachedFromItsDetail(t *testing.T) {
	w := newWorld(t)
	var items []core.Item
	var files []core.Attachment
	for i := range 80 {
		items = append(items, core.Item{Description: fmt.Sprintf("Cable %03d", i+1), Quantity: value.Units(1), Unit: "pieza"})
	}
	for i := range 10 {
		files = append(files, core.Attachment{Name: fmt.Sprintf("anexo %d.pdf", i+1), MIME: "application/pdf", Hash: fmt.Sprint("h", i)})
	}
	r := w.by("lucía", "", core.Command{Kind: core.KindRequest, Verb: core.VerbDraft, Items: items, Files: files, Fields: fields(
		core.FieldSubject, "Cables de red para la unidad", core.FieldProcurement, "purchase", core.FieldCategory, "equipment",
		core.FieldJustification, "El equipo actual ya no recibe actualizaciones.", core.FieldBudgetLine, "5151",
		core.FieldFunding, "Recursos estatales", core.FieldAmount, "1000", core.FieldMultiYear, "no", core.FieldProject, "P-03 Renovación")})
	w.by("lucía", r.ID, core.Command{Verb: core.VerbFile})
	for i := range 3 {
		w.by("lucía", r.ID, core.Command{Verb: core.VerbAttach, Files: []core.Attachment{{Name: fmt.Sprintf("otro %d.pdf", i+1), MIME: "application/pdf", Hash: fmt.Sprint("o", i)}}})
	}
	w.tap("raúl", w.button("raúl", r.ID, "Ver detalle"), true)
	seen := w.leafThrough("raúl")
	for i := range items {
		if !strings.Contains(seen, fmt.Sprintf("Renglón %d · %s", i+1, items[i].Description)) {
			t.Errorf("renglón %d is on no page", i+1)
		}
	}
	w.press("raúl", "Ver anexos")
	if seen = w.leafThrough("raúl"); !strings.Contains(seen, "13. otro 3.pdf") || !strings.Contains(seen, "[1. anexo 1.pdf]") {
		t.Errorf("the files:\n%s", seen)
	}
}

// leafThrough turns the pages of the last answer to the end, and says all that they do.
func (w *world) leafThrough(who string) string {
	w.t.Helper()
	seen := text(w.last[who])
	for slices.Contains(labels(w.last[who]), "Siguientes") {
		reply := w.press(who, "Siguientes")
		if !reply.Redraw {
			w.t.Error("a page is turned into another message")
		}
		seen += "\n" + text(reply)
	}
	return seen
}
