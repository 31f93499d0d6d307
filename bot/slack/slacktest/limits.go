package slacktest

import "time"

// The limits of Slack (docs.slack.dev: Block Kit reference, views, chat.postMessage,
// "Handling user interaction"), in characters, unless it says otherwise.
const (
	maxMessageBlocks, maxViewBlocks        = 50, 100
	maxSection, maxField, maxFields        = 3000, 2000, 10
	maxHeader, maxContext, maxActions      = 150, 10, 25
	maxLabel, maxValue, maxURL, maxID      = 75, 2000, 3000, 255
	maxOptions, maxOverflow, maxBoxes      = 100, 5, 10
	maxOption, maxOptionValue              = 75, 150
	maxPlaceholder                         = 150
	maxConfirmTitle, maxConfirmText        = 100, 300
	maxConfirmAnswer                       = 30
	maxInputLabel, maxInput, maxInputFiles = 2000, 3000, 10
	maxViewTitle, maxMetadata              = 24, 3000
	maxMessageMetadata                     = 8000    // bytes; ours, Slack names no figure
	maxStack                               = 3       // modals on each other
	maxView                                = 250_000 // bytes
	maxText                                = 40_000
	maxAll                                 = 13_200 // in the JSON of all blocks of a message; measured, not documented
	maxFile                                = 1 << 30
	responseUses                           = 5
	responseLife                           = 30 * time.Minute
	triggerLife                            = 3 * time.Second
	ackTime                                = 3 * time.Second
	channelBurst                           = 5 // messages of a channel at once; then one a second
)
