package form

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
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
	if q.Field == core.FieldMany { // "1, 3" are the requests of these numbers
		if v, no := core.Parse(q.Field, numbers.ReplaceAllStringFunc(text, asNumber), now, q.Options...); no == nil {
			return Answer{Value: v}, nil
		}
	}
	v, no := core.Parse(q.Field, text, now, q.Options...)
	return Answer{Value: v}, no
}

// numbers are the numbers of requests in a text, with a year or without.
var numbers = regexp.MustCompile(`\b\d{1,6}(/\d{4})?\b`)

// asNumber is a number as the label of its request begins with it.
func asNumber(s string) string {
	n, year, dated := strings.Cut(s, "/")
	if n = fmt.Sprintf("%06s", n); dated {
		return n + "/" + year
	}
	return n
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
