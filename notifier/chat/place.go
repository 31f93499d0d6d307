package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// Place is where a card is and what it shows, kept in Sessions as JSON at Key.
type Place struct {
	// Ref is the message that is redrawn; without one nothing is on the screen.
	Ref    card.Ref `json:"ref,omitzero"`
	Person string   `json:"person,omitempty"` // the id on the platform that it was posted to
	// Hash is of the card that the message shows, Version the record's, Buttons
	// how many it has.
	Hash    string `json:"hash,omitempty"`
	Version int    `json:"version"`
	Buttons int    `json:"buttons"`
	// Seal names the key that its buttons were sealed with.
	Seal string `json:"seal,omitempty"`
	// Turn is the duty that a message was last posted for: "<name>/<turn>".
	Turn string `json:"turn,omitempty"`
	// Anew is the last request for a new message that was met.
	Anew string `json:"anew,omitempty"`
	// Lost is the version that the platform would not take for good (a blocked bot):
	// no sweep asks for it again.
	Lost int `json:"lost,omitempty"`
	// Old are earlier messages that are not off the screen yet.
	Old []Old `json:"old,omitempty"`
}

// Old is a message that was replaced. With Gone it stays, and says that it is theirs no more.
type Old struct {
	Ref  card.Ref `json:"ref"`
	Gone bool     `json:"gone,omitempty"`
}

// Key is where Sessions keep the Place of a record's card for an account on a platform.
func Key(record, account, platform string) string {
	return screen.CardKey(record, account, platform)
}

func (p Place) kept() bool { return p.Ref != card.Ref{} }

// load reads the place; none is the zero one at revision 0.
func (s *sheet) load(ctx context.Context) error {
	value, rev, err := s.cfg.Sessions.Get(ctx, s.key, s.cfg.Now())
	if errors.Is(err, desk.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("place of %s: %w", s.key, err)
	}
	if err := json.Unmarshal(value, &s.place); err != nil {
		return fmt.Errorf("place of %s: %w", s.key, err)
	}
	s.rev = rev
	return nil
}

// save keeps the place; errMoved when somebody else did meanwhile.
func (s *sheet) save(ctx context.Context) error {
	value, err := json.Marshal(s.place)
	if err != nil {
		return fmt.Errorf("keep the place of %s: %w", s.key, err)
	}
	rev, err := s.cfg.Sessions.Put(ctx, s.key, value, s.rev, s.cfg.Now(), time.Time{})
	if errors.Is(err, desk.ErrConflict) {
		return errMoved
	}
	if err != nil {
		return fmt.Errorf("keep the place of %s: %w", s.key, err)
	}
	s.rev, s.dirty = rev, false
	return nil
}

// retire remembers a message as old, once.
func (s *sheet) retire(ref card.Ref, gone bool) {
	if !slices.ContainsFunc(s.place.Old, func(o Old) bool { return o.Ref == ref }) {
		s.place.Old = append(slices.Clone(s.place.Old), Old{Ref: ref, Gone: gone})
		s.dirty = true
	}
}

// hash is of all that a card shows and carries.
func hash(c card.Card) string {
	text, err := json.Marshal(c)
	if err != nil {
		// A card is strings, slices and structs; there is nothing that could fail.
		panic(fmt.Sprintf("chat: a card that is no JSON: %v", err))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

func buttons(c card.Card) int {
	n := 0
	for _, row := range c.Rows {
		n += len(row)
	}
	if c.Select != nil {
		n += len(c.Select.Options)
	}
	if c.Menu != nil {
		n += len(c.Menu.Actions)
	}
	return n
}

func turn(d core.Duty) string { return string(d.Name) + "/" + strconv.Itoa(d.Turn) }

func receipt(r card.Ref) string { return r.Chat + "/" + r.Message }
