package slack

import (
	"context"
	"slices"

	api "github.com/slack-go/slack"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core/outbox"
)

// markEvent is the event_type of the metadata with which a message says of which attempt
// of which item it came (docs.slack.dev, "Message metadata").
const markEvent = "sidem_item"

// maxLooked is how many of the latest messages are looked through.
const maxLooked = 100

// metadata is a mark as a message carries it.
func metadata(m outbox.Mark) api.SlackMetadata {
	return api.SlackMetadata{EventType: markEvent, EventPayload: map[string]any{"item": m.Item, "epoch": m.Epoch}}
}

// cameOf reports whether a message came of one of the attempts that m doubts.
func cameOf(meta api.SlackMetadata, m outbox.Mark) bool {
	epoch, ok := meta.EventPayload["epoch"].(float64)
	return ok && meta.EventType == markEvent && meta.EventPayload["item"] == m.Item && slices.Contains(m.Doubtful, int(epoch))
}

// landed looks for the message of an attempt whose outcome is not known, so that it is
// not posted a second time; the zero Ref where there is none. Where Slack does not let
// us look there is none either: it is posted, and may be there twice.
func (s *Slack) landed(ctx context.Context, channel string, m outbox.Mark, under string) (card.Ref, error) {
	if len(m.Doubtful) == 0 {
		return card.Ref{}, nil
	}
	list, err := s.client.latest(ctx, channel, under)
	if refusal(err) {
		s.log.WarnContext(ctx, "slack: a message that may be there cannot be looked for; it may come twice", "item", m.Item, "err", err)
		return card.Ref{}, nil
	}
	if err := s.judge(ctx, editing, err); err != nil {
		return card.Ref{}, err
	}
	for _, one := range list {
		if cameOf(one.Metadata, m) {
			return card.Ref{Chat: channel, Message: one.Timestamp}, nil
		}
	}
	return card.Ref{}, nil
}

// refusal reports whether err is Slack's word that we may not look, or that there is
// nothing to look at: once more it would be the same.
func refusal(err error) bool {
	return refused(err, "missing_scope", "not_allowed_token_type", "method_not_supported_for_channel_type",
		"channel_not_found", "not_in_channel", "thread_not_found", "no_permission", "access_denied", "team_access_not_granted")
}

// latest are the latest messages of a channel, or of the thread under a message, with
// their metadata.
func (c *client) latest(ctx context.Context, channel, under string) ([]api.Message, error) {
	if under != "" {
		list, _, _, err := c.lib.GetConversationRepliesContext(ctx, &api.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: under, Limit: maxLooked, IncludeAllMetadata: true,
		})
		return list, err
	}
	answer, err := c.lib.GetConversationHistoryContext(ctx, &api.GetConversationHistoryParameters{
		ChannelID: channel, Limit: maxLooked, IncludeAllMetadata: true,
	})
	if err != nil {
		return nil, err
	}
	return answer.Messages, nil
}
