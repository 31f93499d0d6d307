package roster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// errNothing says that a file is empty, or another's.
var errNothing = errors.New("import: the file names no agencies, programs or accounts")

// read is the file as the fields keep it, without the rows that cannot be read: faults tell
// everything that is wrong with those.
func (f File) read(ctx context.Context, d *desk.Desk) (_ File, faults []error, err error) {
	if len(f.Agencies)+len(f.Programs)+len(f.Accounts) == 0 {
		return f, nil, errNothing
	}
	r := reader{ctx: ctx, desk: d, listed: map[string]bool{}}
	var agencies []Agency
	for _, a := range f.Agencies {
		before := len(r.faults)
		if err := r.agency(&a); err != nil {
			return f, nil, fmt.Errorf("import agency %s: %w", a.ID, err)
		}
		if len(r.faults) == before {
			agencies = append(agencies, a)
		}
	}
	if r.twins, err = newTwins(ctx, d); err != nil {
		return f, nil, err
	}
	var accounts []Account
	for i, a := range f.Accounts {
		before := len(r.faults)
		if err := r.account(i+1, &a); err != nil {
			return f, nil, fmt.Errorf("import %s: %w", a.User, err)
		}
		if len(r.faults) == before {
			accounts = append(accounts, a)
		}
	}
	if len(agencies) < len(f.Agencies) { // what belongs to one would be told that it is not there
		accounts, f.Programs = nil, nil
	}
	f.Agencies, f.Accounts = agencies, accounts
	return f, r.faults, nil
}

// reader reads the rows of a file, and gathers what is wrong with them.
type reader struct {
	ctx    context.Context // of one call of File.read
	desk   *desk.Desk
	listed map[string]bool // the agencies of the file, by id of their record
	twins  twins
	faults []error
}

func (r *reader) fault(what string, no *core.Refusal) {
	if no != nil {
		r.faults = append(r.faults, fmt.Errorf("import %s: %s", what, es.Refuse(no, "", r.desk.Clock())))
	}
}

