package email

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"sidem.gob.mx/sidem/core/outbox"
)

// What an attempt that did not end well leaves on record in its receipt.
const (
	// offered: the mail left us, and the answer was lost. Its name and date follow, so
	// that the next attempt in the same words is the same mail.
	offered = "offered "
	// accepted: the relay has the mail; what was to be done then failed. The relay's
	// receipt follows.
	accepted = "accepted "
)

// handOver hands a mail to the relay. Where the answer is lost, the receipt says
// what was offered.
func (c *Channel) handOver(ctx context.Context, it outbox.Item, msg *mail.Msg) (receipt string, err error) {
	receipt, err = c.Relay.Send(ctx, msg)
	if !outbox.IsUncertain(err) {
		return receipt, err
	}
	id := msg.GetMessageID()
	if before, ok := offer(it); ok && before.id != id {
		// It may lie in the mailbox: what it said is not so any more, and is not said
		// again under its name.
		err = outbox.Uncertain(fmt.Errorf("%w (other words were offered before, as %s)", err, before.id))
	}
	return offered + id + " " + dateOf(msg).UTC().Format(time.RFC3339), err
}

// dateOf is the Date of a mail.
func dateOf(msg *mail.Msg) time.Time {
	for _, value := range msg.GetGenHeader(mail.HeaderDate) {
		if at, err := time.Parse(time.RFC1123Z, value); err == nil {
			return at
		}
	}
	return time.Time{}
}

// onOffer is a mail of which nobody knows whether it arrived.
type onOffer struct {
	id string // with angle brackets
	at time.Time
}

// offer is the last mail of an item that was offered, since it was last settled for good.
func offer(it outbox.Item) (onOffer, bool) {
	for _, receipt := range receipts(it) {
		text, ok := strings.CutPrefix(receipt, offered)
		if !ok {
			continue
		}
		id, date, _ := strings.Cut(text, " ")
		if at, err := time.Parse(time.RFC3339, date); err == nil {
			return onOffer{id, at}, true
		}
	}
	return onOffer{}, false
}

// takenBefore is the relay's receipt for a mail of which all but the record was done.
func takenBefore(it outbox.Item) (receipt string, ok bool) {
	for _, receipt := range receipts(it) {
		if text, ok := strings.CutPrefix(receipt, accepted); ok {
			return text, true
		}
	}
	return "", false
}

// receipts are those of attempts that did not end well, the latest first.
func receipts(it outbox.Item) []string {
	var out []string
	for _, a := range slices.Backward(it.Attempts) {
		if a.Outcome == outbox.WasSent || a.Outcome == outbox.WasMoot || a.Outcome == outbox.Buried {
			break
		}
		out = append(out, a.Receipt)
	}
	return out
}

// date is when a mail was written: the same while it may lie in the mailbox already.
func (c *Channel) date(it outbox.Item, id string) time.Time {
	now := c.Now()
	if before, ok := offer(it); ok && before.id == "<"+id+">" {
		return before.at.In(now.Location())
	}
	return now
}

// boundaries matches those that go-mail draws.
var boundaries = regexp.MustCompile(`boundary="?([0-9a-f]{60})`)

// unchanging is a rendered message with boundaries that follow from its name, in
// place of those that were drawn: the same mail is the same bytes.
func unchanging(data []byte, id string) []byte {
	text := string(data)
	for i, m := range boundaries.FindAllStringSubmatch(text, -1) {
		text = strings.ReplaceAll(text, m[1], digest(30, id, fmt.Sprint(i)))
	}
	return []byte(text)
}
