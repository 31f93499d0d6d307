package core

import (
	"slices"
	"strconv"
	"time"

	"sidem.gob.mx/sidem/core/value"
)

// The states of a request (guide, steps 3 to 8).
const (
	StateDraft     State = "draft"
	StateFiled     State = "filed"
	StateReturned  State = "returned"
	StateReleased  State = "released"
	StateReceived  State = "received"
	StateReferred  State = "referred"
	StateAssigned  State = "assigned"
	StateObserved  State = "observed"
	StateIssued    State = "issued"
	StateCollected State = "collected"
	StateCancelled State = "cancelled"
)

// The verbs of a request.
const (
	VerbDraft         Verb = "draft"
	VerbAmend         Verb = "amend"
	VerbDiscard       Verb = "discard"
	VerbFile          Verb = "file"
	VerbReturn        Verb = "return"
	VerbCorrect       Verb = "correct"
	VerbRelease       Verb = "release"
	VerbSendLetter    Verb = "send_letter"
	VerbReceiveLetter Verb = "receive_letter"
	VerbJoin          Verb = "join"
	VerbRefer         Verb = "refer"
	VerbAssign        Verb = "assign"
	VerbReassign      Verb = "reassign"
	VerbAccept        Verb = "accept"
	VerbDecline       Verb = "decline"
	VerbObserve       Verb = "observe"
	VerbAnswer        Verb = "answer"
	VerbResume        Verb = "resume"
	VerbResolve       Verb = "resolve"
	VerbIssue         Verb = "issue"
	VerbMailed        Verb = "mailed" // the mail of step 8 was accepted by the server
	VerbLogCall       Verb = "log_call"
	VerbHandOver      Verb = "hand_over"
	VerbCancel        Verb = "cancel"
	VerbComment       Verb = "comment"
	VerbAttach        Verb = "attach"
	VerbNudge         Verb = "nudge"       // asks whoever has the turn
	VerbNotArrived    Verb = "not_arrived" // the registry has not got the oficio
	VerbAskCall       Verb = "ask_call"
	VerbAskAgain      Verb = "ask_again" // an answer does not settle its observation
	VerbPurge         Verb = "purge"     // a draft that nobody touched
	VerbRecall        Verb = "recall"    // an opinion that nobody collects: call again
	// VerbLeaveCase: the executive who has it is not there any more. VerbLeaveHead: the head.
	VerbLeaveCase Verb = "leave_case"
	VerbLeaveHead Verb = "leave_head"
	// VerbPassOn: who asked is not there any more, and it is the turn of the agency's others.
	VerbPassOn Verb = "pass_on"
	// An act that whoever did it takes back, while nobody has acted on it (UndoWithin).
	VerbUndoRefer   Verb = "undo_refer"
	VerbUndoAssign  Verb = "undo_assign"
	VerbUndoAccept  Verb = "undo_accept"
	VerbUndoCall    Verb = "undo_call"
	VerbUndoResolve Verb = "undo_resolve"
)

// RequestForm are the fields of a request in the order in which they are asked (guide, step 3).
var RequestForm = []Field{
	FieldSubject, FieldProcurement, FieldCategory, FieldItems, FieldJustification,
	FieldBudgetLine, FieldFunding, FieldAmount, FieldMultiYear, FieldProject,
}

// requestAsks is the form with its annexes, which may come along.
var requestAsks = slices.Concat(RequestForm, []Field{FieldFiles})

// particulars are those of whoever asks, as their account has them.
var particulars = []Field{FieldName, FieldPost, FieldEmail, FieldPhone, FieldExtension, FieldUnit}

var (
	inOffice = []State{StateFiled, StateReturned, StateReleased, StateReceived, StateReferred, StateAssigned, StateObserved, StateIssued}
	parties  = []Role{RoleRequester, RoleSecretary, RoleRegistry, RoleHead, RoleExecutive}
	debtors  = parties // those who may owe a duty of a request
)

