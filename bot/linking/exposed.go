package linking

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sidem/bot/identity"
	"sidem/bot/session"
	"sidem/bot/word"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// proof is what links a chat, as somebody wrote it: a code, or an account (by its id or
// its user name) and a password.
type proof struct {
	code                string
	account             string
	byUser, hasPassword bool
	password            string
}

// Exposes reports whether a text holds what looks like a password or a code.
func Exposes(text string) bool {
	_, ok := readProof(text)
	return ok
}

// readProof finds what links a chat in a text: after the word that links, or alone.
func readProof(text string) (proof, bool) {
	first, rest := word.Split(text)
	begun := first == word.Start || first == word.Link || "/"+first == word.Link
	if !begun {
		if strings.HasPrefix(first, "/") || rest == "" {
			return proof{}, false
		}
		rest = first + " " + rest
	}
	if code, ok := identity.ReadCode(rest); ok && begun {
		return proof{code: code}, true
	}
	if account, password, ok := identity.Split(rest); ok && begun && identity.IsPassword(password) {
		return proof{account: account, password: password, hasPassword: true}, true
	}
	user, password, ok := strings.Cut(strings.TrimSpace(rest), " ")
	// Of two words of a conversation the second may look like one: not with a digit.
	if ok && identity.IsPassword(password) && (begun || strings.ContainsAny(password, "0123456789")) {
		return proof{account: user, byUser: true, password: password, hasPassword: true}, true
	}
	return proof{}, false
}

// Exposed answers a password or a code that was written where others read it; false for
// any other text. The message is deleted where the platform lets SIDEM; whatever it
// held, if it was right, is good no more: a new password goes to the account's mail.
func (l *Linking) Exposed(ctx context.Context) (session.Reply, bool, error) {
	p, ok := readProof(l.In.Text)
	if !ok {
		return session.Reply{}, false, nil
	}
	reply := session.Reply{Toast: es.Say(es.ExposedSecret), Forget: true}
	if tired, err := l.tries(ctx); err != nil || tired {
		return reply, true, err
	}
	if p.hasPassword {
		return reply, true, l.spendPassword(ctx, p)
	}
	for _, hash := range l.Identity.CodeKeys(p.code) {
		if err := l.Sessions.Delete(ctx, codeKey(hash)); err != nil {
			return reply, true, fmt.Errorf("spend a code: %w", err)
		}
	}
	return reply, true, nil
}

func (l *Linking) spendPassword(ctx context.Context, p proof) error {
	find := l.Desk.Ledger.Record
	if p.byUser {
		find = func(ctx context.Context, user string) (core.Record, error) {
			return l.Desk.Ledger.Find(ctx, core.UniqueUser(user))
		}
	}
	r, err := find(ctx, p.account)
	if errors.Is(err, desk.ErrNotFound) || err == nil && r.Kind != core.KindAccount {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load account: %w", err)
	}
	if l.Identity.Check(r, p.password, l.Now) != nil {
		return nil // it opens nothing
	}
	out, err := l.Desk.Do(ctx, core.SystemActor, r.ID, core.Command{Verb: core.VerbRenew, Where: l.In.Platform, Once: l.In.Once})
	if err == nil && out.Refusal != nil {
		err = out.Refusal
	}
	if err != nil {
		return fmt.Errorf("spend a password: %w", err)
	}
	return nil
}
