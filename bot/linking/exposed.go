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
	_, ok := exposed(text)
	return ok
}

// readProof finds what links a chat in a text: after the word that links, or alone.
func readProof(text string) (proof, bool) {
	first, rest := word.Split(text)
	begun := first == word.Start || first == word.Link || "/"+first == word.Link
	if !begun {
		if strings.HasPrefix(first, "/") {
			return proof{}, false
		}
		rest = strings.TrimSpace(first + " " + rest)
	}
	if code, ok := identity.ReadCode(rest); ok {
		return proof{code: code}, true
	}
	if account, password, ok := identity.Split(rest); ok && begun && identity.IsPassword(password) {
		return proof{account: account, password: password, hasPassword: true}, true
	}
	user, password, ok := strings.Cut(strings.TrimSpace(rest), " ")
	if ok && identity.IsPassword(password) {
		return proof{account: user, byUser: true, password: password, hasPassword: true}, true
	}
	return proof{}, false
}

// digits are in nearly every password and code, and in few words.
const digits = "0123456789"

// exposed is what links a chat in a text that was written where others read it. Of a
// conversation, two words may look like a user and a password, and one like a code: a password
// without a word before it that links has a digit, and a code letters, and a digit or
// its hyphen. A code is found anywhere in the text.
func exposed(text string) (proof, bool) {
	first, _ := word.Split(text)
	p, ok := readProof(text)
	if ok && (first == word.Start || first == word.Link || "/"+first == word.Link || p.hasPassword && strings.ContainsAny(p.password, digits)) {
		return p, true
	}
	for _, w := range append(strings.Fields(text), text) {
		w = strings.Trim(w, ".,;:()¡!¿?\"'«»“”")
		code, ok := identity.ReadCode(w)
		if ok && strings.Trim(code, digits) != "" && (strings.ContainsAny(code, digits) || strings.IndexByte(w, '-') == len(code)/2) {
			return proof{code: code}, true
		}
	}
	return proof{}, false
}

// Exposed answers a password or a code that was written where others read it; false for
// any other text. The message is deleted where the platform lets SIDEM; whatever it
// held, if it was right, is good no more: a new password goes to the account's mail.
func (l *Linking) Exposed(ctx context.Context) (session.Reply, bool, error) {
	p, ok := exposed(l.In.Text)
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

// accountOf is the account that a password is given for; false where there is none.
func (l *Linking) accountOf(ctx context.Context, p proof) (core.Record, bool, error) {
	find := l.Desk.Ledger.Record
	if p.byUser {
		find = func(ctx context.Context, user string) (core.Record, error) {
			return l.Desk.Ledger.Find(ctx, core.UniqueUser(user))
		}
	}
	r, err := find(ctx, p.account)
	if errors.Is(err, desk.ErrNotFound) || err == nil && r.Kind != core.KindAccount {
		return core.Record{}, false, nil
	}
	if err != nil {
		return core.Record{}, false, fmt.Errorf("load account: %w", err)
	}
	return r, true, nil
}

func (l *Linking) spendPassword(ctx context.Context, p proof) error {
	r, found, err := l.accountOf(ctx, p)
	if err != nil || !found || l.Identity.Check(r, p.password, l.Now) != nil {
		return err // it opens nothing
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
