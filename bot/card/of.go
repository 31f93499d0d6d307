package card

import (
	"slices"
	"strconv"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// Words of the bot's own in a Token, which decide nothing. A verb of the core is
// its own word; none begins with a mark.
const (
	WordAsk  = "?"     // prefix: ask before the verb that follows
	WordShow = "show"  // the card as it is
	WordMenu = "!more" // the card with its menu unfolded

	WordDetail = "!detail"
	WordFiles  = "!files"
	WordFile   = "!file"  // Arg: the file's place in the record, from 0
	WordTrail  = "!trail" // Arg: the page, from 0
	WordLetter = "!letter"
	WordDraft  = "!draftletter" // a draft of the oficio
	WordPass   = "!pass"
	WordLooked = "!looked" // who has looked at it

	WordChanges = "!changes" // what a correction changed, in full; Arg: the page, from 0
)

// Of is the card of a scene: its story, and the buttons that the core allows
// its viewer now. Nothing else decides which acts there are.
func Of(s core.Scene, seal Sealer) Card {
	b := builder{scene: s, seal: seal}
	rows := core.Allowed(s.Record, s.Actor, s.Now)
	main := b.main(rows)
	for _, row := range rows {
		b.offer(row, row.Verb == main)
	}
	b.unlinks()
	b.show()
	return b.card(es.Tell(s))
}

// Unfolded is the card with its menu as buttons, for platforms without menus.
func Unfolded(s core.Scene, seal Sealer) Card {
	c := Of(s, seal)
	if c.Menu == nil {
		return c
	}
	acts := append(slices.Clone(c.Menu.Actions), Action{
		Label: es.Say(es.ButtonReturn), Token: seal.Seal(s.Viewer.ID, Token{Word: WordShow, Record: s.Record.ID}),
	})
	c.Rows, c.Select, c.Menu = chunks(acts, 2), nil, nil
	return c
}

type builder struct {
	scene   core.Scene
	seal    Sealer
	actions []Action // the primary one and the secondary ones, in their order
	seldom  []Action
	choice  *Select
}

// main is the verb that ends the viewer's duty, or brings it on; of a draft, to file it.
func (b *builder) main(rows []core.Transition) core.Verb {
	allowed := func(v core.Verb) bool {
		return slices.ContainsFunc(rows, func(t core.Transition) bool { return t.Verb == v })
	}
	d, mine := b.scene.Mine()
	if b.scene.Record.State == core.StateDraft {
		return core.VerbFile
	}
	if !mine {
		if allowed(core.VerbHandOver) && !b.scene.Actor.Is(core.RoleExecutive) {
			return core.VerbHandOver // whoever is at the counter
		}
		return ""
	}
	first := []core.Verb{core.Ends(d.Name)}
	if d.Name == core.DutyIssue {
		first = []core.Verb{core.VerbResolve, core.VerbAccept, core.VerbIssue}
	}
	if d.Name == core.DutyAssign { // of what an executive has had it is the other button
		first = append(first, core.VerbReassign)
	}
	for _, v := range first {
		if allowed(v) {
			return v
		}
	}
	return ""
}

// rare are the acts that go to the menu unless they are the viewer's main one.
var rare = map[core.Verb]bool{
	core.VerbComment: true, core.VerbAttach: true, core.VerbReassign: true, core.VerbDecline: true, core.VerbSubstitute: true,
	core.VerbRename: true, core.VerbRectify: true,
}

// isRare: the oficio may come before the release, but seldom; what a head, an
// administrator, a secretary or an executive may do in somebody else's place is rare too.
func (b *builder) isRare(v core.Verb) bool {
	s := b.scene
	switch v {
	case core.VerbSendLetter:
		return s.Record.State == core.StateFiled
	case core.VerbCancel:
		return !s.Actor.Is(core.RoleRequester) || s.Record.State != core.StateFiled
	case core.VerbLogCall, core.VerbHandOver:
		_, mine := s.Mine()
		return v == core.VerbLogCall && !mine || v == core.VerbHandOver && s.Actor.Is(core.RoleExecutive)
	default:
		return rare[v]
	}
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
	case row.Verb == core.VerbRefer && len(b.scene.Choices[first]) == 1: // nobody to choose among
		b.add(row, es.Button(row.Verb), b.scene.Choices[first][0].Account, main)
	case core.Specs[first].Type == core.TypePerson && len(row.Needs) == 1 && main && len(b.scene.Choices[first]) <= maxPeople:
		b.people(row, b.scene.Choices[first])
	default:
		b.add(row, b.label(row.Verb), "", main)
	}
}

