// Package page is the page in which a visitor is the people of the process: it shows what each of them sees, and does what the visitor has them do.
//
// It knows no platform, no store and no process: a Stage brings all of that. The
// page is three kinds of embedded file and one stream of events; whatever it
// shows is placed as text, never as markup.
package page

import (
	"context"
	"errors"
)

// Stage is a SIDEM among emulators, with its people. Its methods are safe for
// concurrent use. An error that is a Complaint is told to the visitor in its own
// words; of any other the visitor reads that it failed.
type Stage interface {
	// Parts is all that can be seen now.
	Parts(ctx context.Context) ([]Part, error)
	// Changed is closed at the next change of anything in Parts.
	Changed() <-chan struct{}
	// Do has a person act; it returns when the platform took it.
	Do(ctx context.Context, act Act) error
	// Run does what a control of the page asks: of the clock, the story, the
	// faults, the service.
	Run(ctx context.Context, c Control) error
	// Look is one thing that is too large for Parts.
	Look(ctx context.Context, what, id string) (any, error)
	// File is a file that a person sees in one of their tabs, by its id there.
	File(ctx context.Context, person, on, id string) (name string, data []byte, err error)
	// Mail is one mail as HTML, for a frame in which nothing runs and nothing is fetched.
	Mail(ctx context.Context, id string) (html string, err error)
}

// ErrNotFound says that there is no such mail, call or record.
var ErrNotFound = errors.New("not found")

// Complaint is what a visitor reads when something cannot be done: what happened, what to do.
type Complaint string

func (c Complaint) Error() string { return string(c) }

// Part is a piece of the page that changes by itself: it is sent anew only when
// it differs from what the browser has.
type Part struct {
	Name string `json:"name"`
	Data any    `json:"data"`
}

// Act is what a person does in one of their tabs.
type Act struct {
	Person string `json:"person"`
	On     string `json:"on"`
	// What is say, press, pick, submit, dismiss, attach, home.
	What string `json:"what"`
	// Text is what is said, or the text of a file that is sent.
	Text string `json:"text"`
	// Message is where the button or menu is, Button its id there, Option the choice.
	Message string `json:"message"`
	Button  string `json:"button"`
	Option  string `json:"option"`
	// Values are the answers to the questions of the open form, by label; Files
	// those that are files.
	Values map[string]string `json:"values"`
	Files  map[string]File   `json:"files"`
	// File is the one that is attached.
	File *File `json:"file"`
}

// File is a file that a visitor sends; without Data it is a sample of its kind.
type File struct {
	Name string `json:"name"`
	Data []byte `json:"data"` // base64 in JSON
}

// Control is one of the page's own buttons.
type Control struct {
	// What is next, day, goto, off, step, all, detour, fault, kill, reset.
	What string `json:"what"`
	// Name is of a fault or a detour; Person whom it befalls.
	Name   string `json:"name"`
	Person string `json:"person"`
	On     bool   `json:"on"`
	// To is the instant to go to, as 2006-01-02T15:04; Days how long SIDEM is off.
	To   string `json:"to"`
	Days int    `json:"days"`
}

// Person is somebody of the process.
type Person struct {
	Key    string `json:"key"`
	Name   string `json:"name"`
	Post   string `json:"post"`
	Role   string `json:"role"`
	Agency string `json:"agency,omitempty"`
	// Turn is what it is their turn to do; none when they wait.
	Turn []string `json:"turn,omitempty"`
	// Begins says that the story goes on with them, when it is nobody's turn.
	Begins string `json:"begins,omitempty"`
	Tabs   []Tab  `json:"tabs"`
}

// Tab is one of a person's places: a chat, a mailbox, a telephone.
type Tab struct {
	On    string `json:"on"`
	Title string `json:"title"`
	// Linked is false for a chat that SIDEM does not know yet.
	Linked   bool      `json:"linked"`
	Blocked  bool      `json:"blocked,omitempty"`
	Messages []Message `json:"messages,omitempty"`
	Home     []Block   `json:"home,omitempty"` // of Slack: the app's own page
	Form     *Form     `json:"form,omitempty"`
	Words    []Word    `json:"words,omitempty"` // what may be typed
	// Toast is the latest passing answer to a press.
	Toast *Toast `json:"toast,omitempty"`
	Mails []Mail `json:"mails,omitempty"`
	Calls []Ring `json:"calls,omitempty"`
}

