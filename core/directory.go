package core

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core/value"
)

// The states of programmes, accounts and agencies (guide, steps 1 and 2).
const (
	StateDelivered State = "delivered"
	StateValidated State = "validated"

	StateRequested State = "requested"
	StateGranted   State = "granted"
	StateActive    State = "active"
	StateSuspended State = "suspended"
	StateDenied    State = "denied"
	StateErased    State = "erased" // its person's data were taken out of the store

	StateRegistered State = "registered"
)

// Their verbs.
const (
	VerbDeliver   Verb = "deliver"
	VerbRedeliver Verb = "redeliver"
	VerbValidate  Verb = "validate"

	VerbApply      Verb = "apply"
	VerbGrant      Verb = "grant"
	VerbDeny       Verb = "deny"
	VerbLink       Verb = "link"
	VerbUnlink     Verb = "unlink"
	VerbSuspend    Verb = "suspend"
	VerbReinstate  Verb = "reinstate"
	VerbRenew      Verb = "renew"
	VerbRectify    Verb = "rectify"    // name, post, mail, telephone, profile or agency were wrong, or have changed
	VerbSubstitute Verb = "substitute" // name one
	VerbStandIn    Verb = "stand_in"   // the one named accepts
	VerbExcuse     Verb = "excuse"     // the one named declines
	VerbComeBack   Verb = "come_back"  // the substitution ends before its last day
	VerbElsewhere  Verb = "elsewhere"  // a right password or code was given in a chat that cannot be linked
	VerbLapse      Verb = "lapse"      // the substitution ends: one of both is not who they were
	VerbRelieve    Verb = "relieve"    // …and who stood in learns it
	VerbPrefer     Verb = "prefer"     // channels, the digest, and a pause, by the person

	VerbRegister Verb = "register"
	VerbRename   Verb = "rename"
)

var agencyLifecycle = Lifecycle{
	Kind:   KindAgency,
	States: []State{StateRegistered},
	Rows: []Transition{
		{Verb: VerbRegister, From: []State{None}, To: StateRegistered, By: []Role{RoleAdmin}, Needs: []Field{FieldAgency, FieldName}, Guard: isPlainKey, Quiet: true},
		{Verb: VerbRename, From: []State{StateRegistered}, To: Stay, By: []Role{RoleAdmin}, Needs: []Field{FieldName}},
		redactRow(StateRegistered),
	},
}

// programLifecycle is step 1, per agency and year.
var programLifecycle = Lifecycle{
	Kind:   KindProgram,
	States: []State{StateDelivered, StateReturned, StateValidated},
	Final:  []State{StateValidated},
	Rows: []Transition{
		{Verb: VerbDeliver, From: []State{None}, To: StateDelivered, By: []Role{RoleRequester, RoleAdmin}, Needs: []Field{FieldYear, FieldLetterNumber, FieldLetterDate}, Asks: []Field{FieldFiles}, Guard: delivers, Sets: []Field{FieldAgency}, Quiet: true},
		{Verb: VerbValidate, From: []State{StateDelivered}, To: StateValidated, By: []Role{RoleAdmin}},
		{Verb: VerbReturn, From: []State{StateDelivered}, To: StateReturned, By: []Role{RoleAdmin}, Needs: []Field{FieldReason}},
		{Verb: VerbRedeliver, From: []State{StateReturned}, To: StateDelivered, By: []Role{RoleRequester}, Needs: []Field{FieldLetterNumber, FieldLetterDate}, Asks: []Field{FieldFiles}},
		remindRow(StateDelivered, StateReturned),
		redactRow(StateDelivered, StateReturned, StateValidated),
	},
}

var accountFields = []Field{FieldName, FieldPost, FieldEmail, FieldPhone, FieldProfile, FieldLetterNumber, FieldLetterDate}

