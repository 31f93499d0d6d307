package telegram

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"sidem.gob.mx/sidem/bot"
)

// name is what links and inputs call this platform.
const name = "telegram"

// Senders that are no person (Bot API, Message.from and sender_chat): anonymous
// administrators, posts in the name of a channel, Telegram's service account.
var impersonal = []int64{1087968824, 136817688, 777000}

// incoming is what one update means. Zero: nothing, and nobody to answer.
type incoming struct {
	ID     int64  // update_id
	Lane   string // whose order it keeps: a person's, in private or in one group
	Chat   int64
	Thread int // the topic of a forum that it was said in; 0: none

	Query string     // a callback query, which is answered whatever else happens
	Input *bot.Input // what a person did
	Files []string   // file ids of Input.Files, in their order
	Album string     // what it was sent together with; "": nothing

	Member *membership

	Raw []byte // the update, as it came
}

// isNothing reports whether there is nothing to do.
func (in incoming) isNothing() bool { return in.Input == nil && in.Query == "" && in.Member == nil }

// laneOf is the order that what from does in a chat keeps.
func laneOf(from *models.User, chat models.Chat) string {
	if from == nil || chat.ID == from.ID {
		return decimal(chat.ID)
	}
	return decimal(chat.ID) + "/" + decimal(from.ID)
}

// membership says that a person blocked or unblocked the bot.
type membership struct {
	Who     string
	Blocked bool
}

// parse says what u means to a bot named me (without "@"), whose id is self. It is nothing where its
// author is not a verified person: bots, anonymous administrators, channels. What a
// person did not write themselves (forwards, messages made by inline bots) has no
// words of theirs, only Quoted ones; a file in it is one that they sent.
func parse(u *models.Update, me, self string) incoming {
	in := parseUpdate(u, me)
	if in.Input != nil {
		in.Input.Once = "tg:" + self + ":" + decimal(u.ID)
	}
	return in
}

// former is the name that versions gave an input which knew of one bot only.
func former(update int64) string { return "tg:" + decimal(update) }

func parseUpdate(u *models.Update, me string) incoming {
	switch {
	case u.CallbackQuery != nil:
		return parsePress(u.ID, u.CallbackQuery)
	case u.Message != nil:
		return parseMessage(u.ID, u.Message, me)
	case u.EditedMessage != nil:
		return parseEdit(u.ID, u.EditedMessage, me)
	case u.MyChatMember != nil:
		return parseMember(u.ID, u.MyChatMember)
	default:
		return incoming{ID: u.ID}
	}
}

func parsePress(id int64, q *models.CallbackQuery) incoming {
	in := incoming{ID: id, Lane: decimal(q.From.ID), Chat: q.From.ID, Query: q.ID}
	var chat models.Chat
	var message int
	switch {
	case q.Message.Message != nil:
		chat, message = q.Message.Message.Chat, q.Message.Message.ID
		in.Thread = topic(q.Message.Message)
	case q.Message.InaccessibleMessage != nil:
		chat, message = q.Message.InaccessibleMessage.Chat, q.Message.InaccessibleMessage.MessageID
	default:
		return in
	}
	in.Chat, in.Lane = chat.ID, laneOf(&q.From, chat)
	if !person(&q.From) || chat.Type == models.ChatTypeChannel || q.Data == "" {
		return in
	}
	input := inputOf(&q.From, chat, message)
	input.Tap = q.Data
	in.Input = &input
	return in
}

func parseMessage(id int64, m *models.Message, me string) incoming {
	in := incoming{ID: id, Lane: laneOf(m.From, m.Chat), Chat: m.Chat.ID, Thread: topic(m), Album: m.MediaGroupID}
	if !person(m.From) || m.SenderChat != nil || m.Chat.Type == models.ChatTypeChannel {
		return in
	}
	input := inputOf(m.From, m.Chat, m.ID)
	input.At = time.Unix(int64(m.Date), 0)
	input.Under = under(m)
	foreign := m.ForwardOrigin != nil || m.IsAutomaticForward || m.ViaBot != nil
	ours := true
	if foreign {
		input.Quoted = written(m)
	} else {
		input.Text, ours = command(written(m), me)
	}
	if !input.Private { // there only commands are for us, and secrets that nobody should read
		if ours && (strings.HasPrefix(input.Text, "/") || bot.MayExpose(input.Text+"\n"+input.Quoted)) {
			in.Input = &input
		}
		return in
	}
	input.Unreadable = unreadable(m)
	if input.Unreadable == "" {
		input.Files, in.Files = files(m)
	}
	if input.Caption() == "" && len(in.Files) == 0 && input.Unreadable == "" {
		return in // a service message
	}
	in.Input = &input
	return in
}

