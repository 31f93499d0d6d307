package slack

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/core"
)

// testParser records the addresses of files instead of opening them.
func testParser(opened *[]string) parser {
	return parser{
		Me: identity{Team: "T1", Self: "UBOT"},
		Open: func(address string, _ int64) func(context.Context) (io.ReadCloser, error) {
			if opened != nil {
				*opened = append(*opened, address)
			}
			return nil
		},
	}
}

// edit is the event of a message in the DM that reads now otherwise than before.
func edit(now, before string) string {
	return `{"team_id":"T1","event_id":"Ev7","event":{"type":"message","subtype":"message_changed","hidden":true,"channel":"D1","channel_type":"im","ts":"1795452121.000100","message":` +
		now + `,"previous_message":{"type":"message","user":"U1","text":"` + before + `","ts":"1.2"}}}`
}

func TestTheEditOfAMessageIsOneOfItsAuthor(t *testing.T) {
	in, err := testParser(nil).parse(typeEvents, []byte(edit(`{"type":"message","user":"U1","text":"Adquisición","ts":"1.2","edited":{"user":"U1","ts":"1.3"}}`, "Adquisicion")))
	want := &bot.Input{Platform: "slack", Who: "U1", Chat: "D1", Message: "1.2", Private: true, Once: "sl:Ev7", Text: "Adquisición", Edited: true}
	if err != nil || in.Kind != kindMessage || in.Input == nil {
		t.Fatalf("%+v, %v", in, err)
	}
	in.Input.At = time.Time{}
	if diff := cmp.Diff(want, in.Input, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestParseReadsWhatAPersonDid(t *testing.T) {
	at := time.Date(2026, 11, 23, 16, 42, 0, 100_000, time.UTC)
	tests := map[string]struct {
		envelope, payload string
		want              incoming
	}{
		"a message in the DM": {
			typeEvents,
			`{"team_id":"T1","event_id":"Ev1","event":{"type":"message","user":"U1","team":"T1","text":" 147 ","ts":"1795452120.000100","channel":"D1","channel_type":"im"}}`,
			incoming{Kind: kindMessage, Input: &bot.Input{Platform: "slack", Who: "U1", Chat: "D1", Message: "1795452120.000100", Private: true, Once: "sl:Ev1", At: at, Text: "147"}},
		},
		"a message as it was typed, not as Slack marks it": {
			typeEvents,
			`{"team_id":"T1","event_id":"Ev1","event":{"type":"message","user":"U1","text":"a &lt;b&gt; &amp;amp; <mailto:x@y.mx|x@y.mx> <https://a.mx> <@U9> <!here>","ts":"1795452120.000100","channel":"D1","channel_type":"im"}}`,
			incoming{Kind: kindMessage, Input: &bot.Input{Platform: "slack", Who: "U1", Chat: "D1", Message: "1795452120.000100", Private: true, Once: "sl:Ev1", At: at, Text: "a <b> &amp; x@y.mx https://a.mx @U9 @here"}},
		},
		"words that lead somewhere": {
			typeEvents,
			`{"team_id":"T1","event_id":"Ev1","event":{"type":"message","user":"U1","text":"Vea la <https://a.mx/c?x=1&amp;y=2|cotización>, <http://a.mx|a.mx>, <mailto:x@y.mx|escríbame>, <tel:7225550100|722 555 0100>,\n\n   <#C9|avisos> &lt;https://b.mx|c&gt;","ts":"1795452120.000100","channel":"D1","channel_type":"im"}}`,
			incoming{Kind: kindMessage, Input: &bot.Input{
				Platform: "slack", Who: "U1", Chat: "D1", Message: "1795452120.000100", Private: true, Once: "sl:Ev1", At: at,
				Text: "Vea la cotización (https://a.mx/c?x=1&y=2), a.mx, escríbame (x@y.mx), 722 555 0100,\n\n   #avisos <https://b.mx|c>",
			}},
		},
		"a message with a file": {
			typeEvents,
			`{"team_id":"T1","event_id":"Ev1","event":{"type":"message","subtype":"file_share","user":"U1","text":"","ts":"1795452120.000100","channel":"D1","channel_type":"im","files":[{"id":"F1","name":"oficio.pdf","mimetype":"application/pdf","size":9,"url_private":"https://files.slack.com/1","url_private_download":"https://files.slack.com/2"},{"id":"F2","url_private":"https://files.slack.com/3"}]}}`,
			incoming{Kind: kindMessage, Input: &bot.Input{
				Platform: "slack", Who: "U1", Chat: "D1", Message: "1795452120.000100", Private: true, Once: "sl:Ev1", At: at,
				Files: []bot.Upload{{Name: "oficio.pdf", MIME: "application/pdf", Size: 9}, {Name: "F2", Size: -1}},
			}},
		},
		"an answer in a thread": {
			typeEvents,
			`{"team_id":"T1","event_id":"Ev1","event":{"type":"message","user":"U1","text":"sí","ts":"1795452120.000100","thread_ts":"1795452119.000100","channel":"D1","channel_type":"im"}}`,
			incoming{Kind: kindMessage, Thread: "1795452119.000100", Input: &bot.Input{Platform: "slack", Who: "U1", Chat: "D1", Message: "1795452120.000100", Private: true, Once: "sl:Ev1", At: at, Text: "sí", Under: "1795452119.000100"}},
		},
		"a mention in a channel": {
			typeEvents,
			`{"team_id":"T1","event_id":"Ev1","event":{"type":"app_mention","user":"U1","team":"T1","text":" <@UBOT> solicitud 147","ts":"1795452120.000100","channel":"C1"}}`,
			incoming{Kind: kindMessage, Input: &bot.Input{Platform: "slack", Who: "U1", Chat: "C1", Message: "1795452120.000100", Once: "sl:Ev1", At: at, Text: "/solicitud 147"}},
		},
		"a number said in a channel": {
			typeEvents,
			`{"team_id":"T1","event_id":"Ev1","event":{"type":"app_mention","user":"U1","text":"<@UBOT> 147","ts":"1795452120.000100","channel":"C1"}}`,
			incoming{Kind: kindMessage, Input: &bot.Input{Platform: "slack", Who: "U1", Chat: "C1", Message: "1795452120.000100", Once: "sl:Ev1", At: at, Text: "/solicitud 147"}},
		},
		"the Home": {
			typeEvents,
			`{"team_id":"T1","event_id":"Ev1","event":{"type":"app_home_opened","user":"U1","tab":"home","channel":"D1"}}`,
			incoming{Kind: kindHome, Input: &bot.Input{Platform: "slack", Who: "U1", Private: true, Home: true, Once: "sl:Ev1"}},
		},
		"a command": {
			typeCommands,
			`{"team_id":"T1","user_id":"U1","user_name":"lucia","command":"/sidem","text":"pendientes","trigger_id":"1.2.x","channel_id":"C1"}`,
			incoming{Kind: kindCommand, Trigger: "1.2.x", Channel: "C1", Input: &bot.Input{Platform: "slack", CanOpen: true, Who: "U1", Name: "lucia", Private: true, Once: "sl:1.2.x", Text: "/pendientes"}},
		},
		"a button": {
			typeInteractive,
			`{"type":"block_actions","trigger_id":"1.2.x","team":{"id":"T1"},"user":{"id":"U1","username":"raul","team_id":"T1"},"channel":{"id":"D1"},"container":{"type":"message","channel_id":"D1","message_ts":"5.6"},"actions":[{"type":"button","action_id":"tap-1-1","action_ts":"1795452120.000100","value":"tok"}]}`,
			incoming{Kind: kindPress, Trigger: "1.2.x", Input: &bot.Input{Platform: "slack", CanOpen: true, Who: "U1", Name: "raul", Chat: "D1", Message: "5.6", Private: true, Once: "sl:" + digest("U1", "D1", "5.6", "tap-1-1", "1795452120.000100"), At: at, Tap: "tok"}},
		},
		"a button that opens a form, in a thread": {
			typeInteractive,
			`{"type":"block_actions","trigger_id":"1.2.x","team":{"id":"T1"},"user":{"id":"U1"},"container":{"channel_id":"D1","message_ts":"5.6","thread_ts":"4.5"},"actions":[{"type":"button","action_id":"open-1-1","action_ts":"1795452120.000100","value":"tok","text":{"type":"plain_text","text":"Observar"}}]}`,
			incoming{Kind: kindPress, Trigger: "1.2.x", Opens: true, Label: "Observar", Thread: "4.5", Input: &bot.Input{Platform: "slack", CanOpen: true, Who: "U1", Chat: "D1", Message: "5.6", Private: true, Once: "sl:" + digest("U1", "D1", "5.6", "open-1-1", "1795452120.000100"), At: at, Tap: "tok"}},
		},
		"an option of a ⋯ that opens a form": {
			typeInteractive,
			`{"type":"block_actions","trigger_id":"1.2.x","team":{"id":"T1"},"user":{"id":"U1"},"container":{"channel_id":"D1","message_ts":"5.6"},"actions":[{"type":"overflow","action_id":"menu","action_ts":"1795452120.000100","selected_option":{"text":{"type":"plain_text","text":"No me corresponde"},"value":"^tok"}}]}`,
			incoming{Kind: kindPress, Trigger: "1.2.x", Opens: true, Label: "No me corresponde", Input: &bot.Input{Platform: "slack", CanOpen: true, Who: "U1", Chat: "D1", Message: "5.6", Private: true, Once: "sl:" + digest("U1", "D1", "5.6", "menu", "1795452120.000100"), At: at, Tap: "tok"}},
		},
		"a choice in a channel": {
			typeInteractive,
			`{"type":"block_actions","trigger_id":"1.2.x","team":{"id":"T1"},"user":{"id":"U1","name":"raul","team_id":"T1"},"container":{"channel_id":"C1","message_ts":"5.6"},"actions":[{"type":"static_select","action_id":"pick","action_ts":"1795452120.000100","selected_option":{"value":"tok"}}]}`,
			incoming{Kind: kindPress, Trigger: "1.2.x", Input: &bot.Input{Platform: "slack", CanOpen: true, Who: "U1", Name: "raul", Chat: "C1", Message: "5.6", Once: "sl:" + digest("U1", "C1", "5.6", "pick", "1795452120.000100"), At: at, Tap: "tok"}},
		},
		"a button of the Home": {
			typeInteractive,
			`{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1"},"container":{"type":"view"},"view":{"id":"V1","type":"home"},"actions":[{"action_id":"tap-1-1","action_ts":"1795452120.000100","value":"tok"}]}`,
			incoming{Kind: kindPress, Home: true, Input: &bot.Input{Platform: "slack", Who: "U1", Private: true, Once: "sl:" + digest("U1", "", "V1", "tap-1-1", "1795452120.000100"), At: at, Tap: "tok"}},
		},
		"a form": {
			typeInteractive,
			`{"type":"view_submission","trigger_id":"1.2.x","team":{"id":"T1"},"user":{"id":"U1","name":"raul","team_id":"T1"},"view":{"id":"V1","type":"modal","hash":"h1","private_metadata":"tok","blocks":[{"type":"section","block_id":"s"},{"type":"input","block_id":"folio"},{"type":"input","block_id":"files"}],"state":{"values":{
				"folio":{"value":{"type":"plain_text_input","value":"OP-1"}},
				"note":{"value":{"type":"plain_text_input","value":null}},
				"letter_date":{"value":{"type":"datepicker","selected_date":"2026-11-23"}},
				"received_time":{"value":{"type":"timepicker","selected_time":"10:05"}},
				"outcome":{"value":{"type":"static_select","selected_option":{"value":"favorable"}}},
				"section":{"value":{"type":"static_select","selected_option":null}},
				"channels":{"value":{"type":"checkboxes","selected_options":[{"value":"slack"},{"value":"email"}]}},
				"files":{"value":{"type":"file_input","files":[{"id":"F1","name":"a.pdf","mimetype":"application/pdf","size":3,"url_private_download":"https://files.slack.com/4"}]}}
			}}}}`,
			incoming{Kind: kindSubmit, Trigger: "1.2.x", Fields: []string{"folio", "files"}, Input: &bot.Input{
				Platform: "slack", CanOpen: true, Who: "U1", Name: "raul", Private: true, Once: "sl:view:V1:h1:2e2c891096905698dd814834a5458bd4",
				Form: &bot.Submission{
					Token: "tok",
					Values: map[core.Field]string{
						core.FieldFolio: "OP-1", core.FieldLetterDate: "2026-11-23", core.FieldReceivedTime: "10:05",
						core.FieldOutcome: "favorable", core.FieldChannels: "slack,email",
					},
					Files: map[core.Field][]bot.Upload{core.FieldFiles: {{Name: "a.pdf", MIME: "application/pdf", Size: 3}}},
				},
			}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var opened []string
			got, err := testParser(&opened).parse(test.envelope, []byte(test.payload))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(bot.Upload{}, "Open")); diff != "" {
				t.Error(diff)
			}
			for _, address := range opened {
				if !strings.HasPrefix(address, "https://files.slack.com/") {
					t.Errorf("opens %q", address)
				}
			}
		})
	}
}

func TestAFormThatWasMendedIsAnotherActAndOneThatComesAgainIsNot(t *testing.T) {
	once := func(folio string) string {
		got, err := testParser(new([]string)).parse(typeInteractive, []byte(`{"type":"view_submission","team":{"id":"T1"},"user":{"id":"U1"},"view":{"id":"V1","hash":"h1","private_metadata":"tok","state":{"values":{"folio":{"value":{"value":"`+folio+`"}},"note":{"value":{"value":"x"}}}}}}`))
		if err != nil {
			t.Fatal(err)
		}
		return got.Input.Once
	}
	if once("OP-1") == once("OP-2") {
		t.Error("the mended form is taken for the one that was refused")
	}
	if again := once("OP-1"); again != once("OP-1") {
		t.Error("the same form is not known again")
	}
}

func TestTheDownloadAddressOfAFileIsPreferred(t *testing.T) {
	var opened []string
	testParser(&opened).uploads([]filePayload{{Private: "a", Download: "b"}, {Private: "c"}})
	if diff := cmp.Diff([]string{"b", "c"}, opened); diff != "" {
		t.Error(diff)
	}
}

func TestWordsOfTheSlashCommandAreThoseOfOtherPlatforms(t *testing.T) {
	for text, want := range map[string]string{
		"": "/ayuda", "  ": "/ayuda", "pendientes": "/pendientes", " buscar dos palabras ": "/buscar dos palabras",
		"/mis": "/mis", "147": "147", "000147/2026": "000147/2026", "árbol": "/árbol",
	} {
		if got := words(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestParseIgnoresWhatIsNobodysWish(t *testing.T) {
	const message = `{"team_id":"T1","event_id":"Ev1","event":{"type":"message","user":"U1","text":"hola","ts":"1.2","channel":"D1","channel_type":"im"}}`
	const press = `{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1","team_id":"T1"},"container":{"channel_id":"D1","message_ts":"5.6"},"actions":[{"action_id":"tap-1-1","action_ts":"7.8","value":"tok"}]}`
	with := func(s, old, replacement string) string {
		if !strings.Contains(s, old) {
			t.Fatalf("no %q in %s", old, s)
		}
		return strings.Replace(s, old, replacement, 1)
	}
	tests := map[string]struct{ envelope, payload string }{
		"unknown envelopes":             {"something_new", `{}`},
		"the other tab of the Home":     {typeEvents, `{"team_id":"T1","event_id":"Ev1","event":{"type":"app_home_opened","user":"U1","tab":"messages"}}`},
		"the Home of another team":      {typeEvents, `{"team_id":"T2","event_id":"Ev1","event":{"type":"app_home_opened","user":"U1","tab":"home"}}`},
		"links shared":                  {typeEvents, `{"team_id":"T1","event_id":"Ev1","event":{"type":"link_shared","user":"U1","links":[]}}`},
		"mentions by bots":              {typeEvents, `{"team_id":"T1","event_id":"Ev1","event":{"type":"app_mention","user":"U1","bot_id":"B1","text":"<@UBOT> x","ts":"1.2","channel":"C1"}}`},
		"mentions by strangers":         {typeEvents, `{"team_id":"T1","event_id":"Ev1","event":{"type":"app_mention","user":"U1","team":"T2","text":"<@UBOT> x","ts":"1.2","channel":"C1"}}`},
		"unknown events":                {typeEvents, `{"team_id":"T1","event_id":"Ev1","event":{"type":"something_new","user":{"id":"U1"}}}`},
		"edits":                         {typeEvents, with(message, `"user"`, `"subtype":"message_changed","user"`)},
		"changes by Slack itself":       {typeEvents, edit(`{"type":"message","user":"U1","text":"ver x.mx","ts":"1.2"}`, "ver x.mx")},
		"changes without an author":     {typeEvents, edit(`{"type":"message","user":"U1","text":"nuevo","ts":"1.2"}`, "viejo")},
		"changes of our own":            {typeEvents, edit(`{"type":"message","user":"UBOT","text":"nuevo","ts":"1.2","edited":{"user":"UBOT","ts":"1.3"}}`, "viejo")},
		"changes of other teams":        {typeEvents, edit(`{"type":"message","user":"U1","team":"T2","text":"nuevo","ts":"1.2","edited":{"user":"U1","ts":"1.3"}}`, "viejo")},
		"joins":                         {typeEvents, with(message, `"user"`, `"subtype":"channel_join","user"`)},
		"bots":                          {typeEvents, with(message, `"user"`, `"bot_id":"B1","user"`)},
		"ourselves":                     {typeEvents, with(message, `"U1"`, `"UBOT"`)},
		"Slackbot":                      {typeEvents, with(message, `"U1"`, `"USLACKBOT"`)},
		"channels":                      {typeEvents, with(message, `"im"`, `"channel"`)},
		"messages of other teams":       {typeEvents, with(message, `"T1"`, `"T2"`)},
		"strangers of shared channels":  {typeEvents, with(message, `"user"`, `"user_team":"T2","user"`)},
		"shared channels":               {typeEvents, with(message, `"event_id"`, `"is_ext_shared_channel":true,"event_id"`)},
		"empty messages":                {typeEvents, with(message, `"hola"`, `"  "`)},
		"commands of other teams":       {typeCommands, `{"team_id":"T2","user_id":"U1","text":"mis","trigger_id":"1"}`},
		"presses of other teams":        {typeInteractive, with(press, `"T1"`, `"T2"`)},
		"presses without a team":        {typeInteractive, with(press, `{"id":"T1"}`, `null`)},
		"links":                         {typeInteractive, with(press, `"tap-1-1"`, `"link-1-1"`)},
		"buttons without a value":       {typeInteractive, with(press, `,"value":"tok"`, ``)},
		"changes in a modal":            {typeInteractive, with(press, `"container"`, `"view":{"id":"V1","type":"modal"},"container"`)},
		"modals closed":                 {typeInteractive, with(press, `block_actions`, `view_closed`)},
		"shortcuts, which we have none": {typeInteractive, with(press, `block_actions`, `shortcut`)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := testParser(nil).parse(test.envelope, []byte(test.payload))
			if err != nil || got.Kind != kindNone || got.Input != nil || got.Ignored == "" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	if got, err := testParser(nil).parse(typeEvents, []byte(message)); err != nil || got.Input == nil {
		t.Errorf("the message itself is ignored: %+v, %v", got, err)
	}
	if got, err := testParser(nil).parse(typeInteractive, []byte(press)); err != nil || got.Input == nil {
		t.Errorf("the press itself is ignored: %+v, %v", got, err)
	}
}

func FuzzParseNeverPanicsAndNamesWhoAndWhat(f *testing.F) {
	for _, envelope := range []string{typeEvents, typeCommands, typeInteractive, "hello"} {
		f.Add(envelope, []byte(`{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1"},"actions":[{"action_ts":"1","value":"x"}]}`))
		f.Add(envelope, []byte(`{"type":"view_submission","team":{"id":"T1"},"user":{"id":"U1"},"view":{"id":"V","private_metadata":"t","state":{"values":{"a":{"b":{"value":"c"}}}}}}`))
		f.Add(envelope, []byte(`{"team_id":"T1","user_id":"U1","trigger_id":"1","text":"\u202e"}`))
		f.Add(envelope, []byte(`{"team_id":"T1","event_id":"E","event":{"type":"app_home_opened","user":"U1","tab":"home"}}`))
		f.Add(envelope, []byte(`{"team_id":"T1","event_id":"E","event":{"type":"app_mention","user":"U1","text":"<@UBOT>","ts":"1.2","channel":"C1"}}`))
		f.Add(envelope, []byte(`{"team_id":"T1","event_id":"E","event":{"type":"message","user":"U1","text":"<<|>>&","ts":"1.2","channel":"D1","channel_type":"im"}}`))
	}
	f.Fuzz(func(t *testing.T, envelope string, payload []byte) {
		in, err := testParser(nil).parse(envelope, payload)
		if err != nil || in.Kind == kindNone {
			return
		}
		if in.Input == nil || in.Input.Who == "" || len(in.Input.Once) <= len("sl:") {
			t.Errorf("an input without who or once: %+v", in)
		}
	})
}

func TestWhatAPersonWritesInOneWayOrAnotherIsHeard(t *testing.T) {
	event := func(more string) string {
		return `{"team_id":"T1","event_id":"Ev1","event":{"type":"message","user":"U1","ts":"1.2","channel":"D1","channel_type":"im",` + more + `}}`
	}
	for name, test := range map[string]struct {
		more string
		want bot.Input
	}{
		"an answer in a thread, also sent to the conversation": {
			`"subtype":"thread_broadcast","thread_ts":"1.1","root":{"ts":"1.1"},"text":"Adjunto la cotización"`,
			bot.Input{Text: "Adjunto la cotización", Under: "1.1"},
		},
		"/me":                            {`"subtype":"me_message","text":"firma el oficio"`, bot.Input{Text: "firma el oficio"}},
		"a message passed on":            {`"text":"","attachments":[{"is_share":true,"text":"Liberar"}]`, bot.Input{Unreadable: bot.UnreadableOther}},
		"a message passed on with words": {`"text":"147","attachments":[{"is_share":true,"text":"Liberar"}]`, bot.Input{Text: "147"}},
	} {
		got, err := testParser(nil).parse(typeEvents, []byte(event(test.more)))
		if err != nil || got.Input == nil {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		if in := got.Input; in.Text != test.want.Text || in.Under != test.want.Under || in.Unreadable != test.want.Unreadable || in.Who != "U1" {
			t.Errorf("%s: %+v", name, in)
		}
	}
}
