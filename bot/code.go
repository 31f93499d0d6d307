package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"sidem/bot/card"
	"sidem/bot/identity"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// code is a code that links another chat, kept under its hash. The first person
// who gives it has it: nobody else can.
type code struct {
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

// person is whoever wrote, linked or not, as codes and their buttons know them.
func (t *conversation) person() string { return t.In.Platform + ":" + t.In.Who }

func codeKey(hash string) string { return "code:" + hash }

// runCode gives a code by which the person links another chat; the one before it
// is worth nothing from then on.
func runCode(ctx context.Context, t *conversation, rest string) (Reply, error) {
	if rest != "" {
		return runStart(ctx, t, rest)
	}
	last := "codeof:" + t.Account.ID
	before, rev, err := t.Sessions.Get(ctx, last, t.Now)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return Reply{}, fmt.Errorf("load the last code: %w", err)
	}
	if len(before) > 0 {
		if err := t.Sessions.Delete(ctx, codeKey(string(before))); err != nil {
			return Reply{}, fmt.Errorf("drop the last code: %w", err)
		}
	}
	given := identity.NewCode()
	plain, _ := identity.ReadCode(given) // it is one
	hash := t.engine.Identity.CodeKey(plain)
	if _, err := t.Sessions.Put(ctx, last, []byte(hash), rev, t.Now, t.Now.Add(identity.CodeLife)); err != nil {
		return Reply{}, fmt.Errorf("keep the code: %w", err)
	}
	if err := t.keepCode(ctx, hash, code{Account: t.Account.ID, Proof: t.Account.Version}, 0); err != nil {
		return Reply{}, err
	}
	return Reply{Card: &card.Card{Story: es.Story{
		Title: es.Say(es.CodeTitle), Head: given, Text: es.CodeText(given, identity.CodeLife),
	}}}, nil
}

func (t *conversation) keepCode(ctx context.Context, hash string, c code, rev int) error {
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("write the code: %w", err)
	}
	if _, err := t.Sessions.Put(ctx, codeKey(hash), body, rev, t.Now, t.Now.Add(identity.CodeLife)); err != nil {
		return fmt.Errorf("keep the code: %w", err)
	}
	return nil
}

// code is the code of a hash, if it is this person's to use and still good; its
// account is found with it.
func (t *conversation) code(ctx context.Context, hash string) (code, core.Record, int, error) {
	body, rev, err := t.Sessions.Get(ctx, codeKey(hash), t.Now)
	if err != nil {
		return code{}, core.Record{}, 0, err
	}
	var c code
	if err := json.Unmarshal(body, &c); err != nil {
		return code{}, core.Record{}, 0, fmt.Errorf("read the code: %w", err)
	}
	if c.By != "" && c.By != t.person() {
		return code{}, core.Record{}, 0, desk.ErrNotFound
	}
	r, err := t.Desk.Ledger.Record(ctx, c.Account)
	if err == nil && (r.State != core.StateActive || !r.Unspent(c.Proof)) {
		err = desk.ErrNotFound
	}
	return c, r, rev, err
}

// offerCode takes a code that a stranger gave, and asks by name whether it is them.
func (t *conversation) offerCode(ctx context.Context, given string) (Reply, error) {
	hash := t.engine.Identity.CodeKey(given)
	c, r, rev, err := t.code(ctx, hash)
	if err == nil && c.By != "" { // a redelivery: the question again, no try
		return t.askName(hash, r), nil
	}
	if tired, err := t.tries(ctx); err != nil || tired {
		return Reply{Toast: es.Say(es.TooManyCodes), Forget: true}, err
	}
	if err == nil {
		c.By = t.person()
		err = t.keepCode(ctx, hash, c, rev)
	}
	switch {
	case errors.Is(err, desk.ErrNotFound), errors.Is(err, desk.ErrConflict): // another was first
		return Reply{Toast: es.Say(es.WrongCodeGiven), Forget: true}, nil
	case err != nil:
		return Reply{}, fmt.Errorf("look for the code: %w", err)
	}
	return t.askName(hash, r), nil
}

func (t *conversation) askName(hash string, r core.Record) Reply {
	button := func(word string, label es.Phrase, style card.Style) card.Action {
		return card.Action{Label: es.Say(label), Style: style, Token: t.Seal.Seal(t.person(), card.Token{Word: word, Record: hash})}
	}
	return Reply{Forget: true, Card: &card.Card{
		Story: es.Story{Title: es.IsItYou(r.Fields[core.FieldName]), Text: []string{es.IsItYouText(t.In.Platform)}},
		Rows:  [][]card.Action{{button(wordClaim, es.ButtonYesMe, card.Primary), button(wordReject, es.ButtonNotMe, card.Plain)}},
	}}
}

// claimed is the token of a press on the question by name.
func (t *conversation) claimed() (card.Token, bool) {
	tok, err := t.Seal.Open(t.person(), t.In.Tap)
	return tok, err == nil && (tok.Word == wordClaim || tok.Word == wordReject)
}

// claim answers the question by name. The code is worth nothing after it.
func (t *conversation) claim(ctx context.Context, tok card.Token) (Reply, error) {
	c, r, _, err := t.code(ctx, tok.Record)
	if errors.Is(err, desk.ErrNotFound) {
		return Reply{Toast: es.Say(es.WrongCodeGiven)}, nil
	}
	if err != nil {
		return Reply{}, fmt.Errorf("look for the code: %w", err)
	}
	reply := Reply{Card: &card.Card{Story: es.Story{Title: es.Say(es.NotLinked)}}, Redraw: true}
	if tok.Word == wordClaim {
		if reply, err = t.tie(ctx, r, c.Proof, es.WrongCodeGiven); err != nil {
			return Reply{}, err
		}
	}
	err = t.Sessions.Delete(ctx, codeKey(tok.Record))
	if tok.Word == wordClaim { // the link is made, and its proof is spent
		t.Afterwards(ctx, "a code that was used is still there", err)
		return reply, nil
	}
	if err != nil {
		return Reply{}, fmt.Errorf("drop the code: %w", err)
	}
	return reply, nil
}
