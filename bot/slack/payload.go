package slack

import (
	"encoding/json"
	"strings"
)

// The parts of Slack's payloads that we read (docs.slack.dev, "Interaction
// payloads", "Slash commands", "Events"). They are ours and not the library's: it
// refuses a whole payload for one block that it does not know.

type eventPayload struct {
	Team   string          `json:"team_id"`
	ID     string          `json:"event_id"`
	Shared bool            `json:"is_ext_shared_channel"`
	Event  json.RawMessage `json:"event"` // of one type or another
}

type messagePayload struct {
	Subtype     string        `json:"subtype"`
	User        string        `json:"user"`
	BotID       string        `json:"bot_id"`
	Text        string        `json:"text"`
	TS          string        `json:"ts"`
	Channel     string        `json:"channel"`
	ChannelType string        `json:"channel_type"`
	Team        string        `json:"team"`
	UserTeam    string        `json:"user_team"`
	SourceTeam  string        `json:"source_team"`
	Thread      string        `json:"thread_ts"`
	Files       []filePayload `json:"files"`
	// Of a message that was changed: as it reads now, and as it read.
	Message  *editedPayload `json:"message"`
	Previous *editedPayload `json:"previous_message"`
	// Attachments hold the messages of others that this one passes on.
	Attachments []struct {
		Share bool `json:"is_share"`
	} `json:"attachments"`
}

// editedPayload is a message before or after it was changed. Edited is there where its
// author did it; Slack itself changes messages too, to show what a link leads to.
type editedPayload struct {
	User   string `json:"user"`
	BotID  string `json:"bot_id"`
	Text   string `json:"text"`
	TS     string `json:"ts"`
	Team   string `json:"team"`
	Edited *struct {
		User string `json:"user"`
	} `json:"edited"`
}

type homePayload struct {
	User string `json:"user"`
	Tab  string `json:"tab"`
}

type commandPayload struct {
	Team    string `json:"team_id"`
	User    string `json:"user_id"`
	Name    string `json:"user_name"`
	Channel string `json:"channel_id"`
	Text    string `json:"text"`
	Trigger string `json:"trigger_id"`
}

type interactionPayload struct {
	Type    string `json:"type"`
	Trigger string `json:"trigger_id"`
	Team    struct {
		ID string `json:"id"`
	} `json:"team"`
	User struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Username string `json:"username"`
		Team     string `json:"team_id"`
	} `json:"user"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Container struct {
		Channel string `json:"channel_id"`
		Message string `json:"message_ts"`
		Thread  string `json:"thread_ts"`
	} `json:"container"`
	Actions []actionPayload `json:"actions"`
	View    viewPayload     `json:"view"`
}

type actionPayload struct {
	ID     string         `json:"action_id"`
	Text   textPayload    `json:"text"`
	TS     string         `json:"action_ts"`
	Value  string         `json:"value"`
	Option *optionPayload `json:"selected_option"`
}

type optionPayload struct {
	Text  textPayload `json:"text"`
	Value string      `json:"value"`
}

type textPayload struct {
	Text string `json:"text"`
}

type viewPayload struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Hash     string `json:"hash"`
	Callback string `json:"callback_id"`
	Metadata string `json:"private_metadata"`
	Blocks   []struct {
		Type string `json:"type"`
		ID   string `json:"block_id"`
	} `json:"blocks"`
	State struct {
		// Values by block_id and action_id.
		Values map[string]map[string]elementPayload `json:"values"`
	} `json:"state"`
}

// elementPayload is the state of an input: which part holds the value is the
// element's type.
type elementPayload struct {
	Value   string          `json:"value"`
	Date    string          `json:"selected_date"`
	Time    string          `json:"selected_time"`
	Option  *optionPayload  `json:"selected_option"`
	Options []optionPayload `json:"selected_options"`
	Files   []filePayload   `json:"files"`
}

// value is the answer as the core stores it: 2006-01-02, 15:04, several choices
// separated by commas.
func (e elementPayload) value() string {
	if e.Option != nil {
		return e.Option.Value
	}
	if len(e.Options) > 0 {
		var all []string
		for _, o := range e.Options {
			all = append(all, o.Value)
		}
		return strings.Join(all, ",")
	}
	return first(e.Date, e.Time, e.Value)
}

type filePayload struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Title    string `json:"title"`
	MIME     string `json:"mimetype"`
	Size     *int64 `json:"size"`
	Private  string `json:"url_private"`
	Download string `json:"url_private_download"`
}
