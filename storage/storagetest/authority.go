package storagetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sidem/core"
	"sidem/core/desk"
)

// authorityTests are races between an act and the end of the authority by which it
// is given: of the two, the act comes first or it is not done. They run on the desk,
// since it is there that a decision is bound to what it rests upon.
var authorityTests = []test{
	{"nothing is released after its secretary was suspended", func(t *testing.T, s Store) {
		o := newOffice(t, s)
		raul := o.account("raul", core.RoleSecretary)
		o.race(60, func(n int) (end, act ender) {
			r := o.filed(n)
			who := o.actor(raul)
			return func() (core.Event, error) {
					return o.do(o.admin, raul, core.Command{Verb: core.VerbSuspend, Fields: reason})
				}, func() (core.Event, error) {
					return o.do(who, r, core.Command{Verb: core.VerbRelease})
				}
		}, core.Suspended, func() { o.must(o.admin, raul, core.Command{Verb: core.VerbReinstate}) })
	}},
	{"nothing is released by a chat after it was unlinked", func(t *testing.T, s Store) {
		o := newOffice(t, s)
		raul := o.account("raul", core.RoleSecretary)
		o.link(raul, "telegram")
		o.race(30, func(n int) (end, act ender) {
			r := o.filed(n)
			who := o.actor(raul).Through(core.Link{Platform: "telegram", ID: "raul"}, o.record(raul))
			return func() (core.Event, error) {
					return o.do(o.admin, raul, core.Command{Verb: core.VerbUnlink, Fields: platform("telegram")})
				}, func() (core.Event, error) {
					return o.do(who, r, core.Command{Verb: core.VerbRelease})
				}
		}, core.Unknown, func() { o.link(raul, "telegram") })
	}},
	{"nothing is released by a substitute after the substitution has ended", func(t *testing.T, s Store) {
		o := newOffice(t, s)
		raul, elena := o.account("raul", core.RoleSecretary), o.account("elena", core.RoleExecutive)
		name := func() {
			o.must(o.admin, raul, core.Command{Verb: core.VerbSubstitute, Fields: map[core.Field]string{
				core.FieldSubstitute: elena, core.FieldFromDate: "2026-11-01", core.FieldToDate: "2026-12-31",
			}})
			o.must(o.actor(elena), raul, core.Command{Verb: core.VerbStandIn})
		}
		name()
		o.race(30, func(n int) (end, act ender) {
			r := o.filed(n)
			who := o.actor(elena)
			return func() (core.Event, error) {
					return o.do(o.admin, raul, core.Command{Verb: core.VerbComeBack})
				}, func() (core.Event, error) {
					return o.do(who, r, core.Command{Verb: core.VerbRelease})
				}
		}, core.NotFound, name)
	}},
	{"nothing is assigned to an executive after they were suspended", func(t *testing.T, s Store) {
		o := newOffice(t, s)
		mariana := o.account("mariana", core.RoleExecutive)
		head := o.actor(o.account("hector", core.RoleHead))
		o.race(30, func(n int) (end, act ender) {
			r := o.after(core.VerbRefer, core.StateReferred, n)
			return func() (core.Event, error) {
					return o.do(o.admin, mariana, core.Command{Verb: core.VerbSuspend, Fields: reason})
				}, func() (core.Event, error) {
					return o.do(head, r, core.Command{Verb: core.VerbAssign, Fields: map[core.Field]string{core.FieldExecutive: mariana}})
				}
		}, core.Invalid, func() { o.must(o.admin, mariana, core.Command{Verb: core.VerbReinstate}) })
	}},
	{"one password links one chat, however many give it at once", func(t *testing.T, s Store) {
		o := newOffice(t, s)
		lucia := o.account("lucia", core.RoleRequester)
		for range Races(30) {
			proof := o.record(lucia).Acts[core.VerbGrant].Version
			if renewed := o.record(lucia).Acts[core.VerbRenew].Version; renewed > proof {
				proof = renewed
			}
			try := func(platform string) ender {
				return func() (core.Event, error) {
					return o.do(o.self(lucia), lucia, core.Command{Verb: core.VerbLink, Proof: proof, Fields: chat(platform, "lucia")})
				}
			}
			one, two := o.both(try("telegram"), try("slack"))
			if one.Refusal == nil == (two.Refusal == nil) {
				t.Fatalf("of two who give one password: %+v and %+v", one.Refusal, two.Refusal)
			}
			for _, l := range o.record(lucia).Links {
				o.must(o.admin, lucia, core.Command{Verb: core.VerbUnlink, Fields: platform(l.Platform)})
			}
			o.must(o.admin, lucia, core.Command{Verb: core.VerbRenew})
		}
	}},
	{"no code links after the chat that it was asked from was unlinked", func(t *testing.T, s Store) {
		o := newOffice(t, s)
		lucia := o.account("lucia", core.RoleRequester)
		o.link(lucia, "telegram")
		o.race(30, func(int) (end, act ender) {
			proof := o.record(lucia).Version
			return func() (core.Event, error) {
					return o.do(o.admin, lucia, core.Command{Verb: core.VerbUnlink, Fields: platform("telegram")})
				}, func() (core.Event, error) {
					return o.do(o.self(lucia), lucia, core.Command{Verb: core.VerbLink, Proof: proof, Fields: chat("slack", "lucia")})
				}
		}, core.WrongCode, func() {
			if _, ok := o.record(lucia).LinkOn("slack"); ok {
				o.must(o.admin, lucia, core.Command{Verb: core.VerbUnlink, Fields: platform("slack")})
			}
			o.link(lucia, "telegram")
		})
	}},
}

var reason = map[core.Field]string{core.FieldReason: "Cambio de adscripción"}

