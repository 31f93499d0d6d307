package core

import "slices"

// Mail names a text of the mail catalogue (core/es has its words).
type Mail string

// The mails of the process.
const (
	MailNone      Mail = ""
	MailTurn      Mail = "turn" // it is your turn: said in the words of the state
	MailFiled     Mail = "filed"
	MailReturned  Mail = "returned"
	MailReleased  Mail = "released"
	MailReferred  Mail = "referred"
	MailObserved  Mail = "observed"
	MailResolved  Mail = "resolved"
	MailIssued    Mail = "issued"
	MailCancelled Mail = "cancelled"
	MailWelcome   Mail = "welcome"
	MailLinked    Mail = "linked"
	MailUnlinked  Mail = "unlinked"  // to administration: somebody's chat was unlinked
	MailCorrected Mail = "corrected" // administration corrected the particulars of one's account
	MailMoved     Mail = "moved"     // …its mail among them: to the address that it had
	MailAlert     Mail = "alert"     // to administration: notices that reached nobody
	MailReminder  Mail = "reminder"
	MailPickup    Mail = "pickup" // the opinion is still there
	MailUndone    Mail = "undone" // what another mail told of was taken back
)

// Mails are all of them, for the words and the tests.
var Mails = []Mail{
	MailTurn, MailFiled, MailReturned, MailReleased, MailReferred, MailObserved, MailResolved,
	MailIssued, MailCancelled, MailWelcome, MailLinked, MailUnlinked, MailCorrected, MailMoved, MailAlert, MailReminder, MailPickup, MailUndone,
}

// Note names what is said under a card: a thread in Slack, a reply in Telegram.
type Note string

// The notes of the process.
const (
	NoteNone   Note = ""
	NoteAnswer Note = "answer" // what the requester answered to an observation
	// NoteReminder says that the suggested date has come, or has passed; each
	// replaces the one before. NoteCover tells a substitute why the card came.
	NoteReminder Note = "reminder"
	NoteCover    Note = "cover"

	NoteUnlinked Note = "unlinked" // to administration: somebody's chat was unlinked

	NoteNudge      Note = "nudge"       // somebody asks how it goes
	NoteNotArrived Note = "not_arrived" // the oficio has not come
	NoteCall       Note = "call"        // the requester asks to be called
	NoteComment    Note = "comment"
	NoteValidated  Note = "validated" // the gate of step 1 is open
	NoteAttach     Note = "attach"
	NoteStandIn    Note = "stand_in"  // the substitute accepted
	NoteExcuse     Note = "excuse"    // … declined
	NoteComeBack   Note = "come_back" // a substitution ended early
	NoteElsewhere  Note = "elsewhere" // a right password or code was given in another chat
	NoteLapse      Note = "lapse"     // … because one of both is not who they were
	NoteRelieve    Note = "relieve"   // … to who stood in
)

// Notes are all of them, for the words and the tests.
var Notes = []Note{
	NoteAnswer, NoteUnlinked, NoteValidated, NoteNudge, NoteNotArrived, NoteCall, NoteComment, NoteAttach, NoteStandIn, NoteExcuse, NoteComeBack,
	NoteReminder, NoteCover,
}

// Those whom only the record itself knows: as an audience, and as who may.
const (
	Self    Role = "self"    // of an account: its own person
	Deputy  Role = "deputy"  // of an account: whom it named its substitute
	OnTurn  Role = "turn"    // an audience: those whose turn it is
	Former  Role = "former"  // an audience: Self, at the address that it had before
	Holders Role = "holders" // an audience: all who hold a card of the record already
	Undone  Role = "undone"  // an audience: to whom the act went that is taken back
)

// The audiences of a reminder: who owes what it tells of, and who stands in for them.
const (
	Reminding Role = "reminding"
	Covering  Role = "covering"
)

// Notice is one row of 'who is told what': after verb Verb, audience To holds a
// card of the record, is sent Mail (always, or when no chat of theirs is linked)
// and is told Note under the card.
type Notice struct {
	Kind   Kind
	Verb   Verb
	To     Role
	Mail   Mail
	Always bool
	Note   Note
	// AtOnce rows are told at any hour: they warn.
	AtOnce bool
	// When limits the row to some outcomes; nil is always.
	When func(after Record) bool
}

