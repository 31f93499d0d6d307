package stage

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/page"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// call is a request to one of the emulators, told in the same way for all.
type call struct {
	page.Call
	at       time.Time
	sent     string
	answered string
	place    string // the message that it made or changed: chat and message
	made     bool
}

// shownCalls is how many calls the page lists; all are kept.
const shownCalls = 200

// traffic are the calls so far, in order of time, less the empty polls.
func (s *Stage) traffic() []call {
	var out []call
	for i, c := range s.w.Telegram.Calls() {
		if c.Method == "getUpdates" && (c.Status == 200 && strings.HasSuffix(c.Response, `"result":[]}`) || c.Status == 0) {
			continue
		}
		out = append(out, s.telegramCall(i, c))
	}
	for i, c := range s.w.Slack.Calls() {
		out = append(out, s.slackCall(i, c))
	}
	phases := s.faults.Asked()
	mails := map[string]int{}
	for i, p := range phases {
		out = append(out, s.mailCall(i, p, mails))
	}
	slices.SortStableFunc(out, func(a, b call) int { return a.at.Compare(b.at) })
	return out
}

// calls are the latest, newest first.
func (s *Stage) calls() []page.Call {
	out := []page.Call{}
	for _, c := range slices.Backward(s.traffic()) {
		if len(out) == shownCalls {
			break
		}
		out = append(out, c.Call)
	}
	return out
}

func newCall(on string, n int, method string, at time.Time, status int) call {
	c := call{at: at, Call: page.Call{ID: fmt.Sprint(on, "-", n), On: on, Method: method, At: at.In(world.Mexico()).Format("15:04:05"), Status: strconv.Itoa(status)}}
	c.Bad = status >= 400
	if status == 0 {
		c.Status, c.Bad = page.NoAnswer, true
	}
	return c
}

func (s *Stage) telegramCall(n int, t telegramtest.Call) call {
	c := newCall("telegram", n, t.Method, t.At, t.Status)
	c.sent, c.answered = pretty(t.Params), prettyText(t.Response)
	c.Took = fmt.Sprint(t.Took.Milliseconds(), " ms")
	c.Whom = s.whose("telegram", t.Params["chat_id"])
	c.Brief = brief(t.Params["text"] + t.Params["caption"])
	var answer struct {
		Result struct {
			ID int `json:"message_id"`
		} `json:"result"`
	}
	if json.Unmarshal([]byte(t.Response), &answer) == nil && answer.Result.ID != 0 {
		c.place = t.Params["chat_id"] + "/" + fmt.Sprint(answer.Result.ID)
		c.made = strings.HasPrefix(t.Method, "send")
	} else if id := t.Params["message_id"]; id != "" {
		c.place = t.Params["chat_id"] + "/" + id
	}
	return c
}

func (s *Stage) slackCall(n int, t slacktest.Call) call {
	c := newCall("slack", n, t.Method, t.At, t.Status)
	c.sent, c.answered = pretty(t.Params), prettyText(t.Response)
	c.Whom = s.whose("slack", t.Params["channel"]+t.Params["user_id"])
	if u := t.Params["user"]; u != "" {
		c.Whom = s.whose("slack", u)
	}
	c.Brief = brief(t.Params["text"])
	var answer struct {
		OK    bool   `json:"ok"`
		TS    string `json:"ts"`
		Error string `json:"error"`
	}
	if json.Unmarshal([]byte(t.Response), &answer) == nil && t.Response != "" {
		if c.Bad = c.Bad || !answer.OK; answer.Error != "" {
			c.Status += " " + answer.Error
		}
		if answer.TS != "" {
			c.place, c.made = t.Params["channel"]+"/"+answer.TS, t.Method == "chat.postMessage"
		}
	}
	return c
}

// mailCall is what the relay said to a recipient or to a whole mail; mails counts
// the ones that it took of each address.
func (s *Stage) mailCall(n int, p world.Phase, mails map[string]int) call {
	c := newCall("correo", n, "SMTP "+string(p.Name), p.At, 250)
	c.Whom, c.sent, c.answered = s.whose("correo", p.To), "RCPT TO:<"+p.To+">", "250 2.0.0 OK"
	if p.Reply != "" {
		c.Status, _, _ = strings.Cut(p.Reply, " ")
		c.Bad, c.answered = true, p.Reply
		return c
	}
	inbox := s.w.Mail.Inbox(p.To)
	if i := mails[p.To]; i < len(inbox) {
		c.Brief, c.sent, c.place, c.made = inbox[i].Subject, string(inbox[i].Raw), p.To+"/"+fmt.Sprint(inbox[i].Seq), true
	}
	mails[p.To]++
	return c
}

func brief(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	first = strings.NewReplacer("<b>", "", "</b>", "", "<i>", "", "</i>", "", "&lt;", "<", "&gt;", ">", "&amp;", "&", "&#34;", `"`, "&#39;", "'").Replace(first)
	if r := []rune(first); len(r) > 90 {
		return string(r[:89]) + "…"
	}
	return first
}

func prettyText(body string) string {
	var v any
	if json.Unmarshal([]byte(body), &v) != nil {
		return body
	}
	return indented(v)
}

// callBody is a call in full, with the message that it made and what changed it later.
func (s *Stage) callBody(id string) (page.CallBody, error) {
	all := s.traffic()
	i := slices.IndexFunc(all, func(c call) bool { return c.ID == id })
	if i < 0 {
		return page.CallBody{}, page.ErrNotFound
	}
	c := all[i]
	out := page.CallBody{Call: c.Call, Sent: c.sent, Answered: c.answered, Whose: c.Whom}
	if c.place == "" {
		return out, nil
	}
	out.Message = s.messageAt(c.On, c.place)
	out.Gone = out.Message == nil
	for _, later := range all[i+1:] {
		if later.On == c.On && later.place == c.place {
			out.Edits = append(out.Edits, later.Call)
		}
	}
	return out, nil
}

// messageAt is the message of a chat as it looks now; nil when it is not there any more.
func (s *Stage) messageAt(on, place string) *page.Message {
	where, id, _ := strings.Cut(place, "/")
	for _, key := range cast {
		p := s.w.People[key]
		if s.whose(on, where) != p.Account.Name {
			continue
		}
		switch on {
		case "telegram":
			screen := s.w.Telegram.Person(p.TelegramID, "", "").Screen()
			for _, m := range screen {
				if fmt.Sprint(m.ID) == id {
					out := telegramMessage(m, screen)
					return &out
				}
			}
		case "slack":
			screen := s.w.SlackPerson(p).Screen()
			for _, m := range screen {
				if m.TS == id {
					out := slackMessage(m, screen)
					return &out
				}
			}
		case "correo":
			for _, m := range s.w.Mail.Inbox(p.Account.Email) {
				if fmt.Sprint(m.Seq) == id {
					return &page.Message{ID: id, Blocks: []page.Block{
						{Kind: "heading", Lines: plainLines(m.Subject)}, {Kind: "text", Lines: plainLines(m.Text)},
					}}
				}
			}
		}
	}
	return nil
}

func dataURL(p emailtest.Part) string {
	return "data:" + p.ContentType + ";base64," + base64.StdEncoding.EncodeToString(p.Data)
}
