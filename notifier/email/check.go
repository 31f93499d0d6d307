package email

import "context"

// Check opens a session with the relay, up to where mails could be handed over
// (greeting, TLS, login), and ends it. Its errors are those of Transport.Send.
func Check(ctx context.Context, cfg Config) error {
	t := NewTransport(cfg)
	s, tr := dial(ctx, t.cfg)
	if tr != nil {
		return t.verdict(tr)
	}
	s.quit()
	return nil
}
