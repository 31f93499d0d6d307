package desk_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// counted is a memory that counts what is read of it: calls, and records.
type counted struct {
	*memory
	calls, records int
}

func (c *counted) Record(ctx context.Context, id string) (core.Record, error) {
	c.calls, c.records = c.calls+1, c.records+1
	return c.memory.Record(ctx, id)
}

func (c *counted) Find(ctx context.Context, unique string) (core.Record, error) {
	c.calls, c.records = c.calls+1, c.records+1
	return c.memory.Find(ctx, unique)
}

func (c *counted) List(ctx context.Context, q desk.Query) (desk.Page, error) {
	page, err := c.memory.List(ctx, q)
	c.calls, c.records = c.calls+1, c.records+len(page.Records)
	return page, err
}

func (c *counted) Gather(ctx context.Context, w desk.Wanted) (desk.Gathered, error) {
	g, err := c.memory.Gather(ctx, w)
	c.calls, c.records = c.calls+1, c.records+len(g.Records)+len(g.Holders)
	for _, l := range g.Lists {
		c.records += len(l.Records)
	}
	return g, err
}

func (c *counted) Count(ctx context.Context, term string) (int, error) {
	c.calls++
	return c.memory.Count(ctx, term)
}

func (c *counted) Trail(ctx context.Context, record string, after, limit int) ([]core.Event, error) {
	c.calls++
	return c.memory.Trail(ctx, record, after, limit)
}

var (
	thisNoon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	longAgo  = thisNoon.AddDate(-1, 0, 0)
)

// keep files a record as it is.
func (m *memory) keep(t *testing.T, r core.Record) {
	t.Helper()
	r.Seq, r.Updated = 1, r.Since
	if r.Fields == nil {
		r.Fields = map[core.Field]string{}
	}
	if err := m.Commit(t.Context(), desk.Commit{Record: r, Now: r.Since}); err != nil {
		t.Fatal(err)
	}
}

// chief is a store with a head and a director, five open requests that were referred to
// the head, and some that were closed long ago.
func chief(t *testing.T, closed int) (*counted, *desk.Desk) {
	t.Helper()
	m := newMemory()
	for id, role := range map[string]core.Role{"hector": core.RoleHead, "patricia": core.RoleDirector, "raul": core.RoleSecretary, "lucia": core.RoleRequester} {
		r := core.Record{
			Kind: core.KindAccount, ID: id, State: core.StateActive, Since: longAgo, Roles: []core.Role{role},
			Links: []core.Link{{Platform: "telegram", ID: "7" + id}}, Fields: map[core.Field]string{core.FieldName: id},
		}
		if role == core.RoleSecretary || role == core.RoleRequester {
			r.Agency = "IE"
		}
		m.keep(t, r)
	}
	request := func(id string, state core.State, since time.Time) core.Record {
		return core.Record{
			Kind: core.KindRequest, ID: id, Number: "0" + id, Agency: "IE", State: state, Since: since, Version: 9,
			Told: []string{"hector", "patricia", "raul", "lucia"}, Acts: map[core.Verb]core.Act{core.VerbFile: {By: "lucia"}},
			Fields: map[core.Field]string{core.FieldHead: "hector", core.FieldSubject: "Computadoras de escritorio"},
		}
	}
	for i := range closed {
		state := core.StateCollected
		if i%4 == 0 {
			state = core.StateCancelled
		}
		m.keep(t, request(fmt.Sprintf("%05d/2025", i+1), state, longAgo.Add(time.Duration(i)*time.Minute)))
	}
	for i := range 5 {
		m.keep(t, request(fmt.Sprintf("%05d/2026", i+1), core.StateReferred, thisNoon.AddDate(0, 0, -i)))
	}
	c := &counted{memory: m}
	return c, &desk.Desk{Ledger: c, Sessions: m, Office: core.Office{Calendar: core.CalendarOf(time.UTC), Targets: core.DefaultTargets}, Now: func() time.Time { return thisNoon }}
}

