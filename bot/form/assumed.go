package form

import (
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// Assuming is d, which begins at the instant now about record r, with the answers that most
// people would give: an acuse is registered when it is stamped, of the oficio that was announced.
func Assuming(d Draft, r core.Record, now time.Time) Draft {
	if d.Verb != core.VerbReceiveLetter {
		return d
	}
	d.Assumed = map[core.Field]string{
		core.FieldReceivedDate: core.DateOf(now).String(), core.FieldReceivedTime: value.HourOf(now).Stored(),
	}
	if n := r.Fields[core.FieldLetterNumber]; n != "" {
		d.Assumed[core.FieldLetterNumber] = n
	}
	return d
}

// assumes reports whether q has an answer that was assumed, and need not be asked.
func (d Draft) assumes(q card.Question) bool {
	_, assumed := d.Assumed[q.Field]
	return assumed
}
