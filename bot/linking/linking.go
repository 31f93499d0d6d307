// Package linking ties a person's chat to their account, by a one-time password or a code from another chat, and unties it.
package linking

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/flood"
	"sidem.gob.mx/sidem/bot/identity"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// Linking is that of whoever wrote or pressed.
type Linking struct {
	*session.Session
	Identity identity.Keeper
	Flood    *flood.Limiter
	Greeter  Greeter
}

// Greeter says who a person is and what they can begin with.
type Greeter interface {
	Welcome(ctx context.Context, title string) (card.Card, error)
}

// firstDuties is how many cards of what waited are drawn for a person who has just linked.
const firstDuties = 10

// Stranger answers somebody whose chat is not linked: all they can do is link it.
func (l *Linking) Stranger(ctx context.Context) (session.Reply, error) {
	unknown := session.Reply{Toast: es.Refuse(&core.Refusal{Reason: core.Unknown}, "", l.Now)}
	switch {
	case l.In.Tap != "":
		if tok, ok := l.claimed(); ok {
			return l.claim(ctx, tok)
		}
		return unknown, nil
	case l.In.Form != nil:
		return unknown, nil
	}
	first, rest := word.Split(l.In.Text)
	begun := first == word.Start || first == word.Link || "/"+first == word.Link
	switch {
	case begun && (rest == "" || ShownBy(rest) != "" || card.IsLink(rest)):
		return session.Reply{Toast: es.Say(es.AskCredentials)}, nil
	case !begun && (strings.HasPrefix(first, "/") || first == ""):
		return unknown, nil
	}
	p, shaped := readProof(l.In.Text)
	try := shaped && (begun || p.isTry(l.In.Text))
	if shaped && !try { // as people talk, but what is right is right
		var err error
		if try, err = l.Right(ctx); err != nil {
			return session.Reply{}, err
		}
	}
	switch {
	case try && !p.hasPassword:
		return l.offerCode(ctx, p.code)
	case try && p.byUser:
		return l.linkUser(ctx, p.account, p.password)
	case try:
		return l.link(ctx, p.account, p.password)
	case begun, isUserLike(first) && rest != "": // it can be no password: nothing is counted
		return session.Reply{Toast: es.Say(es.WrongCredentials), Forget: true}, nil
	}
	unknown.Toast += " " + es.Say(es.AskCredentials)
	return unknown, nil
}

// isTry reports whether a text of the form of a password or a code is one, and not two words
// or one that somebody said.
func (p proof) isTry(text string) bool {
	if p.hasPassword {
		return isUserLike(p.account) || strings.ContainsAny(p.password, digits)
	}
	return isCodeLike(unlabelled(text)) || isCodeLike(text)
}

func (l *Linking) linkUser(ctx context.Context, user, password string) (session.Reply, error) {
	r, err := l.Desk.Ledger.Find(ctx, core.UniqueUser(user))
	if errors.Is(err, desk.ErrNotFound) {
		// An unknown user is judged like a known one, so that nobody learns which are.
		return l.link(ctx, "user:"+strings.ToLower(user), password)
	}
	if err != nil {
		return session.Reply{}, fmt.Errorf("look for user: %w", err)
	}
	return l.link(ctx, r.ID, password)
}

// link ties this chat to the account, if the password is right. The message that
// held it is deleted where the platform can.
func (l *Linking) link(ctx context.Context, account, password string) (session.Reply, error) {
	wrong := session.Reply{Toast: es.Say(es.WrongCredentials), Forget: true}
	if tired, err := l.tries(ctx); err != nil || tired {
		return session.Reply{Toast: es.Say(es.TooManyCodes), Forget: true}, err
	}
	r, err := l.Desk.Ledger.Record(ctx, account)
	if errors.Is(err, desk.ErrNotFound) || (err == nil && r.Kind != core.KindAccount) {
		return wrong, nil
	}
	if err != nil {
		return session.Reply{}, fmt.Errorf("load account: %w", err)
	}
	switch err := l.Identity.Check(r, password, l.Now); {
	case errors.Is(err, identity.ErrExpired):
		return session.Reply{Toast: es.Say(es.ExpiredCredentials), Forget: true}, nil
	case err != nil:
		return wrong, nil
	}
	reply, err := l.tie(ctx, r, identity.Proof(r), es.WrongCredentials)
	reply.Forget = true
	return reply, err
}

