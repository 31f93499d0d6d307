package telegram

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/bot"
)

// from parses one update as it comes over the wire.
func from(t *testing.T, raw string) incoming {
	t.Helper()
	var u models.Update
	if err := json.Unmarshal([]byte(raw), &u); err != nil {
		t.Fatalf("update %s: %v", raw, err)
	}
	return parse(&u, "sidem_bot", "110")
}

const (
	lucia   = `"from":{"id":7001,"is_bot":false,"first_name":"Lucía","last_name":"Herrera"}`
	private = `"chat":{"id":7001,"type":"private","first_name":"Lucía"}`
	group   = `"chat":{"id":-500,"type":"supergroup","title":"Área"}`
)

func text(sender, chat, text string) string {
	return `{"update_id":31,"message":{"message_id":9,"date":1795452120,` + sender + `,` + chat + `,"text":` + quoted(text) + `}}`
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always encodes
	return string(b)
}

func TestAMessageBecomesAnInputOfItsAuthor(t *testing.T) {
	got := from(t, text(lucia, private, "solicitud 147"))
	want := incoming{ID: 31, Lane: "7001", Chat: 7001, Input: &bot.Input{
		Platform: "telegram", Who: "7001", Name: "Lucía Herrera", Chat: "7001", Message: "9", Private: true,
		Once: "tg:110:31", At: time.Unix(1795452120, 0), Text: "solicitud 147",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhoIsTheAuthorAndNeverTheChat(t *testing.T) {
	got := from(t, text(lucia, group, "/pendientes"))
	if got.Input == nil || got.Input.Who != "7001" || got.Input.Chat != "-500" || got.Input.Private {
		t.Errorf("input of a group: %+v", got.Input)
	}
}

func TestACommandLosesTheNameOfThisBotOnly(t *testing.T) {
	cases := []struct{ chat, text, want string }{
		{private, "/start ABC-123_x", "/start ABC-123_x"},
		{private, "/start@sidem_bot ABC", "/start ABC"},
		{group, "/pendientes@Sidem_Bot", "/pendientes"},
		{group, "/solicitud@sidem_bot\n147", "/solicitud\n147"},
		{group, "/pendientes@otro_bot", ""},
		{private, "/pendientes@otro_bot", "/pendientes@otro_bot"},
		{private, "escriba a /start@sidem_bot", "escriba a /start@sidem_bot"},
		{private, "/start@sidem_bot.mx", "/start@sidem_bot.mx"},
		{private, "/ñandú@sidem_bot", "/ñandú@sidem_bot"},
		{private, "\U0001F600 /start@sidem_bot", "\U0001F600 /start@sidem_bot"},
		{private, "/", "/"},
	}
	for _, c := range cases {
		got := ""
		if in := from(t, text(lucia, c.chat, c.text)); in.Input != nil {
			got = in.Input.Text
		}
		if got != c.want {
			t.Errorf("%q became %q, want %q", c.text, got, c.want)
		}
	}
}

func TestOffsetsOfEntitiesAreNotTrusted(t *testing.T) {
	for _, entity := range []string{
		`{"type":"bot_command","offset":0,"length":9000}`,
		`{"type":"bot_command","offset":-4,"length":-2}`,
		`{"type":"bot_command","offset":2147483647,"length":1}`,
		`{"type":"no_such_thing","offset":1,"length":0}`,
	} {
		raw := strings.Replace(text(lucia, private, "/quien@sidem_bot"), `"text"`, `"entities":[`+entity+`],"text"`, 1)
		if in := from(t, raw); in.Input == nil || in.Input.Text != "/quien" {
			t.Errorf("with %s: %+v", entity, in.Input)
		}
	}
}

func TestWhatNoVerifiedPersonWroteIsNothing(t *testing.T) {
	sender := func(id, more string) string {
		return `"from":{"id":` + id + `,"first_name":"X"` + more + `}`
	}
	message := func(more string) string {
		return strings.Replace(text(lucia, private, "Liberar"), `"text"`, more+`,"text"`, 1)
	}
	cases := map[string]string{
		"anonymous administrator": text(sender("1087968824", `,"is_bot":true`), group, "/pendientes"),
		"anonymous id alone":      text(sender("1087968824", ""), group, "/pendientes"),
		"channel bot":             text(sender("136817688", ""), group, "/pendientes"),
		"telegram itself":         text(sender("777000", ""), private, "Código"),
		"a bot":                   text(sender("42", `,"is_bot":true`), group, "/pendientes"),
		"a negative id":           text(sender("-42", ""), group, "/pendientes"),
		"sender chat":             message(`"sender_chat":{"id":-900,"type":"channel"}`),
		"no author":               `{"update_id":31,"message":{"message_id":9,"date":1,` + group + `,"text":"x"}}`,
		"channel post":            `{"update_id":31,"channel_post":{"message_id":9,"date":1,"chat":{"id":-7,"type":"channel"},"text":"x"}}`,
		"channel":                 text(lucia, `"chat":{"id":-7,"type":"channel"}`, "x"),
		"service message":         `{"update_id":31,"message":{"message_id":9,"date":1,` + lucia + `,` + group + `,"new_chat_title":"x"}}`,
		"unknown":                 `{"update_id":31,"something_new":{}}`,
	}
	for name, raw := range cases {
		if in := from(t, raw); in.Input != nil || in.Member != nil || in.Query != "" || in.ID != 31 {
			t.Errorf("%s: %+v", name, in)
		}
	}
}

func press(sender, message, data string) string {
	return `{"update_id":32,"callback_query":{"id":"q1","chat_instance":"1",` + sender + `,"message":` + message + `,"data":` + quoted(data) + `}}`
}

func TestAPressBecomesATapOnItsMessage(t *testing.T) {
	got := from(t, press(lucia, `{"message_id":12,"date":5,`+private+`,"text":"x"}`, "release.r1.7..mac"))
	want := incoming{ID: 32, Lane: "7001", Chat: 7001, Query: "q1", Input: &bot.Input{
		Platform: "telegram", Who: "7001", Name: "Lucía Herrera", Chat: "7001", Message: "12", Private: true,
		Once: "tg:110:32", Tap: "release.r1.7..mac",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAPressOnAnOldMessageStillHasItsPlace(t *testing.T) {
	got := from(t, press(lucia, `{"message_id":12,"date":0,`+private+`}`, "t"))
	if got.Input == nil || got.Input.Message != "12" || got.Input.Chat != "7001" || !got.Input.Private {
		t.Errorf("%+v", got.Input)
	}
}

func TestARefusedPressIsStillToBeAnswered(t *testing.T) {
	for name, raw := range map[string]string{
		"no data":   press(lucia, `{"message_id":12,"date":5,`+private+`}`, ""),
		"a bot":     press(`"from":{"id":9,"is_bot":true,"first_name":"B"}`, `{"message_id":12,"date":5,`+private+`}`, "t"),
		"a channel": press(lucia, `{"message_id":12,"date":5,"chat":{"id":-7,"type":"channel"}}`, "t"),
		"no place":  `{"update_id":32,"callback_query":{"id":"q1","chat_instance":"1",` + lucia + `,"inline_message_id":"i","data":"t"}}`,
	} {
		if in := from(t, raw); in.Input != nil || in.Query != "q1" {
			t.Errorf("%s: %+v", name, in)
		}
	}
}

func TestFilesComeWithTheirCaption(t *testing.T) {
	media := func(chat, media string) string {
		return `{"update_id":33,"message":{"message_id":9,"date":1,` + lucia + `,` + chat + `,` + media + `}}`
	}
	cases := []struct {
		media string
		text  string
		file  bot.Upload
		id    string
	}{
		{
			`"caption":"el oficio","document":{"file_id":"D","file_name":"oficio.pdf","mime_type":"application/pdf","file_size":1024}`,
			"el oficio",
			bot.Upload{Name: "oficio.pdf", MIME: "application/pdf", Size: 1024},
			"D",
		},
		{`"document":{"file_id":"D"}`, "", bot.Upload{Name: "archivo-9", Size: -1}, "D"},
		{
			`"photo":[{"file_id":"S","width":90,"height":60,"file_size":10},{"file_id":"L","width":900,"height":600,"file_size":99},{"file_id":"M","width":300,"height":200}]`,
			"",
			bot.Upload{Name: "foto-9.jpg", MIME: "image/jpeg", Size: 99},
			"L",
		},
	}
	for _, c := range cases {
		in := from(t, media(private, c.media))
		if in.Input == nil {
			t.Errorf("%s: no input", c.media)
			continue
		}
		if diff := cmp.Diff([]bot.Upload{c.file}, in.Input.Files, cmpopts.IgnoreFields(bot.Upload{}, "Open")); diff != "" {
			t.Error(diff)
		}
		if in.Input.Text != c.text || !cmp.Equal(in.Files, []string{c.id}) {
			t.Errorf("%s: text %q, ids %v", c.media, in.Input.Text, in.Files)
		}
	}
}

// media is a message of Lucía's with more than words.
func media(chat, more string) string {
	return `{"update_id":33,"message":{"message_id":9,"date":1,` + lucia + `,` + chat + `,` + more + `}}`
}

func TestWhatCannotBeReadHasAKindInPrivateAndIsNothingInAGroup(t *testing.T) {
	for more, want := range map[string]bot.Unreadable{
		`"sticker":{"file_id":"S","type":"regular"}`:                                                   bot.UnreadableSticker,
		`"voice":{"file_id":"V","duration":3,"mime_type":"audio/ogg"}`:                                 bot.UnreadableVoice,
		`"video":{"file_id":"V","duration":3},"caption":"el recorrido"`:                                bot.UnreadableVoice,
		`"video_note":{"file_id":"V","duration":3,"length":1}`:                                         bot.UnreadableVoice,
		`"animation":{"file_id":"A","duration":3},"document":{"file_id":"A","mime_type":"video/mp4"}`:  bot.UnreadableVoice,
		`"document":{"file_id":"D","file_name":"a.mp4","mime_type":"video/mp4","file_size":900000000}`: bot.UnreadableVoice,
		`"contact":{"phone_number":"1","first_name":"R"}`:                                              bot.UnreadableContact,
		`"location":{"latitude":1,"longitude":2}`:                                                      bot.UnreadableLocation,
		`"dice":{"emoji":"x","value":3}`:                                                               bot.UnreadableOther,
		`"poll":{"id":"1","question":"x","options":[],"type":"regular"}`:                               bot.UnreadableOther,
		`"game":{"title":"x","description":"y","photo":[]},"text":"z"`:                                 bot.UnreadableOther,
		`"story":{"id":1,"chat":{"id":1,"type":"private"}}`:                                            bot.UnreadableOther,
		`"invoice":{"title":"x","description":"y","currency":"MXN","total_amount":1}`:                  bot.UnreadableOther,
		`"paid_media":{"star_count":1,"paid_media":[]}`:                                                bot.UnreadableOther,
		`"checklist":{"title":"x","tasks":[]}`:                                                         bot.UnreadableOther,
		`"giveaway":{"chats":[],"winners_selection_date":1,"winner_count":1}`:                          bot.UnreadableOther,
		`"giveaway_winners":{"chat":{"id":1,"type":"channel"},"winner_count":1}`:                       bot.UnreadableOther,
		`"gift":{"gift":{"id":"1","star_count":1}}`:                                                    bot.UnreadableOther,
		`"something_new":{"id":1}`:                                                                     bot.UnreadableOther,
	} {
		if in := from(t, media(private, more)); in.Input == nil || in.Input.Unreadable != want || len(in.Files) > 0 {
			t.Errorf("%s: %+v", more, in.Input)
		}
		if in := from(t, media(group, more)); in.Input != nil {
			t.Errorf("in a group, %s: %+v", more, in.Input)
		}
	}
	heavy := `"document":{"file_id":"D","file_name":"plano.pdf","mime_type":"application/pdf","file_size":900000000}`
	if in := from(t, media(group, heavy)); in.Input != nil {
		t.Errorf("a heavy file in a group: %+v", in.Input)
	}
	if in := from(t, media(private, heavy)); in.Input == nil || len(in.Input.Files) != 1 {
		t.Errorf("a heavy file in private: %+v", in.Input)
	}
}

func TestWhatHappensInAChatAndWhatChangesByItselfIsNotAnswered(t *testing.T) {
	for _, more := range []string{
		`"pinned_message":{"message_id":1,"date":1,"chat":{"id":7001,"type":"private"},"text":"x"}`, `"message_auto_delete_timer_changed":{"message_auto_delete_time":1}`,
		`"write_access_allowed":{}`, `"chat_background_set":{"type":{"type":"fill"}}`, `"connected_website":"x.mx"`,
	} {
		if in := from(t, media(private, more)); in.Input != nil {
			t.Errorf("%s: %+v", more, in.Input)
		}
	}
	for _, more := range []string{`"location":{"latitude":1,"longitude":2,"live_period":900}`, `"checklist":{"title":"x","tasks":[]}`, `"poll":{"id":"1","question":"x","options":[],"type":"regular"}`} {
		if in := from(t, strings.Replace(media(private, more), `"message":`, `"edited_message":`, 1)); in.Input != nil {
			t.Errorf("%s moved: %+v", more, in.Input)
		}
	}
}

func TestAForwardHasNoWordsOfWhoeverSendsItAndItsFileIsTaken(t *testing.T) {
	for _, origin := range []string{
		`"forward_origin":{"type":"user","date":1,"sender_user":{"id":7001,"is_bot":false,"first_name":"L"}}`,
		`"forward_origin":{"type":"hidden_user","date":1,"sender_user_name":"L"}`,
		`"via_bot":{"id":43,"is_bot":true,"first_name":"B"}`,
	} {
		if in := from(t, media(private, origin+`,"text":"Liberar"`)); in.Input == nil || in.Input.Text != "" || in.Input.Quoted != "Liberar" || in.Input.Unreadable != "" {
			t.Errorf("words: %+v", in.Input)
		}
		file := origin + `,"caption":"/liberar","document":{"file_id":"D","file_name":"oficio.pdf"}`
		if in := from(t, media(private, file)); in.Input == nil || in.Input.Text != "" || in.Input.Quoted != "/liberar" || len(in.Input.Files) != 1 || in.Input.Unreadable != "" {
			t.Errorf("a file: %+v", in.Input)
		}
		if in := from(t, media(group, origin+`,"text":"/pendientes"`)); in.Input != nil {
			t.Errorf("in a group: %+v", in.Input)
		}
	}
}

func TestAnEditIsTheMessageAsItReadsNow(t *testing.T) {
	edited := func(chat, words string) string {
		return `{"update_id":44,"edited_message":{"message_id":9,"date":1,"edit_date":5,` + lucia + `,` + chat + `,"text":` + quoted(words) + `}}`
	}
	in := from(t, edited(private, "18,500.50"))
	if in.Input == nil || !in.Input.Edited || in.Input.Text != "18,500.50" || in.Input.Message != "9" || in.Input.Once != "tg:110:44" || in.Lane != "7001" {
		t.Errorf("%+v", in.Input)
	}
	if in := from(t, edited(group, "/pendientes")); in.Input != nil {
		t.Errorf("%+v", in.Input)
	}
}

func TestAnAnswerToAMessageOfAnotherChatIsNotTakenForAPlainOne(t *testing.T) {
	in := from(t, media(private, `"external_reply":{"origin":{"type":"hidden_user","date":1,"sender_user_name":"Alguien"}},"text":"servicio"`))
	if in.Input == nil || in.Input.Text != "servicio" || in.Input.Under == "" {
		t.Errorf("%+v", in.Input)
	}
}

func TestAnEditThatBeginsWithASlashIsHeard(t *testing.T) {
	for _, words := range []string{"/mes", "/home/ruta de red", "/Desvincular ya", "/start abc"} {
		in := from(t, `{"update_id":44,"edited_message":{"message_id":9,"date":1,"edit_date":5,`+lucia+`,`+private+`,"text":`+quoted(words)+`}}`)
		if in.Input == nil || !in.Input.Edited || in.Input.Text != words {
			t.Errorf("%q: %+v", words, in.Input)
		}
	}
}

func TestBlockingIsTold(t *testing.T) {
	member := func(chat, status string) string {
		return `{"update_id":34,"my_chat_member":{` + lucia + `,` + chat + `,"date":1,"old_chat_member":{"status":"member","user":{"id":1}},"new_chat_member":{"status":"` + status + `","user":{"id":1}}}}`
	}
	if in := from(t, member(private, "kicked")); !cmp.Equal(in.Member, &membership{"7001", true}) {
		t.Errorf("kicked: %+v", in.Member)
	}
	if in := from(t, member(private, "member")); !cmp.Equal(in.Member, &membership{"7001", false}) {
		t.Errorf("member: %+v", in.Member)
	}
	if in := from(t, member(group, "kicked")); in.Member != nil {
		t.Errorf("group: %+v", in.Member)
	}
}

func TestParsingNeverPanicsAndNeverBelievesTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.String().Draw(t, "text")
		entities := rapid.SliceOf(rapid.Custom(func(t *rapid.T) models.MessageEntity {
			return models.MessageEntity{Type: "bot_command", Offset: rapid.Int().Draw(t, "offset"), Length: rapid.Int().Draw(t, "length")}
		})).Draw(t, "entities")
		in := parse(&models.Update{ID: 1, Message: &models.Message{
			From: &models.User{ID: 7001}, Chat: models.Chat{ID: 7001, Type: models.ChatTypePrivate}, Text: words, Entities: entities,
		}}, "sidem_bot", "110")
		if words == "" {
			return
		}
		if in.Input == nil || in.Input.Who != "7001" || in.Input.Once != "tg:110:1" || len(in.Input.Text) > len(words) {
			t.Fatalf("%+v", in.Input)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(text(lucia, private, "/start@sidem_bot x")))
	f.Add([]byte(press(lucia, `{"message_id":12,"date":5,`+private+`}`, "t")))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var u models.Update
		if json.Unmarshal(raw, &u) != nil {
			return
		}
		in := parse(&u, "sidem_bot", "110")
		if in.Input != nil && (in.Input.Who == "" || in.Input.Chat == "" || in.Input.Platform != "telegram") {
			t.Errorf("half an input: %+v", in.Input)
		}
	})
}
