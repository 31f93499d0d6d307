// Package screen knows which messages with buttons a person has in a chat, beside the cards of their records, so that each can follow what is so.
//
// The conversation notes what it has answered with; the notifier redraws it when what it
// shows has changed, or takes its buttons off. What is shown again retires the copy
// before it, and only the newest messages are kept: nobody can fill the store by asking.
package screen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// View is what a message shows: the word of the button or command that shows it, with
// what is needed to show it again.
type View struct {
	// Same names what is shown: a message that shows it again retires the one before.
	Same   string `json:"same"`
	Word   string `json:"word,omitempty"`
	Record string `json:"record,omitempty"`
	Arg    string `json:"arg,omitempty"`
	Page   int    `json:"page,omitempty"`
	// Of are the records whose change it must follow.
	Of []string `json:"of,omitempty"`
}

// Equal reports whether both show the same page of the same thing.
func (v View) Equal(o View) bool {
	return v.Same == o.Same && v.Word == o.Word && v.Record == o.Record && v.Arg == o.Arg && v.Page == o.Page && slices.Equal(v.Of, o.Of)
}

// OfCard is a message that shows the card of a record: the present one, which the
// notifier keeps, or a copy that was just replaced.
func OfCard(record string) View {
	return View{Same: card.WordShow + ":" + record, Word: card.WordShow, Record: record, Of: []string{record}}
}

// Message is one on the screen.
type Message struct {
	Ref  card.Ref `json:"ref"`
	View View     `json:"view"`
	// Story is how it read last: what stays of it without its buttons, unless what it
	// shows can be drawn as it is now.
	Story es.Story `json:"story"`
	// Hash is of what was drawn over it last; "" for none.
	Hash string `json:"hash,omitempty"`
	// Over says that its buttons have to go.
	Over bool `json:"over,omitempty"`
}

// Screen are the messages of one person in one chat, oldest first.
type Screen []Message

// Max bounds a screen: what is older loses its buttons.
const Max = 12

// maxOver bounds those that are over and could not be reached yet.
const maxOver = 24

// With is s with a message that was just shown, over the one that stood at its place.
func (s Screen) With(m Message) Screen {
	out := s.Without(m.Ref)
	live := 0
	for i := range out {
		if out[i].View.Same == m.View.Same {
			out[i].Over = true
		}
		if !out[i].Over {
			live++
		}
	}
	for i := 0; live >= Max; i++ {
		if !out[i].Over {
			out[i].Over = true
			live--
		}
	}
	out = append(out, m)
	for over := out.over(); over > maxOver; over-- { // the oldest is given up
		i := slices.IndexFunc(out, func(o Message) bool { return o.Over })
		out = slices.Delete(out, i, i+1)
	}
	return out
}

func (s Screen) over() (n int) {
	for _, m := range s {
		if m.Over {
			n++
		}
	}
	return n
}

// Without is s without the message at ref.
func (s Screen) Without(ref card.Ref) Screen {
	return slices.DeleteFunc(slices.Clone(s), func(m Message) bool { return m.Ref == ref })
}

// Drawn is s with what stands in messages that were drawn again by the views that they have.
func (s Screen) Drawn(again map[card.Ref]Message) Screen {
	for i, m := range s {
		if now, ok := again[m.Ref]; ok && m.View.Equal(now.View) {
			s[i].Hash, s[i].Story = now.Hash, now.Story
		}
	}
	return s
}

// At is the message at ref.
func (s Screen) At(ref card.Ref) (Message, bool) {
	i := slices.IndexFunc(s, func(m Message) bool { return m.Ref == ref })
	if i < 0 {
		return Message{}, false
	}
	return s[i], true
}

// AnyOver reports whether there are buttons that have to go.
func (s Screen) AnyOver() bool { return s.over() > 0 }

// Sessions keep screens (core/desk.Sessions, with its errors).
type Sessions interface {
	Get(ctx context.Context, key string, now time.Time) (value []byte, rev int, err error)
	Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error)
}

// life is how long a screen is kept that nothing is added to.
const life = 180 * 24 * time.Hour

func key(account, platform string) string { return "screen:" + account + ":" + platform }

// Load is what an account has on a platform.
func Load(ctx context.Context, s Sessions, account, platform string, now time.Time) (Screen, error) {
	out, _, err := load(ctx, s, account, platform, now)
	return out, err
}

func load(ctx context.Context, s Sessions, account, platform string, now time.Time) (out Screen, rev int, err error) {
	body, rev, err := s.Get(ctx, key(account, platform), now)
	if errors.Is(err, desk.ErrNotFound) {
		return nil, 0, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &out)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("the screen of %s: %w", account, err)
	}
	return out, rev, nil
}

// maxRounds bounds how often a change is made anew because another was first.
const maxRounds = 20

// Change keeps what change makes of the screen, and returns it.
func Change(ctx context.Context, s Sessions, account, platform string, now time.Time, change func(Screen) Screen) (Screen, error) {
	for range maxRounds {
		before, rev, err := load(ctx, s, account, platform, now)
		if err != nil {
			return nil, err
		}
		after := change(before)
		body, err := json.Marshal(after)
		if err != nil {
			return nil, fmt.Errorf("write the screen of %s: %w", account, err)
		}
		_, err = s.Put(ctx, key(account, platform), body, rev, now, now.Add(life))
		if !errors.Is(err, desk.ErrConflict) {
			return after, err
		}
	}
	return nil, fmt.Errorf("the screen of %s: %w", account, desk.ErrConflict)
}

// CardPrefix is how the keys of the places of cards begin.
const CardPrefix = "card:"

// CardKey is where the place of a record's card for an account on a platform is kept,
// which the notifier draws.
func CardKey(record, account, platform string) string {
	return CardPrefix + record + ":" + account + ":" + platform
}

// CardAt is where the present card of a record is; the zero Ref for none.
func CardAt(ctx context.Context, s Sessions, record, account, platform string, now time.Time) (card.Ref, error) {
	body, _, err := s.Get(ctx, CardKey(record, account, platform), now)
	if errors.Is(err, desk.ErrNotFound) {
		return card.Ref{}, nil
	}
	var place struct {
		Ref card.Ref `json:"ref"`
	}
	if err == nil {
		err = json.Unmarshal(body, &place)
	}
	if err != nil {
		return card.Ref{}, fmt.Errorf("the place of a card of %s: %w", record, err)
	}
	return place.Ref, nil
}
