package export

import (
	"bufio"
	"encoding/json"
	"io"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// LinesFormat is the version of the lines of JSON; keys are only ever added to one.
const LinesFormat = 1

// lines writes one object a line, each with its type first.
type lines struct {
	to  *bufio.Writer
	enc *json.Encoder
	n   int
}

// newLines begins with what the export is.
func newLines(w io.Writer, o Options) (*lines, error) {
	l := &lines{to: bufio.NewWriter(w)}
	l.enc = json.NewEncoder(l.to)
	l.enc.SetEscapeHTML(false)
	meta := struct {
		Type   string    `json:"type"`
		Format int       `json:"format"`
		At     time.Time `json:"at"`
		From   string    `json:"from,omitempty"`
		To     string    `json:"to,omitempty"`
	}{"meta", LinesFormat, o.At.UTC(), bound(o.Period.From), bound(o.Period.To)}
	err := l.put(meta)
	for _, m := range o.Missing {
		if err == nil {
			err = l.put(struct {
				Type string `json:"type"`
				Missing
			}{"missing", m})
		}
	}
	return l, err
}

func bound(d core.Day) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func (l *lines) put(v any) error {
	l.n++
	return l.enc.Encode(v)
}

func (l *lines) record(r core.Record) error {
	return l.put(struct {
		Type string `json:"type"`
		core.Record
	}{"record", r})
}

func (l *lines) account(r core.Record) error {
	return l.put(struct {
		Type string `json:"type"`
		core.Record
	}{"account", r})
}

// The verdicts of an event.
const (
	applied = "applied"
	refused = "refused"
)

func (l *lines) event(e core.Event) error {
	verdict := applied
	if e.Refusal != nil {
		verdict = refused
	}
	return l.put(struct {
		Type    string `json:"type"`
		Verdict string `json:"verdict"`
		core.Event
	}{"event", verdict, e})
}

func (l *lines) item(it outbox.Item) error {
	return l.put(struct {
		Type    string `json:"type"`
		Receipt string `json:"receipt,omitempty"`
		outbox.Item
	}{"item", receipt(it), it})
}

// receipt is what the channel gave for the last message that it took.
func receipt(it outbox.Item) string {
	for _, a := range slices.Backward(it.Attempts) {
		if a.Receipt != "" {
			return a.Receipt
		}
	}
	return ""
}

func (l *lines) card(c Card) error {
	return l.put(struct {
		Type string `json:"type"`
		Card
	}{"card", c})
}

// close ends with how much there was: an export without its end was cut short.
func (l *lines) close() error {
	err := l.put(struct {
		Type  string `json:"type"`
		Lines int    `json:"lines"`
	}{"end", l.n})
	if err != nil {
		return err
	}
	return l.to.Flush()
}