var requestLifecycle = Lifecycle{
	Kind: KindRequest,
	States: []State{
		StateDraft, StateFiled, StateReturned, StateReleased, StateReceived, StateReferred,
		StateAssigned, StateObserved, StateIssued, StateCollected, StateCancelled,
	},
	Final: []State{StateCollected, StateCancelled},
	Rows: []Transition{
		{Verb: VerbDraft, From: []State{None}, To: StateDraft, By: []Role{RoleRequester}, Asks: requestAsks, Sets: particulars, Quiet: true},
		{Verb: VerbFile, From: []State{StateDraft}, To: StateFiled, By: []Role{RoleRequester}, Guard: all(isComplete, programIsValid), Numbers: true},
		{Verb: VerbAmend, From: []State{StateDraft}, To: Stay, By: []Role{RoleRequester}, Asks: requestAsks, Again: true},
		{Verb: VerbDiscard, From: []State{StateDraft}, To: StateCancelled, By: []Role{RoleRequester}, Confirm: true},

		{Verb: VerbRelease, From: []State{StateFiled}, To: StateReleased, By: []Role{RoleSecretary}, Confirm: true},
		{Verb: VerbReturn, From: []State{StateFiled}, To: StateReturned, By: []Role{RoleSecretary}, Needs: []Field{FieldReason}},
		{Verb: VerbCorrect, From: []State{StateReturned}, To: StateFiled, By: []Role{RoleRequester}, Needs: []Field{FieldNote}, Asks: requestAsks, Guard: isComplete},

		{
			Verb: VerbSendLetter, From: []State{StateFiled, StateReleased}, To: Stay, By: []Role{RoleSecretary},
			Needs: []Field{FieldLetterNumber, FieldLetterDate}, Asks: []Field{FieldFiles}, Guard: firstTime,
		},
		{
			Verb: VerbReceiveLetter, From: []State{StateFiled, StateReleased}, To: Stay, By: []Role{RoleRegistry},
			Needs: []Field{FieldFolio, FieldReceivedDate, FieldReceivedTime, FieldLetterNumber}, Guard: all(firstTime, hourHasCome),
		},
		{Verb: VerbNotArrived, From: []State{StateFiled, StateReleased}, To: Stay, By: []Role{RoleRegistry}, Guard: all(letterIsAwaited, onceADay), Again: true},
		{Verb: VerbJoin, From: []State{StateReleased}, To: StateReceived, By: []Role{RoleSystem}, Guard: letterIsReceived, Auto: true, Quiet: true},
		{Verb: VerbRefer, From: []State{StateReceived}, To: StateReferred, By: []Role{RoleRegistry, RoleDirector}, Needs: []Field{FieldHead}},

		{Verb: VerbAssign, From: []State{StateReferred}, To: StateAssigned, By: []Role{RoleHead}, Needs: []Field{FieldExecutive}, Apply: reassigned},
		{Verb: VerbReassign, From: []State{StateAssigned, StateObserved}, To: Stay, By: []Role{RoleHead}, Needs: []Field{FieldExecutive}, Apply: reassigned, Again: true},
		{Verb: VerbAccept, From: []State{StateAssigned}, To: Stay, By: []Role{RoleExecutive}, Guard: notYetAccepted},
		{Verb: VerbObserve, From: []State{StateAssigned, StateObserved}, To: StateObserved, By: []Role{RoleExecutive, RoleHead}, Needs: []Field{FieldSection, FieldMissing, FieldDeliver}, Asks: []Field{FieldDueDate}, Sets: []Field{FieldObservation}, Guard: isAhead, Apply: observed, Several: true, Again: true},
		{Verb: VerbIssue, From: []State{StateAssigned}, To: StateIssued, By: []Role{RoleExecutive, RoleHead}, Needs: []Field{FieldOpinionNumber, FieldOutcome, FieldFiles}, Sets: []Field{FieldPickupCode, FieldPickupKey}, Confirm: true},
		{Verb: VerbDecline, From: []State{StateAssigned}, To: StateReferred, By: []Role{RoleExecutive}, Needs: []Field{FieldReason}, Apply: declined},
		{Verb: VerbAnswer, From: []State{StateObserved}, To: Stay, By: []Role{RoleRequester}, Needs: []Field{FieldObservation, FieldAnswer}, Asks: []Field{FieldFiles}, Guard: isPending, Apply: answered, Again: true},
		{Verb: VerbResume, From: []State{StateObserved}, To: StateAssigned, By: []Role{RoleSystem}, Guard: allAnswered, Auto: true, Quiet: true},
		{Verb: VerbResolve, From: []State{StateAssigned}, To: Stay, By: []Role{RoleExecutive}, Needs: []Field{FieldObservation}, Guard: isAnswered, Apply: resolved, Again: true},

		{Verb: VerbAskAgain, From: []State{StateAssigned}, To: StateObserved, By: []Role{RoleExecutive, RoleHead}, Needs: []Field{FieldObservation, FieldMissing}, Asks: []Field{FieldDeliver, FieldDueDate}, Guard: all(isAnswered, isAhead), Apply: askedAgain, Again: true},
		{Verb: VerbAskCall, From: []State{StateObserved}, To: Stay, By: []Role{RoleRequester}, Guard: onceADay, Again: true},

		{Verb: VerbLeaveCase, From: []State{StateAssigned}, To: StateReferred, By: []Role{RoleSystem}, Sets: []Field{FieldExecutive}, Guard: isLeft(FieldExecutive, RoleExecutive), Apply: leftCase, Auto: true, Quiet: true},
		{Verb: VerbLeaveCase, From: []State{StateObserved}, To: Stay, By: []Role{RoleSystem}, Sets: []Field{FieldExecutive}, Guard: isLeft(FieldExecutive, RoleExecutive), Apply: leftCase, Quiet: true},
		{Verb: VerbLeaveCase, From: []State{StateIssued}, To: Stay, By: []Role{RoleSystem}, Sets: []Field{FieldExecutive}, Guard: all(isLeft(FieldExecutive, RoleExecutive), callIsLeft), Apply: leftCase, Quiet: true},
		{Verb: VerbLeaveHead, From: []State{StateReferred}, To: StateReceived, By: []Role{RoleSystem}, Sets: []Field{FieldHead}, Guard: isLeft(FieldHead, RoleHead), Apply: leftHead, Auto: true, Quiet: true},
		{Verb: VerbLeaveHead, From: []State{StateAssigned, StateObserved}, To: Stay, By: []Role{RoleSystem}, Sets: []Field{FieldHead}, Guard: isLeft(FieldHead, RoleHead), Apply: leftHead, Quiet: true},
		{Verb: VerbPassOn, From: []State{StateReturned, StateObserved, StateIssued}, To: Stay, By: []Role{RoleSystem}, Sets: []Field{FieldLeft}, Guard: passesOn, Quiet: true},

		{Verb: VerbMailed, From: []State{StateIssued}, To: Stay, By: []Role{RoleSystem}, Quiet: true},
		{Verb: VerbLogCall, From: []State{StateIssued}, To: Stay, By: []Role{RoleExecutive, RoleRegistry}, Needs: []Field{FieldCallResult}, Asks: []Field{FieldNote}, Guard: notYetReached, Apply: called, Again: true},
		{Verb: VerbHandOver, From: []State{StateIssued}, To: StateCollected, By: []Role{RoleRegistry, RoleExecutive}, Needs: []Field{FieldReceivedBy}, Asks: []Field{FieldShown, FieldIdentified}, Guard: isPickedUp},

		{Verb: VerbUndoRefer, From: []State{StateReferred}, To: StateReceived, By: []Role{RoleRegistry, RoleDirector}, Sets: []Field{FieldHead}, Guard: undoable, Apply: undone, Again: true},
		{Verb: VerbUndoAssign, From: []State{StateAssigned}, To: StateReferred, By: []Role{RoleHead}, Sets: []Field{FieldExecutive}, Guard: undoable, Apply: undone, Again: true},
		{Verb: VerbUndoAccept, From: []State{StateAssigned}, To: Stay, By: []Role{RoleExecutive}, Guard: undoable, Apply: undone, Again: true},
		{Verb: VerbUndoResolve, From: []State{StateAssigned}, To: Stay, By: []Role{RoleExecutive}, Sets: []Field{FieldObservation}, Guard: undoable, Apply: undone, Again: true},
		{Verb: VerbUndoCall, From: []State{StateIssued}, To: Stay, By: []Role{RoleExecutive, RoleRegistry}, Guard: undoable, Apply: undone, Again: true},

		{Verb: VerbCancel, From: []State{StateFiled, StateReturned, StateReleased, StateReceived}, To: StateCancelled, By: []Role{RoleRequester, RoleHead, RoleAdmin}, Needs: []Field{FieldReason}, Confirm: true},
		{Verb: VerbCancel, From: []State{StateReferred, StateAssigned, StateObserved}, To: StateCancelled, By: []Role{RoleHead, RoleAdmin}, Needs: []Field{FieldReason}, Confirm: true},
		{Verb: VerbNudge, From: inOffice, To: Stay, By: []Role{RoleRequester, RoleSecretary}, Guard: all(isOthersTurn, onceADay), Again: true},
		{Verb: VerbComment, From: inOffice, To: Stay, By: parties, Needs: []Field{FieldNote}, Guard: fewComments, Apply: commented, Again: true},
		{Verb: VerbAttach, From: inOffice, To: Stay, By: parties, Needs: []Field{FieldFiles}, Again: true},

		{Verb: VerbPurge, From: []State{StateDraft}, To: StateCancelled, By: []Role{RoleSystem}, Guard: isUntouched, Quiet: true},
		redactRow(StateDraft, StateFiled, StateReturned, StateReleased, StateReceived, StateReferred, StateAssigned, StateObserved, StateIssued, StateCollected, StateCancelled),
		remindRow(StateFiled, StateReturned, StateReleased, StateReceived, StateReferred, StateAssigned, StateObserved, StateIssued),
		{Verb: VerbRecall, From: []State{StateIssued}, To: Stay, By: []Role{RoleSystem}, Guard: liesUncollected, Quiet: true},
		{Verb: VerbSnooze, From: inOffice, To: Stay, By: debtors, Needs: []Field{FieldUntil}, Guard: owesSomething, Apply: snoozed, Quiet: true, Silent: true},
	},
}

