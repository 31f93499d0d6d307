package desk

import (
	"context"
	"fmt"

	"sidem.gob.mx/sidem/core"
)

// Case is what a press is about, read once and passed on: who acts, and on what. What it
// has read since is with it too, so that nothing is read twice for one press. It is good
// for one press of one goroutine: who decides upon it guards what it rests on, and reads
// it again after a conflict.
type Case struct {
	// Account is whose person acts, and Actor what they may do. For SIDEM itself, and
	// whoever imports, there is no account.
	Account core.Record
	Actor   core.Actor
	// Record is what they act on, as it stands; the zero Record where there is none.
	Record core.Record
	known  *core.Known
}

// Meet begins the case of whoever has a chat; ErrNotFound for a stranger. The record that
// they speak of, if it is not "", is read with them, and stands nowhere until Open is told
// that it is theirs to speak of.
func (d *Desk) Meet(ctx context.Context, platform, id, record string) (Case, error) {
	chat, c := core.UniqueChat(platform, id), Case{known: &core.Known{}}
	c.known.Record(record)
	g, err := d.Ledger.Gather(ctx, Wanted{IDs: c.known.Lacking().IDs, Uniques: []string{chat}})
	if err != nil {
		return Case{}, fmt.Errorf("read who it is: %w", err)
	}
	c.known.Learn(core.Learned{Records: g.Records})
	account, linked := g.Holders[chat]
	if !linked {
		return Case{}, fmt.Errorf("nobody has the chat: %w", ErrNotFound)
	}
	c.Account = account
	return c, nil
}

// Open reads the rest of a case: its record, "" for none, and what the account may do. What
// the command likely will ask for is read in the same step. What does not exist, and what
// the account may not see, is for whoever decides to judge.
func (d *Desk) Open(ctx context.Context, c Case, record string, likely core.Command) (Case, error) {
	if c.known == nil {
		c.known = &core.Known{}
	}
	foreseen := false
	err := d.fill(ctx, c.known, func() {
		c.Record, _ = c.known.Record(record)
		c.Actor = c.known.Actor(c.Account)
		if !foreseen {
			d.foresee(c, likely)
		}
		foreseen = true
	})
	return c, err
}

// foresee has the case note what a decision will want to know, as far as it can be told.
// Nothing comes of it but reading sooner.
func (d *Desk) foresee(c Case, likely core.Command) {
	if likely.Verb == "" || c.Record.State == core.None || c.known.Lacking().IsEmpty() {
		return
	}
	now := d.now()
	likely.Since = d.since(now)
	if events, no := core.Decide(c.Record, likely, c.Actor, now); no == nil {
		core.PlanOf(c.Record, events, c.known, nil, d.Office, now)
	}
}

// read is what is known of an account and of those for whom it stands in.
func (c *Case) read(account string) (found bool) {
	c.Account, found = c.known.Record(account)
	who := c.Account
	who.ID = account // so that the persons for whom it stands in are asked for at once
	c.Actor = c.known.Actor(who)
	return found
}

// Sees reports whether the account may know of the record now.
func (d *Desk) Sees(c Case) bool {
	return c.Record.State != core.None && c.Actor.Sees(c.Record, d.now())
}

// Brief is the scene of a case without the persons that it speaks of: what the viewer
// may do, and nothing is read.
func (d *Desk) Brief(c Case) core.Scene {
	return core.Scene{
		Record: c.Record, Viewer: c.Account, Actor: c.Actor, Now: d.now(), Office: d.Office,
		Duties: core.Duties(c.Record, d.Office.Calendar, d.Office.Targets),
	}
}

// Outline is the scene of a case without what was done (its trail).
func (d *Desk) Outline(ctx context.Context, c Case) (s core.Scene, err error) {
	now := d.now()
	err = d.fill(ctx, c.known, func() { s = core.SceneOf(c.Record, c.Account, c.Actor, c.known, d.Office, now) })
	if people := s.Choices[core.FieldExecutive]; err == nil && len(people) > 0 {
		err = d.withFree(ctx, people)
	}
	return s, err
}

// maxFills bounds how often something is computed anew because something was lacking:
// each time a person leads to others at most.
const maxFills = 8

// fill computes something of what is known, and reads what was lacking, until nothing
// is. Each round is one call of the ledger.
func (d *Desk) fill(ctx context.Context, k *core.Known, compute func()) error {
	for range maxFills {
		compute()
		lacks := k.Lacking()
		if lacks.IsEmpty() {
			return nil
		}
		learned, err := d.read(ctx, lacks)
		if err != nil {
			return err
		}
		k.Learn(learned)
	}
	return fmt.Errorf("something is lacking after %d rounds: %v", maxFills, k.Lacking())
}

// read reads what is lacking.
func (d *Desk) read(ctx context.Context, lacks core.Lacks) (core.Learned, error) {
	out := core.Learned{Lists: map[string][]core.Record{}, Sizes: map[string]int{}, Bundled: map[string]bool{}}
	if len(lacks.IDs)+len(lacks.Terms) > 0 {
		g, err := d.Ledger.Gather(ctx, Wanted{IDs: lacks.IDs, Terms: lacks.Terms})
		if err != nil {
			return out, fmt.Errorf("read what a press is about: %w", err)
		}
		out.Records = g.Records
		for term, page := range g.Lists {
			if out.Lists[term], err = d.rest(ctx, page, term); err != nil {
				return out, err
			}
		}
	}
	for _, term := range lacks.Sizes {
		n, err := d.Count(ctx, term)
		if err != nil {
			return out, err
		}
		out.Sizes[term] = n
	}
	for _, id := range lacks.Bundled {
		is, err := d.isBundled(ctx, id, d.now())
		if err != nil {
			return out, err
		}
		out.Bundled[id] = is
	}
	return out, nil
}
