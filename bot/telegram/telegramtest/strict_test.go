package telegramtest

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTextsAreRefusedBeyondTheirLimitsAndTakenAtThem(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	for name, c := range map[string]struct {
		text, mode, want string
	}{
		"at the limit":                       {strings.Repeat("á", 4096), "", ""},
		"one over":                           {strings.Repeat("á", 4097), "", "Bad Request: message is too long"},
		"pairs count twice, at the limit":    {strings.Repeat("😀", 2048), "", ""},
		"pairs count twice, over":            {strings.Repeat("😀", 2048) + "x", "", "Bad Request: message is too long"},
		"tags and references do not count":   {"<b>" + strings.Repeat("&lt;", 4096) + "</b>", "HTML", ""},
		"without parse mode they are text":   {"<b>" + strings.Repeat("x", 4090) + "</b>", "", "Bad Request: message is too long"},
		"nothing":                            {"", "", "Bad Request: message text is empty"},
		"only space":                         {" \n ", "", "Bad Request: text must be non-empty"},
		"only an empty tag":                  {"<b></b>", "HTML", "Bad Request: text must be non-empty"},
		"an unknown parse mode":              {"x", "Wiki", "Bad Request: unsupported parse_mode"},
		"a tag that is none":                 {"2 <3", "HTML", `Bad Request: can't parse entities: Unclosed start tag at byte offset 2`},
		"a tag that the platform lacks":      {"<p>x</p>", "HTML", `Bad Request: can't parse entities: Unsupported start tag "p" at byte offset 0`},
		"space at the ends is trimmed first": {" " + strings.Repeat("x", 4096) + "\n", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			args := params{"chat_id": p.ID(), "text": c.text, "parse_mode": c.mode}
			if c.want == "" {
				must(t, s, "sendMessage", args)
			} else {
				refused(t, s, "sendMessage", args, c.want)
			}
		})
	}
}