// all refuses with the first refusal of gs.
func all(gs ...Guard) Guard {
	return func(r Record, c Command, a Actor, now time.Time) *Refusal {
		for _, g := range gs {
			if no := g(r, c, a, now); no != nil {
				return no
			}
		}
		return nil
	}
}

// isComplete asks for every field of the form (step 3: "when it is complete").
func isComplete(r Record, c Command, _ Actor, now time.Time) *Refusal {
	for _, f := range RequestForm {
		if f == FieldItems {
			if len(r.Items) == 0 && len(c.Items) == 0 {
				return &Refusal{Reason: Missing, Field: f}
			}
			continue
		}
		v := r.Fields[f]
		if given, ok := c.Fields[f]; ok {
			v = given
		}
		if no := Check(f, v, now); no != nil {
			return no
		}
	}
	return nil
}

// programIsValid is the gate of step 1: the desk tells by Gate whether the
// agency's programme of the year is validated, or the gate only warns.
func programIsValid(_ Record, c Command, _ Actor, _ time.Time) *Refusal {
	if c.Gate == GateShut {
		return &Refusal{Reason: NoProgram}
	}
	return nil
}

// firstTime lets a verb that stays in its state be done once.
func firstTime(r Record, c Command, a Actor, _ time.Time) *Refusal {
	if r.Did(c.Verb) {
		return r.already(c, a)
	}
	return nil
}

