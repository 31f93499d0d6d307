package email_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// What relays say in their own words, and whose it is: "theirs" buries the notice,
// a reason holds the channel, "unclear" waits for what others are told.
var refusals = []struct {
	at    emailtest.PhaseName
	reply string
	whose string
}{
	// Postfix, as its manual has the codes and smtpd_check.c the words. By default it
	// says at RCPT what is about client, HELO and sender (smtpd_delay_reject).
	{emailtest.RcptTo, "554 5.7.1 <lucia.herrera@ejemplo.gob.mx>: Relay access denied", "relaying"},
	{emailtest.RcptTo, "454 4.7.1 <lucia.herrera@ejemplo.gob.mx>: Relay access denied", "relaying"},
	{emailtest.RcptTo, "553 5.7.1 <sidem@ejemplo.gob.mx>: Sender address rejected: not owned by user sidem", "sender"},
	{emailtest.RcptTo, "553 5.7.1 <sidem@ejemplo.gob.mx>: Sender address rejected: not logged in", "sender"},
	{emailtest.RcptTo, "550 5.1.0 <sidem@ejemplo.gob.mx>: Sender address rejected: User unknown in virtual mailbox table", "sender"},
	{emailtest.RcptTo, "550 5.1.8 <sidem@ejemplo.gob.mx>: Sender address rejected: Domain not found", "sender"},
	{emailtest.RcptTo, "450 4.1.8 <sidem@ejemplo.gob.mx>: Sender address rejected: Domain not found", "sender"},
	{emailtest.RcptTo, "504 5.5.2 <sidem>: Helo command rejected: need fully-qualified hostname", "greeting"},
	{emailtest.RcptTo, "450 4.7.1 <sidem.test>: Helo command rejected: Host not found", "greeting"},
	{emailtest.RcptTo, "550 5.7.1 <sidem.test>: Helo command rejected: Access denied", "greeting"},
	{emailtest.RcptTo, "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied", "client"},
	{emailtest.RcptTo, "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]", "client"},
	{emailtest.RcptTo, "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", "client"},
	{emailtest.RcptTo, "550 5.1.1 <lucia.herrera@ejemplo.gob.mx>: Recipient address rejected: User unknown in local recipient table", "theirs"},
	{emailtest.RcptTo, "550 5.1.1 <lucia.herrera@ejemplo.gob.mx>: Recipient address rejected: undeliverable address: host mx.ejemplo.gob.mx[192.0.2.7] said: 554 5.7.1 Client host rejected", "theirs"},
	{emailtest.RcptTo, "556 5.1.10 <lucia.herrera@ejemplo.gob.mx>: Recipient address rejected: Domain ejemplo.gob.mx does not accept mail (nullMX)", "theirs"},
	{emailtest.RcptTo, "554 5.7.1 <lucia.herrera@ejemplo.gob.mx>: Recipient address rejected: Access denied", "unclear"},
	{emailtest.RcptTo, "554 5.7.1 <lucia.herrera@ejemplo.gob.mx>: Recipient address rejected: Policy rejection; Message quota exceeded", "quota"},
	{emailtest.RcptTo, "450 4.2.0 <lucia.herrera@ejemplo.gob.mx>: Recipient address rejected: Greylisted, see http://postgrey.example/", "retry"},
	{emailtest.Dot, "550 5.7.1 Message content rejected", "unclear"},
	{emailtest.Dot, "452 4.3.1 Insufficient system storage", "retry"},
	// Others.
	{emailtest.Dot, "550 5.4.5 Daily user sending limit exceeded", "quota"}, // Google
	{emailtest.RcptTo, "550 5.4.5 Daily sending quota exceeded", "quota"},
	{emailtest.RcptTo, "554 5.7.1 Quota exceeded", "quota"},
	{emailtest.RcptTo, "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients", "quota"}, // Exchange Online
	{emailtest.RcptTo, "550 Domain ejemplo.gob.mx has exceeded the max emails per hour (150/150 (100%)) allowed. Message discarded.", "quota"},
	{emailtest.RcptTo, "450 4.7.1 Error: too much mail from 192.0.2.1", "quota"},
	{emailtest.Dot, "550 5.7.60 SMTP; Client does not have permissions to send as this sender", "sender"}, // Exchange
	{emailtest.Dot, "554 5.2.252 SendAsDenied; sidem@ejemplo.gob.mx not allowed to send as other@ejemplo.gob.mx", "sender"},
	{emailtest.Dot, "550 5.7.26 This mail is unauthenticated: SPF and DKIM did not pass", "sender"},
	{emailtest.RcptTo, "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", "relaying"},
	{emailtest.RcptTo, "550 relay not permitted", "relaying"},                                                                      // Exim
	{emailtest.RcptTo, "550 Sender verify failed", "sender"},                                                                       // Exim
	{emailtest.RcptTo, "550 Unrouteable address", "theirs"},                                                                        // Exim
	{emailtest.RcptTo, "550 5.7.1 <lucia.herrera@ejemplo.gob.mx>... Relaying denied. Proper authentication required.", "relaying"}, // Sendmail
	{emailtest.RcptTo, "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "relaying"},                        // qmail
	{emailtest.RcptTo, "550 sorry, no mailbox here by that name (#5.1.1)", "theirs"},
	{emailtest.RcptTo, "530 5.5.1 Invalid command: Must issue an AUTH command first", "login"}, // OpenSMTPD
	{emailtest.RcptTo, "552 5.2.2 The email account that you tried to reach is over quota", "theirs"},
	{emailtest.RcptTo, "552 5.2.2 Quota exceeded", "theirs"},
	{emailtest.RcptTo, "452 4.2.2 The email account that you tried to reach is over quota", "retry"},
	{emailtest.RcptTo, "550 5.2.1 The user is disabled", "theirs"},
	{emailtest.RcptTo, "550 no", "unclear"},
	{emailtest.RcptTo, "550 5.7.0 no", "unclear"},
	{emailtest.Dot, "552 5.3.4 Message size exceeds fixed limit", "theirs"},
	{emailtest.MailFrom, "550 5.7.1 no", "sender"},
	{emailtest.MailFrom, "501 5.1.7 Bad sender address syntax", "sender"},
	{emailtest.MailFrom, "550 5.4.5 Daily sending quota exceeded", "quota"},
}

func TestARefusalIsLaidAtTheRightDoor(t *testing.T) {
	for _, r := range refusals {
		t.Run(string(r.at)+" "+r.reply, func(t *testing.T) {
			s, tr := relay(t, emailtest.Options{}, nil)
			s.Intercept(once(r.at, emailtest.Fault{Reply: r.reply}))
			_, err := tr.Send(t.Context(), message(t, lucia))
			got := kind(err)
			switch got {
			case "permanent":
				got = "theirs"
			case "config":
				got = outbox.Reason(err)
			}
			if got != r.whose {
				t.Errorf("it is %s, want %s: %v", got, r.whose, err)
			}
		})
	}
}

// refusing answers each of a phase as told, until a time.
func refusing(at emailtest.PhaseName, reply string, until time.Duration) func(*emailtest.Phase) *emailtest.Fault {
	var began time.Time
	return func(p *emailtest.Phase) *emailtest.Fault {
		if began.IsZero() {
			began = testbed.Now()
		}
		if p.Name != at || testbed.Now().Sub(began) >= until {
			return nil
		}
		return &emailtest.Fault{Reply: strings.ReplaceAll(reply, "TO", p.To)}
	}
}

func TestARelayThatTakesNothingOfOursHoldsTheChannelAndNothingDies(t *testing.T) {
	for _, r := range []struct {
		at    emailtest.PhaseName
		reply string
	}{
		{emailtest.RcptTo, "554 5.7.1 <TO>: Relay access denied"},
		{emailtest.RcptTo, "553 5.7.1 <sidem@ejemplo.gob.mx>: Sender address rejected: not owned by user sidem"},
		{emailtest.RcptTo, "504 5.5.2 <sidem.test>: Helo command rejected: need fully-qualified hostname"},
		{emailtest.Dot, "550 5.4.5 Daily user sending limit exceeded"},
		{emailtest.Dot, "554 5.7.1 Quota exceeded"},
		{emailtest.RcptTo, "554 5.7.1 <TO>: Recipient address rejected: Access denied"},
		{emailtest.Dot, "550 5.7.0 This message was refused, see case 8812-A"},
		{emailtest.Data, "554 5.5.1 Error"},
	} {
		t.Run(r.reply, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, hub := startBubble(t, 12, refusing(r.at, r.reply, 90*time.Minute))
				time.Sleep(5 * time.Minute)
				synctest.Wait()
				if down := hub.Down()["email"]; down.Since.IsZero() || outbox.Reason(down.Cause) == "" {
					t.Errorf("the channel is %+v, want it held for a reason", down)
				}
				tries := len(b.relay.Commands())
				time.Sleep(time.Hour)
				synctest.Wait()
				if more := len(b.relay.Commands()) - tries; more > 60*6 { // one probe a minute, of six commands at most
					t.Errorf("%d commands in an hour in which nothing was taken", more)
				}
				b.count(t, map[outbox.State]int{outbox.Live: 12})
				time.Sleep(time.Hour)
				synctest.Wait()
				b.count(t, map[outbox.State]int{outbox.Sent: 12})
				if n := len(b.relay.All()); n != 12 || !hub.Down()["email"].Since.IsZero() {
					t.Errorf("%d mails arrived, channel %+v", n, hub.Down()["email"])
				}
				b.end(t)
			})
		})
	}
}

