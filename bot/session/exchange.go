package session

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// Input is one thing that a person did. Exactly one of Text, Tap, Form, Home is
// meant; Files may come with Text or Form.
type Input struct {
	Platform string // "telegram", "slack"
	Who      string // the person's verified id on the platform, never the chat's
	Name     string // as the platform shows it
	Chat     string // where to answer
	// Message is the message written or pressed, in the platform's terms. Where forms are not
	// drawn whole it is a number that grows with each message of the chat, whoever sent it.
	Message string
	Private bool   // nobody else reads Chat
	Once    string // the same for every delivery of the same act: tg:<bot>:<update id>, sl:<workspace>-<bot>:<id>
	At      time.Time

	// CanOpen says that a form can be opened in answer, on platforms that draw it whole: what
	// was done brought the leave for it. A message does not.
	CanOpen bool

	Text string
	// Quoted are words of somebody else that the person passed on, or an inline bot wrote for
	// them. They hold no authority: no command and no secret in them is heard. They are content
	// where content is asked for. Text is "" then.
	Quoted string
	Tap    string // a card.Token as text
	Form   *Submission
	Files  []Upload
	// Under is the message that Text answers: the card at the top of a thread (Slack), the
	// message replied to (Telegram), of another chat too. "" for none.
	Under string
	// Home says that the person opened their home page, on platforms that have one. It is
	// then what the Input means, and Reply.Home answers it.
	Home bool
	// Edited says that Text and Files are a message as it reads now, which was sent before
	// and changed since: Message is the same as then, Once is the edit's own.
	Edited bool
	// Unreadable is what was sent where that is neither words nor a file that could be read
	// ("" for none). Text may come with it: the words under it.
	Unreadable Unreadable
	// Parts is how many messages the platform made of this one act: a text that was too long
	// for one, an album. Text is theirs joined, Files are all of theirs. 0 and 1 are one.
	Parts int
}

// Caption are the words that came with files.
func (in Input) Caption() string { return cmp.Or(in.Text, in.Quoted) }

// Unreadable is a kind of content that no form and no conversation can use.
type Unreadable string

// The kinds of content that is not read.
const (
	UnreadableSticker  Unreadable = "sticker"
	UnreadableVoice    Unreadable = "voice" // sound and film of any kind
	UnreadableContact  Unreadable = "contact"
	UnreadableLocation Unreadable = "location"
	UnreadableOther    Unreadable = "other" // polls, dice, stories, and what is new
)

// Submission is a form that was filled in whole (on platforms with modals).
type Submission struct {
	Token  string // Form.Token
	Values map[core.Field]string
	Files  map[core.Field][]Upload
}

// Upload is a file that a person sent. Open may be called once and reads at
// most Size bytes from the platform; a negative Size is unknown. Its error is
// ErrNotGiven where the platform keeps the file to itself.
type Upload struct {
	Name string
	MIME string
	Size int64
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// ErrNotGiven says that a platform does not hand over a file that a person sent: it
// was deleted, it lies with another service, or the app may not read it. The platform
// tells the operator which; asking again changes nothing.
var ErrNotGiven = errors.New("the platform does not give the file")

// Reply is the answer to one Input. The zero Reply acknowledges in silence
// (what changed is drawn by the notifier).
type Reply struct {
	// Toast is a short sentence (at most 200 characters) for whoever pressed;
	// platforms without one show it where only that person sees it.
	Toast string
	// Alert says that Toast refuses something, or holds a code for support: it stays until
	// it was read, where the platform can do so.
	Alert bool
	// Card is a message; with Redraw it replaces the one that was pressed.
	Card   *card.Card
	Redraw bool
	// Shows is what Card shows, so that it can follow what is so; the zero View is known
	// by its title alone.
	Shows screen.View
	// Form opens a modal, on platforms that have them.
	Form *card.Form
	// Documents are files sent after the card, where only the person sees them.
	Documents []Document
	// Home is the person's home page, from top to bottom, on platforms that have one.
	Home []card.Card
	// Open lets others read the card: it answers in the group where the person
	// wrote, and holds nothing of anybody's.
	Open bool
	// Errors are shown under the fields of the form just submitted, which stays open. Form
	// is then the same one with what was answered, for where it does not stand there any more.
	Errors map[core.Field]string
	// Retired are messages whose question is not open any more: once the rest of the
	// reply is there each is redrawn as its story, without buttons, but for the one
	// that Card was drawn over. What fails is left, and holds up nothing. Only
	// platforms without modals are asked questions, and get any.
	Retired []Retired
	// Posted, if not nil, hears where Card is (the zero Ref where there is none) and
	// which of Retired still have their buttons. It is not called where Card was not delivered.
	Posted func(ctx context.Context, at card.Ref, left []Retired)
	// Stranger says that it answers somebody who is linked to no account: it is given
	// up where the platform would have it wait, holds up nobody, and is soon forgotten.
	Stranger bool
	// Forget deletes the message that the person wrote (it held a password), where the platform can.
	Forget bool
	// Shut is said in a group to somebody whose private chat is not open yet, instead of what
	// is said to anybody whose answer waits there; "" is that.
	Shut string
}

// IsSilent reports whether nothing is said, shown or done.
func (r Reply) IsSilent() bool {
	return r.Toast == "" && r.Card == nil && r.Form == nil && len(r.Errors)+len(r.Documents)+len(r.Retired) == 0 && !r.Forget
}

// Retired is a message that loses its buttons, and what it says from then on.
type Retired struct {
	Ref   card.Ref `json:"ref"`
	Story es.Story `json:"story"`
}

// ErrLost says that a file cannot be given, however often it is asked for: what is kept of it is
// gone, or is not what was attached.
var ErrLost = errors.New("the file is gone, or is not what was attached")

// Document is a file that the bot gives. Open may be called more than once: an
// attempt that failed is made anew, unless it failed with ErrLost.
type Document struct {
	Name string
	MIME string
	Size int64
	Open func(ctx context.Context) (io.ReadCloser, error)
}