func TestButtonsAreRefusedAsThePlatformRefusesThem(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	grid := func(rows, columns int) params {
		var out [][]params
		for range rows {
			var row []params
			for range columns {
				row = append(row, params{"text": "x", "callback_data": "y"})
			}
			out = append(out, row)
		}
		return params{"inline_keyboard": out}
	}
	for name, c := range map[string]struct {
		markup params
		want   string
	}{
		"64 bytes":                {keyboard(params{"text": "a", "callback_data": strings.Repeat("á", 32)}), ""},
		"65 bytes":                {keyboard(params{"text": "a", "callback_data": strings.Repeat("á", 32) + "x"}), "BUTTON_DATA_INVALID"},
		"an empty copy_text":      {keyboard(params{"text": "a", "callback_data": "x", "copy_text": params{"text": ""}}), ""},
		"nothing but that":        {keyboard(params{"text": "a", "copy_text": params{"text": ""}}), "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
		"a real copy_text":        {keyboard(params{"text": "a", "copy_text": params{"text": "483 920"}}), ""},
		"empty data":              {keyboard(params{"text": "a", "callback_data": ""}), "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
		"an empty label":          {keyboard(params{"text": " ", "callback_data": "x"}), "inline keyboard button text must be non-empty"},
		"no label":                {keyboard(params{"callback_data": "x"}), `can't parse inline keyboard button: Can't find field "text"`},
		"a style":                 {keyboard(params{"text": "a", "callback_data": "x", "style": "danger"}), ""},
		"no style":                {keyboard(params{"text": "a", "callback_data": "x", "style": "red"}), "can't parse inline keyboard button: invalid button style specified"},
		"unknown fields":          {keyboard(params{"text": "a", "callback_data": "x", "flavour": 1}), ""},
		"a link":                  {keyboard(params{"text": "a", "url": "https://ejemplo.gob.mx/v/1"}), ""},
		"no link":                 {keyboard(params{"text": "a", "url": "http://localhost:8080/"}), "inline keyboard button URL 'http://localhost:8080/' is invalid: Wrong HTTP URL"},
		"eight in a row":          {grid(1, 8), ""},
		"nine in a row":           {grid(1, 9), "reply markup is too long"},
		"a hundred":               {grid(20, 5), ""},
		"a hundred and five":      {grid(21, 5), "reply markup is too long"},
		"rows that are no rows":   {params{"inline_keyboard": []params{{"text": "a"}}}, `field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays`},
		"no rows at all":          {params{"inline_keyboard": nil}, ""},
		"another kind of markup":  {params{"force_reply": true}, ""},
		"fields nobody knows yet": {params{"inline_keyboard": [][]params{}, "future": true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			args := params{"chat_id": p.ID(), "text": "x", "reply_markup": c.markup}
			if c.want == "" {
				must(t, s, "sendMessage", args)
			} else {
				refused(t, s, "sendMessage", args, "Bad Request: "+c.want)
			}
		})
	}
}

func TestTheFirstKindOfAButtonWins(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	sendText(t, s, params{"chat_id": p.ID(), "text": "x", "reply_markup": keyboard(
		params{"text": "a", "callback_data": "d", "url": "https://ejemplo.gob.mx"})})
	b := p.Screen()[1].Buttons[0][0]
	if b.URL != "https://ejemplo.gob.mx" || b.Data != "" {
		t.Errorf("got %+v, want the link", b)
	}
}

func TestABotReachesOnlyWhomItMay(t *testing.T) {
	s := start(t)
	met, stranger, gone := s.Person(1, "A", ""), s.Person(2, "B", ""), s.Person(3, "C", "")
	s.Group(-5, "Área", met)
	gone.Start("")
	text := func(id any) params { return params{"chat_id": id, "text": "x"} }
	refused(t, s, "sendMessage", text(""), "Bad Request: chat_id is empty")
	refused(t, s, "sendMessage", text(77), "Bad Request: chat not found")
	refused(t, s, "sendMessage", text("@canal"), "Bad Request: chat not found")
	refused(t, s, "sendMessage", text(stranger.ID()), "Bad Request: chat not found")
	refused(t, s, "sendMessage", text(met.ID()), "Forbidden: bot can't initiate conversation with a user")
	must(t, s, "sendMessage", text(gone.ID()))
	gone.Block()
	if r := refused(t, s, "sendMessage", text(gone.ID()), "Forbidden: bot was blocked by the user"); r.Code != 403 {
		t.Errorf("code %d, want 403", r.Code)
	}
	gone.Unblock()
	must(t, s, "sendMessage", text(gone.ID()))
	gone.Deactivate()
	refused(t, s, "sendMessage", text(gone.ID()), "Forbidden: user is deactivated")
	met.Start("")
	must(t, s, "sendMessage", text(met.ID()))
}

func TestEditsAreRefusedAsThePlatformRefusesThem(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	own := p.Say("hola")
	m := sendText(t, s, params{"chat_id": p.ID(), "text": "<b>uno</b>", "parse_mode": "HTML", "reply_markup": keyboard(params{"text": "a", "callback_data": "x"})})
	edit := func(id int, text string, markup any) params {
		return params{"chat_id": p.ID(), "message_id": id, "text": text, "parse_mode": "HTML", "reply_markup": markup}
	}
	same := keyboard(params{"text": "a", "callback_data": "x"})
	const unchanged = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"
	refused(t, s, "editMessageText", edit(m.ID, "<strong>uno</strong>", same), unchanged)
	must(t, s, "editMessageText", edit(m.ID, "uno", same))
	refused(t, s, "editMessageText", edit(999, "x", nil), "Bad Request: message to edit not found")
	refused(t, s, "editMessageText", edit(own, "x", nil), "Bad Request: message can't be edited")
	refused(t, s, "editMessageText", edit(m.ID, "x", params{"force_reply": true}), "Bad Request: inline keyboard expected")
	refused(t, s, "editMessageText", edit(m.ID, strings.Repeat("x", 4097), nil), "Bad Request: message is too long")
	refused(t, s, "editMessageCaption", params{"chat_id": p.ID(), "message_id": m.ID, "caption": "x"}, "Bad Request: there is no caption in the message to edit")
	must(t, s, "editMessageReplyMarkup", params{"chat_id": p.ID(), "message_id": m.ID})
	refused(t, s, "editMessageReplyMarkup", params{"chat_id": p.ID(), "message_id": m.ID}, unchanged)
	must(t, s, "editMessageText", edit(m.ID, "dos", same))
	must(t, s, "editMessageText", edit(m.ID, "tres", nil))
	got := p.Screen()[2]
	if got.Text != "tres" || got.Buttons != nil || got.Edits != 4 || got.Edited.IsZero() {
		t.Errorf("an edit without a keyboard takes it away: got %+v", got)
	}
}

func TestMessagesAreDeletedWithin48HoursOnly(t *testing.T) {
	clock := day
	s := start(t, Options{NoRateLimits: true, Now: func() time.Time { return clock }})
	p := lucía(t, s)
	theirs := p.Say("clave secreta")
	old := sendText(t, s, params{"chat_id": p.ID(), "text": "x"})
	del := func(id int) params { return params{"chat_id": p.ID(), "message_id": id} }
	clock = day.Add(48*time.Hour - time.Second)
	must(t, s, "deleteMessage", del(theirs))
	refused(t, s, "deleteMessage", del(theirs), "Bad Request: message to delete not found")
	clock = day.Add(48 * time.Hour)
	refused(t, s, "deleteMessage", del(old.ID), "Bad Request: message can't be deleted for everyone")
	if n := len(p.Screen()); n != 2 {
		t.Errorf("%d messages on the screen, want /start and the old one", n)
	}
}

func TestRepliesNeedTheirMessageUnlessLenient(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	asked := p.Say("hola")
	reply := func(id int, lenient bool) params {
		return params{"chat_id": p.ID(), "text": "x", "reply_parameters": params{"message_id": id, "allow_sending_without_reply": lenient}}
	}
	sendText(t, s, reply(asked, false))
	refused(t, s, "sendMessage", reply(999, false), "Bad Request: message to be replied not found")
	sendText(t, s, reply(999, true))
	screen := p.Screen()
	if a, b := screen[2].ReplyTo, screen[3].ReplyTo; a != asked || b != 0 {
		t.Errorf("replies to %d and %d, want %d and 0", a, b, asked)
	}
	refused(t, s, "sendMessage", params{"chat_id": p.ID(), "text": "x", "message_thread_id": 4}, "Bad Request: message thread not found")
}

func TestEachPressIsAnsweredOnceAndInTime(t *testing.T) {
	clock := day
	s := start(t, Options{NoRateLimits: true, Now: func() time.Time { return clock }})
	p := lucía(t, s)
	m := sendText(t, s, params{"chat_id": p.ID(), "text": "x", "reply_markup": keyboard(params{"text": "Liberar", "callback_data": "tok"})})
	if err := p.Press(m.ID, "Liberar"); err != nil {
		t.Fatal(err)
	}
	const late = "Bad Request: query is too old and response timeout expired or query ID is invalid"
	id := updatesOf(t, s, params{})[0].Query.ID
	answer := func(text string) params { return params{"callback_query_id": id, "text": text, "show_alert": true} }
	refused(t, s, "answerCallbackQuery", answer(strings.Repeat("x", 201)), "Bad Request: MESSAGE_TOO_LONG")
	refused(t, s, "answerCallbackQuery", params{"callback_query_id": "7"}, late)
	if p.Waiting() != 1 {
		t.Errorf("waiting %d, want 1", p.Waiting())
	}
	must(t, s, "answerCallbackQuery", answer(strings.Repeat("x", 200)))
	refused(t, s, "answerCallbackQuery", answer(""), late)
	want := []Toast{{QueryID: id, Text: strings.Repeat("x", 200), Alert: true, At: day, Chat: p.ID(), Message: m.ID, Button: "Liberar", Data: "tok"}}
	if diff := cmp.Diff(want, p.Toasts()); diff != "" || p.Waiting() != 0 {
		t.Errorf("waiting %d, toasts (-want +got):\n%s", p.Waiting(), diff)
	}
	id = p.PressData(m.ID, "forged")
	clock = day.Add(16 * time.Second)
	refused(t, s, "answerCallbackQuery", answer(""), late)
}

func TestMenusAreKeptByScopeAndLanguage(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	list := func(n int, command, description string) params {
		var out []params
		for range n {
			out = append(out, params{"command": command, "description": description})
		}
		return params{"commands": out}
	}
	must(t, s, "setMyCommands", list(100, strings.Repeat("a", 32), strings.Repeat("á", 256)))
	refused(t, s, "setMyCommands", list(101, "a", "b"), "Bad Request: BOT_COMMANDS_TOO_MUCH")
	refused(t, s, "setMyCommands", list(1, strings.Repeat("a", 33), "b"), "Bad Request: command length must not exceed 32")
	refused(t, s, "setMyCommands", list(1, "Ayuda", "b"), "Bad Request: BOT_COMMAND_INVALID")
	refused(t, s, "setMyCommands", list(1, "a", ""), "Bad Request: command description must be non-empty")
	refused(t, s, "setMyCommands", list(1, "a", strings.Repeat("b", 257)), "Bad Request: command description length must not exceed 256")
	mine := list(1, "pendientes", "Lo que le toca")
	mine["scope"] = params{"type": "chat", "chat_id": p.ID()}
	mine["language_code"] = "es"
	must(t, s, "setMyCommands", mine)
	want := []Command{{"pendientes", "Lo que le toca"}}
	if diff := cmp.Diff(want, s.Commands("chat:1001@es")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	delete(mine, "commands")
	if diff := cmp.Diff(want, decode[[]Command](t, must(t, s, "getMyCommands", mine))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	must(t, s, "deleteMyCommands", mine)
	if got := s.Commands("chat:1001@es"); got != nil || len(s.Commands("default")) != 100 {
		t.Errorf("got %v, want the scope empty and the default kept", got)
	}
}

func TestWrongTokensAndUnknownMethodsAreRefused(t *testing.T) {
	s := start(t)
	out, err := send(t.Context(), s.URL()+"/bot1:wrong/getMe", "application/json", nil)
	if err != nil || out.Code != 401 || out.Description != "Unauthorized" || out.status != 401 {
		t.Errorf("got %+v %v, want 401 Unauthorized", out, err)
	}
	if r := refused(t, s, "flyToTheMoon", nil, "Not Found"); r.Code != 404 {
		t.Errorf("code %d, want 404", r.Code)
	}
	refused(t, s, "sendChatAction", params{"chat_id": 1, "action": "dance"}, "Bad Request: wrong parameter action in request")
}

func TestFormsAndQueryStringsAndAnyCaseAreTaken(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	form := url.Values{"text": {"¿por qué? & más"}}
	at := fmt.Sprintf("%s/bot%s/SENDMESSAGE?chat_id=%d", s.URL(), s.Token(), p.ID())
	out, err := send(t.Context(), at, "application/x-www-form-urlencoded", []byte(form.Encode()))
	if err != nil || !out.OK {
		t.Fatalf("got %+v %v", out, err)
	}
	if got := p.Screen()[1].Text; got != "¿por qué? & más" {
		t.Errorf("got %q", got)
	}
	if out, err = send(t.Context(), at, "application/json", []byte(`{"text":`)); err != nil || out.Code != 400 {
		t.Errorf("got %+v %v, want 400", out, err)
	}
	if out, err = send(t.Context(), at, "application/x-www-form-urlencoded", []byte("text=%ff")); err != nil || out.Description != "Bad Request: strings must be encoded in UTF-8" {
		t.Errorf("got %+v %v", out, err)
	}
}
