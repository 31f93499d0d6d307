package es

import (
	"fmt"
	"maps"
	"strings"

	"sidem.gob.mx/sidem/core"
)

// The labels and sentences of what a card shows beside itself.
const (
	ButtonFiles    Phrase = "button_files"
	ButtonTrail    Phrase = "button_trail"
	ButtonTimeline Phrase = "button_timeline"
	ButtonLetter   Phrase = "button_letter"
	ButtonDraft    Phrase = "button_draft_letter"
	ButtonPass     Phrase = "button_pass"
	ButtonHow      Phrase = "button_how"
	ButtonChanges  Phrase = "button_changes"
	NoChanges      Phrase = "no_changes"
	ButtonMore     Phrase = "button_more"
	ButtonReturn   Phrase = "button_return"
	ButtonAppoint  Phrase = "button_appoint"
	NoFiles        Phrase = "no_files"
	FileGone       Phrase = "file_gone"
	ProgramMissing Phrase = "program_missing"
	LetterMissing  Phrase = "letter_missing"

	ProgramToValidate Phrase = "program_to_validate"
	ProgramReturned   Phrase = "program_returned"
	ButtonProgram     Phrase = "button_program"
	ButtonPrepare     Phrase = "button_prepare"

	NoPass           Phrase = "no_pass"
	HowTitle         Phrase = "how_title"
	ButtonSheet      Phrase = "button_sheet"
	ButtonCopyCode   Phrase = "button_copy_code"
	ButtonCopyNumber Phrase = "button_copy_number"
	FormUnfinished   Phrase = "form_unfinished"
	FileOptional     Phrase = "file_optional"
	FormKept         Phrase = "form_kept"
	FormKeptDuties   Phrase = "form_kept_duties"
	ButtonStay       Phrase = "button_stay"
	ButtonAside      Phrase = "button_aside"
	ButtonSwap       Phrase = "button_swap"
	ButtonLooked     Phrase = "button_looked"
)

func init() {
	maps.Copy(phrases, map[Phrase]string{
		ButtonFiles:       "Ver anexos",
		ButtonTrail:       "Bitácora",
		ButtonTimeline:    "Línea de tiempo",
		ButtonLetter:      "Ver oficio",
		ButtonDraft:       "Descargar borrador de oficio",
		ButtonPass:        "Mostrar pase con QR",
		ButtonHow:         "¿Cómo se entrega?",
		ButtonChanges:     "Ver cambios",
		NoChanges:         "La corrección no cambió ningún dato de la solicitud.",
		ButtonMore:        "Más opciones",
		ButtonReturn:      "Regresar",
		ButtonAppoint:     "Nombrar suplente",
		NoFiles:           "Esta solicitud no tiene anexos.",
		FileGone:          "No encontré ese archivo. Vuelva a abrir la lista de anexos.",
		ProgramMissing:    "Su dependencia todavía no registra la entrega.",
		ProgramToValidate: "Su entrega está registrada. Falta que la Administración de SIDEM la valide.",
		ProgramReturned:   "Su entrega se devolvió para corrección. Regístrela de nuevo.",
		ButtonProgram:     "Ver programa",
		ButtonPrepare:     "Preparar el borrador",

		LetterMissing:    "No hay un archivo del oficio; solo se registraron su número y su fecha.",
		NoPass:           "El pase se muestra cuando el dictamen está listo para recoger.",
		ButtonSheet:      "Descargar plantilla",
		ButtonCopyCode:   "Copiar código",
		ButtonCopyNumber: "Copiar número",
		FormUnfinished:   "Tiene un formulario sin terminar",
		FileOptional:     "Puede continuar sin enviarlo.",
		FormKept:         "Quedó guardado lo que escribió. Puede continuar después con /mis.",
		FormKeptDuties:   "Quedó guardado lo que escribió. Puede continuar después con /pendientes.",
		ButtonStay:       "Seguir con el que tenía",
		ButtonAside:      "Guardarlo y abrir el nuevo",
		ButtonSwap:       "Descartarlo y abrir el nuevo",
		ButtonLooked:     "¿Quién ha visto mi solicitud?",
		HowTitle:         "Cómo se entrega el Programa Sectorial de TIC",
	})
}

// Detail is page n (from 0) of everything that is known of a record: its answers, and then
// renglones, observations, calls and comments, in full. last is the number of the last page.
func Detail(s core.Scene, n int) (story Story, last int) {
	pages := paged(detailText(s), maxPageFacts)
	last = max(0, len(pages)-1)
	n = min(max(n, 0), last)
	if n == 0 {
		story = overview(s)
	} else {
		story = Story{Title: "Detalle · " + StateOf(s), Head: Head(s), Subject: s.Record.Fields[core.FieldSubject]}
	}
	story.Title = onPage(story.Title, n, last)
	if len(pages) > 0 {
		story.Text = pages[n]
	}
	return story, last
}

