package stage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/demo/page"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

func isNotFound(err error) bool { return errors.Is(err, desk.ErrNotFound) }

// view is one look at the store, from which the parts are told.
type view struct {
	now      time.Time
	office   core.Office
	accounts map[string]core.Record // by id
	agencies map[string]string      // names by id
	records  []core.Record          // requests, newest first
	owing    []core.Record          // programmes and accounts, which are owed things too
	trail    []core.Event           // of everything
	owed     []outbox.Item
	stats    outbox.Stats
}

func (s *Stage) look(ctx context.Context) (*view, error) {
	d := s.desk
	v := &view{now: d.Clock(), office: d.Office, accounts: map[string]core.Record{}, agencies: map[string]string{}}
	for _, kind := range []core.Kind{core.KindAgency, core.KindAccount, core.KindProgram, core.KindRequest} {
		page, err := d.Ledger.List(ctx, desk.Query{Terms: []string{core.TermKind(kind)}, Limit: 200, Newest: true})
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", kind, err)
		}
		for _, r := range page.Records {
			switch kind {
			case core.KindAgency:
				v.agencies[r.Agency] = r.Fields[core.FieldName]
			case core.KindAccount:
				v.accounts[r.ID] = r
				v.owing = append(v.owing, r)
			case core.KindProgram:
				v.owing = append(v.owing, r)
			case core.KindRequest:
				v.records = append(v.records, r)
			case core.KindArchive: // what left is not shown
			}
		}
	}
	for e, err := range desk.Events(ctx, d.Ledger, 0) {
		if err != nil {
			return nil, err
		}
		v.trail = append(v.trail, e)
	}
	var err error
	if v.stats, err = s.store.Stats(ctx, v.now); err != nil {
		return nil, fmt.Errorf("count the outbox: %w", err)
	}
	if v.owed, err = s.store.Items(ctx, outbox.Live, "", 200); err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	return v, nil
}

// next is the item that is due next; ok is false when nothing is owed.
func (v *view) next() (it outbox.Item, ok bool) {
	for _, i := range v.owed {
		if !i.Leased && (!ok || i.Due.Before(it.Due)) && !v.spent(i) {
			it, ok = i, true
		}
	}
	return it, ok
}

// spent reports whether nobody will hear of an item: cards that are drawn again, or a
// reminder of what was done meanwhile.
func (v *view) spent(it outbox.Item) bool {
	if it.What != desk.WhatRemind {
		return it.What == desk.WhatRecast
	}
	for _, r := range slices.Concat(v.records, v.owing) {
		if r.ID == it.Record {
			_, ahead := desk.Ahead(r, v.office, it)
			return !ahead
		}
	}
	return false
}

func (v *view) clock() page.Clock {
	day := core.DateOf(v.now)
	c := page.Clock{
		Now: es.Weekday(day) + ", " + es.Hour(v.now), At: v.now.Format(instant),
		Open: v.office.Calendar.IsWorking(day) && v.now.Hour() >= 9 && v.now.Hour() < 18,
	}
	if it, ok := v.next(); ok {
		channel := ""
		if it.Channel != "" {
			channel = es.Platform(it.Channel)
		}
		c.Next = page.Coming(it.What, v.accounts[it.Account].Fields[core.FieldName], channel, v.about(it.Record))
		switch it.What {
		case notifier.WhatTick:
			c.Next = page.Tick(it.Payload().Tick)
		case desk.WhatRemind: // to whoever owes it by then
			c.Next = page.Coming(it.What, "", "", es.Duty(core.DutyName(it.Payload().Duty)))
			if about := v.about(it.Record); about != "" {
				c.Next += ". " + about
			}
		}
		c.NextAt = es.Lately(it.Due.In(v.now.Location()), v.now)
		if it.Due.After(v.now) {
			c.NextAt = es.Weekday(core.DateOf(it.Due.In(v.now.Location()))) + ", " + es.Hour(it.Due.In(v.now.Location()))
		}
	}
	return c
}

// about names a request by its number and state; "" for other records.
func (v *view) about(id string) string {
	for _, r := range v.records {
		if r.ID == id {
			return title(r) + " (" + es.State(r.Kind, r.State) + ")"
		}
	}
	return ""
}

func title(r core.Record) string {
	if r.Number == "" {
		return "Borrador"
	}
	return "Solicitud número " + r.Number
}

func (v *view) board() page.Board {
	var b page.Board
	for _, state := range core.LifecycleOf(core.KindRequest).States {
		n := 0
		for _, r := range v.records {
			if r.State == state {
				n++
			}
		}
		b.States = append(b.States, page.Count{Name: es.State(core.KindRequest, state), N: n})
	}
	for i, n := range []int{v.stats.Live, v.stats.Sent, v.stats.Moot, v.stats.Dead} {
		b.Outbox = append(b.Outbox, page.Count{Name: page.Boxes[i], N: n})
	}
	return b
}

