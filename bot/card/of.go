package card

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sidem/core"
	"sidem/core/es"
)

// Words of the bot's own in a Token. A verb of the core is its own word.
const (
	WordAsk  = "?" // prefix: ask before the verb that follows
	WordShow = "show"
)

// Of is the card of a scene: its story, and the buttons that the core allows
// its viewer now. Nothing else decides which buttons there are.
func Of(s core.Scene, seal Sealer) Card {
	b := builder{scene: s, seal: seal}
	rows := core.Allowed(s.Record, s.Actor, s.Now)
	main := b.main(rows)
	for _, row := range rows {
		b.offer(row, row.Verb == main)
	}
	b.unlinks()
	return Card{Story: es.Tell(s), Rows: b.rows(), Select: b.choice}
}

type builder struct {
	scene   core.Scene
	seal    Sealer
	actions []Action
	choice  *Select
}

// main is the verb that ends the viewer's duty; of a draft, to file it.
func (b *builder) main(rows []core.Transition) core.Verb {
	if d, ok := b.scene.Mine(); ok {
		if v := core.Ends(d.Name); slices.ContainsFunc(rows, func(t core.Transition) bool { return t.Verb == v }) {
			return v
		}
	}
	if b.scene.Record.State == core.StateDraft {
		return core.VerbFile
	}
	return ""
}

// offer adds what row says: one button, or one for each value of the field that
// decides it.
func (b *builder) offer(row core.Transition, main bool) {
	first := core.Field("")
	if len(row.Needs) > 0 {
		first = row.Needs[0]
	}
	switch {
	case first == core.FieldObservation:
		b.observations(row, main)
	case core.Specs[first].Type == core.TypeChoice && len(row.Needs) == 1:
		for i, v := range core.Specs[first].Choices {
			b.add(row, es.Value(v), v, main && i == 0)
		}
	case core.Specs[first].Type == core.TypePerson && len(row.Needs) == 1 && main:
		b.people(row, b.scene.Choices[first])
	default:
		b.add(row, es.Button(row.Verb), "", main)
	}
}

func (b *builder) add(row core.Transition, label, arg string, primary bool) {
	a := b.action(row, label, arg)
	if primary {
		a.Style = Primary
	}
	b.actions = append(b.actions, a)
}

func (b *builder) action(row core.Transition, label, arg string) Action {
	r := b.scene.Record
	t := Token{Word: string(row.Verb), Record: r.ID, Version: r.Version, Arg: arg}
	a := Action{Label: label, Token: b.seal.Seal(b.scene.Viewer.ID, t)}
	if row.Verb == core.VerbCancel || row.Verb == core.VerbDiscard || row.Verb == core.VerbSuspend {
		a.Style = Danger
	}
	if row.Confirm && len(row.Needs) == 0 { // a form is a confirmation of its own
		ask, yes := es.Question(row.Verb)
		t.Word = WordAsk + t.Word
		a.Ask = b.seal.Seal(b.scene.Viewer.ID, t)
		a.Confirm = &Confirm{Title: es.Button(row.Verb), Text: ask, Yes: yes, No: "Regresar"}
	}
	return a
}

// observations offers to answer, or to settle, each one that waits for it.
func (b *builder) observations(row core.Transition, main bool) {
	for _, o := range b.scene.Record.Observations {
		waits := o.Answered.IsZero() && o.Resolved.IsZero()
		if row.Verb == core.VerbResolve {
			waits = !o.Answered.IsZero() && o.Resolved.IsZero()
		}
		if waits {
			b.add(row, fmt.Sprintf("%s O-%d", es.Button(row.Verb), o.N), strconv.Itoa(o.N), main)
			main = false
		}
	}
}

// people offers a choice among persons with their work in hand.
func (b *builder) people(row core.Transition, people []core.Person) {
	if len(people) == 1 && row.Verb == core.VerbRefer {
		b.add(row, es.Button(row.Verb), people[0].Account, true)
		return
	}
	b.choice = &Select{Label: es.Button(row.Verb)}
	for _, p := range people {
		b.choice.Options = append(b.choice.Options, b.action(row, PersonLabel(p), p.Account))
	}
}

