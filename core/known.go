package core

import (
	"slices"
	"time"
)

// Known is what was read for one press or one card: accounts, agencies and programmes by
// their ids, and lists of them. What it is asked for and does not have it notes, and
// answers as if there were none; whoever reads adds that (Learn), and has everything
// computed once more. So whoever computes says what it needs, and nobody else has to know.
// It is not safe for concurrent use; the zero value knows nothing.
type Known struct {
	records map[string]Record // the zero Record: there is none
	lists   map[string][]Record
	sizes   map[string]int
	bundled map[string]bool
	lacks   Lacks
}

// Lacks is what somebody asked for and is not known.
type Lacks struct {
	IDs   []string
	Terms []string // lists of one term each
	Sizes []string // terms of which only the length was asked for
	// Bundled are accounts of which it was asked whether they have so many reminders
	// today that their digest tells them.
	Bundled []string
}

// IsEmpty reports whether nothing is lacking.
func (l Lacks) IsEmpty() bool {
	return len(l.IDs)+len(l.Terms)+len(l.Sizes)+len(l.Bundled) == 0
}

// Lacking is what was asked for since the last Learn, and is not known.
func (k *Known) Lacking() Lacks { return k.lacks }

// Learned is what was read of Lacks; what is in none of its maps is not there.
type Learned struct {
	Records map[string]Record   // by id
	Lists   map[string][]Record // whole, by term
	Sizes   map[string]int      // by term
	Bundled map[string]bool     // by account
}

// Learn adds what was read of all that was lacking.
func (k *Known) Learn(l Learned) {
	if k.records == nil {
		k.records, k.lists, k.sizes, k.bundled = map[string]Record{}, map[string][]Record{}, map[string]int{}, map[string]bool{}
	}
	for _, id := range k.lacks.IDs {
		k.records[id] = l.Records[id]
	}
	for _, term := range k.lacks.Terms {
		k.lists[term] = l.Lists[term]
		for _, r := range l.Lists[term] {
			if _, known := k.records[r.ID]; !known {
				k.records[r.ID] = r
			}
		}
	}
	for _, term := range k.lacks.Sizes {
		k.sizes[term] = l.Sizes[term]
	}
	for _, id := range k.lacks.Bundled {
		k.bundled[id] = l.Bundled[id]
	}
	k.lacks = Lacks{}
}

// Record is the record with an id; false where there is none.
func (k *Known) Record(id string) (Record, bool) {
	if id == "" {
		return Record{}, false
	}
	r, known := k.records[id]
	if !known && !slices.Contains(k.lacks.IDs, id) {
		k.lacks.IDs = append(k.lacks.IDs, id)
	}
	return r, r.State != None
}

// List are the records in the list of one term. The slice is the caller's.
func (k *Known) List(term string) []Record {
	list, known := k.lists[term]
	if !known && !slices.Contains(k.lacks.Terms, term) {
		k.lacks.Terms = append(k.lacks.Terms, term)
	}
	return slices.Clone(list)
}

func (k *Known) size(term string) int {
	n, known := k.sizes[term]
	if !known && !slices.Contains(k.lacks.Sizes, term) {
		k.lacks.Sizes = append(k.lacks.Sizes, term)
	}
	return n
}

func (k *Known) isBundled(account string) bool {
	is, known := k.bundled[account]
	if !known && !slices.Contains(k.lacks.Bundled, account) {
		k.lacks.Bundled = append(k.lacks.Bundled, account)
	}
	return is
}

// Accounts are those with ids, each once; one that is gone is left out.
func (k *Known) Accounts(ids ...string) []Record {
	var out []Record
	for _, id := range ids {
		if r, ok := k.Record(id); ok && !has(out, id) {
			out = append(out, r)
		}
	}
	return out
}

func has(people []Record, id string) bool {
	return slices.ContainsFunc(people, func(p Record) bool { return p.ID == id })
}

// Holding are the accounts that hold a role (of an agency, where the role has one).
func (k *Known) Holding(role Role, agency string) []Record { return k.List(TermRole(role, agency)) }

// Actor is what an account may do: its own roles, and those of the persons who named it
// their substitute.
func (k *Known) Actor(account Record) Actor {
	a := ActorOf(account, k.List(TermSubstitute(account.ID)))
	if !a.Is(RoleRequester) {
		return a
	}
	// Suspended, erased, moved to another agency, or no requester any more: whatever they
	// asked for is still there.
	for _, p := range slices.Concat(k.List(TermAgency(KindAccount, a.Agency)), k.List(TermLeft(a.Agency))) {
		if p.Agency != a.Agency || !p.InUse() || !slices.Contains(p.Roles, RoleRequester) {
			a.Inherits = append(a.Inherits, p.ID)
		}
	}
	return a
}

