package bot

import (
	"strconv"
	"strings"
	"time"

	"sidem/bot/card"
	"sidem/core"
)

// take reads what a person wrote as the answer to q, in whatever form people
// write dates, hours and amounts, and keeps it in the form the core stores.
func (k *talk) take(q card.Question, text string, now time.Time) *core.Refusal {
	text = strings.TrimSpace(text)
	if text == "" && !q.Required {
		return nil
	}
	if q.Spec.Type == core.TypeLines {
		items, no := readItems(text)
		if no != nil {
			return no
		}
		k.Items = items
		return nil
	}
	v := read(q, text, now)
	if no := core.Check(q.Field, v, now); no != nil {
		no.Value = text
		if no.Reason == core.Future {
			no.Value = v
		}
		return no
	}
	if (q.Spec.Type == core.TypeChoice || q.Spec.Type == core.TypePerson) && len(q.Options) > 0 && !isOption(q, v) {
		return &core.Refusal{Reason: core.Invalid, Field: q.Field, Value: text}
	}
	k.Values[q.Field] = v
	return nil
}

func isOption(q card.Question, v string) bool {
	for _, o := range q.Options {
		if o.Value == v {
			return true
		}
	}
	return false
}

func read(q card.Question, text string, now time.Time) string {
	switch q.Spec.Type {
	case core.TypeDate:
		return readDate(text, now)
	case core.TypeClock:
		return readClock(text)
	case core.TypeMoney:
		return strings.NewReplacer("$", "", ",", "", " ", "", "MXN", "", "mxn", "").Replace(text)
	case core.TypeDigits:
		return strings.ReplaceAll(text, " ", "")
	case core.TypeChoice, core.TypePerson:
		return option(q, text)
	case core.TypeChoices:
		var out []string
		for part := range strings.SplitSeq(text, ",") {
			out = append(out, option(q, strings.TrimSpace(part)))
		}
		return strings.Join(out, ",")
	default:
		return text
	}
}

// option is the value of the option that text names; text itself if none.
func option(q card.Question, text string) string {
	for _, o := range q.Options {
		if strings.EqualFold(o.Label, text) || o.Value == text {
			return o.Value
		}
	}
	return text
}

// readDate reads 23/11/2026, 23-11-2026, 23/11/26, 2026-11-23, hoy, ayer.
func readDate(text string, now time.Time) string {
	switch strings.ToLower(text) {
	case "hoy":
		return core.DateOf(now).String()
	case "ayer":
		return core.DateOf(now).Next(-1).String()
	}
	for _, layout := range []string{"2/1/2006", "2-1-2006", "2/1/06", time.DateOnly} {
		if d, err := time.Parse(layout, text); err == nil {
			return d.Format(time.DateOnly)
		}
	}
	return text
}

// readClock reads 10:05, 9:05, 10.05 and 1005.
func readClock(text string) string {
	text = strings.TrimSuffix(strings.TrimSpace(strings.ToLower(text)), "h")
	for _, layout := range []string{"15:04", "15.04", "1504"} {
		if c, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return c.Format("15:04")
		}
	}
	return text
}

// readItems reads renglones: one on a line, 'description; quantity; unit; unit price'.
func readItems(text string) ([]core.Item, *core.Refusal) {
	var out []core.Item
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		it, ok := readItem(line)
		if !ok || len(out) >= core.Specs[core.FieldItems].Max {
			return nil, &core.Refusal{Reason: core.Invalid, Field: core.FieldItems, Value: line}
		}
		out = append(out, it)
	}
	if len(out) == 0 {
		return nil, &core.Refusal{Reason: core.Missing, Field: core.FieldItems}
	}
	return out, nil
}

func readItem(line string) (core.Item, bool) {
	part := strings.Split(line, ";")
	if len(part) < 3 || len(part) > 5 {
		return core.Item{}, false
	}
	for i := range part {
		part[i] = strings.TrimSpace(part[i])
	}
	it := core.Item{Description: part[0], Unit: part[2]}
	var err error
	it.Quantity, err = strconv.ParseFloat(strings.ReplaceAll(part[1], ",", ""), 64)
	if err != nil || it.Quantity <= 0 || it.Quantity > 1e9 || it.Description == "" || it.Unit == "" {
		return core.Item{}, false
	}
	if len(part) > 3 && part[3] != "" {
		it.Price, err = strconv.ParseFloat(strings.NewReplacer("$", "", ",", "").Replace(part[3]), 64)
		if err != nil || it.Price < 0 || it.Price > 1e12 {
			return core.Item{}, false
		}
	}
	if len(part) > 4 {
		it.Features = part[4]
	}
	return it, true
}
