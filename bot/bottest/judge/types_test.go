package judge

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
)

func telegram(method, params string, files ...string) func(*Claims) {
	call := telegramtest.Call{Method: method, Params: form(params), Files: map[string]telegramtest.Document{}}
	for _, f := range files {
		call.Files[f] = telegramtest.Document{}
	}
	return func(c *Claims) { c.Telegram(call) }
}

func slack(method, params string) func(*Claims) {
	return func(c *Claims) { c.Slack([]slacktest.Call{{Method: method, Params: form(params)}}, nil) }
}

func answer(to, payload string) func(*Claims) {
	return func(c *Claims) { c.Slack(nil, []slacktest.Answer{{To: to, Payload: json.RawMessage(payload)}}) }
}

// form is a JSON object as a form carries it.
func form(params string) map[string]string {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(params), &fields); err != nil {
		panic(err)
	}
	out := map[string]string{}
	for name, raw := range fields {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		out[name] = text
	}
	return out
}

// right and wrong differ in what the name of the wrong one says.
var right = map[string]func(*Claims){
	"a message":      telegram("sendMessage", `{"chat_id":1,"text":"123","parse_mode":"HTML","reply_markup":{"inline_keyboard":[[{"text":"a","callback_data":"b","style":"danger"}]]}}`),
	"a document":     telegram("sendDocument", `{"chat_id":1,"caption":"{}"}`, "document"),
	"a menu":         telegram("setMyCommands", `{"commands":[{"command":"mis","description":"Lo mío"}],"scope":{"type":"chat","chat_id":1}}`),
	"a post":         slack("chat.postMessage", `{"channel":"C1","text":"{}","blocks":[{"type":"section","text":{"type":"plain_text","text":"a"}}],"unfurl_links":false}`),
	"a modal":        slack("views.open", `{"trigger_id":"1.2","view":{"type":"modal","title":{"type":"plain_text","text":"a"},"blocks":[]}}`),
	"a file offered": slack("files.getUploadURLExternal", `{"filename":"a.pdf","length":12}`),
	"errors":         answer("view_submission", `{"response_action":"errors","errors":{"a":"b"}}`),
	"a whisper":      answer("slash_commands", `{"response_type":"ephemeral","text":"a"}`),
	"a manifest": func(c *Claims) {
		c.Manifest("", []byte(`{"display_information":{"name":"a"},"settings":{"socket_mode_enabled":true}}`))
	},
}

var wrong = map[string]func(*Claims){
	"a parameter that is none":             telegram("sendMessage", `{"chat_id":1,"text":"a","silent":true}`),
	"a parameter that is missing":          telegram("sendMessage", `{"text":"a"}`),
	"a parse mode that is none":            telegram("sendMessage", `{"chat_id":1,"text":"a","parse_mode":"html5"}`),
	"a field of a button that is none":     telegram("sendMessage", `{"chat_id":1,"text":"a","reply_markup":{"inline_keyboard":[[{"text":"a","callback":"b"}]]}}`),
	"a button with nothing to do":          telegram("sendMessage", `{"chat_id":1,"text":"a","reply_markup":{"inline_keyboard":[[{"text":"a"}]]}}`),
	"a style that is none":                 telegram("sendMessage", `{"chat_id":1,"text":"a","reply_markup":{"inline_keyboard":[[{"text":"a","callback_data":"b","style":"red"}]]}}`),
	"a number for a text":                  telegram("setMyCommands", `{"commands":[{"command":"mis","description":1}]}`),
	"a scope that is none":                 telegram("setMyCommands", `{"commands":[],"scope":{"type":"private"}}`),
	"a method of Telegram that is none":    telegram("sendCard", `{"chat_id":1}`),
	"a document that is none":              telegram("sendDocument", `{"chat_id":1}`),
	"a kind of updates that is none":       telegram("getUpdates", `{"allowed_updates":["button"]}`),
	"a block that is none":                 slack("chat.postMessage", `{"channel":"C1","text":"a","blocks":[{"type":"text","text":"a"}]}`),
	"a field of a block that is none":      slack("chat.postMessage", `{"channel":"C1","text":"a","blocks":[{"type":"divider","color":"red"}]}`),
	"markup in a header":                   slack("chat.update", `{"channel":"C1","ts":"1.2","text":"a","blocks":[{"type":"header","text":{"type":"mrkdwn","text":"a"}}]}`),
	"a button with a style that is none":   slack("chat.postMessage", `{"channel":"C1","text":"a","blocks":[{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"a"},"style":"red"}]}]}`),
	"an option without a text":             slack("chat.postMessage", `{"channel":"C1","text":"a","blocks":[{"type":"actions","elements":[{"type":"overflow","options":[{"value":"a"}]}]}]}`),
	"an argument of Slack that is none":    slack("chat.postMessage", `{"channel":"C1","text":"a","thread":"1.2"}`),
	"an argument of Slack that is missing": slack("chat.update", `{"channel":"C1","text":"a"}`),
	"a method of Slack that is none":       slack("chat.post", `{"channel":"C1","text":"a"}`),
	"a modal without a title":              slack("views.open", `{"trigger_id":"1.2","view":{"type":"modal","blocks":[]}}`),
	"a Home with a title":                  slack("views.publish", `{"user_id":"U1","view":{"type":"home","title":{"type":"plain_text","text":"a"},"blocks":[]}}`),
	"an input of a kind that is none":      slack("views.open", `{"trigger_id":"1.2","view":{"type":"modal","title":{"type":"plain_text","text":"a"},"blocks":[{"type":"input","label":{"type":"plain_text","text":"a"},"element":{"type":"text"}}]}}`),
	"an action that is none":               answer("view_submission", `{"response_action":"close"}`),
	"a text within a text":                 answer("slash_commands", `{"response_type":"ephemeral","text":{"type":"plain_text"}}`),
	"a setting that is none": func(c *Claims) {
		c.Manifest("", []byte(`{"display_information":{"name":"a"},"settings":{"socket_mode":true}}`))
	},
	"a scope of Slack that is none": func(c *Claims) {
		c.Manifest("", []byte(`{"display_information":{"name":"a"},"oauth_config":{"scopes":{"bot":["chat:say"]}}}`))
	},
}