// overview is the first page of the detail, without its paragraphs.
func overview(s core.Scene) Story {
	r := s.Record
	story := Story{Title: "Detalle · " + StateOf(s), Head: Head(s), Subject: r.Fields[core.FieldSubject]}
	var f facts
	switch r.Kind {
	case core.KindRequest:
		f.add("Dependencia", s.Agency)
		f = append(f, given(r, core.FieldUnit)...)
		f.add("Solicita", strings.Join(nonEmpty(r.Fields[core.FieldName], r.Fields[core.FieldPost]), ", "))
		f.add("Contacto", strings.Join(nonEmpty(contact(s), r.Fields[core.FieldEmail]), " · "))
		for _, field := range core.RequestForm[1:] {
			if !apart(r, field) {
				f = append(f, given(r, field)...)
			}
		}
		f.add("Oficio", letter(r))
		if r.Did(core.VerbReceiveLetter) {
			f.add("Acuse", receipt(r))
		}
		f.add("Dictamina", s.Executive.Name)
		f = append(f, given(r, core.FieldOpinionNumber, core.FieldOutcome)...)
		f.add("Anexos", count(len(r.Files)))
	case core.KindAccount:
		if standIn(s) {
			return standInStory(s)
		}
		story.Subject = r.Fields[core.FieldName]
		f = append(accountFacts(s), given(r, core.FieldPost, core.FieldUnit, core.FieldEmail, core.FieldPhone, core.FieldExtension, core.FieldChannels)...)
		var chats []string
		for _, l := range r.Links {
			chats = append(chats, Platform(l.Platform))
		}
		f.add("Chats vinculados", List(chats))
	case core.KindProgram, core.KindAgency, core.KindArchive:
		f = Tell(s).Facts
	}
	story.Facts = f
	return story
}

// maxFact is how long a value may be that stands in a line; what is longer is a paragraph.
const maxFact = 300

// apart reports whether a field of r is told in a paragraph of its own.
func apart(r core.Record, f core.Field) bool {
	return core.Specs[f].Type == core.TypeLong && len([]rune(r.Fields[f])) > maxFact
}

// detailText are the paragraphs of the detail of a request.
func detailText(s core.Scene) []string {
	r := s.Record
	if r.Kind != core.KindRequest {
		return nil
	}
	var out []string
	for _, f := range core.RequestForm {
		if apart(r, f) {
			out = append(out, Field(f)+"\n"+r.Fields[f])
		}
	}
	for i, it := range r.Items {
		out = append(out, fmt.Sprintf("Renglón %d · %s", i+1, itemInFull(it)))
	}
	out = append(out, observations(s, true)...)
	for _, c := range r.Calls {
		out = append(out, "Llamada · "+strings.Join(nonEmpty(c.By.Name, callInFact(c), Moment(s.Office.Local(c.By.At))), ", "))
	}
	for _, c := range r.Comments {
		out = append(out, "Comentario de "+who(c.By, s.Now)+"\n"+c.Text)
	}
	return out
}

// FilesPage stands over page n (from 0) of the list of a record's files, size of them on
// each, as they came. last is the number of the last page.
func FilesPage(s core.Scene, n, size int) (story Story, last int) {
	files := s.Record.Files
	if len(files) == 0 {
		return Story{Title: "Anexos", Head: Head(s), Text: []string{Say(NoFiles)}}, 0
	}
	last = (len(files) - 1) / size
	n = min(max(n, 0), last)
	story = Story{Title: onPage("Anexos: "+Count(len(files), "archivo", "archivos"), n, last), Head: Head(s)}
	for i, f := range files[n*size : min(len(files), (n+1)*size)] {
		story.Text = append(story.Text, fmt.Sprintf("%d. %s · %s · %s", n*size+i+1, f.Name, Weight(f.Size), lowerFirst(Past(f.Verb))))
	}
	return story, last
}

// FileLabel is the button of file n.
func FileLabel(n int, name string) string { return clip(fmt.Sprintf("%d. %s", n, name), 39) }

// Weight is a size as people say it: "48 kB", "3.2 MB".
func Weight(bytes int64) string {
	if bytes >= 1<<20 {
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(bytes)/(1<<20)), ".0") + " MB"
	}
	return fmt.Sprintf("%d kB", max(1, bytes>>10))
}

// TrailPage is page n (from 0, the newest) of a record's trail, size acts each;
// last is the number of the oldest page. Refused presses are for auditors.
func TrailPage(s core.Scene, n, size int) (story Story, last int) {
	acts := trailEntries(s)
	last = max(0, (len(acts)-1)/size)
	n = min(max(n, 0), last)
	end := len(acts) - n*size
	story = Story{Title: Say(TrailButton(s)), Head: Head(s), Text: daysOf(acts[max(0, end-size):end])}
	story.Title = onPage(story.Title, n, last)
	return story, last
}

