package form

import (
	"slices"

	"sidem.gob.mx/sidem/core"
)

// usual are the fields of a request that an office answers alike each time.
var usual = []core.Field{core.FieldBudgetLine, core.FieldFunding, core.FieldProject}

// maxEarlier is how many earlier answers to a question are offered.
const maxEarlier = 3

// Earlier are the answers to the usual questions in requests, the first of them first.
func Earlier(requests []core.Record) map[core.Field][]string {
	out := map[core.Field][]string{}
	for _, f := range usual {
		for _, r := range requests {
			if v := r.Fields[f]; v != "" && !slices.Contains(out[f], v) && len(out[f]) < maxEarlier {
				out[f] = append(out[f], v)
			}
		}
	}
	return out
}

// Based is the form of a new request with the answers of an earlier one, and nothing else
// of it: at its summary, from where each is corrected like one's own.
func Based(d Draft, r core.Record) Draft {
	d.Base, d.Stage = r.ID, Reviewing
	for _, f := range core.RequestForm {
		d = d.with(f, Answer{Value: r.Fields[f]})
	}
	if total, differs := core.AmountDiffers(r.Fields[core.FieldAmount], r.Items); differs { // it was meant then
		d.Doubted = both(r.Fields[core.FieldAmount], total)
	}
	return d.with(core.FieldItems, Answer{Items: slices.Clone(r.Items)})
}
