package es

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
)

// Letter is a mail in words; how it is drawn is for notifier/email.
type Letter struct {
	Subject   string // at most 60 characters, begins with the number
	Preheader string // what a mailbox shows after the subject
	Greeting  string
	Story     Story
	Closing   []string
	// Ways lead into the chat; nothing changes by opening them.
	Ways []Way
	// Pass is what the QR code of the pass says, in the mail of an opinion that waits, and Map
	// shows where it does; "" for none.
	Pass, Map string
	// Of the welcome mail only.
	User, Password, Link string
}

// Way is a link that opens a chat.
type Way struct{ Label, Address string }

// WayInto is the way into the chat on a platform.
func WayInto(platform, address string) Way {
	return Way{Label: "Abrir en " + Platform(platform), Address: address}
}

// Credentials are what the welcome mail hands over.
type Credentials struct {
	User, Password string
	// Link is the deep link that opens the chat; "" where there is none.
	Link string
}

// maxSubject is what most mailboxes show of a subject, in characters.
const maxSubject = 60

// Write is mail m about a scene, to its viewer.
//
// lost are the lines of an alert.
func Write(s core.Scene, m core.Mail, c Credentials, lost []string) Letter {
	l := Letter{
		Subject:  clipWords(subject(s, m), maxSubject-1),
		Greeting: greeting(s.Viewer),
		Story:    Tell(s),
	}
	l.Preheader = l.Story.Title + ". " + l.Story.Subject
	l.Story.Trail = nil // the chat shows it; a mail says one thing
	switch m {
	case core.MailWelcome:
		l.Story = Story{
			Title: "Active su cuenta de SIDEM", Head: s.Viewer.Fields[core.FieldName] + " · " + profile(s.Record),
			Subject: s.Agency,
			Text:    []string{"Su cuenta quedó dada de alta. Para empezar, vincule el chat en el que desea recibir sus avisos."},
		}
		l.Preheader = "Su usuario y su contraseña inicial, de un solo uso"
		l.User, l.Password, l.Link = c.User, c.Password, c.Link
		l.Closing = []string{"La contraseña inicial sirve una sola vez, hasta el " + Day(core.DateOf(s.Office.Local(passwordEnd(s.Record)))) + ". Nadie del Gobierno se la pedirá por teléfono."}
	case core.MailAlert:
		var text []string
		l.Subject, l.Preheader, text = alertOf(lost)
		l.Story = Story{Title: l.Subject, Text: text}
	case core.MailLinked:
		l.Story = linkedStory(s)
		l.Preheader = l.Story.Title
		l.Closing = []string{"Si no fue usted, avise de inmediato a la Administración de SIDEM."}
	case core.MailCorrected, core.MailMoved:
		l.Story = correctedStory(s, m)
		l.Preheader = l.Story.Title
		l.Closing = []string{"Si no lo esperaba, avise de inmediato a la Administración de SIDEM."}
	case core.MailUndone:
		l.Subject = clipWords("["+undoneNumber(s, lost)+"] "+undoneTitle, maxSubject-1)
		l.Story = undoneStory(s, lost)
		l.Preheader = l.Story.Text[0]
	case core.MailUnlinked:
		l.Story = unlinkedStory(s)
		l.Preheader = l.Story.Head
	case core.MailIssued, core.MailFiled, core.MailReturned, core.MailReleased, core.MailReferred, core.MailObserved,
		core.MailResolved, core.MailCancelled, core.MailTurn, core.MailReminder, core.MailPickup, core.MailNone:
		l.Story.Text = append(l.Story.Text, next(s, m)...)
		l.Closing = closing(s)
		l.headed(s, m)
		l.collected(s, m)
	}
	return l
}

// headed gives a letter the heading that its subject has; how it stands with the request is a fact.
func (l *Letter) headed(s core.Scene, m core.Mail) {
	said := strings.TrimPrefix(subject(s, m), "["+s.Record.Number+"] ")
	if state, _, _ := strings.Cut(l.Story.Title, " · "); !strings.HasPrefix(said, state) {
		l.Story.Facts = slices.Concat([]Fact{{Label: "Estado", Value: l.Story.Title}}, l.Story.Facts)
		l.Story.Title = said
	}
}

