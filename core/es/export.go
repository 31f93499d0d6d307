package es

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// Column is a column of a table of an export: its head, how many characters it is wide,
// and what stands in it of a row: a text, a number, a core.Day, a time.Time in the zone of
// the office, a value.Money, a value.Quantity, or nil.
type Column[T any] struct {
	Head  string
	Width float64
	Of    func(T) any
}

// Table is a sheet of an export.
type Table[T any] struct {
	Name    string
	Columns []Column[T]
}

// Names tell what ids stand for, and Local is an instant in the zone of the office.
type Names struct {
	AgencyOf, PersonOf, NumberOf func(id string) string
	Local                        func(time.Time) time.Time
}

// RecordRow is a request as a row, with what its ids stand for.
type RecordRow struct {
	core.Record
	Names
}

// RequestTable are the requests of an export, one a row.
var RequestTable = Table[RecordRow]{"Solicitudes", []Column[RecordRow]{
	{"Número", 14, func(f RecordRow) any { return cmp.Or(f.Number, "(sin número)") }},
	{"Estado", 26, func(f RecordRow) any {
		if month, ok := f.Archived(); ok { // the rest is in a file that was not at hand
			return State(f.Kind, f.State) + ", archivada en " + Month(month)
		}
		return State(f.Kind, f.State)
	}},
	{"En ese estado desde", 17, func(f RecordRow) any { return f.moment(f.Since) }},
	{"Dependencia", 30, func(f RecordRow) any { return f.AgencyOf(f.Agency) }},
	answerOf(core.FieldUnit, 26),
	{"Solicita", 26, func(f RecordRow) any { return f.Fields[core.FieldName] }},
	answerOf(core.FieldPost, 26), answerOf(core.FieldEmail, 28), answerOf(core.FieldPhone, 16), answerOf(core.FieldExtension, 10),
	answerOf(core.FieldSubject, 44), answerOf(core.FieldProcurement, 18), answerOf(core.FieldCategory, 22),
	{"Renglones", 10, countOf(func(f RecordRow) int { return len(f.Items) })},
	answerOf(core.FieldJustification, 50), answerOf(core.FieldBudgetLine, 12), answerOf(core.FieldFunding, 24),
	{Field(core.FieldAmount), 18, func(f RecordRow) any { return pesos(f.Fields[core.FieldAmount]) }},
	answerOf(core.FieldMultiYear, 10), answerOf(core.FieldProject, 28),
	{"Anexos", 8, countOf(func(f RecordRow) int { return len(f.Files) })},
	{"Presentada", 17, doneAt(core.VerbFile)},
	{"Presentó", 26, doneBy(core.VerbFile)},
	{"Liberada", 17, doneAt(core.VerbRelease)},
	{"Liberó", 26, doneBy(core.VerbRelease)},
	answerOf(core.FieldLetterNumber, 22), dateOf(core.FieldLetterDate), answerOf(core.FieldFolio, 16),
	dateOf(core.FieldReceivedDate), answerOf(core.FieldReceivedTime, 12),
	{"Turnada", 17, doneAt(core.VerbRefer)},
	{"Jefatura", 26, func(f RecordRow) any { return f.PersonOf(f.Fields[core.FieldHead]) }},
	{"Asignada", 17, doneAt(core.VerbAssign, core.VerbReassign)},
	{"Dictamina", 26, func(f RecordRow) any { return f.PersonOf(f.Fields[core.FieldExecutive]) }},
	{"Observaciones", 14, countOf(func(f RecordRow) int { return len(f.Observations) })},
	{"Por responder", 14, countOf(func(f RecordRow) int { return len(f.Pending()) })},
	answerOf(core.FieldOpinionNumber, 18), answerOf(core.FieldOutcome, 14),
	{"Emitido", 17, doneAt(core.VerbIssue)},
	{"Entregado", 17, doneAt(core.VerbHandOver)},
	{"Recibió", 26, func(f RecordRow) any { return f.Fields[core.FieldReceivedBy] }},
	{"Cancelada", 17, doneAt(core.VerbCancel)},
	{"Motivo", 40, func(f RecordRow) any { return f.Fields[core.FieldReason] }},
}}

func answerOf(name core.Field, width float64) Column[RecordRow] {
	return Column[RecordRow]{Field(name), width, func(f RecordRow) any {
		if v := f.Fields[name]; v != "" {
			return FieldValue(name, v)
		}
		return nil
	}}
}

// countOf is a count in a cell; nil where only a line of the request is at hand.
func countOf(n func(RecordRow) int) func(RecordRow) any {
	return func(f RecordRow) any {
		if _, archived := f.Archived(); archived {
			return nil
		}
		return n(f)
	}
}

func dateOf(name core.Field) Column[RecordRow] {
	return Column[RecordRow]{Field(name), 14, func(f RecordRow) any { return storedDay(f.Fields[name]) }}
}