func undoes(v core.Verb) bool {
	_, ok := core.Undoes(v)
	return ok
}

// label is the verb's; who names a substitute for somebody else is not absent.
func (b *builder) label(v core.Verb) string {
	if v == core.VerbSubstitute && b.scene.Viewer.ID != b.scene.Record.ID {
		return es.Say(es.ButtonAppoint)
	}
	return es.Button(v)
}

func (b *builder) add(row core.Transition, label, arg string, primary bool) {
	a := b.action(row, label, arg)
	switch {
	case primary:
		a.Style = Primary
		b.actions = append([]Action{a}, b.actions...)
	case b.isRare(row.Verb):
		b.seldom = append(b.seldom, a)
	case undoes(row.Verb): // for a minute
		b.actions = append([]Action{a}, b.actions...)
	default:
		b.actions = append(b.actions, a)
	}
}

func (b *builder) action(row core.Transition, label, arg string) Action {
	r := b.scene.Record
	t := Token{Word: string(row.Verb), Record: r.ID, Version: r.Version, Arg: arg}
	a := Action{Label: label, Token: b.seal.Seal(b.scene.Viewer.ID, t), Opens: Asks(r, row.Verb, Preset(r, row.Verb, arg))}
	if row.Verb == core.VerbCancel || row.Verb == core.VerbDiscard || row.Verb == core.VerbSuspend || row.Verb == core.VerbDeny {
		a.Style = Danger
	}
	if row.Confirm && len(row.Needs) == 0 { // a form is a confirmation of its own
		ask, yes := es.Question(row.Verb)
		t.Word = WordAsk + t.Word
		a.Ask = b.seal.Seal(b.scene.Viewer.ID, t)
		a.Confirm = &Confirm{Title: es.Button(row.Verb), Text: ask, Yes: yes, No: es.Say(es.ButtonReturn)}
	}
	return a
}

// observations offers to answer, to settle, or to ask again, each one that waits for it.
func (b *builder) observations(row core.Transition, main bool) {
	for _, o := range b.scene.Record.Observations {
		waits := o.Answered.IsZero() && o.Resolved.IsZero()
		if row.Verb != core.VerbAnswer {
			waits = !o.Answered.IsZero() && o.Resolved.IsZero()
		}
		if waits {
			b.add(row, es.ObservationButton(row.Verb, o.N), strconv.Itoa(o.N), main)
			main = false
		}
	}
}

// maxPeople is how many persons a card offers to choose from: among more, whoever chooses
// writes a part of the name in the form of the act, where it is said how many there are.
const maxPeople = 50

// people offers a choice among persons with their work in hand.
func (b *builder) people(row core.Transition, people []core.Person) {
	b.choice = &Select{Label: es.Button(row.Verb)}
	for _, p := range people {
		b.choice.Options = append(b.choice.Options, b.action(row, PersonLabel(p), p.Account))
	}
}

// PersonLabel is a person to choose: name and work in hand.
func PersonLabel(p core.Person) string {
	return p.Name + " · " + es.InHand(p)
}

