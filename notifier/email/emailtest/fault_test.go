package emailtest

import (
	"runtime"
	"testing"
	"time"
)

// at strikes once at a phase.
func at(name PhaseName, f Fault) func(*Phase) *Fault {
	done := false
	return func(p *Phase) *Fault {
		if p.Name != name || done {
			return nil
		}
		done = true
		return &f
	}
}

// walk goes through all phases and returns the one at which want was heard.
func walk(c *client, s *Server, phase PhaseName, want string) {
	c.t.Helper()
	verdict := func(name PhaseName, usual string) string {
		if name == phase {
			return want
		}
		return usual
	}
	c.expect("220")
	for _, step := range []struct {
		name        PhaseName
		line, reply string
	}{
		{Ehlo, "EHLO me.test", "250"},
		{StartTLS, "STARTTLS", "220"},
		{Auth, "AUTH PLAIN AHNpZGVtAHNlY3JldG8tNw==", "235"},
		{Noop, "NOOP", "250"},
		{Rset, "RSET", "250"},
		{MailFrom, "MAIL FROM:<sidem@ejemplo.gob.mx>", "250"},
		{RcptTo, "RCPT TO:<lucia@ejemplo.gob.mx>", "250"},
		{Data, "DATA", "354"},
		{Dot, crlf(plain) + ".", "250"},
		{Quit, "QUIT", "221"},
	} {
		if step.name == StartTLS && step.name != phase {
			c.startTLS(s)
			c.cmd("EHLO me.test", "250")
			continue
		}
		c.cmd(step.line, verdict(step.name, step.reply))
		if step.name == phase {
			return
		}
	}
}

func TestEveryPhaseCanRefuse(t *testing.T) {
	for _, phase := range []PhaseName{Ehlo, StartTLS, Auth, Noop, Rset, MailFrom, RcptTo, Data, Dot, Quit} {
		t.Run(string(phase), func(t *testing.T) {
			s := start(t, Options{TLS: TLSStart, User: "sidem", Password: "secreto-7"})
			s.Intercept(at(phase, Fault{Reply: "451 4.3.0 try later"}))
			walk(dial(t, s), s, phase, "451 4.3.0 try later")
			if n := len(s.All()); phase != Quit && n != 0 {
				t.Errorf("kept %d", n)
			}
		})
	}
}

func TestEveryPhaseCanHangUp(t *testing.T) {
	for _, phase := range []PhaseName{Ehlo, StartTLS, Auth, Noop, Rset, MailFrom, RcptTo, Data, Dot, Quit} {
		t.Run(string(phase), func(t *testing.T) {
			s := start(t, Options{TLS: TLSStart, User: "sidem", Password: "secreto-7"})
			s.Intercept(at(phase, Fault{Reply: "421 4.3.2 closing"}))
			c := dial(t, s)
			walk(c, s, phase, "421 4.3.2 closing")
			c.gone()
		})
	}
}

func TestADropSaysNothing(t *testing.T) {
	s := start(t, Options{})
	s.Intercept(at(MailFrom, Fault{Drop: true}))
	c := greeted(t, s)
	_, _ = c.Write([]byte("MAIL FROM:<sidem@ejemplo.gob.mx>\r\n"))
	c.gone()
}

func TestARefusedGreetingHangsUp(t *testing.T) {
	s := start(t, Options{})
	s.Intercept(at(Connect, Fault{Reply: "554 5.3.2 no service"}))
	c := dial(t, s)
	c.expect("554")
	c.gone()
	s.Intercept(at(Connect, Fault{Drop: true}))
	dial(t, s).gone()
}

func TestAMailCanBeKeptBeforeTheDrop(t *testing.T) {
	s := start(t, Options{})
	s.Intercept(at(Dot, Fault{Drop: true, After: true}))
	c := greeted(t, s)
	c.envelope("lucia@ejemplo.gob.mx")
	_, _ = c.Write([]byte(crlf(plain) + ".\r\n"))
	c.gone()
	if n := len(s.All()); n != 1 {
		t.Errorf("kept %d", n)
	}
}

func TestAMailCanBeKeptAndTheReplyBeALie(t *testing.T) {
	s := start(t, Options{})
	s.Intercept(at(Dot, Fault{Reply: "451 4.3.0 lost my notes", After: true}))
	c := greeted(t, s)
	c.mail("lucia@ejemplo.gob.mx", plain, "451")
	c.mail("lucia@ejemplo.gob.mx", plain, "250")
	if n := len(s.All()); n != 2 {
		t.Errorf("kept %d", n)
	}
}

func TestADropInsteadOfTheVerdictKeepsNothing(t *testing.T) {
	s := start(t, Options{})
	s.Intercept(at(Dot, Fault{Drop: true}))
	c := greeted(t, s)
	c.envelope("lucia@ejemplo.gob.mx")
	_, _ = c.Write([]byte(crlf(plain) + ".\r\n"))
	c.gone()
	if n := len(s.All()); n != 0 {
		t.Errorf("kept %d", n)
	}
}

func TestTheScriptSeesTheEnvelopeAndTheMessage(t *testing.T) {
	s := start(t, Options{})
	var seen []Phase
	s.Intercept(func(p *Phase) *Fault { seen = append(seen, *p); return nil })
	greeted(t, s).mail("lucia@ejemplo.gob.mx", plain, "250")
	s.Intercept(nil)
	var names []PhaseName
	for _, p := range seen {
		names = append(names, p.Name)
	}
	if len(seen) != 6 {
		t.Fatalf("seen %q", names)
	}
	rcpt, dot := seen[3], seen[5]
	if rcpt.From != "sidem@ejemplo.gob.mx" || rcpt.To != "lucia@ejemplo.gob.mx" {
		t.Errorf("rcpt saw %+v", rcpt)
	}
	if dot.To != "lucia@ejemplo.gob.mx" || dot.Message == nil || dot.Message.Subject != "Liberación" {
		t.Errorf("dot saw %+v", dot)
	}
}

func TestADelayPassesAndTheReplyComes(t *testing.T) {
	s := start(t, Options{})
	s.Intercept(func(p *Phase) *Fault { return &Fault{Delay: time.Millisecond, After: p.Name == Dot} })
	c := greeted(t, s)
	c.mail("lucia@ejemplo.gob.mx", plain, "250")
	c.cmd("QUIT", "221")
}

func TestAHangingRelayCanBeLeft(t *testing.T) {
	s := start(t, Options{})
	s.Intercept(at(MailFrom, Fault{Delay: time.Hour}))
	c := greeted(t, s)
	_, _ = c.Write([]byte("MAIL FROM:<sidem@ejemplo.gob.mx>\r\n"))
	_ = c.Close()
	for s.Open() > 0 { // bounded by the test's own time
		runtime.Gosched()
	}
}

func TestAHangingRelayCanBeClosed(t *testing.T) {
	s := start(t, Options{})
	reached := make(chan struct{})
	s.Intercept(func(p *Phase) *Fault {
		if p.Name != Dot {
			return nil
		}
		close(reached)
		return &Fault{Delay: time.Hour}
	})
	c := greeted(t, s)
	c.envelope("lucia@ejemplo.gob.mx")
	_, _ = c.Write([]byte(crlf(plain) + ".\r\n"))
	<-reached
	s.Close()
	if n := len(s.All()); n != 0 {
		t.Errorf("kept %d", n)
	}
	c.gone()
}
