package linking

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"sidem.gob.mx/sidem/bot/identity"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// proof is what links a chat, as somebody wrote it: a code, or an account (by its id or
// its user name) and a password.
type proof struct {
	code                string
	account             string
	byUser, hasPassword bool
	password            string
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
	rest = unlabelled(rest)
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

// labels are the words that stand before a user, a password or a code in the mail, and in how
// people write them down.
var labels = regexp.MustCompile(`(?i)\b(usuario|contraseña( inicial)?|clave) ?: |^vincular: |^(mi )?código( es|:) `)

// unlabelled is a text without labels, and without the comma between a user and a password.
func unlabelled(text string) string {
	words := strings.Fields(labels.ReplaceAllString(strings.Join(strings.Fields(text), " "), " "))
	if len(words) == 2 {
		words[0] = strings.TrimSuffix(words[0], ",")
	}
	return strings.Join(words, " ")
}

// digits are in nearly every password and code, and in few words.
const digits = "0123456789"

// Exposes reports whether a text, written where others read it, looks so much like a
// password or a code that it is to be deleted, right or not.
//
// Of a conversation, two words may look like a user and a password, and one like a code: a password
// without a word before it that links has a digit, and a code letters, and a digit or
// its hyphen. A code is found anywhere in the text, and so is a password where a user
// name that can be nothing else is in it.
func Exposes(text string) bool {
	first, rest := word.Split(text)
	if _, command := word.Find(first); !command && strings.HasPrefix(first, "/") { // Slack's mentions are read as commands
		text = strings.TrimPrefix(first, "/") + " " + rest
	}
	p, ok := readProof(text)
	if ok && (first == word.Start || first == word.Link || "/"+first == word.Link || p.hasPassword && strings.ContainsAny(p.password, digits)) {
		return true
	}
	if ok && p.code != "" && isCodeLike(text) {
		return true
	}
	words := wordsOf(text)
	if slices.ContainsFunc(words, isCodeLike) {
		return true
	}
	return slices.ContainsFunc(words, isUserLike) && slices.ContainsFunc(words, func(w string) bool {
		return identity.IsPassword(w) && strings.ContainsAny(w, digits) && strings.Trim(w, digits) != ""
	})
}

// MayExpose reports whether a text holds anything of the form of a password or a code: only
// looking them up tells whether it is one.
func MayExpose(text string) bool {
	s := secretsIn(text)
	return len(s.passwords)+len(s.codes)+len(s.links) > 0
}

// isCodeLike reports whether a word is a code, and no word of a conversation.
func isCodeLike(text string) bool {
	code, ok := identity.ReadCode(text)
	return ok && strings.Trim(code, digits) != "" && (strings.ContainsAny(code, digits) || strings.IndexByte(strings.TrimSpace(text), '-') == len(code)/2)
}

// isUserLike reports whether a word can be nothing but a user name: "lucia.herrera".
func isUserLike(text string) bool {
	before, after, ok := strings.Cut(text, ".")
	return ok && before != "" && after != "" && !strings.Contains(text, "@") && strings.ContainsFunc(text, unicode.IsLetter)
}

// wordsOf are the words of a text without what people put around and between them.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".-_@", r)
	})
	for i, w := range words {
		words[i] = strings.Trim(w, ".-_@")
	}
	return words
}

// secrets are what of a text has the form of a password or a code, and of a user name.
type secrets struct {
	users, passwords, codes []string
	links                   []proof // of deep links
}

// The most that is looked up of one text. Nobody who tells a secret by mistake tells more.
const (
	maxUsers   = 16
	maxSecrets = 8
)

// secretsIn finds them in any of the words, and in words that follow each other and are one
// with the space between them.
func secretsIn(text string) (s secrets) {
	words := wordsOf(text)
	add := func(to *[]string, w string) {
		if w = strings.ToLower(w); len(*to) < maxSecrets && !slices.Contains(*to, w) {
			*to = append(*to, w)
		}
	}
	look := func(w string) {
		if identity.IsPassword(w) {
			add(&s.passwords, w)
		}
		if code, ok := identity.ReadCode(w); ok {
			add(&s.codes, code)
		}
	}
	for i, w := range words {
		if account, password, ok := identity.Split(w); ok && identity.IsPassword(password) && len(s.links) < maxSecrets {
			s.links = append(s.links, proof{account: account, password: password, hasPassword: true})
		}
		for part := range strings.SplitSeq(w, "_") {
			look(part)
		}
		for _, next := range words[i+1:] {
			if w += next; len(w) > identity.MaxSecret {
				break
			}
			if strings.ContainsAny(w, digits) {
				look(w)
			}
		}
	}
	plain := func(w string) bool {
		return !isUserLike(w) && len(w) >= minUser && strings.ContainsFunc(w, unicode.IsLetter)
	}
	for _, is := range []func(string) bool{isUserLike, plain} {
		for _, w := range words {
			if w = strings.ToLower(w); is(w) && len(s.users) < maxUsers && !slices.Contains(s.users, w) {
				s.users = append(s.users, w)
			}
		}
	}
	return s
}