// show adds what only shows something, by kind and state.
func (b *builder) show() {
	s := b.scene
	r := s.Record
	_, mine := s.Mine()
	word := func(label es.Phrase, word string) Action {
		return Action{Label: es.Say(label), Token: b.seal.Seal(s.Viewer.ID, Token{Word: word, Record: r.ID})}
	}
	files := func() {
		if len(r.Files) == 0 {
			return
		}
		a := word(es.ButtonFiles, WordFiles)
		if r.State == core.StateFiled && mine { // what the release is decided upon
			b.actions = append(b.actions, a)
			return
		}
		b.seldom = append([]Action{a}, b.seldom...)
	}
	switch r.Kind {
	case core.KindProgram:
		if len(r.Files) > 0 {
			b.actions = append(b.actions, word(es.ButtonLetter, WordLetter))
		}
	case core.KindRequest:
		if es.ChangesAreCut(s) {
			b.actions = append(b.actions, word(es.ButtonChanges, WordChanges))
		}
		files()
		switch {
		case r.State == core.StateIssued && s.Asks():
			pass := word(es.ButtonPass, WordPass)
			pass.Style = Primary
			b.actions = append([]Action{pass, word(es.TrailButton(s), WordTrail)}, b.actions...)
		case r.State == core.StateReleased && !r.Did(core.VerbReceiveLetter) && mine && s.Actor.Is(core.RoleSecretary):
			b.actions = append(b.actions, word(es.ButtonDraft, WordDraft))
		case r.State == core.StateFiled && s.Actor.Is(core.RoleSecretary):
			b.seldom = append(b.seldom, word(es.ButtonDraft, WordDraft))
		}
	case core.KindAccount, core.KindAgency, core.KindArchive:
	}
	if absent := r.Kind == core.KindRequest && mine && (r.State == core.StateFiled && s.Actor.Is(core.RoleSecretary) || r.State == core.StateReferred && s.Actor.Is(core.RoleHead)); absent {
		b.actions = append(b.actions, Action{
			Label: es.Button(core.VerbSubstitute), Token: b.seal.Seal(s.Viewer.ID, Token{Word: "/suplencia"}), Opens: true,
		})
	}
	if r.Kind == core.KindRequest && es.TrailButton(s) == es.ButtonTrail || r.Kind == core.KindProgram {
		b.seldom = append(b.seldom, word(es.ButtonTrail, WordTrail))
	}
}

// secondary is how many buttons a card has beside its primary one and the detail.
const secondary = 3

// card lays the acts out: the primary one and the secondary ones, the dangerous
// last, then the detail; the rest goes to the menu.
func (b *builder) card(story es.Story) Card {
	c := Card{Story: story, Select: b.choice}
	r := b.scene.Record
	if !r.Open() {
		if r.Kind == core.KindRequest && r.Number != "" && b.scene.Asks() { // nothing is left to do, and something to ask
			c.Rows = [][]Action{{{Label: es.Say(es.ButtonLooked), Token: b.seal.Seal(b.scene.Viewer.ID, Token{Word: WordLooked, Record: r.ID})}}}
		}
		return c
	}
	has := b.choice != nil
	for _, a := range b.actions {
		has = has || a.Style == Primary
	}
	slices.SortStableFunc(b.actions, func(x, y Action) int { return weight(x) - weight(y) })
	kept := secondary
	if len(b.actions) > 0 && b.actions[0].Style == Primary {
		kept++
	}
	first := b.actions
	var rest []Action
	if len(first) > kept {
		first, rest = first[:kept], first[kept:]
	}
	detail := Action{Label: es.Say(es.ButtonDetail), Token: b.seal.Seal(b.scene.Viewer.ID, Token{Word: WordDetail, Record: r.ID})}
	if r.Kind != core.KindAgency {
		if !has {
			detail.Style = Primary
			first = append([]Action{detail}, first...)
		} else {
			first = append(slices.Clone(first), detail)
		}
	}
	c.Rows = chunks(first, 2)
	if code := b.scene.Code(); code != "" {
		c.Rows = append(c.Rows, []Action{{Label: es.Say(es.ButtonCopyCode), Copy: code}})
	}
	if menu := append(slices.Clone(rest), b.seldom...); len(menu) > 0 {
		c.Menu = &Menu{
			Label: es.Say(es.ButtonMore), Actions: menu,
			Token: b.seal.Seal(b.scene.Viewer.ID, Token{Word: WordMenu, Record: r.ID}),
		}
	}
	return c
}

func chunks(acts []Action, n int) [][]Action {
	var out [][]Action
	for row := range slices.Chunk(acts, n) {
		out = append(out, row)
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
			{Label: es.Say(es.ButtonReturn), Token: seal.Seal(s.Viewer.ID, back)},
		}},
	}
}
