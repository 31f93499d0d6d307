package telegram

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	api "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"sidem.gob.mx/sidem/core/desk"
)

// Command is a row of the bot's menu (Bot API, BotCommand): a name of 1 to 32
// characters [a-z0-9_], a description of 1 to 256.
type Command struct{ Name, Description string }

// Menus are what the bot's menu shows, by who reads it. An empty one is not set.
type Menus struct {
	// Strangers is for private chats without a menu of their own, Group for groups.
	Strangers, Group []Command
	// Of are the commands of one person in their private chat; none for a stranger.
	// It is asked after what they write, so that a menu follows their roles, and after what
	// they press now and then; what was set last is kept in Config.Sessions.
	Of func(ctx context.Context, who string) ([]Command, error)
}

const maxCommands = 100 // Bot API, setMyCommands

func checkMenu(list []Command) error {
	if len(list) > maxCommands {
		return fmt.Errorf("telegram: %d commands; the menu takes %d", len(list), maxCommands)
	}
	for _, c := range list {
		if n := utf8.RuneCountInString(c.Description); !commandForm.MatchString(c.Name) || n < 1 || n > 256 {
			return fmt.Errorf("telegram: the menu does not take command %q, %q", c.Name, c.Description)
		}
	}
	return nil
}

// publish sets the menus that are the same for everybody. Without them people can
// still write: a failure is logged.
func (t *Telegram) publish(ctx context.Context) {
	for _, m := range []struct {
		list  []Command
		scope models.BotCommandScope
	}{{t.menus.Strangers, &models.BotCommandScopeDefault{}}, {t.menus.Group, &models.BotCommandScopeAllGroupChats{}}} {
		if len(m.list) == 0 {
			continue
		}
		err := t.sleep.Answer(ctx, func() error { return classify(editing, t.client.commands(ctx, m.list, m.scope)) })
		if err != nil && ctx.Err() == nil {
			t.log.WarnContext(ctx, "telegram: a menu of commands was not set", "err", err)
		}
	}
}

// offer sets the menu of whoever did in, if it is not the one that was set last.
func (t *Telegram) offer(work context.Context, in incoming) {
	if t.menus.Of == nil || in.Input == nil || !in.Input.Private || in.Query != "" && t.offered.lately(in.Input.Who, time.Now()) {
		return
	}
	ctx, cancel := context.WithTimeout(work, t.replying)
	defer cancel()
	if err := t.follow(ctx, in.Chat, in.Input.Who); err != nil && work.Err() == nil {
		t.log.WarnContext(ctx, "telegram: a person's menu of commands was not set", "who", in.Input.Who, "err", err)
	}
}

// OfferMenu sets the menu of a person whose roles may have changed, if it is not
// the one that was set last. Without it they can still write: a failure is logged,
// and their next input looks again.
func (t *Telegram) OfferMenu(ctx context.Context, who string) {
	chat, err := strconv.ParseInt(who, 10, 64) // a private chat has its person's id
	if err != nil || t.menus.Of == nil {
		return
	}
	if err := t.follow(ctx, chat, who); err != nil && ctx.Err() == nil {
		t.log.WarnContext(ctx, "telegram: a person's menu of commands was not set", "who", who, "err", err)
	}
}

func (t *Telegram) follow(ctx context.Context, chat int64, who string) error {
	list, err := t.menus.Of(ctx, who)
	if err != nil {
		return err
	}
	key := "menu:" + name + ":" + who
	last, rev, err := t.sessions.Get(ctx, key, timeless)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return err
	}
	want := imprint(list)
	if string(last) == want {
		t.offered.note(who, time.Now())
		return nil
	}
	if err := checkMenu(list); err != nil {
		return err
	}
	scope := &models.BotCommandScopeChat{ChatID: chat}
	err = t.sleep.Answer(ctx, func() error { return classify(editing, t.client.commands(ctx, list, scope)) })
	if err != nil {
		return err
	}
	_, err = t.sessions.Put(ctx, key, []byte(want), rev, timeless, time.Time{})
	switch {
	case errors.Is(err, desk.ErrConflict):
		return nil // another input of theirs, elsewhere: the next one looks again
	case err == nil:
		t.offered.note(who, time.Now())
	}
	return err
}

// lookAgain is how long the menu of a person who only presses is not looked at again: no
// press of theirs changes their roles, and where somebody else's does they are offered it.
const lookAgain = 10 * time.Minute

// offers remember whose menu was found to be the right one, and when. The zero value
// remembers nobody.
type offers struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

func (o *offers) lately(who string, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	at, is := o.seen[who]
	return is && now.Sub(at) < lookAgain
}

func (o *offers) note(who string, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen == nil || len(o.seen) >= maxOffers {
		o.seen = map[string]time.Time{}
	}
	o.seen[who] = now
}

// maxOffers bounds whom they remember.
const maxOffers = 10_000

// imprint tells one list from another; "" is none.
func imprint(list []Command) string {
	if len(list) == 0 {
		return ""
	}
	h := fnv.New64a()
	for _, c := range list {
		_, _ = fmt.Fprintf(h, "%q%q", c.Name, c.Description) // a hash takes everything
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// commands sets the menu of a scope; an empty list takes it away.
func (c *client) commands(ctx context.Context, list []Command, scope models.BotCommandScope) error {
	if len(list) == 0 {
		_, err := c.lib.DeleteMyCommands(ctx, &api.DeleteMyCommandsParams{Scope: scope})
		return err
	}
	commands := make([]models.BotCommand, 0, len(list))
	for _, l := range list {
		commands = append(commands, models.BotCommand{Command: l.Name, Description: l.Description})
	}
	_, err := c.lib.SetMyCommands(ctx, &api.SetMyCommandsParams{Commands: commands, Scope: scope})
	return err
}
