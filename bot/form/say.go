package form

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// Words of the buttons of a form, in a card.Token whose Record is the draft's id and whose
// Version is its Place. They decide nothing, and are no verbs of the core.
const (
	Prefix     = "~"
	WordOption = "~opt"   // Arg: the option
	WordJump   = "~jump"  // Arg: the field
	WordSheet  = "~sheet" // gives the spreadsheet to fill in
	WordResume = "~resume"

	// WordQuestion is what a message shows that asks a question: no button has it.
	WordQuestion = "~question"
)

// WordOf is the word of a button.
func WordOf(p Press) string { return Prefix + string(p) }

// EventOf is what a button of a form does; nil for none of them.
func EventOf(word, arg string) Event {
	switch word {
	case WordOption:
		return Choice{Value: arg}
	case WordJump:
		return Jump{Field: core.Field(arg)}
	case WordNth:
		n, err := strconv.Atoi(arg)
		if err != nil {
			return nil
		}
		return Reopen{N: n}
	}
	p := Press(strings.TrimPrefix(word, Prefix))
	if !strings.HasPrefix(word, Prefix) || !slices.Contains([]Press{Back, GoOn, Correct, Save, Discard, Send, Stay, Aside, Swap, Mine, Join, Clear, Another, Remove}, p) {
		return nil
	}
	return p
}

// talker draws what is open in a draft.
type talker struct {
	draft Draft
	form  card.Form
	seal  func(card.Token) string
	now   time.Time
}

// Card is the message that asks what is open in d, whose buttons seal makes; lasting is
// how it reads when it is not open any more.
func Card(d Draft, f card.Form, seal func(card.Token) string, now time.Time) (c card.Card, lasting es.Story) {
	t := talker{draft: d.Placed(f), form: f, seal: seal, now: now}
	var texts, still []string // still is what holds when it is answered
	if d.Problem != "" {
		texts, still = []string{d.Problem}, []string{d.Problem} // told once, it stays where it can be read
	}
	q, asks := t.draft.Asks(f)
	switch {
	case d.Next != nil:
		return t.which()
	case d.Unsure != nil:
		return t.unsure()
	case asks:
		c.Title = es.Progress(t.draft.title(f), at(f, q.Field)+1, len(f.Questions))
		texts, still = append(texts, q.Label), append(still, q.Label)
		texts = append(texts, t.beside(q)...)
		c.Rows = t.answers(q)
	case t.draft.Stage == Choosing:
		c.Title = es.FieldsTitle(t.draft.title(f))
		c.Facts = Summary(t.draft, f)
		c.Rows = t.fields()
	default:
		c.Title = es.SummaryTitle(f.Title)
		c.Facts = Summary(t.draft, f)
		texts = append(texts, bereaves(t.draft, f)...)
		c.Rows = [][]card.Action{{
			t.button(Send, es.SummaryButton(t.draft.Verb), card.Primary),
			t.button(Correct, es.Say(es.ButtonCorrect), card.Plain),
			t.button(Discard, es.Say(es.ButtonDrop), card.Danger),
		}, {t.button(Save, es.Say(es.ButtonLater), card.Plain)}}
		if f.Several {
			c.Rows = slices.Insert(c.Rows, 1, t.others(t.button(Another, es.Say(es.ButtonAnother), card.Plain)))
		}
	}
	if len(f.Intro) > 0 {
		c.Head = f.Intro[0]
		texts = append(slices.Clone(f.Intro[1:]), texts...)
		still = append(slices.Clone(f.Intro[1:]), still...)
	}
	lasting = c.Story
	c.Text, lasting.Text = texts, still
	return c, lasting
}

// bereaves says what follows where d takes from an account what nobody else of its agency has:
// by another profile, or another agency.
func bereaves(d Draft, f card.Form) []string {
	var lost []core.Role
	for _, q := range f.Questions {
		is := present(q, d).Value
		for _, role := range f.Last {
			gone := q.Field == core.FieldProfile && !slices.Contains(split(is), string(role)) || role.IsAgencys() && q.Field == core.FieldAgency && is != q.Value
			if gone && !slices.Contains(lost, role) {
				lost = append(lost, role)
			}
		}
	}
	return es.NobodyLeft(lost, f.Agency)
}