func TestTscFindsEachWrongPayloadAmongRightOnesAndNoOther(t *testing.T) {
	dir := Need(t)
	var all Claims
	for _, of := range []map[string]func(*Claims){right, wrong} {
		for name, add := range of {
			var one Claims
			add(&one)
			for _, n := range one.seen {
				n.about = name
				all.add(n)
			}
		}
	}
	found, err := all.compile(t.Context(), dir, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, f := range found {
		told[f.about] = true
	}
	want := map[string]bool{}
	for name := range wrong {
		want[name] = true
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("complaints (-want +got):\n%s", diff)
	}
}

func TestPayloadsThatDifferInWordsAloneAreOfOneShape(t *testing.T) {
	var c Claims
	telegram("sendMessage", `{"chat_id":1,"text":"Primera línea"}`)(&c)
	telegram("sendMessage", `{"chat_id":2,"text":"Otra línea"}`)(&c)
	if c.Len() != 1 {
		t.Errorf("%d shapes, want 1", c.Len())
	}
	telegram("sendMessage", `{"chat_id":1,"text":"a b","parse_mode":"HTML"}`)(&c)
	telegram("sendMessage", `{"chat_id":1,"text":"a b","parse_mode":"MarkdownV2"}`)(&c)
	if c.Len() != 3 {
		t.Errorf("%d shapes, want 3", c.Len())
	}
}

// golden are the files in which bot/slack keeps what it draws: a block on each
// line that begins with a brace.
const golden = "../../slack/testdata"

func TestEveryBlockOfEveryCardAndFormIsOneOfSlacks(t *testing.T) {
	Need(t)
	var c Claims
	err := filepath.WalkDir(golden, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".golden" {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n := 0
		for line := range bytes.Lines(raw) {
			if bytes.HasPrefix(line, []byte("{")) {
				c.Block(path, bytes.TrimSpace(line))
				n++
			}
		}
		if n == 0 {
			t.Errorf("%s holds no block", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Len() < 30 {
		t.Fatalf("only %d shapes of blocks", c.Len())
	}
	c.Judge(t)
}

func TestTheManifestsAreManifestsOfSlack(t *testing.T) {
	Need(t)
	var c Claims
	for _, name := range []string{"manifest.json", "manifest-http.json"} {
		raw, err := os.ReadFile(filepath.Join(golden, name))
		if err != nil {
			t.Fatal(err)
		}
		c.Manifest(name, raw)
	}
	c.Judge(t)
}

func TestWhoReadsAVerdictIsToldWhereItPoints(t *testing.T) {
	var c Claims
	telegram("sendMessage", `{"chat_id":1,"text":"ñandú","silent":true}`)(&c)
	found, err := c.compile(t.Context(), Need(t), t.TempDir())
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	f := found[0]
	if f.about != "sendMessage" || !strings.HasPrefix(f.after, `"silent"`) || !strings.Contains(f.words, "silent") || !slices.Contains(strings.Fields(f.words), "error") {
		t.Errorf("%+v", f)
	}
}