// accountLifecycle is step 2. Link is done by the person, who proves to hold
// the one-time password before the command is given.
var accountLifecycle = Lifecycle{
	Kind:   KindAccount,
	States: []State{StateRequested, StateGranted, StateActive, StateSuspended, StateDenied, StateErased},
	Final:  []State{StateDenied, StateErased},
	Rows: []Transition{
		{Verb: VerbApply, From: []State{None}, To: StateRequested, By: []Role{RoleAdmin}, Needs: accountFields, Asks: []Field{FieldAgency, FieldUnit, FieldExtension, FieldChannels}, Guard: agencyIsListed, Sets: []Field{FieldUser, FieldOwnEmail}, Quiet: true},
		{Verb: VerbGrant, From: []State{StateRequested}, To: StateGranted, By: []Role{RoleAdmin}, Apply: granted},
		{Verb: VerbDeny, From: []State{StateRequested}, To: StateDenied, By: []Role{RoleAdmin}, Needs: []Field{FieldReason}},
		{Verb: VerbLink, From: []State{StateGranted, StateActive}, To: StateActive, By: []Role{RoleSystem}, Needs: []Field{FieldPlatform, FieldChat}, Guard: all(isFree, isUnspent), Apply: linked, Quiet: true},
		{Verb: VerbElsewhere, From: []State{StateActive}, To: Stay, By: []Role{RoleSystem}, Needs: []Field{FieldPlatform}, Guard: isUnspent, Apply: elsewhere, Quiet: true},
		{Verb: VerbUnlink, From: []State{StateActive, StateSuspended}, To: Stay, By: []Role{RoleSystem, RoleAdmin}, Needs: []Field{FieldPlatform}, Guard: leavesAdministration, Apply: unlinked, Quiet: true},
		{Verb: VerbRenew, From: []State{StateGranted, StateActive}, To: Stay, By: []Role{RoleAdmin, RoleSystem}},
		{Verb: VerbSubstitute, From: []State{StateGranted, StateActive}, To: Stay, By: []Role{Self, RoleAdmin}, Needs: []Field{FieldSubstitute, FieldFromDate, FieldToDate}, Guard: all(mayBeAbsent, datesInOrder)},
		{Verb: VerbStandIn, From: []State{StateGranted, StateActive}, To: Stay, By: []Role{Deputy}, Guard: isNamed},
		{Verb: VerbExcuse, From: []State{StateGranted, StateActive}, To: Stay, By: []Role{Deputy}, Guard: isNamed, Apply: parted},
		{Verb: VerbComeBack, From: []State{StateGranted, StateActive}, To: Stay, By: []Role{Self, Deputy, RoleAdmin}, Guard: standsIn, Apply: parted, Confirm: true},
		{Verb: VerbLapse, From: []State{StateGranted, StateActive, StateSuspended}, To: Stay, By: []Role{RoleSystem}, Sets: []Field{FieldLeft}, Guard: lapses, Apply: parted, Auto: true, Quiet: true},
		{Verb: VerbRelieve, From: []State{StateGranted, StateActive}, To: Stay, By: []Role{RoleSystem}, Sets: []Field{FieldLeft}, Guard: isRelieved, Quiet: true},
		{Verb: VerbSuspend, From: []State{StateGranted, StateActive}, To: StateSuspended, By: []Role{RoleAdmin}, Needs: []Field{FieldReason}, Guard: leavesAdministration, Confirm: true},
		{Verb: VerbReinstate, From: []State{StateSuspended}, To: StateActive, By: []Role{RoleAdmin}},
		{Verb: VerbRectify, From: []State{StateGranted, StateActive, StateSuspended}, To: Stay, By: []Role{RoleAdmin}, Needs: []Field{FieldName, FieldPost, FieldEmail, FieldPhone, FieldProfile}, Asks: []Field{FieldAgency, FieldUnit, FieldExtension}, Sets: []Field{FieldFormerEmail, FieldFormerAgencies, FieldOwnEmail}, Guard: all(rectifies, leavesAdministration), Apply: rectified},
		{Verb: VerbPrefer, From: []State{StateActive}, To: Stay, By: []Role{RoleSystem}, Asks: []Field{FieldDigestHour, FieldDigestEvery, FieldPausedUntil, FieldChannels}, Guard: pauseIsShort, Quiet: true},
		{Verb: VerbErase, From: []State{StateRequested, StateGranted, StateActive, StateSuspended, StateDenied}, To: StateErased, By: []Role{RoleSystem}, Guard: leavesAdministration, Apply: erased, Quiet: true},
		remindRow(StateRequested, StateGranted, StateActive),
		redactRow(StateRequested, StateGranted, StateActive, StateSuspended, StateDenied, StateErased),
	},
}

