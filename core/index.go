package core

import (
	"slices"
	"strings"
	"time"
	"unicode"
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

// UniqueChat is the key of a person on a chat platform.
func UniqueChat(platform, id string) string { return "chat:" + platform + ":" + id }

// TermKind lists all records of a kind.
func TermKind(k Kind) string { return "kind:" + string(k) }

// TermState lists those in one state.
func TermState(k Kind, s State) string { return "state:" + string(k) + ":" + string(s) }

// TermAgency lists an agency's records of a kind.
func TermAgency(k Kind, agency string) string { return "agency:" + string(k) + ":" + agency }

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
	case RoleRequester, RoleSecretary, RoleExecutive, RoleHead:
		return "owes:" + string(r) + ":" + agencyOrAccount
	default:
		return "owes:" + string(r) + ":"
	}
}

// TermParty lists the requests that an account filed or was assigned.
func TermParty(account string) string { return "party:" + account }

// TermWord lists the requests in which a word stands.
func TermWord(w string) string { return "word:" + w }

// Index makes the keys and terms of the record.
func (r Record) Index() Index {
	ix := Index{Rank: r.Since.UnixMilli(), Terms: []string{TermKind(r.Kind), TermState(r.Kind, r.State)}}
	add := func(t ...string) { ix.Terms = append(ix.Terms, t...) }
	if r.Agency != "" {
		add(TermAgency(r.Kind, r.Agency))
	}
	switch r.Kind {
	case KindRequest:
		if r.Number != "" {
			ix.Unique = append(ix.Unique, UniqueNumber(r.Number))
			for _, w := range Words(r.Number + " " + r.Fields[FieldSubject] + " " + r.Agency + " " + r.Fields[FieldName]) {
				add(TermWord(w))
			}
		}
		for _, id := range []string{r.Filer(), r.Fields[FieldExecutive]} {
			if id != "" {
				add(TermParty(id))
			}
		}
	case KindAccount:
		if u := r.Fields[FieldUser]; u != "" {
			ix.Unique = append(ix.Unique, UniqueUser(u))
		}
		for _, l := range r.Links {
			ix.Unique = append(ix.Unique, UniqueChat(l.Platform, l.ID))
		}
		if r.State == StateGranted || r.State == StateActive {
			for _, role := range r.Roles {
				add(TermRole(role, r.Agency))
			}
			if s := r.Fields[FieldSubstitute]; s != "" {
				add(TermSubstitute(s))
			}
		}
	case KindAgency, KindProgram:
	}
	for _, d := range owed(r) {
		switch d.Role {
		case RoleExecutive, RoleHead:
			add(TermOwes(d.Role, d.Account))
		default:
			add(TermOwes(d.Role, r.Agency))
		}
	}
	slices.Sort(ix.Terms)
	ix.Terms = slices.Compact(ix.Terms)
	return ix
}

// Words are the words of s as a search compares them: lower case, without
// accents, of two letters or more, each once.
func Words(s string) []string {
	fold := strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u")
	words := strings.FieldsFunc(fold.Replace(strings.ToLower(s)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	var out []string
	for _, w := range words {
		if len(w) > 1 && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// ProgramID is the id of an agency's programme of a year: there is one.
func ProgramID(agency, year string) string { return "program-" + strings.ToLower(agency) + "-" + year }

// AgencyID is the id of an agency's directory entry.
func AgencyID(agency string) string { return "agency-" + strings.ToLower(agency) }

// Season is the series of numbers of an instant: its local year.
func Season(now time.Time) string { return now.Format("2006") }
