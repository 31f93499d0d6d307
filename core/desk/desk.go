package desk

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// Desk carries out use cases on a Ledger. The zero value of each optional field works.
type Desk struct {
	Ledger Ledger
	// Sessions remember who asked for a card, and whether a person has so many
	// reminders today that they are bundled, and which restore passed over numbers; nil
	// remembers nobody, bundles none and knows of no restore.
	Sessions Sessions
	Office   core.Office
	// Now is the business clock.
	Now func() time.Time
	// NewID makes the id of a record; by default 13 random characters.
	NewID func() string
	// NewSalt makes the salt of an event; by default 26 random characters.
	NewSalt func() string
	// NewCode makes a pickup code of six digits; by default a random one.
	NewCode func() string

	// Span begins with the decision upon a command, for whoever follows what comes of an act;
	// end is told what came of it. Nil: nobody does.
	Span func(ctx context.Context, record string, c core.Command) (_ context.Context, end func(Outcome, error))

	// Archives are the files of requests that left the store; nil: none is at hand.
	Archives Archives

	looks noted
	walk  int // the longest list that is walked for others; 0 is maxWalk
	asked asking
	pages pages // of the shelf
	usual usual
}

// Clock is the business time in the office's zone.
func (d *Desk) Clock() time.Time { return d.now() }

func (d *Desk) now() time.Time { return d.Office.Local(d.Now()) }

// idAlphabet is Crockford's base 32 in lower case: no i, l, o, u.
var idAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

