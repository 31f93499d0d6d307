package form

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"

	"sidem/bot/card"
	"sidem/core"
	"sidem/core/es"
)

// Command is what d asks for, of the questions in f: only what was changed, and what the
// verb cannot do without. Its Once is the same for the same answers.
func Command(d Draft, f card.Form) core.Command {
	c := core.Command{Kind: d.Kind, Verb: d.Verb, Fields: map[core.Field]string{}, Seen: d.Seen, Form: true}
	for _, q := range f.Questions {
		a, given := d.Answers[q.Field]
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
		case q.Needed && q.Value != "":
			c.Fields[q.Field] = q.Value
		}
	}
	for field, v := range d.Preset {
		if v != "" {
			c.Fields[field] = v
		}
	}
	c.Once = fmt.Sprintf("form:%s:%d:%s", d.ID, d.Round, digest(c))
	return c
}

// unchanged reports whether c brings nothing.
func unchanged(c core.Command) bool { return len(c.Fields)+len(c.Items)+len(c.Files) == 0 }

// digest tells one set of answers from another.
func digest(c core.Command) string {
	body, err := json.Marshal([]any{c.Fields, c.Items, c.Files}) // maps are written in the order of their keys
	if err != nil {                                              // none of these can fail
		panic(fmt.Sprintf("form: %v", err))
	}
	h := fnv.New64a()
	_, _ = h.Write(body) // never fails
	return strconv.FormatUint(h.Sum64(), 36)
}

// Corrected are the fields of a correction that were changed, in the order of f.
func corrected(d Draft, f card.Form) []core.Field {
	c := Command(d, f)
	var out []core.Field
	for _, q := range f.Questions {
		_, changed := c.Fields[q.Field]
		if q.Spec.Type == core.TypeLines && len(c.Items) > 0 || q.Spec.Type == core.TypeUpload && len(c.Files) > 0 || changed && !q.Needed {
			out = append(out, q.Field)
		}
	}
	return out
}

// proposal is an answer to q that follows from the others; "" for none.
func proposal(d Draft, f card.Form, q card.Question) string {
	if d.Verb != core.VerbCorrect || q.Field != core.FieldNote {
		return ""
	}
	var labels []string
	for _, field := range corrected(d, f) {
		labels = append(labels, es.Label(d.Verb, field))
	}
	return es.Corrected(labels)
}
