package es

import (
	"strings"
	"testing"

	"sidem.gob.mx/sidem/core/filetype"
)

func TestEveryKindOfFileHasASentenceOfItsOwnWithAWayOut(t *testing.T) {
	seen := map[string]filetype.Kind{}
	for _, k := range filetype.Kinds() {
		if k == filetype.Unknown {
			continue
		}
		if received[k] == "" {
			t.Errorf("nothing is said of %s", k)
		}
		if other, ok := seen[received[k]]; ok {
			t.Errorf("%s and %s are told alike", k, other)
		}
		seen[received[k]] = k
		if (remedies[k] == "") != k.IsTaken() {
			t.Errorf("%s: %q to do", k, remedies[k])
		}
		for _, s := range []string{FileRefused("a", k), SheetRefused(k)} {
			if m := forbidden.FindString(s); m != "" {
				t.Errorf("%q says %q", s, m)
			}
		}
		if s := SheetRefused(k); strings.Contains(s, "foto legible") || !strings.Contains(s, "xlsx") && sheetRemedies[k] != remedies[k] {
			t.Errorf("of %s, where renglones are wanted: %q", k, s)
		}
	}
}

func TestAFileThatNobodyKnowsIsToldByItsName(t *testing.T) {
	for name, want := range map[string]string{
		"virus.EXE":         "Recibí un archivo .exe. Envíe PDF o una foto legible.",
		"oficio.pdf":        "El contenido de “oficio.pdf” no es lo que dice su nombre.",
		"Oficio 23.11.2026": "No reconozco ese archivo.",
		"nada":              "No reconozco ese archivo.",
	} {
		if got := FileRefused(name, filetype.Unknown); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestFilesThatAreTooManyOrTooHeavyAreCounted(t *testing.T) {
	for want, got := range map[string]string{
		"Llegaron 13 archivos y caben 10; no guardé ninguno.":    FilesTooMany(0, 13, 10),
		"Caben 10 archivos: ya hay 1 archivo y llegaron 10 más.": FilesTooMany(1, 10, 10),
		"Caben 10 archivos: ya hay 10 archivos y llegó 1 más.":   FilesTooMany(10, 1, 10),
		"Los archivos pesan juntos más de 100 MB":                FilesTooHeavy(100 << 20),
		"El archivo pesa más de 20 MB; puedo recibir":            FileTooLarge(0, 20<<20),
		"El archivo pesa 24 MB; puedo recibir":                   FileTooLarge(24<<20, 20<<20),
		"“plano.pdf”: El archivo está vacío.":                    FileProblem("plano.pdf", FileRefused("plano.pdf", filetype.Empty)),
	} {
		if !strings.HasPrefix(got, want) || forbidden.MatchString(got) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
