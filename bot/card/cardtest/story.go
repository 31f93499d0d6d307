package cardtest

import (
	"context"
	"fmt"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// Story is a desk with its people in memory, on which things are done as they
// would be: by commands that the core decides. What cannot happen panics.
type Story struct {
	Desk  *desk.Desk
	Store *storagetest.Model
	Now   time.Time // business time; At moves it
	ids   int
}

// NewStory has the people active, with a chat on each platform, the agencies
// registered, and the clock at 09:00 of Monday 23 November 2026.
func NewStory() *Story {
	s := &Story{Store: storagetest.NewModel()}
	s.Desk = &desk.Desk{
		Ledger: s.Store, Sessions: s.Store, Office: Office(),
		Now:     func() time.Time { return s.Now },
		NewID:   func() string { s.ids++; return fmt.Sprintf("r%04d", s.ids) },
		NewCode: func() string { return "483920" },
	}
	s.At("2026-11-23 09:00")
	admin := core.Actor{Account: "import", Name: "Carga inicial", Roles: []core.Role{core.RoleAdmin, core.RoleSystem}}
	for _, a := range [][2]string{{"IE", "Instituto de Ejemplo"}, {"SO", "Secretaría de Obras de Ejemplo"}} {
		s.as(admin, "", core.Command{Kind: core.KindAgency, Verb: core.VerbRegister, Fields: map[core.Field]string{core.FieldAgency: a[0], core.FieldName: a[1]}})
	}
	for i, p := range people {
		fields := map[core.Field]string{
			core.FieldUser: p.user, core.FieldName: p.name, core.FieldPost: p.post, core.FieldProfile: p.roles, core.FieldPhone: p.phone,
			core.FieldEmail: p.user + "@ejemplo.gob.mx", core.FieldLetterNumber: "IE/DG/0088/2026", core.FieldLetterDate: "2026-11-19",
			core.FieldChannels: "telegram,slack,email",
		}
		if p.agency != "" {
			fields[core.FieldAgency] = p.agency
		}
		if p.extension != "" {
			fields[core.FieldExtension] = p.extension
		}
		if p.user == Lucia {
			fields[core.FieldUnit] = "Unidad de Informática"
		}
		r := s.as(admin, "", core.Command{Kind: core.KindAccount, Verb: core.VerbApply, Record: p.user, Fields: fields})
		s.as(admin, r.ID, core.Command{Verb: core.VerbGrant})
		for _, platform := range []string{"telegram", "slack"} {
			s.as(admin, r.ID, core.Command{Verb: core.VerbLink, Fields: map[core.Field]string{
				core.FieldPlatform: platform, core.FieldChat: fmt.Sprint(1001 + i),
			}})
		}
	}
	s.passOver(146) // the next request is number 147
	return s
}

// passOver has the next n numbers of the year be given to nobody, as after a restore.
func (s *Story) passOver(n int) {
	passed := core.Passed{Series: core.NumberSeries(core.Season(s.Now)), At: s.Now.Unix()}
	for i := range n {
		if _, err := s.Store.Reserve(context.Background(), passed.Series, passed.Name(i+1)); err != nil {
			panic(fmt.Sprintf("cardtest: %v", err))
		}
	}
	lost := desk.Restored{At: s.Now, Skipped: map[string]int{passed.Series: n}}
	if err := desk.KeepRestored(context.Background(), s.Store, lost, s.Now); err != nil {
		panic(fmt.Sprintf("cardtest: %v", err))
	}
}

// At sets the clock: 2006-01-02 15:04 in the office's zone.
func (s *Story) At(when string) *Story {
	t, err := time.ParseInLocation("2006-01-02 15:04", when, Office().Calendar.Zone())
	if err != nil {
		panic(fmt.Sprintf("cardtest: %v", err))
	}
	s.Now = t
	return s
}

// Do has a person (or "system") give command c on the record with id; "" creates one.
func (s *Story) Do(user, id string, c core.Command) core.Record {
	if user == core.SystemActor.Account {
		return s.as(core.SystemActor, id, c)
	}
	actor, err := s.Desk.Actor(context.Background(), s.Account(user))
	if err != nil {
		panic(fmt.Sprintf("cardtest: %s: %v", user, err))
	}
	return s.as(actor, id, c)
}

func (s *Story) as(a core.Actor, id string, c core.Command) core.Record {
	if c.Where == "" {
		c.Where = "telegram"
	}
	out, err := s.Desk.Do(context.Background(), a, id, c)
	if err == nil && out.Refusal != nil {
		err = out.Refusal
	}
	if err != nil {
		panic(fmt.Sprintf("cardtest: %s %s on %q: %v", a.Name, c.Verb, id, err))
	}
	return out.Record
}

func (s *Story) erase(user string) {
	if _, err := s.Desk.Erase(context.Background(), s.Store, user); err != nil {
		panic(fmt.Sprintf("cardtest: erase %s: %v", user, err))
	}
}

// Account is the account of a person.
func (s *Story) Account(user string) core.Record {
	r, err := s.Store.Record(context.Background(), user)
	if err != nil {
		panic(fmt.Sprintf("cardtest: %s: %v", user, err))
	}
	return r
}

// Scene is a record as a person may see it now; false when they may not.
func (s *Story) Scene(id, user string) (core.Scene, bool) {
	sc, err := s.Desk.Scene(context.Background(), id, user)
	return sc, err == nil
}
