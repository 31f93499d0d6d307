package telegramtest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxCommands    = 100 // setMyCommands
	maxCommand     = 32  // BotCommand.command
	maxDescription = 256 // BotCommand.description
)

// Command is one entry of the bot's menu.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

var (
	commandName  = regexp.MustCompile(`^[a-z0-9_]+$`)
	languageCode = regexp.MustCompile(`^[a-z]{2}$`)
)

// Commands are the last set for a scope: "default", "all_private_chats",
// "all_group_chats", "all_chat_administrators", "chat:ID",
// "chat_administrators:ID" or "chat_member:ID:USER", with "@es" appended for
// those of one language. nil if none were set.
func (s *Server) Commands(scope string) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands[scope])
}

// Menu is what the person sees as the bot's menu in the private chat: of all
// that is set, the nearest (BotCommandScope, "Determining list of commands").
func (p *Person) Menu() []Command {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.s.nearest(fmt.Sprintf("chat:%d", p.id), "all_private_chats", "default")
}

// Menu is what p, no administrator, sees as the bot's menu in the group.
func (g *Group) Menu(p *Person) []Command {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	return g.s.nearest(fmt.Sprintf("chat_member:%d:%d", g.c.id, p.id), fmt.Sprintf("chat:%d", g.c.id), "all_group_chats", "default")
}

// nearest is the first scope that has commands, for people whose app is in Spanish.
func (s *Server) nearest(scopes ...string) []Command {
	for _, scope := range scopes {
		for _, key := range []string{scope + "@es", scope} {
			if list := s.commands[key]; len(list) > 0 {
				return slices.Clone(list)
			}
		}
	}
	return nil
}

// scopeKey reads scope and language_code into a key as in Commands.
func (s *Server) scopeKey(r *request) (string, *apiError) {
	key := "default"
	if raw := r.params["scope"]; raw != "" {
		var scope struct {
			Type   string          `json:"type"`
			ChatID json.RawMessage `json:"chat_id"`
			UserID json.Number     `json:"user_id"`
		}
		if err := json.Unmarshal([]byte(raw), &scope); err != nil {
			return "", badRequest("can't parse BotCommandScope JSON object")
		}
		key = scope.Type
		switch scope.Type {
		case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
		case "chat", "chat_administrators", "chat_member":
			c, refused := s.chatFor(strings.Trim(string(scope.ChatID), `"`))
			if refused != nil {
				return "", refused
			}
			if c.person != nil && scope.Type != "chat" {
				return "", badRequest("can't use specified scope in private chats")
			}
			key = fmt.Sprintf("%s:%d", scope.Type, c.id)
			if scope.Type == "chat_member" {
				key += ":" + scope.UserID.String()
			}
		default:
			return "", badRequest("can't parse BotCommandScope: unsupported type specified")
		}
	}
	if lang := r.params["language_code"]; lang != "" {
		if !languageCode.MatchString(lang) {
			return "", badRequest("invalid language code specified")
		}
		key += "@" + lang
	}
	return key, nil
}

func (s *Server) setMyCommands(r *request) (any, *apiError) {
	var list []Command
	if raw := r.params["commands"]; raw != "" {
		if err := json.Unmarshal([]byte(raw), &list); err != nil {
			return nil, badRequest("can't parse commands JSON object")
		}
	}
	if len(list) > maxCommands {
		return nil, badRequest("BOT_COMMANDS_TOO_MUCH")
	}
	for i, c := range list {
		c.Command = strings.TrimPrefix(strings.TrimSpace(c.Command), "/") // the platform drops the slash
		list[i].Command = c.Command
		length := utf8.RuneCountInString(c.Description)
		switch {
		case c.Command == "":
			return nil, badRequest("command must be non-empty")
		case utf8.RuneCountInString(c.Command) > maxCommand:
			return nil, badRequest("command length must not exceed %d", maxCommand)
		case strings.TrimSpace(c.Description) == "":
			return nil, badRequest("command description must be non-empty")
		case length > maxDescription:
			return nil, badRequest("command description length must not exceed %d", maxDescription)
		case !commandName.MatchString(c.Command):
			return nil, badRequest("BOT_COMMAND_INVALID")
		}
	}
	key, refused := s.scopeKey(r)
	if refused != nil {
		return nil, refused
	}
	delete(s.commands, key)
	if len(list) > 0 {
		s.commands[key] = list
	}
	return true, nil
}

func (s *Server) getMyCommands(r *request) (any, *apiError) {
	key, refused := s.scopeKey(r)
	if refused != nil {
		return nil, refused
	}
	return append([]Command{}, s.commands[key]...), nil
}

func (s *Server) deleteMyCommands(r *request) (any, *apiError) {
	key, refused := s.scopeKey(r)
	if refused != nil {
		return nil, refused
	}
	delete(s.commands, key)
	return true, nil
}
