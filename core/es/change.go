package es

import (
	"fmt"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core"
)

// The bounds of what a card says of changes: how many, and how much of each text.
const (
	maxChanges = 5
	maxExcerpt = 60
	maxNote    = 300
)

// corrections are what a correction changed, on the card of whoever is to release: what
// its author says of it, and a line for each change, cut where that is long.
func corrections(s core.Scene) []string {
	if !correctedByAnother(s) {
		return nil
	}
	var out []string
	if said := correctionNote(s); said != "" {
		out = append(out, doer(s, core.VerbCorrect)+" indica: "+said)
	}
	if len(s.Changes) == 0 {
		return append(out, Say(NoChanges))
	}
	lines := []string{"Qué cambió desde que se devolvió:"}
	for _, c := range s.Changes[:min(len(s.Changes), maxChanges)] {
		line, _ := changed(c)
		lines = append(lines, line)
	}
	if more := len(s.Changes) - maxChanges; more > 0 {
		lines = append(lines, "Y "+Count(more, "cambio más", "cambios más")+".")
	}
	return append(out, strings.Join(lines, "\n"))
}

// correctedByAnother reports whether a scene's request waits for its release after a
// correction that was not its viewer's.
func correctedByAnother(s core.Scene) bool {
	return s.Record.Corrected() && s.Viewer.ID != s.Record.Acts[core.VerbCorrect].By
}

// correctionNote is what the last correction says of itself, unless it is what its
// changes say.
func correctionNote(s core.Scene) string {
	for _, e := range slices.Backward(s.Trail) {
		if e.Verb != core.VerbCorrect {
			continue
		}
		said := e.Fields[core.FieldNote]
		var labels []string
		for _, c := range s.Changes {
			labels = append(labels, Field(c.Field))
		}
		if said == Corrected(labels) {
			return ""
		}
		return clip(said, maxNote)
	}
	return ""
}

// ChangesAreCut reports whether the card of a scene shows what a correction changed,
// but not the whole of it.
func ChangesAreCut(s core.Scene) bool {
	if !correctedByAnother(s) {
		return false
	}
	cut := len(s.Changes) > maxChanges
	for _, c := range s.Changes {
		_, short := changed(c)
		cut = cut || short
	}
	return cut
}

// changed is a change in a line; cut says that it is more than that.
func changed(c core.Change) (line string, cut bool) {
	label := Field(c.Field) + ": "
	switch {
	case c.Items != nil:
		return label + itemsChanged(*c.Items), true
	case len(c.Files) > 0:
		var names []string
		for _, f := range c.Files {
			names = append(names, f.Name)
		}
		text := List(names)
		switch {
		case len([]rune(text)) > 2*maxExcerpt:
			return fmt.Sprint("Anexos: se agregaron ", len(names)), true
		case len(names) > 1:
			return "Anexos: se agregaron " + text, false
		}
		return "Anexos: se agregó " + text, false
	}
	before, after := FieldValue(c.Field, c.Before), FieldValue(c.Field, c.After)
	before, after, cut = excerpts(before, after)
	switch {
	case before != after:
	case slices.Equal(strings.Fields(c.Before), strings.Fields(c.After)):
		return label + "cambió la separación entre líneas", true
	default:
		return label + "cambió el texto", true
	}
	return label + side(c.Field, before) + " → " + side(c.Field, after), cut
}

// side is one of the two values of a change: a text stands in quotes.
func side(f core.Field, v string) string {
	switch t := core.Specs[f].Type; {
	case v == "":
		return "sin dato"
	case t == core.TypeText || t == core.TypeLong:
		return "“" + v + "”"
	}
	return v
}

