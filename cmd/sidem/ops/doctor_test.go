package ops_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// nowhere is where nobody listens.
const nowhere = "127.0.0.1:1"

// patient is a SIDEM that lacks nothing on the day of the tests: its configuration, with
// credentials that must not be told.
func patient(t *testing.T) office.Config {
	t.Helper()
	w, err := world.New(t.TempDir(), world.InProcess)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	cfg := w.Config
	cfg.AdminAddr = e2etest.FreePort(t)
	cfg.Office = e2etest.Written(t, string(office.Example))
	cfg.Checkpoints = filepath.Join(t.TempDir(), "checkpoints")
	treat(t, cfg, func(a *app.App) error {
		f := office.CalendarFile{Calendar: map[int][]office.Holiday{}}
		for _, year := range []int{today().Year(), today().Year() + 1} {
			f.Calendar[year] = []office.Holiday{{Day: fmt.Sprintf("%d-01-01", year), Name: "Año Nuevo"}}
		}
		return errors.Join(office.ImportCalendar(t.Context(), a.Store, f, today()), a.TakeCheckpoint(t.Context(), today()))
	})
	return cfg
}

// treat does something to the store of a SIDEM that does not run.
func treat(t *testing.T, cfg office.Config, f func(a *app.App) error) {
	t.Helper()
	treatOn(t, cfg, today(), f)
}

