// Package office is the institution that a SIDEM works for: its file, its calendar, and what the
// configuration means. It opens no store and starts nothing.
package office

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// Example is the file of the example institution.
//
//go:embed office.yaml
var Example []byte

// officeFile is the YAML of an institution.
type officeFile struct {
	Institution string                `yaml:"institution"`
	Area        string                `yaml:"area"`
	Department  string                `yaml:"department"`
	Director    string                `yaml:"director"`
	Address     string                `yaml:"address"`
	Telephone   string                `yaml:"telephone"`
	Map         string                `yaml:"map"`
	Counter     string                `yaml:"counter"`
	Sending     string                `yaml:"sending"`
	Zone        string                `yaml:"zone"`
	Gate        string                `yaml:"gate"`
	Hours       hoursFile             `yaml:"hours"`
	Targets     map[core.DutyName]int `yaml:"targets"`
	Chase       int                   `yaml:"chase"`
	Retention   retentionFile         `yaml:"retention"`
	// As in calendarFile.
	Calendar map[int][]Holiday            `yaml:"calendar"`
	Agencies map[string]map[int][]Holiday `yaml:"agencies"`
}

func (f officeFile) years() ([]core.Year, error) { return CalendarFile{f.Calendar, f.Agencies}.Years() }

// hoursFile are the windows of the office; what is left out is as in the guide.
type hoursFile struct {
	Sending string `yaml:"sending"` // 09:00-18:00
	Counter string `yaml:"counter"`
	Digest  string `yaml:"digest"` // 08:45
}

// Read reads the institution's file; the embedded example when path is "". Its error joins
// everything that is wrong with it.
func Read(path string) (core.Office, error) {
	f, err := readOfficeFile(path)
	if err != nil {
		return core.Office{}, err
	}
	return f.office()
}

func readOfficeFile(path string) (f officeFile, err error) {
	if path == "" {
		return f, ParseYAML(Example, &f)
	}
	return f, ReadYAML(path, &f)
}

// Load is the institution's file, with the calendars that were imported.
func Load(ctx context.Context, path string, s desk.Sessions, now time.Time) (core.Office, error) {
	f, err := readOfficeFile(path)
	if err != nil {
		return core.Office{}, err
	}
	office, err := f.office()
	if err != nil {
		return core.Office{}, err
	}
	base, err := f.years()
	if err != nil {
		return core.Office{}, err
	}
	office.Calendar, err = withImported(ctx, s, office.Calendar.Zone(), base, now)
	return office, err
}

// office is what the file means, or all that is wrong with it.
func (f officeFile) office() (core.Office, error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	zone, err := f.zone()
	if err != nil {
		faults = append(faults, err)
	}
	years, err := f.years()
	if err != nil {
		faults = append(faults, err)
	}
	targets := maps.Clone(core.DefaultTargets)
	for _, name := range slices.Sorted(maps.Keys(f.Targets)) {
		days := f.Targets[name]
		if _, known := targets[name]; !known {
			fault("targets: %q is no duty: write one of %s", name, strings.Join(duties(), ", "))
		} else if days < 0 || days > 365 {
			fault("targets: %s: %d: write 0 to 365 days", name, days)
		}
		targets[name] = days
	}
	if f.Gate != "" && f.Gate != "block" && f.Gate != "warn" {
		fault("gate: %q: write block or warn", f.Gate)
	}
	if f.Chase < 0 || f.Chase > 365 || f.Chase != 0 && f.Chase < core.StallsAfter {
		fault("chase: %d: write %d to 365 working days: before that nobody above knows of it", f.Chase, core.StallsAfter)
	}
	for _, t := range []struct{ name, text string }{
		{"institution", f.Institution},
		{"area", f.Area},
		{"department", f.Department},
		{"director", f.Director},
		{"address", f.Address},
		{"telephone", f.Telephone},
		{"map", f.Map},
		{"counter", f.Counter},
		{"sending", f.Sending},
	} {
		if line := value.Line(t.text); utf8.RuneCountInString(line) > longestName {
			fault("%s: it has more than %d letters: write it in one line", t.name, longestName)
		}
	}
	if f.Map != "" {
		if u, err := url.Parse(f.Map); err != nil || u.Scheme != "https" || u.Host == "" {
			fault("map: %q: write the address of a map, https://…", f.Map)
		}
	}
	office := core.Office{
		Chase:       f.Chase,
		Institution: f.Institution, Area: f.Area, Department: f.Department, Director: f.Director,
		Address: f.Address, Telephone: strings.TrimSpace(f.Telephone), Map: f.Map, Counter: strings.TrimSpace(f.Counter), Sending: strings.TrimSpace(f.Sending),
		Calendar: core.CalendarOf(zone, years...), Targets: targets, GateWarns: f.Gate == "warn",
	}
	if err := errors.Join(append(faults, f.Retention.set(&office), f.Hours.set(&office))...); err != nil {
		return core.Office{}, err
	}
	return office, nil
}