// hourHasCome refuses an acuse at an hour of today that has not come yet.
func hourHasCome(_ Record, c Command, _ Actor, now time.Time) *Refusal {
	return HourToCome(c.Fields[FieldReceivedDate], c.Fields[FieldReceivedTime], now)
}

// HourToCome refuses the hour of reception on a day, both as they are kept, if that is today
// and the hour lies after now. What is in another form is not judged.
func HourToCome(day, hour string, now time.Time) *Refusal {
	if day != DateOf(now).String() || hour <= value.HourOf(now).Stored() {
		return nil
	}
	return &Refusal{Reason: Future, Field: FieldReceivedTime, Value: hour}
}

func letterIsReceived(r Record, _ Command, _ Actor, _ time.Time) *Refusal {
	if !r.Did(VerbReceiveLetter) {
		return &Refusal{Reason: NotNow}
	}
	return nil
}

func notYetAccepted(r Record, c Command, a Actor, _ time.Time) *Refusal {
	if act, ok := r.Acts[VerbAccept]; ok && act.Version > r.assignedAt() {
		return r.already(c, a)
	}
	if r.Acts[VerbObserve].Version > r.assignedAt() { // the work has begun
		return &Refusal{Reason: NotNow}
	}
	return nil
}

func (r Record) assignedAt() int { return r.Acts[assignment(r)].Version }

