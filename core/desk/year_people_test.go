package desk_test

import (
	"container/heap"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/value"
	"sidem.gob.mx/sidem/notifier"
)

// act files a request, or does what somebody owes.
func (y *year) act(a act) {
	if a.record == "" {
		agency := y.agencies[y.rng.IntN(len(y.agencies))]
		who := y.actor(y.pick(core.RoleRequester + core.Role(agency)))
		r := y.do(who, "", core.Command{Kind: core.KindRequest, Verb: core.VerbDraft, Fields: form, Items: []core.Item{{Description: "Equipo", Quantity: value.Units(1), Unit: "pieza"}}})
		y.plan(y.do(who, r.ID, core.Command{Verb: core.VerbFile}))
		return
	}
	r := y.store.records[a.record]
	for _, d := range core.Duties(r, y.desk.Office.Calendar, y.desk.Office.Targets) {
		if d.Name == a.duty {
			y.plan(y.fulfil(r, d))
			return
		}
	}
}

func (y *year) pick(role core.Role) string { return y.people[role][y.rng.IntN(len(y.people[role]))] }

var form = map[core.Field]string{
	core.FieldSubject: "Adquisición de computadoras", core.FieldProcurement: "purchase", core.FieldCategory: "equipment",
	core.FieldJustification: "El equipo actual tiene más de ocho años.", core.FieldBudgetLine: "5151", core.FieldFunding: "Recursos estatales",
	core.FieldAmount: "1000.00", core.FieldMultiYear: core.No, core.FieldProject: "P-01 Equipo",
}

// fulfil does what duty d asks for.
func (y *year) fulfil(r core.Record, d core.Duty) core.Record {
	by := map[core.Role]string{
		core.RoleSecretary: y.pick(core.RoleSecretary + core.Role(r.Agency)), core.RoleRequester: r.Filer(),
		core.RoleRegistry: y.pick(core.RoleRegistry), core.RoleHead: y.pick(core.RoleHead), core.RoleExecutive: r.Fields[core.FieldExecutive],
	}
	who := y.actor(by[d.Role])
	today := core.DateOf(y.now.In(y.zone)).String()
	c := core.Command{Verb: core.Ends(d.Name), Fields: map[core.Field]string{}}
	switch d.Name {
	case core.DutyRelease:
		if y.rng.IntN(10) == 0 {
			c.Verb, c.Fields = core.VerbReturn, map[core.Field]string{core.FieldReason: "Falta un documento."}
		}
	case core.DutyCorrect:
		c.Fields = map[core.Field]string{core.FieldNote: "Se corrigió."}
	case core.DutyLetter:
		c.Fields = map[core.Field]string{core.FieldLetterNumber: "IE/1/2026", core.FieldLetterDate: today}
	case core.DutyReceive:
		c.Fields = map[core.Field]string{core.FieldLetterNumber: "IE/1/2026", core.FieldFolio: "OP-1", core.FieldReceivedDate: today, core.FieldReceivedTime: "00:00"}
	case core.DutyAssign:
		c.Fields = map[core.Field]string{core.FieldExecutive: y.pick(core.RoleExecutive)}
	case core.DutyIssue:
		if len(r.Observations) == 0 && y.rng.IntN(5) == 0 {
			c.Verb = core.VerbObserve
			c.Fields = map[core.Field]string{core.FieldSection: "annexes", core.FieldMissing: "La cotización no es legible.", core.FieldDeliver: "Otra cotización"}
			break
		}
		c.Fields = map[core.Field]string{core.FieldOpinionNumber: "DT-1/2026", core.FieldOutcome: core.Favorable}
		c.Files = []core.Attachment{{Name: "d.pdf", Hash: "00"}}
	case core.DutyAnswer:
		c.Fields = map[core.Field]string{core.FieldObservation: fmt.Sprint(r.Pending()[0].N), core.FieldAnswer: "Se adjunta."}
	case core.DutyCall:
		c.Fields = map[core.Field]string{core.FieldCallResult: core.CallAnswered}
		if y.rng.IntN(3) == 0 {
			c.Fields[core.FieldCallResult] = core.CallNoAnswer
		}
	case core.DutyPickup:
		who = y.actor(y.pick(core.RoleRegistry))
		c.Fields = map[core.Field]string{core.FieldIdentified: "credencial", core.FieldReceivedBy: "Quien solicita"}
	default:
	}
	return y.do(who, r.ID, c)
}