// longestName bounds what is printed on a line of an oficio and of each card.
const longestName = 200

// duties are the names of targets.
func duties() (names []string) {
	for name := range core.DefaultTargets {
		names = append(names, string(name))
	}
	slices.Sort(names)
	return names
}

// zone is where the office's days begin. None is taken for granted: hours and dates would
// be those of another place.
func (f officeFile) zone() (*time.Location, error) {
	const write = "write one like America/Mexico_City (timedatectl list-timezones)"
	switch f.Zone {
	case "":
		return time.UTC, errors.New("zone: missing: " + write)
	case "Local":
		return time.UTC, errors.New("zone: Local is another place on each machine: " + write)
	}
	zone, err := time.LoadLocation(f.Zone)
	if err != nil {
		return time.UTC, fmt.Errorf("zone: %q is none: %s", f.Zone, write)
	}
	return zone, nil
}

// retentionFile is how many days what is over is kept; what is left out is as in the guide.
type retentionFile struct {
	Notices int `yaml:"notices"`
	Presses int `yaml:"presses"`
	Places  int `yaml:"places"`
	Archive int `yaml:"archive"`
}

// longestKept is ten years, in days.
const longestKept = 3660

// set reads the days, and refuses those that are not safe.
func (f retentionFile) set(o *core.Office) error {
	var faults []error
	for _, part := range []struct {
		name           string
		days, shortest int
	}{
		{"notices", f.Notices, core.ShortestRetention.NoticeDays},
		{"presses", f.Presses, core.ShortestRetention.PressDays},
		{"places", f.Places, core.ShortestRetention.PlaceDays},
		{"archive", f.Archive, core.ShortestRetention.ArchiveDays},
	} {
		if part.days != 0 && (part.days < part.shortest || part.days > longestKept) {
			faults = append(faults, fmt.Errorf("retention: %s: %d: write %d to %d days", part.name, part.days, part.shortest, longestKept))
		}
	}
	o.Retention = core.Retention{NoticeDays: f.Notices, PressDays: f.Presses, PlaceDays: f.Places, ArchiveDays: f.Archive}
	return errors.Join(faults...)
}

// set reads the windows, and says them in words where the office does not.
func (h hoursFile) set(o *core.Office) error {
	o.Window, o.Desk, o.Digest = core.DefaultSending, core.DefaultCounter, core.DefaultDigest
	var faults []error
	read := func(name, text string, into func() error) {
		if text == "" {
			return
		}
		if err := into(); err != nil {
			faults = append(faults, fmt.Errorf("hours: %s: %w", name, err))
		}
	}
	read("sending", h.Sending, func() (err error) { o.Window, err = core.ParseHours(h.Sending); return err })
	read("counter", h.Counter, func() (err error) { o.Desk, err = core.ParseHours(h.Counter); return err })
	read("digest", h.Digest, func() (err error) { o.Digest, err = core.ParseClock(h.Digest); return err })
	o.Sending = cmp.Or(o.Sending, "de lunes a viernes, de "+es.HoursOf(o.Window))
	o.Counter = cmp.Or(o.Counter, "lunes a viernes, "+es.HoursOf(o.Desk)+", en días hábiles")
	return errors.Join(faults...)
}