// parseEdit takes a message as it reads now. In groups it is for us only if it tells a
// secret now. What changes by itself, like a place
// that is shared for a while, a poll or a list, was answered when it came.
func parseEdit(id int64, m *models.Message, me string) incoming {
	in := parseMessage(id, m, me)
	in.Album = ""
	switch {
	case in.Input == nil:
	case !in.Input.Private && bot.MayExpose(in.Input.Text):
		in.Input.Edited = true
	case !in.Input.Private, in.Input.Unreadable == bot.UnreadableLocation, in.Input.Unreadable == bot.UnreadableOther:
		in.Input = nil
	default:
		in.Input.Edited = true
	}
	return in
}

// topic is the topic of a forum that m is in; 0 for the general one and where there
// are no topics (there, message_thread_id counts replies).
func topic(m *models.Message) int {
	if !m.IsTopicMessage {
		return 0
	}
	return m.MessageThreadID
}

// elsewhere is what m answers where that is a message of another chat: no message
// of this chat has such a number.
const elsewhere = "elsewhere"

// under is the message that m answers. In a topic every message answers the one
// that opened it, which nobody chose.
func under(m *models.Message) string {
	if m.ExternalReply != nil {
		return elsewhere
	}
	r := m.ReplyToMessage
	if r == nil || r.ID == 0 || r.ID == topic(m) {
		return ""
	}
	return strconv.Itoa(r.ID)
}

func parseMember(id int64, c *models.ChatMemberUpdated) incoming {
	in := incoming{ID: id, Lane: laneOf(&c.From, c.Chat), Chat: c.Chat.ID}
	if c.Chat.Type != models.ChatTypePrivate || !person(&c.From) {
		return in
	}
	switch c.NewChatMember.Type {
	case models.ChatMemberTypeBanned:
		in.Member = &membership{decimal(c.From.ID), true}
	case models.ChatMemberTypeMember:
		in.Member = &membership{decimal(c.From.ID), false}
	case models.ChatMemberTypeOwner, models.ChatMemberTypeAdministrator, models.ChatMemberTypeRestricted, models.ChatMemberTypeLeft:
	}
	return in
}

func inputOf(from *models.User, chat models.Chat, message int) bot.Input {
	return bot.Input{
		Platform: name,
		Who:      decimal(from.ID),
		Name:     strings.TrimSpace(from.FirstName + " " + from.LastName),
		Chat:     decimal(chat.ID),
		Message:  strconv.Itoa(message),
		Private:  chat.Type == models.ChatTypePrivate,
	}
}

func person(u *models.User) bool {
	return u != nil && !u.IsBot && u.ID > 0 && !slices.Contains(impersonal, u.ID)
}

// addressed is a command that names its bot, as Telegram writes it in groups.
var addressed = regexp.MustCompile(`^(/[A-Za-z0-9_]{1,64})@([A-Za-z0-9_]{1,64})(\s|$)`)

// command is text without the name of the bot that its command is addressed to.
// It looks at the text alone: offsets of entities are in UTF-16 units and come
// from outside. ours is false where the command is another bot's.
func command(text, me string) (stripped string, ours bool) {
	m := addressed.FindStringSubmatchIndex(text)
	if m == nil {
		return text, true
	}
	if !strings.EqualFold(text[m[4]:m[5]], me) {
		return text, false
	}
	return text[:m[3]] + text[m[5]:], true
}

func decimal(id int64) string { return strconv.FormatInt(id, 10) }