// isPlainKey: the key of a new agency stands in ids and in the tokens of buttons.
func isPlainKey(_ Record, c Command, _ Actor, _ time.Time) *Refusal {
	if key, no := Parse(FieldAgency, c.Fields[FieldAgency], time.Time{}); no != nil || key != c.Fields[FieldAgency] {
		return cmp.Or(no, &Refusal{Reason: Invalid, Field: FieldAgency, Value: c.Fields[FieldAgency], Suggest: key})
	}
	return nil
}

// agencyIsListed: what belongs to an agency names one that the directory has.
func agencyIsListed(_ Record, c Command, _ Actor, _ time.Time) *Refusal {
	if no := undisguised(c); no != nil {
		return no
	}
	profile := splitList(c.Fields[FieldProfile])
	switch {
	case c.MailTaken:
		return mailTaken()
	case c.Unlisted:
		return &Refusal{Reason: Invalid, Field: FieldAgency, Value: c.Agency, Why: value.WhyUnknown}
	case c.Agency == "" && (slices.Contains(profile, string(RoleRequester)) || slices.Contains(profile, string(RoleSecretary))):
		return &Refusal{Reason: Missing, Field: FieldAgency}
	}
	return nil
}

// undisguised: no name, and no user name, passes for another's or for SIDEM.
func undisguised(c Command) *Refusal {
	for _, f := range []Field{FieldName, FieldUser} {
		if no := Passing(f, c.Fields[f]); no != nil {
			return no
		}
	}
	return nil
}

// mailTaken refuses an address by which another account's person is reached: what is meant
// for one of them would be read by the other.
func mailTaken() *Refusal { return &Refusal{Reason: Taken, Field: FieldEmail} }

// FormerAgencies are those that a person belonged to, and was moved away from by a
// correction: what they asked for is still there.
func (r Record) FormerAgencies() []string {
	return slices.DeleteFunc(splitList(r.Fields[FieldFormerAgencies]), func(a string) bool { return a == r.Agency })
}

// Standings are the roles that an account has had, and the agencies that its person belonged
// to, by its trail; "" is the office.
func Standings(trail []Event) (roles []Role, agencies []string) {
	var r Record
	for _, e := range trail {
		if r = Apply(r, e); !slices.Contains(agencies, r.Agency) {
			agencies = append(agencies, r.Agency)
		}
		for _, role := range r.Roles {
			if !slices.Contains(roles, role) {
				roles = append(roles, role)
			}
		}
	}
	return roles, agencies
}

// WithFormer is the list of an account's former agencies after it is moved away from
// the one that it belongs to; "" if there is none.
func (r Record) WithFormer() string {
	all := splitList(r.Fields[FieldFormerAgencies])
	if r.Agency != "" && !slices.Contains(all, r.Agency) {
		all = append(all, r.Agency)
	}
	return strings.Join(all, ",")
}

func granted(r *Record, _ Event) {
	r.Roles = nil
	for _, role := range Roles {
		if slices.Contains(splitList(r.Fields[FieldProfile]), string(role)) {
			r.Roles = append(r.Roles, role)
		}
	}
}

// WhereImport is where a command comes from that a file brings (Command.Where).
const WhereImport = "import"

// PasswordLife is how long an initial password is good that nobody used.
const PasswordLife = 7 * 24 * time.Hour