// beside is what stands under the words of a question: its answer, or how one looks.
func (t talker) beside(q card.Question) []string {
	if a := present(q, t.draft); q.Spec.Type == core.TypeUpload && !a.Blank && len(a.Files) > 0 {
		return []string{es.Received(names(a.Files))}
	}
	if v := shown(q, t.draft); v != "" {
		return []string{es.Present(v)}
	}
	if v := proposal(t.draft, t.form, q); v != "" {
		return []string{es.Proposed(v)}
	}
	options, of := offered(q, t.draft)
	switch {
	case q.Spec.Type == core.TypeUpload && !q.Required:
		return []string{es.Say(es.FileOptional)}
	case q.Spec.Type == core.TypeUpload:
		return nil
	case t.draft.Search != "" && of > 0, of > len(options):
		return []string{es.OptionsCut(len(options), of)}
	case len(q.Options) == 0:
		return []string{q.Hint}
	}
	return nil
}

// answers are the buttons under a question. The last two rows are always there.
func (t talker) answers(q card.Question) [][]card.Action {
	var rows [][]card.Action
	chosen := split(present(q, t.draft).Value)
	options, _ := offered(q, t.draft)
	for _, o := range options {
		label := o.Label
		if q.Spec.Type == core.TypeChoices && slices.Contains(chosen, o.Value) {
			label = es.Chosen(label)
		}
		rows = append(rows, []card.Action{{Label: label, Token: t.token(WordOption, optionArg(q, o.Value))}})
	}
	var often []card.Action
	near := quick(q, t.draft, t.form)
	for _, o := range near {
		often = append(often, card.Action{Label: o.Label, Token: t.token(WordOption, quickArg(near, o.Value))})
	}
	switch {
	case len(t.draft.Earlier[q.Field]) > 0: // they may be long
		rows = slices.AppendSeq(rows, slices.Chunk(often, 1))
	case len(often) > 0:
		rows = append(rows, often)
	}
	if q.Spec.Type == core.TypeLines {
		rows = append(rows, []card.Action{{Label: es.Say(es.ButtonSheet), Token: t.token(WordSheet, "")}})
	}
	var last []card.Action
	if at(t.form, q.Field) > 0 || t.draft.Way != InOrder && len(t.form.Questions) > 1 {
		last = append(last, t.button(Back, es.Say(es.ButtonBack), card.Plain))
	}
	if !q.Required || shown(q, t.draft) != "" || proposal(t.draft, t.form, q) != "" {
		last = append(last, t.button(GoOn, es.Say(es.ButtonNext), card.Primary))
	}
	if clears(q, t.draft) {
		label := es.ButtonClear
		if q.Spec.Type == core.TypeUpload {
			label = es.ButtonNoFiles
		}
		rows = append(rows, []card.Action{t.button(Clear, es.Say(label), card.Plain)})
	}
	if len(last) > 0 {
		rows = append(rows, last)
	}
	if at(t.form, q.Field) == 0 && len(t.draft.Ready) > 0 {
		rows = append(rows, t.others())
	}
	return append(rows, t.leave())
}

// others are the buttons about further acts of the form: more, and where others are
// ready the one that lets go of the open one.
func (t talker) others(more ...card.Action) []card.Action {
	if len(t.draft.Ready) > 0 {
		more = append(more, t.button(Remove, es.Say(es.ButtonRemove), card.Plain))
	}
	return more
}

// fields are the buttons by which a field is chosen to be corrected.
func (t talker) fields() [][]card.Action {
	var all, last []card.Action
	for _, q := range t.form.Questions {
		jump := card.Action{Label: es.Label(t.draft.Verb, q.Field), Token: t.token(WordJump, string(q.Field))}
		switch {
		case !closes(t.draft, q):
			all = append(all, jump)
		case proposal(t.draft, t.form, q) != "" || shown(q, t.draft) != "": // there is something to say of it
			last = append(last, jump)
		}
	}
	all = append(all, last...)
	words := es.Say(es.ButtonReady)
	switch i := lacking(t.draft, t.form, t.now); {
	case i >= 0 && !closes(t.draft, t.form.Questions[i]):
		words = es.Say(es.ButtonLacking)
	case t.draft.Verb == core.VerbCorrect:
		words = es.FormSubmit(t.draft.Verb)
	}
	for i := range t.draft.Ready {
		all = append(all, card.Action{Label: es.NthAct(i + 1), Token: t.token(WordNth, strconv.Itoa(i))})
	}
	rows := slices.Collect(slices.Chunk(all, 2))
	return append(rows, []card.Action{t.button(GoOn, words, card.Primary)}, t.leave())
}

// leave are the buttons by which a form is left.
func (t talker) leave() []card.Action {
	return []card.Action{
		t.button(Save, es.Say(es.ButtonLater), card.Plain),
		t.button(Discard, es.Say(es.ButtonDrop), card.Plain),
	}
}

