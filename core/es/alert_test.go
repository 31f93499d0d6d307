package es

import (
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/core"
)

func TestAnAlertSaysInItsSubjectWhetherPersonsOrFilesAreMeant(t *testing.T) {
	file := LostFile(core.Record{ID: "r1", Number: "000147/2026"}, "ab12")
	task := LostTask("purge", MotiveTries)
	for want, lost := range map[string][]string{
		"Anexos que no se pueden entregar (2)":                              {file, file},
		"Avisos que no llegaron (1)":                                        {task},
		"Avisos que no llegaron (1) y anexos que no se pueden entregar (1)": {task, file},
		"Avisos que no llegaron (2) y anexos que no se pueden entregar (1)": {file, task, task},
	} {
		subject, preheader, text := alertOf(lost)
		if subject != want || preheader == "" || !slices.Equal(text[len(text)-len(lost):], lost) || slices.Contains(text, alertIntro) != slices.Contains(lost, task) {
			t.Errorf("%q: %q, %q", subject, preheader, text)
		}
	}
	if !strings.HasPrefix(file, "000147/2026. ") || !strings.Contains(file, "ab12") {
		t.Error(file)
	}
}