// Word is a command that the bot takes, and what it does.
type Word struct {
	Word string `json:"word"`
	Does string `json:"does"`
}

// Toast is a passing answer; Alert is a box to dismiss.
type Toast struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Alert bool   `json:"alert,omitempty"`
}

// Message is one message of a chat as it looks now.
type Message struct {
	ID      string  `json:"id"`
	Mine    bool    `json:"mine,omitempty"`
	Private bool    `json:"private,omitempty"` // only this person sees it, and it passes
	Failed  bool    `json:"failed,omitempty"`  // the platform says that the app did not respond
	At      string  `json:"at,omitempty"`
	Edits   int     `json:"edits,omitempty"`
	Under   string  `json:"under,omitempty"`   // the message that it answers, or in whose thread it is
	Answers string  `json:"answers,omitempty"` // the first line of that message
	Blocks  []Block `json:"blocks"`
}

// Block is a piece of a message.
type Block struct {
	Kind  string   `json:"kind"` // text, heading, fields, context, folded, actions, files, divider
	Lines []Line   `json:"lines,omitempty"`
	Rows  [][]Knob `json:"rows,omitempty"`
	Files []Doc    `json:"files,omitempty"`
}

// Doc is a file in a message or a mail; it is fetched when it is opened.
type Doc struct {
	ID   string `json:"id"` // of the tab that it stands in
	Name string `json:"name"`
	Size string `json:"size"` // in words
}

// Line is a line of text in spans of one look each.
type Line []Span

// Span is a piece of text.
type Span struct {
	Text string `json:"t"`
	Bold bool   `json:"b,omitempty"`
	Em   bool   `json:"i,omitempty"`
	Code bool   `json:"c,omitempty"`
}

// Knob is what can be pressed: a button, or a menu when it has Options.
type Knob struct {
	ID      string   `json:"id"`
	Label   string   `json:"label"`
	Style   string   `json:"style,omitempty"` // primary, danger
	Link    string   `json:"link,omitempty"`  // it opens a page, which the demonstration does not have
	Confirm *Confirm `json:"confirm,omitempty"`
	Options []string `json:"options,omitempty"`
	More    bool     `json:"more,omitempty"` // a menu of further actions
}

// Confirm is the question that the platform asks before it sends a press.
type Confirm struct {
	Title string `json:"title"`
	Text  string `json:"text"`
	Yes   string `json:"yes"`
	No    string `json:"no"`
}

// Form is a form that is open over a chat.
type Form struct {
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Submit string  `json:"submit"`
	Asks   []Ask   `json:"asks"`
	Text   []Block `json:"text,omitempty"`
}

// Ask is a question of a form.
type Ask struct {
	Label    string   `json:"label"`
	Kind     string   `json:"kind"` // text, long, date, time, one, some, file
	Hint     string   `json:"hint,omitempty"`
	Options  []string `json:"options,omitempty"`
	Value    string   `json:"value,omitempty"`
	Optional bool     `json:"optional,omitempty"`
	Wrong    string   `json:"wrong,omitempty"` // what is the matter with the answer
}

// Mail is a mail in a mailbox; its HTML is fetched when it is opened.
type Mail struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
	From    string `json:"from"`
	At      string `json:"at"`
	Intro   string `json:"intro"`
	Files   []Doc  `json:"files,omitempty"`
	// Start is what following the mail's link to the chat says there.
	Start string `json:"start,omitempty"`
}

// Ring is a telephone call.
type Ring struct {
	ID      string `json:"id"`
	With    string `json:"with"`
	Number  string `json:"number,omitempty"`
	Result  string `json:"result"`
	At      string `json:"at"`
	In      bool   `json:"in"` // it rings here
	Reached bool   `json:"reached"`
}
