package ops

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sidem/bot/slack"
	"sidem/bot/telegram"
	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/office"
	"sidem/core"
	"sidem/core/desk"
	"sidem/notifier/email"
	"sidem/storage"
	"sidem/storage/files"
)

// Finding is one line of the doctor's: a fault has what to do about it.
type Finding struct {
	About, Says string
	Fault       error
	Do          string
}

// doctor is one examination.
type doctor struct {
	cfg      *office.Config
	log      *slog.Logger
	now      time.Time // business time
	findings []Finding
}

// examination bounds the whole of it.
const examination = time.Minute

// Examine looks at everything that SIDEM needs, and changes nothing.
func Examine(ctx context.Context, cfg *office.Config, log *slog.Logger) []Finding {
	ctx, cancel := context.WithTimeout(ctx, examination)
	defer cancel()
	d := &doctor{cfg: cfg, log: log}
	d.configuration()
	d.store(ctx)
	d.files(ctx)
	d.telegram(ctx)
	d.slack(ctx)
	d.mail(ctx)
	d.clock(ctx)
	d.server(ctx)
	return d.findings
}

func (d *doctor) ok(about, format string, args ...any) {
	d.findings = append(d.findings, Finding{About: about, Says: fmt.Sprintf(format, args...)})
}

func (d *doctor) fault(about string, err error, do string) {
	d.findings = append(d.findings, Finding{About: about, Fault: err, Do: do})
}

// verdict is OK, or a fault with what to do.
func (d *doctor) verdict(about, says string, err error, do string) {
	if err != nil {
		d.fault(about, err, do)
		return
	}
	d.ok(about, "%s", says)
}

