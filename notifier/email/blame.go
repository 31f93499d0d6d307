package email

import (
	"net/textproto"
	"regexp"
	"slices"
	"strings"
)

// blame says whom a refusal is about.
type blame int

const (
	// unclear is a refusal that relays give for one recipient and for all alike.
	unclear blame = iota
	// theirs is about this recipient: the address, or the mailbox behind it.
	theirs
	// itself is about this mail: its size, its shape.
	itself
	// ours is about whoever sends: no mail of ours would fare better.
	ours
)

// Reason is why a relay takes no mail of ours, for metrics and advice.
type Reason string

// The reasons.
const (
	Quota       Reason = "quota"       // we have sent too much
	Sender      Reason = "sender"      // SIDEM_MAIL_FROM is not ours to use
	Client      Reason = "client"      // this machine's address is not trusted
	Relaying    Reason = "relaying"    // it does not relay for us
	Greeting    Reason = "greeting"    // our name in EHLO
	Login       Reason = "login"       // account, password, TLS
	Policy      Reason = "policy"      // several recipients in a row were told the same
	Unreachable Reason = "unreachable" // no session comes about
)

// finding is what a refusal says.
type finding struct {
	blame  blame
	reason Reason // of ours
}

// phrase is what relays say in words. Codes are coarse: Postfix says 5.7.1 for a
// relay that is closed to us, and for one mailbox that is closed to all.
type phrase struct {
	text *regexp.Regexp
	finding
	source string
}

func says(pattern string, f finding, source string) phrase {
	return phrase{regexp.MustCompile(`(?i)` + pattern), f, source}
}

// phrases are tried all; of those that match, the one that comes first in the text
// counts, since relays quote what others told them at the end.
var phrases = []phrase{
	says(`sender address rejected`, finding{ours, Sender}, "Postfix smtpd_check.c: reject_sender_login_mismatch, reject_unknown_sender_domain, reject_unlisted_sender"),
	says(`not owned by user|not logged in`, finding{ours, Sender}, "Postfix smtpd_check.c: reject_sender_login_mismatch"),
	says(`(helo|ehlo) command rejected|(invalid|bad|forged|rejected) (helo|ehlo)`, finding{ours, Greeting}, "Postfix smtpd_check.c: reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname; Exim"),
	says(`client host rejected|client host (\[[^\]]*\] )?blocked|cannot find your (reverse )?hostname`, finding{ours, Client}, "Postfix smtpd_check.c: reject_unknown_client_hostname, reject_rbl_client"),
	says(`blocked using|(black|block) ?list|spamhaus|(reverse dns|ptr record)|poor reputation|your (ip|network|host|server)\b|from this ip|(traffic|connection)s? (is |are )?not (accepted|allowed)`, finding{ours, Client}, "RFC 7372 §3; Exchange Online 5.7.7xx; Exim dnslists"),
	says(`relay(ing)? (access )?(is )?(denied|prohibited|not (permitted|allowed))|unable to relay|not (permitted|allowed|authorized) to relay|rcpthosts|we do not relay`, finding{ours, Relaying}, "Postfix smtpd_check.c: reject_unauth_destination; Sendmail check_rcpt; Exim; Exchange 5.7.54 and 5.7.64; qmail"),
	says(`(send|sending) as\b|sendasdenied|sender (address |domain )?(is )?(blocked|denied|banned|not allowed|unauthorized|not authorized)|(banned|bad outbound|blocked) sender|sender verif\w+ failed|verification failed for|domain of sender|envelope sender|not (allowed|authorized|permitted) to send (from|mail|e-?mail|messages)`, finding{ours, Sender}, "Exchange 5.7.60 and 5.2.252; Exim verify = sender; Sendmail check_mail; Exchange Online 5.1.8 and 5.7.50x"),
	says(`\b(spf|dkim|dmarc)\b|unauthenticated (e-?mail|mail|sender|message)`, finding{ours, Sender}, "RFC 7372 §3; RFC 7489 §10.3"),
	says(`authentication (is )?required|must issue (a |an )?(starttls|auth)|(please )?(log ?in|authenticate) first|encryption (is )?(required|needed)`, finding{ours, Login}, "RFC 4954 §6; RFC 3207 §4; OpenSMTPD"),
	says(`(dail(y|ies)|hourly|sending|outbound|outgoing|relay|rate|sender)[ -](\w+ ){0,3}(limit|quota)|(too many|too much) (messages|mails?|e-?mails?)\b|max(imum)? (e-?mails|messages)|(e-?mails|messages) per (minute|hour|day)|mail flood|rate.limit`, finding{ours, Quota}, "RFC 3463 §3.5 (X.4.5); Google Workspace 5.4.5; Exchange Online 5.1.90; cPanel; Postfix anvil"),

	says(`user unknown|unknown (user|recipient|mailbox)|no such (user|mailbox|recipient|person|address)|(user|mailbox|recipient|account|address) (\w+ )?(not found|does not exist|is (disabled|inactive|suspended|full))|mailbox (is )?(full|disabled)|over ?quota|invalid recipient|unrouteable|does not accept mail|recipient (address )?not found`, finding{blame: theirs}, "Postfix smtpd_check.c: reject_unlisted_recipient; Exim verify = recipient; RFC 7505 §4.2; RFC 3463 §3.3"),
	says(`message (size|too (large|big))|size (exceeds|limit)|exceeds (\w+ )*size|too (large|big)`, finding{blame: itself}, "RFC 1870 §6.1; Postfix: message_size_limit"),
	// It stops the search, and leaves it to the code.
	says(`recipient address rejected`, finding{}, "Postfix smtpd_check.c: check_recipient_access, reject, policy services"),
}

