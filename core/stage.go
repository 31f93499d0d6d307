package core

import "time"

// Stage is where a request waits, finer than its state: the silent stalls of the
// process have stages of their own ("liberada, falta el oficio" and "oficio
// recibido, falta liberación" are two).
type Stage string

// The stages, named after what is missing.
const (
	StageCorrect Stage = "correct"
	StageRelease Stage = "release"
	StageHeld    Stage = "held"   // the oficio was received, the release is missing
	StageLetter  Stage = "letter" // released, and nobody has registered the oficio
	StageReceipt Stage = "receipt"
	StageRefer   Stage = "refer"
	StageAssign  Stage = "assign"
	StageIssue   Stage = "issue"
	StageAnswer  Stage = "answer"
	StageCall    Stage = "call"
	StagePickup  Stage = "pickup"
)

// StageRow is one stage, and the duty whose target it is measured by.
type StageRow struct {
	Stage Stage
	Duty  DutyName
	// Referred says that it comes after the referral: a head answers for it.
	Referred bool
}

// Stages are all of them, in the order of the process.
var Stages = []StageRow{
	{Stage: StageCorrect, Duty: DutyCorrect},
	{Stage: StageRelease, Duty: DutyRelease},
	{Stage: StageHeld, Duty: DutyRelease},
	{Stage: StageLetter, Duty: DutyLetter},
	{Stage: StageReceipt, Duty: DutyReceive},
	{Stage: StageRefer, Duty: DutyRefer},
	{Stage: StageAssign, Duty: DutyAssign, Referred: true},
	{Stage: StageIssue, Duty: DutyIssue, Referred: true},
	{Stage: StageAnswer, Duty: DutyAnswer, Referred: true},
	{Stage: StageCall, Duty: DutyCall, Referred: true},
	{Stage: StagePickup, Duty: DutyPickup, Referred: true},
}

// Stage is where the request waits, and since when; "" for a draft, for what is
// over, and for other kinds of record.
func (r Record) Stage() (Stage, time.Time) {
	if r.Kind != KindRequest {
		return "", time.Time{}
	}
	after := func(v Verb) time.Time {
		if at := r.Acts[v].At; at.After(r.Since) {
			return at
		}
		return r.Since
	}
	switch r.State {
	case StateReturned:
		return StageCorrect, r.Since
	case StateFiled:
		if r.Did(VerbReceiveLetter) {
			return StageHeld, after(VerbReceiveLetter)
		}
		return StageRelease, r.Since
	case StateReleased:
		if r.Did(VerbSendLetter) {
			return StageReceipt, after(VerbSendLetter)
		}
		return StageLetter, r.Since
	case StateReceived:
		return StageRefer, r.Since
	case StateReferred:
		return StageAssign, r.Since
	case StateAssigned:
		return StageIssue, r.Since
	case StateObserved:
		return StageAnswer, r.Since
	case StateIssued:
		if !r.owesCall() {
			return StagePickup, after(VerbLogCall)
		}
		return StageCall, after(VerbRecall)
	}
	return "", time.Time{}
}