func TestWhatPeopleWaitForReadsWhatIsOpenHoweverMuchIsClosed(t *testing.T) {
	for name, do := range map[string]func(ctx context.Context, d *desk.Desk) (any, error){
		"a head's account changes": func(ctx context.Context, d *desk.Desk) (any, error) {
			cards, _, err := d.Recast(ctx, outbox.Item{Record: "hector"})
			return len(cards), err
		},
		"a secretary's account changes": func(ctx context.Context, d *desk.Desk) (any, error) {
			cards, _, err := d.Recast(ctx, outbox.Item{Record: "raul"})
			return len(cards), err
		},
		"a requester's account changes": func(ctx context.Context, d *desk.Desk) (any, error) {
			cards, _, err := d.Recast(ctx, outbox.Item{Record: "lucia"})
			return len(cards), err
		},
		"the digests of a morning": func(ctx context.Context, d *desk.Desk) (any, error) {
			items, err := d.Digests(ctx, core.DateOf(thisNoon))
			return len(items), err
		},
		"a head's digest": func(ctx context.Context, d *desk.Desk) (any, error) {
			g, err := d.Digest(ctx, "hector")
			return len(g.Entries), err
		},
		"a director's digest": func(ctx context.Context, d *desk.Desk) (any, error) {
			g, err := d.Digest(ctx, "patricia")
			return len(g.Entries), err
		},
		"what is thrown away by night": func(ctx context.Context, d *desk.Desk) (any, error) { return d.Purge(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			none, calm := chief(t, 0)
			want, err := do(t.Context(), calm)
			if err != nil {
				t.Fatal(err)
			}
			years, busy := chief(t, 2000)
			got, err := do(t.Context(), busy)
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("it comes to %v after 2,000 closed requests, and to %v without", got, want)
			}
			extra := 0
			if name == "what is thrown away by night" {
				extra = 200 // the newest page of what was cancelled
			}
			if years.calls != none.calls || years.records > none.records+extra {
				t.Errorf("%d calls and %d records are read after 2,000 closed requests, %d and %d without", years.calls, years.records, none.calls, none.records)
			}
		})
	}
}

func TestAStuckCaseIsToldHoweverManyStandBeforeItThatThePersonMayNotSee(t *testing.T) {
	c, d := chief(t, 0)
	stuck := func(id, head string, since time.Time) {
		c.keep(t, core.Record{
			Kind: core.KindRequest, ID: id, Number: id, Agency: "IE", State: core.StateReferred, Since: since,
			Fields:   map[core.Field]string{core.FieldHead: head, core.FieldSubject: "Cableado"},
			Acts:     map[core.Verb]core.Act{core.VerbRefer: {By: "tomas", At: since}},
			Reminded: []core.Reminded{{Duty: core.DutyAssign, Turn: 1, N: 4, Late: core.StallsAfter, At: since}},
		})
	}
	for i := range 1300 { // longer than two looks
		stuck(fmt.Sprintf("other%d", i), "marta", thisNoon.AddDate(0, -2, 0))
	}
	stuck("mine", "hector", thisNoon.AddDate(0, -1, 0))
	d.Now = func() time.Time { return thisNoon.AddDate(0, 0, 1) } // on a Monday the board tells of it
	g, err := d.Digest(t.Context(), "hector")
	if err != nil || len(g.Stalled) != 1 || g.Stalled[0].Record.ID != "mine" {
		t.Errorf("the digest tells of %d, %v", len(g.Stalled), err)
	}
	w, err := d.Weekly(t.Context(), "hector")
	if err != nil || len(w.Stalled) != 1 || w.Stalled[0].Record.ID != "mine" {
		t.Errorf("the board tells of %d, %v", len(w.Stalled), err)
	}
}

func TestEveryWordOfASearchIsAskedForHoweverLongTheirLists(t *testing.T) {
	c, d := chief(t, 0)
	d.Walks(10)
	subject := func(id, agency, words string, at time.Time) {
		c.keep(t, core.Record{
			Kind: core.KindRequest, ID: id, Number: id, Agency: agency, State: core.StateFiled, Since: at,
			Fields: map[core.Field]string{core.FieldSubject: words}, Acts: map[core.Verb]core.Act{core.VerbFile: {By: "lucia"}},
		})
	}
	c.keep(t, core.Record{Kind: core.KindAgency, ID: core.AgencyID("OP"), Agency: "OP", State: core.StateActive, Since: longAgo, Fields: map[core.Field]string{core.FieldName: "Obras"}})
	for i := range 30 {
		at := thisNoon.Add(time.Duration(i) * time.Minute)
		subject(fmt.Sprintf("a%d", i), "IE", "Impresoras láser", at)
		subject(fmt.Sprintf("b%d", i), "IE", "Cable láser", at)
		subject(fmt.Sprintf("c%d", i), "OP", "Impresoras de campo", at)
	}
	subject("both", "OP", "Cable para impresoras", longAgo)
	director := core.Actor{Account: "patricia", Roles: []core.Role{core.RoleDirector}}
	for text, want := range map[string][2]any{
		"impresoras láser":       {30, "a29"},
		"cable impresoras":       {1, "both"},
		"obras impresoras":       {31, "c29"},
		"obras láser":            {0, ""},
		"obras cable impresoras": {1, "both"},
	} {
		found, err := d.Search(t.Context(), director, text)
		if err != nil {
			t.Fatal(err)
		}
		var got []core.Record
		for part := (desk.Part{More: true}); part.More; {
			if part, err = d.Read(t.Context(), found.Union, part.Next, 7); err != nil {
				t.Fatal(err)
			}
			got = append(got, part.Records...)
		}
		first := ""
		if len(got) > 0 {
			first = got[0].ID
		}
		if len(got) != want[0] || first != want[1] {
			t.Errorf("%q finds %d, the first %q; want %v", text, len(got), first, want)
		}
	}
}
