package ops

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/slack"
	"sidem.gob.mx/sidem/bot/telegram"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/app/tracing"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/email"
)

func (x *examination) telegram(ctx context.Context) (string, error) {
	if x.cfg.TelegramToken == "" {
		return "no se usa", nil
	}
	t, err := telegram.New(telegram.Config{Token: x.cfg.TelegramToken.Reveal(), API: x.cfg.TelegramAPI})
	if err != nil {
		return "", err
	}
	user, err := t.Check(ctx)
	if err != nil {
		return "", refused(err)
	}
	if x.cfg.TelegramName != "" && !strings.EqualFold(user, x.cfg.TelegramName) {
		return "", advised{
			misconfigured("el bot se llama %s, y SIDEM_TELEGRAM_NAME dice %s: es el token de otro bot, o el nombre de otro", user, x.cfg.TelegramName),
			"Ponga SIDEM_TELEGRAM_NAME=" + user,
		}
	}
	return "responde, el bot es " + user, nil
}

func (x *examination) slack(ctx context.Context) (string, error) {
	if x.cfg.SlackBotToken == "" {
		return "no se usa", nil
	}
	s, err := slack.New(slack.Config{
		BotToken: x.cfg.SlackBotToken.Reveal(), AppToken: x.cfg.SlackAppToken.Reveal(), SigningSecret: x.cfg.SlackSecret(), API: x.cfg.SlackAPI,
	})
	if err != nil {
		return "", err
	}
	st, err := s.Check(ctx)
	if err == nil {
		err = s.CheckSocket(ctx)
	}
	if err == nil && len(st.Missing) > 0 {
		return "", advised{
			fmt.Errorf("a la app le faltan permisos: %s", strings.Join(st.Missing, ", ")),
			"Actualice la app con el manifiesto (sidem manifest slack) y vuelva a instalarla. Sin im:history no se oye a las personas, ni se busca un mensaje dudoso antes de repetirlo.",
		}
	}
	return "responde, el espacio de trabajo es " + st.Team, refused(err)
}

// refused is err as a fault of the configuration, where a platform refuses a token.
func refused(err error) error {
	if errors.Is(err, wire.ErrRefused) {
		return office.Misconfigured(err)
	}
	return err
}

func misconfigured(format string, args ...any) error {
	return office.Misconfigured(fmt.Errorf(format, args...))
}

func (x *examination) mail(ctx context.Context) (string, error) {
	if x.cfg.SMTPAddr == "" {
		return "", advised{
			errors.New("SIDEM_SMTP_ADDR no está puesto: no sale ningún correo, ni las contraseñas iniciales"),
			"Ponga el servidor de correo de la institución, por ejemplo SIDEM_SMTP_ADDR=smtp.ejemplo.gob.mx:587",
		}
	}
	from, err := x.cfg.Sender()
	if err != nil {
		return "", errUntold // by the check of the configuration
	}
	to, ok, err := x.cfg.Answers()
	if err != nil {
		return "", errUntold
	}
	if !ok {
		to = from
	}
	relay, err := app.Relay(x.cfg)
	if err != nil {
		return "", errUntold
	}
	err = email.Check(ctx, relay, from.Address.ASCII(), to.Address.ASCII())
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); unknown {
		err = advised{err, "El certificado del servidor de correo es de una autoridad propia: ponga en SIDEM_SMTP_CA el archivo PEM de esa autoridad."}
	}
	if do, ok := mailAdvice[email.Reason(outbox.Reason(err))]; ok {
		err = advised{err, do}
	}
	return x.cfg.SMTPAddr + " acepta la conexión, la cuenta y el remitente", err
}

func (x *examination) traces(ctx context.Context) (string, error) {
	if x.cfg.OTLPEndpoint == "" {
		return "", errUntold
	}
	return "se reciben en " + x.cfg.OTLPEndpoint, tracing.Ask(ctx, x.cfg.OTLPEndpoint, nil)
}

// mailAdvice is what to do about a relay that takes no mail of ours, where that is
// more than to look at the address and the account.
var mailAdvice = map[email.Reason]string{
	email.Quota:    "El servidor de correo dice que ya se envió demasiado: pida un límite mayor a quien lo administra. Los avisos esperan y salen solos.",
	email.Sender:   "El servidor de correo no permite ese remitente: ponga en SIDEM_MAIL_FROM una dirección de la cuenta SIDEM_SMTP_USER, o pida que se le permita.",
	email.Client:   "El servidor de correo no acepta la dirección de esta máquina: pida a quien lo administra que la permita, y revise su DNS inverso.",
	email.Relaying: "El servidor de correo no reenvía para SIDEM: ponga SIDEM_SMTP_USER y SIDEM_SMTP_PASSWORD, o pida que permita reenviar desde esta máquina.",
	email.Greeting: "El servidor de correo no acepta el nombre con que SIDEM saluda, que es el dominio de SIDEM_MAIL_FROM: revise que exista en el DNS.",
}

// offBy is by how much the clock may differ: Slack's requests are taken within
// five minutes.
const offBy = time.Minute

// clock compares the machine's clock with what a platform's server says.
func (x *examination) clock(ctx context.Context) (string, error) {
	if x.cfg.ClockFile != "" {
		return "", advised{errors.New("la hora viene de un archivo (SIDEM_CLOCK_FILE)"), "Quite SIDEM_CLOCK_FILE: es solo para pruebas."}
	}
	var base string
	switch {
	case x.cfg.TelegramToken != "":
		base = x.cfg.TelegramAPI
	case x.cfg.SlackBotToken != "":
		base = x.cfg.SlackAPI
	}
	theirs, err := dateAt(ctx, base)
	if err != nil {
		return time.Now().Format(time.RFC3339) + "; no hubo con qué compararlo", nil
	}
	if off := time.Since(theirs).Abs(); off > offBy {
		return "", fmt.Errorf("difiere %s del de %s", off.Round(time.Second), base)
	}
	return "en hora", nil
}

// dateAt is what the server at an address says the time is.
func dateAt(ctx context.Context, address string) (time.Time, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return time.Time{}, err
	}
	client := http.Client{Timeout: 5 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return time.Time{}, err
	}
	_ = res.Body.Close()
	return http.ParseTime(res.Header.Get("Date"))
}

// server says whether a SIDEM runs; that none does is no fault.
func (x *examination) server(ctx context.Context) (string, error) {
	if x.cfg.AdminAddr == "off" {
		return "sin dirección de administración no se sabe si está en marcha", nil
	}
	err := Ready(ctx, x.cfg)
	if _, refused := errors.AsType[*net.OpError](err); refused {
		return "no hay ninguno en marcha en " + x.cfg.AdminAddr, nil
	}
	return "en marcha y listo en " + x.cfg.AdminAddr, err
}
