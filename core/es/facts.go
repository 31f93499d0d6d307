package es

import (
	"fmt"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

func programFacts(s core.Scene) []Fact {
	r := s.Record
	facts := []Fact{{Label: "Oficio", Value: letter(r)}}
	if act := lastAct(r, core.VerbDeliver, core.VerbRedeliver); act.Version > 0 {
		facts = append(facts, Fact{Label: "Registró", Value: who(act, s.Now)})
	}
	if r.State == core.StateReturned {
		facts = append(facts, FactOf("Motivo", core.FieldReason, r.Fields[core.FieldReason]))
	}
	if act, ok := r.Acts[core.VerbValidate]; ok {
		facts = append(facts, Fact{Label: "Validó", Value: who(act, s.Now)})
	}
	return appendFiles(facts, r)
}

func appendFiles(facts []Fact, r core.Record) []Fact {
	if n := len(r.Files); n > 0 {
		facts = append(facts, Fact{Label: "Anexos", Value: fmt.Sprint(n)})
	}
	return facts
}

func accountFacts(s core.Scene) []Fact {
	facts := []Fact{}
	if s.Agency != "" {
		facts = append(facts, Fact{Label: "Dependencia", Value: s.Agency})
	}
	facts = append(facts, given(s.Record, core.FieldProfile)...)
	if l := letter(s.Record); l != "" {
		facts = append(facts, Fact{Label: "Oficio", Value: l})
	}
	if s.Record.State == core.StateSuspended || s.Record.State == core.StateDenied {
		facts = append(facts, given(s.Record, core.FieldReason)...)
	}
	if sub, ok := s.Record.Substitution(); ok && sub.To >= core.DateOf(s.Now).String() {
		v := s.Substitute.Name + ", " + Period(sub.From, sub.To)
		if !sub.Accepted {
			v += " (falta que acepte)"
		}
		facts = append(facts, Fact{Label: "Suplente", Value: v})
	}
	return facts
}

// standIn reports whether an account's card speaks of a substitution only: to
// whoever was named, and is neither its person nor administration.
func standIn(s core.Scene) bool {
	return s.Viewer.ID != s.Record.ID && !s.Actor.Is(core.RoleAdmin) && !s.Actor.Is(core.RoleAuditor)
}

// ended is how a substitution ended, to whoever was named.
func ended(s core.Scene) string {
	if act := s.Record.Acts[core.VerbExcuse]; act.By == s.Viewer.ID && act.Version > s.Record.Acts[core.VerbComeBack].Version {
		return "Suplencia declinada"
	}
	return "Suplencia concluida"
}

func standInStory(s core.Scene) Story {
	r := s.Record
	story := Story{Title: ended(s), Head: "Suplencia de " + r.Fields[core.FieldName], Subject: r.Fields[core.FieldPost]}
	sub, ok := r.Substitution()
	if !ok || sub.Account != s.Viewer.ID {
		return story
	}
	story.Title = "Suplencia por aceptar"
	if sub.Accepted {
		story.Title = "Suplencia aceptada"
	}
	if sub.To < core.DateOf(s.Now).String() {
		story.Title = "Suplencia concluida"
		story.Facts = []Fact{{Label: "Periodo", Value: Period(sub.From, sub.To)}}
		return story
	}
	story.Turn = turn(s)
	story.Facts = []Fact{{Label: "Periodo", Value: Period(sub.From, sub.To)}, {Label: "Nombró", Value: who(r.Acts[core.VerbSubstitute], s.Now)}}
	story.Text = []string{"En esas fechas usted recibirá los pendientes de " + value.Line(r.Fields[core.FieldName]) + " y decidirá en su nombre; la bitácora registrará ambos nombres."}
	return story
}

// facts collects lines; an empty value is left out.
type facts []Fact

func (f *facts) add(label, value string) {
	if value != "" {
		*f = append(*f, Fact{Label: label, Value: value})
	}
}

// addLong adds a text that may have several lines.
func (f *facts) addLong(label, text string) {
	if text != "" {
		*f = append(*f, Fact{Label: label, Value: text, Long: true})
	}
}

func requestFacts(s core.Scene) []Fact {
	r := s.Record
	var f facts
	mine, isMine := s.Mine()
	switch r.State {
	case core.StateDraft:
		f = formFacts(r)
	case core.StateFiled, core.StateReturned:
		f = filedFacts(s, isMine && mine.Role == core.RoleSecretary)
	case core.StateReleased, core.StateReceived:
		f = letterFacts(s, isMine && mine.Name == core.DutyReceive)
	case core.StateReferred:
		f.add("Dependencia", s.Agency)
		f.add("Acuse", receipt(r))
		f.add("Anexos", count(len(r.Files)))
		switch act, declined := r.Acts[core.VerbDecline]; {
		case r.Last == core.VerbLeaveCase:
			f.addLong("Por asignar de nuevo", "Quien la dictaminaba ya no tiene ese perfil en SIDEM.")
		case declined:
			f.add("Declinó", value.Line(act.Name))
			f.addLong("Motivo", r.Fields[core.FieldReason])
		}
	case core.StateAssigned:
		f.add("Dependencia", s.Agency)
		if s.Viewer.ID != r.Filer() {
			f.add("Contacto", contact(s))
		}
		f.add("Anexos", count(len(r.Files)))
		f.add("Asignó", who(lastAct(r, core.VerbAssign, core.VerbReassign), s.Now))
		if accept := r.Acts[core.VerbAccept]; accept.Version > lastAct(r, core.VerbAssign, core.VerbReassign).Version {
			f.add("Aceptó", who(accept, s.Now))
		} else if !isMine {
			f.add("Dictamina", s.Executive.Name)
		}
	case core.StateIssued:
		f = issuedFacts(s, isMine && mine.Name == core.DutyCall)
	case core.StateCollected:
		f.add("Entregó", who(r.Acts[core.VerbHandOver], s.Now))
	case core.StateCancelled:
		if act := r.Acts[core.VerbDiscard]; act.Version > 0 {
			f.add("Descartó", who(act, s.Now))
		}
		f.add("Canceló", whoDid(r, core.VerbCancel, s.Now))
		if r.Did(core.VerbCancel) {
			f.addLong("Motivo", r.Fields[core.FieldReason])
		}
	}
	switch {
	case r.State == core.StateReceived && r.Last == core.VerbLeaveHead:
		f.addLong("Por turnar de nuevo", "La persona a quien se turnó ya no tiene ese perfil en SIDEM.")
	case r.State == core.StateObserved && r.Fields[core.FieldExecutive] == "":
		f.addLong("Por asignar de nuevo", "Quien la dictaminaba ya no tiene ese perfil en SIDEM.")
	}
	if office, agency := core.InHands(r, s.Office.Calendar, s.Now); office+agency > 0 {
		label := "Lleva"
		if !r.Open() {
			label = "Llevó"
		}
		f.add(label, Hands(office, agency))
	}
	if s.Viewer.Agency == r.Agency {
		f.add("Estimación", Usual(s.Usual))
	}
	return f
}

// formFacts are the answers of the form, renglones and annexes.
func formFacts(r core.Record) facts {
	f := facts(given(r, core.RequestForm[1:]...)) // the subject stands above
	f.add("Renglones", itemsLine(r.Items))
	f.add("Anexos", count(len(r.Files)))
	return f
}

// filedFacts are those of steps 3 and 4; releaser is true for whoever releases.
func filedFacts(s core.Scene, releaser bool) (f facts) {
	r := s.Record
	if s.Viewer.ID != r.Filer() {
		parts := []string{asker(s), "Renglones: " + fmt.Sprint(len(r.Items))}
		if n := len(r.Files); n > 0 {
			parts = append(parts, "Anexos: "+fmt.Sprint(n))
		}
		f.add("Solicita", strings.Join(nonEmpty(parts...), " · "))
	}
	if s.Program != core.None && releaser {
		f.add("Programa sectorial "+core.Season(s.Now), lowerFirst(strings.TrimPrefix(State(core.KindProgram, s.Program), "Programa sectorial ")))
	}
	if r.State == core.StateReturned {
		f.add("Devolvió", who(r.Acts[core.VerbReturn], s.Now))
		f.addLong("Motivo", r.Fields[core.FieldReason])
	}
	f.add("Oficio", letter(r))
	if r.Did(core.VerbReceiveLetter) {
		f.add("Acuse", receipt(r))
	}
	return f
}

// letterFacts are those of step 5; counter is true for who waits for the paper.
func letterFacts(s core.Scene, counter bool) (f facts) {
	r := s.Record
	f.add("Liberó", who(r.Acts[core.VerbRelease], s.Now))
	switch l := letter(r); {
	case l != "":
		f.add("Oficio", l)
	case counter:
		f.add("Oficio", "todavía sin registrar")
	}
	if counter {
		remits := "Secretaría Técnica"
		if s.Agency != "" {
			remits += " (" + s.Agency + ")"
		}
		if sent, ok := r.Acts[core.VerbSendLetter]; ok {
			remits += ", " + value.Line(sent.Name)
		}
		f.add("Remite", remits)
	}
	if r.Did(core.VerbReceiveLetter) {
		f.add("Acuse", receipt(r))
	}
	return f
}

// issuedFacts are those of step 8; caller is true for who owes the call.
func issuedFacts(s core.Scene, caller bool) (f facts) {
	r := s.Record
	if s.Asks() {
		return nil
	}
	if mailed, ok := r.Acts[core.VerbMailed]; ok {
		f.add("Correo", "enviado el "+Moment(s.Office.Local(mailed.At)))
	}
	if caller {
		f.add("Llame a", called(s))
	} else {
		f.add("Recoge", collects(s))
	}
	if n := len(r.Calls); n > 0 {
		last := r.Calls[n-1]
		f.add("Última llamada", callInFact(last)+", "+Moment(s.Office.Local(last.By.At)))
	}
	for _, d := range s.Duties { // not of a call before the one that is owed now
		if next, ok := core.NextCall(r, d, s.Office); ok {
			f.add("Siguiente intento", Moment(next))
		}
	}
	return f
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func requestText(s core.Scene) []string {
	r := s.Record
	mine, isMine := s.Mine()
	isFiler := s.Viewer.ID == r.Filer()
	switch r.State {
	case core.StateFiled:
		own, out := core.KeptApart(r, core.VerbRelease, s.Actor, s.Now), corrections(s)
		switch {
		case own != nil && s.Actor.Is(core.RoleSecretary):
			own.Verb = core.VerbRelease
			return append(out, Refuse(own, s.Agency, s.Now)+" Le avisaremos de cada cambio.")
		case r.Did(core.VerbReceiveLetter):
			return append(out, "El oficio ya se recibió. Falta que la Secretaría Técnica libere la solicitud.")
		case isFiler:
			return append(out, "Qué sigue: la Secretaría Técnica la libera y envía el oficio a la Dirección General. Le avisaremos de cada cambio; no necesita llamar.")
		case isMine && mine.Name == core.DutyLetter:
			return append(out, "Falta registrar el oficio dirigido a la Dirección General que cite este número.")
		}
		return out
	case core.StateReleased:
		if r.Did(core.VerbSendLetter) {
			return []string{receiptLacks(s)}
		}
		return []string{letterLacks(s)}
	case core.StateAssigned:
		return observations(s, false)
	case core.StateObserved:
		return append(observations(s, false), "Observó: "+observer(s))
	case core.StateIssued:
		if s.Asks() {
			return pickup(s)
		}
	case core.StateCollected:
		over := r.Acts[core.VerbHandOver]
		return []string{fmt.Sprintf("El dictamen se entregó el %s, a %s. Concluyó el trámite.", Moment(s.Office.Local(over.At)), r.Fields[core.FieldReceivedBy])}
	}
	return nil
}

// letterLacks says that the oficio has not been sent: whose it is, and what follows from it.
func letterLacks(s core.Scene) string {
	if d, mine := s.Mine(); mine && d.Name == core.DutyLetter {
		return "Falta registrar el oficio dirigido a la Dirección General que cite este número; sin él, la solicitud no se turna."
	}
	if d, mine := s.Mine(); mine && d.Name == core.DutyReceive {
		return "Cuando reciba el oficio, registre el acuse; sin él, la solicitud no se turna."
	}
	return "La Secretaría Técnica debe enviar el oficio a la Dirección General." + restfully(s)
}

// receiptLacks says that the oficio was sent and has not been received.
func receiptLacks(s core.Scene) string {
	if _, mine := s.Mine(); mine {
		return "Cuando reciba el oficio, registre el acuse; sin él, la solicitud no se turna."
	}
	return "Falta que la Oficialía de la Dirección General registre el acuse del oficio; sin él, la solicitud no se turna." + restfully(s)
}

// restfully tells whoever asked that nothing is awaited of them.
func restfully(s core.Scene) string {
	if s.Viewer.ID != s.Record.Filer() {
		return ""
	}
	return " Usted no necesita hacer nada."
}

// pickup tells the requester how to collect the opinion (step 8).
func pickup(s core.Scene) []string {
	r := s.Record
	where := strings.Join(nonEmpty(s.Office.Address, s.Office.Counter), " · ")
	first := "El dictamen técnico fue aprobado. Acuda personalmente a recogerlo:\n" + where
	if r.Fields[core.FieldOutcome] == core.Unfavorable {
		first = "La revisión concluyó y el dictamen no fue favorable. Los motivos constan en el documento, que puede recoger en:\n" + where
	}
	return []string{first, "Lleve identificación oficial y su código de entrega: " + Code(s.Code())}
}

// Code is a pickup code as it is read aloud: "483 920".
func Code(c string) string {
	if len(c) != 6 {
		return c
	}
	return c[:3] + " " + c[3:]
}

// observations tells of each observation: of a settled one only that it is, but in full what
// was asked and answered.
func observations(s core.Scene, inFull bool) []string {
	var out []string
	for _, o := range s.Record.Observations {
		settled := !o.Resolved.IsZero()
		if settled && !inFull {
			out = append(out, fmt.Sprintf("Observación %d · %s. Solventada.", o.N, Value(o.Section)))
			continue
		}
		line := Observation(o, s.Asks())
		if o.Answer != "" {
			line += "\nRespuesta: " + o.Answer
		}
		if n := len(o.Files); n > 0 {
			line += " (" + Count(n, "archivo", "archivos") + ")"
		}
		if settled {
			line += "\nSolventada."
		}
		out = append(out, line)
	}
	return out
}

// Observation is what an observation says: what is missing, and what must be delivered; theirs
// is true for who has to deliver it.
func Observation(o core.Observation, theirs bool) string {
	must := "Debe entregar"
	if theirs {
		must = "Entregue"
	}
	return fmt.Sprintf("Observación %d · %s. %s\n%s: %s", o.N, Value(o.Section), o.Missing, must, o.Deliver)
}

func asker(s core.Scene) string {
	r := s.Record
	return strings.Join(nonEmpty(r.Fields[core.FieldName], r.Fields[core.FieldUnit]), ", ")
}

func contact(s core.Scene) string {
	r := s.Record
	phone := value.WithExtension(r.Fields[core.FieldPhone], r.Fields[core.FieldExtension])
	return strings.Join(nonEmpty(r.Fields[core.FieldName], phone), " · ")
}

// collects is who collects the opinion: who asked, or has their turn since.
func collects(s core.Scene) string {
	if len(s.Heirs) == 0 {
		return asker(s)
	}
	var names []string
	for _, p := range s.Heirs {
		names = append(names, p.Name)
	}
	return List(names)
}

// called is who is to be called, with their number: as collects has it.
func called(s core.Scene) string {
	if len(s.Heirs) == 0 {
		return contact(s)
	}
	var out []string
	for _, p := range s.Heirs {
		out = append(out, strings.Join(nonEmpty(p.Name, value.WithExtension(p.Phone, p.Extension)), " · "))
	}
	return strings.Join(out, "; ")
}

func observer(s core.Scene) string {
	act := lastAct(s.Record, core.VerbObserve, core.VerbAskAgain)
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
		out = append(out, it.Description+" ("+quantity(it)+")")
	}
	return strings.Join(out, "; ")
}

// quantity is "20 piezas", "1 pieza", "12 meses".
func quantity(it core.Item) string {
	unit := it.Unit
	if it.Quantity != value.Units(1) {
		unit = Plural(unit)
	}
	return it.Quantity.String() + " " + unit
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

// whoDid is who did v; "" where nobody did.
func whoDid(r core.Record, v core.Verb, now time.Time) string {
	if act := r.Acts[v]; act.Version > 0 {
		return who(act, now)
	}
	return ""
}

// who is "Raúl Ortega desde Telegram, 23 de noviembre de 2026, 10:42 h".
func who(a core.Act, now time.Time) string {
	name := a.Name
	if a.ForName != "" {
		name += ", en suplencia de " + a.ForName
	}
	if p := Platform(a.Where); p != "" && a.Where != "system" {
		if a.ForName != "" {
			name += ","
		}
		name += " desde " + p
	}
	return name + ", " + Moment(a.At.In(now.Location()))
}