// exceeded is about a mailbox or about us: the code knows.
var exceeded = regexp.MustCompile(`(?i)quota|limit(s)? (is |was |has been )?(exceeded|reached)|exceed\w* (\w+ ){0,3}limit`)

// class is what an enhanced status code says (RFC 3463, and IANA's registry of SMTP
// Enhanced Status Codes), whatever the words.
type class struct {
	codes  string // subject.detail, space between
	source string
	finding
}

var classes = []class{
	{"1.1 1.2 1.3 1.4 1.6 1.9 1.10", "RFC 3463 §3.2; RFC 7505 §4.2", finding{blame: theirs}},
	{"1.7 1.8", "RFC 3463 §3.2: the sender's address", finding{ours, Sender}},
	{"2.1 2.2 2.3 2.4", "RFC 3463 §3.3: the mailbox", finding{blame: theirs}},
	{"3.1 3.2 3.5", "RFC 3463 §3.4: the relay's own system", finding{ours, Policy}},
	{"3.3 3.6", "RFC 3463 §3.4; RFC 5248: what this mail asks for", finding{blame: itself}},
	{"3.4", "RFC 3463 §3.4; RFC 1870: the mail is too big", finding{blame: itself}},
	{"4.5", "RFC 3463 §3.5: congestion, which relays say of quotas", finding{ours, Quota}},
	{"4.1 4.4 4.6 4.7", "RFC 3463 §3.5: the way to this recipient's system", finding{blame: theirs}},
	{"6.7", "RFC 6531 §3.5: this address needs SMTPUTF8", finding{blame: theirs}},
	{"7.2 7.17 7.18 7.19", "RFC 3463 §3.8; RFC 7293: this recipient", finding{blame: theirs}},
	{"7.7 7.16", "RFC 3463 §3.8; RFC 6710: this mail", finding{blame: itself}},
	{"7.8 7.9 7.10 7.11 7.12 7.13 7.14 7.30", "RFC 4954 §6; RFC 5248: our account, our TLS", finding{ours, Login}},
	{"7.20 7.21 7.22 7.23 7.24 7.26 7.27 7.29", "RFC 7372; RFC 7505; RFC 8617: our domain's authentication", finding{ours, Sender}},
	{"7.25", "RFC 7372: the client's reverse DNS", finding{ours, Client}},
	{"7.28", "IANA registry: mail flood", finding{ours, Quota}},
}

// basic is what a reply code without an enhanced one says, by the step (RFC 5321
// §4.2.3 and §4.3.2).
var basic = []struct {
	code int
	at   []step
	finding
}{
	{530, nil, finding{ours, Login}}, // RFC 4954 §6, as the next three
	{534, nil, finding{ours, Login}},
	{535, nil, finding{ours, Login}},
	{538, nil, finding{ours, Login}},
	{551, []step{stepRcpt}, finding{blame: theirs}}, // not local
	{552, []step{stepRcpt}, finding{blame: theirs}}, // the mailbox is full
	{552, []step{stepMail, stepData, stepBody, stepDot}, finding{blame: itself}},
	{553, []step{stepRcpt}, finding{blame: theirs}}, // no name of a mailbox
	{555, nil, finding{ours, Policy}},               // our parameters
	{521, nil, finding{ours, Policy}},               // RFC 7504: it takes no mail
	{556, []step{stepRcpt}, finding{blame: theirs}}, // RFC 7504: the domain takes none
}

// enhanced matches the status code that begins a text, or stands in it as qmail puts it.
var enhanced = regexp.MustCompile(`^([245])\.(\d{1,3})\.(\d{1,3})\b|\(#([245])\.(\d{1,3})\.(\d{1,3})\)`)

// detail is subject.detail of a reply's enhanced status code; "" without one.
func detail(text string) string {
	m := enhanced.FindStringSubmatch(strings.TrimSpace(text))
	switch {
	case m == nil:
		return ""
	case m[1] != "":
		return m[2] + "." + m[3]
	}
	return m[5] + "." + m[6]
}

// find reads a refusal: the words first, then the codes. At MAIL the relay knows
// but the sender, so that nothing there is about a recipient.
func find(at step, reply *textproto.Error) finding {
	f := read(at, reply)
	if at == stepMail && reply.Code/100 == 5 && f.blame != itself && f.blame != ours {
		return finding{ours, Sender}
	}
	return f
}

func read(at step, reply *textproto.Error) finding {
	for _, b := range basic[:4] { // whatever else it says
		if b.code == reply.Code {
			return b.finding
		}
	}
	coded := byCode(at, reply)
	if f, ok := inWords(reply.Msg); ok && f.blame != unclear {
		return f
	}
	if exceeded.MatchString(reply.Msg) && coded.blame == unclear {
		return finding{ours, Quota}
	}
	return coded
}

// inWords is what the first phrase in a text says.
func inWords(text string) (f finding, ok bool) {
	first := len(text)
	for _, p := range phrases {
		if at := p.text.FindStringIndex(text); at != nil && at[0] < first {
			first, f, ok = at[0], p.finding, true
		}
	}
	return f, ok
}

func byCode(at step, reply *textproto.Error) finding {
	if code := detail(reply.Msg); code != "" {
		for _, c := range classes {
			for one := range strings.FieldsSeq(c.codes) {
				if one == code {
					return c.finding
				}
			}
		}
		return finding{}
	}
	for _, b := range basic {
		if b.code == reply.Code && (len(b.at) == 0 || slices.Contains(b.at, at)) {
			return b.finding
		}
	}
	return finding{}
}
