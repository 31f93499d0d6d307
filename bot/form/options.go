package form

import (
	"slices"
	"strconv"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core/value"
)

// maxOffered is how many options stand under a question as buttons: of more, the person
// writes a part of the name.
const maxOffered = 20

// offered are the options that stand under q as buttons, and of how many.
func offered(q card.Question, d Draft) (options []card.Option, of int) {
	options = q.Options
	if d.Search != "" {
		options = value.Matching(d.Search, options)
	}
	return options[:min(len(options), maxOffered)], len(options)
}

const (
	maxArg   = 20  // bytes of a value that a button carries as it is
	byNumber = "#" // begins the number of an option whose value is longer
)

// optionArg is how a button carries an option of q.
func optionArg(q card.Question, value string) string {
	if len(value) <= maxArg {
		return value
	}
	return byNumber + strconv.Itoa(slices.IndexFunc(q.Options, func(o card.Option) bool { return o.Value == value }))
}
