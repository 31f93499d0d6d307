package bot_test

import (
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
)

// In January the programme of the year before opens the gate no more.
func TestWhatTheProgrammeLacksIsToldBeforeTheFirstQuestion(t *testing.T) {
	w := newWorld(t)
	w.wants(w.say("lucía", "/nueva"), "¿Cuál es el asunto")
	w.press("lucía", "Descartar")
	w.pass(60 * 24 * time.Hour)
	w.wants(w.say("lucía", "/nueva"), "Programa Sectorial de TIC 2027", "Su dependencia todavía no registra la entrega.", "podrá presentarlo cuando", "Registrar el programa", "¿Cómo se entrega?")
	w.do(clerk, "", core.Command{Kind: core.KindProgram, Verb: core.VerbDeliver, Agency: "IE", Fields: fields(
		core.FieldYear, "2027", core.FieldLetterNumber, "OF/9/2027", core.FieldLetterDate, "2027-01-12")})
	w.wants(w.say("lucía", "/nueva"), "Falta que la Administración de SIDEM la valide.", "Ver programa")
	id := core.ProgramID("IE", "2027")
	w.do(clerk, id, core.Command{Verb: core.VerbReturn, Fields: fields(core.FieldReason, "Falta la firma de la persona titular.")})
	w.wants(w.say("lucía", "/nueva"), "Su entrega se devolvió", "Ver programa", "Preparar el borrador")
	w.wants(w.press("lucía", "Preparar el borrador"), "¿Cuál es el asunto")
	w.press("lucía", "Descartar")

	w.desk.Office.GateWarns = true
	w.wants(w.say("lucía", "/nueva"), "Su entrega se devolvió", "Mientras tanto puede presentar solicitudes.")
	w.wants(w.press("lucía", "Nueva solicitud"), "¿Cuál es el asunto")
	w.press("lucía", "Descartar")

	w.by("lucía", id, core.Command{Verb: core.VerbRedeliver, Fields: fields(core.FieldLetterNumber, "OF/10/2027", core.FieldLetterDate, "2027-01-13")})
	w.do(clerk, id, core.Command{Verb: core.VerbValidate})
	w.wants(w.say("lucía", "/nueva"), "¿Cuál es el asunto")
}