// minUser is of how many letters a user name has at least.
const minUser = 3

// written is all that was written, or passed on, where others read it.
func (l *Linking) written() string { return strings.TrimSpace(l.In.Text + "\n" + l.In.Quoted) }

// Exposed answers a password or a code that was written where others read it; false for
// any other text. The message is deleted where the platform lets SIDEM; whatever it
// held, if it was right, is good no more: a new password goes to the account's mail.
//
// Nothing is counted, for the answer does not tell what was right: a right one is spent
// by whoever writes it, however often they were wrong.
func (l *Linking) Exposed(ctx context.Context) (session.Reply, bool, error) {
	reply := session.Reply{Toast: es.Say(es.ExposedSecret), Shut: es.Say(es.ExposedShut), Forget: true}
	good, err := l.good(ctx)
	if err != nil {
		return reply, true, err
	}
	for _, r := range good.accounts {
		if err := l.spendPassword(ctx, r); err != nil {
			return reply, true, err
		}
	}
	for _, hash := range good.codes {
		if err := l.Sessions.Delete(ctx, codeKey(hash)); err != nil {
			return reply, true, fmt.Errorf("spend a code: %w", err)
		}
	}
	if good.none() && !Exposes(l.written()) {
		return session.Reply{}, false, nil
	}
	return reply, true, nil
}

// exposure is what of a text is good now: the accounts whose password it tells, and the
// hashes of codes.
type exposure struct {
	accounts []core.Record
	codes    []string
}

func (e exposure) none() bool { return len(e.accounts)+len(e.codes) == 0 }

// good looks up what was written. It changes nothing.
func (l *Linking) good(ctx context.Context) (out exposure, err error) {
	s := secretsIn(l.written())
	proofs := s.links
	if len(s.passwords) > 0 {
		for _, user := range s.users {
			proofs = append(proofs, proof{account: user, byUser: true})
		}
	}
	for _, p := range proofs {
		r, found, err := l.accountOf(ctx, p)
		if err != nil {
			return exposure{}, err
		}
		tells := func(password string) bool { return l.Identity.Check(r, password, l.Now) == nil }
		if found && (p.hasPassword && tells(p.password) || slices.ContainsFunc(s.passwords, tells)) {
			out.accounts = append(out.accounts, r)
		}
	}
	for _, code := range s.codes {
		for _, hash := range l.Identity.CodeKeys(code) {
			switch _, _, err := l.Sessions.Get(ctx, codeKey(hash), l.Now); {
			case err == nil:
				out.codes = append(out.codes, hash)
			case !errors.Is(err, desk.ErrNotFound):
				return exposure{}, fmt.Errorf("look for a code: %w", err)
			}
		}
	}
	return l.alone(ctx, out, s.passwords)
}

// alone adds the accounts whose password was written without a user name that is theirs. All
// accounts are looked through: few words have the form of a password, and how much is looked
// up for one person is bounded before (flood).
func (l *Linking) alone(ctx context.Context, found exposure, passwords []string) (exposure, error) {
	if len(passwords) == 0 {
		return found, nil
	}
	q := desk.Query{Terms: []string{core.TermKind(core.KindAccount)}, Limit: 200}
	for {
		page, err := l.Desk.Ledger.List(ctx, q)
		if err != nil {
			return exposure{}, fmt.Errorf("look for whose a password is: %w", err)
		}
		for _, r := range page.Records {
			tells := func(password string) bool { return l.Identity.Check(r, password, l.Now) == nil }
			known := slices.ContainsFunc(found.accounts, func(a core.Record) bool { return a.ID == r.ID })
			if r.InUse() && !known && slices.ContainsFunc(passwords, tells) {
				found.accounts = append(found.accounts, r)
			}
		}
		if q.After = page.Next; q.After == "" {
			return found, nil
		}
	}
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

// spendPassword makes the password of an account worthless: another goes to its mail.
func (l *Linking) spendPassword(ctx context.Context, r core.Record) error {
	out, err := l.Desk.Do(ctx, core.SystemActor, r.ID, core.Command{Verb: core.VerbRenew, Where: l.In.Platform, Once: l.In.Once + "/" + r.ID})
	if err == nil && out.Refusal != nil {
		err = out.Refusal
	}
	if err != nil {
		return fmt.Errorf("spend a password: %w", err)
	}
	return nil
}
