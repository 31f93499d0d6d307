package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"sidem.gob.mx/sidem/bot/telegram"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// newTelegram makes the platform as it is configured.
func (a *App) newTelegram() (*telegram.Telegram, error) {
	cfg := telegram.Config{
		Token: a.cfg.TelegramToken.Reveal(), API: a.cfg.TelegramAPI, Dial: a.dial, Log: a.log, OnBlocked: a.blocked,
		Sessions: a.Store, Shared: a.cfg.Shared(), Now: a.Clock.Now, Gate: gate{a, "telegram"},
		Follow: a.trace.Inputs("telegram"), Span: a.trace.Call(),
		Menus: telegram.Menus{Strangers: strangersMenu(), Group: groupMenu(), Of: a.menu},
	}
	if a.cfg.TelegramMode == office.TelegramWebhook {
		cfg.Webhook = &telegram.Webhook{
			URL: strings.TrimRight(a.cfg.PublicURL, "/") + telegram.WebhookPath, Secret: a.cfg.TelegramSecret.Reveal(),
		}
	}
	return telegram.New(cfg)
}

// strangersMenu is for whom SIDEM does not know yet: all they can do is link the chat.
func strangersMenu() []telegram.Command {
	return []telegram.Command{{Name: "start", Description: es.Help("/start")}, {Name: "ayuda", Description: es.Help("/ayuda")}}
}

func groupMenu() []telegram.Command {
	return []telegram.Command{{Name: "solicitud", Description: es.Help("/solicitud")}}
}

// menu are the commands of a person, also of those for whom they stand in today;
// none for a stranger, nor while suspended.
func (a *App) menu(ctx context.Context, who string) ([]telegram.Command, error) {
	account, err := a.Desk.Account(ctx, "telegram", who)
	if errors.Is(err, desk.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for the account of a menu: %w", err)
	}
	if account.State != core.StateActive {
		return nil, nil
	}
	actor, err := a.Desk.Actor(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("look for the roles of a menu: %w", err)
	}
	var out []telegram.Command
	for _, w := range word.Menu(actor.RolesOn(a.Desk.Clock())) {
		out = append(out, telegram.Command{Name: w.Name, Description: w.Description})
	}
	return out, nil
}

// newBlocks counts who blocked and unblocked the bot.
func newBlocks() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sidem_chat_blocks_total", Help: "Persons who blocked the bot, or took it back, by platform.",
	}, []string{"platform", "blocked"})
}

// blocked hears that a person blocked the bot, or took it back. What they are owed
// goes by the next channel of their chain when it is tried.
func (a *App) blocked(ctx context.Context, who string, blocked bool) {
	a.blocks.WithLabelValues("telegram", fmt.Sprint(blocked)).Inc()
	account, err := a.Desk.Account(ctx, "telegram", who)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		a.log.ErrorContext(ctx, "the account of a chat that was blocked was not found", "err", err)
	}
	if blocked {
		a.log.WarnContext(ctx, "a person blocked the bot: notices go by their next channel", "platform", "telegram", "account", account.ID)
		return
	}
	a.log.InfoContext(ctx, "a person unblocked the bot", "platform", "telegram", "account", account.ID)
}
