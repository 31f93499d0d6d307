package bottest

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed scenarios/*.txt
var scenarios embed.FS

// Names are the scenarios that come with SIDEM, in order.
func Names() []string {
	entries, err := fs.ReadDir(scenarios, "scenarios")
	if err != nil { // they are embedded
		panic(fmt.Sprintf("bottest: %v", err))
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".txt"))
	}
	return out
}

// Scenario is one of them.
func Scenario(name string) ([]Line, error) {
	f, err := scenarios.Open("scenarios/" + name + ".txt")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no scenario %q; there are %s", name, strings.Join(Names(), ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("scenario %s: %w", name, err)
	}
	defer func() { _ = f.Close() }()
	lines, err := Parse(f)
	if err != nil {
		return nil, fmt.Errorf("scenario %s: %w", name, err)
	}
	return lines, nil
}
