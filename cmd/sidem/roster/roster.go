// Package roster is the file of an office's agencies, programmes and people, and how a store
// is brought to what it says.
package roster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/identity"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// File is the YAML that import reads.
type File struct {
	Agencies []Agency  `yaml:"agencies"`
	Programs []Program `yaml:"programs"`
	Accounts []Account `yaml:"accounts"`
}

// Agency is one in the file.
type Agency struct {
	ID   string `yaml:"id"`
	Name string `yaml:"name"`
}

// Program is an agency's of a year; State is validated where it is so already.
type Program struct {
	Agency string     `yaml:"agency"`
	Year   int        `yaml:"year"`
	State  core.State `yaml:"state"`
	Letter string     `yaml:"letter"`
}

// Account is a person in the file.
type Account struct {
	User      string   `yaml:"user"`
	Name      string   `yaml:"name"`
	Post      string   `yaml:"post"`
	Roles     []string `yaml:"roles"`
	Agency    string   `yaml:"agency"`
	Unit      string   `yaml:"unit"`
	Email     string   `yaml:"email"`
	Phone     string   `yaml:"phone"`
	Extension string   `yaml:"extension"`
	Letter    string   `yaml:"letter"`
	Channels  []string `yaml:"channels"`
}

// Did is what was done for one row of a file.
type Did string

// What is done.
const (
	Made      Did = "made"      // it was not there
	Corrected Did = "corrected" // it was otherwise
	Kept      Did = "kept"      // it is as the file says, or nothing that a file may change
)

// Row is what was done for an agency, a programme or an account.
type Row struct {
	// Agency names the agency or the programme, Year the programme; User the account.
	Agency string `json:"agency,omitempty"`
	Year   int    `json:"year,omitempty"`
	User   string `json:"user,omitempty"`
	Did    Did    `json:"did"`
	// Changed are the fields that were otherwise.
	Changed []core.Field `json:"changed,omitempty"`
	// Renews says that the correction ends the password that was given before, and gives another.
	Renews bool `json:"new_password,omitempty"`
	// State is that of an account which no file may change: denied, erased.
	State core.State `json:"state,omitempty"`

	// What the person of an account needs to begin; "" where they have begun.

	Password string `json:"password,omitempty"`
	// Link opens the chat with the bot; "" where Telegram has not said what it is called.
	Link string `json:"link,omitempty"`
	// Code is what to write to the bot instead: /start CODE, or /sidem vincular CODE in Slack.
	Code string `json:"code,omitempty"`
}

// Hand is with what a file is loaded.
type Hand struct {
	Desk   *desk.Desk
	Keeper identity.Keeper
	Link   func(core.Record) string // by which an account's person opens the chat
}

// Importer is the actor of what is loaded by file.
var Importer = core.Actor{Account: "import", Name: core.ImporterName, Roles: []core.Role{core.RoleAdmin}}

// noLetter stands where a file names no oficio.
const noLetter = core.ImporterName

// Read reads the file at path.
func Read(path string) (File, error) {
	var r File
	if err := office.ReadYAML(path, &r); err != nil {
		return File{}, fmt.Errorf("import: %w", err)
	}
	return r, nil
}

// Parse reads the YAML; an unknown key is an error.
func Parse(body []byte) (File, error) {
	var r File
	if err := office.ParseYAML(body, &r); err != nil {
		return File{}, fmt.Errorf("import: %w", err)
	}
	return r, nil
}

// Load brings the store to what the file says: what is not there is made, what is otherwise
// is corrected, what the file does not name is left alone. It is safe to repeat. First it is
// rehearsed: where anything is wrong nothing is changed, and the error tells all of it. What
// goes wrong after that is of the store, or of ctx that has ended: a row that was begun is
// done whole, those before it are returned, and the error says how many there are.
func (f File) Load(ctx context.Context, h Hand) ([]Row, error) {
	if _, err := f.Rehearse(ctx, h); err != nil {
		return nil, err
	}
	f, faults, err := f.read(ctx, h.Desk)
	if err := errors.Join(append(faults, err)...); err != nil {
		return nil, err
	}
	rows, faults := f.carryOut(ctx, h, true)
	return rows, errors.Join(faults...)
}

// Rehearse is what Load would do. Nothing is changed, and nobody gets a password.
func (f File) Rehearse(ctx context.Context, h Hand) ([]Row, error) {
	f, unread, err := f.read(ctx, h.Desk)
	if err != nil {
		return nil, err
	}
	h.Desk = &desk.Desk{Ledger: rehearse(h.Desk.Ledger), Sessions: h.Desk.Sessions, Office: h.Desk.Office, Now: h.Desk.Now}
	rows, faults := f.carryOut(ctx, h, false)
	for i := range rows {
		rows[i].Password, rows[i].Link, rows[i].Code = "", "", ""
	}
	return rows, errors.Join(append(unread, faults...)...)
}

