package card

import (
	"slices"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// Asks reports whether verb lacks a field that it cannot do without, or is a
// form by nature.
func Asks(r core.Record, verb core.Verb, preset map[core.Field]string) bool {
	must, may := core.Needs(r.Kind, verb, r.State)
	for _, f := range must {
		if _, given := preset[f]; !given {
			return true
		}
	}
	if slices.Contains(may, core.FieldFiles) && len(must) > 0 {
		return true // there may be something to send along
	}
	if preset[core.FieldCallResult] == core.CallMessage {
		return true // with whom
	}
	return len(must) == 0 && len(may) > 0
}

// Preset is what a button brought: the value of the verb's first field.
func Preset(r core.Record, verb core.Verb, arg string) map[core.Field]string {
	must, _ := core.Needs(r.Kind, verb, r.State)
	if arg == "" || len(must) == 0 {
		return nil
	}
	return map[core.Field]string{must[0]: arg}
}

// FormOf asks for the fields of a verb on the scene's record, with the values
// that it has already. preset are fields that the button brought.
func FormOf(s core.Scene, token string, verb core.Verb, preset map[core.Field]string) Form {
	must, may := core.Needs(s.Record.Kind, verb, s.Record.State)
	if must == nil && may == nil { // the state has moved on: what was begun can still be finished, and is judged then
		row, _ := core.LifecycleOf(s.Record.Kind).Verb(verb)
		must, may = row.Needs, row.Asks
	}
	return FormFor(verb, token, must, may, s, preset)
}

// FormFor asks for fields of a verb: those it must have and those it may.
func FormFor(verb core.Verb, token string, must, may []core.Field, s core.Scene, preset map[core.Field]string) Form {
	row, _ := core.LifecycleOf(s.Record.Kind).Verb(verb)
	f := Form{Token: token, Title: es.FormTitle(verb), Submit: es.FormSubmit(verb), Several: row.Several}
	if known := s.Record.State != core.None && s.Record.State != core.StateDraft; known && s.Record.ID != s.Viewer.ID {
		f.Intro = []string{es.Head(s)}
		if s.Record.Kind == core.KindAccount {
			f.Intro[0] += " · " + s.Record.Fields[core.FieldName]
		}
	}
	switch verb { //nolint:exhaustive // the others take nothing from anybody
	case core.VerbSuspend:
		f.Intro = append(f.Intro, es.NobodyLeft(s.Last, s.Agency)...)
	case core.VerbIssue:
		if warning := es.Unsettled(s.Record); warning != "" {
			f.Intro = append(f.Intro, warning)
		}
	case core.VerbRectify:
		f.Last, f.Agency = s.Last, s.Agency
	}
	if o, ok := s.Record.Observation(preset[core.FieldObservation]); ok {
		f.Title = es.ObservationButton(verb, o.N)
		f.Intro = append(f.Intro, es.Observation(o, verb == core.VerbAnswer))
	}
	for _, field := range slices.Concat(must, may) {
		if _, given := preset[field]; given {
			continue
		}
		q := question(s, verb, field)
		q.Needed = slices.Contains(must, field)
		q.Required = q.Needed || slices.Contains(core.RequestForm, field)
		f.Questions = append(f.Questions, q)
	}
	return f
}

// Corrects reports whether a verb's form shows what the record says, to be corrected.
func Corrects(v core.Verb) bool {
	return v == core.VerbAmend || v == core.VerbCorrect || v == core.VerbRectify
}

func question(s core.Scene, verb core.Verb, field core.Field) Question {
	spec := core.Specs[field]
	q := Question{
		Field: field, Spec: spec, Label: es.Ask(verb, field), Hint: es.Hint(verb, field),
	}
	switch {
	case field == core.FieldItems && Corrects(verb):
		q.Items = s.Record.Items
	case spec.Type != core.TypeUpload && (Corrects(verb) || field == core.FieldLetterNumber):
		q.Value = s.Record.Fields[field]
	}
	if field == core.FieldAgency && verb != core.VerbRegister {
		q = choosesAgency(q, s)
	}
	for _, v := range spec.Choices {
		q.Options = append(q.Options, Option{Label: es.Value(v), Value: v})
	}
	for _, p := range s.Choices[field] {
		label := PersonLabel(p)
		if field == core.FieldSubstitute {
			label = p.Name
		}
		q.Options = append(q.Options, Option{Label: label, Value: p.Account})
	}
	if q.Typed = len(q.Options) > MaxListed; q.Typed {
		q.Hint = es.TypedOption(len(q.Options))
	}
	return q
}

// choosesAgency is a question for an agency: one of the directory is chosen, by its key
// or its name. Where the directory has none, and of a new one, the key is written.
func choosesAgency(q Question, s core.Scene) Question {
	if q.Value == "" && s.Record.Kind == core.KindAccount {
		q.Value = s.Record.Agency
	}
	for _, a := range s.Agencies {
		q.Spec, q.Hint = core.Spec{Type: core.TypeChoice}, ""
		q.Options = append(q.Options, Option{Label: es.AgencyLabel(a), Value: a.Agency})
	}
	return q
}
