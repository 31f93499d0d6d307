package desk

import (
	"context"

	"sidem/core"
)

// Earlier are the last requests that an actor's agency filed, as far as the actor may see
// them: the newest first, at most limit. An actor of no agency has none.
func (d *Desk) Earlier(ctx context.Context, actor core.Actor, limit int) ([]core.Record, error) {
	if actor.Agency == "" {
		return nil, nil
	}
	sees := d.seenBy(actor)
	part, err := d.Read(ctx, Union{
		Lists: [][]string{{core.TermAgency(core.KindRequest, actor.Agency)}}, Newest: true,
		Keep: func(r core.Record) bool { return r.Number != "" && sees(r) },
	}, Place{}, limit)
	return part.Records, err
}
