package core

import (
	"cmp"
	"time"
)

// Office is what an institution configures: names, hours, calendar, targets.
type Office struct {
	Institution string // e.g. "Gobierno del Estado de Ejemplo"
	Area        string // the Dirección General
	Department  string
	Director    string // the post to whom the oficio is addressed
	Address     string
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
	// Substitute is whom the person of an account named, accepted or not.
	Substitute Person
	// Choices are the persons among whom the viewer may choose, by field (heads, executives).
	Choices map[Field][]Person
	// Agencies are those of the directory, where the viewer may choose one.
	Agencies []Record
	// About is the instant of the act that a note tells of; zero is the last of its kind.
	About time.Time
	// Changes are what a correction changed since the version that was returned, where
	// the release is awaited after one.
	Changes []Change
	// Trail is the end of the record's trail: what was done, without what was refused.
	Trail  []Event
	Office Office
	Now    time.Time // in the office's zone
}

// Asks reports whether the viewer is who asked, or has what falls to that person.
func (s Scene) Asks() bool {
	if s.Viewer.ID == s.Record.Filer() {
		return true
	}
	duty, mine := s.Mine()
	return mine && duty.Role == RoleRequester
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
