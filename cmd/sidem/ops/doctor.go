package ops

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/roster"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/notifier/maintenance"
	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/files"
)

// Doctor looks at everything that SIDEM needs, and changes nothing.
type Doctor struct {
	Config office.Config
	Log    *slog.Logger
	// Now is the business time; nil is the one that the configuration asks for.
	Now func() time.Time
	// DNS is asked for what verifies mails; nil is the machine's.
	DNS Resolver
}

// Finding is one line of the doctor's: a fault has what to do about it.
type Finding struct {
	About, Says string
	Fault       error
	Do          string
}

// checks are what the doctor looks at, in the order in which it tells of them, and
// what to do about most faults of each. A look says what is fine, or what is not.
var checks = []struct {
	about string
	look  func(*examination, context.Context) (string, error)
	do    string
}{
	{"configuración", (*examination).configuration, "Corrija esas variables; sidem config check muestra cómo se entiende cada una."},
	{"institución", (*examination).institution, "Corrija el archivo de SIDEM_OFFICE; el ejemplo es cmd/sidem/office/office.yaml."},
	{"almacén", (*examination).records, "Revise SIDEM_STORE, que el servidor o el archivo exista y que este usuario pueda usarlo."},
	{"claves", (*examination).keys, "Restaure un respaldo, o haga otra con: sidem keys rotate --at-once; los botones, contraseñas y códigos de antes dejan de servir."},
	{"cuentas", (*examination).accounts, "Corrija el correo de una de ellas: abra su cuenta en el chat y elija Corregir datos."},
	{"administración", (*examination).administration, "Cargue la cuenta de quien administre con: sidem import ARCHIVO"},
	{"calendario", (*examination).calendar, "Cárguelo con: sidem calendar import ARCHIVO"},
	{"avisos", (*examination).outbox, "Véalos con: sidem outbox list --state dead; se intentan de nuevo con: sidem outbox replay --all"},
	{"restauración", (*examination).restored, "Busque un respaldo más reciente. Si no lo hay, pida que se registre de nuevo lo perdido y confírmelo con: sidem restore --confirm"},
	{"conservación", (*examination).retention, "Se hace cada noche: deje SIDEM en marcha, y busque \"retention\" en su registro."},
	{"archivo", (*examination).archives, "Recupérelos de un respaldo de SIDEM_FILES; sidem archive list los enumera y sidem audit verify los lee completos."},
	{"punto de control", (*examination).checkpoint, "Revise el almacén con: sidem audit verify"},
	{"índice", (*examination).filing, "Ejecute sidem reindex; puede ser con SIDEM en marcha."},
	{"anexos", (*examination).attachments, "Dé permiso de escritura en la carpeta de SIDEM_FILES al usuario que ejecuta SIDEM."},
	{"Telegram", (*examination).telegram, "Revise SIDEM_TELEGRAM_TOKEN (lo da @BotFather) y la salida a internet hacia SIDEM_TELEGRAM_API."},
	{"Slack", (*examination).slack, "Revise SIDEM_SLACK_BOT_TOKEN y SIDEM_SLACK_APP_TOKEN, que la app esté instalada y la salida a internet hacia SIDEM_SLACK_API."},
	{"correo", (*examination).mail, "Revise SIDEM_SMTP_ADDR, SIDEM_SMTP_TLS, SIDEM_SMTP_USER y SIDEM_SMTP_PASSWORD con quien administra el correo."},
	{"firma del correo", (*examination).signature, "Revise SIDEM_DKIM_KEY y SIDEM_DKIM_SELECTOR con quien administra el DNS."},
	{"trazas", (*examination).traces, "Revise SIDEM_OTLP_ENDPOINT, y que allí se reciba OTLP por HTTP."},
	{"reloj", (*examination).clock, "Sincronice el reloj de la máquina (NTP)."},
	{"servidor", (*examination).server, "Está en marcha y no toma tráfico: vea su registro."},
}

// advised is a fault about which something else is to be done than about most of its kind.
type advised struct {
	error
	do string
}

func (a advised) Unwrap() error { return a.error }

// errUntold says that there is nothing to tell: what stands in the way is a fault of another check.
var errUntold = errors.New("told by another check")

// examination is one look at everything.
type examination struct {
	cfg   *office.Config
	log   *slog.Logger
	now   time.Time
	store storage.Store // nil where it cannot be opened, or is not there yet
	dns   Resolver
}

// longest bounds the whole of an examination.
const longest = time.Minute

