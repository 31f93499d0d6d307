package core

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core/value"
)

// Index is how a store finds record r again without knowing what it is.
type Index struct {
	// Unique keys belong to at most one record: a number, a user name, a chat.
	Unique []string
	// Terms are the lists in which the record stands.
	Terms []string
	// Rank orders lists: Unix milliseconds of the entry into the present state.
	Rank int64
}

// Unique keys and terms are made by these functions only, by those who write
// and those who ask alike.

// UniqueNumber is the key of a request's number.
func UniqueNumber(number string) string { return "number:" + number }

// UniqueUser is the key of a user name.
func UniqueUser(user string) string { return "user:" + strings.ToLower(user) }

// UniqueMail is the key of an address of e-mail, however it is written: two that are taken
// for each other have one.
func UniqueMail(mail string) string { return "mail:" + value.Skeleton(mail) }

// UniqueChat is the key of a person on a chat platform.
func UniqueChat(platform, id string) string { return "chat:" + platform + ":" + id }

// TermKind lists all records of a kind.
func TermKind(k Kind) string { return "kind:" + string(k) }

// TermState lists those in one state.
func TermState(k Kind, s State) string { return "state:" + string(k) + ":" + string(s) }

// TermAgency lists an agency's records of a kind.
func TermAgency(k Kind, agency string) string { return "agency:" + string(k) + ":" + agency }

// TermLeft lists the accounts that were moved from an agency to another.
func TermLeft(agency string) string { return "left:" + agency }

// TermRole lists the accounts that hold a role; agency is "" for roles of the office.
func TermRole(r Role, agency string) string {
	if r != RoleRequester && r != RoleSecretary {
		agency = ""
	}
	return "role:" + string(r) + ":" + agency
}

// TermSubstitute lists the accounts that named account their substitute, past and to come.
func TermSubstitute(account string) string { return "substitute:" + account }

// TermOwes lists the records in which a role (of an agency) or an account has a duty.
func TermOwes(r Role, agencyOrAccount string) string {
	switch r {
	case RoleRequester, RoleSecretary, RoleExecutive, RoleHead, Deputy:
		return "owes:" + string(r) + ":" + agencyOrAccount
	default:
		return "owes:" + string(r) + ":"
	}
}

// TermParty lists the requests that an account filed or was assigned.
func TermParty(account string) string { return "party:" + account }

// TermHead lists the requests that were referred to a head: to NoHead, where that head is
// not there any more and it is any head's.
func TermHead(account string) string { return "head:" + account }

// NoHead stands for the head of what is any head's (TermHead).
const NoHead = "-"

// TermOpen lists those of TermParty in which something can still follow, or of
// an agency (TermOpenAgency), drafts excepted.
func TermOpen(account string) string { return "open:" + account }

// TermOpenAgency lists an agency's filed requests in which something can still follow.
func TermOpenAgency(agency string) string { return "open:agency:" + agency }

// TermStage lists the requests that wait in a stage, and TermStageDay those that
// came to it on a day of the office: the board adds up a few days instead of
// reading all.
func TermStage(s Stage) string { return "stage:" + string(s) }

// TermStageDay is a part of TermStage.
func TermStageDay(s Stage, day Day) string { return "stage:" + string(s) + ":" + day.String() }

// TermPickup lists the opinions to be collected with a code.
func TermPickup(code string) string { return "pickup:" + code }

// TermNoChat lists the accounts in use that have no chat.
func TermNoChat() string { return "nochat" }

// TermWord lists the filed requests in whose subject a word stands, TermAgencyWord
// those of one agency: who sees one agency only never waits for the others. Persons
// and agencies are found by their own names first (TermName), then by TermParty
// and TermAgency: their words are not repeated under each request.
func TermWord(w string) string { return "word:" + stem(w) }

// TermAgencyWord is a part of TermWord.
func TermAgencyWord(agency, w string) string { return "word:" + agency + ":" + stem(w) }

// TermName lists the agencies or accounts in whose name a word stands.
func TermName(k Kind, w string) string { return "name:" + string(k) + ":" + stem(w) }

// TermStalled lists the requests that are stuck (Record.Stalled).
func TermStalled() string { return "stalled" }

// Index makes the keys and terms of the record.
func (r Record) Index() Index {
	ix := Index{Rank: r.Since.UnixMilli(), Terms: []string{TermKind(r.Kind), TermState(r.Kind, r.State)}}
	add := func(t ...string) { ix.Terms = append(ix.Terms, t...) }
	if r.Agency != "" {
		add(TermAgency(r.Kind, r.Agency))
	}
	switch r.Kind {
	case KindRequest:
		ix.Unique, ix.Terms = r.requestIndex(ix.Terms)
	case KindAccount:
		ix.Unique, ix.Terms = r.accountIndex(ix.Terms)
	case KindAgency:
		for _, w := range SearchWords(r.Agency + " " + r.Fields[FieldName]) {
			add(TermName(r.Kind, w))
		}
	case KindProgram, KindArchive:
	}
	for _, d := range owed(r) {
		switch d.Role {
		case RoleExecutive, RoleHead, Deputy:
			add(TermOwes(d.Role, d.Account))
		default:
			add(TermOwes(d.Role, r.Agency))
		}
	}
	if r.Kind == KindRequest && r.Stalled() {
		add(TermStalled())
	}
	slices.Sort(ix.Terms)
	ix.Terms = slices.Compact(ix.Terms)
	return ix
}

