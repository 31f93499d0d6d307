package form

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// Command is what d asks for, of the questions in f: only what was changed, and what the
// verb cannot do without. Its Once is the same for the same answers.
func Command(d Draft, f card.Form) core.Command {
	var c core.Command
	for n, answers := range d.all() {
		one := d
		one.Answers = answers
		if n == 0 {
			c = command(one, f)
			continue
		}
		c.Also = append(c.Also, command(one, f).Fields)
	}
	c.Once = fmt.Sprintf("form:%s:%d:%s", d.ID, d.Round, digest(c))
	return c
}

// command is what the open act of d asks for.
func command(d Draft, f card.Form) core.Command {
	c := core.Command{Kind: d.Kind, Verb: d.Verb, Fields: map[core.Field]string{}, Seen: d.Seen, Form: true}
	for _, q := range f.Questions {
		a, given := d.Answers[q.Field]
		if given {
			a = present(q, d)
		}
		switch {
		case q.Spec.Type == core.TypeUpload:
			c.Files = append(c.Files, a.Files...)
		case q.Spec.Type == core.TypeLines:
			if given && !slices.Equal(a.Items, q.Items) || q.Needed && len(a.Items) > 0 {
				c.Items = a.Items
			} else if q.Needed {
				c.Items = q.Items
			}
		case given && a.Value != q.Value:
			c.Fields[q.Field] = a.Value
		case q.Needed && !given && present(q, d).Value != "":
			c.Fields[q.Field] = present(q, d).Value
		case q.Needed && q.Value != "":
			c.Fields[q.Field] = q.Value
		}
	}
	for field, v := range d.Preset {
		if v != "" {
			c.Fields[field] = v
		}
	}
	return c
}

// unchanged reports whether c brings nothing.
func unchanged(c core.Command) bool { return len(c.Fields)+len(c.Items)+len(c.Files) == 0 }

// digest tells one set of answers from another.
func digest(c core.Command) string {
	parts := []any{c.Fields, c.Items, c.Files}
	if len(c.Also) > 0 {
		parts = append(parts, c.Also)
	}
	body, err := json.Marshal(parts) // maps are written in the order of their keys
	if err != nil {                  // none of these can fail
		panic(fmt.Sprintf("form: %v", err))
	}
	h := fnv.New64a()
	_, _ = h.Write(body) // never fails
	return strconv.FormatUint(h.Sum64(), 36)
}

// corrected is what d changes of what f shows, beside what a correction says of itself.
func corrected(d Draft, f card.Form) []core.Change {
	var fields []core.Field
	before, after := core.Content{Fields: map[core.Field]string{}}, core.Content{Fields: map[core.Field]string{}}
	for _, q := range f.Questions {
		if closes(d, q) {
			continue
		}
		fields = append(fields, q.Field)
		a := present(q, d)
		before.Fields[q.Field], after.Fields[q.Field] = q.Value, a.Value
		switch q.Spec.Type {
		case core.TypeLines:
			before.Items, after.Items = q.Items, a.Items
		case core.TypeUpload:
			after.Files = append(after.Files, a.Files...)
		default:
		}
	}
	return core.Changes(fields, before, after)
}

// proposal is an answer to q that follows from the others; "" for none.
func proposal(d Draft, f card.Form, q card.Question) string {
	if d.Verb != core.VerbCorrect || q.Field != core.FieldNote {
		return ""
	}
	var labels []string
	for _, c := range corrected(d, f) {
		labels = append(labels, es.Field(c.Field))
	}
	return es.Corrected(labels)
}
