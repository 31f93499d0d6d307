package telegram

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
)

func TestARefusalStaysUntilItIsReadAndWhatDoesNotFitIsSaidWhole(t *testing.T) {
	long := "No pude completar la acción. " + strings.Repeat("Revise cómo quedó su solicitud. ", 6) + "Código: 7F3K."
	for name, c := range map[string]struct {
		reply bot.Reply
		toast string
		alert bool
		says  string // in a message
	}{
		"a success":            {bot.Reply{Toast: "Quedó registrada."}, "Quedó registrada.", false, ""},
		"a refusal":            {bot.Reply{Toast: "Ya la liberó Elena Cruz.", Alert: true}, "Ya la liberó Elena Cruz.", true, ""},
		"nothing to say":       {bot.Reply{Alert: true}, "", false, ""},
		"more than it holds":   {bot.Reply{Toast: long, Alert: true}, "", false, long},
		"more, beside a card":  {bot.Reply{Toast: long, Alert: true, Card: said("Vigente")}, cut(long, maxToast), true, "Vigente"},
		"a refusal and a card": {bot.Reply{Toast: "Ya no está.", Alert: true, Card: said("Vigente")}, "Ya no está.", true, "Vigente"},
	} {
		t.Run(name, func(t *testing.T) {
			srv, tg, _ := open(t, telegramtest.Options{})
			p := srv.Person(7001, "Lucía", "")
			run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
				if in.Tap != "" {
					return c.reply
				}
				card := simple("Por liberar")
				return bot.Reply{Card: &card}
			})
			p.Start("")
			rest(t, srv)
			if err := p.Press(p.Screen()[1].ID, "Liberar"); err != nil {
				t.Fatal(err)
			}
			rest(t, srv)
			if got := p.Toasts(); len(got) != 1 || got[0].Text != c.toast || got[0].Alert != c.alert {
				t.Errorf("%+v", got)
			}
			if got := words(p.Screen())[2:]; strings.Join(got, "\n") != c.says {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestAFileThatTelegramDoesNotGiveIsToldFromWhatFailsForAMoment(t *testing.T) {
	refusal := func(status int, words string) *telegramtest.Fault {
		return &telegramtest.Fault{Status: status, Body: `{"ok":false,"error_code":` + decimal(int64(status)) + `,"description":"` + words + `"}`}
	}
	for name, c := range map[string]struct {
		asked, read *telegramtest.Fault // of getFile, and of the download
		never       bool
	}{
		"too big":             {asked: refusal(400, "Bad Request: file is too big"), never: true},
		"no such id":          {asked: refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable"), never: true},
		"the id of another":   {asked: refusal(400, "Bad Request: invalid file_id"), never: true},
		"expired":             {read: &telegramtest.Fault{Status: http.StatusNotFound, Body: "no"}, never: true},
		"trouble of Telegram": {asked: refusal(500, "Internal Server Error")},
		"asked too often":     {asked: refusal(429, "Too Many Requests: retry after 1")},
		"a token that is bad": {asked: refusal(401, "Unauthorized")},
		"a bad gateway":       {read: &telegramtest.Fault{Status: http.StatusBadGateway, Body: "no"}},
		"nobody there":        {read: &telegramtest.Fault{Drop: true}},
	} {
		t.Run(name, func(t *testing.T) {
			srv, tg, _ := open(t, telegramtest.Options{})
			srv.Intercept(func(call *telegramtest.Call) *telegramtest.Fault {
				switch {
				case call.Method != "getFile":
					return c.read
				case c.asked != nil:
					return c.asked
				default:
					return &telegramtest.Fault{Body: `{"ok":true,"result":{"file_id":"X","file_unique_id":"X","file_path":"a.pdf"}}`}
				}
			})
			if _, err := tg.client.open(t.Context(), "X", 5); err == nil || errors.Is(err, bot.ErrNotGiven) != c.never {
				t.Error(err)
			}
		})
	}
	_, tg, _ := open(t, telegramtest.Options{})
	if _, err := tg.client.open(t.Context(), "X", maxDownload+1); !errors.Is(err, bot.ErrNotGiven) {
		t.Error(err)
	}
}

func TestWhileAFileIsReadTheChatShowsIt(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	p := srv.Person(7001, "Lucía", "")
	run(t, tg, func(ctx context.Context, in bot.Input) bot.Reply {
		for _, up := range in.Files {
			r, err := up.Open(ctx)
			if err != nil {
				t.Error(err)
				continue
			}
			_, _ = io.Copy(io.Discard, r) // what it holds is no matter
			_ = r.Close()
		}
		return bot.Reply{Card: said("recibido")}
	})
	p.Say("hola")
	rest(t, srv)
	if n := count(srv, "sendChatAction"); n != 0 {
		t.Errorf("%d without a file", n)
	}
	p.SendFile("a.pdf", "application/pdf", []byte("%PDF-1.4"), "")
	rest(t, srv)
	if n := count(srv, "sendChatAction"); n != 1 {
		t.Errorf("%d with one", n)
	}
}
