package form

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// A form of a verb that takes several acts at once (core.Transition.Several) holds the
// complete ones in Draft.Ready, and asks for the next. All are sent as one command.

// Another opens the questions anew for one more act, and Remove lets go of the open one.
const (
	Another Press = "another"
	Remove  Press = "remove"
)

// WordNth is the word of a button that opens an act that is ready; Arg: its number, from 0.
const WordNth = "~nth"

// Reopen is a press on an act that is ready, to correct it.
type Reopen struct{ N int }

func (Reopen) event() {}

// all are the answers of each act of d, the open one last.
func (d Draft) all() []map[core.Field]Answer {
	return append(slices.Clone(d.Ready), d.Answers)
}

// ready is d with the open act among those that are complete, and a new one open.
func (d Draft) ready(f card.Form) Draft {
	d.Ready, d.Answers, d.Rejected, d.Screens = d.all(), nil, nil, nil
	d.Way = InOrder
	return d.asking(f, 0)
}

// reopened is d with act n (from 0) open, and the one that was open among the others.
func (d Draft) reopened(n int) Draft {
	all := d.all()
	d.Answers, d.Rejected, d.Screens = all[n], nil, nil
	d.Ready = slices.Delete(all, n, n+1)
	if len(d.Ready) == 0 {
		d.Ready = nil
	}
	return d
}

// removed is d without the open act: the one before it is open, and complete.
func (d Draft) removed(f card.Form) Draft {
	last := len(d.Ready) - 1
	d.Answers, d.Rejected, d.Screens, d.Ready = d.Ready[last], nil, nil, d.Ready[:last]
	d.Way = InOrder
	return d.asking(f, len(f.Questions))
}

// another opens one more act, unless the open one lacks something or they are too many.
func (s step) another(d Draft) (Draft, Effect) {
	switch {
	case !s.form.Several || d.Stage != Reviewing:
		return d, Effect{Do: Ask}
	case lacking(d, s.form, s.now) >= 0:
		return s.press(d, Send)
	case len(d.Ready)+1 >= core.MaxSeveral:
		return d.saying(es.TooManyAtOnce(core.MaxSeveral)), Effect{Do: Ask}
	}
	return d.ready(s.form), Effect{Do: Ask}
}

// reopen opens an act that is ready at the fields to choose from.
func (s step) reopen(d Draft, e Reopen) (Draft, Effect) {
	if e.N < 0 || e.N >= len(d.Ready) || d.Stage != Choosing {
		return d, Effect{Do: Ask}
	}
	return d.reopened(e.N).choosing(), Effect{Do: Ask}
}

// title is that of the form, and which act is open where there are several.
func (d Draft) title(f card.Form) string {
	if len(d.Ready) == 0 {
		return f.Title
	}
	return f.Title + " · " + es.NthAct(len(d.Ready)+1)
}

// readyFacts are the acts of d that are complete, a line each.
func readyFacts(d Draft, f card.Form) []es.Fact {
	var out []es.Fact
	for i, answers := range d.Ready {
		one := d
		one.Answers = answers
		var parts []string
		for _, q := range f.Questions {
			if v := shown(q, one); v != "" {
				parts = append(parts, v)
			}
		}
		out = append(out, es.Fact{Label: es.NthAct(i + 1), Value: strings.Join(parts, " · "), Long: true})
	}
	return out
}

// FieldAnother is the control, on one screen, that asks whether one more act follows. It
// is no field of the core's.
const FieldAnother core.Field = "another"

// severally is f, filled with the open act of d, on a screen of its own: what the earlier
// ones hold is said above, and their controls go by other names, so that what was typed
// into them does not stand in this one.
func severally(d Draft, f card.Form) card.Form {
	if !f.Several {
		return f
	}
	n := len(d.Ready)
	f.Intro = slices.Clone(f.Intro)
	for _, fact := range readyFacts(d, f) {
		f.Intro = append(f.Intro, fact.Label+": "+fact.Value)
	}
	if n > 0 {
		f.Intro = append(f.Intro, es.Say(es.AnotherOrNone))
	}
	f.Questions = append(slices.Clone(f.Questions), card.Question{
		Field: FieldAnother, Spec: core.Spec{Type: core.TypeChoice}, Label: es.Say(es.AskAnother), Value: core.No,
		Options: []card.Option{{Label: es.Value(core.No), Value: core.No}, {Label: es.Value(core.Yes), Value: core.Yes}},
	})
	for i := range f.Questions {
		f.Questions[i].Field = nthField(f.Questions[i].Field, n)
		f.Questions[i].Required = f.Questions[i].Required && n == 0
	}
	return f
}

// nthMark stands between a field and the number of the act of its control.
const nthMark = "~"

func nthField(f core.Field, n int) core.Field {
	if n == 0 {
		return f
	}
	return core.Field(fmt.Sprint(f, nthMark, n))
}

// plainQuestion is q by the name of its field, whichever act its control is of.
func plainQuestion(q card.Question) card.Question {
	name, _, _ := strings.Cut(string(q.Field), nthMark)
	q.Field = core.Field(name)
	return q
}

// plainFields are values by field, whichever act their controls were of.
func plainFields[V any](of map[core.Field]V) map[core.Field]V {
	if !slices.ContainsFunc(slices.Collect(maps.Keys(of)), func(f core.Field) bool { return strings.Contains(string(f), nthMark) }) {
		return of
	}
	out := make(map[core.Field]V, len(of))
	for f, v := range of {
		name, _, _ := strings.Cut(string(f), nthMark)
		out[core.Field(name)] = v
	}
	return out
}

// plain is e as the form of one act.
func (e Whole) plain() Whole {
	return Whole{Values: plainFields(e.Values), Shown: plainFields(e.Shown), Files: plainFields(e.Files)}
}

// isOf reports whether e is a screen of act n.
func (e Whole) isOf(n int) bool {
	for f := range e.Values {
		if _, nth, _ := strings.Cut(string(f), nthMark); nth != "" && nth != fmt.Sprint(n) || nth == "" && n > 0 {
			return false
		}
	}
	return true
}

// Drawn are problems by the names of the controls that they are shown under.
func Drawn(d Draft, problems map[core.Field]string) map[core.Field]string {
	if len(problems) == 0 || len(d.Ready) == 0 {
		return problems
	}
	out := map[core.Field]string{}
	for f, p := range problems {
		out[nthField(f, len(d.Ready))] = p
	}
	return out
}

// nothing reports whether a screen was left empty.
func (e Whole) nothing() bool {
	for f, v := range e.Values {
		if f != FieldAnother && strings.TrimSpace(v) != "" {
			return false
		}
	}
	return len(e.Files) == 0
}
