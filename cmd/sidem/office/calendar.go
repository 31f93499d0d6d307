package office

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/value"
)

// CalendarFile is a calendar as YAML: the days off of everybody by year, and
// those that agencies have beside them.
type CalendarFile struct {
	Calendar map[int][]Holiday            `yaml:"calendar" json:"calendar,omitempty"`
	Agencies map[string]map[int][]Holiday `yaml:"agencies" json:"agencies,omitempty"`
}

// Holiday is a day off, or a span of them.
type Holiday struct {
	Day  string `yaml:"day" json:"day,omitempty"`
	From string `yaml:"from" json:"from,omitempty"`
	To   string `yaml:"to" json:"to,omitempty"`
	Name string `yaml:"name" json:"name"`
}

// earliest and latest bound the years of a calendar.
const earliest, latest = 2000, 2100

// date reads a day of a file, in any form in which people write whole dates.
func date(text string) (core.Day, error) {
	d, err := value.ParseDate(text, value.Date{})
	if err != nil {
		return core.Day{}, fmt.Errorf("date %q: want YYYY-MM-DD: %w", text, err)
	}
	return core.Day(d), nil
}

// longest bounds a span of days off, in days.
const longest = 92

// read is the holiday as the core knows it; it must begin in year.
func (h Holiday) read(year int) (core.Holiday, error) {
	from, to := h.From, h.To
	if h.Day != "" && from == "" && to == "" {
		from, to = h.Day, h.Day
	}
	first, err := date(from)
	if err != nil {
		return core.Holiday{}, fmt.Errorf("%q: %w", h.Name, err)
	}
	last, err := date(to)
	if err != nil {
		return core.Holiday{}, fmt.Errorf("%q: %w", h.Name, err)
	}
	switch {
	case first.Year != year:
		return core.Holiday{}, fmt.Errorf("%q begins on %s, which is no day of %d: write it under %d", h.Name, first, year, first.Year)
	case last.Before(first) || first.Next(longest).Before(last):
		return core.Holiday{}, fmt.Errorf("%q: from %s to %s is no span of days off: write at most %d, the first before the last", h.Name, first, last, longest)
	case strings.TrimSpace(h.Name) == "":
		return core.Holiday{}, fmt.Errorf("%s has no name: write name, as people are told why nobody works", first)
	}
	return core.Holiday{From: first, To: last, Name: h.Name}, nil
}

// Years are the years of the file, in order; the error joins all that is wrong with them.
func (f CalendarFile) Years() ([]core.Year, error) {
	out := map[int]*core.Year{}
	var faults []error
	read := func(what string, year int, days []Holiday) (off []core.Holiday) {
		for _, h := range days {
			one, err := h.read(year)
			if err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", what, err))
				continue
			}
			off = append(off, one)
		}
		return off
	}
	for _, year := range slices.Sorted(maps.Keys(f.Calendar)) {
		if year < earliest || year > latest {
			faults = append(faults, fmt.Errorf("calendar of %d: want a year from %d to %d", year, earliest, latest))
			continue
		}
		out[year] = &core.Year{Year: year, Off: read(fmt.Sprintf("calendar of %d", year), year, f.Calendar[year]), Agencies: map[string][]core.Holiday{}}
	}
	for _, agency := range slices.Sorted(maps.Keys(f.Agencies)) {
		for _, year := range slices.Sorted(maps.Keys(f.Agencies[agency])) {
			what := fmt.Sprintf("calendar of %s in %d", agency, year)
			y := out[year]
			if y == nil {
				faults = append(faults, errors.New(what+": the year itself is missing: write it under calendar too"))
				continue
			}
			y.Agencies[agency] = read(what, year, f.Agencies[agency][year])
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
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

// ImportCalendar keeps the years of a file.
func ImportCalendar(ctx context.Context, s desk.Sessions, f CalendarFile, now time.Time) error {
	for year, days := range f.Calendar {
		one := CalendarFile{Calendar: map[int][]Holiday{year: days}, Agencies: map[string]map[int][]Holiday{}}
		for agency, years := range f.Agencies {
			if own, ok := years[year]; ok {
				one.Agencies[agency] = map[int][]Holiday{year: own}
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

// ImportedYears tells one set of imported years from another: each year with its revision.
func ImportedYears(ctx context.Context, s desk.Sessions, now time.Time) (string, error) {
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
		var f CalendarFile
		if err := json.Unmarshal(body, &f); err != nil {
			return core.Calendar{}, fmt.Errorf("%s: %w", key, err)
		}
		more, err := f.Years()
		if err != nil {
			return core.Calendar{}, err
		}
		for _, y := range more {
			years = append(slices.DeleteFunc(years, func(old core.Year) bool { return old.Year == y.Year }), y)
		}
	}
	return core.CalendarOf(zone, years...), nil
}
