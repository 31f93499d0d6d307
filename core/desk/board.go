package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
)

// Board is the office's work in numbers, stage by stage.
type Board struct {
	Stages []StageCount
	// Cost is the stage that costs most days.
	Cost core.StageCost
	// Loads are the executives with their work in hand.
	Loads []core.Person
	// Of the last requests on which an opinion was issued (Sample of them): the mean
	// working days that each side had them.
	Sample         int
	Office, Agency float64
}

// StageCount is one stage of the board. What is late is so by the duty's target,
// what is stalled by core.StallsAfter days more; both by whole days of the office.
type StageCount struct {
	core.StageRow
	Count, Late, Stalled int
	// Oldest is the request that waits longest, Age its working days
	// there, and Unusual that nine in ten like it were there for less.
	Oldest  core.Record
	Age     int
	Unusual bool
}

const (
	maxLoads  = 20 // executives on a board
	maxSample = 20 // opinions that the sides' days are taken of
)

// Board reckons the board for an actor: a head reads of what was referred, the
// others of all. It adds up counters, and reads no more than a few records.
func (d *Desk) Board(ctx context.Context, actor core.Actor) (Board, error) {
	all := actor.Is(core.RoleDirector) || actor.Is(core.RoleAdmin) || actor.Is(core.RoleAuditor)
	var b Board
	for _, row := range core.Stages {
		if !all && !row.Referred {
			continue
		}
		s, err := d.stage(ctx, row)
		if err != nil {
			return Board{}, err
		}
		b.Stages = append(b.Stages, s)
	}
	var err error
	if b.Loads, err = d.loads(ctx); err != nil {
		return Board{}, err
	}
	if b.Cost, err = d.cost(ctx, !all); err != nil {
		return Board{}, err
	}
	return b, d.shares(ctx, &b)
}

func (d *Desk) stage(ctx context.Context, row core.StageRow) (StageCount, error) {
	s := StageCount{StageRow: row}
	var err error
	if s.Count, err = d.Count(ctx, core.TermStage(row.Stage)); err != nil || s.Count == 0 {
		return s, err
	}
	target := d.Office.Targets[row.Duty]
	if s.Late, s.Stalled, err = d.older(ctx, row.Stage, s.Count, target); err != nil {
		return s, err
	}
	page, err := d.Ledger.List(ctx, Query{Terms: []string{core.TermStage(row.Stage)}, Limit: 1})
	if err != nil {
		return s, fmt.Errorf("oldest of %s: %w", row.Stage, err)
	}
	if len(page.Records) > 0 {
		s.Oldest = page.Records[0]
		_, since := s.Oldest.Stage()
		s.Age = d.Age(since)
		s.Unusual, err = d.unusual(ctx, s.Oldest)
	}
	return s, err
}

// older is how many of a stage have waited longer than target working days, and
// than Stalled days more: all, less those that came on the days since.
func (d *Desk) older(ctx context.Context, stage core.Stage, count, target int) (late, stalled int, err error) {
	today := core.DateOf(d.now())
	late, stalled = count, count
	for day := today; ; day = day.Next(-1) {
		age := d.Office.Calendar.WorkingBetween(day, today)
		if age > target+core.StallsAfter || (late == 0 && stalled == 0) {
			return max(late, 0), max(stalled, 0), nil
		}
		n, err := d.Count(ctx, core.TermStageDay(stage, day))
		if err != nil {
			return 0, 0, err
		}
		stalled -= n
		if age <= target {
			late -= n
		}
	}
}

// Age is how many working days have passed since an instant.
func (d *Desk) Age(since time.Time) int {
	now := d.now()
	return max(0, d.Office.Calendar.WorkingBetween(core.DateOf(d.Office.Local(since)), core.DateOf(now)))
}

func (d *Desk) loads(ctx context.Context) ([]core.Person, error) {
	page, err := d.Ledger.List(ctx, Query{Terms: []string{core.TermRole(core.RoleExecutive, "")}, Limit: maxLoads})
	if err != nil {
		return nil, fmt.Errorf("list executives: %w", err)
	}
	var out []core.Person
	for _, r := range page.Records {
		p := core.PersonOf(r)
		if p.Open, err = d.Count(ctx, core.TermOwes(core.RoleExecutive, r.ID)); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b core.Person) int { return strings.Compare(a.Name, b.Name) })
	return out, d.withFree(ctx, out)
}

// shares are the mean days of both sides, of the opinions issued last.
func (d *Desk) shares(ctx context.Context, b *Board) error {
	part, err := d.Read(ctx, Union{Newest: true, Lists: [][]string{
		{core.TermState(core.KindRequest, core.StateIssued)}, {core.TermState(core.KindRequest, core.StateCollected)},
	}}, Place{}, maxSample)
	if err != nil {
		return err
	}
	for _, r := range part.Records {
		office, agency := core.InHands(r, d.Office.Calendar, d.now())
		b.Office += float64(office)
		b.Agency += float64(agency)
	}
	if b.Sample = len(part.Records); b.Sample > 0 {
		b.Office /= float64(b.Sample)
		b.Agency /= float64(b.Sample)
	}
	return nil
}

// InStage lists the requests that wait in a stage and that the actor may see, oldest first.
func (d *Desk) InStage(actor core.Actor, stage core.Stage) Union {
	return Union{Lists: [][]string{{core.TermStage(stage)}}, Keep: d.seenBy(actor)}
}
