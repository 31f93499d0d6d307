package core

import "time"

// Saw is which part of a request somebody looked at.
type Saw string

// The parts that it is on record of who looked at them.
const (
	SawCard   Saw = "card"   // the request, asked for by its number
	SawDetail Saw = "detail" // its detail
	SawTrail  Saw = "trail"
	SawFiles  Saw = "files"  // its files, or the oficio
	SawList   Saw = "list"   // a list on which it stands
	SawExport Saw = "export" // a file with many
)

// Looked is that somebody looked at a part of a request.
type Looked struct {
	Name  string
	Roles []Role
	Saw   Saw
	At    time.Time // the last time, by the office's clock
	Days  int       // on how many days
}