func TestOneRecipientThatIsRefusedHoldsNobodyElseUp(t *testing.T) {
	for reply, dies := range map[string]time.Duration{
		"550 5.1.1 <TO>: Recipient address rejected: User unknown":  time.Second,
		"554 5.7.1 <TO>: Recipient address rejected: Access denied": 2 * time.Minute,
		"550 no": 2 * time.Minute,
	} {
		t.Run(reply, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				refuse := refusing(emailtest.RcptTo, reply, 24*time.Hour)
				b, hub := startBubble(t, 9, func(p *emailtest.Phase) *emailtest.Fault {
					if !strings.HasPrefix(p.To, "persona4@") {
						return nil
					}
					return refuse(p)
				})
				time.Sleep(time.Second)
				b.owe(t, "otra")
				time.Sleep(dies)
				synctest.Wait()
				b.count(t, map[outbox.State]int{outbox.Sent: 9, outbox.Dead: 1})
				if !hub.Down()["email"].Since.IsZero() {
					t.Errorf("the channel is held: %+v", hub.Down()["email"])
				}
				b.end(t)
			})
		})
	}
}

func TestOneRecipientWithNobodyElseToTellIsGivenUpInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := startBubble(t, 1, refusing(emailtest.RcptTo, "550 no", 24*time.Hour))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		b.count(t, map[outbox.State]int{outbox.Live: 1})
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		b.count(t, map[outbox.State]int{outbox.Dead: 1})
		b.end(t)
	})
}