// treatOn is treat on another day.
func treatOn(t *testing.T, cfg office.Config, day time.Time, f func(a *app.App) error) {
	t.Helper()
	a, err := app.Open(t.Context(), cfg, app.Options{Clock: e2etest.ClockAt(day), Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f(a), a.Close()); err != nil {
		t.Fatal(err)
	}
}

// today is when the patients are looked at.
func today() time.Time { return testbed.Today() }

// examined is what the doctor says on a day, and how many faults there are.
func examined(t *testing.T, c office.Config, now time.Time) (faults int, text string) {
	t.Helper()
	for _, f := range (ops.Doctor{Config: c, Log: world.Quiet(), Now: func() time.Time { return now }}).Examine(t.Context()) {
		if f.Fault == nil {
			text += "OK " + f.About + ": " + f.Says + "\n"
			continue
		}
		faults++
		text += "falla " + f.About + ": " + f.Fault.Error() + "\n" + f.Do + "\n"
	}
	for _, secret := range []office.Secret{c.TelegramToken, c.SlackBotToken, c.SlackAppToken, c.SMTPPassword, c.FilesSecret} {
		if secret != "" && strings.Contains(text, secret.Reveal()) {
			t.Errorf("it tells %s:\n%s", secret.Reveal(), text)
		}
	}
	return faults, text
}

func TestTheDoctorFindsNothingWhereNothingIsMissing(t *testing.T) {
	cfg := patient(t)
	faults, text := examined(t, cfg, today())
	if faults != 0 || strings.Count(text, "OK ") != 15 {
		t.Errorf("%d faults\n%s", faults, text)
	}
	e2etest.Running(t, cfg)
	faults, text = examined(t, cfg, today())
	if faults != 0 || !strings.Contains(text, "OK servidor: en marcha y listo") || strings.Count(text, "OK ") != 15 {
		t.Errorf("beside the server: %d faults\n%s", faults, text)
	}
}

func TestTheDoctorAsksABucket(t *testing.T) {
	backend := s3mem.New()
	if err := backend.CreateBucket("sidem"); err != nil {
		t.Fatal(err)
	}
	cfg := patient(t)
	cfg.Files, cfg.FilesKey, cfg.FilesSecret = e2etest.BucketAt(t, backend), "AKIAX", "canary-secret"
	if faults, text := examined(t, cfg, today()); faults != 0 || !strings.Contains(text, "OK anexos: el almacén de objetos responde") {
		t.Errorf("%d faults\n%s", faults, text)
	}
	if list, err := backend.ListBucket("sidem", nil, gofakes3.ListBucketPage{}); err != nil || len(list.Contents) > 0 {
		t.Errorf("it left something there: %v, %v", list, err)
	}
}

func TestTheDoctorChangesNothing(t *testing.T) {
	dir := t.TempDir()
	cfg := office.Config{
		Store: office.Secret("sqlite:" + filepath.Join(dir, "data", "sidem.db")), Files: filepath.Join(dir, "data", "files"), AdminAddr: "off",
		SlackMode: "socket", SMTPTLS: "none", TelegramName: "x",
	}
	if faults, text := examined(t, cfg, today()); faults == 0 || !strings.Contains(text, "OK almacén: el archivo todavía no existe") || !strings.Contains(text, "OK anexos") {
		t.Errorf("%d faults\n%s", faults, text)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}

func TestTheDoctorNamesWhatIsMissingAndWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(t *testing.T, cfg *office.Config)
		want []string
	}{
		"Telegram's token": {func(_ *testing.T, c *office.Config) { c.TelegramToken = "7000000002:another-token-of-no-use-anywhere" }, []string{"falla Telegram: ", "SIDEM_TELEGRAM_TOKEN"}},
		"Telegram away":    {func(_ *testing.T, c *office.Config) { c.TelegramAPI = "http://" + nowhere }, []string{"falla Telegram: ", "salida a internet"}},
		"another bot":      {func(_ *testing.T, c *office.Config) { c.TelegramName = "otro_bot" }, []string{"falla Telegram: el bot se llama sidem_bot", "SIDEM_TELEGRAM_NAME=sidem_bot"}},
		"Slack's token":    {func(_ *testing.T, c *office.Config) { c.SlackBotToken = "xoxb-another-of-no-use" }, []string{"falla Slack: ", "SIDEM_SLACK_BOT_TOKEN"}},
		"an app of before": {func(t *testing.T, c *office.Config) {
			srv := slacktest.New(slacktest.Options{Scopes: []string{"app_mentions:read", "chat:write", "commands", "files:read", "files:write", "im:write"}})
			t.Cleanup(srv.Close)
			c.SlackAPI, c.SlackBotToken, c.SlackAppToken = srv.URL(), office.Secret(srv.BotToken()), office.Secret(srv.AppToken())
		}, []string{"falla Slack: a la app le faltan permisos: im:history", "sidem manifest slack"}},
		"half of Slack": {func(_ *testing.T, c *office.Config) { c.SlackAppToken = "" }, []string{"falla configuración: SIDEM_SLACK_APP_TOKEN: missing"}},
		"no relay":      {func(_ *testing.T, c *office.Config) { c.SMTPAddr = nowhere }, []string{"falla correo: ", "SIDEM_SMTP_ADDR"}},
		"a relay that does not know us": {func(_ *testing.T, c *office.Config) {
			c.SMTPUser, c.SMTPPassword = "sidem", "canary-password"
		}, []string{"falla correo: ", "SIDEM_SMTP_PASSWORD"}},
		"no mail at all": {func(_ *testing.T, c *office.Config) { c.SMTPAddr = "" }, []string{"falla correo: SIDEM_SMTP_ADDR no está puesto"}},
		"an office with a fault": {func(t *testing.T, c *office.Config) { c.Office = e2etest.Written(t, "zone: Nowhere/Here") }, []string{
			"falla configuración: SIDEM_OFFICE: ", "America/Mexico_City",
		}},
		"the example's office": {func(_ *testing.T, c *office.Config) { c.Office = "" }, []string{"falla institución: SIDEM_OFFICE no está puesto"}},
		"a store that is none": {func(t *testing.T, c *office.Config) {
			c.Store = office.Secret("sqlite:" + e2etest.Written(t, "no database at all, whatever it says"))
		}, []string{"falla almacén: ", "SIDEM_STORE"}},
		"a folder that is a file": {func(t *testing.T, c *office.Config) { c.Files = e2etest.Written(t, "") }, []string{
			"falla configuración: SIDEM_FILES: ", "is no folder",
		}},
		"a bucket that is not there": {func(t *testing.T, c *office.Config) {
			c.Files, c.FilesKey, c.FilesSecret = e2etest.BucketAt(t, s3mem.New()), "AKIAX", "canary-secret"
		}, []string{"falla anexos: ", "NoSuchBucket", "SIDEM_FILES_KEY"}},
		"a bucket that does not answer": {func(_ *testing.T, c *office.Config) {
			c.Files, c.FilesKey, c.FilesSecret = "s3://sidem/anexos?endpoint=http://"+nowhere, "AKIAX", "canary-secret"
		}, []string{"falla anexos: ", "SIDEM_FILES"}},
		"a clock that stands in a file": {func(t *testing.T, c *office.Config) {
			c.ClockFile = e2etest.Written(t, today().Format(time.RFC3339))
		}, []string{"falla reloj: la hora viene de un archivo"}},
		"a key that is none": {func(t *testing.T, c *office.Config) {
			treat(t, *c, func(a *app.App) error {
				_, rev, err := a.Store.Get(t.Context(), "secret:key", today())
				if err == nil {
					_, err = a.Store.Put(t.Context(), "secret:key", nil, rev, today(), time.Time{})
				}
				return err
			})
		}, []string{"falla claves: ", "sidem keys rotate --at-once"}},
		"two accounts with one address": {func(t *testing.T, c *office.Config) {
			treat(t, *c, func(a *app.App) error {
				storagetest.Registered(t, a.Store, "ana", "una@ejemplo.gob.mx")
				storagetest.Registered(t, a.Store, "eva", "Una@ejemplo.gob.mx")
				return nil
			})
		}, []string{"falla cuentas: tienen el mismo correo, y una persona lee lo que es para otra: ana.sol y eva.sol", "Corregir datos"}},
		"nobody who administers": {func(t *testing.T, c *office.Config) {
			treat(t, *c, func(a *app.App) error {
				storagetest.Registered(t, a.Store, "ana", "ana@ejemplo.gob.mx")
				return nil
			})
		}, []string{"falla administración: nadie administra SIDEM", "sidem import"}},
		"notices that reached nobody": {func(t *testing.T, c *office.Config) {
			treat(t, *c, func(a *app.App) error {
				now := today()
				_, err := a.Store.Add(t.Context(), now, outbox.Item{Key: "k", Merge: outbox.Once, Channel: "fax", What: "card", Due: now})
				if err != nil {
					return err
				}
				claimed, err := a.Store.Claim(t.Context(), now, 1, time.Minute)
				if err != nil || len(claimed) != 1 {
					return fmt.Errorf("%d claimed: %w", len(claimed), err)
				}
				_, err = a.Store.Settle(t.Context(), now, []outbox.Result{{ID: claimed[0].ID, Epoch: claimed[0].Epoch, Version: claimed[0].Version, Outcome: outbox.Buried}})
				return err
			})
		}, []string{"falla avisos: 1 avisos no llegaron a nadie", "sidem outbox replay"}},
		"nothing let go for days": {func(t *testing.T, c *office.Config) {
			treat(t, *c, func(a *app.App) error { return a.LetGo(t.Context(), today().AddDate(0, 0, -3)) })
		}, []string{"falla conservación: lo concluido se depuró por última vez el "}},
		"records of another version": {func(t *testing.T, c *office.Config) {
			treat(t, *c, func(a *app.App) error {
				kept, rev, err := a.Store.Get(t.Context(), "reindex", today())
				if err != nil {
					return err
				}
				_, err = a.Store.Put(t.Context(), "reindex", []byte(strings.Replace(string(kept), core.Filing(), "another", 1)), rev, today(), time.Time{})
				return err
			})
		}, []string{"falla índice: los registros se archivaron con otra versión", "sidem reindex"}},
		"no checkpoint for days": {func(t *testing.T, c *office.Config) {
			treat(t, *c, func(a *app.App) error { return a.TakeCheckpoint(t.Context(), today().AddDate(0, 0, -3)) })
		}, []string{"falla punto de control: el último es del "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := patient(t)
			c.harm(t, &cfg)
			faults, text := examined(t, cfg, today())
			if faults == 0 {
				t.Error("no fault")
			}
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("want %q in\n%s", want, text)
				}
			}
		})
	}
}