// assignment is the verb by which the executive has the case.
func assignment(r Record) Verb {
	if r.Acts[VerbReassign].Version > r.Acts[VerbAssign].Version {
		return VerbReassign
	}
	return VerbAssign
}

func isPending(r Record, c Command, a Actor, _ time.Time) *Refusal {
	o, ok := r.Observation(c.Fields[FieldObservation])
	switch {
	case !ok:
		return &Refusal{Reason: Invalid, Field: FieldObservation, Value: c.Fields[FieldObservation]}
	case !o.Answered.IsZero():
		return r.already(c, a)
	}
	return nil
}

func allAnswered(r Record, _ Command, _ Actor, _ time.Time) *Refusal {
	if len(r.Pending()) > 0 {
		return &Refusal{Reason: NotNow}
	}
	return nil
}

func isAnswered(r Record, c Command, a Actor, _ time.Time) *Refusal {
	o, ok := r.Observation(c.Fields[FieldObservation])
	switch {
	case !ok || o.Answered.IsZero():
		return &Refusal{Reason: Invalid, Field: FieldObservation, Value: c.Fields[FieldObservation]}
	case !o.Resolved.IsZero():
		return r.already(c, a)
	}
	return nil
}

// notYetReached ends the call duty once somebody answered (step 8).
func notYetReached(r Record, c Command, a Actor, _ time.Time) *Refusal {
	if !r.owesCall() {
		return r.already(c, a)
	}
	return nil
}

// isAhead: a suggested date, where one is given, has not passed.
func isAhead(_ Record, c Command, _ Actor, now time.Time) *Refusal {
	if d := c.Fields[FieldDueDate]; d != "" && d < DateOf(now).String() {
		return &Refusal{Reason: Invalid, Field: FieldDueDate, Value: d}
	}
	return nil
}

// letterIsAwaited: there is an oficio to miss as long as its receipt is not registered.
func letterIsAwaited(r Record, _ Command, _ Actor, _ time.Time) *Refusal {
	if r.Did(VerbReceiveLetter) {
		return &Refusal{Reason: NotNow}
	}
	return nil
}

// isOthersTurn lets nobody remind themselves.
func isOthersTurn(r Record, _ Command, a Actor, now time.Time) *Refusal {
	if duties := owed(r); len(duties) > 0 && !a.Owes(duties[0], r, now) {
		return nil
	}
	return &Refusal{Reason: NotNow}
}

