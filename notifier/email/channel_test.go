package email_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"maps"
	netmail "net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot/card/cardtest"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/notifier/email"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// scenes are those of cardtest by name; each is also told hostile.
var scenes = sync1(func() map[string]core.Scene {
	out := map[string]core.Scene{}
	for _, c := range cardtest.Scenes() {
		out[c.Name] = c.Scene
	}
	s := cardtest.NewStory()
	s.Do(cardtest.Sofia, cardtest.Lucia, core.Command{
		Kind: core.KindAccount, Verb: core.VerbUnlink, Where: "slack", Fields: map[core.Field]string{core.FieldPlatform: "telegram"},
	})
	out["account/unlinked/sofia.lara"], _ = s.Scene(cardtest.Lucia, cardtest.Sofia)
	fields := map[core.Field]string{core.FieldProfile: "requester", core.FieldEmail: "lucia.herrera.campos@ejemplo.gob.mx"}
	for _, f := range []core.Field{core.FieldName, core.FieldPost, core.FieldPhone} {
		fields[f] = s.Account(cardtest.Lucia).Fields[f]
	}
	s.Do(cardtest.Sofia, cardtest.Lucia, core.Command{Kind: core.KindAccount, Verb: core.VerbRectify, Where: "slack", Fields: fields})
	out["account/corrected/lucia.herrera"], _ = s.Scene(cardtest.Lucia, cardtest.Lucia)
	return out
})

func sync1[T any](f func() T) func() T {
	var v *T
	return func() T {
		if v == nil {
			made := f()
			v = &made
		}
		return *v
	}
}

// one has the mails of one scene.
type one struct {
	scene core.Scene
	err   error
}

func (o one) Scene(context.Context, string, string) (core.Scene, error) { return o.scene, o.err }

// channel is the channel of mails as SIDEM has it, on a scene and a relay.
func channel(scene core.Scene, relay email.Relay) *email.Channel {
	return &email.Channel{
		Scenes: one{scene: scene}, Relay: relay,
		From: netmail.Address{Name: "SIDEM", Address: "sidem@digital.ejemplo.gob.mx"}, ReplyTo: netmail.Address{Address: "dictamenes@digital.ejemplo.gob.mx"},
		Domain: "digital.ejemplo.gob.mx", Now: func() time.Time { return scene.Now },
		Credentials: func(account core.Record) es.Credentials {
			return es.Credentials{
				User: account.Fields[core.FieldUser], Password: "7F3K-9QHD", Link: "https://t.me/sidem_bot?start=kJ8vQ2mZ",
			}
		},
		Ways: func(core.Record, string) []es.Way {
			return []es.Way{
				es.WayInto("telegram", "https://t.me/sidem_bot?start=abrir-r1-kJ8vQ2mZ123"),
				es.WayInto("slack", "https://slack.com/app_redirect?app=A0000001&team=T0000001"),
			}
		},
	}
}

func item(s core.Scene, kind core.Mail) outbox.Item {
	it := outbox.Item{
		ID: "000000000007", Key: "mail:" + s.Record.ID + ":" + strconv.Itoa(s.Record.Version) + s.Record.Fields[core.FieldOutcome] + ":" + s.Viewer.ID + ":" + string(kind), Channel: "email",
		Account: s.Viewer.ID, Record: s.Record.ID, What: desk.WhatMail, Data: map[string]string{"mail": string(kind)},
	}
	if kind == core.MailAlert {
		it.Data["lost"] = es.Lost(s, []string{"telegram", "email"}, es.MotiveRecipient) + "\n" + es.TakenOver(s, "slack", "email", es.MotiveChat) + "\n" + es.TakenOver(s, "slack", "email", es.MotiveChat)
	}
	return it
}