func platform(name string) map[core.Field]string {
	return map[core.Field]string{core.FieldPlatform: name}
}

func chat(platform, id string) map[core.Field]string {
	return map[core.Field]string{core.FieldPlatform: platform, core.FieldChat: id}
}

// ender ends an authority, or acts by it; it returns what the trail says of it.
type ender func() (core.Event, error)

// bureau is a desk on a store, with an administrator.
type bureau struct {
	t     *testing.T
	s     Store
	desk  *desk.Desk
	admin core.Actor
}

func newOffice(t *testing.T, s Store) *bureau {
	t.Helper()
	o := &bureau{
		t: t, s: s, admin: core.Actor{Account: "import", Name: "Carga inicial", Roles: []core.Role{core.RoleAdmin, core.RoleSystem}},
		desk: &desk.Desk{
			Ledger: s, Now: func() time.Time { return noon },
			Office: core.Office{Calendar: core.NewCalendar(time.UTC, nil, 2026), Targets: core.DefaultTargets},
		},
	}
	o.must(o.admin, "", core.Command{Kind: core.KindAgency, Verb: core.VerbRegister, Fields: map[core.Field]string{core.FieldAgency: "IE", core.FieldName: "Instituto de Ejemplo"}})
	return o
}

// do gives a command, and returns the last event of it in the record's trail.
func (o *bureau) do(who core.Actor, record string, c core.Command) (core.Event, error) {
	out, err := o.desk.Do(o.t.Context(), who, record, c)
	if err != nil {
		return core.Event{}, err
	}
	if out.Record.Seq == 0 {
		return core.Event{}, errors.New("it left no trail")
	}
	trail, err := o.s.Trail(o.t.Context(), out.Record.ID, out.Record.Seq-1, 1)
	if err != nil || len(trail) == 0 {
		return core.Event{}, fmt.Errorf("%d events after %d: %w", len(trail), out.Record.Seq-1, err)
	}
	return trail[0], nil
}

func (o *bureau) must(who core.Actor, record string, c core.Command) core.Record {
	o.t.Helper()
	out, err := o.desk.Do(o.t.Context(), who, record, c)
	must(o.t, err)
	if out.Refusal != nil {
		o.t.Fatalf("%s: %v", c.Verb, out.Refusal)
	}
	return out.Record
}

// account is the id of a new account in use of agency IE.
func (o *bureau) account(id string, role core.Role) string {
	o.t.Helper()
	o.must(o.admin, "", core.Command{
		Kind: core.KindAccount, Verb: core.VerbApply, Record: id, Agency: "IE", Fields: map[core.Field]string{
			core.FieldName: id + " Pérez", core.FieldPost: "Cargo", core.FieldEmail: id + "@ejemplo.gob.mx", core.FieldPhone: "722 555 0100",
			core.FieldProfile: string(role), core.FieldLetterNumber: "OF/1/2026", core.FieldLetterDate: "2026-01-12",
		},
	})
	o.must(o.admin, id, core.Command{Verb: core.VerbGrant})
	return id
}

func (o *bureau) link(account, platform string) {
	o.t.Helper()
	o.must(o.admin, account, core.Command{Verb: core.VerbLink, Fields: chat(platform, account)})
}

func (o *bureau) record(id string) core.Record { o.t.Helper(); return found(o.t, o.s, id) }

func (o *bureau) actor(account string) core.Actor {
	o.t.Helper()
	a, err := o.desk.Actor(o.t.Context(), o.record(account))
	must(o.t, err)
	return a
}

// self is who proves to be an account, and has no chat of it yet.
func (o *bureau) self(account string) core.Actor {
	return core.Actor{Account: account, Name: account, Agency: "IE", Roles: []core.Role{core.RoleSystem}}
}

// filed is the id of a request that waits for its release.
func (o *bureau) filed(n int) string { return o.after(core.VerbFile, core.StateFiled, n) }

// after is the id of a request that an act has led to a state.
func (o *bureau) after(v core.Verb, s core.State, n int) string {
	o.t.Helper()
	c := next(core.Record{}, core.Event{
		Verb: v, Record: fmt.Sprint("r", n), Agency: "IE", Number: fmt.Sprintf("%06d/2026", n), To: s, By: "dora",
	})
	return commit(o.t, o.s, c).ID
}

// both does two things at once.
func (o *bureau) both(one, two ender) (first, second core.Event) {
	o.t.Helper()
	var (
		wg    sync.WaitGroup
		start = make(chan struct{})
		errs  [2]error
		out   [2]core.Event
	)
	for i, do := range []ender{one, two} {
		wg.Go(func() {
			<-start
			out[i], errs[i] = do()
		})
	}
	close(start)
	wg.Wait()
	must(o.t, errors.Join(errs[:]...))
	return out[0], out[1]
}

// race has an authority end while somebody acts by it, as often as Races says: the
// end is always done, and the act before it or not at all, for the reason why.
// again gives the authority back.
func (o *bureau) race(few int, round func(n int) (end, act ender), why core.Reason, again func()) {
	o.t.Helper()
	done := 0
	for n := range Races(few) {
		ended, acted := o.both(round(n + 1))
		switch {
		case ended.Refusal != nil:
			o.t.Fatalf("round %d: the end is refused: %v", n, ended.Refusal)
		case acted.Refusal == nil && acted.Index > ended.Index:
			o.t.Fatalf("round %d: %s at %d, and the authority for it had ended at %d", n, acted.Verb, acted.Index, ended.Index)
		case acted.Refusal == nil:
			done++
		case acted.Refusal.Reason != why:
			o.t.Fatalf("round %d: refused with %s, want %s", n, acted.Refusal.Reason, why)
		}
		again()
	}
	o.t.Logf("of %d acts %d came before the end", Races(few), done)
}
