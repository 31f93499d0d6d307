package es

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"sidem/core"
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
type Fact struct{ Label, Value string }

// Tell is the story of a scene.
func Tell(s core.Scene) Story {
	story := Story{
		Title: title(s), Head: head(s), Subject: s.Record.Fields[core.FieldSubject],
		Turn: turn(s), Trail: trail(s, 6),
	}
	switch s.Record.Kind {
	case core.KindRequest:
		story.Facts, story.Text = requestFacts(s), requestText(s)
	case core.KindProgram:
		story.Facts = given(s.Record, core.FieldLetterNumber, core.FieldLetterDate, core.FieldReason)
	case core.KindAccount:
		story.Subject = s.Record.Fields[core.FieldName] + ", " + s.Record.Fields[core.FieldPost]
		story.Facts = accountFacts(s)
	case core.KindAgency:
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
		return "Oficio recibido; falta liberación"
	case r.State == core.StateFiled && turn && mine.Name == core.DutyReceive,
		r.State == core.StateReleased && turn && mine.Name == core.DutyReceive:
		return "Oficio por recibir"
	case r.State == core.StateFiled && s.Viewer.ID == r.Filer():
		return "Registrada, por liberar"
	case r.State == core.StateReceived && turn:
		return "Oficio recibido, por turnar"
	case r.State == core.StateAssigned && turn:
		return "Asignada a usted"
	case r.State == core.StateIssued && turn && mine.Name == core.DutyCall:
		return "Dictamen emitido: falta la llamada"
	case r.State == core.StateIssued && s.Viewer.ID == r.Filer():
		return "Listo para recoger"
	}
	return State(r.Kind, r.State)
}

func head(s core.Scene) string {
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
		return "Cuenta " + r.Fields[core.FieldUser]
	case core.KindAgency:
		return r.Fields[core.FieldName]
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
	date := "Fecha sugerida: "
	if main.Name == core.DutyIssue {
		date = "Meta interna: "
	}
	days := s.Office.Calendar.WorkingBetween(core.DateOf(s.Now), main.Due)
	due := date + Day(main.Due)
	if isMine && days > 0 {
		due += " (" + WorkingDays(days) + ")"
	}
	if s.Office.Calendar.Provisional(main.Due.Year) {
		due += ", provisional"
	}
	parts = append(parts, due)
	if s.Record.State == core.StateObserved {
		parts = append(parts, "Reloj interno en pausa")
	}
	return strings.Join(parts, " · ")
}

// inPlaceOf is " en suplencia de Raúl Ortega, del 23 al 27 de noviembre de 2026",
// when the duty is not the viewer's own.
func inPlaceOf(s core.Scene, d core.Duty) string {
	if s.Actor.Is(d.Role) && (d.Account == "" || d.Account == s.Actor.Account) && (d.Agency == s.Actor.Agency || d.Role != core.RoleSecretary) {
		return ""
	}
	for _, p := range s.Actor.Principals {
		if slices.Contains(p.Roles, d.Role) {
			return fmt.Sprintf(" en suplencia de %s, del %s al %s", p.Name, ISODay(p.From), ISODay(p.To))
		}
	}
	return ""
}

func owner(s core.Scene, d core.Duty) string {
	role := Role(d.Role)
	var names []string
	for _, p := range s.Turn {
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
		if v := r.Fields[f]; v != "" {
			out = append(out, Fact{Field(f), FieldValue(f, v)})
		}
	}
	return out
}

