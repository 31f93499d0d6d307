package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"

	"sidem/cmd/sidem/office"
)

// resolver gives kong what flags did not set: from NAME_FILE, then from the
// configuration file. The environment itself kong reads.
type resolver struct{ file map[string]string }

// readConfig reads a configuration file: flag names as keys.
func readConfig(path string) (resolver, error) {
	r := resolver{file: map[string]string{}}
	if path == "" {
		return r, nil
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return r, fmt.Errorf("configuration: %w", err)
	}
	if err := yaml.Unmarshal(body, &r.file); err != nil {
		// The place alone: the lines around it may hold secrets.
		return r, fmt.Errorf("configuration %s: %s", path, yaml.FormatError(err, false, false))
	}
	return r, nil
}

// Validate refuses keys that are no flags.
func (r resolver) Validate(app *kong.Application) error {
	for key := range r.file {
		if !slices.ContainsFunc(app.Flags, func(f *kong.Flag) bool { return f.Name == key }) {
			return fmt.Errorf("configuration: unknown key %q", key)
		}
	}
	return nil
}

// Resolve is the value of a flag that was not given on the command line.
func (r resolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		_, told := os.LookupEnv(env)
		path, set := os.LookupEnv(env + "_FILE")
		if told && set {
			return nil, office.Misconfigured(fmt.Errorf("%s and %s_FILE are both set: keep the one that is meant", env, env))
		}
		if told {
			return nil, nil //nolint:nilnil // kong's way of saying: nothing from here
		}
		if set {
			body, err := os.ReadFile(path)
			if err != nil {
				return nil, office.Misconfigured(fmt.Errorf("%s_FILE: %w", env, err))
			}
			return strings.TrimSpace(string(body)), nil
		}
	}
	if v, ok := r.file[flag.Name]; ok {
		return v, nil
	}
	return nil, nil //nolint:nilnil // as above
}
