package export

import (
	"encoding/json"
	"fmt"
	"strings"

	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/notifier/chat"
	"sidem.gob.mx/sidem/storage/archive"
)

// Card is a message with the card of a record on somebody's screen. Live is the one that is
// redrawn; the others were replaced, and it is not known yet that their buttons are gone.
type Card struct {
	Record  string `json:"record"`
	Account string `json:"account"`
	Channel string `json:"channel"`
	Chat    string `json:"chat"`
	Message string `json:"message"`
	Live    bool   `json:"live"`
	Version int    `json:"version,omitempty"` // of the record that it shows
	Buttons int    `json:"buttons"`           // of a live one
}

// cardsOf are the messages of which a session tells.
func cardsOf(s archive.Session) ([]Card, error) {
	var place chat.Place
	if err := json.Unmarshal(s.Value, &place); err != nil {
		return nil, fmt.Errorf("place of a card: %w", err)
	}
	rest := strings.TrimPrefix(s.Key, screen.CardPrefix)
	rest, channel, _ := cutLast(rest)
	record, account, ok := cutLast(rest)
	if !ok {
		return nil, fmt.Errorf("place of a card: its key %q is none of ours", core.Plain(s.Key))
	}
	var out []Card
	if place.Ref.Message != "" {
		out = append(out, Card{
			Record: record, Account: account, Channel: channel, Chat: place.Ref.Chat, Message: place.Ref.Message,
			Live: true, Version: place.Version, Buttons: place.Buttons,
		})
	}
	for _, o := range place.Old {
		out = append(out, Card{Record: record, Account: account, Channel: channel, Chat: o.Ref.Chat, Message: o.Ref.Message})
	}
	return out, nil
}

// cutLast cuts a key at its last colon.
func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
