package core

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Command is what somebody wants to do. It is flat, so that a button, a form, a
// line of a file and a test can all make one.
type Command struct {
	Kind   Kind
	Verb   Verb
	Fields map[Field]string
	Items  []Item
	Files  []Attachment
	// Also are the fields of further acts of the same verb, where the row takes Several:
	// MaxSeveral in all.
	Also []map[Field]string
	// Seen is the version that the person saw; 0 decides on the present one. A
	// button decides on that version only; a Form that was opened on it is judged
	// by the present state, so that nothing typed is lost to a comment of another.
	Seen int
	Form bool
	// Where is the channel that it came by; Once identifies the press.
	Where, Once string
	// Since is the last working day before the one for which the act counts, by the
	// office's calendar: what is done once a day asks for it.
	Since Day
	// Gate is what the desk found at the gate of step 1.
	Gate Gate
	// Named are the accounts that Fields name, as the directory has them.
	Named map[Field]Record
	// Was is the record before the act that completes something by itself.
	Was Record
	// Proof is the version of the account at which the password or code was made by
	// which a person proves to be it; 0 asks for none.
	Proof int
	// Unlisted says that the desk found no agency of this key in the directory.
	Unlisted bool
	// MailTaken says that the desk found another account with this address of e-mail.
	MailTaken bool
	// Alone says that the desk found nobody else who administers SIDEM by a chat, and Rests
	// are those on whom it relies for that there is somebody.
	Alone bool
	Rests []Record
	// Wrong are the codes that did not match lately, where one is shown.
	Wrong WrongCodes
	// Collectors are the accounts by whose pickup code a request is handed over
	// (Known.Collectors), as the directory has them.
	Collectors []Record
	// Number is the number to give, where the row numbers.
	Number string
	// Record is the id to create a record by.
	Record, Agency string
}

// MaxSeveral bounds the acts that one command brings.
const MaxSeveral = 10

// Gate is the state of the programme gate.
type Gate int

// The gate is open when the agency's programme is validated, ajar when the office lets pass with a warning.
const (
	GateOpen Gate = iota
	GateAjar
	GateShut
)

// Decide judges command c by actor a on record r at the instant now. It returns
// what happens, in order: the act, then what it completes by itself. Nothing is
// changed; Apply does that. The refusal is nil exactly when there are events.
func Decide(r Record, c Command, a Actor, now time.Time) ([]Event, *Refusal) {
	if r.Kind != "" {
		c.Kind = r.Kind
	}
	c, no := r.extensionApart(r.codeApart(c.kept()))
	if no != nil {
		return nil, no.about(r, c, a)
	}
	lc := LifecycleOf(c.Kind)
	row, no := permit(lc, r, c, a, now)
	if no != nil {
		return nil, no.about(r, c, a)
	}
	events, after, no := acts(row, r, c, a, now)
	if no != nil {
		return nil, no.about(r, c, a)
	}
	if no := KeptApart(r, row.Verb, a, now); no != nil {
		return nil, no.about(r, c, a)
	}
	for _, auto := range lc.Rows {
		if !auto.Auto || !slices.Contains(auto.From, after.State) {
			continue
		}
		byItself := Command{Kind: c.Kind, Verb: auto.Verb, Where: "system", Once: c.Once, Was: r}
		if auto.Guard(after, byItself, SystemActor, now) != nil {
			continue
		}
		e := newEvent(after, auto, byItself, SystemActor, now)
		events, after = append(events, e), Apply(after, e)
	}
	return events, nil
}

// acts are the events of each act that c brings by a row, and the record after them.
// One that is refused has none of them happen.
func acts(row Transition, r Record, c Command, a Actor, now time.Time) (events []Event, after Record, no *Refusal) {
	if len(c.Also) > 0 && (!row.Several || len(c.Also) >= MaxSeveral) {
		return nil, r, &Refusal{Reason: Invalid}
	}
	after = r
	for n, one := range c.each() {
		if no = demand(row, after, one, now); no == nil && row.Guard != nil {
			no = row.Guard(after, one, a, now)
		}
		if no != nil {
			if len(c.Also) > 0 {
				no.Nth = n + 1
			}
			return nil, r, no
		}
		e := newEvent(after, row, one, a, now)
		events, after = append(events, e), Apply(after, e)
	}
	return events, after, nil
}

// each are the acts that c brings, as commands of their own.
func (c Command) each() []Command {
	first := c
	first.Also = nil
	out := []Command{first}
	for _, fields := range c.Also {
		first.Fields, first.Items, first.Files = fields, nil, nil
		out = append(out, first)
	}
	return out
}

