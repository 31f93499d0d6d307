package slack

import (
	"slices"
	"sync"
	"time"
)

// acknowledgement tells Slack, once, that an input is taken.
type acknowledgement struct {
	send  func(payload any)
	leave func() // says that it is not taken; nil: by silence
	came  time.Time

	mu    sync.Mutex
	given bool
	timer *time.Timer // gives it when patience ends
}

func newAcknowledgement(send func(payload any), leave func()) *acknowledgement {
	return &acknowledgement{send: send, leave: leave, came: time.Now()}
}

// hasten gives it with payload when patience, which began when the input came, ends.
func (a *acknowledgement) hasten(patience time.Duration, payload any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.given {
		a.timer = time.AfterFunc(patience-time.Since(a.came), func() { a.give(payload) })
	}
}

// give acknowledges with payload; false: it had been given, or dropped.
func (a *acknowledgement) give(payload any) bool {
	return a.once(func() { a.send(payload) })
}

// drop leaves the input without an acknowledgement: it comes again, or the person
// is told by Slack. False: it had been given already.
func (a *acknowledgement) drop() bool {
	return a.once(func() {
		if a.leave != nil {
			a.leave()
		}
	})
}

func (a *acknowledgement) once(do func()) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.given {
		return false
	}
	a.given = true
	if a.timer != nil {
		a.timer.Stop()
	}
	do()
	return true
}

// job is something that a person did, waiting for its answer.
type job struct {
	incoming
	body []byte   // of the envelope
	view *opening // the modal that is opened for it meanwhile; nil for none

	mu   sync.Mutex
	acks []*acknowledgement // those that are waiting for its answer; none after a take-over
	said *any               // what they were given
}

// join has a be given what the job's answer is.
func (j *job) join(a *acknowledgement) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.said != nil {
		a.give(*j.said)
		return
	}
	j.acks = append(j.acks, a)
}

// acknowledge gives payload to all that wait; false: nobody was there any more to
// whom it says anything.
func (j *job) acknowledge(payload any) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.said = &payload
	heard := false
	for _, a := range j.acks {
		heard = a.give(payload) || heard
	}
	return heard
}

// leave drops what nobody will answer here any more.
func (j *job) leave() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, a := range slices.Clone(j.acks) {
		a.drop()
	}
}