// Examine returns a finding for each check that has something to tell.
func (d Doctor) Examine(ctx context.Context) (out []Finding) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	x := &examination{cfg: &d.Config, log: d.Log, now: d.now(), dns: cmp.Or[Resolver](d.DNS, net.DefaultResolver)}
	defer func() {
		if x.store != nil {
			_ = x.store.Close() // nothing was written
		}
	}()
	for _, c := range checks {
		says, err := c.look(x, ctx)
		if errors.Is(err, errUntold) {
			continue
		}
		f := Finding{About: c.about, Says: says}
		if err != nil {
			f.Fault, f.Do = err, c.do
			if a, ok := errors.AsType[advised](err); ok {
				f.Do = a.do
			}
		}
		out = append(out, f)
	}
	return out
}

func (d Doctor) now() time.Time {
	if d.Now != nil {
		return d.Now()
	}
	c, err := app.ClockOf(&d.Config, d.Log)
	if err != nil { // a file that is none is told by the check of the clock
		c = app.NewClock()
	}
	return c.Now()
}

func (x *examination) configuration(context.Context) (string, error) {
	if err := app.Check(x.cfg, true); err != nil {
		return "", err
	}
	return "se lee y está completa", nil
}

func (x *examination) institution(context.Context) (string, error) {
	institution, err := office.Read(x.cfg.Office)
	if err != nil {
		return "", errUntold // by the check of the configuration
	}
	if x.cfg.Office == "" {
		return "", advised{
			errors.New("SIDEM_OFFICE no está puesto: se usa la de ejemplo"),
			"Copie cmd/sidem/office/office.yaml, ponga los datos de su institución y señálelo con SIDEM_OFFICE.",
		}
	}
	return fmt.Sprintf("%s, zona %s", institution.Institution, institution.Calendar.Zone()), nil
}

// records opens the store for the checks that follow: beside whoever has it open,
// and without bringing its schema up to date.
func (x *examination) records(ctx context.Context) (string, error) {
	path, isFile := strings.CutPrefix(x.cfg.Store.Reveal(), "sqlite:")
	if _, err := os.Stat(path); isFile && errors.Is(err, os.ErrNotExist) {
		if office.Writable(filepath.Dir(path)) != nil {
			return "", errUntold
		}
		return "el archivo todavía no existe; se crea al iniciar", nil
	}
	s, err := storage.Open(ctx, x.cfg.Store.Reveal(), storage.Options{Log: x.log, ReadOnly: true})
	if err != nil {
		return "", err
	}
	x.store = s
	requests, err := s.Count(ctx, core.TermKind(core.KindRequest))
	accounts, err2 := s.Count(ctx, core.TermKind(core.KindAccount))
	if err := errors.Join(err, err2); err != nil {
		return "", advised{err, "Vea el registro del servidor de datos."}
	}
	return fmt.Sprintf("se abre: %d solicitudes y borradores, %d cuentas", requests, accounts), nil
}

// keys are those that seal buttons, passwords and codes.
func (x *examination) keys(ctx context.Context) (string, error) {
	if x.store == nil {
		return "", errUntold
	}
	return "se leen", app.CheckKeys(ctx, x.store, x.now)
}

// accounts names those that have one address of e-mail between them: what is meant for one
// person is read by the other. They were registered before addresses were kept as unique.
func (x *examination) accounts(ctx context.Context) (string, error) {
	if x.store == nil {
		return "", errUntold
	}
	all, err := roster.Accounts(ctx, x.store)
	if err != nil {
		return "", advised{err, "Vea el registro del servidor de datos."}
	}
	users := map[string][]string{}
	for _, a := range all {
		if mail := a.Fields[core.FieldEmail]; a.HasMail(mail) {
			users[core.UniqueMail(mail)] = append(users[core.UniqueMail(mail)], a.Fields[core.FieldUser])
		}
	}
	var shared []string
	for _, of := range users {
		if slices.Sort(of); len(of) > 1 {
			shared = append(shared, strings.Join(of, " y "))
		}
	}
	if slices.Sort(shared); len(shared) > 0 {
		return "", fmt.Errorf("tienen el mismo correo, y una persona lee lo que es para otra: %s", strings.Join(shared, "; "))
	}
	return "ninguna tiene el correo de otra", nil
}

