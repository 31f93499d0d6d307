// Package form is a form that is being filled in, as a value.
//
// It is pure: Step takes a draft, the questions as they stand and one event, and gives
// the draft after it and what is to be done about it. Whoever holds a draft keeps it,
// gives the command that it ends in, and says what Card says.
package form

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
)

// Draft is a form that somebody is filling in. It belongs to their account, whichever
// chat they write in. The zero Draft is no form.
type Draft struct {
	ID     string                `json:"id"`
	Verb   core.Verb             `json:"verb"`
	Kind   core.Kind             `json:"kind"`
	Record string                `json:"record,omitempty"` // "" creates one
	Seen   int                   `json:"seen,omitempty"`   // the record's version when it was begun
	Preset map[core.Field]string `json:"preset,omitempty"` // what the button brought: not asked

	// Agency is that of its person when what it creates was begun: of another agency it is
	// none of theirs. "" where that is not known.
	Agency string `json:"agency,omitempty"`

	// Many says that it is about several requests, which its first question asks for.
	Many bool `json:"many,omitempty"`

	// Base is the earlier request whose answers it was begun with.
	Base string `json:"base,omitempty"`
	// Assumed are the answers that most people would give, as of when it was begun: the summary
	// shows them, and who corrects it is asked for them.
	Assumed map[core.Field]string `json:"assumed,omitempty"`
	// Earlier are answers that the office gave to the same questions before: they are offered.
	Earlier map[core.Field][]string `json:"earlier,omitempty"`

	// Answers are only what the person gave: a field that was left as it stood is not there.
	Answers map[core.Field]Answer `json:"answers,omitempty"`
	// Rejected are texts that could not be taken as the answers they were meant for: they
	// are shown again where they can be mended.
	Rejected map[core.Field]string `json:"rejected,omitempty"`
	// Screens are those from which it was sent and not ended.
	Screens []Screen `json:"screens,omitempty"`
	// Ready are the answers of the acts that are complete beside the open one, in a form
	// that may hold several.
	Ready []map[core.Field]Answer `json:"ready,omitempty"`

	Stage Stage      `json:"stage,omitempty"`
	At    core.Field `json:"field,omitempty"` // the open question, while asking
	Way   Way        `json:"way,omitempty"`   // where an answer leads
	// Search is what was typed to find an option of the open question.
	Search string `json:"search,omitempty"`
	// Readings are what the last input can have meant, as the open question's answer: each
	// of them is one.
	Readings []string `json:"readings,omitempty"`
	// Problem is said with the open question: why the last input was not its answer.
	Problem string `json:"problem,omitempty"`
	// Refused says that Problem is what was wrong with the last input, and of no use any more
	// once the question has its answer.
	Refused bool `json:"refused,omitempty"`
	// Mending is the message that was not taken as the answer: its edit is another try.
	Mending string `json:"mending,omitempty"`
	// Last is the field that words answered last: what was sent at once with them may go on
	// from that answer.
	Last core.Field `json:"last_field,omitempty"`
	// Left says that it was told that going on leaves what was written out.
	Left bool `json:"left,omitempty"`
	// Doubted are the amount and the total of the renglones about which was asked.
	Doubted string `json:"doubted,omitempty"`
	// Noted is what was said of a spreadsheet that was sent with a whole form, or of what
	// follows from it: sent again after that, it is meant.
	Noted string `json:"noted,omitempty"`
	// Chats are the platforms on which its questions are asked one by one: what is
	// written there answers them.
	Chats []string `json:"chats,omitempty"`

	// Round counts the refusals that the person has mended: each try is an act of its own.
	Round int `json:"round,omitempty"`
	// Applied are the inputs that were handled last: a redelivery repeats what they led to.
	Applied []string `json:"applied,omitempty"`
	// Next is the form that was asked for while this one was not finished: the person is
	// asked what becomes of this one.
	Next *Draft `json:"next,omitempty"`
	// Unsure is an act about which was asked before it is done. In a form that is done it holds
	// words that had no place: they are given back.
	Unsure *Unsure `json:"unsure,omitempty"`
	// Done is what was said at the end, and DoneOn the platform where it ended.
	Done   string `json:"done,omitempty"`
	DoneOn string `json:"done_on,omitempty"`
	// Said are the messages that answered it (platform:message), once it was carried out.
	Said []string `json:"said,omitempty"`
	// Sent tells what the form held that was sent from one screen last (Whole.Digest).
	Sent string `json:"sent,omitempty"`

	// Counted is the open question of a draft kept by a version that counted them.
	Counted int `json:"at,omitempty"`
}

