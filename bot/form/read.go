package form

import (
	"slices"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
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

// readings are what text can mean as the answer to q, where it can mean several things,
// or what it nearly is: each of them, sent back, is read without a question.
func readings(q card.Question, text string, now time.Time) []string {
	if q.Spec.Type == core.TypeLines || len(q.Options) > 0 {
		return nil
	}
	_, no := core.Parse(q.Field, text, now)
	switch {
	case no == nil:
	case no.Reason == core.Ambiguous:
		return no.Readings
	case no.Suggest != "":
		if _, refused := core.Parse(q.Field, no.Suggest, now); refused == nil {
			return []string{no.Suggest}
		}
	}
	return nil
}

// today are renglones as they are kept today: their texts had tabs before.
func today(items []core.Item) []core.Item {
	items = slices.Clone(items)
	for i, it := range items {
		items[i].Description, items[i].Unit, items[i].Features = value.Line(it.Description), value.Line(it.Unit), value.Text(it.Features)
	}
	return items
}

// written is an answer as people write it, and as a control shows it: that of a day or
// an hour takes what is stored.
func written(q card.Question, a Answer) string {
	switch q.Spec.Type {
	case core.TypeLines:
		return value.PrintItems(today(a.Items))
	case core.TypeMoney:
		return core.Print(q.Field, a.Value)
	case core.TypeLong: // as it is kept today: earlier texts have tabs
		return value.Text(a.Value)
	default:
		return a.Value
	}
}