// which asks what becomes of a form for which another was opened.
func (t talker) which() (card.Card, es.Story) {
	c := card.Card{Story: es.Story{Title: es.Say(es.FormUnfinished), Head: Title(t.form), Facts: Summary(t.draft, t.form)}}
	if t.draft.Problem != "" {
		c.Text = []string{t.draft.Problem}
	}
	if words := t.draft.Pending(); words != "" {
		c.Facts = append(c.Facts, es.Fact{Label: es.Say(es.SaidLast), Value: words})
	}
	c.Rows = [][]card.Action{
		{t.button(Stay, es.Say(es.ButtonStay), card.Primary)},
		{t.button(Aside, es.Say(es.ButtonAside), card.Plain)},
		{t.button(Swap, es.Say(es.ButtonSwap), card.Danger)},
	}
	return c, c.Story
}

func (t talker) button(p Press, label string, style card.Style) card.Action {
	return card.Action{Label: label, Style: style, Token: t.token(WordOf(p), "")}
}

func (t talker) token(word, arg string) string {
	return t.seal(card.Token{Word: word, Record: t.draft.ID, Version: t.draft.Place(t.form), Arg: arg})
}

// Title names a form and what it is about.
func Title(f card.Form) string {
	if len(f.Intro) > 0 {
		return f.Title + " · " + f.Intro[0]
	}
	return f.Title
}

// Progress is how many of the questions of f have been gone through.
func Progress(d Draft, f card.Form) int {
	switch d = d.Placed(f); d.Stage {
	case Asking:
		return max(0, at(f, d.At))
	case Choosing, Reviewing, Sending, Done:
	}
	return len(f.Questions)
}

// Summary are the answers of d, in words.
func Summary(d Draft, f card.Form) []es.Fact {
	out := readyFacts(d, f)
	for _, q := range f.Questions {
		if v := shown(q, d); v != "" {
			long := q.Spec.Type == core.TypeLong || q.Spec.Type == core.TypeLines // a renglón on a line
			out = append(out, es.Fact{Label: es.Label(d.Verb, q.Field), Value: v, Long: long})
		}
	}
	return out
}

// Answered is what the message of an earlier question of d says once it is not open: the
// answer too, where the form has gone on from it or it takes several.
func Answered(d Draft, f card.Form, field core.Field) string {
	i := at(f, field)
	if i < 0 || d.Stage == Asking && d.At == field && f.Questions[i].Spec.Type != core.TypeUpload {
		return ""
	}
	return shown(f.Questions[i], d)
}

// Passed is what the message reads that asked what was open at a place of d and is not any
// more, and what is said to whoever presses one of its buttons.
func Passed(d Draft, f card.Form, place int) (es.Story, string) {
	q, asked := d.questionAt(f, place)
	if !asked {
		return es.Story{Title: Title(f), Text: []string{es.Say(es.PassedStep)}}, es.Say(es.StepPassed)
	}
	story := es.Story{Title: es.Progress(d.title(f), at(f, q.Field)+1, len(f.Questions)), Text: []string{q.Label}}
	v := shown(q, d)
	if v == "" {
		return story, es.Say(es.StepPassed)
	}
	story.Text = append(story.Text, es.Answered(v))
	return story, es.Say(es.QuestionAnswered)
}

// shown is the answer that q has, in words.
func shown(q card.Question, d Draft) string {
	a := present(q, d)
	switch {
	case a.Blank:
		return es.Say(es.LeftBlank)
	case a.empty():
		return ""
	case q.Spec.Type == core.TypeUpload:
		return es.List(names(a.Files))
	case q.Spec.Type == core.TypeLines:
		return written(q, a)
	case q.Field == core.FieldMany:
		return chosenLabels(q, a.Value)
	case q.Spec.Type == core.TypePerson:
		return labelOf(q, a.Value)
	case q.Spec.Type == core.TypeChoice:
		return cmp.Or(labelOf(q, a.Value), es.FieldValue(q.Field, a.Value))
	default:
		return es.FieldValue(q.Field, a.Value)
	}
}

// chosenLabels are the labels of chosen options; those that are not offered any more are left out.
func chosenLabels(q card.Question, chosen string) string {
	var labels []string
	for _, v := range split(chosen) {
		if l := labelOf(q, v); l != "" {
			labels = append(labels, l)
		}
	}
	return es.List(labels)
}

// labelOf is the label of an option; "" for a value that is none.
func labelOf(q card.Question, value string) string {
	for _, o := range q.Options {
		if o.Value == value {
			return o.Label
		}
	}
	return ""
}