// Stage is what is open in a draft.
type Stage string

// The stages. A draft that has just been begun has none yet.
const (
	Asking    Stage = "asking"    // the question At
	Choosing  Stage = "choosing"  // which field is to be corrected
	Reviewing Stage = "reviewing" // the summary, before it is sent
	Sending   Stage = "sending"   // the command is given: what came of it is not noted yet
	Done      Stage = "done"
)

// Way is where an answer leads.
type Way string

// The ways through a form.
const (
	InOrder Way = ""        // to the next question
	ThereIs Way = "back"    // back to the fields to choose from
	Lacking Way = "lacking" // to the next question without which it cannot be sent
)

// Answer is what a person gave for one field.
type Answer struct {
	Value string            `json:"value,omitempty"` // as the core keeps it
	Items []core.Item       `json:"items,omitempty"`
	Files []core.Attachment `json:"files,omitempty"`
	// Blank says that the answer is none, in place of what the record says.
	Blank bool `json:"blank,omitempty"`
	// From is the message that gave it (platform:message), where an edit of it may change
	// it; Parts is how many messages the platform made of it.
	From  string `json:"from,omitempty"`
	Parts int    `json:"parts,omitempty"`
}

func (a Answer) empty() bool { return a.Value == "" && len(a.Items) == 0 && len(a.Files) == 0 }

// applied is how many inputs a draft remembers: more than are ever under way at once.
const applied = 32

// Open reports whether there is a form and it is not finished.
func (d Draft) Open() bool { return d.ID != "" && d.Stage != Done }

// Touched reports whether something would be lost without the draft.
func (d Draft) Touched() bool {
	return d.Open() && (len(d.Answers) > 0 || len(d.Ready) > 0 || len(d.Rejected) > 0 || d.Counted > 0 || d.Pending() != "")
}

// Same reports whether both ask for the same thing.
func (d Draft) Same(o Draft) bool {
	return d.Kind == o.Kind && d.Verb == o.Verb && d.Record == o.Record && d.Many == o.Many && d.Base == o.Base && maps.Equal(d.Preset, o.Preset)
}

// HasApplied reports whether an input was handled before.
func (d Draft) HasApplied(id string) bool { return id != "" && slices.Contains(d.Applied, id) }

// Begin is next in place of d, on a platform that asks one question after the other
// ("" for one that draws it whole), by the input with an id. What d has handled is not
// handled again.
func (d Draft) Begin(next Draft, platform, id string) Draft {
	next.Applied = d.Applied
	next = next.noted(id)
	if platform != "" && !slices.Contains(next.Chats, platform) {
		next.Chats = append(slices.Clone(next.Chats), platform)
	}
	return next
}

// AskedOn reports whether what is written on a platform answers the draft's questions.
func (d Draft) AskedOn(platform string) bool { return slices.Contains(d.Chats, platform) }

func (d Draft) noted(id string) Draft {
	if id == "" || slices.Contains(d.Applied, id) {
		return d
	}
	all := append(slices.Clone(d.Applied), id)
	d.Applied = all[max(0, len(all)-applied):]
	return d
}

// blank is the answer that leaves q without one.
func blank(q card.Question) Answer { return Answer{Blank: q.Value != "" || len(q.Items) > 0} }

// with is d with an answer; an empty one takes it away, unless it stands for none.
func (d Draft) with(f core.Field, a Answer) Draft {
	d.Answers = maps.Clone(d.Answers)
	if a.empty() && !a.Blank {
		delete(d.Answers, f)
	} else {
		if d.Answers == nil {
			d.Answers = map[core.Field]Answer{}
		}
		d.Answers[f] = a
	}
	return d.rejecting(f, "")
}

// rejecting is d with a text that was not taken for field f; "" for none.
func (d Draft) rejecting(f core.Field, text string) Draft {
	d.Rejected = maps.Clone(d.Rejected)
	if text == "" {
		delete(d.Rejected, f)
		return d
	}
	if d.Rejected == nil {
		d.Rejected = map[core.Field]string{}
	}
	d.Rejected[f] = text
	return d
}

