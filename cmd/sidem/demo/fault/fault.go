// Package fault names what can be made to go wrong among the emulators: a leaf,
// which the world, the stage and the page share.
package fault

// The faults that a visitor of the page can turn on.
const (
	Slow   = "lento"
	Limit  = "429"
	Broken = "500"
	Outage = "telegram"
	Twice  = "doble"
	Mail4  = "correo451"
	Mail5  = "correo550"
	Block  = "bloqueo"
	Kill   = "corte"
)

// The troubles that a story can have beside them.
const (
	Store         = "almacén"              // what is decided cannot be kept
	SlowStore     = "almacén lento"        // what is decided is kept after longer than a platform waits
	Notes         = "apuntes"              // what is decided is kept, and of the conversation nothing after it
	Relay         = "correo"               // the mail relay serves nobody
	Slack         = "slack"                // its Web API hangs up on everybody
	TelegramCards = "tarjetas de telegram" // cards are not redrawn, and so keep their buttons
	SlackCards    = "tarjetas de slack"
	SlackForms    = "formularios de slack" // the leave to open one has run out
)

// Troubles are those that a story turns on by name, and lasts until "ninguna".
var Troubles = []string{Slow, Limit, Broken, Outage, Mail4, Mail5, Store, SlowStore, Notes, Relay, Slack, TelegramCards, SlackCards, SlackForms}
