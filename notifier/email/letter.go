package email

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/wneessen/go-mail"

	"sidem.gob.mx/sidem/core/outbox"
)

var errRecipients = errors.New("a mail needs exactly one recipient")

// letter is a mail that is ready to be handed over, rendered as a whole: a body
// that fails half way must not become a truncated mail.
type letter struct {
	from, to string // in angle brackets
	data     []byte
	utf8     bool // an address needs SMTPUTF8
	eightBit bool // the content needs 8BITMIME
}

func render(msg *mail.Msg, d DKIM) (letter, error) {
	from, err := msg.GetSender(false)
	if err != nil {
		return letter{}, unfit(err)
	}
	to, err := msg.GetRecipients()
	if err != nil {
		return letter{}, unfit(err)
	}
	if len(to) != 1 {
		return letter{}, unfit(fmt.Errorf("%w, not %d", errRecipients, len(to)))
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return letter{}, fmt.Errorf("render mail: %w", err) // a file may be readable again later
	}
	data, err := d.sign(refolded(unchanging(b.Bytes(), msg.GetMessageID())))
	if err != nil {
		return letter{}, err
	}
	return letter{
		from: from, to: to[0], data: data,
		utf8: !ascii([]byte(from + to[0])), eightBit: !ascii(data),
	}, nil
}

// unfit is for a mail that nobody could send.
func unfit(err error) error { return outbox.Permanent(fmt.Errorf("compose mail: %w", err)) }

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
