// Package office is the institution that a SIDEM works for: its file, its calendar, and what the
// configuration means. It opens no store and starts nothing.
package office

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"maps"
	"os"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
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

// Read reads the institution's file; the embedded example when path is "".
func Read(path string) (core.Office, error) {
	f, err := readOfficeFile(path)
	if err != nil {
		return core.Office{}, err
	}
	return f.office()
}

func readOfficeFile(path string) (f officeFile, err error) {
	body := Example
	if path != "" {
		if body, err = os.ReadFile(path); err != nil {
			return f, fmt.Errorf("office: %w", err)
		}
	}
	if err := yaml.UnmarshalWithOptions(body, &f, yaml.Strict()); err != nil {
		return f, fmt.Errorf("office %s: %w", path, err)
	}
	return f, nil
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

func (f officeFile) office() (core.Office, error) {
	zone, err := time.LoadLocation(f.Zone)
	if err != nil {
		return core.Office{}, fmt.Errorf("office: zone %q: %w", f.Zone, err)
	}
	years, err := f.years()
	if err != nil {
		return core.Office{}, fmt.Errorf("office: %w", err)
	}
	targets := maps.Clone(core.DefaultTargets)
	for name, days := range f.Targets {
		if _, known := targets[name]; !known || days < 0 || days > 365 {
			return core.Office{}, fmt.Errorf("office: target %q: %d is not between 0 and 365 days of a known duty", name, days)
		}
		targets[name] = days
	}
	if f.Gate != "" && f.Gate != "block" && f.Gate != "warn" {
		return core.Office{}, fmt.Errorf("office: gate %q: want block or warn", f.Gate)
	}
	if f.Chase < 0 || f.Chase > 365 || f.Chase != 0 && f.Chase < core.StallsAfter {
		return core.Office{}, fmt.Errorf("office: chase: %d is not between %d and 365 working days: before that nobody above knows of it", f.Chase, core.StallsAfter)
	}
	office := core.Office{
		Chase:       f.Chase,
		Institution: f.Institution, Area: f.Area, Department: f.Department, Director: f.Director,
		Address: f.Address, Counter: strings.TrimSpace(f.Counter), Sending: strings.TrimSpace(f.Sending),
		Calendar: core.CalendarOf(zone, years...), Targets: targets, GateWarns: f.Gate == "warn",
	}
	if err := f.Retention.set(&office); err != nil {
		return core.Office{}, err
	}
	return office, f.Hours.set(&office)
}

// retentionFile is how many days what is over is kept; what is left out is as in the guide.
type retentionFile struct {
	Notices int `yaml:"notices"`
	Presses int `yaml:"presses"`
	Places  int `yaml:"places"`
}

// longestKept is ten years, in days.
const longestKept = 3660

// set reads the days, and refuses those that are not safe.
func (f retentionFile) set(o *core.Office) error {
	for _, part := range []struct {
		name           string
		days, shortest int
	}{
		{"notices", f.Notices, core.ShortestRetention.NoticeDays},
		{"presses", f.Presses, core.ShortestRetention.PressDays},
		{"places", f.Places, core.ShortestRetention.PlaceDays},
	} {
		if part.days != 0 && (part.days < part.shortest || part.days > longestKept) {
			return fmt.Errorf("office: retention: %s: %d is not between %d and %d days", part.name, part.days, part.shortest, longestKept)
		}
	}
	o.Retention = core.Retention{NoticeDays: f.Notices, PressDays: f.Presses, PlaceDays: f.Places}
	return nil
}

// set reads the windows, and says them in words where the office does not.
func (h hoursFile) set(o *core.Office) (err error) {
	o.Window, o.Desk, o.Digest = core.DefaultSending, core.DefaultCounter, core.DefaultDigest
	if h.Sending != "" {
		if o.Window, err = core.ParseHours(h.Sending); err != nil {
			return fmt.Errorf("office: sending: %w", err)
		}
	}
	if h.Counter != "" {
		if o.Desk, err = core.ParseHours(h.Counter); err != nil {
			return fmt.Errorf("office: counter: %w", err)
		}
	}
	if h.Digest != "" {
		if o.Digest, err = core.ParseClock(h.Digest); err != nil {
			return fmt.Errorf("office: digest: %w", err)
		}
	}
	o.Sending = cmp.Or(o.Sending, "de lunes a viernes, de "+es.HoursOf(o.Window))
	o.Counter = cmp.Or(o.Counter, "lunes a viernes, "+es.HoursOf(o.Desk)+", en días hábiles")
	return nil
}
