package slacktest_test

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

func TestMetadataIsKeptWithItsMessageAndGivenToWhoeverAsks(t *testing.T) {
	w := quick(t)
	meta := slack.SlackMetadata{EventType: "sidem_item", EventPayload: map[string]any{"item": "i1"}}
	_, top, err := w.client.PostMessageContext(t.Context(), w.lucia.DM(), slack.MsgOptionText("uno", false), slack.MsgOptionMetadata(meta))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.client.PostMessageContext(t.Context(), w.lucia.DM(), slack.MsgOptionText("dos", false), slack.MsgOptionTS(top), slack.MsgOptionMetadata(meta)); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := w.client.UpdateMessageContext(t.Context(), w.lucia.DM(), top, slack.MsgOptionText("uno, cambiado", false)); err != nil {
		t.Fatal(err)
	}
	w.lucia.Say("tres")
	for _, all := range []bool{true, false} {
		h, err := w.client.GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: w.lucia.DM(), Limit: 10, IncludeAllMetadata: all})
		if err != nil || len(h.Messages) != 2 || h.Messages[0].Text != "tres" || h.Messages[1].Text != "uno, cambiado" {
			t.Fatalf("%v, %+v", err, h)
		}
		if got := h.Messages[1].Metadata.EventPayload["item"] == "i1"; got != all { // an update leaves it
			t.Errorf("%v: %+v", all, h.Messages[1].Metadata)
		}
		thread, _, _, err := w.client.GetConversationRepliesContext(t.Context(), &slack.GetConversationRepliesParameters{ChannelID: w.lucia.DM(), Timestamp: top, IncludeAllMetadata: all})
		if err != nil || len(thread) != 2 || thread[1].Text != "dos" || (thread[1].Metadata.EventType != "") != all {
			t.Errorf("%v, %+v", err, thread)
		}
	}
	if h, err := w.client.GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: w.lucia.DM(), Limit: 1}); err != nil || len(h.Messages) != 1 || !h.HasMore {
		t.Errorf("%v, %+v", err, h)
	}
}

func TestMetadataThatIsNoneIsRefused(t *testing.T) {
	w := quick(t)
	for name, c := range map[string]struct {
		meta slack.SlackMetadata
		want string
	}{
		"no payload":     {slack.SlackMetadata{EventType: "x"}, "invalid_metadata_format"},
		"a type of none": {slack.SlackMetadata{EventType: "x y", EventPayload: map[string]any{}}, "invalid_metadata_format"},
		"too much":       {slack.SlackMetadata{EventType: "x", EventPayload: map[string]any{"a": strings.Repeat("x", 9000)}}, "metadata_too_large"},
	} {
		_, _, err := w.client.PostMessageContext(t.Context(), w.lucia.DM(), slack.MsgOptionText("x", false), slack.MsgOptionMetadata(c.meta))
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
