package app

import (
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

// Limits are what SIDEM allows itself of each platform: a little less than they
// say. Telegram's FAQ: about one message a second in one chat, thirty in all.
// Slack's "Rate limits": one a second into each channel, short bursts allowed, and
// a limit of the workspace that it does not number; five a second are "several
// hundred a minute", as it once said. What a person asks for is answered by the
// bot, beside these. No item goes to a group, which Telegram allows 20 a minute:
// there SIDEM only answers (bot/telegram waits when it is told to).
//
// How many connections a relay takes has no rate: SIDEM_SMTP_CONNS is for each process.
var Limits = map[string]notifier.Limits{
	"telegram": {
		To:  []outbox.Rate{{Scope: "chat", Every: time.Second, Burst: 3}},
		All: []outbox.Rate{{Scope: "bot", Every: time.Second / 25, Burst: 5}},
	},
	"slack": {
		To:  []outbox.Rate{{Scope: "channel", Every: time.Second, Burst: 3}},
		All: []outbox.Rate{{Scope: "workspace", Every: time.Second / 5, Burst: 20}},
	},
}
