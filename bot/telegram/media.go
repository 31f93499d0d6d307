package telegram

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-telegram/bot/models"

	"sidem.gob.mx/sidem/bot"
)

// unreadable is what m is where it is neither words nor a file that anybody could use.
func unreadable(m *models.Message) bot.Unreadable {
	switch {
	case m.Sticker != nil:
		return bot.UnreadableSticker
	case m.Voice != nil, m.Audio != nil, m.Video != nil, m.VideoNote != nil, m.Animation != nil, isFilm(m.Document):
		return bot.UnreadableVoice
	case m.Contact != nil:
		return bot.UnreadableContact
	case m.Location != nil, m.Venue != nil:
		return bot.UnreadableLocation
	case m.Poll != nil, m.Dice != nil, m.Story != nil, m.Checklist != nil, m.PaidMedia != nil, m.Game != nil, m.Invoice != nil:
		return bot.UnreadableOther // with words of their own, or a caption
	case m.Document != nil, len(m.Photo) > 0, m.Text != "", m.Caption != "", isService(m):
		return ""
	default: // giveaways, gifts, and what is new
		return bot.UnreadableOther
	}
}

// isService reports whether m tells of something that happened in a chat and is nothing
// that anybody sent (Bot API, "Message": its service messages).
func isService(m *models.Message) bool {
	switch {
	case len(m.NewChatMembers) > 0, m.LeftChatMember != nil, m.NewChatTitle != "", len(m.NewChatPhoto) > 0, m.DeleteChatPhoto,
		m.GroupChatCreated, m.SupergroupChatCreated, m.ChannelChatCreated, m.MigrateToChatID != 0, m.MigrateFromChatID != 0, m.ChatOwnerLeft != nil, m.ChatOwnerChanged != nil,
		m.MessageAutoDeleteTimerChanged != nil, m.PinnedMessage != nil, m.WriteAccessAllowed != nil, m.ConnectedWebsite != "", m.ChatBackgroundSet != nil,
		m.ForumTopicCreated != nil, m.ForumTopicEdited != nil, m.ForumTopicClosed != nil, m.ForumTopicReopened != nil, m.GeneralForumTopicHidden != nil, m.GeneralForumTopicUnhidden != nil,
		m.VoiceChatScheduled != nil, m.VoiceChatStarted != nil, m.VoiceChatEnded != nil, m.VoiceChatParticipantsInvited != nil,
		m.ProximityAlertTriggered != nil, m.BoostAdded != nil, m.ChecklistTasksDone != nil, m.ChecklistTasksAdded != nil, m.WebAppData != nil,
		m.SuccessfulPayment != nil, m.RefundedPayment != nil, m.DirectMessagePriceChanged != nil, m.PaidMessagePriceChanged != nil, m.GiveawayCreated != nil, m.GiveawayCompleted != nil,
		m.SuggestedPostApproved != nil, m.SuggestedPostApprovalFailed != nil, m.SuggestedPostDeclined != nil, m.SuggestedPostPaid != nil, m.SuggestedPostRefunded != nil:
		return true
	}
	return false
}

// isFilm reports whether a document says of itself that it is sound or film.
func isFilm(d *models.Document) bool {
	return d != nil && (strings.HasPrefix(d.MimeType, "audio/") || strings.HasPrefix(d.MimeType, "video/"))
}

// files are what m carries, with the ids to ask for them. Of a photo the largest size.
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
	default:
		return nil, nil
	}
}
