package form

import (
	"time"

	"sidem/bot/card"
	"sidem/core"
	"sidem/core/es"
	"sidem/core/value"
)

// read is what a person wrote as the answer to q, in whatever form people write its
// type; the text says what is wrong with it, or asks which of two things is meant.
func read(q card.Question, text string, now time.Time) (Answer, string) {
	if q.Spec.Type == core.TypeLines {
		items, no := core.ParseItems(text)
		if no != nil {
			return Answer{}, es.Refuse(no, "", now)
		}
		return Answer{Items: items}, ""
	}
	v, no := core.Parse(q.Field, text, now)
	if no != nil {
		return Answer{}, es.Refuse(no, "", now)
	}
	return Answer{Value: v}, ""
}

// written is an answer as people write it, and as a control shows it: that of a day or
// an hour takes what is stored.
func written(q card.Question, a Answer) string {
	switch q.Spec.Type {
	case core.TypeLines:
		return value.PrintItems(a.Items)
	case core.TypeMoney:
		return core.Print(q.Field, a.Value)
	default:
		return a.Value
	}
}
