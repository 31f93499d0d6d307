package telegram

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"sidem/bot"
	"sidem/core/es"
	"sidem/core/filetype"
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

// parse says what u means to a bot named me (without "@"). It is nothing
// where its author is not a verified person, or did not write it: bots,
// anonymous administrators, channels, forwards, messages made by inline bots.
func parse(u *models.Update, me string) incoming {
	switch {
	case u.CallbackQuery != nil:
		return parsePress(u.ID, u.CallbackQuery)
	case u.Message != nil:
		return parseMessage(u.ID, u.Message, me)
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
	input := inputOf(id, &q.From, chat, message)
	input.Tap = q.Data
	in.Input = &input
	return in
}

func parseMessage(id int64, m *models.Message, me string) incoming {
	in := incoming{ID: id, Lane: laneOf(m.From, m.Chat), Chat: m.Chat.ID, Thread: topic(m)}
	forwarded := m.ForwardOrigin != nil || m.IsAutomaticForward || m.ViaBot != nil
	if !person(m.From) || m.SenderChat != nil || forwarded || m.Chat.Type == models.ChatTypeChannel {
		return in
	}
	input := inputOf(id, m.From, m.Chat, m.ID)
	input.At = time.Unix(int64(m.Date), 0)
	input.Under = under(m)
	input.Files, in.Files = files(m)
	text := m.Text
	if text == "" {
		text = m.Caption
	}
	var ours bool
	input.Text, ours = command(text, me)
	if !ours && !input.Private {
		return in
	}
	if text == "" && len(in.Files) == 0 && (!input.Private || !wordless(m)) {
		return in // a service message, or nothing that is for us
	}
	in.Input = &input
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

// under is the message that m answers. In a topic every message answers the one
// that opened it, which nobody chose.
func under(m *models.Message) string {
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

func inputOf(update int64, from *models.User, chat models.Chat, message int) bot.Input {
	return bot.Input{
		Platform: name,
		Who:      decimal(from.ID),
		Name:     strings.TrimSpace(from.FirstName + " " + from.LastName),
		Chat:     decimal(chat.ID),
		Message:  strconv.Itoa(message),
		Private:  chat.Type == models.ChatTypePrivate,
		Once:     "tg:" + decimal(update),
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

// wordless reports whether m is content that a person sent though it has
// neither words nor a file: it deserves an answer.
func wordless(m *models.Message) bool {
	return m.Sticker != nil || m.Contact != nil || m.Location != nil || m.Venue != nil ||
		m.Poll != nil || m.Dice != nil || m.Story != nil || m.Checklist != nil || m.PaidMedia != nil
}

// files are what m carries, with the ids to ask for them. Of a photo the
// largest size. Sound and film come too, so that they are refused in words.
func files(m *models.Message) ([]bot.Upload, []string) {
	upload := func(id, file, mime string, size int64) ([]bot.Upload, []string) {
		if size <= 0 { // not told
			size = -1
		}
		return []bot.Upload{{Name: file, MIME: mime, Size: size}}, []string{id}
	}
	made := func(given, stem, extension string) string {
		if given != "" {
			return given
		}
		return fmt.Sprintf("%s-%d%s", stem, m.ID, extension)
	}
	switch {
	case m.Document != nil:
		d := m.Document
		return upload(d.FileID, made(d.FileName, "archivo", ""), d.MimeType, d.FileSize)
	case len(m.Photo) > 0:
		p := slices.MaxFunc(m.Photo, func(a, b models.PhotoSize) int { return a.Width*a.Height - b.Width*b.Height })
		return upload(p.FileID, made("", "foto", ".jpg"), "image/jpeg", int64(p.FileSize))
	case m.Video != nil:
		return upload(m.Video.FileID, made(m.Video.FileName, "video", ".mp4"), cmp.Or(m.Video.MimeType, "video/mp4"), m.Video.FileSize)
	case m.VideoNote != nil:
		return upload(m.VideoNote.FileID, made("", "video", ".mp4"), "video/mp4", int64(m.VideoNote.FileSize))
	case m.Audio != nil:
		return upload(m.Audio.FileID, made(m.Audio.FileName, "audio", ".mp3"), cmp.Or(m.Audio.MimeType, "audio/mpeg"), m.Audio.FileSize)
	case m.Voice != nil:
		return upload(m.Voice.FileID, made("", "voz", ".ogg"), cmp.Or(m.Voice.MimeType, "audio/ogg"), m.Voice.FileSize)
	default:
		return nil, nil
	}
}

// unfit says why the files of in are not taken, without fetching them; "" where
// they may be.
func unfit(in *bot.Input) string {
	for _, f := range in.Files {
		switch {
		case f.Size > maxDownload:
			return es.FileHeavy(f.Size, maxDownload)
		case strings.HasPrefix(f.MIME, "audio/"):
			return es.FileRefused(f.Name, filetype.Sound)
		case strings.HasPrefix(f.MIME, "video/"):
			return es.FileRefused(f.Name, filetype.Film)
		}
	}
	return ""
}

func decimal(id int64) string { return strconv.FormatInt(id, 10) }
