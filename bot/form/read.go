package form

import (
	"strconv"
	"strings"
	"time"

	"sidem/bot/card"
	"sidem/core"
	"sidem/core/es"
)

// read is what a person wrote as the answer to q, in whatever form people write dates,
// hours and amounts; the text says what is wrong with it.
func read(q card.Question, text string, now time.Time) (Answer, string) {
	text = strings.TrimSpace(text)
	if q.Spec.Type == core.TypeLines {
		items, no := readItems(text)
		if no != nil {
			return Answer{}, es.Refuse(no, "", now)
		}
		return Answer{Items: items}, ""
	}
	v := canonical(q, text, now)
	if no := core.Check(q.Field, v, now); no != nil {
		no.Value = text
		if no.Reason == core.Future {
			no.Value = v
		}
		return Answer{}, es.Refuse(no, "", now)
	}
	return Answer{Value: v}, ""
}

func canonical(q card.Question, text string, now time.Time) string {
	switch q.Spec.Type {
	case core.TypeDate:
		return readDate(text, now)
	case core.TypeClock:
		return readClock(text)
	case core.TypeMoney:
		return strings.NewReplacer("$", "", ",", "", " ", "", "MXN", "", "mxn", "").Replace(text)
	case core.TypeDigits:
		return strings.ReplaceAll(text, " ", "")
	default:
		return text
	}
}

// written is an answer as people write it, and as a control shows it.
func written(q card.Question, a Answer) string {
	if q.Spec.Type == core.TypeLines {
		return itemsText(a.Items)
	}
	return a.Value
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

// readItems reads renglones: one on a line, 'description; quantity; unit; unit price; features'.
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

// itemsText are renglones as people type them: one on a line, parts separated by semicolons.
func itemsText(items []core.Item) string {
	lines := make([]string, len(items))
	for i, it := range items {
		part := []string{it.Description, strconv.FormatFloat(it.Quantity, 'f', -1, 64), it.Unit, "", it.Features}
		if it.Price > 0 {
			part[3] = strconv.FormatFloat(it.Price, 'f', -1, 64)
		}
		for len(part) > 3 && part[len(part)-1] == "" {
			part = part[:len(part)-1]
		}
		lines[i] = strings.Join(part, "; ")
	}
	return strings.Join(lines, "\n")
}
