package slack

import (
	"context"
	"slices"
	"strings"
)

// Standing is how a bot token stands with Slack.
type Standing struct {
	Team string // its workspace
	// Missing are the scopes that the manifest asks for and the token does not have, where
	// Slack names those that it has.
	Missing []string
}

// Check asks Slack how the bot token stands. It may be called at any time; its errors
// never hold the token.
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
	return st, err
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
