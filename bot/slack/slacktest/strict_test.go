package slacktest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
)

// limit is a thing that Slack bounds, made with n of it.
type limit struct {
	most int
	far  int
	word string
	make func(n int) []map[string]any
}

func one(f func(n int) map[string]any) func(int) []map[string]any {
	return func(n int) []map[string]any { return []map[string]any{f(n)} }
}

func menu(kind string, n int, f func(i int) map[string]any) map[string]any {
	return actions(map[string]any{"type": kind, "action_id": "m", "placeholder": plain("Elija"), "options": many(n, f)})
}

func opt(label, value string) map[string]any {
	return map[string]any{"text": plain(label), "value": value}
}

func asked(change func(map[string]any)) map[string]any {
	dialog := map[string]any{"title": plain("t"), "text": plain("x"), "confirm": plain("Sí"), "deny": plain("No")}
	change(dialog)
	b := button("a", "x", "v")
	b["confirm"] = dialog
	return actions(b)
}

func TestAMessageIsTakenAtEachLimitAndRefusedOverIt(t *testing.T) {
	w := quick(t)
	with := func(key string) func(n int) []map[string]any {
		return one(func(n int) map[string]any {
			b := button("a", "x", "v")
			b[key] = strings.Repeat("v", n)
			return actions(b)
		})
	}
	part := func(key string) func(n int) []map[string]any {
		return one(func(n int) map[string]any { return asked(func(d map[string]any) { d[key] = plain(x(n)) }) })
	}
	limits := map[string]limit{
		"blocks":  {50, 500, "invalid_blocks", func(n int) []map[string]any { return many(n, func(int) map[string]any { return section("x") }) }},
		"section": {3000, 30_000, "invalid_blocks", one(func(n int) map[string]any { return section(x(n)) })},
		"fields": {10, 100, "invalid_blocks", one(func(n int) map[string]any {
			return map[string]any{"type": "section", "fields": many(n, func(int) map[string]any { return plain("x") })}
		})},
		"field":  {2000, 20_000, "invalid_blocks", one(func(n int) map[string]any { return map[string]any{"type": "section", "fields": []any{plain(x(n))}} })},
		"header": {150, 1500, "invalid_blocks", one(func(n int) map[string]any { return map[string]any{"type": "header", "text": plain(x(n))} })},
		"context": {10, 100, "invalid_blocks", one(func(n int) map[string]any {
			return map[string]any{"type": "context", "elements": many(n, func(int) map[string]any { return plain("x") })}
		})},
		"actions": {25, 250, "invalid_blocks", one(func(n int) map[string]any {
			return actions(many(n, func(i int) map[string]any { return button(fmt.Sprint(i), "x", "v") })...)
		})},
		"button":         {75, 750, "invalid_blocks", one(func(n int) map[string]any { return actions(button("a", x(n), "v")) })},
		"button's value": {2000, 20_000, "invalid_blocks", with("value")},
		"button's url":   {3000, 30_000, "invalid_blocks", with("url")},
		"action_id":      {255, 2550, "invalid_blocks", with("action_id")},
		"block_id": {255, 2550, "invalid_blocks", one(func(n int) map[string]any {
			b := section("x")
			b["block_id"] = strings.Repeat("b", n)
			return b
		})},
		"list": {100, 1000, "invalid_blocks", one(func(n int) map[string]any {
			return menu("static_select", n, func(i int) map[string]any { return opt("x", fmt.Sprint(i)) })
		})},
		"overflow": {5, 50, "invalid_blocks", one(func(n int) map[string]any {
			return menu("overflow", n, func(i int) map[string]any { return opt("x", fmt.Sprint(i)) })
		})},
		"option": {75, 750, "invalid_blocks", one(func(n int) map[string]any {
			return menu("overflow", 1, func(int) map[string]any { return opt(x(n), "v") })
		})},
		"option's value": {150, 1500, "invalid_blocks", one(func(n int) map[string]any {
			return menu("overflow", 1, func(int) map[string]any { return opt("x", x(n)) })
		})},
		"confirm title": {100, 1000, "invalid_blocks", part("title")},
		"confirm text":  {300, 3000, "invalid_blocks", part("text")},
		"confirm yes":   {30, 300, "invalid_blocks", part("confirm")},
		"confirm no":    {30, 300, "invalid_blocks", part("deny")},
		"placeholder": {150, 1500, "invalid_blocks", one(func(n int) map[string]any {
			return actions(map[string]any{"type": "static_select", "action_id": "m", "placeholder": plain(x(n)), "options": []any{opt("x", "v")}})
		})},
		"everything at once": {13_200, 40_000, "msg_blocks_too_long", sized},
	}
	for name, l := range limits {
		t.Run(name, func(t *testing.T) {
			if got := w.blocks(l.make(l.most)...); got != "" {
				t.Errorf("%d: %s", l.most, got)
			}
			for _, n := range []int{l.most + 1, l.far} {
				if got := w.blocks(l.make(n)...); got != l.word {
					t.Errorf("%d: %q, want %s", n, got, l.word)
				}
			}
		})
	}
}