// PersonLabel is a person to choose: name and work in hand.
func PersonLabel(p core.Person) string {
	return p.Name + " · " + es.Count(p.Open, "abierta", "abiertas")
}

// rows lays the actions out: the primary one first, three in a row.
func (b *builder) rows() [][]Action {
	slices.SortStableFunc(b.actions, func(x, y Action) int { return weight(x) - weight(y) })
	var out [][]Action
	for chunk := range slices.Chunk(b.actions, 3) {
		out = append(out, chunk)
	}
	return out
}

func weight(a Action) int {
	switch a.Style {
	case Primary:
		return 0
	case Danger:
		return 2
	case Plain:
	}
	return 1
}

// Asking is the message that asks before an act: the card's story in short, the
// question, and the two answers.
func Asking(s core.Scene, seal Sealer, t Token) Card {
	story := es.Tell(s)
	ask, yes := es.Question(core.Verb(t.Word))
	style := Primary
	if core.Verb(t.Word) == core.VerbCancel || core.Verb(t.Word) == core.VerbDiscard {
		style = Danger
	}
	back := Token{Word: WordShow, Record: t.Record, Version: t.Version}
	return Card{
		Story: es.Story{Title: ask, Head: story.Head, Subject: story.Subject},
		Rows: [][]Action{{
			{Label: yes, Style: style, Token: seal.Seal(s.Viewer.ID, t)},
			{Label: "Regresar", Token: seal.Seal(s.Viewer.ID, back)},
		}},
	}
}

// FormOf asks for the fields of a verb on the scene's record, with the values
// that it has already. preset are fields that the button brought.
func FormOf(s core.Scene, token string, verb core.Verb, preset map[core.Field]string) Form {
	must, may := core.Needs(s.Record.Kind, verb, s.Record.State)
	return FormFor(verb, token, must, may, s, preset)
}

// FormFor asks for fields of a verb: those it must have and those it may.
func FormFor(verb core.Verb, token string, must, may []core.Field, s core.Scene, preset map[core.Field]string) Form {
	f := Form{Token: token, Title: es.Button(verb), Submit: "Enviar"}
	if s.Record.Number != "" {
		f.Intro = []string{"Solicitud número " + s.Record.Number}
	}
	for _, field := range slices.Concat(must, may) {
		if _, given := preset[field]; given {
			continue
		}
		f.Questions = append(f.Questions, question(s, verb, field, slices.Contains(must, field) || slices.Contains(core.RequestForm, field)))
	}
	return f
}

func question(s core.Scene, verb core.Verb, field core.Field, required bool) Question {
	spec := core.Specs[field]
	q := Question{
		Field: field, Spec: spec, Label: es.FieldQuestion(field), Required: required,
		Hint: "Por ejemplo: " + es.FieldExample(field),
	}
	if verb == core.VerbAmend || verb == core.VerbCorrect || field == core.FieldLetterNumber {
		q.Value = s.Record.Fields[field]
	}
	if field == core.FieldItems && q.Value == "" && (verb == core.VerbAmend || verb == core.VerbCorrect) {
		q.Value = ItemsText(s.Record.Items)
	}
	for _, v := range spec.Choices {
		q.Options = append(q.Options, Option{Label: es.Value(v), Value: v})
	}
	for _, p := range s.Choices[field] {
		q.Options = append(q.Options, Option{Label: PersonLabel(p), Value: p.Account})
	}
	return q
}

// ItemsText are renglones as people type them: one on a line, parts separated by semicolons.
func ItemsText(items []core.Item) string {
	lines := make([]string, len(items))
	for i, it := range items {
		lines[i] = fmt.Sprintf("%s; %g; %s", it.Description, it.Quantity, it.Unit)
		if it.Price > 0 {
			lines[i] += fmt.Sprintf("; %.2f", it.Price)
		}
	}
	return strings.Join(lines, "\n")
}
