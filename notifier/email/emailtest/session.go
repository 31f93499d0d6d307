package emailtest

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

var (
	errNested   = &smtp.SMTPError{Code: 503, EnhancedCode: smtp.EnhancedCode{5, 5, 1}, Message: "Error: nested MAIL command"}
	errNoAuth   = &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	errTooMany  = &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 5, 3}, Message: "Too many messages sent"}
	errNobody   = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox"}
	errBadLogin = errors.New("login out of step")
)

// backend is what go-smtp asks; the conn underneath has the state.
type backend struct{ s *Server }

func (b backend) NewSession(c *smtp.Conn) (smtp.Session, error) {
	wire, ok := c.Conn().(*conn)
	if !ok {
		return nil, fmt.Errorf("a connection of type %T did not come through the acceptor", c.Conn())
	}
	return &session{b.s, wire}, nil
}

type session struct {
	s *Server
	c *conn
}

func (x *session) Reset() {}

func (x *session) Logout() error { return nil }

func (x *session) Mail(_ string, opts *smtp.MailOptions) error {
	switch {
	case x.s.opts.User != "" && !x.c.authenticated:
		return errNoAuth
	case x.c.open:
		return errNested
	case x.s.opts.MaxMessages > 0 && x.c.messages >= x.s.opts.MaxMessages:
		return errTooMany
	}
	x.c.promised = promise{eightBit: opts.Body == smtp.Body8BitMIME, utf8: opts.UTF8}
	return nil
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	known := x.s.opts.Known
	if len(known) > 0 && !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, to) }) {
		return errNobody
	}
	return nil
}

// Data settles the message that the conn has collected; r is empty.
func (x *session) Data(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return fmt.Errorf("read to the dot: %w", err)
	}
	x.c.messages++
	switch {
	case x.c.refusal != nil:
		return x.c.refusal
	case x.c.letter == nil: // a fault replies
		return nil
	}
	n := x.s.deliver(*x.c.letter)
	return &smtp.SMTPError{
		Code: 250, EnhancedCode: smtp.EnhancedCode{2, 0, 0}, Message: fmt.Sprintf("OK: queued as %d", n),
	}
}

func (x *session) AuthMechanisms() []string {
	if x.s.opts.User == "" {
		return nil
	}
	return []string{sasl.Plain, sasl.Login}
}

func (x *session) Auth(mechanism string) (sasl.Server, error) {
	switch {
	case x.s.opts.User == "":
		return nil, smtp.ErrAuthUnsupported
	case mechanism == sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return x.login(user, password) }), nil
	case mechanism == sasl.Login:
		return &login{check: x.login}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (x *session) login(user, password string) error {
	if user != x.s.opts.User || password != x.s.opts.Password {
		return smtp.ErrAuthFailed
	}
	x.c.authenticated = true
	return nil
}

// login is the server's side of AUTH LOGIN, which go-sasl does not have.
type login struct {
	check func(user, password string) error
	step  int
	user  string
}

func (l *login) Next(response []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch {
	case l.step == 1 && response == nil:
		return []byte("Username:"), false, nil
	case l.step == 1:
		l.user, l.step = string(response), 2
		return []byte("Password:"), false, nil
	case l.step == 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	case l.step == 3:
		return nil, true, l.check(l.user, string(response))
	}
	return nil, true, errBadLogin
}