// excerpts are two texts in a line each, from a little before the first word in which
// they differ.
func excerpts(before, after string) (b, a string, cut bool) {
	const lead = 3 // words before the difference
	x, y := strings.Fields(before), strings.Fields(after)
	b, a = strings.Join(x, " "), strings.Join(y, " ")
	if max(len([]rune(b)), len([]rune(a))) <= maxExcerpt {
		return b, a, b != before || a != after
	}
	same := 0
	for same < min(len(x), len(y)) && x[same] == y[same] {
		same++
	}
	if same = max(0, same-lead); same > 0 {
		b, a = "…"+strings.Join(x[same:], " "), "…"+strings.Join(y[same:], " ")
	}
	return clip(b, maxExcerpt), clip(a, maxExcerpt), true
}

// itemsChanged is what became of the renglones: how many, and what they come to.
func itemsChanged(c core.ItemsChange) string {
	added, removed, altered := c.Count()
	var parts []string
	for _, p := range []struct {
		n         int
		one, many string
	}{{altered, "cambió", "cambiaron"}, {added, "se agregó", "se agregaron"}, {removed, "se quitó", "se quitaron"}} {
		switch {
		case p.n == 1:
			parts = append(parts, p.one+" 1")
		case p.n > 1:
			parts = append(parts, fmt.Sprint(p.many, " ", p.n))
		}
	}
	text := List(parts)
	if text == "" {
		text = "cambió el orden"
	}
	if before, after, ok := c.Totals(); ok {
		total := "; el total con IVA era " + Pesos(before) + " y es " + Pesos(after)
		if before == after {
			total = "; el total con IVA sigue en " + Pesos(after)
		}
		text += total
	}
	return text
}

// Comparison is page n (from 0) of what a correction changed, in full: what there was
// before, and what there is now. last is the number of the last page.
func Comparison(s core.Scene, n int) (story Story, last int) {
	var all []string
	for _, c := range s.Changes {
		all = append(all, compared(c)...)
	}
	pages := paged(all, maxPage)
	last = max(0, len(pages)-1)
	n = min(max(n, 0), last)
	story = Story{Title: "Cambios desde que se devolvió", Head: Head(s), Subject: s.Record.Fields[core.FieldSubject]}
	story.Title = onPage(story.Title, n, last)
	if len(pages) == 0 {
		story.Text = []string{Say(NoChanges)}
		return story, last
	}
	story.Text = pages[n]
	return story, last
}

// compared are the paragraphs of a change in full.
func compared(c core.Change) []string {
	label := Field(c.Field)
	switch {
	case c.Items != nil:
		out := []string{label + ": " + itemsChanged(*c.Items) + "."}
		for _, l := range c.Items.Lines {
			out = append(out, lineCompared(l))
		}
		return out
	case len(c.Files) > 0:
		lines := []string{"Anexos que se agregaron:"}
		for _, f := range c.Files {
			lines = append(lines, f.Name+" · "+Weight(f.Size))
		}
		return []string{strings.Join(lines, "\n")}
	}
	was, is := "sin dato", "sin dato"
	if c.Before != "" {
		was = FieldValue(c.Field, c.Before)
	}
	if c.After != "" {
		is = FieldValue(c.Field, c.After)
	}
	if len([]rune(was))+len([]rune(is)) < maxPage/2 {
		return []string{label + "\nAntes: " + was + "\nAhora: " + is}
	}
	return []string{label + ", antes:\n" + was, label + ", ahora:\n" + is}
}

func lineCompared(l core.ItemChange) string {
	switch {
	case l.Was == 0:
		return fmt.Sprintf("Renglón %d, se agregó\n%s", l.Is, itemInFull(l.After))
	case l.Is == 0:
		return fmt.Sprintf("Renglón %d anterior, se quitó\n%s", l.Was, itemInFull(l.Before))
	default:
		return fmt.Sprintf("Renglón %d, cambió\nAntes: %s\nAhora: %s", l.Is, itemInFull(l.Before), itemInFull(l.After))
	}
}

// itemInFull is all that is known of a renglón.
func itemInFull(it core.Item) string {
	line := it.Description + " (" + quantity(it) + ")"
	if !it.Price.IsZero() {
		line += ", a " + Pesos(it.Price) + " por unidad"
	}
	return strings.Join(nonEmpty(line, it.Features), "\n")
}