// tie links this chat to an account whose person has proved to be it: by what was
// made at version proof, and may have been spent since; spent says so.
func (l *Linking) tie(ctx context.Context, r core.Record, proof int, spent es.Phrase) (session.Reply, error) {
	self := core.Actor{Account: r.ID, Name: r.Fields[core.FieldName], Agency: r.Agency, Roles: []core.Role{core.RoleSystem}}
	out, err := l.Desk.Do(ctx, self, r.ID, core.Command{
		Verb: core.VerbLink, Where: l.In.Platform, Once: l.In.Once, Proof: proof,
		Fields: map[core.Field]string{core.FieldPlatform: l.In.Platform, core.FieldChat: l.In.Who},
	})
	if err != nil {
		return session.Reply{}, fmt.Errorf("link: %w", err)
	}
	switch {
	case out.Refusal != nil && out.Refusal.Reason == core.Taken && l.isElsewhere(r):
		return l.elsewhere(ctx, r, proof)
	case out.Refusal != nil && out.Refusal.Reason == core.Taken:
		return session.Reply{Toast: es.Say(es.ChatTaken)}, nil
	case out.Refusal != nil && out.Refusal.Reason == core.WrongCode:
		return session.Reply{Toast: es.Say(spent)}, nil
	case out.Refusal != nil && r.State == core.StateSuspended:
		return session.Reply{Toast: es.Refuse(&core.Refusal{Reason: core.Suspended}, "", l.Now)}, nil
	case out.Refusal != nil:
		return session.Reply{Toast: es.Refuse(out.Refusal, "", l.Now)}, nil
	}
	l.Flood.Linked(l.Person())
	l.Account = out.Record
	l.Actor, err = l.Desk.Actor(ctx, out.Record)
	reply := session.Reply{Toast: es.Say(es.LinkedTitle) + "."}
	if err == nil {
		var greeting session.Reply
		if greeting, err = l.greet(ctx); err == nil {
			reply = greeting
		}
	}
	l.Afterwards(ctx, "a person who was linked is not greeted", err)
	return reply, nil
}

// isElsewhere reports whether an account has another chat of this platform: this one cannot
// be linked, whatever is given.
func (l *Linking) isElsewhere(r core.Record) bool {
	old, ok := r.LinkOn(l.In.Platform)
	return ok && old.ID != l.In.Who
}

// elsewhere tells the account's person, at once, that what would have linked this chat was
// given in it, and is right: it is theirs, or somebody has read their mail. It is spent.
func (l *Linking) elsewhere(ctx context.Context, r core.Record, proof int) (session.Reply, error) {
	out, err := l.Desk.Do(ctx, core.SystemActor, r.ID, core.Command{
		Verb: core.VerbElsewhere, Where: l.In.Platform, Once: l.In.Once + "/elsewhere", Proof: proof,
		Fields: map[core.Field]string{core.FieldPlatform: l.In.Platform},
	})
	if err != nil {
		return session.Reply{}, fmt.Errorf("tell %s that their password was given elsewhere: %w", r.ID, err)
	}
	if out.Refusal != nil { // it was spent, or the account suspended, since
		return session.Reply{Toast: es.Say(es.WrongCredentials), Forget: true}, nil
	}
	return session.Reply{Toast: es.Say(es.GivenElsewhere), Forget: true}, nil
}

// greet welcomes a person whose chat has just been linked, and shows what waits for them.
func (l *Linking) greet(ctx context.Context) (session.Reply, error) {
	if err := l.drawDuties(ctx); err != nil {
		return session.Reply{}, err
	}
	c, err := l.Greeter.Welcome(ctx, es.Say(es.LinkedTitle))
	return session.RedrawnTap(l.In, session.Reply{Card: &c}), err
}

// drawDuties has the cards drawn of what waited for a person without a chat.
func (l *Linking) drawDuties(ctx context.Context) error {
	records, err := l.Desk.Owed(ctx, l.Actor, firstDuties)
	if err != nil {
		return err
	}
	for _, r := range records {
		if err := l.Draw(ctx, r.ID, session.DrawAnew); err != nil {
			return err
		}
	}
	return nil
}

