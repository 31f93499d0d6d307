package slack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/core"
)

// kind is what an envelope brought, as far as its answer depends on it.
type kind string

const (
	kindNone    kind = ""        // nothing for us: acknowledged, and that is all
	kindMessage kind = "message" // written in the DM
	kindCommand kind = "command" // /sidem …
	kindPress   kind = "press"   // a button or a choice of a card
	kindSubmit  kind = "submit"  // a form filled in
	kindHome    kind = "home"    // the Home was opened
)

// incoming is an envelope understood.
type incoming struct {
	Kind    kind
	ID      string     // names what a person did among what Slack brings this app
	Input   *bot.Input // nil where Kind is kindNone
	Trigger string     // opens one modal, within three seconds
	Label   string     // of what was pressed
	Opens   bool       // what was pressed opens a form
	Thread  string     // the message at the top of the thread in which it was written or pressed
	Channel string     // where others read a command's answer: the channel that it was typed in
	Home    bool       // pressed in the Home, or filled in in a form that was opened there
	Fields  []string   // of a form submitted: the blocks that can show an error
	Foreign bool       // pressed by a person of another workspace, in ours
	Ignored string     // why it is none of ours, for the log
}

func ignored(why string) (incoming, error) { return incoming{Ignored: why}, nil }

// parser turns envelopes into inputs. It calls nobody.
type parser struct {
	Me identity // whose people are heard, and who we are ourselves
	// Open makes the way to read a file at an address that Slack named.
	Open func(address string, size int64) func(context.Context) (io.ReadCloser, error)
}

// Types of Socket Mode envelopes, by which HTTP requests are told apart too (docs.slack.dev, "Using Socket Mode").
const (
	typeEvents      = "events_api"
	typeInteractive = "interactive"
	typeCommands    = "slash_commands"
)

// parse reads the payload of an envelope. An unknown type is no error: it is
// ignored. Errors are payloads that do not have the shape that Slack documents.
func (p parser) parse(envelope string, payload []byte) (incoming, error) {
	switch envelope {
	case typeEvents:
		return p.event(payload)
	case typeCommands:
		return p.command(payload)
	case typeInteractive:
		return p.interaction(payload)
	default:
		return ignored("envelope of type " + envelope)
	}
}

// event takes messages in the DM, mentions in channels, and the Home being opened.
func (p parser) event(payload []byte) (incoming, error) {
	var e eventPayload
	if err := json.Unmarshal(payload, &e); err != nil {
		return incoming{}, fmt.Errorf("event: %w", err)
	}
	var is struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(e.Event, &is); err != nil {
		return incoming{}, fmt.Errorf("event: %w", err)
	}
	switch is.Type {
	case "message", "app_mention":
		var m messagePayload
		if err := json.Unmarshal(e.Event, &m); err != nil {
			return incoming{}, fmt.Errorf("event %s: %w", is.Type, err)
		}
		return p.message(e, m, is.Type == "app_mention")
	case "app_home_opened":
		var h homePayload
		if err := json.Unmarshal(e.Event, &h); err != nil {
			return incoming{}, fmt.Errorf("event app_home_opened: %w", err)
		}
		return p.home(e, h)
	default:
		return ignored("event " + is.Type)
	}
}

func (p parser) home(e eventPayload, h homePayload) (incoming, error) {
	switch {
	case h.Tab != "home":
		return ignored("tab " + h.Tab)
	case p.foreign(e.Team):
		return ignored("Home of another workspace")
	case e.ID == "" || h.User == "":
		return incoming{}, errors.New("event app_home_opened: without id or user")
	}
	return incoming{Kind: kindHome, Input: &bot.Input{Platform: name, Who: h.User, Private: true, Home: true, Once: "sl:" + e.ID}}, nil
}

