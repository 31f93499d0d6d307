package emailtest

import "time"

// PhaseName is a moment of a connection at which the relay may misbehave.
type PhaseName string

// The phases, in the order in which a mail goes through them.
const (
	Connect  PhaseName = "connect" // accepted; before the greeting and before implicit TLS
	Ehlo     PhaseName = "ehlo"    // EHLO or HELO
	StartTLS PhaseName = "starttls"
	Auth     PhaseName = "auth" // the AUTH command itself, before any challenge
	MailFrom PhaseName = "mail"
	RcptTo   PhaseName = "rcpt"
	Data     PhaseName = "data" // the DATA command, before 354
	Dot      PhaseName = "dot"  // the whole message was received
	Rset     PhaseName = "rset"
	Noop     PhaseName = "noop"
	Quit     PhaseName = "quit"
)

// Phase is what Intercept's function is asked about.
type Phase struct {
	Name PhaseName
	// From and To are the envelope as far as known, the phase's own address included; To is the latest recipient.
	From, To string
	// Message is what was received, at Dot only. What cannot be parsed has its Raw only.
	Message *Mail
}

// Fault is a misbehaviour. The zero value is none.
type Fault struct {
	// Reply is said instead of the usual reply: "451 4.3.0 try later", or
	// garbage. A 421 hangs up too, and so does any reply to Connect but a 220.
	Reply string
	// Drop closes the connection without a reply, or after Reply.
	Drop bool
	// Delay passes first. It ends early, and the connection with it, when the
	// client hangs up; an hour is a relay that hangs.
	Delay time.Duration
	// After has the command done first, a mail kept even, and the fault
	// thereafter. It makes no difference to Connect, StartTLS and Data.
	After bool
}

// verbs are the commands at which a phase begins.
var verbs = map[string]PhaseName{
	"EHLO": Ehlo, "HELO": Ehlo, "STARTTLS": StartTLS, "AUTH": Auth, "MAIL": MailFrom, "RCPT": RcptTo,
	"DATA": Data, "RSET": Rset, "NOOP": Noop, "QUIT": Quit,
}
