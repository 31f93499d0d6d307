package core

import (
	"slices"
	"time"
)

// DutyName names what somebody owes.
type DutyName string

// The duties: the unit of reminders, lists and boards.
const (
	DutyRelease  DutyName = "release"
	DutyLetter   DutyName = "letter"
	DutyCorrect  DutyName = "correct"
	DutyReceive  DutyName = "receive"
	DutyRefer    DutyName = "refer"
	DutyAssign   DutyName = "assign"
	DutyIssue    DutyName = "issue"
	DutyAnswer   DutyName = "answer"
	DutyCall     DutyName = "call"
	DutyPickup   DutyName = "pickup"
	DutyValidate DutyName = "validate"
	DutyGrant    DutyName = "grant"
	DutyMend     DutyName = "mend"     // deliver the returned programme again
	DutyStandIn  DutyName = "stand_in" // say whether one stands in for somebody
)

// Duty is what a person owes now.
type Duty struct {
	Name   DutyName
	Record string
	Role   Role
	// Account is set when it is one person's and not a whole role's. Where that
	// person asked, and is not there any more, it is the agency's requesters'.
	Account string
	Agency  string
	Since   time.Time
	// Due is the suggested date (an internal goal, never a legal term).
	Due Day
	// Paused is true while the duty's clock stands still.
	Paused bool
	// Turn is the version from which it is owed: it tells one turn from the next.
	// Began is its instant: Since, or when the clock ran on.
	Turn  int
	Began time.Time
}

// Targets are the suggested days of each duty, in working days.
type Targets map[DutyName]int

// DefaultTargets are those of the guide's office; an office may set its own.
var DefaultTargets = Targets{
	DutyRelease: 2, DutyLetter: 2, DutyReceive: 2, DutyRefer: 1, DutyAssign: 1,
	DutyIssue: 10, DutyAnswer: 5, DutyCall: 1, DutyPickup: 3, DutyCorrect: 5,
	DutyValidate: 2, DutyGrant: 2, DutyMend: 5, DutyStandIn: 1,
}

// owed are the duties of record r, their dates not reckoned yet: the table of
// 'whose turn is it'. The first one is the main one, which cards name.
func owed(r Record) []Duty {
	duty := func(n DutyName, role Role, from Verb) Duty {
		act := r.Acts[from]
		since, turn := act.At, act.Version
		if turn == 0 {
			since, turn = r.Since, r.Version
		}
		return Duty{Name: n, Record: r.ID, Role: role, Agency: r.Agency, Since: since, Began: since, Turn: turn}
	}
	own := func(d Duty, account string) Duty { d.Account = account; return d }
	switch r.Kind {
	case KindProgram:
		switch r.State {
		case StateDelivered:
			return []Duty{duty(DutyValidate, RoleAdmin, r.Last)}
		case StateReturned:
			return []Duty{duty(DutyMend, RoleRequester, VerbReturn)}
		}
	case KindAccount:
		if r.State == StateRequested {
			return []Duty{duty(DutyGrant, RoleAdmin, VerbApply)}
		}
		if sub, ok := r.Substitution(); ok && !sub.Accepted {
			return []Duty{own(duty(DutyStandIn, Deputy, VerbSubstitute), sub.Account)}
		}
	case KindRequest:
		return owedOfRequest(r, duty, own)
	case KindAgency, KindArchive:
	}
	return nil
}

func owedOfRequest(r Record, duty func(DutyName, Role, Verb) Duty, own func(Duty, string) Duty) []Duty {
	switch r.State {
	case StateFiled:
		out := []Duty{duty(DutyRelease, RoleSecretary, r.Last)}
		switch {
		case r.Did(VerbReceiveLetter):
		case r.Did(VerbSendLetter):
			out = append(out, duty(DutyReceive, RoleRegistry, lettered(r)))
		default:
			out = append(out, duty(DutyLetter, RoleSecretary, r.Last))
		}
		return out
	case StateReturned:
		return []Duty{own(duty(DutyCorrect, RoleRequester, VerbReturn), r.Asker())}
	case StateReleased:
		if r.Did(VerbSendLetter) {
			return []Duty{toldAtRelease(r, duty(DutyReceive, RoleRegistry, lettered(r)))}
		}
		// The paper may reach the counter before anybody registers it.
		return []Duty{duty(DutyLetter, RoleSecretary, VerbRelease), duty(DutyReceive, RoleRegistry, VerbRelease)}
	case StateReceived:
		return []Duty{duty(DutyRefer, RoleRegistry, r.Last)}
	case StateReferred:
		return []Duty{own(duty(DutyAssign, RoleHead, r.Last), r.Fields[FieldHead])}
	case StateAssigned:
		d := own(duty(DutyIssue, RoleExecutive, VerbAssign), r.Fields[FieldExecutive])
		last := r.Acts[assignment(r)]
		d.Turn, d.Since, d.Began = last.Version, last.At, last.At
		if resume := r.Acts[VerbResume]; resume.Version > d.Turn {
			d.Turn, d.Began = resume.Version, resume.At
		}
		return []Duty{d}
	case StateObserved:
		last := VerbObserve
		if r.Acts[VerbAskAgain].Version > r.Acts[VerbObserve].Version {
			last = VerbAskAgain
		}
		answer := own(duty(DutyAnswer, RoleRequester, last), r.Asker())
		if r.Fields[FieldExecutive] == "" { // who observed is not there any more
			return []Duty{answer, own(duty(DutyAssign, RoleHead, VerbLeaveCase), r.Fields[FieldHead])}
		}
		return []Duty{answer}
	case StateIssued:
		pickup := own(duty(DutyPickup, RoleRequester, VerbIssue), r.Asker())
		if !r.owesCall() {
			return []Duty{pickup}
		}
		from := VerbIssue
		if r.Did(VerbRecall) {
			from = VerbRecall
		}
		if r.callIsRegistrys() {
			if r.Acts[VerbLeaveCase].Version > r.Acts[from].Version {
				from = VerbLeaveCase
			}
			return []Duty{duty(DutyCall, RoleRegistry, from), pickup}
		}
		return []Duty{own(duty(DutyCall, RoleExecutive, from), r.Fields[FieldExecutive]), pickup}
	}
	return nil
}

