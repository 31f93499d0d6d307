package es

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// Story is what is said of a record to one person, in order: the first three
// lines answer which request, what state, whose turn and by when.
type Story struct {
	Title   string // "Por liberar · Paso 4 de 8"
	Head    string // "Solicitud número 000147/2026"
	Subject string // at most 80 characters
	Turn    string // "Le toca a usted · Fecha sugerida: …"
	Facts   []Fact
	Text    []string // paragraphs
	Trail   []string // bitácora, at most six lines, folded where the platform can
}

// Fact is one line: label, value.
type Fact struct {
	Label, Value string
	Long         bool // the value is a text that may have several lines
}

// Tell is the story of a scene.
func Tell(s core.Scene) Story {
	story := Story{
		Title: title(s), Head: Head(s), Subject: s.Record.Fields[core.FieldSubject],
		Turn: turn(s), Trail: trail(s, 6),
	}
	switch s.Record.Kind {
	case core.KindRequest:
		story.Facts, story.Text = requestFacts(s), requestText(s)
		if s.Record.State == core.StateReferred && len(s.Record.Items) > 0 {
			story.Subject += " · " + Count(len(s.Record.Items), "renglón", "renglones")
		}
	case core.KindProgram:
		story.Facts = programFacts(s)
	case core.KindAccount:
		if standIn(s) {
			return standInStory(s)
		}
		story.Subject = strings.Join(nonEmpty(s.Record.Fields[core.FieldName], s.Record.Fields[core.FieldPost]), ", ")
		story.Facts = accountFacts(s)
	case core.KindAgency, core.KindArchive:
	}
	return story
}

func title(s core.Scene) string {
	words := StateOf(s)
	n := Step(s.Record.Kind, s.Record.State)
	if s.Record.State == core.StateFiled && s.Viewer.ID == s.Record.Filer() {
		n = 3 // for whoever asks, the request is registered
	}
	if n > 0 {
		return fmt.Sprintf("%s · Paso %d de 8", words, n)
	}
	return words
}

// StateOf is the label of a scene's state, as its viewer needs to read it.
func StateOf(s core.Scene) string {
	r := s.Record
	mine, turn := s.Mine()
	switch {
	case r.Kind != core.KindRequest:
	case r.State == core.StateFiled && r.Did(core.VerbReceiveLetter):
		return "Oficio recibido; falta la liberación"
	case r.State == core.StateFiled && turn && mine.Name == core.DutyReceive,
		r.State == core.StateReleased && turn && mine.Name == core.DutyReceive:
		return "Oficio por recibir"
	case r.State == core.StateFiled && s.Viewer.ID == r.Filer():
		return "Registrada, por liberar"
	case r.State == core.StateReleased && r.Did(core.VerbSendLetter):
		return "Falta el acuse del oficio"
	case r.State == core.StateCancelled && !r.Did(core.VerbFile):
		return "Borrador descartado"
	case r.State == core.StateReceived && turn:
		return "Oficio recibido, por turnar"
	case r.State == core.StateAssigned && turn:
		return "Asignada a usted"
	case r.State == core.StateIssued && turn && mine.Name == core.DutyCall:
		return "Dictamen emitido; falta la llamada"
	case r.State == core.StateIssued && s.Asks():
		return "Listo para recoger"
	}
	return State(r.Kind, r.State)
}

// Head names the record of a scene: "Solicitud número 000147/2026", "Cuenta raul.ortega".
func Head(s core.Scene) string {
	r := s.Record
	switch r.Kind {
	case core.KindRequest:
		h := "Solicitud sin número todavía"
		if r.Number != "" {
			h = "Solicitud número " + r.Number
		}
		if n := r.Fields[core.FieldOpinionNumber]; n != "" {
			h += " · Dictamen " + n
		}
		return h
	case core.KindProgram:
		return fmt.Sprintf("Programa Sectorial de TIC %s · %s", r.Fields[core.FieldYear], s.Agency)
	case core.KindAccount:
		return strings.TrimSpace("Cuenta " + r.Fields[core.FieldUser])
	case core.KindAgency:
		return r.Fields[core.FieldName]
	case core.KindArchive:
	}
	return ""
}

