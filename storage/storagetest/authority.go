package storagetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// authorityTests are races between an act and the end of the authority by which it
// is given: of the two, the act comes first or it is not done. They run on the desk,
// since it is there that a decision is bound to what it rests upon.
var authorityTests = []contest{
	{"nothing is released after its secretary was suspended", 60, func(o *bureau, rounds int) {
		raul := o.account("raul", core.RoleSecretary)
		o.race(rounds, func(n int) (end, act ender) {
			r := o.filed(n)
			who := o.actor(raul)
			return func() (core.Event, error) {
					return o.do(o.admin, raul, core.Command{Verb: core.VerbSuspend, Fields: reason})
				}, func() (core.Event, error) {
					return o.do(who, r, core.Command{Verb: core.VerbRelease})
				}
		}, core.Suspended, func() { o.must(o.admin, raul, core.Command{Verb: core.VerbReinstate}) })
	}},
	{"of two who are given one address of e-mail at once one has it", 0, func(o *bureau, _ int) {
		raul := o.account("raul", core.RoleSecretary)
		given := func(id string) core.Command {
			return core.Command{Kind: core.KindAccount, Verb: core.VerbApply, Record: id, Agency: "IE", Fields: map[core.Field]string{
				core.FieldName: "Persona " + id, core.FieldPost: "Cargo", core.FieldEmail: "Una@ejemplo.gob.mx", core.FieldPhone: "722 555 0100",
				core.FieldProfile: string(core.RoleSecretary), core.FieldLetterNumber: "OF/1/2026", core.FieldLetterDate: "2026-01-12",
			}}
		}
		corrected := given("").Fields
		corrected[core.FieldEmail] = "una@ejemplo.gob.mx"
		delete(corrected, core.FieldLetterNumber)
		delete(corrected, core.FieldLetterDate)
		got := atOnce(func(i int) desk.Outcome {
			id, c := "", given(fmt.Sprintf("a%d", i))
			if i%2 == 0 {
				id, c = raul, core.Command{Verb: core.VerbRectify, Fields: corrected}
			}
			out, err := o.desk.Do(o.t.Context(), o.admin, id, c)
			if err != nil {
				o.t.Errorf("%d: %v", i, err)
			}
			return out
		})
		has := map[string]bool{}
		for i, out := range got {
			switch no := out.Refusal; {
			case no == nil:
				has[out.Record.ID] = true
			case no.Reason == core.NotNow && out.Record.ID == raul: // he has it already
			case no.Reason != core.Taken || no.Field != core.FieldEmail:
				o.t.Errorf("%d: %+v", i, no)
			}
		}
		if len(has) != 1 || !has[holder(o.t, o.s, core.UniqueMail("una@ejemplo.gob.mx"))] {
			o.t.Errorf("%v have it", has)
		}
	}},
	{"of two who administer, and resign at once in any way, one stays", 0, func(o *bureau, _ int) {
		ana, eva := o.account("ana", core.RoleAdmin), o.account("eva", core.RoleAdmin)
		for _, id := range []string{ana, eva} {
			o.link(id, "telegram")
		}
		profile := func(id, roles string) core.Command {
			r := o.record(id)
			return core.Command{Verb: core.VerbRectify, Fields: map[core.Field]string{
				core.FieldName: r.Fields[core.FieldName], core.FieldPost: "Cargo", core.FieldEmail: r.Fields[core.FieldEmail],
				core.FieldPhone: "722 555 0100", core.FieldProfile: roles,
			}}
		}
		ways := []struct{ ends, begins func(id string) core.Command }{
			{
				func(string) core.Command { return core.Command{Verb: core.VerbSuspend, Fields: reason} },
				func(string) core.Command { return core.Command{Verb: core.VerbReinstate} },
			},
			{
				func(string) core.Command { return core.Command{Verb: core.VerbUnlink, Fields: platform("telegram")} },
				func(string) core.Command { return core.Command{} },
			},
			{
				func(id string) core.Command { return profile(id, "auditor") },
				func(id string) core.Command { return profile(id, "auditor,admin") },
			},
		}
		for n := range len(ways) * len(ways) {
			way := map[string]int{ana: n / len(ways), eva: n % len(ways)}
			given := map[string]core.Command{ana: ways[way[ana]].ends(ana), eva: ways[way[eva]].ends(eva)}
			var both sync.WaitGroup
			out := map[string]*desk.Outcome{ana: {}, eva: {}}
			for id, got := range out {
				both.Go(func() {
					var err error
					if *got, err = o.desk.Do(o.t.Context(), o.admin, id, given[id]); err != nil {
						o.t.Errorf("%d: %v", n, err)
					}
				})
			}
			both.Wait()
			stay := 0
			for id, got := range out {
				switch no := got.Refusal; {
				case no != nil && no.Reason == core.LastAdmin:
					stay++
				case no != nil:
					o.t.Fatalf("%d: %s: %v", n, given[id].Verb, no)
				case given[id].Verb == core.VerbUnlink:
					o.link(id, "telegram")
				default:
					o.must(o.admin, id, ways[way[id]].begins(id))
				}
			}
			if stay != 1 {
				o.t.Fatalf("%d: %d of two stay", n, stay)
			}
		}
	}},
	{"nothing is released by a chat after it was unlinked", 30, func(o *bureau, rounds int) {
		raul := o.account("raul", core.RoleSecretary)
		o.link(raul, "telegram")
		o.race(rounds, func(n int) (end, act ender) {
			r := o.filed(n)
			who := o.actor(raul).Through(core.Link{Platform: "telegram", ID: "raul"}, o.record(raul))
			return func() (core.Event, error) {
					return o.do(o.admin, raul, core.Command{Verb: core.VerbUnlink, Fields: platform("telegram")})
				}, func() (core.Event, error) {
					return o.do(who, r, core.Command{Verb: core.VerbRelease})
				}
		}, core.Unknown, func() { o.link(raul, "telegram") })
	}},
	{"nothing is released by a substitute after the substitution has ended", 30, func(o *bureau, rounds int) {
		raul, elena := o.account("raul", core.RoleSecretary), o.account("elena", core.RoleExecutive)
		name := func() {
			o.must(o.admin, raul, core.Command{Verb: core.VerbSubstitute, Fields: map[core.Field]string{
				core.FieldSubstitute: elena, core.FieldFromDate: "2026-11-01", core.FieldToDate: "2026-12-31",
			}})
			o.must(o.actor(elena), raul, core.Command{Verb: core.VerbStandIn})
		}
		name()
		o.race(rounds, func(n int) (end, act ender) {
			r := o.filed(n)
			who := o.actor(elena)
			return func() (core.Event, error) {
					return o.do(o.admin, raul, core.Command{Verb: core.VerbComeBack})
				}, func() (core.Event, error) {
					return o.do(who, r, core.Command{Verb: core.VerbRelease})
				}
		}, core.NotFound, name)
	}},
	{"nothing is assigned to an executive after they were suspended", 30, func(o *bureau, rounds int) {
		mariana := o.account("mariana", core.RoleExecutive)
		head := o.actor(o.account("hector", core.RoleHead))
		o.race(rounds, func(n int) (end, act ender) {
			r := o.after(core.VerbRefer, core.StateReferred, n)
			return func() (core.Event, error) {
					return o.do(o.admin, mariana, core.Command{Verb: core.VerbSuspend, Fields: reason})
				}, func() (core.Event, error) {
					return o.do(head, r, core.Command{Verb: core.VerbAssign, Fields: map[core.Field]string{core.FieldExecutive: mariana}})
				}
		}, core.Invalid, func() { o.must(o.admin, mariana, core.Command{Verb: core.VerbReinstate}) })
	}},
	{"one password links one chat, however many give it at once", 30, func(o *bureau, rounds int) {
		lucia := o.account("lucia", core.RoleRequester)
		for range rounds {
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
				o.t.Fatalf("of two who give one password: %+v and %+v", one.Refusal, two.Refusal)
			}
			for _, l := range o.record(lucia).Links {
				o.must(o.admin, lucia, core.Command{Verb: core.VerbUnlink, Fields: platform(l.Platform)})
			}
			o.must(o.admin, lucia, core.Command{Verb: core.VerbRenew})
		}
	}},
	{"no code links after the chat that it was asked from was unlinked", 30, func(o *bureau, rounds int) {
		lucia := o.account("lucia", core.RoleRequester)
		o.link(lucia, "telegram")
		o.race(rounds, func(int) (end, act ender) {
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

// contest is a race that is run again and again: few times, or as often as Races says.
type contest struct {
	name string
	few  int
	run  func(o *bureau, rounds int)
}

// perOffice is how many rounds one office has: with more of them the trails of its few
// persons would be as long as no person's is, and they take only so many refused
// presses a day.
const perOffice = 250

// runIn runs the rounds in as many offices as they need, each on a store of its own,
// side by side: while the commits of one are on their way, others race.
func (c contest) runIn(t *testing.T, open func(t *testing.T) Store) {
	rounds := Races(c.few)
	if rounds <= perOffice {
		c.run(newOffice(t, open(t)), rounds)
		return
	}
	for first := 0; first < rounds; first += perOffice {
		t.Run(fmt.Sprint("from ", first+1), func(t *testing.T) {
			t.Parallel()
			c.run(newOffice(t, open(t)), min(perOffice, rounds-first))
		})
	}
}

var reason = map[core.Field]string{core.FieldReason: "Cambio de adscripción"}

func platform(name string) map[core.Field]string {
	return map[core.Field]string{core.FieldPlatform: name}
}

func chat(platform, id string) map[core.Field]string {
	return map[core.Field]string{core.FieldPlatform: platform, core.FieldChat: id}
}

// Registered puts an account into s as versions did that did not keep addresses of e-mail
// as unique keys.
func Registered(t *testing.T, s desk.Ledger, id, mail string) {
	t.Helper()
	must(t, s.Commit(t.Context(), next(core.Record{}, core.Event{
		Kind: core.KindAccount, Verb: core.VerbApply, Record: id, To: core.StateRequested, Fields: map[core.Field]string{
			core.FieldName: id + " Sol", core.FieldUser: id + ".sol", core.FieldPost: "Cargo", core.FieldEmail: mail, core.FieldPhone: "722 555 0100",
			core.FieldProfile: string(core.RoleAuditor), core.FieldLetterNumber: "OF/1/2026", core.FieldLetterDate: "2026-01-12",
		},
	})))
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

// race has an authority end while somebody acts by it, in so many rounds: the end is
// always done, and the act before it or not at all, for the reason why. again gives
// the authority back.
func (o *bureau) race(rounds int, round func(n int) (end, act ender), why core.Reason, again func()) {
	o.t.Helper()
	done := 0
	for n := range rounds {
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
	o.t.Logf("of %d acts %d came before the end", rounds, done)
}