func doneAt(verbs ...core.Verb) func(RecordRow) any {
	return func(f RecordRow) any { return f.moment(lastAct(f.Record, verbs...).At) }
}

func doneBy(v core.Verb) func(RecordRow) any {
	return func(f RecordRow) any {
		act := f.Acts[v]
		if act.ForName != "" {
			return act.Name + ", en suplencia de " + act.ForName
		}
		return act.Name
	}
}

// moment is an instant in a cell; nil for none.
func (n Names) moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return n.Local(t)
}

// storedDay is a stored date in a cell; the text itself if it is none.
func storedDay(s string) any {
	d, err := core.ParseDay(s)
	switch {
	case s == "":
		return nil
	case err != nil:
		return s
	}
	return d
}

// pesos is a stored amount in a cell; the text itself if it is none.
func pesos(s string) any {
	m, ok := value.StoredMoney(s)
	switch {
	case s == "":
		return nil
	case !ok:
		return s
	}
	return m
}

// ItemRow is a renglón of a request as a row.
type ItemRow struct {
	Number string
	N      int
	core.Item
}

// ItemTable are the renglones of an export.
var ItemTable = Table[ItemRow]{"Renglones", []Column[ItemRow]{
	{"Número", 14, func(r ItemRow) any { return r.Number }},
	{"Renglón", 9, func(r ItemRow) any { return r.N }},
	{SheetHead(value.PartDescription), 44, func(r ItemRow) any { return r.Description }},
	{SheetHead(value.PartQuantity), 12, func(r ItemRow) any { return r.Quantity }},
	{SheetHead(value.PartUnit), 16, func(r ItemRow) any { return r.Unit }},
	{SheetHead(value.PartPrice), 18, func(r ItemRow) any {
		if r.Price.IsZero() {
			return nil
		}
		return r.Price
	}},
	{SheetHead(value.PartFeatures), 60, func(r ItemRow) any { return r.Features }},
}}

// ObservationRow is an observation of a request as a row.
type ObservationRow struct {
	Number string
	core.Observation
	Names
}

// ObservationTable are the observations of an export.
var ObservationTable = Table[ObservationRow]{"Observaciones", []Column[ObservationRow]{
	{"Número", 14, func(o ObservationRow) any { return o.Number }},
	{"Observación", 12, func(o ObservationRow) any { return fmt.Sprintf("O-%d", o.N) }},
	{Field(core.FieldSection), 18, func(o ObservationRow) any { return Value(o.Section) }},
	{Field(core.FieldMissing), 50, func(o ObservationRow) any { return o.Missing }},
	{Field(core.FieldDeliver), 50, func(o ObservationRow) any { return o.Deliver }},
	{Field(core.FieldDueDate), 14, func(o ObservationRow) any { return storedDay(o.Due) }},
	{"Observó", 26, func(o ObservationRow) any { return o.By.Name }},
	{"Fecha", 17, func(o ObservationRow) any { return o.moment(o.By.At) }},
	{Field(core.FieldAnswer), 50, func(o ObservationRow) any { return o.Answer }},
	{"Respondida", 17, func(o ObservationRow) any { return o.moment(o.Answered) }},
	{"Solventada", 17, func(o ObservationRow) any { return o.moment(o.Resolved) }},
}}

// EventRow is an event of the trail as a row.
type EventRow struct {
	core.Event
	Names
}

// TrailTable is the bitácora of an export.
var TrailTable = Table[EventRow]{"Bitácora", []Column[EventRow]{
	{"Asiento", 9, func(e EventRow) any { return e.Index }},
	{"De qué", 14, func(e EventRow) any { return cmp.Or(e.NumberOf(e.Record), e.Record) }},
	{"Fecha", 17, func(e EventRow) any { return e.moment(e.At) }},
	{"Qué se hizo", 32, func(e EventRow) any { return cmp.Or(Past(e.Verb), string(e.Verb)) }},
	{"Resultado", 44, func(e EventRow) any {
		if e.Refusal == nil {
			return "Registrado"
		}
		return "No procedió: " + Refuse(e.Refusal, e.AgencyOf(e.Agency), e.Local(e.At))
	}},
	{"Estado anterior", 26, func(e EventRow) any { return State(e.Kind, e.From) }},
	{"Estado que quedó", 26, func(e EventRow) any { return State(e.Kind, e.To) }},
	{"Quién", 26, func(e EventRow) any { return cmp.Or(e.ByName, e.By) }},
	{"En suplencia de", 26, func(e EventRow) any { return e.ForName }},
	{"Desde", 12, func(e EventRow) any { return Platform(e.Where) }},
	{"Datos", 60, func(e EventRow) any { return e.data() }},
	{"Archivos", 30, func(e EventRow) any {
		var names []string
		for _, f := range e.Files {
			names = append(names, f.Name)
		}
		return strings.Join(names, "\n")
	}},
	{"Huella", 20, func(e EventRow) any { return e.Hash }},
}}