// Notices is the table of who is told. A requester is the one who filed; the
// head and the executive are those named in the request. A mail is sent always where
// the chat says nothing new (its card is redrawn without a sound) or the guide asks for
// one, as for the opinion: no mail repeats a message that came in a chat.
var Notices = []Notice{
	{Kind: KindProgram, Verb: VerbDeliver, To: RoleAdmin, Mail: MailTurn},
	{Kind: KindProgram, Verb: VerbDeliver, To: RoleRequester},
	{Kind: KindProgram, Verb: VerbRedeliver, To: RoleAdmin, Mail: MailTurn},
	{Kind: KindProgram, Verb: VerbReturn, To: RoleRequester, Mail: MailTurn},
	{Kind: KindProgram, Verb: VerbValidate, To: RoleRequester, Mail: MailTurn, Note: NoteValidated},

	{Kind: KindAccount, Verb: VerbApply, To: RoleAdmin, Mail: MailTurn},
	{Kind: KindAccount, Verb: VerbGrant, To: Self, Mail: MailWelcome, Always: true},
	{Kind: KindAccount, Verb: VerbRenew, To: Self, Mail: MailWelcome, Always: true},
	{Kind: KindAccount, Verb: VerbLink, To: Self, Mail: MailLinked, Always: true},
	{Kind: KindAccount, Verb: VerbUnlink, To: Self, Mail: MailLinked, Always: true},
	{Kind: KindAccount, Verb: VerbElsewhere, To: Self, Mail: MailLinked, Always: true, Note: NoteElsewhere, AtOnce: true},
	{Kind: KindAccount, Verb: VerbUnlink, To: RoleAdmin, Mail: MailUnlinked, Note: NoteUnlinked},
	{Kind: KindAccount, Verb: VerbRectify, To: Self, Mail: MailCorrected, Always: true},
	{Kind: KindAccount, Verb: VerbRectify, To: Former, Mail: MailMoved, Always: true, When: mailHasMoved},
	{Kind: KindAccount, Verb: VerbSubstitute, To: Deputy, Mail: MailTurn},
	{Kind: KindAccount, Verb: VerbStandIn, To: Self, Note: NoteStandIn},
	{Kind: KindAccount, Verb: VerbExcuse, To: Self, Note: NoteExcuse},
	{Kind: KindAccount, Verb: VerbComeBack, To: Self, Note: NoteComeBack},
	{Kind: KindAccount, Verb: VerbComeBack, To: Holders, Note: NoteComeBack},

	{Kind: KindAccount, Verb: VerbLapse, To: Self, Note: NoteLapse},
	{Kind: KindAccount, Verb: VerbRelieve, To: Self, Note: NoteRelieve},

	{Kind: KindRequest, Verb: VerbFile, To: RoleRequester, Mail: MailFiled, Always: true},
	{Kind: KindRequest, Verb: VerbFile, To: RoleSecretary, Mail: MailTurn},
	{Kind: KindRequest, Verb: VerbReturn, To: RoleRequester, Mail: MailReturned},
	{Kind: KindRequest, Verb: VerbCorrect, To: RoleSecretary, Mail: MailTurn},
	{Kind: KindRequest, Verb: VerbRelease, To: RoleRequester, Mail: MailReleased, Always: true, When: letterIsMissing},
	{Kind: KindRequest, Verb: VerbRelease, To: RoleRegistry, Mail: MailTurn},
	{Kind: KindRequest, Verb: VerbSendLetter, To: RoleRegistry, Mail: MailTurn},
	{Kind: KindRequest, Verb: VerbJoin, To: RoleRegistry, Mail: MailTurn},
	{Kind: KindRequest, Verb: VerbRefer, To: RoleRequester, Mail: MailReferred, Always: true},
	{Kind: KindRequest, Verb: VerbRefer, To: RoleSecretary, Mail: MailReferred},
	{Kind: KindRequest, Verb: VerbRefer, To: RoleHead, Mail: MailTurn},
	{Kind: KindRequest, Verb: VerbAssign, To: RoleExecutive, Mail: MailTurn},
	{Kind: KindRequest, Verb: VerbReassign, To: RoleExecutive, Mail: MailTurn},
	{Kind: KindRequest, Verb: VerbDecline, To: RoleHead, Mail: MailTurn},
	{Kind: KindRequest, Verb: VerbObserve, To: RoleRequester, Mail: MailObserved},
	{Kind: KindRequest, Verb: VerbAnswer, To: RoleExecutive, Note: NoteAnswer},
	{Kind: KindRequest, Verb: VerbResume, To: RoleExecutive, Mail: MailTurn},
	{Kind: KindRequest, Verb: VerbResolve, To: RoleRequester, Mail: MailResolved, Always: true, When: allResolved},
	{Kind: KindRequest, Verb: VerbIssue, To: RoleRequester, Mail: MailIssued, Always: true},
	{Kind: KindRequest, Verb: VerbIssue, To: RoleExecutive, Mail: MailTurn},
	{Kind: KindRequest, Verb: VerbPassOn, To: RoleRequester, Mail: MailTurn, When: isNoNews},
	{Kind: KindRequest, Verb: VerbPassOn, To: RoleRequester, Mail: MailIssued, Always: true, When: isNews},
	{Kind: KindRequest, Verb: VerbLeaveCase, To: RoleHead, Mail: MailTurn, When: headAssigns},
	{Kind: KindRequest, Verb: VerbLeaveCase, To: RoleRegistry, Mail: MailTurn, When: registryCalls},
	{Kind: KindRequest, Verb: VerbLeaveHead, To: RoleRegistry, Mail: MailTurn, When: registryRefers},
	{Kind: KindRequest, Verb: VerbNotArrived, To: RoleSecretary, Note: NoteNotArrived},
	{Kind: KindRequest, Verb: VerbAskAgain, To: RoleRequester, Mail: MailObserved},
	{Kind: KindRequest, Verb: VerbAskCall, To: RoleExecutive, Note: NoteCall},
	{Kind: KindRequest, Verb: VerbAskCall, To: RoleHead, Note: NoteCall, When: headAssigns},
	{Kind: KindRequest, Verb: VerbNudge, To: OnTurn, Mail: MailTurn, Note: NoteNudge},
	{Kind: KindRequest, Verb: VerbComment, To: Holders, Note: NoteComment},
	{Kind: KindRequest, Verb: VerbAttach, To: Holders, Note: NoteAttach},
	{Kind: KindRequest, Verb: VerbCancel, To: RoleRequester, Mail: MailCancelled, Always: true},

	{Kind: KindRequest, Verb: VerbUndoRefer, To: RoleRequester, Mail: MailUndone, Always: true},
	{Kind: KindRequest, Verb: VerbUndoRefer, To: RoleSecretary, Mail: MailUndone},
	{Kind: KindRequest, Verb: VerbUndoRefer, To: Undone, Mail: MailUndone},
	{Kind: KindRequest, Verb: VerbUndoAssign, To: Undone, Mail: MailUndone},
	{Kind: KindRequest, Verb: VerbUndoResolve, To: RoleRequester, Mail: MailUndone, Always: true, When: lastIsUnsettled},

	{Kind: KindProgram, Verb: VerbRemind, To: Reminding, Mail: MailReminder, Note: NoteReminder},
	{Kind: KindProgram, Verb: VerbRemind, To: Covering, Mail: MailReminder, Note: NoteCover, When: isLate},
	{Kind: KindAccount, Verb: VerbRemind, To: Reminding, Mail: MailReminder, Note: NoteReminder},
	{Kind: KindRequest, Verb: VerbRemind, To: Reminding, Mail: MailReminder, Note: NoteReminder},
	{Kind: KindRequest, Verb: VerbRemind, To: Covering, Mail: MailReminder, Note: NoteCover, When: isLate},
	{Kind: KindRequest, Verb: VerbRemind, To: RoleRequester, Mail: MailPickup, Note: NoteReminder, When: pickupWasReminded},
	{Kind: KindRequest, Verb: VerbRecall, To: RoleExecutive, Mail: MailTurn, When: executiveCalls},
	{Kind: KindRequest, Verb: VerbRecall, To: RoleRegistry, Mail: MailTurn, When: registryCalls},
}

