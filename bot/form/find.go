package form

import (
	"slices"
	"strconv"
	"strings"

	"sidem/bot/card"
	"sidem/core"
	"sidem/core/es"
)

// find is the value of the option of q that text names: by its label, or as the only
// one that has all its words. Where several have them, search is what to offer them by;
// where none has, problem says so.
func find(q card.Question, text string) (value, search, problem string) {
	text = strings.TrimSpace(text)
	words := core.Words(text)
	for _, o := range q.Options {
		if o.Value == text || strings.EqualFold(o.Label, text) || len(words) > 0 && slices.Equal(core.Words(o.Label), words) {
			return o.Value, "", ""
		}
	}
	switch found := matching(q.Options, text); {
	case len(found) == 1:
		return found[0].Value, "", ""
	case len(found) > 1:
		return "", text, ""
	}
	return "", "", es.NoOption(text, len(q.Options) > maxOffered)
}

// matching are the options that have every word of text, or the beginning of it.
func matching(options []card.Option, text string) []card.Option {
	words := core.Words(text)
	if len(words) == 0 {
		return nil
	}
	var out []card.Option
	for _, o := range options {
		label := core.Words(o.Label)
		if !slices.ContainsFunc(words, func(w string) bool {
			return !slices.ContainsFunc(label, func(l string) bool { return strings.HasPrefix(l, w) })
		}) {
			out = append(out, o)
		}
	}
	return out
}

// maxOffered is how many options stand under a question as buttons: of more, the person
// writes a part of the name.
const maxOffered = 20

// offered are the options that stand under q as buttons, and of how many.
func offered(q card.Question, d Draft) (options []card.Option, of int) {
	options = q.Options
	if d.Search != "" {
		options = matching(options, d.Search)
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