// data are the fields of an event, one a line.
func (e EventRow) data() string {
	var out []string
	for _, f := range slices.Sorted(maps.Keys(e.Fields)) {
		v := FieldValue(f, e.Fields[f])
		if core.Specs[f].Type == core.TypePerson {
			v = cmp.Or(e.PersonOf(v), v)
		}
		out = append(out, cmp.Or(Field(f), string(f))+": "+v)
	}
	return strings.Join(out, "\n")
}

// NoticeRow is a notice as a row.
type NoticeRow struct {
	ID, Record, Account, Channel, What, State string
	Tries                                     int
	Last                                      time.Time
	Receipt, Note                             string
	Names
}

// NoticeTable is what was sent, and what came of it.
var NoticeTable = Table[NoticeRow]{"Avisos", []Column[NoticeRow]{
	{"Aviso", 14, func(s NoticeRow) any { return s.ID }},
	{"De qué", 14, func(s NoticeRow) any { return cmp.Or(s.NumberOf(s.Record), s.Record) }},
	{"Para", 26, func(s NoticeRow) any { return cmp.Or(s.PersonOf(s.Account), s.Account) }},
	{"Por", 12, func(s NoticeRow) any { return capital(Platform(s.Channel)) }},
	{"Contenido", 24, func(s NoticeRow) any { return s.What }},
	{"Estado", 18, func(s NoticeRow) any { return cmp.Or(sendings[s.State], s.State) }},
	{"Intentos", 9, func(s NoticeRow) any { return s.Tries }},
	{"Último intento", 17, func(s NoticeRow) any { return s.moment(s.Last) }},
	{"Recibo", 30, func(s NoticeRow) any { return s.Receipt }},
	{"Nota", 40, func(s NoticeRow) any { return s.Note }},
}}

// sendings are the states of a notice.
var sendings = map[string]string{"live": "Por enviar", "sent": "Enviado", "moot": "Ya no hizo falta", "dead": "No llegó"}

// CardRow is a message with a card as a row.
type CardRow struct {
	Record, Account, Channel, Chat, Message string
	Live                                    bool
	Buttons                                 int
	Names
}

// CardTable are the messages with cards.
var CardTable = Table[CardRow]{"Tarjetas", []Column[CardRow]{
	{"De qué", 14, func(p CardRow) any { return cmp.Or(p.NumberOf(p.Record), p.Record) }},
	{"De quién", 26, func(p CardRow) any { return cmp.Or(p.PersonOf(p.Account), p.Account) }},
	{"En", 12, func(p CardRow) any { return capital(Platform(p.Channel)) }},
	{"Chat", 16, func(p CardRow) any { return p.Chat }},
	{"Mensaje", 20, func(p CardRow) any { return p.Message }},
	{"Vigente", 9, func(p CardRow) any {
		if p.Live {
			return Value(core.Yes)
		}
		return Value(core.No)
	}},
	{"Botones", 9, func(p CardRow) any { return p.Buttons }},
}}

// AccountTable are the persons.
var AccountTable = Table[RecordRow]{"Cuentas", []Column[RecordRow]{
	answerOf(core.FieldUser, 22), answerOf(core.FieldName, 30), answerOf(core.FieldPost, 30),
	{Field(core.FieldProfile), 30, func(f RecordRow) any {
		var names []string
		for _, r := range f.Roles {
			names = append(names, Role(r))
		}
		return strings.Join(names, "\n")
	}},
	{"Dependencia", 30, func(f RecordRow) any { return f.AgencyOf(f.Agency) }},
	{"Estado", 26, func(f RecordRow) any { return State(f.Kind, f.State) }},
	{"En ese estado desde", 17, func(f RecordRow) any { return f.moment(f.Since) }},
	answerOf(core.FieldEmail, 30), answerOf(core.FieldPhone, 16), answerOf(core.FieldExtension, 10),
	{"Chats vinculados", 20, func(f RecordRow) any {
		var chats []string
		for _, l := range f.Links {
			chats = append(chats, Platform(l.Platform))
		}
		return List(chats)
	}},
}}

// ProgramTable are the agencies and their programmes.
var ProgramTable = Table[RecordRow]{"Dependencias y programas", []Column[RecordRow]{
	{"Clave", 12, func(f RecordRow) any { return f.Agency }},
	{"Dependencia", 40, func(f RecordRow) any { return f.AgencyOf(f.Agency) }},
	answerOf(core.FieldYear, 8),
	{"Estado", 30, func(f RecordRow) any { return State(f.Kind, f.State) }},
	{"En ese estado desde", 17, func(f RecordRow) any { return f.moment(f.Since) }},
	answerOf(core.FieldLetterNumber, 22), dateOf(core.FieldLetterDate),
	{"Motivo", 40, func(f RecordRow) any { return f.Fields[core.FieldReason] }},
}}

