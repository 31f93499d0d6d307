package ops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
)

// Calendar is the working calendar with the years that were imported, and the
// office's day of today.
func Calendar(ctx context.Context, cfg *office.Config, log *slog.Logger) (cal core.Calendar, today core.Day, err error) {
	s, now, err := openOrMake(ctx, cfg, log)
	if err != nil {
		return cal, today, err
	}
	institution, err := office.Load(ctx, cfg.Office, s, now)
	if err == nil {
		cal, today = institution.Calendar, core.DateOf(institution.Local(now))
	}
	return cal, today, errors.Join(err, s.Close())
}

// Due is the date that is some working days after another; guessed says that a
// year on the way is provisional, and so the date too.
func Due(cal core.Calendar, from core.Day, days int) (due core.Day, guessed bool) {
	due = cal.AddWorking(from, days)
	for year := from.Year; year <= due.Year; year++ {
		guessed = guessed || cal.Provisional(year)
	}
	return due, guessed
}

// ImportCalendar keeps the years of a file, and returns them. A file with a fault
// changes nothing.
func ImportCalendar(ctx context.Context, cfg *office.Config, log *slog.Logger, path string) ([]core.Year, error) {
	if err := app.Check(cfg, false); err != nil {
		return nil, err
	}
	var f office.CalendarFile
	if err := office.ReadYAML(path, &f); err != nil {
		return nil, office.Misconfigured(fmt.Errorf("calendar %w", err))
	}
	years, err := f.Years()
	if err == nil && len(years) == 0 {
		err = errors.New("there is no year in it: want calendar, then a year, then its days off")
	}
	if err != nil {
		return nil, office.Misconfigured(fmt.Errorf("%s:\n%w\nnothing was changed", path, err))
	}
	if err := keepCalendar(ctx, cfg, log, f); err != nil {
		return nil, fmt.Errorf("import the calendar: %w", err)
	}
	return years, nil
}

// keepCalendar keeps the years of a file in the store, by the hand of the SIDEM
// that has it open if there is one.
func keepCalendar(ctx context.Context, cfg *office.Config, log *slog.Logger, f office.CalendarFile) error {
	s, locked, err := openOrAsk(ctx, cfg, log)
	if locked != nil {
		_, err := ask(ctx, cfg, log, app.DoCalendar, f, locked)
		return err
	}
	if err != nil {
		return err
	}
	c, err := app.ClockOf(cfg, log)
	if err == nil {
		err = office.ImportCalendar(ctx, s, f, c.Now())
	}
	return errors.Join(err, s.Close())
}
