package slack

import (
	"encoding/json"
	"strings"
)

// command is the one slash command; its words are those of the bot.
const command = "/sidem"

// manifest is the app's manifest in the part that we use (docs.slack.dev, "App
// manifest reference").
type manifest struct {
	Display  manifestDisplay  `json:"display_information"`
	Features manifestFeatures `json:"features"`
	OAuth    manifestOAuth    `json:"oauth_config"`
	Settings manifestSettings `json:"settings"`
}

type manifestDisplay struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

type manifestFeatures struct {
	Home struct {
		Home     bool `json:"home_tab_enabled"`
		Messages bool `json:"messages_tab_enabled"`
		ReadOnly bool `json:"messages_tab_read_only_enabled"`
	} `json:"app_home"`
	Bot struct {
		Name   string `json:"display_name"`
		Online bool   `json:"always_online"`
	} `json:"bot_user"`
	Commands []manifestCommand `json:"slash_commands"`
}

type manifestCommand struct {
	Command     string `json:"command"`
	URL         string `json:"url,omitempty"`
	Description string `json:"description"`
	Hint        string `json:"usage_hint"`
	Escape      bool   `json:"should_escape"`
}

type manifestOAuth struct {
	Scopes struct {
		Bot []string `json:"bot"`
	} `json:"scopes"`
}

type manifestSettings struct {
	Events struct {
		URL string   `json:"request_url,omitempty"`
		Bot []string `json:"bot_events"`
	} `json:"event_subscriptions"`
	Interactivity struct {
		Enabled bool   `json:"is_enabled"`
		URL     string `json:"request_url,omitempty"`
	} `json:"interactivity"`
	OrgDeploy bool `json:"org_deploy_enabled"`
	Socket    bool `json:"socket_mode_enabled"`
	Rotation  bool `json:"token_rotation_enabled"`
}

// scopes are what the calls need and no more: chat.postMessage, chat.update,
// chat.delete and chat.postEphemeral; the slash command; private files, and files
// to give; conversations.open; the events message.im and app_mention, and conversations.history
// and conversations.replies of the DM, where a message of unknown outcome is looked for. auth.test and
// the methods of views need none, nor does the event app_home_opened.
var scopes = []string{"app_mentions:read", "chat:write", "commands", "files:read", "files:write", "im:history", "im:write"}

var events = []string{"app_home_opened", "app_mention", "message.im"}

// Manifest is the manifest of the Slack app as JSON: what an administrator pastes
// at api.slack.com/apps to create it. address is the public listener as Slack
// reaches it, https://…; "" is Socket Mode, which needs an app-level token with the
// scope connections:write besides: no manifest can give that.
func Manifest(address string) []byte {
	var m manifest
	m.Display = manifestDisplay{Name: wordApp, Description: "Dictámenes técnicos: lo que le toca, cuándo y qué sigue."}
	m.Features.Home.Home, m.Features.Home.Messages = true, true
	m.Features.Bot.Name, m.Features.Bot.Online = wordApp, true
	c := manifestCommand{
		Command: command, Description: "Sus pendientes y solicitudes de dictamen", Hint: "pendientes | buscar | nueva | mis | 147 | vincular | ayuda",
	}
	m.OAuth.Scopes.Bot, m.Settings.Events.Bot = scopes, events
	m.Settings.Interactivity.Enabled, m.Settings.Socket = true, address == ""
	if address != "" {
		address = strings.TrimSuffix(address, "/")
		c.URL = address + pathCommands
		m.Settings.Events.URL, m.Settings.Interactivity.URL = address+pathEvents, address+pathInteractions
	}
	m.Features.Commands = []manifestCommand{c}
	out, err := json.MarshalIndent(m, "", "  ")
	if err != nil { // of strings and booleans: cannot be
		return nil
	}
	return append(out, '\n')
}