// AboutTab is the sheet that tells what the others are.
const AboutTab = "Acerca de"

// About tells of an export: when, of which days, and how much each sheet has.
func About(at time.Time, p core.Period, counts []Fact, cut int) []Fact {
	out := []Fact{{Label: "Exportación de SIDEM", Value: Moment(at)}, {Label: "Solicitudes presentadas", Value: Filed(p)}}
	out = append(out, counts...)
	if cut > 0 {
		out = append(out, Fact{Label: "Celdas recortadas", Value: fmt.Sprintf("%s. Una celda de Excel admite hasta %s caracteres; el texto completo está en SIDEM.", thousands(cut), thousands(MaxCell))})
	}
	return out
}

// ArchiveMissing says of a file of archived requests that it is not at hand.
func ArchiveMissing(month, file string, requests int) Fact {
	return Fact{Label: "Archivo de " + Month(month), Value: "No está a la mano (" + file + "). De " +
		Count(requests, "solicitud suya", "solicitudes suyas") + " hay solo los datos de la lista."}
}

// Filed is a period in words: "del 1 de enero al 31 de marzo de 2026".
func Filed(p core.Period) string {
	switch {
	case p == core.Period{}:
		return "todas"
	case p.From.IsZero():
		return "hasta el " + Day(p.To)
	case p.To.IsZero():
		return "desde el " + Day(p.From)
	}
	return Period(p.From.String(), p.To.String())
}

// MaxCell is how many characters a cell of Excel takes.
const MaxCell = 32_767

// CellCut stands at the end of a cell whose text was too long: it had n characters.
func CellCut(n int) string {
	return fmt.Sprintf(" […] (Texto recortado: tiene %s caracteres y una celda de Excel admite %s.)", thousands(n), thousands(MaxCell))
}

// Another is the name of the n-th sheet of a table that is too long for one.
func Another(name string, n int) string { return fmt.Sprintf("%s (%d)", name, n) }

// RowCount is how many rows a sheet has.
func RowCount(n int) string { return Count(n, "fila", "filas") }

// ExportName is the file of an export of a period.
func ExportName(p core.Period) string {
	if p.From == p.To {
		return "solicitudes-" + p.From.String() + ".xlsx"
	}
	return "solicitudes-" + p.From.String() + "-a-" + p.To.String() + ".xlsx"
}

// ExportTitle stands over the question for which dates an export is.
const ExportTitle = "Exportar solicitudes a Excel"

// ExportText asks for the dates.
func ExportText(now time.Time) []string {
	last := core.Day{Year: now.Year(), Month: now.Month(), Day: 1}.Next(-1) // of the month before
	first := core.Day{Year: last.Year, Month: last.Month, Day: 1}
	return []string{
		"Elija de qué fechas, según el día en que se presentaron. El archivo tiene las que usted puede consultar.",
		fmt.Sprintf("Para otras fechas escriba, por ejemplo: exportar %s al %s.", typedDay(first), typedDay(last)),
	}
}

func typedDay(d core.Day) string { return fmt.Sprintf("%02d/%02d/%04d", d.Day, d.Month, d.Year) }

// The periods that an export has a button for, and the words that ask for them.
const (
	Today     = "Hoy"
	ThisMonth = "Este mes"
	ThisYear  = "Este año"
)

// ExportDates says that the dates of an export were not understood.
func ExportDates(text string) string {
	return "No reconocí las fechas “" + clip(text, 60) + "”. Escríbalas así: exportar 01/03/2026 al 31/03/2026. No se exportó nada."
}

// ExportNone says that there is nothing to export.
func ExportNone(p core.Period) string {
	return "No hay solicitudes presentadas " + Filed(p) + " que usted pueda consultar. No se exportó nada."
}

// ExportTooMany says that there is too much for one file, of at most some requests.
func ExportTooMany(p core.Period, most int) string {
	return "Las solicitudes presentadas " + Filed(p) + " no caben en un archivo, que lleva hasta " + thousands(most) + ". Pida un periodo más corto; no se exportó nada."
}

// ExportHere says what a file holds: n requests, of which some are rows and no more.
func ExportHere(n, rows int, p core.Period) string {
	out := "Le envío " + Count(n, "solicitud presentada", "solicitudes presentadas") + " " + Filed(p) + "."
	if rows > 0 {
		out += " De " + Count(rows, "solicitud archivada", "solicitudes archivadas") + " van solo los datos de la lista, porque el archivo no está a la mano."
	}
	return out
}
