package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// What the items of the morning ask for.
const (
	WhatDigest = "digest" // "Tiene 3 pendientes"
	WhatWeekly = "weekly" // the week's board
)

// maxEntries bounds what a digest looks at, and shownEntries what it lists.
const (
	maxEntries   = 200
	shownEntries = 20
)

// Digests are the items of a day's digests: one for each account in use, at its
// own hour, unless its people do not work on that day. What was missed is made
// up until the window closes.
func (d *Desk) Digests(ctx context.Context, day core.Day) ([]outbox.Item, error) {
	var out []outbox.Item
	for _, state := range []core.State{core.StateGranted, core.StateActive} {
		accounts, err := d.all(ctx, core.TermState(core.KindAccount, state))
		if err != nil {
			return nil, err
		}
		for _, a := range accounts {
			cal, channel := d.Office.Calendar.Of(a.Agency), morningChannel(a)
			if channel == "" || !cal.IsWorking(day) {
				continue
			}
			due := core.DayMinute(day, core.DigestAt(a, d.Office), cal)
			expires := d.Office.Send().Closes(day, cal)
			if late := due.Add(time.Hour); late.After(expires) {
				expires = late
			}
			out = append(out, outbox.Item{
				Key:   "digest:" + a.ID + ":" + day.String(),
				Merge: outbox.Once, Lane: outbox.Bulk, Due: due, Expires: expires,
				Account: a.ID, Channel: channel, What: WhatDigest,
			})
		}
	}
	return out, nil
}

// morningChannel is where an account reads what comes in the morning: where its
// cards are, unless it prefers e-mail to any chat; "" without any address.
func morningChannel(account core.Record) string {
	const email = "email"
	chain := account.Chain()
	prefers, _, _ := strings.Cut(account.Fields[core.FieldChannels], ",")
	if chat := account.FirstChat(); chat != "" && prefers != email {
		return chat
	}
	if slices.Contains(chain, email) {
		return email
	}
	return account.FirstChat()
}

// Digest is what an account is told this morning, and by what.
func (d *Desk) Digest(ctx context.Context, account string) (core.Digest, error) {
	out, err := d.toTell(ctx, account)
	if err != nil || out.By == core.ByBoard || out.Empty() {
		return out, err
	}
	if told, err := d.decided(ctx, account, d.now(), func() (bool, error) { return d.bundles(out), nil }); err != nil || !told {
		out.By = core.ByReminder
		return out, err
	}
	return out, nil
}

// toTell is what there is to tell an account this morning; by the board, where it comes.
func (d *Desk) toTell(ctx context.Context, account string) (core.Digest, error) {
	viewer, err := d.viewer(ctx, account)
	if err != nil {
		return core.Digest{}, err
	}
	actor, err := d.Actor(ctx, viewer)
	if err != nil {
		return core.Digest{}, err
	}
	now := d.now()
	out := core.Digest{Viewer: viewer, Actor: actor, Day: core.DateOf(now), Office: d.Office}
	above := actor.Is(core.RoleHead) || actor.Is(core.RoleDirector)
	if above && d.hasBoard(viewer, out.Day) {
		out.By = core.ByBoard
		return out, nil
	}
	if err := d.entries(ctx, &out); err != nil {
		return core.Digest{}, err
	}
	if above && out.TellsOthers() {
		if out.Stalled, err = d.stalled(ctx, actor); err != nil {
			return core.Digest{}, err
		}
	}
	if actor.Is(core.RoleAdmin) && out.TellsOthers() {
		out.Missing = d.Office.Calendar.Missing(out.Day)
	}
	return out, nil
}

// entries adds what the viewer of a digest owes. What they were told for the last time is
// counted alone.
func (d *Desk) entries(ctx context.Context, out *core.Digest) error {
	records, err := d.Owed(ctx, out.Actor, maxEntries)
	if err != nil {
		return err
	}
	left := 0
	for _, r := range records {
		e, ok := d.entry(r, out.Actor, out.Day)
		if !ok {
			left++
			continue
		}
		if !out.Wants(e) {
			continue
		}
		out.Entries, out.Asked = append(out.Entries, e), out.Asked || out.Asks(e)
	}
	core.SortEntries(out.Entries)
	if n := len(out.Entries); n > shownEntries {
		out.Entries, out.More = out.Entries[:shownEntries], n-shownEntries
	}
	if len(out.Entries) > 0 {
		out.More += left
	}
	return nil
}

// entry is what an actor is told of a record: by the first of the duties that it owes which is told
// today; false where all of them are left to the board.
func (d *Desk) entry(r core.Record, actor core.Actor, day core.Day) (best core.Entry, ok bool) {
	for _, duty := range core.Duties(r, d.Office.Calendar, d.Office.Targets) {
		if !actor.Owes(duty, r, d.now()) {
			continue
		}
		telling := core.TellingOf(r, duty, actor, d.Office, d.now())
		if telling == core.GaveUp || ok && telling <= best.Telling {
			continue
		}
		best, ok = core.EntryOf(r, duty, d.Office, day), true
		best.Telling = telling
	}
	return best, ok
}

// hasBoard reports whether the week's board comes to a person on a day: what is stuck
// stands there.
func (d *Desk) hasBoard(p core.Record, day core.Day) bool {
	monday := day
	for monday.Weekday() != time.Monday {
		monday = monday.Next(-1)
	}
	return core.DateOf(d.window(p, monday.At(9, 0, d.Office.Calendar.Zone()))) == day
}