// permit finds the row by which a may give command c on r.
func permit(lc Lifecycle, r Record, c Command, a Actor, now time.Time) (Transition, *Refusal) {
	switch {
	case a.Suspended:
		return Transition{}, &Refusal{Reason: Suspended}
	case a.Unlinked:
		return Transition{}, &Refusal{Reason: Unknown}
	}
	if r.State != None && !a.Sees(r, now) {
		return Transition{}, &Refusal{Reason: NotFound}
	}
	row, ok := lc.Row(c.Verb, r.State)
	if !ok {
		anyRow, known := lc.Verb(c.Verb)
		if known && r.State != None && !a.mayAs(anyRow.By, r, now) {
			return Transition{}, &Refusal{Reason: NotAllowed, Roles: anyRow.By}
		}
		return Transition{}, r.tooLate(anyRow, c, a)
	}
	if !a.mayAs(row.By, r.orNew(c), now) {
		return Transition{}, &Refusal{Reason: NotAllowed, Roles: row.By}
	}
	if _, back := undoes[row.Verb]; c.Seen != 0 && !c.Form && !back && c.Seen != r.Version {
		return Transition{}, r.tooLate(row, c, a)
	}
	return row, nil
}

// orNew is r, or the head of the record that c would create.
func (r Record) orNew(c Command) Record {
	if r.State == None {
		r.Kind, r.Agency = c.Kind, c.Agency
	}
	return r
}

// tooLate is already, by the row of a press.
func (r Record) tooLate(row Transition, c Command, a Actor) *Refusal {
	if _, back := undoes[c.Verb]; back && r.State != None {
		return r.notUndone(c, a)
	}
	if row.Again && r.Acts[r.Last].Version > r.Acts[c.Verb].Version {
		return r.movedOn(c, a)
	}
	return r.already(c, a)
}

// already is the refusal of a press that came too late: who did what meanwhile.
func (r Record) already(c Command, a Actor) *Refusal {
	if act, ok := r.Acts[c.Verb]; ok && (c.Seen == 0 || act.Version > c.Seen) {
		return act.meanwhile(c.Verb, a)
	}
	return r.movedOn(c, a)
}

// movedOn is the refusal of a press on a record that has another state by now, or another
// version.
func (r Record) movedOn(c Command, a Actor) *Refusal {
	if last, ok := r.Acts[r.Last]; ok && c.Seen != 0 && last.Version > c.Seen && last.By != "" {
		return last.meanwhile(r.Last, a)
	}
	if c.Seen != 0 && !c.Form && c.Seen != r.Version {
		return &Refusal{Reason: Stale}
	}
	return &Refusal{Reason: NotNow}
}

// meanwhile is the refusal for which an act of a verb is the reason.
func (x Act) meanwhile(v Verb, a Actor) *Refusal {
	if x.By == a.Account {
		return &Refusal{Reason: Repeated, Act: x, Done: v}
	}
	return &Refusal{Reason: Already, Act: x, Done: v}
}

// demand checks what a row needs, what it was given, and that it was given no more.
func demand(row Transition, r Record, c Command, now time.Time) *Refusal {
	if no := row.strange(c); no != nil {
		return no
	}
	for _, f := range row.Needs {
		switch Specs[f].Type {
		case TypeUpload:
			if len(c.Files) == 0 {
				return &Refusal{Reason: Missing, Field: f}
			}
		case TypeLines:
			if no := CheckItems(c.Items); no != nil {
				return no
			}
		default:
			if no := judge(f, r, c, now); no != nil {
				return no
			}
		}
	}
	for _, f := range row.Asks {
		if v, ok := c.Fields[f]; ok && v != "" {
			if no := judge(f, r, c, now); no != nil {
				return no
			}
		}
	}
	return nil
}

// judge is Check of what c brings for field f; an account that it names must be
// there, in use, and what the field is for.
func judge(f Field, r Record, c Command, now time.Time) *Refusal {
	v := c.Fields[f]
	if no := Check(f, v, now); no != nil || Specs[f].Type != TypePerson {
		return no
	}
	p, role := c.Named[f], Specs[f].Role
	if p.ID != v || !p.InUse() || role != "" && !slices.Contains(p.Roles, role) || f == FieldSubstitute && p.Agency != r.Agency {
		return &Refusal{Reason: Invalid, Field: f, Value: v}
	}
	return nil
}

// strange refuses what a command brings beyond its row's own fields.
func (t Transition) strange(c Command) *Refusal {
	for f := range c.Fields {
		if !t.takes(f) {
			return &Refusal{Reason: Invalid, Field: f}
		}
	}
	switch {
	case len(c.Items) > 0 && !t.takes(FieldItems):
		return &Refusal{Reason: Invalid, Field: FieldItems}
	case len(c.Files) > 0 && !t.takes(FieldFiles):
		return &Refusal{Reason: Invalid, Field: FieldFiles}
	case len(c.Files) > Specs[FieldFiles].Max:
		return &Refusal{Reason: Invalid, Field: FieldFiles, Value: strconv.Itoa(len(c.Files))}
	}
	return nil
}

