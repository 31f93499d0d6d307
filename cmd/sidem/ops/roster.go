package ops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/identity"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// Roster is the YAML that import reads.
type Roster struct {
	Agencies []struct {
		ID   string `yaml:"id"`
		Name string `yaml:"name"`
	} `yaml:"agencies"`
	Programs []struct {
		Agency string     `yaml:"agency"`
		Year   int        `yaml:"year"`
		State  core.State `yaml:"state"`
		Letter string     `yaml:"letter"`
	} `yaml:"programs"`
	Accounts []RosterAccount `yaml:"accounts"`
}

// RosterAccount is a person in the file.
type RosterAccount struct {
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

// Issued is what import prints of an account that it made.
type Issued struct {
	User     string `json:"user"`
	Password string `json:"password"`
	// Link opens the chat with the bot; "" where Telegram has not said what it is called.
	Link string `json:"link"`
	// Code is what to write to the bot instead: /start CODE, or /sidem vincular CODE in Slack.
	Code string `json:"code"`
}

// Importer is the actor of what is loaded by file.
var Importer = core.Actor{Account: "import", Name: core.ImporterName, Roles: []core.Role{core.RoleAdmin}}

// noLetter stands where a file names no oficio.
const noLetter = core.ImporterName

// ReadRoster reads the file at path.
func ReadRoster(path string) (Roster, error) {
	var r Roster
	if err := office.ReadYAML(path, &r); err != nil {
		return Roster{}, fmt.Errorf("import: %w", err)
	}
	return r, nil
}

// ParseRoster reads the YAML; an unknown key is an error.
func ParseRoster(body []byte) (Roster, error) {
	var r Roster
	if err := office.ParseYAML(body, &r); err != nil {
		return Roster{}, fmt.Errorf("import: %w", err)
	}
	return r, nil
}

// Import loads the roster of a file into the store, and returns what each new
// person needs to begin: also of those before an error.
func Import(ctx context.Context, cfg *office.Config, log *slog.Logger, path string) ([]Issued, error) {
	r, err := ReadRoster(path)
	if err := errors.Join(app.Check(cfg, false), err); err != nil {
		return nil, office.Misconfigured(err)
	}
	a, err := app.Open(ctx, *cfg, app.Options{Log: log})
	if err != nil {
		return nil, err
	}
	switch err := a.Confirm(ctx); {
	case err == nil:
	case isConfig(err):
		return nil, errors.Join(err, a.Close())
	default:
		log.Warn("persons write /start and their code to the bot", "err", err)
	}
	made, err := r.Load(ctx, a.Desk, a.Keeper, a.DeepLink)
	return made, errors.Join(err, a.Close())
}

func isConfig(err error) bool { _, ok := errors.AsType[*office.ConfigError](err); return ok }

// Load gives the commands that a roster needs. It is safe to repeat: what is
// there already is left as it is. Nothing is changed where anything new cannot be
// read: the error tells all of it.
func (r Roster) Load(ctx context.Context, d *desk.Desk, keeper identity.Keeper, link func(core.Record) string) ([]Issued, error) {
	r, err := r.read(ctx, d)
	if err != nil {
		return nil, err
	}
	for _, a := range r.Agencies {
		c := core.Command{
			Kind: core.KindAgency, Verb: core.VerbRegister, Agency: a.ID, Where: core.WhereImport,
			Fields: map[core.Field]string{core.FieldAgency: a.ID, core.FieldName: a.Name},
		}
		if err := give(ctx, d, "", c, "agency "+a.ID); err != nil {
			return nil, err
		}
	}
	if err := r.loadPrograms(ctx, d); err != nil {
		return nil, err
	}
	var out []Issued
	for _, a := range r.Accounts {
		made, err := a.load(ctx, d)
		if err != nil {
			return out, err
		}
		if made.ID != "" {
			out = append(out, Issued{User: a.User, Password: keeper.Password(made), Link: link(made), Code: keeper.Link(made)})
		}
	}
	return out, nil
}

// read is the roster as the fields keep it. What the store has already is left as it
// is; the error tells everything else that cannot be read.
func (r Roster) read(ctx context.Context, d *desk.Desk) (Roster, error) {
	var faults []error
	fault := func(what string, no *core.Refusal) {
		faults = append(faults, fmt.Errorf("import %s: %s", what, es.Refuse(no, "", d.Clock())))
	}
	listed := map[string]bool{}
	known := func(key string) (bool, error) {
		if listed[core.AgencyID(key)] {
			return true, nil
		}
		_, err := d.Ledger.Record(ctx, core.AgencyID(key))
		if errors.Is(err, desk.ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	}
	r.Agencies, r.Accounts = slices.Clone(r.Agencies), slices.Clone(r.Accounts)
	for i, a := range r.Agencies {
		there, err := known(a.ID)
		if err != nil {
			return r, fmt.Errorf("import agency %s: %w", a.ID, err)
		}
		if !there {
			key, no := core.Parse(core.FieldAgency, a.ID, d.Clock())
			if no != nil {
				fault("agency "+a.ID, no)
				continue
			}
			r.Agencies[i].ID = key
		}
		listed[core.AgencyID(r.Agencies[i].ID)] = true
	}
	twins, err := newTwins(ctx, d)
	if err != nil {
		return r, err
	}
	for i, a := range r.Accounts {
		what := fmt.Sprintf("account %d, %s", i+1, a.User)
		if no := twins.user(a.User); no != nil {
			fault(what, no)
			continue
		}
		_, err := d.Ledger.Find(ctx, core.UniqueUser(a.User))
		if err == nil {
			continue // it is there
		}
		if !errors.Is(err, desk.ErrNotFound) {
			return r, fmt.Errorf("import %s: %w", a.User, err)
		}
		for _, no := range []*core.Refusal{core.Passing(core.FieldUser, a.User), core.Passing(core.FieldName, a.Name)} {
			if no != nil {
				fault(what, no)
			}
		}
		written := r.Accounts[i].written()
		for _, f := range slices.Sorted(maps.Keys(written)) {
			text := written[f]
			if *text == "" {
				continue // the core says whether it is needed
			}
			v, no := core.Parse(f, *text, d.Clock())
			if no != nil {
				fault(what, no)
				continue
			}
			*text = v
		}
		if no := twins.mail(r.Accounts[i].Email); no != nil {
			fault(what, no)
		}
		if a.Agency == "" {
			continue
		}
		there, err := known(a.Agency)
		if err != nil {
			return r, fmt.Errorf("import %s: %w", a.User, err)
		}
		if !there {
			fault(what, &core.Refusal{Reason: core.Invalid, Field: core.FieldAgency, Value: a.Agency, Why: value.WhyUnknown})
		}
	}
	return r, errors.Join(faults...)
}

// twins are the user names that a file has had so far, and the addresses of e-mail that it
// and the store have, by their keys.
type twins map[string]bool

func newTwins(ctx context.Context, d *desk.Desk) (twins, error) {
	accounts, err := accounts(ctx, d.Ledger)
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	t := twins{}
	for _, a := range accounts {
		if mail := a.Fields[core.FieldEmail]; a.HasMail(mail) {
			t[core.UniqueMail(mail)] = true
		}
	}
	return t, nil
}

// lister is what gives the records of a list, page by page (part of desk.Ledger).
type lister interface {
	List(ctx context.Context, q desk.Query) (desk.Page, error)
}

// accounts are all that a store has.
func accounts(ctx context.Context, l lister) (out []core.Record, err error) {
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

// user refuses a user name that an earlier row has.
func (t twins) user(name string) *core.Refusal { return t.first(core.UniqueUser(name), core.FieldUser) }

// mail refuses an address by which another person is reached.
func (t twins) mail(address string) *core.Refusal {
	if address == "" {
		return nil
	}
	return t.first(core.UniqueMail(address), core.FieldEmail)
}

func (t twins) first(key string, f core.Field) *core.Refusal {
	if t[key] {
		return &core.Refusal{Reason: core.Taken, Field: f}
	}
	t[key] = true
	return nil
}

// written are the texts of an account that a person wrote.
func (a *RosterAccount) written() map[core.Field]*string {
	return map[core.Field]*string{
		core.FieldName: &a.Name, core.FieldPost: &a.Post, core.FieldUnit: &a.Unit, core.FieldEmail: &a.Email,
		core.FieldPhone: &a.Phone, core.FieldExtension: &a.Extension, core.FieldLetterNumber: &a.Letter,
	}
}

func (r Roster) loadPrograms(ctx context.Context, d *desk.Desk) error {
	for _, p := range r.Programs {
		year, letter := fmt.Sprint(p.Year), p.Letter
		if letter == "" {
			letter = noLetter
		}
		what := "programme of " + p.Agency + " " + year
		c := core.Command{
			Kind: core.KindProgram, Verb: core.VerbDeliver, Agency: p.Agency, Where: core.WhereImport,
			Fields: map[core.Field]string{core.FieldYear: year, core.FieldLetterNumber: letter, core.FieldLetterDate: core.DateOf(d.Clock()).String()},
		}
		if err := give(ctx, d, "", c, what); err != nil {
			return err
		}
		if p.State == core.StateValidated {
			if err := give(ctx, d, core.ProgramID(p.Agency, year), core.Command{Verb: core.VerbValidate, Where: core.WhereImport}, what); err != nil {
				return err
			}
		}
	}
	return nil
}

// give gives one command; that it was given before is no error.
func give(ctx context.Context, d *desk.Desk, id string, c core.Command, what string) error {
	out, err := d.Do(ctx, Importer, id, c)
	if err != nil {
		return fmt.Errorf("import %s: %w", what, err)
	}
	if no := out.Refusal; no != nil && no.Reason != core.Repeated && no.Reason != core.Already && no.Reason != core.NotNow {
		return fmt.Errorf("import %s: %w", what, no)
	}
	return nil
}

// load makes the account and grants it; the zero Record when it is there already.
func (a RosterAccount) load(ctx context.Context, d *desk.Desk) (core.Record, error) {
	made, err := d.Ledger.Find(ctx, core.UniqueUser(a.User))
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return core.Record{}, fmt.Errorf("import %s: %w", a.User, err)
	}
	if err == nil && made.State != core.StateRequested {
		return core.Record{}, nil
	}
	if made.ID == "" {
		out, err := d.Do(ctx, Importer, "", core.Command{Kind: core.KindAccount, Verb: core.VerbApply, Agency: a.Agency, Where: core.WhereImport, Fields: a.fields(d)})
		if err != nil {
			return core.Record{}, fmt.Errorf("import %s: %w", a.User, err)
		}
		if out.Refusal != nil {
			return core.Record{}, fmt.Errorf("import %s: %s", a.User, es.Refuse(out.Refusal, a.Agency, d.Clock()))
		}
		made = out.Record
	}
	out, err := d.Do(ctx, Importer, made.ID, core.Command{Verb: core.VerbGrant, Where: core.WhereImport})
	if err != nil {
		return core.Record{}, fmt.Errorf("import %s: %w", a.User, err)
	}
	return out.Record, nil
}

func (a RosterAccount) fields(d *desk.Desk) map[core.Field]string {
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