// plan has somebody do, some day, each thing that record r owes and nobody plans yet.
func (y *year) plan(r core.Record) {
	for _, d := range core.Duties(r, y.desk.Office.Calendar, y.desk.Office.Targets) {
		days := y.rng.IntN(4)
		switch y.rng.IntN(20) {
		case 0, 1, 2:
			days += y.rng.IntN(10)
		case 3:
			days += y.rng.IntN(30)
		}
		if d.Name == core.DutyIssue {
			days += 5
		}
		at := y.now.Add(time.Duration(days)*24*time.Hour + time.Duration(y.rng.Int64N(int64(12*time.Hour))))
		heap.Push(&y.todo, act{at: at, record: r.ID, duty: d.Name})
	}
}

// handle does what the hub would do with an item, and judges what is sent.
func (y *year) handle(it *outbox.Item, ticks *notifier.Ticks) {
	if it.State != outbox.Live {
		return
	}
	if !it.Expires.IsZero() && y.now.After(it.Expires) {
		it.State = outbox.Moot
		y.moot++
		return
	}
	var err error
	again, done := time.Time{}, true
	switch it.What {
	case desk.WhatRemind:
		again, done, err = y.desk.Remind(y.t.Context(), *it)
	case notifier.WhatTick:
		_, err = ticks.Send(y.t.Context(), *it)
		if errors.Is(err, notifier.ErrMoot) {
			done, err = false, nil
		}
	case desk.WhatDigest:
		var d core.Digest
		d, err = y.desk.Digest(y.t.Context(), it.Account)
		done = !d.Empty()
		if done {
			y.digest(it, d)
		}
	case desk.WhatCard, desk.WhatRecast: // make no sound
	default:
		var wait time.Duration
		if wait, err = y.desk.Wait(y.t.Context(), *it); wait > 0 {
			again = y.now.Add(wait)
			break
		}
		y.message(it)
	}
	if err != nil {
		y.t.Fatalf("%s: %v", it.Key, err)
	}
	switch {
	case !again.IsZero():
		if !again.After(y.now) {
			y.t.Fatalf("%s is put off to %s at %s", it.Key, again, y.now)
		}
		it.Due = again
		heap.Push(&y.store.queue, it)
	case done:
		it.State = outbox.Sent
	default:
		it.State = outbox.Moot
		y.moot++
	}
}

// message judges what is sent to somebody who did not ask for it.
func (y *year) message(it *outbox.Item) {
	y.messages++
	if y.sent[it.Key]++; y.sent[it.Key] > 1 {
		y.t.Fatalf("%s was sent twice", it.Key)
	}
	if it.Data["own"] == "" && !y.inWindow(9, 18) {
		y.t.Fatalf("%s leaves at %s", it.Key, y.now.In(y.zone))
	}
	if it.What == desk.WhatWeekly {
		y.morning(it)
		return
	}
	alone := it.Data["mail"] == string(core.MailPickup) && len(y.store.records[it.Account].Links) == 0 // which goes with a note otherwise
	isReminder := alone || it.Data["note"] == string(core.NoteReminder) || it.Data["note"] == string(core.NoteCover) || it.Data["mail"] == string(core.MailReminder)
	if !isReminder || it.Data["own"] != "" || strings.HasSuffix(it.Key, ":over") {
		return
	}
	r := y.store.records[it.Record]
	// A call is tried again within the day, which nobody foresaw in the morning.
	if it.Account == r.Fields[core.FieldExecutive] && slices.ContainsFunc(r.JustReminded(), func(m core.Reminded) bool { return m.Duty == core.DutyCall }) {
		return
	}
	for _, m := range r.JustReminded() {
		y.told(it.Account, r, m.Duty, m.Turn)
	}
	y.morning(it)
}