// delivers: the agency is listed, and the programme is of this year or the next. What a
// file brings may be older.
func delivers(r Record, c Command, a Actor, now time.Time) *Refusal {
	y := c.Fields[FieldYear]
	older := c.Where == WhereImport && y < Season(now)
	if y != "" && !older && !isRunning(y, now) {
		return &Refusal{Reason: Invalid, Field: FieldYear, Value: y, Why: value.WhyYear}
	}
	return agencyIsListed(r, c, a, now)
}

// isRunning reports whether a year is that of now or the next.
func isRunning(year string, now time.Time) bool {
	return year == Season(now) || year == Season(now.AddDate(1, 0, 0))
}

// extensionApart is a command of an account whose telephone is a number alone: an
// extension that was written with it is that of the account. Two that were given and
// differ are asked about.
func (r Record) extensionApart(c Command) (Command, *Refusal) {
	phone, err := value.ParsePhone(c.Fields[FieldPhone])
	if c.Kind != KindAccount || err != nil || phone.Extension == "" || c.Fields[FieldPhone] == r.Fields[FieldPhone] {
		return c, nil
	}
	typed := c.Fields[FieldExtension]
	if typed != "" && typed != phone.Extension && typed != r.Fields[FieldExtension] {
		return c, &Refusal{Reason: Ambiguous, Field: FieldExtension, Value: typed, Readings: []string{typed, phone.Extension}}
	}
	c.Fields[FieldPhone], c.Fields[FieldExtension] = value.Phone{Number: phone.Number}.String(), phone.Extension // its own since it was kept
	return c, nil
}

// rectifies: something is another than before, and who acts for an agency has one.
func rectifies(r Record, c Command, _ Actor, _ time.Time) *Refusal {
	switch {
	case len(c.Fields) == 0:
		return &Refusal{Reason: Missing, Field: FieldName}
	case c.MailTaken:
		return mailTaken()
	}
	if no := undisguised(c); no != nil {
		return no
	}
	agency := r.Agency
	if a, brought := c.Fields[FieldAgency]; brought {
		agency = a
	}
	if c.Unlisted {
		return &Refusal{Reason: Invalid, Field: FieldAgency, Value: agency, Why: value.WhyUnknown}
	}
	profile := splitList(c.Fields[FieldProfile])
	if agency == "" && (slices.Contains(profile, string(RoleRequester)) || slices.Contains(profile, string(RoleSecretary))) {
		return &Refusal{Reason: Missing, Field: FieldAgency}
	}
	for f, v := range c.Fields {
		if f != FieldFormerEmail && f != FieldFormerAgencies && v != r.Fields[f] {
			return nil
		}
	}
	return &Refusal{Reason: NotNow, Value: Unchanged}
}

// Unchanged is the Value of a NotNow of a correction that brings what is there already.
const Unchanged = "unchanged"

// rectified gives the account the roles of its profile and its agency anew. An agency that
// is empty, beside those that its person belonged to before, is none: the office.
func rectified(r *Record, e Event) {
	granted(r, e)
	if e.Fields[FieldFormerEmail] == "" {
		delete(r.Fields, FieldFormerEmail)
	}
	if a, brought := e.Fields[FieldAgency]; a != "" {
		if a != r.Agency && e.Fields[FieldFormerAgencies] == "" { // of when it was not brought
			if former := r.WithFormer(); former != "" {
				r.Fields[FieldFormerAgencies] = former
			}
		}
		r.Agency = a
	} else if brought && e.Fields[FieldFormerAgencies] != "" {
		r.Agency = ""
	}
}

// MayAdminister reports whether an account's person administers SIDEM, or will as soon as
// they link a chat.
func (r Record) MayAdminister() bool { return r.InUse() && slices.Contains(r.Roles, RoleAdmin) }

// Administers reports whether an account's person can administer SIDEM now: by a chat.
func (r Record) Administers() bool { return r.MayAdminister() && len(r.Links) > 0 }