// onceADay lets an act be done again on the next working day. The desk tells by
// Since which day was the last one before that for which c counts.
func onceADay(r Record, c Command, a Actor, now time.Time) *Refusal {
	since := c.Since
	if since.IsZero() {
		since = DateOf(now).Next(-1)
	}
	if act, ok := r.Acts[c.Verb]; ok && since.Before(DateOf(act.At.In(now.Location()))) {
		c.Seen = 0 // it counts whatever was on the screen
		return r.already(c, a)
	}
	return nil
}

// Reached reports whether a call was answered.
func (r Record) Reached() bool {
	return slices.ContainsFunc(r.Calls, func(c Call) bool { return c.Result == CallAnswered })
}

// owesCall reports whether nobody has answered a call since the opinion was
// issued, or since it lay uncollected after the last reminder (VerbRecall).
func (r Record) owesCall() bool {
	recall := r.Acts[VerbRecall].Version
	for _, c := range r.Calls {
		if c.Result == CallAnswered && (recall == 0 || c.By.Version > recall) {
			return false
		}
	}
	return true
}

func reassigned(r *Record, e Event) {
	r.Fields[FieldExecutive] = e.Fields[FieldExecutive]
}

func declined(r *Record, _ Event) { delete(r.Fields, FieldExecutive) }

// observed gives the next number, or one further on that the event brings.
func observed(r *Record, e Event) {
	n := r.lastObservation() + 1
	if ahead, err := strconv.Atoi(e.Fields[FieldObservation]); err == nil && ahead > n {
		n = ahead
	}
	r.Observations = append(r.Observations, Observation{
		N: n, Section: e.Fields[FieldSection],
		Missing: e.Fields[FieldMissing], Deliver: e.Fields[FieldDeliver], Due: e.Fields[FieldDueDate], By: e.act(r.Version),
	})
}

func answered(r *Record, e Event) {
	for i := range r.Observations {
		if o := &r.Observations[i]; sameNumber(o.N, e.Fields[FieldObservation]) {
			o.Answer, o.Answered, o.Files = e.Fields[FieldAnswer], e.At, e.Files
		}
	}
}

// askedAgain has an observation wait for an answer anew. The answer before stays
// in the trail.
func askedAgain(r *Record, e Event) {
	for i := range r.Observations {
		if o := &r.Observations[i]; sameNumber(o.N, e.Fields[FieldObservation]) {
			o.Missing, o.Answer, o.Answered, o.Files, o.By = e.Fields[FieldMissing], "", time.Time{}, nil, e.act(r.Version)
			o.Due = e.Fields[FieldDueDate]
			if d := e.Fields[FieldDeliver]; d != "" {
				o.Deliver = d
			}
		}
	}
}

func resolved(r *Record, e Event) {
	for i := range r.Observations {
		if o := &r.Observations[i]; sameNumber(o.N, e.Fields[FieldObservation]) {
			o.Resolved = e.At
		}
	}
}

func called(r *Record, e Event) {
	r.Calls = append(r.Calls, Call{Result: e.Fields[FieldCallResult], Note: e.Fields[FieldNote], By: e.act(r.Version)})
}

// maxComments is how many comments one person may leave on a request within a day.
const maxComments = 20

// fewComments: nobody's comments push the others' out of sight.
func fewComments(r Record, _ Command, a Actor, now time.Time) *Refusal {
	n := 0
	for _, c := range r.Comments {
		if c.By.By == a.Account && now.Sub(c.By.At) < 24*time.Hour {
			n++
		}
	}
	if n >= maxComments {
		return &Refusal{Reason: TooMany}
	}
	return nil
}

func commented(r *Record, e Event) {
	r.Comments = append(r.Comments, Remark{Text: e.Fields[FieldNote], By: e.act(r.Version)})
}
