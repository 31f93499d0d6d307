package ops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/goccy/go-yaml"

	"sidem/bot/identity"
	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/office"
	"sidem/core"
	"sidem/core/desk"
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
	Link     string `json:"link"`
}

// Importer is the actor of what is loaded by file.
var Importer = core.Actor{Account: "import", Name: "Carga inicial", Roles: []core.Role{core.RoleAdmin}}

// noLetter stands where a file names no oficio.
const noLetter = "Carga inicial"

// ReadRoster reads the file at path.
func ReadRoster(path string) (Roster, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return Roster{}, fmt.Errorf("import: %w", err)
	}
	return ParseRoster(body)
}

// ParseRoster reads the YAML; an unknown key is an error.
func ParseRoster(body []byte) (Roster, error) {
	var r Roster
	if err := yaml.UnmarshalWithOptions(body, &r, yaml.Strict()); err != nil {
		return Roster{}, fmt.Errorf("import: %w", err)
	}
	return r, nil
}

// Import loads the roster of a file into the store, and returns what each new
// person needs to begin: also of those before an error.
func Import(ctx context.Context, cfg *office.Config, log *slog.Logger, path string) ([]Issued, error) {
	r, err := ReadRoster(path)
	if err != nil {
		return nil, office.Misconfigured(err)
	}
	a, err := app.Open(ctx, *cfg, app.Options{Log: log})
	if err != nil {
		return nil, err
	}
	made, err := r.Load(ctx, a.Desk, a.Keeper, a.DeepLink)
	return made, errors.Join(err, a.Close())
}

// Load gives the commands that a roster needs. It is safe to repeat: what is
// there already is left as it is.
func (r Roster) Load(ctx context.Context, d *desk.Desk, keeper identity.Keeper, link func(core.Record) string) ([]Issued, error) {
	for _, a := range r.Agencies {
		c := core.Command{
			Kind: core.KindAgency, Verb: core.VerbRegister, Agency: a.ID, Where: "import",
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
			out = append(out, Issued{User: a.User, Password: keeper.Password(made), Link: link(made)})
		}
	}
	return out, nil
}

func (r Roster) loadPrograms(ctx context.Context, d *desk.Desk) error {
	for _, p := range r.Programs {
		year, letter := fmt.Sprint(p.Year), p.Letter
		if letter == "" {
			letter = noLetter
		}
		what := "programme of " + p.Agency + " " + year
		c := core.Command{
			Kind: core.KindProgram, Verb: core.VerbDeliver, Agency: p.Agency, Where: "import",
			Fields: map[core.Field]string{core.FieldYear: year, core.FieldLetterNumber: letter, core.FieldLetterDate: core.DateOf(d.Clock()).String()},
		}
		if err := give(ctx, d, "", c, what); err != nil {
			return err
		}
		if p.State == core.StateValidated {
			if err := give(ctx, d, core.ProgramID(p.Agency, year), core.Command{Verb: core.VerbValidate, Where: "import"}, what); err != nil {
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
		out, err := d.Do(ctx, Importer, "", core.Command{Kind: core.KindAccount, Verb: core.VerbApply, Agency: a.Agency, Where: "import", Fields: a.fields(d)})
		if err != nil {
			return core.Record{}, fmt.Errorf("import %s: %w", a.User, err)
		}
		if out.Refusal != nil {
			return core.Record{}, fmt.Errorf("import %s: %w", a.User, out.Refusal)
		}
		made = out.Record
	}
	out, err := d.Do(ctx, Importer, made.ID, core.Command{Verb: core.VerbGrant, Where: "import"})
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