// isLate: from SubstitutesAfter on a reminder reaches the substitute too.
func isLate(r Record) bool {
	return slices.ContainsFunc(r.JustReminded(), func(m Reminded) bool { return m.Late >= SubstitutesAfter })
}

func pickupWasReminded(r Record) bool {
	return slices.ContainsFunc(r.JustReminded(), func(m Reminded) bool { return m.Duty == DutyPickup })
}

func mailHasMoved(r Record) bool { return r.Fields[FieldFormerEmail] != "" }

// owes reports whether role owes duty name of r.
func (r Record) owes(role Role, name DutyName) bool {
	return slices.ContainsFunc(owed(r), func(d Duty) bool { return d.Role == role && d.Name == name })
}

// isNews: nobody has been told by mail yet that the opinion is ready.
func isNews(r Record) bool { return r.State == StateIssued && !r.Did(VerbMailed) }

func isNoNews(r Record) bool { return !isNews(r) }

func headAssigns(r Record) bool { return r.owes(RoleHead, DutyAssign) }

func registryRefers(r Record) bool { return r.owes(RoleRegistry, DutyRefer) }

func registryCalls(r Record) bool { return r.owes(RoleRegistry, DutyCall) }

func executiveCalls(r Record) bool { return !r.callIsRegistrys() }

func letterIsMissing(r Record) bool { return !r.Did(VerbReceiveLetter) }

func allResolved(r Record) bool {
	return !slices.ContainsFunc(r.Observations, func(o Observation) bool { return o.Resolved.IsZero() })
}

// lastIsUnsettled: all observations were settled, but for one.
func lastIsUnsettled(r Record) bool {
	n := 0
	for _, o := range r.Observations {
		if o.Resolved.IsZero() {
			n++
		}
	}
	return n == 1
}

// Told are the notices that events owe, given the record they lead to. Where a
// commit holds several events, an audience is told of the last only; its notes
// are all said.
func Told(after Record, events []Event) []Notice {
	var out []Notice
	for _, e := range events {
		if e.Refusal != nil {
			continue
		}
		for _, n := range Notices {
			if n.Kind != after.Kind || n.Verb != e.Verb || (n.When != nil && !n.When(after)) {
				continue
			}
			out = slices.DeleteFunc(out, func(o Notice) bool { return o.To == n.To && o.Note == NoteNone && n.Note == NoteNone })
			out = append(out, n)
		}
	}
	return out
}