// message takes what was written in the DM, and what was said to the app in a
// channel: that begins with its name, and is a command like those after /sidem.
func (p parser) message(e eventPayload, m messagePayload, mention bool) (incoming, error) {
	private := m.ChannelType == "im"
	switch {
	case m.Subtype == "message_changed" && m.Message != nil && m.Previous != nil:
		return p.edit(e, m)
	case !written[m.Subtype]:
		return ignored("message " + m.Subtype)
	case m.BotID != "" || m.User == "" || m.User == "USLACKBOT" || m.User == p.Me.Self:
		return ignored("message of a bot")
	case !private && !mention:
		return ignored("message outside of the DM")
	case private && mention:
		return ignored("mention in the DM: the message itself comes too")
	case e.Shared || p.foreign(e.Team, m.Team, m.UserTeam, m.SourceTeam):
		return ignored("message of another workspace")
	case e.ID == "" || m.Channel == "" || m.TS == "":
		return incoming{}, errors.New("event: a message without id, channel or ts")
	}
	in := incoming{Kind: kindMessage, Input: &bot.Input{
		Platform: name, Who: m.User, Chat: m.Channel, Message: m.TS, Private: private,
		Once: "sl:" + e.ID, At: moment(m.TS), Text: typed(m.Text), Files: p.uploads(m.Files),
	}}
	if m.Thread != m.TS {
		in.Thread, in.Input.Under = m.Thread, m.Thread
	}
	if mention {
		in.Input.Text = spoken(typed(strings.TrimPrefix(strings.TrimSpace(m.Text), "<@"+p.Me.Self+">")))
	}
	if in.Input.Text == "" && len(m.Files) == 0 {
		if len(m.Attachments) == 0 {
			return ignored("empty message")
		}
		in.Input.Unreadable = bot.UnreadableOther // words of another, passed on without any of one's own
	}
	return in, nil
}

// edit takes a message in the DM whose author has it read otherwise now.
func (p parser) edit(e eventPayload, m messagePayload) (incoming, error) {
	now := m.Message
	switch {
	case m.ChannelType != "im" || now.User == "" || now.BotID != "" || now.User == p.Me.Self || now.Edited == nil || now.Edited.User != now.User || now.Text == m.Previous.Text:
		return ignored("message that its author did not change")
	case e.Shared || p.foreign(e.Team, m.Team, now.Team):
		return ignored("change of another workspace")
	case e.ID == "" || m.Channel == "" || now.TS == "":
		return incoming{}, errors.New("event: a changed message without id, channel or ts")
	}
	return incoming{Kind: kindMessage, Input: &bot.Input{
		Platform: name, Who: now.User, Chat: m.Channel, Message: now.TS, Private: true, Edited: true,
		Once: "sl:" + e.ID, At: moment(m.TS), Text: typed(now.Text),
	}}, nil
}

// written are the kinds of messages that a person writes (docs.slack.dev, "Message
// subtypes"): a plain one, with files, an answer in a thread that is shown in the
// conversation too, and one about oneself (/me).
var written = map[string]bool{"": true, "file_share": true, "thread_broadcast": true, "me_message": true}

// command takes /sidem. It may be typed anywhere, and is seen by nobody else; its
// answer goes to the DM, which is why Chat stays empty.
func (p parser) command(payload []byte) (incoming, error) {
	var c commandPayload
	if err := json.Unmarshal(payload, &c); err != nil {
		return incoming{}, fmt.Errorf("slash command: %w", err)
	}
	switch {
	case p.foreign(c.Team):
		return ignored("command of another workspace")
	case c.User == "" || c.Trigger == "":
		return incoming{}, errors.New("slash command: no user or no trigger")
	}
	in := incoming{Kind: kindCommand, Trigger: c.Trigger, Input: &bot.Input{
		Platform: name, Who: c.User, Name: line(c.Name), Private: true, CanOpen: true,
		Once: "sl:" + c.Trigger, Text: words(c.Text),
	}}
	if !strings.HasPrefix(c.Channel, "D") {
		in.Channel = c.Channel
	}
	return in, nil
}

// words is what was typed after /sidem, as other platforms spell it: "pendientes"
// is "/pendientes", nothing is "/ayuda"; a number stays one.
func words(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return "/ayuda"
	}
	if first := []rune(text)[0]; unicode.IsLetter(first) {
		return "/" + text
	}
	return text
}

// spoken is what was said to the app in a channel, as a command: groups are
// answered nothing else.
func spoken(text string) string {
	if text = words(text); strings.HasPrefix(text, "/") {
		return text
	}
	return "/solicitud " + text
}

func (p parser) interaction(payload []byte) (incoming, error) {
	var i interactionPayload
	if err := json.Unmarshal(payload, &i); err != nil {
		return incoming{}, fmt.Errorf("interaction: %w", err)
	}
	switch {
	case p.foreign(i.Team.ID):
		return ignored("interaction of another workspace")
	case i.User.ID == "":
		return incoming{}, errors.New("interaction: no user")
	}
	switch foreign := p.foreign(i.Team.ID, i.User.Team); {
	case i.Type == "block_actions":
		in, err := p.press(i)
		in.Foreign = foreign
		return in, err
	case foreign:
		return ignored("form of another workspace")
	case i.Type == "view_submission":
		return p.submission(i)
	default:
		return ignored("interaction " + i.Type)
	}
}

