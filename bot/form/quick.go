package form

import (
	"sidem/bot/card"
	"sidem/core"
	"sidem/core/es"
	"sidem/core/value"
)

// quick are answers to q that most people would write, as buttons: each value is read
// like what is written.
func quick(q card.Question, d Draft, f card.Form) []card.Option {
	switch {
	case len(d.Readings) > 0:
		var out []card.Option
		for _, r := range d.Readings {
			if len(r) <= maxArg {
				out = append(out, card.Option{Label: r, Value: r})
			}
		}
		return out
	case q.Spec.Type == core.TypeDate && q.Spec.Past:
		return []card.Option{{Label: es.Say(es.ButtonToday), Value: "hoy"}, {Label: es.Say(es.ButtonYesterday), Value: "ayer"}}
	case q.Field == core.FieldReceivedTime:
		return []card.Option{{Label: es.Say(es.ButtonNow), Value: "ahora"}}
	case q.Field == core.FieldAmount:
		total, ok := core.Total(Items(d, f))
		if ok && !total.IsZero() && total.Stored() != present(q, d).Value {
			return []card.Option{{Label: es.UseTotal(total.Stored()), Value: total.Stored()}}
		}
	}
	return nil
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
