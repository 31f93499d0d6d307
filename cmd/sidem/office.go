package main

import (
	_ "embed"
	"fmt"
	"maps"
	"os"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"sidem/core"
)

//go:embed office.yaml
var exampleOffice []byte

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
	Targets     map[core.DutyName]int `yaml:"targets"`
	Calendar    map[int][]holiday     `yaml:"calendar"`
}

type holiday struct {
	Day  string `yaml:"day"`
	Name string `yaml:"name"`
}

// readOffice reads the institution's file; the embedded example when path is "".
func readOffice(path string) (core.Office, error) {
	body := exampleOffice
	if path != "" {
		var err error
		if body, err = os.ReadFile(path); err != nil {
			return core.Office{}, fmt.Errorf("office: %w", err)
		}
	}
	var f officeFile
	if err := yaml.UnmarshalWithOptions(body, &f, yaml.Strict()); err != nil {
		return core.Office{}, fmt.Errorf("office %s: %w", path, err)
	}
	return f.office()
}

func (f officeFile) office() (core.Office, error) {
	zone, err := time.LoadLocation(f.Zone)
	if err != nil {
		return core.Office{}, fmt.Errorf("office: zone %q: %w", f.Zone, err)
	}
	off := map[core.Day]string{}
	var years []int
	for year, days := range f.Calendar {
		years = append(years, year)
		for _, h := range days {
			d, err := core.ParseDay(h.Day)
			if err != nil || d.Year != year {
				return core.Office{}, fmt.Errorf("office: calendar of %d: %q is no day of it (YYYY-MM-DD)", year, h.Day)
			}
			off[d] = h.Name
		}
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
	return core.Office{
		Institution: f.Institution, Area: f.Area, Department: f.Department, Director: f.Director,
		Address: f.Address, Counter: f.Counter, Sending: strings.TrimSpace(f.Sending),
		Calendar: core.NewCalendar(zone, off, years...), Targets: targets, GateWarns: f.Gate == "warn",
	}, nil
}