func (d *Desk) newID() string {
	if d.NewID != nil {
		return d.NewID()
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return idAlphabet.EncodeToString(b[:])
}

func (d *Desk) newSalt() string {
	if d.NewSalt != nil {
		return d.NewSalt()
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return idAlphabet.EncodeToString(b[:])
}

func (d *Desk) newCode() string {
	if d.NewCode != nil {
		return d.NewCode()
	}
	n, err := rand.Int(rand.Reader, big.NewInt(900_000))
	if err != nil { // crypto/rand never fails
		panic(fmt.Sprintf("desk: random: %v", err))
	}
	return fmt.Sprint(100_000 + n.Int64()) // with a zero before it would be read as a number
}

// Outcome is what came of a command.
type Outcome struct {
	Record core.Record
	// Events are those of this command; none when it was refused.
	Events []core.Event
	// Items are what is owed to others for them.
	Items []outbox.Item
	// Refusal says why nothing happened; it is in the trail too.
	Refusal *core.Refusal
	// Repeat is true when the same press had been committed before: Refusal and
	// Events are those of the first time.
	Repeat bool
}

// name gives the record that c would create its agency and id: one for each
// agency, one for each agency's programme of a year, and otherwise a new one.
func (d *Desk) name(actor core.Actor, c core.Command) core.Command {
	if c.Agency == "" {
		c.Agency = actor.Agency
	}
	if a := c.Fields[core.FieldAgency]; a != "" {
		c.Agency = a
	}
	switch {
	case c.Record != "":
	case c.Kind == core.KindAgency:
		c.Record = core.AgencyID(c.Agency)
	case c.Kind == core.KindProgram:
		c.Record = core.ProgramID(c.Agency, c.Fields[core.FieldYear])
	default:
		c.Record = d.newID()
	}
	return c
}

// maxRounds bounds how often a command is decided again after a conflict. Each
// round means that somebody else got through.
const maxRounds = 100

// Do has actor give command c on the record with id ("" creates one): load,
// decide, commit, and decided again on conflict. A refusal is an Outcome, not
// an error; an error, unless it is ErrUncertain, means that nothing was changed.
func (d *Desk) Do(ctx context.Context, actor core.Actor, id string, c core.Command) (Outcome, error) {
	if id == "" {
		c = d.name(actor, c)
	}
	k := Case{Actor: actor, known: &core.Known{}}
	err := d.fill(ctx, k.known, func() {
		k.Record, _ = k.known.Record(cmp.Or(id, c.Record))
		named(k.known, c)
	})
	if err != nil {
		return Outcome{}, err
	}
	return d.do(ctx, k, id, c)
}

// Decide is Do for a case that was opened: its first round reads neither the record nor
// the actor.
func (d *Desk) Decide(ctx context.Context, k Case, c core.Command) (Outcome, error) {
	return d.do(ctx, k, k.Record.ID, c)
}

func (d *Desk) do(ctx context.Context, k Case, id string, c core.Command) (out Outcome, err error) {
	if d.Span != nil {
		var end func(Outcome, error)
		ctx, end = d.Span(ctx, cmp.Or(id, c.Record), c)
		defer func() { end(out, err) }()
	}
	for range maxRounds {
		out, err := d.try(ctx, k, id, c)
		if errors.Is(err, errAnothersPress) {
			c.Once += "/" + k.Actor.Account + "/" + cmp.Or(id, c.Record)
			continue
		}
		if !errors.Is(err, ErrConflict) {
			return out, err
		}
		if k, err = d.again(ctx, k, cmp.Or(id, c.Record)); err != nil {
			return Outcome{}, err
		}
	}
	return Outcome{}, fmt.Errorf("%s on %s: no peace after %d rounds: %w", c.Verb, id, maxRounds, ErrConflict)
}

func (d *Desk) try(ctx context.Context, k Case, id string, c core.Command) (Outcome, error) {
	before, err := d.recalled(ctx, k.Record)
	if err != nil {
		return Outcome{}, err
	}
	if id != "" && before.State == core.None {
		return Outcome{Refusal: &core.Refusal{Reason: core.NotFound, Verb: c.Verb, Kind: c.Kind}}, nil
	}
	actor, now := k.Actor, d.now()
	c.Since = d.since(now)
	if c, err = d.complete(ctx, k.known, before, actor, c, now); err != nil {
		return Outcome{}, err
	}
	if err := d.fill(ctx, k.known, func() { c.Named = named(k.known, c) }); err != nil {
		return Outcome{}, err
	}
	if before.Resigns(c) {
		if err := d.fill(ctx, k.known, func() { c.Rests = administration(k.known, before) }); err != nil {
			return Outcome{}, err
		}
		c.Alone = len(c.Rests) == 0
	}
	events, no := core.Decide(before, c, actor, now)
	if no != nil {
		if before.State == core.None { // there is no trail to write it in
			return Outcome{Refusal: no}, nil
		}
		return d.refuse(ctx, k, before, c, no, d.countWrongCode)
	}
	rests, err := guards(actor, c, before, now)
	if err != nil {
		return Outcome{}, err
	}
	return d.commit(ctx, k.known, before, events, guarded{Command: c, guards: rests}, nil, now)
}

// refuse puts a refusal in the trail of a record; count is told of each that it had not yet.
func (d *Desk) refuse(ctx context.Context, k Case, before core.Record, c core.Command, no *core.Refusal, count func(context.Context, core.Event, time.Time) error) (Outcome, error) {
	actor, now := k.Actor, d.now()
	known, crowded, err := d.crowded(ctx, before, actor, c.Once, now)
	if err != nil {
		return Outcome{}, err
	}
	if crowded {
		return Outcome{Record: before, Refusal: &core.Refusal{Reason: core.TooMany, Verb: c.Verb, Kind: before.Kind, Number: before.Number, State: before.State}}, nil
	}
	e := core.RefusedEvent(before, c, actor, no, now)
	if !known {
		if err := count(ctx, e, now); err != nil { // a commit that fails is counted too
			return Outcome{}, err
		}
	}
	rests, err := guards(actor, c, before, now)
	if err != nil {
		return Outcome{}, err
	}
	return d.commit(ctx, k.known, before, []core.Event{e}, guarded{Command: c, guards: rests}, no, now)
}

// The refused presses of one person on one record that its trail takes within a time:
// what is beyond is told, and written nowhere. Nobody makes a trail, and with it a
// record and its pages, as long as they like.
const (
	maxRefused = 500
	refusedIn  = 24 * time.Hour
)

// crowded reports whether the trail of r takes no more refused presses of the actor; a
// press that it has already is known, and is given its first verdict.
func (d *Desk) crowded(ctx context.Context, r core.Record, a core.Actor, once string, now time.Time) (known, crowded bool, err error) {
	refused, err := d.Ledger.Refused(ctx, r.ID, a.Account, now.Add(-refusedIn), maxRefused)
	if err != nil {
		return false, false, fmt.Errorf("refused presses of %s: %w", r.ID, err)
	}
	isThis := func(e core.Event) bool { return once != "" && e.Once == once }
	if slices.ContainsFunc(refused, isThis) {
		return true, false, nil
	}
	if len(refused) < maxRefused {
		return false, false, nil
	}
	applied, err := d.Ledger.Applied(ctx, r.ID, trailLength) // it may have been taken, and come again
	if err != nil {
		return false, false, fmt.Errorf("presses of %s: %w", r.ID, err)
	}
	known = slices.ContainsFunc(applied, isThis)
	return known, !known, nil
}

// guarded is a command with what its decision rests upon.
type guarded struct {
	core.Command
	guards []Expectation
	// blacked are the events that are blacked out by it; before is without their texts.
	blacked []core.Event
}

// since is the last working day before the one for which an act counts: on a
// weekend that is the working day that follows.
func (d *Desk) since(now time.Time) core.Day {
	cal, day := d.Office.Calendar, core.DateOf(now)
	for !cal.IsWorking(day) {
		day = day.Next(1)
	}
	for day = day.Next(-1); !cal.IsWorking(day); day = day.Next(-1) {
	}
	return day
}

// recalled is a record with who acted on it. What an older SIDEM wrote does not remember
// that until it is written again, and its trail tells.
func (d *Desk) recalled(ctx context.Context, r core.Record) (core.Record, error) {
	if !r.Forgot() {
		return r, nil
	}
	trail, err := d.Ledger.Applied(ctx, r.ID, 0)
	if err != nil {
		return core.Record{}, fmt.Errorf("recall who acted on %s: %w", r.ID, err)
	}
	return r.Recall(trail), nil
}

// commit commits what follows from events that were decided upon record before.
func (d *Desk) commit(ctx context.Context, k *core.Known, before core.Record, events []core.Event, c guarded, no *core.Refusal, now time.Time) (Outcome, error) {
	plan, err := d.plan(ctx, k, before, events, now)
	if err != nil {
		return Outcome{}, err
	}
	items := itemsFor(plan, before.Seq)
	err = d.Ledger.Commit(ctx, Commit{Expect: before.Seq, Guards: c.guards, Record: plan.Record, Events: plan.Events, Blacked: c.blacked, Items: items, Once: c.Once, Now: now})
	if seen, ok := errors.AsType[*SeenError](err); ok {
		if !isRepeat(seen.First, before, plan.Events[0], now) {
			return Outcome{}, errAnothersPress
		}
		return d.repeat(ctx, seen.First)
	}
	if errors.Is(err, ErrTaken) {
		return d.taken(ctx, k, before, plan.Events[0], c, now)
	}
	if err != nil {
		return Outcome{}, fmt.Errorf("commit %s on %s: %w", c.Verb, plan.Record.ID, err)
	}
	if no != nil {
		return Outcome{Record: plan.Record, Refusal: no}, nil
	}
	return Outcome{Record: plan.Record, Events: plan.Events, Items: items}, nil
}

// plan is what follows from events, with salts of chance.
func (d *Desk) plan(ctx context.Context, k *core.Known, before core.Record, events []core.Event, now time.Time) (p core.Plan, err error) {
	for i := range events {
		events[i].Salt = d.newSalt()
	}
	var screens []core.Shown
	if events[0].Refusal == nil {
		if screens, err = d.screens(ctx, cmp.Or(before.ID, events[0].Record)); err != nil {
			return p, err
		}
	}
	err = d.fill(ctx, k, func() { p = core.PlanOf(before, events, k, screens, d.Office, now) })
	return p, err
}

// taken refuses what only the store can judge: a unique value is another record's.
func (d *Desk) taken(ctx context.Context, k *core.Known, before core.Record, e core.Event, c guarded, now time.Time) (Outcome, error) {
	no := &core.Refusal{Reason: core.Taken, Verb: c.Verb, Kind: e.Kind}
	if e.Fields[core.FieldOwnEmail] != "" {
		holder, err := d.Ledger.Find(ctx, core.UniqueMail(e.Fields[core.FieldEmail]))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return Outcome{}, fmt.Errorf("look for an address of e-mail: %w", err)
		}
		if err == nil && holder.ID != e.Record {
			no.Field = core.FieldEmail
		}
	}
	if before.State == core.None { // there is no trail to write it in
		return Outcome{Record: before, Refusal: no}, nil
	}
	by := core.Actor{Account: e.By, Name: e.ByName}
	return d.commit(ctx, k, before, []core.Event{core.RefusedEvent(before, c.Command, by, no, now)}, c, no, now)
}

// errAnothersPress says that the name of a press was that of another press: platforms
// give names again after years, and each bot counts its own.
var errAnothersPress = errors.New("another press had this name")

// RepeatLife is how long a press may come again: longer than any platform brings an
// update again, and than a form waits to be sent. No press is forgotten before that.
const RepeatLife = core.RepeatDays * 24 * time.Hour

// isRepeat reports whether an event is of the press that was committed first under its
// name: the same person's, for the same act on the same record. What creates a record
// may have named it anew.
func isRepeat(first core.Event, before core.Record, e core.Event, now time.Time) bool {
	same := first.Record == e.Record || before.State == core.None && first.From == core.None
	return same && first.By == e.By && first.Verb == e.Verb && now.Sub(first.At) < RepeatLife
}

// repeat is the outcome of a press that was committed before.
func (d *Desk) repeat(ctx context.Context, first core.Event) (Outcome, error) {
	r, err := d.Ledger.Record(ctx, first.Record)
	if err != nil {
		return Outcome{}, fmt.Errorf("load %s: %w", first.Record, err)
	}
	out := Outcome{Record: r, Refusal: first.Refusal, Repeat: true}
	if first.Refusal == nil {
		out.Events = []core.Event{first}
	}
	return out, nil
}

// holders are the accounts that hold a role (of an agency, where the role has one).
func (d *Desk) holders(ctx context.Context, role core.Role, agency string) ([]core.Record, error) {
	return d.all(ctx, core.TermRole(role, agency))
}

// all reads a whole list, page by page.
func (d *Desk) all(ctx context.Context, terms ...string) ([]core.Record, error) {
	page, err := d.Ledger.List(ctx, Query{Terms: terms, Limit: 200})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", strings.Join(terms, "+"), err)
	}
	return d.rest(ctx, page, terms...)
}

// rest is a list whose first page was read.
func (d *Desk) rest(ctx context.Context, page Page, terms ...string) (out []core.Record, err error) {
	for out = page.Records; page.Next != ""; out = append(out, page.Records...) {
		if page, err = d.Ledger.List(ctx, Query{Terms: terms, After: page.Next, Limit: 200}); err != nil {
			return nil, fmt.Errorf("list %s: %w", strings.Join(terms, "+"), err)
		}
	}
	return out, nil
}

// Actor is what an account may do now: its own roles, and those of the persons
// who named it their substitute.
func (d *Desk) Actor(ctx context.Context, account core.Record) (core.Actor, error) {
	c, err := d.Open(ctx, Case{Account: account}, "", core.Command{})
	return c.Actor, err
}

// Account is the account of a person on a chat platform; ErrNotFound for a stranger.
func (d *Desk) Account(ctx context.Context, platform, id string) (core.Record, error) {
	return d.Ledger.Find(ctx, core.UniqueChat(platform, id))
}

// accounts reads accounts by id; one that is gone is left out.
func (d *Desk) accounts(ctx context.Context, ids []string) (out []core.Record, err error) {
	var k core.Known
	err = d.fill(ctx, &k, func() { out = k.Accounts(ids...) })
	return out, err
}