// letters are each mail, on the scenes that show what it may say.
var letters = []struct {
	kind   core.Mail
	scenes []string
}{
	{core.MailTurn, []string{
		"request/filed/raul.ortega", "request/filed-substituted/elena.cruz", "request/received/tomas.aguilar", "request/referred/hector.molina",
		"request/assigned/mariana.rios", "request/issued/mariana.rios", "program/delivered/sofia.lara", "account/requested/sofia.lara",
	}},
	{core.MailFiled, []string{"request/filed/lucia.herrera"}},
	{core.MailReturned, []string{"request/returned/lucia.herrera"}},
	{core.MailReleased, []string{"request/released/lucia.herrera"}},
	{core.MailReferred, []string{"request/referred/lucia.herrera"}},
	{core.MailObserved, []string{"request/observed/lucia.herrera", "request/observed-half-answered/lucia.herrera"}},
	{core.MailResolved, []string{"request/assigned-resolved/lucia.herrera"}},
	{core.MailIssued, []string{"request/issued/lucia.herrera", "request/issued-unfavorable/lucia.herrera"}},
	{core.MailCancelled, []string{"request/cancelled/lucia.herrera"}},
	{core.MailWelcome, []string{"account/active/lucia.herrera"}},
	{core.MailLinked, []string{"account/active/lucia.herrera"}},
	{core.MailUnlinked, []string{"account/unlinked/sofia.lara"}},
	{core.MailCorrected, []string{"account/corrected/lucia.herrera"}},
	{core.MailMoved, []string{"account/corrected/lucia.herrera"}},
	{core.MailAlert, []string{"account/active/sofia.lara"}},
	{core.MailReminder, []string{"request/filed/raul.ortega", "program/delivered/sofia.lara"}},
	{core.MailUndone, []string{"request/received-undone/lucia.herrera"}},
	{core.MailPickup, []string{"request/issued-reached/lucia.herrera"}},
}

// eachLetter sends every mail through a real relay and shows what arrived.
func eachLetter(t *testing.T, change func(core.Scene) core.Scene, check func(t *testing.T, name string, m emailtest.Mail)) {
	t.Helper()
	s, tr := relay(t, emailtest.Options{}, nil)
	for _, l := range letters {
		for _, name := range l.scenes {
			scene, ok := scenes()[name]
			if !ok {
				t.Fatalf("there is no scene %s", name)
			}
			scene = change(scene)
			t.Run(string(l.kind)+"/"+name, func(t *testing.T) {
				if _, err := channel(scene, tr).Send(t.Context(), item(scene, l.kind)); err != nil {
					t.Fatal(err)
				}
				all := s.All()
				check(t, strings.ReplaceAll(string(l.kind)+"-"+name, "/", "-"), all[len(all)-1])
			})
		}
	}
}

func asItIs(s core.Scene) core.Scene { return s }

// hostile is a scene with hostile text in every field but the addresses, which
// would not get through.
func hostile(s core.Scene) core.Scene {
	address, former := s.Viewer.Fields[core.FieldEmail], s.Record.Fields[core.FieldFormerEmail]
	s = cardtest.Hostile(s)
	s.Viewer.Fields[core.FieldEmail] = address
	if former != "" {
		s.Record.Fields[core.FieldFormerEmail] = former
	}
	return s
}

func TestEveryMailReadsAsItsGoldenFilesSay(t *testing.T) {
	drawn := map[string]bool{}
	eachLetter(t, asItIs, func(t *testing.T, name string, m emailtest.Mail) {
		drawn["testdata/"+name+".txt"], drawn["testdata/"+name+".html"] = true, true
		golden(t, "testdata/"+name+".txt", "Asunto: "+m.Subject+"\n\n"+m.Text)
		golden(t, "testdata/"+name+".html", m.HTML)
	})
	on, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range on {
		if !drawn[path] {
			t.Errorf("%s: nothing sends it", path)
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), rewrite it with -update:\n%s", path, diff)
	}
}

