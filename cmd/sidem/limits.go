package main

import (
	"time"

	"sidem/core/outbox"
	"sidem/notifier"
)

// limits are what SIDEM allows itself of each platform: a little less than they
// say. Telegram's FAQ: about one message a second in one chat, thirty in all.
// Slack's "Rate limits": one a second into each channel, short bursts allowed.
// What a person asks for is answered by the bot, beside these.
var limits = map[string]notifier.Limits{
	"telegram": {
		To:  []outbox.Rate{{Scope: "chat", Every: time.Second, Burst: 3}},
		All: []outbox.Rate{{Scope: "bot", Every: time.Second / 25, Burst: 5}},
	},
	"slack": {To: []outbox.Rate{{Scope: "channel", Every: time.Second, Burst: 3}}},
}
