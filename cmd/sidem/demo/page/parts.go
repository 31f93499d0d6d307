package page

// The parts of the page that are not a person, by their names: PartClock,
// PartStory, PartFaults, PartRequests, PartBoard and PartCalls. A person's part
// is named "person:" and their key.
const (
	PartClock    = "clock"
	PartStory    = "story"
	PartFaults   = "faults"
	PartRequests = "requests"
	PartBoard    = "board"
	PartCalls    = "calls"
	PartPerson   = "person:"
)

// Clock is business time, and what it will bring.
type Clock struct {
	Now  string `json:"now"`  // in words
	At   string `json:"at"`   // 2006-01-02T15:04
	Open bool   `json:"open"` // a working day, inside the office's hours
	// Next names what is due next and when; "" when nothing is owed.
	Next   string `json:"next,omitempty"`
	NextAt string `json:"nextAt,omitempty"`
}

// Story is the guide as a checklist.
type Story struct {
	Steps   []Step   `json:"steps"`
	Detours []Detour `json:"detours"`
	// Playing says what is being done for the visitor right now, and by whom.
	Playing  string `json:"playing,omitempty"`
	Acting   string `json:"acting,omitempty"`
	ActingOn string `json:"actingOn,omitempty"`
	Press    string `json:"press,omitempty"` // the label that is being pressed
	// Trouble says why it stopped.
	Trouble string `json:"trouble,omitempty"`
}

// Step is one of the guide's eight.
type Step struct {
	N    int    `json:"n"`
	Name string `json:"name"`
	What string `json:"what"`
	Done string `json:"done,omitempty"` // who completed it and when
	Next bool   `json:"next,omitempty"`
}

// Detour is a way beside the eight steps.
type Detour struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	How   string `json:"how"`
	Done  string `json:"done,omitempty"`
}

// Fault is something that can be made to go wrong.
type Fault struct {
	Name   string `json:"name"`
	Title  string `json:"title"`
	Expect string `json:"expect"` // what should happen
	Switch bool   `json:"switch"` // it stays on until it is turned off
	On     bool   `json:"on"`
	// Whom are the persons whom it can befall; none when it befalls all.
	Whom []Choice `json:"whom,omitempty"`
	Hits int      `json:"hits"` // how often it struck since it was turned on
}

// Choice is one of several, by key and words.
type Choice struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

// Request is a request with its line of time and its trail.
type Request struct {
	ID      string  `json:"id"`
	Title   string  `json:"title"`
	Subject string  `json:"subject"`
	State   string  `json:"state"`
	Turn    string  `json:"turn,omitempty"`
	Line    []Stop  `json:"line"`
	Trail   []Entry `json:"trail"`
}

// Stop is a state on the line of time.
type Stop struct {
	Step  int    `json:"step"`
	State string `json:"state"`
	At    string `json:"at,omitempty"`
	By    string `json:"by,omitempty"`
	Now   bool   `json:"now,omitempty"`
}

// Entry is a line of a trail; Refused says why nothing happened.
type Entry struct {
	Seq     int    `json:"seq"`
	At      string `json:"at"`
	Who     string `json:"who"`
	What    string `json:"what"`
	Where   string `json:"where,omitempty"`
	Refused string `json:"refused,omitempty"`
	Hash    string `json:"hash,omitempty"`
}

// Board counts the requests per state, and what the outbox owes.
type Board struct {
	States []Count `json:"states"`
	Outbox []Count `json:"outbox"`
}

// Count is a number with its name.
type Count struct {
	Name string `json:"name"`
	N    int    `json:"n"`
}

// Call is one request to an emulator. Its bodies are looked at by id ("call").
type Call struct {
	ID     string `json:"id"`
	On     string `json:"on"`
	Method string `json:"method"`
	Whom   string `json:"whom,omitempty"`
	Status string `json:"status"`
	Bad    bool   `json:"bad,omitempty"`
	At     string `json:"at"`
	Took   string `json:"took,omitempty"`
	Brief  string `json:"brief,omitempty"`
}

// CallBody is a call in full: what was sent and answered, the message it made,
// and what changed that message later.
type CallBody struct {
	Call
	Sent     string   `json:"sent"`
	Answered string   `json:"answered"`
	Message  *Message `json:"message,omitempty"`
	Whose    string   `json:"whose,omitempty"`
	Gone     bool     `json:"gone,omitempty"` // it made one, which is not there any more
	Edits    []Call   `json:"edits,omitempty"`
}

// MailBody is a mail in full, less its HTML.
type MailBody struct {
	Text   string `json:"text"`
	Source string `json:"source"`
}

// WhatIf is what comes of an office as it is, and as it is asked for ("whatif").
type WhatIf struct {
	Given  []Figure `json:"given"`
	Comes  []Figure `json:"comes"`
	Is     []Range  `json:"is"` // requests without an opinion, day by day
	Asked  []Range  `json:"asked"`
	Beside string   `json:"beside"` // what the figures are, in words
}

// Figure is a figure of both, in words.
type Figure struct {
	Name  string `json:"name"`
	Is    string `json:"is"`
	Asked string `json:"asked"`
}

// Range is a figure: that of the middle, and the ends of where eight in ten are.
type Range struct {
	Low    float64 `json:"low"`
	Middle float64 `json:"middle"`
	High   float64 `json:"high"`
}
