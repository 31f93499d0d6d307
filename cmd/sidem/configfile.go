package main

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"sidem.gob.mx/sidem/cmd/sidem/office"
)

// resolver gives kong what flags did not set: from the environment, from the file that
// NAME_FILE names, then from the configuration file. What is set to nothing is not set.
// What cannot be read is a fault, and has its default: so that all of them are told at once.
type resolver struct {
	path   string
	file   map[string]string
	faults office.Faults
	origin map[string]string // of each flag that it gave a value, by the flag's name
}

// fileSetting is the variable of the configuration file itself.
const fileSetting = "SIDEM_CONFIG"

// readConfig reads a configuration file: flag names as keys.
func readConfig(path string) *resolver {
	r := &resolver{path: path, file: map[string]string{}, origin: map[string]string{}}
	if path != "" {
		r.faults = r.faults.Add(fileSetting, office.ReadYAML(path, &r.file))
	}
	return r
}

// Validate finds the keys of the file that are no flags.
func (r *resolver) Validate(app *kong.Application) error {
	for _, key := range slices.Sorted(maps.Keys(r.file)) {
		if !slices.ContainsFunc(app.Flags, func(f *kong.Flag) bool { return f.Name == key && len(f.Envs) > 0 }) {
			r.faults = r.faults.Add(fileSetting, fmt.Errorf("%s: unknown key %q: sidem help config lists them", r.path, key))
		}
	}
	return nil
}

// Resolve is the value of a flag that was not given on the command line.
func (r *resolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		if text, from, found := r.find(env, flag.Name); found {
			if err := fits(flag, text); err != nil {
				r.faults = r.faults.Add(env, err)
				return nil, nil //nolint:nilnil // kong's way of saying: nothing from here
			}
			r.origin[flag.Name] = from
			return text, nil
		}
	}
	return nil, nil //nolint:nilnil // as above
}

// find is what a variable is set to, and where.
func (r *resolver) find(env, flag string) (text, from string, found bool) {
	text = os.Getenv(env)
	path := os.Getenv(env + "_FILE")
	switch {
	case text != "" && path != "":
		r.faults = r.faults.Add(env, fmt.Errorf("it and %s_FILE are both set: keep the one that is meant", env))
		return "", "", false
	case text != "":
		return text, "environment", true
	case path != "":
		body, err := office.ReadText(path)
		if text = strings.TrimSpace(string(body)); err == nil && text == "" {
			err = fmt.Errorf("%s is empty: write the value there, or take the variable out", path)
		}
		if err != nil {
			r.faults = r.faults.Add(env+"_FILE", err)
			return "", "", false
		}
		return text, path, true
	}
	text = r.file[flag]
	return text, r.path, text != ""
}

// fits refuses a text that a flag's type does not hold.
func fits(flag *kong.Flag, text string) error {
	switch {
	case flag.Enum != "":
		if !slices.Contains(flag.EnumSlice(), text) {
			return fmt.Errorf("%q: write %s", text, strings.Join(flag.EnumSlice(), " or "))
		}
	case flag.Target.Type() == reflect.TypeFor[time.Duration]():
		if _, err := time.ParseDuration(text); err != nil {
			return fmt.Errorf("%q is no time: write one like 90s or 10m", text)
		}
	case flag.Target.Kind() == reflect.Int:
		if _, err := strconv.Atoi(text); err != nil {
			return fmt.Errorf("%q is no whole number: write one like %s", text, flag.Default)
		}
	}
	return nil
}

// unheard keeps a parser from reading the environment by itself, where what is set to
// nothing counts, and the first fault ends it.
func unheard(k *kong.Kong) {
	for _, f := range k.Model.Flags {
		f.Tag.Envs = nil
	}
}

// withVariable is the help of a flag and the variable that sets it too.
func withVariable(v *kong.Value) string {
	if v.Flag == nil || len(v.Flag.Envs) == 0 {
		return v.Help
	}
	return strings.TrimSuffix(v.Help, ".") + " ($" + v.Flag.Envs[0] + ")."
}

// tellsFaults are the commands that tell the faults of a configuration themselves, with all others.
func tellsFaults(command string) bool {
	name, rest, _ := strings.Cut(command, " ")
	return slices.Contains([]string{"serve", "doctor", "import", "config"}, name) || name == "calendar" && strings.HasPrefix(rest, "import")
}
