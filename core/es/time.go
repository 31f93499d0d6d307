package es

import (
	"fmt"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core"
)

// reminderRemark says under a card that the suggested date of what its viewer
// owes has come, or has passed; false when nothing is owed that was reminded.
func reminderRemark(s core.Scene) (Story, bool) {
	var m core.Reminded
	var duty core.Duty
	for _, d := range s.Duties {
		i := slices.IndexFunc(s.Record.Reminded, func(m core.Reminded) bool { return m.Duty == d.Name && m.Turn == d.Turn })
		if i >= 0 && s.Actor.Owes(d, s.Record, s.Now) {
			m, duty = s.Record.Reminded[i], d
			break
		}
	}
	if m.N == 0 {
		return Story{}, false
	}
	story := Story{Head: Head(s), Title: "Recordatorio: " + Lacks(duty.Name)}
	late := s.Office.Calendar.Of(s.Viewer.Agency).WorkingBetween(duty.Due, core.DateOf(s.Now))
	switch {
	case duty.Name == core.DutyPickup:
		story.Title = "Su dictamen sigue disponible"
		story.Text = pickup(s)
	case isRetry(s, duty):
		story.Text = []string{"Nadie ha contestado todavía."}
	case late <= 0:
		story.Text = []string{"Hoy es la " + goal(duty) + "."}
	default:
		story.Text = []string{fmt.Sprintf("La %s fue el %s, hace %s.", goal(duty), Day(duty.Due), WorkingDays(late))}
	}
	if duty.Name == core.DutyCall {
		story.Text = append(story.Text, "Llame a "+called(s)+".")
	}
	return story, true
}

// goal is what the date of a duty is called: nobody is held to it.
func goal(d core.Duty) string {
	if d.Name == core.DutyIssue {
		return "meta interna"
	}
	return "fecha sugerida"
}

func isRetry(s core.Scene, d core.Duty) bool {
	_, ok := core.NextCall(s.Record, d, s.Office)
	return ok
}

// PastReminder is what is left of a reminder that cannot be taken off the screen.
func PastReminder() Story { return Story{Title: "Recordatorio anterior"} }

// CardBelow is what is left of the card of a record that was shown anew further down, where it
// cannot be taken off the screen.
func CardBelow() Story { return Story{Title: "La información vigente está más abajo"} }

// coverRemark tells a substitute why the card came to them.
func coverRemark(s core.Scene) (Story, bool) {
	story, ok := reminderRemark(s)
	if !ok {
		return Story{}, false
	}
	mine, _ := s.Mine()
	why := inPlaceOf(s, mine)
	story.Text = append(story.Text, "Le llega a usted"+why+".")
	return story, why != ""
}

// reminderSubject is the subject of a reminder: what its viewer has not done yet.
func reminderSubject(s core.Scene) string {
	if d, ok := s.Mine(); ok {
		return "Recordatorio: " + Lacks(d.Name)
	}
	return "Recordatorio: " + lowerFirst(StateOf(s))
}

// SnoozeLabel is the button that puts a reminder off to a date, pressed today.
func SnoozeLabel(to, today core.Day) string {
	if to == today.Next(1) {
		return "Mañana"
	}
	return "El " + weekdays[to.Weekday()]
}

// SnoozedUntil answers whoever put a reminder off.
func SnoozedUntil(d core.Day) string { return "Se le recordará el " + Weekday(d) + "." }

// NotReminded answers whoever puts off what is not theirs to do any more.
func NotReminded() string { return "Ya no hace falta: no tiene pendientes en esta solicitud." }

// LostDigest is the line of an alert: whose summary reached them by no channel.
func LostDigest(name string, tried []string, why Motive) string {
	var names []string
	for _, c := range tried {
		names = append(names, Platform(c))
	}
	return fmt.Sprintf("%s, resumen del día. No se entregó por ningún medio (%s).", name, List(names)) + because(why)
}

// DigestTitle is "Tiene 3 pendientes".
func DigestTitle(d core.Digest) string {
	n := len(d.Entries) + d.More
	if n == 0 && len(d.Stalled) > 0 {
		return stalledTitle(len(d.Stalled))
	}
	if n == 0 {
		return "Calendario por confirmar"
	}
	return DutiesTitle(n)
}

// DigestStory is the digest in words: what is overdue first.
func DigestStory(d core.Digest) Story {
	story := Story{Title: DigestTitle(d), Head: sentence(Weekday(d.Day))}
	story.Text = entryLines(d.Entries, d.More)
	stalled := stalledLines(d.Stalled, d.Office, d.Day)
	if len(d.Entries) == 0 && len(stalled) > 0 {
		stalled = stalled[1:] // the title says it
	}
	story.Text = append(story.Text, stalled...)
	for _, year := range d.Missing {
		story.Text = append(story.Text, MissingYear(year))
	}
	return story
}

// entryLines are what a person owes, a line each.
func entryLines(entries []core.Entry, more int) (out []string) {
	for _, e := range entries {
		out = append(out, EntryLine(e))
	}
	if more > 0 {
		out = append(out, "Y "+Count(more, "pendiente más", "pendientes más")+": escriba /pendientes.")
	}
	return out
}

