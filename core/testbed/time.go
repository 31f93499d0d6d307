package testbed

import (
	"fmt"
	"os"
	"time"
	_ "time/tzdata" // the office's zone, on machines that have no zone files
)

// TodayEnv holds the day and hour at which stories and whole SIDEMs of tests
// begin, in the zone of the office: 2026-09-16T07:30.
const TodayEnv = "SIDEM_TEST_TODAY"

const todayLayout = "2006-01-02T15:04"

// Monday is when stories begin unless TodayEnv says otherwise: a working Monday at
// 09:00, of a year whose calendar the example of an office has.
var Monday = time.Date(2026, time.November, 23, 9, 0, 0, 0, Zone())

// Today is when stories begin. A TodayEnv that is no day and hour is a panic: it
// would be silent otherwise that another day was tried.
func Today() time.Time {
	text := os.Getenv(TodayEnv)
	if text == "" {
		return Monday
	}
	t, err := time.ParseInLocation(todayLayout, text, Zone())
	if err != nil {
		panic(fmt.Sprintf("testbed: %s: want a day and hour like %s: %v", TodayEnv, todayLayout, err))
	}
	return t
}

// Zone is that of the office in every test.
func Zone() *time.Location {
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil { // time/tzdata is linked in
		panic(fmt.Sprintf("testbed: %v", err))
	}
	return zone
}

// Clock is a business clock that begins at Today and goes on as time does.
func Clock() func() time.Time {
	today, since := Today(), Start()
	return func() time.Time { return today.Add(since.Elapsed()) }
}

// Now is the time in a bubble of testing/synctest. Outside of one it panics: there
// it would be the machine's.
func Now() time.Time {
	now := time.Now()
	if now.Year() >= 2020 { // a bubble begins with the year 2000
		panic("testbed: Now is for bubbles of testing/synctest; elsewhere see Clock and Start")
	}
	return now
}

// Stopwatch measures how long something took, in a bubble too.
type Stopwatch struct{ began time.Time }

// Start starts one.
func Start() Stopwatch { return Stopwatch{time.Now()} }

// Elapsed is how long ago it was started.
func (s Stopwatch) Elapsed() time.Duration { return time.Since(s.began) }

// Await waits until f holds, of what tells nobody when it changes. If it does not
// come within patience, the test fails in the words of what.
func Await(t TB, patience time.Duration, what string, f func() bool) {
	t.Helper()
	for began := Start(); !f(); time.Sleep(pause) {
		if began.Elapsed() > patience {
			t.Fatal("it never came:", what)
			return
		}
	}
}

// pause is the time between two looks of Await.
const pause = 2 * time.Millisecond
