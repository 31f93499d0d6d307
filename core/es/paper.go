package es

import (
	"fmt"
	"strings"

	"sidem.gob.mx/sidem/core"
)

// Oficio is an official letter in parts, from top to bottom.
type Oficio struct {
	Title                              string // of the document, not drawn
	Head, Reference, To, Body, Closing []string
	Notes                              []string
}

// DraftLetter is a draft of the oficio of step 5: addressed to the Dirección
// General, quoting the number.
func DraftLetter(s core.Scene) Oficio {
	r, o := s.Record, s.Office
	number := r.Fields[core.FieldLetterNumber]
	if number == "" {
		number = "____________________"
	}
	sender, post := s.Viewer.Fields[core.FieldName], s.Viewer.Fields[core.FieldPost]
	return Oficio{
		Title:     "Borrador de oficio · Solicitud " + r.Number,
		Head:      nonEmpty(o.Institution, s.Agency),
		Reference: []string{"Oficio número: " + number, "Asunto: se solicita dictamen técnico, solicitud " + r.Number, Day(core.DateOf(s.Now))},
		To:        []string{capital(o.Director), "Presente"},
		Body: []string{
			"Por este medio, solicito se emita el dictamen técnico correspondiente a la solicitud número " + r.Number + ", registrada en SIDEM por " + strings.Join(nonEmpty(r.Fields[core.FieldName], r.Fields[core.FieldUnit]), ", ") + ", y " + released(r) + " por esta Secretaría Técnica.",
			"Asunto de la solicitud: " + r.Fields[core.FieldSubject] + ".",
			fmt.Sprintf("Comprende %s, por un monto estimado de %s, IVA incluido, con cargo a la partida %s y fuente de financiamiento “%s”. Corresponde al proyecto %s del Programa Sectorial de TIC.",
				Count(len(r.Items), "renglón", "renglones"), Money(r.Fields[core.FieldAmount])+" M.N.", r.Fields[core.FieldBudgetLine], r.Fields[core.FieldFunding], r.Fields[core.FieldProject]),
			"Sin otro particular, le envío un cordial saludo.",
		},
		Closing: []string{"Atentamente", " ", " ", "______________________________", sender, post},
		Notes:   []string{"Borrador hecho por SIDEM. Revise los datos, ponga el número de oficio y la firma, y entréguelo en: " + strings.Join(nonEmpty(o.Address, o.Counter), " · ")},
	}
}

// released says whether a request has been released, in an oficio that may be drafted before.
func released(r core.Record) string {
	if r.Did(core.VerbRelease) && r.State != core.StateFiled && r.State != core.StateReturned {
		return "liberada"
	}
	return "por liberar"
}

func capital(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// DraftLetterName and PassName are what the files are called: a number has no slash there.
func DraftLetterName(r core.Record) string {
	return "oficio-" + strings.ReplaceAll(r.Number, "/", "-") + ".pdf"
}

// PassName is the file of a pickup pass.
func PassName(r core.Record) string { return "pase-" + strings.ReplaceAll(r.Number, "/", "-") + ".png" }

// SheetExample is a row of it, to be written over.
func SheetExample() [5]any {
	return [5]any{"Computadora de escritorio", 20, "pieza", 18500, "Procesador de 8 núcleos, 16 GB de memoria"}
}