// FieldValue is value v of field f as people read it.
func FieldValue(f core.Field, v string) string {
	switch core.Specs[f].Type {
	case core.TypeDate:
		return ISODay(v)
	case core.TypeMoney:
		return Money(v)
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

func accountFacts(s core.Scene) []Fact {
	facts := []Fact{}
	if s.Agency != "" {
		facts = append(facts, Fact{"Dependencia", s.Agency})
	}
	return append(facts, given(s.Record, core.FieldProfile, core.FieldLetterNumber, core.FieldLetterDate, core.FieldReason)...)
}

func requestFacts(s core.Scene) []Fact {
	r := s.Record
	var facts []Fact
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, Fact{label, value})
		}
	}
	mine, isMine := s.Mine()
	switch r.State {
	case core.StateDraft:
		facts = given(r, core.RequestForm...)
		if n := len(r.Items); n > 0 {
			add("Renglones", itemsLine(r.Items))
		}
	case core.StateFiled, core.StateReturned:
		add("Solicita", asker(s))
		add("Renglones", fmt.Sprint(len(r.Items)))
		if s.Program != core.None && isMine {
			add("Programa sectorial "+core.Season(s.Now), lowerFirst(strings.TrimPrefix(State(core.KindProgram, s.Program), "Programa sectorial ")))
		}
		if r.State == core.StateReturned {
			add("Motivo", r.Fields[core.FieldReason])
		}
		if r.Did(core.VerbSendLetter) || r.Did(core.VerbReceiveLetter) {
			add("Oficio", letter(r))
		}
	case core.StateReleased, core.StateReceived:
		add("Liberó", who(r.Acts[core.VerbRelease], s.Now))
		if r.Did(core.VerbSendLetter) || r.Did(core.VerbReceiveLetter) {
			add("Oficio", letter(r))
		}
		if r.Did(core.VerbReceiveLetter) {
			add("Acuse", receipt(r))
		}
	case core.StateReferred:
		add("Dependencia", s.Agency)
		add("Renglones", fmt.Sprint(len(r.Items)))
		add("Acuse", receipt(r))
		if r.Did(core.VerbDecline) {
			add("No aceptó", r.Acts[core.VerbDecline].Name+": "+r.Fields[core.FieldReason])
		}
	case core.StateAssigned:
		add("Dependencia", s.Agency)
		add("Contacto", contact(s))
		add("Asignó", who(lastAct(r, core.VerbAssign, core.VerbReassign), s.Now))
		if !isMine && s.Executive.Name != "" {
			add("Dictamina", s.Executive.Name)
		}
	case core.StateObserved:
		add("Observó", observer(s))
	case core.StateIssued:
		if isMine && mine.Name == core.DutyCall {
			if mailed, ok := r.Acts[core.VerbMailed]; ok {
				add("Correo", "aceptado por el servidor el "+Moment(s.Office.Local(mailed.At)))
			}
			add("Llame a", contact(s))
			if n := len(r.Calls); n > 0 {
				last := r.Calls[n-1]
				add("Última llamada", lowerFirst(Value(last.Result))+", "+Moment(s.Office.Local(last.By.At)))
			}
		}
	case core.StateCollected:
		add("Entrega", fmt.Sprintf("%s, a %s", Moment(s.Office.Local(r.Acts[core.VerbHandOver].At)), r.Fields[core.FieldReceivedBy]))
		add("Entregó", who(r.Acts[core.VerbHandOver], s.Now))
	case core.StateCancelled:
		add("Canceló", who(lastAct(r, core.VerbCancel, core.VerbDiscard), s.Now))
		add("Motivo", r.Fields[core.FieldReason])
	}
	if n := len(r.Files); n > 0 {
		add("Archivos", fmt.Sprint(n))
	}
	return facts
}

func requestText(s core.Scene) []string {
	r := s.Record
	mine, isMine := s.Mine()
	isFiler := s.Viewer.ID == r.Filer()
	switch r.State {
	case core.StateFiled:
		if isFiler {
			return []string{"Qué sigue: la Secretaría Técnica la libera y envía el oficio a la Dirección General. Le avisaremos de cada cambio; no necesita llamar."}
		}
		if isMine && mine.Name == core.DutyLetter {
			return []string{"Falta: oficio dirigido a la Dirección General que cite este número."}
		}
	case core.StateReleased:
		if !r.Did(core.VerbReceiveLetter) {
			return []string{"Falta: oficio dirigido a la Dirección General que cite este número. Sin él no se turna."}
		}
	case core.StateAssigned, core.StateObserved:
		return observations(r)
	case core.StateIssued:
		if isFiler {
			return pickup(s)
		}
	case core.StateCollected:
		return []string{"Concluyó el trámite."}
	}
	return nil
}