// morning counts what comes to somebody of a morning: a digest, reminders, the board.
func (y *year) morning(it *outbox.Item) {
	day := it.Account + "/" + y.now.In(y.zone).Format(time.DateOnly)
	if y.mornings[day]++; y.mornings[day] > 1 {
		y.t.Fatalf("%s: message %d of the morning:%s", it.Key, y.mornings[day], y.story(it.Record))
	}
}

// told counts the messages that came to somebody for one duty.
func (y *year) told(account string, r core.Record, duty core.DutyName, turn int) {
	key := fmt.Sprintf("%s/%s/%s/%d", account, r.ID, duty, turn)
	if y.duties[key]++; y.duties[key] > 6 && duty != core.DutyCall {
		y.t.Fatalf("%s: told %d times:%s", key, y.duties[key], y.story(r.ID))
	}
}

func (y *year) digest(it *outbox.Item, d core.Digest) {
	y.messages++
	y.morning(it)
	for _, e := range d.Entries {
		if e.Telling >= core.Announced {
			y.told(it.Account, e.Record, e.Duty.Name, e.Duty.Turn)
		}
	}
	local := y.now.In(y.zone)
	if !y.works(local) || local.Hour() < 8 || local.Hour() >= 18 {
		y.t.Fatalf("%s leaves at %s", it.Key, local)
	}
}

func (y *year) works(t time.Time) bool {
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday && !slices.Contains(off, t.Format(time.DateOnly))
}

func (y *year) inWindow(from, to int) bool {
	t := y.now.In(y.zone)
	return y.works(t) && t.Hour() >= from && t.Hour() < to
}

// judge looks at every open request when the window has closed: what was owed in the
// morning, and had come to its suggested date, was reminded of today, and who owes it was told.
func (y *year) judge(day core.Day) {
	at := day.At(9, 0, y.zone)
	if !y.works(at) || !y.awake(at).Equal(at) {
		return
	}
	for _, s := range core.LifecycleOf(core.KindRequest).States {
		for _, p := range y.store.lists[core.TermState(core.KindRequest, s)] {
			r := y.store.records[p.id]
			for _, d := range core.Duties(r, y.desk.Office.Calendar, y.desk.Office.Targets) {
				given := core.GivenUp(r, d, y.desk.Office) // that stands on the board
				if !given {
					y.reminded(r, d, day, at)
				}
				isToday := slices.ContainsFunc(r.Reminded, func(m core.Reminded) bool {
					return m.Duty == d.Name && m.Turn == d.Turn && core.DateOf(m.At.In(y.zone)) == day
				})
				if isToday && d.Account != "" && d.Name != core.DutyCall && y.mornings[d.Account+"/"+day.String()] != 1 {
					y.t.Fatalf("%s is reminded of %s on %s, and gets %d messages:%s", d.Account, d.Name, day, y.mornings[d.Account+"/"+day.String()], y.story(r.ID))
				}
			}
		}
	}
}

// steps are the working days after issuing on which a pickup is spoken of.
var steps = []int{3, 7, 15}

func (y *year) reminded(r core.Record, d core.Duty, day core.Day, at time.Time) {
	if !d.Began.Before(at) || day.Before(d.Due) || d.Name == core.DutyCall {
		return
	}
	if d.Name == core.DutyPickup {
		n := y.desk.Office.Calendar.WorkingBetween(core.DateOf(d.Since.In(y.zone)), day)
		if !slices.Contains(steps, n) {
			return
		}
	}
	for _, m := range r.Reminded {
		if m.Duty == d.Name && m.Turn == d.Turn && core.DateOf(m.At.In(y.zone)) == day {
			return
		}
	}
	y.t.Fatalf("%s: %s was due on %s and nobody was reminded on %s (%+v)", r.Number, d.Name, d.Due, day, r.Reminded)
}

// story is the trail of a record, for the failures.
func (y *year) story(record string) string {
	var b strings.Builder
	for _, e := range y.store.trails[record] {
		fmt.Fprintf(&b, "\n  %s %s %s → %s by %s %s", e.At.In(y.zone).Format("Mon 2006-01-02 15:04"), e.Verb, e.From, e.To, e.By, e.Fields[core.FieldReminded])
	}
	return b.String()
}
