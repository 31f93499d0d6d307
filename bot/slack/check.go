package slack

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/wire"
)

// Standing is how a bot token stands with Slack.
type Standing struct {
	Team string // its workspace
	// Missing are the scopes that the manifest asks for and the token does not have, where
	// Slack names those that it has.
	Missing []string
}

// Check asks Slack how the bot token stands. It may be called at any time; its errors
// never hold the token. wire.ErrRefused says that Slack does not take it.
func (s *Slack) Check(ctx context.Context) (Standing, error) {
	me, err := s.client.auth(ctx)
	st := Standing{Team: me.Team}
	if has := s.client.granted.Load(); err == nil && has != nil {
		for _, want := range scopes {
			if !slices.Contains(*has, want) {
				st.Missing = append(st.Missing, want)
			}
		}
	}
	return st, s.refusal(err)
}

// CheckSocket asks Slack how the app token of Socket Mode stands, as Check does of the
// bot token; nil where events come by HTTP.
func (s *Slack) CheckSocket(ctx context.Context) error {
	if s.secret != "" {
		return nil
	}
	if _, _, err := s.client.lib.StartSocketModeContext(ctx); err != nil {
		return s.refusal(s.client.Mask(err))
	}
	return nil
}

func (s *Slack) refusal(err error) error {
	if err != nil && stateOf(err) == unauthorized {
		return fmt.Errorf("%w: %w", wire.ErrRefused, err)
	}
	return err
}

// grantedHeader names the scopes of the token in each answer of the Web API.
const grantedHeader = "X-OAuth-Scopes"

// keepGranted keeps which scopes an answer says that the token has.
func (c *client) keepGranted(header string) {
	if header == "" {
		return
	}
	has := strings.FieldsFunc(header, func(r rune) bool { return r == ',' || r == ' ' })
	c.granted.Store(&has)
}
