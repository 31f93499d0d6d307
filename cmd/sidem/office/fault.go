package office

import (
	"errors"
	"strings"
)

// Fault is a setting that cannot be used: its variable, and what is wrong with what to
// write instead, in one line. A secret is never repeated.
type Fault struct {
	Setting string
	Why     error
}

func (f Fault) Error() string {
	return f.Setting + ": " + strings.Join(strings.FieldsFunc(f.Why.Error(), func(r rune) bool { return r == '\n' }), "; ")
}

func (f Fault) Unwrap() error { return f.Why }

// Faults are all that is wrong with a configuration, a line each.
type Faults []Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, one := range f {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Err is nil where there is no fault.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	return Misconfigured(f)
}

// Add is f and a fault of a setting for each error that err joins; f where err is nil.
func (f Faults) Add(setting string, err error) Faults {
	if err == nil {
		return f
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // errors.Join itself, not what it wraps
		for _, one := range several.Unwrap() {
			f = f.Add(setting, one)
		}
		return f
	}
	return append(f, Fault{setting, err})
}

// say is a fault in words of our own.
func (f Faults) say(setting, why string) Faults { return f.Add(setting, errors.New(why)) }