// Resigns reports whether a command takes the administration of SIDEM from an account whose
// person has it: suspended, without its only chat, or without the role. An account that is
// erased gives it up before its person ever linked a chat: no other may be there.
func (r Record) Resigns(c Command) bool {
	if c.Verb == VerbErase {
		return r.MayAdminister()
	}
	if !r.Administers() {
		return false
	}
	switch c.Verb {
	case VerbSuspend:
		return true
	case VerbUnlink:
		return !slices.ContainsFunc(r.Links, func(l Link) bool { return l.Platform != c.Fields[FieldPlatform] })
	case VerbRectify:
		return !slices.Contains(splitList(c.Fields[FieldProfile]), string(RoleAdmin))
	default:
		return false
	}
}

// Replaced reports whether SIDEM is administered as before without account r as long as
// another one is there: by a chat, if r's person had one.
func (r Record) Replaced(by Record) bool {
	return by.ID != r.ID && (by.Administers() || !r.Administers() && by.MayAdminister())
}

// leavesAdministration: nobody is the last who could register, correct and suspend accounts.
func leavesAdministration(r Record, c Command, _ Actor, _ time.Time) *Refusal {
	if c.Alone && r.Resigns(c) {
		return &Refusal{Reason: LastAdmin}
	}
	return nil
}

// isFree never replaces an existing link silently.
func isFree(r Record, c Command, _ Actor, _ time.Time) *Refusal {
	if old, ok := r.LinkOn(c.Fields[FieldPlatform]); ok && old.ID != c.Fields[FieldChat] {
		return &Refusal{Reason: Taken, Field: FieldChat}
	}
	return nil
}

// spends are the acts with which every password and code of an account dies: what was
// sent to a mailbox that was not the right one, or was given in a chat that is not the
// account's, opens nothing.
var spends = []Verb{VerbLink, VerbUnlink, VerbElsewhere, VerbSuspend, VerbRectify, VerbErase}

// Unspent reports whether a password or code that was made at a version of the
// account is still good: it serves one link, and dies with any link and with a suspension.
func (r Record) Unspent(proof int) bool {
	return !slices.ContainsFunc(spends, func(v Verb) bool { return r.Acts[v].Version > proof })
}

// isUnspent has a password or code serve once, whoever uses it at the same instant.
func isUnspent(r Record, c Command, _ Actor, _ time.Time) *Refusal {
	if c.Proof != 0 && !r.Unspent(c.Proof) {
		return &Refusal{Reason: WrongCode}
	}
	return nil
}

func linked(r *Record, e Event) {
	if _, ok := r.LinkOn(e.Fields[FieldPlatform]); !ok {
		r.Links = append(r.Links, Link{Platform: e.Fields[FieldPlatform], ID: e.Fields[FieldChat], At: e.At})
	}
	delete(r.Fields, FieldPlatform)
	delete(r.Fields, FieldChat)
}

func elsewhere(r *Record, _ Event) { delete(r.Fields, FieldPlatform) }

func unlinked(r *Record, e Event) {
	kept := r.Links[:0]
	for _, l := range r.Links {
		if l.Platform != e.Fields[FieldPlatform] {
			kept = append(kept, l)
		}
	}
	r.Links = kept
	delete(r.Fields, FieldPlatform)
}

// InUse reports whether r is an account whose person may act: granted, and neither
// suspended nor denied.
func (r Record) InUse() bool {
	return r.Kind == KindAccount && (r.State == StateActive || r.State == StateGranted)
}

// Substitution is who stands in for an account's person between two dates, both
// included; it holds once the substitute has accepted.
type Substitution struct {
	Account, From, To string // dates as 2006-01-02
	Accepted          bool
}

// Substitution is the one that the account named last and that was not declined or ended.
func (r Record) Substitution() (Substitution, bool) {
	s := Substitution{Account: r.Fields[FieldSubstitute], From: r.Fields[FieldFromDate], To: r.Fields[FieldToDate]}
	s.Accepted = r.Acts[VerbStandIn].Version > r.Acts[VerbSubstitute].Version
	return s, r.Kind == KindAccount && s.Account != ""
}