func TestALongTextKeepsItsLinesInAMailAndAShortOneForgesNone(t *testing.T) {
	const long = "Falta lo siguiente:\n\n  1. La cotización,\n     con fecha.\n\n\n  2. El oficio <de suficiencia>."
	scene := scenes()["request/returned/lucia.herrera"]
	scene.Record.Fields, scene.Viewer.Fields = maps.Clone(scene.Record.Fields), maps.Clone(scene.Viewer.Fields)
	scene.Record.Fields[core.FieldReason] = long
	scene.Record.Fields[core.FieldSubject] = "Equipo\n\nLe toca a otra persona"
	scene.Viewer.Fields[core.FieldName] = "Lucía\n\nEste correo no vale"
	s, tr := relay(t, emailtest.Options{}, nil)
	if _, err := channel(scene, tr).Send(t.Context(), item(scene, core.MailReturned)); err != nil {
		t.Fatal(err)
	}
	m := s.All()[0]
	text := strings.ReplaceAll(m.Text, "\r\n", "\n")
	setIn := strings.NewReplacer("\n\n\n", "\n\n\n    ", "\n\n", "\n\n    ", "\n", "\n    ").Replace("\n" + long)
	if !strings.Contains(text, "Motivo:"+setIn+"\n") {
		t.Errorf("the text has no such lines:\n%s", text)
	}
	if want := "Falta lo siguiente:<br><br>&nbsp;&nbsp;1. La cotización,<br>&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;con fecha.<br><br><br>&nbsp;&nbsp;2. El oficio &lt;de suficiencia&gt;."; !strings.Contains(m.HTML, want) {
		t.Errorf("the HTML has no %s", want)
	}
	for _, forged := range []string{"Le toca a otra persona", "Este correo no vale"} {
		if !strings.Contains(text, " "+forged) || strings.Contains(text, "\n"+forged) || strings.Contains(m.HTML, "<br>"+forged) {
			t.Errorf("%q begins a line", forged)
		}
	}
}

func TestEveryMailOfTheCatalogueIsShown(t *testing.T) {
	for _, kind := range core.Mails {
		shown := false
		for _, l := range letters {
			shown = shown || l.kind == kind
		}
		if !shown {
			t.Errorf("no golden file shows mail %q", kind)
		}
	}
}

// What mail clients do not draw, and what would make a mail tell on its reader.
var forbidden = []*regexp.Regexp{
	regexp.MustCompile(`(?i)<(script|form|input|button|svg|video|iframe|link|base|object)\b`),
	regexp.MustCompile(`(?i)(src|background|url\()=?["'(]?\s*https?:`), // nothing is fetched
	regexp.MustCompile(`(?i)display:\s*(flex|grid)|position:\s*(absolute|fixed)|float:|background-image|@import|@font-face`),
	regexp.MustCompile(`(?i)<img[^>]+src="[^c]`), // pictures are in the mail
	regexp.MustCompile(`(?i)white-space`),        // Outlook does not know it
	regexp.MustCompile(`<p\b|<h\d\b|<ul\b`),      // their margins differ from client to client
	regexp.MustCompile(`<no value>|%!|ZgotmplZ`), // a template that failed in silence
}

func TestTheHTMLIsFitForOutlookAndPhones(t *testing.T) {
	eachLetter(t, asItIs, func(t *testing.T, _ string, m emailtest.Mail) { fit(t, m) })
	eachLetter(t, hostile, func(t *testing.T, _ string, m emailtest.Mail) { fit(t, m) })
}