// stalled are the requests that are stuck, of those that actor sees, oldest
// first, by the duty that holds them up most.
func (d *Desk) stalled(ctx context.Context, actor core.Actor) ([]core.Entry, error) {
	now := d.now()
	records, err := d.readUpTo(ctx, Union{Lists: [][]string{{core.TermStalled()}}, Keep: d.seenBy(actor)}, maxEntries)
	if err != nil {
		return nil, fmt.Errorf("list what is stuck: %w", err)
	}
	var out []core.Entry
	for _, r := range records {
		var worst core.Entry
		for _, duty := range core.Duties(r, d.Office.Calendar, d.Office.Targets) {
			if e := core.EntryOf(r, duty, d.Office, core.DateOf(now)); worst.Record.ID == "" || e.Late > worst.Late {
				worst = e
			}
		}
		people, err := d.owing(ctx, worst.Duty, r)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			worst.Turn = append(worst.Turn, core.PersonOf(p))
		}
		if worst.Unusual, err = d.unusual(ctx, r); err != nil {
			return nil, err
		}
		out = append(out, worst)
	}
	core.SortEntries(out)
	slices.SortStableFunc(out, func(a, b core.Entry) int { return unusualFirst(b.Unusual) - unusualFirst(a.Unusual) })
	return out, nil
}

func unusualFirst(is bool) int {
	if is {
		return 1
	}
	return 0
}

// Weeklies are the items of a week's board, for heads and the Dirección General.
func (d *Desk) Weeklies(ctx context.Context, day core.Day) ([]outbox.Item, error) {
	var out []outbox.Item
	for _, role := range []core.Role{core.RoleHead, core.RoleDirector} {
		people, err := d.holders(ctx, role, "")
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			if channel := morningChannel(p); channel != "" {
				out = append(out, outbox.Item{
					Key:   "weekly:" + p.ID + ":" + day.String(),
					Merge: outbox.Once, Lane: outbox.Bulk, Due: d.window(p, d.now()),
					Account: p.ID, Channel: channel, What: WhatWeekly,
				})
			}
		}
	}
	return out, nil
}

// Weekly is the board of the week for an account, with what is stuck of what it sees.
func (d *Desk) Weekly(ctx context.Context, account string) (core.Weekly, error) {
	viewer, err := d.viewer(ctx, account)
	if err != nil {
		return core.Weekly{}, err
	}
	actor, err := d.Actor(ctx, viewer)
	if err != nil {
		return core.Weekly{}, err
	}
	out := core.Weekly{Viewer: viewer, Day: core.DateOf(d.now()), Office: d.Office}
	if out.Stalled, err = d.stalled(ctx, actor); err != nil {
		return core.Weekly{}, err
	}
	own := core.Digest{Viewer: viewer, Actor: actor, Day: out.Day, Office: d.Office}
	if err := d.entries(ctx, &own); err != nil {
		return core.Weekly{}, err
	}
	out.Entries, out.More = own.Entries, own.More
	board, err := d.Board(ctx, actor)
	if err != nil {
		return core.Weekly{}, err
	}
	out.Cost = board.Cost
	for _, s := range board.Stages {
		out.Rows = append(out.Rows, core.WeekRow{Stage: s.Stage, Count: s.Count, Late: s.Late, Age: s.Age})
	}
	return out, nil
}

// forgetDraft is how long a draft that was thrown away can still be read.
const forgetDraft = 30 * 24 * time.Hour

// Purge lets the drafts go that nobody has touched for a month: what was in them is
// blacked out. So are those that were thrown away a month ago. It returns how many
// were blacked out: their files are named by nothing any more.
func (d *Desk) Purge(ctx context.Context) (int, error) {
	if err := d.purgeIdle(ctx); err != nil {
		return 0, err
	}
	n := 0
	// The newest first, down to where a whole page was thrown away long ago and has
	// nothing left in it: so was what is older.
	q := Query{Terms: []string{core.TermState(core.KindRequest, core.StateCancelled)}, Limit: 200, Newest: true}
	for {
		page, err := d.Ledger.List(ctx, q)
		if err != nil {
			return n, fmt.Errorf("list what was thrown away: %w", err)
		}
		clean := true
		for _, r := range page.Records {
			idle := r.Did(core.VerbPurge) || d.now().Sub(r.Since) >= forgetDraft
			if r.Number != "" || r.Did(core.VerbRedact) {
				continue
			}
			clean = false
			if !idle {
				continue
			}
			if _, err := d.redact(ctx, r.ID, core.BlackDraft); err != nil {
				return n, err
			}
			n++
		}
		if q.After = page.Next; q.After == "" || clean {
			return n, nil
		}
	}
}

func (d *Desk) purgeIdle(ctx context.Context) error {
	drafts, err := d.all(ctx, core.TermState(core.KindRequest, core.StateDraft))
	if err != nil {
		return err
	}
	for _, r := range drafts {
		c := core.Command{Kind: r.Kind, Verb: core.VerbPurge, Where: "system"}
		if _, no := core.Decide(r, c, core.SystemActor, d.now()); no != nil {
			continue
		}
		if _, err := d.Do(ctx, core.SystemActor, r.ID, c); err != nil {
			return fmt.Errorf("purge %s: %w", r.ID, err)
		}
	}
	return nil
}
