package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
)

// configCmd is the configuration as it is understood.
type configCmd struct {
	Check configCheckCmd `cmd:"" help:"Print every setting, its value and where it comes from, and all that is wrong; ask the platforms and the relay who we are."`
}

type configCheckCmd struct{}

// Run prints the settings, and fails with all faults, a line each; with the code of a check
// where the only one is that somebody was not reached.
func (configCheckCmd) Run(ctx context.Context, cfg *office.Config, file *resolver, k *kong.Context, out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, f := range k.Model.Flags {
		if len(f.Envs) == 0 {
			continue
		}
		value, from := shown(f), file.origin[f.Name]
		switch {
		case from != "":
		case typed(k, f):
			from = "command line"
		case f.HasDefault:
			from = "default"
		default:
			value, from = "-", "not set"
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", f.Envs[0], value, from)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	if err := app.Check(cfg, true); err != nil {
		return err
	}
	faults, away := app.Ask(ctx, cfg)
	if err := append(faults, away...).Err(); len(faults) > 0 {
		return err
	}
	if len(away) > 0 {
		return &ops.CheckError{Err: errors.New(away.Error())}
	}
	_, _ = fmt.Fprintln(out, "everything is as it should be")
	return nil
}

// typed reports whether a flag stands on the command line.
func typed(k *kong.Context, f *kong.Flag) bool {
	for _, p := range k.Path {
		if p.Flag == f && !p.Resolved {
			return true
		}
	}
	return false
}

// shown is the value of a setting without what is secret in it.
func shown(f *kong.Flag) string {
	value := fmt.Sprint(f.Target.Interface())
	secret, ok := reflect.TypeAssert[office.Secret](f.Target)
	if !ok || f.Name != "store" { // of all secrets only the store's address says more than a secret
		return value
	}
	if path, isFile := strings.CutPrefix(secret.Reveal(), "sqlite:"); isFile {
		return "sqlite:" + path
	}
	if u, err := url.Parse(secret.Reveal()); err == nil && u.Host != "" {
		u.RawQuery = ""
		return u.Redacted()
	}
	return value
}
