package telegramtest

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"
)

// client is the library that the product uses, pointed at the emulator.
func client(t *testing.T, s *Server, opts ...bot.Option) *bot.Bot {
	t.Helper()
	b, err := bot.New(s.Token(), append([]bot.Option{bot.WithServerURL(s.URL())}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheRealClientSendsEditsAndDeletes(t *testing.T) {
	s := start(t, Options{NoRateLimits: true, Now: func() time.Time { return day }})
	p := lucía(t, s)
	b := client(t, s)
	keys := &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{
		{{Text: "Liberar", CallbackData: "tok1", Style: "success"}, {Text: "Ver detalle", URL: "https://ejemplo.gob.mx/147"}},
	}}
	m, err := b.SendMessage(t.Context(), &bot.SendMessageParams{
		ChatID: p.ID(), Text: "<b>Por liberar</b> &amp; más", ParseMode: models.ParseModeHTML, ReplyMarkup: keys, DisableNotification: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := p.Screen()[1]
	want := Message{
		ID: m.ID, Chat: p.ID(), FromBot: true, Text: "Por liberar & más", HTML: "<b>Por liberar</b> &amp; más",
		Entities: []Entity{{Type: "bold", Length: 11}}, Posted: day, Seq: 2, Silent: true,
	}
	if diff := cmp.Diff([]string{"Liberar", "Ver detalle"}, got.Labels()); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if k := got.Buttons[0][0]; k.Data != "tok1" || k.Style != "success" {
		t.Errorf("got button %+v", k)
	}
	got.Buttons = nil
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Button{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if m.ReplyMarkup == nil || m.ReplyMarkup.InlineKeyboard[0][0].CallbackData != "tok1" {
		t.Errorf("the client got no keyboard back: %+v", m.ReplyMarkup)
	}
	edit := &bot.EditMessageTextParams{ChatID: p.ID(), MessageID: m.ID, Text: "Liberada"}
	if _, err := b.EditMessageText(t.Context(), edit); err != nil {
		t.Fatal(err)
	}
	if _, err := b.EditMessageText(t.Context(), edit); !errors.Is(err, bot.ErrorBadRequest) || !strings.Contains(err.Error(), "message is not modified") {
		t.Errorf("got %v, want not modified", err)
	}
	if got := p.Screen()[1]; got.Text != "Liberada" || got.Edits != 1 || got.Buttons != nil {
		t.Errorf("got %+v", got)
	}
	if _, err := b.DeleteMessage(t.Context(), &bot.DeleteMessageParams{ChatID: p.ID(), MessageID: m.ID}); err != nil {
		t.Fatal(err)
	}
	if n := len(p.Screen()); n != 1 {
		t.Errorf("%d messages, want only /start", n)
	}
}

func TestTheRealClientSendsAndFetchesFiles(t *testing.T) {
	s := start(t)
	p := lucía(t, s)
	b := client(t, s)
	m, err := b.SendDocument(t.Context(), &bot.SendDocumentParams{
		ChatID: p.ID(), Document: &models.InputFileUpload{Filename: "oficio.pdf", Data: strings.NewReader("%PDF-1")}, Caption: "Borrador",
	})
	if err != nil {
		t.Fatal(err)
	}
	if m.Document == nil || m.Document.MimeType != "application/pdf" || m.Caption != "Borrador" {
		t.Fatalf("got %+v", m)
	}
	if _, err := b.SendDocument(t.Context(), &bot.SendDocumentParams{ChatID: p.ID(), Document: &models.InputFileString{Data: m.Document.FileID}}); err != nil {
		t.Fatal(err)
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
		t.Fatal(err)
	}
	if _, err := b.SendPhoto(t.Context(), &bot.SendPhotoParams{ChatID: p.ID(), Photo: &models.InputFileUpload{Filename: "qr.png", Data: &picture}}); err != nil {
		t.Fatal(err)
	}
	screen := p.Screen()
	if len(screen) != 4 || string(screen[2].Document.Data) != "%PDF-1" || screen[3].Document.Name != "qr.png" || screen[1].Text != "Borrador" {
		t.Errorf("got %+v", screen)
	}
	p.SendFile("anexo.pdf", "application/pdf", []byte("contenido"), "mi anexo")
	f, err := b.GetFile(t.Context(), &bot.GetFileParams{FileID: p.Screen()[4].Document.FileID})
	if err != nil {
		t.Fatal(err)
	}
	if got := fetch(t, b.FileDownloadLink(f), http.StatusOK); got != "contenido" {
		t.Errorf("got %q", got)
	}
	fetch(t, s.URL()+"/file/bot"+s.Token()+"/documents/other.pdf", http.StatusNotFound)
	fetch(t, s.URL()+"/file/bot1:wrong/"+f.FilePath, http.StatusUnauthorized)
}

func fetch(t *testing.T, url string, status int) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		t.Fatalf("GET %s: %d %v, want %d", url, resp.StatusCode, err, status)
	}
	return string(body)
}

func TestTheRealClientHearsPeopleAndAnswersPresses(t *testing.T) {
	s := start(t)
	p := s.Person(1001, "Lucía", "Herrera")
	heard := make(chan *models.Update, 10)
	b := client(t, s, bot.WithDefaultHandler(func(_ context.Context, _ *bot.Bot, u *models.Update) { heard <- u }))
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() { defer close(stopped); b.Start(ctx) }()
	defer func() { cancel(); <-stopped }()

	p.Start("abc")
	u := <-heard
	if u.Message.Text != "/start abc" || u.Message.From.ID != 1001 || u.Message.Entities[0].Type != models.MessageEntityTypeBotCommand {
		t.Errorf("got %+v", u.Message)
	}
	m, err := b.SendMessage(ctx, &bot.SendMessageParams{ChatID: 1001, Text: "x", ReplyMarkup: models.InlineKeyboardMarkup{
		InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: "Sí", CallbackData: "tok"}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Press(m.ID, "Sí"); err != nil {
		t.Fatal(err)
	}
	u = <-heard
	if q := u.CallbackQuery; q.Data != "tok" || q.Message.Message.ID != m.ID || q.Message.Message.ReplyMarkup.InlineKeyboard[0][0].Text != "Sí" {
		t.Errorf("got %+v", q)
	}
	if _, err := b.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: u.CallbackQuery.ID, Text: "Quedó"}); err != nil {
		t.Fatal(err)
	}
	p.PressData(999, "old")
	if q := (<-heard).CallbackQuery; q.Message.InaccessibleMessage == nil || q.Message.InaccessibleMessage.MessageID != 999 {
		t.Errorf("a press on a message that is gone: got %+v", q.Message)
	}
	p.Forward("oficio")
	if o := (<-heard).Message.ForwardOrigin; o == nil || o.MessageOriginHiddenUser == nil {
		t.Errorf("got origin %+v", o)
	}
	p.Block()
	if c := (<-heard).MyChatMember; c.NewChatMember.Type != models.ChatMemberTypeBanned || c.From.ID != 1001 {
		t.Errorf("got %+v", c)
	}
	await(t, s, s.Idle)
	if got := p.Toasts(); len(got) != 1 || got[0].Text != "Quedó" {
		t.Errorf("got %+v", got)
	}
}

func TestTheRealClientUnderstandsTheRefusals(t *testing.T) {
	s := start(t, Options{})
	p := s.Person(1, "A", "")
	b := client(t, s)
	_, err := b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: 1, Text: "x"})
	if !errors.Is(err, bot.ErrorBadRequest) {
		t.Errorf("got %v", err)
	}
	p.Start("")
	p.Block()
	if _, err = b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: 1, Text: "x"}); !errors.Is(err, bot.ErrorForbidden) {
		t.Errorf("got %v", err)
	}
	p.Unblock()
	for range perChatBurst {
		if _, err = b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: 1, Text: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	// the burst is used up unless this took more than a second
	_, err = b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: 1, Text: "x"})
	if e, ok := errors.AsType[*bot.TooManyRequestsError](err); err != nil && (!ok || e.RetryAfter != 1) {
		t.Errorf("got %v", err)
	}
	g := s.Group(-10, "Área", p)
	next := g.Migrate(-1000000000010)
	_, err = b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: g.ID(), Text: "x"})
	if e, ok := errors.AsType[*bot.MigrateError](err); !ok || e.MigrateToChatID != int(next.ID()) {
		t.Errorf("got %v", err)
	}
	if _, err = b.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: next.ID(), Text: "x"}); err != nil {
		t.Error(err)
	}
	_, err = b.SetMyCommands(t.Context(), &bot.SetMyCommandsParams{
		Commands: []models.BotCommand{{Command: "ayuda", Description: "Ayuda"}},
		Scope:    &models.BotCommandScopeAllPrivateChats{}, LanguageCode: "es",
	})
	if err != nil || len(s.Commands("all_private_chats@es")) != 1 {
		t.Errorf("got %v", err)
	}
}