// sized are blocks whose JSON has n characters: sections, none too long.
func sized(n int) []map[string]any {
	out := many(n/2000, func(int) map[string]any { return section("x") })
	for i := range out {
		length := func() int {
			raw, err := json.Marshal(out)
			if err != nil {
				panic(err)
			}
			return utf8.RuneCount(raw)
		}
		out[i] = section(x(min(2500, n-length()+1)))
	}
	return out
}

func TestATextIsTakenUpTo40000CharactersAndNeverEmpty(t *testing.T) {
	w := quick(t)
	for text, want := range map[string]string{x(40_000): "", x(40_001): "msg_too_long", x(400_000): "msg_too_long", "": "no_text"} {
		if got := w.call("chat.postMessage", map[string]any{"channel": w.lucia.DM(), "text": text}); got != want {
			t.Errorf("%d bytes: %q, want %q", len(text), got, want)
		}
	}
}

func TestBlocksThatMeanNothingAreRefused(t *testing.T) {
	w := quick(t)
	styled := button("a", "x", "v")
	styled["style"] = "green"
	nameless := button("", "x", "v")
	mrkdwn := map[string]any{"type": "mrkdwn", "text": "x"}
	twice := section("x")
	twice["block_id"] = "b"
	for name, blocks := range map[string][]map[string]any{
		"unknown block":       {{"type": "poem"}},
		"empty section":       {{"type": "section"}},
		"empty text":          {section("")},
		"header in mrkdwn":    {{"type": "header", "text": mrkdwn}},
		"button in mrkdwn":    {actions(map[string]any{"type": "button", "action_id": "a", "text": mrkdwn})},
		"button of no colour": {actions(styled)},
		"no action_id":        {actions(nameless)},
		"action_id twice":     {actions(button("a", "x", "v"), button("a", "y", "w"))},
		"block_id twice":      {twice, twice},
		"empty actions":       {actions()},
		"empty context":       {{"type": "context", "elements": []any{}}},
		"list of nothing":     {menu("static_select", 0, nil)},
		"unknown element":     {actions(map[string]any{"type": "dial", "action_id": "a"})},
		"half a confirm":      {asked(func(d map[string]any) { delete(d, "deny") })},
	} {
		if got := w.blocks(blocks...); got != "invalid_blocks" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := w.blocks(actions(button("a", "x", "v")), actions(button("a", "y", "w"))); got != "" {
		t.Errorf("an action_id is unique within its block alone: %s", got)
	}
	if got := w.call("chat.postMessage", map[string]any{"channel": w.lucia.DM(), "text": "x", "blocks": "[{"}); got != "invalid_blocks_format" {
		t.Error(got)
	}
}

// modal is a view with changes; open opens it.
func modal(change func(map[string]any)) map[string]any {
	v := map[string]any{
		"type": "modal", "title": plain("Registrar"), "submit": plain("Enviar"), "close": plain("Cancelar"), "private_metadata": "tok",
		"blocks": []any{question("folio", map[string]any{"type": "plain_text_input", "action_id": "value"})},
	}
	change(v)
	return v
}

func question(id string, element map[string]any) map[string]any {
	return map[string]any{"type": "input", "block_id": id, "label": plain("¿Cuál?"), "element": element}
}

func TestAViewIsTakenAtEachLimitAndRefusedOverIt(t *testing.T) {
	w := quick(t)
	app := w.listen()
	open := func(v map[string]any) string {
		t.Helper()
		if err := w.lucia.Slash("/sidem", "nueva"); err != nil {
			t.Fatal(err)
		}
		return w.call("views.open", map[string]any{"trigger_id": app.next(t).(slack.SlashCommand).TriggerID, "view": v})
	}
	key := func(key string, f func(n int) any) func(n int) map[string]any {
		return func(n int) map[string]any { return modal(func(v map[string]any) { v[key] = f(n) }) }
	}
	words := func(n int) any { return plain(x(n)) }
	element := func(f func(n int) map[string]any) func(n int) map[string]any {
		return key("blocks", func(n int) any { return []any{question("q", f(n))} })
	}
	options := func(kind string) func(n int) map[string]any {
		return element(func(n int) map[string]any {
			return map[string]any{"type": kind, "action_id": "value", "options": many(n, func(i int) map[string]any { return opt("x", fmt.Sprint(i)) })}
		})
	}
	for name, l := range map[string]struct {
		most, far int
		make      func(n int) map[string]any
	}{
		"title":            {24, 240, key("title", words)},
		"submit":           {24, 240, key("submit", words)},
		"close":            {24, 240, key("close", words)},
		"private_metadata": {3000, 30_000, key("private_metadata", func(n int) any { return x(n) })},
		"callback_id":      {255, 2550, key("callback_id", func(n int) any { return strings.Repeat("c", n) })},
		"external_id":      {255, 2550, key("external_id", func(n int) any { return strings.Repeat("e", n) })},
		"blocks":           {100, 1000, key("blocks", func(n int) any { return many(n, func(int) map[string]any { return section("x") }) })},
		"label": {2000, 20_000, key("blocks", func(n int) any {
			q := question("q", map[string]any{"type": "plain_text_input", "action_id": "value"})
			q["label"] = plain(x(n))
			return []any{q}
		})},
		"hint": {2000, 20_000, key("blocks", func(n int) any {
			q := question("q", map[string]any{"type": "plain_text_input", "action_id": "value"})
			q["hint"] = plain(x(n))
			return []any{q}
		})},
		"max_length": {3000, 30_000, element(func(n int) map[string]any {
			return map[string]any{"type": "plain_text_input", "action_id": "value", "max_length": n}
		})},
		"initial_value": {200, 2000, element(func(n int) map[string]any {
			return map[string]any{"type": "plain_text_input", "action_id": "value", "max_length": 200, "initial_value": x(n)}
		})},
		"list":  {100, 1000, options("static_select")},
		"boxes": {10, 100, options("checkboxes")},
		"radio": {10, 100, options("radio_buttons")},
		"multi": {100, 1000, options("multi_static_select")},
		"max_files": {10, 100, element(func(n int) map[string]any {
			return map[string]any{"type": "file_input", "action_id": "value", "max_files": n}
		})},
	} {
		t.Run(name, func(t *testing.T) {
			if got := open(l.make(l.most)); got != "" {
				t.Errorf("%d: %s", l.most, got)
			}
			for _, n := range []int{l.most + 1, l.far} {
				if got := open(l.make(n)); got != "invalid_arguments" {
					t.Errorf("%d: %q", n, got)
				}
			}
		})
	}
	for name, v := range map[string]map[string]any{
		"no title":  modal(func(v map[string]any) { delete(v, "title") }),
		"no submit": modal(func(v map[string]any) { delete(v, "submit") }),
		"no blocks": modal(func(v map[string]any) { v["blocks"] = []any{} }),
		"a home":    modal(func(v map[string]any) { v["type"] = "home" }),
		"a date like ours": modal(func(v map[string]any) {
			v["blocks"] = []any{question("q", map[string]any{"type": "datepicker", "action_id": "value", "initial_date": "23/11/2026"})}
		}),
		"no such hour": modal(func(v map[string]any) {
			v["blocks"] = []any{question("q", map[string]any{"type": "timepicker", "action_id": "value", "initial_time": "25:00"})}
		}),
		"no such option": modal(func(v map[string]any) {
			v["blocks"] = []any{question("q", map[string]any{"type": "static_select", "action_id": "value", "options": []any{opt("x", "1")}, "initial_option": opt("y", "2")})}
		}),
	} {
		if got := open(v); got != "invalid_arguments" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := open(modal(func(v map[string]any) { v["private_metadata"] = strings.Repeat("m", 250_000) })); got != "view_too_large" {
		t.Error(got)
	}
}

func TestAHomeIsTakenAtItsLimitAndRefusedOverIt(t *testing.T) {
	w := quick(t)
	publish := func(person string, n int) string {
		return w.call("views.publish", map[string]any{"user_id": person, "view": map[string]any{
			"type": "home", "blocks": many(n, func(int) map[string]any { return section("x") }),
		}})
	}
	for n, want := range map[int]string{1: "", 100: "", 101: "invalid_arguments", 1000: "invalid_arguments", 0: "invalid_arguments"} {
		if got := publish("U00000001", n); got != want {
			t.Errorf("%d blocks: %q, want %q", n, got, want)
		}
	}
	if got := publish("U404", 1); got != "invalid_arguments" {
		t.Error(got)
	}
	if h := w.lucia.Home(); h == nil || strings.Count(h.Text, "x") != 100 && strings.Count(h.Text, "x") != 1 {
		t.Errorf("%+v", h)
	}
}

func TestTokensAreTakenInTheBodyAndAsBearerAndNoOthers(t *testing.T) {
	w := quick(t)
	const form = "application/x-www-form-urlencoded"
	for name, test := range map[string]struct{ method, kind, token, body, want string }{
		"bearer":             {"auth.test", form, w.BotToken(), "", ""},
		"in the body":        {"auth.test", form, "", "token=" + w.BotToken(), ""},
		"JSON and bearer":    {"auth.test", "application/json", w.BotToken(), "{}", ""},
		"none":               {"auth.test", form, "", "", "not_authed"},
		"another's":          {"auth.test", form, "xoxb-other", "", "invalid_auth"},
		"the app's":          {"auth.test", form, w.AppToken(), "", "not_allowed_token_type"},
		"a socket for a bot": {"apps.connections.open", form, w.BotToken(), "", "not_allowed_token_type"},
		"a socket":           {"apps.connections.open", form, w.AppToken(), "", ""},
		"no such method":     {"chat.sing", form, w.BotToken(), "", "unknown_method"},
		"broken JSON":        {"auth.test", "application/json", w.BotToken(), "{", "invalid_json"},
	} {
		if got := word(w.raw(test.method, test.kind, test.token, test.body)); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestACallWithoutItsScopeIsRefusedAndNamesIt(t *testing.T) {
	for _, method := range []string{
		"chat.postMessage", "chat.postEphemeral", "chat.update", "chat.delete", "conversations.open", "files.getUploadURLExternal",
		"files.completeUploadExternal", "users.info",
	} {
		w := open(t, slacktest.Options{Scopes: []string{}})
		scope, _ := slacktest.Scope(method)
		got := w.raw(method, "application/json", w.BotToken(), "{}")
		if word(got) != "missing_scope" || got["needed"] != scope || scope == "" {
			t.Errorf("%s: %v", method, got)
		}
	}
	w := open(t, slacktest.Options{Scopes: []string{}})
	w.listen()
	if err := w.lucia.Slash("/sidem", "mis"); err == nil {
		t.Error("a command reaches an app without the scope commands")
	}
	if len(w.ScopesUsed()) > 0 {
		t.Error(w.ScopesUsed())
	}
}

func TestAChannelTakesAShortBurstAndThenOneASecond(t *testing.T) {
	w := open(t, slacktest.Options{})
	var got []string
	for range 8 {
		_, _, err := w.client.PostMessageContext(t.Context(), w.lucia.DM(), slack.MsgOptionText("x", false))
		got = append(got, says(err))
	}
	if i := slices.Index(got, "ratelimited"); i < 3 || i > 6 {
		t.Error(got)
	}
	other := w.Person("U00000002", "Raúl", "")
	if _, _, err := w.client.PostMessageContext(t.Context(), other.DM(), slack.MsgOptionText("x", false)); err != nil {
		t.Errorf("each channel has its own: %v", err)
	}
}
