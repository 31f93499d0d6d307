package world

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/bot/slack"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/chat"
)

// Quiet is a logger for stories: what goes wrong shows on somebody's screen.
func Quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// mootAll settles items as not needed.
func mootAll(items []outbox.Item) []outbox.Result {
	var out []outbox.Result
	for _, it := range items {
		out = append(out, outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: outbox.WasMoot})
	}
	return out
}

// Stale are the buttons on any screen whose press the core would not offer any more.
func (w *World) Stale(ctx context.Context) ([]string, error) {
	if a := w.App(); a != nil {
		return w.stale(ctx, a)
	}
	// It runs elsewhere: once it has ended, its store can be read here.
	if err := w.Service.Stop(); err != nil {
		return nil, err
	}
	var out []string
	err := w.Visit(ctx, func(a *app.App) error {
		stale, err := w.stale(ctx, a)
		report, auditErr := a.Desk.Audit(ctx)
		out = append(stale, report.Faults...)
		return errors.Join(err, auditErr)
	})
	return out, err
}

func (w *World) stale(ctx context.Context, a *app.App) ([]string, error) {
	var out []string
	for name, p := range w.People {
		for platform, tokens := range w.tokens(p) {
			account, err := a.Desk.Account(ctx, platform, p.on(platform))
			if errors.Is(err, desk.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			for label, token := range tokens {
				why, err := judge(ctx, a, account, token)
				if err != nil {
					return nil, err
				}
				if why != "" {
					out = append(out, fmt.Sprintf("%s@%s [%s]: %s", name, platform, label, why))
				}
			}
		}
	}
	slices.Sort(out)
	return out, nil
}

// Covered are the cards whose message shows something else: none of its buttons is about
// their record, though they were drawn with some.
func (w *World) Covered(ctx context.Context, a *app.App) ([]string, error) {
	about := map[string]bool{} // "<account>@<platform> <message> <record>"
	for _, p := range w.People {
		for platform, tokens := range w.tokens(p) {
			account, err := a.Desk.Account(ctx, platform, p.on(platform))
			if errors.Is(err, desk.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			for label, token := range tokens {
				message, _, _ := strings.Cut(label, " ")
				if tok, err := a.Seal.Open(account.ID, token); err == nil {
					about[account.ID+"@"+platform+" "+message+" "+tok.Record] = true
				}
			}
		}
	}
	keys, err := a.Store.Keys(ctx, screen.CardPrefix, "", maxPlaces, w.Time.Now())
	if err != nil || len(keys) == maxPlaces {
		return nil, fmt.Errorf("%d places of cards: %w", len(keys), err)
	}
	var out []string
	for _, key := range keys {
		body, _, err := a.Store.Get(ctx, key, w.Time.Now())
		if err != nil {
			return nil, err
		}
		var place chat.Place
		if err := json.Unmarshal(body, &place); err != nil {
			return nil, err
		}
		parts := strings.Split(key, ":") // card:<record>:<account>:<platform>
		if place.Buttons > 0 && place.Ref != (card.Ref{}) && !about[parts[2]+"@"+parts[3]+" "+place.Ref.Message+" "+parts[1]] {
			out = append(out, key+" at "+place.Ref.Message)
		}
	}
	return out, nil
}

// maxPlaces bounds the cards of a story.
const maxPlaces = 1000

// on is the id of a person on a platform.
func (p Person) on(platform string) string {
	if platform == "telegram" {
		return fmt.Sprint(p.TelegramID)
	}
	return p.SlackID
}

// tokens are what the buttons on a person's screens would send, by label.
func (w *World) tokens(p Person) map[string]map[string]string {
	out := map[string]map[string]string{"telegram": {}, "slack": {}}
	for _, m := range w.Telegram.Person(p.TelegramID, "", "").Screen() {
		for _, row := range m.Buttons {
			for _, b := range row {
				if b.Copy != "" {
					continue // it sends nothing
				}
				out["telegram"][fmt.Sprint(m.ID, " ", b.Text)] = b.Data
			}
		}
	}
	for _, m := range w.SlackPerson(p).Screen() {
		for _, b := range m.Buttons {
			out["slack"][m.TS+" "+b.Text] = slack.Token(b.Value)
		}
		for _, menu := range m.Selects {
			for _, o := range menu.Options {
				out["slack"][m.TS+" "+o.Text] = slack.Token(o.Value)
			}
		}
	}
	return out
}

// judge says what is wrong with a button that an account sees; "" is nothing.
func judge(ctx context.Context, a *app.App, account core.Record, token string) (string, error) {
	tok, err := a.Seal.Open(account.ID, token)
	if err != nil {
		return "its token is not ours", nil
	}
	verb := core.Verb(strings.TrimPrefix(tok.Word, card.WordAsk))
	if number, ok := strings.CutPrefix(tok.Arg, "+"); ok && tok.Word == word.HandOver { // the button of the counter
		number, _, _ = strings.Cut(number, " ")
		r, err := a.Desk.ByNumber(ctx, core.Actor{Account: account.ID, Roles: account.Roles, Agency: account.Agency}, number)
		if err == nil && r.State != core.StateIssued {
			return "of an opinion that was handed over", nil
		}
		return "", nil
	}
	if _, isVerb := core.LifecycleOf(core.KindRequest).Verb(verb); !isVerb {
		return "", nil // a word of the conversation
	}
	s, err := a.Desk.Scene(ctx, tok.Record, account.ID)
	if errors.Is(err, desk.ErrNotFound) {
		return "of a record that is not theirs", nil
	}
	if err != nil {
		return "", err
	}
	offered := slices.ContainsFunc(core.Allowed(s.Record, s.Actor, s.Now), func(t core.Transition) bool { return t.Verb == verb })
	if !offered || tok.Version != s.Record.Version {
		return fmt.Sprintf("%s on version %d, now %d in %s", verb, tok.Version, s.Record.Version, s.Record.State), nil
	}
	return "", nil
}
