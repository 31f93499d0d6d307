package form

import (
	"slices"
	"strconv"
	"strings"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// words are the answer to the question that is open, if one is: unless they may be meant
// for SIDEM.
func (s step) words(d Draft, e Words) (Draft, Effect) {
	early, pending := s.early(d, e)
	switch open, unsure := s.unsureOf(e); {
	case s.isToAnother(d) && !e.Help && !unsure:
		return s.replied(d, e)
	case s.addsItems(d, e):
		return s.join(d, Unsure{Words: e, From: s.act.From, Early: true, After: d.Last})
	case pending && !e.Help && !unsure:
		d.Unsure = early
		return d, Effect{Do: Ask}
	case s.act.Elsewhere && !e.Help && !unsure:
		return d.refusing(es.RepliedElsewhere(e.Text)), Effect{Do: Ask}
	case e.Quoted:
		if q, asks := d.Asks(s.form); !asks || !isContent(q) {
			return d.saying(es.Say(es.QuotedNotTaken)), Effect{Do: Ask}
		}
	case s.namesOption(d, e.Text):
	case e.Help:
		return d.saying(d.help(s.form)), Effect{Do: Ask}
	case unsure:
		d.Unsure = open
		return d, Effect{Do: Ask}
	}
	return s.answered(d, e)
}

// isContent reports whether the answer to q is a text that people pass on: what decides or
// proves something they write themselves.
func isContent(q card.Question) bool {
	switch q.Spec.Type { //nolint:exhaustive // the others are chosen, or short
	case core.TypeLong, core.TypeLines:
		return true
	case core.TypeText:
		return q.Field != core.FieldShown && q.Field != core.FieldIdentified
	}
	return false
}

// namesOption reports whether words name an option of the open question.
func (s step) namesOption(d Draft, text string) bool {
	q, asks := d.Asks(s.form)
	if !asks || len(q.Options) == 0 {
		return false
	}
	a, _, problem := s.answer(q, text)
	return problem == "" && !a.empty()
}

// answered takes words as the answer to the question that is open, if one is.
func (s step) answered(d Draft, e Words) (Draft, Effect) {
	q, asks := d.Asks(s.form)
	if !asks {
		return d.saying(es.Say(es.ChooseBelow)), Effect{Do: Ask}
	}
	if q.Spec.Type == core.TypeUpload {
		if es.SaysNoMore(e.Text) {
			return s.goOn(d)
		}
		words := es.WordsNoFile
		if q.Required || !present(q, d).empty() {
			words = es.WordsAtFiles
		}
		return d.refusing(es.Say(words)), Effect{Do: Ask}
	}
	if !q.Required && es.SaysUnset(e.Text) {
		return s.advance(d.unasked().with(q.Field, blank(q)))
	}
	a, search, problem := s.answer(q, e.Text)
	note := ""
	if e.Table != nil && q.Spec.Type == core.TypeLines {
		a, problem, note = Answer{Items: e.Table.Items}, e.Table.Problem, e.Table.Note
	}
	if problem == "" && search == "" && q.Field == core.FieldReceivedTime {
		if i := at(s.form, core.FieldReceivedDate); i >= 0 {
			if no := core.HourToCome(present(s.form.Questions[i], d).Value, a.Value, s.now); no != nil {
				problem = es.Refuse(no, "", s.now)
			}
		}
	}
	if problem != "" || search != "" {
		d.Search, d.Mending, d.Readings, d.Left = search, s.act.From, readings(q, e.Text, s.now), false
		return d.refusing(problem), Effect{Do: Ask}
	}
	a.From, a.Parts = s.act.From, e.Parts
	note = lines(note, vanished(present(q, d), a))
	d = d.unasked().with(q.Field, a)
	d.Last = q.Field
	return d.telling(note, "")(s.given(d, q))
}

// vanished tells of the renglones that an answer takes the place of and does not hold: what
// was meant to be added to them would replace them in silence.
func vanished(before, after Answer) string {
	var names []string
	for _, it := range before.Items {
		if !slices.ContainsFunc(after.Items, func(o core.Item) bool { return o.Description == it.Description }) {
			names = append(names, it.Description)
		}
	}
	return es.ItemsVanished(names)
}

// given goes on from an answer to q, unless there is something to ask about it. Renglones
// that are corrected by themselves have the amount asked for that they do not come to: in
// order it is asked for after them.
func (s step) given(d Draft, q card.Question) (Draft, Effect) {
	if q.Field != core.FieldAmount && (q.Field != core.FieldItems || d.Way == InOrder) {
		return s.advance(d)
	}
	d, asked := doubt(d, s.form)
	if asked == "" {
		return s.advance(d)
	}
	return d.asking(s.form, at(s.form, core.FieldAmount)).saying(asked), Effect{Do: Ask}
}

// answer is what text says to q. search is not empty where it names several of the
// options of which one is chosen: they are offered.
func (s step) answer(q card.Question, text string) (a Answer, search, problem string) {
	if q.Spec.Type == core.TypeUpload {
		return Answer{}, "", es.Refuse(&core.Refusal{Reason: core.Missing, Field: q.Field}, "", s.now)
	}
	a, no := read(q, text, s.now)
	if no == nil && s.names(q) {
		no = core.Passing(q.Field, a.Value)
	}
	switch {
	case no == nil:
		return a, "", ""
	case len(q.Options) == 0:
	case no.Reason == core.Ambiguous && q.Spec.Type == core.TypeChoices:
		return Answer{}, "", es.SeveralOptions(no.Readings)
	case no.Reason == core.Ambiguous:
		return Answer{}, text, ""
	case no.Why == value.WhyUnknown && q.Spec.Type == core.TypeChoices:
		return Answer{}, "", es.NoChoice(text)
	case no.Why == value.WhyUnknown:
		return Answer{}, "", es.NoOption(text, len(q.Options) > maxOffered)
	}
	return Answer{}, "", es.Refuse(no, "", s.now)
}

// names reports whether the answer to q is the name of a person: an agency has one too, and
// no profile.
func (s step) names(q card.Question) bool {
	return q.Field == core.FieldReceivedBy || q.Field == core.FieldName && at(s.form, core.FieldProfile) >= 0
}

// amended takes the edit of a message that answered a question, or was not taken as the
// answer to the one that is open.
func (s step) amended(d Draft, e Amended) (Draft, Effect) {
	if q, asks := d.Asks(s.form); asks && d.Mending != "" && d.Mending == s.act.From {
		if q.Spec.Type != core.TypeUpload {
			return s.words(d, Words{Text: e.Text, Table: e.Table})
		}
	}
	i := at(s.form, d.AnsweredBy(s.act.From))
	switch {
	case i < 0:
		return d, Effect{}
	case d.Answers[s.form.Questions[i].Field].Parts > 1: // of what was joined one part was edited
		return d.saying(es.Say(es.EditOfPart)), Effect{Do: Ask}
	}
	return s.instead(d, s.form.Questions[i], Words{Text: e.Text, Table: e.Table})
}

// isToAnother reports whether words were written under the question of another field than the
// one that is open.
func (s step) isToAnother(d Draft) bool {
	q, asks := d.Asks(s.form)
	return s.act.To != "" && at(s.form, s.act.To) >= 0 && (!asks || q.Field != s.act.To)
}

// replied takes words that were written under an earlier question as the answer to that one.
func (s step) replied(d Draft, e Words) (Draft, Effect) {
	q := s.form.Questions[at(s.form, s.act.To)]
	if e.Quoted && !isContent(q) {
		return d.saying(es.Say(es.QuotedNotTaken)), Effect{Do: Ask}
	}
	return s.instead(d, q, e)
}

// instead has words be the answer to q, which need not be open, in place of the one that it
// has.
func (s step) instead(d Draft, q card.Question, e Words) (Draft, Effect) {
	a, _, problem := s.answer(q, e.Text)
	note := ""
	switch {
	case e.Table != nil && q.Spec.Type == core.TypeLines:
		a, problem, note = Answer{Items: e.Table.Items}, e.Table.Problem, e.Table.Note
	case !q.Required && q.Spec.Type != core.TypeUpload && es.SaysUnset(e.Text):
		a, problem = Answer{Blank: true}, ""
	}
	if problem != "" || a.empty() && !a.Blank {
		return d.saying(es.EditRefused(es.Label(d.Verb, q.Field), problem)), Effect{Do: Ask}
	}
	a.From, a.Parts = s.act.From, e.Parts
	note = lines(note, vanished(present(q, d), a))
	d, asked := doubt(d.with(q.Field, a), s.form)
	return d.saying(lines(es.EditTaken(es.Label(d.Verb, q.Field), shown(q, d)), note, asked)), Effect{Do: Ask}
}

// choice takes an option as the answer, or as one more or less of several.
func (s step) choice(d Draft, e Choice) (Draft, Effect) {
	q, asks := d.Asks(s.form)
	if !asks {
		return d, Effect{Do: Ask}
	}
	often := quick(q, d, s.form)
	if i := slices.IndexFunc(often, func(o card.Option) bool { return quickArg(often, o.Value) == e.Value }); i >= 0 {
		return s.answered(d, Words{Text: often[i].Value})
	}
	v, ok := optionOf(q, e.Value)
	if !ok {
		return d.saying(es.Say(es.OptionGone)), Effect{Do: Ask}
	}
	if q.Spec.Type != core.TypeChoices {
		return s.advance(d.with(q.Field, Answer{Value: v}))
	}
	chosen := split(present(q, d).Value)
	if i := slices.Index(chosen, v); i >= 0 {
		chosen = slices.Delete(chosen, i, i+1)
	} else {
		chosen = append(chosen, v)
	}
	d.Mending = "" // it is answered
	if len(chosen) == 0 {
		return d.with(q.Field, blank(q)), Effect{Do: Ask}
	}
	return d.with(q.Field, Answer{Value: strings.Join(chosen, ",")}), Effect{Do: Ask}
}

// optionOf is the value that a button carries: the option's own, or its number where
// that is too long (optionArg).
func optionOf(q card.Question, arg string) (string, bool) {
	if isOption(q, arg) {
		return arg, true
	}
	i, err := strconv.Atoi(strings.TrimPrefix(arg, byNumber))
	if err != nil || i < 0 || i >= len(q.Options) {
		return "", false
	}
	return q.Options[i].Value, true
}

func isOption(q card.Question, v string) bool {
	return slices.ContainsFunc(q.Options, func(o card.Option) bool { return o.Value == v })
}

func split(s string) []string { return strings.FieldsFunc(s, func(r rune) bool { return r == ',' }) }
