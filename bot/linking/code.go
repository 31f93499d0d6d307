package linking

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/identity"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// linkCode is a code that links another chat, kept under its hash. The first person
// who gives it has it: nobody else can.
type linkCode struct {
	Account string `json:"account"`
	By      string `json:"by,omitempty"` // platform:person
	// Proof is the version of the account when it was asked for.
	Proof int `json:"proof"`
}

// The words by which who gave a code says whether they are who it names.
const (
	wordClaim  = "claim"
	wordReject = "reject"
)

func codeKey(hash string) string { return "code:" + hash }

// NewCode gives a code by which the person links another chat; the one before it
// is worth nothing from then on.
func (l *Linking) NewCode(ctx context.Context) (session.Reply, error) {
	last := "codeof:" + l.Account.ID
	before, rev, err := l.Sessions.Get(ctx, last, l.Now)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return session.Reply{}, fmt.Errorf("load the last code: %w", err)
	}
	if len(before) > 0 {
		if err := l.Sessions.Delete(ctx, codeKey(string(before))); err != nil {
			return session.Reply{}, fmt.Errorf("drop the last code: %w", err)
		}
	}
	code := identity.NewCode()
	plain, _ := identity.ReadCode(code) // it is one
	hash := l.Identity.CodeKey(plain)
	if _, err := l.Sessions.Put(ctx, last, []byte(hash), rev, l.Now, l.Now.Add(identity.CodeLife)); err != nil {
		return session.Reply{}, fmt.Errorf("keep the code: %w", err)
	}
	if err := l.saveCode(ctx, hash, linkCode{Account: l.Account.ID, Proof: l.Account.Version}, 0); err != nil {
		return session.Reply{}, err
	}
	return session.Reply{Card: &card.Card{Story: es.Story{
		Title: es.Say(es.CodeTitle), Head: code, Text: es.CodeText(code, identity.CodeLife),
	}, Rows: [][]card.Action{{{Label: es.Say(es.ButtonCopyCode), Copy: code}}}}}, nil
}

func (l *Linking) saveCode(ctx context.Context, hash string, c linkCode, rev int) error {
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("write the code: %w", err)
	}
	if _, err := l.Sessions.Put(ctx, codeKey(hash), body, rev, l.Now, l.Now.Add(identity.CodeLife)); err != nil {
		return fmt.Errorf("keep the code: %w", err)
	}
	return nil
}

// load is the code of a hash, if it is this person's to use and still good; its
// account is found with it.
func (l *Linking) load(ctx context.Context, hash string) (linkCode, core.Record, int, error) {
	body, rev, err := l.Sessions.Get(ctx, codeKey(hash), l.Now)
	if err != nil {
		return linkCode{}, core.Record{}, 0, err
	}
	var c linkCode
	if err := json.Unmarshal(body, &c); err != nil {
		return linkCode{}, core.Record{}, 0, fmt.Errorf("read the code: %w", err)
	}
	if c.By != "" && c.By != l.Person() {
		return linkCode{}, core.Record{}, 0, desk.ErrNotFound
	}
	r, err := l.Desk.Ledger.Record(ctx, c.Account)
	if err == nil && (r.State != core.StateActive || !r.Unspent(c.Proof)) {
		err = desk.ErrNotFound
	}
	return c, r, rev, err
}

// loadAny is load of the first hash under which there is a code: it may have been made
// with a former key.
func (l *Linking) loadAny(ctx context.Context, hashes []string) (hash string, c linkCode, r core.Record, rev int, err error) {
	for _, hash = range hashes {
		c, r, rev, err = l.load(ctx, hash)
		if !errors.Is(err, desk.ErrNotFound) {
			break
		}
	}
	return hash, c, r, rev, err
}

// offerCode takes a code that a stranger gave, and asks by name whether it is them.
func (l *Linking) offerCode(ctx context.Context, digits string) (session.Reply, error) {
	hash, c, r, rev, err := l.loadAny(ctx, l.Identity.CodeKeys(digits))
	if err == nil && c.By != "" { // a redelivery: the question again, no try
		return l.askName(hash, r), nil
	}
	if tired, err := l.tries(ctx); err != nil || tired {
		return session.Reply{Toast: es.Say(es.TooManyCodes), Forget: true}, err
	}
	if err == nil && l.isElsewhere(r) { // nobody is asked for whom it would be
		return l.elsewhere(ctx, r, c.Proof)
	}
	if err == nil {
		c.By = l.Person()
		err = l.saveCode(ctx, hash, c, rev)
	}
	switch {
	case errors.Is(err, desk.ErrNotFound), errors.Is(err, desk.ErrConflict): // another was first
		return session.Reply{Toast: es.Say(es.WrongCodeGiven), Forget: true}, nil
	case err != nil:
		return session.Reply{}, fmt.Errorf("look for the code: %w", err)
	}
	return l.askName(hash, r), nil
}

func (l *Linking) askName(hash string, r core.Record) session.Reply {
	button := func(word string, label es.Phrase, style card.Style) card.Action {
		return card.Action{Label: es.Say(label), Style: style, Token: l.Seal.Seal(l.Person(), card.Token{Word: word, Record: hash})}
	}
	return session.Reply{Forget: true, Card: &card.Card{
		Story: es.Story{Title: es.IsItYou(r.Fields[core.FieldName]), Text: []string{es.IsItYouText(l.In.Platform)}},
		Rows:  [][]card.Action{{button(wordClaim, es.ButtonYesMe, card.Primary), button(wordReject, es.ButtonNotMe, card.Plain)}},
	}}
}

// claimed is the token of a press on the question by name.
func (l *Linking) claimed() (card.Token, bool) {
	tok, err := l.Seal.Open(l.Person(), l.In.Tap)
	return tok, err == nil && (tok.Word == wordClaim || tok.Word == wordReject)
}

// PressedAgain answers the question by name when it comes again after it was answered
// with yes; false where that is not what was pressed.
func (l *Linking) PressedAgain(ctx context.Context) (session.Reply, bool, error) {
	if tok, ok := l.claimed(); !ok || tok.Word != wordClaim {
		return session.Reply{}, false, nil
	}
	reply, err := l.greet(ctx)
	return reply, true, err
}

// claim answers the question by name. The code is worth nothing after it.
func (l *Linking) claim(ctx context.Context, tok card.Token) (session.Reply, error) {
	c, r, _, err := l.load(ctx, tok.Record)
	if errors.Is(err, desk.ErrNotFound) {
		return session.Reply{Toast: es.Say(es.WrongCodeGiven)}, nil
	}
	if err != nil {
		return session.Reply{}, fmt.Errorf("look for the code: %w", err)
	}
	reply := session.Reply{Card: &card.Card{Story: es.Story{Title: es.Say(es.NotLinked)}}, Redraw: true}
	if tok.Word == wordClaim {
		if reply, err = l.tie(ctx, r, c.Proof, es.WrongCodeGiven); err != nil {
			return session.Reply{}, err
		}
	}
	err = l.Sessions.Delete(ctx, codeKey(tok.Record))
	if tok.Word == wordClaim { // the link is made, and its proof is spent
		l.Afterwards(ctx, "a code that was used is still there", err)
		return reply, nil
	}
	if err != nil {
		return session.Reply{}, fmt.Errorf("drop the code: %w", err)
	}
	return reply, nil
}
