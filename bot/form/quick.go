package form

import (
	"slices"
	"strconv"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// quick are answers to q that most people would write, as buttons: each value is read
// like what is written.
func quick(q card.Question, d Draft, f card.Form) []card.Option {
	switch {
	case len(d.Readings) > 0:
		return asOptions(d.Readings)
	case q.Spec.Type == core.TypeDate && q.Spec.Past:
		return []card.Option{{Label: es.Say(es.ButtonToday), Value: "hoy"}, {Label: es.Say(es.ButtonYesterday), Value: "ayer"}}
	case q.Field == core.FieldReceivedTime:
		return []card.Option{{Label: es.Say(es.ButtonNow), Value: "ahora"}}
	case q.Field == core.FieldAmount:
		total, ok := core.Total(Items(d, f))
		if ok && !total.IsZero() && total.Stored() != present(q, d).Value {
			return []card.Option{{Label: es.UseTotal(total.Stored()), Value: total.Stored()}}
		}
	case len(d.Earlier[q.Field]) > 0:
		return asOptions(slices.DeleteFunc(slices.Clone(d.Earlier[q.Field]), func(v string) bool { return v == present(q, d).Value }))
	}
	return nil
}

func asOptions(values []string) []card.Option {
	var out []card.Option
	for _, v := range values {
		out = append(out, card.Option{Label: es.Clip(v, maxLabel), Value: v})
	}
	return out
}

// maxLabel is how many letters of an earlier answer a button shows.
const maxLabel = 40

// quickArg is how a button carries one of quick's answers: by its number where it is long.
func quickArg(often []card.Option, value string) string {
	if len(value) <= maxArg {
		return value
	}
	return byNumber + strconv.Itoa(slices.IndexFunc(often, func(o card.Option) bool { return o.Value == value }))
}

// doubt asks about an amount that is not what the renglones come to, once for each two
// of them: sent or left as it is after that, it is meant. It is "" where there is nothing
// to ask.
func doubt(d Draft, f card.Form) (Draft, string) {
	i := at(f, core.FieldAmount)
	_, changed := d.Answers[core.FieldItems]
	_, given := d.Answers[core.FieldAmount]
	if i < 0 || !changed && !given {
		return d, ""
	}
	a := present(f.Questions[i], d)
	total, differs := core.AmountDiffers(a.Value, Items(d, f))
	if !differs || d.Doubted == both(a.Value, total) {
		return d, ""
	}
	d.Doubted = both(a.Value, total)
	return d, es.AmountDiffers(a.Value, total.Stored())
}

func both(amount string, total value.Money) string { return amount + "/" + total.Stored() }