func fit(t *testing.T, m emailtest.Mail) {
	t.Helper()
	for _, re := range forbidden {
		if found := re.FindString(m.HTML); found != "" {
			t.Errorf("the HTML has %q", found)
		}
	}
	if n := len(m.Raw); n > 60_000 {
		t.Errorf("the mail has %d bytes", n)
	}
	body := m.HTML[strings.Index(m.HTML, "<body"):]
	for _, open := range regexp.MustCompile(`<(table|td|img)\b[^>]*>`).FindAllString(body, -1) {
		switch {
		case strings.HasPrefix(open, "<table") && !strings.Contains(open, `role="presentation"`):
			t.Errorf("a table of layout that a screen reader reads as data: %s", open)
		case strings.HasPrefix(open, "<table") && (!strings.Contains(open, `cellpadding="0"`) || !strings.Contains(open, `border="0"`)):
			t.Errorf("a table with a client's own borders: %s", open)
		case strings.HasPrefix(open, "<img") && (!strings.Contains(open, " alt=") || !strings.Contains(open, " width=") || !strings.Contains(open, " height=")):
			t.Errorf("a picture without alt, width or height: %s", open)
		}
	}
	// Each cell with words says itself how they look: clients drop the style sheet.
	for _, cell := range regexp.MustCompile(`<td\b[^>]*>[^<\s]`).FindAllString(body, -1) {
		for _, must := range []string{"font-family:", "font-size:", "line-height:", "color:"} {
			if !strings.Contains(cell, must) {
				t.Errorf("a cell without %s %s", must, cell)
			}
		}
		if !strings.Contains(cell, "ink") && !strings.Contains(cell, "grey") && !strings.Contains(cell, "accent") {
			t.Errorf("a cell that stays dark in the dark: %s", cell)
		}
	}
	for _, must := range []string{`width="600"`, `lang="es-MX"`, `name="color-scheme"`, "prefers-color-scheme: dark", "max-width: 620px"} {
		if !strings.Contains(m.HTML, must) {
			t.Errorf("the HTML lacks %s", must)
		}
	}
}

// tags are the elements of a page in order: its structure.
func tags(html string) []string {
	return regexp.MustCompile(`</?[a-z]+`).FindAllString(html[strings.Index(html, "<body"):], -1)
}

func TestHostileTextLeavesTheStructureOfAMailAsItIs(t *testing.T) {
	benign := map[string]emailtest.Mail{}
	eachLetter(t, asItIs, func(_ *testing.T, name string, m emailtest.Mail) { benign[name] = m })
	eachLetter(t, hostile, func(t *testing.T, name string, m emailtest.Mail) {
		skip := func(tag string) bool { return tag == "<br" } // line ends of a text
		want, got := slices.DeleteFunc(tags(benign[name].HTML), skip), slices.DeleteFunc(tags(m.HTML), skip)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		fields := func(m emailtest.Mail) (names []string) {
			for name := range m.Header {
				names = append(names, name)
			}
			slices.Sort(names)
			return names
		}
		if diff := cmp.Diff(fields(benign[name]), fields(m)); diff != "" || len(m.To) != 1 {
			t.Errorf("header: %s, to %q", diff, m.To)
		}
	})
}

func TestAMailThreadsItselfAndAsksForNoAnswer(t *testing.T) {
	seen := map[string]bool{}
	threads := map[string]string{}
	eachLetter(t, asItIs, func(t *testing.T, name string, m emailtest.Mail) {
		if seen[m.MessageID] || !strings.HasSuffix(m.MessageID, "@digital.ejemplo.gob.mx>") {
			t.Errorf("message id %s", m.MessageID)
		}
		seen[m.MessageID] = true
		if m.InReplyTo == "" || m.InReplyTo != m.References {
			t.Errorf("in reply to %q, references %q", m.InReplyTo, m.References)
		}
		threads[name] = m.InReplyTo
		for field, want := range map[string]string{
			"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply",
			"Reply-To": "<dictamenes@digital.ejemplo.gob.mx>", "User-Agent": "", "X-Mailer": "",
		} {
			if got := m.Header.Get(field); got != want {
				t.Errorf("%s is %q, want %q", field, got, want)
			}
		}
		if n := len([]rune(m.Subject)); n > 60 || n < 10 {
			t.Errorf("the subject has %d characters: %s", n, m.Subject)
		}
		if strings.Contains(name, "-request-") && !strings.HasPrefix(m.Subject, "[000147/2026] ") {
			t.Errorf("the subject does not begin with the number: %s", m.Subject)
		}
	})
	if threads["filed-request-filed-lucia.herrera"] != threads["turn-request-filed-raul.ortega"] {
		t.Error("two mails of one request are in two threads")
	}
}

func TestTheSameItemIsTheSameMessageOnEveryAttempt(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	scene := scenes()["request/filed/lucia.herrera"]
	for range 2 {
		if _, err := channel(scene, tr).Send(t.Context(), item(scene, core.MailFiled)); err != nil {
			t.Fatal(err)
		}
	}
	if all := s.All(); all[0].MessageID != all[1].MessageID {
		t.Errorf("%s and %s", all[0].MessageID, all[1].MessageID)
	}
}

