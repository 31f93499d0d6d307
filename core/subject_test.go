package core_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// subjectNamed is a person of that name, with the user name and the address that one is given.
func subjectNamed(name ...string) core.DataSubject {
	user := value.Skeleton(name[0] + "." + name[len(name)-2])
	return core.SubjectOf("acc0lucia", []core.Event{{Kind: core.KindAccount, Record: "acc0lucia", Fields: map[core.Field]string{
		core.FieldName: strings.Join(name, " "), core.FieldUser: user, core.FieldEmail: user + "@ejemplo.gob.mx",
	}}})
}

func TestAWholeNameIsFoundInAnyWritingOfIt(t *testing.T) {
	names := [][]string{
		{"Lucía", "Herrera", "Campos"}, {"José", "Ángel", "Peña", "Núñez"}, {"María", "de", "la", "Luz", "Güemes", "Ortiz"}, {"Ana", "Anaya", "Ana"}, {"Itzel", "O'Gorman"},
	}
	cases := []func(string) string{
		func(s string) string { return s },
		strings.ToLower,
		strings.ToUpper,
		func(s string) string {
			r, n := utf8.DecodeRuneInString(s)
			return strings.ToLower(string(r)) + strings.ToUpper(s[n:])
		},
	}
	marks := []func(string) string{
		func(s string) string { return s },
		norm.NFD.String,
		func(s string) string {
			return strings.NewReplacer("á", "a", "é", "e", "í", "i", "ñ", "n", "ú", "u", "ü", "u", "Á", "A").Replace(s)
		},
		func(s string) string { return strings.NewReplacer("a", "\u0430", "e", "\u00ad"+"e").Replace(s) }, // Cyrillic; a hyphen that is not seen
		func(s string) string { return strings.NewReplacer("í", "%C3%AD", "ñ", "%C3%B1").Replace(s) },
	}
	partings := []string{" ", ".", "_", "-", "", ", ", "\n", " \u00a0 ", "·", "%20", " / ", "__", "–", "; "}
	around := [][2]string{{"", ""}, {"Oficio para ", " y anexo"}, {"oficio_", "_v2.pdf"}, {"2026", "2.pdf"}, {"(", ")"}, {"1.", ".firmado.PDF"}, {"IMG-", "-0001.jpg"}}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "name")
		as, by := rapid.SampledFrom(cases).Draw(t, "case"), rapid.SampledFrom(marks).Draw(t, "marks")
		var text strings.Builder
		for i, word := range rapid.Permutation(name).Draw(t, "order") {
			if i > 0 {
				text.WriteString(rapid.SampledFrom(partings).Draw(t, "parting"))
			}
			text.WriteString(by(as(word)))
		}
		beside := rapid.SampledFrom(around).Draw(t, "beside")
		p := subjectNamed(name...)
		got, hit := p.Hide(beside[0] + text.String() + beside[1])
		if want := beside[0] + p.Alias + beside[1]; got != want || !hit {
			t.Fatalf("%q becomes %q, want %q", beside[0]+text.String()+beside[1], got, want)
		}
		if again, hit := p.Hide(got); hit {
			t.Fatalf("%q becomes %q", got, again)
		}
	})
}

func TestANameInTheNameOfAFileIsHiddenWholeBeforeTheUserNameInIt(t *testing.T) {
	p := subjectNamed("Lucía", "Herrera", "Campos")
	for text, want := range map[string]string{
		"Lucia.Herrera.Campos.pdf":            "Persona acc0lu.pdf",
		"LuciaHerreraCampos.pdf":              "Persona acc0lu.pdf",
		"oficioLuciaHerreraCamposFirmado.pdf": "oficioPersona acc0luFirmado.pdf",
		"PDFLuciaHerreraCampos":               "PDFPersona acc0lu",
		"CV_LUCIAHERRERACAMPOSfirmado.pdf":    "CV_Persona acc0lufirmado.pdf",
		"Campos.Herrera.Lucia.xlsx":           "Persona acc0lu.xlsx",
		"lucia.herrera@ejemplo.gob.mx.eml":    "Persona acc0lu.eml",
		"lucia.herrera.pdf":                   "Persona acc0lu.pdf",
		"lucia.herrera.campos@otra.gob.mx":    "Persona acc0lu@otra.gob.mx",
		// These may be others', and stay.
		"LuciaHerreraCamposano.pdf":    "LuciaHerreraCamposano.pdf",
		"analuciaherreracampos.pdf":    "analuciaherreracampos.pdf",
		"Lucia.Campos.pdf":             "Lucia.Campos.pdf",
		"Herrera y Campos, S.A.":       "Herrera y Campos, S.A.",
		"Lucía, de Herrera Campos":     "Lucía, de Herrera Campos",
		"100%25 campos; 50%zz herrera": "100%25 campos; 50%zz herrera",
	} {
		if got, hit := p.Hide(text); got != want || hit != (want != text) {
			t.Errorf("%q becomes %q (%t), want %q", text, got, hit, want)
		}
	}
	e, _ := p.Black(core.Event{Kind: core.KindRequest, Record: "r1", Files: []core.Attachment{{Name: "Lucia.Herrera.Campos.pdf"}}})
	if got := e.Files[0].Name; got != "Persona acc0lu.pdf" {
		t.Errorf("the file is called %q", got)
	}
}