// filerOrDeliverer is who asked: of a programme, who delivered it.
func (r Record) filerOrDeliverer() string {
	if r.Kind == KindProgram {
		return r.Acts[VerbDeliver].By
	}
	return r.Asker()
}

// Requesters are who is to know of what was asked: its filer; or, where that person
// is not there any more, or administration delivered a programme for the agency, all
// who ask for that agency.
func (k *Known) Requesters(r Record) []Record {
	filer := r.filerOrDeliverer()
	people := k.Accounts(filer)
	if _, known := k.records[filer]; !known && filer != "" { // who else is asked for only where it is not enough
		return nil
	}
	if len(people) == 1 && people[0].asksFor(r) {
		return people
	}
	return k.Holding(RoleRequester, r.Agency)
}

// Collectors are the accounts whose pickup code of r is good on a day (CodeOf): whose turn it
// is to collect it, who stands in for them, and who filed it in another's name.
func (k *Known) Collectors(r Record, today Day) []Record {
	out := k.withSubstitutes(k.Requesters(r), today)
	for _, p := range k.Accounts(r.Filer()) {
		if p.asksFor(r) && !has(out, p.ID) {
			out = append(out, p)
		}
	}
	return slices.DeleteFunc(out, func(p Record) bool { return !p.InUse() })
}

// asksFor reports whether r is an account whose person is a requester of the agency of a request.
func (r Record) asksFor(request Record) bool {
	return r.InUse() && r.Agency == request.Agency && slices.Contains(r.Roles, RoleRequester)
}

// Owing are the accounts whose duty it is, on a day.
func (k *Known) Owing(duty Duty, r Record, today Day) []Record {
	switch {
	case duty.Role == RoleRequester:
		return k.Requesters(r)
	case duty.Account != "":
		return k.Accounts(duty.Account)
	default:
		return slices.DeleteFunc(k.Holding(duty.Role, duty.Agency), func(p Record) bool { return r.Spares(duty, p.ID, p.deputyOn(today)) })
	}
}

// deputyOn is who stands in for an account's person on a day; "" for nobody.
func (r Record) deputyOn(day Day) string {
	if sub, ok := r.Substitution(); ok && sub.Covers(day) {
		return sub.Account
	}
	return ""
}

// withSubstitutes adds those who stand in for one of people on a day: of the same agency,
// as ActorOf has it.
func (k *Known) withSubstitutes(people []Record, today Day) []Record {
	var ids []string
	for _, p := range people {
		if id := p.deputyOn(today); id != "" {
			ids = append(ids, id)
		}
	}
	for _, s := range k.Accounts(ids...) {
		standsIn := func(p Record) bool { return p.deputyOn(today) == s.ID && p.Agency == s.Agency }
		if s.InUse() && !has(people, s.ID) && slices.ContainsFunc(people, standsIn) {
			people = append(people, s)
		}
	}
	return people
}

// audience are the accounts that a notice of record r means.
func (k *Known) audience(r Record, to Role, o Office, now time.Time) []Record {
	today := DateOf(now)
	switch to {
	case Self, Former:
		return []Record{r}
	case Deputy:
		return k.Accounts(r.Fields[FieldSubstitute])
	case Undone: // the act itself says who it was
		return nil
	case Holders:
		return k.Accounts(r.Told...)
	case OnTurn:
		duties := Duties(r, o.Calendar, o.Targets)
		if len(duties) == 0 {
			return nil
		}
		return k.withSubstitutes(k.Owing(duties[0], r, today), today)
	case Reminding:
		return k.reminding(r, o, today)
	case Covering:
		people := k.reminding(r, o, today)
		all := k.withSubstitutes(slices.Clone(people), today)
		return slices.DeleteFunc(all, func(p Record) bool { return has(people, p.ID) })
	case RoleRequester:
		return k.withSubstitutes(k.Requesters(r), today)
	case RoleHead:
		if r.Fields[FieldHead] == "" { // whom it was referred to is not there any more
			return k.withSubstitutes(k.Holding(RoleHead, ""), today)
		}
		return k.withSubstitutes(k.Accounts(r.Fields[FieldHead]), today)
	case RoleExecutive:
		return k.Accounts(r.Fields[FieldExecutive])
	default:
		return k.withSubstitutes(k.Holding(to, r.Agency), today)
	}
}

// reminding are the accounts that owe what the last reminder told of; a pickup
// has a row of its own.
func (k *Known) reminding(r Record, o Office, today Day) []Record {
	var out []Record
	for _, duty := range Duties(r, o.Calendar, o.Targets) {
		told := slices.ContainsFunc(r.JustReminded(), func(m Reminded) bool { return m.Duty == duty.Name })
		if !told || duty.Name == DutyPickup {
			continue
		}
		for _, p := range k.Owing(duty, r, today) {
			if !has(out, p.ID) {
				out = append(out, p)
			}
		}
	}
	return out
}