// administration says who registers, corrects and suspends accounts. A store without any
// account was not begun with.
func (x *examination) administration(ctx context.Context) (string, error) {
	if x.store == nil {
		return "", errUntold
	}
	all, err := roster.Accounts(ctx, x.store)
	if err != nil || len(all) == 0 {
		return "", errUntold // by the check of the accounts
	}
	var may, do int
	for _, a := range all {
		if a.MayAdminister() {
			may++
		}
		if a.Administers() {
			do++
		}
	}
	if may == 0 {
		return "", errors.New("nadie administra SIDEM: no se puede dar de alta, corregir ni suspender ninguna cuenta")
	}
	return fmt.Sprintf("cuentas que administran SIDEM: %d, con un chat vinculado: %d", may, do), nil
}

func (x *examination) calendar(ctx context.Context) (string, error) {
	institution, err := office.Read(x.cfg.Office)
	if err != nil {
		return "", errUntold
	}
	if x.store != nil {
		if institution, err = office.Load(ctx, x.cfg.Office, x.store, x.now); err != nil {
			return "", err
		}
	}
	var missing []string
	for _, year := range institution.Calendar.Missing(core.DateOf(institution.Local(x.now))) {
		missing = append(missing, fmt.Sprint(year))
	}
	if len(missing) > 0 {
		return "", fmt.Errorf("falta %s: sus fechas salen como provisionales", strings.Join(missing, " y "))
	}
	return "están los años que hacen falta", nil
}

func (x *examination) outbox(ctx context.Context) (string, error) {
	if x.store == nil {
		return "", errUntold
	}
	stats, err := x.store.Stats(ctx, x.now)
	switch {
	case err != nil:
		return "", err
	case stats.Missing() != 0:
		return "", fmt.Errorf("las cuentas no cuadran: %d avisos de diferencia", stats.Missing())
	case stats.Dead > 0:
		return "", fmt.Errorf("%d avisos no llegaron a nadie", stats.Dead)
	}
	return fmt.Sprintf("%d por salir, ninguno sin entregar", stats.Live), nil
}

// restored says which days a store that was restored has not got, until somebody confirms it.
func (x *examination) restored(ctx context.Context) (string, error) {
	if x.store == nil {
		return "", errUntold
	}
	r, err := desk.LastRestored(ctx, x.store, x.now)
	switch {
	case errors.Is(err, desk.ErrNotFound):
		return "", errUntold
	case err != nil:
		return "", err
	}
	from, to := r.Days()
	if r.Confirmed.IsZero() {
		return "", fmt.Errorf("el almacén se restauró de un respaldo y faltan los días del %s al %s: al menos %d movimientos", from, to, r.Missing())
	}
	return fmt.Sprintf("faltan los días del %s al %s, confirmado el %s", from, to, r.Confirmed.Format(time.DateOnly)), nil
}

// filing says whether records are filed otherwise than this version files them.
func (x *examination) filing(ctx context.Context) (string, error) {
	if x.store == nil {
		return "", errUntold
	}
	last, err := desk.LastReindex(ctx, x.store, x.now)
	switch {
	case err != nil:
		return "", err
	case last.Done.IsZero():
		return "", fmt.Errorf("se está rehaciendo desde la bitácora y no ha terminado: %d registros hasta ahora", last.Records)
	case last.IsDue():
		return "", errors.New("los registros se archivaron con otra versión: las listas y búsquedas pueden no mostrar todo")
	}
	return "", errUntold
}

// retention says what the last night let go of what is over.
func (x *examination) retention(ctx context.Context) (string, error) {
	if x.store == nil {
		return "", errUntold
	}
	last, err := maintenance.LastRun(ctx, x.store, x.now)
	if errors.Is(err, desk.ErrNotFound) {
		return "todavía no se ha hecho; lo concluido se depura cada noche mientras SIDEM está en marcha", nil
	}
	if err != nil {
		return "", err
	}
	if x.now.Sub(last.At) > stale {
		return "", fmt.Errorf("lo concluido se depuró por última vez el %s", last.At.Format(time.DateOnly))
	}
	return fmt.Sprintf("el %s se depuraron %d avisos, %d pulsaciones y %d lugares de mensajes", last.At.Format(time.DateOnly), last.Items, last.Presses, last.Places), nil
}