// pickup tells the requester how to collect the opinion (step 8).
func pickup(s core.Scene) []string {
	r := s.Record
	where := strings.Join(nonEmpty(s.Office.Address, s.Office.Counter), " · ")
	first := "El dictamen técnico fue aprobado. Acuda personalmente a recogerlo: " + where + "."
	if r.Fields[core.FieldOutcome] == core.Unfavorable {
		first = "La revisión concluyó y el dictamen no fue favorable. Los motivos constan en el documento, que puede recoger en: " + where + "."
	}
	return []string{first, "Lleve identificación oficial y su código de entrega: " + Code(r.Fields[core.FieldPickupCode]) + "."}
}

// Code is a pickup code as it is read aloud: "483 920".
func Code(c string) string {
	if len(c) != 6 {
		return c
	}
	return c[:3] + " " + c[3:]
}

func observations(r core.Record) []string {
	var out []string
	for _, o := range r.Observations {
		line := fmt.Sprintf("O-%d · %s. %s", o.N, Value(o.Section), o.Missing)
		switch {
		case !o.Resolved.IsZero():
			line = fmt.Sprintf("O-%d · %s. Solventada.", o.N, Value(o.Section))
		case !o.Answered.IsZero():
			line += "\nRespuesta: " + o.Answer
			if n := len(o.Files); n > 0 {
				line += " (" + Count(n, "archivo", "archivos") + ")"
			}
		default:
			line += "\nEntregue: " + o.Deliver
		}
		out = append(out, line)
	}
	return out
}

func asker(s core.Scene) string {
	r := s.Record
	return strings.Join(nonEmpty(r.Fields[core.FieldName], r.Fields[core.FieldUnit]), ", ")
}

func contact(s core.Scene) string {
	r := s.Record
	c := strings.Join(nonEmpty(r.Fields[core.FieldName], r.Fields[core.FieldPhone]), " · ")
	if x := r.Fields[core.FieldExtension]; x != "" {
		c += " ext. " + x
	}
	return c
}

func observer(s core.Scene) string {
	act := s.Record.Acts[core.VerbObserve]
	name := act.Name
	if act.By == s.Executive.Account && s.Executive.Extension != "" {
		name += ", ext. " + s.Executive.Extension
	}
	return name
}

func letter(r core.Record) string {
	return strings.Join(nonEmpty(r.Fields[core.FieldLetterNumber], ISODay(r.Fields[core.FieldLetterDate])), ", ")
}

func receipt(r core.Record) string {
	return fmt.Sprintf("%s, %s h, folio %s", ISODay(r.Fields[core.FieldReceivedDate]), r.Fields[core.FieldReceivedTime], r.Fields[core.FieldFolio])
}

func itemsLine(items []core.Item) string {
	var out []string
	for _, it := range items {
		out = append(out, fmt.Sprintf("%g %s de %s", it.Quantity, it.Unit, it.Description))
	}
	return strings.Join(out, "; ")
}

func lastAct(r core.Record, verbs ...core.Verb) core.Act {
	var last core.Act
	for _, v := range verbs {
		if a := r.Acts[v]; a.Version > last.Version {
			last = a
		}
	}
	return last
}

// who is "Raúl Ortega desde Telegram, 23 de noviembre de 2026, 10:42 h".
func who(a core.Act, now time.Time) string {
	name := a.Name
	if a.ForName != "" {
		name += ", en suplencia de " + a.ForName
	}
	if p := Platform(a.Where); p != "" && a.Where != "system" {
		name += ", desde " + p
	}
	return name + ", " + Moment(a.At.In(now.Location()))
}

// trail is the last n lines of the bitácora, oldest first; refused presses are
// for auditors and do not stand on cards.
func trail(s core.Scene, n int) []string {
	var out []string
	for _, e := range s.Trail {
		if e.Refusal != nil || Past(e.Verb) == "" {
			continue
		}
		line := Moment(s.Office.Local(e.At)) + " · " + Past(e.Verb)
		if e.By != core.SystemActor.Account {
			line += " " + e.ByName
			if e.ForName != "" {
				line += ", en suplencia de " + e.ForName
			}
		}
		out = append(out, line)
	}
	return out[max(0, len(out)-n):]
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
