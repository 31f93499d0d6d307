package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sidem/bot/identity"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// stranger answers somebody whose chat is not linked: all they can do is link it.
func (t *turn) stranger(ctx context.Context) (Reply, error) {
	unknown := Reply{Toast: es.Refuse(&core.Refusal{Reason: core.Unknown}, "", t.now)}
	if !t.in.Private || t.in.Tap != "" || t.in.Form != nil {
		return unknown, nil
	}
	word, rest := split(t.in.Text)
	switch {
	case word == "/start" || word == "/vincular" || word == "vincular":
		if rest == "" {
			return Reply{Toast: es.Say(es.AskCredentials)}, nil
		}
		if account, password, ok := identity.Split(rest); ok {
			return t.link(ctx, account, password)
		}
		if user, password, ok := strings.Cut(rest, " "); ok {
			return t.linkUser(ctx, user, password)
		}
		return Reply{Toast: es.Say(es.WrongCredentials), Forget: true}, nil
	case strings.HasPrefix(word, "/") || rest == "" || strings.Contains(rest, " "):
		return unknown, nil
	default:
		return t.linkUser(ctx, word, rest)
	}
}

func (t *turn) linkUser(ctx context.Context, user, password string) (Reply, error) {
	r, err := t.Desk.Ledger.Find(ctx, core.UniqueUser(user))
	if errors.Is(err, desk.ErrNotFound) {
		return Reply{Toast: es.Say(es.WrongCredentials), Forget: true}, nil
	}
	if err != nil {
		return Reply{}, fmt.Errorf("look for user: %w", err)
	}
	return t.link(ctx, r.ID, password)
}

// link ties this chat to the account, if the password is right. The message that
// held it is deleted where the platform can.
func (t *turn) link(ctx context.Context, account, password string) (Reply, error) {
	wrong := Reply{Toast: es.Say(es.WrongCredentials), Forget: true}
	if tired, err := t.tries(ctx, account); err != nil || tired {
		return Reply{Toast: es.Say(es.TooManyTries), Forget: true}, err
	}
	r, err := t.Desk.Ledger.Record(ctx, account)
	if errors.Is(err, desk.ErrNotFound) || (err == nil && r.Kind != core.KindAccount) {
		return wrong, nil
	}
	if err != nil {
		return Reply{}, fmt.Errorf("load account: %w", err)
	}
	switch err := t.Identity.Check(r, password, t.now); {
	case errors.Is(err, identity.ErrExpired):
		return Reply{Toast: es.Say(es.ExpiredCredentials), Forget: true}, nil
	case err != nil:
		return wrong, nil
	}
	self := core.Actor{Account: r.ID, Name: r.Fields[core.FieldName], Agency: r.Agency, Roles: []core.Role{core.RoleSystem}}
	out, err := t.Desk.Do(ctx, self, r.ID, core.Command{
		Verb: core.VerbLink, Where: t.in.Platform, Once: t.in.Once,
		Fields: map[core.Field]string{core.FieldPlatform: t.in.Platform, core.FieldChat: t.in.Who},
	})
	if err != nil {
		return Reply{}, fmt.Errorf("link: %w", err)
	}
	if out.Refusal != nil {
		return Reply{Toast: es.Refuse(out.Refusal, "", t.now), Forget: true}, nil
	}
	t.account = out.Record
	if t.actor, err = t.Desk.Actor(ctx, out.Record); err != nil {
		return Reply{}, err
	}
	return t.greet(ctx)
}

// greet welcomes a person whose chat has just been linked, and shows what waits for them.
func (t *turn) greet(ctx context.Context) (Reply, error) {
	if err := t.drawDuties(ctx); err != nil {
		return Reply{}, err
	}
	c, err := t.welcome(ctx, es.Say(es.LinkedTitle))
	return Reply{Card: &c, Forget: true}, err
}

// drawDuties has the cards drawn of what waited for a person without a chat.
func (t *turn) drawDuties(ctx context.Context) error {
	records, err := t.Desk.Owed(ctx, t.actor, listLimit)
	if err != nil {
		return err
	}
	for _, r := range records {
		if err := t.draw(ctx, r.ID, drawAnew); err != nil {
			return err
		}
	}
	return nil
}

// maxTries bounds the passwords that may be tried for one account within an hour.
const maxTries = 5

// tries counts a try, and reports whether there were too many.
func (t *turn) tries(ctx context.Context, account string) (bool, error) {
	key := "tries:" + account
	for {
		body, rev, err := t.Sessions.Get(ctx, key, t.now)
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return false, fmt.Errorf("count tries: %w", err)
		}
		n, _ := strconv.Atoi(string(body)) // nothing yet counts as none
		if n >= maxTries {
			return true, nil
		}
		_, err = t.Sessions.Put(ctx, key, []byte(strconv.Itoa(n+1)), rev, t.now, t.now.Add(time.Hour))
		if !errors.Is(err, desk.ErrConflict) {
			return false, err
		}
	}
}
