package core

import (
	"cmp"
	"slices"
	"time"
)

// Office is what an institution configures: names, hours, calendar, targets.
type Office struct {
	Institution string // e.g. "Gobierno del Estado de Ejemplo"
	Area        string // the Dirección General
	Department  string
	Director    string // the post to whom the oficio is addressed
	Address     string
	Telephone   string // of the counter; "" where none is told
	Map         string // the address of a map that shows where it is; "" for none
	Counter     string // counter hours in words: "lunes a viernes, 9:00 a 15:00 h, en días hábiles"
	Sending     string // sending hours in words: "de lunes a viernes, de 9:00 a 18:00 h"
	Support     string // where to turn when something fails
	Calendar    Calendar
	Targets     Targets
	// Window is when notices leave, Desk when the counter hands over; their zero
	// values are the defaults.
	Window, Desk Hours
	// Digest is when the day's digest leaves, in minutes since midnight; zero is the default.
	Digest int
	// GateWarns lets a request be filed without a validated programme, with a warning.
	GateWarns bool
	// Chase is for how many working days after its suggested date a duty is chased; zero is the default.
	Chase int
	// Retention is how long what is over is kept.
	Retention Retention
}

// Send is the window in which notices leave.
func (o Office) Send() Hours { return cmp.Or(o.Window, DefaultSending) }

// Local is instant t in the office's zone.
func (o Office) Local(t time.Time) time.Time { return t.In(o.Calendar.Zone()) }

// Person is somebody as others may read of them.
type Person struct {
	Account, Name, Post, Phone, Extension string
	// Open is how many requests the person has in hand: shown when assigning.
	Open int
	// Free is when what they have in hand is likely to be done; zero where nothing can be said.
	Free Day
	// Deputy is the name of who stands in for them today; "" for nobody.
	Deputy string
}

// Scene is all that a card or a mail says of a record to one person.
type Scene struct {
	Record Record
	// Viewer is the account that reads, and Actor what it may do.
	Viewer Record
	Actor  Actor
	Duties []Duty
	// Turn are the persons whose turn it is by the main duty; empty when it is an area's.
	Turn []Person
	// Agency is the name of the record's agency; Program the state of its
	// programme of the year.
	Agency  string
	Program State
	// Requester is who filed; Executive who has the case.
	Requester, Executive Person
	// Heirs have the turn of who filed, where that person is not there any more.
	Heirs []Person
	// Substitute is whom the person of an account named, accepted or not.
	Substitute Person
	// Choices are the persons among whom the viewer may choose, by field (heads, executives).
	Choices map[Field][]Person
	// Agencies are those of the directory, where the viewer may choose one.
	Agencies []Record
	// Last are the roles that of the accounts in use only that of the record has, of its agency
	// or of the office; where the viewer may take them away.
	Last []Role
	// About is the instant of the act that a note tells of; zero is the last of its kind.
	About time.Time
	// Changes are what a correction changed since the version that was returned, where
	// the release is awaited after one.
	Changes []Change
	// Trail is the end of the record's trail: what was done, without what was refused.
	Trail []Event
	// Named are the persons to whom an act of Trail went, whoever has the case by now.
	Named []Person
	// Usual is how long requests like it take: an estimate, and nobody's goal.
	Usual  Usual
	Office Office
	Now    time.Time // in the office's zone
}

// Usual is how long a request is likely to take from its filing until the opinion, in working
// days, as far as it has come: as many take fewer as more, and eight in ten take Low to High.
// It is zero where nothing can be said.
type Usual struct{ Days, Low, High int }

// SceneOf is what is said of record r to a viewer who acts as actor, as far as k knows:
// where k lacks something it is to learn that first. Trail and Changes are the caller's
// to add.
func SceneOf(r, viewer Record, actor Actor, k *Known, o Office, now time.Time) Scene {
	s := Scene{Record: r, Viewer: viewer, Actor: actor, Now: now, Office: o, Duties: Duties(r, o.Calendar, o.Targets)}
	s.Agency = k.AgencyName(r.Agency)
	if r.Kind == KindRequest {
		program, _ := k.Record(ProgramID(r.Agency, Season(now)))
		s.Program = program.State
	}
	s.Requester, s.Executive, s.Substitute = k.person(r.filerOrDeliverer()), k.person(r.Fields[FieldExecutive]), k.person(r.Fields[FieldSubstitute])
	if r.Kind == KindRequest && r.State != StateDraft && r.Open() {
		for _, p := range k.Requesters(r) {
			if p.ID != r.Asker() {
				s.Heirs = append(s.Heirs, PersonOf(p))
			}
		}
	}
	if today := DateOf(now); len(s.Duties) > 0 {
		for _, p := range k.Owing(s.Duties[0], r, today) {
			who := PersonOf(p)
			for _, s := range k.withSubstitutes([]Record{p}, today)[1:] { // none of another agency, or suspended
				who.Deputy = PersonOf(s).Name
			}
			s.Turn = append(s.Turn, who)
		}
	}
	s.Choices = k.choices(r, actor, now)
	if actor.Is(RoleAdmin) {
		s.Last = k.lastOf(r)
	}
	return s
}