// carryOut gives the commands that the file needs; atOnce ends it with the first fault.
func (f File) carryOut(ctx context.Context, h Hand, atOnce bool) (rows []Row, faults []error) {
	steps := make([]func(context.Context) (Row, error), 0, len(f.Agencies)+len(f.Programs)+len(f.Accounts))
	for _, a := range f.Agencies {
		steps = append(steps, func(ctx context.Context) (Row, error) { return a.load(ctx, h.Desk) })
	}
	for _, p := range f.Programs {
		steps = append(steps, func(ctx context.Context) (Row, error) { return p.load(ctx, h.Desk) })
	}
	for _, a := range f.Accounts {
		steps = append(steps, func(ctx context.Context) (Row, error) { return a.load(ctx, h) })
	}
	for _, step := range steps {
		row, err := take(ctx, step, atOnce)
		if err == nil {
			rows = append(rows, row)
			continue
		}
		if !atOnce {
			faults = append(faults, err)
			continue
		}
		return rows, []error{fmt.Errorf("%d of %d rows are done; repeat it: %w", len(rows), len(steps), err)}
	}
	return rows, faults
}

const (
	// stepTime is how long a row may take that was begun: a correction without the new password
	// that it brings is not left behind.
	stepTime = 10 * time.Second
	// tries is how often a row is tried that is refused though its rehearsal was not: somebody
	// brought the same meanwhile, and then there is nothing left to do.
	tries = 3
)

// take does the step of one row to its end.
func take(ctx context.Context, step func(context.Context) (Row, error), again bool) (row Row, err error) {
	if err := ctx.Err(); err != nil {
		return row, err
	}
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), stepTime)
	defer cancel()
	for range tries {
		row, err = step(whole)
		if _, refused := errors.AsType[*refusal](err); !refused || !again {
			break
		}
	}
	return row, err
}

func (a Agency) load(ctx context.Context, d *desk.Desk) (Row, error) {
	row, what := Row{Agency: a.ID, Did: Kept}, "agency "+a.ID
	there, err := d.Ledger.Record(ctx, core.AgencyID(a.ID))
	switch {
	case errors.Is(err, desk.ErrNotFound):
		row.Did = Made
		_, err = give(ctx, d, "", core.Command{
			Kind: core.KindAgency, Verb: core.VerbRegister, Agency: a.ID, Where: core.WhereImport,
			Fields: map[core.Field]string{core.FieldAgency: a.ID, core.FieldName: a.Name},
		}, what)
	case err == nil && a.Name != "" && there.Fields[core.FieldName] != a.Name:
		row.Did, row.Changed = Corrected, []core.Field{core.FieldName}
		_, err = give(ctx, d, there.ID, core.Command{Verb: core.VerbRename, Where: core.WhereImport, Fields: map[core.Field]string{core.FieldName: a.Name}}, what)
	}
	return row, err
}

func (p Program) load(ctx context.Context, d *desk.Desk) (Row, error) {
	year, letter := fmt.Sprint(p.Year), cmp.Or(p.Letter, noLetter)
	row, what := Row{Agency: p.Agency, Year: p.Year, Did: Kept}, "programme of "+p.Agency+" "+year
	id := core.ProgramID(p.Agency, year)
	there, err := d.Ledger.Record(ctx, id)
	if errors.Is(err, desk.ErrNotFound) {
		row.Did = Made
		there, err = give(ctx, d, "", core.Command{
			Kind: core.KindProgram, Verb: core.VerbDeliver, Agency: p.Agency, Where: core.WhereImport,
			Fields: map[core.Field]string{core.FieldYear: year, core.FieldLetterNumber: letter, core.FieldLetterDate: core.DateOf(d.Clock()).String()},
		}, what)
	}
	if err == nil && p.State == core.StateValidated && there.State == core.StateDelivered {
		if row.Did == Kept {
			row.Did = Corrected
		}
		_, err = give(ctx, d, id, core.Command{Verb: core.VerbValidate, Where: core.WhereImport}, what)
	}
	return row, err
}

