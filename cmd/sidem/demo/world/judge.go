package world

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"sidem/bot/card"
	"sidem/bot/slack"
	"sidem/bot/word"
	"sidem/cmd/sidem/app"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/outbox"
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
			id := p.SlackID
			if platform == "telegram" {
				id = fmt.Sprint(p.TelegramID)
			}
			account, err := a.Desk.Account(ctx, platform, id)
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