// needed are the roles without which a step of the process is nobody's turn.
var needed = []Role{RoleRequester, RoleSecretary, RoleRegistry, RoleHead, RoleExecutive}

// lastOf are the needed roles of an account in use that nobody else has, in its agency or in
// the office.
func (k *Known) lastOf(r Record) (last []Role) {
	if !r.InUse() {
		return nil
	}
	for _, role := range r.Roles {
		if slices.Contains(needed, role) && len(k.Holding(role, r.Agency)) == 1 {
			last = append(last, role)
		}
	}
	return last
}

// IsAgencys reports whether a role is held for an agency, and lost with it.
func (r Role) IsAgencys() bool { return r == RoleRequester || r == RoleSecretary }

// AgencyName is the name of an agency; its id when it is not in the directory.
func (k *Known) AgencyName(id string) string {
	if id == "" {
		return ""
	}
	if r, ok := k.Record(AgencyID(id)); ok {
		return r.Fields[FieldName]
	}
	return id
}

func (k *Known) person(id string) Person {
	if r, ok := k.Record(id); ok {
		return PersonOf(r)
	}
	return Person{Account: id}
}

// PersonOf is an account as others may read of it.
func PersonOf(account Record) Person {
	return Person{
		Account: account.ID, Name: account.Fields[FieldName], Post: account.Fields[FieldPost],
		Phone: account.Fields[FieldPhone], Extension: account.Fields[FieldExtension],
	}
}

// NamedIn are the persons whom events name in their fields.
func (k *Known) NamedIn(events []Event) (out []Person) {
	for _, e := range events {
		for f, id := range e.Fields {
			is := func(p Person) bool { return p.Account == id }
			if Specs[f].Type == TypePerson && id != "" && !slices.ContainsFunc(out, is) {
				out = append(out, k.person(id))
			}
		}
	}
	return out
}

// choices are the persons among whom an actor may choose for record r, by field, with
// their work in hand.
func (k *Known) choices(r Record, a Actor, now time.Time) map[Field][]Person {
	out := map[Field][]Person{}
	for _, row := range Allowed(r, a, now) {
		for _, f := range row.Needs {
			spec := Specs[f]
			if spec.Type != TypePerson || out[f] != nil {
				continue
			}
			if f == FieldSubstitute {
				out[f] = k.Colleagues(r)
				continue
			}
			for _, p := range k.Holding(spec.Role, r.Agency) {
				if p.ID == r.Fields[f] && row.Verb == VerbReassign {
					continue // has it already
				}
				who := PersonOf(p)
				who.Open = k.size(TermOwes(spec.Role, p.ID))
				out[f] = append(out[f], who)
			}
			slices.SortFunc(out[f], func(a, b Person) int { return a.Open - b.Open })
		}
	}
	return out
}

// Colleagues are the other accounts of a person's agency, or of the office,
// that are in use: those who may be named a substitute.
func (k *Known) Colleagues(account Record) (out []Person) {
	term := TermKind(KindAccount)
	if account.Agency != "" {
		term = TermAgency(KindAccount, account.Agency)
	}
	for _, p := range k.List(term) {
		if p.ID != account.ID && p.Agency == account.Agency && p.InUse() {
			out = append(out, PersonOf(p))
		}
	}
	return out
}

// Asks reports whether the viewer is who asked, or has what falls to that person.
func (s Scene) Asks() bool {
	if s.Viewer.ID == s.Record.Filer() && s.Viewer.asksFor(s.Record) {
		return true
	}
	duty, mine := s.Mine()
	return mine && duty.Role == RoleRequester
}

// Code is the pickup code by which the viewer collects the opinion (Record.CodeOf); "" where
// they have none.
func (s Scene) Code() string {
	if s.Record.State != StateIssued || !s.Asks() {
		return ""
	}
	return s.Record.CodeOf(s.Viewer.ID)
}

// Mine is the first duty of the record that is the viewer's.
func (s Scene) Mine() (Duty, bool) {
	for _, d := range s.Duties {
		if s.Actor.Owes(d, s.Record, s.Now) {
			return d, true
		}
	}
	return Duty{}, false
}
