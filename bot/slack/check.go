package slack

import "context"

// Check asks Slack whose the bot token is, and returns its workspace. It may be
// called at any time; its errors never hold the token.
func (s *Slack) Check(ctx context.Context) (team string, err error) {
	me, err := s.client.auth(ctx)
	return me.Team, err
}