// collected says in the mail of an opinion that waits where that is, and brings its pass.
func (l *Letter) collected(s core.Scene, m core.Mail) {
	if m != core.MailIssued && m != core.MailPickup || s.Code() == "" {
		return
	}
	l.Pass, l.Map = core.Pass(s.Record.Number, s.Code()), s.Office.Map
	if s.Office.Telephone != "" {
		l.Story.Text = append(l.Story.Text, "Si tiene dudas, llame al "+s.Office.Telephone+".")
	}
}

// passwordEnd is when the initial password that an account was given last is no good any more.
func passwordEnd(account core.Record) time.Time {
	return lastAct(account, core.VerbGrant, core.VerbRenew).At.Add(core.PasswordLife)
}

// onlyInforms ends a mail that tells of what is decided in the chat.
const onlyInforms = "Este correo solo informa. Para atender la solicitud, use los botones de su chat con SIDEM."

// closing ends a mail about a request.
func closing(s core.Scene) []string {
	if s.Code() != "" {
		return []string{"No reenvíe este correo: contiene su código de entrega."}
	}
	return []string{onlyInforms}
}

func greeting(viewer core.Record) string { return "Buen día, " + viewer.Fields[core.FieldName] + ":" }

// next says in a mail what its reader can do, where the card says it by its buttons.
func next(s core.Scene, m core.Mail) []string {
	r := s.Record
	switch m { //nolint:exhaustive // the others say it in the story
	case core.MailReturned:
		return []string{"Qué sigue: corríjala con el botón “" + Button(core.VerbCorrect) + "” de su chat; al enviarla vuelve a la Secretaría Técnica."}
	case core.MailObserved:
		if p := r.Pending(); len(p) > 0 {
			return []string{fmt.Sprintf("Responda con el botón “%s” de su chat. Si tiene dudas, pida una llamada.", ObservationButton(core.VerbAnswer, p[0].N))}
		}
	case core.MailReferred:
		if r.State == core.StateReferred {
			return []string{"Usted no necesita hacer nada: la Jefatura la asignará a una persona ejecutiva de TI."}
		}
	case core.MailResolved:
		return []string{"Usted no necesita hacer nada: sigue el dictamen. Le avisaremos."}
	}
	return nil
}

func subject(s core.Scene, m core.Mail) string {
	r := s.Record
	number := "[" + r.Number + "] "
	switch m {
	case core.MailWelcome:
		return "Active su cuenta de SIDEM"
	case core.MailLinked:
		return linkedStory(s).Title
	case core.MailCorrected, core.MailMoved:
		return correctedStory(s, m).Title
	case core.MailUnlinked:
		return unlinkedStory(s).Title
	case core.MailFiled:
		return number + "Recibimos su solicitud"
	case core.MailReturned:
		return number + "Devuelta para corrección"
	case core.MailReleased:
		return number + "Liberada; falta el oficio"
	case core.MailReferred:
		return number + "Oficio recibido y solicitud turnada"
	case core.MailObserved:
		n := len(r.Pending())
		return fmt.Sprintf("%sTiene %s por responder", number, Count(n, "observación", "observaciones"))
	case core.MailResolved:
		return number + "Observaciones solventadas"
	case core.MailIssued:
		if r.Fields[core.FieldOutcome] == core.Unfavorable {
			return number + "Concluyó la revisión: recoja su dictamen"
		}
		return number + "Su dictamen está aprobado: pase a recogerlo"
	case core.MailCancelled:
		return number + "Se canceló su solicitud"
	case core.MailPickup:
		return number + "Su dictamen sigue disponible"
	case core.MailReminder:
		if r.Number == "" {
			return reminderSubject(s)
		}
		return number + reminderSubject(s)
	case core.MailTurn, core.MailAlert, core.MailUndone, core.MailNone:
	}
	return turnSubject(s, number)
}

