package telegramtest

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core/testbed"
)

func TestAPersonPressesOnlyWhatTheySee(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	m := sendText(t, s, params{"chat_id": p.ID(), "text": "x", "reply_markup": keyboard(
		params{"text": "Liberar", "callback_data": "tok"}, params{"text": "Ver", "url": "https://ejemplo.mx"})})
	for label, id := range map[string]int{"Devolver": m.ID, "Ver": m.ID, "Liberar": m.ID + 1} {
		if err := p.Press(id, label); err == nil {
			t.Errorf("pressed %q on %d", label, id)
		}
	}
	if err := p.Press(m.ID, "Liberar"); err != nil || p.Waiting() != 1 {
		t.Errorf("got %v, waiting %d", err, p.Waiting())
	}
	p.Block()
	if err := p.Press(m.ID, "Liberar"); err == nil {
		t.Error("pressed a button of a blocked bot")
	}
}

func TestTheAppTrimsSplitsAndDropsBadDeepLinks(t *testing.T) {
	s := start(t)
	p := s.Person(1, "A", "")
	p.Start("no válido")
	p.Start(strings.Repeat("a", 65))
	p.Start("Abc-_9")
	if p.Say("  \n") != 0 {
		t.Error("sent nothing but space")
	}
	p.Say(strings.Repeat("😀", 2049))
	want := []string{"/start", "/start", "/start Abc-_9", strings.Repeat("😀", 2048), "😀"}
	if diff := cmp.Diff(want, texts(updatesOf(t, s, params{}))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWritingToABlockedBotUnblocksIt(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	p.Block()
	p.Block()
	p.Start("")
	var got []string
	for _, e := range updatesOf(t, s, params{}) {
		if e.Member != nil {
			got = append(got, e.Member.New.Status)
		} else {
			got = append(got, e.Message.Text)
		}
	}
	if diff := cmp.Diff([]string{"kicked", "member", "/start"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFilesAreRefusedAsThePlatformRefusesThem(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	doc := func(id, caption string) params {
		return params{"chat_id": p.ID(), "document": id, "caption": caption}
	}
	refused(t, s, "sendDocument", doc("", ""), "Bad Request: there is no document in the request")
	refused(t, s, "sendDocument", doc("BQnone", ""), "Bad Request: wrong file identifier/HTTP URL specified")
	refused(t, s, "sendDocument", doc("https://ejemplo.mx/a.pdf", ""), "Bad Request: failed to get HTTP URL content")
	p.SendFile("grande.zip", "application/zip", make([]byte, maxDownload+1), "")
	p.SendFile("justo.zip", "application/zip", make([]byte, maxDownload), "")
	screen := p.Screen()
	big, fits := screen[1].Document.FileID, screen[2].Document.FileID
	refused(t, s, "getFile", params{"file_id": big}, "Bad Request: file is too big")
	refused(t, s, "getFile", params{"file_id": "x"}, "Bad Request: invalid file_id")
	must(t, s, "getFile", params{"file_id": fits})
	must(t, s, "sendDocument", doc(fits, strings.Repeat("x", 1024)))
	refused(t, s, "sendDocument", doc(fits, strings.Repeat("x", 1025)), "Bad Request: message caption is too long")
	refused(t, s, "sendPhoto", params{"chat_id": p.ID(), "photo": fits}, "Bad Request: can't use file of type Document as Photo")
	m := p.Screen()[3]
	must(t, s, "editMessageCaption", params{"chat_id": p.ID(), "message_id": m.ID, "caption": "y"})
	refused(t, s, "editMessageText", params{"chat_id": p.ID(), "message_id": m.ID, "text": "y"}, "Bad Request: there is no text in the message to edit")

	upload := func(field, name string, data []byte) said {
		var b bytes.Buffer
		fmt.Fprintf(&b, "--X\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n%d\r\n", p.ID())
		fmt.Fprintf(&b, "--X\r\nContent-Disposition: form-data; name=%q; filename=%q\r\n\r\n", field, name)
		b.Write(data)
		b.WriteString("\r\n--X--\r\n")
		at := s.URL() + "/bot" + s.Token() + "/send" + strings.ToUpper(field[:1]) + field[1:]
		out, err := send(t.Context(), at, "multipart/form-data; boundary=X", b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if r := upload("document", "vacío.pdf", nil); r.Description != "Bad Request: file must be non-empty" {
		t.Errorf("got %+v", r)
	}
	if r := upload("photo", "x.png", []byte("no es una foto")); r.Description != "Bad Request: IMAGE_PROCESS_FAILED" {
		t.Errorf("got %+v", r)
	}
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "POST /bot%s/sendDocument HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", s.Token(), maxBody+1); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "413") {
		t.Errorf("more than 50 MB: got %q %v", line, err)
	}
}

func TestAGroupIsHeardInPrivacyModeOnly(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	g := s.Group(-7, "Secretaría Técnica", p)
	m := sendText(t, s, params{"chat_id": g.ID(), "text": "Por liberar", "reply_markup": keyboard(params{"text": "Abrir", "callback_data": "x"})})
	g.Say(p, "entre nosotros")
	g.Say(p, "/pendientes")
	g.Say(p, "/ayuda@otro_bot")
	g.Say(p, "😀 /ayuda@sidem_bot")
	g.Say(p, "oye @SIDEM_bot")
	g.Reply(p, m.ID, "respondo")
	want := []string{"/pendientes", "😀 /ayuda@sidem_bot", "oye @SIDEM_bot", "respondo"}
	if diff := cmp.Diff(want, texts(updatesOf(t, s, params{}))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(g.Screen()) != 7 {
		t.Errorf("the group sees %d messages", len(g.Screen()))
	}
	if err := g.Press(s.Person(9, "X", ""), m.ID, "Abrir"); err == nil {
		t.Error("a stranger pressed a button")
	}
	if err := g.Press(p, m.ID, "Abrir"); err != nil {
		t.Error(err)
	}
	if id := g.PressData(p, m.ID, "forged"); id == "" || p.Waiting() != 2 {
		t.Errorf("query %q, waiting %d", id, p.Waiting())
	}
	theirs := g.Say(p, "nuestro")
	refused(t, s, "deleteMessage", params{"chat_id": g.ID(), "message_id": theirs}, "Bad Request: message can't be deleted")
	g.Kick(p)
	refused(t, s, "sendMessage", params{"chat_id": g.ID(), "text": "x"}, "Forbidden: bot was kicked from the group chat")
}

func TestAMigratedGroupSaysWhereItWent(t *testing.T) {
	s := start(t)
	g := s.Group(-7, "Área", lucía(t, s))
	next := g.Migrate(-1000000000007)
	r := refused(t, s, "sendMessage", params{"chat_id": g.ID(), "text": "x"}, "Bad Request: group chat was upgraded to a supergroup chat")
	if r.Parameters.MigrateTo != next.ID() {
		t.Errorf("migrates to %d", r.Parameters.MigrateTo)
	}
	got := updatesOf(t, s, params{})
	if len(got) != 2 || got[0].Message.MigratedTo != next.ID() || got[1].Message.MigratedFrom != g.ID() {
		t.Errorf("got %+v", got)
	}
	must(t, s, "sendMessage", params{"chat_id": next.ID(), "text": "x"})
	if screen := next.Screen(); len(screen) != 1 || screen[0].Text != "x" {
		t.Errorf("got %+v", screen)
	}
}

func TestMessagesAreNumberedInTheOrderOfPostingUnderLoad(t *testing.T) {
	s := start(t)
	var wg sync.WaitGroup
	for i := range 8 {
		p := s.Person(int64(100+i), "P", "")
		p.Start("")
		wg.Go(func() {
			for n := range 20 {
				if _, err := callMethod(t.Context(), s, "sendMessage", params{"chat_id": p.ID(), "text": fmt.Sprint(n)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	seen := map[int64]bool{}
	for i := range 8 {
		var last int64
		for _, m := range s.Person(int64(100+i), "", "").Screen() {
			if seen[m.Seq] || m.Seq <= last {
				t.Fatalf("sequence %d after %d", m.Seq, last)
			}
			seen[m.Seq], last = true, m.Seq
		}
	}
	await(t, s, func() bool { return len(seen) == 168 })
}

func TestRatesAreLimitedAsThePlatformLimitsThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter()
		burst := func(chat int64) (n int, wait time.Duration) {
			for ; wait == 0; n++ {
				wait = l.message(testbed.Now(), chat)
			}
			return n - 1, wait
		}
		if n, wait := burst(1); n != 20 || wait != time.Second {
			t.Errorf("a chat took %d at once, then waits %v", n, wait)
		}
		if n, _ := burst(2); n != 10 {
			t.Errorf("the second chat took %d, want the rest of 30", n)
		}
		if wait := l.edit(testbed.Now()); wait == 0 {
			t.Error("an edit beyond the overall rate was let through")
		}
		time.Sleep(time.Second)
		if n, _ := burst(1); n != 1 {
			t.Errorf("a chat took %d after a second", n)
		}
		time.Sleep(time.Second)
		if n, wait := burst(-5); n != 20 || wait != 3*time.Second {
			t.Errorf("a group took %d at once, then waits %v", n, wait)
		}
		time.Sleep(time.Minute)
		if n, _ := burst(-5); n != 20 {
			t.Errorf("a group took %d after a minute", n)
		}
	})
}