// knows reports whether the file or the directory has an agency.
func (r *reader) knows(key string) (bool, error) {
	if r.listed[core.AgencyID(key)] {
		return true, nil
	}
	_, err := r.desk.Ledger.Record(r.ctx, core.AgencyID(key))
	if errors.Is(err, desk.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (r *reader) agency(a *Agency) error {
	there, err := r.knows(a.ID)
	if err != nil {
		return err
	}
	if !there {
		key, no := core.Parse(core.FieldAgency, a.ID, r.desk.Clock())
		if no != nil {
			r.fault("agency "+a.ID, no)
			return nil
		}
		a.ID = key
	}
	if name, no := core.Parse(core.FieldName, a.Name, r.desk.Clock()); no == nil {
		a.Name = name
	} else if a.Name != "" { // the core says whether it is needed
		r.fault("agency "+a.ID, no)
	}
	r.listed[core.AgencyID(a.ID)] = true
	return nil
}

func (r *reader) account(row int, a *Account) error {
	what := fmt.Sprintf("account %d, %s", row, a.User)
	if no := r.twins.first(core.UniqueUser(a.User), row); no != nil {
		r.faults = append(r.faults, no.of(what, core.FieldUser, r.desk.Clock()))
		return nil
	}
	there, err := r.desk.Ledger.Find(r.ctx, core.UniqueUser(a.User))
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return err
	}
	if there.ID == "" {
		r.fault(what, core.Passing(core.FieldUser, a.User))
	}
	r.fault(what, core.Passing(core.FieldName, a.Name))
	if phone, err := value.ParsePhone(a.Phone); err == nil && phone.Extension != "" && a.Extension == "" {
		a.Phone, a.Extension = value.Phone{Number: phone.Number}.String(), phone.Extension
	}
	written := a.written()
	for _, f := range slices.Sorted(maps.Keys(written)) {
		text := written[f]
		if *text == "" {
			if there.ID == "" && slices.Contains(needed, f) {
				r.fault(what, &core.Refusal{Reason: core.Missing, Verb: core.VerbApply, Kind: core.KindAccount, Field: f})
			}
			continue
		}
		v, no := core.Parse(f, *text, r.desk.Clock())
		if no != nil {
			r.fault(what, no)
			continue
		}
		*text = v
	}
	r.choices(what, "roles", core.FieldProfile, a.Roles)
	r.choices(what, "channels", core.FieldChannels, a.Channels)
	if there.ID == "" && len(a.Roles) == 0 {
		r.faults = append(r.faults, fmt.Errorf("import %s: roles: want some of %s", what, strings.Join(core.Specs[core.FieldProfile].Choices, ", ")))
	}
	if a.Email != "" && (there.ID == "" || !strings.EqualFold(there.Fields[core.FieldEmail], a.Email)) {
		if no := r.twins.first(core.UniqueMail(a.Email), row); no != nil {
			r.faults = append(r.faults, no.of(what, core.FieldEmail, r.desk.Clock()))
		}
	}
	if a.Agency == "" {
		return nil
	}
	known, err := r.knows(a.Agency)
	if err == nil && !known {
		r.fault(what, &core.Refusal{Reason: core.Invalid, Field: core.FieldAgency, Value: a.Agency, Why: value.WhyUnknown})
	}
	return err
}

// needed are those of the texts that a new account must have.
var needed = []core.Field{core.FieldName, core.FieldPost, core.FieldEmail, core.FieldPhone}

// choices are judged one by one, as the file calls them.
func (r *reader) choices(what, called string, f core.Field, all []string) {
	for _, one := range all {
		if may := core.Specs[f].Choices; !slices.Contains(may, one) {
			r.faults = append(r.faults, fmt.Errorf("import %s: %s: %q is none of %s", what, called, one, strings.Join(may, ", ")))
		}
	}
}

// twins are the user names that a file has had so far, and the addresses of e-mail that it
// and the store have, by their keys: in which row of the accounts, or 0 for those of the store.
type twins map[string]int

// twin is a value that another account has.
type twin struct{ row int }

// of tells it; the other row too, where it is of the file.
func (t twin) of(what string, f core.Field, now time.Time) error {
	says := es.Refuse(&core.Refusal{Reason: core.Taken, Field: f}, "", now)
	if t.row > 0 {
		says += fmt.Sprintf(" (row %d of the accounts has it)", t.row)
	}
	return &refusal{what, says}
}

func newTwins(ctx context.Context, d *desk.Desk) (twins, error) {
	accounts, err := Accounts(ctx, d.Ledger)
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	t := twins{}
	for _, a := range accounts {
		if mail := a.Fields[core.FieldEmail]; a.HasMail(mail) {
			t[core.UniqueMail(mail)] = 0
		}
	}
	return t, nil
}

// lister is what gives the records of a list, page by page (part of desk.Ledger).
type lister interface {
	List(ctx context.Context, q desk.Query) (desk.Page, error)
}

// Accounts are all that a store has.
func Accounts(ctx context.Context, l lister) (out []core.Record, err error) {
	q := desk.Query{Terms: []string{core.TermKind(core.KindAccount)}, Limit: 200}
	for {
		page, err := l.List(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("list the accounts: %w", err)
		}
		out = append(out, page.Records...)
		if q.After = page.Next; q.After == "" {
			return out, nil
		}
	}
}

// first keeps that a row has a key; it returns who had it before, or nil.
func (t twins) first(key string, row int) *twin {
	if other, had := t[key]; had {
		return &twin{other}
	}
	t[key] = row
	return nil
}

// written are the texts of an account that a person wrote.
func (a *Account) written() map[core.Field]*string {
	return map[core.Field]*string{
		core.FieldName: &a.Name, core.FieldPost: &a.Post, core.FieldUnit: &a.Unit, core.FieldEmail: &a.Email,
		core.FieldPhone: &a.Phone, core.FieldExtension: &a.Extension, core.FieldLetterNumber: &a.Letter,
	}
}
