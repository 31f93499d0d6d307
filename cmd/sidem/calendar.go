package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/goccy/go-yaml"

	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
	"sidem/storage"
)

// calendarFile is a calendar as YAML: the days off of everybody by year, and
// those that agencies have beside them.
type calendarFile struct {
	Calendar map[int][]holiday            `yaml:"calendar" json:"calendar,omitempty"`
	Agencies map[string]map[int][]holiday `yaml:"agencies" json:"agencies,omitempty"`
}

// holiday is a day off, or a span of them.
type holiday struct {
	Day  string `yaml:"day" json:"day,omitempty"`
	From string `yaml:"from" json:"from,omitempty"`
	To   string `yaml:"to" json:"to,omitempty"`
	Name string `yaml:"name" json:"name"`
}

// earliest and latest bound the years of a calendar.
const earliest, latest = 2000, 2100

// longest bounds a span of days off, in days.
const longest = 92

// read is the holiday as the core knows it; it must begin in year.
func (h holiday) read(year int) (core.Holiday, error) {
	from, to := h.From, h.To
	if h.Day != "" && from == "" && to == "" {
		from, to = h.Day, h.Day
	}
	first, err := core.ParseDay(from)
	if err != nil {
		return core.Holiday{}, fmt.Errorf("%q: %w", h.Name, err)
	}
	last, err := core.ParseDay(to)
	if err != nil {
		return core.Holiday{}, fmt.Errorf("%q: %w", h.Name, err)
	}
	switch {
	case first.Year != year:
		return core.Holiday{}, fmt.Errorf("%q begins on %s, which is no day of %d", h.Name, first, year)
	case last.Before(first) || first.Next(longest).Before(last):
		return core.Holiday{}, fmt.Errorf("%q: from %s to %s is no span of days off", h.Name, first, last)
	case strings.TrimSpace(h.Name) == "":
		return core.Holiday{}, fmt.Errorf("%s has no name", first)
	}
	return core.Holiday{From: first, To: last, Name: h.Name}, nil
}

// years are the years of the file, in order.
func (f calendarFile) years() ([]core.Year, error) {
	out := map[int]*core.Year{}
	for year, days := range f.Calendar {
		if year < earliest || year > latest {
			return nil, fmt.Errorf("calendar of %d: want a year from %d to %d", year, earliest, latest)
		}
		y := &core.Year{Year: year, Agencies: map[string][]core.Holiday{}}
		out[year] = y
		for _, h := range days {
			off, err := h.read(year)
			if err != nil {
				return nil, fmt.Errorf("calendar of %d: %w", year, err)
			}
			y.Off = append(y.Off, off)
		}
	}
	for agency, years := range f.Agencies {
		for year, days := range years {
			y := out[year]
			if y == nil {
				return nil, fmt.Errorf("calendar of %s in %d: the year itself is missing", agency, year)
			}
			for _, h := range days {
				off, err := h.read(year)
				if err != nil {
					return nil, fmt.Errorf("calendar of %s in %d: %w", agency, year, err)
				}
				y.Agencies[agency] = append(y.Agencies[agency], off)
			}
		}
	}
	var all []core.Year
	for _, year := range slices.Sorted(maps.Keys(out)) {
		all = append(all, *out[year])
	}
	return all, nil
}

// calendarKey is where a year that was imported is kept; it takes the place of
// the office file's year.
func calendarKey(year int) string { return fmt.Sprintf("calendar:%04d", year) }

// importCalendar keeps the years of a file.
func importCalendar(ctx context.Context, s desk.Sessions, f calendarFile, now time.Time) error {
	for year, days := range f.Calendar {
		one := calendarFile{Calendar: map[int][]holiday{year: days}, Agencies: map[string]map[int][]holiday{}}
		for agency, years := range f.Agencies {
			if own, ok := years[year]; ok {
				one.Agencies[agency] = map[int][]holiday{year: own}
			}
		}
		body, err := json.Marshal(one)
		if err != nil {
			return fmt.Errorf("calendar of %d: %w", year, err)
		}
		_, rev, err := s.Get(ctx, calendarKey(year), now)
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return fmt.Errorf("calendar of %d: %w", year, err)
		}
		if _, err := s.Put(ctx, calendarKey(year), body, rev, now, time.Time{}); err != nil {
			return fmt.Errorf("keep the calendar of %d: %w", year, err)
		}
	}
	return nil
}

