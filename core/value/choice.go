package value

import (
	"slices"
	"strings"
	"unicode"
)

// Option is one of what can be chosen: a value that is kept, and the label that
// people read.
type Option struct{ Value, Label string }

// ParseChoice reads the label of one of options, or its value, or so much of the
// beginnings of its words that it can be no other: "héctor" or "mol héc" for "Héctor
// Molina". Case and accents do not count, and of a name at least three characters are
// written. It returns the value, or *Invalid, or *Ambiguous with the labels that fit.
func ParseChoice(text string, options []Option) (string, error) {
	s := Fold(text)
	if s == "" {
		return "", &Invalid{Kind: KindChoice, Why: WhyEmpty}
	}
	var found []Option
	for _, o := range options {
		if o.Value == strings.TrimSpace(text) || Fold(o.Label) == s {
			found = append(found, o)
		}
	}
	if len(found) == 0 && Length(s) >= minPart {
		found = Matching(s, options)
	}
	switch len(found) {
	case 0:
		return "", &Invalid{Kind: KindChoice, Why: WhyUnknown}
	case 1:
		return found[0].Value, nil
	}
	no := &Ambiguous{Kind: KindChoice}
	for _, o := range found {
		no.Readings = append(no.Readings, o.Label)
	}
	return "", no
}

// minPart is how much of a label names its option, in characters.
const minPart = 3

// Matching are the options of whose label every word of text begins a word.
func Matching(text string, options []Option) []Option {
	wanted := words(text)
	if len(wanted) == 0 {
		return nil
	}
	var out []Option
	for _, o := range options {
		label := words(o.Label)
		if !slices.ContainsFunc(wanted, func(w string) bool {
			return !slices.ContainsFunc(label, func(l string) bool { return strings.HasPrefix(l, w) })
		}) {
			out = append(out, o)
		}
	}
	return out
}

func words(s string) []string {
	return strings.FieldsFunc(Fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// ParseChoices reads one or more choices, separated by commas, semicolons, lines or
// "y". It returns their values in the order in which they are written, which may mean
// something, each once.
func ParseChoices(text string, options []Option) ([]string, error) {
	var chosen []string
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		more, err := choose(part, options)
		if err != nil {
			return nil, err
		}
		for _, v := range more {
			if !slices.Contains(chosen, v) {
				chosen = append(chosen, v)
			}
		}
	}
	if len(chosen) == 0 {
		return nil, &Invalid{Kind: KindChoice, Why: WhyEmpty}
	}
	return chosen, nil
}

// choose is the choice that part names, or those on both sides of its "y".
func choose(part string, options []Option) ([]string, error) {
	if strings.TrimSpace(part) == "" {
		return nil, nil
	}
	v, err := ParseChoice(part, options)
	if err == nil {
		return []string{v}, nil
	}
	words := strings.Fields(part)
	for i, w := range words {
		if w != "y" && w != "e" || i == 0 || i == len(words)-1 {
			continue
		}
		first, errFirst := ParseChoice(strings.Join(words[:i], " "), options)
		if errFirst != nil {
			return nil, errFirst
		}
		rest, errRest := choose(strings.Join(words[i+1:], " "), options)
		if errRest != nil {
			return nil, errRest
		}
		return append([]string{first}, rest...), nil
	}
	return nil, err
}

// PrintChoices are the labels of values, as ParseChoices reads them.
func PrintChoices(values []string, options []Option) string {
	var labels []string
	for _, v := range values {
		for _, o := range options {
			if o.Value == v {
				labels = append(labels, o.Label)
			}
		}
	}
	return strings.Join(labels, ", ")
}