func TestTheDoctorSaysWhatToDoAboutARelayThatTakesNothingOfOurs(t *testing.T) {
	for reply, want := range map[string]string{
		"554 5.7.1 <x@ejemplo.gob.mx>: Relay access denied":                                           "no reenvía para SIDEM",
		"553 5.7.1 <sidem@ejemplo.gob.mx>: Sender address rejected: not owned by user sidem":          "no permite ese remitente",
		"504 5.5.2 <sidem>: Helo command rejected: need fully-qualified hostname":                     "el nombre con que SIDEM saluda",
		"554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied":                         "la dirección de esta máquina",
		"550 5.4.5 Daily sending quota exceeded":                                                      "un límite mayor",
		"554 5.7.1 <sidem@ejemplo.gob.mx>: Recipient address rejected: Access denied":                 "quien administra el correo",
		"450 4.2.0 <sidem@ejemplo.gob.mx>: Recipient address rejected: Greylisted":                    "OK correo",
		"550 5.1.1 <sidem@ejemplo.gob.mx>: Recipient address rejected: User unknown in mailbox table": "OK correo",
	} {
		t.Run(reply, func(t *testing.T) {
			relay := emailtest.New(emailtest.Options{})
			t.Cleanup(relay.Close)
			relay.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
				if p.Name != emailtest.RcptTo {
					return nil
				}
				return &emailtest.Fault{Reply: reply}
			})
			cfg := patient(t)
			cfg.SMTPAddr = relay.Addr()
			if _, text := examined(t, cfg, today()); !strings.Contains(text, want) {
				t.Errorf("want %q in\n%s", want, text)
			}
			if len(relay.All()) > 0 {
				t.Error("it sent a mail")
			}
		})
	}
}

func TestTheDoctorMissesTheCalendarsOfYearsToCome(t *testing.T) {
	year := today().Year() + 3
	_, text := examined(t, patient(t), time.Date(year, time.December, 1, 12, 0, 0, 0, testbed.Zone()))
	if want := fmt.Sprintf("falla calendario: falta %d y %d", year, year+1); !strings.Contains(text, want) || !strings.Contains(text, "sidem calendar import") {
		t.Errorf("want %q in\n%s", want, text)
	}
}