// importedYears tells one set of imported years from another: each year with its revision.
func importedYears(ctx context.Context, s desk.Sessions, now time.Time) (string, error) {
	keys, err := s.Keys(ctx, "calendar:", "", 200, now)
	if err != nil {
		return "", fmt.Errorf("calendars: %w", err)
	}
	var out []string
	for _, key := range keys {
		_, rev, err := s.Get(ctx, key, now)
		if err != nil {
			return "", fmt.Errorf("%s: %w", key, err)
		}
		out = append(out, fmt.Sprintf("%s at %d", key, rev))
	}
	return strings.Join(out, ", "), nil
}

// recheck is how often a server looks whether a calendar was imported elsewhere.
const recheck = 30 * time.Second

// calendarChanges returns true once the imported years are others than those
// that were there at the opening; false when ctx ends first.
func (a *app) calendarChanges(ctx context.Context) bool {
	tick := time.NewTicker(recheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		case <-a.look:
		}
		years, err := importedYears(ctx, a.store, a.clock.Now())
		if err == nil && years != a.calendars { // a store in trouble is told of elsewhere
			return true
		}
	}
}

// withImported is the office file's calendar with the years that were imported
// in place of its own.
func withImported(ctx context.Context, s desk.Sessions, zone *time.Location, base []core.Year, now time.Time) (core.Calendar, error) {
	keys, err := s.Keys(ctx, "calendar:", "", 200, now)
	if err != nil {
		return core.Calendar{}, fmt.Errorf("calendars: %w", err)
	}
	years := slices.Clone(base)
	for _, key := range keys {
		body, _, err := s.Get(ctx, key, now)
		if err != nil {
			return core.Calendar{}, fmt.Errorf("%s: %w", key, err)
		}
		var f calendarFile
		if err := json.Unmarshal(body, &f); err != nil {
			return core.Calendar{}, fmt.Errorf("%s: %w", key, err)
		}
		more, err := f.years()
		if err != nil {
			return core.Calendar{}, err
		}
		for _, y := range more {
			years = append(slices.DeleteFunc(years, func(old core.Year) bool { return old.Year == y.Year }), y)
		}
	}
	return core.CalendarOf(zone, years...), nil
}

// calendarCmd is the working calendar from the command line.
type calendarCmd struct {
	Show   calendarShowCmd   `cmd:"" help:"Print the days off of a year."`
	Import calendarImportCmd `cmd:"" help:"Load years from a YAML file; each takes the place of the one before. A running SIDEM counts with it within a minute."`
	Due    calendarDueCmd    `cmd:"" help:"Reckon a suggested date."`
}

type calendarShowCmd struct {
	Year   int    `help:"Which year; by default this one."`
	Agency string `help:"With the days of an agency."`
}

