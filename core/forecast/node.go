package forecast

import (
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
)

// Node is where a request stands: in a stage, for the first time or after it was returned or
// observed, which takes another time and leads elsewhere.
type Node struct {
	Stage core.Stage
	Again bool
}

// Issued is where a forecast ends: the opinion is there, and what follows is the counter's.
const Issued core.Stage = "issued"

// row is a stage that a forecast knows.
type row struct {
	core.Stage
	// classed says that it takes longer or shorter by what is asked for. What people do with
	// the paper itself takes the same whatever it says.
	classed bool
	// agencys says that the agency has it in hand, and works by its own days.
	agencys bool
}

// rows are all of them, in the order in which summaries have them: a new one goes to the end.
var rows = []row{
	{Stage: Issued},
	{Stage: core.StageCorrect, classed: true, agencys: true},
	{Stage: core.StageRelease, agencys: true},
	{Stage: core.StageHeld, agencys: true},
	{Stage: core.StageLetter, agencys: true},
	{Stage: core.StageReceipt},
	{Stage: core.StageRefer},
	{Stage: core.StageAssign},
	{Stage: core.StageIssue, classed: true},
	{Stage: core.StageAnswer, classed: true, agencys: true},
}

// rowOf is the number of a stage in rows; -1 for one that has no part in a forecast.
func rowOf(s core.Stage) int { return slices.IndexFunc(rows, func(r row) bool { return r.Stage == s }) }

// IsAgencys reports whether the agency has a stage in hand, and not the office.
func IsAgencys(s core.Stage) bool { i := rowOf(s); return i >= 0 && rows[i].agencys }

// NodeOf is where a request waits, and since when; false where no opinion is to come: of a
// draft, of what is issued or over, and of other kinds of record.
func NodeOf(r core.Record) (n Node, since time.Time, ok bool) {
	stage, since := r.Stage()
	if rowOf(stage) < 0 {
		return Node{}, time.Time{}, false
	}
	n.Stage = stage
	switch stage {
	case core.StageIssue:
		n.Again = r.Did(core.VerbObserve)
	case core.StageAnswer:
		n.Again = r.Did(core.VerbResume)
	case core.StageCorrect:
		n.Again = r.Did(core.VerbCorrect)
	case core.StageAssign:
		n.Again = r.Did(core.VerbAssign)
	case core.StageRelease, core.StageHeld, core.StageLetter, core.StageReceipt, core.StageRefer:
		n.Again = r.Did(core.VerbReturn)
	case core.StageCall, core.StagePickup:
	}
	return n, since, true
}

// Pass is a stage that a request has left, for another one or for its opinion.
type Pass struct {
	Node  Node
	Next  core.Stage // Issued when the opinion came
	Class Class
	Days  float64 // in working days of whose stage it is
	At    time.Time
}

// Ends reports whether the opinion came.
func (p Pass) Ends() bool { return p.Next == Issued }

// Passes are the stages that a request has left by its trail, of the events whose Index is
// above after and not above upto. Where it was cancelled nothing tells how long it would have
// taken: that stage is not among them. The hours are those of a day of work.
func Passes(trail []core.Event, o core.Office, after, upto int) (out []Pass) {
	var r core.Record
	for _, e := range trail {
		before := r
		r = core.Apply(r, e)
		if e.Refusal != nil || e.Index <= after || e.Index > upto {
			continue
		}
		if p, ok := passOf(before, r, e.At, o); ok {
			out = append(out, p)
		}
	}
	return out
}

func passOf(before, after core.Record, at time.Time, o core.Office) (Pass, bool) {
	n, since, ok := NodeOf(before)
	if !ok {
		return Pass{}, false
	}
	p := Pass{Node: n, Class: ClassOf(before), At: o.Local(at), Days: max(0, Worked(n.Stage, since, at, before.Agency, o))}
	next, from, ok := NodeOf(after)
	switch {
	case after.State == core.StateIssued:
		p.Next = Issued
	case !ok, next.Stage == n.Stage && from.Equal(since): // it is over, or it still stands there
		return Pass{}, false
	default:
		p.Next = next.Stage
	}
	return p, true
}

// Worked is how long a stage of an agency's request has taken, in working days of whoever has
// it in hand.
func Worked(s core.Stage, from, to time.Time, agency string, o core.Office) float64 {
	cal := o.Calendar
	if IsAgencys(s) {
		cal = cal.Of(agency)
	}
	return o.Send().Worked(from, to, cal)
}