// archives says whether the files are there that requests left for, as they were sealed, and
// when the last night looked for more.
func (x *examination) archives(ctx context.Context) (string, error) {
	if x.store == nil {
		return "", errUntold
	}
	all, err := (&maintenance.Archiving{Ledger: x.store}).All(ctx)
	if err != nil {
		return "", err
	}
	last, err := maintenance.LastArchiving(ctx, x.store, x.now)
	if errors.Is(err, desk.ErrNotFound) {
		if len(all) == 0 {
			return "", errUntold // the office's rule archives nothing, or no night has passed
		}
		err = nil
	}
	if err != nil {
		return "", err
	}
	kept, err := openLibrary(ctx, x.cfg, x.log, true)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, comparing)
	defer cancel()
	read := 0
	var wrong []string
	for _, r := range all {
		file, _ := r.Sealed()
		switch err := kept.look(ctx, file.Hash); {
		case ctx.Err() != nil:
		case errors.Is(err, fs.ErrNotExist):
			wrong = append(wrong, r.ID+" no está")
		case errors.Is(err, files.ErrDamaged):
			wrong = append(wrong, r.ID+" no es el que se selló")
		case err != nil:
			return "", err
		}
		if ctx.Err() != nil {
			break
		}
		read++
	}
	switch {
	case len(wrong) > 0:
		return "", fmt.Errorf("%d de %d: %s", len(wrong), len(all), strings.Join(wrong[:min(len(wrong), shown)], "; "))
	case !last.At.IsZero() && x.now.Sub(last.At) > stale:
		return "", advised{fmt.Errorf("se revisó por última vez el %s qué debía archivarse", last.At.Format(time.DateOnly)), "Se hace cada noche: deje SIDEM en marcha, y busque \"archive\" en su registro."}
	case read < len(all):
		return fmt.Sprintf("en %s se revisaron %d de %d; todos con: sidem audit verify", comparing, read, len(all)), nil
	}
	return fmt.Sprintf("completos: %d de %d", read, len(all)), nil
}

// stale is how old the last checkpoint may be: one comes each night.
const stale = 48 * time.Hour

func (x *examination) checkpoint(ctx context.Context) (string, error) {
	if x.store == nil {
		return "", errUntold
	}
	last, err := app.LastCheckpoint(ctx, x.store, x.now)
	if errors.Is(err, desk.ErrNotFound) {
		return "todavía no hay ninguno; se hace cada noche mientras SIDEM está en marcha", nil
	}
	if err != nil {
		return "", err
	}
	day := last.At.Format(time.DateOnly)
	if x.now.Sub(last.At) > stale {
		return "", advised{fmt.Errorf("el último es del %s", day), "Se hace cada noche: deje SIDEM en marcha, y busque \"checkpoint\" en su registro."}
	}
	if x.cfg.Checkpoints == "" {
		return "del " + day + ", solo en el registro: con SIDEM_CHECKPOINTS se guarda también en un archivo, mejor en otra máquina", nil
	}
	return "del " + day, nil
}

func (x *examination) attachments(ctx context.Context) (string, error) {
	says := "el almacén de objetos responde"
	if !files.IsBucket(x.cfg.Files) {
		if office.Writable(x.cfg.Files) != nil {
			return "", errUntold
		}
		says = "se pueden guardar en " + x.cfg.Files
	} else if err := files.Ask(ctx, x.cfg.Files, x.cfg.FilesOptions(x.log)); err != nil {
		return "", advised{err, "Revise SIDEM_FILES, SIDEM_FILES_KEY y SIDEM_FILES_SECRET, que el contenedor exista y la salida de red hacia él."}
	}
	if x.store == nil {
		return says, nil
	}
	return x.compared(ctx, says)
}

// comparing is how long the doctor reads attachments; sidem audit verify reads all of them.
const comparing = 20 * time.Second

// compared adds to what is said of attachments whether they are there as they were attached.
func (x *examination) compared(ctx context.Context, says string) (string, error) {
	kept, err := openLibrary(ctx, x.cfg, x.log, true)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, comparing)
	defer cancel()
	a, err := kept.examine(ctx, x.store, nil)
	if err != nil && ctx.Err() == nil {
		return "", advised{err, "Revise que SIDEM pueda leer todos los archivos de SIDEM_FILES."}
	}
	if a.Wrong() > 0 {
		var which []string
		for _, f := range a.First {
			which = append(which, f.Record+" "+f.Hash)
		}
		return "", advised{
			fmt.Errorf("%d no están y %d no son lo que se adjuntó, de %d: %s", a.Absent, a.Changed, a.Asked, strings.Join(which, "; ")),
			"Recupérelos de un respaldo de SIDEM_FILES; sidem audit verify los revisa todos.",
		}
	}
	if err != nil {
		return fmt.Sprintf("%s; en %s se revisaron %d de los que hay, y todos con: sidem audit verify", says, comparing, a.Read), nil
	}
	return fmt.Sprintf("%s; los %d que hay son los que se adjuntaron", says, a.Asked), nil
}
