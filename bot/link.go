package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sidem/bot/card"
	"sidem/bot/identity"
	"sidem/bot/session"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// stranger answers somebody whose chat is not linked: all they can do is link it.
func (t *conversation) stranger(ctx context.Context) (Reply, error) {
	unknown := Reply{Toast: es.Refuse(&core.Refusal{Reason: core.Unknown}, "", t.Now)}
	switch {
	case t.In.Home:
		return homeOf(unknown.Toast, es.Say(es.HomeUnknown)), nil
	case t.In.Tap != "":
		if tok, ok := t.claimed(); ok {
			return t.claim(ctx, tok)
		}
		return unknown, nil
	case t.In.Form != nil:
		return unknown, nil
	case !t.In.Private:
		return t.group(ctx)
	}
	word, rest := split(t.In.Text)
	switch {
	case word == "/start" || word == "/vincular" || word == "vincular":
		return t.credentials(ctx, rest)
	case strings.HasPrefix(word, "/") || word == "":
		return unknown, nil
	case rest == "":
		if code, ok := identity.ReadCode(word); ok {
			return t.offerCode(ctx, code)
		}
		return unknown, nil
	case strings.Contains(rest, " "):
		return unknown, nil
	default:
		return t.linkUser(ctx, word, rest)
	}
}

// credentials reads what follows the word that links: a code from another chat,
// the payload of a deep link, or a user and a password.
func (t *conversation) credentials(ctx context.Context, rest string) (Reply, error) {
	if rest == "" || started(rest) != "" {
		return Reply{Toast: es.Say(es.AskCredentials)}, nil
	}
	if code, ok := identity.ReadCode(rest); ok {
		return t.offerCode(ctx, code)
	}
	if account, password, ok := identity.Split(rest); ok && !strings.Contains(rest, " ") {
		return t.link(ctx, account, password)
	}
	if user, password, ok := strings.Cut(rest, " "); ok {
		return t.linkUser(ctx, user, password)
	}
	return Reply{Toast: es.Say(es.WrongCredentials), Forget: true}, nil
}

func (t *conversation) linkUser(ctx context.Context, user, password string) (Reply, error) {
	r, err := t.Desk.Ledger.Find(ctx, core.UniqueUser(user))
	if errors.Is(err, desk.ErrNotFound) {
		// An unknown user is judged like a known one, so that nobody learns which are.
		return t.link(ctx, "user:"+strings.ToLower(user), password)
	}
	if err != nil {
		return Reply{}, fmt.Errorf("look for user: %w", err)
	}
	return t.link(ctx, r.ID, password)
}

// link ties this chat to the account, if the password is right. The message that
// held it is deleted where the platform can.
func (t *conversation) link(ctx context.Context, account, password string) (Reply, error) {
	wrong := Reply{Toast: es.Say(es.WrongCredentials), Forget: true}
	if tired, err := t.tries(ctx); err != nil || tired {
		return Reply{Toast: es.Say(es.TooManyCodes), Forget: true}, err
	}
	r, err := t.Desk.Ledger.Record(ctx, account)
	if errors.Is(err, desk.ErrNotFound) || (err == nil && r.Kind != core.KindAccount) {
		return wrong, nil
	}
	if err != nil {
		return Reply{}, fmt.Errorf("load account: %w", err)
	}
	switch err := t.engine.Identity.Check(r, password, t.Now); {
	case errors.Is(err, identity.ErrExpired):
		return Reply{Toast: es.Say(es.ExpiredCredentials), Forget: true}, nil
	case err != nil:
		return wrong, nil
	}
	reply, err := t.tie(ctx, r, identity.Proof(r), es.WrongCredentials)
	reply.Forget = true
	return reply, err
}