// TrailButton opens the trail: to whoever may collect the opinion it is how it came about.
func TrailButton(s core.Scene) Phrase {
	if s.Record.Kind == core.KindRequest && s.Record.State == core.StateIssued && s.Asks() {
		return ButtonTimeline
	}
	return ButtonTrail
}

// MissingProgram is the card of step 1 to whoever cannot file yet: state is that of the
// programme of the year.
func MissingProgram(year, agency string, state core.State) Story {
	text := Say(ProgramMissing)
	switch state {
	case core.StateDelivered:
		text = Say(ProgramToValidate)
	case core.StateReturned:
		text = Say(ProgramReturned)
	default:
	}
	return Story{Title: "Falta un requisito · Paso 1 de 8", Head: "Programa Sectorial de TIC " + year + " · " + agency, Text: []string{text}}
}

// BeforeTheFirstQuestion tells what can be done meanwhile by whoever is about to fill
// in a request whose programme is not validated.
func BeforeTheFirstQuestion(gate core.Gate) (text, button string) {
	if gate == core.GateAjar {
		return "Mientras tanto puede presentar solicitudes.", Button(core.VerbDraft)
	}
	return "Mientras tanto puede preparar el borrador; podrá presentarlo cuando el programa esté validado.", Say(ButtonPrepare)
}

// HowToDeliver tells how the programme of step 1 is delivered.
func HowToDeliver(o core.Office) Story {
	return Story{
		Title: Say(HowTitle),
		Text: []string{
			"Envíe un oficio dirigido a " + o.Director + ", con el Programa Sectorial de TIC del año. Debe firmarlo la persona titular de su dependencia.",
			"Entréguelo en: " + strings.Join(nonEmpty(o.Address, o.Counter), " · "),
			"Después regístrelo aquí con “" + Say(ButtonDeliver) + "”: el número y la fecha del oficio y, si lo tiene, el archivo. La Administración de SIDEM lo valida y le avisamos.",
		},
	}
}

// PassStory is the pickup pass in words.
func PassStory(s core.Scene) Story {
	return Story{
		Title: "Pase para recoger el dictamen", Head: Head(s), Subject: s.Record.Fields[core.FieldSubject],
		Text: pickup(s),
	}
}

// Ask asks for a field of a verb: as for any, or in words of its own.
func Ask(v core.Verb, f core.Field) string {
	if q, ok := questions[v][f]; ok {
		return q
	}
	return FieldQuestion(f)
}

const annexes = "Envíe los anexos en PDF o en foto legible: estudio de mercado, análisis costo-beneficio, carta de suficiencia presupuestal y cotizaciones."

const whichAgency = "¿De qué dependencia es? Si es de la Dirección General, continúe sin elegir."

var questions = map[core.Verb]map[core.Field]string{
	core.VerbApply:   {core.FieldAgency: whichAgency},
	core.VerbRectify: {core.FieldAgency: whichAgency},
	core.VerbDraft:   {core.FieldFiles: annexes},
	core.VerbAmend:   {core.FieldFiles: annexes},
	core.VerbCorrect: {core.FieldFiles: annexes, core.FieldNote: "¿Qué corrigió?"},
	core.VerbComment: {core.FieldNote: "¿Qué comentario desea dejar?"},
	core.VerbLogCall: {core.FieldNote: "¿Con quién dejó el recado?"},
	core.VerbAskAgain: {
		core.FieldMissing: "¿Qué debe aclararse?",
		core.FieldDeliver: "¿Qué debe entregar? Puede dejarlo como estaba.",
	},
}

// Label names what was answered to a field of a verb, in what is sent: as for any, or
// in words of its own.
func Label(v core.Verb, f core.Field) string {
	if l, ok := labels[v][f]; ok {
		return l
	}
	return Field(f)
}

var labels = map[core.Verb]map[core.Field]string{
	core.VerbCorrect: {core.FieldNote: "Qué corrigió"},
	core.VerbComment: {core.FieldNote: "Comentario"},
	core.VerbLogCall: {core.FieldNote: "Recado"},
}

// Delayed answers a decision of which a notice cannot leave now; of many people it
// says how many, so that it stays as short as an answer to a press may be.
func Delayed(people []string) string {
	whom := List(people)
	if len(people) > 2 {
		whom = Count(len(people), "persona", "personas")
	}
	return "Su decisión quedó registrada. El aviso a " + whom + " saldrá más tarde; usted no necesita hacer nada."
}

// SetAside is a form in the list of those that were set aside.
func SetAside(title string, answered, of int) string {
	return fmt.Sprintf("Sin terminar · %s · %d de %s", title, min(answered, of), Count(of, "respuesta", "respuestas"))
}

// Resume is the button that opens it again.
func Resume(title string) string { return "Continuar: " + lowerFirst(title) }
