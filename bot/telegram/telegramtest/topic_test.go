package telegramtest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestATopicTakesMessagesUntilItIsDeleted(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	g := s.Group(-1_000_000_000_500, "Área", p)
	topic := g.Topic("Dictámenes")
	if _, err := g.SayIn(p, topic, "/solicitud 147"); err != nil {
		t.Fatal(err)
	}
	in := updatesOf(t, s, params{})
	raw := string(must(t, s, "getUpdates", params{}))
	if len(in) != 1 || !strings.Contains(raw, `"is_topic_message":true`) || !strings.Contains(raw, `"is_forum":true`) {
		t.Errorf("got %s", raw)
	}
	to := params{"chat_id": g.ID(), "text": "x", "message_thread_id": topic}
	sendText(t, s, to)
	screen := g.Screen()
	if m := screen[len(screen)-1]; m.Topic != topic {
		t.Errorf("in topic %d, want %d", m.Topic, topic)
	}
	g.DeleteTopic(topic)
	refused(t, s, "sendMessage", to, "Bad Request: message thread not found")
	if len(g.Screen()) != 0 {
		t.Error("the messages of a deleted topic can be seen")
	}
	if _, err := g.SayIn(p, topic, "x"); err == nil {
		t.Error("somebody wrote into a deleted topic")
	}
}

func TestEveryoneSeesTheNearestMenu(t *testing.T) {
	s := start(t)
	p, other := lucía(t, s), s.Person(2, "Raúl", "")
	g := s.Group(-5, "Área", p)
	set := func(command string, scope params) {
		args := params{"commands": []params{{"command": command, "description": "x"}}}
		if scope != nil {
			args["scope"] = scope
		}
		must(t, s, "setMyCommands", args)
	}
	set("ayuda", nil)
	set("solicitud", params{"type": "all_group_chats"})
	set("nueva", params{"type": "chat", "chat_id": p.ID()})
	for name, c := range map[string]struct {
		got  []Command
		want string
	}{"her own": {p.Menu(), "nueva"}, "a stranger's": {other.Menu(), "ayuda"}, "a group's": {g.Menu(p), "solicitud"}} {
		if diff := cmp.Diff([]Command{{c.want, "x"}}, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	must(t, s, "deleteMyCommands", params{"scope": params{"type": "chat", "chat_id": p.ID()}})
	if got := p.Menu(); len(got) != 1 || got[0].Command != "ayuda" {
		t.Errorf("after it was taken away: %v", got)
	}
}

func TestWhatIsFarOverALimitIsRefusedLikeWhatIsOver(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	p.SendFile("oficio.pdf", "application/pdf", []byte("%PDF-"), "")
	file := p.Screen()[1].Document.FileID
	var wide, commands []params
	for range 5000 {
		wide = append(wide, params{"text": "x", "callback_data": "y"})
		commands = append(commands, params{"command": "a", "description": "b"})
	}
	refused(t, s, "sendMessage", params{"chat_id": p.ID(), "text": strings.Repeat("á", 500_000)}, "Bad Request: message is too long")
	refused(t, s, "sendMessage", params{"chat_id": p.ID(), "text": "x", "reply_markup": keyboard(wide...)}, "Bad Request: reply markup is too long")
	refused(t, s, "sendMessage", params{
		"chat_id": p.ID(), "text": "x", "reply_markup": keyboard(params{"text": "x", "callback_data": strings.Repeat("y", 6400)}),
	}, "Bad Request: BUTTON_DATA_INVALID")
	refused(t, s, "sendDocument", params{"chat_id": p.ID(), "document": file, "caption": strings.Repeat("x", 100_000)}, "Bad Request: message caption is too long")
	refused(t, s, "setMyCommands", params{"commands": commands}, "Bad Request: BOT_COMMANDS_TOO_MUCH")
}