// MissingYear warns of a calendar that nobody has confirmed.
func MissingYear(year int) string {
	return fmt.Sprintf("Falta confirmar el calendario de días hábiles de %d. Mientras tanto, las fechas de ese año se muestran como provisionales. Pida su registro al área de soporte.", year)
}

// EntryLine is one duty in a digest: "000147/2026 · Liberar · Asunto · lleva 9 días hábiles; pasaron 7 desde la fecha sugerida".
func EntryLine(e core.Entry) string {
	when := goal(e.Duty) + ": " + Day(e.Duty.Due)
	switch {
	case e.Late == 0:
		when = goal(e.Duty) + ": hoy"
	case e.Late > 0:
		when = passed(e.Late) + " desde la " + goal(e.Duty)
	}
	if e.Age > 0 {
		when = Age(e.Age) + "; " + when
	}
	return strings.Join(nonEmpty(Short(e.Record), Duty(e.Duty.Name), e.Record.Fields[core.FieldSubject], when), " · ")
}

// stalledLines are what is stuck, by its own name, with whose turn it is.
func stalledLines(stalled []core.Entry, o core.Office, today core.Day) []string {
	if len(stalled) == 0 {
		return nil
	}
	out := []string{stalledTitle(len(stalled))}
	for _, e := range stalled {
		turn := Role(e.Duty.Role)
		if len(e.Turn) > 0 {
			var names []string
			for _, p := range e.Turn {
				names = append(names, p.Name)
			}
			turn = List(names)
		}
		stage, _ := e.Record.Stage()
		office, agency := core.InHands(e.Record, o.Calendar, today.At(12, 0, o.Calendar.Zone()))
		parts := []string{Short(e.Record), Stage(stage), turn, Held(office, agency)}
		if e.Unusual {
			parts = append(parts, longer)
		}
		out = append(out, strings.Join(parts, " · "))
	}
	return out
}

// WeeklyStory is the week's board in words.
func WeeklyStory(w core.Weekly) Story {
	story := Story{Title: "Tablero semanal de dictámenes", Head: sentence(Weekday(w.Day))}
	for _, row := range w.Rows {
		if row.Count > 0 {
			story.Facts = append(story.Facts, Fact{Label: Stage(row.Stage), Value: StageFact(row.Count, row.Late, row.Age)})
		}
	}
	if w.Cost.Stage != "" {
		story.Facts = append(story.Facts, CostFact(w.Cost))
	}
	story.Text = stalledLines(w.Stalled, w.Office, w.Day)
	if len(w.Stalled) == 0 {
		story.Text = []string{"No hay solicitudes sin avance."}
	}
	if n := len(w.Entries) + w.More; len(w.Entries) > 0 {
		story.Text = append(story.Text, DutiesTitle(n))
		story.Text = append(story.Text, entryLines(w.Entries, w.More)...)
	}
	return story
}

// stalledTitle stands over the requests that nobody has moved for long.
func stalledTitle(n int) string {
	return Say(StalledTitle) + ": " + Count(n, "solicitud", "solicitudes")
}

// passed is "pasaron 7", "pasó 1", of working days that the words before have named.
func passed(days int) string {
	if days == 1 {
		return "pasó 1"
	}
	return fmt.Sprintf("pasaron %d", days)
}

// Hands tells the office's time from the agency's, in working days: "10 días hábiles, todos en la
// Dirección General", "3 días hábiles (2 en la Dirección General y 1 en la dependencia)".
func Hands(office, agency int) string {
	n := office + agency
	switch {
	case office == 0 && agency == 0:
		return WorkingDays(0)
	case agency == 0:
		return WorkingDays(n) + every(n) + "en la Dirección General"
	case office == 0:
		return WorkingDays(n) + every(n) + "en la dependencia"
	}
	return fmt.Sprintf("%s (%d en la Dirección General y %d en la dependencia)", WorkingDays(n), office, agency)
}

func every(n int) string {
	if n == 1 {
		return " "
	}
	return ", todos "
}

// Held is Hands as the end of a line: "lleva 6 días hábiles, todos en la dependencia".
func Held(office, agency int) string { return "lleva " + Hands(office, agency) }

// DigestLetter and WeeklyLetter are the mails of those who have no chat first.
func DigestLetter(d core.Digest) Letter { return morning(DigestStory(d), d.Viewer) }

// WeeklyLetter is the week's board as a mail.
func WeeklyLetter(w core.Weekly) Letter { return morning(WeeklyStory(w), w.Viewer) }

// NoMoreOf is the subject by which somebody asks for no more digests or boards.
func NoMoreOf(weekly bool) string {
	if weekly {
		return "No deseo recibir el tablero semanal"
	}
	return "No deseo recibir el resumen diario"
}

func morning(story Story, viewer core.Record) Letter {
	return Letter{
		Subject: clip(story.Title, maxSubject-1), Preheader: story.Head, Story: story,
		Greeting: greeting(viewer),
		Closing:  []string{onlyInforms},
	}
}

// HoursOf is a window in words: "09:00 a 18:00 h".
func HoursOf(h core.Hours) string {
	return fmt.Sprintf("%02d:%02d a %02d:%02d h", h.Open/60, h.Open%60, h.Close/60, h.Close%60)
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
