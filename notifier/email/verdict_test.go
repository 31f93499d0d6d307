package email_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed/memnet"
	"sidem.gob.mx/sidem/notifier/email"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// Every way to fail at every phase, once, said at once (RFC 2920) or not; then the relay behaves and the same mail is sent.
func TestEachFaultAtEachPhaseIsJudged(t *testing.T) {
	drop := emailtest.Fault{Drop: true}
	hang := emailtest.Fault{Delay: time.Hour}
	garbage := emailtest.Fault{Reply: "¡garabatos!"}
	says := func(reply string) emailtest.Fault { return emailtest.Fault{Reply: reply} }
	for _, c := range []struct {
		at    emailtest.PhaseName
		fault emailtest.Fault
		want  string
		kept  int // mails accepted by the relay in the first attempt
	}{
		{emailtest.Connect, says("421 4.3.2 busy"), "config", 0},
		{emailtest.Connect, says("554 5.3.2 no service"), "config", 0},
		{emailtest.Connect, drop, "config", 0},
		{emailtest.Connect, hang, "config", 0},
		{emailtest.Connect, garbage, "config", 0},
		{emailtest.Ehlo, says("421 4.3.2 busy"), "config", 0},
		{emailtest.Ehlo, drop, "config", 0},
		{emailtest.Ehlo, hang, "config", 0},
		{emailtest.StartTLS, says("454 4.7.0 TLS not available"), "config", 0},
		{emailtest.StartTLS, drop, "config", 0},
		{emailtest.StartTLS, hang, "config", 0},
		{emailtest.Auth, says("454 4.7.0 try later"), "config", 0},
		{emailtest.Auth, says("535 5.7.8 no"), "config", 0},
		{emailtest.Auth, drop, "config", 0},
		{emailtest.Auth, hang, "config", 0},

		{emailtest.MailFrom, says("451 4.3.0 later"), "retry", 0},
		{emailtest.MailFrom, says("550 5.7.1 sender not yours"), "config", 0},
		{emailtest.MailFrom, says("530 5.7.0 authenticate"), "config", 0},
		{emailtest.MailFrom, says("552 5.3.4 too large"), "permanent", 0},
		{emailtest.MailFrom, drop, "retry", 0},
		{emailtest.MailFrom, hang, "retry", 0},
		{emailtest.MailFrom, garbage, "retry", 0},
		{emailtest.RcptTo, says("450 4.2.1 later"), "retry", 0},
		{emailtest.RcptTo, says("451 4.7.1 Greylisted, try again in 300 seconds"), "wait", 0},
		{emailtest.RcptTo, says("550 5.1.1 nobody"), "permanent", 0},
		{emailtest.RcptTo, says("421 4.3.2 going down"), "retry", 0},
		{emailtest.RcptTo, drop, "retry", 0},
		{emailtest.RcptTo, hang, "retry", 0},
		{emailtest.Data, says("451 4.3.0 later"), "retry", 0},
		{emailtest.Data, says("554 5.5.1 no valid recipients"), "unclear", 0},
		{emailtest.Data, drop, "retry", 0},
		{emailtest.Data, hang, "retry", 0},
		{emailtest.Data, garbage, "retry", 0},

		{emailtest.Dot, says("451 4.3.0 later"), "retry", 0},
		{emailtest.Dot, says("421 4.3.2 going down"), "retry", 0},
		{emailtest.Dot, says("554 5.6.0 spam"), "unclear", 0},
		{emailtest.Dot, says("552 5.3.4 too large"), "permanent", 0},
		{emailtest.Dot, says("251 2.1.5 forwarded"), "sent", 0},
		{emailtest.Dot, says("354 once more"), "uncertain", 0},
		{emailtest.Dot, garbage, "uncertain", 0},
		{emailtest.Dot, drop, "uncertain", 0},
		{emailtest.Dot, hang, "uncertain", 0},
		{emailtest.Dot, emailtest.Fault{Drop: true, After: true}, "uncertain", 1},
		{emailtest.Dot, emailtest.Fault{Delay: time.Hour, After: true}, "uncertain", 1},
	} {
		for _, pace := range []string{"at once", "one by one"} {
			t.Run(string(c.at)+"/"+c.fault.Reply+"/"+pace, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { // where an hour of silence takes no time
					var n memnet.Network
					s, tr := relay(t, emailtest.Options{
						TLS: emailtest.TLSStart, User: "sidem", Password: password,
						Listen: n.Listen, OneByOne: pace == "one by one",
					}, func(cfg *email.Config) { cfg.Dial = n.DialContext })
					s.Intercept(once(c.at, c.fault))
					_, err := tr.Send(t.Context(), message(t, lucia))
					if kind(err) != c.want {
						t.Errorf("%s, want %s: %v", kind(err), c.want, err)
					}
					if n := len(s.All()); n != c.kept {
						t.Errorf("relay kept %d, want %d", n, c.kept)
					}
					if _, err := tr.Send(t.Context(), message(t, lucia)); err != nil {
						t.Errorf("second attempt: %v", err)
					}
				})
			})
		}
	}
}

func TestAWaitThatTheRelayNamesIsKept(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"451 4.7.1 Greylisted, try again in 300 seconds":     5 * time.Minute,
		"450 4.2.0 Please retry after 10 minutes.":           10 * time.Minute,
		"450 4.2.0 wait 90s":                                 90 * time.Second,
		"450 4.2.0 back in 90000 seconds":                    time.Hour,
		"450 4.2.0 Greylisted, see http://postgrey.example/": -1,
		"451 4.3.0 error in 12 places":                       -1,
		"451 4.3.0 try again in 0 seconds":                   -1,
	} {
		s, tr := relay(t, emailtest.Options{}, nil)
		s.Intercept(once(emailtest.RcptTo, emailtest.Fault{Reply: text}))
		_, err := tr.Send(t.Context(), message(t, lucia))
		got, ok := outbox.Wait(err)
		if !ok {
			got = -1
		}
		if err == nil || got != want {
			t.Errorf("%s: wait %v, want %v (%v)", text, got, want, err)
		}
	}
}

// A session that was refused half way says RSET before the next mail, and only then.
func TestRSETIsSaidOnlyWhereATransactionWasLeft(t *testing.T) {
	for at, want := range map[emailtest.PhaseName]bool{emailtest.RcptTo: true, emailtest.Data: true, emailtest.Dot: false} {
		s, tr := relay(t, emailtest.Options{}, nil)
		s.Intercept(once(at, emailtest.Fault{Reply: "550 5.1.1 nobody"}))
		if _, err := tr.Send(t.Context(), message(t, lucia)); kind(err) != "permanent" {
			t.Errorf("%s: %v", at, err)
		}
		send(t, tr)
		if said := slices.Contains(s.Commands(), "RSET"); said != want || s.Connections() != 1 {
			t.Errorf("%s: RSET %v over %d connections", at, said, s.Connections())
		}
	}
}