// load makes the account and grants it, or corrects it.
func (a Account) load(ctx context.Context, h Hand) (Row, error) {
	row, what := Row{User: a.User, Did: Kept}, a.User
	r, err := h.Desk.Ledger.Find(ctx, core.UniqueUser(a.User))
	if errors.Is(err, desk.ErrNotFound) {
		row.Did = Made
		r, err = give(ctx, h.Desk, "", core.Command{Kind: core.KindAccount, Verb: core.VerbApply, Agency: a.Agency, Where: core.WhereImport, Fields: a.fields(h.Desk)}, what)
	}
	if err == nil && r.State == core.StateRequested {
		row.Did = Made
		r, err = give(ctx, h.Desk, r.ID, core.Command{Verb: core.VerbGrant, Where: core.WhereImport}, what)
	}
	if err != nil {
		return row, err
	}
	if r.State == core.StateDenied || r.State == core.StateErased {
		row.State = r.State
		return row, nil
	}
	begins := row.Did == Made
	if row.Changed = a.differs(r); len(row.Changed) > 0 {
		if row.Did == Kept {
			row.Did, begins = Corrected, r.State == core.StateGranted
			row.Renews = begins
		}
		r, err = give(ctx, h.Desk, r.ID, core.Command{Verb: core.VerbRectify, Where: core.WhereImport, Fields: a.correction(r, row.Changed)}, what)
		if err == nil && begins { // a correction ends the password that was given before
			r, err = give(ctx, h.Desk, r.ID, core.Command{Verb: core.VerbRenew, Where: core.WhereImport}, what)
		}
		if err != nil {
			return row, err
		}
	}
	if begins {
		row.Password, row.Link, row.Code = h.Keeper.Password(r), h.Link(r), h.Keeper.Link(r)
	}
	return row, nil
}

// said are the fields of the file that a correction may change: what it does not say, and
// what the person sets, is left alone.
func (a Account) said() map[core.Field]string {
	out := map[core.Field]string{
		core.FieldName: a.Name, core.FieldPost: a.Post, core.FieldUnit: a.Unit, core.FieldEmail: a.Email, core.FieldPhone: a.Phone,
		core.FieldExtension: a.Extension, core.FieldAgency: a.Agency, core.FieldProfile: strings.Join(a.Roles, ","),
	}
	maps.DeleteFunc(out, func(_ core.Field, text string) bool { return text == "" })
	return out
}

// differs are the fields in which an account is otherwise than the file says, in order.
func (a Account) differs(r core.Record) (out []core.Field) {
	for f, text := range a.said() {
		var same bool
		switch f {
		case core.FieldProfile:
			is, want := strings.Split(r.Fields[f], ","), slices.Clone(a.Roles)
			slices.Sort(is)
			slices.Sort(want)
			same = slices.Equal(is, want)
		case core.FieldAgency:
			same = core.AgencyID(text) == core.AgencyID(r.Agency)
		default:
			same = text == r.Fields[f]
		}
		if !same {
			out = append(out, f)
		}
	}
	slices.Sort(out)
	return out
}

// correction is what a correction brings: all that it must, and what is otherwise.
func (a Account) correction(r core.Record, changed []core.Field) map[core.Field]string {
	out := map[core.Field]string{}
	for _, f := range []core.Field{core.FieldName, core.FieldPost, core.FieldEmail, core.FieldPhone, core.FieldProfile} {
		out[f] = r.Fields[f]
	}
	said := a.said()
	for _, f := range changed {
		out[f] = said[f]
	}
	return out
}

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

// refusal is what SIDEM says of a row that it does not take.
type refusal struct{ what, why string }

func (e *refusal) Error() string { return "import " + e.what + ": " + e.why }

// give gives one command, and returns what became of its record.
func give(ctx context.Context, d *desk.Desk, id string, c core.Command, what string) (core.Record, error) {
	out, err := d.Do(ctx, Importer, id, c)
	if err != nil {
		return core.Record{}, fmt.Errorf("import %s: %w", what, err)
	}
	if no := out.Refusal; no != nil {
		if no.Reason == core.LastAdmin { // its words are for a chat
			return core.Record{}, &refusal{what, "nobody else could administer SIDEM by a chat: have another account with the role admin that is linked"}
		}
		return core.Record{}, &refusal{what, es.Refuse(no, c.Agency, d.Clock())}
	}
	return out.Record, nil
}

func (a Account) fields(d *desk.Desk) map[core.Field]string {
	letter := a.Letter
	if letter == "" {
		letter = noLetter
	}
	all := map[core.Field]string{
		core.FieldUser: a.User, core.FieldName: a.Name, core.FieldPost: a.Post, core.FieldUnit: a.Unit,
		core.FieldEmail: a.Email, core.FieldPhone: a.Phone, core.FieldExtension: a.Extension,
		core.FieldProfile: strings.Join(a.Roles, ","), core.FieldChannels: strings.Join(a.Channels, ","),
		core.FieldLetterNumber: letter, core.FieldLetterDate: core.DateOf(d.Clock()).String(),
	}
	for f, v := range all {
		if v == "" {
			delete(all, f)
		}
	}
	return all
}
