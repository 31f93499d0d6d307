package maintenance

import (
	"context"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// Vault is a store out of which whole records are taken, and into which they come back. The
// index of the trail goes on as it was: what is taken leaves a gap.
type Vault interface {
	// Take removes the records that still have the Seq that is expected, with all that finds
	// them, their events, the presses of those, and their numbers but for the highest that
	// was given of a series. It returns how many are gone by it. One that has the last
	// event of all stays.
	Take(ctx context.Context, records ...desk.Expectation) (int, error)
	// Return puts back what was taken, each event at its Index; presses are not known again.
	// One that is there stays as it is. It returns how many came back.
	Return(ctx context.Context, records ...Filed) (int, error)
}

// Filed is a record with its whole trail.
type Filed struct {
	Record core.Record
	Events []core.Event
}

// Number is what the record was given of a series: as its number says; ok is false for
// one that has none.
func (f Filed) Number() (series string, value int, ok bool) {
	return core.ValueOf(f.Record.Number)
}