// Run prints the days off, one a line, and whether anybody has confirmed them.
func (c calendarShowCmd) Run(ctx context.Context, cfg *Config, log *slog.Logger, out io.Writer) error {
	return withCalendar(ctx, cfg, log, func(cal core.Calendar, today core.Day) error {
		if c.Year == 0 {
			c.Year = today.Year
		}
		cal = cal.Of(c.Agency)
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, h := range cal.Holidays(c.Year) {
			days := es.Weekday(h.From)
			if h.To != h.From {
				days += " a " + es.Weekday(h.To)
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", h.From, days, h.Name)
		}
		if err := w.Flush(); err != nil {
			return fmt.Errorf("print: %w", err)
		}
		if cal.Provisional(c.Year) {
			_, _ = fmt.Fprintln(out, es.MissingYear(c.Year))
		}
		return nil
	})
}

type calendarImportCmd struct {
	File string `arg:"" help:"YAML with calendar and agencies." type:"existingfile"`
}

// Run keeps the years of the file.
func (c calendarImportCmd) Run(ctx context.Context, cfg *Config, log *slog.Logger, out io.Writer) error {
	body, err := os.ReadFile(c.File)
	if err != nil {
		return configError{err}
	}
	var f calendarFile
	if err := yaml.NewDecoder(bytes.NewReader(body), yaml.Strict()).Decode(&f); err != nil {
		return configError{fmt.Errorf("calendar %s: %w", c.File, err)}
	}
	years, err := f.years()
	if err == nil && len(years) == 0 {
		err = errors.New("there is no year in it: want calendar, then a year, then its days off")
	}
	if err != nil {
		return configError{fmt.Errorf("%s: %w; nothing was changed", c.File, err)}
	}
	if err := keepCalendar(ctx, cfg, log, f); err != nil {
		return fmt.Errorf("import the calendar: %w", err)
	}
	for _, y := range years {
		agencies := ""
		if n := len(y.Agencies); n > 0 {
			agencies = fmt.Sprintf(", and those of %d agencies", n)
		}
		_, _ = fmt.Fprintf(out, "%d: %d days off or spans of them%s\n", y.Year, len(y.Off), agencies)
	}
	return nil
}

// keepCalendar keeps the years of a file in the store, by the hand of the SIDEM
// that has it open if there is one.
func keepCalendar(ctx context.Context, cfg *Config, log *slog.Logger, f calendarFile) error {
	c, err := clockOf(cfg, log)
	if err != nil {
		return err
	}
	s, err := storage.Open(ctx, cfg.Store.Reveal(), storage.Options{Now: c.Now, Log: log})
	switch {
	case errors.Is(err, storage.ErrLocked) && cfg.AdminAddr != "off":
		body, err := json.Marshal(f)
		if err != nil {
			return err
		}
		var n int
		return remote{"http://" + cfg.AdminAddr}.call(ctx, http.MethodPost, "/calendar", body, &n)
	case errors.Is(err, storage.ErrLocked):
		return fmt.Errorf("%w, and it has no admin listener to ask: stop it first", err)
	case errors.Is(err, storage.ErrAddress):
		return configError{err}
	case err != nil:
		return err
	}
	return errors.Join(importCalendar(ctx, s, f, c.Now()), s.Close())
}

type calendarDueCmd struct {
	From   string `required:"" help:"The date to count from, YYYY-MM-DD."`
	Days   int    `required:"" help:"How many working days."`
	Agency string `help:"By the calendar of an agency."`
}

// Run prints the date, and whether it is provisional.
func (c calendarDueCmd) Run(ctx context.Context, cfg *Config, log *slog.Logger, out io.Writer) error {
	from, err := core.ParseDay(c.From)
	if err != nil {
		return configError{err}
	}
	if c.Days < 0 {
		return configError{fmt.Errorf("--days %d: want none or more", c.Days)}
	}
	return withCalendar(ctx, cfg, log, func(cal core.Calendar, _ core.Day) error {
		due := cal.Of(c.Agency).AddWorking(from, c.Days)
		line, guessed := due.String()+" "+es.Weekday(due), false
		for year := from.Year; year <= due.Year; year++ { // a guess on the way makes the date one
			guessed = guessed || cal.Provisional(year)
		}
		if guessed {
			line += " (provisional)"
		}
		_, _ = fmt.Fprintln(out, line)
		return nil
	})
}

// withCalendar opens the store for as long as f needs the calendar.
func withCalendar(ctx context.Context, cfg *Config, log *slog.Logger, f func(cal core.Calendar, today core.Day) error) error {
	s, now, err := openReader(ctx, cfg, log)
	if err != nil {
		return err
	}
	office, err := officeOf(ctx, cfg.Office, s, now)
	if err == nil {
		err = f(office.Calendar, core.DateOf(office.Local(now)))
	}
	return errors.Join(err, s.Close())
}
