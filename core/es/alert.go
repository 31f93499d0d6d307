package es

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core"
)

const alertIntro = "Donde dice “por ningún medio”, la persona no recibió el aviso: comuníquese con ella por teléfono. En los demás casos revise con ella el medio que falló."

// Lost is one line of an alert: a notice that reached the person by none of the
// channels that were tried.
func Lost(s core.Scene, tried []string, why Motive) string {
	var names []string
	for _, c := range tried {
		if n := Platform(c); n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	line := notice(s) + ": no se entregó por ningún medio"
	if len(names) > 0 {
		line += " (" + List(names) + ")"
	}
	return line + "." + because(why)
}

// TakenOver is one line of an alert: a notice that one channel did not deliver
// and that goes on by another.
func TakenOver(s core.Scene, failed, next string, why Motive) string {
	return fmt.Sprintf("%s: no se entregó por %s y se envía por %s.", notice(s), named(failed), Platform(next)) + because(why)
}

// LostCard is one line of an alert: whose messages are not kept up to date.
func LostCard(s core.Scene, channel string, why Motive) string {
	return fmt.Sprintf("%s. Lo que ve en %s ya no se actualiza.", strings.Join(strings.Fields(s.Viewer.Fields[core.FieldName]), " "), named(channel)) + because(why)
}

// LostFile is one line of an alert: a file of a record that can be given to nobody any more. It
// says which by its hash, and no name: the name of a file may be a person's.
func LostFile(r core.Record, hash string) string {
	return cmp.Or(r.Number, r.ID) + ". Un anexo ya no está o no es lo que se adjuntó: " + hash + "." + restoreFile
}

// restoreFile ends the line of a file.
const restoreFile = " Pida que se recupere de un respaldo; “sidem audit verify” dice si hay otros."

// alertOf is the subject of an alert, a line about it, and what it says.
func alertOf(lost []string) (subject, preheader string, text []string) {
	files := 0
	for _, line := range lost {
		if strings.HasSuffix(line, restoreFile) {
			files++
		}
	}
	switch files {
	case len(lost):
		return fmt.Sprintf("Anexos que no se pueden entregar (%d)", files), "Archivos que ya no están o cambiaron", lost
	case 0:
		subject, preheader = fmt.Sprintf("Avisos que no llegaron (%d)", len(lost)), "Personas que no recibieron un aviso de SIDEM"
	default:
		subject = fmt.Sprintf("Avisos que no llegaron (%d) y anexos que no se pueden entregar (%d)", len(lost)-files, files)
		preheader = "Personas que no recibieron un aviso de SIDEM, y archivos que ya no están o cambiaron"
	}
	return subject, preheader, append([]string{alertIntro}, lost...)
}

// LostTask is one line of an alert: what SIDEM does by itself and did not.
func LostTask(name string, why Motive) string {
	task, ok := tasks[name]
	if !ok {
		task = name
	}
	return "Tarea interna “" + task + "”. No se completó; se intenta de nuevo a su hora." + because(why)
}

var tasks = map[string]string{
	"digest": "resumen diario", "weekly": "tablero semanal", "purge": "depuración de datos", "checkpoint": "punto de control",
	"attachments": "revisión de anexos", "retention": "plazos de conservación", "recast": "actualización de mensajes por el cambio de una cuenta",
}

// named is a channel in words, or its own name.
func named(channel string) string {
	if name := Platform(channel); name != "" {
		return name
	}
	return channel
}

// Motive is why a notice was given up.
type Motive string

// The motives. The zero Motive says nothing.
const (
	MotiveRecipient Motive = "recipient"
	MotiveMessage   Motive = "message"
	MotiveChat      Motive = "chat"
	MotiveDown      Motive = "down"
	MotiveDoubt     Motive = "doubt"
	MotiveTries     Motive = "tries"
)

var motives = map[Motive]string{
	MotiveRecipient: "el servidor de correo dice que ese buzón no existe o no recibe",
	MotiveMessage:   "el mensaje no se aceptó; el registro de SIDEM dice por qué",
	MotiveChat:      "el chat ya no recibe mensajes de SIDEM",
	MotiveDown:      "el servicio no funcionó durante un día",
	MotiveDoubt:     "no se sabe si llegó: el servidor no contestó",
	MotiveTries:     "no se logró después de muchos intentos; el registro de SIDEM dice por qué",
}

func because(why Motive) string {
	if text, ok := motives[why]; ok {
		return " Motivo: " + text + "."
	}
	return ""
}

// notice is who was to be told of what, in one line whatever their names are.
func notice(s core.Scene) string {
	return strings.Join(strings.Fields("A "+s.Viewer.Fields[core.FieldName]+", sobre "+about(s.Record)), " ")
}

// about names a record in a sentence.
func about(r core.Record) string {
	switch r.Kind {
	case core.KindRequest:
		if r.Number == "" {
			return "un borrador"
		}
		return "la solicitud " + r.Number
	case core.KindProgram:
		return "el programa sectorial " + r.Fields[core.FieldYear] + " de " + r.Agency
	case core.KindAccount:
		return "la cuenta " + r.Fields[core.FieldUser]
	case core.KindAgency, core.KindArchive:
	}
	return "la dependencia " + r.Agency
}

// AndMore ends a mail that has no room for n more paragraphs.
func AndMore(n int) string {
	return "Hay " + Count(n, "párrafo", "párrafos") + " más. Consulte el detalle completo en su chat."
}
