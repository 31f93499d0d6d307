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
