package form

import (
	"sidem.gob.mx/sidem/core"
)

// Act is one thing that a person did about a form.
type Act struct {
	// ID is the same for every delivery of the act; From is the message that it was said
	// in (platform:message), and On the platform.
	ID, From, On string
	// Place is what was open where a button was pressed (Draft.Place).
	Place int
	// Early says that words were sent before what is open now was there to be answered.
	Early bool
	// To is the field whose question words were written under, or whose answer; "" where
	// they were just written. Elsewhere says that they were written under something else.
	To        core.Field
	Elsewhere bool
	Event     Event
}

// Event is what was done: one of the types below.
type Event interface{ event() }

// Words were written. Parts is how many messages the platform made of them. Command is the
// word of SIDEM that they would be where no form is open, "" for none, and Help says that
// it is the one for help. Quoted says that they are somebody else's, passed on.
type Words struct {
	Text    string `json:"text,omitempty"`
	Parts   int    `json:"parts,omitempty"`
	Command string `json:"command,omitempty"`
	Help    bool   `json:"-"`
	Quoted  bool   `json:"quoted,omitempty"`
	// Table is what they are as renglones, where they were copied from a spreadsheet with
	// the heads of its columns.
	Table *Files `json:"table,omitempty"`
}

// Files came, each kept by now, or read, or not: Problem says why.
type Files struct {
	Kept    []core.Attachment
	Items   []core.Item // of a spreadsheet
	Note    string      // which of its columns are not kept
	Pass    string      // what the pass in a photo says
	Caption string
	Problem string
	Typed   bool // the renglones stand in the control itself, as a table with heads
}

// Unread came: neither words nor a file. Problem says so.
type Unread struct{ Problem string }

// Said are the words of an event; "" where it has none.
func Said(e Event) string {
	switch e := e.(type) {
	case Words:
		return e.Text
	case Amended:
		return e.Text
	case Files:
		return e.Caption
	}
	return ""
}

// Choice is a press on an option.
type Choice struct{ Value string }

// Jump is a press on a field to correct.
type Jump struct{ Field core.Field }

// Amended is a message that was written before, as it reads now.
type Amended struct {
	Text  string
	Table *Files // as of Words
}

// Whole is a form that was filled in on one screen: what each control holds, and marks
// of what it showed (Shown).
type Whole struct {
	Values map[core.Field]string
	Files  map[core.Field]Files
	Shown  map[core.Field]string
}

// Press is a press on any other button of a form.
type Press string

// The buttons of a form.
const (
	Back    Press = "back"
	GoOn    Press = "next"
	Correct Press = "correct"
	Save    Press = "save"
	Discard Press = "quit"
	Send    Press = "send"
	Stay    Press = "stay"  // of two forms, the one that was begun
	Aside   Press = "aside" // set it aside and open the other
	Swap    Press = "swap"  // discard it and open the other
	Mine    Press = "mine"  // the words about which was asked are the answer
	Join    Press = "join"  // they go on from the answer before
	Clear   Press = "clear" // the open question is left without an answer
)

func (Words) event()   {}
func (Files) event()   {}
func (Unread) event()  {}
func (Choice) event()  {}
func (Jump) event()    {}
func (Amended) event() {}
func (Whole) event()   {}
func (Press) event()   {}

// Effect is what is to be done about an act.
type Effect struct {
	Do Do
	// Problems are what was wrong with a whole form, by field.
	Problems map[core.Field]string
	// Asked is what is asked about a whole form of which everything was taken: sent again,
	// it is meant.
	Asked []string
	// Passed says that a button was pressed of what is not open any more: nothing was changed.
	Passed bool
}

// Do is a kind of effect.
type Do string

// The effects. The draft is kept before anything is done.
const (
	Nothing  Do = ""       // the act was meant for something else
	Ask      Do = "ask"    // say what is open (Card)
	Give     Do = "give"   // give the Command; Given or Refused is the draft after it
	Refill   Do = "refill" // show the whole form again, with Problems or what is Asked
	SetAside Do = "aside"  // keep it among the unfinished forms
	OpenNext Do = "open"   // Next takes its place
	KeepNext Do = "keep"   // Next takes its place, and this one is set aside
	Close    Do = "close"  // say Done
)
