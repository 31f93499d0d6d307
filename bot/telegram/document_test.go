package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
)

// paper is a file of ours.
func paper(name, content string) bot.Document {
	return bot.Document{Name: name, MIME: "application/pdf", Size: int64(len(content)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(content)), nil
	}}
}

// served is what a person sees of documents after saying something.
func served(t *testing.T, faults func(*telegramtest.Call) *telegramtest.Fault, docs ...bot.Document) (*telegramtest.Server, []telegramtest.Message) {
	t.Helper()
	srv, tg, _ := open(t, telegramtest.Options{})
	srv.Intercept(faults)
	p := srv.Person(7001, "Lucía", "")
	run(t, tg, func(context.Context, bot.Input) bot.Reply { return bot.Reply{Card: said("Anexos"), Documents: docs} })
	p.Say("anexos")
	rest(t, srv)
	return srv, p.Screen()[1:]
}

func TestDocumentsFollowTheCardWhole(t *testing.T) {
	content := strings.Repeat("ñ\r\n--X--\x00", 200_000)
	unknown := paper("plano.dwg", content)
	unknown.Size, unknown.MIME = 0, "no type at all"
	_, screen := served(t, nil, paper("oficio.pdf", "%PDF-1.7"), paper("cotización.pdf", content), unknown)
	if len(screen) != 4 || screen[0].Text != "Anexos" {
		t.Fatalf("%q", words(screen))
	}
	for i, want := range []struct{ name, content string }{{"oficio.pdf", "%PDF-1.7"}, {"cotización.pdf", content}, {"plano.dwg", content}} {
		if d := screen[i+1].Document; d == nil || d.Name != want.name || !bytes.Equal(d.Data, []byte(want.content)) {
			t.Errorf("document %d is %+v", i, screen[i+1].Text)
		}
	}
}

func TestADocumentIsReadAnewForEachAttempt(t *testing.T) {
	var opened, failures atomic.Int64
	d := paper("oficio.pdf", strings.Repeat("x", 100_000))
	whole := d.Open
	d.Open = func(ctx context.Context) (io.ReadCloser, error) {
		opened.Add(1)
		return whole(ctx)
	}
	srv, screen := served(t, func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Method != "sendDocument" || failures.Add(1) > 2 {
			return nil
		}
		return &telegramtest.Fault{Status: 502, Body: "<html>"}
	}, d)
	if last := screen[len(screen)-1]; last.Document == nil || len(last.Document.Data) != 100_000 || opened.Load() != 3 {
		t.Errorf("%q after %d readings", words(screen), opened.Load())
	}
	for _, c := range srv.Calls() {
		if c.Method == "sendDocument" && len(c.Files["document"].Data) != 100_000 {
			t.Errorf("an attempt carried %d bytes", len(c.Files["document"].Data))
		}
	}
}

func TestADocumentThatDoesNotArriveIsOwnedUpTo(t *testing.T) {
	broken := paper("oficio.pdf", "x")
	broken.Open = func(context.Context) (io.ReadCloser, error) { return nil, errors.New("gone from the store") }
	huge := paper("plano.pdf", "x")
	huge.Size = maxUpload + 1
	short := paper("corto.pdf", "x")
	short.Size = 5
	lost, opened := paper("anexo.pdf", "x"), 0
	lost.Open = func(context.Context) (io.ReadCloser, error) {
		opened++
		return nil, outbox.Permanent(bot.ErrLost)
	}
	srv, screen := served(t, nil, broken, huge, short, lost, paper("bueno.pdf", "x"))
	got := words(screen)
	want := []string{
		"Anexos",
		"No pude enviar el archivo “oficio.pdf”. Vuelva a pedirlo en un minuto.",
		"El archivo “plano.pdf” pesa 51 MB; por aquí puedo enviar hasta 50 MB. Pídalo a la Administración de SIDEM.",
		"No pude enviar el archivo “corto.pdf”. Vuelva a pedirlo en un minuto.",
		es.FileLost("anexo.pdf"),
		"",
	}
	if opened != 1 {
		t.Errorf("what is lost was looked for %d times", opened)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if last := screen[len(screen)-1].Document; last == nil || last.Name != "bueno.pdf" {
		t.Error("what came after was not sent")
	}
	for _, c := range srv.Calls() {
		if c.Method == "sendDocument" && strings.Contains(c.Files["document"].Name, "plano") {
			t.Error("what is too large was tried")
		}
	}
}

func TestADocumentAtTheLimitIsSentAndOneThatGrewIsCutOff(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	srv.Person(7001, "Lucía", "").Start("")
	at := bot.Document{Name: "justo.zip", Size: maxUpload, Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(make([]byte, maxUpload))), nil
	}}
	if err := tg.client.document(t.Context(), 7001, at); err != nil {
		t.Error(err)
	}
	grown := at
	grown.Size = 0
	grown.Open = func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(make([]byte, maxUpload+1))), nil
	}
	if err := tg.client.document(t.Context(), 7001, grown); err == nil || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("one byte over: %v", err)
	}
}