// saying is d with a problem that is said with what is open.
func (d Draft) saying(problem string) Draft {
	d.Problem, d.Refused = problem, false
	return d
}

// refusing is d with what was wrong with an input; "" for nothing.
func (d Draft) refusing(problem string) Draft {
	d = d.saying(problem)
	d.Refused = problem != ""
	return d
}

// Pending are the words about which is asked where they belong; "" for none.
func (d Draft) Pending() string {
	if d.Unsure == nil || !d.Unsure.Early {
		return ""
	}
	return d.Unsure.Words.Text
}

// Kept is d as it is kept when somebody leaves it: what they wrote and has no place yet is
// asked again, and whether they meant what they pressed or said about the form is not.
func (d Draft) Kept() Draft {
	if d.Next = nil; d.Pending() == "" {
		d.Unsure = nil
	}
	return d
}

// Resumed is d as it is asked when somebody comes back to it: without what was said to an
// earlier input.
func (d Draft) Resumed() Draft {
	next := d.Next
	d = d.Kept().saying("")
	d.Next = next
	return d
}

// Place is what is open in d, as the buttons under it carry it: the number of the
// question from 0, then one for the summary, the fields to choose from, the choice between
// two forms, the question whether an act is meant, and the one where words belong. With
// each act that is ready they begin anew.
func (d Draft) Place(f card.Form) int {
	n := len(f.Questions)
	return len(d.Ready)*(n+places) + d.place(f, n)
}

// places is how many a form has beside its questions.
const places = 5

// questionAt is the question of the open act that a place stands for; false for another.
func (d Draft) questionAt(f card.Form, place int) (card.Question, bool) {
	n := len(f.Questions)
	act, i := place/(n+places), place%(n+places)
	if act != len(d.Ready) || i >= n {
		return card.Question{}, false
	}
	return f.Questions[i], true
}

func (d Draft) place(f card.Form, n int) int {
	switch {
	case d.Next != nil:
		return n + 2
	case d.Pending() != "":
		return n + 4
	case d.Unsure != nil:
		return n + 3
	}
	switch d.Stage {
	case Asking:
		return max(0, at(f, d.At))
	case Choosing:
		return n + 1
	case Reviewing, Sending, Done:
	}
	return n
}

// at is the number of the question for a field; -1 for none.
func at(f card.Form, field core.Field) int {
	return slices.IndexFunc(f.Questions, func(q card.Question) bool { return q.Field == field })
}

// Asks is the open question of d; false where none is.
func (d Draft) Asks(f card.Form) (card.Question, bool) {
	i := at(f, d.At)
	if d.Stage != Asking || d.Next != nil || d.Unsure != nil || i < 0 {
		return card.Question{}, false
	}
	return f.Questions[i], true
}

// AnsweredBy is the field whose answer a message (platform:message) gave; "" for none.
func (d Draft) AnsweredBy(message string) core.Field {
	for f, a := range d.Answers {
		if message != "" && a.From == message {
			return f
		}
	}
	return ""
}

// said are the messages that answered d, of each act.
func (d Draft) said() []string {
	var out []string
	for _, answers := range d.all() {
		for _, a := range answers {
			if a.From != "" {
				out = append(out, a.From)
			}
		}
	}
	slices.Sort(out)
	return out
}

// UnmarshalJSON also reads drafts as they were kept before answers had fields of their
// own, and questions were counted.
func (d *Draft) UnmarshalJSON(body []byte) error {
	type plain Draft
	var kept struct {
		plain
		Values map[core.Field]string `json:"values"`
		Items  []core.Item           `json:"items"`
		Files  []core.Attachment     `json:"files"`
		Last   string                `json:"last"`
	}
	if err := json.Unmarshal(body, &kept); err != nil {
		return fmt.Errorf("read a draft: %w", err)
	}
	out := Draft(kept.plain)
	for f, v := range kept.Values {
		if _, given := out.Preset[f]; f != core.FieldItems && !given {
			out = out.with(f, Answer{Value: v})
		}
	}
	if len(kept.Items) > 0 {
		out = out.with(core.FieldItems, Answer{Items: kept.Items})
	}
	if len(kept.Files) > 0 {
		out = out.with(core.FieldFiles, Answer{Files: kept.Files})
	}
	out = out.noted(kept.Last)
	if out.Done != "" {
		out.Stage = cmp.Or(out.Stage, Done)
	}
	*d = out
	return nil
}