func (r Record) requestIndex(terms []string) (unique, all []string) {
	add := func(t ...string) { terms = append(terms, t...) }
	if r.Number != "" {
		unique = append(unique, UniqueNumber(r.Number))
		for _, w := range SearchWords(r.Fields[FieldSubject]) {
			add(TermWord(w), TermAgencyWord(r.Agency, w))
		}
		if r.Open() {
			add(TermOpenAgency(r.Agency))
		}
	}
	for _, id := range []string{r.Filer(), r.Fields[FieldExecutive]} {
		if id == "" {
			continue
		}
		add(TermParty(id))
		if r.Open() {
			add(TermOpen(id))
		}
	}
	if id := r.Fields[FieldHead]; id != "" {
		add(TermHead(id))
	} else if r.Did(VerbLeaveHead) && r.State != StateReceived {
		add(TermHead(NoHead))
	}
	if stage, _ := r.Stage(); stage != "" {
		add(TermStage(stage), "stage:"+string(stage)+":"+r.Waits)
	}
	if code := r.Fields[FieldPickupCode]; code != "" && r.State == StateIssued {
		add(TermPickup(code))
	}
	return unique, terms
}

func (r Record) accountIndex(terms []string) (unique, all []string) {
	add := func(t ...string) { terms = append(terms, t...) }
	if u := r.Fields[FieldUser]; u != "" {
		unique = append(unique, UniqueUser(u))
	}
	if r.ownsMail() {
		unique = append(unique, UniqueMail(r.Fields[FieldEmail]))
	}
	for _, l := range r.Links {
		unique = append(unique, UniqueChat(l.Platform, l.ID))
	}
	for _, w := range SearchWords(r.Fields[FieldName]) {
		add(TermName(r.Kind, w))
	}
	for _, agency := range r.FormerAgencies() {
		add(TermLeft(agency))
	}
	if !r.InUse() {
		return unique, terms
	}
	for _, role := range r.Roles {
		add(TermRole(role, r.Agency))
	}
	if s := r.Fields[FieldSubstitute]; s != "" {
		add(TermSubstitute(s))
	}
	if len(r.Links) == 0 {
		add(TermNoChat())
	}
	return unique, terms
}

// ownsMail reports whether the address of an account is kept as a unique key. Of those that
// were registered before addresses were, two may have one.
func (r Record) ownsMail() bool {
	return r.Fields[FieldOwnEmail] != "" && r.reachedByMail()
}

// HasMail reports whether an account's person is reached by an address of e-mail.
func (r Record) HasMail(mail string) bool {
	return r.reachedByMail() && UniqueMail(r.Fields[FieldEmail]) == UniqueMail(mail)
}

func (r Record) reachedByMail() bool {
	return r.Kind == KindAccount && r.State != StateDenied && r.State != StateErased && r.Fields[FieldEmail] != ""
}

// ProgramID is the id of an agency's programme of a year: there is one.
func ProgramID(agency, year string) string { return "program-" + strings.ToLower(agency) + "-" + year }

// AgencyID is the id of an agency's directory entry.
func AgencyID(agency string) string { return "agency-" + strings.ToLower(agency) }

// Season is the series of numbers of an instant: its local year.
func Season(now time.Time) string { return now.Format("2006") }

// NumberSeries is the series (desk.Ledger.Reserve) of the numbers of a season.
func NumberSeries(season string) string { return "number:" + season }

// NumberOf is the number of a request that has the value n of a series: "000147/2026".
func NumberOf(series string, n int) string {
	_, season, _ := strings.Cut(series, ":")
	return fmt.Sprintf("%06d/%s", n, season)
}

// ValueOf is the series of a number, and its value in it (NumberOf); ok is false for what is none.
func ValueOf(number string) (series string, n int, ok bool) {
	serial, season, cut := strings.Cut(number, "/")
	n, err := strconv.Atoi(serial)
	series = NumberSeries(season)
	return series, n, cut && err == nil && NumberOf(series, n) == number
}

// Passed are the numbers of a series that were passed over at once, when a store was
// restored without its last days: each is reserved for a name in place of a record.
type Passed struct {
	Series string
	At     int64 // the instant of the restore, in Unix seconds
}

// Name is the name under which the i-th of them, from 1, is reserved.
func (p Passed) Name(i int) string { return fmt.Sprintf("restored-%d-%d", p.At, i) }

// passedBy is what the name of a reservation in a series says; ok is false for any other.
func passedBy(series, name string) (p Passed, ok bool) {
	i := 0
	p.Series = series
	_, err := fmt.Sscanf(name, "restored-%d-%d", &p.At, &i)
	return p, err == nil && i > 0 && p.Name(i) == name
}

// series is that of the record's number; "" if it has none.
func (r Record) series() string {
	_, season, ok := strings.Cut(r.Number, "/")
	if !ok {
		return ""
	}
	return NumberSeries(season)
}

// keyFamilies are the first words of unique keys and terms: those that are true say
// nothing of a person.
var keyFamilies = map[string]bool{
	"number": true, "kind": true, "state": true, "agency": true, "role": true, "stage": true, "nochat": true, "left": true, "stalled": true,
	"user": false, "mail": false, "chat": false, "substitute": false, "owes": false, "party": false, "head": false, "open": false, "pickup": false, "word": false, "name": false,
}

// MaskKey is a unique key or a term without what it may say of a person: of
// "user:lucia.herrera" that it is a user's, of a chat its platform.
func MaskKey(key string) string {
	family, rest, _ := strings.Cut(key, ":")
	open, known := keyFamilies[family]
	switch sub, _, _ := strings.Cut(rest, ":"); {
	case !known:
		return "(a key of an unknown kind)"
	case open:
		return Plain(key)
	case family == "chat" && (sub == "telegram" || sub == "slack"):
		return "chat:" + sub + ":…"
	default:
		return family + ":…"
	}
}