func (t Transition) takes(f Field) bool {
	return slices.Contains(t.Needs, f) || slices.Contains(t.Asks, f) || slices.Contains(t.Sets, f)
}

// Needs are the fields that verb v asks for on a record in state s: those it
// cannot do without, then those that may come along.
func Needs(k Kind, v Verb, s State) (must, may []Field) {
	row, ok := LifecycleOf(k).Row(v, s)
	if !ok {
		return nil, nil
	}
	return row.Needs, row.Asks
}

// Bars refuses verb v to an actor who may not give it on r in any state that r can be in: by
// their role, or their agency. Nil says nothing of the state that it is in.
func (r Record) Bars(v Verb, a Actor, now time.Time) *Refusal {
	row, ok := LifecycleOf(r.Kind).Verb(v)
	may := func(t Transition) bool { return t.Verb == v && a.mayAs(t.By, r, now) }
	if !ok || slices.ContainsFunc(LifecycleOf(r.Kind).Rows, may) {
		return nil
	}
	return (&Refusal{Reason: NotAllowed, Roles: row.By}).about(r, Command{Kind: r.Kind, Verb: v}, a)
}

// Allowed are the rows that actor a may take on record r now, in the order of
// the table, less those that are offered nowhere. What a command must bring is
// not asked yet.
func Allowed(r Record, a Actor, now time.Time) []Transition {
	if !a.Sees(r, now) {
		return nil
	}
	var out []Transition
	for _, row := range LifecycleOf(r.Kind).Rows {
		if row.Quiet || row.Auto || !slices.Contains(row.From, r.State) || !a.mayAs(row.By, r, now) {
			continue
		}
		if row.Guard != nil && !offered(row, r, a, now) || KeptApart(r, row.Verb, a, now) != nil {
			continue
		}
		out = append(out, row)
	}
	return out
}

// offered reports whether the guard would let pass somebody who brings what is
// asked: a refusal about a field is a matter for the form, not for the button.
func offered(row Transition, r Record, a Actor, now time.Time) bool {
	c := Command{Kind: r.Kind, Verb: row.Verb}
	if slices.Contains(row.Needs, FieldObservation) {
		for _, o := range r.Observations {
			c.Fields = map[Field]string{FieldObservation: strconv.Itoa(o.N)}
			if row.Guard(r, c, a, now) == nil {
				return true
			}
		}
		return false
	}
	no := row.Guard(r, c, a, now)
	return no == nil || no.Reason == Missing || no.Reason == Invalid
}

// Apply is record r after event e. It never fails: a refused event leaves its
// mark in the trail only.
func Apply(r Record, e Event) Record {
	if e.Seq != 0 {
		r.Seq, r.Head = e.Seq, e.Hash
	}
	if e.Refusal != nil {
		return r
	}
	before := r
	r = r.clone()
	if r.State == None {
		r.Kind, r.ID, r.Agency, r.Created = e.Kind, e.Record, e.Agency, e.At
	}
	lc := LifecycleOf(e.Kind)
	row, inTable := lc.Row(e.Verb, e.From)
	if !row.Silent {
		r.Version++
		r.Updated = e.At
	}
	for f, v := range e.Fields {
		if _, transient := transients[f]; !transient {
			r.Fields[f] = v
		}
	}
	if e.Number != "" {
		r.Number = e.Number
	}
	if len(e.Items) > 0 {
		r.Items = e.Items
	}
	r.Files = append(r.Files, e.Files...)
	known, act := r.did(e.Verb), e.act(r.Version)
	r.Acts[e.Verb] = act
	r.remember(e.Verb, known, act)
	if e.To != e.From {
		r.State, r.Since, r.Last, r.Snoozed = e.To, e.At, e.Verb, nil
	}
	for _, id := range e.Told {
		if !slices.Contains(r.Told, id) {
			r.Told = append(r.Told, id)
		}
	}
	if inTable && row.Apply != nil {
		row.Apply(&r, e)
	}
	if _, back := undoes[e.Verb]; !back { // which restores what time needs to know
		r.passes(before, e)
	}
	r.reversible(before, e)
	return r
}

// transients belong to the event alone: the record keeps them in a list of its own, or not at all.
var transients = map[Field]struct{}{
	FieldObservation: {}, FieldMissing: {}, FieldDeliver: {}, FieldSection: {}, FieldAnswer: {}, FieldDueDate: {},
	FieldCallResult: {}, FieldNote: {}, FieldReminded: {}, FieldUntil: {}, FieldShown: {}, FieldLeft: {},
}

func sameNumber(n int, s string) bool { return strconv.Itoa(n) == s }

func splitList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
