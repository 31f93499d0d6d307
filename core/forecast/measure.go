package forecast

import (
	"cmp"
	"math"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
)

// Meter measures from the trail how an office works, so that a Plan can be made of it.
type Meter struct {
	office core.Office
	from   time.Time
	// open are the requests under way, and hand who has one to dictate since when.
	open map[string]core.Record
	hand map[string]hand
	// taken is how long each request was in somebody's hands so far, and stays what it came to.
	taken map[string]float64
	stays []float64
	spans map[string][]core.Span // by executive
	comes int
}

type hand struct {
	executive string
	since     time.Time
}

// NewMeter measures from an instant on; what came before is only where it begins.
func NewMeter(o core.Office, from time.Time) *Meter {
	return &Meter{
		office: o, from: from, open: map[string]core.Record{}, hand: map[string]hand{}, taken: map[string]float64{}, spans: map[string][]core.Span{},
	}
}

// Event is the next one of the trail.
func (m *Meter) Event(e core.Event) {
	if e.Kind != core.KindRequest || e.Refusal != nil {
		return
	}
	before := m.open[e.Record]
	r := core.Apply(before, e)
	if r.Open() {
		m.open[e.Record] = r
	} else {
		delete(m.open, e.Record)
	}
	if !e.At.Before(m.from) && r.State == core.StateReferred && !before.Did(core.VerbRefer) {
		m.comes++
	}
	m.pass(r, e.At)
	if r.State == core.StateIssued && before.State != core.StateIssued {
		if !e.At.Before(m.from) {
			m.stays = append(m.stays, m.taken[r.ID])
		}
		delete(m.taken, r.ID)
	}
}

// pass keeps who has a request in hand.
func (m *Meter) pass(r core.Record, at time.Time) {
	now := ""
	if r.State == core.StateAssigned {
		now = r.Fields[core.FieldExecutive]
	}
	had := m.hand[r.ID]
	if had.executive == now {
		return
	}
	if had.executive != "" {
		m.taken[r.ID] += m.worked(had.since, at)
		m.spend(had.executive, had.since, at)
		delete(m.hand, r.ID)
	}
	if now != "" {
		m.hand[r.ID] = hand{now, at}
	}
}

func (m *Meter) spend(executive string, from, to time.Time) {
	if from.Before(m.from) {
		from = m.from
	}
	if from.Before(to) {
		m.spans[executive] = append(m.spans[executive], core.Span{From: from, To: to})
	}
}

func (m *Meter) worked(from, to time.Time) float64 {
	return m.office.Send().Worked(from, to, m.office.Calendar)
}

// Issued is how many opinions were issued since the meter measures.
func (m *Meter) Issued() int { return len(m.stays) }

// Plan is the office as it works until now. It is false where fewer than Enough opinions were
// issued: too few to say how long one takes. Days is the caller's to say.
//
// An opinion takes the time for which executives had anything in hand, divided by the opinions
// that they issued: who has five requests for ten days has not worked fifty days. How opinions
// differ is how long each was in somebody's hands.
func (m *Meter) Plan(now time.Time) (Plan, bool) {
	for _, h := range m.hand {
		m.spend(h.executive, h.since, now)
	}
	days, busy, stay := m.worked(m.from, now), 0.0, 0.0
	people := 0
	for _, spans := range m.spans {
		own := m.union(spans)
		busy += own
		if own >= days/4 { // who helped out for a while is no post
			people++
		}
	}
	for _, v := range m.stays {
		stay += v
	}
	if len(m.stays) < Enough || days <= 0 || stay == 0 || busy == 0 {
		return Plan{}, false
	}
	p := Plan{Arrivals: float64(m.comes) / days, People: max(1, people), Target: float64(m.office.Targets[core.DutyIssue])}
	for _, v := range m.stays {
		p.Work = append(p.Work, v*busy/stay)
	}
	slices.Sort(p.Work)
	for _, r := range m.open {
		if r.State == core.StateReferred || r.State == core.StateAssigned {
			p.Waiting++
		}
	}
	return p, true
}

// union is how long at least one of the spans lasted, in working days.
func (m *Meter) union(spans []core.Span) (days float64) {
	slices.SortFunc(spans, func(a, b core.Span) int { return cmp.Compare(a.From.UnixNano(), b.From.UnixNano()) })
	var end time.Time
	for _, s := range spans {
		if s.From.Before(end) {
			s.From = end
		}
		if s.From.Before(s.To) {
			days += m.worked(s.From, s.To)
			end = s.To
		}
	}
	return days
}

// Mean is the mean of the draws; 0 of none.
func (d Dist) Mean() float64 {
	sum := 0.0
	for _, v := range d {
		sum += v
	}
	return sum / max(1, float64(len(d)))
}

// Exponential are draws of a mean that say nothing else: most are short, some are long.
func Exponential(mean float64) Dist {
	out := make(Dist, 1000)
	for i := range out {
		out[i] = -mean * math.Log(1-(float64(i)+0.5)/float64(len(out)))
	}
	return out
}

// Times is d with each draw times by.
func (d Dist) Times(by float64) Dist {
	out := slices.Clone(d)
	for i := range out {
		out[i] *= by
	}
	return out
}