func TestNamesOfFilesAreOnlyNames(t *testing.T) {
	for given, want := range map[string]string{
		"oficio.pdf":                      "oficio.pdf",
		"../../etc/passwd":                "..-..-etc-passwd",
		`a"; name="chat_id`:               "a'; name='chat_id",
		"x\r\nContent-Type: a/b.pdf":      "x Content-Type: a-b.pdf",
		"\u202efdp.exe":                   "fdp.exe",
		"":                                "archivo",
		"..":                              "archivo",
		strings.Repeat("n", 300) + ".pdf": strings.Repeat("n", 95) + "….pdf",
	} {
		if got := fileName(given); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

func TestWhatCannotBeReadComesToTheConversationAndIsNotFetched(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	var seen book
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		seen.add(in)
		return bot.Reply{}
	})
	p := srv.Person(7001, "Lucía", "")
	p.SendFile("plano.pdf", "application/pdf", make([]byte, maxDownload+1), "")
	p.SendVoice(2000)
	p.SendFile("recorrido.mp4", "video/mp4", make([]byte, 2000), "")
	rest(t, srv)
	var got []string
	for _, in := range seen.inputs() {
		line := string(in.Unreadable)
		for _, f := range in.Files {
			line += fmt.Sprint(f.Name, " ", f.Size)
		}
		got = append(got, line)
	}
	if diff := cmp.Diff([]string{fmt.Sprint("plano.pdf ", maxDownload+1), "voice", "voice"}, got); diff != "" {
		t.Error(diff)
	}
	if count(srv, "getFile") != 0 {
		t.Error("a file was asked for")
	}
}

func TestAMessageIsPostedUnderAnotherAndRemovedWithin48Hours(t *testing.T) {
	var later atomic.Int64
	now := testbed.Clock()
	srv, tg, _ := open(t, telegramtest.Options{Now: func() time.Time { return now().Add(time.Duration(later.Load())) }})
	p := srv.Person(7001, "Lucía", "")
	p.Start("")
	top, err := tg.Post(t.Context(), "7001", simple("arriba"), card.Ref{})
	if err != nil {
		t.Fatal(err)
	}
	var refs []card.Ref
	for _, under := range []card.Ref{top, {Chat: "7001", Message: "987654"}} { // the second is not there any more
		ref, err := tg.Post(t.Context(), "7001", simple("abajo"), under)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
	}
	var replies []string
	for _, m := range p.Screen()[2:] {
		replies = append(replies, decimal(int64(m.ReplyTo)))
	}
	if diff := cmp.Diff([]string{top.Message, "0"}, replies); diff != "" {
		t.Error(diff)
	}
	if err := tg.Remove(t.Context(), refs[0]); err != nil {
		t.Error(err)
	}
	later.Store(int64(48 * time.Hour))
	for name, ref := range map[string]card.Ref{"removed": refs[0], "too old": refs[1], "no reference": {Chat: "x"}} {
		if err := tg.Remove(t.Context(), ref); !outbox.IsGone(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !slices.Contains(words(p.Screen()), "abajo") {
		t.Error("the old one has gone")
	}
}
