package core

import (
	"slices"

	"sidem.gob.mx/sidem/core/value"
)

// Content is what a form holds of a record: answers, renglones and annexes.
type Content struct {
	Fields map[Field]string // as the record keeps them
	Items  []Item
	Files  []Attachment
}

// Content is what r holds by now.
func (r Record) Content() Content { return Content{Fields: r.Fields, Items: r.Items, Files: r.Files} }

// Change is one field that is another than it was.
type Change struct {
	Field Field
	// Before and After are as the record keeps them; "" is none. Renglones and files
	// have none.
	Before, After string
	Items         *ItemsChange // of FieldItems only
	Files         []Attachment // of FieldFiles only: those that have come
}

// ItemsChange is what became of a list of renglones.
type ItemsChange struct {
	// Lines are the renglones that were changed, removed or added, by their place:
	// that which they have, or had. There are none where only the order is another.
	Lines         []ItemChange
	Before, After []Item
}

// ItemChange is one renglón that was changed, removed or added. Was and Is are its
// places before and after, from 1; 0 is none.
type ItemChange struct {
	Was, Is       int
	Before, After Item
}

// Count is how many renglones were added, removed and changed.
func (c ItemsChange) Count() (added, removed, changed int) {
	for _, l := range c.Lines {
		switch {
		case l.Was == 0:
			added++
		case l.Is == 0:
			removed++
		default:
			changed++
		}
	}
	return added, removed, changed
}

// Totals are what the renglones came to and come to, with VAT; false where a price is
// missing in one of them (Total).
func (c ItemsChange) Totals() (before, after value.Money, ok bool) {
	before, was := Total(c.Before)
	after, is := Total(c.After)
	return before, after, was && is
}

// Changes are those of fields that differ between two contents, in the order of
// fields. Files are only ever added.
func Changes(fields []Field, before, after Content) []Change {
	var out []Change
	for _, f := range fields {
		switch Specs[f].Type {
		case TypeLines:
			if !slices.Equal(before.Items, after.Items) {
				out = append(out, Change{Field: f, Items: itemsChange(before.Items, after.Items)})
			}
		case TypeUpload:
			if came := remaining(after.Files, before.Files); len(came) > 0 {
				out = append(out, Change{Field: f, Files: came})
			}
		case TypeText, TypeLong, TypeDate, TypeClock, TypeMoney, TypeDigits, TypeMail, TypePhone, TypeKey, TypeChoice, TypeChoices, TypePerson:
			if b, a := before.Fields[f], after.Fields[f]; b != a {
				out = append(out, Change{Field: f, Before: b, After: a})
			}
		}
	}
	return out
}

// remaining are all without as many of each as there are in gone.
func remaining(all, gone []Attachment) []Attachment {
	gone = slices.Clone(gone)
	return slices.DeleteFunc(slices.Clone(all), func(a Attachment) bool {
		i := slices.Index(gone, a)
		if i >= 0 {
			gone = slices.Delete(gone, i, i+1)
		}
		return i >= 0
	})
}

// itemsChange pairs the renglones of two lists. What stands in both is the same,
// wherever it stands; of the rest first those of one description are one, then those
// that differ in the description only, then those of one place.
func itemsChange(before, after []Item) *ItemsChange {
	from := make([]int, len(after)) // of each renglón after, its place before; 0 is none
	used := make([]bool, len(before))
	pair := func(same func(i, j int) bool) {
		for j := range after {
			for i := range before {
				if from[j] == 0 && !used[i] && same(i, j) {
					from[j], used[i] = i+1, true
				}
			}
		}
	}
	pair(func(i, j int) bool { return before[i] == after[j] && i == j })
	pair(func(i, j int) bool { return before[i] == after[j] })
	named, names := descriptions(before), descriptions(after)
	pair(func(i, j int) bool { return named[i] == names[j] })
	pair(func(i, j int) bool {
		renamed := before[i]
		renamed.Description = after[j].Description
		return renamed == after[j]
	})
	pair(func(i, j int) bool { return i == j })
	c := &ItemsChange{Before: before, After: after}
	for j, it := range after {
		switch was := from[j]; {
		case was == 0:
			c.Lines = append(c.Lines, ItemChange{Is: j + 1, After: it})
		case before[was-1] != it:
			c.Lines = append(c.Lines, ItemChange{Was: was, Is: j + 1, Before: before[was-1], After: it})
		}
	}
	for i, it := range before {
		if !used[i] {
			c.Lines = append(c.Lines, ItemChange{Was: i + 1, Before: it})
		}
	}
	slices.SortStableFunc(c.Lines, func(x, y ItemChange) int { return x.place() - y.place() })
	return c
}

// descriptions are those of items, for comparing.
func descriptions(items []Item) []string {
	out := make([]string, len(items))
	for i, it := range items {
		out[i] = value.Fold(it.Description)
	}
	return out
}

// place is where a renglón stands, or stood.
func (c ItemChange) place() int {
	if c.Is != 0 {
		return c.Is
	}
	return c.Was
}

// Corrected reports whether r waits for its release after it was returned and corrected.
func (r Record) Corrected() bool {
	return r.Kind == KindRequest && r.State == StateFiled && r.Did(VerbCorrect)
}

// Corrections are what has changed in a request since it was returned last, by its
// whole trail. Nothing of this is kept beside the trail: what there was before is in it.
func Corrections(trail []Event) []Change {
	var before, now Record
	returned := false
	for _, e := range trail {
		now = Apply(now, e)
		if e.Verb == VerbReturn && e.Refusal == nil {
			before, returned = now, true
		}
	}
	if !returned {
		return nil
	}
	return Changes(requestAsks, before.Content(), now.Content())
}
