package form

import (
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// Use is what files are taken for.
type Use string

// The uses of files.
const (
	ForNothing Use = ""       // what is open is answered in words
	ForUpload  Use = "upload" // they are kept
	ForSheet   Use = "sheet"  // of renglones
	ForPass    Use = "pass"   // what the code of a pass says
)

// Wants is what d would take files for.
func Wants(d Draft, f card.Form) Use {
	q, asks := d.Placed(f).Asks(f)
	switch {
	case d.Next != nil, d.Unsure != nil:
		return ForNothing
	case asks && q.Spec.Type == core.TypeLines:
		return ForSheet
	case asks && q.Field == core.FieldShown:
		return ForPass
	case uploads(f) >= 0:
		return ForUpload
	}
	return ForNothing
}

// Items are the renglones that d has.
func Items(d Draft, f card.Form) []core.Item {
	if i := at(f, core.FieldItems); i >= 0 {
		return present(f.Questions[i], d).Items
	}
	return nil
}

// Held are the files and the renglones that d has.
func Held(d Draft, f card.Form) Answer {
	return Answer{Files: d.Answers[core.FieldFiles].Files, Items: Items(d, f)}
}

// Typed are the answers that the person gave, in words, and what could not be taken.
func Typed(d Draft, f card.Form) []es.Fact {
	out := readyFacts(d, f)
	for _, q := range f.Questions {
		v := d.Rejected[q.Field]
		if _, given := d.Answers[q.Field]; given && v == "" {
			v = shown(q, d)
		}
		if v != "" {
			out = append(out, es.Fact{Label: es.Label(d.Verb, q.Field), Value: v, Long: true})
		}
	}
	return out
}
