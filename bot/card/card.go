// Package card says what a person sees and can do, never how it is drawn: cards, actions, forms, and the card of any record.
//
// It is a leaf: it imports the core and its words only. The bot's adapters and
// the notifier draw what it says.
package card

import (
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// Card is one message, whatever the platform. Texts are plain: each renderer
// escapes them. Empty parts are left out.
type Card struct {
	es.Story
	// Rows are the buttons, row by row: at most one primary, three in a row.
	Rows [][]Action
	// Menu are acts that are seldom needed: a menu of its own (⋯) where the platform
	// has one, elsewhere one button that unfolds them.
	Menu *Menu
	// Select is a choice among many, which platforms that have one draw as a
	// menu; others draw its options as rows of buttons.
	Select *Select
}

// Presses is how many buttons a card has that bring something back.
func (c Card) Presses() int {
	n := 0
	for _, row := range c.Rows {
		for _, a := range row {
			if a.Token != "" {
				n++
			}
		}
	}
	if c.Select != nil {
		n += len(c.Select.Options)
	}
	if c.Menu != nil {
		n += len(c.Menu.Actions)
	}
	return n
}

// Style is the weight of a button.
type Style string

// The styles. A card has at most one Primary.
const (
	Plain   Style = ""
	Primary Style = "primary"
	Danger  Style = "danger"
)

// Action is one button.
type Action struct {
	Label string // at most 40 characters; renderers cut at the platform's limit
	Style Style
	// Token is what pressing it brings back (at most 64 bytes); URL opens a page instead.
	// Copy puts words where they can be pasted, and brings nothing back: a platform that
	// cannot do so does not draw it.
	Token string
	URL   string
	Copy  string
	// Opens says that pressing it opens a form: a platform with modals opens an
	// empty one at once, and fills it in when the form is known.
	Opens bool
	// Confirm asks once more before Token is sent. Platforms with a dialog of
	// their own use it; others send Ask, and the bot turns the message into the question.
	Confirm *Confirm
	Ask     string
}

// Menu are the acts behind one button. Platforms without a menu send Token, and
// the bot draws the message again with the actions as buttons.
type Menu struct {
	Label   string
	Token   string
	Actions []Action
}

// Confirm is the question before an act that cannot be undone.
type Confirm struct{ Title, Text, Yes, No string }

// Select is a choice of one among Options.
type Select struct {
	Label   string
	Options []Action
}

// Form asks for fields. On a platform with modals it is drawn whole; elsewhere
// the bot asks one question at a time.
type Form struct {
	// Token comes back with the answers.
	Token     string
	Title     string // at most 24 characters
	Intro     []string
	Submit    string // at most 24 characters
	Questions []Question
	// Last are the roles that nobody else of the record's agency has, whose name is Agency,
	// where the form may take them away.
	Last   []core.Role
	Agency string
	// Several: the questions may be answered for more than one act, which are sent together.
	Several bool
	// Opener opens the same form again, with what is kept of it: for where it does not stand
	// on the screen any more and may not be put there. The zero Action is none.
	Opener Action
}

// Question is one field of a form.
type Question struct {
	Field core.Field
	Spec  core.Spec
	Label string
	Hint  string
	// Value is what stands there already, to be corrected: as the core keeps it, and in a
	// form that is drawn whole as its control shows it, every character of it.
	Value   string
	Items   []core.Item // renglones that stand there already
	Options []Option    // of a Choice, Choices or Person
	// Typed says that there are more options than a list can show: the answer is written,
	// and found by its name.
	Typed    bool
	Required bool
	// Needed is a field that the command cannot do without, also as it stands.
	Needed bool
	// Held says, where it is not empty, that no control can hold what stands there without
	// loss, and how it is changed instead. There is no control then, but for a file
	// where the answer may come as one.
	Held string
	// Problem is what was wrong with the last answer.
	Problem string
}

// Kept reports whether what stands in q may be changed, but not taken away: the command
// cannot do without it.
func (q Question) Kept() bool { return q.Required && (q.Value != "" || len(q.Items) > 0) }

// MaxListed is how many options a list can show (Slack takes a hundred, and refuses the
// whole form for one more).
const MaxListed = 100

// MaxControl is how much text the control of a question can hold, as Weight counts it
// (Slack, plain_text_input).
const MaxControl = 3000

// Option is one answer to choose.
type Option = value.Option

// Ref is where a card was posted: a chat and a message in it, in the platform's own terms.
type Ref struct {
	Chat    string `json:"chat"`
	Message string `json:"message"`
}