// press takes a button or a choice of a message, or of the Home. Fields of a
// modal tell of changes too: they are read when it is submitted.
func (p parser) press(i interactionPayload) (incoming, error) {
	if i.View.Type == "modal" || len(i.Actions) == 0 {
		return ignored("change in a modal")
	}
	a := i.Actions[0]
	tap, opens, shown := a.Value, strings.HasPrefix(a.ID, openAction), a.Text.Text
	if a.Option != nil {
		tap, opens = strings.CutPrefix(a.Option.Value, openMark)
		shown = a.Option.Text.Text
	}
	if tap == "" || strings.HasPrefix(a.ID, linkAction) {
		return ignored("link opened")
	}
	if a.TS == "" {
		return incoming{}, errors.New("press: no action_ts")
	}
	channel, ts := first(i.Container.Channel, i.Channel.ID), first(i.Container.Message, i.View.ID)
	once := digest(i.User.ID, channel, ts, a.ID, a.TS)
	in := incoming{Kind: kindPress, Trigger: i.Trigger, Label: line(shown), Opens: opens, Home: i.View.Type == "home", Input: &bot.Input{
		Platform: name, Who: i.User.ID, Name: line(first(i.User.Name, i.User.Username)), Chat: channel,
		Message: i.Container.Message, Private: channel == "" || strings.HasPrefix(channel, "D"),
		Once: "sl:" + once, At: moment(a.TS), Tap: tap, CanOpen: i.Trigger != "",
	}}
	if i.Container.Thread != i.Container.Message {
		in.Thread = i.Container.Thread
	}
	return in, nil
}

// submission takes a form. View, hash, answers and trigger name the act: a retry of
// Slack's has the same ones. What was mended after an error, in the same view, is another
// act, and so is the same once more: each press has a trigger of its own.
func (p parser) submission(i interactionPayload) (incoming, error) {
	v := i.View
	if v.ID == "" || v.Metadata == "" {
		return incoming{}, errors.New("submission: a view without id or metadata")
	}
	form := &bot.Submission{Token: v.Metadata, Values: map[core.Field]string{}, Files: map[core.Field][]bot.Upload{}}
	for block, elements := range v.State.Values {
		for _, e := range elements {
			if value := e.value(); value != "" && value != blankOption {
				form.Values[core.Field(block)] = value
			}
			if len(e.Files) > 0 {
				form.Files[core.Field(strings.TrimSuffix(block, sheetMark))] = p.uploads(e.Files)
			}
		}
	}
	var fields []string
	for _, b := range v.Blocks {
		if b.Type == "input" {
			fields = append(fields, b.ID)
		}
	}
	answers, err := json.Marshal(v.State.Values) // maps are written in the order of their keys
	if err != nil {
		return incoming{}, fmt.Errorf("submission: %w", err)
	}
	once := "sl:view:" + v.ID + ":" + v.Hash + ":" + digest(string(answers), i.Trigger)
	return incoming{Kind: kindSubmit, Trigger: i.Trigger, Home: v.Callback == homeCallback, Fields: fields, Input: &bot.Input{
		Platform: name, Who: i.User.ID, Name: line(first(i.User.Name, i.User.Username)), Private: true,
		Once: once, Form: form, CanOpen: true,
	}}, nil
}

func (p parser) uploads(files []filePayload) []bot.Upload {
	var out []bot.Upload
	for _, f := range files {
		up := bot.Upload{Name: line(first(f.Name, f.Title, f.ID)), MIME: f.MIME, Size: -1}
		if f.Size != nil {
			up.Size = *f.Size
		}
		up.Open = p.Open(first(f.Download, f.Private), up.Size)
		out = append(out, up)
	}
	return out
}

// foreign reports whether one of teams, where given, is not ours; the first has
// to be given.
func (p parser) foreign(teams ...string) bool {
	for i, t := range teams {
		if t != p.Me.Team && (i == 0 || t != "") {
			return true
		}
	}
	return false
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// moment reads a timestamp of Slack's, seconds and microseconds: "1700000000.000100".
func moment(ts string) time.Time {
	whole, part, _ := strings.Cut(ts, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}
	}
	micros, err := strconv.ParseInt((part + "000000")[:6], 10, 64)
	if err != nil {
		micros = 0
	}
	return time.Unix(seconds, micros*int64(time.Microsecond)).UTC()
}