// tie links this chat to an account whose person has proved to be it: by what was
// made at version proof, and may have been spent since; spent says so.
func (t *conversation) tie(ctx context.Context, r core.Record, proof int, spent es.Phrase) (Reply, error) {
	self := core.Actor{Account: r.ID, Name: r.Fields[core.FieldName], Agency: r.Agency, Roles: []core.Role{core.RoleSystem}}
	out, err := t.Desk.Do(ctx, self, r.ID, core.Command{
		Verb: core.VerbLink, Where: t.In.Platform, Once: t.In.Once, Proof: proof,
		Fields: map[core.Field]string{core.FieldPlatform: t.In.Platform, core.FieldChat: t.In.Who},
	})
	if err != nil {
		return Reply{}, fmt.Errorf("link: %w", err)
	}
	switch {
	case out.Refusal != nil && out.Refusal.Reason == core.Taken:
		return Reply{Toast: es.Say(es.ChatTaken)}, nil
	case out.Refusal != nil && out.Refusal.Reason == core.WrongCode:
		return Reply{Toast: es.Say(spent)}, nil
	case out.Refusal != nil && r.State == core.StateSuspended:
		return Reply{Toast: es.Refuse(&core.Refusal{Reason: core.Suspended}, "", t.Now)}, nil
	case out.Refusal != nil:
		return Reply{Toast: es.Refuse(out.Refusal, "", t.Now)}, nil
	}
	t.engine.Flood.known(t.person())
	t.Account = out.Record
	t.Actor, err = t.Desk.Actor(ctx, out.Record)
	reply := Reply{Toast: es.Say(es.LinkedTitle) + "."}
	if err == nil {
		var greeting Reply
		if greeting, err = t.greet(ctx); err == nil {
			reply = greeting
		}
	}
	t.Afterwards(ctx, "a person who was linked is not greeted", err)
	return reply, nil
}

// greet welcomes a person whose chat has just been linked, and shows what waits for them.
func (t *conversation) greet(ctx context.Context) (Reply, error) {
	if err := t.drawDuties(ctx); err != nil {
		return Reply{}, err
	}
	c, err := t.welcome(ctx, es.Say(es.LinkedTitle))
	return session.RedrawnTap(t.In, Reply{Card: &c}), err
}

// drawDuties has the cards drawn of what waited for a person without a chat.
func (t *conversation) drawDuties(ctx context.Context) error {
	records, err := t.Desk.Owed(ctx, t.Actor, listLimit)
	if err != nil {
		return err
	}
	for _, r := range records {
		if err := t.Draw(ctx, r.ID, session.DrawAnew); err != nil {
			return err
		}
	}
	return nil
}

// runStart answers somebody who is linked. The code that linked them, once more,
// is a redelivery: it is answered, and finishes, what the first began.
func runStart(ctx context.Context, t *conversation, rest string) (Reply, error) {
	if number := started(rest); number != "" {
		return t.show(ctx, number)
	}
	if account, _, ok := identity.Split(rest); ok && account == t.Account.ID {
		reply, err := t.greet(ctx)
		reply.Forget = true
		return reply, err
	}
	c, err := t.welcome(ctx, es.Say(es.LinkedAlready))
	return Reply{Card: &c, Forget: rest != ""}, err
}

// runUnlink unlinks this chat at once ("No soy yo"); administration and the
// registered e-mail are told by the notices of the decision.
func runUnlink(ctx context.Context, t *conversation, _ string) (Reply, error) {
	out, err := t.Desk.Do(ctx, t.Self(), t.Account.ID, core.Command{
		Verb: core.VerbUnlink, Fields: map[core.Field]string{core.FieldPlatform: t.In.Platform}, Where: t.In.Platform, Once: t.In.Once,
	})
	if err != nil {
		return Reply{}, fmt.Errorf("unlink: %w", err)
	}
	if out.Refusal != nil {
		return t.Refused(ctx, "", out.Refusal)
	}
	if t.In.Tap != "" {
		return Reply{Card: &card.Card{Story: es.Story{Title: es.Say(es.Unlinked)}}, Redraw: true}, nil
	}
	return Reply{Toast: es.Say(es.Unlinked)}, nil
}

// maxTries bounds the passwords and codes that one person may try within an hour.
// Nothing is counted against the account that they try: whoever guesses tires, and
// its rightful person never.
const maxTries = 5

// tries counts a try of whoever wrote, and reports whether there were too many. It
// is kept under a hash of the person, for an hour.
func (t *conversation) tries(ctx context.Context) (bool, error) {
	key := "tries:" + t.engine.Identity.PersonKey(t.person())
	for {
		body, rev, err := t.Sessions.Get(ctx, key, t.Now)
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return false, fmt.Errorf("count tries: %w", err)
		}
		n, _ := strconv.Atoi(string(body)) // nothing yet counts as none
		if n >= maxTries {
			return true, nil
		}
		_, err = t.Sessions.Put(ctx, key, []byte(strconv.Itoa(n+1)), rev, t.Now, t.Now.Add(time.Hour))
		if !errors.Is(err, desk.ErrConflict) {
			return false, err
		}
	}
}
