package form

import (
	"time"

	"sidem/bot/card"
	"sidem/core"
	"sidem/core/value"
)

// read is what a person wrote as the answer to q, in whatever form people write its
// type, or why it is none.
func read(q card.Question, text string, now time.Time) (Answer, *core.Refusal) {
	if q.Spec.Type == core.TypeLines {
		items, no := core.ParseItems(text)
		return Answer{Items: items}, no
	}
	v, no := core.Parse(q.Field, text, now, q.Options...)
	return Answer{Value: v}, no
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
