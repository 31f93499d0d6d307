package es_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// large is a request with more of everything than one message holds.
func large() core.Scene {
	s := releasing()
	s.Record.Fields[core.FieldJustification] = strings.Repeat("El equipo actual ya no recibe actualizaciones. ", 60)
	for i := range 80 {
		s.Record.Items = append(s.Record.Items, core.Item{
			Description: fmt.Sprintf("Cable %03d", i+1), Quantity: value.Units(1), Unit: "pieza", Features: strings.Repeat("🖥", 60),
		})
	}
	for i := range 30 {
		s.Record.Comments = append(s.Record.Comments, core.Remark{Text: fmt.Sprintf("Comentario %03d: %s", i+1, strings.Repeat("y ", 400))})
		s.Record.Files = append(s.Record.Files, core.Attachment{Name: fmt.Sprintf("anexo %03d.pdf", i+1)})
	}
	return s
}

func TestTheDetailHoldsAllOfARequestOnPagesThatFit(t *testing.T) {
	s := large()
	_, last := es.Detail(s, 0)
	var all strings.Builder
	for n := range last + 1 {
		story, _ := es.Detail(s, n)
		units, most := 0, 2500
		for _, p := range story.Text {
			units += len(utf16.Encode([]rune(p)))
		}
		if len(story.Facts) > 0 {
			most = 1200
		}
		if units > most || len(story.Text) > 12 || (len(story.Facts) > 0) != (n == 0) {
			t.Errorf("page %d has %d facts and %d units in %d paragraphs", n, len(story.Facts), units, len(story.Text))
		}
		all.WriteString(strings.Join(story.Text, ""))
	}
	want := []string{s.Record.Fields[core.FieldJustification]}
	for i := range 80 {
		want = append(want, fmt.Sprintf("Renglón %d · Cable %03d", i+1, i+1))
	}
	for _, c := range s.Record.Comments {
		want = append(want, c.Text)
	}
	for _, w := range want {
		if !strings.Contains(all.String(), w) {
			t.Errorf("%.40q is missing", w)
		}
	}
	if beyond, n := es.Detail(s, last+7); n != last || !strings.Contains(beyond.Title, fmt.Sprintf("Página %d de %d", last+1, last+1)) {
		t.Errorf("beyond the last page: %q", beyond.Title)
	}
}

func TestADetailThatFitsOneMessageHasNoPages(t *testing.T) {
	s := releasing()
	s.Record.Fields[core.FieldProject] = "P-03 Renovación"
	story, last := es.Detail(s, 0)
	if last != 0 || strings.Contains(story.Title, "Página") || len(story.Facts) == 0 {
		t.Errorf("%d: %+v", last, story)
	}
}

func TestEveryFileStandsOnSomePage(t *testing.T) {
	s := large()
	var all []string
	_, last := es.FilesPage(s, 0, 7)
	for n := range last + 1 {
		story, _ := es.FilesPage(s, n, 7)
		all = append(all, story.Text...)
	}
	if len(all) != len(s.Record.Files) || !strings.HasPrefix(all[29], "30. anexo 030.pdf") {
		t.Errorf("%q", all)
	}
}