// turnSubject is the subject of "it is your turn", by the state.
func turnSubject(s core.Scene, number string) string {
	r := s.Record
	if r.Kind != core.KindRequest {
		return StateOf(s)
	}
	switch r.State {
	case core.StateFiled, core.StateReleased, core.StateReceived:
		return number + StateOf(s) + ": " + what(r)
	case core.StateAssigned:
		return number + "Se le asignó esta solicitud"
	default:
		return number + StateOf(s)
	}
}

// bought are the ways in which the subject of a request begins, and which say nothing to who reads many.
var bought = []string{"Adquisición de ", "Arrendamiento de ", "Compra de ", "Contratación de "}

// what is the subject of a request without the word by which nearly all begin.
func what(r core.Record) string {
	for _, begins := range bought {
		if rest, ok := strings.CutPrefix(r.Fields[core.FieldSubject], begins); ok {
			return rest
		}
	}
	return r.Fields[core.FieldSubject]
}

func profile(account core.Record) string {
	var words []string
	for _, r := range account.Roles {
		words = append(words, Role(r))
	}
	return List(words)
}

// correctedStory tells that administration corrected an account: to its person, and
// to the address at which they were reached before.
func correctedStory(s core.Scene, m core.Mail) Story {
	r := s.Record
	act := r.Acts[core.VerbRectify]
	story := Story{
		Title: "Se corrigieron los datos de su cuenta de SIDEM", Head: "Cuenta " + r.Fields[core.FieldUser],
		Facts: []Fact{{Label: "Corrigió", Value: act.Name}, {Label: "Cuándo", Value: Moment(s.Office.Local(act.At))}},
	}
	if m == core.MailMoved {
		story.Title = "Su cuenta de SIDEM tiene otro correo"
		story.Text = []string{"Los avisos ya no llegarán a esta dirección."}
	}
	return story
}

// undoneTitle is what is told of an act that was taken back.
const undoneTitle = "Queda sin efecto el aviso anterior"

// undoneNumber is that of the request of which an act was taken back: who may not see it any
// more is told it alone.
func undoneNumber(s core.Scene, lost []string) string {
	if s.Record.Kind == core.KindRequest || len(lost) == 0 {
		return s.Record.Number
	}
	return lost[0]
}

// undoneStory tells that what a mail told of was taken back, and how it is now.
func undoneStory(s core.Scene, lost []string) Story {
	story := Story{Title: undoneTitle, Head: "Solicitud número " + undoneNumber(s, lost)}
	if s.Record.Kind != core.KindRequest {
		story.Text = []string{"Lo que se le había encargado de esta solicitud se retiró. Usted no necesita hacer nada."}
		return story
	}
	story.Subject = s.Record.Fields[core.FieldSubject]
	story.Text = []string{"Lo que le avisamos de esta solicitud se deshizo. Su estado es “" + StateOf(s) + "”. Usted no necesita hacer nada; le avisaremos de cada cambio."}
	return story
}

// linkedStory tells the registered e-mail of the last link or unlink.
func linkedStory(s core.Scene) Story {
	r := s.Record
	verb, title := core.VerbLink, "Se vinculó un chat a su cuenta de SIDEM"
	if r.Acts[core.VerbUnlink].Version > r.Acts[core.VerbLink].Version {
		verb, title = core.VerbUnlink, "Se desvinculó un chat de su cuenta de SIDEM"
	}
	if given := r.Acts[core.VerbElsewhere].Version; given > r.Acts[verb].Version {
		return elsewhereStory(s)
	}
	act := r.Acts[verb]
	return Story{
		Title: title, Head: "Cuenta " + r.Fields[core.FieldUser],
		Facts: []Fact{{Label: "Medio", Value: Platform(platformOf(s, verb))}, {Label: "Cuándo", Value: Moment(s.Office.Local(act.At))}},
	}
}