func (d *doctor) configuration() {
	err := d.cfg.Check()
	if err != nil {
		err = errors.New(strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	d.verdict("configuración", "se lee y está completa", err, "Corrija esas variables; sidem --help dice qué significa cada una.")
	c, err := app.ClockOf(d.cfg, d.log)
	if d.now = time.Now(); err == nil {
		d.now = c.Now()
	}
	institution, err := office.Read(d.cfg.Office)
	about := "institución"
	if err != nil {
		d.fault(about, err, "Corrija el archivo de SIDEM_OFFICE; el ejemplo es cmd/sidem/office/office.yaml.")
		return
	}
	if d.cfg.Office == "" {
		d.fault(about, errors.New("SIDEM_OFFICE no está puesto: se usa la de ejemplo"), "Copie cmd/sidem/office/office.yaml, ponga los datos de su institución y señálelo con SIDEM_OFFICE.")
		return
	}
	d.ok(about, "%s, zona %s", institution.Institution, institution.Calendar.Zone())
}

// store looks at the store, and at what is kept there.
func (d *doctor) store(ctx context.Context) {
	const about = "almacén"
	path, isFile := strings.CutPrefix(d.cfg.Store.Reveal(), "sqlite:")
	if _, err := os.Stat(path); isFile && errors.Is(err, os.ErrNotExist) {
		d.verdict(about, "el archivo todavía no existe; se crea al iniciar", writable(filepath.Dir(path)), "Dé permiso de escritura en esa carpeta al usuario que ejecuta SIDEM.")
		d.calendar(ctx, nil)
		return
	}
	// Beside whoever has it open, and without bringing its schema up to date.
	s, err := storage.Open(ctx, d.cfg.Store.Reveal(), storage.Options{Log: d.log, ReadOnly: true})
	if err != nil {
		d.fault(about, err, "Revise SIDEM_STORE, que el servidor o el archivo exista y que este usuario pueda usarlo.")
		d.calendar(ctx, nil)
		return
	}
	defer func() { _ = s.Close() }() // nothing was written
	requests, err := s.Count(ctx, core.TermKind(core.KindRequest))
	accounts, err2 := s.Count(ctx, core.TermKind(core.KindAccount))
	d.verdict(about, fmt.Sprintf("se abre: %d solicitudes y borradores, %d cuentas", requests, accounts), errors.Join(err, err2), "Vea el registro del servidor de datos.")
	d.calendar(ctx, s)
	d.outbox(ctx, s)
	d.checkpoint(ctx, s)
}

func (d *doctor) calendar(ctx context.Context, s desk.Sessions) {
	institution, err := office.Read(d.cfg.Office)
	if err == nil && s != nil {
		institution, err = office.Load(ctx, d.cfg.Office, s, d.now)
	}
	if err != nil {
		return // told of before
	}
	var missing []string
	for _, year := range institution.Calendar.Missing(core.DateOf(institution.Local(d.now))) {
		missing = append(missing, fmt.Sprint(year))
	}
	if len(missing) > 0 {
		err = fmt.Errorf("falta %s: sus fechas salen como provisionales", strings.Join(missing, " y "))
	}
	d.verdict("calendario", "están los años que hacen falta", err, "Cárguelo con: sidem calendar import ARCHIVO")
}

func (d *doctor) outbox(ctx context.Context, s storage.Store) {
	stats, err := s.Stats(ctx, d.now)
	switch {
	case err != nil:
	case stats.Missing() != 0:
		err = fmt.Errorf("las cuentas no cuadran: %d avisos de diferencia", stats.Missing())
	case stats.Dead > 0:
		err = fmt.Errorf("%d avisos no llegaron a nadie", stats.Dead)
	}
	d.verdict("avisos", fmt.Sprintf("%d por salir, ninguno sin entregar", stats.Live), err, "Véalos con: sidem outbox list --state dead; se intentan de nuevo con: sidem outbox replay --all")
}

// stale is how old the last checkpoint may be: one comes each night.
const stale = 48 * time.Hour

func (d *doctor) checkpoint(ctx context.Context, s desk.Sessions) {
	const about = "punto de control"
	kept, _, err := s.Get(ctx, app.CheckpointKey, d.now)
	var last app.Checkpoint
	if err == nil {
		err = json.Unmarshal(kept, &last)
	}
	switch {
	case errors.Is(err, desk.ErrNotFound):
		d.ok(about, "todavía no hay ninguno; se hace cada noche mientras SIDEM está en marcha")
	case err != nil:
		d.fault(about, err, "Revise el almacén con: sidem audit verify")
	case d.now.Sub(last.At) > stale:
		d.fault(about, fmt.Errorf("el último es del %s", last.At.Format(time.DateOnly)), "Se hace cada noche: deje SIDEM en marcha, y busque \"checkpoint\" en su registro.")
	case d.cfg.Checkpoints == "":
		d.ok(about, "del %s, solo en el registro: con SIDEM_CHECKPOINTS se guarda también en un archivo, mejor en otra máquina", last.At.Format(time.DateOnly))
	default:
		d.verdict(about, "del "+last.At.Format(time.DateOnly), writable(filepath.Dir(d.cfg.Checkpoints)), "Dé permiso de escritura en la carpeta de SIDEM_CHECKPOINTS.")
	}
}

func (d *doctor) files(ctx context.Context) {
	const about = "anexos"
	if files.IsBucket(d.cfg.Files) {
		err := files.Ask(ctx, d.cfg.Files, d.cfg.FilesOptions(d.log))
		d.verdict(about, "el almacén de objetos responde", err, "Revise SIDEM_FILES, SIDEM_FILES_KEY y SIDEM_FILES_SECRET, que el contenedor exista y la salida de red hacia él.")
		return
	}
	d.verdict(about, "se pueden guardar en "+d.cfg.Files, writable(d.cfg.Files), "Dé permiso de escritura en la carpeta de SIDEM_FILES al usuario que ejecuta SIDEM.")
}

// writable tries to write in a folder; where it is not there yet, in the nearest
// one above, in which it would be made.
func writable(dir string) error {
	for {
		info, err := os.Stat(dir)
		if errors.Is(err, os.ErrNotExist) && filepath.Dir(dir) != dir {
			dir = filepath.Dir(dir)
			continue
		}
		if err == nil && !info.IsDir() {
			err = fmt.Errorf("%s no es una carpeta", dir)
		}
		if err != nil {
			return err
		}
		break
	}
	f, err := os.CreateTemp(dir, ".sidem-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func (d *doctor) telegram(ctx context.Context) {
	const about = "Telegram"
	if d.cfg.TelegramToken == "" {
		d.ok(about, "no se usa")
		return
	}
	t, err := telegram.New(telegram.Config{Token: d.cfg.TelegramToken.Reveal(), API: d.cfg.TelegramAPI})
	user := ""
	if err == nil {
		user, err = t.Check(ctx)
	}
	if err == nil && user != d.cfg.TelegramName {
		d.fault(about, fmt.Errorf("el bot se llama %s, y SIDEM_TELEGRAM_NAME dice %s: los enlaces de los correos abrirían otro", user, d.cfg.TelegramName), "Ponga SIDEM_TELEGRAM_NAME="+user)
		return
	}
	d.verdict(about, "responde, el bot es "+user, err, "Revise SIDEM_TELEGRAM_TOKEN (lo da @BotFather) y la salida a internet hacia "+d.cfg.TelegramAPI)
}

func (d *doctor) slack(ctx context.Context) {
	const about = "Slack"
	if d.cfg.SlackBotToken == "" {
		d.ok(about, "no se usa")
		return
	}
	s, err := slack.New(slack.Config{
		BotToken: d.cfg.SlackBotToken.Reveal(), AppToken: d.cfg.SlackAppToken.Reveal(), SigningSecret: d.cfg.SlackSecret(), API: d.cfg.SlackAPI,
	})
	team := ""
	if err == nil {
		team, err = s.Check(ctx)
	}
	d.verdict(about, "responde, el espacio de trabajo es "+team, err, "Revise SIDEM_SLACK_BOT_TOKEN y SIDEM_SLACK_APP_TOKEN, que la app esté instalada y la salida a internet hacia "+d.cfg.SlackAPI)
}

func (d *doctor) mail(ctx context.Context) {
	const about = "correo"
	if d.cfg.SMTPAddr == "" {
		d.fault(about, errors.New("SIDEM_SMTP_ADDR no está puesto: no sale ningún correo, ni las contraseñas iniciales"), "Ponga el servidor de correo de la institución, por ejemplo SIDEM_SMTP_ADDR=smtp.ejemplo.gob.mx:587")
		return
	}
	host, _, _ := net.SplitHostPort(d.cfg.SMTPAddr)
	_, domain, _ := strings.Cut(d.cfg.MailFrom, "@")
	err := email.Check(ctx, email.Config{
		Addr: d.cfg.SMTPAddr, User: d.cfg.SMTPUser, Password: d.cfg.SMTPPassword.Reveal(), TLS: d.cfg.SMTPTLS, HELO: cmp.Or(domain, host),
	})
	d.verdict(about, d.cfg.SMTPAddr+" acepta la conexión y la cuenta", err, "Revise SIDEM_SMTP_ADDR, SIDEM_SMTP_TLS, SIDEM_SMTP_USER y SIDEM_SMTP_PASSWORD con quien administra el correo.")
}

// offBy is by how much the clock may differ: Slack's requests are taken within
// five minutes.
const offBy = time.Minute

// clock compares the machine's clock with what a platform's server says.
func (d *doctor) clock(ctx context.Context) {
	const about = "reloj"
	if d.cfg.ClockFile != "" {
		d.fault(about, errors.New("la hora viene de un archivo (SIDEM_CLOCK_FILE)"), "Quite SIDEM_CLOCK_FILE: es solo para pruebas.")
		return
	}
	var base string
	switch {
	case d.cfg.TelegramToken != "":
		base = d.cfg.TelegramAPI
	case d.cfg.SlackBotToken != "":
		base = d.cfg.SlackAPI
	}
	theirs, err := dateAt(ctx, base)
	if err != nil {
		d.ok(about, "%s; no hubo con qué compararlo", time.Now().Format(time.RFC3339))
		return
	}
	if off := time.Since(theirs).Abs(); off > offBy {
		err = fmt.Errorf("difiere %s del de %s", off.Round(time.Second), base)
	}
	d.verdict(about, "en hora", err, "Sincronice el reloj de la máquina (NTP).")
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
func (d *doctor) server(ctx context.Context) {
	const about = "servidor"
	if d.cfg.AdminAddr == "off" {
		d.ok(about, "sin dirección de administración no se sabe si está en marcha")
		return
	}
	err := Ready(ctx, d.cfg)
	if _, refused := errors.AsType[*net.OpError](err); refused {
		d.ok(about, "no hay ninguno en marcha en %s", d.cfg.AdminAddr)
		return
	}
	d.verdict(about, "en marcha y listo en "+d.cfg.AdminAddr, err, "Está en marcha y no toma tráfico: vea su registro.")
}