// turn is the fourth line: whose turn it is and by when.
func turn(s core.Scene) string {
	if len(s.Duties) == 0 {
		return ""
	}
	main := s.Duties[0]
	mine, isMine := s.Mine()
	if isMine {
		main = mine
	}
	var parts []string
	if isMine {
		parts = append(parts, "Le toca a usted"+inPlaceOf(s, mine))
	} else {
		parts = append(parts, "Le toca a: "+owner(s, main))
	}
	entry := core.EntryOf(s.Record, main, s.Office, core.DateOf(s.Now))
	due := capital(goal(main)) + ": " + Day(main.Due)
	var notes []string
	if s.Office.Calendar.Provisional(main.Due.Year) {
		notes = append(notes, "provisional")
	}
	switch {
	case isMine && entry.Late < 0:
		notes = append(notes, remaining(-entry.Late))
	case entry.Late > 0:
		notes = append(notes, "hace "+WorkingDays(entry.Late))
	}
	if len(notes) > 0 {
		due += " (" + strings.Join(notes, "; ") + ")"
	}
	parts = append(parts, due)
	switch {
	case s.Record.State != core.StateObserved || main.Name == core.DutyAssign:
	case isMine:
		parts = append(parts, "La meta interna no corre mientras usted responde")
	default:
		parts = append(parts, "La meta interna no corre mientras se responde")
	}
	return strings.Join(parts, " · ")
}

// remaining is "faltan 2 días hábiles", "falta 1 día hábil".
func remaining(days int) string {
	if days == 1 {
		return "falta " + WorkingDays(1)
	}
	return "faltan " + WorkingDays(days)
}

// inPlaceOf is ", como suplente de Raúl Ortega (del 23 al 27 de noviembre)", when the duty is
// not the viewer's own.
func inPlaceOf(s core.Scene, d core.Duty) string {
	if s.Actor.Is(d.Role) && (d.Account == "" || d.Account == s.Actor.Account) && (d.Agency == s.Actor.Agency || d.Role != core.RoleSecretary) {
		return ""
	}
	for _, p := range s.Actor.Principals {
		if slices.Contains(p.Roles, d.Role) {
			return ", como suplente de " + p.Name + " (" + nearPeriod(p.From, p.To, s.Now) + ")"
		}
	}
	return ""
}

func owner(s core.Scene, d core.Duty) string {
	role := Role(d.Role)
	var names []string
	for _, p := range s.Turn {
		if p.Deputy != "" {
			p.Name += "; suplente: " + p.Deputy
		}
		names = append(names, p.Name)
	}
	switch {
	case len(names) == 0:
		return role
	case d.Role == core.RoleRequester || d.Role == core.RoleExecutive:
		return List(names)
	default:
		return role + " (" + List(names) + ")"
	}
}

func given(r core.Record, fs ...core.Field) []Fact {
	var out []Fact
	for _, f := range fs {
		v, phone := r.Fields[f], r.Fields[core.FieldPhone]
		switch {
		case v == "":
		case f == core.FieldExtension && phone != "" && value.WithExtension(phone, v) == phone: // it is said already
		default:
			out = append(out, FactOf(Field(f), f, v))
		}
	}
	return out
}

// FactOf is value v of field f as people read it, under a label.
func FactOf(label string, f core.Field, v string) Fact {
	return Fact{Label: label, Value: FieldValue(f, v), Long: core.Specs[f].Type == core.TypeLong}
}

// FieldValue is value v of field f as people read it.
func FieldValue(f core.Field, v string) string {
	switch core.Specs[f].Type {
	case core.TypeDate:
		return ISODay(v)
	case core.TypeMoney:
		return Money(v)
	case core.TypeClock:
		return v + " h"
	case core.TypeChoice, core.TypeChoices:
		var words []string
		for part := range strings.SplitSeq(v, ",") {
			words = append(words, Value(part))
		}
		return List(words)
	default:
		return v
	}
}

func nonEmpty(ss ...string) []string {
	return slices.DeleteFunc(ss, func(s string) bool { return s == "" })
}

func lowerFirst(s string) string {
	for i, r := range s {
		return string(unicode.ToLower(r)) + s[i+len(string(r)):]
	}
	return s
}