// Start answers somebody who is linked and wrote the word that links. The code that
// linked them, once more, is a redelivery: it is answered, and finishes, what the first began.
func (l *Linking) Start(ctx context.Context, rest string) (session.Reply, error) {
	if account, _, ok := identity.Split(rest); ok && account == l.Account.ID {
		reply, err := l.greet(ctx)
		reply.Forget = true
		return reply, err
	}
	c, err := l.Greeter.Welcome(ctx, es.Say(es.LinkedAlready))
	return session.Reply{Card: &c, Forget: rest != ""}, err
}

// Unlink unlinks this chat at once ("No soy yo"); administration and the
// registered e-mail are told by the notices of the decision.
func (l *Linking) Unlink(ctx context.Context) (session.Reply, error) {
	out, err := l.Desk.Do(ctx, l.Self(), l.Account.ID, core.Command{
		Verb: core.VerbUnlink, Fields: map[core.Field]string{core.FieldPlatform: l.In.Platform}, Where: l.In.Platform, Once: l.In.Once,
	})
	if err != nil {
		return session.Reply{}, fmt.Errorf("unlink: %w", err)
	}
	if out.Refusal != nil {
		return l.Refused(ctx, "", out.Refusal)
	}
	if l.In.Tap != "" {
		return session.Reply{Card: &card.Card{Story: es.Story{Title: es.Say(es.Unlinked)}}, Redraw: true}, nil
	}
	return session.Reply{Toast: es.Say(es.Unlinked)}, nil
}

// maxTries bounds the passwords and codes that one person may try within an hour.
// Nothing is counted against the account that they try: whoever guesses tires, and
// its rightful person never.
const maxTries = 5

// tries counts a try of whoever wrote, and reports whether there were too many. It
// is kept under a hash of the person, for an hour.
func (l *Linking) tries(ctx context.Context) (bool, error) {
	key := "tries:" + l.Identity.PersonKey(l.Person())
	for {
		body, rev, err := l.Sessions.Get(ctx, key, l.Now)
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return false, fmt.Errorf("count tries: %w", err)
		}
		n, _ := strconv.Atoi(string(body)) // nothing yet counts as none
		if n >= maxTries {
			return true, nil
		}
		_, err = l.Sessions.Put(ctx, key, []byte(strconv.Itoa(n+1)), rev, l.Now, l.Now.Add(time.Hour))
		if !errors.Is(err, desk.ErrConflict) {
			return false, err
		}
	}
}

// showPrefix begins the payload of a deep link that shows a request: "ver-147-2026".
const showPrefix = "ver-"

// ShowPayload is the payload of a deep link that shows the request of a number.
func ShowPayload(number string) string { return showPrefix + strings.ReplaceAll(number, "/", "-") }

// ShownBy is the number that the payload of a deep link shows; "" for another payload.
func ShownBy(payload string) string {
	number, ok := strings.CutPrefix(payload, showPrefix)
	if !ok {
		return ""
	}
	return strings.Replace(number, "-", "/", 1)
}

// Proves reports whether what came may be a password or a code, by its form alone, or answers
// the question by name that only its person was asked.
func (l *Linking) Proves() bool {
	if l.In.Tap != "" {
		_, ok := l.claimed()
		return ok
	}
	if l.inGroup() {
		return MayExpose(l.written())
	}
	_, ok := readProof(l.In.Text)
	return ok && l.In.Form == nil
}

// inGroup reports whether it was written where others read it.
func (l *Linking) inGroup() bool { return !l.In.Private && l.In.Tap == "" && l.In.Form == nil }

// Right reports whether what came would link the chat, or is to be spent because others
// read it: a password or a code that is right and still good, or the answer to the question by name. It changes nothing and counts nothing.
func (l *Linking) Right(ctx context.Context) (bool, error) {
	if tok, ok := l.claimed(); ok {
		return isThere(l.loadAny(ctx, []string{tok.Record}))
	}
	if l.inGroup() {
		good, err := l.good(ctx)
		return !good.none(), err
	}
	p, ok := readProof(l.In.Text)
	switch {
	case !ok:
		return false, nil
	case !p.hasPassword:
		return isThere(l.loadAny(ctx, l.Identity.CodeKeys(p.code)))
	}
	r, found, err := l.accountOf(ctx, p)
	return found && l.Identity.Check(r, p.password, l.Now) == nil, err
}

func isThere(_ string, _ linkCode, _ core.Record, _ int, err error) (bool, error) {
	if errors.Is(err, desk.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