func TestAnInternationalDomainIsSentToByItsASCIIForm(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	scene := scenes()["request/filed/lucia.herrera"]
	scene.Viewer.Fields = maps.Clone(scene.Viewer.Fields)
	scene.Viewer.Fields[core.FieldEmail] = "lucia@educación.gob.mx"
	if _, err := channel(scene, tr).Send(t.Context(), item(scene, core.MailFiled)); err != nil {
		t.Fatal(err)
	}
	if m := s.All()[0]; len(m.To) != 1 || m.To[0] != "lucia@xn--educacin-13a.gob.mx" {
		t.Errorf("sent to %q", m.To)
	}
}

func TestTheWelcomeMailBringsTheCodeOfTheLinkAsAPictureInTheMail(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	scene := scenes()["account/active/lucia.herrera"]
	if _, err := channel(scene, tr).Send(t.Context(), item(scene, core.MailWelcome)); err != nil {
		t.Fatal(err)
	}
	m := s.All()[0]
	if len(m.Attachments) != 1 || m.Attachments[0].ContentID != "qr" || !bytes.HasPrefix(m.Attachments[0].Data, []byte("\x89PNG")) ||
		!strings.Contains(m.HTML, `src="cid:qr"`) || !strings.Contains(m.Text, "https://t.me/sidem_bot?start=kJ8vQ2mZ") {
		t.Errorf("%d attachments, %s", len(m.Attachments), m.Text)
	}
}

func TestAMailThatIsNoLongerNeededIsNotSent(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	for name, c := range map[string]struct {
		kind  core.Mail
		scene string
	}{
		"another's turn by now":               {core.MailTurn, "request/released/raul.ortega"},
		"another collects the opinion by now": {core.MailIssued, "request/issued/mariana.rios"},
		"no observation is pending":           {core.MailObserved, "request/assigned-resolved/lucia.herrera"},
		"the account is suspended":            {core.MailWelcome, "account/suspended/elena.cruz"},
	} {
		scene := scenes()[c.scene]
		if name == "another's turn by now" {
			scene.Duties = nil
		}
		if _, err := channel(scene, tr).Send(t.Context(), item(scene, c.kind)); !errors.Is(err, notifier.ErrMoot) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ch := channel(core.Scene{}, tr)
	ch.Scenes = one{err: desk.ErrNotFound}
	if _, err := ch.Send(t.Context(), outbox.Item{}); !errors.Is(err, notifier.ErrMoot) {
		t.Errorf("not theirs to see: %v", err)
	}
	if n := len(s.All()); n != 0 {
		t.Errorf("%d mails left", n)
	}
}

func TestAMailWhoseAcceptanceCannotBeRecordedIsNotSentAgain(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	scene := scenes()["request/issued/lucia.herrera"]
	ch := channel(scene, tr)
	fails := 2
	ch.Accepted = func(context.Context, outbox.Item) error {
		if fails--; fails >= 0 {
			return errors.New("store: no answer")
		}
		return nil
	}
	it := item(scene, core.MailIssued)
	for range 2 {
		receipt, err := ch.Send(t.Context(), it)
		if kind(err) != "retry" {
			t.Fatalf("%s: %v", kind(err), err)
		}
		it.Attempts = append(it.Attempts, outbox.Attempt{Outcome: outbox.WillRetry, Receipt: receipt})
	}
	if receipt, err := ch.Send(t.Context(), it); err != nil || !strings.HasSuffix(receipt, "OK: queued as 1") || len(s.All()) != 1 {
		t.Errorf("receipt %q, %v; %d mails", receipt, err, len(s.All()))
	}
	it.Attempts = append(it.Attempts, outbox.Attempt{Outcome: outbox.Buried})
	if _, err := ch.Send(t.Context(), it); err != nil || len(s.All()) != 2 {
		t.Errorf("replayed after it was given up: %v, %d mails", err, len(s.All()))
	}
}
