package desk

import (
	"context"

	"sidem.gob.mx/sidem/core"
)

// Earlier are the last requests that an actor's agency filed, as far as the actor may see
// them: the newest first, at most limit. An actor of no agency has none.
func (d *Desk) Earlier(ctx context.Context, actor core.Actor, limit int) ([]core.Record, error) {
	part, err := d.Read(ctx, d.FiledBefore(actor), Place{}, limit)
	return part.Records, err
}

// FiledBefore are all of them.
func (d *Desk) FiledBefore(actor core.Actor) Union {
	if actor.Agency == "" {
		return Union{}
	}
	sees := d.seenBy(actor)
	return Union{
		Lists: [][]string{{core.TermAgency(core.KindRequest, actor.Agency)}}, Newest: true,
		Keep: func(r core.Record) bool { return r.Number != "" && sees(r) },
	}
}