// Covers reports whether the substitution holds on a day.
func (s Substitution) Covers(d Day) bool {
	return s.Accepted && s.From <= d.String() && d.String() <= s.To
}

func parted(r *Record, _ Event) {
	for _, f := range []Field{FieldSubstitute, FieldFromDate, FieldToDate} {
		delete(r.Fields, f)
	}
}

// mayBeAbsent: those whom a substitution is for have a signature that others wait
// for; administration names one for anybody.
func mayBeAbsent(r Record, _ Command, a Actor, _ time.Time) *Refusal {
	if a.Is(RoleAdmin) || slices.Contains(r.Roles, RoleSecretary) || slices.Contains(r.Roles, RoleHead) {
		return nil
	}
	return &Refusal{Reason: NotAllowed, Roles: []Role{RoleSecretary, RoleHead, RoleAdmin}}
}

// isNamed: the substitute has not answered yet, the last day has not passed, and both are
// of one agency still.
func isNamed(r Record, c Command, a Actor, now time.Time) *Refusal {
	switch sub, ok := r.Substitution(); {
	case !ok || sub.To < DateOf(now).String():
		return &Refusal{Reason: NotNow}
	case c.Verb == VerbStandIn && a.Agency != r.Agency:
		return &Refusal{Reason: NotNow}
	case sub.Accepted:
		return r.already(Command{Verb: VerbStandIn, Seen: c.Seen}, a)
	}
	return nil
}

// standsIn: there is something to end; one who has not accepted declines instead.
func standsIn(r Record, _ Command, a Actor, now time.Time) *Refusal {
	sub, ok := r.Substitution()
	if !ok || sub.To < DateOf(now).String() || sub.Account == a.Account && !sub.Accepted {
		return &Refusal{Reason: NotNow}
	}
	return nil
}

// lapses: a substitution ends when one of both persons is not who they were when it was
// agreed upon: the principal suspended, moved or of other roles by the act before, or the
// substitute, whom the command names, suspended or moved.
func lapses(r Record, c Command, _ Actor, now time.Time) *Refusal {
	sub, ok := r.Substitution()
	if !ok || sub.To < DateOf(now).String() {
		return &Refusal{Reason: NotNow}
	}
	is := r.InUse() && r.Agency == c.Was.Agency && slices.Equal(r.Roles, c.Was.Roles)
	if p, named := c.Named[FieldLeft]; named {
		is = p.ID != sub.Account || p.InUse() && p.Agency == r.Agency
	}
	if is {
		return &Refusal{Reason: NotNow}
	}
	return nil
}

// Lapsed reports whether the substitution that an account's person named last ended because
// one of both is not who they were, and who stood in until then.
func (r Record) Lapsed() (deputy string, ok bool) {
	over := r.Acts[VerbLapse].Version
	stood := r.Acts[VerbStandIn]
	return stood.By, over > r.Acts[VerbSubstitute].Version && stood.Version > r.Acts[VerbSubstitute].Version
}

// isRelieved: whom the command names was stood in for by this person, and is not any more.
func isRelieved(r Record, c Command, _ Actor, _ time.Time) *Refusal {
	p := c.Named[FieldLeft]
	if deputy, ok := p.Lapsed(); !ok || deputy != r.ID {
		return &Refusal{Reason: NotNow}
	}
	return nil
}

func datesInOrder(r Record, c Command, _ Actor, now time.Time) *Refusal {
	switch {
	case c.Fields[FieldSubstitute] == r.ID:
		return &Refusal{Reason: Invalid, Field: FieldSubstitute}
	case c.Fields[FieldToDate] < c.Fields[FieldFromDate] || c.Fields[FieldToDate] < DateOf(now).String():
		return &Refusal{Reason: Invalid, Field: FieldToDate, Value: c.Fields[FieldToDate]}
	}
	return nil
}