func (v *view) requests() []page.Request {
	out := []page.Request{}
	for _, r := range v.records {
		req := page.Request{
			ID: r.ID, Title: title(r), Subject: r.Fields[core.FieldSubject], State: es.State(r.Kind, r.State),
			Turn: v.turn(r), Line: v.line(r),
		}
		for _, e := range slices.Backward(v.trail) {
			if e.Record == r.ID {
				req.Trail = append(req.Trail, v.entry(e))
			}
		}
		out = append(out, req)
	}
	return out
}

// turn says whose turn it is, and by when.
func (v *view) turn(r core.Record) string {
	duties := core.Duties(r, v.office.Calendar, v.office.Targets)
	if len(duties) == 0 {
		return ""
	}
	who := es.Role(duties[0].Role)
	if a, ok := v.accounts[duties[0].Account]; ok {
		who = a.Fields[core.FieldName]
	}
	return es.Duty(duties[0].Name) + ": " + who + " · fecha sugerida: " + es.Day(duties[0].Due)
}

// road of a request that nothing holds up; where it left the road is put in between.
var mainRoad = []core.State{
	core.StateDraft, core.StateFiled, core.StateReleased, core.StateReceived, core.StateReferred, core.StateAssigned, core.StateIssued, core.StateCollected,
}

// line is the request's line of time: the states that it went through, and those to come.
func (v *view) line(r core.Record) []page.Stop {
	var out []page.Stop
	for _, e := range v.trail {
		if e.Record != r.ID || e.Refusal != nil || e.From == e.To {
			continue
		}
		for i := range out {
			out[i].Now = false
		}
		out = append(out, page.Stop{
			Step: es.Step(r.Kind, e.To), State: es.State(r.Kind, e.To), At: es.Lately(e.At, v.now), By: e.ByName, Now: true,
		})
	}
	if !r.Open() {
		return out
	}
	at := slices.Index(mainRoad, r.State)
	if at < 0 { // returned or observed: it comes back to where it was
		at = slices.Index(mainRoad, map[core.State]core.State{core.StateReturned: core.StateDraft, core.StateObserved: core.StateReferred}[r.State])
	}
	for _, state := range mainRoad[at+1:] {
		out = append(out, page.Stop{Step: es.Step(r.Kind, state), State: es.State(r.Kind, state)})
	}
	return out
}

func (v *view) moment(t time.Time) string { return es.Moment(t.In(v.now.Location())) }

// entry is an event in words.
func (v *view) entry(e core.Event) page.Entry {
	out := page.Entry{Seq: e.Seq, At: v.moment(e.At), Who: e.ByName, What: es.Past(e.Verb), Where: es.Platform(e.Where), Hash: e.Hash[:min(10, len(e.Hash))]}
	if r := e.Fields[core.FieldCallResult]; r != "" {
		out.What += ": " + es.Value(r)
	}
	if e.ForName != "" {
		out.Who += ", en suplencia de " + e.ForName
	}
	if e.Refusal != nil {
		out.What = es.Button(e.Verb)
		out.Refused = es.Refuse(e.Refusal, v.agencies[e.Agency], e.At.In(v.now.Location()))
	}
	return out
}

// instant is how the page's controls write a moment, in the office's zone.
const instant = "2006-01-02T15:04"

// move moves the business clock.
func (s *Stage) move(ctx context.Context, c page.Control) error {
	if s.busy() {
		return page.Playing
	}
	if c.What == "off" {
		return s.off(ctx, c.Days)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	defer s.touch()
	s.settle(ctx)
	v, err := s.look(ctx)
	if err != nil {
		return err
	}
	switch c.What {
	case "day":
		day := v.office.Calendar.AddWorking(core.DateOf(v.now), 1)
		return s.w.SetTime(day.At(v.now.Hour(), v.now.Minute(), v.now.Location()))
	case "goto":
		to, err := time.ParseInLocation(instant, c.To, v.now.Location())
		if err != nil {
			return page.BadDate
		}
		if to.Before(v.now) {
			return page.PastDate
		}
		return s.w.SetTime(to)
	case "next":
		it, ok := v.next()
		if !ok {
			return page.NothingDue
		}
		if it.Due.After(v.now) {
			return s.w.SetTime(it.Due)
		}
	}
	return nil
}

// off has SIDEM stopped while days pass, and started again.
func (s *Stage) off(ctx context.Context, days int) error {
	if days < 1 || days > 60 {
		return page.BadDate
	}
	return s.restart(ctx, (*world.Child).Stop, func() {
		now := s.w.Time.Now().In(world.Mexico())
		s.w.Time.Set(core.DateOf(now).Next(days).At(now.Hour(), now.Minute(), world.Mexico()))
	})
}

// restart ends SIDEM one way or another, and starts it again.
func (s *Stage) restart(ctx context.Context, end func(*world.Child) error, meanwhile func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	if s.busy() {
		return page.Playing
	}
	service, ok := s.w.Service.(*world.Child)
	if !ok {
		return errors.New("SIDEM does not run in a process of its own")
	}
	if err := end(service); err != nil {
		return err
	}
	meanwhile()
	return service.Start(context.WithoutCancel(ctx))
}

// settle waits a moment for what is under way, so that the clock does not move in its middle.
func (s *Stage) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	for {
		if idle, err := s.w.Idle(ctx); err != nil || idle {
			return
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return
		}
	}
}
