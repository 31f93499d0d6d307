package outbox

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Payload is what an item says beside its record, as its writers and readers know it.
// Each kind of item (Item.What) has some of it; stores keep it as Item.Data.
type Payload struct {
	Mail string // which mail, of core.Mail
	Note string // which note, of core.Note
	// At is the instant of the act of which it tells.
	At time.Time
	// Own: it answers what its account itself has done, and goes at any hour.
	Own bool
	// Anew names a wish for a new message with the card, even if nothing changed.
	Anew string
	// Force draws the card even if nothing changed.
	Force bool
	// Instead is the item in whose place the card is posted, though another chat comes first.
	Instead string
	// Replace takes the last note of the same name off the screen.
	Replace bool
	// Tried are the channels that did not deliver it.
	Tried []string
	// Lost are the lines of an alert, or the number of a request that its reader may not see any more.
	Lost []string
	// Tick and Day name a tick and the day of which it is.
	Tick, Day string
	// Duty, Turn and N name a reminder: the n-th of a duty in one of its turns.
	Duty    string
	Turn, N int
	// Deputy stands in for the account that changed, and Left is the chat that it left.
	Deputy, Left string
	// Trace is that of the acts for which it is owed, for whoever follows what comes of them: a
	// traceparent of W3C's Trace Context each. None where nobody does.
	Trace []string
}

// field is how a part of a payload is kept: by its name, which is kept for ever, as a text.
type field struct {
	name  string
	write func(p *Payload) string
	read  func(p *Payload, text string)
}

func word(name string, of func(*Payload) *string) field {
	return field{name, func(p *Payload) string { return *of(p) }, func(p *Payload, text string) { *of(p) = text }}
}

func flag(name string, of func(*Payload) *bool) field {
	return field{name, func(p *Payload) string {
		if *of(p) {
			return "yes"
		}
		return ""
	}, func(p *Payload, text string) { *of(p) = text != "" }}
}

func list(name, between string, of func(*Payload) *[]string) field {
	return field{name, func(p *Payload) string { return strings.Join(*of(p), between) }, func(p *Payload, text string) {
		if text != "" {
			*of(p) = strings.Split(text, between)
		}
	}}
}

// number is kept where its payload names a duty.
func number(name string, of func(*Payload) *int) field {
	return field{name, func(p *Payload) string {
		if p.Duty == "" {
			return ""
		}
		return strconv.Itoa(*of(p))
	}, func(p *Payload, text string) {
		if n, err := strconv.Atoi(text); err == nil {
			*of(p) = n
		}
	}}
}

var fields = []field{
	word("mail", func(p *Payload) *string { return &p.Mail }),
	word("note", func(p *Payload) *string { return &p.Note }),
	{"at", func(p *Payload) string {
		if p.At.IsZero() {
			return ""
		}
		return p.At.Format(time.RFC3339Nano)
	}, func(p *Payload, text string) {
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
			p.At = at
		}
	}},
	flag("own", func(p *Payload) *bool { return &p.Own }),
	word("anew", func(p *Payload) *string { return &p.Anew }),
	flag("force", func(p *Payload) *bool { return &p.Force }),
	word("instead", func(p *Payload) *string { return &p.Instead }),
	flag("replace", func(p *Payload) *bool { return &p.Replace }),
	list("tried", ",", func(p *Payload) *[]string { return &p.Tried }),
	list("lost", "\n", func(p *Payload) *[]string { return &p.Lost }),
	word("tick", func(p *Payload) *string { return &p.Tick }),
	word("day", func(p *Payload) *string { return &p.Day }),
	word("duty", func(p *Payload) *string { return &p.Duty }),
	number("turn", func(p *Payload) *int { return &p.Turn }),
	number("n", func(p *Payload) *int { return &p.N }),
	word("deputy", func(p *Payload) *string { return &p.Deputy }),
	word("left", func(p *Payload) *string { return &p.Left }),
	list("trace", "\n", func(p *Payload) *[]string { return &p.Trace }),
}

// Payload is what the item's Data says. What nobody knows is not read.
func (it Item) Payload() Payload {
	var p Payload
	for _, f := range fields {
		if text, ok := it.Data[f.name]; ok {
			f.read(&p, text)
		}
	}
	return p
}

// HasForeign reports whether Data holds what no payload has.
func (it Item) HasForeign() bool {
	for name := range it.Data {
		if !slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) {
			return true
		}
	}
	return false
}

// Data is the payload as stores keep it; nil for an empty one.
func (p Payload) Data() map[string]string {
	var out map[string]string
	for _, f := range fields {
		if text := f.write(&p); text != "" {
			if out == nil {
				out = make(map[string]string)
			}
			out[f.name] = text
		}
	}
	return out
}
