package emailtest

import (
	"net/mail"
	"time"
)

// Mail is a message as it was received.
type Mail struct {
	// From and To are the envelope: what MAIL and RCPT said.
	From string
	To   []string
	// Subject is decoded; MessageID, InReplyTo and References keep their angle brackets.
	Subject, MessageID, InReplyTo, References string
	// Header has the fields as written, unfolded.
	Header mail.Header
	// Text and HTML are the first body of each kind, decoded to UTF-8, with \n for line ends.
	Text, HTML string
	// Parts are all leaves in order; Attachments those that are no bodies, inline pictures included.
	Parts, Attachments []Part
	// Raw is the message without the transport's dots, Size its length in bytes.
	Raw  []byte
	Size int
	// At is when it was accepted; Seq counts from 1 over all mailboxes.
	At  time.Time
	Seq int64
}

// Part is one leaf of a message.
type Part struct {
	// Name is its file name, decoded, if it has one.
	Name string
	// ContentID is without angle brackets.
	ContentID string
	// ContentType is the media type without parameters, in lower case.
	ContentType string
	// Data is decoded; text is in UTF-8.
	Data []byte
}