// lettered is the verb from which on the oficio is to be received: while a request
// is returned nobody waits for it.
func lettered(r Record) Verb {
	if r.Acts[VerbCorrect].Version > r.Acts[VerbSendLetter].Version {
		return VerbCorrect
	}
	return VerbSendLetter
}

// toldAtRelease is the duty to receive an oficio, of which the registry was told with the
// release: it is told once, and another turn begins only where it was reminded of an oficio
// before that was registered.
func toldAtRelease(r Record, d Duty) Duty {
	release := r.Acts[VerbRelease]
	if release.Version == 0 || d.Turn < release.Version {
		return d // it has been theirs since before the release
	}
	for _, m := range r.Reminded {
		if m.Duty == d.Name && (m.Turn != release.Version || m.At.Before(d.Since)) {
			return d
		}
	}
	d.Turn = release.Version
	return d
}

// Duties are what record r has somebody owe, the main one first, with their
// suggested dates by calendar cal (an agency's people go by its own) and targets
// t. An assignment's date moves on by the working days that it stood observed.
func Duties(r Record, cal Calendar, t Targets) []Duty {
	out := owed(r)
	for i := range out {
		d := &out[i]
		own := d.calendar(cal)
		start, days := DateOf(d.Since.In(cal.Zone())), t[d.Name]
		if d.Name == DutyIssue {
			start = DateOf(r.Acts[assignment(r)].At.In(cal.Zone()))
			for _, p := range r.Pauses {
				days += own.WorkingBetween(DateOf(p.From.In(cal.Zone())), DateOf(p.To.In(cal.Zone())))
			}
		}
		d.Due = own.AddWorking(start, days)
		if d.Name == DutyAnswer {
			d.Due = suggested(r, d.Due)
		}
		d.Paused = r.State == StateObserved && d.Name == DutyIssue
	}
	return out
}

// suggested is the latest date that was suggested for the answers that are owed;
// day where none was.
func suggested(r Record, day Day) Day {
	latest := ""
	for _, o := range r.Pending() {
		latest = max(latest, o.Due)
	}
	if d, err := ParseDay(latest); err == nil {
		return d
	}
	return day
}

// calendar is the one by which the duty's people work.
func (d Duty) calendar(office Calendar) Calendar {
	if d.isAgencys() {
		return office.Of(d.Agency)
	}
	return office
}

// isAgencys reports whether it is owed by the agency and not by the office.
func (d Duty) isAgencys() bool { return d.Role == RoleRequester || d.Role == RoleSecretary }

// Owes reports whether duty d is actor a's, in its own name or a principal's.
func (a Actor) Owes(d Duty, r Record, now time.Time) bool {
	if r.Spares(d, a.counts(now)...) {
		return false
	}
	if a.owes(a.Account, a.Agency, a.Roles, d) || d.Role == Deputy && d.Account == a.Account {
		return true
	}
	for _, p := range a.Principals {
		if p.covers(now) && a.owes(p.Account, p.Agency, p.Roles, d) {
			return true
		}
	}
	return false
}

// Spares reports whether duty d of a request is not that of a person who counts as
// who, whatever their roles: what ends it is kept apart from what they did. The
// oficio that goes with a release is not asked of them either while it waits for that.
func (r Record) Spares(d Duty, who ...string) bool {
	verb := Ends(d.Name)
	if d.Name == DutyLetter && r.State == StateFiled {
		verb = VerbRelease
	}
	for _, other := range Opposites(verb) {
		for _, id := range r.did(other) {
			if slices.Contains(who, id) {
				return true
			}
		}
	}
	return false
}

// owes reports whether d is the duty of an account: its own, or its role's. What falls
// to a requester is the turn of whoever asked, and of the agency's others once that
// person is not there any more.
func (a Actor) owes(account, agency string, roles []Role, d Duty) bool {
	switch {
	case !slices.Contains(roles, d.Role), d.isAgencys() && d.Agency != agency:
		return false
	case d.Role == RoleRequester && slices.Contains(a.Inherits, d.Account):
		return true
	}
	return d.Account == "" || d.Account == account
}

// Ends is the verb that ends or advances a duty: the button that a card puts first.
func Ends(d DutyName) Verb { return ends[d] }

var ends = map[DutyName]Verb{
	DutyRelease: VerbRelease, DutyLetter: VerbSendLetter, DutyCorrect: VerbCorrect, DutyReceive: VerbReceiveLetter,
	DutyRefer: VerbRefer, DutyAssign: VerbAssign, DutyIssue: VerbIssue, DutyAnswer: VerbAnswer,
	DutyCall: VerbLogCall, DutyPickup: VerbHandOver, DutyValidate: VerbValidate, DutyGrant: VerbGrant, DutyMend: VerbRedeliver, DutyStandIn: VerbStandIn,
}
