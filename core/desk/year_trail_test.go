package desk_test

import (
	"fmt"
	"strings"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// The mails of a year, as the process asks for them: this is the test's own table,
// beside the one that the core reads.
var mailed = []struct {
	verb   core.Verb
	to     func(y *year, r core.Record) []string
	mail   core.Mail
	always bool // also to somebody who has a chat
	unless func(r core.Record) bool
}{
	{verb: core.VerbFile, to: filer, mail: core.MailFiled, always: true},
	{verb: core.VerbFile, to: secretaries, mail: core.MailTurn},
	{verb: core.VerbReturn, to: filer, mail: core.MailReturned},
	{verb: core.VerbCorrect, to: secretaries, mail: core.MailTurn},
	{verb: core.VerbRelease, to: filer, mail: core.MailReleased, always: true, unless: received},
	{verb: core.VerbRelease, to: registry, mail: core.MailTurn, unless: received}, // they are told of what completes it
	{verb: core.VerbSendLetter, to: registry, mail: core.MailTurn},
	{verb: core.VerbJoin, to: registry, mail: core.MailTurn},
	{verb: core.VerbRefer, to: filer, mail: core.MailReferred, always: true},
	{verb: core.VerbRefer, to: secretaries, mail: core.MailReferred},
	{verb: core.VerbRefer, to: heads, mail: core.MailTurn},
	{verb: core.VerbAssign, to: executive, mail: core.MailTurn},
	{verb: core.VerbObserve, to: filer, mail: core.MailObserved},
	{verb: core.VerbResume, to: executive, mail: core.MailTurn},
	{verb: core.VerbIssue, to: filer, mail: core.MailIssued, always: true},
	{verb: core.VerbIssue, to: executive, mail: core.MailTurn},
	{verb: core.VerbRecall, to: executive, mail: core.MailTurn},
}

func received(r core.Record) bool              { return r.Did(core.VerbReceiveLetter) }
func registry(y *year, _ core.Record) []string { return y.people[core.RoleRegistry] }
func filer(_ *year, r core.Record) []string    { return []string{r.Filer()} }
func secretaries(y *year, r core.Record) []string {
	return y.people[core.RoleSecretary+core.Role(r.Agency)]
}
func heads(y *year, _ core.Record) []string     { return y.people[core.RoleHead] }
func executive(_ *year, r core.Record) []string { return []string{r.Fields[core.FieldExecutive]} }

// settle compares the mails that were sent to people about requests with those
// that the trail owes: none missing, none twice, none that nobody owes. A mail that
// is still to come when the year ends is owed and not sent.
func (y *year) settle() {
	owed := map[string]int{}
	for record, trail := range y.store.trails {
		if y.store.records[record].Kind != core.KindRequest {
			continue
		}
		var r core.Record
		for i := 0; i < len(trail); {
			from := i
			for ; i == from || i < len(trail) && completes(trail[i]); i++ { // a commit: the act, and what it completes
				r = core.Apply(r, trail[i])
			}
			for _, e := range trail[from:i] {
				y.owes(owed, r, e)
			}
		}
	}
	came := map[string]int{}
	for _, it := range y.store.all {
		mail := core.Mail(it.Data["mail"])
		if it.What != desk.WhatMail || mail == core.MailReminder || mail == core.MailPickup || y.store.records[it.Record].Kind != core.KindRequest {
			continue // reminders are judged day by day
		}
		key := said(it.Record, strings.Split(it.Key, ":")[2], it.Account, mail)
		switch it.State {
		case outbox.Sent:
			came[key]++
		case outbox.Live:
			delete(owed, key)
		default:
			y.t.Errorf("%s is %s", it.Key, it.State)
		}
	}
	for key, n := range owed {
		if came[key] != n {
			y.t.Fatalf("%s was owed %d times and came %d times:%s", key, n, came[key], y.story(strings.Fields(key)[0]))
		}
	}
	for key, n := range came {
		if owed[key] != n {
			y.t.Fatalf("%s came %d times and was owed %d times:%s", key, n, owed[key], y.story(strings.Fields(key)[0]))
		}
	}
	if len(came) == 0 {
		y.t.Error("no mail was judged")
	}
}

func completes(e core.Event) bool {
	row, _ := core.LifecycleOf(e.Kind).Row(e.Verb, e.From)
	return row.Auto
}

func (y *year) owes(owed map[string]int, r core.Record, e core.Event) {
	for _, m := range mailed {
		if m.verb != e.Verb || e.Refusal != nil || (m.unless != nil && m.unless(r)) {
			continue
		}
		for _, account := range m.to(y, r) {
			if m.always || len(y.store.records[account].Links) == 0 {
				owed[said(r.ID, fmt.Sprint(r.Version), account, m.mail)]++
			}
		}
	}
}

func said(record, version, account string, mail core.Mail) string {
	return fmt.Sprintf("%s at version %s to %s: %s", record, version, account, mail)
}
